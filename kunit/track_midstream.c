// SPDX-License-Identifier: GPL-2.0
/*
 * Test connections whose beginning was not seen, and segments that do not open
 * a connection.
 */
#include <linux/string.h>

#include "script.h"

#define MIDSTREAM	(TCPT_MARK_MIDSTREAM | TCPT_MARK_GUESSED)

static const struct line data_first[] = {
	LINE("data", ORIG, ACK, 700, 900, 100, ESTAB, ESTAB, OK,
	     WHY2(MIDSTREAM, MIDSTREAM)),
	LINE("ACK", RESP, ACK, 900, 800, 0, ESTAB, ESTAB, OK,
	     .events = EV_CONFIRMED),
	LINE("data again", ORIG, ACK, 700, 900, 100, ESTAB, ESTAB, OK),
	LINE("FIN", RESP, FIN, 900, 800, 0, CLOSE_WAIT, FIN_WAIT_1, OK),
	LINE("FIN and ACK", ORIG, FIN, 800, 901, 0, LAST_ACK, TIME_WAIT, OK),
	LINE("ACK", RESP, ACK, 901, 801, 0, CLOSED, TIME_WAIT, OK,
	     .events = EV_CLOSED),
	{}
};

static const struct line ack_first[] = {
	LINE("ACK of data that was not seen", RESP, ACK, 900, 800, 0, ESTAB,
	     ESTAB, OK, WHY2(MIDSTREAM, MIDSTREAM)),
	LINE("data", RESP, ACK, 900, 800, 50, ESTAB, ESTAB, OK),
	LINE("data back", ORIG, ACK, 800, 950, 10, ESTAB, ESTAB, OK,
	     .events = EV_CONFIRMED),
	{}
};

static const struct line synack_first[] = {
	LINE("SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED, OK,
	     WHY3(SYN_IMPLIED, PASSIVE_OPEN, SYNACK_RECEIVED)),
	LINE("SYN,ACK again", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED, OK),
	LINE("ACK", ORIG, ACK, 1, 1, 0, ESTAB, ESTAB, OK, .events = EV_OPEN),
	{}
};

static const struct line one_way_acks[] = {
	LINE("ACK", ORIG, ACK, 10, 1000, 0, ESTAB, ESTAB, OK),
	LINE("ACK", ORIG, ACK, 10, 500000, 0, ESTAB, ESTAB, OK),
	LINE("ACK", ORIG, ACK, 10, 40000000, 0, ESTAB, ESTAB, OK),
	LINE("FIN of the same direction", ORIG, FIN, 10, 40000000, 0,
	     FIN_WAIT_1, CLOSE_WAIT, OK),
	LINE("ACK of all", ORIG, ACK, 11, 40000001, 0, FIN_WAIT_1, CLOSE_WAIT,
	     OK),
	{}
};

static const struct line one_way_data[] = {
	LINE("data", RESP, ACK, 5000, 10, 1000, ESTAB, ESTAB, OK),
	LINE("data", RESP, ACK, 6000, 10, 1000, ESTAB, ESTAB, OK),
	LINE("data after a gap", RESP, ACK, 8000, 10, 1000, ESTAB, ESTAB, OK),
	LINE("data again", RESP, ACK, 6500, 10, 1000, ESTAB, ESTAB, OK),
	LINE("RST", RESP, RST, 9000, 0, 0, CLOSED, CLOSED, OK,
	     .events = EV_CLOSED),
	{}
};

/*
 * A keep-alive without data has the sequence number of the last byte that was
 * sent.
 */
static const struct line keep_alive_first[] = {
	LINE("keep-alive", ORIG, ACK, 700, 900, 0, ESTAB, ESTAB, OK),
	LINE("keep-alive again", ORIG, ACK, 700, 900, 0, ESTAB, ESTAB, OK),
	LINE("data", ORIG, ACK, 701, 900, 10, ESTAB, ESTAB, OK),
	LINE("ACK", RESP, ACK, 900, 711, 0, ESTAB, ESTAB, OK,
	     .events = EV_CONFIRMED),
	{}
};

