// SPDX-License-Identifier: GPL-2.0
/*
 * Check that the fast path gives the same result as the full path: send each
 * segment of random and of hand-written conversations through both paths. While
 * the connection is clean, the segment also takes the path of tcpt_clean_segment().
 */
#include <linux/prandom.h>
#include <linux/string.h>

#include "../module/core/clean.h"
#include "../module/core/fastpath.h"
#include "../module/core/open.h"
#include "../module/core/result.h"
#include "../module/core/segment.h"
#include "script.h"

#define TALKS		400
#define SEGMENTS	300	/* per talk */
#define CLOSING		25	/* the last segments, which may have a FIN */
#define SCALE_MAX	3	/* largest window scale */

/**
 * struct talk - a conversation of two hosts
 * @test: the test
 * @rnd: random numbers with a constant seed
 * @scaled: both hosts offer a window scale
 * @wild: many segments are abnormal
 * @t: the connection
 * @before: the connection before the last segment
 * @base: the connection when it became clean
 * @given: the connection restored from @base and @clean
 * @clean: the changes since @base
 * @is_clean: the connection is clean
 * @sent: the next sequence number of each host
 * @got: the acknowledgment number of each host
 * @window: the window of each host
 * @ended: the host has sent its FIN
 * @now: the time
 * @fast: number of segments that took the fast path
 * @transitions: number of segments that took the fast path for transitions
 * @full: number of segments that took the full path
 * @cleanly: number of segments that tcpt_clean_segment() tracked
 */
struct talk {
	struct kunit *test;
	struct rnd_state rnd;
	bool scaled;
	bool wild;
	struct tcpt_track t;
	struct tcpt_track before;
	struct tcpt_track base;
	struct tcpt_track given;
	struct tcpt_clean clean;
	bool is_clean;
	u32 sent[2];
	u32 got[2];
	u16 window[2];
	bool ended[2];
	u64 now;
	unsigned int fast;
	unsigned int transitions;
	unsigned int full;
	unsigned int cleanly;
};

static u32 roll(struct talk *k, u32 sides)
{
	return prandom_u32_state(&k->rnd) % sides;
}

static void fill(const struct talk *k, struct tcpt_segment *seg,
		 unsigned int from)
{
	memset(seg, 0, sizeof(*seg));
	seg->family = 4;
	seg->seq = k->sent[from];
	seg->ack = k->got[from];
	seg->flags = TCPTRACE_ACK;
	seg->window = k->window[from];
	seg->wire_segs = 1;
	seg->ttl = 64;
	seg->hdr_len = 20;
}

static void expect_same(struct talk *k, const struct tcpt_track *fully,
			const struct tcpt_result *a,
			const struct tcpt_result *b)
{
	KUNIT_ASSERT_EQ(k->test, memcmp(&k->t, fully, sizeof(*fully)), 0);
	KUNIT_ASSERT_EQ(k->test, a->class, b->class);
	KUNIT_ASSERT_EQ(k->test, a->steps, b->steps);
	KUNIT_ASSERT_EQ(k->test, a->rtt, b->rtt);
	KUNIT_ASSERT_EQ(k->test, a->found.classes, b->found.classes);
	KUNIT_ASSERT_EQ(k->test, a->found.dup_ack_num, b->found.dup_ack_num);
	KUNIT_ASSERT_EQ(k->test, a->suspicion.what, b->suspicion.what);
	KUNIT_ASSERT_EQ(k->test, memcmp(a->step, b->step,
					a->steps * sizeof(*a->step)), 0);
	KUNIT_ASSERT_EQ(k->test, a->rexmit, b->rexmit);
	KUNIT_ASSERT_EQ(k->test, a->findings, b->findings);
	KUNIT_ASSERT_EQ(k->test, memcmp(a->finding, b->finding,
					a->findings * sizeof(*a->finding)), 0);
	KUNIT_ASSERT_EQ(k->test, a->established, b->established);
	KUNIT_ASSERT_EQ(k->test, a->closed, b->closed);
	KUNIT_ASSERT_EQ(k->test, a->confirmed, b->confirmed);
}

/* If possible, make the connection clean. */
static void make_clean(struct talk *k)
{
	k->is_clean = tcpt_clean_may(&k->t);
	if (!k->is_clean)
		return;
	k->base = k->t;
	memset(&k->clean, 0, sizeof(k->clean));
	tcpt_clean_take(&k->clean, &k->base);
}

