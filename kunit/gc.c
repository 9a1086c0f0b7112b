// SPDX-License-Identifier: GPL-2.0
/* Test garbage collection, with a clock that the tests set. */
#include "fixture_table.h"

#include "../module/core/timeout.h"
#include "../module/gc.h"

#include <linux/rcupdate.h>
#include <linux/string.h>

enum {
	STEPS_MAX	= 8,
	/* the timeout under test, s; longer than TCPT_GC_IDLE_S */
	LIMIT		= 100,
	NEVER		= 30000,	/* all other timeouts, s */
};

static u64 clock_time;
static u64 clock_step;
static unsigned int clock_calls;

static u64 still_clock(void)
{
	return 0;
}

/* Read a clock that advances by clock_step at each call. */
static u64 moving_clock(void)
{
	u64 now = clock_time;

	clock_time += clock_step;
	clock_calls++;
	return now;
}

static void start_clock(u64 step)
{
	clock_time = 77;
	clock_step = step;
	clock_calls = 0;
}

static void full_round(struct tcpt_gc *gc, u64 now)
{
	unsigned int i;

	for (i = 0; i < TCPT_GC_ROUNDS; i++)
		tcpt_gc_slice(gc, now, still_clock);
}

struct age_step {
	u8 from;
	u16 flags;
	u32 seq;
	u32 ack;
	u32 at;		/* s after the start */
};

/**
 * struct age_row - a connection that times out
 * @name: the behavior under test
 * @timeout: enum tcpt_timeout that applies
 * @since: start of the timeout, s after the start of the test
 * @close: enum tcptrace_close_reason in the CLOSE record that the timeout
 *	causes, 0 if it causes no CLOSE
 * @open: the connection begins with a handshake at 0 s
 * @step: the segments of the connection
 */
struct age_row {
	const char *name;
	u8 timeout;
	u32 since;
	u8 close;
	bool open;
	struct age_step step[STEPS_MAX];
};

static const struct age_row age_rows[] = {
	{ "the SYN_SENT timeout starts at the first SYN", TCPT_TIMEOUT_SYN_SENT, 0,
	  TCPTRACE_CLOSE_UNANSWERED, false,
	  { { ORIG, SYN, 0, 0, 0 }, { ORIG, SYN, 0, 0, 5 } } },
	{ "the SYN_RECEIVED timeout starts at the first SYN", TCPT_TIMEOUT_SYN_RECEIVED, 0,
	  TCPTRACE_CLOSE_TIMEOUT, false,
	  { { ORIG, SYN, 0, 0, 0 }, { RESP, SYNACK, 0, 1, 1 },
	    { RESP, SYNACK, 0, 1, 4 } } },
	{ "the UNREPLIED timeout starts at the last segment", TCPT_TIMEOUT_UNREPLIED, 4,
	  TCPTRACE_CLOSE_ONE_WAY, false,
	  { { ORIG, ACK, 1, 1, 0 }, { ORIG, ACK, 1, 1, 4 } } },
	{ "the ESTABLISHED timeout starts at the last segment", TCPT_TIMEOUT_ESTABLISHED, 6,
	  TCPTRACE_CLOSE_TIMEOUT, true, { { RESP, ACK, 1, 1, 6 } } },
	{ "the HALF_CLOSED timeout starts at the last segment", TCPT_TIMEOUT_HALF_CLOSED, 7,
	  TCPTRACE_CLOSE_TIMEOUT, true,
	  { { ORIG, FIN, 1, 1, 2 }, { RESP, ACK, 1, 2, 3 },
	    { RESP, ACK, 1, 2, 7 } } },
	{ "FIN_WAIT_1 uses the CLOSING timeout", TCPT_TIMEOUT_CLOSING, 2,
	  TCPTRACE_CLOSE_TIMEOUT, true, { { ORIG, FIN, 1, 1, 2 } } },
	{ "LAST_ACK uses the CLOSING timeout", TCPT_TIMEOUT_CLOSING, 3,
	  TCPTRACE_CLOSE_TIMEOUT, true,
	  { { ORIG, FIN, 1, 1, 2 }, { RESP, FIN, 1, 2, 3 } } },
	{ "the TIME_WAIT timeout starts at the ACK of the last FIN",
	  TCPT_TIMEOUT_TIME_WAIT, 4, 0, true,
	  { { ORIG, FIN, 1, 1, 2 }, { RESP, FIN, 1, 2, 3 },
	    { ORIG, ACK, 2, 2, 4 } } },
	{ "a retransmitted FIN restarts TIME_WAIT", TCPT_TIMEOUT_TIME_WAIT, 9, 0,
	  true,
	  { { ORIG, FIN, 1, 1, 2 }, { RESP, FIN, 1, 2, 3 },
	    { ORIG, ACK, 2, 2, 4 }, { RESP, FIN, 1, 2, 9 } } },
	{ "the CLOSED timeout starts at the RST, not at a late segment",
	  TCPT_TIMEOUT_CLOSED, 2,
	  0, true, { { ORIG, RST, 1, 0, 2 }, { RESP, ACK, 1, 1, 8 } } },
};

