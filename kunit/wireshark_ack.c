// SPDX-License-Identifier: GPL-2.0
/* What says the same once more; Wireshark's rules 4, 5, 7, 9 and 10. */
#include "frame.h"

static const struct capture dup_captures[] = {
	{ "they are numbered", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("ACK", RESP, ACK, 1, 101, 0, 0),
		FRAME("duplicate", RESP, ACK, 1, 101, 0, DUP, 1),
		FRAME("duplicate", RESP, ACK, 1, 101, 0, DUP, 2),
		FRAME("duplicate", RESP, ACK, 1, 101, 0, DUP, 3)) },
	{ "another ACK begins anew", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 200, 0),
		FRAME("ACK", RESP, ACK, 1, 101, 0, 0),
		FRAME("duplicate", RESP, ACK, 1, 101, 0, DUP, 1),
		FRAME("ACK", RESP, ACK, 1, 201, 0, 0),
		FRAME("duplicate", RESP, ACK, 1, 201, 0, DUP, 1)) },
	{ "an older ACK does, too", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 200, 0),
		FRAME("ACK", RESP, ACK, 1, 201, 0, 0),
		FRAME("duplicate", RESP, ACK, 1, 201, 0, DUP, 1),
		FRAME("late ACK", RESP, ACK, 1, 101, 0, 0),
		FRAME("ACK", RESP, ACK, 1, 201, 0, 0),
		FRAME("duplicate", RESP, ACK, 1, 201, 0, DUP, 1)) },
	{ "data with the same ACK does not", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 200, 0),
		FRAME("ACK", RESP, ACK, 1, 101, 0, 0),
		FRAME("duplicate", RESP, ACK, 1, 101, 0, DUP, 1),
		FRAME("data", RESP, ACK, 1, 101, 10, 0),
		FRAME("duplicate", RESP, ACK, 11, 101, 0, DUP, 2)) },
	{ "after a SYN,ACK", FRAMES(HELLO,
		FRAME("ACK", RESP, ACK, 1, 1, 0, DUP, 1)) },
	{ "nothing need be in flight", FRAMES(HELLO,
		FRAME("ACK", ORIG, ACK, 1, 1, 0, DUP, 1)) },
	{ "with payload it is none", FRAMES(HELLO,
		FRAME("data", RESP, ACK, 1, 1, 1, 0)) },
	{ "with a FIN it is none", FRAMES(HELLO,
		FRAME("FIN", RESP, FIN, 1, 1, 0, 0)) },
	{ "with a RST it is none", FRAMES(HELLO,
		FRAME("RST", RESP, RSTACK, 1, 1, 0, 0)) },
	{ "without a window it is none", FRAMES(HELLO,
		FRAME("window shut", RESP, ACK, 1, 1, 0, ZWIN,
		      .win = NO_WINDOW),
		FRAME("again", RESP, ACK, 1, 1, 0, ZWIN, .win = NO_WINDOW)) },
	{ "with an old number it is none", FRAMES(HELLO,
		FRAME("data", RESP, ACK, 1, 1, 100, 0),
		FRAME("old", RESP, ACK, 1, 1, 0, 0)) },
	{ "PSH and URG are of no interest", FRAMES(HELLO,
		FRAME("ACK", RESP, ACK | TCPTRACE_PSH | TCPTRACE_URG, 1, 1, 0,
		      DUP, 1)) },
};

static const struct capture update_captures[] = {
	{ "a larger window", FRAMES(HELLO,
		FRAME("ACK", RESP, ACK, 1, 1, 0, UPDATE, .win = 10001)) },
	{ "a smaller window", FRAMES(HELLO,
		FRAME("ACK", RESP, ACK, 1, 1, 0, UPDATE, .win = 9999)) },
	{ "then the same window is a duplicate", FRAMES(HELLO,
		FRAME("ACK", RESP, ACK, 1, 1, 0, UPDATE, .win = 9999),
		FRAME("ACK", RESP, ACK, 1, 1, 0, DUP, 1, .win = 9999)) },
	{ "a window that opens", FRAMES(HELLO,
		FRAME("shut", RESP, ACK, 1, 1, 0, ZWIN, .win = NO_WINDOW),
		FRAME("open", RESP, ACK, 1, 1, 0, UPDATE)) },
	{ "a window that shuts is none", FRAMES(HELLO,
		FRAME("shut", RESP, ACK, 1, 1, 0, ZWIN, .win = NO_WINDOW)) },
	{ "with another ACK it is none", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("ACK", RESP, ACK, 1, 101, 0, 0, .win = 9999)) },
	{ "with payload it is none", FRAMES(HELLO,
		FRAME("data", RESP, ACK, 1, 1, 1, 0, .win = 9999)) },
	{ "with a FIN it is none", FRAMES(HELLO,
		FRAME("FIN", RESP, FIN, 1, 1, 0, 0, .win = 9999)) },
	{ "with another number it is none", FRAMES(HELLO,
		FRAME("data", RESP, ACK, 1, 1, 100, 0),
		FRAME("old", RESP, ACK, 1, 1, 0, 0, .win = 9999)) },
	{ "a window update keeps the number of duplicates", FRAMES(HELLO,
		FRAME("duplicate", RESP, ACK, 1, 1, 0, DUP, 1),
		FRAME("update", RESP, ACK, 1, 1, 0, UPDATE, .win = 9999),
		FRAME("duplicate", RESP, ACK, 1, 1, 0, DUP, 2, .win = 9999)) },
};

