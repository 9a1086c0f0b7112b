// SPDX-License-Identifier: GPL-2.0
/*
 * Test races inside one call of the tracker, on a single CPU. Just before a
 * lock is taken, a tracepoint of lockdep calls the action of the "other CPU".
 */
#include "fixture_table.h"

#include <linux/lockdep.h>
#include <linux/rcupdate.h>
#include <linux/tracepoint.h>
#include <trace/events/lock.h>

/**
 * struct meanwhile - an action of another CPU, which runs once
 * @lock: lock before which the action runs; NULL after the action has run
 * @act: the action
 * @fx: the argument of @act
 */
static struct meanwhile {
	struct lockdep_map *lock;
	void (*act)(struct fixture *fx);
	struct fixture *fx;
} meanwhile;

static void on_lock(void *data, struct lockdep_map *lock,
		    unsigned int subclass, int trylock, int read, int check,
		    struct lockdep_map *nest_lock, unsigned long ip)
{
	if (lock != meanwhile.lock)
		return;
	meanwhile.lock = NULL;
	meanwhile.act(meanwhile.fx);
}

/* Call @act once, just before @lock is taken the next time. */
static void before(struct fixture *fx, spinlock_t *lock,
		   void (*act)(struct fixture *fx))
{
	meanwhile = (struct meanwhile) { &lock->dep_map, act, fx };
}

static void expect_done(struct kunit *test)
{
	KUNIT_EXPECT_NULL(test, meanwhile.lock);
	meanwhile.lock = NULL;
}

static int meanwhile_init(struct kunit *test)
{
	return tcpt_fixture_init(test) ?: register_trace_lock_acquire(on_lock,
								      NULL);
}

static void meanwhile_exit(struct kunit *test)
{
	unregister_trace_lock_acquire(on_lock, NULL);
	tracepoint_synchronize_unregister();
	tcpt_fixture_exit(test);
}

static unsigned long stat(struct fixture *fx, unsigned int which)
{
	return tcpt_fixture_stat(&fx->ns[0], which);
}

static spinlock_t *bucket_lock(struct fixture *fx, u32 flow)
{
	struct tcpt_flow key;

	return tcpt_table_lock(&fx->tracker.table,
			       tcpt_fixture_key(fx, flow, &key));
}

static void expect_counted(struct fixture *fx)
{
	KUNIT_EXPECT_EQ(fx->test, tcpt_fixture_counted(&fx->ns[0]),
			fx->arrivals[0]);
}

static void send_syn(struct fixture *fx)
{
	tcpt_fixture_send(fx, 1, ORIG, SYN, 0, 0);
}

/* Two simultaneous SYNs open only one connection, which counts both SYNs. */
static void meanwhile_it_is_opened(struct kunit *test)
{
	struct fixture *fx = test->priv;

	before(fx, bucket_lock(fx, 1), send_syn);
	tcpt_fixture_send(fx, 1, ORIG, SYN, 0, 0);
	expect_done(test);
	KUNIT_ASSERT_NOT_NULL(test, tcpt_fixture_find(fx, 1));
	KUNIT_EXPECT_EQ(test, tcpt_fixture_track(fx, 1)->end[0].packets, 2ULL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_INSERT_RACE), 1UL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_OPENED), 1UL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_TRACKED), 2UL);
	KUNIT_EXPECT_EQ(test, tcpt_table_count(&fx->tracker.table), 1U);
	KUNIT_EXPECT_EQ(test, fx->tracker.table.half_open, 1U);
	expect_counted(fx);
}

static void expire_all(struct fixture *fx)
{
	struct tcpt_flow key;

	tcpt_gc_bucket(&fx->tracker, tcpt_fixture_key(fx, 1, &key) &
			   fx->tracker.table.mask, U64_MAX);
}

/*
 * The connection expires after the lookup and before it is locked. The tracker
 * repeats the lookup, and opens a new connection.
 */
static void meanwhile_it_expires(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_conn *conn = tcpt_fixture_open(fx, 1);

	before(fx, &conn->lock, expire_all);
	tcpt_fixture_send(fx, 1, RESP, SYNACK, 0, 1);
	expect_done(test);
	conn = tcpt_fixture_find(fx, 1);
	KUNIT_ASSERT_NOT_NULL(test, conn);
	KUNIT_EXPECT_EQ(test, conn->place.id, 2ULL);
	KUNIT_EXPECT_EQ(test, conn->full->track.end[0].packets, 0ULL);
	KUNIT_EXPECT_EQ(test, conn->full->track.end[1].packets, 1ULL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_EXPIRED), 1UL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_MIDSTREAM), 1UL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_TRACKED), 2UL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_LATE), 0UL);
	expect_counted(fx);
}

static void confirm(struct fixture *fx)
{
	tcpt_fixture_send(fx, 1, RESP, SYNACK, 0, 1);
	tcpt_fixture_send(fx, 1, ORIG, ACK, 1, 1);
}

/*
 * If the victim is confirmed before the evicting CPU has the lock, the victim
 * stays in the table.
 */
