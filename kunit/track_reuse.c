// SPDX-License-Identifier: GPL-2.0
/* Test new connections between the same addresses and ports. */
#include "script.h"

static const struct line closing[] = {
	LINE("FIN", ORIG, FIN, 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, OK),
	LINE("FIN and ACK", RESP, FIN, 1, 2, 0, TIME_WAIT, LAST_ACK, OK),
	LINE("ACK", ORIG, ACK, 2, 2, 0, TIME_WAIT, CLOSED, OK,
	     .events = EV_CLOSED),
	{}
};

static const struct line from_time_wait[] = {
	HANDSHAKE,
	LINES(closing),
	LINE("another SYN", ORIG, SYN, 90000, 0, 0, SYN_SENT, CLOSED, OK,
	     WHY1(ACTIVE_OPEN), .events = EV_REOPEN),
	LINE("SYN,ACK", RESP, SYNACK, 70000, 90001, 0, ESTAB, SYN_RECEIVED,
	     OK),
	LINE("ACK", ORIG, ACK, 90001, 70001, 0, ESTAB, ESTAB, OK,
	     .events = EV_OPEN),
	LINE("segments of the old connection", RESP, ACK, 2, 2, 0, ESTAB, ESTAB,
	     UNSEEN_ACK),
	{}
};

/* The server was the first to close, so it is in TIME-WAIT. */
static const struct line peer_in_time_wait[] = {
	HANDSHAKE,
	LINE("FIN", RESP, FIN, 1, 1, 0, CLOSE_WAIT, FIN_WAIT_1, OK),
	LINE("FIN and ACK", ORIG, FIN, 1, 2, 0, LAST_ACK, TIME_WAIT, OK),
	LINE("ACK", RESP, ACK, 2, 2, 0, CLOSED, TIME_WAIT, OK,
	     .events = EV_CLOSED),
	LINE("another SYN", ORIG, SYN, 90000, 0, 0, SYN_SENT, CLOSED, OK,
	     .events = EV_REOPEN),
	{}
};

static const struct line from_the_other_end[] = {
	HANDSHAKE,
	LINES(closing),
	LINE("SYN of the responder", RESP, SYN, 90000, 0, 0, SYN_SENT, CLOSED,
	     OK, .events = EV_REOPEN),
	LINE("SYN,ACK, the ends are swapped", RESP, SYNACK, 70000, 90001, 0,
	     ESTAB, SYN_RECEIVED, OK),
	LINE("ACK", ORIG, ACK, 90001, 70001, 0, ESTAB, ESTAB, OK,
	     .events = EV_OPEN),
	{}
};

static const struct line after_reset[] = {
	HANDSHAKE,
	LINE("RST", ORIG, RST, 1, 0, 0, CLOSED, CLOSED, OK,
	     .events = EV_CLOSED),
	LINE("another SYN", ORIG, SYN, 90000, 0, 0, SYN_SENT, CLOSED, OK,
	     .events = EV_REOPEN),
	{}
};

static const struct line after_refusal[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("RST", RESP, RSTACK, 0, 1, 0, CLOSED, CLOSED, OK,
	     .events = EV_CLOSED),
	LINE("another SYN", ORIG, SYN, 64000, 0, 0, SYN_SENT, CLOSED, OK,
	     .events = EV_REOPEN),
	LINE("RST again", RESP, RSTACK, 0, 64001, 0, CLOSED, CLOSED, OK,
	     .events = EV_CLOSED),
	LINE("SYN again", ORIG, SYN, 64000, 0, 0, SYN_SENT, CLOSED, OK,
	     .events = EV_REOPEN),
	{}
};

/* A simple TCP stack uses the same ISN for each connection. */
static const struct line same_isn[] = {
	HANDSHAKE,
	LINE("RST", ORIG, RST, 1, 0, 0, CLOSED, CLOSED, OK,
	     .events = EV_CLOSED),
	LINE("the same SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK,
	     .events = EV_REOPEN),
	LINE("the same SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED,
	     OK),
	LINE("ACK", ORIG, ACK, 1, 1, 0, ESTAB, ESTAB, OK, .events = EV_OPEN),
	{}
};

static const struct line never_answered[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("SYN again", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("another SYN", ORIG, SYN, 64000, 0, 0, SYN_SENT, CLOSED, OK,
	     .events = EV_REOPEN),
	LINE("another SYN, one number higher", ORIG, SYN, 64001, 0, 0, SYN_SENT,
	     CLOSED, OK, .events = EV_REOPEN),
	LINE("another SYN, one number lower", ORIG, SYN, 64000, 0, 0, SYN_SENT,
	     CLOSED, OK, .events = EV_REOPEN),
	{}
};

static const struct line answered[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED, OK),
	LINE("another SYN", ORIG, SYN, 64000, 0, 0, ESTAB, SYN_RECEIVED,
	     SYN_CHALLENGE),
	LINE("ACK", ORIG, ACK, 1, 1, 0, ESTAB, ESTAB, OK, .events = EV_OPEN),
	{}
};

