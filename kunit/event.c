// SPDX-License-Identifier: GPL-2.0
/* Test the records. Most tests compare a record byte by byte with a literal. */
#include "scene.h"

#include <linux/socket.h>
#include <linux/string.h>

#define ECN_SYN		(SYN | TCPTRACE_ECE | TCPTRACE_CWR)
#define ECN_SYNACK	(SYNACK | TCPTRACE_ECE)
#define SERVER_SEQ(n)	(FIXTURE_SERVER_ISN + (n))
#define ONLY_SEGMENTS	TCPTRACE_MASK(TCPTRACE_SEGMENT)

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
	seg_synack = SEG(SERVER_SEQ(0), 1001, 0, 1, 0, ECN_SYNACK, 1, IN),
	seg_ack = SEG(1001, 0xfffffff1, 1, 1, 0, ACK, 0, OUT),
	seg_fin = SEG(1101, 0xfffffff1, 101, 1, 0, FIN, 0, OUT),
	/* the server's sequence numbers wrap within its 20 bytes of data */
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

	syn_at(s, 0, ORIG, ECN_SYN, &client);
	syn_at(s, 1000, ORIG, ECN_SYN, &client);
	syn_at(s, 1500, RESP, ECN_SYNACK, &server);
	tcpt_scene_plain(s, 1800, ORIG, ACK, 1, 1, 0);
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

/* The client sends packets at 0, 1000, 1800, 2000, 3000, 4000 and 6000 ns. */
static const struct tcptrace_dir client_dir = {
	.packets = 7, .segments = 9,
	.bytes = 200, .unique_bytes = 100, .rexmit_bytes = 100,
	.idle_max_ns = 2000, .data_ns = 1000,
	/*
	 * the SYN and the data were sent twice, so only the FIN gives an RTT
	 * sample (Karn's algorithm)
	 */
	.rtt_min_ns = 1000, .rtt_last_ns = 1000,
	.srtt_ns = 1000, .rttvar_ns = 500,
	.rtt_samples = 1, .rtt_hist = { 1 },
	.data_packets = 2, .rexmit_packets = 1,
	.acks = 5, .pure_acks = 2, .pushes = 2, .syns = 2, .fins = 1,
	.window_min = FIXTURE_WINDOW << 7, .window_max = FIXTURE_WINDOW << 7,
	.initial_bytes = 100, .initial_packets = 1,
	/* the 100 bytes were sent in 3 wire segments, then again in 1 */
	.segment_min = 34, .segment_max = 100,
	.flags = ECN_SYN | FIN | TCPTRACE_PSH,
	.mss = 1460, .wscale = 7, .state = TCPTRACE_TIME_WAIT,
};

/* The server sends packets at 1500, 3500 and 5000 ns. */
static const struct tcptrace_dir server_dir = {
	.packets = 3, .segments = 3, .bytes = 20, .unique_bytes = 20,
	.idle_max_ns = 2000,
	/* RTT 300 (SYN,ACK), then 1000 (FIN); SRTT 300 - 300 / 8 + 1000 / 8 */
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
		.opening.fate = TCPTRACE_FATE_ANSWERED,
		/*
		 * the data is retransmitted after 1000 ns, and the FIN is
		 * acknowledged after 1000 ns
		 */
		.time[0] = { .busy_ns = 2500, .rto_ns = 1500,
			     .delayed_ns = 1000, .idle_ns = 500,
			     .own_ns = 200 },
		/* the SYN was sent twice: only the client's FIN gives an RTT */
		.time[1] = { .busy_ns = 1000, .own_ns = 500,
			     .response_min_ns = 1000, .response_max_ns = 1000,
			     .response_sum_ns = 1000, .responses = 1,
			     .response_hist[0] = 1 },
		.limited_by = TCPTRACE_LIMITED_HANDSHAKE,
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

static void event_connection(struct kunit *test)
{
	struct scene s = tcpt_scene_begin(test, TCPTRACE_MASK_DEFAULT);
	struct tcpt_segment seg;

	handshake(&s);
	expect_handshake(&s);
	tcpt_fixture_segment(&seg, 1, ORIG, ACK | TCPTRACE_PSH, 1, 1);
	seg.len = 100;
	seg.wire_segs = 3;
	tcpt_scene_send(&s, 2000, ORIG, &seg);
	seg.wire_segs = 1;
	tcpt_scene_send(&s, 3000, ORIG, &seg);
	tcpt_scene_plain(&s, 3500, RESP, ACK, 1, 101, 0);
	tcpt_scene_expect_end(&s);
	tcpt_scene_plain(&s, 4000, ORIG, FIN, 101, 1, 0);
	tcpt_scene_plain(&s, 5000, RESP, FIN, 1, 102, 20);
	tcpt_scene_plain(&s, 6000, ORIG, ACK, 102, 22, 0);
	expect_finish(&s);
	tcpt_scene_expect_end(&s);
}

/* With a mask of one type, exactly the records of that type arrive. */
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
		tcpt_scene_plain(&s, 1900, RESP, RST, 2, 0, 0);
		tcpt_gc_namespace(&s.fx->tracker, &s.fx->ns[0], s.fx->now);
		for (n = 0; (h = tcpt_fixture_next(s.fx, s.reader)); n++)
			KUNIT_EXPECT_EQ(test, h->type, type);
		KUNIT_EXPECT_EQ_MSG(test, n, count[type], "type %u", type);
	}
	KUNIT_EXPECT_EQ(test, tcpt_fixture_stat(&s.fx->ns[0],
						TCPT_STAT_EVENTS), 13UL);
}

