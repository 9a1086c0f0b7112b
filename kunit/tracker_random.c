// SPDX-License-Identifier: GPL-2.0
/*
 * Send random segments. Check that each arrival is counted once, and that
 * readers get all records of a connection: OPEN, consecutive transitions,
 * CLOSE.
 */
#include "fixture_table.h"

#include <linux/prandom.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

enum {
	STEPS		= 200000,
	TOLD_STEPS	= 40000,	/* of the slower tests */
	FLOWS		= 40,
	IDS		= 32768,
};

static u32 dice(struct rnd_state *rnd, u32 below)
{
	return prandom_u32_state(rnd) % below;
}

/*
 * Make a random segment. Most of the sequence and acknowledgment numbers are
 * near the expected numbers.
 */
static void random_segment(struct rnd_state *rnd, struct tcpt_segment *seg)
{
	static const u16 flags[] = {
		SYN, SYN, SYN, SYNACK, SYNACK, ACK, ACK, ACK, ACK, FIN, FIN,
		RST, RST | ACK, 0, SYN | FIN, TCPTRACE_FIN,
	};
	static const u32 near[] = { 0, 0, 1, 1, 1, 2, 2, 3, 100, 20000 };
	u16 f = flags[dice(rnd, ARRAY_SIZE(flags))];
	u32 seq = !(f & TCPTRACE_SYN), ack = 1;

	if (dice(rnd, 2)) {
		ack = near[dice(rnd, ARRAY_SIZE(near))];
		if (seq)
			seq = near[dice(rnd, ARRAY_SIZE(near))];
	}
	if (!dice(rnd, 20))
		seq = prandom_u32_state(rnd);
	tcpt_fixture_segment(seg, dice(rnd, FLOWS), dice(rnd, 2), f, seq, ack);
	if (f == ACK && !dice(rnd, 3))
		seg->len = dice(rnd, 3000);
}

/* Change the time. Sometimes, expire all connections whose timeout is over. */
static void random_time(struct fixture *fx, struct rnd_state *rnd)
{
	unsigned int bucket;

	/* sometimes the time goes back, as if another CPU's clock were slow */
	if (dice(rnd, 8))
		fx->now += dice(rnd, 200000000);
	else
		fx->now -= dice(rnd, 1000);
	if (dice(rnd, 50))
		return;
	for (bucket = 0; bucket <= fx->tracker.table.mask; bucket++)
		tcpt_gc_bucket(&fx->tracker, bucket, fx->now);
}

/*
 * Try to make each connection clean. Then try to pack the connections that are
 * still full, and some of the clean ones, as if they had been idle.
 */
static void pack_all(struct fixture *fx, unsigned int ns, struct rnd_state *rnd)
{
	struct tcpt_conn *conn;

	list_for_each_entry(conn, &fx->ns[ns].conns, place.list) {
		spin_lock_bh(&conn->lock);
		if (conn->form == TCPT_FORM_FULL)
			tcpt_table_clean(conn);
		if (conn->form == TCPT_FORM_FULL ||
		    (conn->form == TCPT_FORM_CLEAN && !dice(rnd, 20)))
			tcpt_table_shrink(conn);
		spin_unlock_bh(&conn->lock);
	}
}

static void small_limits(struct fixture *fx)
{
	unsigned int i;

	fx->config.max_connections = 24;
	fx->config.max_half_open = 8;
	for (i = 0; i < TCPT_TIMEOUTS; i++)
		fx->config.timeouts[i] = 2 + i;
}

static void expect_counted(struct fixture *fx)
{
	unsigned int i;

	for (i = 0; i < FIXTURE_NS; i++)
		KUNIT_ASSERT_EQ(fx->test, tcpt_fixture_counted(&fx->ns[i]),
				fx->arrivals[i]);
}

