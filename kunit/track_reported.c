// SPDX-License-Identifier: GPL-2.0
/*
 * Check that the segments of a connection affect Zeek's history, the round trip
 * times and the suspicions.
 */
#include <linux/string.h>

#include "../module/core/zeek.h"

#include "script.h"

/**
 * struct reported_row - a connection, and the expected results
 * @script: the connection
 * @history: expected letters of Zeek's history
 * @conn: enum tcptrace_conn_state
 * @samples: expected number of round trip time samples of each end
 * @suspected: expected suspicions: 1 << enum tcptrace_suspicion, ORed
 */
struct reported_row {
	struct script script;
	const char *history;
	u8 conn;
	u32 samples[2];
	u32 suspected;
};

/*
 * Both the SYN,ACK and the ACK that answers it give a round trip time sample.
 */
static const struct line request[] = {
	HANDSHAKE,
	LINE("request", ORIG, ACK, 1, 1, 90, ESTAB, ESTAB, OK),
	LINE("answer", RESP, ACK, 1, 91, 50, ESTAB, ESTAB, OK),
	LINE("ACK", ORIG, ACK, 91, 51, 0, ESTAB, ESTAB, OK),
	LINE("FIN", ORIG, FIN, 91, 51, 0, FIN_WAIT_1, CLOSE_WAIT, OK),
	LINE("FIN", RESP, FIN, 51, 92, 0, TIME_WAIT, LAST_ACK, OK),
	LINE("ACK", ORIG, ACK, 92, 52, 0, TIME_WAIT, CLOSED, OK,
	     .events = EV_CLOSED),
	{}
};

static const struct line gap[] = {
	HANDSHAKE,
	LINE("data", ORIG, ACK, 1, 1, 100, ESTAB, ESTAB, OK),
	LINE("data after a gap", ORIG, ACK, 201, 1, 100, ESTAB, ESTAB, OK),
	LINE("ACK of all", RESP, ACK, 1, 301, 0, ESTAB, ESTAB, OK),
	LINE("data", RESP, ACK, 1, 301, 100, ESTAB, ESTAB, OK),
	LINE("data after a gap", RESP, ACK, 201, 301, 100, ESTAB, ESTAB, OK),
	LINE("ACK up to the gap", ORIG, ACK, 301, 101, 0, ESTAB, ESTAB, OK),
	LINE("ACK of all", ORIG, ACK, 301, 301, 0, ESTAB, ESTAB, OK),
	{}
};

static const struct line outside[] = {
	HANDSHAKE,
	LINE("data", ORIG, ACK, 1, 1, 100, ESTAB, ESTAB, OK),
	LINE("ACK of the data, outside", RESP, ACK, 20000, 101, 0, ESTAB, ESTAB,
	     OUTSIDE),
	{}
};

static const struct line inside[] = {
	HANDSHAKE,
	LINE("data", ORIG, ACK, 1, 1, 100, ESTAB, ESTAB, OK),
	LINE("ACK of the data", RESP, ACK, 1, 101, 0, ESTAB, ESTAB, OK),
	{}
};

static const struct line sent_again[] = {
	HANDSHAKE,
	LINE("data", ORIG, ACK, 1, 1, 100, ESTAB, ESTAB, OK),
	LINE("data again", ORIG, ACK, 1, 1, 100, ESTAB, ESTAB, OK),
	LINE("ACK of the data", RESP, ACK, 1, 101, 0, ESTAB, ESTAB, OK),
	{}
};

static const struct line syn_sent_again[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED, OK),
	{}
};

