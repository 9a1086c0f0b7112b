// SPDX-License-Identifier: GPL-2.0
/* The end of a namespace: its connections, and no others. */
#include "fixture_table.h"

#include <linux/rcupdate.h>

/* The same addresses and ports in two namespaces are two connections. */
static void expiry_of_a_namespace(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader = tcpt_fixture_reader(fx, 0, 131072);
	const struct tcptrace_header *h;
	unsigned int closes = 0;
	struct tcpt_segment seg;
	u32 flow;

	for (flow = 1; flow <= 100; flow++) {
		tcpt_fixture_segment(&seg, flow, CLIENT, SYN, 0, 0);
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
	/* the other one goes on */
	tcpt_fixture_segment(&seg, 1, SERVER, SYNACK, 0, 1);
	tcpt_fixture_see(fx, 1, &seg, TCPTRACE_HOOK_IN);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_stat(&fx->ns[1], TCPT_STAT_OPENED),
			100UL);
}

static struct kunit_case expiry_cases[] = {
	KUNIT_CASE(expiry_of_a_namespace),
	{}
};

static struct kunit_suite expiry_suite = {
	.name = "tcptrace_expiry",
	.init = tcpt_fixture_init,
	.exit = tcpt_fixture_exit,
	.test_cases = expiry_cases,
};

kunit_test_suite(expiry_suite);
