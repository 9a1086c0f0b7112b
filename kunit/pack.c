// SPDX-License-Identifier: GPL-2.0
/*
 * Check that packing preserves every byte, and that the tracker can use packed
 * and clean connections.
 */
#include "fixture_table.h"

#include "../module/core/fold.h"
#include "../module/core/timeout.h"
#include "../module/pack.h"

#include <linux/prandom.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

enum {
	STATES	= 10000,
	CANARY	= 0xa5,
	RECENT	= 27,		/* entries that one byte can refer to */
	HEAD	= 12,		/* bytes before the words */
	LARGEST	= 13,		/* largest number of bytes for one word */
	SMALL	= 272,		/* largest size of a short connection */
};

/**
 * struct pack_room - a packed connection, with guard bytes after it
 * @packed: the packed connection
 * @room: its memory
 * @canary: guard bytes that must not change; each byte is CANARY
 * @full: the state before packing
 * @unpacked: the state after unpacking
 * @folded: @full after tcpt_fold()
 * @list: the words that were not found in the RECENT entries before them
 */
struct pack_room {
	union {
		struct tcpt_packed packed;
		u8 room[TCPT_PACK_MAX];
	};
	u8 canary[64];
	struct tcpt_full full;
	struct tcpt_full unpacked;
	struct tcpt_full folded;
	u32 list[RECENT + 2 + TCPT_PACK_WORDS];
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

static u32 random_word(struct rnd_state *rnd)
{
	return prandom_u32_state(rnd) >> prandom_u32_state(rnd) % 4 * 8;
}

/*
 * Set each word to a random value with a probability of @share / 256, to an
 * earlier word with the same probability, or else to 0. Then call make_open().
 */
static void fill_in(struct tcpt_full *full, struct rnd_state *rnd, u32 share)
{
	u32 *word = (u32 *)full;
	unsigned int i;
	u32 choice;

	memset(full, 0, sizeof(*full));
	for (i = 0; i < TCPT_PACK_WORDS; i++) {
		choice = prandom_u32_state(rnd) % 256;
		if (choice < share)
			word[i] = random_word(rnd);
		else if (choice < 2 * share && i)
			word[i] = word[prandom_u32_state(rnd) % i];
	}
	make_open(full);
}

/* Is @word one of the last RECENT entries of the list, which ends at @end? */
static bool find(const struct pack_room *room, unsigned int end, u32 word)
{
	unsigned int i = end - RECENT;

	while (i < end && room->list[i] != word)
		i++;
	return i < end;
}

/*
 * Compute the packed size. A nonzero word needs one byte. It also needs its own
 * bytes, unless find() finds it. The list begins with track.heard. 8 to 64 zero
 * words before a nonzero word need a byte.
 */
static unsigned int packed_size(struct pack_room *room)
{
	const u32 *word = (const u32 *)&room->folded;
	unsigned int i, end = RECENT, zeros = 0, size = HEAD;

	memset(room->list, 0, sizeof(room->list));
	room->list[end++] = room->full.track.heard;
	room->list[end++] = room->full.track.heard >> 32;
	for (i = 0; i < TCPT_PACK_WORDS; i++) {
		if (!word[i]) {
			zeros++;
			continue;
		}
		size += 1 + (zeros / 8 + 7) / 8;
		zeros = 0;
		if (find(room, end, word[i]))
			continue;
		room->list[end++] = word[i];
		size += 1 + (word[i] > 0xff) + (word[i] > 0xffff) +
			(word[i] > 0xffffff);
	}
	return size;
}

static void fold(struct pack_room *room)
{
	room->folded = room->full;
	tcpt_fold(&room->folded.track);
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
		fill_in(&room->full, &rnd, prandom_u32_state(&rnd) % 128);
		fold(room);
		size = packed_size(room);
		room->unpacked = room->full;
		done = tcpt_pack(&room->packed, &room->unpacked);
		if (done) {
			KUNIT_ASSERT_EQ(test, tcpt_pack_size(&room->packed),
					(size_t)size);
			expect_same(test, room);
		}
		/*
		 * for sizes between the two limits below, tcpt_pack() may
		 * refuse a word that fits
		 */
		if (size + LARGEST <= TCPT_PACK_MAX)
			KUNIT_ASSERT_TRUE(test, done);
		if (size > TCPT_PACK_MAX)
			KUNIT_ASSERT_FALSE(test, done);
		fit += done;
		too_large += !done;
		KUNIT_ASSERT_NULL(test, memchr_inv(room->canary, CANARY,
						   sizeof(room->canary)));
	}
	KUNIT_EXPECT_GT(test, fit, 1000U);
	KUNIT_EXPECT_GT(test, too_large, 1000U);
}

