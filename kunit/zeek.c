// SPDX-License-Identifier: GPL-2.0
/*
 * Test Zeek's history and conn_state after sequences of segments, and each rule
 * of conn_state.
 */
#include <kunit/test.h>
#include <linux/string.h>
#include <linux/tcptrace.h>

#include "../module/core/zeek.h"

#include "spec.h"

enum {
	FLIP = 2,	/* not a segment: '^' */
	GAP,		/* not a segment: ORIG's payload is missing */

	STEPS_MAX = 9,
	/*
	 * Zeek does not trust a SYN or RST whose sequence number jumps further
	 */
	JUMP	= 1048576,
};

static const u32 isns[][2] = {
	{ 1000, 500000 },
	{ 0xffffffff, 0xfffffff0 },
	{ 0x7ffffffe, 0xffffff9b },
};

/**
 * struct zeek_step - one step of a row: a segment, FLIP or GAP
 * @s: the segment; @s.from may also be FLIP or GAP. If @s.from and @s.flags are
 *	both 0, the row ends.
 * @times: how often the step is taken; 0 means once
 * @apart: distance between the sequence numbers of consecutive repetitions
 */
struct zeek_step {
	struct segment_spec s;
	u32 times;
	u32 apart;
};

/**
 * struct past_row - a sequence of steps, and the expected results of Zeek
 * @name: the behavior under test
 * @step: the steps
 * @says: the expected history letters and enum tcptrace_conn_state
 */
struct past_row {
	const char *name;
	struct zeek_step step[STEPS_MAX];
	struct {
		const char *history;
		u8 conn;
	} says;
};

#define O(...)		{ .s.from = ORIG, __VA_ARGS__ }
#define R(...)		{ .s.from = RESP, __VA_ARGS__ }
#define SAYS(letters, state)	{ letters, TCPTRACE_CONN_##state }

static const struct past_row typical_rows[] = {
	{ "request, answer, the originator closes", {
		O(SYN), R(SYNACK, 0, 1), O(ACK, 1, 1), O(ACK, 1, 1, 90),
		R(ACK, 1, 91), R(ACK, 1, 91, 500), O(FIN, 91, 501),
		R(FIN, 501, 92), O(ACK, 92, 502) }, SAYS("ShADadFf", SF) },
	{ "the responder closes", {
		O(SYN), R(SYNACK, 0, 1), O(ACK, 1, 1), O(ACK, 1, 1, 90),
		R(ACK, 1, 91, 500), R(FIN, 501, 91), O(FIN, 91, 502),
		R(ACK, 502, 92) }, SAYS("ShADdfFa", SF) },
	{ "data with the FIN has no letter of its own", {
		O(SYN), R(SYNACK, 0, 1), O(ACK, 1, 1), O(FIN, 1, 1, 90),
		R(FIN, 1, 92, 500), O(ACK, 92, 502) }, SAYS("ShAFf", SF) },
	{ "data with the ACK of the SYN,ACK", {
		O(SYN), R(SYNACK, 0, 1), O(ACK, 1, 1, 90), R(ACK, 1, 91) },
	  SAYS("ShDa", S1) },
	{ "refused", { O(SYN), R(RSTACK, 0, 1) }, SAYS("Sr", REJ) },
	{ "no answer", { O(SYN), O(SYN), O(SYN) }, SAYS("S", S0) },
	{ "a scan", { O(SYN), R(SYNACK, 0, 1), O(RST, 1) },
	  SAYS("ShR", RSTO) },
	{ "a RST after both FINs", {
		O(SYN), R(SYNACK, 0, 1), O(ACK, 1, 1), R(FIN, 1, 1),
		O(FIN, 1, 2), R(ACK, 2, 2), O(RST, 2) },
	  SAYS("ShAfFaR", SF) },
	{ "a FIN and a RST of the responder, then the other FIN", {
		O(SYN), R(SYNACK, 0, 1), O(ACK, 1, 1), R(FIN, 1, 1),
		R(RST, 2), O(FIN, 1, 2) }, SAYS("ShAfrF", SF) },
	{ "a RST of the responder, then a FIN", {
		O(SYN), R(SYNACK, 0, 1), O(ACK, 1, 1), R(RST, 1),
		O(FIN, 1, 1) }, SAYS("ShArF", RSTR) },
	{ "a segment with FIN and RST counts as RST", {
		O(SYN), R(SYNACK, 0, 1), O(TCPTRACE_FIN | RST, 1),
		R(FIN, 1, 1) }, SAYS("ShIf", RSTO) },
	{ "the responder resets after data", {
		O(SYN), R(SYNACK, 0, 1), O(ACK, 1, 1), O(ACK, 1, 1, 90),
		R(RSTACK, 1, 91) }, SAYS("ShADr", RSTR) },
	{ "SYN,ACK without its SYN", {
		{ .s.from = FLIP }, R(SYNACK, 0, 1), O(ACK, 1, 1), O(ACK, 1, 1, 90) },
	  SAYS("^hAD", S1) },
	{ "midstream", {
		O(ACK, 1, 1, 90), R(ACK, 1, 91, 90), O(ACK, 91, 91) },
	  SAYS("DdA", OTH) },
	{ "simultaneous open", {
		O(SYN), R(SYN), O(SYNACK, 0, 1), R(SYNACK, 0, 1) },
	  SAYS("Ss", S1) },
};

