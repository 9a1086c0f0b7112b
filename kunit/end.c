// SPDX-License-Identifier: GPL-2.0
/*
 * Test that a new connection uses the memory of an evicted half-open connection
 * at once, and that no state of the old connection is left in the new one.
 */
#include "fixture_table.h"

#include <linux/rcupdate.h>
#include <linux/string.h>

enum {
	HALF_OPEN	= 4,	/* the limit of half-open connections */
	FLOOD		= 100,
};

static unsigned long stat(struct fixture *fx, unsigned int which)
{
	return tcpt_fixture_stat(&fx->ns[0], which);
}

/*
 * Each SYN of a flood uses the memory of the oldest connection. So the number
 * of connections in memory does not grow, even though no RCU callback has run.
 */
static void end_flood_needs_no_memory(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_table *table = &fx->tracker.table;
	struct tcpt_conn *conn[HALF_OPEN];
	u32 i;

	fx->config.max_half_open = HALF_OPEN;
	rcu_read_lock();
	for (i = 0; i < FLOOD; i++) {
		struct tcpt_conn *now = tcpt_fixture_open(fx, i + 1);

		if (i >= HALF_OPEN)
			KUNIT_EXPECT_PTR_EQ(test, now, conn[i % HALF_OPEN]);
		conn[i % HALF_OPEN] = now;
		KUNIT_EXPECT_EQ(test, now->place.id, i + 1ULL);
		KUNIT_EXPECT_FALSE(test, now->dead);
		KUNIT_EXPECT_EQ(test, now->queue, TCPT_QUEUE_HALF_OPEN);
	}
	KUNIT_EXPECT_EQ(test, tcpt_table_count(table), (u32)HALF_OPEN);
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, table->live, (u32)HALF_OPEN);
	KUNIT_EXPECT_EQ(test, table->half_open, (u32)HALF_OPEN);
	KUNIT_EXPECT_EQ(test, fx->ns[0].count, (u32)HALF_OPEN);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_OPENED), (ulong)FLOOD);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_EVICTED),
			(ulong)FLOOD - HALF_OPEN);
	for (i = 1; i <= FLOOD - HALF_OPEN; i++)
		KUNIT_EXPECT_NULL(test, tcpt_fixture_find(fx, i));
}

/* Compare the connection of a flow with a connection in new memory. */
static void expect_like_new(struct fixture *fx, u32 flow)
{
	struct tcpt_full *full;

	full = kunit_kzalloc(fx->test, sizeof(*full), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(fx->test, full);
	tcpt_fixture_track(fx, flow);
	*full = fx->full;
	tcpt_fixture_take_out(fx, flow);
	fx->config.max_half_open = FLOOD;
	tcpt_fixture_open(fx, flow);
	tcpt_fixture_track(fx, flow);
	KUNIT_EXPECT_EQ(fx->test, memcmp(full, &fx->full, sizeof(*full)), 0);
}

static void end_keeps_nothing_of_the_old_one(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_conn *old;
	struct tcpt_segment seg;

	/* the old SYN has options, the new SYN has none */
	tcpt_fixture_segment(&seg, 1, ORIG, SYN | TCPTRACE_ECE, 777, 0);
	seg.opt.present = TCPTRACE_OPT_MSS | TCPTRACE_OPT_WSCALE |
			  TCPTRACE_OPT_TIMESTAMP | TCPTRACE_OPT_MPTCP;
	seg.opt.mss = 1460;
	seg.opt.wscale = 7;
	seg.opt.tsval = 12345;
	seg.opt.mptcp_subtype = 1;
	seg.ttl = 200;
	tcpt_fixture_see(fx, 0, &seg, TCPTRACE_HOOK_IN);
	old = tcpt_fixture_find(fx, 1);
	KUNIT_ASSERT_NOT_NULL(test, old);
	fx->config.max_half_open = 1;
	KUNIT_EXPECT_PTR_EQ(test, tcpt_fixture_open(fx, 2), old);
	expect_like_new(fx, 2);
}

/* Both connections cause the same records as connections in new memory. */
static void end_reports_both(struct kunit *test)
{
	static const u8 types[] = {
		TCPTRACE_OPEN, TCPTRACE_STATE, TCPTRACE_CLOSE,
		TCPTRACE_OPEN, TCPTRACE_STATE,
	};
	static const u64 ids[] = { 1, 1, 1, 2, 2 };
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader = tcpt_fixture_reader(fx, 0, 16384);
	const struct tcptrace_header *h;
	struct tcpt_conn *old;
	unsigned int i;

	tcpt_reader_set_mask(reader, TCPTRACE_MASK(TCPTRACE_OPEN) |
				     TCPTRACE_MASK(TCPTRACE_STATE) |
				     TCPTRACE_MASK(TCPTRACE_CLOSE));
	old = tcpt_fixture_open(fx, 1);
	fx->config.max_half_open = 1;
	KUNIT_EXPECT_PTR_EQ(test, tcpt_fixture_open(fx, 2), old);
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		h = tcpt_fixture_next(fx, reader);
		KUNIT_ASSERT_NOT_NULL(test, h);
		KUNIT_EXPECT_EQ(test, h->type, types[i]);
		/* the three types have the flow in the same place */
		KUNIT_EXPECT_EQ(test, ((const struct tcptrace_open *)h)->flow.conn,
				ids[i]);
	}
	KUNIT_EXPECT_NULL(test, tcpt_fixture_next(fx, reader));
}

