// SPDX-License-Identifier: GPL-2.0
/*
 * Test which timeout applies, when it expires, and what happens then.
 */
#include <linux/string.h>

#include "script.h"

#define SEC	1000000000ULL

/*
 * The timeout of an open connection for each pair of states, if both ends were
 * seen. The letters are S (SYN_SENT), R (SYN_RECEIVED), E (ESTABLISHED), H
 * (HALF_CLOSED) and C (CLOSING).
 */
static const char grid[TCPTRACE_STATES][TCPTRACE_STATES + 1] = {
	/*			  CL SS SR ES F1 F2 CW CG LA TW */
	[TCPTRACE_CLOSED]	= "ESRECHHCCE",
	[TCPTRACE_SYN_SENT]	= "SSRSSSSSSS",
	[TCPTRACE_SYN_RECEIVED]	= "RRRRRRRRRR",
	[TCPTRACE_ESTAB]	= "ESRECHHCCE",
	[TCPTRACE_FIN_WAIT_1]	= "CSRCCCCCCC",
	[TCPTRACE_FIN_WAIT_2]	= "HSRHCHHCCH",
	[TCPTRACE_CLOSE_WAIT]	= "HSRHCHHCCH",
	[TCPTRACE_CLOSING]	= "CSRCCCCCCC",
	[TCPTRACE_LAST_ACK]	= "CSRCCCCCCC",
	[TCPTRACE_TIME_WAIT]	= "ESRECHHCCE",
};

static const char letters[TCPT_TIMEOUTS] = {
	[TCPT_TIMEOUT_SYN_SENT]		= 'S',
	[TCPT_TIMEOUT_SYN_RECEIVED]	= 'R',
	[TCPT_TIMEOUT_UNREPLIED]	= 'U',
	[TCPT_TIMEOUT_ESTABLISHED]	= 'E',
	[TCPT_TIMEOUT_HALF_CLOSED]	= 'H',
	[TCPT_TIMEOUT_CLOSING]		= 'C',
	[TCPT_TIMEOUT_TIME_WAIT]	= 'T',
	[TCPT_TIMEOUT_CLOSED]		= 'X',
	[TCPT_TIMEOUT_UNREACHABLE]	= 'N',
};

static char letter_of(u8 orig, u8 resp, u8 marks)
{
	struct tcpt_track t = { .marks = marks };
	enum tcpt_timeout timeout;

	t.end[0].state = orig;
	t.end[1].state = resp;
	timeout = tcpt_timeout_of(&t);
	return timeout < TCPT_TIMEOUTS ? letters[timeout] : '?';
}

static void age_timeout_open(struct kunit *test)
{
	unsigned int i, j;

	for (i = 0; i < TCPTRACE_STATES; i++)
		for (j = 0; j < TCPTRACE_STATES; j++)
			KUNIT_EXPECT_EQ_MSG(test,
					    letter_of(i, j,
						      TCPT_MARK_CONFIRMED),
					    grid[i][j], "states %u %u", i, j);
}

/*
 * If only one end is seen, handshake states have their own timeouts, and all
 * other states use the UNREPLIED timeout.
 */
static void age_timeout_unconfirmed(struct kunit *test)
{
	unsigned int i, j;
	char expect;

	for (i = 0; i < TCPTRACE_STATES; i++) {
		for (j = 0; j < TCPTRACE_STATES; j++) {
			expect = grid[i][j];
			if (expect != 'S' && expect != 'R')
				expect = 'U';
			KUNIT_EXPECT_EQ_MSG(test, letter_of(i, j, 0), expect,
					    "states %u %u", i, j);
		}
	}
}

static void age_timeout_closed(struct kunit *test)
{
	const u8 cl = TCPTRACE_CLOSED, tw = TCPTRACE_TIME_WAIT;
	const u8 marks = TCPT_MARK_CLOSED | TCPT_MARK_CONFIRMED;

	KUNIT_EXPECT_EQ(test, letter_of(cl, cl, marks), 'X');
	KUNIT_EXPECT_EQ(test, letter_of(cl, cl, TCPT_MARK_CLOSED), 'X');
	KUNIT_EXPECT_EQ(test, letter_of(tw, cl, marks), 'T');
	KUNIT_EXPECT_EQ(test, letter_of(cl, tw, marks), 'T');
	KUNIT_EXPECT_EQ(test, letter_of(tw, tw, marks), 'T');
	KUNIT_EXPECT_EQ(test, letter_of(tw, cl, marks | TCPT_MARK_SELF), 'T');
	/* a timeout has closed the connection, but has not changed the states */
	KUNIT_EXPECT_EQ(test, letter_of(TCPTRACE_ESTAB, TCPTRACE_ESTAB, marks),
			'X');
	KUNIT_EXPECT_EQ(test, letter_of(TCPTRACE_SYN_SENT, cl,
					TCPT_MARK_CLOSED), 'X');
}