/* RFC 9293 figure 9: after a crash, a host opens the connection again. */
static const struct line crashed[] = {
	HANDSHAKE,
	LINE("another SYN", ORIG, SYN, 64000, 0, 0, ESTAB, ESTAB,
	     SYN_CHALLENGE),
	LINE("challenge ACK", RESP, ACK, 1, 1, 0, ESTAB, ESTAB, OK),
	LINE("RST at that number", ORIG, RST, 1, 0, 0, CLOSED, CLOSED, OK,
	     .events = EV_CLOSED),
	LINE("another SYN again", ORIG, SYN, 64000, 0, 0, SYN_SENT, CLOSED, OK,
	     .events = EV_REOPEN),
	LINE("SYN,ACK", RESP, SYNACK, 70000, 64001, 0, ESTAB, SYN_RECEIVED,
	     OK),
	{}
};

/* The client always uses the same ISN, and the old connection is still open. */
static const struct line over_same_isn[] = {
	HANDSHAKE,
	LINE("data", ORIG, ACK, 1, 1, 10, ESTAB, ESTAB, OK),
	LINE("the same SYN", ORIG, SYN, 0, 0, 0, ESTAB, ESTAB, SYN_CHALLENGE,
	     .s.us = 1000000),
	LINE("the same SYN again", ORIG, SYN, 0, 0, 0, ESTAB, ESTAB,
	     SYN_CHALLENGE, .s.us = 1000000),
	LINE("SYN,ACK with another ISN", RESP, SYNACK, 70000, 1, 0, ESTAB,
	     SYN_RECEIVED, OK, .events = EV_REOPEN),
	LINE("ACK", ORIG, ACK, 1, 70001, 0, ESTAB, ESTAB, OK,
	     .events = EV_OPEN),
	{}
};

