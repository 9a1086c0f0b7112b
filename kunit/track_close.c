// SPDX-License-Identifier: GPL-2.0
/* Test how connections close: RFC 9293 section 3.6, and repeated segments. */
#include "script.h"

/* RFC 9293 figure 12 */
static const struct line orig_first[] = {
	HANDSHAKE,
	LINE("FIN", ORIG, FIN, 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, OK,
	     WHY2(FIN_SENT, FIN_RECEIVED)),
	LINE("ACK", RESP, ACK, 1, 2, 0, FIN_WAIT_2, CLOSE_WAIT, OK,
	     WHY1(FIN_ACKED)),
	LINE("FIN back", RESP, FIN, 1, 2, 0, TIME_WAIT, LAST_ACK, OK,
	     WHY2(FIN_SENT, FIN_RECEIVED)),
	LINE("ACK", ORIG, ACK, 2, 2, 0, TIME_WAIT, CLOSED, OK,
	     WHY1(FIN_ACKED), .events = EV_CLOSED),
	{}
};

static const struct line resp_first[] = {
	HANDSHAKE,
	LINE("FIN", RESP, FIN, 1, 1, 0, CLOSE_WAIT, FIN_WAIT_1, OK),
	LINE("ACK", ORIG, ACK, 1, 2, 0, CLOSE_WAIT, FIN_WAIT_2, OK),
	LINE("FIN back", ORIG, FIN, 1, 2, 0, LAST_ACK, TIME_WAIT, OK),
	LINE("ACK", RESP, ACK, 2, 2, 0, CLOSED, TIME_WAIT, OK,
	     .events = EV_CLOSED),
	{}
};

/*
 * The FIN,ACK causes three transitions. Its acknowledgment of the other FIN
 * causes the first transition.
 */
static const struct line three_segments[] = {
	HANDSHAKE,
	LINE("FIN", ORIG, FIN, 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, OK),
	LINE("FIN and ACK", RESP, FIN, 1, 2, 0, TIME_WAIT, LAST_ACK, OK,
	     WHY3(FIN_ACKED, FIN_SENT, FIN_RECEIVED)),
	LINE("ACK", ORIG, ACK, 2, 2, 0, TIME_WAIT, CLOSED, OK,
	     .events = EV_CLOSED),
	{}
};

static const struct line half_close[] = {
	HANDSHAKE,
	LINE("request", ORIG, ACK, 1, 1, 50, ESTAB, ESTAB, OK),
	LINE("FIN", ORIG, FIN, 51, 1, 0, FIN_WAIT_1, CLOSE_WAIT, OK),
	LINE("ACK", RESP, ACK, 1, 52, 0, FIN_WAIT_2, CLOSE_WAIT, OK),
	LINE("data", RESP, ACK, 1, 52, 1000, FIN_WAIT_2, CLOSE_WAIT, OK),
	LINE("data", RESP, ACK, 1001, 52, 1000, FIN_WAIT_2, CLOSE_WAIT, OK),
	LINE("ACK of data", ORIG, ACK, 52, 2001, 0, FIN_WAIT_2, CLOSE_WAIT,
	     OK),
	LINE("last data and FIN", RESP, FIN, 2001, 52, 10, TIME_WAIT,
	     LAST_ACK, OK),
	LINE("ACK of data, not of FIN", ORIG, ACK, 52, 2011, 0, TIME_WAIT,
	     LAST_ACK, OK),
	LINE("ACK of FIN", ORIG, ACK, 52, 2012, 0, TIME_WAIT, CLOSED, OK,
	     .events = EV_CLOSED),
	{}
};

/*
 * RFC 9293 figure 13. The second FIN was sent before the first FIN arrived, so
 * the second FIN does not acknowledge the first FIN. The sender of the second
 * FIN was in fact never in CLOSE-WAIT.
 */
static const struct line simultaneous[] = {
	HANDSHAKE,
	LINE("FIN", ORIG, FIN, 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, OK),
	LINE("FIN that crosses the first", RESP, FIN, 1, 1, 0, CLOSING, CLOSING, OK,
	     WHY2(FIN_SENT, FIN_RECEIVED)),
	LINE("resp's ACK", RESP, ACK, 2, 2, 0, TIME_WAIT, CLOSING, OK,
	     WHY1(FIN_ACKED)),
	LINE("orig's ACK", ORIG, ACK, 2, 2, 0, TIME_WAIT, TIME_WAIT, OK,
	     WHY1(FIN_ACKED), .events = EV_CLOSED),
	{}
};

