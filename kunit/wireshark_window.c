// SPDX-License-Identifier: GPL-2.0
/* Windows that are shut, and windows that are full; rules 1, 2, 6 and 8. */
#include "frame.h"

/* The responder's window is shut. */
#define SHUT \
	FRAME("shut", RESP, ACK, 1, 1, 0, ZWIN, .win = NO_WINDOW)

static const struct capture zero_captures[] = {
	{ "an ACK", FRAMES(HELLO, SHUT) },
	{ "data", FRAMES(HELLO,
		FRAME("data", RESP, ACK, 1, 1, 100, ZWIN, .win = NO_WINDOW)) },
	{ "a window of 1 is none", FRAMES(HELLO,
		FRAME("ACK", RESP, ACK, 1, 1, 0, UPDATE, .win = 1)) },
	{ "a SYN is none", FRAMES(BARE,
		FRAME("SYN", ORIG, SYN, 0, 0, 0, 0, .win = NO_WINDOW),
		FRAME("SYN,ACK", RESP, SYNACK, 0, 1, 0, 0,
		      .win = NO_WINDOW)) },
	{ "a FIN is none", FRAMES(HELLO,
		FRAME("FIN", ORIG, FIN, 1, 1, 0, 0, .win = NO_WINDOW)) },
	{ "a RST is none", FRAMES(HELLO,
		FRAME("RST", ORIG, RSTACK, 1, 1, 0, 0, .win = NO_WINDOW)) },
	{ "without ACK it is one", FRAMES(HELLO,
		FRAME("no flag", ORIG, TCPTRACE_PSH, 1, 0, 1, ZWIN,
		      .win = NO_WINDOW)) },
};

static const struct capture probe_captures[] = {
	{ "a byte into a window that is shut", FRAMES(HELLO, SHUT,
		FRAME("probe", ORIG, ACK, 1, 1, 1, PROBE)) },
	{ "two bytes are none", FRAMES(HELLO, SHUT,
		FRAME("data", ORIG, ACK, 1, 1, 2, 0)) },
	{ "no byte is none", FRAMES(HELLO, SHUT,
		FRAME("ACK", ORIG, ACK, 1, 1, 0, DUP, 1)) },
	{ "into a window of 1 it is none", FRAMES(HELLO,
		FRAME("ACK", RESP, ACK, 1, 1, 0, UPDATE, .win = 1),
		FRAME("byte", ORIG, ACK, 1, 1, 1, FULL)) },
	{ "the byte before is a keep-alive", FRAMES(HELLO, SHUT,
		FRAME("byte", ORIG, ACK, 0, 1, 1, ALIVE | FULL)) },
	{ "the byte after comes after a hole", FRAMES(HELLO, SHUT,
		FRAME("byte", ORIG, ACK, 2, 1, 1, LOST)) },
	{ "with a FIN it is one", FRAMES(HELLO, SHUT,
		FRAME("FIN", ORIG, FIN, 1, 1, 1, PROBE)) },
	{ "its own window is of no interest", FRAMES(HELLO, SHUT,
		FRAME("probe", ORIG, ACK, 1, 1, 1, PROBE, .win = NO_WINDOW)) },
	{ "it takes no room: again, and then data", FRAMES(HELLO, SHUT,
		FRAME("probe", ORIG, ACK, 1, 1, 1, PROBE),
		FRAME("probe", ORIG, ACK, 1, 1, 1, PROBE),
		FRAME("open", RESP, ACK, 1, 1, 0, UPDATE),
		FRAME("data", ORIG, ACK, 1, 1, 100, 0)) },
	{ "it is accepted: nobody sent that byte", FRAMES(HELLO, SHUT,
		FRAME("probe", ORIG, ACK, 1, 1, 1, PROBE),
		FRAME("ACK of it", RESP, ACK, 1, 2, 0, UNSEEN | ZWIN,
		      .win = NO_WINDOW),
		FRAME("data behind it", ORIG, ACK, 2, 1, 100, LOST)) },
	{ "a RST shuts the window, too", FRAMES(HELLO,
		FRAME("RST", RESP, RST, 1, 0, 0, 0, .win = NO_WINDOW),
		FRAME("byte", ORIG, ACK, 1, 1, 1, PROBE)) },
	{ "the answer", FRAMES(HELLO, SHUT,
		FRAME("probe", ORIG, ACK, 1, 1, 1, PROBE),
		FRAME("ACK", RESP, ACK, 1, 1, 0, ZWIN | PROBEACK,
		      .win = NO_WINDOW),
		FRAME("again", RESP, ACK, 1, 1, 0, ZWIN | PROBEACK,
		      .win = NO_WINDOW)) },
	{ "no answer without a probe", FRAMES(HELLO, SHUT,
		FRAME("ACK", RESP, ACK, 1, 1, 0, ZWIN, .win = NO_WINDOW)) },
	{ "the last segment must be the probe", FRAMES(HELLO, SHUT,
		FRAME("probe", ORIG, ACK, 1, 1, 1, PROBE),
		FRAME("keep-alive", ORIG, ACK, 0, 1, 0, ALIVE),
		FRAME("ACK", RESP, ACK, 1, 1, 0, ZWIN, .win = NO_WINDOW)) },
	{ "an answer that opens the window", FRAMES(HELLO, SHUT,
		FRAME("probe", ORIG, ACK, 1, 1, 1, PROBE),
		FRAME("open", RESP, ACK, 1, 1, 0, UPDATE, .win = 1)) },
	{ "an answer with data", FRAMES(HELLO, SHUT,
		FRAME("probe", ORIG, ACK, 1, 1, 1, PROBE),
		FRAME("data", RESP, ACK, 1, 1, 1, ZWIN, .win = NO_WINDOW)) },
	{ "the window was never open", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("shut", RESP, ACK, 1, 101, 0, ZWIN, .win = NO_WINDOW),
		FRAME("probe", ORIG, ACK, 101, 1, 1, PROBE),
		FRAME("ACK", RESP, ACK, 1, 101, 0, ZWIN | PROBEACK,
		      .win = NO_WINDOW)) },
};

