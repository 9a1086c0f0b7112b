// SPDX-License-Identifier: GPL-2.0
/*
 * Test the table of connections: step by step, and by comparison with a list.
 */
#include "fixture_table.h"

#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/prandom.h>
#include <linux/rcupdate.h>
#include <linux/string.h>
#include <linux/timer.h>

static struct tcpt_conn *victim(struct fixture *fx)
{
	enum tcptrace_limit_kind limit;
	struct tcpt_conn *conn;

	rcu_read_lock_bh();
	conn = tcpt_table_victim(&fx->tracker.table, &limit);
	rcu_read_unlock_bh();
	return conn;
}

static void table_rounds_its_size(struct kunit *test)
{
	static const unsigned int size[][2] = {
		{ 0, TCPT_TABLE_BUCKETS_MIN }, { 1, TCPT_TABLE_BUCKETS_MIN },
		{ 256, 256 }, { 257, 512 }, { 1000, 1024 }, { 65536, 65536 },
		{ UINT_MAX, TCPT_TABLE_BUCKETS_MAX },
	};
	struct fixture *fx = test->priv;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(size); i++) {
		tcpt_fixture_resize(fx, size[i][0]);
		KUNIT_EXPECT_EQ(test, fx->tracker.table.mask + 1, size[i][1]);
		KUNIT_EXPECT_EQ(test, tcpt_fixture_insert(fx, 1), 0);
		KUNIT_EXPECT_NOT_NULL(test, tcpt_fixture_find(fx, 1));
	}
}

/* A hash selects a bucket, and the lock of that bucket. */
static void table_has_a_lock_a_bucket(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_table *table = &fx->tracker.table;
	unsigned int i;

	tcpt_fixture_resize(fx, 4096);
	for (i = 0; i < 3 * 4096; i++) {
		KUNIT_EXPECT_PTR_EQ(test, tcpt_table_bucket(table, i),
				    &table->bucket[i % 4096]);
		KUNIT_EXPECT_PTR_EQ(test, tcpt_table_lock(table, i),
				    &table->stripe[i % TCPT_TABLE_STRIPES]);
	}
	/* try a table that has fewer buckets than locks */
	tcpt_fixture_resize(fx, 256);
	for (i = 0; i < 1024; i++)
		KUNIT_EXPECT_PTR_EQ(test, tcpt_table_lock(table, i),
				    &table->stripe[i % 256]);
}

static void turn(struct tcpt_segment *seg)
{
	u8 addr[16];

	memcpy(addr, seg->src, sizeof(addr));
	memcpy(seg->src, seg->dst, sizeof(addr));
	memcpy(seg->dst, addr, sizeof(addr));
	swap(seg->sport, seg->dport);
}

static void table_hash_is_symmetric(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_segment seg;
	struct rnd_state rnd;
	struct tcpt_flow flow;
	unsigned int i;
	u32 hash;

	prandom_seed_state(&rnd, 0x7ab1e001);
	for (i = 0; i < 10000; i++) {
		memset(&seg, 0, sizeof(seg));
		seg.family = i & 1 ? 4 : 6;
		prandom_bytes_state(&rnd, seg.src, i & 1 ? 4 : 16);
		prandom_bytes_state(&rnd, seg.dst, i & 1 ? 4 : 16);
		seg.sport = prandom_u32_state(&rnd);
		seg.dport = i & 2 ? seg.sport : prandom_u32_state(&rnd);
		memset(&flow, 0x11, sizeof(flow));
		tcpt_flow_init(&flow, &seg, 5, i & 1 ? 0 : 3);
		hash = tcpt_table_hash(&fx->tracker.table, &flow);
		turn(&seg);
		memset(&flow, 0x22, sizeof(flow));
		tcpt_flow_init(&flow, &seg, 5, i & 1 ? 0 : 3);
		KUNIT_EXPECT_EQ(test, tcpt_table_hash(&fx->tracker.table,
						      &flow), hash);
	}
}