static const struct line simultaneous_data[] = {
	HANDSHAKE,
	LINE("FIN with data", ORIG, FIN, 1, 1, 10, FIN_WAIT_1, CLOSE_WAIT,
	     OK),
	LINE("FIN with data", RESP, FIN, 1, 1, 20, CLOSING, CLOSING, OK),
	LINE("ACK of the data only", ORIG, ACK, 12, 21, 0, CLOSING, CLOSING,
	     OK),
	LINE("orig's ACK", ORIG, ACK, 12, 22, 0, CLOSING, TIME_WAIT, OK),
	LINE("FIN again", RESP, FIN, 1, 12, 20, TIME_WAIT, TIME_WAIT, OK,
	     .events = EV_CLOSED),
	{}
};

static const struct line fin_with_data[] = {
	HANDSHAKE,
	LINE("data and FIN", ORIG, FIN, 1, 1, 300, FIN_WAIT_1, CLOSE_WAIT,
	     OK),
	LINE("ACK of data, not of FIN", RESP, ACK, 1, 301, 0, FIN_WAIT_1,
	     CLOSE_WAIT, OK),
	LINE("ACK of FIN", RESP, ACK, 1, 302, 0, FIN_WAIT_2, CLOSE_WAIT, OK),
	{}
};

static const struct line fin_before_data[] = {
	HANDSHAKE,
	LINE("FIN, data missing", ORIG, FIN, 101, 1, 0, FIN_WAIT_1, ESTAB,
	     OK, WHY1(FIN_SENT)),
	LINE("resp asks for the data", RESP, ACK, 1, 1, 0, FIN_WAIT_1, ESTAB,
	     OK),
	LINE("half of the data", ORIG, ACK, 1, 1, 50, FIN_WAIT_1, ESTAB, OK),
	LINE("the rest", ORIG, ACK, 51, 1, 50, FIN_WAIT_1, CLOSE_WAIT, OK,
	     WHY1(FIN_RECEIVED)),
	LINE("ACK", RESP, ACK, 1, 102, 0, FIN_WAIT_2, CLOSE_WAIT, OK),
	{}
};

static const struct line gap_never_seen[] = {
	HANDSHAKE,
	LINE("FIN, data missing", ORIG, FIN, 101, 1, 20, FIN_WAIT_1, ESTAB,
	     OK),
	LINE("ACK of all", RESP, ACK, 1, 122, 0, FIN_WAIT_2, CLOSE_WAIT, OK,
	     WHY2(FIN_RECEIVED, FIN_ACKED)),
	{}
};

static const struct line gap_and_fin_back[] = {
	HANDSHAKE,
	LINE("FIN, data missing", ORIG, FIN, 101, 1, 0, FIN_WAIT_1, ESTAB,
	     OK),
	LINE("FIN of resp, which misses the data", RESP, FIN, 1, 1, 0, CLOSING,
	     FIN_WAIT_1, OK),
	LINE("the data", ORIG, ACK, 1, 2, 100, CLOSING, TIME_WAIT, OK,
	     WHY2(FIN_ACKED, FIN_RECEIVED)),
	LINE("ACK of all", RESP, ACK, 2, 102, 0, TIME_WAIT, TIME_WAIT, OK,
	     .events = EV_CLOSED),
	{}
};

/* A retransmitted FIN is never treated as a second FIN. */
static const struct line fin_rexmit[] = {
	HANDSHAKE,
	LINE("FIN", ORIG, FIN, 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, OK),
	LINE("FIN again", ORIG, FIN, 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, OK),
	LINE("ACK", RESP, ACK, 1, 2, 0, FIN_WAIT_2, CLOSE_WAIT, OK),
	LINE("FIN again", ORIG, FIN, 1, 1, 0, FIN_WAIT_2, CLOSE_WAIT, OK),
	LINE("ACK again", RESP, ACK, 1, 2, 0, FIN_WAIT_2, CLOSE_WAIT, OK),
	LINE("FIN back", RESP, FIN, 1, 2, 0, TIME_WAIT, LAST_ACK, OK),
	LINE("FIN back again", RESP, FIN, 1, 2, 0, TIME_WAIT, LAST_ACK, OK),
	LINE("FIN again", ORIG, FIN, 1, 1, 0, TIME_WAIT, LAST_ACK, OK),
	LINE("ACK", ORIG, ACK, 2, 2, 0, TIME_WAIT, CLOSED, OK,
	     .events = EV_CLOSED),
	{}
};