/* Check that @t can be restored from @base and @clean. */
static void expect_clean(struct talk *k, const struct tcpt_track *t)
{
	k->given = k->base;
	tcpt_clean_give(&k->clean, &k->given);
	KUNIT_ASSERT_EQ(k->test, memcmp(&k->given, t, sizeof(*t)), 0);
}

/*
 * Track a segment while the connection is clean. @rtt: the round trip time that
 * the segment measures
 */
static void see_clean(struct talk *k, unsigned int from,
		      const struct tcpt_segment *seg, u64 rtt)
{
	u64 measured = U64_MAX;

	k->is_clean = k->now >= tcpt_clean_last(&k->clean) &&
		      tcpt_clean_segment(&k->clean, from, seg, k->now,
					 &measured);
	expect_clean(k, k->is_clean ? &k->t : &k->before);
	if (!k->is_clean)
		return;
	KUNIT_ASSERT_EQ(k->test, measured, rtt);
	k->cleanly++;
}

static void see(struct talk *k, unsigned int from,
		const struct tcpt_segment *seg)
{
	struct tcpt_track fully = k->t, twice = k->t;
	struct tcpt_result a, b;
	u64 rtt;

	k->before = k->t;
	if (tcpt_fastpath_segment(&twice, from, seg, k->now, &rtt))
		k->fast++;
	else if (tcpt_fastpath_transition(&twice, from, seg, k->now, &a))
		k->transitions++;
	else
		k->full++;
	tcpt_track_segment(&k->t, from, seg, k->now, &a);
	tcpt_track_fully(&fully, from, seg, k->now, &b);
	expect_same(k, &fully, &a, &b);
	if (k->is_clean)
		see_clean(k, from, seg, b.rtt);
	if (!k->is_clean)
		make_clean(k);
}

/*
 * Change the TTL, the number of wire segments, the time or the window. Most
 * values of @which change nothing.
 */
static void vary(struct talk *k, struct tcpt_segment *seg, unsigned int from,
		 u32 which)
{
	switch (which) {
	case 14:
		seg->ttl += roll(k, 3) - 1;
		break;
	case 15:
		seg->wire_segs = 1 + roll(k, 3);
		break;
	case 16:
		k->now -= roll(k, 2) ? 1 : 1000000;
		break;
	case 17:	/* shrink the window for this and all later segments */
		k->window[from] -= roll(k, 1000);
		seg->window = k->window[from];
		break;
	case 18:	/* the same, but the segment is old */
		k->window[from] -= 100 + roll(k, 1000);
		seg->window = k->window[from];
		seg->seq -= 100;
		seg->len = 0;
		break;
	}
}

/* Make some segments abnormal. */
static void disturb(struct talk *k, struct tcpt_segment *seg,
		    unsigned int from)
{
	u32 which = roll(k, 260);

	switch (which) {
	case 0:
		seg->seq += roll(k, 3) - 1;
		break;
	case 1:
		seg->ack += roll(k, 3) - 1;
		break;
	case 2:
		seg->window = roll(k, 3);
		break;
	case 3:
		seg->seq -= 100;
		break;
	case 4:
		seg->seq += 500;
		break;
	case 5:
		seg->opt.present = TCPTRACE_OPT_SACK;
		seg->opt.sack_blocks = 1;
		break;
	case 6:
		seg->flags |= 1 << roll(k, 9);
		break;
	case 7:
		seg->ack -= roll(k, 20000);
		break;
	case 8:
		seg->ack += 0x40000000U << roll(k, 2);
		break;
	case 9:
		seg->tos = roll(k, 4);
		break;
	case 10:
		seg->len = roll(k, 2) ? 1 : 8000;
		break;
	case 11:
		seg->cut = true;
		break;
	case 12:
		seg->opt.present = TCPTRACE_OPT_MPTCP;
		break;
	case 13:	/* the segment before this one was not seen */
		k->sent[from] += 1 + roll(k, 1400);
		seg->seq = k->sent[from];
		break;
	default:
		vary(k, seg, from, which);
		break;
	}
}

/*
 * Receive data. The program may read only a part of the data. The right edge of
 * the window never moves back.
 */