static void event_without_reader(struct kunit *test)
{
	struct fixture *fx = test->priv;

	tcpt_fixture_establish(fx, 1);
	tcpt_fixture_finish(fx, 1);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_stat(&fx->ns[0], TCPT_STAT_EVENTS),
			0UL);
}

/* In a record, the originator is first, even if it is second in the key. */
static void event_flow_flipped(struct kunit *test)
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
		/* equal ports: the lower address is first in the key */
		first = i == 3 ? 250 : 10;
		tcpt_fixture_segment(&seg, 1, ORIG, SYN, 0, 0);
		seg.src[0] = first;
		seg.sport = port[i][0];
		seg.dport = port[i][1];
		tcpt_scene_send(&s, 0, ORIG, &seg);
		tcpt_fixture_segment(&seg, 1, RESP, SYNACK, 0, 1);
		seg.dst[0] = first;
		seg.sport = port[i][1];
		seg.dport = port[i][0];
		tcpt_scene_send(&s, 9, RESP, &seg);
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

/* With unknown ISNs, the first segment of each end has relative number 1. */
static void event_midstream(struct kunit *test)
{
	static const struct tcptrace_seg seg =
		SEG(SERVER_SEQ(0) + 500, 1700, 1, 1, 30, ACK, 1, IN);
	struct scene s = tcpt_scene_begin(test, TCPTRACE_MASK_DEFAULT);

	s.flags = TCPTRACE_F_MIDSTREAM | TCPTRACE_F_GUESSED;
	tcpt_scene_plain(&s, 0, RESP, ACK, 500, 700, 30);
	expect_open(&s, 0, &seg);
	EXPECT_STATE(&s, 0, &seg, 1, 1, CLOSED, ESTAB, MIDSTREAM);
	EXPECT_STATE(&s, 0, &seg, 2, 0, CLOSED, ESTAB, MIDSTREAM);
	tcpt_scene_expect_end(&s);
}

/*
 * Only a SYN,ACK is seen: it implies the SYN, and proves which end is the
 * originator.
 */
static void event_synack_alone(struct kunit *test)
{
	struct scene s = tcpt_scene_begin(test, TCPTRACE_MASK_DEFAULT);
	struct tcptrace_seg seg = seg_synack;

	seg.flags = SYNACK;
	s.flags = TCPTRACE_F_MIDSTREAM;
	tcpt_scene_plain(&s, 0, RESP, SYNACK, 0, 1, 0);
	expect_open(&s, 0, &seg);
	EXPECT_STATE(&s, 0, &seg, 1, 0, CLOSED, SYN_SENT, SYN_IMPLIED);
	EXPECT_STATE(&s, 0, &seg, 2, 1, CLOSED, SYN_RECEIVED, PASSIVE_OPEN);
	EXPECT_STATE(&s, 0, &seg, 3, 0, SYN_SENT, ESTAB, SYNACK_RECEIVED);
	tcpt_scene_expect_end(&s);
}

