// SPDX-License-Identifier: GPL-2.0
/* The table against a list in which everything is searched for one by one. */
#include "fixture_table.h"

#include <linux/errno.h>
#include <linux/prandom.h>
#include <linux/rcupdate.h>

enum {
	STEPS		= 30000,
	FLOWS		= 96,
	CROWD		= 40,	/* of these go into one bucket */
	ABSENT		= TCPT_QUEUES,
};

/**
 * struct known - what the oracle knows of a flow
 * @flow: its number
 * @queue: enum tcpt_queue or ABSENT
 * @since: when it came into its queue
 * @id: its id
 */
struct known {
	u32 flow;
	u8 queue;
	u64 since;
	u64 id;
};

/**
 * struct model - the oracle, beside the table
 * @fx: the fixture
 * @rnd: the dice
 * @known: all flows
 * @zombies: taken out, and RCU has not let them go
 * @clock: counts the steps
 * @last_id: id given last
 * @full: how often the cap was met
 * @victims: how many were picked
 */
struct model {
	struct fixture *fx;
	struct rnd_state rnd;
	struct known known[FLOWS];
	unsigned int zombies;
	u64 clock;
	u64 last_id;
	unsigned int full, victims;
};

static u32 dice(struct model *m, u32 below)
{
	return prandom_u32_state(&m->rnd) % below;
}

static unsigned int count(const struct model *m, unsigned int queue)
{
	unsigned int i, n = 0;

	for (i = 0; i < FLOWS; i++)
		n += m->known[i].queue == queue;
	return n;
}

static unsigned int in_use(const struct model *m)
{
	return FLOWS - count(m, ABSENT) + m->zombies;
}

static struct known *oldest(struct model *m, unsigned int queue)
{
	struct known *found = NULL;
	unsigned int i;

	for (i = 0; i < FLOWS; i++)
		if (m->known[i].queue == queue &&
		    (!found || m->known[i].since < found->since))
			found = &m->known[i];
	return found;
}

static void go(struct model *m, struct known *k, unsigned int queue)
{
	k->queue = queue;
	k->since = m->clock;
}

static void do_insert(struct model *m, struct known *k)
{
	int ret;

	if (k->queue != ABSENT)
		return;
	ret = tcpt_fixture_insert(m->fx, k->flow);
	if (in_use(m) >= m->fx->config.max_connections) {
		KUNIT_EXPECT_EQ(m->fx->test, ret, -ENFILE);
		m->full++;
		return;
	}
	KUNIT_ASSERT_EQ(m->fx->test, ret, 0);
	go(m, k, TCPT_QUEUE_HALF_OPEN);
	k->id = ++m->last_id;
}

static void do_take_out(struct model *m, struct known *k)
{
	if (k->queue == ABSENT)
		return;
	tcpt_fixture_take_out(m->fx, k->flow);
	go(m, k, ABSENT);
	m->zombies++;
}

static void do_queue(struct model *m, struct known *k)
{
	unsigned int to = dice(m, TCPT_QUEUES);

	if (k->queue == ABSENT)
		return;
	tcpt_fixture_queue(m->fx, k->flow, to);
	go(m, k, to);
}

static struct known *model_victim(struct model *m)
{
	unsigned int max = m->fx->config.max_connections;

	if (count(m, TCPT_QUEUE_HALF_OPEN) >= m->fx->config.max_half_open)
		return oldest(m, TCPT_QUEUE_HALF_OPEN);
	/* what waits for RCU presses nobody out */
	if (FLOWS - count(m, ABSENT) < max - max / 16)
		return NULL;
	return oldest(m, TCPT_QUEUE_FINISHED) ?:
	       oldest(m, TCPT_QUEUE_HALF_OPEN);
}

static void do_victim(struct model *m)
{
	bool half = count(m, TCPT_QUEUE_HALF_OPEN) >=
		    m->fx->config.max_half_open;
	struct known *want = model_victim(m);
	enum tcptrace_limit_kind limit;
	struct tcpt_conn *conn;

	rcu_read_lock();
	conn = tcpt_table_victim(&m->fx->tracker.table, &limit);
	rcu_read_unlock();
	KUNIT_ASSERT_EQ(m->fx->test, !!conn, !!want);
	if (!want)
		return;
	KUNIT_EXPECT_EQ(m->fx->test, limit, half ? TCPTRACE_LIMIT_HALF_OPEN :
						   TCPTRACE_LIMIT_TABLE);
	KUNIT_EXPECT_PTR_EQ(m->fx->test, conn,
			    tcpt_fixture_find(m->fx, want->flow));
	go(m, want, TCPT_QUEUE_NONE);
	m->victims++;
	if (dice(m, 4))
		do_take_out(m, want);
}

static void do_limits(struct model *m)
{
	m->fx->config.max_connections = 16 + dice(m, FLOWS);
	m->fx->config.max_half_open = dice(m, FLOWS);
}

static void expect_flow(struct model *m, const struct known *k)
{
	struct tcpt_conn *conn = tcpt_fixture_find(m->fx, k->flow);

	KUNIT_ASSERT_EQ(m->fx->test, !!conn, k->queue != ABSENT);
	if (!conn)
		return;
	KUNIT_EXPECT_EQ(m->fx->test, conn->queue, k->queue);
	KUNIT_EXPECT_EQ(m->fx->test, conn->id, k->id);
	KUNIT_EXPECT_FALSE(m->fx->test, conn->dead);
}

static void step(struct model *m)
{
	struct known *k = &m->known[dice(m, FLOWS)];
	u32 what = dice(m, 1000);

	m->clock++;
	if (what < 450)
		do_insert(m, k);
	else if (what < 600)
		do_take_out(m, k);
	else if (what < 850)
		do_queue(m, k);
	else if (what < 990)
		do_victim(m);
	else if (what < 995)
		do_limits(m);
	if (what >= 995) {
		rcu_barrier();
		m->zombies = 0;
	}
	KUNIT_EXPECT_EQ(m->fx->test, m->fx->tracker.table.half_open,
			count(m, TCPT_QUEUE_HALF_OPEN));
	expect_flow(m, k);
	expect_flow(m, &m->known[dice(m, FLOWS)]);
}

/* Some of the flows share a bucket, so that chains are long. */
static void table_agrees_with_a_list(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct model *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	unsigned int i;
	u32 flow = 0;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, m);
	m->fx = fx;
	prandom_seed_state(&m->rnd, 0x7ab1e002);
	for (i = 0; i < FLOWS; i++) {
		flow++;
		if (i < CROWD)
			flow = tcpt_fixture_collide(fx, flow, 9);
		m->known[i].flow = flow;
		m->known[i].queue = ABSENT;
	}
	do_limits(m);
	for (i = 0; i < STEPS; i++)
		step(m);
	for (i = 0; i < FLOWS; i++)
		expect_flow(m, &m->known[i]);
	rcu_barrier();
	m->zombies = 0;
	KUNIT_EXPECT_EQ(test, tcpt_table_count(&fx->tracker.table), in_use(m));
	KUNIT_EXPECT_GT(test, m->full, 100U);
	KUNIT_EXPECT_GT(test, m->victims, 100U);
}

static struct kunit_case table_random_cases[] = {
	KUNIT_CASE(table_agrees_with_a_list),
	{}
};

static struct kunit_suite table_random_suite = {
	.name = "tcptrace_table_random",
	.init = tcpt_fixture_init,
	.exit = tcpt_fixture_exit,
	.test_cases = table_random_cases,
};

kunit_test_suite(table_random_suite);
