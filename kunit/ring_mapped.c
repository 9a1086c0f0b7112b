// SPDX-License-Identifier: GPL-2.0
/*
 * Test a ring that a program has mapped, and the positions that the ring
 * accepts.
 */
#include <kunit/test.h>
#include <linux/string.h>

#include "../module/ring.h"

#include "ring_reserve.h"

enum {
	LEN		= 64,		/* length of each record */
	RECORDS		= 8,		/* waiting records in most tests */
	BUSY_ONE	= 6,		/* index of the record being written */
	MAX		= TCPTRACE_RING_MIN / LEN,
};

static int consumer_init(struct kunit *test)
{
	struct tcpt_ring *ring = kunit_kzalloc(test, sizeof(*ring), GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ring);
	KUNIT_ASSERT_EQ(test, tcpt_ring_init(ring, TCPTRACE_RING_MIN), 0);
	test->priv = ring;
	return 0;
}

static void consumer_exit(struct kunit *test)
{
	if (test->priv)
		tcpt_ring_free(test->priv);
}

/*
 * Begin a record. Return: the slot of the record; h is NULL if there is no
 * room.
 */
static struct tcpt_slot begin(struct tcpt_ring *ring, u32 len)
{
	struct tcpt_slot slot = { };

	if (!tcpt_ring_reserve_bh(ring, &slot, len, 1)) {
		slot.h->type = TCPTRACE_STATE;
		slot.h->flags = 0;
		slot.h->time = 1;
	}
	return slot;
}

/* Put a record. Return: true if the record must wake the consumer. */
static bool put(struct tcpt_ring *ring)
{
	struct tcpt_slot slot = begin(ring, LEN);

	return slot.h && tcpt_ring_commit(ring, &slot);
}

static void map(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, tcpt_ring_map(test->priv, 1), 0);
}

static void say(struct tcpt_ring *ring, u64 position)
{
	WRITE_ONCE(ring->consumer->tail, position);
}

static enum tcptrace_lost_cause follow(struct tcpt_ring *ring)
{
	enum tcptrace_lost_cause cause;

	spin_lock_bh(&ring->lock);
	cause = tcpt_ring_follow(ring);
	spin_unlock_bh(&ring->lock);
	return cause;
}

static void consumer_is_a_call_or_a_mapping(struct kunit *test)
{
	struct tcpt_ring *ring = test->priv;
	unsigned long pages = 2 + DIV_ROUND_UP(TCPTRACE_RING_MIN, PAGE_SIZE);

	KUNIT_EXPECT_EQ(test, tcpt_ring_pages(ring), pages);
	KUNIT_EXPECT_EQ(test, tcpt_ring_claim(ring), 0);
	KUNIT_EXPECT_EQ(test, tcpt_ring_map(ring, 1), -EBUSY);
	tcpt_ring_release(ring);
	KUNIT_EXPECT_EQ(test, tcpt_ring_map(ring, pages + 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, tcpt_ring_map(ring, ULONG_MAX), -EINVAL);
	KUNIT_EXPECT_FALSE(test, tcpt_ring_is_mapped(ring));
	KUNIT_EXPECT_EQ(test, tcpt_ring_map(ring, pages), 0);
	tcpt_ring_map_copy(ring);
	tcpt_ring_unmap(ring);
	KUNIT_EXPECT_EQ(test, tcpt_ring_claim(ring), -EBUSY);
	tcpt_ring_unmap(ring);
	KUNIT_EXPECT_EQ(test, tcpt_ring_claim(ring), 0);
	tcpt_ring_release(ring);
}

/*
 * All pages of the ring are different: both position pages, and all data pages.
 */
static void consumer_has_its_pages(struct kunit *test)
{
	struct tcpt_ring *ring = test->priv;
	unsigned long i, j, n = tcpt_ring_pages(ring);

	for (i = 0; i < n; i++) {
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, tcpt_ring_page(ring, i));
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_PTR_NE(test, tcpt_ring_page(ring, i),
					    tcpt_ring_page(ring, j));
	}
	KUNIT_EXPECT_PTR_EQ(test, tcpt_ring_page(ring, n), NULL);
	KUNIT_EXPECT_PTR_EQ(test, tcpt_ring_page(ring, ULONG_MAX), NULL);
	KUNIT_EXPECT_EQ(test, ring->producer->size, ring->size);
}

struct position_row {
	const char *name;
	s64 position;		/* from the tail */
	unsigned int delivered;
	enum tcptrace_lost_cause cause;
};

