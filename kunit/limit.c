// SPDX-License-Identifier: GPL-2.0
/* Test LIMIT records: their content, and the time when they are emitted. */
#include "../module/end.h"
#include "fixture_table.h"

#include <linux/bottom_half.h>
#include <linux/prandom.h>
#include <linux/socket.h>
#include <linux/string.h>

enum {
	RING	= 65536,
	MS	= 1000000,	/* ns */
	VOTES	= 41,
	ROUNDS	= 200,
	ENDS	= 3,
	CPUS	= 4,
};

static struct tcpt_reader *limit_reader(struct fixture *fx, unsigned int ns)
{
	struct tcpt_reader *reader = tcpt_fixture_reader(fx, ns, RING);

	tcpt_reader_set_mask(reader, TCPTRACE_MASK(TCPTRACE_LIMIT));
	return reader;
}

static void note_hit(struct tcpt_limits *limits, const struct tcpt_hit *hit)
{
	local_bh_disable();
	tcpt_limit_hit(limits, hit);
	local_bh_enable();
}

/* Emit the report that the timer would emit, at a time that the test sets. */
static void report_after(struct fixture *fx, unsigned int ns, unsigned int ms)
{
	timer_delete_sync(&fx->limits[ns].timer);
	tcpt_limit_report(&fx->limits[ns], fx->now + ms * MS);
}

/* @want: the expected record; its header and netns need not be set */
static void expect_limit(struct fixture *fx, struct tcpt_reader *reader,
			 struct tcptrace_limit want)
{
	const struct tcptrace_header *h = tcpt_fixture_next(fx, reader);

	KUNIT_ASSERT_NOT_NULL(fx->test, h);
	want.h = *h;
	KUNIT_EXPECT_EQ(fx->test, h->type, TCPTRACE_LIMIT);
	KUNIT_EXPECT_EQ(fx->test, h->len, sizeof(want));
	want.netns = reader->netns;
	KUNIT_EXPECT_EQ(fx->test, memcmp(h, &want, sizeof(want)), 0);
}

static void expect_nothing(struct fixture *fx, struct tcpt_reader *reader)
{
	KUNIT_EXPECT_NULL(fx->test, tcpt_fixture_next(fx, reader));
}

static void syns(struct fixture *fx, u32 first, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		tcpt_fixture_send(fx, first + i, ORIG, SYN, 0, 0);
}

static const struct tcptrace_limit to_server = {
	.addr = { 192, 0, 2, 1 },
	.family = AF_INET,
	.port = 80,
};

/*
 * max_half_open is reached with 8 half-open connections, of which 3 have a
 * SYN,ACK. Then 10 more connections open.
 */
static void limit_half_open(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader = limit_reader(fx, 0);
	struct tcptrace_limit want = to_server;
	u32 i;

	fx->config.max_half_open = 8;
	syns(fx, 1, 8);
	for (i = 1; i <= 3; i++)
		tcpt_fixture_send(fx, i, RESP, SYNACK, 0, 1);
	KUNIT_EXPECT_FALSE(test, timer_pending(&fx->limits[0].timer));
	report_after(fx, 0, 0);
	expect_nothing(fx, reader);
	syns(fx, 9, 10);
	KUNIT_EXPECT_TRUE(test, timer_pending(&fx->limits[0].timer));
	report_after(fx, 0, 999);
	want.span_ms = 999;
	want.hits[TCPTRACE_LIMIT_HALF_OPEN] = 10;
	want.opened = 10;
	want.unanswered = 7;
	expect_limit(fx, reader, want);
	report_after(fx, 0, 2000);
	expect_nothing(fx, reader);
	/* the next time span begins with counts of 0 */
	fx->now += 5000ULL * MS;
	syns(fx, 19, 2);
	report_after(fx, 0, 7);
	want.span_ms = 7;
	want.hits[TCPTRACE_LIMIT_HALF_OPEN] = 2;
	want.opened = 2;
	want.unanswered = 2;
	expect_limit(fx, reader, want);
}

/*
 * If the table is 15/16 full, finished connections are evicted. Open
 * connections with recent segments are not evicted and can fill the table.
 */
static void limit_table(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader = limit_reader(fx, 0);
	struct tcptrace_limit want = to_server;
	u32 i;

	fx->config.max_connections = 16;
	for (i = 1; i <= 15; i++)
		tcpt_fixture_establish(fx, i);
	tcpt_fixture_finish(fx, 7);
	syns(fx, 16, 1);
	rcu_barrier();
	report_after(fx, 0, 0);
	want.hits[TCPTRACE_LIMIT_TABLE] = 1;
	want.opened = 1;
	expect_limit(fx, reader, want);
	tcpt_fixture_send(fx, 16, RESP, SYNACK, 0, 1);
	tcpt_fixture_send(fx, 16, ORIG, ACK, 1, 1);
	tcpt_fixture_establish(fx, 17);
	report_after(fx, 0, 0);
	expect_nothing(fx, reader);
	syns(fx, 18, 5);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_stat(&fx->ns[0],
						TCPT_STAT_TABLE_FULL), 5UL);
	report_after(fx, 0, 0);
	want.hits[TCPTRACE_LIMIT_TABLE] = 0;
	want.hits[TCPTRACE_LIMIT_FULL] = 5;
	want.opened = 0;
	expect_limit(fx, reader, want);
}