/* The new connection needs its full state, because this host opens it. */
static void end_begins_a_full_one(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_conn *old = tcpt_fixture_open(fx, 1);
	struct tcpt_segment seg;

	fx->config.max_half_open = 1;
	tcpt_fixture_segment(&seg, 2, ORIG, SYN, 0, 0);
	tcpt_fixture_see(fx, 0, &seg, TCPTRACE_HOOK_OUT);
	KUNIT_EXPECT_PTR_EQ(test, tcpt_fixture_find(fx, 2), old);
	KUNIT_EXPECT_EQ(test, old->form, TCPT_FORM_FULL);
	KUNIT_EXPECT_FALSE(test, old->dead);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_track(fx, 2)->end[0].packets, 1ULL);
	/* a full connection is freed, and the next one is allocated */
	rcu_read_lock();
	KUNIT_EXPECT_PTR_NE(test, tcpt_fixture_open(fx, 3), old);
	KUNIT_EXPECT_TRUE(test, old->dead);
	rcu_read_unlock();
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, tcpt_table_count(&fx->tracker.table), 1U);
}

/* A connection never moves to another namespace, which may be about to end. */
static void end_stays_in_its_namespace(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_conn *old = tcpt_fixture_open(fx, 1);
	struct tcpt_segment seg;

	fx->config.max_half_open = 1;
	rcu_read_lock();
	tcpt_fixture_segment(&seg, 2, ORIG, SYN, 0, 0);
	tcpt_fixture_see(fx, 1, &seg, TCPTRACE_HOOK_IN);
	KUNIT_EXPECT_TRUE(test, old->dead);
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, fx->ns[0].count, 0U);
	KUNIT_EXPECT_EQ(test, fx->ns[1].count, 1U);
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, tcpt_table_count(&fx->tracker.table), 1U);
}

/* The bucket of the new connection is full, so the memory is freed. */
static void end_frees_what_does_not_fit(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_conn *old;
	u32 flow = 1000;
	unsigned int i;

	for (i = 0; i < TCPT_TABLE_CHAIN_MAX; i++) {
		flow = tcpt_fixture_collide(fx, flow + 1, 9);
		KUNIT_ASSERT_EQ(test, tcpt_fixture_insert(fx, flow), 0);
		tcpt_fixture_queue(fx, flow, TCPT_QUEUE_NONE);
	}
	old = tcpt_fixture_open(fx, tcpt_fixture_collide(fx, 1, 10));
	fx->config.max_half_open = 1;
	flow = tcpt_fixture_collide(fx, flow + 1, 9);
	rcu_read_lock();
	tcpt_fixture_send(fx, flow, ORIG, SYN, 0, 0);
	KUNIT_EXPECT_TRUE(test, old->dead);
	rcu_read_unlock();
	KUNIT_EXPECT_NULL(test, tcpt_fixture_find(fx, flow));
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_CHAIN_FULL), 1UL);
	KUNIT_EXPECT_EQ(test, fx->tracker.table.half_open, 0U);
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, tcpt_table_count(&fx->tracker.table),
			(u32)TCPT_TABLE_CHAIN_MAX);
}

static struct kunit_case end_cases[] = {
	KUNIT_CASE(end_flood_needs_no_memory),
	KUNIT_CASE(end_keeps_nothing_of_the_old_one),
	KUNIT_CASE(end_reports_both),
	KUNIT_CASE(end_begins_a_full_one),
	KUNIT_CASE(end_stays_in_its_namespace),
	KUNIT_CASE(end_frees_what_does_not_fit),
	{}
};

static struct kunit_suite end_suite = {
	.name = "tcptrace_end",
	.init = tcpt_fixture_init,
	.exit = tcpt_fixture_exit,
	.test_cases = end_cases,
};

kunit_test_suite(end_suite);