static void receive(struct talk *k, unsigned int from, u32 bytes)
{
	k->got[from] += bytes;
	if (k->window[from] > 7000)
		k->window[from] -= roll(k, 2) ? bytes >> SCALE_MAX & 0xfff : 0;
	else
		k->window[from] += roll(k, 4) ? 0 : roll(k, 1000);
}

static void add_data(struct talk *k, struct tcpt_segment *seg,
		     unsigned int from)
{
	u32 room = k->t.wireshark.dir[!from].full - seg->seq;

	seg->len = 1 + roll(k, 1400);
	/* end at 0: some of Wireshark's rules take sequence number 0 for "none" */
	if (0 - seg->seq - 1 < 1400)
		seg->len = 0 - seg->seq;
	if (room - 1 < 8000 && !roll(k, 30))
		seg->len = room;
	seg->flags |= roll(k, 2) ? TCPTRACE_PSH : 0;
}

/* End the data of a host, or repeat the FIN. */
static void add_fin(struct talk *k, struct tcpt_segment *seg, unsigned int from)
{
	seg->flags |= TCPTRACE_FIN;
	seg->seq -= k->ended[from];
}

/* @left: number of segments until the end of the conversation */
static void say(struct talk *k, unsigned int left)
{
	unsigned int from = roll(k, 2);
	struct tcpt_segment seg;

	k->now += roll(k, 2000000);
	if (roll(k, 3))		/* the other host's data has arrived */
		receive(k, from, k->sent[!from] - k->got[from]);
	fill(k, &seg, from);
	if (!k->ended[from] && roll(k, 2))
		add_data(k, &seg, from);
	if (roll(k, 2)) {
		seg.opt.present = TCPTRACE_OPT_TIMESTAMP;
		seg.opt.tsval = (u32)k->now;
		seg.opt.tsecr = roll(k, 1000);
	}
	if (left < CLOSING && !roll(k, 8))
		add_fin(k, &seg, from);
	if (k->wild || !roll(k, 30))
		disturb(k, &seg, from);
	see(k, from, &seg);
	if (seg.seq != k->sent[from])
		return;
	k->sent[from] = tcpt_segment_end(&seg);
	k->ended[from] |= seg.flags & TCPTRACE_FIN;
}

/*
 * Let some hosts offer a window scale (both hosts, if @k->scaled), and some
 * hosts offer timestamps.
 */
static void offer(struct talk *k, struct tcpt_segment *seg)
{
	if (k->scaled || roll(k, 4)) {
		seg->opt.present |= TCPTRACE_OPT_WSCALE;
		seg->opt.wscale = roll(k, SCALE_MAX + 1);
	}
	if (roll(k, 2)) {
		seg->opt.present |= TCPTRACE_OPT_TIMESTAMP;
		seg->opt.tsval = (u32)k->now;
	}
}

/* Begin without a handshake, so the window scales are unknown. */
static void meet(struct talk *k)
{
	struct tcpt_segment seg;
	struct tcpt_result res;

	k->sent[0] = (roll(k, 2) ? 0U : 0x80000000U) - roll(k, 20000);
	k->sent[1] = (roll(k, 2) ? 0U : 0x80000000U) - roll(k, 20000);
	k->got[0] = k->sent[1];
	k->got[1] = k->sent[0];
	k->window[0] = 8000;
	k->window[1] = 8000;
	fill(k, &seg, 0);
	seg.len = 100;
	memset(&k->t, 0, sizeof(k->t));
	tcpt_open_track(&k->t, &seg, false, k->now, NULL, &res);
	see(k, 0, &seg);
	k->sent[0] += 100;
}

static void repeat(struct talk *k, const struct tcpt_segment *seg,
		   unsigned int from)
{
	struct tcpt_segment again = *seg;

	if (!k->wild || roll(k, 4))
		return;
	k->now += 1000000ULL * roll(k, 1500);
	if (again.opt.present & TCPTRACE_OPT_TIMESTAMP && roll(k, 2))
		again.opt.tsval = (u32)k->now;
	see(k, from, &again);
}