/* The hash depends on each used bit of the key, and on the secret. */
static void table_hash_takes_every_bit(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_table *table = &fx->tracker.table;
	struct tcpt_flow flow = { .family = 6 };
	static const siphash_key_t key = {{ 1, 2 }};
	u8 *bytes = (u8 *)&flow;
	unsigned int i;
	u32 hash;

	hash = tcpt_table_hash(table, &flow);
	for (i = 0; i < 8 * sizeof(flow); i++) {
		/* the family is changed below */
		if (i / 8 >= offsetof(struct tcpt_flow, family) &&
		    i / 8 < offsetofend(struct tcpt_flow, family))
			continue;
		bytes[i / 8] ^= 1 << i % 8;
		KUNIT_EXPECT_NE_MSG(test, tcpt_table_hash(table, &flow), hash,
				    "IPv6, bit %u", i);
		bytes[i / 8] ^= 1 << i % 8;
	}
	flow.family = 4;
	KUNIT_EXPECT_NE(test, tcpt_table_hash(table, &flow), hash);
	hash = tcpt_table_hash(table, &flow);
	for (i = 0; i < 8 * sizeof(flow); i++) {
		/*
		 * try all bits except the family and the unused bits of an IPv4
		 * address
		 */
		if (i / 8 % 16 >= 4 && i / 8 < 32)
			continue;
		if (i / 8 >= offsetof(struct tcpt_flow, family) &&
		    i / 8 < offsetofend(struct tcpt_flow, family))
			continue;
		bytes[i / 8] ^= 1 << i % 8;
		KUNIT_EXPECT_NE_MSG(test, tcpt_table_hash(table, &flow), hash,
				    "IPv4, bit %u", i);
		bytes[i / 8] ^= 1 << i % 8;
	}
	tcpt_table_set_key(table, &key);
	KUNIT_EXPECT_NE(test, tcpt_table_hash(table, &flow), hash);
}

/*
 * Two tables have different secrets; the fixture's table has a constant secret.
 */
static void table_has_a_secret_of_its_own(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_table a, b;

	KUNIT_ASSERT_EQ(test, tcpt_table_init(&a, &fx->config), 0);
	KUNIT_ASSERT_EQ(test, tcpt_table_init(&b, &fx->config), 0);
	KUNIT_EXPECT_NE(test, memcmp(a.seed, b.seed, sizeof(a.seed)), 0);
	tcpt_table_destroy(&a);
	tcpt_table_destroy(&b);
}

static void table_finds_what_is_in_it(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_conn *conn;
	u32 flow;

	for (flow = 1; flow <= 1000; flow++) {
		KUNIT_EXPECT_NULL(test, tcpt_fixture_find(fx, flow));
		KUNIT_ASSERT_EQ(test, tcpt_fixture_insert(fx, flow), 0);
		conn = tcpt_fixture_find(fx, flow);
		KUNIT_ASSERT_NOT_NULL(test, conn);
		KUNIT_EXPECT_EQ(test, conn->place.id, (u64)flow);
		KUNIT_EXPECT_FALSE(test, conn->dead);
		KUNIT_EXPECT_EQ(test, conn->queue, TCPT_QUEUE_HALF_OPEN);
	}
	KUNIT_EXPECT_EQ(test, fx->tracker.table.half_open, 1000U);
	KUNIT_EXPECT_EQ(test, tcpt_table_count(&fx->tracker.table), 1000U);
	for (flow = 1; flow <= 1000; flow += 2)
		tcpt_fixture_take_out(fx, flow);
	for (flow = 1; flow <= 1000; flow++)
		KUNIT_EXPECT_EQ(test, !!tcpt_fixture_find(fx, flow),
				!(flow % 2));
	KUNIT_EXPECT_EQ(test, fx->tracker.table.half_open, 500U);
}

/* Two connections can have the same hash; a lookup compares the whole key. */
static void table_compares_the_whole_flow(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_conn *conn;
	struct tcpt_flow key;
	u32 hash = tcpt_fixture_key(fx, 1, &key);

	KUNIT_ASSERT_EQ(test, tcpt_fixture_insert(fx, 1), 0);
	rcu_read_lock();
	conn = tcpt_table_find(&fx->tracker.table, &key, hash);
	KUNIT_EXPECT_NOT_NULL(test, conn);
	key.zone = 1;
	conn = tcpt_table_find(&fx->tracker.table, &key, hash);
	KUNIT_EXPECT_NULL(test, conn);
	rcu_read_unlock();
}