/* A connection without an answer is closed by a timeout, not by a segment. */
static void event_timeout(struct kunit *test)
{
	struct scene s = tcpt_scene_begin(test, TCPTRACE_MASK(TCPTRACE_CLOSE));
	struct tcptrace_close want = {
		.start = FIXTURE_START,
		.duration_ns = 70,
		.dir[0] = { .packets = 2, .segments = 2, .idle_max_ns = 70,
			    .syns = 2, .flags = SYN,
			    .wscale = TCPTRACE_WSCALE_NONE,
			    .state = TCPTRACE_SYN_SENT },
		.dir[1] = { .wscale = TCPTRACE_WSCALE_NONE },
		.transitions = 1,
		.reason = TCPTRACE_CLOSE_UNANSWERED,
		.by = TCPT_NOBODY,
		.conn_state = TCPTRACE_CONN_S0,
		.end_reason = TCPTRACE_END_IDLE,
		.completeness = TCPTRACE_COMPLETE_SYN,
		.history = "S",
		.limited_by = TCPTRACE_LIMITED_HANDSHAKE,
	};
	unsigned int i;

	tcpt_scene_plain(&s, 0, ORIG, SYN, 0, 0, 0);
	tcpt_scene_plain(&s, 70, ORIG, SYN, 0, 0, 0);
	for (i = 0; i <= s.fx->tracker.table.mask; i++)
		tcpt_gc_bucket(&s.fx->tracker, i,
			       FIXTURE_START + 500 * FIXTURE_SEC);
	tcpt_scene_expect(&s, &want, sizeof(want), TCPTRACE_CLOSE,
			  500 * FIXTURE_SEC, &no_seg);
	tcpt_scene_expect_end(&s);
}

/* Options and unusual connections. */

static const u8 addr_a[16] = { 0xfe, 0x80, [15] = 1 };
static const u8 addr_b[16] = { 0xfe, 0x80, [8] = 9, [15] = 2 };

static void see(struct fixture *fx, const struct tcpt_segment *seg, u32 zone)
{
	const struct tcpt_arrival arrival = {
		.seg = seg,
		.ns = &fx->ns[0],
		.now = fx->now,
		.zone = zone,
		.hook = TCPTRACE_HOOK_FORWARD,
	};

	rcu_read_lock();
	tcpt_tracker_observe(&fx->tracker, &arrival);
	rcu_read_unlock();
}

/* Return the next record of a type, and skip the records before it. */
static const void *next_of(struct fixture *fx, struct tcpt_reader *reader,
			   unsigned int type)
{
	const struct tcptrace_header *h;

	do {
		h = tcpt_fixture_next(fx, reader);
	} while (h && h->type != type);
	KUNIT_ASSERT_NOT_NULL_MSG(fx->test, h, "no record of type %u", type);
	return h;
}

/* On two links, the same link-local addresses belong to two connections. */
static void event_has_the_zone(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader = tcpt_fixture_reader(fx, 0, 16384);
	struct tcptrace_open want = {
		.h = { .len = sizeof(want), .type = TCPTRACE_OPEN,
		       .time = FIXTURE_START },
		.flow = { .netns = FIXTURE_INUM, .orig_port = 40000,
			  .resp_port = 80, .family = AF_INET6 },
		.seg = { .seq = 1000, .flags = SYN, .window = FIXTURE_WINDOW,
			 .wire_segs = 1, .hook = TCPTRACE_HOOK_FORWARD },
	};
	struct tcpt_segment seg;
	const void *rec;
	u32 zone;

	tcpt_fixture_segment(&seg, 1, ORIG, SYN, 0, 0);
	seg.family = 6;
	memcpy(seg.src, addr_a, sizeof(seg.src));
	memcpy(seg.dst, addr_b, sizeof(seg.dst));
	memcpy(want.flow.orig_addr, addr_a, sizeof(addr_a));
	memcpy(want.flow.resp_addr, addr_b, sizeof(addr_b));
	for (zone = 3; zone <= 4; zone++) {
		see(fx, &seg, zone);
		want.flow.conn = zone - 2;
		want.flow.zone = zone;
		/* OPEN, STATE, OPEN */
		want.h.seq = 2 * (zone - 3);
		rec = next_of(fx, reader, TCPTRACE_OPEN);
		KUNIT_EXPECT_EQ(test, memcmp(rec, &want, sizeof(want)), 0);
	}
	KUNIT_EXPECT_EQ(test, tcpt_fixture_stat(&fx->ns[0], TCPT_STAT_OPENED),
			2UL);
}