/* These rows test conn_state rather than the history. */
static const struct past_row end_rows[] = {
	{ "a bare ACK before the SYN,ACK is not an answer", {
		O(SYN), R(ACK, 1, 1) }, SAYS("Sa", S0) },
	{ "data before the SYN,ACK is an answer", { O(SYN), R(ACK, 1, 1, 9) },
	  SAYS("Sd", OTH) },
	{ "data, and then a SYN: no connection was open", {
		O(ACK, 1, 1, 9), O(SYN) }, SAYS("DS", S0) },
	{ "a SYN,ACK of the originator", { O(SYNACK, 0, 1) },
	  SAYS("H", OTH) },
	{ "midstream, both ends reset after a byte", {
		O(ACK, 1, 1, 1), O(RST, 2), R(RST, 1) }, SAYS("DRr", RSTR) },
	{ "midstream, both ends reset without a byte", {
		O(ACK, 1, 1), O(RST, 1), R(RST, 1) }, SAYS("ARr", REJ) },
	{ "payload of a RST does not count, but can be a repetition", {
		O(SYN), R(SYNACK, 0, 1), O(RST, 1, 0, 50), R(RST, 1) },
	  SAYS("ShRTr", REJ) },
	{ "sequence numbers that a RST acknowledges do not count", {
		O(SYN), R(SYNACK, 0, 1), R(RSTACK, 1, 100), O(RST, 1) },
	  SAYS("ShrR", REJ) },
	{ "sequence numbers that an ACK acknowledges count", {
		O(SYN), R(SYNACK, 0, 1), R(ACK, 1, 100), R(RST, 1),
		O(RST, 1) }, SAYS("SharR", RSTR) },
	{ "a RST and then a SYN: the SYN's sequence number counts", {
		O(RST, 5000), O(SYN), R(ACK, 1, 50), R(RST, 1) },
	  SAYS("RSar", RSTR) },
	{ "a RST and then a SYN after an open connection", {
		O(SYN), R(SYNACK, 0, 1), O(RST, 1), O(SYN, 100),
		R(ACK, 1, 90), R(RST, 1) }, SAYS("ShRSar", RSTR) },
};