/* A removed connection is counted until RCU has freed its memory. */
static void table_cap_counts_memory(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_table *table = &fx->tracker.table;
	struct tcpt_conn *conn;
	u32 flow;

	fx->config.max_connections = 16;
	for (flow = 1; flow <= 16; flow++)
		KUNIT_ASSERT_EQ(test, tcpt_fixture_insert(fx, flow), 0);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_insert(fx, 17), -ENFILE);
	KUNIT_EXPECT_NULL(test, tcpt_fixture_find(fx, 17));
	rcu_read_lock();
	conn = tcpt_fixture_find(fx, 3);
	tcpt_fixture_take_out(fx, 3);
	KUNIT_EXPECT_NULL(test, tcpt_fixture_find(fx, 3));
	/* another CPU that has found the dead connection may still read it */
	KUNIT_EXPECT_TRUE(test, conn->dead);
	KUNIT_EXPECT_EQ(test, tcpt_table_count(table), 16U);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_insert(fx, 17), -ENFILE);
	rcu_read_unlock();
	rcu_barrier();
	KUNIT_ASSERT_EQ(test, tcpt_fixture_insert(fx, 17), 0);
	KUNIT_EXPECT_EQ(test, tcpt_table_count(table), 16U);
	/* refused connections have used no id */
	KUNIT_EXPECT_EQ(test, tcpt_fixture_find(fx, 17)->place.id, 17ULL);
	/*
	 * if the cap is lowered, no connection is inserted, and none is evicted
	 */
	fx->config.max_connections = 8;
	tcpt_fixture_take_out(fx, 17);
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, tcpt_fixture_insert(fx, 17), -ENFILE);
	KUNIT_EXPECT_EQ(test, tcpt_table_count(table), 15U);
}

/* A bucket never has more connections than its limit. */
static void table_limits_a_chain(struct kunit *test)
{
	struct fixture *fx = test->priv;
	unsigned int i;
	u32 flow = 0, first = tcpt_fixture_collide(fx, 1, 77);

	for (i = 0; i < TCPT_TABLE_CHAIN_MAX; i++) {
		flow = tcpt_fixture_collide(fx, flow + 1, 77);
		KUNIT_ASSERT_EQ(test, tcpt_fixture_insert(fx, flow), 0);
	}
	flow = tcpt_fixture_collide(fx, flow + 1, 77);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_insert(fx, flow), -EXFULL);
	KUNIT_EXPECT_EQ(test, tcpt_table_count(&fx->tracker.table),
			(unsigned int)TCPT_TABLE_CHAIN_MAX);
	/* the next bucket has room */
	KUNIT_EXPECT_EQ(test, tcpt_fixture_insert(fx, tcpt_fixture_collide(fx, 0, 78)), 0);
	tcpt_fixture_take_out(fx, first);
	/*
	 * connections that wait for RCU are not included in the length of a
	 * chain
	 */
	KUNIT_EXPECT_EQ(test, tcpt_fixture_insert(fx, flow), 0);
}

static void table_queues_count_exactly(struct kunit *test)
{
	static const u8 moves[] = {
		TCPT_QUEUE_NONE, TCPT_QUEUE_NONE, TCPT_QUEUE_HALF_OPEN,
		TCPT_QUEUE_HALF_OPEN, TCPT_QUEUE_FINISHED,
		TCPT_QUEUE_FINISHED, TCPT_QUEUE_HALF_OPEN, TCPT_QUEUE_FINISHED,
		TCPT_QUEUE_NONE, TCPT_QUEUE_FINISHED,
	};
	struct fixture *fx = test->priv;
	struct tcpt_table *table = &fx->tracker.table;
	unsigned int i, q;

	KUNIT_ASSERT_EQ(test, tcpt_fixture_insert(fx, 1), 0);
	KUNIT_ASSERT_EQ(test, tcpt_fixture_insert(fx, 2), 0);
	for (i = 0; i < ARRAY_SIZE(moves); i++) {
		tcpt_fixture_queue(fx, 1, moves[i]);
		KUNIT_EXPECT_EQ(test, tcpt_fixture_find(fx, 1)->queue,
				moves[i]);
		KUNIT_EXPECT_EQ(test, table->half_open,
				1U + (moves[i] == TCPT_QUEUE_HALF_OPEN));
		for (q = 1; q < TCPT_QUEUES; q++)
			KUNIT_EXPECT_EQ(test, list_empty(&table->queue[q]),
					q != TCPT_QUEUE_HALF_OPEN &&
					q != moves[i]);
	}
}