static void expect_self(struct fixture *fx, struct tcpt_reader *reader,
			const struct tcptrace_transition *want)
{
	const struct tcptrace_transition *rec;

	rec = next_of(fx, reader, TCPTRACE_STATE);
	KUNIT_EXPECT_EQ(fx->test, rec->h.flags, TCPTRACE_F_SELF);
	KUNIT_EXPECT_EQ(fx->test, rec->number, want->number);
	KUNIT_EXPECT_EQ(fx->test, rec->end, 0);
	KUNIT_EXPECT_EQ(fx->test, rec->from, want->from);
	KUNIT_EXPECT_EQ(fx->test, rec->to, want->to);
	KUNIT_EXPECT_EQ(fx->test, rec->reason, want->reason);
	KUNIT_EXPECT_EQ(fx->test, rec->seg.from, 0);
	KUNIT_EXPECT_EQ(fx->test, rec->flow.orig_port, 5000);
	KUNIT_EXPECT_EQ(fx->test, rec->flow.resp_port, 5000);
	KUNIT_EXPECT_EQ(fx->test, rec->seg.rel_seq, 0U);
	KUNIT_EXPECT_EQ(fx->test, rec->seg.rel_ack,
			rec->seg.flags & ACK ? 1U : 0U);
}

/* A connection of a socket to itself has only one end. */
static void event_self_connect(struct kunit *test)
{
	static const struct tcptrace_transition steps[] = {
		{ .number = 1, .from = TCPTRACE_CLOSED, .to = TCPTRACE_SYN_SENT,
		  .reason = TCPTRACE_REASON_ACTIVE_OPEN },
		{ .number = 2, .from = TCPTRACE_SYN_SENT,
		  .to = TCPTRACE_SYN_RECEIVED,
		  .reason = TCPTRACE_REASON_SIMULTANEOUS_OPEN },
		{ .number = 3, .from = TCPTRACE_SYN_RECEIVED,
		  .to = TCPTRACE_ESTAB, .reason = TCPTRACE_REASON_SYN_ACKED },
	};
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader = tcpt_fixture_reader(fx, 0, 16384);
	const struct tcptrace_established *est;
	struct tcpt_segment seg;
	unsigned int i;

	tcpt_fixture_segment(&seg, 1, ORIG, SYN, 0, 0);
	memcpy(seg.dst, seg.src, sizeof(seg.dst));
	seg.sport = 5000;
	seg.dport = 5000;
	tcpt_fixture_see(fx, 0, &seg, TCPTRACE_HOOK_OUT);
	fx->now += 40;
	seg.flags = SYNACK;
	seg.ack = seg.seq + 1;
	tcpt_fixture_see(fx, 0, &seg, TCPTRACE_HOOK_OUT);
	for (i = 0; i < ARRAY_SIZE(steps); i++)
		expect_self(fx, reader, &steps[i]);
	est = next_of(fx, reader, TCPTRACE_ESTABLISHED);
	KUNIT_EXPECT_EQ(test, est->h.flags, TCPTRACE_F_SELF);
	KUNIT_EXPECT_EQ(test, est->handshake_ns, 40ULL);
	KUNIT_EXPECT_EQ(test, est->syn_synack_ns, 40ULL);
	KUNIT_EXPECT_EQ(test, est->syn_rexmits, 0);
	KUNIT_EXPECT_EQ(test, est->synack_rexmits, 0);
}

struct ecn_row {
	u16 syn;
	u16 synack;
	bool agreed;
};

