// SPDX-License-Identifier: GPL-2.0
/* What goes back in the numbers, or jumps ahead; Wireshark's rules 3 and 11. */
#include "frame.h"

static const struct capture lost_captures[] = {
	{ "what follows is not lost", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("more data", ORIG, ACK, 101, 1, 100, 0)) },
	{ "one number is left out", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("behind it", ORIG, ACK, 102, 1, 100, LOST)) },
	{ "an ACK ahead", FRAMES(HELLO,
		FRAME("ACK", ORIG, ACK, 2, 1, 0, LOST)) },
	{ "a FIN ahead", FRAMES(HELLO,
		FRAME("FIN", ORIG, FIN, 101, 1, 0, LOST)) },
	{ "a RST ahead tells nothing", FRAMES(HELLO,
		FRAME("RST", ORIG, RST, 101, 0, 0, 0)) },
	{ "but takes all behind it along", FRAMES(HELLO,
		FRAME("RST", ORIG, RST, 101, 0, 0, 0),
		FRAME("data, not from the RST on", ORIG, ACK, 1, 1, 100, REXMIT,
		      .us = FRAME_RTT)) },
	{ "nothing was lost before the first", FRAMES(BARE,
		FRAME("data", ORIG, ACK, 5000, 1, 100, 0),
		FRAME("ACK", RESP, ACK, 1, 5100, 0, 0)) },
	{ "a hole is told of once", FRAMES(HELLO,
		FRAME("after a hole", ORIG, ACK, 101, 1, 100, LOST),
		FRAME("and on", ORIG, ACK, 201, 1, 100, 0),
		FRAME("after another", ORIG, ACK, 401, 1, 100, LOST)) },
};

static const struct capture rexmit_captures[] = {
	{ "the last segment, at once", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("again", ORIG, ACK, 1, 1, 100, REXMIT, .us = 1)) },
	{ "an older one, after an initial RTT", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("more data", ORIG, ACK, 101, 1, 100, 0),
		FRAME("the first", ORIG, ACK, 1, 1, 100, REXMIT,
		      .us = FRAME_RTT)) },
	{ "a part that ends at the highest", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 300, 0),
		FRAME("its end", ORIG, ACK, 201, 1, 100, REXMIT)) },
	{ "SYN", FRAMES(BARE,
		FRAME("SYN", ORIG, SYN, 0, 0, 0, 0),
		FRAME("SYN", ORIG, SYN, 0, 0, 0, REXMIT)) },
	{ "SYN,ACK", FRAMES(BARE,
		FRAME("SYN", ORIG, SYN, 0, 0, 0, 0),
		FRAME("SYN,ACK", RESP, SYNACK, 0, 1, 0, 0),
		FRAME("SYN,ACK", RESP, SYNACK, 0, 1, 0, REXMIT)) },
	{ "FIN", FRAMES(HELLO,
		FRAME("FIN", ORIG, FIN, 1, 1, 0, 0),
		FRAME("FIN", ORIG, FIN, 1, 1, 0, REXMIT)) },
	{ "a FIN without its data", FRAMES(HELLO,
		FRAME("FIN with data", ORIG, FIN, 1, 1, 100, 0),
		FRAME("FIN", ORIG, FIN, 101, 1, 0, REXMIT)) },
	{ "an ACK is none", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("old ACK", ORIG, ACK, 1, 1, 0, 0)) },
	{ "a RST without data is none", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("RST", ORIG, RST, 1, 0, 0, 0)) },
	{ "a RST with data is one", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("RST", ORIG, RSTACK, 1, 1, 100, REXMIT)) },
	{ "two bytes behind a probe are new", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("from its last byte on", ORIG, ACK, 100, 1, 2, 0)) },
	{ "from two bytes before the next it is one", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("last two and one", ORIG, ACK, 99, 1, 3, REXMIT,
		      .us = FRAME_RTT)) },
	{ "times that go back: no reordering", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("after a hole", ORIG, ACK, 201, 1, 100, LOST),
		FRAME("the hole, before that", ORIG, ACK, 101, 1, 100, REXMIT,
		      .us = -1)) },
};