static const struct past_row letter_rows[] = {
	{ "A and D appear once for each end", {
		O(SYN), R(SYNACK, 0, 1),
		O(ACK, 1, 1, 10, .times = 20, .apart = 10),
		R(ACK, 1, 201, 10, .times = 20, .apart = 10),
		O(ACK, 201, 201, .times = 9), R(ACK, 201, 201, .times = 9) },
	  SAYS("ShDdAa", S1) },
	{ "a byte is D", { O(SYN), R(SYNACK, 0, 1), O(ACK, 1, 1, 1) },
	  SAYS("ShD", S1) },
	{ "data without ACK is D", { O(TCPTRACE_PSH, 1, 0, 10) },
	  SAYS("D", OTH) },
	{ "a segment without data and ACK has no letter",
	  { O(TCPTRACE_PSH, 1) },
	  SAYS("", OTH) },
	{ "a repeated S with data", { O(SYN, 0, 0, 10) },
	  SAYS("ST", S0) },
	{ "S again, with the same sequence number", { O(SYN), O(SYN) }, SAYS("S", S0) },
	{ "a SYN with another sequence number begins anew: no second S", {
		O(SYN), O(SYN, 100) }, SAYS("S", S0) },
	{ "a SYN with another sequence number in an open connection", {
		O(SYN), R(SYNACK, 0, 1), O(ACK, 1, 1), O(SYN, 100) },
	  SAYS("ShA", S1) },
	{ "after the FIN, a SYN with another sequence number is a second S", {
		O(SYN), R(SYNACK, 0, 1), O(FIN, 1, 1), O(SYN, 100),
		O(SYN, 100) }, SAYS("ShFS", S2) },
	{ "a SYN,ACK with another sequence number: no second H", {
		O(SYN), R(SYNACK, 0, 1), R(SYNACK, 100, 1) },
	  SAYS("Sh", S1) },
	{ "a SYN,ACK after a SYN of the same end is not an H", {
		O(SYN), O(SYNACK, 0, 1) }, SAYS("S", S0) },
	{ "F again, with the same sequence number", {
		O(SYN), R(SYNACK, 0, 1), O(FIN, 1, 1), O(FIN, 1, 1) },
	  SAYS("ShF", S2) },
	{ "F again, with another sequence number", {
		O(SYN), R(SYNACK, 0, 1), O(FIN, 1, 1), O(FIN, 11, 1) },
	  SAYS("ShFF", S2) },
	{ "the sequence number of a FIN is after its payload", {
		O(SYN), R(SYNACK, 0, 1), O(FIN, 1, 1, 10), O(FIN, 11, 1) },
	  SAYS("ShF", S2) },
	{ "R again, with the same sequence number", {
		O(SYN), R(SYNACK, 0, 1), O(RST, 1), O(RST, 1) },
	  SAYS("ShR", RSTO) },
	{ "R again, with a different sequence number each time", {
		O(SYN), R(SYNACK, 0, 1), O(RST, 1), O(RST, 2), O(RST, 1) },
	  SAYS("ShRRR", RSTO) },
	{ "FIN and RST, whatever the other flags: one I", {
		O(TCPTRACE_FIN | RST, 1), O(TCPTRACE_FIN | RST, 2),
		O(TCPTRACE_FIN | RST | SYN, 3) }, SAYS("I", OTH) },
	{ "SYN and FIN, or SYN and RST: one Q", {
		O(SYN | TCPTRACE_FIN), O(SYN | RST) }, SAYS("Q", OTH) },
	{ "each end has its own letters", {
		O(SYN | TCPTRACE_FIN), R(SYN | TCPTRACE_FIN),
		O(TCPTRACE_FIN | RST, 1), R(TCPTRACE_FIN | RST, 1) },
	  SAYS("QqIi", SF) },
};

