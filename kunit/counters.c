// SPDX-License-Identifier: GPL-2.0
/*
 * Test the counters: each counter after a few segments, SACK and D-SACK (RFC
 * 2883), and the window counters of whole connections.
 */
#include <linux/string.h>

#include "../module/core/counters.h"

#include "script.h"

enum {
	MARKS_MAX	= 4,
	PSH	= TCPTRACE_PSH | TCPTRACE_ACK,
	URG	= TCPTRACE_URG | TCPTRACE_ACK,
	ECE	= TCPTRACE_ECE,
	CWR	= TCPTRACE_CWR,
	BEGIN	= 5000,		/* time of the first segment, ns */
};

/**
 * struct mark - a segment
 * @flags: TCP flags; 0 ends the list
 * @len: payload bytes
 * @segs: number of segments on the wire; 0 is replaced by 1
 * @urgent: urgent pointer
 * @tos: TOS
 * @ttl: TTL
 * @ns: time since the previous segment
 * @found: classes that the analysis has found
 * @num: number of the duplicate ACK, counting from 1
 */
struct mark {
	u16 flags;
	u32 len;
	u16 segs;
	u16 urgent;
	u8 tos;
	u8 ttl;
	u32 ns;
	u16 found;
	u32 num;
};

/**
 * struct counters_row - segments, and the expected counters after them
 * @name: the behavior under test
 * @mark: the segments
 * @answered: payload was acknowledged before
 * @want: the counters
 */
struct counters_row {
	const char *name;
	struct mark mark[MARKS_MAX];
	bool answered;
	struct tcpt_counters want;
};

/*
 * Expected counters: T() is for segments that all have the time BEGIN, and
 * SIZE() is for one segment with payload.
 */
#define T(...)		{ .last = BEGIN, __VA_ARGS__ }
#define DATA		.data_packets = 1, .first_data = BEGIN, \
			.last_data = BEGIN
#define SIZE(n)		DATA, .initial_packets = 1, .initial_bytes = n

