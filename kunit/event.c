// SPDX-License-Identifier: GPL-2.0
/* Records, byte by byte, against what is written here by hand. */
#include "scene.h"

#define ECN_SYN		(SYN | TCPTRACE_ECE | TCPTRACE_CWR)
#define ECN_SYNACK	(SYNACK | TCPTRACE_ECE)
#define SERVER_SEQ	0xfffffff0U

static const struct tcptrace_seg no_seg;

static void expect_open(struct scene *s, u64 after,
			const struct tcptrace_seg *seg)
{
	struct tcptrace_open want;

	tcpt_scene_expect(s, &want, sizeof(want), TCPTRACE_OPEN, after, seg);
}

static void syn_at(struct scene *s, u64 after, unsigned int from, u16 flags,
		   const struct tcpt_options *opt)
{
	struct tcpt_segment seg;

	tcpt_fixture_segment(&seg, 1, from, flags, 0, 1);
	seg.opt = *opt;
	tcpt_scene_send(s, after, from, &seg);
}

static const struct tcptrace_seg
	seg_syn = SEG(1000, 0, 0, 0, 0, ECN_SYN, 0, OUT),
	seg_synack = SEG(SERVER_SEQ, 1001, 0, 1, 0, ECN_SYNACK, 1, IN),
	seg_ack = SEG(1001, 0xfffffff1, 1, 1, 0, ACK, 0, OUT),
	seg_fin = SEG(1101, 0xfffffff1, 101, 1, 0, FIN, 0, OUT),
	/* the server's numbers wrap in its 20 bytes */
	seg_fin_2 = SEG(0xfffffff1, 1102, 1, 102, 20, FIN, 1, IN),
	seg_ack_2 = SEG(1102, 6, 102, 22, 0, ACK, 0, OUT);

static void handshake(struct scene *s)
{
	static const struct tcpt_options client = {
		.present = TCPTRACE_OPT_MSS | TCPTRACE_OPT_WSCALE |
			   TCPTRACE_OPT_SACK_PERM | TCPTRACE_OPT_TIMESTAMP,
		.mss = 1460, .wscale = 7,
	};
	static const struct tcpt_options server = {
		.present = TCPTRACE_OPT_MSS | TCPTRACE_OPT_WSCALE |
			   TCPTRACE_OPT_TIMESTAMP,
		.mss = 1400, .wscale = 5,
	};

	syn_at(s, 0, CLIENT, ECN_SYN, &client);
	syn_at(s, 1000, CLIENT, ECN_SYN, &client);
	syn_at(s, 1500, SERVER, ECN_SYNACK, &server);
	tcpt_scene_plain(s, 1800, CLIENT, ACK, 1, 1, 0);
}

static void expect_handshake(struct scene *s)
{
	struct tcptrace_established want = {
		.syn_synack_ns = 500,
		.synack_ack_ns = 300,
		.handshake_ns = 1800,
		.syn_rexmits = 1,
		.options = TCPTRACE_OPT_MSS | TCPTRACE_OPT_WSCALE |
			   TCPTRACE_OPT_TIMESTAMP | TCPTRACE_OPT_ECN,
		.mss = { 1460, 1400 },
		.wscale = { 7, 5 },
	};

	expect_open(s, 0, &seg_syn);
	EXPECT_STATE(s, 0, &seg_syn, 1, 0, CLOSED, SYN_SENT, ACTIVE_OPEN);
	EXPECT_STATE(s, 1500, &seg_synack, 2, 1, CLOSED, SYN_RECEIVED,
		     PASSIVE_OPEN);
	EXPECT_STATE(s, 1500, &seg_synack, 3, 0, SYN_SENT, ESTAB,
		     SYNACK_RECEIVED);
	EXPECT_STATE(s, 1800, &seg_ack, 4, 1, SYN_RECEIVED, ESTAB, SYN_ACKED);
	tcpt_scene_expect(s, &want, sizeof(want), TCPTRACE_ESTABLISHED, 1800,
			  &seg_ack);
}

