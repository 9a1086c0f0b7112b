// SPDX-License-Identifier: GPL-2.0
/*
 * Test results that the scenes of tests/diff cannot express: completeness and
 * the initial RTT, which are not segment classes. Also test MPTCP, and two
 * oddities of Wireshark 4.0: sequence number 0 means "none", and Wireshark
 * remembers at most 10000 unacknowledged segments.
 */
#include "frame.h"

#include <linux/string.h>

#define ISN2	100000	/* of another connection */

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
	{ "data without ACK does not count", FRAMES(HELLO,
		FRAME("data", ORIG, TCPTRACE_PSH, 1, 0, 1, 0)),
		BITS(C_SYN | C_SYNACK | C_ACK) },
	{ "a complete connection", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 1, 0),
		FRAME("FIN", ORIG, FIN, 2, 1, 0, 0)), BITS(31) },
	{ "up to a RST", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 1, 0),
		FRAME("RST", ORIG, RST, 2, 0, 0, 0)), BITS(47) },
	{ "a FIN without ACK does not count", FRAMES(HELLO,
		FRAME("FIN", ORIG, TCPTRACE_FIN, 1, 0, 0, 0)),
		BITS(C_SYN | C_SYNACK | C_ACK) },
	{ "a FIN with ACK counts as an ACK, too", FRAMES(BARE,
		FRAME("SYN", ORIG, SYN, 0, 0, 0, 0),
		FRAME("FIN", RESP, FIN, 1, 1, 0, 0)),
		BITS(C_SYN | C_ACK | C_FIN) },
	{ "a RST with ACK counts as an ACK, too", FRAMES(BARE,
		FRAME("SYN", ORIG, SYN, 0, 0, 0, 0),
		FRAME("RST", RESP, RSTACK, 0, 1, 0, 0)),
		BITS(C_SYN | C_ACK | C_RST) },
	{ "the flags of the first segment count only with SYN", FRAMES(BARE,
		FRAME("SYN,ACK", RESP, SYNACK, 0, 1, 0, 0)), BITS(0) },
	{ "a SYN that is not the first does not count", FRAMES(BARE,
		FRAME("data", ORIG, ACK, 1, 1, 1, 0),
		FRAME("SYN", ORIG, SYN, 0, 0, 0, REXMIT, .s.us = FRAME_RTT)),
		BITS(0) },
	{ "midstream", FRAMES(BARE,
		FRAME("data", ORIG, ACK, 1, 1, 1, 0),
		FRAME("ACK", RESP, ACK, 1, 2, 0, 0)), BITS(C_ACK) },
	{ "completeness starts anew with a new connection", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 1, 0),
		FRAME("FIN", ORIG, FIN, 2, 1, 0, 0),
		FRAME("SYN", ORIG, SYN, ISN2, 0, 9, REUSED)), BITS(C_SYN) },
};

static const struct capture rtt_captures[] = {
	{ "initial RTT from the SYN to the first ACK", FRAMES(HELLO), .rtt = 50000 },
	{ "the second ACK does not change the initial RTT", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 1, 0)), .rtt = 50000 },
	{ "initial RTT from the last SYN", FRAMES(BARE,
		FRAME("SYN", ORIG, SYN, 0, 0, 0, 0),
		FRAME("SYN", ORIG, SYN, 0, 0, 0, REXMIT, .s.us = 3000000),
		FRAME("SYN,ACK", RESP, SYNACK, 0, 1, 0, 0, .s.us = 200),
		FRAME("ACK", ORIG, ACK, 1, 1, 0, 0, .s.us = 30)), .rtt = 230 },
	{ "initial RTT to an ACK of either end", FRAMES(BARE,
		FRAME("SYN", ORIG, SYN, 0, 0, 0, 0),
		FRAME("ACK", RESP, ACK, 1, 1, 0, 0, .s.us = 77)), .rtt = 77 },
	{ "initial RTT of another connection", FRAMES(HELLO,
		FRAME("SYN", ORIG, SYN, ISN2, 0, 0, REUSED),
		FRAME("SYN,ACK", RESP, SYNACK, 0, ISN2 + 1, 0, 0),
		FRAME("data", ORIG, ACK, ISN2 + 1, 1, 1, 0)), .rtt = 2000 },
};

/*
 * RFC 8684 section 4: an ACK with an MPTCP signal is not a duplicate ACK. In
 * Wireshark, the exception applies to each end's first ACK after an option of a
 * new kind, not to the ACK that has the option.
 */
