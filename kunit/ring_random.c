// SPDX-License-Identifier: GPL-2.0
/*
 * The ring against a queue that is as simple as can be: items in a list, and
 * cells of 8 bytes that are free or not.
 */
#include <kunit/test.h>
#include <linux/prandom.h>
#include <linux/string.h>

#include "../module/ring.h"

enum {
	STEPS		= 20000,	/* for each size of a ring */
	LEN_MAX		= 512,
	ITEMS		= 16384,	/* more than fit into any ring here */
	OPEN_MAX	= 6,		/* records that are being written */
	LOST_LEN	= sizeof(struct tcptrace_lost),
};

enum item_kind {
	PAD,
	RECORD,
	LOSS,
};

/**
 * struct item - what lies in the ring
 * @kind: enum item_kind
 * @busy: reserved, not committed
 * @len: bytes
 * @turn: the call of reserve that put it there
 * @seq: its number
 * @time: its time
 * @gap: of a LOSS
 */
struct item {
	u8 kind;
	bool busy;
	u32 len;
	u64 turn;
	u64 seq;
	u64 time;
	struct tcpt_gap gap;
};

/**
 * struct model - the oracle, beside the ring
 * @test: the test
 * @ring: the ring
 * @rnd: the dice
 * @item: what lies in the ring, from @first to @last
 * @first: number of the oldest item
 * @last: number of the next item
 * @cursor: where in the buffer the next item goes
 * @used: bytes in use
 * @turn: calls of reserve
 * @produced: records
 * @delivered: records
 * @lost: records
 * @now: the time
 * @gap: lost and not told
 * @open: slots that are reserved and not committed
 * @open_item: their items
 * @opened: how many
 * @asleep: the reader found nothing and was not woken since
 * @filling: the writers are quicker than the reader
 */
struct model {
	struct kunit *test;
	struct tcpt_ring ring;
	struct rnd_state rnd;
	struct item *item;
	unsigned int first, last;
	u32 cursor, used;
	u64 turn, produced, delivered, lost, now;
	struct tcpt_gap gap;
	struct tcpt_slot open[OPEN_MAX];
	struct item *open_item[OPEN_MAX];
	unsigned int opened;
	bool asleep;
	bool filling;
};

static u32 dice(struct model *m, u32 below)
{
	return prandom_u32_state(&m->rnd) % below;
}

static u8 byte_of(u64 seq, u32 i)
{
	return (u8)(seq * 31 + i * 7 + 1);
}

static struct item *front(struct model *m)
{
	return m->first == m->last ? NULL : &m->item[m->first % ITEMS];
}

static struct item *push(struct model *m, enum item_kind kind, u32 len)
{
	struct item *item = &m->item[m->last++ % ITEMS];

	KUNIT_ASSERT_LE(m->test, m->last - m->first, (unsigned int)ITEMS);
	*item = (struct item) { .kind = kind, .len = len, .turn = m->turn };
	m->cursor = (m->cursor + len) % m->ring.size;
	m->used += len;
	return item;
}

static void pop(struct model *m)
{
	m->used -= front(m)->len;
	m->first++;
}

/* What stays free at the end of the buffer before something of @len. */
static u32 pad_at(const struct model *m, u32 cursor, u32 len)
{
	return cursor + len > m->ring.size ? m->ring.size - cursor : 0;
}

static u32 cost(const struct model *m, u32 len)
{
	u32 cursor = m->cursor, sum = 0;

	if (m->gap.count) {
		sum = pad_at(m, cursor, LOST_LEN) + LOST_LEN;
		cursor = (cursor + sum) % m->ring.size;
	}
	return sum + pad_at(m, cursor, len) + len;
}

static void push_padded(struct model *m, enum item_kind kind, u32 len)
{
	u32 pad = pad_at(m, m->cursor, len);

	if (pad)
		push(m, PAD, pad);
	push(m, kind, len);
}

static struct item *back(struct model *m)
{
	return &m->item[(m->last - 1) % ITEMS];
}

static void push_loss(struct model *m)
{
	push_padded(m, LOSS, LOST_LEN);
	back(m)->gap = m->gap;
	m->gap.count = 0;
}

static void model_lost(struct model *m)
{
	if (!m->gap.count)
		m->gap = (struct tcpt_gap) {
			.seq = m->produced,
			.first = m->now,
		};
	m->gap.count++;
	m->gap.last = m->now;
	m->lost++;
	m->produced++;
}