/* Try to open five more connections than fit into one bucket. */
static void limit_chain(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader = limit_reader(fx, 0);
	struct tcptrace_limit want = to_server;
	u32 flow = 0;
	u32 i;

	for (i = 0; i < TCPT_TABLE_CHAIN_MAX + 5; i++) {
		flow = tcpt_fixture_collide(fx, flow + 1, 33);
		syns(fx, flow, 1);
	}
	report_after(fx, 0, 0);
	want.hits[TCPTRACE_LIMIT_CHAIN] = 5;
	expect_limit(fx, reader, want);
}

/* Hits without a segment are counted separately for each namespace. */
static void limit_of_a_namespace(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader[] = {
		limit_reader(fx, 0), limit_reader(fx, 1),
	};
	struct tcpt_hit hit = {
		.kind = TCPTRACE_LIMIT_READERS,
		.now = fx->now,
	};
	struct tcptrace_limit want = { .span_ms = 1000 };

	note_hit(&fx->limits[1], &hit);
	report_after(fx, 0, 1000);
	report_after(fx, 1, 1000);
	expect_nothing(fx, reader[0]);
	want.hits[TCPTRACE_LIMIT_READERS] = 1;
	expect_limit(fx, reader[1], want);
}

/*
 * The timer may fire early, and a hit may be noted late. The report is emitted
 * when the clock has advanced by a second.
 */
static void limit_waits_a_second(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_limits *limits = &fx->limits[0];
	struct tcpt_reader *reader = limit_reader(fx, 0);
	struct tcpt_hit hit = {
		.kind = TCPTRACE_LIMIT_READERS,
		.now = fx->now,
	};
	unsigned int round;

	for (round = 0; round < 2; round++) {
		/*
		 * in the second round, the hit is older than the first report
		 */
		note_hit(limits, &hit);
		timer_delete_sync(&limits->timer);
		fx->now += 999ULL * MS;
		tcpt_limit_tick(limits, fx->now);
		expect_nothing(fx, reader);
		KUNIT_EXPECT_TRUE(test, timer_pending(&limits->timer));
		timer_delete_sync(&limits->timer);
		fx->now += MS;
		tcpt_limit_tick(limits, fx->now);
		KUNIT_EXPECT_NOT_NULL(test, tcpt_fixture_next(fx, reader));
		KUNIT_EXPECT_FALSE(test, timer_pending(&limits->timer));
	}
}

/* Pending reports are emitted when the namespace ends. */
static void limit_stops(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader = limit_reader(fx, 0);
	struct tcpt_hit hit = { .kind = TCPTRACE_LIMIT_READERS };

	hit.now = ktime_get_ns();
	note_hit(&fx->limits[0], &hit);
	tcpt_limit_stop(&fx->limits[0]);
	KUNIT_EXPECT_FALSE(test, timer_pending(&fx->limits[0].timer));
	KUNIT_EXPECT_NOT_NULL(test, tcpt_fixture_next(fx, reader));
	expect_nothing(fx, reader);
}

static void pick_flow(struct rnd_state *rnd, struct tcpt_flow *flow,
		      u8 *end, u16 *port)
{
	*end = prandom_u32_state(rnd) % ENDS;
	*port = 80 + prandom_u32_state(rnd) % ENDS;
	memset(flow, 0, sizeof(*flow));
	/* 10.0.0.0, 10.0.0.1, and the IPv6 address a00:: */
	flow->family = *end == 2 ? 6 : 4;
	flow->addr[1][0] = 10;
	flow->addr[1][3] = *end & 1;
	flow->port[1] = *port;
}

/*
 * Check that each address and port with more than half of all votes has won.
 * @family_of: the family of each address. Return: the number of winners.
 */
static unsigned int expect_winners(struct kunit *test,
				   unsigned int votes[2][ENDS],
				   const u8 family_of[ENDS], const u8 *addr,
				   unsigned int family, u16 port)
{
	unsigned int i, n = 0;

	for (i = 0; i < ENDS; i++) {
		if (votes[0][i] > VOTES / 2) {
			KUNIT_EXPECT_EQ(test, addr[3], i & 1);
			KUNIT_EXPECT_EQ(test, family, family_of[i]);
			n++;
		}
		if (votes[1][i] > VOTES / 2) {
			KUNIT_EXPECT_EQ(test, port, 80 + i);
			n++;
		}
	}
	return n;
}

