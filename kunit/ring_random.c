// SPDX-License-Identifier: GPL-2.0
/* Compare the ring with the queue of ring_model.h in random operations. */
#include "ring_model.h"

#include <linux/string.h>

#include "../module/ring.h"
#include "ring_reserve.h"

enum {
	STEPS		= 40000,	/* number of steps for each ring size */
	LEN_MAX		= 512,
};

static u32 dice(struct model *m, u32 below)
{
	return prandom_u32_state(&m->rnd) % below;
}

static u8 byte_of(u64 seq, u32 i)
{
	return (u8)(seq * 31 + i * 7 + 1);
}

static bool fits(const struct model *m, u32 len)
{
	return m->used + model_cost(m, len) <= m->ring.size;
}

static void do_reserve(struct model *m)
{
	struct tcpt_slot *slot = &m->open[m->opened];
	u32 i, len = 24 + 8 * dice(m, (LEN_MAX - 24) / 8 + 1);
	enum tcptrace_lost_cause cause = TCPTRACE_LOST_FULL;
	int ret;

	if (!fits(m, len) && m->mapped)
		cause = model_follow(m);
	ret = tcpt_ring_reserve_bh(&m->ring, slot, len, m->now);
	KUNIT_ASSERT_EQ(m->test, ret, fits(m, len) ? 0 : -ENOSPC);
	if (ret) {
		model_lost(m, cause);
		return;
	}
	m->begin = m->base + m->used;
	if (m->gap.count)
		model_push_loss(m);
	model_push(m, RECORD, len);
	model_back(m)->busy = true;
	model_back(m)->seq = m->produced++;
	model_back(m)->time = m->now;
	m->open_item[m->opened++] = model_back(m);
	slot->h->type = TCPTRACE_STATE;
	slot->h->flags = 0;
	slot->h->time = m->now;
	for (i = sizeof(*slot->h); i < len; i++)
		((u8 *)slot->h)[i] = byte_of(model_back(m)->seq, i);
}

static void do_commit(struct model *m)
{
	unsigned int n = dice(m, m->opened);
	struct item *item = m->open_item[n];
	bool wake, want = model_position(m) >= item->begin;

	wake = tcpt_ring_commit(&m->ring, &m->open[n]);
	item->busy = false;
	KUNIT_ASSERT_EQ(m->test, wake, want);
	if (wake)
		m->asleep = false;
	/* if a record waits, a sleeping reader must have been woken */
	KUNIT_ASSERT_FALSE(m->test, m->asleep &&
			   model_peek(m, m->ring.size));
	m->opened--;
	m->open[n] = m->open[m->opened];
	m->open_item[n] = m->open_item[m->opened];
}

static void expect_record(struct model *m, const struct item *item,
			  const struct tcptrace_header *h)
{
	const u8 *p = (const u8 *)h;
	u32 i;

	KUNIT_EXPECT_EQ(m->test, h->type, TCPTRACE_STATE);
	KUNIT_EXPECT_EQ(m->test, h->seq, item->seq);
	KUNIT_EXPECT_EQ(m->test, h->time, item->time);
	for (i = sizeof(*h); i < h->len && p[i] == byte_of(item->seq, i); i++)
		;
	KUNIT_ASSERT_EQ(m->test, i, h->len);
}

static void expect_loss(struct model *m, const struct item *item,
			const struct tcptrace_lost *rec)
{
	KUNIT_EXPECT_EQ(m->test, rec->h.type, TCPTRACE_LOST);
	KUNIT_EXPECT_EQ(m->test, rec->h.seq, item->gap.seq);
	KUNIT_EXPECT_EQ(m->test, rec->count, item->gap.count);
	KUNIT_EXPECT_EQ(m->test, rec->first, item->gap.first);
	KUNIT_EXPECT_EQ(m->test, rec->last, item->gap.last);
	KUNIT_EXPECT_EQ(m->test, rec->causes, item->gap.causes);
}

/* Take records. A LOST record must explain every gap in the record numbers. */
static void take(struct model *m, const u8 *bytes, ssize_t n)
{
	const u8 *end = bytes + n;
	const struct tcptrace_header *h;

	for (; bytes != end; bytes += h->len) {
		struct item *item = model_front(m);

		h = (const struct tcptrace_header *)bytes;
		KUNIT_ASSERT_NOT_NULL(m->test, item);
		KUNIT_ASSERT_EQ(m->test, h->len, item->len);
		KUNIT_ASSERT_NE(m->test, item->kind, PAD);
		if (item->kind == LOSS) {
			expect_loss(m, item, (const void *)h);
		} else {
			expect_record(m, item, h);
			m->delivered++;
		}
		model_pop(m);
	}
}