static void age_desc(const struct age_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(age, age_rows, age_desc);

static void play(struct fixture *fx, u32 flow, const struct age_row *row)
{
	const struct age_step *s;

	if (row->open)
		tcpt_fixture_establish(fx, flow);
	for (s = row->step; s->flags; s++) {
		fx->now = FIXTURE_START + s->at * FIXTURE_SEC;
		tcpt_fixture_send(fx, flow, s->from, s->flags, s->seq, s->ack);
	}
}

static void set_timeouts(struct fixture *fx, unsigned int timeout,
			 unsigned int seconds)
{
	unsigned int i;

	for (i = 0; i < TCPT_TIMEOUTS; i++)
		fx->config.timeouts[i] = i == timeout ? seconds : NEVER;
}

/* Return the reason of the only unread CLOSE record, 0 if there is none. */
static u8 close_reason(struct fixture *fx, struct tcpt_reader *reader)
{
	const struct tcptrace_header *h;
	u8 reason = 0;

	while ((h = tcpt_fixture_next(fx, reader))) {
		if (h->type != TCPTRACE_CLOSE)
			continue;
		KUNIT_EXPECT_EQ(fx->test, reason, 0);
		reason = ((const struct tcptrace_close *)h)->reason;
	}
	return reason;
}

/* A connection is removed at its deadline, not 1 ns earlier. */
static void gc_expires_at_the_deadline(struct kunit *test)
{
	const struct age_row *row = test->param_value;
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader = tcpt_fixture_reader(fx, 0, 16384);
	struct tcpt_gc gc;
	u64 deadline;

	tcpt_gc_init(&gc, &fx->tracker);
	set_timeouts(fx, row->timeout, LIMIT);
	play(fx, 1, row);
	while (tcpt_fixture_next(fx, reader))
		;
	deadline = FIXTURE_START + (row->since + LIMIT) * FIXTURE_SEC;
	full_round(&gc, deadline - 1);
	KUNIT_ASSERT_NOT_NULL(test, tcpt_fixture_find(fx, 1));
	KUNIT_EXPECT_EQ(test,
			tcpt_timeout_left(tcpt_fixture_track(fx, 1),
					  fx->config.timeouts, deadline - 1),
			1ULL);
	full_round(&gc, deadline);
	KUNIT_EXPECT_NULL(test, tcpt_fixture_find(fx, 1));
	KUNIT_EXPECT_EQ(test, tcpt_fixture_stat(&fx->ns[0], TCPT_STAT_EXPIRED),
			1UL);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_stat(&fx->ns[0], TCPT_STAT_CLOSED),
			1UL);
	KUNIT_EXPECT_EQ(test, close_reason(fx, reader), row->close);
}

static void gc_tells_what_is_left(struct kunit *test)
{
	struct fixture *fx = test->priv;
	const struct tcpt_track *track;
	u64 end = FIXTURE_START + LIMIT * FIXTURE_SEC;

	set_timeouts(fx, TCPT_TIMEOUT_SYN_SENT, LIMIT);
	tcpt_fixture_send(fx, 1, ORIG, SYN, 0, 0);
	track = tcpt_fixture_track(fx, 1);
	KUNIT_EXPECT_EQ(test, tcpt_timeout_left(track, fx->config.timeouts, fx->now),
			LIMIT * FIXTURE_SEC);
	KUNIT_EXPECT_EQ(test,
			tcpt_timeout_left(track, fx->config.timeouts, end),
			0ULL);
	KUNIT_EXPECT_EQ(test, tcpt_timeout_left(track, fx->config.timeouts, end + 1),
			0ULL);
}

