// SPDX-License-Identifier: GPL-2.0
/* Records of unusual connections, and the fields that options fill. */
#include "fixture.h"

#include <linux/socket.h>
#include <linux/string.h>

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

/* The next record of a type; what comes before it is skipped. */
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

/* The same link-local addresses on two links are two connections. */
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

	tcpt_fixture_segment(&seg, 1, CLIENT, SYN, 0, 0);
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

/* A socket that is connected to itself has one end. */
static void event_tells_a_self_connect(struct kunit *test)
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

	tcpt_fixture_segment(&seg, 1, CLIENT, SYN, 0, 0);
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
static void event_tells_ecn_when_both_agree(struct kunit *test)
{
	static const u16 both = TCPTRACE_ECE | TCPTRACE_CWR;
	const struct ecn_row rows[] = {
		{ both, TCPTRACE_ECE, true },
		{ both, both, false },	/* a server that sends back all bits */
		{ both, 0, false },
		{ 0, TCPTRACE_ECE, false },
		{ TCPTRACE_ECE, TCPTRACE_ECE, false },
	};
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader = tcpt_fixture_reader(fx, 0, 16384);
	const struct tcptrace_established *est;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		tcpt_fixture_send(fx, i, CLIENT, SYN | rows[i].syn, 0, 0);
		tcpt_fixture_send(fx, i, SERVER, SYNACK | rows[i].synack, 0, 1);
		tcpt_fixture_send(fx, i, CLIENT, ACK, 1, 1);
		est = next_of(fx, reader, TCPTRACE_ESTABLISHED);
		KUNIT_EXPECT_EQ_MSG(test, est->options, rows[i].agreed ?
				    TCPTRACE_OPT_ECN : 0, "row %u", i);
	}
}

/* A scale counts where both ends offer one. */
static void event_tells_scales_when_both_offer(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader = tcpt_fixture_reader(fx, 0, 16384);
	const struct tcptrace_established *est;
	struct tcpt_segment seg;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		tcpt_fixture_segment(&seg, i, CLIENT, SYN, 0, 0);
		seg.opt.present = i & 1 ? TCPTRACE_OPT_WSCALE : 0;
		seg.opt.wscale = 3;
		see(fx, &seg, 0);
		tcpt_fixture_segment(&seg, i, SERVER, SYNACK, 0, 1);
		seg.opt.present = i & 2 ? TCPTRACE_OPT_WSCALE : 0;
		seg.opt.wscale = 4;
		see(fx, &seg, 0);
		tcpt_fixture_send(fx, i, CLIENT, ACK, 1, 1);
		est = next_of(fx, reader, TCPTRACE_ESTABLISHED);
		KUNIT_EXPECT_EQ(test, est->options,
				i == 3 ? TCPTRACE_OPT_WSCALE : 0);
		KUNIT_EXPECT_EQ(test, est->wscale[0], i == 3 ? 3 : 0);
		KUNIT_EXPECT_EQ(test, est->wscale[1], i == 3 ? 4 : 0);
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

/* An option that is not there leaves nothing, whatever the parser left. */
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
	tcpt_fixture_segment(&seg, 1, CLIENT, SYN, 0, 0);
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

/* What belongs to no connection: number 0, the sender first, raw numbers. */
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
			 .flags = RST, .window = FIXTURE_WINDOW,
			 .wire_segs = 1, .hook = TCPTRACE_HOOK_IN },
		.hdr_len = 20,
	};
	const void *rec;

	tcpt_fixture_send(fx, 1, SERVER, RST, 5, 0);
	KUNIT_EXPECT_NULL(test, tcpt_fixture_next(fx, reader));
	tcpt_reader_set_mask(reader, TCPTRACE_MASK_ALL);
	tcpt_fixture_send(fx, 1, SERVER, RST, 5, 0);
	rec = next_of(fx, reader, TCPTRACE_SEGMENT);
	KUNIT_EXPECT_EQ(test, memcmp(rec, &want, sizeof(want)), 0);
	tcpt_fixture_send(fx, 1, SERVER, FIN, 5, 7);
	want.h.seq = 1;
	want.seg.flags = FIN;
	want.seg.ack = 1007;
	want.seg.rel_ack = 1007;
	rec = next_of(fx, reader, TCPTRACE_SEGMENT);
	KUNIT_EXPECT_EQ(test, memcmp(rec, &want, sizeof(want)), 0);
	KUNIT_EXPECT_NULL(test, tcpt_fixture_next(fx, reader));
}

/* OPEN before all else, and a SEGMENT before what it causes. */
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
	tcpt_fixture_send(fx, 1, SERVER, RST, 1, 0);
	for (i = 0; i < ARRAY_SIZE(order); i++) {
		h = tcpt_fixture_next(fx, reader);
		KUNIT_ASSERT_NOT_NULL(test, h);
		KUNIT_EXPECT_EQ_MSG(test, h->type, order[i], "record %u", i);
	}
	KUNIT_EXPECT_NULL(test, tcpt_fixture_next(fx, reader));
}

/* Nobody but a socket of this host can be connected to itself. */
static void event_takes_no_forged_self_connect(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_segment seg;

	tcpt_fixture_segment(&seg, 1, CLIENT, ACK, 1, 1);
	memcpy(seg.dst, seg.src, sizeof(seg.dst));
	seg.dport = seg.sport;
	tcpt_fixture_see(fx, 0, &seg, TCPTRACE_HOOK_IN);
	tcpt_fixture_see(fx, 0, &seg, TCPTRACE_HOOK_FORWARD);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_stat(&fx->ns[0],
						TCPT_STAT_STRAY_SELF), 2UL);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_stat(&fx->ns[0],
						TCPT_STAT_OPENED), 0UL);
}

static struct kunit_case event_field_cases[] = {
	KUNIT_CASE(event_has_the_zone),
	KUNIT_CASE(event_tells_a_self_connect),
	KUNIT_CASE(event_takes_no_forged_self_connect),
	KUNIT_CASE(event_tells_ecn_when_both_agree),
	KUNIT_CASE(event_tells_scales_when_both_offer),
	KUNIT_CASE(event_has_options_that_are_there),
	KUNIT_CASE(event_shows_strays),
	KUNIT_CASE(event_is_in_order),
	{}
};

static struct kunit_suite event_field_suite = {
	.name = "tcptrace_event_field",
	.init = tcpt_fixture_init,
	.exit = tcpt_fixture_exit,
	.test_cases = event_field_cases,
};

kunit_test_suite(event_field_suite);