static void meanwhile_the_victim_is_confirmed(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_conn *conn = tcpt_fixture_open(fx, 1);

	fx->config.max_half_open = 1;
	before(fx, bucket_lock(fx, 1), confirm);
	tcpt_fixture_send(fx, 2, ORIG, SYN, 0, 0);
	expect_done(test);
	KUNIT_EXPECT_PTR_EQ(test, tcpt_fixture_find(fx, 1), conn);
	KUNIT_EXPECT_EQ(test, conn->queue, TCPT_QUEUE_NONE);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_EVICTED), 0UL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_ESTABLISHED), 1UL);
	KUNIT_EXPECT_EQ(test, fx->tracker.table.half_open, 1U);
}

/*
 * If the victim expires before the evicting CPU has the lock, the victim ends
 * only once.
 */
static void meanwhile_the_victim_expires(struct kunit *test)
{
	struct fixture *fx = test->priv;

	tcpt_fixture_open(fx, 1);
	fx->config.max_half_open = 1;
	before(fx, bucket_lock(fx, 1), expire_all);
	tcpt_fixture_send(fx, 2, ORIG, SYN, 0, 0);
	expect_done(test);
	KUNIT_EXPECT_NULL(test, tcpt_fixture_find(fx, 1));
	KUNIT_EXPECT_NOT_NULL(test, tcpt_fixture_find(fx, 2));
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_EXPIRED), 1UL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_EVICTED), 0UL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_CLOSED), 1UL);
	KUNIT_EXPECT_EQ(test, fx->tracker.table.half_open, 1U);
}

static void send_new_syn(struct fixture *fx)
{
	tcpt_fixture_send(fx, 1, ORIG, SYN, 90000, 0);
}

/*
 * The same new SYN arrives twice. The second SYN finds the connection that the
 * first SYN has opened.
 */
static void meanwhile_it_is_reused(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_conn *conn;

	tcpt_fixture_establish(fx, 1);
	tcpt_fixture_finish(fx, 1);
	/* close_reused() is the first to take the bucket lock */
	before(fx, bucket_lock(fx, 1), send_new_syn);
	tcpt_fixture_send(fx, 1, ORIG, SYN, 90000, 0);
	expect_done(test);
	conn = tcpt_fixture_find(fx, 1);
	KUNIT_ASSERT_NOT_NULL(test, conn);
	KUNIT_EXPECT_EQ(test, conn->place.id, 2ULL);
	KUNIT_EXPECT_EQ(test, conn->full->track.end[0].packets, 2ULL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_REUSED), 1UL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_OPENED), 2UL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_CLOSED), 1UL);
	expect_counted(fx);
}

/* Pack the old connection on another CPU, before the new SYN replaces it. */
static void pack_it(struct fixture *fx)
{
	struct tcpt_conn *conn = tcpt_fixture_find(fx, 1);

	spin_lock_bh(&conn->lock);
	tcpt_table_shrink(conn);
	KUNIT_EXPECT_EQ(fx->test, conn->form, TCPT_FORM_PACKED);
	spin_unlock_bh(&conn->lock);
}

/* Let a new SYN replace a closed connection while another CPU calls @act. */
static void reuse_while(struct kunit *test, void (*act)(struct fixture *fx))
{
	struct fixture *fx = test->priv;

	tcpt_fixture_establish(fx, 1);
	tcpt_fixture_finish(fx, 1);
	before(fx, bucket_lock(fx, 1), act);
	send_new_syn(fx);
	expect_done(test);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_find(fx, 1)->place.id, 2ULL);
	expect_counted(fx);
}

static void meanwhile_it_is_packed(struct kunit *test)
{
	struct fixture *fx = test->priv;

	reuse_while(test, pack_it);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_REUSED), 1UL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_CLOSED), 1UL);
}

static void pack_and_end_it(struct fixture *fx)
{
	pack_it(fx);
	expire_all(fx);
}

/* The old connection has expired, so the new SYN does not end it again. */
static void meanwhile_it_is_packed_and_expires(struct kunit *test)
{
	struct fixture *fx = test->priv;

	reuse_while(test, pack_and_end_it);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_REUSED), 0UL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_EXPIRED), 1UL);
}

/* On another CPU, evict the only connection; its memory becomes flow 2. */
static void become_flow_2(struct fixture *fx)
{
	fx->config.max_half_open = 1;
	tcpt_fixture_fast(fx, 2, (struct segment_spec) { ORIG, SYN });
	fx->config.max_half_open = 100;
}

/* Do the same, and complete the handshake of flow 2. */
static void become_flow_2_and_open(struct fixture *fx)
{
	become_flow_2(fx);
	tcpt_fixture_fast(fx, 2, (struct segment_spec) { RESP, SYNACK, 0, 1 });
	/* without a round trip time, the fast path would not be ready */
	fx->now++;
	tcpt_fixture_fast(fx, 2, (struct segment_spec) { ORIG, ACK, 1, 1 });
	KUNIT_EXPECT_NE(fx->test, tcpt_fixture_track(fx, 2)->ready, 0);
}