#define FULL	TCPTRACE_LOST_FULL
#define WRONG	TCPTRACE_LOST_POSITION

/* Eight records of LEN bytes wait in the ring; one of them is busy. */
static const struct position_row position_rows[] = {
	{ "the reader has read nothing", 0, 0, FULL },
	{ "the reader has read one record", LEN, 1, FULL },
	{ "the reader has read all up to the busy record", BUSY_ONE * LEN, BUSY_ONE, FULL },
	{ "inside the first record", 8, 0, WRONG },
	{ "at the last byte of the first record", LEN - 1, 0, WRONG },
	{ "a byte after the first record", LEN + 1, 1, WRONG },
	{ "inside the fourth record", 3 * LEN + 24, 3, WRONG },
	{ "inside the busy record", BUSY_ONE * LEN + 8, BUSY_ONE, WRONG },
	{ "after the busy record", (BUSY_ONE + 1) * LEN, BUSY_ONE, WRONG },
	{ "at the head", RECORDS * LEN, BUSY_ONE, WRONG },
	{ "a byte after the head", RECORDS * LEN + 1, 0, WRONG },
	{ "a record after the head", (RECORDS + 1) * LEN, 0, WRONG },
	{ "a byte before the tail", -1, 0, WRONG },
	{ "a record before the tail", -LEN, 0, WRONG },
	{ "one ring size before the tail", -TCPTRACE_RING_MIN, 0, WRONG },
	{ "one ring size after the tail", TCPTRACE_RING_MIN, 0, WRONG },
	{ "4 GiB after the first record", (1LL << 32) + LEN, 0, WRONG },
	{ "2^63 bytes before the tail", S64_MIN, 0, WRONG },
};