static const struct counters_row counters_rows[] = {
	{ "SYN", { { SYN } }, .want = T(.syns = 1) },
	{ "SYN,ACK", { { SYNACK } }, .want = T(.syns = 1, .acks = 1) },
	{ "FIN", { { FIN } }, .want = T(.fins = 1, .acks = 1) },
	{ "RST", { { RST } }, .want = T(.rsts = 1) },
	{ "RST,ACK", { { RSTACK } }, .want = T(.rsts = 1, .acks = 1) },
	{ "a pure ACK", { { ACK } }, .want = T(.acks = 1, .pure_acks = 1) },
	{ "PSH without data counts as a pure ACK", { { PSH } },
	  .want = T(.acks = 1, .pure_acks = 1, .pushes = 1) },
	{ "data", { { ACK, 100 } },
	  .want = T(SIZE(100), .acks = 1, .segment_min = 100, .segment_max = 100) },
	{ "data without ACK", { { TCPTRACE_PSH, 100 } },
	  .want = T(SIZE(100), .pushes = 1, .segment_min = 100,
		    .segment_max = 100) },
	{ "a FIN with data", { { FIN, 7 } },
	  .want = T(SIZE(7), .acks = 1, .fins = 1, .segment_min = 7,
		    .segment_max = 7) },
	{ "the smallest and the largest segment", {
		{ ACK, 100 }, { ACK, 99 }, { ACK, 101 }, { ACK, 0 } },
	  .want = T(.first_data = BEGIN, .last_data = BEGIN, .data_packets = 3,
		    .acks = 4, .pure_acks = 1, .initial_packets = 3,
		    .initial_bytes = 300, .segment_min = 99,
		    .segment_max = 101) },
	{ "three segments on the wire, with a shorter last one",
	  { { ACK, 2900, 3 } },
	  .want = T(SIZE(2900), .acks = 1, .segment_min = 967,
		    .segment_max = 967) },
	{ "three segments of equal size on the wire", { { ACK, 3000, 3 } },
	  .want = T(SIZE(3000), .acks = 1, .segment_min = 1000,
		    .segment_max = 1000) },
	{ "data after an answer is not part of the initial window", { { ACK, 100 } },
	  .answered = true,
	  .want = T(DATA, .acks = 1, .answered = true, .segment_min = 100,
		    .segment_max = 100) },

	{ "urgent data up to the pointer", { { URG, 100, 1, 10 } },
	  .want = T(SIZE(100), .acks = 1, .urgent_packets = 1,
		    .urgent_bytes = 10, .segment_min = 100,
		    .segment_max = 100) },
	{ "urgent pointer beyond the data", { { URG, 100, 1, 101 } },
	  .want = T(SIZE(100), .acks = 1, .urgent_packets = 1,
		    .urgent_bytes = 100, .segment_min = 100,
		    .segment_max = 100) },
	{ "urgent pointer without data", { { URG, 0, 1, 10 } },
	  .want = T(.acks = 1, .pure_acks = 1, .urgent_packets = 1) },
	{ "a pointer without URG", { { ACK, 100, 1, 10 } },
	  .want = T(SIZE(100), .acks = 1, .segment_min = 100, .segment_max = 100) },

	{ "Not-ECT", { { ACK, .tos = 0xfc } },
	  .want = T(.acks = 1, .pure_acks = 1) },
	{ "ECT(1)", { { ACK, .tos = 0xfd } },
	  .want = T(.acks = 1, .pure_acks = 1, .ect1 = 1) },
	{ "ECT(0)", { { ACK, .tos = 0x02 } },
	  .want = T(.acks = 1, .pure_acks = 1, .ect0 = 1) },
	{ "CE", { { ACK, .tos = 0x03 } },
	  .want = T(.acks = 1, .pure_acks = 1, .ce = 1) },
	{ "ECE and CWR", { { ACK | ECE }, { ACK | CWR }, { ACK | ECE } },
	  .want = T(.acks = 3, .pure_acks = 3, .ece = 2, .cwr = 1) },
	{ "ECE and CWR in a SYN negotiate ECN", { { SYN | ECE | CWR }, { SYNACK | ECE } },
	  .want = T(.syns = 2, .acks = 1) },

	{ "TTLs", { { SYN, .ttl = 64 }, { ACK, .ttl = 63 }, { ACK, .ttl = 65 },
		    { ACK, .ttl = 64 } },
	  .want = T(.syns = 1, .acks = 3, .pure_acks = 3, .ttl_first = 64,
		    .ttl_min = 63, .ttl_max = 65) },
	{ "idle", { { ACK }, { ACK, .ns = 70 }, { ACK, .ns = 71 },
		    { ACK, .ns = 9 } },
	  .want = { .last = BEGIN + 150, .idle_max = 71, .acks = 4,
		    .pure_acks = 4 } },
	{ "the time of the first and the last data", { { SYN }, { ACK, 1, .ns = 10 },
				{ ACK, 1, .ns = 20 }, { ACK, .ns = 30 } },
	  .want = { .last = BEGIN + 60, .idle_max = 30, .first_data = BEGIN + 10,
		    .last_data = BEGIN + 30, .syns = 1, .acks = 3,
		    .pure_acks = 1, .data_packets = 2, .initial_packets = 2,
		    .initial_bytes = 2, .segment_min = 1, .segment_max = 1 } },

	{ "out of order", { { FIN, .found = TCPTRACE_A_OUT_OF_ORDER } },
	  .want = T(.fins = 1, .acks = 1, .out_of_order = 1) },
	{ "a retransmission is counted elsewhere", {
		{ FIN, .found = TCPTRACE_A_RETRANSMISSION } },
	  .want = T(.fins = 1, .acks = 1) },
	{ "only the third duplicate ACK is a triple duplicate ACK", {
		{ ACK, .found = TCPTRACE_A_DUPLICATE_ACK, .num = 2 },
		{ ACK, .found = TCPTRACE_A_DUPLICATE_ACK, .num = 3 },
		{ ACK, .found = TCPTRACE_A_DUPLICATE_ACK, .num = 4 } },
	  .want = T(.acks = 3, .pure_acks = 3, .dup_acks = 3,
		    .triple_dup_acks = 1) },
	{ "a zero window probe", {
		{ ACK, .found = TCPTRACE_A_ZERO_WINDOW_PROBE } },
	  .want = T(.acks = 1, .pure_acks = 1, .zero_window_probes = 1) },
	{ "the answer to a zero window probe is not a probe", {
		{ ACK, .found = TCPTRACE_A_ZERO_WINDOW_PROBE_ACK } },
	  .want = T(.acks = 1, .pure_acks = 1) },
	{ "window full", { { ACK, .found = TCPTRACE_A_WINDOW_FULL } },
	  .want = T(.acks = 1, .pure_acks = 1, .window_full = 1) },
	{ "keep-alive", { { ACK, .found = TCPTRACE_A_KEEP_ALIVE } },
	  .want = T(.acks = 1, .pure_acks = 1, .keep_alives = 1) },
	{ "the answer to a keep-alive is not a duplicate ACK", {
		{ ACK, .found = TCPTRACE_A_KEEP_ALIVE_ACK } },
	  .want = T(.acks = 1, .pure_acks = 1) },
};