static const struct past_row count_rows[] = {
	{ "a repetition is T", {
		O(SYN), R(SYNACK, 0, 1), O(ACK, 1, 1, 10), O(ACK, 1, 1, 10) },
	  SAYS("ShDT", S1) },
	{ "T at the 10th repetition, not at the 11th", {
		O(SYN), R(SYNACK, 0, 1), O(ACK, 1, 1, 10, .times = 12) },
	  SAYS("ShDTT", S1) },
	{ "no T at the 9th repetition", {
		O(SYN), R(SYNACK, 0, 1), O(ACK, 1, 1, 10, .times = 10) },
	  SAYS("ShDT", S1) },
	{ "T at 1, 10, 100 and 1000 repetitions only", {
		O(SYN), R(SYNACK, 0, 1), O(ACK, 1, 1, 10, .times = 5001) },
	  SAYS("ShDTTTT", S1) },
	{ "a new byte does not count as T", {
		O(SYN), R(SYNACK, 0, 1), O(ACK, 1, 1, 10), O(ACK, 2, 1, 10) },
	  SAYS("ShD", S1) },
	{ "data that fills a gap counts as T", {
		O(SYN), R(SYNACK, 0, 1), O(ACK, 11, 1, 10), O(ACK, 1, 1, 10) },
	  SAYS("ShDT", S1) },
	{ "a FIN with repeated payload counts as T", {
		O(SYN), R(SYNACK, 0, 1), O(FIN, 1, 1, 10), O(FIN, 1, 1, 10) },
	  SAYS("ShFT", S2) },
	{ "T needs payload", {
		O(SYN), R(SYNACK, 0, 1), O(FIN, 1, 1), O(FIN, 1, 1),
		O(ACK, 1, 1) }, SAYS("ShFA", S2) },
	{ "no T after a RST", {
		O(SYN), R(SYNACK, 0, 1), O(ACK, 1, 1, 10), O(RST, 11),
		O(ACK, 1, 1, 10) }, SAYS("ShDR", RSTO) },
	{ "a late SYN begins anew: repeated data counts as new", {
		O(SYN), R(SYNACK, 0, 1), O(ACK, 1, 1, 10), O(SYN),
		O(ACK, 1, 1, 10) }, SAYS("ShD", S1) },
	{ "a SYN 1 MiB ahead is trusted", {
		O(SYN), R(SYNACK, 0, 1), O(FIN, 1, 1), O(SYN, JUMP + 1),
		O(ACK, 2, 1, 10) }, SAYS("ShFSDT", S2) },
	{ "a SYN one byte further ahead is not trusted", {
		O(SYN), R(SYNACK, 0, 1), O(FIN, 1, 1), O(SYN, JUMP + 2),
		O(ACK, 2, 1, 10) }, SAYS("ShFSD", S2) },
	{ "a FIN 3 GB ahead, right after the SYN, is trusted", {
		O(SYN), R(SYNACK, 0, 1), O(FIN, 3U << 30, 1, 10) },
	  SAYS("ShF", S2) },
	{ "a FIN 3 GB ahead, after payload, is not trusted", {
		O(SYN), R(SYNACK, 0, 1), O(ACK, 1, 1, 10),
		O(FIN, 3U << 30, 1, 10) }, SAYS("ShDFT", S2) },

	{ "W at the 1st and at the 10th zero window", {
		O(SYN), R(SYNACK, 0, 1),
		O(ACK, 1, 1, .s.window = ZERO_WINDOW, .times = 10) },
	  SAYS("ShAWW", S1) },
	{ "W of a SYN", { O(SYN, .s.window = ZERO_WINDOW) }, SAYS("SW", S0) },
	{ "W after the sender's own FIN", {
		O(SYN), R(SYNACK, 0, 1), O(FIN, 1, 1),
		O(ACK, 2, 1, .s.window = ZERO_WINDOW) }, SAYS("ShFAW", S2) },
	{ "W with the sender's own FIN", {
		O(SYN), R(SYNACK, 0, 1), O(FIN, 1, 1, .s.window = ZERO_WINDOW) },
	  SAYS("ShFW", S2) },
	{ "no W after the peer's FIN", {
		O(SYN), R(SYNACK, 0, 1), O(FIN, 1, 1),
		R(ACK, 1, 2, .s.window = ZERO_WINDOW) }, SAYS("ShFa", S2) },
	{ "no W with a RST", {
		O(SYN), R(SYNACK, 0, 1), O(RST, 1, .s.window = ZERO_WINDOW) },
	  SAYS("ShR", RSTO) },
	{ "no W after the sender's own RST", {
		O(SYN), R(SYNACK, 0, 1), O(RST, 1),
		O(ACK, 1, 1, .s.window = ZERO_WINDOW) }, SAYS("ShRA", RSTO) },
	{ "W after the peer's RST", {
		O(SYN), R(SYNACK, 0, 1), O(RST, 1),
		R(ACK, 1, 1, .s.window = ZERO_WINDOW) }, SAYS("ShRaw", RSTO) },

	{ "G at the 1st and at the 10th gap", {
		O(SYN), R(SYNACK, 0, 1), { .s.from = GAP, .times = 12 } },
	  SAYS("ShGG", S1) },
	{ "G after a clean FIN", {
		O(SYN), R(SYNACK, 0, 1), O(FIN, 100, 1), { .s.from = GAP } },
	  SAYS("ShFG", S2) },
	{ "no G before the connection is open",
	  { O(SYN), { .s.from = GAP } }, SAYS("S", S0) },
	{ "no G midstream",
	  { O(ACK, 1, 1, 9), R(ACK, 1, 10, 9), { .s.from = GAP } },
	  SAYS("Dd", OTH) },
	{ "no G after a RST", {
		O(SYN), R(SYNACK, 0, 1), R(RST, 1), { .s.from = GAP } },
	  SAYS("Shr", RSTR) },
	{ "30 RSTs fill the history", {
		O(SYN), O(RST, 1, .times = 99, .apart = 1) },
	  SAYS("SRRRRRRRRRRRRRRRRRRRRRRRRRRRRRR", RSTOS0) },
};

