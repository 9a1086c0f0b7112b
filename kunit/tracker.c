// SPDX-License-Identifier: GPL-2.0
/*
 * Test the tracker: the effects of segments on the table, the counters and the
 * records, and races between CPUs.
 */
#include "fixture_table.h"

#include <linux/prandom.h>
#include <linux/rcupdate.h>
#include <linux/sort.h>
#include <linux/string.h>

static unsigned long stat(struct fixture *fx, unsigned int which)
{
	return tcpt_fixture_stat(&fx->ns[0], which);
}

/*
 * Expect that only TRACKED and @other have changed in the first counter group.
 */
static void expect_counts(struct fixture *fx, unsigned long tracked,
			  unsigned int other, unsigned long n)
{
	KUNIT_EXPECT_EQ(fx->test, stat(fx, TCPT_STAT_TRACKED), tracked);
	KUNIT_EXPECT_EQ(fx->test, stat(fx, other), n);
	KUNIT_EXPECT_EQ(fx->test, tcpt_fixture_counted(&fx->ns[0]),
			tracked + n);
	KUNIT_EXPECT_EQ(fx->test, tcpt_fixture_counted(&fx->ns[0]),
			fx->arrivals[0]);
}

static void tracker_follows_a_connection(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_conn *conn;
	unsigned int i;

	tcpt_fixture_send(fx, 1, ORIG, SYN, 0, 0);
	conn = tcpt_fixture_find(fx, 1);
	KUNIT_ASSERT_NOT_NULL(test, conn);
	KUNIT_EXPECT_EQ(test, conn->queue, TCPT_QUEUE_HALF_OPEN);
	KUNIT_EXPECT_PTR_EQ(test, conn->ns, &fx->ns[0]);
	tcpt_fixture_send(fx, 1, RESP, SYNACK, 0, 1);
	KUNIT_EXPECT_EQ(test, conn->queue, TCPT_QUEUE_HALF_OPEN);
	tcpt_fixture_send(fx, 1, ORIG, ACK, 1, 1);
	KUNIT_EXPECT_EQ(test, conn->queue, TCPT_QUEUE_NONE);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_ESTABLISHED), 1UL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_CLOSED), 0UL);
	tcpt_fixture_finish(fx, 1);
	KUNIT_EXPECT_EQ(test, conn->queue, TCPT_QUEUE_FINISHED);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_CLOSED), 1UL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_OPENED), 1UL);
	expect_counts(fx, 6, TCPT_STAT_LATE, 0);
	/* a late segment of a closed connection opens no connection */
	tcpt_fixture_send(fx, 1, RESP, FIN, 1, 2);
	tcpt_fixture_send(fx, 1, ORIG, ACK, 2, 2);
	expect_counts(fx, 6, TCPT_STAT_LATE, 2);
	KUNIT_EXPECT_PTR_EQ(test, tcpt_fixture_find(fx, 1), conn);
	/* the other counters are 0, except these three, which are 1 */
	for (i = TCPT_STAT_NO_MEMORY + 1; i < TCPT_STATS; i++)
		KUNIT_EXPECT_EQ_MSG(test, stat(fx, i), (unsigned long)
				    (i == TCPT_STAT_OPENED ||
				     i == TCPT_STAT_ESTABLISHED ||
				     i == TCPT_STAT_CLOSED), "%s",
				    tcpt_stat_names[i]);
}

/* A RST or a FIN can be the only segment that is seen of a connection. */
static void tracker_begins_with_the_end(struct kunit *test)
{
	struct fixture *fx = test->priv;

	tcpt_fixture_send(fx, 1, ORIG, RST, 5, 0);
	KUNIT_ASSERT_NOT_NULL(test, tcpt_fixture_find(fx, 1));
	KUNIT_EXPECT_EQ(test, tcpt_fixture_find(fx, 1)->queue,
			TCPT_QUEUE_FINISHED);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_CLOSED), 1UL);
	tcpt_fixture_send(fx, 2, ORIG, FIN, 5, 5);
	KUNIT_ASSERT_NOT_NULL(test, tcpt_fixture_find(fx, 2));
	KUNIT_EXPECT_EQ(test, tcpt_fixture_find(fx, 2)->queue,
			TCPT_QUEUE_HALF_OPEN);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_OPENED), 2UL);
	tcpt_fixture_send(fx, 3, ORIG, 0, 5, 0);
	expect_counts(fx, 2, TCPT_STAT_BAD_FLAGS, 1);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_OPENED), 2UL);
}

