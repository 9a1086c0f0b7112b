// SPDX-License-Identifier: GPL-2.0
/* How it begins, and begins again: reuse, completeness, initial RTT, 0. */
#include "frame.h"

#define ISN2	100000	/* of another connection */

static const struct capture reuse_captures[] = {
	{ "a SYN with another number", FRAMES(HELLO,
		FRAME("SYN", ORIG, SYN, ISN2, 0, 0, REUSED)) },
	{ "with a lower one", FRAMES(HELLO,
		FRAME("SYN", ORIG, SYN, -5, 0, 0, REUSED)) },
	{ "the same number is no reuse", FRAMES(HELLO,
		FRAME("SYN", ORIG, SYN, 0, 0, 0, REXMIT)) },
	{ "all else is forgotten", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("ACK", RESP, ACK, 1, 101, 0, 0),
		FRAME("SYN", ORIG, SYN, ISN2, 0, 0, REUSED),
		FRAME("SYN,ACK, a lower number", RESP, SYNACK, -9, ISN2 + 1, 0,
		      0),
		FRAME("ACK", ORIG, ACK, ISN2 + 1, -8, 0, 0),
		FRAME("ACK", RESP, ACK, -8, ISN2 + 1, 0, DUP, 1)) },
	{ "and again", FRAMES(HELLO,
		FRAME("SYN", ORIG, SYN, ISN2, 0, 0, REUSED),
		FRAME("SYN", ORIG, SYN, ISN2, 0, 0, REXMIT),
		FRAME("SYN", ORIG, SYN, 0, 0, 0, REUSED)) },
	{ "by the other end", FRAMES(HELLO,
		FRAME("SYN", RESP, SYN, 0, 0, 0, REXMIT),
		FRAME("SYN", RESP, SYN, 7, 0, 0, REUSED)) },
	{ "midstream the number before the first", FRAMES(BARE,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("SYN before it", ORIG, SYN, 0, 0, 0, REXMIT,
		      .us = FRAME_RTT),
		FRAME("SYN", ORIG, SYN, 1, 0, 0, REUSED)) },
	{ "an ACK shows the number, too", FRAMES(BARE,
		FRAME("ACK", RESP, ACK, 1, 1, 0, 0),
		FRAME("SYN", ORIG, SYN, 0, 0, 0, 0),
		FRAME("SYN", ORIG, SYN, 2, 0, 0, REUSED)) },
	{ "a SYN's acknowledgment number shows nothing", FRAMES(BARE,
		FRAME("SYN, ack but no ACK", ORIG, SYN, 0, 1000, 0, 0),
		FRAME("SYN,ACK", RESP, SYNACK, 0, 1, 0, 0)) },
	{ "a SYN,ACK with a higher number", FRAMES(BARE,
		FRAME("SYN", ORIG, SYN, 0, 0, 0, 0),
		FRAME("SYN,ACK", RESP, SYNACK, 0, 1, 0, 0),
		FRAME("SYN,ACK", RESP, SYNACK, 1000, 1, 0, REUSED | LOST),
		FRAME("once more", RESP, SYNACK, 1000, 1, 0, REXMIT)) },
	{ "a SYN,ACK with a lower number", FRAMES(BARE,
		FRAME("SYN", ORIG, SYN, 0, 0, 0, 0),
		FRAME("SYN,ACK", RESP, SYNACK, 0, 1, 0, 0),
		FRAME("SYN,ACK", RESP, SYNACK, -1000, 1, 0, REUSED | OOO)) },
	{ "a SYN puts right what a RST has moved", FRAMES(BARE,
		FRAME("SYN", ORIG, SYN, 0, 0, 0, 0),
		FRAME("SYN,ACK", RESP, SYNACK, 0, 5000, 0, UNSEEN),
		FRAME("RST", ORIG, RST, 5000, 0, 0, 0),
		FRAME("SYN", ORIG, SYN, 0, 0, 0, REXMIT),
		FRAME("SYN,ACK", RESP, SYNACK, 0, 1, 0, REXMIT),
		FRAME("data", ORIG, ACK, 1, 1, 100, 0)) },
	{ "a SYN,ACK does not", FRAMES(BARE,
		FRAME("SYN,ACK", RESP, SYNACK, 0, 1, 0, 0),
		FRAME("RST", RESP, RST, 5000, 0, 0, 0),
		FRAME("SYN,ACK", RESP, SYNACK, 0, 1, 0, OOO)) },
};