/* Segments at 0, 1000, 1800, 2000, 3000 (again), 4000 and 6000. */
static const struct tcptrace_dir client_dir = {
	.packets = 7, .segments = 9,
	.bytes = 200, .unique_bytes = 100, .rexmit_bytes = 100,
	.idle_max_ns = 2000, .data_ns = 1000,
	/* the SYN and the data were sent twice (Karn): the FIN alone counts */
	.rtt_min_ns = 1000, .rtt_last_ns = 1000,
	.srtt_ns = 1000, .rttvar_ns = 500,
	.rtt_samples = 1, .rtt_hist = { 1 },
	.data_packets = 2, .rexmit_packets = 1,
	.acks = 5, .pure_acks = 2, .pushes = 2, .syns = 2, .fins = 1,
	.window_min = FIXTURE_WINDOW << 7, .window_max = FIXTURE_WINDOW << 7,
	.initial_bytes = 100, .initial_packets = 1,
	/* 100 bytes in 3 segments on the wire, and in 1 */
	.segment_min = 34, .segment_max = 100,
	.flags = ECN_SYN | FIN | TCPTRACE_PSH,
	.mss = 1460, .wscale = 7, .state = TCPTRACE_TIME_WAIT,
};

/* Segments at 1500, 3500 and 5000. */
static const struct tcptrace_dir server_dir = {
	.packets = 3, .segments = 3, .bytes = 20, .unique_bytes = 20,
	.idle_max_ns = 2000,
	/* SYN,ACK 300; FIN 1000: 300 - 300 / 8 + 1000 / 8 and so on */
	.rtt_min_ns = 300, .rtt_last_ns = 1000,
	.srtt_ns = 388, .rttvar_ns = 288,
	.rtt_samples = 2, .rtt_hist = { 2 },
	.data_packets = 1, .acks = 3, .pure_acks = 1, .syns = 1, .fins = 1,
	.window_min = FIXTURE_WINDOW << 5, .window_max = FIXTURE_WINDOW << 5,
	.initial_bytes = 20, .initial_packets = 1,
	.segment_min = 20, .segment_max = 20,
	.flags = ECN_SYNACK | FIN,
	.mss = 1400, .wscale = 5, .state = TCPTRACE_CLOSED,
};

static void expect_finish(struct scene *s)
{
	struct tcptrace_close want = {
		.start = FIXTURE_START,
		.duration_ns = 6000,
		.established_ns = 4200,
		.syn_synack_ns = 500,
		.synack_ack_ns = 300,
		.initial_rtt_ns = 800,
		.dir = { client_dir, server_dir },
		.transitions = 10,
		.reason = TCPTRACE_CLOSE_FIN,
		.by = 0,
		.conn_state = TCPTRACE_CONN_SF,
		.end_reason = TCPTRACE_END_DETECTED,
		.completeness = TCPTRACE_COMPLETE_SYN |
				TCPTRACE_COMPLETE_SYNACK |
				TCPTRACE_COMPLETE_ACK | TCPTRACE_COMPLETE_DATA |
				TCPTRACE_COMPLETE_FIN,
		.history = "ShADTaFf",
	};

	EXPECT_STATE(s, 4000, &seg_fin, 5, 0, ESTAB, FIN_WAIT_1, FIN_SENT);
	EXPECT_STATE(s, 4000, &seg_fin, 6, 1, ESTAB, CLOSE_WAIT, FIN_RECEIVED);
	EXPECT_STATE(s, 5000, &seg_fin_2, 7, 0, FIN_WAIT_1, FIN_WAIT_2,
		     FIN_ACKED);
	EXPECT_STATE(s, 5000, &seg_fin_2, 8, 1, CLOSE_WAIT, LAST_ACK,
		     FIN_SENT);
	EXPECT_STATE(s, 5000, &seg_fin_2, 9, 0, FIN_WAIT_2, TIME_WAIT,
		     FIN_RECEIVED);
	EXPECT_STATE(s, 6000, &seg_ack_2, 10, 1, LAST_ACK, CLOSED, FIN_ACKED);
	tcpt_scene_expect(s, &want, sizeof(want), TCPTRACE_CLOSE, 6000, &seg_ack_2);
}