/* Make some SYNs and SYN,ACKs unusual. */
static void vary_syn(struct talk *k, struct tcpt_segment *seg)
{
	if (!k->wild)
		return;
	switch (roll(k, 24)) {
	case 0:
		seg->len = 10;
		break;
	case 1:
		seg->cut = true;
		break;
	case 2:
		seg->tos = roll(k, 4);
		break;
	case 3:
		seg->flags |= TCPTRACE_ECE;
		break;
	case 4:
		seg->opt.present |= TCPTRACE_OPT_MPTCP;
		break;
	case 5:
		seg->window = 0;
		break;
	case 6:
		seg->flags |= TCPTRACE_PSH;
		break;
	case 7:
		seg->ttl = 0;
		break;
	case 8:
		seg->ack += roll(k, 3) - 1;
		break;
	}
}

/* Exchange the SYN and the SYN,ACK. */
static void exchange_syns(struct talk *k)
{
	struct tcpt_segment syn, synack;
	struct tcpt_result res;

	fill(k, &syn, 0);
	syn.flags = TCPTRACE_SYN;
	offer(k, &syn);
	vary_syn(k, &syn);
	memset(&k->t, 0, sizeof(k->t));
	tcpt_open_track(&k->t, &syn, false, k->now, NULL, &res);
	see(k, 0, &syn);
	repeat(k, &syn, 0);
	/* RFC 7413: the receiver may ignore the data of a SYN */
	k->sent[0] += 1 + (roll(k, 2) ? syn.len : 0);
	k->got[1] = k->sent[0];
	k->now += 1000;
	fill(k, &synack, 1);
	synack.flags |= TCPTRACE_SYN;
	offer(k, &synack);
	synack.opt.tsecr = syn.opt.tsval;
	vary_syn(k, &synack);
	see(k, 1, &synack);
	repeat(k, &synack, 1);
	k->got[0] = ++k->sent[1];
}

static void shake_hands(struct talk *k)
{
	struct tcpt_segment ack;

	/*
	 * in a long conversation, the sequence numbers of both ends pass 0 or
	 * 2^31
	 */
	k->sent[0] = (roll(k, 2) ? 0U : 0x80000000U) - roll(k, 20000);
	k->sent[1] = (roll(k, 2) ? 0U : 0x80000000U) - roll(k, 20000);
	k->got[0] = 0;
	k->got[1] = 0;
	k->window[0] = 8000;
	k->window[1] = 8000;
	exchange_syns(k);
	/* the window of a SYN is not scaled, and may exceed later windows */
	k->window[0] -= roll(k, 1500);
	k->window[1] -= roll(k, 1500);
	k->now += 1000;
	fill(k, &ack, 0);
	see(k, 0, &ack);
}

static void both_ways(struct kunit *test)
{
	struct talk *k = kunit_kzalloc(test, sizeof(*k), GFP_KERNEL);
	unsigned int i, j;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, k);
	k->test = test;
	k->now = 1000000000;
	prandom_seed_state(&k->rnd, 0x7c970002);
	for (i = 0; i < TALKS; i++) {
		k->wild = i % 8 < 4;
		k->ended[0] = false;
		k->ended[1] = false;
		k->is_clean = false;
		if (i % 4)
			shake_hands(k);
		else
			meet(k);
		for (j = 0; j < SEGMENTS; j++)
			say(k, SEGMENTS - j);
	}
	/* each path was taken often enough for a comparison */
	KUNIT_EXPECT_GT(test, k->fast, TALKS * SEGMENTS / 8U);
	KUNIT_EXPECT_GT(test, k->full, TALKS * SEGMENTS / 8U);
	KUNIT_EXPECT_GT(test, k->transitions, 3U * TALKS);
	KUNIT_EXPECT_GT(test, k->cleanly, TALKS * SEGMENTS / 32U);
}