static const struct capture order_captures[] = {
	{ "a little less than the initial RTT", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("after a hole", ORIG, ACK, 201, 1, 100, LOST),
		FRAME("the hole", ORIG, ACK, 101, 1, 100, OOO,
		      .us = FRAME_RTT - 1)) },
	{ "the initial RTT", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("after a hole", ORIG, ACK, 201, 1, 100, LOST),
		FRAME("the hole", ORIG, ACK, 101, 1, 100, REXMIT,
		      .us = FRAME_RTT)) },
	{ "no initial RTT: less than 3 ms", FRAMES(BARE,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("after a hole", ORIG, ACK, 201, 1, 100, LOST),
		FRAME("the hole", ORIG, ACK, 101, 1, 100, OOO, .us = 2999)) },
	{ "no initial RTT: 3 ms", FRAMES(BARE,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("after a hole", ORIG, ACK, 201, 1, 100, LOST),
		FRAME("the hole", ORIG, ACK, 101, 1, 100, REXMIT,
		      .us = 3000)) },
	{ "the time is that of the highest number", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("after a hole", ORIG, ACK, 201, 1, 100, LOST),
		FRAME("a part of the hole", ORIG, ACK, 101, 1, 50, OOO,
		      .us = 30000),
		FRAME("the rest of it", ORIG, ACK, 151, 1, 50, REXMIT,
		      .us = 20000)) },
	{ "it reaches beyond the highest", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("half of it, and more", ORIG, ACK, 51, 1, 100, OOO)) },
	{ "a FIN counts as one", FRAMES(HELLO,
		FRAME("FIN with data", ORIG, FIN, 1, 1, 100, 0),
		FRAME("data without the FIN", ORIG, ACK, 1, 1, 100, OOO)) },
	{ "a SYN counts as one", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("SYN", ORIG, SYN, 0, 0, 0, OOO)) },
	{ "a late SYN is sent again", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("SYN", ORIG, SYN, 0, 0, 0, REXMIT, .us = FRAME_RTT)) },
	{ "an initial RTT below 0 has no end", FRAMES(BARE,
		FRAME("SYN", ORIG, SYN, 0, 0, 0, 0),
		FRAME("SYN,ACK", RESP, SYNACK, 0, 1, 0, 0),
		FRAME("ACK, before the SYN", ORIG, ACK, 1, 1, 0, 0,
		      .us = -2000),
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("after a hole", ORIG, ACK, 201, 1, 100, LOST),
		FRAME("the hole, 9 s later", ORIG, ACK, 101, 1, 100, OOO,
		      .us = 9000000)) },
};

static const struct capture spurious_captures[] = {
	{ "acknowledged to the last byte", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("ACK", RESP, ACK, 1, 101, 0, 0),
		FRAME("again", ORIG, ACK, 1, 1, 100, SPURIOUS)) },
	{ "but for one byte", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("ACK", RESP, ACK, 1, 101, 0, 0),
		FRAME("again, and a byte", ORIG, ACK, 1, 1, 101, REXMIT,
		      .us = FRAME_RTT)) },
	{ "a part", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 200, 0),
		FRAME("ACK", RESP, ACK, 1, 101, 0, 0),
		FRAME("what is acknowledged", ORIG, ACK, 1, 1, 100, SPURIOUS),
		FRAME("what is not", ORIG, ACK, 101, 1, 100, REXMIT)) },
	{ "without payload it is a common one", FRAMES(HELLO,
		FRAME("FIN", ORIG, FIN, 1, 1, 0, 0),
		FRAME("ACK", RESP, ACK, 1, 2, 0, 0),
		FRAME("FIN", ORIG, FIN, 1, 1, 0, REXMIT)) },
	{ "new data that was acknowledged before", FRAMES(HELLO,
		FRAME("ACK of data not seen", RESP, ACK, 1, 101, 0, UNSEEN),
		FRAME("the data", ORIG, ACK, 1, 1, 100, SPURIOUS)) },
	{ "behind a probe, acknowledged before", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("ACK of more", RESP, ACK, 1, 201, 0, UNSEEN),
		FRAME("from the last byte on", ORIG, ACK, 100, 1, 101,
		      SPURIOUS)) },
	{ "a late ACK takes its place", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 200, 0),
		FRAME("ACK", RESP, ACK, 1, 201, 0, 0),
		FRAME("late ACK", RESP, ACK, 1, 101, 0, 0),
		FRAME("again", ORIG, ACK, 1, 1, 200, REXMIT)) },
	{ "a RST acknowledges nothing", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("ACK", RESP, ACK, 1, 101, 0, 0),
		FRAME("RST", RESP, RST, 1, 0, 0, 0),
		FRAME("again", ORIG, ACK, 1, 1, 100, REXMIT)) },
	{ "it comes before out of order", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("more data", ORIG, ACK, 101, 1, 100, 0),
		FRAME("ACK", RESP, ACK, 1, 201, 0, 0),
		FRAME("the first", ORIG, ACK, 1, 1, 100, SPURIOUS)) },
};

#define THREE PART( \
	FRAME("data", ORIG, ACK, 1, 1, 100, 0), \
	FRAME("data", ORIG, ACK, 101, 1, 100, 0), \
	FRAME("data", ORIG, ACK, 201, 1, 100, 0), \
	FRAME("ACK of the first", RESP, ACK, 1, 101, 0, 0), \
	FRAME("duplicate", RESP, ACK, 1, 101, 0, DUP, 1))