static void table_never_picks_an_open_one(struct kunit *test)
{
	struct fixture *fx = test->priv;
	u32 flow;

	fx->config.max_connections = 16;
	fx->config.max_half_open = 0;
	for (flow = 1; flow <= 16; flow++) {
		KUNIT_ASSERT_EQ(test, tcpt_fixture_insert(fx, flow), 0);
		tcpt_fixture_queue(fx, flow, TCPT_QUEUE_NONE);
	}
	KUNIT_EXPECT_NULL(test, victim(fx));
}

/*
 * If max_half_open is reached, the oldest half-open connection is evicted, even
 * if there are finished connections.
 */
static void table_keeps_the_half_open_budget(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_conn *conn;
	u32 flow;

	fx->config.max_half_open = 4;
	KUNIT_ASSERT_EQ(test, tcpt_fixture_insert(fx, 100), 0);
	tcpt_fixture_queue(fx, 100, TCPT_QUEUE_FINISHED);
	for (flow = 1; flow <= 3; flow++)
		KUNIT_ASSERT_EQ(test, tcpt_fixture_insert(fx, flow), 0);
	KUNIT_EXPECT_NULL(test, victim(fx));
	KUNIT_ASSERT_EQ(test, tcpt_fixture_insert(fx, 4), 0);
	conn = victim(fx);
	KUNIT_ASSERT_NOT_NULL(test, conn);
	KUNIT_EXPECT_PTR_EQ(test, conn, tcpt_fixture_find(fx, 1));
	KUNIT_EXPECT_EQ(test, conn->queue, TCPT_QUEUE_NONE);
	KUNIT_EXPECT_EQ(test, fx->tracker.table.half_open, 3U);
	KUNIT_EXPECT_NULL(test, victim(fx));
	/* a connection that is confirmed also makes room */
	KUNIT_ASSERT_EQ(test, tcpt_fixture_insert(fx, 5), 0);
	tcpt_fixture_queue(fx, 3, TCPT_QUEUE_NONE);
	KUNIT_EXPECT_NULL(test, victim(fx));
	KUNIT_ASSERT_EQ(test, tcpt_fixture_insert(fx, 6), 0);
	KUNIT_EXPECT_PTR_EQ(test, victim(fx), tcpt_fixture_find(fx, 2));
}

/*
 * If the table is 15/16 full, connections are evicted in this order: finished
 * connections, half-open connections, quiet connections. Of each kind, the
 * connection that entered its queue first is evicted first.
 */
static void table_makes_room_near_the_cap(struct kunit *test)
{
	static const u32 order[] = { 9, 4, 29, 1, 2, 3, 5, 6, 7, 8, 30, 20, 12 };
	struct fixture *fx = test->priv;
	unsigned int i;
	u32 flow;

	fx->config.max_connections = 32;
	fx->config.max_half_open = 32;
	for (flow = 1; flow <= 29; flow++)
		KUNIT_ASSERT_EQ(test, tcpt_fixture_insert(fx, flow), 0);
	for (flow = 10; flow < 29; flow++)
		tcpt_fixture_queue(fx, flow, TCPT_QUEUE_NONE);
	for (i = 0; i < 3; i++)
		tcpt_fixture_queue(fx, order[i], TCPT_QUEUE_FINISHED);
	tcpt_fixture_queue(fx, 20, TCPT_QUEUE_QUIET);
	tcpt_fixture_queue(fx, 12, TCPT_QUEUE_QUIET);
	/* 30 of 32 is 15/16 */
	KUNIT_EXPECT_NULL(test, victim(fx));
	KUNIT_ASSERT_EQ(test, tcpt_fixture_insert(fx, 30), 0);
	for (i = 0; i < ARRAY_SIZE(order); i++)
		KUNIT_EXPECT_PTR_EQ(test, victim(fx),
				    tcpt_fixture_find(fx, order[i]));
}

/* Compare the table with an oracle: a list with linear search. */

enum {
	STEPS		= 30000,
	FLOWS		= 96,
	CROWD		= 40,	/* number of connections in the same bucket */
	ABSENT		= TCPT_QUEUES,
};

/**
 * struct known - the oracle's state of one connection
 * @flow: number of the connection
 * @queue: enum tcpt_queue or ABSENT
 * @since: time when the connection entered its queue
 * @id: id of the connection
 */
struct known {
	u32 flow;
	u8 queue;
	u64 since;
	u64 id;
};