static const struct capture mptcp_captures[] = {
	{ "an option for the first time", FRAMES(BARE,
		FRAME("SYN", ORIG, SYN, 0, 0, 0, 0, .s.mptcp = 0 + 1),
		FRAME("SYN,ACK", RESP, SYNACK, 0, 1, 0, 0, .s.mptcp = 0 + 1),
		FRAME("ACK, DSS", RESP, ACK, 1, 1, 0, DUP, 1, .s.mptcp = 2 + 1),
		FRAME("ACK", RESP, ACK, 1, 1, 0, 0),
		FRAME("ACK", RESP, ACK, 1, 1, 0, DUP, 2)) },
	{ "an option of the other end", FRAMES(BARE,
		FRAME("SYN", ORIG, SYN, 0, 0, 0, 0, .s.mptcp = 0 + 1),
		FRAME("SYN,ACK", RESP, SYNACK, 0, 1, 0, 0, .s.mptcp = 0 + 1),
		FRAME("ACK, DSS", ORIG, ACK, 1, 1, 0, 0, .s.mptcp = 2 + 1),
		FRAME("ACK", RESP, ACK, 1, 1, 0, 0),
		FRAME("ACK", RESP, ACK, 1, 1, 0, DUP, 1)) },
	{ "an option that was seen before", FRAMES(BARE,
		FRAME("SYN", ORIG, SYN, 0, 0, 0, 0, .s.mptcp = 0 + 1),
		FRAME("SYN,ACK", RESP, SYNACK, 0, 1, 0, 0),
		FRAME("ACK", RESP, ACK, 1, 1, 0, DUP, 1, .s.mptcp = 0 + 1),
		FRAME("ACK", RESP, ACK, 1, 1, 0, DUP, 2)) },
};

/*
 * With ISN AT_101, relative sequence number 101 equals raw sequence number 0.
 * With ISN AT_1, relative sequence number 1 equals raw sequence number 0.
 */
#define AT_101	(-101)
#define AT_1	(-1)

static const struct capture zero_captures[] = {
	{ "next is 0: no gap", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("after a gap", ORIG, ACK, 201, 1, 100, 0)),
		.isn = { AT_101, 5000 } },
	{ "next is 1: a gap", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 101, 0),
		FRAME("after a gap", ORIG, ACK, 201, 1, 100, LOST)),
		.isn = { AT_101, 5000 } },
	{ "next is 0: nothing is sent again", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("data again", ORIG, ACK, 1, 1, 100, 0)),
		.isn = { AT_101, 5000 } },
	{ "next is 0: next goes back", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("half of the data", ORIG, ACK, 1, 1, 50, 0),
		FRAME("the next data", ORIG, ACK, 101, 1, 100, LOST)),
		.isn = { AT_101, 5000 } },
	{ "next is 0: no ACK of unseen data", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("ACK", RESP, ACK, 1, 201, 0, 0)),
		.isn = { AT_101, 5000 } },
	{ "next is 0: a keep-alive is still a keep-alive", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("keep-alive", ORIG, ACK, 100, 1, 1, ALIVE)),
		.isn = { AT_101, 5000 } },
	{ "the ACK is 0: nothing is spurious", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 200, 0),
		FRAME("ACK", RESP, ACK, 1, 101, 0, 0),
		FRAME("data again", ORIG, ACK, 1, 1, 100, OOO)),
		.isn = { AT_101, 5000 } },
	{ "the ACK is 1: the retransmission is spurious", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 200, 0),
		FRAME("ACK", RESP, ACK, 1, 102, 0, 0),
		FRAME("data again", ORIG, ACK, 1, 1, 100, SPURIOUS)),
		.isn = { AT_101, 5000 } },
	{ "the very first segment, before 0, is a keep-alive", FRAMES(BARE,
		FRAME("ACK", ORIG, ACK, 100, 1, 0, ALIVE)),
		.isn = { AT_101, 5000 } },
	{ "the very first segment, at 0, is a window probe", FRAMES(BARE,
		FRAME("zero window", RESP, ACK, 1, 1, 0, ZWIN,
		      .s.window = ZERO_WINDOW),
		FRAME("byte", ORIG, ACK, 1, 1, 1, PROBE)),
		.isn = { AT_1, 5000 } },
	{ "the very first segment, at 0 with ACK 0, is a window update", FRAMES(BARE,
		FRAME("ACK", ORIG, ACK, 1, 1, 0, UPDATE)),
		.isn = { AT_1, AT_1 } },
	{ "the very first segment, at 0 with ACK 1", FRAMES(BARE,
		FRAME("ACK", ORIG, ACK, 1, 2, 0, 0)),
		.isn = { AT_1, AT_1 } },
};