static const struct capture alive_captures[] = {
	{ "without a byte", FRAMES(HELLO,
		FRAME("keep-alive", ORIG, ACK, 0, 1, 0, ALIVE)) },
	{ "with a byte, which is not sent again", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("keep-alive", ORIG, ACK, 100, 1, 1, ALIVE)) },
	{ "nor spurious", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("ACK", RESP, ACK, 1, 101, 0, 0),
		FRAME("keep-alive", ORIG, ACK, 100, 1, 1, ALIVE)) },
	{ "with two bytes it is none", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("two", ORIG, ACK, 100, 1, 2, 0)) },
	{ "two before the next it is none", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("ACK", ORIG, ACK, 99, 1, 0, 0)) },
	{ "a FIN is none", FRAMES(HELLO,
		FRAME("FIN", ORIG, FIN, 0, 1, 0, REXMIT)) },
	{ "a RST is none", FRAMES(HELLO,
		FRAME("RST", ORIG, RSTACK, 0, 1, 0, 0)) },
	{ "the ACK of it is no duplicate", FRAMES(HELLO,
		FRAME("keep-alive", ORIG, ACK, 0, 1, 0, ALIVE),
		FRAME("ACK", RESP, ACK, 1, 1, 0, ALIVEACK),
		FRAME("again", RESP, ACK, 1, 1, 0, ALIVEACK)) },
	{ "something else in between", FRAMES(HELLO,
		FRAME("keep-alive", ORIG, ACK, 0, 1, 0, ALIVE),
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("ACK", RESP, ACK, 1, 1, 0, DUP, 1)) },
	{ "the ACK has another window", FRAMES(HELLO,
		FRAME("keep-alive", ORIG, ACK, 0, 1, 0, ALIVE),
		FRAME("ACK", RESP, ACK, 1, 1, 0, UPDATE, .win = 9999)) },
	{ "the ACK has no window", FRAMES(HELLO,
		FRAME("shut", RESP, ACK, 1, 1, 0, ZWIN, .win = NO_WINDOW),
		FRAME("keep-alive", ORIG, ACK, 0, 1, 0, ALIVE),
		FRAME("ACK", RESP, ACK, 1, 1, 0, ZWIN, .win = NO_WINDOW)) },
	{ "the ACK has payload", FRAMES(HELLO,
		FRAME("keep-alive", ORIG, ACK, 0, 1, 0, ALIVE),
		FRAME("data", RESP, ACK, 1, 1, 1, 0)) },
	{ "it may say that the window is shut", FRAMES(HELLO,
		FRAME("keep-alive", ORIG, ACK, 0, 1, 0, ALIVE | ZWIN,
		      .win = NO_WINDOW)) },
	{ "at both ends", FRAMES(HELLO,
		FRAME("keep-alive", ORIG, ACK, 0, 1, 0, ALIVE),
		FRAME("keep-alive", RESP, ACK, 0, 1, 0, ALIVE),
		FRAME("ACK", ORIG, ACK, 1, 1, 0, ALIVEACK),
		FRAME("late ACK", RESP, ACK, 1, 1, 0, DUP, 1)) },
};