static void do_read(struct model *m)
{
	bool few = m->filling || dice(m, 4);
	size_t max = few ? dice(m, 2 * LEN_MAX) + 1 : m->ring.size;
	ssize_t n, want = model_peek(m, max);
	struct tcpt_run run;

	KUNIT_ASSERT_EQ(m->test, tcpt_ring_readable(&m->ring), want != 0);
	KUNIT_ASSERT_EQ(m->test, tcpt_ring_claim(&m->ring), 0);
	KUNIT_ASSERT_EQ(m->test, tcpt_ring_map(&m->ring, 1), -EBUSY);
	n = tcpt_ring_peek(&m->ring, max, &run);
	KUNIT_ASSERT_EQ(m->test, n, want);
	if (!model_front(m) && m->gap.count)
		model_push_loss(m);
	while (model_front(m) && model_front(m)->kind == PAD)
		model_pop(m);
	m->asleep = !n;
	if (n > 0) {
		tcpt_ring_consume(&m->ring, &run);
		take(m, run.bytes, n);
	}
	tcpt_ring_release(&m->ring);
}

static void do_map(struct model *m)
{
	KUNIT_ASSERT_EQ(m->test, tcpt_ring_map(&m->ring, 3), 0);
	KUNIT_ASSERT_EQ(m->test, tcpt_ring_claim(&m->ring), -EBUSY);
	KUNIT_ASSERT_EQ(m->test, m->ring.consumer->tail, m->base);
	m->mapped = true;
	m->said = m->base;
	m->read = m->base;
	m->maps++;
}

/*
 * After the program has unmapped the ring, system calls continue at the
 * program's position or, if that position is invalid, after the last record
 * that the tail could pass.
 */
static void do_unmap(struct model *m)
{
	unsigned int before;

	tcpt_ring_unmap(&m->ring);
	do {
		before = m->first;
		model_follow(m);
	} while (m->first != before);
	m->mapped = false;
	m->asleep = false;
}

static void say(struct model *m, u64 position)
{
	m->said = position;
	WRITE_ONCE(m->ring.consumer->tail, position);
}

/*
 * Follow the algorithm in Documentation/abi.rst: read some records, and store
 * the position now or later.
 */
static void do_take(struct model *m)
{
	const struct tcpt_ring *ring = &m->ring;
	u64 head = READ_ONCE(ring->producer->head);
	u32 size = ring->producer->size, len;
	const struct tcptrace_header *h;

	if (m->read < m->base || m->read > head)
		m->read = m->base;	/* the position was out of range */
	while (m->read != head && (!m->filling || dice(m, 3))) {
		h = (const void *)(ring->data + (m->read & (size - 1)));
		len = READ_ONCE(h->len);
		if (len & TCPTRACE_BUSY)
			break;
		m->read += len;
	}
	if (dice(m, 4))
		say(m, m->read);
}

/* Store a random position, which may be invalid. */
static void do_lie(struct model *m)
{
	u64 head = m->base + m->used;

	switch (dice(m, 6)) {
	case 0:
		say(m, (u64)prandom_u32_state(&m->rnd) << 32 | dice(m, 1 << 31));
		break;
	case 1:
		say(m, head + 1 + dice(m, 100));
		break;
	case 2:
		say(m, m->base - 1 - dice(m, 100));
		break;
	case 3:
		say(m, head);
		break;
	default:
		say(m, m->base + dice(m, m->used + 1));
	}
	m->lies++;
}

/*
 * Let the program read records, or store a random position. Then sometimes do
 * what poll() does.
 */
static void do_poll(struct model *m)
{
	ssize_t want;

	if (dice(m, m->filling ? 2 : 16))
		do_take(m);
	else
		do_lie(m);
	m->asleep = false;
	if (dice(m, 3))
		return;
	tcpt_ring_settle(&m->ring);
	model_settle(m);
	/* the position is invalid, or was invalid until LOST was written */
	if (m->said != m->base)
		return;
	want = model_peek(m, m->ring.size);
	KUNIT_ASSERT_EQ(m->test, tcpt_ring_readable(&m->ring), want != 0);
	m->asleep = !want;
}

