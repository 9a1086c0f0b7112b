// SPDX-License-Identifier: GPL-2.0
/*
 * Test the vantages: a packet that passes two hooks is counted once, and
 * different packets are not taken for copies.
 */
#include "fixture_table.h"

#include <linux/string.h>

#include "../module/core/finding.h"
#include "../module/vantage.h"

enum {
	FIRST	= TCPTRACE_HOOK_IN,	/* hooks passed by packets */
	SECOND	= TCPTRACE_HOOK_OUT,
	THIRD	= TCPTRACE_HOOK_FORWARD,
};

#define MS	1000000ULL	/* ns */

/**
 * struct sender - the sender of the segments of one connection
 * @fx: the fixture
 * @id: IP ID of the next segment
 * @tracked: expected number of tracked segments
 * @copies: expected number of copies
 */
struct sender {
	struct fixture *fx;
	u16 id;
	unsigned long tracked;
	unsigned long copies;
};

static struct tcpt_segment segment(struct sender *s, unsigned int from,
				   u16 flags, u32 seq, u32 ack)
{
	struct tcpt_segment seg;

	tcpt_fixture_segment(&seg, 1, from, flags, seq, ack);
	seg.id = s->id++;
	return seg;
}

/*
 * Let a segment pass the hook @place. The segment must be tracked unless it is
 * a @copy.
 */
static void pass(struct sender *s, const struct tcpt_segment *seg, u8 place,
		 bool copy)
{
	struct kunit *test = s->fx->test;
	const struct tcpt_ns *ns = &s->fx->ns[0];

	s->copies += copy;
	s->tracked += !copy;
	tcpt_fixture_see(s->fx, 0, seg, place);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_stat(ns, TCPT_STAT_COPY), s->copies);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_stat(ns, TCPT_STAT_TRACKED),
			s->tracked);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_counted(ns), s->fx->arrivals[0]);
}

static void pass_twice(struct sender *s, const struct tcpt_segment *seg)
{
	pass(s, seg, FIRST, false);
	s->fx->now += MS;
	pass(s, seg, SECOND, true);
}

static void handshake(struct sender *s,
		      void (*by)(struct sender *s,
				 const struct tcpt_segment *seg))
{
	struct tcpt_segment seg;

	seg = segment(s, ORIG, SYN, 0, 0);
	by(s, &seg);
	seg = segment(s, RESP, SYNACK, 0, 1);
	by(s, &seg);
	seg = segment(s, ORIG, ACK, 1, 1);
	by(s, &seg);
}

static void pass_once(struct sender *s, const struct tcpt_segment *seg)
{
	pass(s, seg, FIRST, false);
}

static struct tcpt_segment data(struct sender *s, u32 seq, u32 len)
{
	struct tcpt_segment seg = segment(s, ORIG, ACK, seq, 1);

	seg.len = len;
	return seg;
}

static void vantage_counts_once(struct kunit *test)
{
	struct sender s = { .fx = test->priv, .id = 1 };
	const struct tcpt_track *track;
	struct tcpt_segment seg;

	handshake(&s, pass_twice);
	seg = data(&s, 1, 100);
	pass_twice(&s, &seg);
	pass(&s, &seg, THIRD, true);
	/* a retransmission also passes both hooks */
	seg.id = s.id++;
	pass_twice(&s, &seg);
	seg = segment(&s, ORIG, FIN, 101, 1);
	pass_twice(&s, &seg);
	track = &tcpt_fixture_find(s.fx, 1)->full->track;
	KUNIT_EXPECT_EQ(test, track->end[0].packets, 5ULL);
	KUNIT_EXPECT_EQ(test, track->end[0].bytes, 200ULL);
	KUNIT_EXPECT_EQ(test, track->end[0].unique_bytes, 100ULL);
	KUNIT_EXPECT_EQ(test, track->end[0].rexmit_packets, 1U);
	KUNIT_EXPECT_EQ(test, track->end[0].state, (u8)TCPTRACE_FIN_WAIT_1);
	KUNIT_EXPECT_EQ(test, track->end[1].packets, 1ULL);
	KUNIT_EXPECT_EQ(test, track->findings.raised,
			1U << TCPTRACE_FINDING_SEEN_TWICE);
}