static const struct line data_rexmit[] = {
	HANDSHAKE,
	LINE("data", ORIG, ACK, 1, 1, 100, ESTAB, ESTAB, OK),
	LINE("FIN", ORIG, FIN, 101, 1, 0, FIN_WAIT_1, CLOSE_WAIT, OK),
	LINE("data again", ORIG, ACK, 1, 1, 100, FIN_WAIT_1, CLOSE_WAIT, OK),
	LINE("data and FIN again", ORIG, FIN, 1, 1, 100, FIN_WAIT_1, CLOSE_WAIT,
	     OK),
	LINE("ACK", RESP, ACK, 1, 102, 0, FIN_WAIT_2, CLOSE_WAIT, OK),
	LINE("late ACK of the data only", RESP, ACK, 1, 101, 0, FIN_WAIT_2,
	     CLOSE_WAIT, OK),
	{}
};

static const struct line late[] = {
	HANDSHAKE,
	LINE("FIN", ORIG, FIN, 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, OK),
	LINE("FIN and ACK", RESP, FIN, 1, 2, 0, TIME_WAIT, LAST_ACK, OK),
	LINE("ACK", ORIG, ACK, 2, 2, 0, TIME_WAIT, CLOSED, OK,
	     .events = EV_CLOSED),
	LINE("last ACK again", ORIG, ACK, 2, 2, 0, TIME_WAIT, CLOSED, LATE),
	LINE("FIN back again", RESP, FIN, 1, 2, 0, TIME_WAIT, CLOSED, LATE),
	LINE("FIN again", ORIG, FIN, 1, 1, 0, TIME_WAIT, CLOSED, LATE),
	LINE("data", RESP, ACK, 1, 2, 100, TIME_WAIT, CLOSED, LATE),
	LINE("SYN again", ORIG, SYN, 0, 0, 0, TIME_WAIT, CLOSED, LATE),
	LINE("SYN,ACK again", RESP, SYNACK, 0, 1, 0, TIME_WAIT, CLOSED, LATE),
	LINE("bad flags", ORIG, 0, 2, 0, 0, TIME_WAIT, CLOSED, LATE),
	LINE("RST of orig", ORIG, RST, 2, 0, 0, TIME_WAIT, CLOSED, LATE),
	LINE("RST with another sequence number", RESP, RST, 300, 0, 0, TIME_WAIT, CLOSED,
	     LATE),
	LINE("RST with the exact sequence number", RESP, RST, 2, 0, 0, CLOSED, CLOSED,
	     LATE, WHY1(RST_RECEIVED)),
	LINE("RST again", RESP, RST, 2, 0, 0, CLOSED, CLOSED, LATE),
	LINE("data", RESP, ACK, 1, 2, 100, CLOSED, CLOSED, LATE),
	{}
};

static const struct line fin_ends_handshake[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED, OK),
	LINE("FIN is the first ACK", ORIG, FIN, 1, 1, 0, FIN_WAIT_1,
	     CLOSE_WAIT, OK, WHY3(SYN_ACKED, FIN_SENT, FIN_RECEIVED),
	     .events = EV_OPEN),
	{}
};

/* RFC 9293 3.10.4: with TFO, a server can call CLOSE in SYN-RECEIVED. */
static const struct line fin_in_syn_received[] = {
	LINE("SYN+data", ORIG, SYN, 0, 0, 10, SYN_SENT, CLOSED, OK),
	LINE("SYN,ACK", RESP, SYNACK, 0, 11, 0, ESTAB, SYN_RECEIVED, OK),
	LINE("answer and FIN", RESP, FIN, 1, 11, 20, CLOSE_WAIT, FIN_WAIT_1,
	     OK),
	LINE("ACK of the SYN", ORIG, ACK, 11, 1, 0, CLOSE_WAIT, FIN_WAIT_1,
	     OK, .events = EV_OPEN),
	LINE("FIN and ACK", ORIG, FIN, 11, 22, 0, LAST_ACK, TIME_WAIT, OK),
	LINE("ACK", RESP, ACK, 22, 12, 0, CLOSED, TIME_WAIT, OK,
	     .events = EV_CLOSED),
	{}
};

static const struct line fin_on_the_way_back[] = {
	HANDSHAKE,
	LINE("FIN", ORIG, FIN, 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, OK),
	LINE("an old ACK does not acknowledge the FIN", RESP, ACK, 1, 1, 40,
	     FIN_WAIT_1, CLOSE_WAIT, OK),
	LINE("an ACK of unsent data does not acknowledge the FIN", RESP, ACK,
	     41, 3, 0, FIN_WAIT_1, CLOSE_WAIT, UNSEEN_ACK),
	LINE("ACK of the FIN", RESP, ACK, 41, 2, 0, FIN_WAIT_2, CLOSE_WAIT,
	     OK),
	{}
};