static const u32 sizes[] = {
	4096, 8192, 16384, 32768, 65536, 131072, 262144,
};

static void do_resize(struct model *m)
{
	u32 size = sizes[dice(m, ARRAY_SIZE(sizes))];
	int want, ret;

	KUNIT_ASSERT_EQ(m->test, tcpt_ring_claim(&m->ring), 0);
	/* without this loop, there would almost always be open slots */
	while (m->opened && dice(m, 16))
		do_commit(m);
	want = model_resize(m, size);
	ret = tcpt_ring_resize(&m->ring, size);
	/* if both errors apply, the ring may return either of them */
	if (want == -EAGAIN && ret == -EBUSY)
		ret = want;
	KUNIT_ASSERT_EQ(m->test, ret, want);
	if (!ret)
		KUNIT_ASSERT_EQ(m->test, m->ring.size, size);
	m->resized += !ret;
	tcpt_ring_release(&m->ring);
}

static void expect_sums(struct model *m)
{
	unsigned int i, waiting = 0;

	for (i = m->first; i != m->last; i++)
		waiting += m->item[i % ITEMS].kind == RECORD;
	KUNIT_ASSERT_EQ(m->test, m->ring.seq, m->produced);
	for (i = 0; i < ARRAY_SIZE(m->lost); i++)
		KUNIT_ASSERT_EQ(m->test, m->ring.lost_by[i], m->lost[i]);
	KUNIT_ASSERT_EQ(m->test, m->ring.delivered, m->delivered);
	KUNIT_ASSERT_EQ(m->test, m->produced,
			m->delivered + tcpt_ring_lost(&m->ring) + waiting);
	KUNIT_ASSERT_EQ(m->test, m->ring.tail, m->base);
	KUNIT_ASSERT_EQ(m->test, m->ring.producer->head, m->base + m->used);
	KUNIT_ASSERT_EQ(m->test, tcpt_ring_used(&m->ring),
			m->base + m->used - model_position(m));
	KUNIT_ASSERT_EQ(m->test, m->ring.high, m->high);
}

/*
 * The writers and the reader take turns at being faster, so the ring fills and
 * drains.
 */
static void step(struct model *m)
{
	if (m->filling && m->gap.count > 20)
		m->filling = false;
	else if (!model_front(m))
		m->filling = true;
	m->now += dice(m, 3);
	if (!dice(m, 400))
		(m->mapped ? do_unmap : do_map)(m);
	else if (!m->mapped && !dice(m, 100))
		do_resize(m);
	else if (!dice(m, m->filling ? 50 : 2))
		(m->mapped ? do_poll : do_read)(m);
	else if (m->opened && (m->opened == OPEN_MAX || dice(m, 2)))
		do_commit(m);
	else
		do_reserve(m);
	expect_sums(m);
}

static void size_desc(const u32 *size, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u bytes", *size);
}

KUNIT_ARRAY_PARAM(size, sizes, size_desc);

static void ring_agrees_with_a_queue(struct kunit *test)
{
	struct model *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	u32 size = *(const u32 *)test->param_value;
	unsigned int i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, m);
	m->test = test;
	m->item = kunit_kcalloc(test, ITEMS, sizeof(*m->item), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, m->item);
	KUNIT_ASSERT_EQ(test, tcpt_ring_init(&m->ring, size), 0);
	memset(m->ring.data, 0xa5, size);
	prandom_seed_state(&m->rnd, size);
	for (i = 0; i < STEPS; i++)
		step(m);
	KUNIT_EXPECT_GT(test, m->delivered, 1000ULL);
	KUNIT_EXPECT_GT(test, m->lost[TCPTRACE_LOST_FULL], 30ULL);
	KUNIT_EXPECT_GT(test, m->lost[TCPTRACE_LOST_POSITION], 30ULL);
	KUNIT_EXPECT_GT(test, m->resized, 5U);
	KUNIT_EXPECT_GT(test, m->maps, 10U);
	KUNIT_EXPECT_GT(test, m->lies, 50U);
	tcpt_ring_free(&m->ring);
}

static struct kunit_case ring_random_cases[] = {
	KUNIT_CASE_PARAM(ring_agrees_with_a_queue, size_gen_params),
	{}
};

static struct kunit_suite ring_random_suite = {
	.name = "tcptrace_ring_random",
	.test_cases = ring_random_cases,
};

kunit_test_suite(ring_random_suite);