/* Compare the results of the fast path with values calculated by hand. */
static void counts(struct kunit *test)
{
	struct talk *k = kunit_kzalloc(test, sizeof(*k), GFP_KERNEL);
	struct tcpt_segment seg;
	unsigned int i;
	u64 rtt;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, k);
	k->test = test;
	k->now = 1000000000;
	k->scaled = true;
	shake_hands(k);
	for (i = 0; i < 10; i++) {
		fill(k, &seg, 0);
		seg.len = 100;
		k->sent[0] += 100;
		k->now += 1000;
		KUNIT_EXPECT_TRUE(test, tcpt_fastpath_segment(&k->t, 0, &seg,
							      k->now, &rtt));
		k->got[1] = k->sent[0];
		fill(k, &seg, 1);
		k->now += 5000;
		KUNIT_EXPECT_TRUE(test, tcpt_fastpath_segment(&k->t, 1, &seg,
							      k->now, &rtt));
		KUNIT_EXPECT_EQ(test, rtt, 5000ULL);
	}
	KUNIT_EXPECT_EQ(test, k->t.zeek.len, 5);
	KUNIT_EXPECT_EQ(test, memcmp(k->t.zeek.letters, "ShADa", 5), 0);
	KUNIT_EXPECT_EQ(test, k->t.wireshark.completeness,
			TCPTRACE_COMPLETE_SYN | TCPTRACE_COMPLETE_SYNACK |
			TCPTRACE_COMPLETE_ACK | TCPTRACE_COMPLETE_DATA);
	KUNIT_EXPECT_EQ(test, k->t.end[0].counters.first_data, 1000003000ULL);
	KUNIT_EXPECT_EQ(test, k->t.end[0].bytes, 1000ULL);
	KUNIT_EXPECT_EQ(test, k->t.end[0].unique_bytes, 1000ULL);
	KUNIT_EXPECT_EQ(test, k->t.end[0].packets, 12ULL);
	KUNIT_EXPECT_EQ(test, k->t.end[0].counters.data_packets, 10U);
	KUNIT_EXPECT_EQ(test, k->t.end[1].counters.pure_acks, 10U);
	KUNIT_EXPECT_EQ(test, k->t.end[0].rtt.samples, 11U);
	KUNIT_EXPECT_EQ(test, k->t.end[1].ack, k->sent[0]);
	KUNIT_EXPECT_EQ(test, k->t.last, k->now);
}

/*
 * A repeated FIN shows that the receiver may have missed the first FIN, even if
 * the repeated FIN is not acceptable.
 */
static void missed_fin(struct kunit *test)
{
	struct talk *k = kunit_kzalloc(test, sizeof(*k), GFP_KERNEL);
	struct tcpt_segment fin, data;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, k);
	k->test = test;
	k->now = 1000000000;
	k->scaled = true;
	shake_hands(k);
	fill(k, &fin, 1);
	fin.flags |= TCPTRACE_FIN;
	fin.opt.present = TCPTRACE_OPT_TIMESTAMP;
	fin.opt.tsval = (u32)k->now + 10;
	see(k, 1, &fin);
	KUNIT_EXPECT_EQ(test, k->t.end[0].state, TCPTRACE_CLOSE_WAIT);
	fin.opt.tsval -= 10000;
	see(k, 1, &fin);
	fill(k, &data, 0);
	data.len = 100;
	see(k, 0, &data);
	KUNIT_EXPECT_EQ(test, k->t.end[0].state, TCPTRACE_ESTAB);
}

/**
 * struct word - a segment of a short conversation
 * @from: the host that sends the segment
 * @flags: its flags; a SYN offers a window scale
 * @seq: its sequence number
 * @ack: its acknowledgment number
 * @len: its number of payload bytes
 * @ttl: its TTL
 * @window: its window, 0 for 8000
 */
struct word {
	u8 from;
	u16 flags;
	u32 seq;
	u32 ack;
	u32 len;
	u8 ttl;
	u16 window;
};

/* Wireshark classifies the last ACK without data as a keep-alive. */
static const struct word forged_synack[] = {
	{ 0, TCPTRACE_SYN, 100, 0, 0, 64 },
	{ 1, TCPTRACE_SYN | TCPTRACE_ACK, 500, 101, 0, 64 },
	{ 0, TCPTRACE_SYN | TCPTRACE_ACK, 101, 7, 0, 64 },
	{ 0, TCPTRACE_ACK, 101, 501, 0, 64 },
	{ 0, TCPTRACE_ACK, 101, 501, 10, 64 },
	{},
};

/*
 * Host 1 has answered an old SYN before. The ACK of the second SYN,ACK
 * acknowledges more than Wireshark's rules expect.
 */
static const struct word two_synacks[] = {
	{ 0, TCPTRACE_SYN, 100, 0, 0, 64 },
	{ 1, TCPTRACE_SYN | TCPTRACE_ACK, 500, 100, 0, 64 },
	{ 1, TCPTRACE_SYN | TCPTRACE_ACK, 900, 101, 0, 64 },
	{ 0, TCPTRACE_ACK, 101, 901, 0, 64 },
	{},
};

