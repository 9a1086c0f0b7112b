// SPDX-License-Identifier: GPL-2.0
/*
 * Check that a clean connection has the same state as a full one. Two network
 * namespaces get the same segments, and the connection of ns[1] becomes clean
 * as soon as possible. See kunit/fastpath.c for tcpt_clean_segment() itself.
 */
#include "fixture_table.h"

#include "../module/vantage.h"

#include <linux/prandom.h>
#include <linux/string.h>

#define SEGMENTS	20000

/**
 * struct twins - the same connection in both namespaces
 * @fx: the fixture
 * @rnd: random numbers with a constant seed
 * @sent: the next sequence number of each host, relative to its ISN
 * @full: copies of the state of both connections
 * @record: the last record about the connection of ns[0]
 * @reader: a reader in each namespace
 */
struct twins {
	struct fixture *fx;
	struct rnd_state rnd;
	u32 sent[2];
	struct tcpt_full full[2];
	struct tcptrace_segment record;
	struct tcpt_reader *reader[2];
};

static u32 dice(struct twins *t, u32 sides)
{
	return prandom_u32_state(&t->rnd) % sides;
}

static struct tcpt_conn *conn_of(struct fixture *fx, unsigned int ns)
{
	return list_first_entry(&fx->ns[ns].conns, struct tcpt_conn,
				place.list);
}

static enum tcpt_form form_of(struct fixture *fx)
{
	return conn_of(fx, 1)->form;
}

/* Make the connection of ns[1] clean. Return: true if it is clean now. */
static bool make_clean(struct fixture *fx)
{
	struct tcpt_conn *conn = conn_of(fx, 1);

	spin_lock_bh(&conn->lock);
	if (conn->form == TCPT_FORM_FULL)
		tcpt_table_clean(conn);
	spin_unlock_bh(&conn->lock);
	return conn->form == TCPT_FORM_CLEAN;
}

static void see(struct fixture *fx, const struct tcpt_segment *seg)
{
	tcpt_fixture_see(fx, 0, seg, TCPTRACE_HOOK_FORWARD);
	tcpt_fixture_see(fx, 1, seg, TCPTRACE_HOOK_FORWARD);
}

static void say(struct twins *t, struct segment_spec spec)
{
	struct tcpt_segment seg;

	tcpt_fixture_plain(&seg, 1, spec);
	t->fx->now += 1000000;
	see(t->fx, &seg);
}

/* Send data from @from. The other host acknowledges the data. */
static void exchange(struct twins *t, unsigned int from)
{
	u32 sent = t->sent[from], ack = t->sent[!from];

	say(t, (struct segment_spec) { from, ACK, sent, ack, 100 });
	say(t, (struct segment_spec) { !from, ACK, ack, sent + 100 });
	t->sent[from] += 100;
}

static void stay_full(struct fixture *fx)
{
	conn_of(fx, 0)->full->patience = TCPT_CONN_PATIENCE;
	conn_of(fx, 0)->full->streak = 0;
}

/* Establish the connection, and send data in both directions. */
static struct twins *make_twins(struct kunit *test)
{
	struct twins *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	t->fx = test->priv;
	prandom_seed_state(&t->rnd, 0xc1ea0001);
	say(t, (struct segment_spec) { ORIG, SYN });
	say(t, (struct segment_spec) { RESP, SYNACK, 0, 1 });
	say(t, (struct segment_spec) { ORIG, ACK, 1, 1 });
	t->sent[0] = 1;
	t->sent[1] = 1;
	exchange(t, ORIG);
	exchange(t, RESP);
	exchange(t, ORIG);
	return t;
}

static void copy(struct twins *t, unsigned int ns)
{
	struct tcpt_conn *conn = conn_of(t->fx, ns);

	spin_lock_bh(&conn->lock);
	tcpt_conn_copy(&t->full[ns], conn);
	spin_unlock_bh(&conn->lock);
	t->full[ns].streak = 0;
	t->full[ns].patience = 0;
}

static void expect_twins(struct twins *t)
{
	copy(t, 0);
	copy(t, 1);
	KUNIT_ASSERT_EQ(t->fx->test,
			memcmp(&t->full[0], &t->full[1],
			       offsetofend(struct tcpt_full, context)), 0);
}

/* Both readers get the same record, except that its namespace differs. */
static void expect_record(struct twins *t)
{
	const struct tcptrace_header *h;
	struct tcptrace_segment *second;

	h = tcpt_fixture_next(t->fx, t->reader[0]);
	KUNIT_ASSERT_NOT_NULL(t->fx->test, h);
	KUNIT_ASSERT_EQ(t->fx->test, h->type, TCPTRACE_SEGMENT);
	memcpy(&t->record, h, sizeof(t->record));
	h = tcpt_fixture_next(t->fx, t->reader[1]);
	KUNIT_ASSERT_NOT_NULL(t->fx->test, h);
	second = (struct tcptrace_segment *)h;
	second->flow.netns = t->record.flow.netns;
	KUNIT_ASSERT_EQ(t->fx->test, memcmp(second, &t->record,
					    sizeof(t->record)), 0);
}