/*
 * A correct TCP implementation never sends two FINs with different sequence
 * numbers. The second FIN is ignored.
 */
static const struct line another_fin[] = {
	HANDSHAKE,
	LINE("FIN", ORIG, FIN, 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, OK),
	LINE("FIN with another sequence number", ORIG, FIN, 51, 1, 0, FIN_WAIT_1,
	     CLOSE_WAIT, OK),
	LINE("ACK of the first", RESP, ACK, 1, 2, 0, FIN_WAIT_2, CLOSE_WAIT,
	     OK),
	{}
};

#define CLOSED_BY(who)	.close = TCPTRACE_CLOSE_FIN, .by = who

static const struct script close_scripts[] = {
	{ "originator first", orig_first, CLOSED_BY(ORIG),
	  .totals = { { 4, 4, 0, 0, 0, 1, 0 }, { 3, 3, 0, 0, 0, 0, 1 } } },
	{ "responder first", resp_first, CLOSED_BY(RESP) },
	{ "close with FIN, FIN,ACK, ACK", three_segments, CLOSED_BY(ORIG) },
	{ "half-close, then data from the other end", half_close, CLOSED_BY(ORIG),
	  .totals = { { 7, 7, 50, 0, 0, 1, 0 },
		      { 5, 5, 2010, 0, 0, 0, 1 } } },
	{ "simultaneous close", simultaneous, CLOSED_BY(ORIG) },
	{ "simultaneous close with data", simultaneous_data, CLOSED_BY(ORIG),
	  .totals = { { 5, 5, 10, 0, 0, 1, 0 },
		      { 3, 3, 40, 20, 1, 0, 1 } } },
	{ "FIN with data", fin_with_data, .by = ORIG },
	{ "FIN out of order, the gap is filled", fin_before_data, .by = ORIG,
	  .totals = { { 5, 5, 100, 0, 0, 1, 0 },
		      { 3, 3, 0, 0, 0, 0, 1 } } },
	{ "FIN out of order, only an ACK shows that the gap is filled",
	  gap_never_seen,
	  .by = ORIG },
	{ "FIN out of order, then the FIN of the other end", gap_and_fin_back, CLOSED_BY(ORIG) },
	{ "a repeated FIN at every point", fin_rexmit, CLOSED_BY(ORIG),
	  .totals = { { 7, 7, 0, 0, 0, 1, 0 }, { 5, 5, 0, 0, 0, 0, 1 } } },
	{ "data repeated after the FIN", data_rexmit, .by = ORIG,
	  .totals = { { 6, 6, 300, 200, 2, 1, 0 },
		      { 3, 3, 0, 0, 0, 0, 1 } } },
	{ "late segments of every kind", late, CLOSED_BY(ORIG),
	  .totals = { { 9, 9, 0, 0, 0, 1, 0 },
		      { 9, 9, 200, 101, 2, 0, 1 } } },
	{ "FIN completes the handshake", fin_ends_handshake, .by = ORIG },
	{ "FIN in SYN-RECEIVED", fin_in_syn_received, CLOSED_BY(RESP) },
	{ "a second FIN with another sequence number", another_fin, .by = ORIG },
	{ "only an ACK of the FIN changes the state",
	  fin_on_the_way_back, .by = ORIG },
};

KUNIT_ARRAY_PARAM(close, close_scripts, tcpt_script_desc);

static void track_close(struct kunit *test)
{
	tcpt_script_run(test, test->param_value);
}

/*
 * A late segment restarts the 2 MSL timer only if its receiver is in TIME-WAIT,
 * and if the segment is not a RST.
 */
static void track_time_wait_restarts(struct kunit *test)
{
	struct script script = { .line = late };
	struct stage *s = tcpt_script_stage(test);
	u64 last = 0;

	tcpt_script_begin(s, test, &script, 0);
	for (; s->line->what; s->line++) {
		tcpt_script_play(s);
		if (s->line->class == TCPT_CLASS_OK ||
		    (s->line->s.from == RESP && !(s->line->s.flags & RST) &&
		     s->line->orig == TCPTRACE_TIME_WAIT))
			last = s->now;
		KUNIT_EXPECT_EQ_MSG(test, s->t.heard, last, "%s", s->line->what);
	}
}

static struct kunit_case close_cases[] = {
	KUNIT_CASE_PARAM(track_close, close_gen_params),
	KUNIT_CASE(track_time_wait_restarts),
	{}
};

static struct kunit_suite close_suite = {
	.name = "tcptrace_track_close",
	.test_cases = close_cases,
};

kunit_test_suite(close_suite);
