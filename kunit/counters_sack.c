// SPDX-License-Identifier: GPL-2.0
/* SACK and DSACK by RFC 2883, and what is counted of a whole connection. */
#include <linux/string.h>

#include "../module/core/counters.h"

#include "script.h"

/* The examples of RFC 2883, moved to where the numbers wrap, too. */
static const u32 bases[] = { 0, 1000000, -3250, -4000, -4250, 0x80000000 - 4250 };

/**
 * struct sack_row - an ACK with SACK blocks
 * @name: what it is about
 * @ack: acknowledgment number
 * @blocks: how many of @sack there are
 * @sack: left and right edges
 * @dsack: its first block reports a duplicate
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
	{ "4.1.2: and an out of order segment", 4000, 2,
	  { { 3000, 3500 }, { 4500, 5000 } }, true },
	{ "4.1.2: before the duplicate", 4000, 1, { { 4500, 5000 } } },
	{ "4.1.3: of an out of order segment", 4000, 2,
	  { { 5000, 5500 }, { 4500, 5500 } }, true },
	{ "4.1.3: before the duplicate", 4000, 1, { { 4500, 5500 } } },
	{ "4.2.1: one part", 4000, 1, { { 3500, 4000 } }, true },
	{ "the first block begins at the ACK", 4000, 1, { { 4000, 4500 } } },
	{ "one before it", 4000, 1, { { 3999, 4500 } }, true },
	{ "two blocks apart", 4000, 2, { { 5000, 5500 }, { 4250, 4750 } } },
	{ "two that touch", 4000, 2, { { 5000, 5500 }, { 4500, 5000 } } },
	{ "the second contains the first exactly", 4000, 2,
	  { { 5000, 5500 }, { 5000, 5500 } }, true },
	{ "one beyond the second, at its end", 4000, 2,
	  { { 5000, 5501 }, { 4500, 5500 } } },
	{ "one beyond the second, at its begin", 4000, 2,
	  { { 4499, 5000 }, { 4500, 5500 } } },
	{ "the third contains the first", 4000, 3,
	  { { 5000, 5500 }, { 6000, 6500 }, { 4500, 5500 } } },
	{ "the second is below the ACK", 4000, 2,
	  { { 5000, 5500 }, { 3000, 3500 } } },
	{ "four blocks", 4000, 4, { { 5000, 5500 }, { 6000, 6500 },
				    { 7000, 7500 }, { 8000, 8500 } } },
};

static void sack_desc(const struct sack_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(sack, sack_rows, sack_desc);

static void tally_sacks(struct kunit *test)
{
	static const struct tcpt_wireshark_result nothing;
	const struct sack_row *row = test->param_value;
	struct tcpt_segment seg = { .flags = ACK, .wire_segs = 1 };
	struct tcpt_counters tally;
	unsigned int i, n;

	seg.opt.present = TCPTRACE_OPT_SACK;
	seg.opt.sack_blocks = row->blocks;
	for (n = 0; n < ARRAY_SIZE(bases); n++) {
		seg.ack = bases[n] + row->ack;
		for (i = 0; i < row->blocks; i++) {
			seg.opt.sack[i][0] = bases[n] + row->sack[i][0];
			seg.opt.sack[i][1] = bases[n] + row->sack[i][1];
		}
		memset(&tally, 0, sizeof(tally));
		tcpt_counters_segment(&tally, &seg, &nothing, false, 1);
		KUNIT_EXPECT_EQ(test, tally.sack_packets, !!row->blocks);
		KUNIT_EXPECT_EQ(test, tally.sack_blocks, row->blocks);
		KUNIT_EXPECT_EQ(test, tally.sack_blocks_max, row->blocks);
		KUNIT_EXPECT_EQ_MSG(test, tally.dsacks, row->dsack,
				    "base %x", bases[n]);
	}
}

/* Blocks of all packets add up; what the parser left over is none. */
static void tally_adds_sacks(struct kunit *test)
{
	static const struct tcpt_wireshark_result nothing;
	struct tcpt_segment seg = { .flags = ACK, .wire_segs = 1 };
	struct tcpt_counters tally;
	unsigned int i;

	memset(&tally, 0, sizeof(tally));
	for (i = 0; i < 4; i++) {
		/* 2, 3, 0 and 1 */
		seg.opt.sack_blocks = (i + 2) & 3;
		seg.opt.present = i == 3 ? 0 : TCPTRACE_OPT_SACK;
		seg.opt.sack[0][0] = 100;
		seg.opt.sack[0][1] = 200;
		seg.opt.sack[1][0] = 300;
		seg.opt.sack[1][1] = 400;
		tcpt_counters_segment(&tally, &seg, &nothing, false, 1 + i);
	}
	KUNIT_EXPECT_EQ(test, tally.sack_packets, 2U);
	KUNIT_EXPECT_EQ(test, tally.sack_blocks, 5U);
	KUNIT_EXPECT_EQ(test, tally.sack_blocks_max, 3);
	KUNIT_EXPECT_EQ(test, tally.dsacks, 0U);
}