/* Late copies of the first SYN and of its SYN,ACK arrive. */
static const struct line late_handshake[] = {
	HANDSHAKE,
	LINE("data", ORIG, ACK, 1, 1, 10, ESTAB, ESTAB, OK),
	LINE("ACK", RESP, ACK, 1, 11, 0, ESTAB, ESTAB, OK),
	LINE("the first SYN", ORIG, SYN, 0, 0, 0, ESTAB, ESTAB, SYN_CHALLENGE),
	LINE("the first SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, ESTAB, OK),
	LINE("RST", RESP, RSTACK, 1, 1, 0, CLOSED, CLOSED, OK,
	     .events = EV_CLOSED),
	{}
};

/* The client always uses the same ISN, and the old connection is closed. */
static const struct line after_close_same_isn[] = {
	HANDSHAKE,
	LINES(closing),
	LINE("the same SYN", ORIG, SYN, 0, 0, 0, TIME_WAIT, CLOSED, LATE),
	LINE("the first SYN,ACK", RESP, SYNACK, 0, 1, 0, TIME_WAIT, CLOSED,
	     LATE),
	LINE("SYN,ACK with another ISN", RESP, SYNACK, 70000, 1, 0, ESTAB,
	     SYN_RECEIVED, OK, .events = EV_REOPEN),
	LINE("ACK", ORIG, ACK, 1, 70001, 0, ESTAB, ESTAB, OK,
	     .events = EV_OPEN),
	{}
};

/* The capture does not contain the SYN of the new connection. */
static const struct line after_close_synack[] = {
	HANDSHAKE,
	LINES(closing),
	LINE("SYN,ACK", RESP, SYNACK, 70000, 90001, 0, ESTAB, SYN_RECEIVED, OK,
	     .events = EV_REOPEN),
	LINE("ACK", ORIG, ACK, 90001, 70001, 0, ESTAB, ESTAB, OK,
	     .events = EV_OPEN),
	{}
};

/* The server has sent a FIN, and has then forgotten the connection. */
static const struct line over_half_closed[] = {
	HANDSHAKE,
	LINE("FIN", RESP, FIN, 1, 1, 0, CLOSE_WAIT, FIN_WAIT_1, OK),
	LINE("ACK", ORIG, ACK, 1, 2, 0, CLOSE_WAIT, FIN_WAIT_2, OK),
	LINE("another SYN", ORIG, SYN, 64000, 0, 0, CLOSE_WAIT, FIN_WAIT_2,
	     SYN_CHALLENGE, .s.us = 1000000),
	LINE("SYN,ACK", RESP, SYNACK, 70000, 64001, 0, ESTAB, SYN_RECEIVED, OK,
	     WHY3(ACTIVE_OPEN, PASSIVE_OPEN, SYNACK_RECEIVED),
	     .events = EV_REOPEN),
	LINE("ACK", ORIG, ACK, 64001, 70001, 0, ESTAB, ESTAB, OK,
	     .events = EV_OPEN),
	{}
};

/*
 * Both ends have forgotten the old connection. The responder of the old
 * connection opens the new connection.
 */
static const struct line over_by_responder[] = {
	HANDSHAKE,
	LINE("SYN back", RESP, SYN, 64000, 0, 0, ESTAB, ESTAB, SYN_CHALLENGE),
	LINE("a SYN,ACK with another acknowledgment number", ORIG, SYNACK, 70000, 64002, 0,
	     ESTAB, ESTAB, UNSEEN_ACK),
	LINE("SYN,ACK", ORIG, SYNACK, 70000, 64001, 0, ESTAB, SYN_RECEIVED, OK,
	     .events = EV_REOPEN),
	{}
};

/* The server has forgotten the old connection, and no socket listens. */
static const struct line over_and_refused[] = {
	HANDSHAKE,
	LINE("another SYN", ORIG, SYN, 64000, 0, 0, ESTAB, ESTAB,
	     SYN_CHALLENGE),
	LINE("RST", RESP, RSTACK, 0, 64001, 0, CLOSED, CLOSED, OK,
	     WHY2(ACTIVE_OPEN, REFUSED), .events = EV_REOPEN | EV_CLOSED),
	{}
};

static const struct line no_new_connection[] = {
	HANDSHAKE,
	LINES(closing),
	LINE("SYN,ACK", RESP, SYNACK, 70000, 1, 0, TIME_WAIT, CLOSED, LATE),
	LINE("SYN,ACK of orig", ORIG, SYNACK, 70000, 1, 0, TIME_WAIT, CLOSED,
	     LATE),
	LINE("the old SYN", ORIG, SYN, 0, 0, 0, TIME_WAIT, CLOSED, LATE),
	LINE("SYN with FIN and ACK", ORIG, SYN | FIN, 70000, 0, 0, TIME_WAIT,
	     CLOSED, LATE),
	LINE("SYN with FIN, without ACK", ORIG, TCPTRACE_SYN | TCPTRACE_FIN,
	     70000, 0, 0, TIME_WAIT, CLOSED, LATE),
	LINE("SYN with RST", ORIG, SYN | RST, 70000, 0, 0, TIME_WAIT, CLOSED,
	     LATE),
	LINE("data", ORIG, ACK, 70000, 1, 10, TIME_WAIT, CLOSED, LATE),
	LINE("a SYN with ECN is a SYN", ORIG, SYN | TCPTRACE_ECE | TCPTRACE_CWR,
	     70000, 0, 0, SYN_SENT, CLOSED, OK, .events = EV_REOPEN),
	{}
};

static const struct line self_again[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_RECEIVED, CLOSED, OK),
	LINE("RST", ORIG, RST, 1, 0, 0, CLOSED, CLOSED, OK,
	     .events = EV_CLOSED),
	LINE("another SYN", ORIG, SYN, 90000, 0, 0, SYN_RECEIVED, CLOSED, OK,
	     .events = EV_REOPEN),
	{}
};

static const struct script reuse_scripts[] = {
	{ "a SYN in TIME-WAIT", from_time_wait, .by = TCPT_NOBODY,
	  .totals = { { 2, 2, 0, 0, 0, 1, 0 }, { 2, 2, 0, 0, 0, 0, 1 } } },
	{ "a SYN during the peer's TIME-WAIT", peer_in_time_wait,
	  .by = TCPT_NOBODY },
	{ "the other end reopens with a SYN", from_the_other_end, .by = TCPT_NOBODY },
	{ "a SYN after a reset", after_reset, .by = TCPT_NOBODY },
	{ "a SYN after a refusal", after_refusal, .by = TCPT_NOBODY },
	{ "a SYN with the previous ISN, after a reset", same_isn,
	  .by = TCPT_NOBODY },
	{ "a SYN with another ISN after an unanswered SYN", never_answered,
	  .by = TCPT_NOBODY },
	{ "a SYN does not reopen if the old SYN was answered", answered, .by = TCPT_NOBODY },
	{ "a SYN after a crash", crashed, .by = TCPT_NOBODY,
	  .totals = { { 2, 2, 0, 0, 0, 2, 0 }, { 1, 1, 0, 0, 0, 0, 1 } } },
	{ "a SYN with the ISN of an open connection",
	  over_same_isn, .by = TCPT_NOBODY,
	  .totals = { { 3, 3, 0, 0, 0, 2, 0 }, { 1, 1, 0, 0, 0, 0, 1 } } },
	{ "a SYN,ACK reopens after both FINs", after_close_synack,
	  .by = TCPT_NOBODY, .marks = TCPT_MARK_MIDSTREAM },
	{ "a late copy of the first handshake does not reopen",
	  late_handshake, .by = RESP,
	  .close = TCPTRACE_CLOSE_RESET,
	  .totals = { { 4, 4, 10, 0, 0, 2, 0 }, { 4, 4, 0, 0, 0, 0, 2 } } },
	{ "a SYN with the previous ISN, after both FINs", after_close_same_isn,
	  .by = TCPT_NOBODY,
	  .totals = { { 2, 2, 0, 0, 0, 1, 0 }, { 1, 1, 0, 0, 0, 0, 1 } } },
	{ "a SYN in a half-closed connection",
	  over_half_closed, .by = TCPT_NOBODY,
	  .totals = { { 2, 2, 0, 0, 0, 1, 0 }, { 1, 1, 0, 0, 0, 0, 1 } } },
	{ "a SYN of the responder in an open connection", over_by_responder,
	  .by = TCPT_NOBODY },
	{ "a SYN in an open connection is refused",
	  over_and_refused, .by = RESP,
	  .close = TCPTRACE_CLOSE_REFUSED },
	{ "only a new SYN reopens", no_new_connection,
	  .by = TCPT_NOBODY },
	{ "self-connect", self_again, .self = true, .by = TCPT_NOBODY },
};