/* A packet from an endpoint to itself is valid only if this host sends it. */
static void tracker_counts_forged_self(struct kunit *test)
{
	static const u16 flags[] = { SYN, SYNACK, ACK, FIN, RST, 0 };
	struct fixture *fx = test->priv;
	struct tcpt_segment seg;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		tcpt_fixture_segment(&seg, 1, ORIG, flags[i], 0, 0);
		memcpy(seg.dst, seg.src, sizeof(seg.dst));
		seg.dport = seg.sport;
		tcpt_fixture_see(fx, 0, &seg, TCPTRACE_HOOK_IN);
		tcpt_fixture_see(fx, 0, &seg, TCPTRACE_HOOK_FORWARD);
		expect_counts(fx, 0, TCPT_STAT_STRAY_SELF, 2 * (i + 1));
	}
	KUNIT_EXPECT_EQ(test, tcpt_table_count(&fx->tracker.table), 0U);
	seg.flags = SYN;
	tcpt_fixture_see(fx, 0, &seg, TCPTRACE_HOOK_OUT);
	expect_counts(fx, 1, TCPT_STAT_STRAY_SELF, 2 * i);
	/* later segments at the input hook are also tracked */
	fx->now += FIXTURE_SEC;
	tcpt_fixture_see(fx, 0, &seg, TCPTRACE_HOOK_IN);
	expect_counts(fx, 2, TCPT_STAT_STRAY_SELF, 2 * i);
}

static void tracker_picks_up_midstream(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_conn *conn;

	/*
	 * the server's segment is seen first, but the end with the higher port
	 * is the originator
	 */
	tcpt_fixture_send(fx, 1, RESP, ACK, 100, 200);
	conn = tcpt_fixture_find(fx, 1);
	KUNIT_ASSERT_NOT_NULL(test, conn);
	KUNIT_EXPECT_EQ(test, conn->flow.port[conn->orig], 40000);
	KUNIT_EXPECT_EQ(test, conn->full->track.end[1].packets, 1ULL);
	KUNIT_EXPECT_EQ(test, conn->queue, TCPT_QUEUE_HALF_OPEN);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_MIDSTREAM), 1UL);
	tcpt_fixture_send(fx, 1, ORIG, ACK, 200, 100);
	KUNIT_EXPECT_EQ(test, conn->queue, TCPT_QUEUE_NONE);
	/* the connection is confirmed, but no handshake was seen */
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_ESTABLISHED), 0UL);
	/* only a SYN,ACK is seen, so its receiver is the originator */
	tcpt_fixture_send(fx, 2, RESP, SYNACK, 0, 1);
	conn = tcpt_fixture_find(fx, 2);
	KUNIT_ASSERT_NOT_NULL(test, conn);
	KUNIT_EXPECT_EQ(test, conn->flow.port[conn->orig], 40000);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_MIDSTREAM), 2UL);
	expect_counts(fx, 3, TCPT_STAT_LATE, 0);
}

struct class_row {
	unsigned int stat;
	u8 from;
	u16 flags;
	u32 seq;
	u32 ack;
};

/*
 * Each kind of unusual segment has its own counter, and also counts as TRACKED.
 */