static const struct line keep_alive_unanswered[] = {
	LINE("keep-alive", ORIG, ACK, 700, 900, 0, ESTAB, ESTAB, OK),
	LINE("keep-alive again", ORIG, ACK, 700, 900, 0, ESTAB, ESTAB, OK),
	LINE("RST", ORIG, RST, 701, 0, 0, CLOSED, CLOSED, OK,
	     .events = EV_CLOSED),
	{}
};

static const struct line reset_midstream[] = {
	LINE("data", ORIG, ACK, 700, 900, 100, ESTAB, ESTAB, OK),
	LINE("RST with another sequence number", RESP, RST, 5, 0, 0, ESTAB, ESTAB,
	     RST_OUTSIDE),
	LINE("RST with the acknowledged sequence number", RESP, RST, 900, 0, 0, CLOSED,
	     CLOSED, OK, .events = EV_CLOSED),
	{}
};

/*
 * The window scale is unknown. A segment that would be acceptable with some
 * scale must not be classified as outside the window.
 */
static const struct line scale_unknown[] = {
	LINE("ACK", ORIG, ACK, 10, 1000, 0, ESTAB, ESTAB, OK, .s.window = 500),
	LINE("data far into a scaled window", RESP, ACK, 4000000, 10, 1000,
	     ESTAB, ESTAB, OK, .events = EV_CONFIRMED),
	{}
};

static const struct line syn_midstream[] = {
	LINE("data", ORIG, ACK, 700, 900, 100, ESTAB, ESTAB, OK),
	LINE("SYN", ORIG, SYN, 90000, 0, 0, ESTAB, ESTAB, SYN_CHALLENGE),
	LINE("SYN back", RESP, SYN, 90000, 0, 0, ESTAB, ESTAB, SYN_CHALLENGE),
	{}
};

static const struct line self_midstream[] = {
	LINE("data", ORIG, ACK, 10, 10, 100, ESTAB, CLOSED, OK,
	     WHY1(MIDSTREAM), .events = EV_CONFIRMED),
	LINE("ACK", ORIG, ACK, 110, 110, 0, ESTAB, CLOSED, OK),
	LINE("FIN", ORIG, FIN, 110, 110, 0, CLOSING, CLOSED, OK),
	LINE("ACK of the FIN", ORIG, ACK, 111, 111, 0, TIME_WAIT, CLOSED, OK,
	     .events = EV_CLOSED),
	{}
};

static const struct script midstream_scripts[] = {
	{ "data first", data_first, .marks = MIDSTREAM, .by = RESP,
	  .close = TCPTRACE_CLOSE_FIN,
	  .totals = { { 3, 3, 200, 100, 1 }, { 3, 3, 0, 0, 0 } } },
	{ "the first segment is an ACK of the responder", ack_first, .marks = MIDSTREAM,
	  .by = TCPT_NOBODY,
	  .totals = { { 1, 1, 10, 0, 0 }, { 2, 2, 50, 0, 0 } } },
	{ "SYN,ACK first", synack_first, .marks = TCPT_MARK_MIDSTREAM,
	  .by = TCPT_NOBODY,
	  .totals = { { 1, 1, 0, 0, 0, 0, 0 }, { 2, 2, 0, 0, 0, 0, 2 } } },
	{ "one direction only, ACKs", one_way_acks, .marks = MIDSTREAM,
	  .by = ORIG },
	{ "one direction only, data", one_way_data, .marks = MIDSTREAM,
	  .by = RESP, .close = TCPTRACE_CLOSE_RESET },
	{ "a keep-alive, then data", keep_alive_first, .marks = MIDSTREAM,
	  .by = TCPT_NOBODY,
	  .totals = { { 3, 3, 10, 0, 0, 0, 0 }, { 1, 1, 0, 0, 0, 0, 0 } } },
	{ "a keep-alive, then a RST", keep_alive_unanswered,
	  .marks = MIDSTREAM, .by = ORIG, .close = TCPTRACE_CLOSE_RESET },
	{ "RST", reset_midstream, .marks = MIDSTREAM, .by = RESP,
	  .close = TCPTRACE_CLOSE_RESET },
	{ "the window scale is unknown", scale_unknown, .marks = MIDSTREAM,
	  .by = TCPT_NOBODY },
	{ "SYN", syn_midstream, .marks = MIDSTREAM, .by = TCPT_NOBODY },
	{ "self-connect", self_midstream, .marks = MIDSTREAM, .self = true,
	  .by = ORIG, .close = TCPTRACE_CLOSE_FIN },
};