/* Make a random segment. Most are in order; some are unusual. */
static void random_segment(struct twins *t, struct tcpt_segment *seg)
{
	unsigned int from = dice(t, 2);
	u32 ack = t->sent[!from];

	tcpt_fixture_segment(seg, 1, from, ACK, t->sent[from],
			     ack - (dice(t, 4) ? 0 : dice(t, 100)));
	seg->ttl = 64;
	if (dice(t, 2))
		seg->len = dice(t, 50) ? 100 : 1 + dice(t, 1400);
	if (!dice(t, 3))
		seg->flags |= TCPTRACE_PSH;
	if (!dice(t, 40))
		seg->window -= dice(t, 2) ? dice(t, 100) : 0;
	if (!dice(t, 200))
		seg->tos = dice(t, 4);
	if (!dice(t, 200))
		seg->ttl = 63;
	if (!dice(t, 300))
		seg->seq -= 100;
	else
		t->sent[from] += seg->len;
}

static void clean_makes_no_difference(struct kunit *test)
{
	struct twins *t = make_twins(test);
	struct fixture *fx = t->fx;
	unsigned int i, clean = 0;
	struct tcpt_segment seg;

	for (i = 0; i < FIXTURE_NS; i++) {
		t->reader[i] = tcpt_fixture_reader(fx, i, 65536);
		tcpt_reader_set_mask(t->reader[i],
				     TCPTRACE_MASK(TCPTRACE_SEGMENT));
	}
	stay_full(fx);
	for (i = 0; i < SEGMENTS; i++) {
		stay_full(fx);
		random_segment(t, &seg);
		fx->now += dice(t, 20) ? dice(t, 2000000) :
					 dice(t, 0x7fffffff);
		make_clean(fx);
		see(fx, &seg);
		clean += form_of(fx) == TCPT_FORM_CLEAN;
		expect_twins(t);
		expect_record(t);
	}
	KUNIT_EXPECT_GT(test, clean, SEGMENTS / 8U);
}

/* Exchange data until the connection is clean. Return: number of segments. */
static unsigned int until_clean(struct twins *t)
{
	unsigned int n = 0;

	while (form_of(t->fx) != TCPT_FORM_CLEAN && n < 10000) {
		exchange(t, ORIG);
		n += 2;
	}
	return n;
}

/*
 * A connection becomes clean after some segments. Each time the connection
 * becomes full again, the required number of segments doubles.
 */
static void clean_after_a_streak(struct kunit *test)
{
	struct twins *t = make_twins(test);
	unsigned int i, n;

	n = until_clean(t);
	KUNIT_EXPECT_LE(test, n, 1U << TCPT_CONN_STREAK);
	for (i = 1; i <= 3; i++) {
		/* a retransmission */
		say(t, (struct segment_spec) {
			ORIG, ACK, t->sent[0] - 100, t->sent[1], 100,
		});
		KUNIT_EXPECT_EQ(test, form_of(t->fx), TCPT_FORM_FULL);
		n = until_clean(t);
		KUNIT_EXPECT_GE(test, n, 1U << (TCPT_CONN_STREAK + i));
		KUNIT_EXPECT_LE(test, n, (1U << (TCPT_CONN_STREAK + i)) + 8);
	}
	copy(t, 1);
	KUNIT_EXPECT_EQ(test, t->full[1].track.end[0].rexmit_packets, 3U);
}

/* A segment that is observed elsewhere makes a clean connection full. */
static void clean_needs_the_same_path(struct kunit *test)
{
	struct twins *t = make_twins(test);
	struct fixture *fx = t->fx;
	struct tcpt_segment seg;

	KUNIT_ASSERT_TRUE(test, make_clean(fx));
	tcpt_fixture_segment(&seg, 1, ORIG, ACK, t->sent[0], t->sent[1]);
	seg.ttl = 64;
	seg.len = 100;
	tcpt_fixture_see(fx, 1, &seg, TCPTRACE_HOOK_IN);
	KUNIT_EXPECT_EQ(test, form_of(fx), TCPT_FORM_FULL);
	KUNIT_EXPECT_NOT_NULL(test, conn_of(fx, 1)->full->vantage_log);
	/* while segments are remembered, the connection stays full */
	KUNIT_EXPECT_FALSE(test, make_clean(fx));
}

/* A clean connection becomes full if the sender's inode is still unknown. */
static void clean_asks_for_the_owner(struct kunit *test)
{
	static const u8 known[] = {
		TCPTRACE_KNOWN_NOTHING, TCPTRACE_KNOWN_SOCKET,
		TCPTRACE_KNOWN_TASK,
	};
	struct twins *t = make_twins(test);
	struct fixture *fx = t->fx;
	struct tcpt_segment seg;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		conn_of(fx, 1)->full->context.owner[0].known = known[i];
		conn_of(fx, 1)->full->vantage[0] =
			tcpt_vantage_of(1, 0, TCPTRACE_HOOK_OUT);
		conn_of(fx, 1)->full->vantage[1] =
			tcpt_vantage_of(1, 0, TCPTRACE_HOOK_OUT);
		KUNIT_ASSERT_TRUE(test, make_clean(fx));
		tcpt_fixture_segment(&seg, 1, ORIG, ACK, t->sent[0],
				     t->sent[1]);
		seg.ttl = 64;
		seg.len = 100;
		fx->now += 1000;
		tcpt_fixture_see(fx, 1, &seg, TCPTRACE_HOOK_OUT);
		t->sent[0] += 100;
		KUNIT_EXPECT_EQ(test, form_of(fx),
				known[i] < TCPTRACE_KNOWN_INODE ?
				TCPT_FORM_FULL : TCPT_FORM_CLEAN);
	}
}