static void tracker_counts_oddities(struct kunit *test)
{
	static const struct class_row rows[] = {
		{ TCPT_STAT_ODD_FLAGS, ORIG, TCPTRACE_SYN | FIN, 1, 1 },
		{ TCPT_STAT_RST_CHALLENGE, ORIG, RST, 5, 0 },
		{ TCPT_STAT_RST_OUTSIDE, ORIG, RST, 50000, 0 },
		{ TCPT_STAT_SYN_CHALLENGE, ORIG, SYN, 77, 0 },
		{ TCPT_STAT_OUTSIDE_WINDOW, ORIG, ACK, 50000, 1 },
		{ TCPT_STAT_UNSEEN_ACK, ORIG, ACK, 1, 5000 },
	};
	static const char * const names[] = {
		"odd_flags", "rst_challenge", "rst_outside", "syn_challenge",
		"outside_window", "unseen_ack",
	};
	struct fixture *fx = test->priv;
	unsigned int i, j;

	tcpt_fixture_establish(fx, 1);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		tcpt_fixture_send(fx, 1, rows[i].from, rows[i].flags,
				  rows[i].seq, rows[i].ack);
		for (j = 0; j < ARRAY_SIZE(rows); j++)
			KUNIT_EXPECT_EQ_MSG(test, stat(fx, rows[j].stat),
					    (unsigned long)(j <= i), "%s",
					    names[j]);
		KUNIT_EXPECT_STREQ(test, tcpt_stat_names[rows[i].stat],
				   names[i]);
	}
	expect_counts(fx, 3 + ARRAY_SIZE(rows), TCPT_STAT_LATE, 0);
}

/*
 * If max_connections is reached, open connections with recent segments are not
 * evicted.
 */
static void tracker_is_full_of_open_ones(struct kunit *test)
{
	struct fixture *fx = test->priv;
	u32 flow;

	for (flow = 1; flow <= 16; flow++)
		tcpt_fixture_establish(fx, flow);
	fx->config.max_connections = 16;
	tcpt_fixture_send(fx, 17, ORIG, SYN, 0, 0);
	expect_counts(fx, 48, TCPT_STAT_TABLE_FULL, 1);
	KUNIT_EXPECT_NULL(test, tcpt_fixture_find(fx, 17));
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_OPENED), 16UL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_EVICTED), 0UL);
	/*
	 * the next SYN evicts a closed connection; a later SYN finds room after
	 * RCU has freed that connection
	 */
	tcpt_fixture_finish(fx, 4);
	tcpt_fixture_send(fx, 17, ORIG, SYN, 0, 0);
	KUNIT_EXPECT_NULL(test, tcpt_fixture_find(fx, 4));
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_EVICTED), 1UL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_TABLE_FULL), 2UL);
	rcu_barrier();
	tcpt_fixture_send(fx, 17, ORIG, SYN, 0, 0);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_OPENED), 17UL);
	for (flow = 1; flow <= 16; flow++)
		KUNIT_EXPECT_EQ(test, !tcpt_fixture_find(fx, flow), flow == 4);
}

static void tracker_keeps_the_newcomer(struct kunit *test)
{
	struct fixture *fx = test->priv;
	u32 flow;

	fx->config.max_connections = 16;
	for (flow = 1; flow <= 15; flow++)
		tcpt_fixture_establish(fx, flow);
	tcpt_fixture_send(fx, 16, ORIG, SYN, 0, 0);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_EVICTED), 0UL);
	tcpt_fixture_establish(fx, 16);
	KUNIT_EXPECT_EQ(test, fx->tracker.table.live, 16U);
}

static void tracker_limits_a_chain(struct kunit *test)
{
	struct fixture *fx = test->priv;
	unsigned int i;
	u32 flow = 0;

	for (i = 0; i < TCPT_TABLE_CHAIN_MAX; i++) {
		flow = tcpt_fixture_collide(fx, flow + 1, 200);
		tcpt_fixture_establish(fx, flow);
	}
	flow = tcpt_fixture_collide(fx, flow + 1, 200);
	tcpt_fixture_send(fx, flow, ORIG, SYN, 0, 0);
	expect_counts(fx, 3 * TCPT_TABLE_CHAIN_MAX, TCPT_STAT_CHAIN_FULL, 1);
	KUNIT_EXPECT_NULL(test, tcpt_fixture_find(fx, flow));
}