static void expect_all_met(struct fixture *fx)
{
	static const unsigned int stats[] = {
		TCPT_STAT_TRACKED, TCPT_STAT_LATE, TCPT_STAT_BAD_FLAGS,
		TCPT_STAT_TABLE_FULL, TCPT_STAT_OPENED, TCPT_STAT_MIDSTREAM,
		TCPT_STAT_ESTABLISHED, TCPT_STAT_CLOSED, TCPT_STAT_EXPIRED,
		TCPT_STAT_EVICTED, TCPT_STAT_REUSED,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(stats); i++)
		KUNIT_EXPECT_GT_MSG(fx->test,
				    tcpt_fixture_stat(&fx->ns[0], stats[i]),
				    10UL, "%s", tcpt_stat_names[stats[i]]);
	/* insert races cannot occur on a single CPU */
	KUNIT_EXPECT_EQ(fx->test, tcpt_fixture_stat(&fx->ns[0],
						    TCPT_STAT_INSERT_RACE),
			0UL);
}

/*
 * End all connections. Each connection that was opened must have been closed
 * exactly once.
 */
static void expect_closed(struct fixture *fx)
{
	unsigned int i;

	for (i = 0; i < FIXTURE_NS; i++) {
		tcpt_gc_namespace(&fx->tracker, &fx->ns[i], fx->now);
		KUNIT_EXPECT_EQ(fx->test,
				tcpt_fixture_stat(&fx->ns[i], TCPT_STAT_OPENED),
				tcpt_fixture_stat(&fx->ns[i],
						  TCPT_STAT_CLOSED));
	}
}

static void tracker_counts_every_arrival_once(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_segment seg;
	struct rnd_state rnd;
	unsigned int i;

	prandom_seed_state(&rnd, 0x7ac4e001);
	small_limits(fx);
	for (i = 0; i < STEPS; i++) {
		random_segment(&rnd, &seg);
		tcpt_fixture_see(fx, !dice(&rnd, 4), &seg,
				 1 + dice(&rnd, 3));
		expect_counted(fx);
		KUNIT_ASSERT_LE(test, fx->tracker.table.half_open, 8U);
		KUNIT_ASSERT_LE(test, tcpt_table_count(&fx->tracker.table),
				24U);
		random_time(fx, &rnd);
		if (!dice(&rnd, 10))
			pack_all(fx, 0, &rnd);
		if (!dice(&rnd, 100))
			rcu_barrier();
	}
	expect_all_met(fx);
	expect_closed(fx);
}

/**
 * struct reported - a connection, as reported by its records so far
 * @state: state of each end
 * @time: time of the last record
 * @number: number of the last transition
 * @suspected: the reported suspicions: 1 << enum tcptrace_suspicion, ORed
 * @findings: the reported findings: 1 << enum tcptrace_finding, ORed
 * @opened: OPEN was read
 * @established: ESTABLISHED was read
 * @closed: CLOSE was read
 */
struct reported {
	u8 state[2];
	u64 time;
	u32 number;
	u32 suspected;
	u32 findings;
	bool opened;
	bool established;
	bool closed;
};

static void take_state(struct kunit *test, struct reported *s,
		       const struct tcptrace_transition *rec)
{
	KUNIT_EXPECT_EQ(test, rec->number, ++s->number);
	KUNIT_ASSERT_LE(test, rec->end, 1);
	KUNIT_EXPECT_EQ(test, rec->from, s->state[rec->end]);
	KUNIT_EXPECT_NE(test, rec->from, rec->to);
	KUNIT_EXPECT_NE(test, rec->reason, TCPTRACE_REASON_NONE);
	s->state[rec->end] = rec->to;
	/* after CLOSE, only the state TIME_WAIT can change */
	if (s->closed)
		KUNIT_EXPECT_EQ(test, rec->from, TCPTRACE_TIME_WAIT);
}

/* After CLOSE, only two suspicions are possible, each at most once. */
static void take_suspected(struct kunit *test, struct reported *s,
			   const struct tcptrace_suspected *rec)
{
	u32 what = 1U << rec->suspicion;

	KUNIT_EXPECT_GT(test, rec->suspicion, TCPTRACE_SUSPECT_NONE);
	KUNIT_EXPECT_LT(test, rec->suspicion, TCPTRACE_SUSPICIONS);
	KUNIT_EXPECT_LT(test, rec->fit, TCPTRACE_FITS);
	if (rec->suspicion == TCPTRACE_SUSPECT_AFTER_RST ||
	    rec->suspicion == TCPTRACE_SUSPECT_ISN_REUSE)
		KUNIT_EXPECT_TRUE(test, s->closed && !(s->suspected & what));
	else
		KUNIT_EXPECT_FALSE(test, s->closed);
	s->suspected |= what;
}

