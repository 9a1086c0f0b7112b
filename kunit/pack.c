// SPDX-License-Identifier: GPL-2.0
/*
 * Check that packing preserves every byte, and that the tracker can use packed
 * connections.
 */
#include "fixture_table.h"

#include "../module/core/timeout.h"
#include "../module/pack.h"

#include <linux/prandom.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

enum {
	STATES	= 20000,
	CANARY	= 0xa5,
};

/**
 * struct pack_room - a packed connection, with guard bytes after it
 * @packed: the packed connection
 * @canary: guard bytes that must not change; each byte is CANARY
 * @full: the state before packing
 * @unpacked: the state after unpacking
 */
struct pack_room {
	struct tcpt_packed packed;
	u8 canary[64];
	struct tcpt_full full;
	struct tcpt_full unpacked;
};

static struct pack_room *make_room(struct kunit *test)
{
	struct pack_room *room = kunit_kzalloc(test, sizeof(*room), GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, room);
	memset(room->canary, CANARY, sizeof(room->canary));
	return room;
}

/*
 * Set the fields so that the connection may be packed; all other fields may
 * have any value.
 */
static void make_open(struct tcpt_full *full)
{
	full->vantage_log = NULL;
	full->track.marks = TCPT_MARK_CONFIRMED;
	full->track.end[0].state = TCPTRACE_ESTAB;
	full->track.end[1].state = TCPTRACE_ESTAB;
}

/*
 * Set each byte to a random value with probability @share / 256, else to 0.
 * Then call make_open().
 */
static void fill_in(struct tcpt_full *full, struct rnd_state *rnd, u32 share)
{
	u8 *byte = (u8 *)full;
	unsigned int i;

	for (i = 0; i < TCPT_PACK_WORDS * sizeof(u64); i++)
		byte[i] = prandom_u32_state(rnd) % 256 < share ?
			  prandom_u32_state(rnd) : 0;
	make_open(full);
}

/*
 * Compute the packed size: for each non-zero word, one byte and the non-zero
 * bytes of the word.
 */
static unsigned int packed_size(const struct tcpt_full *full)
{
	const u8 *byte = (const u8 *)full;
	unsigned int i, j, n, size = 0;

	for (i = 0; i < sizeof(*full); i += 8) {
		for (j = n = 0; j < 8; j++)
			n += byte[i + j] != 0;
		size += n ? n + 1 : 0;
	}
	return size;
}

static void expect_same(struct kunit *test, struct pack_room *room)
{
	memset(&room->unpacked, 0, sizeof(room->unpacked));
	tcpt_unpack(&room->unpacked, &room->packed);
	KUNIT_ASSERT_EQ(test, memcmp(&room->unpacked, &room->full,
				     sizeof(room->full)), 0);
}

static void pack_keeps_every_byte(struct kunit *test)
{
	struct pack_room *room = make_room(test);
	unsigned int i, size, fit = 0, too_large = 0;
	struct rnd_state rnd;
	bool done;

	prandom_seed_state(&rnd, 0x7ac40001);
	for (i = 0; i < STATES; i++) {
		fill_in(&room->full, &rnd, prandom_u32_state(&rnd) % 96);
		size = packed_size(&room->full);
		done = tcpt_pack(&room->packed, &room->full);
		if (done)
			expect_same(test, room);
		/*
		 * for sizes between the two limits below, pack_word() may
		 * refuse a word that fits
		 */
		if (size <= TCPT_PACK_ROOM - 8)
			KUNIT_ASSERT_TRUE(test, done);
		if (size > TCPT_PACK_ROOM)
			KUNIT_ASSERT_FALSE(test, done);
		fit += done;
		too_large += !done;
		KUNIT_ASSERT_NULL(test, memchr_inv(room->canary, CANARY,
						   sizeof(room->canary)));
	}
	KUNIT_EXPECT_GT(test, fit, 1000U);
	KUNIT_EXPECT_GT(test, too_large, 1000U);
}

/*
 * A connection can be packed only if both ends have confirmed it, if both ends
 * are past the handshake, and if the connection owns no other memory.
 */
static void pack_refuses_what_may_change(struct kunit *test)
{
	struct pack_room *room = make_room(test);
	struct tcpt_track *t = &room->full.track;

	make_open(&room->full);
	KUNIT_EXPECT_TRUE(test, tcpt_pack_may(&room->full));
	room->full.vantage_log = (void *)room;
	KUNIT_EXPECT_FALSE(test, tcpt_pack_may(&room->full));
	room->full.vantage_log = NULL;
	t->end[0].state = TCPTRACE_SYN_SENT;
	KUNIT_EXPECT_FALSE(test, tcpt_pack_may(&room->full));
	t->end[0].state = TCPTRACE_ESTAB;
	t->marks = TCPT_MARK_ONE_WAY;
	KUNIT_EXPECT_FALSE(test, tcpt_pack_may(&room->full));
	t->marks = TCPT_MARK_CONFIRMED | TCPT_MARK_CLOSED;
	KUNIT_EXPECT_TRUE(test, tcpt_pack_may(&room->full));
}

static void age(struct fixture *fx, u64 now)
{
	unsigned int bucket;

	for (bucket = 0; bucket <= fx->tracker.table.mask; bucket++)
		tcpt_gc_bucket(&fx->tracker, bucket, now);
}

/* Let the connection be idle until it is packed. */
static struct tcpt_conn *packed_conn(struct fixture *fx, u32 flow)
{
	struct tcpt_conn *conn = tcpt_fixture_find(fx, flow);