KUNIT_ARRAY_PARAM(midstream, midstream_scripts, tcpt_script_desc);

static void track_midstream(struct kunit *test)
{
	tcpt_script_run(test, test->param_value);
}

struct first_row {
	const char *name;
	u16 flags;
	u16 sport;
	u16 dport;
	enum tcpt_open open;
	bool originator;	/* sent by the originator */
};

static const struct first_row first_rows[] = {
	{ "SYN", SYN, 80, 80, TCPT_OPEN_SYN, true },
	{ "SYN from the lower port", SYN, 20, 40000, TCPT_OPEN_SYN, true },
	{ "SYN, ECN", SYN | TCPTRACE_ECE | TCPTRACE_CWR, 9, 9, TCPT_OPEN_SYN,
	  true },
	{ "SYN, PSH, URG", SYN | TCPTRACE_PSH | TCPTRACE_URG, 9, 9,
	  TCPT_OPEN_SYN, true },
	{ "SYN,ACK", SYNACK, 80, 40000, TCPT_OPEN_SYNACK, false },
	{ "SYN,ACK from the higher port", SYNACK, 40000, 20, TCPT_OPEN_SYNACK,
	  false },
	{ "ACK from the higher port", ACK, 40000, 80, TCPT_OPEN_MIDSTREAM,
	  true },
	{ "ACK from the lower port", ACK, 80, 40000, TCPT_OPEN_MIDSTREAM,
	  false },
	{ "ACK between equal ports", ACK, 179, 179, TCPT_OPEN_MIDSTREAM, true },
	{ "PSH,ACK", ACK | TCPTRACE_PSH, 40000, 80, TCPT_OPEN_MIDSTREAM,
	  true },
	{ "lone RST", RST, 40000, 80, TCPT_OPEN_MIDSTREAM, true },
	{ "lone RST,ACK", RSTACK, 80, 40000, TCPT_OPEN_MIDSTREAM, false },
	{ "RST,FIN,ACK", RSTACK | FIN, 80, 40000, TCPT_OPEN_MIDSTREAM,
	  false },
	{ "lone FIN,ACK", FIN, 40000, 80, TCPT_OPEN_MIDSTREAM, true },
	{ "lone FIN,PSH,ACK", FIN | TCPTRACE_PSH, 40000, 80,
	  TCPT_OPEN_MIDSTREAM, true },
	{ "no flag", 0, 40000, 80, TCPT_OPEN_BAD_FLAGS },
	{ "FIN without ACK", TCPTRACE_FIN, 40000, 80, TCPT_OPEN_BAD_FLAGS },
	{ "PSH alone", TCPTRACE_PSH, 40000, 80, TCPT_OPEN_BAD_FLAGS },
	{ "URG alone", TCPTRACE_URG, 40000, 80, TCPT_OPEN_BAD_FLAGS },
	{ "ECN bits alone", TCPTRACE_ECE | TCPTRACE_CWR | TCPTRACE_AE, 40000,
	  80, TCPT_OPEN_BAD_FLAGS },
	{ "SYN,FIN", TCPTRACE_SYN | TCPTRACE_FIN, 40000, 80,
	  TCPT_OPEN_BAD_FLAGS },
	{ "SYN,FIN,ACK", SYNACK | FIN, 40000, 80, TCPT_OPEN_BAD_FLAGS },
	{ "SYN,RST", SYN | RST, 40000, 80, TCPT_OPEN_BAD_FLAGS },
	{ "SYN,RST,ACK", SYNACK | RST, 40000, 80, TCPT_OPEN_BAD_FLAGS },
	{ "all flags", 0x1ff, 40000, 80, TCPT_OPEN_BAD_FLAGS },
	{ "FIN,PSH,URG", TCPTRACE_FIN | TCPTRACE_PSH | TCPTRACE_URG, 40000, 80,
	  TCPT_OPEN_BAD_FLAGS },
};