/* @to ^= @from */
static void add_words(struct tcpt_full *to, const struct tcpt_full *from)
{
	const u32 *b = (const u32 *)from;
	u32 *a = (u32 *)to;
	unsigned int i;

	for (i = 0; i < TCPT_PACK_WORDS; i++)
		a[i] ^= b[i];
}

/*
 * A state that is folded twice is unchanged, and the difference of two folded
 * states is the folded difference of the states.
 */
static void fold_is_its_inverse(struct kunit *test)
{
	struct pack_room *room = make_room(test), *other = make_room(test);
	size_t size = TCPT_PACK_WORDS * sizeof(u32);
	struct rnd_state rnd;
	unsigned int i;

	prandom_seed_state(&rnd, 0x7ac40003);
	for (i = 0; i < STATES; i++) {
		fill_in(&room->full, &rnd, 64);
		fill_in(&other->full, &rnd, 64);
		fold(room);
		fold(other);
		room->unpacked = room->folded;
		tcpt_fold(&room->unpacked.track);
		KUNIT_ASSERT_EQ(test, memcmp(&room->unpacked, &room->full,
					     size), 0);
		add_words(&room->full, &other->full);
		add_words(&room->folded, &other->folded);
		tcpt_fold(&room->full.track);
		KUNIT_ASSERT_EQ(test, memcmp(&room->folded, &room->full, size),
				0);
	}
}

static unsigned int count_words(const struct tcpt_full *full)
{
	const u32 *word = (const u32 *)full;
	unsigned int i, n = 0;

	for (i = 0; i < TCPT_PACK_WORDS; i++)
		n += word[i] != 0;
	return n;
}

static void fold_makes_words_zero(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pack_room *room = make_room(test);
	struct tcpt_conn *conn;
	unsigned int before;

	tcpt_fixture_establish(fx, 1);
	tcpt_fixture_fast(fx, 1, (struct segment_spec) { ORIG, ACK, 1, 1, 10 });
	tcpt_fixture_fast(fx, 1, (struct segment_spec) { RESP, ACK, 1, 11, 9 });
	conn = tcpt_fixture_find(fx, 1);
	KUNIT_ASSERT_NOT_NULL(test, conn);
	before = count_words(conn->full);
	room->full = *conn->full;
	fold(room);
	KUNIT_EXPECT_LE(test, count_words(&room->folded), before - 20);
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

/* Keep a connection idle until it is packed. */
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
	KUNIT_EXPECT_LE(test, tcpt_pack_size(conn->packed), (size_t)SMALL);
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

/* Set fields that are 0 in an ordinary connection to random bytes. */
static void set_much(struct tcpt_full *full)
{
	struct rnd_state rnd;

	prandom_seed_state(&rnd, 0x7ac40002);
	prandom_bytes_state(&rnd, &full->context, sizeof(full->context));
	prandom_bytes_state(&rnd, full->track.response,
			    sizeof(full->track.response));
	prandom_bytes_state(&rnd, &full->track.findings,
			    sizeof(full->track.findings));
	prandom_bytes_state(&rnd, &full->track.pending,
			    sizeof(full->track.pending));
	prandom_bytes_state(&rnd, &full->track.end[0].gaps,
			    sizeof(full->track.end[0].gaps));
	prandom_bytes_state(&rnd, &full->track.end[1].gaps,
			    sizeof(full->track.end[1].gaps));
}

static void set_little(struct tcpt_full *full)
{
	memset(&full->context, 0, sizeof(full->context));
	memset(full->track.response, 0, sizeof(full->track.response));
	memset(&full->track.findings, 0, sizeof(full->track.findings));
	memset(&full->track.pending, 0, sizeof(full->track.pending));
	memset(&full->track.end[0].gaps, 0, sizeof(full->track.end[0].gaps));
	memset(&full->track.end[1].gaps, 0, sizeof(full->track.end[1].gaps));
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
	set_much(conn->full);
	age(fx, last + TCPT_GC_IDLE_S * FIXTURE_SEC);
	KUNIT_EXPECT_EQ(test, conn->form, TCPT_FORM_FULL);
	KUNIT_EXPECT_EQ(test, conn->full->kept, (u32)last);
	set_little(conn->full);
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
	KUNIT_CASE(fold_is_its_inverse),
	KUNIT_CASE(fold_makes_words_zero),
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