/*
 * The test counts the votes. If one address has more than half of the votes, it
 * must win. Otherwise, any address may win. The same holds for ports.
 */
static void limit_majority(struct kunit *test)
{
	static const u8 family_of[ENDS] = { AF_INET, AF_INET, AF_INET6 };
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader = limit_reader(fx, 0);
	unsigned int round, i, votes[2][ENDS], majorities = 0;
	const struct tcptrace_limit *rec;
	struct rnd_state rnd;
	struct tcpt_flow flow;
	struct tcpt_hit hit = {
		.kind = TCPTRACE_LIMIT_FULL,
		.now = fx->now,
		.flow = &flow,
		.receiver = 1,
	};
	u16 port;
	u8 end;

	prandom_seed_state(&rnd, 5);
	for (round = 0; round < ROUNDS; round++) {
		memset(votes, 0, sizeof(votes));
		for (i = 0; i < VOTES; i++) {
			pick_flow(&rnd, &flow, &end, &port);
			votes[0][end]++;
			votes[1][port - 80]++;
			note_hit(&fx->limits[0], &hit);
		}
		report_after(fx, 0, 0);
		rec = (const void *)tcpt_fixture_next(fx, reader);
		KUNIT_ASSERT_NOT_NULL(test, rec);
		majorities += expect_winners(test, votes, family_of, rec->addr,
					     rec->family, rec->port);
	}
	KUNIT_EXPECT_GT(test, majorities, 10U);
}

/*
 * The hits of several CPUs are added up. If an address or port has more than
 * half of all votes, it wins, however the votes are distributed over the CPUs.
 */
static void limit_of_all_cpus(struct kunit *test)
{
	static const u8 family_of[ENDS] = { 4, 4, 6 };
	unsigned int round, i, votes[2][ENDS], majorities = 0;
	struct tcpt_hits one = {}, sum, *cpu;
	struct rnd_state rnd;
	struct tcpt_flow flow;
	u16 port;
	u8 end;

	cpu = kunit_kcalloc(test, CPUS, sizeof(*cpu), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	one.count[TCPTRACE_LIMIT_FULL] = 1;
	one.unanswered = 1;
	one.addr_votes = 1;
	one.port_votes = 1;
	prandom_seed_state(&rnd, 6);
	for (round = 0; round < ROUNDS; round++) {
		memset(votes, 0, sizeof(votes));
		memset(cpu, 0, CPUS * sizeof(*cpu));
		memset(&sum, 0, sizeof(sum));
		for (i = 0; i < VOTES; i++) {
			pick_flow(&rnd, &flow, &end, &port);
			votes[0][end]++;
			votes[1][port - 80]++;
			memcpy(one.addr, flow.addr[1], sizeof(one.addr));
			one.family = (u8)flow.family;
			one.port = port;
			tcpt_limit_add(&cpu[prandom_u32_state(&rnd) % CPUS],
				       &one);
		}
		for (i = 0; i < CPUS; i++)
			tcpt_limit_add(&sum, &cpu[i]);
		KUNIT_EXPECT_EQ(test, sum.count[TCPTRACE_LIMIT_FULL], VOTES);
		KUNIT_EXPECT_EQ(test, sum.unanswered, VOTES);
		majorities += expect_winners(test, votes, family_of, sum.addr,
					     sum.family, sum.port);
	}
	KUNIT_EXPECT_GT(test, majorities, 10U);
}

/*
 * After max_half_open is lowered, each new connection evicts two other
 * connections.
 */
static void limit_evictions(struct kunit *test)
{
	struct fixture *fx = test->priv;
	u32 i;

	fx->config.max_half_open = 20;
	syns(fx, 1, 20);
	fx->config.max_half_open = 4;
	for (i = 1; i <= 10; i++) {
		syns(fx, 20 + i, 1);
		KUNIT_EXPECT_EQ(test, fx->tracker.table.half_open, 20 - i);
		KUNIT_EXPECT_EQ(test, tcpt_fixture_stat(&fx->ns[0],
							TCPT_STAT_EVICTED),
				i * TCPT_END_EVICTIONS);
	}
}

static struct kunit_case limit_cases[] = {
	KUNIT_CASE(limit_half_open),
	KUNIT_CASE(limit_table),
	KUNIT_CASE(limit_chain),
	KUNIT_CASE(limit_of_a_namespace),
	KUNIT_CASE(limit_waits_a_second),
	KUNIT_CASE(limit_stops),
	KUNIT_CASE(limit_evictions),
	KUNIT_CASE(limit_majority),
	KUNIT_CASE(limit_of_all_cpus),
	{}
};

static struct kunit_suite limit_suite = {
	.name = "tcptrace_limit",
	.init = tcpt_fixture_init,
	.exit = tcpt_fixture_exit,
	.test_cases = limit_cases,
};

kunit_test_suite(limit_suite);
