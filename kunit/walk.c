// SPDX-License-Identifier: GPL-2.0
/*
 * Test the walk over the connections of a namespace. A walk takes no locks for
 * connections of other namespaces, and only a few locks between two calls of
 * rcu_read_lock(). The tests count the locks with a tracepoint of lockdep.
 */
#include "fixture_table.h"

#include "../module/walk.h"

#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <trace/events/lock.h>

enum {
	OTHERS	= 20000,	/* connections of ns[0] */
	OWN	= 40,
	WALKS	= 100,
};

/**
 * struct lock_count - table and connection locks that a task has taken
 * @task: the task whose locks are counted; NULL: count no locks
 * @all: number of locks
 * @rests: number of calls of rcu_read_lock()
 * @stretch: number of locks since the last rcu_read_lock()
 * @longest: maximum number of locks between two calls of rcu_read_lock()
 */
static struct lock_count {
	struct task_struct *task;
	unsigned int all;
	unsigned int rests;
	unsigned int stretch;
	unsigned int longest;
} taken;

static void on_lock(void *data, struct lockdep_map *lock,
		    unsigned int subclass, int trylock, int read, int check,
		    struct lockdep_map *nest_lock, unsigned long ip)
{
	/* ignore locks of RCU callbacks that interrupt the task */
	if (current != taken.task || in_hardirq() || in_serving_softirq())
		return;
	if (lock == &rcu_lock_map) {
		taken.rests++;
		taken.stretch = 0;
		return;
	}
	if (strncmp(lock->name, "&table->", 8) &&
	    strncmp(lock->name, "&conn->", 7))
		return;
	taken.all++;
	taken.stretch++;
	taken.longest = max(taken.longest, taken.stretch);
}

static void start_count(void)
{
	taken = (struct lock_count) { .task = current };
}

static void stop_count(void)
{
	taken.task = NULL;
}

static int walk_init(struct kunit *test)
{
	return tcpt_fixture_init(test) ?: register_trace_lock_acquire(on_lock,
								      NULL);
}

static void walk_exit(struct kunit *test)
{
	stop_count();
	unregister_trace_lock_acquire(on_lock, NULL);
	tracepoint_synchronize_unregister();
	tcpt_fixture_exit(test);
}

static void open_some(struct fixture *fx, unsigned int ns, u32 first, u32 count)
{
	struct tcpt_segment seg;
	u32 flow;

	for (flow = first; flow < first + count; flow++) {
		tcpt_fixture_segment(&seg, flow, ORIG, SYN, 0, 0);
		tcpt_fixture_see(fx, ns, &seg, TCPTRACE_HOOK_OUT);
	}
}

static void make_room(struct fixture *fx)
{
	tcpt_fixture_resize(fx, 8192);
	fx->config.max_connections = 4 * OTHERS;
	fx->config.max_half_open = 4 * OTHERS;
}

/* Return the id of the next connection, or 0 if there is none. */
static u64 next_id(struct tcpt_walk *walk)
{
	struct tcpt_conn *conn;
	u64 id = 0;

	rcu_read_lock();
	conn = tcpt_walk_conn(walk);
	if (conn) {
		id = conn->place.id;
		tcpt_walk_pass(walk, conn);
	}
	rcu_read_unlock();
	return id;
}

/*
 * In each namespace, the connection ids begin at 1 and do not depend on other
 * namespaces.
 */
static void walk_goes_by_the_ids_of_its_namespace(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_walk walk;
	unsigned int ns;
	u64 id;

	open_some(fx, 0, 1, 10);
	open_some(fx, 1, 1, 5);
	open_some(fx, 0, 11, 10);
	KUNIT_EXPECT_EQ(test, fx->ns[0].count, 20U);
	KUNIT_EXPECT_EQ(test, fx->ns[1].count, 5U);
	for (ns = 0; ns < 2; ns++) {
		tcpt_walk_begin(&walk, &fx->tracker.table, &fx->ns[ns]);
		for (id = 1; id <= fx->ns[ns].count; id++)
			KUNIT_EXPECT_EQ(test, next_id(&walk), id);
		KUNIT_EXPECT_EQ(test, next_id(&walk), 0ULL);
		/* a connection that was added during the walk is found */
		open_some(fx, ns, 100, 1);
		KUNIT_EXPECT_EQ(test, next_id(&walk), id);
		tcpt_walk_rewind(&walk);
		KUNIT_EXPECT_EQ(test, next_id(&walk), 1ULL);
		tcpt_walk_end(&walk);
	}
}

/*
 * Connections are removed during a walk: the connection that was returned last
 * and the connection after it, then the connection that the walk visits, and
 * finally all others.
 */
static void walk_survives_removals(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_conn *conn;
	struct tcpt_walk walk;
	u32 flow;

	open_some(fx, 0, 1, 10);
	tcpt_walk_begin(&walk, &fx->tracker.table, &fx->ns[0]);
	KUNIT_EXPECT_EQ(test, next_id(&walk), 1ULL);
	tcpt_fixture_take_out(fx, 1);
	tcpt_fixture_take_out(fx, 2);
	rcu_read_lock();
	conn = tcpt_walk_conn(&walk);
	KUNIT_EXPECT_EQ(test, conn->place.id, 3ULL);
	tcpt_fixture_take_out(fx, 3);
	KUNIT_EXPECT_TRUE(test, conn->dead);
	tcpt_walk_pass(&walk, conn);
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, next_id(&walk), 4ULL);
	KUNIT_EXPECT_EQ(test, next_id(&walk), 5ULL);
	for (flow = 4; flow <= 10; flow++)
		tcpt_fixture_take_out(fx, flow);
	KUNIT_EXPECT_EQ(test, next_id(&walk), 0ULL);
	KUNIT_EXPECT_EQ(test, fx->ns[0].count, 0U);
	open_some(fx, 0, 11, 1);
	KUNIT_EXPECT_EQ(test, next_id(&walk), 11ULL);
	tcpt_walk_end(&walk);
}