/* Each direction has only one vantage, so the tracker stores no segments. */
static void vantage_of_each_direction(struct kunit *test)
{
	struct sender s = { .fx = test->priv, .id = 1 };
	struct tcpt_segment seg;

	seg = segment(&s, ORIG, SYN, 0, 0);
	pass(&s, &seg, FIRST, false);
	seg = segment(&s, RESP, SYNACK, 0, 1);
	pass(&s, &seg, SECOND, false);
	seg = segment(&s, ORIG, ACK, 1, 1);
	pass(&s, &seg, FIRST, false);
	KUNIT_EXPECT_NULL(test, tcpt_fixture_find(s.fx, 1)->full->vantage_log);
}

/* After a change of the route, new data arrives, and then a retransmission. */
static void vantage_moves(struct kunit *test)
{
	struct sender s = { .fx = test->priv, .id = 1 };
	struct tcpt_segment seg;
	unsigned int i;

	handshake(&s, pass_once);
	for (i = 0; i < 3; i++) {
		seg = data(&s, 1 + 10 * i, 10);
		pass(&s, &seg, FIRST, false);
	}
	seg = data(&s, 31, 10);
	pass(&s, &seg, SECOND, false);
	seg = data(&s, 21, 10);
	pass(&s, &seg, SECOND, false);
	KUNIT_EXPECT_NOT_NULL(test, tcpt_fixture_find(s.fx, 1)->full->vantage_log);
	for (i = 0; i < TCPT_VANTAGE_ALONE; i++) {
		seg = data(&s, 41 + i, 1);
		pass(&s, &seg, SECOND, false);
	}
	KUNIT_EXPECT_NULL(test, tcpt_fixture_find(s.fx, 1)->full->vantage_log);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_track(s.fx, 1)->findings.raised,
			1U << TCPTRACE_FINDING_ROUTE_MOVED);
	/* the route moves back */
	seg = data(&s, 41 + i, 1);
	pass(&s, &seg, FIRST, false);
}

/* Only a single segment takes a different route. */
static void vantage_of_a_detour(struct kunit *test)
{
	struct sender s = { .fx = test->priv, .id = 1 };
	struct tcpt_segment seg;
	unsigned int i;

	handshake(&s, pass_once);
	seg = data(&s, 1, 1);
	pass(&s, &seg, SECOND, false);
	for (i = 0; i < TCPT_VANTAGE_ALONE; i++) {
		seg = data(&s, 2 + i, 1);
		pass(&s, &seg, FIRST, false);
	}
	KUNIT_EXPECT_NULL(test, tcpt_fixture_find(s.fx, 1)->full->vantage_log);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_track(s.fx, 1)->findings.raised, 0U);
}

/*
 * After more than a second, a few segments prove that the route has changed,
 * because otherwise their copies would have arrived.
 */
static void vantage_moves_slowly(struct kunit *test)
{
	struct sender s = { .fx = test->priv, .id = 1 };
	struct tcpt_segment seg;
	const struct tcpt_track *track;
	unsigned int i;

	handshake(&s, pass_once);
	track = &tcpt_fixture_find(s.fx, 1)->full->track;
	for (i = 0; i < 2 * TCPT_VANTAGE_FEW; i++) {
		seg = data(&s, 1 + i, 1);
		pass(&s, &seg, SECOND, false);
	}
	KUNIT_EXPECT_EQ(test, track->findings.raised, 0U);
	s.fx->now += 1001 * MS;
	seg = data(&s, 1 + i, 1);
	pass(&s, &seg, SECOND, false);
	KUNIT_EXPECT_EQ(test, track->findings.raised,
			1U << TCPTRACE_FINDING_ROUTE_MOVED);
	KUNIT_EXPECT_NULL(test, tcpt_fixture_find(s.fx, 1)->full->vantage_log);
}

/* The first segment on the new route is a retransmission. */
static void vantage_moves_with_a_retransmission(struct kunit *test)
{
	struct sender s = { .fx = test->priv, .id = 1 };
	struct tcpt_segment seg;

	handshake(&s, pass_once);
	seg = data(&s, 1, 10);
	pass(&s, &seg, FIRST, false);
	s.fx->now += 200 * MS;
	seg.id = s.id++;
	pass(&s, &seg, SECOND, false);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_track(s.fx, 1)->
				end[0].rexmit_packets, 1U);
}

/*
 * All segments of a burst pass the first hook before the first of them passes
 * the second hook.
 */