static void do_reserve(struct model *m)
{
	struct tcpt_slot *slot = &m->open[m->opened];
	u32 i, len = 24 + 8 * dice(m, (LEN_MAX - 24) / 8 + 1);
	bool fits = m->used + cost(m, len) <= m->ring.size;
	int ret;

	m->turn++;
	ret = tcpt_ring_reserve(&m->ring, slot, len, m->now);
	KUNIT_ASSERT_EQ(m->test, ret, fits ? 0 : -ENOSPC);
	if (!fits) {
		model_lost(m);
		return;
	}
	if (m->gap.count)
		push_loss(m);
	push_padded(m, RECORD, len);
	back(m)->busy = true;
	back(m)->seq = m->produced++;
	back(m)->time = m->now;
	m->open_item[m->opened++] = back(m);
	slot->h->type = TCPTRACE_STATE;
	slot->h->flags = 0;
	slot->h->time = m->now;
	for (i = sizeof(*slot->h); i < len; i++)
		((u8 *)slot->h)[i] = byte_of(back(m)->seq, i);
}

/* What would a reader be given now? Return: bytes, -EINVAL, or 0. */
static ssize_t model_peek(struct model *m, size_t max)
{
	unsigned int i = m->first;
	struct item *item;
	ssize_t sum = 0;

	if (!front(m) && m->gap.count)
		return max >= LOST_LEN ? LOST_LEN : -EINVAL;
	while (i != m->last && m->item[i % ITEMS].kind == PAD)
		i++;
	if (i == m->last || m->item[i % ITEMS].busy)
		return 0;
	for (; i != m->last; i++) {
		item = &m->item[i % ITEMS];
		if (item->kind == PAD || item->busy || sum + item->len > max)
			break;
		sum += item->len;
		/* a run does not go round the end of the buffer */
		if ((m->ring.tail + sum) % m->ring.size == 0)
			break;
	}
	return sum ? sum : -EINVAL;
}

static void do_commit(struct model *m)
{
	unsigned int n = dice(m, m->opened);
	struct item *item = m->open_item[n];
	bool wake, want = front(m)->turn == item->turn;

	wake = tcpt_ring_commit(&m->ring, &m->open[n]);
	item->busy = false;
	KUNIT_ASSERT_EQ(m->test, wake, want);
	if (wake)
		m->asleep = false;
	/* or it sleeps for ever */
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
}

/* The numbers that a reader sees have no jump that LOST does not explain. */
static void take(struct model *m, const u8 *bytes, ssize_t n)
{
	const u8 *end = bytes + n;
	const struct tcptrace_header *h;

	for (; bytes != end; bytes += h->len) {
		struct item *item = front(m);

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
		pop(m);
	}
}

static void do_read(struct model *m)
{
	bool few = m->filling || dice(m, 4);
	size_t max = few ? dice(m, 2 * LEN_MAX) + 1 : m->ring.size;
	ssize_t n, want = model_peek(m, max);
	const u8 *bytes = NULL;

	KUNIT_ASSERT_EQ(m->test, tcpt_ring_readable(&m->ring), want != 0);
	n = tcpt_ring_peek(&m->ring, max, &bytes);
	KUNIT_ASSERT_EQ(m->test, n, want);
	if (!front(m) && m->gap.count)
		push_loss(m);
	while (front(m) && front(m)->kind == PAD)
		pop(m);
	m->asleep = !n;
	if (n <= 0)
		return;
	tcpt_ring_consume(&m->ring, n);
	take(m, bytes, n);
}

static void expect_sums(struct model *m)
{
	unsigned int i, waiting = 0;

	for (i = m->first; i != m->last; i++)
		waiting += m->item[i % ITEMS].kind == RECORD;
	KUNIT_ASSERT_EQ(m->test, m->ring.seq, m->produced);
	KUNIT_ASSERT_EQ(m->test, m->ring.lost, m->lost);
	KUNIT_ASSERT_EQ(m->test, m->ring.delivered, m->delivered);
	KUNIT_ASSERT_EQ(m->test, m->produced,
			m->delivered + m->lost + waiting);
	KUNIT_ASSERT_EQ(m->test, m->ring.head - m->ring.tail, (u64)m->used);
}

/* By turns the writers and the reader are quicker: it fills, it empties. */
static void step(struct model *m)
{
	if (m->filling && m->gap.count > 20)
		m->filling = false;
	else if (!front(m))
		m->filling = true;
	m->now += dice(m, 3);
	if (!dice(m, m->filling ? 50 : 2))
		do_read(m);
	else if (m->opened && (m->opened == OPEN_MAX || dice(m, 2)))
		do_commit(m);
	else
		do_reserve(m);
	expect_sums(m);
}

static const u32 sizes[] = {
	4096, 8192, 16384, 32768, 65536, 131072, 262144,
};

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
	KUNIT_EXPECT_GT(test, m->lost, 60ULL);
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
