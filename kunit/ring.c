// SPDX-License-Identifier: GPL-2.0
/*
 * Test the ring of a reader step by step; ring_random.c compares it with an
 * oracle.
 */
#include <kunit/test.h>
#include <linux/string.h>

#include "../module/ring.h"

#include "ring_reserve.h"

enum {
	LEN_MIN		= sizeof(struct tcptrace_header),
	LEN_MAX		= 512,
};

static int ring_init(struct kunit *test)
{
	struct tcpt_ring *ring = kunit_kzalloc(test, sizeof(*ring), GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ring);
	KUNIT_ASSERT_EQ(test, tcpt_ring_init(ring, TCPTRACE_RING_MIN), 0);
	memset(ring->data, 0xa5, ring->size);
	test->priv = ring;
	return 0;
}

static void ring_exit(struct kunit *test)
{
	if (test->priv)
		tcpt_ring_free(test->priv);
}

/* Set the type; set flags, time and the bytes after the header to @mark. */
static void fill(const struct tcpt_slot *slot, u32 len, u8 mark)
{
	slot->h->type = TCPTRACE_STATE;
	slot->h->flags = mark;
	slot->h->time = mark;
	memset(slot->h + 1, mark, len - sizeof(*slot->h));
}

static bool put(struct tcpt_ring *ring, u32 len, u8 mark)
{
	struct tcpt_slot slot;

	if (tcpt_ring_reserve_bh(ring, &slot, len, mark))
		return false;
	fill(&slot, len, mark);
	tcpt_ring_commit(ring, &slot);
	return true;
}

/*
 * Fill the ring with records of @len bytes, until one record is lost. Return:
 * the number of records in the ring.
 */
static unsigned int put_all(struct tcpt_ring *ring, u32 len)
{
	unsigned int n = 0;

	while (put(ring, len, (u8)n))
		n++;
	return n;
}

static void expect_record(struct kunit *test, const u8 *bytes, u32 len, u64 seq,
			  u8 mark)
{
	const struct tcptrace_header *h = (const void *)bytes;
	u32 i;

	KUNIT_ASSERT_EQ(test, h->len, len);
	KUNIT_EXPECT_EQ(test, h->type, TCPTRACE_STATE);
	KUNIT_EXPECT_EQ(test, h->flags, mark);
	KUNIT_EXPECT_EQ(test, h->seq, seq);
	KUNIT_EXPECT_EQ(test, h->time, mark);
	for (i = sizeof(*h); i < len && bytes[i] == mark; i++)
		;
	KUNIT_EXPECT_EQ(test, i, len);
}

static void expect_lost(struct kunit *test, const u8 *bytes,
			const struct tcpt_lost *gap)
{
	const struct tcptrace_lost want = {
		.h = {
			.len = sizeof(want),
			.type = TCPTRACE_LOST,
			.seq = gap->seq,
			.time = gap->first,
		},
		.count = gap->count,
		.first = gap->first,
		.last = gap->last,
		.causes = BIT(TCPTRACE_LOST_FULL),
	};

	KUNIT_EXPECT_EQ(test, memcmp(bytes, &want, sizeof(want)), 0);
}

/* Take exactly @len bytes, which one call must return. */
static const u8 *take(struct kunit *test, size_t len)
{
	struct tcpt_ring *ring = test->priv;
	struct tcpt_run run = {};

	KUNIT_EXPECT_TRUE(test, tcpt_ring_readable(ring));
	KUNIT_ASSERT_EQ(test, tcpt_ring_peek(ring, len, &run), (ssize_t)len);
	tcpt_ring_consume(ring, &run);
	return run.bytes;
}

static void expect_nothing(struct kunit *test)
{
	struct tcpt_ring *ring = test->priv;
	struct tcpt_run run;

	KUNIT_EXPECT_FALSE(test, tcpt_ring_readable(ring));
	KUNIT_EXPECT_EQ(test, tcpt_ring_peek(ring, ring->size, &run), 0);
	KUNIT_EXPECT_FALSE(test, tcpt_ring_readable(ring));
}

/* Empty the ring, and move head and tail to @offset. */
static void move_to(struct tcpt_ring *ring, u32 offset)
{
	ring->producer->head = 3ULL * ring->size + offset;
	ring->tail = ring->producer->head;
}

