// SPDX-License-Identifier: GPL-2.0
/*
 * Races by hand. Two CPUs work on one connection; what CPU A does step by
 * step, as tracker.c does it, is done here, and what CPU B does in between is
 * a call of the tracker.
 */
#include "fixture_table.h"

#include <linux/rcupdate.h>
#include <linux/string.h>

static unsigned long stat(struct fixture *fx, unsigned int which)
{
	return tcpt_fixture_stat(&fx->ns[0], which);
}

/* A finds nothing; B opens it; A has the bucket lock: it must search again. */
static void race_insert_after_lookup(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_table *table = &fx->tracker.table;
	struct tcpt_conn *mine, *found;
	struct tcpt_flow key;
	u32 hash = tcpt_fixture_key(fx, 1, &key);

	rcu_read_lock();
	found = tcpt_table_find(table, &key, hash);
	KUNIT_EXPECT_NULL(test, found);
	mine = tcpt_table_alloc(table);
	KUNIT_EXPECT_NOT_NULL(test, mine);
	/* B */
	tcpt_fixture_send(fx, 1, CLIENT, SYN, 0, 0);
	/* A */
	spin_lock_bh(tcpt_table_lock(table, hash));
	found = tcpt_table_find(table, &key, hash);
	spin_unlock_bh(tcpt_table_lock(table, hash));
	KUNIT_EXPECT_NOT_NULL(test, found);
	if (mine)
		tcpt_table_free_unused(table, mine);
	/* and looks it up from the beginning, with the SYN,ACK that it has */
	tcpt_fixture_send(fx, 1, SERVER, SYNACK, 0, 1);
	rcu_read_unlock();
	KUNIT_EXPECT_PTR_EQ(test, tcpt_fixture_find(fx, 1), found);
	KUNIT_EXPECT_EQ(test, tcpt_table_count(table), 1U);
	KUNIT_EXPECT_EQ(test, table->half_open, 1U);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_OPENED), 1UL);
	/* what was given back has used up no id */
	tcpt_fixture_send(fx, 2, CLIENT, SYN, 0, 0);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_find(fx, 2)->id, 2ULL);
}

/* A has found it; B ends it by time; A must see that, and begin again. */
static void race_expiry_against_lookup(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_conn *found, *after;
	struct tcpt_flow key;
	u32 hash = tcpt_fixture_key(fx, 1, &key);
	unsigned int n;

	tcpt_fixture_send(fx, 1, CLIENT, SYN, 0, 0);
	KUNIT_ASSERT_NOT_NULL(test, tcpt_fixture_find(fx, 1));
	rcu_read_lock();
	found = tcpt_table_find(&fx->tracker.table, &key, hash);
	/* B */
	n = tcpt_gc_bucket(&fx->tracker, hash & fx->tracker.table.mask,
			   U64_MAX);
	KUNIT_EXPECT_EQ(test, n, 1U);
	/* A: the memory is there, KASAN watches */
	spin_lock_bh(&found->lock);
	KUNIT_EXPECT_TRUE(test, found->dead);
	KUNIT_EXPECT_EQ(test, found->queue, TCPT_QUEUE_NONE);
	spin_unlock_bh(&found->lock);
	KUNIT_EXPECT_NULL(test, tcpt_fixture_find(fx, 1));
	tcpt_fixture_send(fx, 1, CLIENT, SYN, 0, 0);
	after = tcpt_fixture_find(fx, 1);
	KUNIT_EXPECT_NOT_NULL(test, after);
	KUNIT_EXPECT_PTR_NE(test, after, found);
	KUNIT_EXPECT_EQ(test, after->id, 2ULL);
	KUNIT_EXPECT_EQ(test, found->track.end[0].packets, 1ULL);
	rcu_read_unlock();
}