/* RFC 3168 section 6.1.1 */
static void event_ecn_when_both_agree(struct kunit *test)
{
	static const u16 both = TCPTRACE_ECE | TCPTRACE_CWR;
	const struct ecn_row rows[] = {
		{ both, TCPTRACE_ECE, true },
		{ both, both, false },	/* the server returns both bits */
		{ both, 0, false },
		{ 0, TCPTRACE_ECE, false },
		{ TCPTRACE_ECE, TCPTRACE_ECE, false },
	};
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader = tcpt_fixture_reader(fx, 0, 16384);
	const struct tcptrace_established *est;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		tcpt_fixture_send(fx, i, ORIG, SYN | rows[i].syn, 0, 0);
		tcpt_fixture_send(fx, i, RESP, SYNACK | rows[i].synack, 0, 1);
		tcpt_fixture_send(fx, i, ORIG, ACK, 1, 1);
		est = next_of(fx, reader, TCPTRACE_ESTABLISHED);
		KUNIT_EXPECT_EQ_MSG(test, est->options, rows[i].agreed ?
				    TCPTRACE_OPT_ECN : 0, "row %u", i);
	}
}

/* Window scales are used only if both ends offer a scale. */
static void event_scales_when_both_offer(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader = tcpt_fixture_reader(fx, 0, 16384);
	const struct tcptrace_established *est;
	struct tcpt_segment seg;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		tcpt_fixture_segment(&seg, i, ORIG, SYN, 0, 0);
		seg.opt.present = i & 1 ? TCPTRACE_OPT_WSCALE : 0;
		seg.opt.wscale = 3;
		see(fx, &seg, 0);
		tcpt_fixture_segment(&seg, i, RESP, SYNACK, 0, 1);
		seg.opt.present = i & 2 ? TCPTRACE_OPT_WSCALE : 0;
		seg.opt.wscale = 4;
		see(fx, &seg, 0);
		tcpt_fixture_send(fx, i, ORIG, ACK, 1, 1);
		est = next_of(fx, reader, TCPTRACE_ESTABLISHED);
		KUNIT_EXPECT_EQ(test, est->options,
				i == 3 ? TCPTRACE_OPT_WSCALE : 0);
		KUNIT_EXPECT_EQ(test, est->wscale[0],
				i & 1 ? 3 : TCPTRACE_WSCALE_NONE);
		KUNIT_EXPECT_EQ(test, est->wscale[1],
				i & 2 ? 4 : TCPTRACE_WSCALE_NONE);
		KUNIT_EXPECT_EQ(test, est->mss[0], 0);
	}
}

static void expect_segment(struct fixture *fx, struct tcpt_reader *reader,
			   const struct tcptrace_segment *want)
{
	const struct tcptrace_segment *rec;

	rec = next_of(fx, reader, TCPTRACE_SEGMENT);
	KUNIT_EXPECT_EQ(fx->test, rec->h.len, (u32)sizeof(*rec));
	KUNIT_EXPECT_EQ(fx->test, memcmp(&rec->options, &want->options,
					 sizeof(*want) -
					 offsetof(struct tcptrace_segment,
						  options)), 0);
	KUNIT_EXPECT_EQ(fx->test, rec->seg.rel_seq, want->seg.rel_seq);
}

/* An absent option does not appear in records, even if its fields are not 0. */
static void event_has_options_that_are_there(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader = tcpt_fixture_reader(fx, 0, 16384);
	struct tcptrace_segment want = {
		.options = 0x7ff, .mss = 1440, .urgent = 77, .wscale = 9,
		.sack_blocks = 3, .tfo_len = 8, .mptcp_subtype = 2,
		.hdr_len = 60, .ttl = 63, .tos = 0xb8, .tsval = 0x11223344,
		.tsecr = 0x55667788,
		.sack = { { 1, 2 }, { 3, 4 }, { 5, 6 } },
	};
	struct tcpt_segment seg;

	tcpt_reader_set_mask(reader, TCPTRACE_MASK(TCPTRACE_SEGMENT));
	tcpt_fixture_segment(&seg, 1, ORIG, SYN, 0, 0);
	seg.urgent = 77;
	seg.hdr_len = 60;
	seg.ttl = 63;
	seg.tos = 0xb8;
	seg.opt = (struct tcpt_options) {
		.present = 0x7ff, .mss = 1440, .wscale = 9, .tfo_len = 8,
		.mptcp_subtype = 2, .sack_blocks = 3, .tsval = 0x11223344,
		.tsecr = 0x55667788,
		.sack = { { 1, 2 }, { 3, 4 }, { 5, 6 }, { 7, 8 } },
	};
	see(fx, &seg, 0);
	expect_segment(fx, reader, &want);
	seg.opt.present = TCPTRACE_OPT_SACK_PERM;
	see(fx, &seg, 0);
	want = (struct tcptrace_segment) {
		.options = TCPTRACE_OPT_SACK_PERM, .urgent = 77,
		.hdr_len = 60, .ttl = 63, .tos = 0xb8,
		/* the same SYN again */
		.analysis = TCPTRACE_A_RETRANSMISSION,
	};
	expect_segment(fx, reader, &want);
}