static const struct capture unseen_captures[] = {
	{ "what was seen, to the last byte", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("ACK", RESP, ACK, 1, 101, 0, 0)) },
	{ "a byte more", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("ACK", RESP, ACK, 1, 102, 0, UNSEEN)) },
	{ "once a loss", FRAMES(HELLO,
		FRAME("ACK", RESP, ACK, 1, 101, 0, UNSEEN),
		FRAME("further", RESP, ACK, 1, 201, 0, 0),
		FRAME("further", RESP, ACK, 1, 301, 0, 0)) },
	{ "again, after an ACK of the other end", FRAMES(HELLO,
		FRAME("ACK", RESP, ACK, 1, 101, 0, UNSEEN),
		FRAME("data", RESP, ACK, 1, 101, 10, 0),
		FRAME("ACK of it", ORIG, ACK, 1, 11, 0, 0),
		FRAME("further", RESP, ACK, 11, 201, 0, UNSEEN)) },
	{ "the number of duplicates begins at 1 after it", FRAMES(HELLO,
		FRAME("ACK", RESP, ACK, 1, 101, 0, UNSEEN),
		FRAME("duplicate", ORIG, ACK, 1, 1, 0, DUP, 1),
		FRAME("duplicate", ORIG, ACK, 1, 1, 0, DUP, 2)) },
	{ "what lies behind a hole, and once", FRAMES(HELLO,
		FRAME("after a hole", ORIG, ACK, 101, 1, 100, LOST),
		FRAME("ACK of it", RESP, ACK, 1, 201, 0, UNSEEN),
		FRAME("duplicate", RESP, ACK, 1, 201, 0, DUP, 1)) },
	{ "more than lies behind a hole: twice", FRAMES(HELLO,
		FRAME("after a hole", ORIG, ACK, 101, 1, 100, LOST),
		FRAME("ACK of more", RESP, ACK, 1, 301, 0, UNSEEN),
		FRAME("the same", RESP, ACK, 1, 301, 0, DUP | UNSEEN, 1),
		FRAME("the same", RESP, ACK, 1, 301, 0, DUP, 2)) },
	{ "a hole that was filled", FRAMES(HELLO,
		FRAME("after a hole", ORIG, ACK, 101, 1, 100, LOST),
		FRAME("the hole", ORIG, ACK, 1, 1, 100, OOO),
		FRAME("ACK", RESP, ACK, 1, 201, 0, 0)) },
	{ "a hole that was filled from before it", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("after a hole", ORIG, ACK, 201, 1, 100, LOST),
		FRAME("overlaps", ORIG, ACK, 51, 1, 150, OOO),
		FRAME("ACK", RESP, ACK, 1, 301, 0, UNSEEN)) },
	{ "a RST without ACK says nothing", FRAMES(HELLO,
		FRAME("RST", RESP, RST, 1, 101, 0, 0)) },
	{ "a RST with ACK does", FRAMES(HELLO,
		FRAME("RST", RESP, RSTACK, 1, 101, 0, UNSEEN)) },
	{ "a SYN,ACK does", FRAMES(BARE,
		FRAME("SYN", ORIG, SYN, 0, 0, 0, 0),
		FRAME("SYN,ACK", RESP, SYNACK, 0, 2, 0, UNSEEN)) },
	{ "nothing was seen of the other end", FRAMES(BARE,
		FRAME("ACK", RESP, ACK, 1, 5000, 0, 0),
		FRAME("ACK", RESP, ACK, 1, 6000, 0, 0)) },
	{ "with data of its own", FRAMES(HELLO,
		FRAME("data", RESP, ACK, 1, 101, 10, UNSEEN)) },
};

KUNIT_ARRAY_PARAM(dup, dup_captures, tcpt_capture_desc);
KUNIT_ARRAY_PARAM(update, update_captures, tcpt_capture_desc);
KUNIT_ARRAY_PARAM(alive, alive_captures, tcpt_capture_desc);
KUNIT_ARRAY_PARAM(unseen, unseen_captures, tcpt_capture_desc);

static void analysis_duplicate_ack(struct kunit *test)
{
	tcpt_capture_run(test, test->param_value);
}

static void analysis_window_update(struct kunit *test)
{
	tcpt_capture_run(test, test->param_value);
}

static void analysis_keep_alive(struct kunit *test)
{
	tcpt_capture_run(test, test->param_value);
}

static void analysis_ack_lost(struct kunit *test)
{
	tcpt_capture_run(test, test->param_value);
}

static struct kunit_case ack_cases[] = {
	KUNIT_CASE_PARAM(analysis_duplicate_ack, dup_gen_params),
	KUNIT_CASE_PARAM(analysis_window_update, update_gen_params),
	KUNIT_CASE_PARAM(analysis_keep_alive, alive_gen_params),
	KUNIT_CASE_PARAM(analysis_ack_lost, unseen_gen_params),
	{}
};

static struct kunit_suite ack_suite = {
	.name = "tcptrace_analysis_ack",
	.test_cases = ack_cases,
};

kunit_test_suite(ack_suite);