static void take_finding(struct kunit *test, struct reported *s,
			 const struct tcptrace_finding_record *rec)
{
	KUNIT_EXPECT_GT(test, rec->found.finding, TCPTRACE_FINDING_NONE);
	KUNIT_EXPECT_LT(test, rec->found.finding, TCPTRACE_FINDINGS);
	KUNIT_EXPECT_GT(test, rec->found.count, 0);
	KUNIT_EXPECT_FALSE(test, s->closed);
	s->findings |= 1U << rec->found.finding;
}

static void take_close(struct kunit *test, struct reported *s,
		       const struct tcptrace_close *rec)
{
	KUNIT_EXPECT_FALSE(test, s->closed);
	KUNIT_EXPECT_EQ(test, rec->transitions, s->number);
	KUNIT_EXPECT_EQ(test, rec->suspected, s->suspected);
	/* CLOSE has a bit for each reported finding */
	KUNIT_EXPECT_EQ(test, rec->findings & s->findings, s->findings);
	KUNIT_EXPECT_EQ(test, !rec->findings, !s->findings);
	KUNIT_EXPECT_EQ(test, rec->dir[0].state, s->state[0]);
	KUNIT_EXPECT_EQ(test, rec->dir[1].state, s->state[1]);
	KUNIT_EXPECT_NE(test, rec->reason, TCPTRACE_CLOSE_NONE);
	s->closed = true;
}

static void take_record(struct kunit *test, struct reported *conns,
			const struct tcptrace_header *h)
{
	const struct tcptrace_open *rec = (const struct tcptrace_open *)h;
	struct reported *s;

	KUNIT_ASSERT_LT(test, rec->flow.conn, (u64)IDS);
	s = &conns[rec->flow.conn];
	KUNIT_EXPECT_EQ(test, s->opened, h->type != TCPTRACE_OPEN);
	KUNIT_EXPECT_GE(test, h->time, s->time);
	s->time = h->time;
	switch (h->type) {
	case TCPTRACE_OPEN:
		s->opened = true;
		break;
	case TCPTRACE_STATE:
		take_state(test, s, (const void *)h);
		break;
	case TCPTRACE_ESTABLISHED:
		KUNIT_EXPECT_FALSE(test, s->established || s->closed);
		s->established = true;
		break;
	case TCPTRACE_CLOSE:
		take_close(test, s, (const void *)h);
		break;
	case TCPTRACE_FINDING:
		take_finding(test, s, (const void *)h);
		break;
	case TCPTRACE_SUSPECTED:
		take_suspected(test, s, (const void *)h);
		break;
	default:
		KUNIT_FAIL(test, "type %u", h->type);
	}
}

static void expect_all_closed(struct fixture *fx,
			      const struct reported *conns)
{
	unsigned long opened = 0, established = 0;
	u32 suspected = 0;
	unsigned int i;

	for (i = 1; i < IDS && conns[i].opened; i++) {
		opened++;
		suspected |= conns[i].suspected;
		established += conns[i].established;
		KUNIT_EXPECT_TRUE_MSG(fx->test, conns[i].closed, "%u", i);
	}
	KUNIT_EXPECT_EQ(fx->test, opened,
			tcpt_fixture_stat(&fx->ns[0], TCPT_STAT_OPENED));
	KUNIT_EXPECT_EQ(fx->test, established,
			tcpt_fixture_stat(&fx->ns[0], TCPT_STAT_ESTABLISHED));
	KUNIT_EXPECT_GT(fx->test, established, 50UL);
	/*
	 * all suspicions must occur, except those that need a different TTL;
	 * ISN_REUSE is rare, and need not occur
	 */
	KUNIT_EXPECT_EQ(fx->test, suspected | 1U << TCPTRACE_SUSPECT_ISN_REUSE,
			(1U << TCPTRACE_SUSPICIONS) - 2 -
			(1U << TCPTRACE_SUSPECT_RST_TTL) -
			(1U << TCPTRACE_SUSPECT_DATA_TTL));
}