/*
 * For a segment that belongs to no connection, the record has connection id 0
 * and the sender as originator. The relative numbers equal the raw numbers.
 */
static void event_shows_strays(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader = tcpt_fixture_reader(fx, 0, 16384);
	struct tcptrace_segment want = {
		.h = { .len = sizeof(want), .type = TCPTRACE_SEGMENT,
		       .time = FIXTURE_START },
		.flow = { .netns = FIXTURE_INUM, .family = AF_INET,
			  .orig_port = 80, .resp_port = 40000,
			  .orig_addr = { 192, 0, 2, 1 },
			  .resp_addr = { 10, 0, 0, 1 } },
		.seg = { .seq = 0xfffffff5, .rel_seq = 0xfffffff5,
			 .flags = TCPTRACE_FIN, .window = FIXTURE_WINDOW,
			 .wire_segs = 1, .hook = TCPTRACE_HOOK_OUT },
		.hdr_len = 20,
	};
	const void *rec;

	tcpt_fixture_send(fx, 1, RESP, TCPTRACE_FIN, 5, 0);
	KUNIT_EXPECT_NULL(test, tcpt_fixture_next(fx, reader));
	tcpt_reader_set_mask(reader, TCPTRACE_MASK_ALL);
	tcpt_fixture_send(fx, 1, RESP, TCPTRACE_FIN, 5, 0);
	rec = next_of(fx, reader, TCPTRACE_SEGMENT);
	KUNIT_EXPECT_EQ(test, memcmp(rec, &want, sizeof(want)), 0);
	tcpt_fixture_send(fx, 1, RESP, SYNACK | FIN, 5, 7);
	want.h.seq = 1;
	want.seg.flags = SYNACK | FIN;
	want.seg.ack = 1007;
	want.seg.rel_ack = 1007;
	rec = next_of(fx, reader, TCPTRACE_SEGMENT);
	KUNIT_EXPECT_EQ(test, memcmp(rec, &want, sizeof(want)), 0);
	KUNIT_EXPECT_NULL(test, tcpt_fixture_next(fx, reader));
}

/*
 * OPEN is the first record. Each SEGMENT comes before all other records that
 * the segment causes, except OPEN.
 */
static void event_is_in_order(struct kunit *test)
{
	static const u8 order[] = {
		TCPTRACE_OPEN, TCPTRACE_SEGMENT, TCPTRACE_STATE,
		TCPTRACE_SEGMENT, TCPTRACE_STATE, TCPTRACE_STATE,
		TCPTRACE_SEGMENT, TCPTRACE_STATE, TCPTRACE_ESTABLISHED,
		TCPTRACE_SEGMENT, TCPTRACE_STATE, TCPTRACE_STATE,
		TCPTRACE_CLOSE,
	};
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader = tcpt_fixture_reader(fx, 0, 16384);
	const struct tcptrace_header *h;
	unsigned int i;

	tcpt_reader_set_mask(reader, TCPTRACE_MASK_ALL);
	tcpt_fixture_establish(fx, 1);
	tcpt_fixture_send(fx, 1, RESP, RST, 1, 0);
	for (i = 0; i < ARRAY_SIZE(order); i++) {
		h = tcpt_fixture_next(fx, reader);
		KUNIT_ASSERT_NOT_NULL(test, h);
		KUNIT_EXPECT_EQ_MSG(test, h->type, order[i], "record %u", i);
	}
	KUNIT_EXPECT_NULL(test, tcpt_fixture_next(fx, reader));
}

/* A segment from a socket to itself never comes from another host. */
static void event_forged_self_connect(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_segment seg;

	tcpt_fixture_segment(&seg, 1, ORIG, ACK, 1, 1);
	memcpy(seg.dst, seg.src, sizeof(seg.dst));
	seg.dport = seg.sport;
	tcpt_fixture_see(fx, 0, &seg, TCPTRACE_HOOK_IN);
	tcpt_fixture_see(fx, 0, &seg, TCPTRACE_HOOK_FORWARD);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_stat(&fx->ns[0],
						TCPT_STAT_STRAY_SELF), 2UL);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_stat(&fx->ns[0],
						TCPT_STAT_OPENED), 0UL);
}