#define BITS(bits)	.complete = CHECKED | (bits)
#define C_SYN		TCPTRACE_COMPLETE_SYN
#define C_SYNACK	TCPTRACE_COMPLETE_SYNACK
#define C_ACK		TCPTRACE_COMPLETE_ACK
#define C_DATA		TCPTRACE_COMPLETE_DATA
#define C_FIN		TCPTRACE_COMPLETE_FIN
#define C_RST		TCPTRACE_COMPLETE_RST

static const struct capture complete_captures[] = {
	{ "a SYN", FRAMES(BARE,
		FRAME("SYN", ORIG, SYN, 0, 0, 0, 0)), BITS(C_SYN) },
	{ "a SYN with data (RFC 7413)", FRAMES(BARE,
		FRAME("SYN", ORIG, SYN, 0, 0, 9, 0)), BITS(C_SYN | C_DATA) },
	{ "a SYN,ACK", FRAMES(BARE,
		FRAME("SYN", ORIG, SYN, 0, 0, 0, 0),
		FRAME("SYN,ACK", RESP, SYNACK, 0, 1, 0, 0)),
		BITS(C_SYN | C_SYNACK) },
	{ "the handshake", FRAMES(HELLO), BITS(C_SYN | C_SYNACK | C_ACK) },
	{ "data", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 1, 0)),
		BITS(C_SYN | C_SYNACK | C_ACK | C_DATA) },
	{ "data without ACK is none", FRAMES(HELLO,
		FRAME("data", ORIG, TCPTRACE_PSH, 1, 0, 1, 0)),
		BITS(C_SYN | C_SYNACK | C_ACK) },
	{ "the whole of it", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 1, 0),
		FRAME("FIN", ORIG, FIN, 2, 1, 0, 0)), BITS(31) },
	{ "to a RST", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 1, 0),
		FRAME("RST", ORIG, RST, 2, 0, 0, 0)), BITS(47) },
	{ "a FIN without ACK is none", FRAMES(HELLO,
		FRAME("FIN", ORIG, TCPTRACE_FIN, 1, 0, 0, 0)),
		BITS(C_SYN | C_SYNACK | C_ACK) },
	{ "a FIN with ACK is an ACK, too", FRAMES(BARE,
		FRAME("SYN", ORIG, SYN, 0, 0, 0, 0),
		FRAME("FIN", RESP, FIN, 1, 1, 0, 0)),
		BITS(C_SYN | C_ACK | C_FIN) },
	{ "a RST with ACK is one, too", FRAMES(BARE,
		FRAME("SYN", ORIG, SYN, 0, 0, 0, 0),
		FRAME("RST", RESP, RSTACK, 0, 1, 0, 0)),
		BITS(C_SYN | C_ACK | C_RST) },
	{ "the first is of no interest but for a SYN", FRAMES(BARE,
		FRAME("SYN,ACK", RESP, SYNACK, 0, 1, 0, 0)), BITS(0) },
	{ "nor is a SYN that is not the first", FRAMES(BARE,
		FRAME("data", ORIG, ACK, 1, 1, 1, 0),
		FRAME("SYN", ORIG, SYN, 0, 0, 0, REXMIT, .us = FRAME_RTT)),
		BITS(0) },
	{ "midstream", FRAMES(BARE,
		FRAME("data", ORIG, ACK, 1, 1, 1, 0),
		FRAME("ACK", RESP, ACK, 1, 2, 0, 0)), BITS(C_ACK) },
	{ "another connection begins anew", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 1, 0),
		FRAME("FIN", ORIG, FIN, 2, 1, 0, 0),
		FRAME("SYN", ORIG, SYN, ISN2, 0, 9, REUSED)), BITS(C_SYN) },
};