/*
 * At the end of TIME_WAIT, there is a STATE record without a segment, but no
 * second CLOSE.
 */
static void gc_ends_time_wait_with_a_transition(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader = tcpt_fixture_reader(fx, 0, 16384);
	static const struct tcptrace_seg none;
	const struct tcptrace_transition *rec;
	struct tcpt_gc gc;
	u32 number;

	tcpt_gc_init(&gc, &fx->tracker);
	tcpt_fixture_establish(fx, 1);
	tcpt_fixture_finish(fx, 1);
	number = tcpt_fixture_track(fx, 1)->transitions;
	while (tcpt_fixture_next(fx, reader))
		;
	fx->now += fx->config.timeouts[TCPT_TIMEOUT_TIME_WAIT] * FIXTURE_SEC;
	full_round(&gc, fx->now);
	rec = (const void *)tcpt_fixture_next(fx, reader);
	KUNIT_ASSERT_NOT_NULL(test, rec);
	KUNIT_EXPECT_EQ(test, rec->h.type, TCPTRACE_STATE);
	KUNIT_EXPECT_EQ(test, rec->h.time, fx->now);
	KUNIT_EXPECT_EQ(test, rec->number, number + 1);
	KUNIT_EXPECT_EQ(test, rec->end, 0);
	KUNIT_EXPECT_EQ(test, rec->from, TCPTRACE_TIME_WAIT);
	KUNIT_EXPECT_EQ(test, rec->to, TCPTRACE_CLOSED);
	KUNIT_EXPECT_EQ(test, rec->reason, TCPTRACE_REASON_2MSL);
	KUNIT_EXPECT_EQ(test, memcmp(&rec->seg, &none, sizeof(none)), 0);
	KUNIT_EXPECT_NULL(test, tcpt_fixture_next(fx, reader));
}

/*
 * An open connection that has had no acceptable segment for a long time can be
 * evicted. A new acceptable segment prevents that.
 */
static void gc_lets_quiet_ones_be_evicted(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_gc gc;
	u32 flow;

	set_timeouts(fx, TCPT_TIMEOUT_ESTABLISHED, NEVER);
	fx->config.max_connections = 16;
	tcpt_gc_init(&gc, &fx->tracker);
	for (flow = 1; flow <= 15; flow++)
		tcpt_fixture_establish(fx, flow);
	fx->now += TCPT_CONN_QUIET_S * FIXTURE_SEC;
	tcpt_fixture_send(fx, 1, ORIG, ACK, 1, 1);
	/*
	 * this segment is seen, but is not acceptable: it lies outside any
	 * window
	 */
	tcpt_fixture_send(fx, 3, ORIG, ACK, 0x30000000, 1);
	fx->now += FIXTURE_SEC;
	full_round(&gc, fx->now);
	full_round(&gc, fx->now);
	tcpt_fixture_send(fx, 2, ORIG, ACK, 1, 1);
	for (flow = 16; flow <= 28; flow++) {
		tcpt_fixture_establish(fx, flow);
		/*
		 * a removed connection is counted until its RCU callback has
		 * run
		 */
		rcu_barrier();
		KUNIT_EXPECT_NOT_NULL(test, tcpt_fixture_find(fx, 1));
		KUNIT_EXPECT_NOT_NULL(test, tcpt_fixture_find(fx, 2));
	}
	for (flow = 3; flow <= 15; flow++)
		KUNIT_EXPECT_NULL_MSG(test, tcpt_fixture_find(fx, flow), "%u",
				      flow);
	for (flow = 16; flow <= 28; flow++)
		KUNIT_EXPECT_NOT_NULL(test, tcpt_fixture_find(fx, flow));
}

/*
 * Resize the table, and put one connection into each bucket. Return: the
 * connection numbers, by bucket.
 */