	KUNIT_ASSERT_NOT_NULL(fx->test, conn);
	fx->now = conn->full->track.last + TCPT_GC_IDLE_S * FIXTURE_SEC;
	age(fx, fx->now - 1);
	KUNIT_ASSERT_EQ(fx->test, conn->form, TCPT_FORM_FULL);
	age(fx, fx->now);
	KUNIT_ASSERT_EQ(fx->test, conn->form, TCPT_FORM_PACKED);
	return conn;
}

static unsigned int count_closes(struct fixture *fx, struct tcpt_reader *reader)
{
	const struct tcptrace_header *h;
	unsigned int n = 0;

	while ((h = tcpt_fixture_next(fx, reader)))
		n += h->type == TCPTRACE_CLOSE;
	return n;
}

static void packed_conn_lives_on(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_conn *conn;
	u64 packets;

	fx->config.timeouts[TCPT_TIMEOUT_TIME_WAIT] = 2 * TCPT_GC_IDLE_S;
	tcpt_fixture_establish(fx, 1);
	packets = tcpt_fixture_track(fx, 1)->end[0].packets;
	conn = packed_conn(fx, 1);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_track(fx, 1)->end[0].packets,
			packets);
	KUNIT_EXPECT_EQ(test, conn->form, TCPT_FORM_PACKED);
	tcpt_fixture_send(fx, 1, ORIG, ACK, 1, 1);
	KUNIT_EXPECT_EQ(test, conn->form, TCPT_FORM_FULL);
	KUNIT_EXPECT_EQ(test, conn->full->track.end[0].packets, packets + 1);
	packed_conn(fx, 1);
	tcpt_fixture_finish(fx, 1);
	KUNIT_EXPECT_TRUE(test, tcpt_fixture_track(fx, 1)->marks &
				TCPT_MARK_CLOSED);
	/* the old connection, which is in TIME_WAIT, is packed again */
	packed_conn(fx, 1);
	tcpt_fixture_send(fx, 1, ORIG, SYN, 5000, 0);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_stat(&fx->ns[0], TCPT_STAT_REUSED),
			1UL);
	KUNIT_EXPECT_PTR_NE(test, tcpt_fixture_find(fx, 1), conn);
}

static void set_much(struct tcpt_full *full, int byte)
{
	memset(&full->context, byte, sizeof(full->context));
	memset(full->track.response, byte, sizeof(full->track.response));
	memset(&full->track.findings, byte, sizeof(full->track.findings));
	memset(&full->track.end[0].gaps, byte, sizeof(full->track.end[0].gaps));
}

/*
 * If a connection is too large to be packed, the next attempt comes only after
 * another segment of the connection.
 */
static void large_conn_stays_full(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_conn *conn;
	u64 last;

	tcpt_fixture_establish(fx, 1);
	conn = tcpt_fixture_find(fx, 1);
	KUNIT_ASSERT_NOT_NULL(test, conn);
	last = conn->full->track.last;
	set_much(conn->full, 1);
	age(fx, last + TCPT_GC_IDLE_S * FIXTURE_SEC);
	KUNIT_EXPECT_EQ(test, conn->form, TCPT_FORM_FULL);
	KUNIT_EXPECT_EQ(test, conn->full->kept, last);
	set_much(conn->full, 0);
	age(fx, last + TCPT_GC_IDLE_S * FIXTURE_SEC);
	KUNIT_EXPECT_EQ(test, conn->form, TCPT_FORM_FULL);
	fx->now += FIXTURE_SEC;
	tcpt_fixture_send(fx, 1, ORIG, ACK, 1, 1);
	packed_conn(fx, 1);
}

/*
 * A packed connection ends with a CLOSE record, unless it was already closed.
 */
static void packed_conn_ends(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader;
	struct tcpt_conn *conn;

	fx->config.timeouts[TCPT_TIMEOUT_TIME_WAIT] = 2 * TCPT_GC_IDLE_S;
	tcpt_fixture_establish(fx, 2);
	tcpt_fixture_finish(fx, 2);
	packed_conn(fx, 2);
	tcpt_fixture_establish(fx, 1);
	conn = packed_conn(fx, 1);
	rcu_read_lock();
	/* there is no reader, but both connections are counted as closed */
	age(fx, U64_MAX);
	KUNIT_EXPECT_TRUE(test, conn->dead);
	KUNIT_EXPECT_EQ(test, conn->form, TCPT_FORM_PACKED);
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, tcpt_fixture_stat(&fx->ns[0], TCPT_STAT_CLOSED),
			2UL);
	reader = tcpt_fixture_reader(fx, 0, 16384);
	tcpt_fixture_establish(fx, 3);
	packed_conn(fx, 3);
	tcpt_gc_namespace(&fx->tracker, &fx->ns[0], fx->now);
	KUNIT_EXPECT_EQ(test, count_closes(fx, reader), 1U);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_stat(&fx->ns[0], TCPT_STAT_CLOSED),
			3UL);
}

static struct kunit_case pack_cases[] = {
	KUNIT_CASE(pack_keeps_every_byte),
	KUNIT_CASE(pack_refuses_what_may_change),
	KUNIT_CASE(packed_conn_lives_on),
	KUNIT_CASE(large_conn_stays_full),
	KUNIT_CASE(packed_conn_ends),
	{}
};

static struct kunit_suite pack_suite = {
	.name = "tcptrace_pack",
	.init = tcpt_fixture_init,
	.exit = tcpt_fixture_exit,
	.test_cases = pack_cases,
};

kunit_test_suite(pack_suite);