/* The data of the SYN is acknowledged, but is larger than the window. */
static const struct word small_window[] = {
	{ 0, TCPTRACE_SYN, 100, 0, 30, 64 },
	{ 1, TCPTRACE_SYN | TCPTRACE_ACK, 500, 131, 0, 64, 1 },
	{},
};

/* The FIN of host 1 is seen before the data that it acknowledges. */
static const struct word early_fin[] = {
	{ 0, TCPTRACE_SYN, 100, 0, 0, 64 },
	{ 1, TCPTRACE_SYN | TCPTRACE_ACK, 500, 101, 0, 64 },
	{ 0, TCPTRACE_ACK, 101, 501, 0, 64 },
	{ 1, TCPTRACE_ACK, 501, 101, 0, 64 },
	{ 1, TCPTRACE_FIN | TCPTRACE_ACK, 501, 111, 0, 64 },
	{ 0, TCPTRACE_FIN | TCPTRACE_ACK, 101, 501, 10, 64 },
	{ 0, TCPTRACE_ACK, 112, 502, 0, 64 },
	{ 1, TCPTRACE_ACK, 502, 112, 0, 64 },
	{},
};

/*
 * The first segment of host 1 acknowledges unseen data and is not accepted, so
 * only the last segment shows which TTL host 1 uses.
 */
static const struct word ttl_0[] = {
	{ 0, TCPTRACE_ACK, 1000, 5000, 0, 64 },
	{ 1, TCPTRACE_ACK, 5000, 1100, 0, 63 },
	{ 0, TCPTRACE_ACK, 1000, 5000, 50, 64 },
	{ 0, TCPTRACE_ACK, 1050, 5000, 100, 64 },
	{ 1, TCPTRACE_ACK, 5000, 1150, 0, 0 },
	{},
};

/* The window of host 1 shrinks, but not below its smallest size. */
static const struct word shrunk_window[] = {
	{ 0, TCPTRACE_SYN, 100, 0, 0, 64 },
	{ 1, TCPTRACE_SYN | TCPTRACE_ACK, 500, 101, 0, 64, 5000 },
	{ 0, TCPTRACE_ACK, 101, 501, 0, 64 },
	{ 0, TCPTRACE_ACK, 101, 501, 10, 64 },
	{ 1, TCPTRACE_ACK, 501, 111, 0, 64, 5000 },
	{ 0, TCPTRACE_ACK, 111, 501, 10, 64 },
	{ 1, TCPTRACE_ACK, 501, 121, 0, 64, 8000 },
	{ 0, TCPTRACE_ACK, 121, 501, 10, 64 },
	{ 1, TCPTRACE_ACK, 501, 131, 0, 64, 6000 },
	{},
};

static void tell(struct kunit *test, const struct word *word)
{
	struct talk *k = kunit_kzalloc(test, sizeof(*k), GFP_KERNEL);
	struct tcpt_segment seg;
	struct tcpt_result res;
	unsigned int i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, k);
	k->test = test;
	k->now = 1000000000;
	k->window[0] = 8000;
	k->window[1] = 8000;
	for (i = 0; word[i].flags; i++) {
		k->sent[word[i].from] = word[i].seq;
		k->got[word[i].from] = word[i].ack;
		fill(k, &seg, word[i].from);
		seg.flags = word[i].flags;
		seg.len = word[i].len;
		seg.ttl = word[i].ttl;
		if (word[i].window)
			seg.window = word[i].window;
		if (seg.flags & TCPTRACE_SYN)
			seg.opt.present = TCPTRACE_OPT_WSCALE;
		if (i == 0)
			tcpt_open_track(&k->t, &seg, false, k->now, NULL, &res);
		see(k, word[i].from, &seg);
		k->now += 1000000;
	}
}

static void odd_conversations(struct kunit *test)
{
	tell(test, forged_synack);
	tell(test, two_synacks);
	tell(test, small_window);
	tell(test, early_fin);
	tell(test, ttl_0);
	tell(test, shrunk_window);
}

static struct kunit_case fastpath_cases[] = {
	KUNIT_CASE(both_ways),
	KUNIT_CASE(counts),
	KUNIT_CASE(missed_fin),
	KUNIT_CASE(odd_conversations),
	{}
};

static struct kunit_suite fastpath_suite = {
	.name = "tcptrace_fastpath",
	.test_cases = fastpath_cases,
};

kunit_test_suite(fastpath_suite);