static void age(struct fixture *fx, u64 now)
{
	unsigned int bucket;

	fx->now = now;
	for (bucket = 0; bucket <= fx->tracker.table.mask; bucket++)
		tcpt_gc_bucket(&fx->tracker, bucket, now);
}

/* The ageing worker makes connections clean, and packs idle clean connections. */
static void clean_conn_ages(struct kunit *test)
{
	struct twins *t = make_twins(test);
	struct fixture *fx = t->fx;
	struct tcpt_conn *conn = conn_of(fx, 1);
	u64 last = fx->now;

	age(fx, last + FIXTURE_SEC);
	KUNIT_EXPECT_EQ(test, conn->form, TCPT_FORM_CLEAN);
	age(fx, last + TCPT_GC_IDLE_S * FIXTURE_SEC - 1);
	KUNIT_EXPECT_EQ(test, conn->form, TCPT_FORM_CLEAN);
	exchange(t, ORIG);
	KUNIT_EXPECT_EQ(test, conn->form, TCPT_FORM_CLEAN);
	last = fx->now;
	age(fx, last + TCPT_GC_IDLE_S * FIXTURE_SEC - 1);
	KUNIT_EXPECT_EQ(test, conn->form, TCPT_FORM_CLEAN);
	age(fx, last + TCPT_GC_IDLE_S * FIXTURE_SEC);
	KUNIT_EXPECT_EQ(test, conn->form, TCPT_FORM_PACKED);
	expect_twins(t);
}

static bool was_closed(struct fixture *fx, struct tcpt_reader *reader)
{
	const struct tcptrace_header *h;
	bool closed = false;

	while ((h = tcpt_fixture_next(fx, reader)))
		closed |= h->type == TCPTRACE_CLOSE;
	return closed;
}

/* A clean connection times out like a full one. */
static void clean_conn_ends(struct kunit *test)
{
	struct twins *t = make_twins(test);
	struct fixture *fx = t->fx;
	struct tcpt_reader *reader = tcpt_fixture_reader(fx, 1, 16384);
	u64 end;

	fx->config.timeouts[TCPT_TIMEOUT_ESTABLISHED] = 10;
	KUNIT_ASSERT_TRUE(test, make_clean(fx));
	exchange(t, ORIG);
	end = fx->now + 10 * FIXTURE_SEC;
	age(fx, end - 1);
	KUNIT_EXPECT_EQ(test, form_of(fx), TCPT_FORM_CLEAN);
	KUNIT_EXPECT_FALSE(test, was_closed(fx, reader));
	age(fx, end);
	KUNIT_EXPECT_EQ(test, fx->ns[1].count, 0U);
	KUNIT_EXPECT_TRUE(test, was_closed(fx, reader));
	KUNIT_EXPECT_EQ(test, tcpt_fixture_stat(&fx->ns[1], TCPT_STAT_CLOSED),
			1UL);
}

/* A connection whose state is too large stays full. */
static void clean_has_a_largest_size(struct kunit *test)
{
	struct twins *t = make_twins(test);
	struct tcpt_full *full = conn_of(t->fx, 1)->full;

	prandom_bytes_state(&t->rnd, &full->context, sizeof(full->context));
	prandom_bytes_state(&t->rnd, &full->track.fate,
			    sizeof(full->track.fate));
	prandom_bytes_state(&t->rnd, &full->track.findings.list,
			    sizeof(full->track.findings.list));
	KUNIT_EXPECT_FALSE(test, make_clean(t->fx));
	KUNIT_EXPECT_EQ(test, full->patience, 1);
	memset(&full->context, 0, sizeof(full->context));
	KUNIT_EXPECT_TRUE(test, make_clean(t->fx));
}

static struct kunit_case clean_cases[] = {
	KUNIT_CASE(clean_makes_no_difference),
	KUNIT_CASE(clean_after_a_streak),
	KUNIT_CASE(clean_needs_the_same_path),
	KUNIT_CASE(clean_asks_for_the_owner),
	KUNIT_CASE(clean_conn_ages),
	KUNIT_CASE(clean_conn_ends),
	KUNIT_CASE(clean_has_a_largest_size),
	{}
};

static struct kunit_suite clean_suite = {
	.name = "tcptrace_clean",
	.init = tcpt_fixture_init,
	.exit = tcpt_fixture_exit,
	.test_cases = clean_cases,
};

kunit_test_suite(clean_suite);