static const struct capture rtt_captures[] = {
	{ "from the SYN to the first ACK", FRAMES(HELLO), .rtt = 50000 },
	{ "not to the next", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 1, 0)), .rtt = 50000 },
	{ "from the last SYN", FRAMES(BARE,
		FRAME("SYN", ORIG, SYN, 0, 0, 0, 0),
		FRAME("SYN", ORIG, SYN, 0, 0, 0, REXMIT, .us = 3000000),
		FRAME("SYN,ACK", RESP, SYNACK, 0, 1, 0, 0, .us = 200),
		FRAME("ACK", ORIG, ACK, 1, 1, 0, 0, .us = 30)), .rtt = 230 },
	{ "an ACK of either end", FRAMES(BARE,
		FRAME("SYN", ORIG, SYN, 0, 0, 0, 0),
		FRAME("ACK", RESP, ACK, 1, 1, 0, 0, .us = 77)), .rtt = 77 },
	{ "of another connection", FRAMES(HELLO,
		FRAME("SYN", ORIG, SYN, ISN2, 0, 0, REUSED),
		FRAME("SYN,ACK", RESP, SYNACK, 0, ISN2 + 1, 0, 0),
		FRAME("data", ORIG, ACK, ISN2 + 1, 1, 1, 0)), .rtt = 2000 },
};

/* RFC 8684 section 4: an ACK that signals something is no duplicate. */
static const struct capture mptcp_captures[] = {
	{ "an option for the first time", FRAMES(BARE,
		FRAME("SYN", ORIG, SYN, 0, 0, 0, 0, .mptcp = 0 + 1),
		FRAME("SYN,ACK", RESP, SYNACK, 0, 1, 0, 0, .mptcp = 0 + 1),
		FRAME("ACK, DSS", RESP, ACK, 1, 1, 0, DUP, 1, .mptcp = 2 + 1),
		FRAME("ACK", RESP, ACK, 1, 1, 0, 0),
		FRAME("ACK", RESP, ACK, 1, 1, 0, DUP, 2)) },
	{ "an option of the other end", FRAMES(BARE,
		FRAME("SYN", ORIG, SYN, 0, 0, 0, 0, .mptcp = 0 + 1),
		FRAME("SYN,ACK", RESP, SYNACK, 0, 1, 0, 0, .mptcp = 0 + 1),
		FRAME("ACK, DSS", ORIG, ACK, 1, 1, 0, 0, .mptcp = 2 + 1),
		FRAME("ACK", RESP, ACK, 1, 1, 0, 0),
		FRAME("ACK", RESP, ACK, 1, 1, 0, DUP, 1)) },
	{ "an option that was there before", FRAMES(BARE,
		FRAME("SYN", ORIG, SYN, 0, 0, 0, 0, .mptcp = 0 + 1),
		FRAME("SYN,ACK", RESP, SYNACK, 0, 1, 0, 0),
		FRAME("ACK", RESP, ACK, 1, 1, 0, DUP, 1, .mptcp = 0 + 1),
		FRAME("ACK", RESP, ACK, 1, 1, 0, DUP, 2)) },
};

KUNIT_ARRAY_PARAM(reuse, reuse_captures, tcpt_capture_desc);
KUNIT_ARRAY_PARAM(complete, complete_captures, tcpt_capture_desc);
KUNIT_ARRAY_PARAM(rtt, rtt_captures, tcpt_capture_desc);
KUNIT_ARRAY_PARAM(mptcp, mptcp_captures, tcpt_capture_desc);

static void analysis_reuse(struct kunit *test)
{
	tcpt_capture_run(test, test->param_value);
}

static void analysis_completeness(struct kunit *test)
{
	tcpt_capture_run(test, test->param_value);
}

static void analysis_initial_rtt(struct kunit *test)
{
	tcpt_capture_run(test, test->param_value);
}

static void analysis_mptcp(struct kunit *test)
{
	tcpt_capture_run(test, test->param_value);
}

static struct kunit_case open_cases[] = {
	KUNIT_CASE_PARAM(analysis_reuse, reuse_gen_params),
	KUNIT_CASE_PARAM(analysis_completeness, complete_gen_params),
	KUNIT_CASE_PARAM(analysis_initial_rtt, rtt_gen_params),
	KUNIT_CASE_PARAM(analysis_mptcp, mptcp_gen_params),
	{}
};

static struct kunit_suite open_suite = {
	.name = "tcptrace_analysis_open",
	.test_cases = open_cases,
};

kunit_test_suite(open_suite);