static void position_desc(const struct position_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(position, position_rows, position_desc);

static void consumer_position(struct kunit *test)
{
	const struct position_row *row = test->param_value;
	struct tcpt_ring *ring = test->priv;
	struct tcpt_slot slot = { };
	unsigned int i;
	u64 tail;

	/* put some older records into the buffer, and mark them as read */
	for (i = 0; i < RECORDS; i++)
		put(ring);
	ring->tail = ring->producer->head;
	tail = ring->tail;
	for (i = 0; i < RECORDS; i++) {
		if (i == BUSY_ONE)
			slot = begin(ring, LEN);
		else
			put(ring);
	}
	map(test);
	KUNIT_EXPECT_EQ(test, ring->consumer->tail, tail);
	say(ring, tail + (u64)row->position);
	KUNIT_EXPECT_EQ(test, (int)follow(ring), (int)row->cause);
	KUNIT_EXPECT_EQ(test, ring->delivered, (u64)row->delivered);
	KUNIT_EXPECT_EQ(test, ring->tail, tail + row->delivered * LEN);
	/* following again changes nothing */
	KUNIT_EXPECT_EQ(test, (int)follow(ring), (int)row->cause);
	KUNIT_EXPECT_EQ(test, ring->delivered, (u64)row->delivered);
	/* after an invalid position, a valid position is accepted */
	tcpt_ring_commit(ring, &slot);
	say(ring, ring->producer->head);
	KUNIT_EXPECT_EQ(test, (int)follow(ring), (int)FULL);
	KUNIT_EXPECT_EQ(test, ring->delivered, (u64)RECORDS);
	tcpt_ring_unmap(ring);
}

/*
 * One call moves the tail by a bounded number of records. Several calls move
 * the tail up to the position.
 */
static void consumer_follows_in_bounded_steps(struct kunit *test)
{
	struct tcpt_ring *ring = test->priv;
	struct tcpt_slot slot;
	unsigned int n = 0;

	map(test);
	for (slot = begin(ring, 24); slot.h; slot = begin(ring, 24), n++)
		tcpt_ring_commit(ring, &slot);
	KUNIT_ASSERT_GT(test, n, 2U * TCPT_RING_STEPS);
	/* the ring is full, and the program has read nothing yet */
	KUNIT_EXPECT_EQ(test, ring->delivered, 0ULL);
	say(ring, ring->producer->head);
	KUNIT_EXPECT_EQ(test, (int)follow(ring), (int)FULL);
	KUNIT_EXPECT_EQ(test, ring->delivered, (u64)TCPT_RING_STEPS);
	tcpt_ring_settle(ring);
	KUNIT_EXPECT_EQ(test, ring->delivered, (u64)n);
	tcpt_ring_unmap(ring);
}

static void expect_lost(struct kunit *test, u64 pos, u64 count, u32 causes)
{
	struct tcpt_ring *ring = test->priv;
	const struct tcptrace_lost *rec = (void *)tcpt_ring_at(ring, pos);

	KUNIT_EXPECT_EQ(test, rec->h.type, TCPTRACE_LOST);
	KUNIT_EXPECT_EQ(test, rec->count, count);
	KUNIT_EXPECT_EQ(test, rec->causes, causes);
	KUNIT_EXPECT_EQ(test, rec->pad, 0U);
}

/* A gap that has both causes is reported once, after all records were read. */
static void consumer_is_told_of_a_loss(struct kunit *test)
{
	struct tcpt_ring *ring = test->priv;
	unsigned int i;
	u64 end;

	map(test);
	for (i = 0; i < MAX + 2; i++)
		put(ring);
	say(ring, 5);
	for (i = 0; i < 3; i++)
		put(ring);
	KUNIT_EXPECT_EQ(test, ring->lost_by[FULL], 2ULL);
	KUNIT_EXPECT_EQ(test, ring->lost_by[WRONG], 3ULL);
	end = ring->producer->head;
	say(ring, end - LEN);
	tcpt_ring_settle(ring);
	KUNIT_EXPECT_EQ(test, ring->producer->head, end);
	say(ring, end);
	tcpt_ring_settle(ring);
	tcpt_ring_settle(ring);
	KUNIT_EXPECT_EQ(test, ring->producer->head,
			end + sizeof(struct tcptrace_lost));
	expect_lost(test, end, 5, BIT(FULL) | BIT(WRONG));
	KUNIT_EXPECT_EQ(test, ring->delivered, (u64)MAX);
	/*
	 * LOST is not counted as a delivered record, and the next gap is
	 * reported separately
	 */
	say(ring, ring->producer->head);
	for (i = 0; i < MAX + 1; i++)
		put(ring);
	KUNIT_EXPECT_EQ(test, ring->delivered, (u64)MAX);
	KUNIT_EXPECT_EQ(test, (u64)ring->lost.causes, (u64)BIT(FULL));
	tcpt_ring_unmap(ring);
}

/*
 * The used bytes are counted from the program's position, even if the tail has
 * not reached that position yet. If the position is invalid, the bytes are
 * counted from the tail.
 */
static void consumer_is_woken_by_its_position(struct kunit *test)
{
	struct tcpt_ring *ring = test->priv;

	map(test);
	KUNIT_EXPECT_TRUE(test, put(ring));
	KUNIT_EXPECT_FALSE(test, put(ring));
	KUNIT_EXPECT_FALSE(test, tcpt_ring_drained(ring));
	say(ring, 2 * LEN);
	KUNIT_EXPECT_TRUE(test, tcpt_ring_drained(ring));
	KUNIT_EXPECT_EQ(test, tcpt_ring_used(ring), 0ULL);
	KUNIT_EXPECT_TRUE(test, put(ring));
	KUNIT_EXPECT_FALSE(test, put(ring));
	say(ring, 5 * LEN);
	KUNIT_EXPECT_EQ(test, tcpt_ring_used(ring), 4ULL * LEN);
	KUNIT_EXPECT_FALSE(test, tcpt_ring_drained(ring));
	say(ring, 3 * LEN);
	KUNIT_EXPECT_FALSE(test, put(ring));
	KUNIT_EXPECT_EQ(test, ring->tail, 0ULL);
	tcpt_ring_unmap(ring);
	KUNIT_EXPECT_EQ(test, ring->tail, 3ULL * LEN);
	KUNIT_EXPECT_EQ(test, tcpt_ring_used(ring), 2ULL * LEN);
}

static struct kunit_case consumer_cases[] = {
	KUNIT_CASE(consumer_is_a_call_or_a_mapping),
	KUNIT_CASE(consumer_has_its_pages),
	KUNIT_CASE_PARAM(consumer_position, position_gen_params),
	KUNIT_CASE(consumer_follows_in_bounded_steps),
	KUNIT_CASE(consumer_is_told_of_a_loss),
	KUNIT_CASE(consumer_is_woken_by_its_position),
	{}
};

static struct kunit_suite consumer_suite = {
	.name = "tcptrace_ring_mapped",
	.init = consumer_init,
	.exit = consumer_exit,
	.test_cases = consumer_cases,
};

kunit_test_suite(consumer_suite);
