// SPDX-License-Identifier: GPL-2.0
/* What the analysis says and what is suspected, as a reader is told it. */
#include "scene.h"

#include <linux/string.h>

#define SERVER_SEQ(n)	(FIXTURE_SERVER_ISN + (n))
#define ONLY_SEGMENTS	TCPTRACE_MASK(TCPTRACE_SEGMENT)

static void handshake(struct scene *s)
{
	tcpt_scene_plain(s, 0, CLIENT, SYN, 0, 0, 0);
	tcpt_scene_plain(s, 10, SERVER, SYNACK, 0, 1, 0);
	tcpt_scene_plain(s, 25, CLIENT, ACK, 1, 1, 0);
}

static void expect_segment(struct scene *s, u64 after,
			   const struct tcptrace_seg *seg,
			   struct tcptrace_segment want)
{
	want.hdr_len = 20;
	tcpt_scene_expect(s, &want, sizeof(want), TCPTRACE_SEGMENT, after,
			  seg);
}

#define EXPECT_SEGMENT(s, after, seg, ...) \
	expect_segment(s, after, seg, \
		       (struct tcptrace_segment) { __VA_ARGS__ })

static const struct tcptrace_seg
	seg_syn = SEG(1000, 0, 0, 0, 0, SYN, 0, OUT),
	seg_synack = SEG(SERVER_SEQ(0), 1001, 0, 1, 0, SYNACK, 1, IN),
	seg_ack = SEG(1001, SERVER_SEQ(1), 1, 1, 0, ACK, 0, OUT),
	seg_data = SEG(1001, SERVER_SEQ(1), 1, 1, 100, ACK, 0, OUT),
	seg_answer = SEG(SERVER_SEQ(1), 1101, 1, 101, 0, ACK, 1, IN);

static void expect_handshake(struct scene *s)
{
	EXPECT_SEGMENT(s, 0, &seg_syn, .analysis = 0);
	EXPECT_SEGMENT(s, 10, &seg_synack, .rtt_ns = 10);
	EXPECT_SEGMENT(s, 25, &seg_ack, .rtt_ns = 15);
}

static void event_tells_the_analysis(struct kunit *test)
{
	struct scene s = tcpt_scene_begin(test, ONLY_SEGMENTS);

	handshake(&s);
	tcpt_scene_plain(&s, 30, CLIENT, ACK, 1, 1, 100);
	tcpt_scene_plain(&s, 75, SERVER, ACK, 1, 101, 0);
	tcpt_scene_plain(&s, 80, SERVER, ACK, 1, 101, 0);
	tcpt_scene_plain(&s, 81, SERVER, ACK, 1, 101, 0);
	tcpt_scene_plain(&s, 90, CLIENT, ACK, 1, 1, 100);
	expect_handshake(&s);
	EXPECT_SEGMENT(&s, 30, &seg_data, .analysis = 0);
	EXPECT_SEGMENT(&s, 75, &seg_answer, .rtt_ns = 45);
	EXPECT_SEGMENT(&s, 80, &seg_answer, .dup_ack_num = 1,
		       .analysis = TCPTRACE_A_DUPLICATE_ACK);
	EXPECT_SEGMENT(&s, 81, &seg_answer, .dup_ack_num = 2,
		       .analysis = TCPTRACE_A_DUPLICATE_ACK);
	EXPECT_SEGMENT(&s, 90, &seg_data,
		       .analysis = TCPTRACE_A_RETRANSMISSION |
				   TCPTRACE_A_SPURIOUS_RETRANSMISSION);
	tcpt_scene_expect_end(&s);
}

/* After a reset the client comes from the same port. */
static void event_tells_of_reused_ports(struct kunit *test)
{
	static const struct tcptrace_seg
		rst = SEG(1001, 0, 1, 0, 0, RST, 0, OUT),
		syn = SEG(8000, 0, 0, 0, 0, SYN, 0, OUT);
	struct scene s = tcpt_scene_begin(test, ONLY_SEGMENTS);

	handshake(&s);
	tcpt_scene_plain(&s, 30, CLIENT, RST, 1, 0, 0);
	tcpt_scene_plain(&s, 40, CLIENT, SYN, 7000, 0, 0);
	expect_handshake(&s);
	EXPECT_SEGMENT(&s, 30, &rst, .analysis = 0);
	s.flow.conn = 2;
	EXPECT_SEGMENT(&s, 40, &syn, .analysis = TCPTRACE_A_REUSED_PORTS);
	tcpt_scene_expect_end(&s);
}