static int compare_u64(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

/* Find two flows with the same hash. */
static void find_twins(struct fixture *fx, u32 twin[2])
{
	enum { FLOWS = 1 << 17 };
	u64 *by_hash = kunit_kcalloc(fx->test, FLOWS, sizeof(*by_hash),
				     GFP_KERNEL);
	struct tcpt_flow key;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(fx->test, by_hash);
	for (i = 0; i < FLOWS; i++)
		by_hash[i] = (u64)tcpt_fixture_key(fx, i, &key) << 32 | i;
	sort(by_hash, FLOWS, sizeof(*by_hash), compare_u64, NULL);
	for (i = 1; i < FLOWS; i++)
		if (by_hash[i] >> 32 == by_hash[i - 1] >> 32)
			break;
	KUNIT_ASSERT_LT(fx->test, i, (u32)FLOWS);
	twin[0] = (u32)by_hash[i - 1];
	twin[1] = (u32)by_hash[i];
}

/*
 * The fast path compares only the hash before it locks a connection. Two
 * connections with the same hash must not be confused.
 */
static void tracker_tells_twins_apart(struct kunit *test)
{
	struct fixture *fx = test->priv;
	unsigned int i, n;
	u32 twin[2];

	find_twins(fx, twin);
	for (i = 0; i < 2; i++)
		tcpt_fixture_establish(fx, twin[i]);
	n = fx->arrivals[0];
	for (i = 0; i < 3; i++)
		tcpt_fixture_send(fx, twin[0], ORIG, ACK, 1, 1);
	tcpt_fixture_send(fx, twin[1], ORIG, ACK, 1, 1);
	expect_counts(fx, n + 4, TCPT_STAT_LATE, 0);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_track(fx, twin[0])->end[0].packets,
			5ULL);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_track(fx, twin[1])->end[0].packets,
			3ULL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_OPENED), 2UL);
}

/*
 * Send ten SYNs or SYN,ACKs for each entry of the table. RCU frees memory
 * during the flood or, if @slow is set, only after the flood.
 */
static void flood(struct fixture *fx, u16 flags, bool slow)
{
	unsigned int from = flags == SYN ? ORIG : RESP;
	struct tcpt_table *table = &fx->tracker.table;
	u32 flow;

	fx->config.max_connections = 512;
	fx->config.max_half_open = 64;
	for (flow = 1; flow <= 128; flow++)
		tcpt_fixture_establish(fx, flow);
	if (slow)
		rcu_read_lock();
	for (flow = 1000; flow < 1000 + 5120; flow++) {
		tcpt_fixture_send(fx, flow, from, flags, 0, from);
		KUNIT_EXPECT_LE(fx->test, table->half_open, 64U);
		KUNIT_EXPECT_LE(fx->test, tcpt_table_count(table), 512U);
		if (!slow && flow % 64 == 0)
			rcu_barrier();
	}
	if (slow)
		rcu_read_unlock();
	for (flow = 1; flow <= 128; flow++) {
		KUNIT_EXPECT_NOT_NULL(fx->test, tcpt_fixture_find(fx, flow));
		tcpt_fixture_send(fx, flow, ORIG, ACK, 1, 1);
	}
	KUNIT_EXPECT_EQ(fx->test, stat(fx, TCPT_STAT_LATE), 0UL);
	KUNIT_EXPECT_EQ(fx->test, stat(fx, TCPT_STAT_EVICTED),
			stat(fx, TCPT_STAT_OPENED) - 128 - table->half_open);
	KUNIT_EXPECT_EQ(fx->test, stat(fx, TCPT_STAT_CLOSED),
			stat(fx, TCPT_STAT_EVICTED));
	KUNIT_EXPECT_EQ(fx->test, tcpt_fixture_counted(&fx->ns[0]),
			fx->arrivals[0]);
}

static void survive(struct kunit *test, u16 flags, bool slow)
{
	struct fixture *fx = test->priv;

	flood(fx, flags, slow);
	KUNIT_EXPECT_EQ(test, fx->tracker.table.half_open, 64U);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_TABLE_FULL), 0UL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_OPENED), 5248UL);
	/* the newest connections are still in the table */
	KUNIT_EXPECT_NOT_NULL(test, tcpt_fixture_find(fx, 1000 + 5119));
	KUNIT_EXPECT_NULL(test, tcpt_fixture_find(fx, 1000));
}