static void event_tells_a_connection(struct kunit *test)
{
	struct scene s = tcpt_scene_begin(test, TCPTRACE_MASK_DEFAULT);
	struct tcpt_segment seg;

	handshake(&s);
	expect_handshake(&s);
	tcpt_fixture_segment(&seg, 1, CLIENT, ACK | TCPTRACE_PSH, 1, 1);
	seg.len = 100;
	seg.wire_segs = 3;
	tcpt_scene_send(&s, 2000, CLIENT, &seg);
	seg.wire_segs = 1;
	tcpt_scene_send(&s, 3000, CLIENT, &seg);
	tcpt_scene_plain(&s, 3500, SERVER, ACK, 1, 101, 0);
	tcpt_scene_expect_end(&s);
	tcpt_scene_plain(&s, 4000, CLIENT, FIN, 101, 1, 0);
	tcpt_scene_plain(&s, 5000, SERVER, FIN, 1, 102, 20);
	tcpt_scene_plain(&s, 6000, CLIENT, ACK, 102, 22, 0);
	expect_finish(&s);
	tcpt_scene_expect_end(&s);
}

/* Each type alone: a mask leaves out nothing but what it says. */
static void event_masks_are_independent(struct kunit *test)
{
	static const u8 count[] = {
		[TCPTRACE_OPEN] = 1, [TCPTRACE_STATE] = 4,
		[TCPTRACE_ESTABLISHED] = 1, [TCPTRACE_SEGMENT] = 5,
		[TCPTRACE_CLOSE] = 1, [TCPTRACE_LOST] = 0,
		[TCPTRACE_SUSPECTED] = 1,
	};
	struct scene s = tcpt_scene_begin(test, 0);
	const struct tcptrace_header *h;
	unsigned int type, n;

	for (type = TCPTRACE_OPEN; type <= TCPTRACE_SUSPECTED; type++) {
		tcpt_reader_set_mask(s.reader, TCPTRACE_MASK(type));
		handshake(&s);
		/* a RST inside the window */
		tcpt_scene_plain(&s, 1900, SERVER, RST, 2, 0, 0);
		tcpt_gc_namespace(&s.fx->tracker, &s.fx->ns[0], s.fx->now);
		for (n = 0; (h = tcpt_fixture_next(s.fx, s.reader)); n++)
			KUNIT_EXPECT_EQ(test, h->type, type);
		KUNIT_EXPECT_EQ_MSG(test, n, count[type], "type %u", type);
	}
	KUNIT_EXPECT_EQ(test, tcpt_fixture_stat(&s.fx->ns[0],
						TCPT_STAT_EVENTS), 13UL);
}

static void event_is_not_made_for_nobody(struct kunit *test)
{
	struct fixture *fx = test->priv;

	tcpt_fixture_establish(fx, 1);
	tcpt_fixture_finish(fx, 1);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_stat(&fx->ns[0], TCPT_STAT_EVENTS),
			0UL);
}

/* The originator is first in a record, whichever end the key has first. */
static void event_turns_the_flow(struct kunit *test)
{
	static const u16 port[][2] = {
		{ 40000, 80 }, { 80, 40000 }, { 500, 500 }, { 500, 500 },
	};
	struct scene s = tcpt_scene_begin(test, TCPTRACE_MASK_DEFAULT);
	struct tcptrace_seg synack = seg_synack, syn = seg_syn;
	struct tcpt_segment seg;
	unsigned int i, first;

	syn.flags = SYN;
	synack.flags = SYNACK;
	for (i = 0; i < ARRAY_SIZE(port); i++) {
		/* with equal ports the lower address is first in the key */
		first = i == 3 ? 250 : 10;
		tcpt_fixture_segment(&seg, 1, CLIENT, SYN, 0, 0);
		seg.src[0] = first;
		seg.sport = port[i][0];
		seg.dport = port[i][1];
		tcpt_scene_send(&s, 0, CLIENT, &seg);
		tcpt_fixture_segment(&seg, 1, SERVER, SYNACK, 0, 1);
		seg.dst[0] = first;
		seg.sport = port[i][1];
		seg.dport = port[i][0];
		tcpt_scene_send(&s, 9, SERVER, &seg);
		s.flow.conn = i + 1;
		s.flow.orig_port = port[i][0];
		s.flow.resp_port = port[i][1];
		s.flow.orig_addr[0] = first;
		expect_open(&s, 0, &syn);
		EXPECT_STATE(&s, 0, &syn, 1, 0, CLOSED, SYN_SENT, ACTIVE_OPEN);
		EXPECT_STATE(&s, 9, &synack, 2, 1, CLOSED, SYN_RECEIVED,
			     PASSIVE_OPEN);
		EXPECT_STATE(&s, 9, &synack, 3, 0, SYN_SENT, ESTAB,
			     SYNACK_RECEIVED);
		tcpt_scene_expect_end(&s);
	}
}