static void counters_desc(const struct counters_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(counters, counters_rows, counters_desc);

static void play_mark(struct tcpt_counters *counters, const struct mark *mark,
		      u64 now)
{
	const struct tcpt_wireshark_result found = {
		.classes = mark->found,
		.dup_ack_num = mark->num,
	};
	const struct tcpt_segment seg = {
		.flags = mark->flags,
		.len = mark->len,
		.wire_segs = mark->segs ? mark->segs : 1,
		.urgent = mark->urgent,
		.tos = mark->tos,
		.ttl = mark->ttl,
	};

	tcpt_counters_segment(counters, &seg, &found,
			      mark->found & TCPTRACE_A_RETRANSMISSION, 0, now);
}

static void expect_same(struct kunit *test, const struct tcpt_counters *counters,
			const struct tcpt_counters *want)
{
	const u8 *a = (const u8 *)counters, *b = (const u8 *)want;
	size_t i;

	for (i = 0; i < sizeof(*counters); i++)
		if (a[i] != b[i])
			KUNIT_FAIL(test, "byte %zu is %02x, not %02x", i, a[i],
				   b[i]);
}

static void counters_of_row(struct kunit *test)
{
	const struct counters_row *row = test->param_value;
	struct tcpt_counters want = row->want;
	struct tcpt_counters counters;
	unsigned int i;
	u64 now = BEGIN;

	want.seen = true;
	memset(&counters, 0, sizeof(counters));
	counters.answered = row->answered;
	for (i = 0; i < MARKS_MAX && row->mark[i].flags; i++) {
		now += row->mark[i].ns;
		play_mark(&counters, &row->mark[i], now);
	}
	expect_same(test, &counters, &want);
}

/* A capture may begin at time 0, which is a valid time. */
static void counters_time_0(struct kunit *test)
{
	static const struct mark first = { SYN, .ttl = 64 };
	static const struct mark second = { ACK, .ttl = 60 };
	struct tcpt_counters counters;

	memset(&counters, 0, sizeof(counters));
	play_mark(&counters, &first, 0);
	play_mark(&counters, &second, 700);
	KUNIT_EXPECT_EQ(test, counters.ttl_first, 64);
	KUNIT_EXPECT_EQ(test, counters.ttl_min, 60);
	KUNIT_EXPECT_EQ(test, counters.ttl_max, 64);
	KUNIT_EXPECT_EQ(test, counters.idle_max, 700ULL);
}

static void counters_windows(struct kunit *test)
{
	static const u32 windows[] = { 500, 501, 0, 400, 0 };
	struct tcpt_counters counters;
	unsigned int i;

	memset(&counters, 0, sizeof(counters));
	tcpt_counters_window(&counters, windows[0]);
	KUNIT_EXPECT_EQ(test, counters.window_min, 500U);
	KUNIT_EXPECT_EQ(test, counters.window_max, 500U);
	for (i = 1; i < ARRAY_SIZE(windows); i++)
		tcpt_counters_window(&counters, windows[i]);
	KUNIT_EXPECT_EQ(test, counters.window_min, 0U);
	KUNIT_EXPECT_EQ(test, counters.window_max, 501U);
	KUNIT_EXPECT_EQ(test, counters.zero_windows, 2U);
}

/* Further segments do not change saturated counters. */
static void counters_full(struct kunit *test)
{
	static const struct mark mark[] = {
		{ TCPTRACE_PSH | TCPTRACE_URG | ACK | ECE | CWR, 10, 1, 10, 1,
		  .found = 0x7fff, .num = 3 },
		{ ACK | SYN, 10, 1, 0, 2 }, { FIN, 10, 1, 0, 3 }, { RSTACK },
		{ ACK },
	};
	struct tcpt_counters counters, want;
	unsigned int i;

	memset(&counters, 0, sizeof(counters));
	/* saturate the counters, which are two groups of adjacent fields */
	memset(&counters.out_of_order, 0xff,
	       sizeof(counters) - offsetof(struct tcpt_counters, out_of_order));
	memset(&counters.data_packets, 0xff,
	       offsetofend(struct tcpt_counters, segment_max) -
	       offsetof(struct tcpt_counters, data_packets));
	counters.last = BEGIN;
	counters.last_data = BEGIN;
	counters.segment_min = 10;
	counters.window_min = 0;
	want = counters;
	want.seen = true;
	for (i = 0; i < ARRAY_SIZE(mark); i++)
		play_mark(&counters, &mark[i], BEGIN);
	tcpt_counters_window(&counters, 0);
	want.started = true;
	expect_same(test, &counters, &want);
}

/* Bases for the sequence numbers of the rows below; some cause a wrap. */
static const u32 bases[] = { 0, 1000000, -3250, -4000, -4250, 0x80000000 - 4250 };

/**
 * struct sack_row - an ACK with SACK blocks
 * @name: the behavior under test, with the section of RFC 2883
 * @ack: acknowledgment number
 * @blocks: number of blocks in @sack
 * @sack: left and right edges of the blocks
 * @dsack: the first block reports a duplicate
 */
struct sack_row {
	const char *name;
	u32 ack;
	u8 blocks;
	u32 sack[TCPT_SACK_MAX][2];
	bool dsack;
};

static const struct sack_row sack_rows[] = {
	{ "no block", 4000, 0 },
	{ "4.1.1: a full duplicate", 4000, 1, { { 3000, 3500 } }, true },
	{ "4.1.2: a duplicate and an out of order segment", 4000, 2,
	  { { 3000, 3500 }, { 4500, 5000 } }, true },
	{ "4.1.2: the ACK before the duplicate", 4000, 1, { { 4500, 5000 } } },
	{ "4.1.3: a duplicate of an out of order segment", 4000, 2,
	  { { 5000, 5500 }, { 4500, 5500 } }, true },
	{ "4.1.3: the ACK before the duplicate", 4000, 1, { { 4500, 5500 } } },
	{ "4.2.1: a partial duplicate", 4000, 1, { { 3500, 4000 } }, true },
	{ "the first block begins at the ACK", 4000, 1, { { 4000, 4500 } } },
	{ "the first block begins before the ACK", 4000, 1, { { 3999, 4500 } }, true },
	{ "two blocks that do not touch", 4000, 2, { { 5000, 5500 }, { 4250, 4750 } } },
	{ "two blocks that touch", 4000, 2, { { 5000, 5500 }, { 4500, 5000 } } },
	{ "the second block equals the first", 4000, 2,
	  { { 5000, 5500 }, { 5000, 5500 } }, true },
	{ "the first block ends beyond the second", 4000, 2,
	  { { 5000, 5501 }, { 4500, 5500 } } },
	{ "the first block begins before the second", 4000, 2,
	  { { 4499, 5000 }, { 4500, 5500 } } },
	{ "the third block contains the first", 4000, 3,
	  { { 5000, 5500 }, { 6000, 6500 }, { 4500, 5500 } } },
	{ "the second block is below the ACK", 4000, 2,
	  { { 5000, 5500 }, { 3000, 3500 } } },
	{ "four blocks", 4000, 4, { { 5000, 5500 }, { 6000, 6500 },
				    { 7000, 7500 }, { 8000, 8500 } } },
};

static void sack_desc(const struct sack_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(sack, sack_rows, sack_desc);

static void counters_sack(struct kunit *test)
{
	static const struct tcpt_wireshark_result nothing;
	const struct sack_row *row = test->param_value;
	struct tcpt_segment seg = { .flags = ACK, .wire_segs = 1 };
	struct tcpt_counters counters;
	unsigned int i, n;

	seg.opt.present = TCPTRACE_OPT_SACK;
	seg.opt.sack_blocks = row->blocks;
	for (n = 0; n < ARRAY_SIZE(bases); n++) {
		seg.ack = bases[n] + row->ack;
		for (i = 0; i < row->blocks; i++) {
			seg.opt.sack[i][0] = bases[n] + row->sack[i][0];
			seg.opt.sack[i][1] = bases[n] + row->sack[i][1];
		}
		memset(&counters, 0, sizeof(counters));
		tcpt_counters_segment(&counters, &seg, &nothing, false, bases[n],
				      1);
		KUNIT_EXPECT_EQ(test, counters.sack_packets, !!row->blocks);
		KUNIT_EXPECT_EQ(test, counters.sack_blocks, row->blocks);
		KUNIT_EXPECT_EQ(test, counters.sack_blocks_max, row->blocks);
		KUNIT_EXPECT_EQ_MSG(test, counters.dsacks, row->dsack,
				    "base %x", bases[n]);
	}
}

/*
 * Add up the blocks of several packets. A packet without the SACK option is
 * ignored, regardless of the values in its block fields.
 */
static void counters_sack_sum(struct kunit *test)
{
	static const struct tcpt_wireshark_result nothing;
	struct tcpt_segment seg = { .flags = ACK, .wire_segs = 1 };
	struct tcpt_counters counters;
	unsigned int i;

	memset(&counters, 0, sizeof(counters));
	for (i = 0; i < 4; i++) {
		/* 2, 3, 0 and 1 */
		seg.opt.sack_blocks = (i + 2) & 3;
		seg.opt.present = i == 3 ? 0 : TCPTRACE_OPT_SACK;
		seg.opt.sack[0][0] = 100;
		seg.opt.sack[0][1] = 200;
		seg.opt.sack[1][0] = 300;
		seg.opt.sack[1][1] = 400;
		tcpt_counters_segment(&counters, &seg, &nothing, false, 0,
				      1 + i);
	}
	KUNIT_EXPECT_EQ(test, counters.sack_packets, 2U);
	KUNIT_EXPECT_EQ(test, counters.sack_blocks, 5U);
	KUNIT_EXPECT_EQ(test, counters.sack_blocks_max, 3);
	KUNIT_EXPECT_EQ(test, counters.dsacks, 0U);
}

/*
 * A block that begins before the first sequence number of the other end is not
 * a D-SACK.
 */
static void counters_sack_min(struct kunit *test)
{
	static const struct tcpt_wireshark_result nothing;
	struct tcpt_segment seg = {
		.flags = ACK, .wire_segs = 1, .ack = 300,
		.opt = { .present = TCPTRACE_OPT_SACK, .sack_blocks = 1,
			 .sack = { { 100, 200 } } },
	};
	struct tcpt_counters counters;

	memset(&counters, 0, sizeof(counters));
	tcpt_counters_segment(&counters, &seg, &nothing, false, 101, 1);
	KUNIT_EXPECT_EQ(test, counters.dsacks, 0U);
	tcpt_counters_segment(&counters, &seg, &nothing, false, 100, 2);
	KUNIT_EXPECT_EQ(test, counters.dsacks, 1U);
}

/**
 * struct conn_row - a connection, and its expected counters
 * @script: the connection
 * @initial: packets and bytes in the initial window of each end
 * @window: smallest and largest window of each end
 * @zero: number of zero windows of each end
 */
struct conn_row {
	struct script script;
	u32 initial[2][2];
	u32 window[2][2];
	u32 zero[2];
};

#define E(name, who, fl, s, a, n, ...) \
	LINE(name, who, fl, s, a, n, ESTAB, ESTAB, OK, __VA_ARGS__)

static const struct line initial_lines[] = {
	HANDSHAKE,
	E("data", ORIG, ACK, 1, 1, 100),
	E("data", ORIG, ACK, 101, 1, 100),
	E("ACK of the SYN", RESP, ACK, 1, 1, 0),
	E("data", ORIG, ACK, 201, 1, 50),
	E("ACK of a byte, with data", RESP, ACK, 1, 2, 30),
	E("data", ORIG, ACK, 251, 1, 70),
	E("data, before an ACK", RESP, ACK, 31, 321, 30),
	E("ACK of all", ORIG, ACK, 321, 61, 0),
	E("data", RESP, ACK, 61, 321, 30),
	{}
};

static const struct line fast_open_lines[] = {
	LINE("SYN with data", ORIG, SYN, 0, 0, 10, SYN_SENT, CLOSED, OK),
	LINE("SYN,ACK of SYN and data", RESP, SYNACK, 0, 11, 0, ESTAB, SYN_RECEIVED, OK),
	LINE("ACK, data", ORIG, ACK, 11, 1, 40, ESTAB, ESTAB, OK,
	     .events = EV_OPEN),
	{}
};

static const struct line fast_open_refused_lines[] = {
	LINE("SYN with data", ORIG, SYN, 0, 0, 10, SYN_SENT, CLOSED, OK),
	LINE("SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED, OK),
	LINE("ACK, data again, more", ORIG, ACK, 1, 1, 40, ESTAB, ESTAB, OK,
	     .events = EV_OPEN),
	{}
};

static const struct line scaled_lines[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK, .s.scale = 3 + 1),
	LINE("SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED, OK,
	     .s.scale = 5 + 1, .s.window = 1),
	LINE("ACK", ORIG, ACK, 1, 1, 0, ESTAB, ESTAB, OK, .events = EV_OPEN,
	     .s.window = 100),
	E("ACK", RESP, ACK, 1, 1, 0, .s.window = 7),
	E("shut", RESP, ACK, 1, 1, 0, .s.window = ZERO_WINDOW),
	E("open", RESP, ACK, 1, 1, 0, .s.window = 9),
	E("ACK", ORIG, ACK, 1, 1, 0, .s.window = 90),
	LINE("FIN", ORIG, FIN, 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, OK,
	     .s.window = 200),
	LINE("RST", RESP, RST, 1, 0, 0, CLOSED, CLOSED, OK,
	     .s.window = ZERO_WINDOW, .events = EV_CLOSED),
	{}
};

static const struct line unscaled_lines[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK, .s.scale = 3 + 1),
	LINE("SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED, OK,
	     .s.window = 1),
	LINE("ACK", ORIG, ACK, 1, 1, 0, ESTAB, ESTAB, OK, .events = EV_OPEN,
	     .s.window = 100),
	{}
};

static const struct line midstream_lines[] = {
	E("data", ORIG, ACK, 1, 1, 10, .s.window = 100),
	E("ACK", RESP, ACK, 1, 11, 0, .s.window = 200, .events = EV_CONFIRMED),
	{}
};

static const struct conn_row conn_rows[] = {
	{ { "initial window", initial_lines, .by = TCPT_NOBODY },
	  { { 3, 250 }, { 2, 60 } },
	  { { 10000, 10000 }, { 10000, 10000 } } },
	{ { "data in the SYN, which is accepted", fast_open_lines,
	    .by = TCPT_NOBODY },
	  { { 1, 10 } }, { { 10000, 10000 } } },
	{ { "data in the SYN, which is not accepted", fast_open_refused_lines,
	    .by = TCPT_NOBODY },
	  { { 1, 10 } }, { { 10000, 10000 } } },
	{ { "all windows are scaled, except that of a SYN", scaled_lines,
	    .close = TCPTRACE_CLOSE_RESET, .by = RESP },
	  {}, { { 90 << 3, 200 << 3 }, { 0, 9 << 5 } }, { 0, 1 } },
	{ { "if one end has no scale, neither end scales", unscaled_lines,
	    .by = TCPT_NOBODY },
	  {}, { { 100, 100 } } },
	{ { "midstream, without a known scale", midstream_lines,
	    .by = TCPT_NOBODY,
	    .marks = TCPT_MARK_MIDSTREAM | TCPT_MARK_GUESSED },
	  { { 1, 10 } }, { { 100, 100 }, { 200, 200 } } },
};

static void conn_desc(const struct conn_row *row, char *desc)
{
	tcpt_script_desc(&row->script, desc);
}

KUNIT_ARRAY_PARAM(conn, conn_rows, conn_desc);

static void counters_connection(struct kunit *test)
{
	const struct conn_row *row = test->param_value;
	struct stage *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
	const struct tcpt_counters *counters;
	unsigned int i, n;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, s);
	tcpt_script_run(test, &row->script);
	for (n = 0; n < SCRIPT_ISNS; n++) {
		tcpt_script_begin(s, test, &row->script, n);
		for (; s->line->what; s->line++)
			tcpt_script_play(s);
		for (i = 0; i < 2; i++) {
			counters = &s->t.end[i].counters;
			KUNIT_EXPECT_EQ(test, counters->initial_packets,
					row->initial[i][0]);
			KUNIT_EXPECT_EQ(test, counters->initial_bytes,
					row->initial[i][1]);
			KUNIT_EXPECT_EQ(test, counters->window_min,
					row->window[i][0]);
			KUNIT_EXPECT_EQ(test, counters->window_max,
					row->window[i][1]);
			KUNIT_EXPECT_EQ(test, counters->zero_windows,
					row->zero[i]);
		}
	}
}

static struct kunit_case counters_cases[] = {
	KUNIT_CASE_PARAM(counters_of_row, counters_gen_params),
	KUNIT_CASE(counters_time_0),
	KUNIT_CASE(counters_windows),
	KUNIT_CASE(counters_full),
	KUNIT_CASE_PARAM(counters_sack, sack_gen_params),
	KUNIT_CASE(counters_sack_sum),
	KUNIT_CASE(counters_sack_min),
	KUNIT_CASE_PARAM(counters_connection, conn_gen_params),
	{}
};

static struct kunit_suite counters_suite = {
	.name = "tcptrace_counters",
	.test_cases = counters_cases,
};

kunit_test_suite(counters_suite);