static void vantage_of_a_burst(struct kunit *test)
{
	struct tcpt_segment seg[TCPT_VANTAGE_SEGMENTS];
	struct sender s = { .fx = test->priv, .id = 1 };
	unsigned int i;

	handshake(&s, pass_twice);
	for (i = 0; i < ARRAY_SIZE(seg); i++) {
		seg[i] = data(&s, 1 + i, 1);
		pass(&s, &seg[i], FIRST, false);
	}
	s.fx->now += 500 * MS;
	for (i = 0; i < ARRAY_SIZE(seg); i++)
		pass(&s, &seg[i], SECOND, true);
}

/*
 * The packets are distributed over two links: each packet passes only one link.
 */
static void vantage_of_two_links(struct kunit *test)
{
	struct sender s = { .fx = test->priv, .id = 1 };
	struct tcpt_segment seg;
	unsigned int i;

	handshake(&s, pass_once);
	for (i = 0; i < 3 * TCPT_VANTAGE_ALONE; i++) {
		seg = data(&s, 1 + i, 1);
		pass(&s, &seg, i % 2 ? FIRST : SECOND, false);
	}
	/*
	 * three ACKs with the same acknowledgment number are different
	 * segments, not copies
	 */
	for (i = 0; i < 3; i++) {
		s.fx->now += 3 * MS;
		seg = segment(&s, RESP, ACK, 1, 1);
		pass(&s, &seg, i % 2 ? FIRST : SECOND, false);
	}
}

/*
 * A forged RST is not taken for a copy: an attacker is unlikely to guess the IP
 * ID of a packet that the attacker has not seen.
 */
static void vantage_of_a_forger(struct kunit *test)
{
	struct sender s = { .fx = test->priv, .id = 1 };
	struct tcpt_segment seg;

	handshake(&s, pass_twice);
	seg = segment(&s, ORIG, RST, 1, 0);
	pass(&s, &seg, SECOND, false);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_track(s.fx, 1)->end[0].state,
			(u8)TCPTRACE_CLOSED);
}

/*
 * Segments of a SYN proxy look like segments of the ends, but are not copies.
 */
static void vantage_of_a_syn_proxy(struct kunit *test)
{
	struct sender s = { .fx = test->priv, .id = 1 };
	const struct tcpt_track *track;
	struct tcpt_segment seg;

	seg = segment(&s, ORIG, SYN, 0, 0);
	pass(&s, &seg, FIRST, false);
	seg = segment(&s, RESP, SYNACK, 0, 1);
	seg.window = 0;
	pass(&s, &seg, SECOND, false);
	seg = segment(&s, ORIG, ACK, 1, 1);
	pass(&s, &seg, FIRST, false);
	/*
	 * the proxy connects to the server, whose ISN is lower than that of the
	 * proxy
	 */
	seg = segment(&s, ORIG, SYN, 0, 0);
	pass(&s, &seg, SECOND, false);
	seg = segment(&s, RESP, SYNACK, -5000, 1);
	pass(&s, &seg, FIRST, false);
	track = &tcpt_fixture_find(s.fx, 1)->full->track;
	KUNIT_EXPECT_EQ(test, track->end[0].packets, 1ULL);
	KUNIT_EXPECT_EQ(test, track->end[1].state,
			(u8)TCPTRACE_SYN_RECEIVED);
	seg = segment(&s, ORIG, ACK, 1, -4999);
	pass(&s, &seg, SECOND, false);
	KUNIT_EXPECT_EQ(test, track->end[1].state, (u8)TCPTRACE_ESTAB);
	/* this segment opens the server's window for the client */
	seg = segment(&s, RESP, ACK, -4999, 1);
	pass(&s, &seg, SECOND, false);
	KUNIT_EXPECT_EQ(test, track->suspected, (u16)0);
}

static struct kunit_case vantage_cases[] = {
	KUNIT_CASE(vantage_counts_once),
	KUNIT_CASE(vantage_of_each_direction),
	KUNIT_CASE(vantage_moves),
	KUNIT_CASE(vantage_of_a_detour),
	KUNIT_CASE(vantage_moves_slowly),
	KUNIT_CASE(vantage_moves_with_a_retransmission),
	KUNIT_CASE(vantage_of_a_burst),
	KUNIT_CASE(vantage_of_two_links),
	KUNIT_CASE(vantage_of_a_forger),
	KUNIT_CASE(vantage_of_a_syn_proxy),
	{}
};

static struct kunit_suite vantage_suite = {
	.name = "tcptrace_vantage",
	.init = tcpt_fixture_init,
	.exit = tcpt_fixture_exit,
	.test_cases = vantage_cases,
};

kunit_test_suite(vantage_suite);