static void tracker_survives_a_flood(struct kunit *test)
{
	survive(test, SYN, false);
}

/* Each SYN uses the memory of an older connection at once. */
static void tracker_survives_a_flood_without_rcu(struct kunit *test)
{
	survive(test, SYN, true);
}

static void tracker_survives_a_flood_of_answers(struct kunit *test)
{
	survive(test, SYNACK, false);
}

static void tracker_is_full_of_dead_ones(struct kunit *test)
{
	struct fixture *fx = test->priv;

	flood(fx, SYNACK, true);
	/*
	 * a SYN,ACK needs a full state, and RCU frees no memory, so there is
	 * room for only 512 - 128 new connections
	 */
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_OPENED), 512UL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_TABLE_FULL), 5120UL - 384);
}

static void tracker_reuses_what_is_over(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader = tcpt_fixture_reader(fx, 0, 16384);
	const struct tcptrace_header *h;
	unsigned int closes = 0, opens = 0;
	u64 id;

	tcpt_fixture_establish(fx, 1);
	tcpt_fixture_finish(fx, 1);
	id = tcpt_fixture_find(fx, 1)->place.id;
	/*
	 * a repeated SYN is counted as late; a SYN with a different ISN opens a
	 * connection
	 */
	tcpt_fixture_send(fx, 1, ORIG, SYN, 0, 0);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_find(fx, 1)->place.id, id);
	expect_counts(fx, 6, TCPT_STAT_LATE, 1);
	tcpt_fixture_send(fx, 1, ORIG, SYN, 90000, 0);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_find(fx, 1)->place.id, id + 1);
	expect_counts(fx, 7, TCPT_STAT_LATE, 1);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_REUSED), 1UL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_CLOSED), 1UL);
	/* the last SYN was not answered; a SYN with a different ISN follows */
	tcpt_fixture_send(fx, 1, ORIG, SYN, 95000, 0);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_find(fx, 1)->place.id, id + 2);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_REUSED), 2UL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_CLOSED), 2UL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_OPENED), 3UL);
	while ((h = tcpt_fixture_next(fx, reader))) {
		opens += h->type == TCPTRACE_OPEN;
		if (h->type != TCPTRACE_CLOSE)
			continue;
		KUNIT_EXPECT_EQ(test, ((const struct tcptrace_close *)h)->reason,
				closes++ ? TCPTRACE_CLOSE_REUSED : TCPTRACE_CLOSE_FIN);
	}
	KUNIT_EXPECT_EQ(test, closes, 2U);
	KUNIT_EXPECT_EQ(test, opens, 3U);
}

/* Races between CPUs. */

/*
 * CPU A finds no connection. CPU B opens the connection. When CPU A has the
 * bucket lock, it must repeat the lookup.
 */
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
	mine = tcpt_table_alloc(&fx->ns[0]);
	KUNIT_EXPECT_NOT_NULL(test, mine);
	/* B */
	tcpt_fixture_send(fx, 1, ORIG, SYN, 0, 0);
	/* A */
	spin_lock_bh(tcpt_table_lock(table, hash));
	found = tcpt_table_find(table, &key, hash);
	spin_unlock_bh(tcpt_table_lock(table, hash));
	KUNIT_EXPECT_NOT_NULL(test, found);
	if (mine)
		tcpt_table_free_unused(mine);
	/* the SYN,ACK finds B's connection */
	tcpt_fixture_send(fx, 1, RESP, SYNACK, 0, 1);
	rcu_read_unlock();
	KUNIT_EXPECT_PTR_EQ(test, tcpt_fixture_find(fx, 1), found);
	KUNIT_EXPECT_EQ(test, tcpt_table_count(table), 1U);
	KUNIT_EXPECT_EQ(test, table->half_open, 1U);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_OPENED), 1UL);
	/* the connection that was not inserted has used no id */
	tcpt_fixture_send(fx, 2, ORIG, SYN, 0, 0);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_find(fx, 2)->place.id, 2ULL);
}