/*
 * A segment of flow 1 has found a connection, which becomes flow 2 before it is
 * locked. The segment must not be tracked as a segment of flow 2.
 */
static void segment_while(struct kunit *test, void (*act)(struct fixture *fx),
			  unsigned int packets)
{
	struct fixture *fx = test->priv;
	struct tcpt_conn *conn = tcpt_fixture_open(fx, 1), *found;

	before(fx, &conn->lock, act);
	/* data that could take the fast path in flow 2 */
	tcpt_fixture_fast(fx, 1, (struct segment_spec) { ORIG, ACK, 1, 1, 10 });
	expect_done(test);
	KUNIT_EXPECT_PTR_EQ(test, tcpt_fixture_find(fx, 2), conn);
	KUNIT_EXPECT_EQ(test, conn->place.id, 2ULL);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_track(fx, 2)->end[0].packets,
			(u64)packets);
	found = tcpt_fixture_find(fx, 1);
	KUNIT_ASSERT_NOT_NULL(test, found);
	KUNIT_EXPECT_EQ(test, found->place.id, 3ULL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_EVICTED), 1UL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_MIDSTREAM), 1UL);
	expect_counted(fx);
}

static void meanwhile_it_becomes_another(struct kunit *test)
{
	segment_while(test, become_flow_2, 1);
}

static void meanwhile_it_becomes_another_open_one(struct kunit *test)
{
	segment_while(test, become_flow_2_and_open, 2);
}

/* An ICMP error that quotes the SYN of flow 1 must not affect flow 2. */
static void meanwhile_icmp_finds_another(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_conn *conn = tcpt_fixture_open(fx, 1);
	struct tcptrace_error error = {
		.kind = TCPTRACE_ERROR_UNREACHABLE,
	};
	struct tcpt_segment seg;
	struct tcpt_arrival arrival = {
		.seg = &seg, .ns = &fx->ns[0], .now = fx->now,
		.hook = TCPTRACE_HOOK_IN,
	};

	tcpt_fixture_segment(&seg, 1, ORIG, 0, 0, 0);
	before(fx, &conn->lock, become_flow_2);
	rcu_read_lock();
	tcpt_tracker_icmp(&fx->tracker, &arrival, &error);
	rcu_read_unlock();
	expect_done(test);
	KUNIT_EXPECT_PTR_EQ(test, tcpt_fixture_find(fx, 2), conn);
	KUNIT_EXPECT_EQ(test, conn->form, TCPT_FORM_HALF_OPEN);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_ICMP_STRAY), 1UL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_ICMP_ERROR), 0UL);
}

static void send_syn_of_flow_2(struct fixture *fx)
{
	fx->config.max_half_open = 100;
	tcpt_fixture_send(fx, 2, ORIG, SYN, 0, 0);
}

/* Another CPU opens the connection first, so the memory is not needed. */
static void meanwhile_the_newcomer_is_opened(struct kunit *test)
{
	struct fixture *fx = test->priv;

	tcpt_fixture_open(fx, 1);
	KUNIT_ASSERT_PTR_NE(test, bucket_lock(fx, 1), bucket_lock(fx, 2));
	fx->config.max_half_open = 1;
	before(fx, bucket_lock(fx, 2), send_syn_of_flow_2);
	tcpt_fixture_send(fx, 2, ORIG, SYN, 0, 0);
	expect_done(test);
	KUNIT_EXPECT_NULL(test, tcpt_fixture_find(fx, 1));
	KUNIT_EXPECT_EQ(test, tcpt_fixture_track(fx, 2)->end[0].packets, 2ULL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_INSERT_RACE), 1UL);
	KUNIT_EXPECT_EQ(test, fx->ns[0].count, 1U);
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, tcpt_table_count(&fx->tracker.table), 1U);
}

static struct kunit_case meanwhile_cases[] = {
	KUNIT_CASE(meanwhile_it_is_opened),
	KUNIT_CASE(meanwhile_it_expires),
	KUNIT_CASE(meanwhile_the_victim_is_confirmed),
	KUNIT_CASE(meanwhile_the_victim_expires),
	KUNIT_CASE(meanwhile_it_is_reused),
	KUNIT_CASE(meanwhile_it_is_packed),
	KUNIT_CASE(meanwhile_it_is_packed_and_expires),
	KUNIT_CASE(meanwhile_it_becomes_another),
	KUNIT_CASE(meanwhile_it_becomes_another_open_one),
	KUNIT_CASE(meanwhile_icmp_finds_another),
	KUNIT_CASE(meanwhile_the_newcomer_is_opened),
	{}
};

static struct kunit_suite meanwhile_suite = {
	.name = "tcptrace_tracker_meanwhile",
	.init = meanwhile_init,
	.exit = meanwhile_exit,
	.test_cases = meanwhile_cases,
};

kunit_test_suite(meanwhile_suite);