static const struct line synack_alone[] = {
	LINE("SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED, OK),
	LINE("ACK", ORIG, ACK, 1, 1, 0, ESTAB, ESTAB, OK, .events = EV_OPEN),
	{}
};

static const struct line midstream[] = {
	LINE("data", ORIG, ACK, 1, 1, 100, ESTAB, ESTAB, OK),
	LINE("ACK", RESP, ACK, 1, 101, 0, ESTAB, ESTAB, OK,
	     .events = EV_CONFIRMED),
	{}
};

static const struct line midstream_responder[] = {
	LINE("data", RESP, ACK, 1, 1, 100, ESTAB, ESTAB, OK),
	LINE("ACK", ORIG, ACK, 1, 101, 0, ESTAB, ESTAB, OK,
	     .events = EV_CONFIRMED),
	{}
};

static const struct line bad_flags[] = {
	HANDSHAKE,
	LINE("SYN and FIN", ORIG, SYN | TCPTRACE_FIN, 1, 0, 0, ESTAB, ESTAB,
	     BAD_FLAGS),
	LINE("no flags", RESP, 0, 1, 0, 5, ESTAB, ESTAB, BAD_FLAGS),
	{}
};

/*
 * The receiver must not accept this RST. Zeek treats the RST as valid, but the
 * engine reports it as suspicious.
 */
static const struct line challenged[] = {
	HANDSHAKE,
	LINE("RST one number ahead", RESP, RST, 2, 0, 0, ESTAB, ESTAB,
	     RST_CHALLENGE),
	LINE("challenge ACK", ORIG, ACK, 1, 1, 0, ESTAB, ESTAB, OK),
	LINE("data", RESP, ACK, 1, 1, 10, ESTAB, ESTAB, OK),
	{}
};

/* RFC 5961 section 5.2: MAX.SND.WND does not shrink. */
static const struct line old_ack[] = {
	HANDSHAKE,
	LINE("data", ORIG, ACK, 1, 1, 100, ESTAB, ESTAB, OK),
	LINE("ACK, a window of 10", RESP, ACK, 1, 101, 0, ESTAB, ESTAB, OK,
	     .s.window = 10),
	LINE("ACK, 10000 numbers lower", RESP, ACK, 1, -9899, 0, ESTAB, ESTAB,
	     OK),
	LINE("ACK, 10001 numbers lower", RESP, ACK, 1, -9900, 0, ESTAB, ESTAB,
	     UNSEEN_ACK),
	{}
};

#define MIDSTREAM	(TCPT_MARK_MIDSTREAM | TCPT_MARK_GUESSED)
#define SUSPECT(what)	(1U << TCPTRACE_SUSPECT_##what)

static const struct reported_row reported_rows[] = {
	{ { "request, answer and both FINs", request,
	    .close = TCPTRACE_CLOSE_FIN, .by = ORIG },
	  "ShADdFf", TCPTRACE_CONN_SF, { 3, 3 } },
	{ { "gaps in both directions", gap, .by = TCPT_NOBODY },
	  "ShADaGdg", TCPTRACE_CONN_S1, { 2, 2 } },
	{ { "an ACK outside the window is not an RTT sample", outside,
	    .by = TCPT_NOBODY },
	  "ShADa", TCPTRACE_CONN_S1, { 1, 1 }, SUSPECT(DATA) },
	{ { "an ACK inside the window is an RTT sample", inside, .by = TCPT_NOBODY },
	  "ShADa", TCPTRACE_CONN_S1, { 2, 1 } },
	{ { "a retransmitted segment is not an RTT sample",
	    sent_again, .by = TCPT_NOBODY },
	  "ShADTa", TCPTRACE_CONN_S1, { 1, 1 } },
	{ { "a retransmitted SYN is not an RTT sample", syn_sent_again,
	    .by = TCPT_NOBODY }, "Sh", TCPTRACE_CONN_S1 },
	{ { "SYN,ACK without its SYN", synack_alone, .by = TCPT_NOBODY,
	    .marks = TCPT_MARK_MIDSTREAM },
	  "^hA", TCPTRACE_CONN_S1, { 0, 1 } },
	{ { "midstream", midstream, .by = TCPT_NOBODY, .marks = MIDSTREAM },
	  "Da", TCPTRACE_CONN_OTH, { 1, 0 } },
	{ { "midstream, the responder sends first", midstream_responder,
	    .by = TCPT_NOBODY, .marks = MIDSTREAM },
	  "^dA", TCPTRACE_CONN_OTH, { 0, 1 } },
	{ { "flags that no TCP sends", bad_flags, .by = TCPT_NOBODY },
	  "ShAQd", TCPTRACE_CONN_S2, { 1, 1 } },
	{ { "the largest window decides whether an ACK is old", old_ack,
	    .by = TCPT_NOBODY },
	  "ShADa", TCPTRACE_CONN_S1, { 2, 1 }, SUSPECT(ACK) },
	{ { "a RST that must not be accepted", challenged, .by = TCPT_NOBODY },
	  "ShArd", TCPTRACE_CONN_RSTR, { 1, 1 },
	  SUSPECT(RST) | SUSPECT(CHALLENGED) },
};

static void reported_desc(const struct reported_row *row, char *desc)
{
	tcpt_script_desc(&row->script, desc);
}

KUNIT_ARRAY_PARAM(reported, reported_rows, reported_desc);

static void track_reported(struct kunit *test)
{
	const struct reported_row *row = test->param_value;
	struct stage *s = tcpt_script_stage(test);
	char letters[TCPTRACE_HISTORY_MAX];
	unsigned int n;

	tcpt_script_run(test, &row->script);
	for (n = 0; n < SCRIPT_ISNS; n++) {
		tcpt_script_begin(s, test, &row->script, n);
		for (; s->line->what; s->line++)
			tcpt_script_play(s);
		memset(letters, 0, sizeof(letters));
		memcpy(letters, s->t.zeek.letters, s->t.zeek.len);
		KUNIT_EXPECT_STREQ(test, letters, row->history);
		KUNIT_EXPECT_EQ(test, tcpt_zeek_conn_state(&s->t.zeek),
				row->conn);
		KUNIT_EXPECT_EQ(test, s->t.end[0].rtt.samples,
				row->samples[0]);
		KUNIT_EXPECT_EQ(test, s->t.end[1].rtt.samples,
				row->samples[1]);
		KUNIT_EXPECT_EQ(test, (u32)s->t.suspected, row->suspected);
	}
}

static struct kunit_case reported_cases[] = {
	KUNIT_CASE_PARAM(track_reported, reported_gen_params),
	{}
};

static struct kunit_suite reported_suite = {
	.name = "tcptrace_track_reported",
	.test_cases = reported_cases,
};

kunit_test_suite(reported_suite);