/*
 * The connection that the walk has returned is evicted, and its memory becomes
 * a new connection. The walk must not return the new connection in place of the
 * old one, must not follow it to the end of the list, and must visit it exactly
 * once.
 */
static void walk_does_not_follow_a_new_one(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_conn *conn;
	struct tcpt_walk walk;
	u32 flow;

	for (flow = 1; flow <= 3; flow++)
		tcpt_fixture_send(fx, flow, ORIG, SYN, 0, 0);
	tcpt_walk_begin(&walk, &fx->tracker.table, &fx->ns[0]);
	rcu_read_lock();
	conn = tcpt_walk_conn(&walk);
	KUNIT_EXPECT_TRUE(test, tcpt_walk_is_at(&walk, conn));
	fx->config.max_half_open = 3;
	tcpt_fixture_send(fx, 4, ORIG, SYN, 0, 0);
	KUNIT_EXPECT_PTR_EQ(test, tcpt_fixture_find(fx, 4), conn);
	KUNIT_EXPECT_FALSE(test, tcpt_walk_is_at(&walk, conn));
	tcpt_walk_pass(&walk, conn);
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, next_id(&walk), 2ULL);
	KUNIT_EXPECT_EQ(test, next_id(&walk), 3ULL);
	KUNIT_EXPECT_EQ(test, next_id(&walk), 4ULL);
	KUNIT_EXPECT_EQ(test, next_id(&walk), 0ULL);
	tcpt_walk_end(&walk);
}

/*
 * Many walks are at the same list position. A walk must skip the other walks,
 * and return only connections.
 */
static void walk_passes_other_walks(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_walk *walk;
	unsigned int i;

	walk = kunit_kcalloc(test, WALKS, sizeof(*walk), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, walk);
	open_some(fx, 0, 1, 2);
	for (i = 0; i < WALKS; i++)
		tcpt_walk_begin(&walk[i], &fx->tracker.table, &fx->ns[0]);
	start_count();
	/* the walk that began last is in the list before all other walks */
	KUNIT_EXPECT_EQ(test, next_id(&walk[WALKS - 1]), 1ULL);
	stop_count();
	KUNIT_EXPECT_GT(test, taken.rests, (unsigned int)WALKS /
			TCPT_WALK_STEPS);
	for (i = 0; i < WALKS; i++) {
		KUNIT_EXPECT_EQ(test, next_id(&walk[i]),
				i == WALKS - 1 ? 2ULL : 1ULL);
		tcpt_walk_end(&walk[i]);
	}
}

/* A walk takes few locks, and no locks for connections of other namespaces. */
static void walk_of_few_beside_many(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_walk walk;
	unsigned int n = 0;

	make_room(fx);
	open_some(fx, 0, 1, OTHERS);
	open_some(fx, 1, 1, OWN);
	start_count();
	tcpt_walk_begin(&walk, &fx->tracker.table, &fx->ns[1]);
	while (next_id(&walk))
		n++;
	tcpt_walk_end(&walk);
	stop_count();
	KUNIT_EXPECT_EQ(test, n, (unsigned int)OWN);
	kunit_info(test, "%u of %u connections: %u locks, at most %u without a rest",
		   n, OTHERS + OWN, taken.all, taken.longest);
	/*
	 * a walk takes one lock to find a connection, and one lock to pass it
	 */
	KUNIT_EXPECT_LE(test, taken.longest, 2U);
	KUNIT_EXPECT_LE(test, taken.all, 2U * OWN + 3);
}

/* End a namespace. Return: the number of locks taken. */
static unsigned int cost_of_end(struct fixture *fx)
{
	open_some(fx, 1, 1, OWN);
	start_count();
	tcpt_gc_namespace(&fx->tracker, &fx->ns[1], fx->now);
	stop_count();
	KUNIT_EXPECT_EQ(fx->test, fx->ns[1].count, 0U);
	return taken.all;
}

/* The end of a namespace takes no locks for connections of other namespaces. */
static void end_is_paid_by_its_own(struct kunit *test)
{
	struct fixture *fx = test->priv;
	unsigned int alone, beside;

	make_room(fx);
	alone = cost_of_end(fx);
	open_some(fx, 0, 1, OTHERS);
	beside = cost_of_end(fx);
	kunit_info(test,
		   "end of %u connections: %u locks; beside %u others: %u, at most %u without a rest",
		   OWN, alone, OTHERS, beside, taken.longest);
	KUNIT_EXPECT_EQ(test, alone, beside);
	KUNIT_EXPECT_EQ(test, fx->ns[0].count, (unsigned int)OTHERS);
	/*
	 * for each connection, the table's lock is taken three times: to find,
	 * to queue and to remove the connection
	 */
	KUNIT_EXPECT_LE(test, taken.longest, 5U);
	KUNIT_EXPECT_GE(test, taken.rests, (unsigned int)OWN);
}

static struct kunit_case walk_cases[] = {
	KUNIT_CASE(walk_goes_by_the_ids_of_its_namespace),
	KUNIT_CASE(walk_survives_removals),
	KUNIT_CASE(walk_does_not_follow_a_new_one),
	KUNIT_CASE(walk_passes_other_walks),
	KUNIT_CASE(walk_of_few_beside_many),
	KUNIT_CASE(end_is_paid_by_its_own),
	{}
};

static struct kunit_suite walk_suite = {
	.name = "tcptrace_walk",
	.init = walk_init,
	.exit = walk_exit,
	.test_cases = walk_cases,
};

kunit_test_suite(walk_suite);