struct deadline_row {
	const char *name;
	u8 orig;
	u8 resp;
	u8 marks;
	/* the first segment is at 100 s, the last acceptable one at 500 s */
	u64 deadline;
};

#define DEADLINE(what, o, r, m, when) \
	{ what, TCPTRACE_##o, TCPTRACE_##r, m, (when) * SEC }
#define OPEN	TCPT_MARK_CONFIRMED

/* The timeouts are 1 s, 2 s, 4 s, ..., in the order of enum tcpt_timeout. */
static const struct deadline_row deadline_rows[] = {
	DEADLINE("SYN_SENT runs from the first segment", SYN_SENT, CLOSED, 0, 101),
	DEADLINE("SYN_RECEIVED runs from the first segment", ESTAB, SYN_RECEIVED, 0, 102),
	DEADLINE("unreplied", ESTAB, ESTAB, 0, 504),
	DEADLINE("established", ESTAB, ESTAB, OPEN, 508),
	DEADLINE("half-closed", FIN_WAIT_2, CLOSE_WAIT, OPEN, 516),
	DEADLINE("closing", FIN_WAIT_1, CLOSE_WAIT, OPEN, 532),
	DEADLINE("2 MSL", TIME_WAIT, CLOSED, OPEN | TCPT_MARK_CLOSED, 564),
	DEADLINE("closed", CLOSED, CLOSED, OPEN | TCPT_MARK_CLOSED, 628),
};

static void deadline_desc(const struct deadline_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(deadline, deadline_rows, deadline_desc);

static void age_deadline(struct kunit *test)
{
	const struct deadline_row *row = test->param_value;
	struct tcpt_track t = {
		.marks = row->marks,
		.first = 100 * SEC,
		.heard = 500 * SEC,
		.last = 600 * SEC,
	};
	unsigned int seconds[TCPT_TIMEOUTS];
	unsigned int i;

	t.end[0].state = row->orig;
	t.end[1].state = row->resp;
	for (i = 0; i < TCPT_TIMEOUTS; i++)
		seconds[i] = 1U << i;
	KUNIT_EXPECT_EQ(test, tcpt_timeout_deadline(&t, seconds),
			row->deadline);
	/* a timeout of 136 years does not overflow */
	for (i = 0; i < TCPT_TIMEOUTS; i++)
		seconds[i] = 0xffffffff;
	KUNIT_EXPECT_TRUE(test, tcpt_timeout_deadline(&t, seconds) >
			  0xffffffff * SEC);
}

static const struct line unanswered[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	{}
};

static const struct line wrong_answer[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("RST that acknowledges nothing", RESP, RST, 0, 0, 0, SYN_SENT,
	     CLOSED, RST_OUTSIDE),
	{}
};

static const struct line half_open[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED, OK),
	{}
};

static const struct line established[] = { HANDSHAKE, {} };

static const struct line one_way[] = {
	LINE("ACK", ORIG, ACK, 10, 20, 0, ESTAB, ESTAB, OK),
	{}
};

static const struct line self_syn[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_RECEIVED, CLOSED, OK),
	{}
};

static const struct line time_wait[] = {
	HANDSHAKE,
	LINE("FIN", ORIG, FIN, 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, OK),
	LINE("FIN and ACK", RESP, FIN, 1, 2, 0, TIME_WAIT, LAST_ACK, OK),
	LINE("ACK", ORIG, ACK, 2, 2, 0, TIME_WAIT, CLOSED, OK,
	     .events = EV_CLOSED),
	{}
};

static const struct line two_time_waits[] = {
	HANDSHAKE,
	LINE("FIN", ORIG, FIN, 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, OK),
	LINE("FIN crossing", RESP, FIN, 1, 1, 0, CLOSING, CLOSING, OK),
	LINE("ACK", RESP, ACK, 2, 2, 0, TIME_WAIT, CLOSING, OK),
	LINE("ACK", ORIG, ACK, 2, 2, 0, TIME_WAIT, TIME_WAIT, OK,
	     .events = EV_CLOSED),
	{}
};

static const struct line last_ack[] = {
	HANDSHAKE,
	LINE("FIN", ORIG, FIN, 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, OK),
	LINE("FIN and ACK", RESP, FIN, 1, 2, 0, TIME_WAIT, LAST_ACK, OK),
	{}
};

static const struct line ghost[] = {
	HANDSHAKE,
	LINE("RST", RESP, RST, 1, 0, 0, CLOSED, CLOSED, OK,
	     .events = EV_CLOSED),
	{}
};

/**
 * struct expire_row - a connection that times out
 * @name: description of the connection
 * @line: segments of the connection
 * @self: both ends are one socket
 * @reason: expected enum tcptrace_close_reason
 * @steps: expected number of transitions that the timeout causes
 * @closed: the timeout closes the connection, which was open before
 */
struct expire_row {
	const char *name;
	const struct line *line;
	bool self;
	u8 reason;
	u8 steps;
	bool closed;
};