static void ring_rounds_its_size(struct kunit *test)
{
	static const u32 size[][2] = {
		{ 0, TCPTRACE_RING_MIN }, { 1, TCPTRACE_RING_MIN },
		{ TCPTRACE_RING_MIN, TCPTRACE_RING_MIN },
		{ TCPTRACE_RING_MIN + 1, 2 * TCPTRACE_RING_MIN },
		{ 100000, 131072 }, { 262144, 262144 },
		{ U32_MAX, TCPTRACE_RING_MAX },
	};
	struct tcpt_ring ring;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(size); i++) {
		KUNIT_ASSERT_EQ(test, tcpt_ring_init(&ring, size[i][0]), 0);
		KUNIT_EXPECT_EQ(test, ring.size, size[i][1]);
		tcpt_ring_free(&ring);
	}
}

static void ring_is_empty_at_first(struct kunit *test)
{
	expect_nothing(test);
}

/*
 * Put a record of each length at each offset. There must be a pad only if the
 * record would wrap.
 */
static void ring_wraps_at_every_offset(struct kunit *test)
{
	struct tcpt_ring *ring = test->priv;
	u32 offset, len, pad;
	u64 seq = 0;

	for (len = LEN_MIN; len <= LEN_MAX; len += 8) {
		for (offset = 0; offset < ring->size; offset += 8) {
			move_to(ring, offset);
			pad = ring->size - offset;
			pad = pad < len ? pad : 0;
			KUNIT_ASSERT_TRUE(test, put(ring, len, (u8)seq));
			KUNIT_ASSERT_EQ(test, ring->producer->head - ring->tail,
					(u64)pad + len);
			expect_record(test, take(test, len), len, seq,
				      (u8)seq);
			expect_nothing(test);
			seq++;
		}
	}
	KUNIT_EXPECT_EQ(test, ring->seq, seq);
	KUNIT_EXPECT_EQ(test, ring->delivered, seq);
	KUNIT_EXPECT_EQ(test, tcpt_ring_lost(ring), 0ULL);
}

/*
 * The ring can be filled to its last byte: a record of exactly the free size
 * fits, and a record that is 8 bytes longer does not fit.
 */
static void ring_fills_to_the_last_byte(struct kunit *test)
{
	struct tcpt_ring *ring = test->priv;
	u32 len;

	for (len = LEN_MIN; len < LEN_MAX; len += 8) {
		/*
		 * begin in the middle of the ring, so that no record needs a
		 * pad
		 */
		move_to(ring, ring->size / 2);
		while (ring->producer->head - ring->tail < ring->size - 2 * LEN_MAX)
			KUNIT_ASSERT_TRUE(test, put(ring, 64, 0));
		KUNIT_ASSERT_TRUE(test, put(ring, 2 * LEN_MAX - len, 0));
		KUNIT_EXPECT_FALSE(test, put(ring, len + 8, 0));
		/*
		 * otherwise, a pending LOST would need room before the next
		 * record
		 */
		ring->lost.count = 0;
		KUNIT_EXPECT_TRUE(test, put(ring, len, 0));
		KUNIT_EXPECT_EQ(test, ring->producer->head - ring->tail,
				(u64)ring->size);
	}
}

static void ring_stops_at_what_is_not_committed(struct kunit *test)
{
	struct tcpt_ring *ring = test->priv;
	struct tcpt_slot first, second;
	struct tcpt_run run;

	KUNIT_ASSERT_EQ(test, tcpt_ring_reserve_bh(ring, &first, 64, 1), 0);
	KUNIT_ASSERT_EQ(test, tcpt_ring_reserve_bh(ring, &second, 72, 2), 0);
	expect_nothing(test);
	fill(&second, 72, 2);
	KUNIT_EXPECT_FALSE(test, tcpt_ring_commit(ring, &second));
	expect_nothing(test);
	fill(&first, 64, 1);
	KUNIT_EXPECT_TRUE(test, tcpt_ring_commit(ring, &first));
	KUNIT_EXPECT_EQ(test, tcpt_ring_peek(ring, 4096, &run), 136);
	expect_record(test, take(test, 64), 64, 0, 1);
	expect_record(test, take(test, 72), 72, 1, 2);
	expect_nothing(test);
}