/* Walks of the chain that began before the end must still come to its end. */
static void race_walk_over_a_dead_one(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_conn *conn[3];
	struct hlist_node *pos;
	unsigned int i, n = 0;
	u32 flow[3], f = 0;

	for (i = 0; i < 3; i++) {
		f = tcpt_fixture_collide(fx, f + 1, 33);
		flow[i] = f;
		tcpt_fixture_send(fx, f, CLIENT, SYN, 0, 0);
		conn[i] = tcpt_fixture_find(fx, f);
	}
	rcu_read_lock();
	/* A stands at the one in the middle when B takes it out */
	pos = &conn[1]->node;
	tcpt_fixture_take_out(fx, flow[1]);
	for (; pos; pos = rcu_dereference(hlist_next_rcu(pos)))
		n++;
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, n, 2U);
	KUNIT_EXPECT_PTR_EQ(test, tcpt_fixture_find(fx, flow[0]), conn[0]);
	KUNIT_EXPECT_PTR_EQ(test, tcpt_fixture_find(fx, flow[2]), conn[2]);
}

/*
 * Between conn->dead and hlist_del_rcu() of another CPU, however often it is
 * looked up: it is left alone, the segment is late, and the search ends.
 */
static void race_lookup_meets_a_dead_one(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader = tcpt_fixture_reader(fx, 0, 4096);
	struct tcpt_track *before;
	struct tcpt_conn *conn;

	before = kunit_kzalloc(test, sizeof(*before), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, before);
	tcpt_reader_set_mask(reader, TCPTRACE_MASK_ALL);
	tcpt_fixture_send(fx, 1, CLIENT, SYN, 0, 0);
	while (tcpt_fixture_next(fx, reader))
		;
	conn = tcpt_fixture_find(fx, 1);
	KUNIT_ASSERT_NOT_NULL(test, conn);
	conn->dead = true;
	*before = conn->track;
	tcpt_fixture_send(fx, 1, SERVER, SYNACK, 0, 1);
	/* another ISN would end it, if it were not at its end */
	tcpt_fixture_send(fx, 1, CLIENT, SYN, 5555, 0);
	conn->dead = false;
	KUNIT_EXPECT_EQ(test, memcmp(before, &conn->track,
				     sizeof(*before)), 0);
	KUNIT_EXPECT_NULL(test, tcpt_fixture_next(fx, reader));
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_TRACKED), 1UL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_LATE), 2UL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_OPENED), 1UL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_REUSED), 0UL);
}

/* A has picked a victim; B confirms it before A has the locks: it stays. */
static void race_victim_is_confirmed(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_conn *conn;

	fx->config.max_half_open = 1;
	tcpt_fixture_send(fx, 1, CLIENT, SYN, 0, 0);
	conn = tcpt_fixture_find(fx, 1);
	KUNIT_ASSERT_NOT_NULL(test, conn);
	/* as B leaves it just before it moves it to another queue */
	spin_lock_bh(&conn->lock);
	conn->track.marks |= TCPT_MARK_CONFIRMED;
	spin_unlock_bh(&conn->lock);
	tcpt_fixture_send(fx, 2, CLIENT, SYN, 0, 0);
	KUNIT_EXPECT_PTR_EQ(test, tcpt_fixture_find(fx, 1), conn);
	KUNIT_EXPECT_FALSE(test, conn->dead);
	KUNIT_EXPECT_EQ(test, conn->queue, TCPT_QUEUE_NONE);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_EVICTED), 0UL);
	KUNIT_EXPECT_EQ(test, fx->tracker.table.half_open, 1U);
}

/* A has picked a victim; B ends it before A has the locks: it ends once. */
static void race_victim_is_dead(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_conn *conn;

	fx->config.max_half_open = 1;
	tcpt_fixture_send(fx, 1, CLIENT, SYN, 0, 0);
	conn = tcpt_fixture_find(fx, 1);
	KUNIT_ASSERT_NOT_NULL(test, conn);
	conn->dead = true;
	tcpt_fixture_send(fx, 2, CLIENT, SYN, 0, 0);
	conn->dead = false;
	KUNIT_EXPECT_PTR_EQ(test, tcpt_fixture_find(fx, 1), conn);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_EVICTED), 0UL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_CLOSED), 0UL);
}