/**
 * struct model - the oracle
 * @fx: the fixture
 * @rnd: random numbers
 * @known: all connections
 * @zombies: number of connections that were removed, but not freed by RCU yet
 * @clock: number of steps so far
 * @last_id: the id that was assigned last
 * @full: number of connections that were refused because of the cap
 * @victims: number of times that a victim was chosen
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
	/* connections that wait for RCU are not counted */
	if (FLOWS - count(m, ABSENT) < max - max / 16)
		return NULL;
	return oldest(m, TCPT_QUEUE_FINISHED) ?:
	       oldest(m, TCPT_QUEUE_HALF_OPEN) ?:
	       oldest(m, TCPT_QUEUE_QUIET);
}

static void do_victim(struct model *m)
{
	bool half = count(m, TCPT_QUEUE_HALF_OPEN) >=
		    m->fx->config.max_half_open;
	struct known *want = model_victim(m);
	enum tcptrace_limit_kind limit;
	struct tcpt_conn *conn;

	rcu_read_lock_bh();
	conn = tcpt_table_victim(&m->fx->tracker.table, &limit);
	rcu_read_unlock_bh();
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
	KUNIT_EXPECT_EQ(m->fx->test, conn->place.id, k->id);
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

/* Some connections share one bucket, which makes a long chain. */
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

/**
 * struct detour - a chain that leads into another chain until a timer fires
 * @timer: the timer
 * @head: the chain
 * @first: the first connection of the chain
 */
struct detour {
	struct timer_list timer;
	struct hlist_nulls_head *head;
	struct hlist_nulls_node *first;
};

static void end_detour(struct timer_list *timer)
{
	struct detour *detour = container_of(timer, struct detour, timer);

	WRITE_ONCE(detour->head->first, detour->first);
}

/*
 * While a lookup visits a connection, another CPU moves this connection to
 * another chain. The lookup must begin again. Otherwise, the lookup would not
 * find the later connections of its own chain.
 */
static void table_notices_another_chain(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_table *table = &fx->tracker.table;
	u32 flow = tcpt_fixture_collide(fx, 1, 33);
	u32 other = tcpt_fixture_collide(fx, 1, 34);
	struct detour *detour = kunit_kzalloc(test, sizeof(*detour), GFP_KERNEL);
	struct tcpt_flow key;
	u32 hash = tcpt_fixture_key(fx, flow, &key);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, detour);
	KUNIT_ASSERT_EQ(test, tcpt_fixture_insert(fx, flow), 0);
	KUNIT_ASSERT_EQ(test, tcpt_fixture_insert(fx, other), 0);
	detour->head = &table->bucket[33];
	detour->first = detour->head->first;
	timer_setup(&detour->timer, end_detour, 0);
	WRITE_ONCE(detour->head->first, &tcpt_fixture_find(fx, other)->node);
	mod_timer(&detour->timer, jiffies + 1);
	rcu_read_lock();
	KUNIT_EXPECT_PTR_EQ(test, &tcpt_table_find(table, &key, hash)->node,
			    detour->first);
	rcu_read_unlock();
	timer_delete_sync(&detour->timer);
	end_detour(&detour->timer);
}

static struct kunit_case table_cases[] = {
	KUNIT_CASE(table_rounds_its_size),
	KUNIT_CASE(table_has_a_lock_a_bucket),
	KUNIT_CASE(table_hash_is_symmetric),
	KUNIT_CASE(table_hash_takes_every_bit),
	KUNIT_CASE(table_has_a_secret_of_its_own),
	KUNIT_CASE(table_finds_what_is_in_it),
	KUNIT_CASE(table_compares_the_whole_flow),
	KUNIT_CASE(table_notices_another_chain),
	KUNIT_CASE(table_cap_counts_memory),
	KUNIT_CASE(table_limits_a_chain),
	KUNIT_CASE(table_queues_count_exactly),
	KUNIT_CASE(table_never_picks_an_open_one),
	KUNIT_CASE(table_keeps_the_half_open_budget),
	KUNIT_CASE(table_makes_room_near_the_cap),
	KUNIT_CASE(table_agrees_with_a_list),
	{}
};

static struct kunit_suite table_suite = {
	.name = "tcptrace_table",
	.init = tcpt_fixture_init,
	.exit = tcpt_fixture_exit,
	.test_cases = table_cases,
};

kunit_test_suite(table_suite);