static void past_desc(const struct past_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(typical, typical_rows, past_desc);
KUNIT_ARRAY_PARAM(end, end_rows, past_desc);
KUNIT_ARRAY_PARAM(letter, letter_rows, past_desc);
KUNIT_ARRAY_PARAM(count, count_rows, past_desc);

static void play_segment(struct tcpt_zeek *h, const struct zeek_step *step,
			 const u32 isn[2], u32 n)
{
	struct tcpt_segment seg;

	tcpt_spec_segment(&seg, &step->s, isn, step->s.from);
	seg.seq += n * step->apart;
	tcpt_zeek_segment(h, step->s.from, &seg);
}

static void play_step(struct tcpt_zeek *h, const struct zeek_step *step,
		      const u32 isn[2])
{
	u32 i = 0;

	do {
		if (step->s.from == FLIP)
			tcpt_zeek_flipped(h);
		else if (step->s.from == GAP)
			tcpt_zeek_gap(h, ORIG);
		else
			play_segment(h, step, isn, i);
	} while (++i < step->times);
}

static void zeek_history(struct kunit *test)
{
	const struct past_row *row = test->param_value;
	char letters[TCPTRACE_HISTORY_MAX];
	const struct zeek_step *step;
	struct tcpt_zeek h;
	unsigned int n;

	for (n = 0; n < ARRAY_SIZE(isns); n++) {
		memset(&h, 0, sizeof(h));
		for (step = row->step; step < row->step + STEPS_MAX &&
		     (step->s.from || step->s.flags); step++)
			play_step(&h, step, isns[n]);
		memset(letters, 0, sizeof(letters));
		memcpy(letters, h.letters, h.len);
		KUNIT_EXPECT_STREQ_MSG(test, letters, row->says.history,
				       "ISN %x", isns[n][0]);
		KUNIT_EXPECT_EQ_MSG(test, tcpt_zeek_conn_state(&h),
				    row->says.conn, "ISN %x", isns[n][0]);
	}
}

/* Initial values for an endpoint: its state and sequence numbers. */
#define E_NONE		{ .state = TCPT_ZEEK_INACTIVE }
#define E_SYN		{ .state = TCPT_ZEEK_SYN_SENT }
#define E_SYNACK		{ .state = TCPT_ZEEK_SYN_ACK_SENT }
#define E_PART		{ .state = TCPT_ZEEK_PARTIAL }
#define E_EST		{ .state = TCPT_ZEEK_ESTABLISHED }
#define E_FIN		{ .state = TCPT_ZEEK_CLOSED, .fins = true }
#define E_RST		{ .state = TCPT_ZEEK_RESET, .before = TCPT_ZEEK_ESTABLISHED }
/*
 * The end used n sequence numbers (E_RST_ACKED: n were acknowledged); a SYN and
 * a FIN each use one.
 */
#define E_RST_AFTER(n)	{ .state = TCPT_ZEEK_RESET, .last = n, \
			  .before = TCPT_ZEEK_ESTABLISHED }