static u32 *fill_buckets(struct fixture *fx, unsigned int buckets)
{
	unsigned int left = buckets, bucket;
	struct tcpt_flow key;
	u32 *flow, n = 0;

	tcpt_fixture_resize(fx, buckets);
	/* only timeouts remove connections */
	fx->config.max_connections = 2 * buckets;
	fx->config.max_half_open = 2 * buckets;
	flow = kunit_kcalloc(fx->test, buckets, sizeof(*flow), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(fx->test, flow);
	while (left) {
		n++;
		bucket = tcpt_fixture_key(fx, n, &key) & (buckets - 1);
		if (flow[bucket])
			continue;
		flow[bucket] = n;
		tcpt_fixture_send(fx, n, ORIG, SYN, 0, 0);
		left--;
	}
	return flow;
}

static void expect_emptied(struct fixture *fx, const u32 *flow,
			   unsigned int end)
{
	unsigned int i;

	for (i = 0; i <= fx->tracker.table.mask; i++)
		KUNIT_EXPECT_EQ_MSG(fx->test, !tcpt_fixture_find(fx, flow[i]),
				    i < end, "bucket %u", i);
}

/*
 * Each slice begins where the previous slice ended; 20 slices cover the table.
 */
static void gc_walks_in_slices(struct kunit *test)
{
	static const unsigned int sizes[] = { 256, 512, 2048 };
	struct fixture *fx = test->priv;
	unsigned int i, j, n, end;
	struct tcpt_gc gc;
	u32 *flow;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		fx->now = FIXTURE_START;
		flow = fill_buckets(fx, sizes[i]);
		tcpt_gc_init(&gc, &fx->tracker);
		fx->now += NEVER * FIXTURE_SEC;
		/* 1/20 of the table, rounded up */
		n = (sizes[i] + 19) / 20;
		for (j = 1; j <= 20; j++) {
			KUNIT_EXPECT_TRUE(test, tcpt_gc_slice(&gc, fx->now,
							      still_clock));
			end = min(j * n, sizes[i]);
			KUNIT_EXPECT_EQ(test, gc.next, j * n % sizes[i]);
			if (j == 1 || j == 7 || j >= 19)
				expect_emptied(fx, flow, end);
		}
	}
}

/*
 * The clock is read every 64 buckets. A slice ends at the first reading that is
 * 2 ms or more after the start of the slice.
 */
static void gc_stops_when_the_time_is_over(struct kunit *test)
{
	struct fixture *fx = test->priv;
	u32 *flow = fill_buckets(fx, 4096);
	struct tcpt_gc gc;
	u64 now = fx->now + NEVER * FIXTURE_SEC;

	tcpt_gc_init(&gc, &fx->tracker);
	start_clock(TCPT_GC_SLICE_NS);
	KUNIT_EXPECT_FALSE(test, tcpt_gc_slice(&gc, now, moving_clock));
	KUNIT_EXPECT_EQ(test, clock_calls, 2U);
	KUNIT_EXPECT_EQ(test, gc.next, 64U);
	expect_emptied(fx, flow, 64);
	/* after 64 buckets, 1 ns is left, so the slice scans 64 more buckets */
	start_clock(TCPT_GC_SLICE_NS - 1);
	KUNIT_EXPECT_FALSE(test, tcpt_gc_slice(&gc, now, moving_clock));
	KUNIT_EXPECT_EQ(test, clock_calls, 3U);
	KUNIT_EXPECT_EQ(test, gc.next, 192U);
	expect_emptied(fx, flow, 192);
	/* there is time for a whole slice: 4096 / 20 buckets, rounded up */
	start_clock(1);
	KUNIT_EXPECT_TRUE(test, tcpt_gc_slice(&gc, now, moving_clock));
	KUNIT_EXPECT_EQ(test, gc.next, 192U + 205);
}