static const struct expire_row expire_rows[] = {
	{ "SYN", unanswered, false, TCPTRACE_CLOSE_UNANSWERED, 0, true },
	{ "SYN with an invalid answer", wrong_answer, false, TCPTRACE_CLOSE_TIMEOUT,
	  0, true },
	{ "SYN,ACK", half_open, false, TCPTRACE_CLOSE_TIMEOUT, 0, true },
	{ "established", established, false, TCPTRACE_CLOSE_TIMEOUT, 0, true },
	{ "midstream, one direction", one_way, false, TCPTRACE_CLOSE_ONE_WAY, 0,
	  true },
	{ "a SYN of a self-connect",
	  self_syn, true, TCPTRACE_CLOSE_TIMEOUT, 0, true },
	{ "2 MSL", time_wait, false, TCPTRACE_CLOSE_FIN, 1, false },
	{ "2 MSL of both ends", two_time_waits, false, TCPTRACE_CLOSE_FIN, 2,
	  false },
	{ "the last ACK was never seen", last_ack, false, TCPTRACE_CLOSE_TIMEOUT, 1,
	  true },
	{ "closed by a RST", ghost, false, TCPTRACE_CLOSE_RESET, 0, false },
};

static void expire_desc(const struct expire_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(expire, expire_rows, expire_desc);

static void play(struct stage *s, struct kunit *test, struct script *script,
		 const struct expire_row *row)
{
	script->line = row->line;
	script->self = row->self;
	tcpt_script_begin(s, test, script, 0);
	for (; s->line->what; s->line++)
		tcpt_script_play(s);
}

static void age_expire(struct kunit *test)
{
	const struct expire_row *row = test->param_value;
	struct stage *s = tcpt_script_stage(test);
	struct script script = { };
	struct tcpt_result res;
	unsigned int i;

	play(s, test, &script, row);
	s->before = s->t;
	memset(&res, 0xff, sizeof(res));
	tcpt_timeout_expire(&s->t, &res);
	KUNIT_EXPECT_EQ(test, res.closed, row->closed);
	KUNIT_EXPECT_EQ(test, s->t.close_reason, row->reason);
	KUNIT_EXPECT_TRUE(test, s->t.marks & TCPT_MARK_CLOSED);
	KUNIT_EXPECT_EQ(test, s->t.by, s->before.by);
	KUNIT_ASSERT_EQ(test, res.steps, row->steps);
	KUNIT_EXPECT_EQ(test, s->t.transitions,
			s->before.transitions + row->steps);
	for (i = 0; i < row->steps; i++) {
		KUNIT_EXPECT_EQ(test, res.step[i].from, TCPTRACE_TIME_WAIT);
		KUNIT_EXPECT_EQ(test, res.step[i].to, TCPTRACE_CLOSED);
		KUNIT_EXPECT_EQ(test, res.step[i].reason, TCPTRACE_REASON_2MSL);
		KUNIT_EXPECT_EQ(test, s->t.end[res.step[i].end].state,
				TCPTRACE_CLOSED);
	}
	KUNIT_EXPECT_FALSE(test,
			   res.established || res.confirmed || res.reopen);
	KUNIT_EXPECT_EQ(test, res.class, 0);
}

/* If a connection is closed twice, it keeps the first reason. */
static void age_end(struct kunit *test)
{
	const struct expire_row *row = test->param_value;
	struct stage *s = tcpt_script_stage(test);
	struct script script = { };
	struct tcpt_result res;

	play(s, test, &script, row);
	s->before = s->t;
	memset(&res, 0xff, sizeof(res));
	tcpt_timeout_close(&s->t, TCPTRACE_CLOSE_EVICTED, &res);
	KUNIT_EXPECT_EQ(test, res.closed, row->closed);
	KUNIT_EXPECT_EQ(test, res.steps, 0);
	KUNIT_EXPECT_EQ(test, s->t.close_reason, row->closed ?
			TCPTRACE_CLOSE_EVICTED : s->before.close_reason);
	KUNIT_EXPECT_EQ(test, s->t.end[0].state, s->before.end[0].state);
	KUNIT_EXPECT_EQ(test, s->t.end[1].state, s->before.end[1].state);
	tcpt_timeout_close(&s->t, TCPTRACE_CLOSE_SHUTDOWN, &res);
	KUNIT_EXPECT_FALSE(test, res.closed);
	KUNIT_EXPECT_NE(test, s->t.close_reason, TCPTRACE_CLOSE_SHUTDOWN);
}

static struct kunit_case age_cases[] = {
	KUNIT_CASE(age_timeout_open),
	KUNIT_CASE(age_timeout_unconfirmed),
	KUNIT_CASE(age_timeout_closed),
	KUNIT_CASE_PARAM(age_deadline, deadline_gen_params),
	KUNIT_CASE_PARAM(age_expire, expire_gen_params),
	KUNIT_CASE_PARAM(age_end, expire_gen_params),
	{}
};

static struct kunit_suite age_suite = {
	.name = "tcptrace_timeout",
	.test_cases = age_cases,
};

kunit_test_suite(age_suite);
