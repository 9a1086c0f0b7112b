// SPDX-License-Identifier: GPL-2.0
/*
 * Oddities of Wireshark 4.0: a number that is 0 stands for "none", and it
 * remembers 10000 segments without an ACK.
 */
#include "frame.h"

#include <linux/string.h>

/* 1 + 100 is 0, or 1 is: the ISNs that bring it about. */
#define AT_101	(-101)
#define AT_1	(-1)

static const struct capture zero_captures[] = {
	{ "next is 0: no hole", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("after a hole", ORIG, ACK, 201, 1, 100, 0)),
		.isn = { AT_101, 5000 } },
	{ "next is 1: a hole", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 101, 0),
		FRAME("after a hole", ORIG, ACK, 201, 1, 100, LOST)),
		.isn = { AT_101, 5000 } },
	{ "next is 0: nothing is sent again", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("again", ORIG, ACK, 1, 1, 100, 0)),
		.isn = { AT_101, 5000 } },
	{ "next is 0: it goes back", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("half of it", ORIG, ACK, 1, 1, 50, 0),
		FRAME("what follows", ORIG, ACK, 101, 1, 100, LOST)),
		.isn = { AT_101, 5000 } },
	{ "next is 0: no ACK is too high", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("ACK", RESP, ACK, 1, 201, 0, 0)),
		.isn = { AT_101, 5000 } },
	{ "next is 0: a keep-alive is one", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 100, 0),
		FRAME("keep-alive", ORIG, ACK, 100, 1, 1, ALIVE)),
		.isn = { AT_101, 5000 } },
	{ "the ACK is 0: nothing is spurious", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 200, 0),
		FRAME("ACK", RESP, ACK, 1, 101, 0, 0),
		FRAME("again", ORIG, ACK, 1, 1, 100, OOO)),
		.isn = { AT_101, 5000 } },
	{ "the ACK is 1: it is spurious", FRAMES(HELLO,
		FRAME("data", ORIG, ACK, 1, 1, 200, 0),
		FRAME("ACK", RESP, ACK, 1, 102, 0, 0),
		FRAME("again", ORIG, ACK, 1, 1, 100, SPURIOUS)),
		.isn = { AT_101, 5000 } },
	{ "the first of all, before 0, is a keep-alive", FRAMES(BARE,
		FRAME("ACK", ORIG, ACK, 100, 1, 0, ALIVE)),
		.isn = { AT_101, 5000 } },
	{ "the first of all, at 0, is a probe", FRAMES(BARE,
		FRAME("shut", RESP, ACK, 1, 1, 0, ZWIN, .win = NO_WINDOW),
		FRAME("byte", ORIG, ACK, 1, 1, 1, PROBE)),
		.isn = { AT_1, 5000 } },
	{ "the first of all, at 0 and of 0, updates", FRAMES(BARE,
		FRAME("ACK", ORIG, ACK, 1, 1, 0, UPDATE)),
		.isn = { AT_1, AT_1 } },
	{ "the same with its ACK at 1", FRAMES(BARE,
		FRAME("ACK", ORIG, ACK, 1, 2, 0, 0)),
		.isn = { AT_1, AT_1 } },
};

static const struct frame hello[] = {
	FRAME("SYN", ORIG, SYN, 0, 0, 0, 0),
	FRAME("SYN,ACK", RESP, SYNACK, 0, 1, 0, 0, .win = 65535),
	FRAME("ACK", ORIG, ACK, 1, 1, 0, 0),
	{}
};

/**
 * struct limit_row - so many segments, and then a FIN
 * @name: what it is about
 * @bytes: one in each segment
 * @lag: an ACK follows each of them, of all but so many; 0: none does
 * @acked: one ACK at the end, of so many; 0: there is none
 * @found: what is said of the ACK of the FIN
 */
struct limit_row {
	const char *name;
	u32 bytes;
	u32 lag;
	u32 acked;
	u16 found;
};

static const struct limit_row limit_rows[] = {
	{ "9999: the FIN has a number", 9999, 0, 0, 0 },
	{ "10000: it has none, its ACK is too high", 10000, 0, 0, UNSEEN },
	{ "10000, all acknowledged", 10000, 0, 10000, 0 },
	{ "12000, all but the last acknowledged in time", 12000, 1, 0, 0 },
	{ "20000, all but the last 4000", 20000, 4000, 0, 0 },
};

static void limit_desc(const struct limit_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

static void play_bytes(struct projector *p, const struct limit_row *row)
{
	struct frame byte = FRAME("byte", ORIG, ACK, 0, 1, 1, 0);
	struct frame ack = FRAME("ACK", RESP, ACK, 1, 0, 0, 0, .win = 65535);
	u32 i;

	for (i = 1; i <= row->bytes; i++) {
		byte.seq = i;
		tcpt_frame_play(p, &byte);
		if (!row->lag || i <= row->lag)
			continue;
		ack.ack = i + 1 - row->lag;
		tcpt_frame_play(p, &ack);
	}
	if (!row->acked)
		return;
	ack.ack = 1 + row->acked;
	tcpt_frame_play(p, &ack);
}

static void analysis_unacked(struct kunit *test)
{
	const struct limit_row *row = test->param_value;
	struct frame fin = FRAME("FIN", ORIG, FIN, row->bytes + 1, 1, 0, 0);
	struct frame ack = FRAME("ACK of the FIN", RESP, ACK, 1,
				 row->bytes + 2, 0, row->found, .win = 65535);
	const struct frame *f;
	struct projector p;

	tcpt_frame_begin(&p, test, row->name);
	for (f = hello; f->what; f++)
		tcpt_frame_play(&p, f);
	play_bytes(&p, row);
	tcpt_frame_play(&p, &fin);
	tcpt_frame_play(&p, &ack);
}

KUNIT_ARRAY_PARAM(zero, zero_captures, tcpt_capture_desc);
KUNIT_ARRAY_PARAM(limit, limit_rows, limit_desc);

static void analysis_zero(struct kunit *test)
{
	tcpt_capture_run(test, test->param_value);
}

static struct kunit_case limit_cases[] = {
	KUNIT_CASE_PARAM(analysis_zero, zero_gen_params),
	KUNIT_CASE_PARAM(analysis_unacked, limit_gen_params),
	{}
};

static struct kunit_suite limit_suite = {
	.name = "tcptrace_analysis_limit",
	.test_cases = limit_cases,
};

kunit_test_suite(limit_suite);