#define E_RST_ACKED(n)	{ .state = TCPT_ZEEK_RESET, .last = 1, .acked = n, \
			  .before = TCPT_ZEEK_ESTABLISHED }
#define E_FIN_RST(n)	{ .state = TCPT_ZEEK_RESET, .last = n, .fins = true, \
			  .before = TCPT_ZEEK_CLOSED }

/**
 * struct conn_row - the two ends of a connection, and the expected conn_state
 * @name: the behavior under test
 * @end: the originator, the responder
 * @conn: enum tcptrace_conn_state
 * @letters: the history, if conn_state depends on the history
 */
struct conn_row {
	const char *name;
	struct tcpt_zeek_end end[2];
	u8 conn;
	const char *letters;
};

#define ROW(what, o, r, state, ...) \
	{ .name = what, .end = { o, r }, .conn = TCPTRACE_CONN_##state, \
	  __VA_ARGS__ }

static const struct conn_row conn_rows[] = {
	ROW("SYN, and the responder resets", E_SYN, E_RST, REJ),
	ROW("SYN,ACK, and the responder resets", E_SYNACK, E_RST, REJ),
	ROW("both reset, and nothing was sent", E_RST, E_RST, REJ),
	ROW("both reset, after only a SYN each",
	    E_RST_AFTER(1), E_RST_AFTER(1), REJ),
	ROW("both reset, the originator sent a byte",
	    E_RST_AFTER(2), E_RST_AFTER(1), RSTR),
	ROW("both reset, the responder sent a byte",
	    E_RST_AFTER(1), E_RST_AFTER(2), RSTR),
	ROW("both reset, an unseen byte was acknowledged",
	    E_RST_ACKED(2), E_RST_AFTER(1), RSTR),
	ROW("both reset, after only a SYN and a FIN",
	    E_FIN_RST(2), E_RST_AFTER(1), REJ),
	ROW("both reset, a byte before the FIN",
	    E_FIN_RST(3), E_RST_AFTER(1), RSTR),
	ROW("the responder resets, no segment of the originator", E_NONE, E_RST, RSTRH),
	ROW("the responder resets, no SYN of the originator", E_PART, E_RST, RSTRH),
	ROW("established, the responder resets", E_EST, E_RST, RSTR),
	ROW("the originator closed, the responder resets", E_FIN, E_RST, RSTR),

	ROW("SYN, reset", E_RST, E_NONE, RSTOS0, .letters = "SR"),
	ROW("SYN, retransmission, reset", E_RST, E_NONE, RSTOS0,
	    .letters = "STR"),
	ROW("SYN, reset, more segments", E_RST, E_NONE, RSTOS0,
	    .letters = "SRA"),
	ROW("SYN, data of a responder without a SYN, then a reset", E_RST, E_PART, RSTOS0,
	    .letters = "SdR"),
	ROW("flipped, SYN, reset", E_RST, E_NONE, RSTOS0, .letters = "^SR"),
	ROW("SYN, ACK, reset", E_RST, E_NONE, OTH, .letters = "SAR"),
	ROW("SYN and SYN,ACK of the same end, then a reset", E_RST, E_NONE, OTH,
	    .letters = "SHR"),
	ROW("SYN, FIN, reset", E_RST, E_NONE, OTH, .letters = "SFR"),
	ROW("SYN, gap, reset", E_RST, E_NONE, OTH, .letters = "SGR"),
	ROW("SYN, FIN and RST, reset", E_RST, E_NONE, OTH, .letters = "SIR"),
	ROW("SYN, SYN and FIN, reset", E_RST, E_NONE, OTH, .letters = "SQR"),
	ROW("ACK, SYN, reset", E_RST, E_NONE, OTH, .letters = "ASR"),
	ROW("reset", E_RST, E_NONE, OTH, .letters = "R"),
	ROW("SYN, then a reset by the responder", E_RST, E_PART, OTH,
	    .letters = "Sr"),
	ROW("SYN of the responder", E_RST, E_PART, OTH, .letters = "sR"),
	ROW("no segment at all", E_RST, E_NONE, OTH, .letters = ""),
	ROW("established, the originator resets", E_RST, E_EST, RSTO),
	ROW("the responder closed, the originator resets", E_RST, E_FIN, RSTO),
	ROW("a SYN of each end, the originator resets", E_RST, E_SYN, RSTO),

	ROW("both closed", E_FIN, E_FIN, SF),
	ROW("SYN and FIN, no segment of the responder", E_FIN, E_NONE, SH),
	ROW("SYN and FIN, no SYN of the responder", E_FIN, E_PART, SH),
	ROW("the originator closed", E_FIN, E_EST, S2),
	ROW("SYN,ACK and FIN, no segment of the originator", E_NONE, E_FIN, SHR),
	ROW("SYN,ACK and FIN, no SYN of the originator", E_PART, E_FIN, SHR),
	ROW("the responder closed", E_EST, E_FIN, S3),
	ROW("SYN, and the responder closed", E_SYN, E_FIN, S3),
	ROW("SYN, no reply", E_SYN, E_NONE, S0),
	ROW("established", E_EST, E_EST, S1),
	ROW("SYN, and a reply without SYN", E_SYN, E_PART, OTH),
	ROW("SYN,ACK of the originator, no reply", E_SYNACK, E_NONE, OTH),
	ROW("SYN,ACK alone", E_NONE, E_EST, OTH),
	ROW("midstream", E_PART, E_PART, OTH),
	ROW("midstream, segments of one end", E_PART, E_NONE, OTH),
	ROW("midstream, the originator's half only", E_PART, E_EST, OTH),
	ROW("midstream, the responder's half only", E_EST, E_PART, OTH),
};