static void first_desc(const struct first_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(first, first_rows, first_desc);

/* Check whether a segment opens a connection, and which end has sent it. */
static void track_first(struct kunit *test)
{
	const struct first_row *row = test->param_value;
	const struct tcpt_segment seg = {
		.flags = row->flags,
		.sport = row->sport,
		.dport = row->dport,
	};

	KUNIT_EXPECT_EQ(test, (int)tcpt_open_admit(&seg), (int)row->open);
	if (row->open <= TCPT_OPEN_MIDSTREAM)
		KUNIT_EXPECT_EQ(test, tcpt_open_by_originator(&seg),
				row->originator);
}

static const u16 bad_flags[] = {
	0, TCPTRACE_FIN, TCPTRACE_PSH, TCPTRACE_SYN | TCPTRACE_FIN,
	SYNACK | FIN, SYN | RST, SYNACK | RST, 0x1ff,
	TCPTRACE_FIN | TCPTRACE_PSH | TCPTRACE_URG, TCPTRACE_URG,
};

/*
 * In a connection, segments with bad flags are counted and their flags are
 * noted, but they change no state and no sequence number.
 */
static void track_bad_flags(struct kunit *test)
{
	static const struct line open[] = { HANDSHAKE, {} };
	struct line l = { .s = { .seq = 1, .ack = 1, .len = 7 } };
	struct script script = { .line = open };
	struct stage *s = tcpt_script_stage(test);
	const struct tcpt_track *before = &s->before;
	struct tcpt_segment seg;
	struct tcpt_result res;
	unsigned int i;

	tcpt_script_begin(s, test, &script, 0);
	for (; s->line->what; s->line++)
		tcpt_script_play(s);
	for (i = 0; i < ARRAY_SIZE(bad_flags); i++) {
		s->before = s->t;
		l.s.flags = bad_flags[i];
		tcpt_spec_segment(&seg, &l.s, s->isn, ORIG);
		tcpt_track_segment(&s->t, ORIG, &seg, s->now, &res);
		KUNIT_EXPECT_EQ_MSG(test, res.class, TCPT_CLASS_BAD_FLAGS,
				    "flags %#x", l.s.flags);
		KUNIT_EXPECT_EQ(test, res.steps, 0);
		KUNIT_EXPECT_EQ(test, s->t.end[0].packets,
				before->end[0].packets + 1);
		KUNIT_EXPECT_EQ(test, s->t.end[0].flags,
				before->end[0].flags | l.s.flags);
		KUNIT_EXPECT_EQ(test, s->t.end[0].nxt, before->end[0].nxt);
		KUNIT_EXPECT_EQ(test, s->t.end[0].valid, before->end[0].valid);
		KUNIT_EXPECT_EQ(test, s->t.end[0].syns, before->end[0].syns);
		KUNIT_EXPECT_EQ(test, memcmp(&s->t.end[1], &before->end[1],
					     sizeof(before->end[1])), 0);
	}
}

static struct kunit_case midstream_cases[] = {
	KUNIT_CASE_PARAM(track_midstream, midstream_gen_params),
	KUNIT_CASE_PARAM(track_first, first_gen_params),
	KUNIT_CASE(track_bad_flags),
	{}
};

static struct kunit_suite midstream_suite = {
	.name = "tcptrace_track_midstream",
	.test_cases = midstream_cases,
};

kunit_test_suite(midstream_suite);