/* No ISN is known: the first number of each end counts as 1. */
static void event_tells_midstream(struct kunit *test)
{
	static const struct tcptrace_seg seg =
		SEG(SERVER_SEQ + 500, 1700, 1, 1, 30, ACK, 1, IN);
	struct scene s = tcpt_scene_begin(test, TCPTRACE_MASK_DEFAULT);

	s.flags = TCPTRACE_F_MIDSTREAM | TCPTRACE_F_GUESSED;
	tcpt_scene_plain(&s, 0, SERVER, ACK, 500, 700, 30);
	expect_open(&s, 0, &seg);
	EXPECT_STATE(&s, 0, &seg, 1, 1, CLOSED, ESTAB, MIDSTREAM);
	EXPECT_STATE(&s, 0, &seg, 2, 0, CLOSED, ESTAB, MIDSTREAM);
	tcpt_scene_expect_end(&s);
}

/* A SYN,ACK alone: the SYN is implied, and its sender is no guess. */
static void event_tells_a_synack_alone(struct kunit *test)
{
	struct scene s = tcpt_scene_begin(test, TCPTRACE_MASK_DEFAULT);
	struct tcptrace_seg seg = seg_synack;

	seg.flags = SYNACK;
	s.flags = TCPTRACE_F_MIDSTREAM;
	tcpt_scene_plain(&s, 0, SERVER, SYNACK, 0, 1, 0);
	expect_open(&s, 0, &seg);
	EXPECT_STATE(&s, 0, &seg, 1, 0, CLOSED, SYN_SENT, SYN_IMPLIED);
	EXPECT_STATE(&s, 0, &seg, 2, 1, CLOSED, SYN_RECEIVED, PASSIVE_OPEN);
	EXPECT_STATE(&s, 0, &seg, 3, 0, SYN_SENT, ESTAB, SYNACK_RECEIVED);
	tcpt_scene_expect_end(&s);
}

/* Nobody answered: no segment is to blame. */
static void event_tells_a_timeout(struct kunit *test)
{
	struct scene s = tcpt_scene_begin(test, TCPTRACE_MASK(TCPTRACE_CLOSE));
	struct tcptrace_close want = {
		.start = FIXTURE_START,
		.duration_ns = 70,
		.dir[0] = { .packets = 2, .segments = 2, .idle_max_ns = 70,
			    .syns = 2, .flags = SYN,
			    .state = TCPTRACE_SYN_SENT },
		.transitions = 1,
		.reason = TCPTRACE_CLOSE_UNANSWERED,
		.by = TCPT_NOBODY,
		.conn_state = TCPTRACE_CONN_S0,
		.end_reason = TCPTRACE_END_IDLE,
		.completeness = TCPTRACE_COMPLETE_SYN,
		.history = "S",
	};
	unsigned int i;

	tcpt_scene_plain(&s, 0, CLIENT, SYN, 0, 0, 0);
	tcpt_scene_plain(&s, 70, CLIENT, SYN, 0, 0, 0);
	for (i = 0; i <= s.fx->tracker.table.mask; i++)
		tcpt_gc_bucket(&s.fx->tracker, i,
			       FIXTURE_START + 500 * FIXTURE_SEC);
	tcpt_scene_expect(&s, &want, sizeof(want), TCPTRACE_CLOSE,
			  500 * FIXTURE_SEC, &no_seg);
	tcpt_scene_expect_end(&s);
}

static struct kunit_case event_cases[] = {
	KUNIT_CASE(event_tells_a_connection),
	KUNIT_CASE(event_masks_are_independent),
	KUNIT_CASE(event_is_not_made_for_nobody),
	KUNIT_CASE(event_turns_the_flow),
	KUNIT_CASE(event_tells_midstream),
	KUNIT_CASE(event_tells_a_synack_alone),
	KUNIT_CASE(event_tells_a_timeout),
	{}
};

static struct kunit_suite event_suite = {
	.name = "tcptrace_event",
	.init = tcpt_fixture_init,
	.exit = tcpt_fixture_exit,
	.test_cases = event_cases,
};

kunit_test_suite(event_suite);