static void tracker_tells_whole_stories(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader = tcpt_fixture_reader(fx, 0, 65536);
	const struct tcptrace_header *h;
	struct tcpt_segment seg;
	struct reported *conns;
	struct rnd_state rnd;
	unsigned int i;

	tcpt_reader_set_mask(reader, TCPTRACE_MASK_DEFAULT &
				     ~TCPTRACE_MASK(TCPTRACE_LIMIT));
	conns = kunit_kcalloc(test, IDS, sizeof(*conns), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, conns);
	prandom_seed_state(&rnd, 0x7ac4e002);
	small_limits(fx);
	for (i = 0; i < TOLD_STEPS; i++) {
		random_segment(&rnd, &seg);
		tcpt_fixture_see(fx, 0, &seg, TCPTRACE_HOOK_FORWARD);
		random_time(fx, &rnd);
		if (!dice(&rnd, 10))
			pack_all(fx, 0, &rnd);
		if (!dice(&rnd, 100))
			rcu_barrier();
		while ((h = tcpt_fixture_next(fx, reader)))
			take_record(test, conns, h);
	}
	expect_closed(fx);
	while ((h = tcpt_fixture_next(fx, reader)))
		take_record(test, conns, h);
	expect_all_closed(fx, conns);
	KUNIT_EXPECT_EQ(test, tcpt_ring_lost(&reader->ring), 0ULL);
	KUNIT_EXPECT_EQ(test, reader->ring.delivered,
			(u64)tcpt_fixture_stat(&fx->ns[0], TCPT_STAT_EVENTS));
}

/*
 * Compare the connections of the two namespaces. Return: the number of packed
 * connections.
 */
static unsigned int expect_twins(struct fixture *fx, struct tcpt_full *full)
{
	struct tcpt_conn *one, *two;
	unsigned int packed = 0;

	KUNIT_ASSERT_EQ(fx->test, fx->ns[0].count, fx->ns[1].count);
	two = list_first_entry(&fx->ns[1].conns, struct tcpt_conn, place.list);
	list_for_each_entry(one, &fx->ns[0].conns, place.list) {
		KUNIT_ASSERT_EQ(fx->test, one->place.id, two->place.id);
		spin_lock_bh(&one->lock);
		tcpt_conn_copy(&full[0], one);
		spin_unlock_bh(&one->lock);
		spin_lock_bh(&two->lock);
		tcpt_conn_copy(&full[1], two);
		packed += two->form == TCPT_FORM_PACKED;
		spin_unlock_bh(&two->lock);
		full[1].kept = 0;
		full[0].streak = 0;
		full[1].streak = 0;
		full[0].patience = 0;
		full[1].patience = 0;
		KUNIT_ASSERT_EQ(fx->test, memcmp(&full[0], &full[1],
						 offsetofend(struct tcpt_full,
							     context)), 0);
		two = list_next_entry(two, place.list);
	}
	return packed;
}

/*
 * Two namespaces get the same segments. After each segment, the connections of
 * one namespace become clean or packed, if possible.
 */
static void tracker_packs_without_a_difference(struct kunit *test)
{
	struct fixture *fx = test->priv;
	unsigned int i, packed = 0;
	struct tcpt_full *full;
	struct tcpt_segment seg;
	struct rnd_state rnd;

	full = kunit_kcalloc(test, 2, sizeof(*full), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, full);
	prandom_seed_state(&rnd, 0x7ac4e003);
	for (i = 0; i < TOLD_STEPS; i++) {
		random_segment(&rnd, &seg);
		tcpt_fixture_see(fx, 0, &seg, TCPTRACE_HOOK_FORWARD);
		tcpt_fixture_see(fx, 1, &seg, TCPTRACE_HOOK_FORWARD);
		fx->now += dice(&rnd, 200000000);
		pack_all(fx, 1, &rnd);
		packed += expect_twins(fx, full);
		if (!dice(&rnd, 100))
			rcu_barrier();
	}
	KUNIT_EXPECT_GT(test, packed, 10000U);
}

static struct kunit_case tracker_random_cases[] = {
	KUNIT_CASE(tracker_counts_every_arrival_once),
	KUNIT_CASE(tracker_tells_whole_stories),
	KUNIT_CASE(tracker_packs_without_a_difference),
	{}
};

static struct kunit_suite tracker_random_suite = {
	.name = "tcptrace_tracker_random",
	.init = tcpt_fixture_init,
	.exit = tcpt_fixture_exit,
	.test_cases = tracker_random_cases,
};

kunit_test_suite(tracker_random_suite);