/* The victim has left its queue, and is confirmed or ends after that. */
static void race_victim_moves_on(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_table *table = &fx->tracker.table;
	enum tcptrace_limit_kind limit;
	struct tcpt_conn *conn;

	fx->config.max_half_open = 0;
	tcpt_fixture_insert(fx, 1);
	rcu_read_lock();
	conn = tcpt_table_victim(table, &limit);
	KUNIT_EXPECT_PTR_EQ(test, conn, tcpt_fixture_find(fx, 1));
	KUNIT_EXPECT_NULL(test, tcpt_table_victim(table, &limit));
	KUNIT_EXPECT_EQ(test, table->half_open, 0U);
	tcpt_fixture_queue(fx, 1, TCPT_QUEUE_FINISHED);
	KUNIT_EXPECT_EQ(test, table->half_open, 0U);
	tcpt_fixture_take_out(fx, 1);
	KUNIT_EXPECT_EQ(test, table->half_open, 0U);
	rcu_read_unlock();
}

/* The clock is read before the lock is taken: a later segment may be first. */
static void race_time_goes_back(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader = tcpt_fixture_reader(fx, 0, 16384);
	const struct tcptrace_header *h;
	const struct tcpt_track *track;
	u64 last = 0;

	tcpt_fixture_send(fx, 1, CLIENT, SYN, 0, 0);
	fx->now = FIXTURE_START + 500;
	tcpt_fixture_send(fx, 1, SERVER, SYNACK, 0, 1);
	fx->now = FIXTURE_START + 300;
	tcpt_fixture_send(fx, 1, CLIENT, ACK, 1, 1);
	fx->now = FIXTURE_START + 100;
	tcpt_fixture_finish(fx, 1);
	track = &tcpt_fixture_find(fx, 1)->track;
	KUNIT_EXPECT_EQ(test, track->first, FIXTURE_START);
	KUNIT_EXPECT_EQ(test, track->last, FIXTURE_START + 500);
	while ((h = tcpt_fixture_next(fx, reader))) {
		KUNIT_EXPECT_GE(test, h->time, last);
		last = h->time;
		if (h->type == TCPTRACE_ESTABLISHED) {
			const struct tcptrace_established *e = (const void *)h;

			KUNIT_EXPECT_EQ(test, e->syn_synack_ns, 500ULL);
			KUNIT_EXPECT_EQ(test, e->synack_ack_ns, 0ULL);
			KUNIT_EXPECT_EQ(test, e->handshake_ns, 500ULL);
		}
		if (h->type == TCPTRACE_CLOSE)
			KUNIT_EXPECT_EQ(test, ((const struct tcptrace_close *)
					       h)->duration_ns, 500ULL);
	}
	KUNIT_EXPECT_EQ(test, last, FIXTURE_START + 500);
}

/* The same for an end that a segment of another connection brings. */
static void race_evicted_by_the_past(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader = tcpt_fixture_reader(fx, 0, 16384);
	const struct tcptrace_header *h;
	u64 closed = 0;

	fx->config.max_half_open = 1;
	fx->now = FIXTURE_START + 500;
	tcpt_fixture_send(fx, 1, CLIENT, SYN, 0, 0);
	fx->now = FIXTURE_START + 100;
	tcpt_fixture_send(fx, 2, CLIENT, SYN, 0, 0);
	while ((h = tcpt_fixture_next(fx, reader)))
		if (h->type == TCPTRACE_CLOSE)
			closed = h->time;
	KUNIT_EXPECT_EQ(test, closed, FIXTURE_START + 500);
}

static struct kunit_case race_cases[] = {
	KUNIT_CASE(race_insert_after_lookup),
	KUNIT_CASE(race_expiry_against_lookup),
	KUNIT_CASE(race_walk_over_a_dead_one),
	KUNIT_CASE(race_lookup_meets_a_dead_one),
	KUNIT_CASE(race_victim_is_confirmed),
	KUNIT_CASE(race_victim_is_dead),
	KUNIT_CASE(race_victim_moves_on),
	KUNIT_CASE(race_time_goes_back),
	KUNIT_CASE(race_evicted_by_the_past),
	{}
};

static struct kunit_suite race_suite = {
	.name = "tcptrace_race",
	.init = tcpt_fixture_init,
	.exit = tcpt_fixture_exit,
	.test_cases = race_cases,
};

kunit_test_suite(race_suite);