static const struct frame hello[] = {
	FRAME("SYN", ORIG, SYN, 0, 0, 0, 0),
	FRAME("SYN,ACK", RESP, SYNACK, 0, 1, 0, 0, .s.window = 65535),
	FRAME("ACK", ORIG, ACK, 1, 1, 0, 0),
	{}
};

/**
 * struct limit_row - a run of one-byte segments, followed by a FIN
 * @name: the behavior under test
 * @bytes: number of one-byte segments
 * @lag: each segment is acknowledged after this number of further segments; 0:
 *	no segment is acknowledged during the run
 * @acked: number of segments that an ACK after the last segment acknowledges;
 *	0: no such ACK
 * @found: expected Wireshark classes of the ACK of the FIN
 */
struct limit_row {
	const char *name;
	u32 bytes;
	u32 lag;
	u32 acked;
	u16 found;
};

static const struct limit_row limit_rows[] = {
	{ "9999 segments: the FIN counts", 9999, 0, 0, 0 },
	{ "10000 segments: the FIN is not remembered, so its ACK is for unseen data",
	  10000, 0, 0, UNSEEN },
	{ "10000 segments, all acknowledged", 10000, 0, 10000, 0 },
	{ "12000 segments, all but the last acknowledged in time", 12000, 1, 0, 0 },
	{ "20000 segments, all but the last 4000 acknowledged", 20000, 4000, 0, 0 },
};

static void limit_desc(const struct limit_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

static void play_bytes(struct projector *p, const struct limit_row *row)
{
	struct frame byte = FRAME("byte", ORIG, ACK, 0, 1, 1, 0);
	struct frame ack = FRAME("ACK", RESP, ACK, 1, 0, 0, 0, .s.window = 65535);
	u32 i;

	for (i = 1; i <= row->bytes; i++) {
		byte.s.seq = i;
		tcpt_frame_play(p, &byte);
		if (!row->lag || i <= row->lag)
			continue;
		ack.s.ack = i + 1 - row->lag;
		tcpt_frame_play(p, &ack);
	}
	if (!row->acked)
		return;
	ack.s.ack = 1 + row->acked;
	tcpt_frame_play(p, &ack);
}

static void wireshark_unacked(struct kunit *test)
{
	const struct limit_row *row = test->param_value;
	struct frame fin = FRAME("FIN", ORIG, FIN, row->bytes + 1, 1, 0, 0);
	struct frame ack = FRAME("ACK of the FIN", RESP, ACK, 1,
				 row->bytes + 2, 0, row->found, .s.window = 65535);
	const struct frame *f;
	struct projector p;

	tcpt_frame_begin(&p, test, row->name);
	for (f = hello; f->what; f++)
		tcpt_frame_play(&p, f);
	play_bytes(&p, row);
	tcpt_frame_play(&p, &fin);
	tcpt_frame_play(&p, &ack);
}

KUNIT_ARRAY_PARAM(complete, complete_captures, tcpt_capture_desc);
KUNIT_ARRAY_PARAM(rtt, rtt_captures, tcpt_capture_desc);
KUNIT_ARRAY_PARAM(mptcp, mptcp_captures, tcpt_capture_desc);
KUNIT_ARRAY_PARAM(zero, zero_captures, tcpt_capture_desc);
KUNIT_ARRAY_PARAM(limit, limit_rows, limit_desc);

static void wireshark_completeness(struct kunit *test)
{
	tcpt_capture_run(test, test->param_value);
}

static void wireshark_initial_rtt(struct kunit *test)
{
	tcpt_capture_run(test, test->param_value);
}

static void wireshark_mptcp(struct kunit *test)
{
	tcpt_capture_run(test, test->param_value);
}

static void wireshark_zero(struct kunit *test)
{
	tcpt_capture_run(test, test->param_value);
}

static struct kunit_case wireshark_cases[] = {
	KUNIT_CASE_PARAM(wireshark_completeness, complete_gen_params),
	KUNIT_CASE_PARAM(wireshark_initial_rtt, rtt_gen_params),
	KUNIT_CASE_PARAM(wireshark_mptcp, mptcp_gen_params),
	KUNIT_CASE_PARAM(wireshark_zero, zero_gen_params),
	KUNIT_CASE_PARAM(wireshark_unacked, limit_gen_params),
	{}
};

static struct kunit_suite wireshark_suite = {
	.name = "tcptrace_wireshark",
	.test_cases = wireshark_cases,
};

kunit_test_suite(wireshark_suite);