/*
 * CPU A finds a connection. CPU B expires the connection. CPU A must notice
 * this, and repeat the lookup.
 */
static void race_expiry_against_lookup(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_conn *found, *after;
	struct tcpt_flow key;
	u32 hash = tcpt_fixture_key(fx, 1, &key);
	unsigned int n;

	tcpt_fixture_send(fx, 1, ORIG, SYN, 0, 0);
	KUNIT_ASSERT_NOT_NULL(test, tcpt_fixture_find(fx, 1));
	rcu_read_lock();
	found = tcpt_table_find(&fx->tracker.table, &key, hash);
	/* B */
	n = tcpt_gc_bucket(&fx->tracker, hash & fx->tracker.table.mask,
			   U64_MAX);
	KUNIT_EXPECT_EQ(test, n, 1U);
	/* A: KASAN would report freed memory */
	spin_lock_bh(&found->lock);
	KUNIT_EXPECT_TRUE(test, found->dead);
	KUNIT_EXPECT_EQ(test, found->queue, TCPT_QUEUE_NONE);
	spin_unlock_bh(&found->lock);
	KUNIT_EXPECT_NULL(test, tcpt_fixture_find(fx, 1));
	tcpt_fixture_send(fx, 1, ORIG, SYN, 0, 0);
	after = tcpt_fixture_find(fx, 1);
	KUNIT_EXPECT_NOT_NULL(test, after);
	KUNIT_EXPECT_PTR_NE(test, after, found);
	KUNIT_EXPECT_EQ(test, after->place.id, 2ULL);
	KUNIT_EXPECT_EQ(test, found->form, TCPT_FORM_HALF_OPEN);
	rcu_read_unlock();
}

/*
 * A walk over a chain must reach the end of the chain, even if an entry is
 * removed meanwhile.
 */
static void race_walk_over_a_dead_one(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_conn *conn[3];
	struct hlist_nulls_node *pos;
	unsigned int i, n = 0;
	u32 flow[3], f = 0;

	for (i = 0; i < 3; i++) {
		f = tcpt_fixture_collide(fx, f + 1, 33);
		flow[i] = f;
		tcpt_fixture_send(fx, f, ORIG, SYN, 0, 0);
		conn[i] = tcpt_fixture_find(fx, f);
	}
	rcu_read_lock();
	/* CPU A is at the second connection when CPU B removes it */
	pos = &conn[1]->node;
	tcpt_fixture_take_out(fx, flow[1]);
	for (; !is_a_nulls(pos);
	     pos = rcu_dereference(hlist_nulls_next_rcu(pos)))
		n++;
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, n, 2U);
	KUNIT_EXPECT_PTR_EQ(test, tcpt_fixture_find(fx, flow[0]), conn[0]);
	KUNIT_EXPECT_PTR_EQ(test, tcpt_fixture_find(fx, flow[2]), conn[2]);
}

/*
 * Another CPU has set conn->dead, but has not called hlist_del_rcu() yet. Every
 * lookup finds the dead connection, and the segment is counted as late.
 */
static void race_lookup_meets_a_dead_one(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader = tcpt_fixture_reader(fx, 0, 4096);
	struct tcpt_half_open before;
	struct tcpt_conn *conn;

	tcpt_reader_set_mask(reader, TCPTRACE_MASK_DEFAULT);
	tcpt_fixture_send(fx, 1, ORIG, SYN, 0, 0);
	while (tcpt_fixture_next(fx, reader))
		;
	conn = tcpt_fixture_find(fx, 1);
	KUNIT_ASSERT_NOT_NULL(test, conn);
	conn->dead = true;
	before = conn->half_open;
	tcpt_fixture_send(fx, 1, RESP, SYNACK, 0, 1);
	/*
	 * a SYN with a different ISN would end the connection, but the
	 * connection is already ending
	 */
	tcpt_fixture_send(fx, 1, ORIG, SYN, 5555, 0);
	conn->dead = false;
	KUNIT_EXPECT_EQ(test, conn->form, TCPT_FORM_HALF_OPEN);
	KUNIT_EXPECT_EQ(test, memcmp(&before, &conn->half_open,
				     sizeof(before)), 0);
	KUNIT_EXPECT_NULL(test, tcpt_fixture_next(fx, reader));
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_TRACKED), 1UL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_LATE), 2UL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_OPENED), 1UL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_REUSED), 0UL);
}