static void conn_desc(const struct conn_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(conn, conn_rows, conn_desc);

static void set_isn(struct tcpt_zeek_end *end, u32 isn)
{
	end->start += isn;
	end->last += isn;
	end->acked += isn;
}

static void zeek_conn_state(struct kunit *test)
{
	static const u32 starts[] = { 0, 1000, 0xffffffff, 0x7fffffff };
	const struct conn_row *row = test->param_value;
	const char *letters = row->letters ?: "?";
	struct tcpt_zeek h;
	unsigned int n;

	for (n = 0; n < ARRAY_SIZE(starts); n++) {
		memset(&h, 0, sizeof(h));
		memcpy(h.end, row->end, sizeof(h.end));
		set_isn(&h.end[0], starts[n]);
		set_isn(&h.end[1], starts[n] + 7);
		h.len = strlen(letters);
		memcpy(h.letters, letters, h.len);
		KUNIT_EXPECT_EQ_MSG(test, tcpt_zeek_conn_state(&h), row->conn,
				    "ISN %x", starts[n]);
	}
}

static struct kunit_case zeek_cases[] = {
	KUNIT_CASE_PARAM(zeek_history, typical_gen_params),
	KUNIT_CASE_PARAM(zeek_history, end_gen_params),
	KUNIT_CASE_PARAM(zeek_history, letter_gen_params),
	KUNIT_CASE_PARAM(zeek_history, count_gen_params),
	KUNIT_CASE_PARAM(zeek_conn_state, conn_gen_params),
	{}
};

static struct kunit_suite zeek_suite = {
	.name = "tcptrace_zeek",
	.test_cases = zeek_cases,
};

kunit_test_suite(zeek_suite);