/* A connection stays until its own timeout, even if its neighbor times out. */
static void gc_takes_the_due_out_of_a_chain(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_gc gc;
	unsigned int i;
	u32 flow = 0;

	tcpt_gc_init(&gc, &fx->tracker);
	set_timeouts(fx, TCPT_TIMEOUT_SYN_SENT, LIMIT);
	for (i = 0; i < 20; i++) {
		flow = tcpt_fixture_collide(fx, flow + 1, 5);
		fx->now = FIXTURE_START + i % 4 * FIXTURE_SEC;
		tcpt_fixture_send(fx, flow, ORIG, SYN, 0, 0);
	}
	full_round(&gc, FIXTURE_START + (LIMIT + 1) * FIXTURE_SEC);
	flow = 0;
	for (i = 0; i < 20; i++) {
		flow = tcpt_fixture_collide(fx, flow + 1, 5);
		KUNIT_EXPECT_EQ(test, !tcpt_fixture_find(fx, flow), i % 4 < 2);
	}
	KUNIT_EXPECT_EQ(test, tcpt_gc_bucket(&fx->tracker, 5, U64_MAX),
			10U);
	KUNIT_EXPECT_EQ(test, tcpt_gc_bucket(&fx->tracker, 5, U64_MAX),
			0U);
}

/* A timeout that changes in the middle of a round takes effect at once. */
static void gc_takes_new_limits_at_once(struct kunit *test)
{
	struct fixture *fx = test->priv;
	u32 *flow = fill_buckets(fx, 256);
	struct tcpt_gc gc;
	u64 now = fx->now + LIMIT * FIXTURE_SEC;

	tcpt_gc_init(&gc, &fx->tracker);
	set_timeouts(fx, TCPT_TIMEOUT_SYN_SENT, LIMIT);
	tcpt_gc_slice(&gc, now, still_clock);
	expect_emptied(fx, flow, 13);
	set_timeouts(fx, TCPT_TIMEOUT_SYN_SENT, LIMIT + 1);
	tcpt_gc_slice(&gc, now, still_clock);
	expect_emptied(fx, flow, 13);
	KUNIT_EXPECT_EQ(test, gc.next, 26U);
	tcpt_gc_slice(&gc, now + FIXTURE_SEC, still_clock);
	KUNIT_EXPECT_NOT_NULL(test, tcpt_fixture_find(fx, flow[25]));
	KUNIT_EXPECT_NULL(test, tcpt_fixture_find(fx, flow[26]));
	KUNIT_EXPECT_NULL(test, tcpt_fixture_find(fx, flow[38]));
	KUNIT_EXPECT_NOT_NULL(test, tcpt_fixture_find(fx, flow[39]));
}

/* Between two examinations, the worker does not look at a connection. */
static void gc_passes_over_what_is_not_due(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_conn *conn;
	struct tcpt_gc gc;
	u64 now;

	set_timeouts(fx, TCPT_TIMEOUT_ESTABLISHED, LIMIT);
	tcpt_gc_init(&gc, &fx->tracker);
	tcpt_fixture_establish(fx, 1);
	conn = tcpt_fixture_find(fx, 1);
	KUNIT_ASSERT_NOT_NULL(test, conn);
	now = conn->full->track.last;
	full_round(&gc, now);
	/* make the deadline earlier, but without a segment */
	conn->full->track.heard = 0;
	full_round(&gc, now + (TCPT_GC_CLEAN_S - 2) * FIXTURE_SEC);
	KUNIT_EXPECT_NOT_NULL(test, tcpt_fixture_find(fx, 1));
	full_round(&gc, now + TCPT_GC_CLEAN_S * FIXTURE_SEC);
	KUNIT_EXPECT_NULL(test, tcpt_fixture_find(fx, 1));
}

/* A round at @deadline ends the connection; a round 1 ns earlier does not. */
static void expect_deadline(struct fixture *fx, struct tcpt_gc *gc,
			    u64 deadline)
{
	full_round(gc, deadline - 1);
	KUNIT_EXPECT_NOT_NULL(fx->test, tcpt_fixture_find(fx, 1));
	full_round(gc, deadline);
	KUNIT_EXPECT_NULL(fx->test, tcpt_fixture_find(fx, 1));
}

/* After each change of its state, a connection is examined in the next round. */
static void gc_notices_a_shorter_timeout(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_gc gc;

	set_timeouts(fx, TCPT_TIMEOUT_CLOSED, 5);
	tcpt_gc_init(&gc, &fx->tracker);
	tcpt_fixture_establish(fx, 1);
	full_round(&gc, fx->now);
	tcpt_fixture_send(fx, 1, ORIG, RST, 1, 0);
	expect_deadline(fx, &gc, fx->now + 5 * FIXTURE_SEC);
}