/*
 * Only the server's segments of connection 1 are seen. While these segments
 * arrive, connection 1 is not the first to be evicted.
 */
static void tracker_spares_a_busy_direction(struct kunit *test)
{
	struct fixture *fx = test->priv;
	u32 flow;

	fx->config.max_half_open = 4;
	tcpt_fixture_send(fx, 1, RESP, SYNACK, 0, 1);
	for (flow = 2; flow < 40; flow++) {
		fx->now++;
		tcpt_fixture_send(fx, 1, RESP, ACK, 1, flow);
		tcpt_fixture_send(fx, flow, ORIG, SYN, 0, 0);
		KUNIT_EXPECT_NOT_NULL(test, tcpt_fixture_find(fx, 1));
		KUNIT_EXPECT_LE(test, fx->tracker.table.half_open, 4U);
	}
	/* connection 1 is now silent */
	for (; flow < 50; flow++)
		tcpt_fixture_send(fx, flow, ORIG, SYN, 0, 0);
	KUNIT_EXPECT_NULL(test, tcpt_fixture_find(fx, 1));
}

/*
 * Open a connection, and allow no other half-open connection. Return: the
 * connection.
 */
static struct tcpt_conn *make_victim(struct fixture *fx)
{
	struct tcpt_conn *conn;

	fx->config.max_half_open = 1;
	tcpt_fixture_send(fx, 1, ORIG, SYN, 0, 0);
	conn = tcpt_fixture_find(fx, 1);
	KUNIT_ASSERT_NOT_NULL(fx->test, conn);
	return conn;
}

/*
 * CPU A has chosen a victim. CPU B confirms the victim before CPU A has the
 * locks, so the victim stays in the table.
 */
static void race_victim_is_confirmed(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_conn *conn = make_victim(fx);

	tcpt_fixture_send(fx, 1, RESP, SYNACK, 0, 1);
	/*
	 * CPU B has confirmed the connection, but has not moved it to a
	 * different queue yet
	 */
	spin_lock_bh(&conn->lock);
	conn->full->track.marks |= TCPT_MARK_CONFIRMED;
	spin_unlock_bh(&conn->lock);
	tcpt_fixture_send(fx, 2, ORIG, SYN, 0, 0);
	KUNIT_EXPECT_PTR_EQ(test, tcpt_fixture_find(fx, 1), conn);
	KUNIT_EXPECT_FALSE(test, conn->dead);
	KUNIT_EXPECT_EQ(test, conn->queue, TCPT_QUEUE_NONE);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_EVICTED), 0UL);
	KUNIT_EXPECT_EQ(test, fx->tracker.table.half_open, 1U);
}

/*
 * CPU A has chosen a victim. CPU B ends the victim before CPU A has the locks.
 * The victim must end only once.
 */
static void race_victim_is_dead(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_conn *conn = make_victim(fx);

	conn->dead = true;
	tcpt_fixture_send(fx, 2, ORIG, SYN, 0, 0);
	conn->dead = false;
	KUNIT_EXPECT_PTR_EQ(test, tcpt_fixture_find(fx, 1), conn);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_EVICTED), 0UL);
	KUNIT_EXPECT_EQ(test, stat(fx, TCPT_STAT_CLOSED), 0UL);
}