/* Records with classes of Wireshark's analysis, and with suspicions. */

static void plain_handshake(struct scene *s)
{
	tcpt_scene_plain(s, 0, ORIG, SYN, 0, 0, 0);
	tcpt_scene_plain(s, 10, RESP, SYNACK, 0, 1, 0);
	tcpt_scene_plain(s, 25, ORIG, ACK, 1, 1, 0);
}

static void expect_scene_segment(struct scene *s, u64 after,
				 const struct tcptrace_seg *seg,
				 struct tcptrace_segment want)
{
	want.hdr_len = 20;
	tcpt_scene_expect(s, &want, sizeof(want), TCPTRACE_SEGMENT, after,
			  seg);
}

#define EXPECT_SEGMENT(s, after, seg, ...) \
	expect_scene_segment(s, after, seg, \
		       (struct tcptrace_segment) { __VA_ARGS__ })

static const struct tcptrace_seg
	plain_syn = SEG(1000, 0, 0, 0, 0, SYN, 0, OUT),
	plain_synack = SEG(SERVER_SEQ(0), 1001, 0, 1, 0, SYNACK, 1, IN),
	plain_ack = SEG(1001, SERVER_SEQ(1), 1, 1, 0, ACK, 0, OUT),
	plain_data = SEG(1001, SERVER_SEQ(1), 1, 1, 100, ACK, 0, OUT),
	plain_answer = SEG(SERVER_SEQ(1), 1101, 1, 101, 0, ACK, 1, IN);

static void expect_plain_handshake(struct scene *s)
{
	EXPECT_SEGMENT(s, 0, &plain_syn, .analysis = 0);
	EXPECT_SEGMENT(s, 10, &plain_synack, .rtt_ns = 10);
	EXPECT_SEGMENT(s, 25, &plain_ack, .rtt_ns = 15);
}

static void event_wireshark_classes(struct kunit *test)
{
	struct scene s = tcpt_scene_begin(test, ONLY_SEGMENTS);

	plain_handshake(&s);
	tcpt_scene_plain(&s, 30, ORIG, ACK, 1, 1, 100);
	tcpt_scene_plain(&s, 75, RESP, ACK, 1, 101, 0);
	tcpt_scene_plain(&s, 80, RESP, ACK, 1, 101, 0);
	tcpt_scene_plain(&s, 81, RESP, ACK, 1, 101, 0);
	tcpt_scene_plain(&s, 90, ORIG, ACK, 1, 1, 100);
	expect_plain_handshake(&s);
	EXPECT_SEGMENT(&s, 30, &plain_data, .analysis = 0);
	EXPECT_SEGMENT(&s, 75, &plain_answer, .rtt_ns = 45);
	EXPECT_SEGMENT(&s, 80, &plain_answer, .dup_ack_num = 1,
		       .analysis = TCPTRACE_A_DUPLICATE_ACK);
	EXPECT_SEGMENT(&s, 81, &plain_answer, .dup_ack_num = 2,
		       .analysis = TCPTRACE_A_DUPLICATE_ACK);
	EXPECT_SEGMENT(&s, 90, &plain_data,
		       .analysis = TCPTRACE_A_RETRANSMISSION |
				   TCPTRACE_A_SPURIOUS_RETRANSMISSION,
		       .rexmit_bytes = 100);
	tcpt_scene_expect_end(&s);
}

/* After a reset, the client connects from the same port. */
static void event_reused_ports(struct kunit *test)
{
	static const struct tcptrace_seg
		rst = SEG(1001, 0, 1, 0, 0, RST, 0, OUT),
		syn = SEG(8000, 0, 0, 0, 0, SYN, 0, OUT);
	struct scene s = tcpt_scene_begin(test, ONLY_SEGMENTS);

	plain_handshake(&s);
	tcpt_scene_plain(&s, 30, ORIG, RST, 1, 0, 0);
	tcpt_scene_plain(&s, 40, ORIG, SYN, 7000, 0, 0);
	expect_plain_handshake(&s);
	EXPECT_SEGMENT(&s, 30, &rst, .analysis = 0);
	s.flow.conn = 2;
	EXPECT_SEGMENT(&s, 40, &syn, .analysis = TCPTRACE_A_REUSED_PORTS);
	tcpt_scene_expect_end(&s);
}