/* After a change of a timeout, each connection is examined. */
static void gc_notices_a_new_timeout(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_gc gc;

	set_timeouts(fx, TCPT_TIMEOUT_ESTABLISHED, LIMIT);
	tcpt_gc_init(&gc, &fx->tracker);
	tcpt_fixture_establish(fx, 1);
	full_round(&gc, fx->now);
	set_timeouts(fx, TCPT_TIMEOUT_ESTABLISHED, 5);
	expect_deadline(fx, &gc, fx->now + 5 * FIXTURE_SEC);
}

static void gc_starts_and_stops(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_gc *gc = kunit_kzalloc(test, sizeof(*gc), GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, gc);
	tcpt_gc_init(gc, &fx->tracker);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&gc->work));
	tcpt_gc_start(gc);
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&gc->work));
	tcpt_gc_stop(gc);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&gc->work));
}

/* Expiry of a namespace. */

/* The same addresses and ports in two namespaces belong to two connections. */
static void expiry_of_a_namespace(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader = tcpt_fixture_reader(fx, 0, 262144);
	const struct tcptrace_header *h;
	unsigned int closes = 0;
	struct tcpt_segment seg;
	u32 flow;

	for (flow = 1; flow <= 100; flow++) {
		tcpt_fixture_segment(&seg, flow, ORIG, SYN, 0, 0);
		tcpt_fixture_see(fx, 0, &seg, TCPTRACE_HOOK_OUT);
		tcpt_fixture_see(fx, 1, &seg, TCPTRACE_HOOK_OUT);
	}
	KUNIT_EXPECT_EQ(test, tcpt_table_count(&fx->tracker.table), 200U);
	tcpt_gc_namespace(&fx->tracker, &fx->ns[0], fx->now + 5);
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, tcpt_table_count(&fx->tracker.table), 100U);
	KUNIT_EXPECT_EQ(test, fx->tracker.table.half_open, 100U);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_stat(&fx->ns[0], TCPT_STAT_CLOSED),
			100UL);
	KUNIT_EXPECT_FALSE(test, tcpt_fixture_stat(&fx->ns[1], TCPT_STAT_CLOSED));
	for (flow = 1; flow <= 100; flow++)
		KUNIT_EXPECT_NULL(test, tcpt_fixture_find(fx, flow));
	while ((h = tcpt_fixture_next(fx, reader))) {
		if (h->type != TCPTRACE_CLOSE)
			continue;
		closes++;
		KUNIT_EXPECT_EQ(test, h->time, fx->now + 5);
		KUNIT_EXPECT_EQ(test, ((const struct tcptrace_close *)h)->reason,
				TCPTRACE_CLOSE_SHUTDOWN);
	}
	KUNIT_EXPECT_EQ(test, closes, 100U);
	/* the connections of the other namespace are still in the table */
	tcpt_fixture_segment(&seg, 1, RESP, SYNACK, 0, 1);
	tcpt_fixture_see(fx, 1, &seg, TCPTRACE_HOOK_IN);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_stat(&fx->ns[1], TCPT_STAT_OPENED),
			100UL);
}

static struct kunit_case gc_cases[] = {
	KUNIT_CASE_PARAM(gc_expires_at_the_deadline, age_gen_params),
	KUNIT_CASE(gc_tells_what_is_left),
	KUNIT_CASE(gc_ends_time_wait_with_a_transition),
	KUNIT_CASE(gc_lets_quiet_ones_be_evicted),
	KUNIT_CASE(gc_walks_in_slices),
	KUNIT_CASE(gc_stops_when_the_time_is_over),
	KUNIT_CASE(gc_takes_the_due_out_of_a_chain),
	KUNIT_CASE(gc_takes_new_limits_at_once),
	KUNIT_CASE(gc_passes_over_what_is_not_due),
	KUNIT_CASE(gc_notices_a_shorter_timeout),
	KUNIT_CASE(gc_notices_a_new_timeout),
	KUNIT_CASE(gc_starts_and_stops),
	KUNIT_CASE(expiry_of_a_namespace),
	{}
};

static struct kunit_suite gc_suite = {
	.name = "tcptrace_gc",
	.init = tcpt_fixture_init,
	.exit = tcpt_fixture_exit,
	.test_cases = gc_cases,
};

kunit_test_suite(gc_suite);