/* The victim has left its queue, then moves to another queue, and then ends. */
static void race_victim_moves_on(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_table *table = &fx->tracker.table;
	enum tcptrace_limit_kind limit;
	struct tcpt_conn *conn;

	fx->config.max_half_open = 0;
	tcpt_fixture_insert(fx, 1);
	rcu_read_lock_bh();
	conn = tcpt_table_victim(table, &limit);
	KUNIT_EXPECT_PTR_EQ(test, conn, tcpt_fixture_find(fx, 1));
	KUNIT_EXPECT_NULL(test, tcpt_table_victim(table, &limit));
	KUNIT_EXPECT_EQ(test, table->half_open, 0U);
	tcpt_fixture_queue(fx, 1, TCPT_QUEUE_FINISHED);
	KUNIT_EXPECT_EQ(test, table->half_open, 0U);
	tcpt_fixture_take_out(fx, 1);
	KUNIT_EXPECT_EQ(test, table->half_open, 0U);
	rcu_read_unlock_bh();
}

/*
 * The clock is read before the lock is taken, so a segment with a later time
 * can be tracked first.
 */
static void race_time_goes_back(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader = tcpt_fixture_reader(fx, 0, 16384);
	const struct tcptrace_header *h;
	const struct tcpt_track *track;
	u64 last = 0;

	tcpt_fixture_send(fx, 1, ORIG, SYN, 0, 0);
	fx->now = FIXTURE_START + 500;
	tcpt_fixture_send(fx, 1, RESP, SYNACK, 0, 1);
	fx->now = FIXTURE_START + 300;
	tcpt_fixture_send(fx, 1, ORIG, ACK, 1, 1);
	fx->now = FIXTURE_START + 100;
	tcpt_fixture_finish(fx, 1);
	track = tcpt_fixture_track(fx, 1);
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

/*
 * A segment of connection 2 evicts connection 1, but has an earlier time than
 * the last segment of connection 1. CLOSE must have the later time.
 */
static void race_evicted_by_the_past(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader = tcpt_fixture_reader(fx, 0, 16384);
	const struct tcptrace_header *h;
	u64 closed = 0;

	fx->config.max_half_open = 1;
	fx->now = FIXTURE_START + 500;
	tcpt_fixture_send(fx, 1, ORIG, SYN, 0, 0);
	fx->now = FIXTURE_START + 100;
	tcpt_fixture_send(fx, 2, ORIG, SYN, 0, 0);
	while ((h = tcpt_fixture_next(fx, reader)))
		if (h->type == TCPTRACE_CLOSE)
			closed = h->time;
	KUNIT_EXPECT_EQ(test, closed, FIXTURE_START + 500);
}

static struct kunit_case tracker_cases[] = {
	KUNIT_CASE(tracker_follows_a_connection),
	KUNIT_CASE(tracker_begins_with_the_end),
	KUNIT_CASE(tracker_counts_forged_self),
	KUNIT_CASE(tracker_picks_up_midstream),
	KUNIT_CASE(tracker_counts_oddities),
	KUNIT_CASE(tracker_is_full_of_open_ones),
	KUNIT_CASE(tracker_keeps_the_newcomer),
	KUNIT_CASE(tracker_limits_a_chain),
	KUNIT_CASE(tracker_tells_twins_apart),
	KUNIT_CASE(tracker_survives_a_flood),
	KUNIT_CASE(tracker_survives_a_flood_without_rcu),
	KUNIT_CASE(tracker_survives_a_flood_of_answers),
	KUNIT_CASE(tracker_is_full_of_dead_ones),
	KUNIT_CASE(tracker_reuses_what_is_over),
	KUNIT_CASE(race_insert_after_lookup),
	KUNIT_CASE(race_expiry_against_lookup),
	KUNIT_CASE(race_walk_over_a_dead_one),
	KUNIT_CASE(race_lookup_meets_a_dead_one),
	KUNIT_CASE(tracker_spares_a_busy_direction),
	KUNIT_CASE(race_victim_is_confirmed),
	KUNIT_CASE(race_victim_is_dead),
	KUNIT_CASE(race_victim_moves_on),
	KUNIT_CASE(race_time_goes_back),
	KUNIT_CASE(race_evicted_by_the_past),
	{}
};

static struct kunit_suite tracker_suite = {
	.name = "tcptrace_tracker",
	.init = tcpt_fixture_init,
	.exit = tcpt_fixture_exit,
	.test_cases = tracker_cases,
};

kunit_test_suite(tracker_suite);