/**
 * struct conn_row - a connection, and what is counted of it
 * @script: the connection
 * @initial: initial window of each end: packets, bytes
 * @window: smallest and largest window of each end
 * @zero: zero windows of each end
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
	LINE("SYN,ACK of it", RESP, SYNACK, 0, 11, 0, ESTAB, SYN_RECEIVED, OK),
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
	{ { "data in the SYN, which is taken", fast_open_lines,
	    .by = TCPT_NOBODY },
	  { { 1, 10 } }, { { 10000, 10000 } } },
	{ { "data in the SYN, which is not taken", fast_open_refused_lines,
	    .by = TCPT_NOBODY },
	  { { 1, 10 } }, { { 10000, 10000 } } },
	{ { "windows are scaled, but that of a SYN", scaled_lines,
	    .close = TCPTRACE_CLOSE_RESET, .by = RESP },
	  {}, { { 90 << 3, 200 << 3 }, { 0, 9 << 5 } }, { 0, 1 } },
	{ { "one has no scale: neither has", unscaled_lines,
	    .by = TCPT_NOBODY },
	  {}, { { 100, 100 } } },
	{ { "midstream no scale is known", midstream_lines,
	    .by = TCPT_NOBODY,
	    .marks = TCPT_MARK_MIDSTREAM | TCPT_MARK_GUESSED },
	  { { 1, 10 } }, { { 100, 100 }, { 200, 200 } } },
};

static void conn_desc(const struct conn_row *row, char *desc)
{
	tcpt_script_desc(&row->script, desc);
}

KUNIT_ARRAY_PARAM(conn, conn_rows, conn_desc);

static void tally_of_a_connection(struct kunit *test)
{
	const struct conn_row *row = test->param_value;
	struct stage *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
	const struct tcpt_counters *tally;
	unsigned int i, n;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, s);
	tcpt_script_run(test, &row->script);
	for (n = 0; n < SCRIPT_ISNS; n++) {
		tcpt_script_begin(s, test, &row->script, n);
		for (; s->line->what; s->line++)
			tcpt_script_play(s);
		for (i = 0; i < 2; i++) {
			tally = &s->t.end[i].counters;
			KUNIT_EXPECT_EQ(test, tally->initial_packets,
					row->initial[i][0]);
			KUNIT_EXPECT_EQ(test, tally->initial_bytes,
					row->initial[i][1]);
			KUNIT_EXPECT_EQ(test, tally->window_min,
					row->window[i][0]);
			KUNIT_EXPECT_EQ(test, tally->window_max,
					row->window[i][1]);
			KUNIT_EXPECT_EQ(test, tally->zero_windows,
					row->zero[i]);
		}
	}
}

static struct kunit_case sack_cases[] = {
	KUNIT_CASE_PARAM(tally_sacks, sack_gen_params),
	KUNIT_CASE(tally_adds_sacks),
	KUNIT_CASE_PARAM(tally_of_a_connection, conn_gen_params),
	{}
};

static struct kunit_suite sack_suite = {
	.name = "tcptrace_tally_sack",
	.test_cases = sack_cases,
};

kunit_test_suite(sack_suite);