static const struct capture fast_captures[] = {
	{ "a little less than 20 ms", FRAMES(HELLO, THREE,
		FRAME("duplicate", RESP, ACK, 1, 101, 0, DUP, 2),
		FRAME("the second", ORIG, ACK, 101, 1, 100, FAST,
		      .us = 19999)) },
	{ "20 ms, inside the initial RTT", FRAMES(HELLO, THREE,
		FRAME("duplicate", RESP, ACK, 1, 101, 0, DUP, 2),
		FRAME("the second", ORIG, ACK, 101, 1, 100, OOO,
		      .us = 20000)) },
	{ "20 ms, after the initial RTT", FRAMES(HELLO, THREE,
		FRAME("duplicate", RESP, ACK, 1, 101, 0, DUP, 2,
		      .us = FRAME_RTT),
		FRAME("the second", ORIG, ACK, 101, 1, 100, REXMIT,
		      .us = 20000)) },
	{ "the time is that of the last duplicate", FRAMES(HELLO, THREE,
		FRAME("duplicate", RESP, ACK, 1, 101, 0, DUP, 2),
		FRAME("late duplicate", RESP, ACK, 1, 101, 0, DUP, 3,
		      .us = FRAME_RTT),
		FRAME("the second", ORIG, ACK, 101, 1, 100, FAST)) },
	{ "one duplicate is too few", FRAMES(HELLO, THREE,
		FRAME("the second", ORIG, ACK, 101, 1, 100, OOO)) },
	{ "another number", FRAMES(HELLO, THREE,
		FRAME("duplicate", RESP, ACK, 1, 101, 0, DUP, 2),
		FRAME("of the third", ORIG, ACK, 201, 1, 50, OOO)) },
	{ "the number, but not its length", FRAMES(HELLO, THREE,
		FRAME("duplicate", RESP, ACK, 1, 101, 0, DUP, 2),
		FRAME("all that is missing", ORIG, ACK, 101, 1, 200, FAST)) },
	{ "new data at the number", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("ACK", RESP, ACK, 1, 101, 0, 0),
		FRAME("duplicate", RESP, ACK, 1, 101, 0, DUP, 1),
		FRAME("duplicate", RESP, ACK, 1, 101, 0, DUP, 2),
		FRAME("new data", ORIG, ACK, 101, 1, 100, 0)) },
	{ "a second time, after another ACK", FRAMES(HELLO, THREE,
		FRAME("duplicate", RESP, ACK, 1, 101, 0, DUP, 2),
		FRAME("the second", ORIG, ACK, 101, 1, 100, FAST),
		FRAME("ACK", RESP, ACK, 1, 201, 0, 0),
		FRAME("the third", ORIG, ACK, 201, 1, 100, REXMIT)) },
	{ "times that go back", FRAMES(HELLO, THREE,
		FRAME("duplicate", RESP, ACK, 1, 101, 0, DUP, 2,
		      .us = FRAME_RTT),
		FRAME("the second, before it", ORIG, ACK, 101, 1, 100, OOO,
		      .us = -10000)) },
	{ "an ACK of what was not seen stands for duplicates", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("ACK of data not seen", ORIG, ACK, 101, 101, 0, UNSEEN),
		FRAME("again", ORIG, ACK, 1, 101, 100, FAST)) },
	{ "a FIN", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("FIN", ORIG, FIN, 101, 1, 0, 0),
		FRAME("ACK of the data", RESP, ACK, 1, 101, 0, 0),
		FRAME("duplicate", RESP, ACK, 1, 101, 0, DUP, 1),
		FRAME("duplicate", RESP, ACK, 1, 101, 0, DUP, 2),
		FRAME("FIN", ORIG, FIN, 101, 1, 0, FAST)) },
};

KUNIT_ARRAY_PARAM(lost, lost_captures, tcpt_capture_desc);
KUNIT_ARRAY_PARAM(rexmit, rexmit_captures, tcpt_capture_desc);
KUNIT_ARRAY_PARAM(order, order_captures, tcpt_capture_desc);
KUNIT_ARRAY_PARAM(spurious, spurious_captures, tcpt_capture_desc);
KUNIT_ARRAY_PARAM(fast, fast_captures, tcpt_capture_desc);

static void analysis_lost(struct kunit *test)
{
	tcpt_capture_run(test, test->param_value);
}

static void analysis_rexmit(struct kunit *test)
{
	tcpt_capture_run(test, test->param_value);
}

static void analysis_out_of_order(struct kunit *test)
{
	tcpt_capture_run(test, test->param_value);
}

static void analysis_spurious(struct kunit *test)
{
	tcpt_capture_run(test, test->param_value);
}

static void analysis_fast(struct kunit *test)
{
	tcpt_capture_run(test, test->param_value);
}

static struct kunit_case rexmit_cases[] = {
	KUNIT_CASE_PARAM(analysis_lost, lost_gen_params),
	KUNIT_CASE_PARAM(analysis_rexmit, rexmit_gen_params),
	KUNIT_CASE_PARAM(analysis_out_of_order, order_gen_params),
	KUNIT_CASE_PARAM(analysis_spurious, spurious_gen_params),
	KUNIT_CASE_PARAM(analysis_fast, fast_gen_params),
	{}
};

static struct kunit_suite rexmit_suite = {
	.name = "tcptrace_analysis_rexmit",
	.test_cases = rexmit_cases,
};

kunit_test_suite(rexmit_suite);