KUNIT_ARRAY_PARAM(reuse, reuse_scripts, tcpt_script_desc);

static void track_reuse(struct kunit *test)
{
	tcpt_script_run(test, test->param_value);
}

/* The SYN is counted only in the new connection, with its time of arrival. */
static void track_reuse_counts_the_syn(struct kunit *test)
{
	static const struct line line[] = {
		HANDSHAKE,
		LINE("data", ORIG, ACK, 1, 1, 10, ESTAB, ESTAB, OK),
		LINE("SYN", ORIG, SYN, 64000, 0, 0, ESTAB, ESTAB,
		     SYN_CHALLENGE, .s.us = 60000000),
		{}
	};
	static const struct segment_spec answer = {
		.from = RESP, .flags = SYNACK, .seq = 70000, .ack = 64001,
		.us = 20000,
	};
	struct script script = { .line = line };
	struct stage *s = tcpt_script_stage(test);
	struct tcpt_segment seg;
	struct tcpt_result res;
	u64 last;

	tcpt_script_begin(s, test, &script, 0);
	for (; s->line[1].what; s->line++)
		tcpt_script_play(s);
	last = s->t.last;
	tcpt_script_play(s);
	KUNIT_EXPECT_EQ(test, s->t.end[0].packets, 4ULL);
	tcpt_spec_segment(&seg, &answer, s->isn, RESP);
	tcpt_track_segment(&s->t, RESP, &seg, s->now, &res);
	KUNIT_ASSERT_TRUE(test, res.reopen);
	KUNIT_ASSERT_TRUE(test, tcpt_open_take_syn(&s->t, RESP, &seg,
						   &s->syn));
	KUNIT_EXPECT_EQ(test, s->t.end[0].packets, 3ULL);
	KUNIT_EXPECT_EQ(test, s->t.end[0].segments, 3ULL);
	KUNIT_EXPECT_EQ(test, s->t.end[0].bytes, 10ULL);
	KUNIT_EXPECT_EQ(test, s->t.end[0].counters.syns, 1U);
	KUNIT_EXPECT_EQ(test, s->t.last, last);
	KUNIT_EXPECT_EQ(test, s->syn.first, s->now);
	KUNIT_EXPECT_EQ(test, s->syn.times, 1);
	/* the SYN can be moved to a new connection only once */
	KUNIT_EXPECT_FALSE(test, tcpt_open_take_syn(&s->t, RESP, &seg,
						    &s->syn));
}

/*
 * An end from which only a RST was seen can open the next connection with any
 * sequence number, including 0.
 */
static void track_reuse_isn_zero(struct kunit *test)
{
	static const struct line line[] = {
		LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
		LINE("RST", RESP, RSTACK, 0, 1, 0, CLOSED, CLOSED, OK,
		     .events = EV_CLOSED),
		LINE("SYN back", RESP, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK,
		     .events = EV_REOPEN),
		{}
	};
	struct script script = { .line = line };
	struct stage *s = tcpt_script_stage(test);

	tcpt_script_begin(s, test, &script, 0);
	s->isn[RESP] = 0;
	for (; s->line->what; s->line++)
		tcpt_script_play(s);
}

static struct kunit_case reuse_cases[] = {
	KUNIT_CASE_PARAM(track_reuse, reuse_gen_params),
	KUNIT_CASE(track_reuse_counts_the_syn),
	KUNIT_CASE(track_reuse_isn_zero),
	{}
};

static struct kunit_suite reuse_suite = {
	.name = "tcptrace_track_reuse",
	.test_cases = reuse_cases,
};

kunit_test_suite(reuse_suite);