/*
 * The reader gets only the first record, because the second record is reserved
 * but not committed.
 */
static void ring_gives_what_is_before_the_gap(struct kunit *test)
{
	struct tcpt_ring *ring = test->priv;
	struct tcpt_slot slot;
	struct tcpt_run run;

	KUNIT_ASSERT_TRUE(test, put(ring, 64, 1));
	KUNIT_ASSERT_EQ(test, tcpt_ring_reserve_bh(ring, &slot, 72, 2), 0);
	KUNIT_ASSERT_TRUE(test, put(ring, 64, 3));
	KUNIT_EXPECT_EQ(test, tcpt_ring_peek(ring, SIZE_MAX, &run), 64);
	expect_record(test, take(test, 64), 64, 0, 1);
	expect_nothing(test);
	fill(&slot, 72, 2);
	/* the reader may be asleep, because it has read all earlier records */
	KUNIT_EXPECT_TRUE(test, tcpt_ring_commit(ring, &slot));
	expect_record(test, take(test, 72), 72, 1, 2);
	expect_record(test, take(test, 64), 64, 2, 3);
}

/* The pad is complete, but the record after the pad is not. */
static void ring_with_a_pad_before_a_busy_record(struct kunit *test)
{
	struct tcpt_ring *ring = test->priv;
	struct tcpt_slot slot;

	move_to(ring, ring->size - 32);
	KUNIT_ASSERT_EQ(test, tcpt_ring_reserve_bh(ring, &slot, 64, 1), 0);
	expect_nothing(test);
	fill(&slot, 64, 1);
	KUNIT_EXPECT_TRUE(test, tcpt_ring_commit(ring, &slot));
	expect_record(test, take(test, 64), 64, 0, 1);
}

static void ring_wakes_who_had_read_all(struct kunit *test)
{
	struct tcpt_ring *ring = test->priv;
	struct tcpt_slot slot[3];
	unsigned int i;

	for (i = 0; i < 3; i++) {
		KUNIT_ASSERT_EQ(test, tcpt_ring_reserve_bh(ring, &slot[i], 64, i),
				0);
		fill(&slot[i], 64, i);
		KUNIT_EXPECT_EQ(test, tcpt_ring_commit(ring, &slot[i]), !i);
	}
	take(test, 128);
	/* one record is unread, so the reader must be awake */
	KUNIT_ASSERT_EQ(test, tcpt_ring_reserve_bh(ring, &slot[0], 64, 3), 0);
	fill(&slot[0], 64, 3);
	KUNIT_EXPECT_FALSE(test, tcpt_ring_commit(ring, &slot[0]));
	/* between reserve and commit, the reader reads everything */
	KUNIT_ASSERT_EQ(test, tcpt_ring_reserve_bh(ring, &slot[0], 64, 4), 0);
	take(test, 128);
	expect_nothing(test);
	fill(&slot[0], 64, 4);
	KUNIT_EXPECT_TRUE(test, tcpt_ring_commit(ring, &slot[0]));
}

/* LOST is delivered where the lost records would have been. */
static void ring_tells_a_loss_where_it_is(struct kunit *test)
{
	struct tcpt_ring *ring = test->priv;
	unsigned int i, n = put_all(ring, 64);
	struct tcpt_lost gap = { .count = 3, .seq = n, .first = n, .last = 201 };

	KUNIT_EXPECT_EQ(test, n, ring->size / 64);
	KUNIT_EXPECT_FALSE(test, put(ring, 64, 200));
	KUNIT_EXPECT_FALSE(test, put(ring, 64, 201));
	KUNIT_EXPECT_EQ(test, tcpt_ring_lost(ring), 3ULL);
	/*
	 * the record is lost, because there is no room for both the record and
	 * LOST
	 */
	take(test, 64);
	KUNIT_EXPECT_FALSE(test, put(ring, 64, 202));
	take(test, 64);
	gap.count = 4;
	gap.last = 202;
	KUNIT_EXPECT_TRUE(test, put(ring, 64, 203));
	for (i = 2; i < n; i++)
		expect_record(test, take(test, 64), 64, i, i);
	expect_lost(test, take(test, sizeof(struct tcptrace_lost)), &gap);
	expect_record(test, take(test, 64), 64, n + 4, 203);
	expect_nothing(test);
	KUNIT_EXPECT_EQ(test, ring->seq, (u64)n + 5);
	KUNIT_EXPECT_EQ(test, ring->delivered, (u64)n + 1);
	KUNIT_EXPECT_EQ(test, tcpt_ring_lost(ring), 4ULL);
}