/*
 * The server connects back to the client; by chance, its SYN has the ISN of the
 * client's SYN.
 */
static void event_wireshark_flipped(struct kunit *test)
{
	static const struct tcptrace_seg
		rst = SEG(1001, 0, 1, 0, 0, RST, 0, OUT),
		syn = SEG(1000, 0, 0, 0, 0, SYN, 0, IN);
	struct scene s = tcpt_scene_begin(test, ONLY_SEGMENTS);
	struct tcptrace_flow flow = s.flow;

	plain_handshake(&s);
	tcpt_scene_plain(&s, 30, ORIG, RST, 1, 0, 0);
	tcpt_scene_plain(&s, 40, RESP, SYN, 1000 - FIXTURE_SERVER_ISN, 0, 0);
	expect_plain_handshake(&s);
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

/*
 * A RST in the window, the challenge ACK, and a RST with the exact sequence
 * number.
 */
static void event_suspicions(struct kunit *test)
{
	static const struct tcptrace_seg
		ahead = SEG(SERVER_SEQ(2), 0, 2, 0, 0, RST, 1, IN),
		exact = SEG(SERVER_SEQ(1), 0, 1, 0, 0, RST, 1, IN);
	struct scene s = tcpt_scene_begin(test,
					  TCPTRACE_MASK(TCPTRACE_SUSPECTED));

	send_ttl(&s, 0, ORIG, SYN, 0, 0, 61);
	send_ttl(&s, 10, RESP, SYNACK, 0, 1, 61);
	send_ttl(&s, 25, ORIG, ACK, 1, 1, 61);
	tcpt_scene_expect_end(&s);
	send_ttl(&s, 30, RESP, RST, 2, 0, 61);
	send_ttl(&s, 45, ORIG, ACK, 1, 1, 61);
	send_ttl(&s, 60, RESP, RST, 1, 0, 44);
	EXPECT_SUSPECTED(&s, 30, &ahead, .distance = 1,
			 .expected = SERVER_SEQ(1),
			 .suspicion = TCPTRACE_SUSPECT_RST,
			 .fit = TCPTRACE_FIT_IN_WINDOW, .ttl = 61);
	EXPECT_SUSPECTED(&s, 45, &plain_ack, .since_ns = 15, .expected = 1001,
			 .suspicion = TCPTRACE_SUSPECT_CHALLENGED,
			 .fit = TCPTRACE_FIT_EXACT, .ttl = 61);
	EXPECT_SUSPECTED(&s, 60, &exact, .expected = SERVER_SEQ(1),
			 .suspicion = TCPTRACE_SUSPECT_RST_TTL,
			 .fit = TCPTRACE_FIT_EXACT, .ttl = 44);
	tcpt_scene_expect_end(&s);
}

static struct kunit_case event_cases[] = {
	KUNIT_CASE(event_connection),
	KUNIT_CASE(event_masks_are_independent),
	KUNIT_CASE(event_without_reader),
	KUNIT_CASE(event_flow_flipped),
	KUNIT_CASE(event_midstream),
	KUNIT_CASE(event_synack_alone),
	KUNIT_CASE(event_timeout),
	KUNIT_CASE(event_has_the_zone),
	KUNIT_CASE(event_self_connect),
	KUNIT_CASE(event_forged_self_connect),
	KUNIT_CASE(event_ecn_when_both_agree),
	KUNIT_CASE(event_scales_when_both_offer),
	KUNIT_CASE(event_has_options_that_are_there),
	KUNIT_CASE(event_shows_strays),
	KUNIT_CASE(event_is_in_order),
	KUNIT_CASE(event_wireshark_classes),
	KUNIT_CASE(event_reused_ports),
	KUNIT_CASE(event_wireshark_flipped),
	KUNIT_CASE(event_suspicions),
	{}
};

static struct kunit_suite event_suite = {
	.name = "tcptrace_event",
	.init = tcpt_fixture_init,
	.exit = tcpt_fixture_exit,
	.test_cases = event_cases,
};

kunit_test_suite(event_suite);