/* The handshake with the window scales of each end, plus 1. */
#define SCALED(orig, resp) PART( \
	FRAME("SYN", ORIG, SYN, 0, 0, 0, 0, .scale = orig), \
	FRAME("SYN,ACK", RESP, SYNACK, 0, 1, 0, 0, .scale = resp), \
	FRAME("ACK", ORIG, ACK, 1, 1, 0, 0))
#define GRANT(w) \
	FRAME("window", RESP, ACK, 1, 1, 0, UPDATE, .win = w)

static const struct capture full_captures[] = {
	{ "to the edge, no scale", FRAMES(HELLO, GRANT(1000),
		FRAME("data", ORIG, ACK, 1, 1, 1000, FULL)) },
	{ "a byte less", FRAMES(HELLO, GRANT(1000),
		FRAME("data", ORIG, ACK, 1, 1, 999, 0)) },
	{ "a byte more", FRAMES(HELLO, GRANT(1000),
		FRAME("data", ORIG, ACK, 1, 1, 1001, 0)) },
	{ "the last of several", FRAMES(HELLO, GRANT(1000),
		FRAME("data", ORIG, ACK, 1, 1, 400, 0),
		FRAME("data", ORIG, ACK, 401, 1, 600, FULL)) },
	{ "and again", FRAMES(HELLO, GRANT(1000),
		FRAME("data", ORIG, ACK, 1, 1, 1000, FULL),
		FRAME("data", ORIG, ACK, 1, 1, 1000, FULL | REXMIT)) },
	{ "the edge goes with the ACK", FRAMES(HELLO, GRANT(1000),
		FRAME("data", ORIG, ACK, 1, 1, 1000, FULL),
		FRAME("ACK", RESP, ACK, 1, 1001, 0, 0, .win = 1000),
		FRAME("data", ORIG, ACK, 1001, 1, 1000, FULL)) },
	{ "with a FIN it is none", FRAMES(HELLO, GRANT(1000),
		FRAME("FIN", ORIG, FIN, 1, 1, 1000, 0)) },
	{ "with a RST it is none", FRAMES(HELLO, GRANT(1000),
		FRAME("RST", ORIG, RSTACK, 1, 1, 1000, 0)) },
	{ "an ACK at the edge is none", FRAMES(HELLO, GRANT(1000),
		FRAME("data", ORIG, ACK, 1, 1, 1000, FULL),
		FRAME("ACK", ORIG, ACK, 1001, 1, 0, DUP, 1)) },
	{ "scaled", FRAMES(SCALED(1 + 1, 3 + 1), GRANT(125),
		FRAME("data", ORIG, ACK, 1, 1, 125, 0),
		FRAME("data", ORIG, ACK, 126, 1, 875, FULL)) },
	{ "a scale of 0", FRAMES(SCALED(0 + 1, 0 + 1), GRANT(1000),
		FRAME("data", ORIG, ACK, 1, 1, 1000, FULL)) },
	{ "the window of the SYN,ACK is not scaled", FRAMES(SCALED(2, 4),
		FRAME("data", ORIG, ACK, 1, 1, 10000, FULL)) },
	{ "but that of the first ACK is", FRAMES(SCALED(2, 4),
		FRAME("ACK", RESP, ACK, 1, 1, 0, DUP, 1),
		FRAME("data", ORIG, ACK, 1, 1, 10000, 0),
		FRAME("data", ORIG, ACK, 10001, 1, 35000, 0),
		FRAME("data", ORIG, ACK, 45001, 1, 35000, FULL)) },
	{ "only the SYN has a scale", FRAMES(SCALED(4, 0), GRANT(1000),
		FRAME("data", ORIG, ACK, 1, 1, 1000, FULL)) },
	{ "only the SYN,ACK has one", FRAMES(SCALED(0, 4), GRANT(1000),
		FRAME("data", ORIG, ACK, 1, 1, 1000, FULL)) },
	{ "nor does the SYN's scale count then", FRAMES(SCALED(4, 0),
		FRAME("window", ORIG, ACK, 1, 1, 0, UPDATE, .win = 1000),
		FRAME("data", RESP, ACK, 1, 1, 1000, FULL)) },
	{ "no SYN was seen: unknown", FRAMES(BARE,
		FRAME("ACK", RESP, ACK, 1, 1, 0, 0, .win = 1000),
		FRAME("data", ORIG, ACK, 1, 1, 1000, 0)) },
	{ "only the SYN was seen: none but the SYN's", FRAMES(BARE,
		FRAME("SYN", ORIG, SYN, 0, 0, 0, 0, .scale = 4),
		FRAME("ACK", RESP, ACK, 1, 1, 0, 0, .win = 1000),
		FRAME("data", ORIG, ACK, 1, 1, 1000, 0)) },
	{ "a SYN without a scale speaks for both", FRAMES(BARE,
		FRAME("SYN", ORIG, SYN, 0, 0, 0, 0),
		FRAME("ACK", RESP, ACK, 1, 1, 0, 0, .win = 1000),
		FRAME("data", ORIG, ACK, 1, 1, 1000, FULL)) },
	{ "the window of a late ACK", FRAMES(HELLO, GRANT(1000),
		FRAME("data", ORIG, ACK, 1, 1, 1000, FULL),
		FRAME("ACK", RESP, ACK, 1, 1001, 0, 0, .win = 1000),
		FRAME("late ACK", RESP, ACK, 1, 501, 0, 0, .win = 1000),
		FRAME("data", ORIG, ACK, 1001, 1, 500, FULL)) },
};

KUNIT_ARRAY_PARAM(zero, zero_captures, tcpt_capture_desc);
KUNIT_ARRAY_PARAM(probe, probe_captures, tcpt_capture_desc);
KUNIT_ARRAY_PARAM(full, full_captures, tcpt_capture_desc);

static void analysis_zero_window(struct kunit *test)
{
	tcpt_capture_run(test, test->param_value);
}

static void analysis_window_probe(struct kunit *test)
{
	tcpt_capture_run(test, test->param_value);
}

static void analysis_window_full(struct kunit *test)
{
	tcpt_capture_run(test, test->param_value);
}

static struct kunit_case window_cases[] = {
	KUNIT_CASE_PARAM(analysis_zero_window, zero_gen_params),
	KUNIT_CASE_PARAM(analysis_window_probe, probe_gen_params),
	KUNIT_CASE_PARAM(analysis_window_full, full_gen_params),
	{}
};

static struct kunit_suite window_suite = {
	.name = "tcptrace_analysis_window",
	.test_cases = window_cases,
};

kunit_test_suite(window_suite);