/*
 * If a reader has read everything, a loss is reported even if no record
 * follows.
 */
static void ring_tells_a_loss_at_the_end(struct kunit *test)
{
	struct tcpt_ring *ring = test->priv;
	unsigned int i, n = put_all(ring, 64);
	struct tcpt_lost gap = { .count = 1, .seq = n, .first = n, .last = n };

	for (i = 0; i < n; i++)
		expect_record(test, take(test, 64), 64, i, i);
	KUNIT_EXPECT_TRUE(test, tcpt_ring_readable(ring));
	expect_lost(test, take(test, sizeof(struct tcptrace_lost)), &gap);
	expect_nothing(test);
	/* the loss is reported once */
	KUNIT_ASSERT_TRUE(test, put(ring, 64, 99));
	expect_record(test, take(test, 64), 64, n + 1, 99);
	expect_nothing(test);
}

/* Put LOST at each offset. LOST must not wrap. */
static void ring_wraps_with_a_loss(struct kunit *test)
{
	const struct tcpt_lost gap = { 7, 100, 11, 22, 1 };
	struct tcpt_ring *ring = test->priv;
	u32 offset, next;

	for (offset = 0; offset < 2 * ring->size; offset += 8) {
		move_to(ring, offset);
		ring->lost = gap;
		ring->seq = 107;
		/* in the first half of the loop, a record follows LOST */
		next = offset < ring->size ? 104 : 0;
		if (next)
			KUNIT_ASSERT_TRUE(test, put(ring, next, 5));
		expect_lost(test, take(test, sizeof(struct tcptrace_lost)),
			    &gap);
		if (next)
			expect_record(test, take(test, next), next, 107, 5);
		expect_nothing(test);
	}
}

static void ring_peeks_whole_records(struct kunit *test)
{
	static const u32 len[] = { 64, 24, 104, 312, 48, 200 };
	struct tcpt_ring *ring = test->priv;
	struct tcpt_run run;
	ssize_t sum, want;
	unsigned int i;
	size_t max;

	for (i = 0; i < ARRAY_SIZE(len); i++)
		KUNIT_ASSERT_TRUE(test, put(ring, len[i], i));
	for (max = 1; max <= ring->size; max++) {
		want = 0;
		sum = 0;
		for (i = 0; i < ARRAY_SIZE(len); i++) {
			sum += len[i];
			if (sum <= (ssize_t)max)
				want = sum;
		}
		KUNIT_EXPECT_EQ(test, tcpt_ring_peek(ring, max, &run),
				want ? want : -EINVAL);
	}
	/* a peek frees nothing */
	KUNIT_EXPECT_EQ(test, ring->delivered, 0ULL);
	expect_record(test, take(test, 64), 64, 0, 0);
}

static struct kunit_case ring_cases[] = {
	KUNIT_CASE(ring_rounds_its_size),
	KUNIT_CASE(ring_is_empty_at_first),
	KUNIT_CASE(ring_wraps_at_every_offset),
	KUNIT_CASE(ring_fills_to_the_last_byte),
	KUNIT_CASE(ring_stops_at_what_is_not_committed),
	KUNIT_CASE(ring_gives_what_is_before_the_gap),
	KUNIT_CASE(ring_with_a_pad_before_a_busy_record),
	KUNIT_CASE(ring_wakes_who_had_read_all),
	KUNIT_CASE(ring_tells_a_loss_where_it_is),
	KUNIT_CASE(ring_tells_a_loss_at_the_end),
	KUNIT_CASE(ring_wraps_with_a_loss),
	KUNIT_CASE(ring_peeks_whole_records),
	{}
};

static struct kunit_suite ring_suite = {
	.name = "tcptrace_ring",
	.init = ring_init,
	.exit = ring_exit,
	.test_cases = ring_cases,
};

kunit_test_suite(ring_suite);