/* The server comes back, by chance with the number of the client's SYN. */
static void event_turns_the_analysis(struct kunit *test)
{
	static const struct tcptrace_seg
		rst = SEG(1001, 0, 1, 0, 0, RST, 0, OUT),
		syn = SEG(1000, 0, 0, 0, 0, SYN, 0, IN);
	struct scene s = tcpt_scene_begin(test, ONLY_SEGMENTS);
	struct tcptrace_flow flow = s.flow;

	handshake(&s);
	tcpt_scene_plain(&s, 30, CLIENT, RST, 1, 0, 0);
	tcpt_scene_plain(&s, 40, SERVER, SYN, 1000 - FIXTURE_SERVER_ISN, 0, 0);
	expect_handshake(&s);
	EXPECT_SEGMENT(&s, 30, &rst, .analysis = 0);
	s.flow.conn = 2;
	s.flow.orig_port = flow.resp_port;
	s.flow.resp_port = flow.orig_port;
	memcpy(s.flow.orig_addr, flow.resp_addr, sizeof(flow.orig_addr));
	memcpy(s.flow.resp_addr, flow.orig_addr, sizeof(flow.resp_addr));
	EXPECT_SEGMENT(&s, 40, &syn, .analysis = TCPTRACE_A_REUSED_PORTS);
	tcpt_scene_expect_end(&s);
}

static void expect_suspected(struct scene *s, u64 after,
			     const struct tcptrace_seg *seg,
			     struct tcptrace_suspected want)
{
	want.ttl_min = 61;
	want.ttl_max = 61;
	tcpt_scene_expect(s, &want, sizeof(want), TCPTRACE_SUSPECTED, after,
			  seg);
}

#define EXPECT_SUSPECTED(s, after, seg, ...) \
	expect_suspected(s, after, seg, \
			 (struct tcptrace_suspected) { __VA_ARGS__ })

static void send_ttl(struct scene *s, u64 after, unsigned int from, u16 flags,
		     u32 seq, u32 ack, u8 ttl)
{
	struct tcpt_segment seg;

	tcpt_fixture_segment(&seg, 1, from, flags, seq, ack);
	seg.ttl = ttl;
	tcpt_scene_send(s, after, from, &seg);
}

/* A RST that is not exact, the challenge ACK, and the RST that is. */
static void event_tells_suspicions(struct kunit *test)
{
	static const struct tcptrace_seg
		ahead = SEG(SERVER_SEQ(2), 0, 2, 0, 0, RST, 1, IN),
		exact = SEG(SERVER_SEQ(1), 0, 1, 0, 0, RST, 1, IN);
	struct scene s = tcpt_scene_begin(test,
					  TCPTRACE_MASK(TCPTRACE_SUSPECTED));

	send_ttl(&s, 0, CLIENT, SYN, 0, 0, 61);
	send_ttl(&s, 10, SERVER, SYNACK, 0, 1, 61);
	send_ttl(&s, 25, CLIENT, ACK, 1, 1, 61);
	tcpt_scene_expect_end(&s);
	send_ttl(&s, 30, SERVER, RST, 2, 0, 61);
	send_ttl(&s, 45, CLIENT, ACK, 1, 1, 61);
	send_ttl(&s, 60, SERVER, RST, 1, 0, 44);
	EXPECT_SUSPECTED(&s, 30, &ahead, .distance = 1,
			 .expected = SERVER_SEQ(1),
			 .suspicion = TCPTRACE_SUSPECT_RST,
			 .fit = TCPTRACE_FIT_IN_WINDOW, .ttl = 61);
	EXPECT_SUSPECTED(&s, 45, &seg_ack, .since_ns = 15, .expected = 1001,
			 .suspicion = TCPTRACE_SUSPECT_CHALLENGED,
			 .fit = TCPTRACE_FIT_EXACT, .ttl = 61);
	EXPECT_SUSPECTED(&s, 60, &exact, .expected = SERVER_SEQ(1),
			 .suspicion = TCPTRACE_SUSPECT_RST_TTL,
			 .fit = TCPTRACE_FIT_EXACT, .ttl = 44);
	tcpt_scene_expect_end(&s);
}

static struct kunit_case analysis_cases[] = {
	KUNIT_CASE(event_tells_the_analysis),
	KUNIT_CASE(event_tells_of_reused_ports),
	KUNIT_CASE(event_turns_the_analysis),
	KUNIT_CASE(event_tells_suspicions),
	{}
};

static struct kunit_suite analysis_suite = {
	.name = "tcptrace_event_analysis",
	.init = tcpt_fixture_init,
	.exit = tcpt_fixture_exit,
	.test_cases = analysis_cases,
};

kunit_test_suite(analysis_suite);
