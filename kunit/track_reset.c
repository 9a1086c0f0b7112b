// SPDX-License-Identifier: GPL-2.0
/* Test unexpected RSTs and SYNs of both ends, in every state. */
#include <linux/string.h>

#include "script.h"

/* Scripts that together bring the ends of a connection to every state. */
static const struct line to_syn_sent[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	{}
};

static const struct line to_syn_received[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED, OK),
	{}
};

static const struct line to_crossed_syns[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("SYN back", RESP, SYN, 0, 0, 0, SYN_RECEIVED, SYN_RECEIVED, OK),
	{}
};

static const struct line opened[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED, OK),
	LINE("ACK", ORIG, ACK, 1, 1, 0, ESTAB, ESTAB, OK, .events = EV_OPEN),
	LINE("ACK of resp", RESP, ACK, 1, 1, 0, ESTAB, ESTAB, OK),
	{}
};

static const struct line to_fin_wait_1[] = {
	LINES(opened),
	LINE("FIN", ORIG, FIN, 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, OK),
	{}
};

static const struct line to_fin_wait_2[] = {
	LINES(opened),
	LINE("FIN", ORIG, FIN, 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, OK),
	LINE("ACK", RESP, ACK, 1, 2, 0, FIN_WAIT_2, CLOSE_WAIT, OK),
	{}
};

static const struct line to_closing[] = {
	LINES(opened),
	LINE("FIN", ORIG, FIN, 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, OK),
	LINE("FIN that crosses the first", RESP, FIN, 1, 1, 0, CLOSING, CLOSING, OK),
	{}
};

static const struct line to_half_closing[] = {
	LINES(opened),
	LINE("FIN", ORIG, FIN, 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, OK),
	LINE("FIN that crosses the first", RESP, FIN, 1, 1, 0, CLOSING, CLOSING, OK),
	LINE("ACK", RESP, ACK, 2, 2, 0, TIME_WAIT, CLOSING, OK),
	{}
};

static const struct line to_last_ack[] = {
	LINES(opened),
	LINE("FIN", ORIG, FIN, 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, OK),
	LINE("FIN and ACK", RESP, FIN, 1, 2, 0, TIME_WAIT, LAST_ACK, OK),
	{}
};

/*
 * The next sequence numbers and the known windows after the segments of @line.
 * The window of an end is known if the end has sent an ACK.
 */
struct place {
	const char *name;
	const struct line *line;
	u32 next[2];		/* of each sender */
	bool window[2];		/* of each receiver */
};

static const struct place place_rows[] = {
	{ "SYN-SENT, CLOSED", to_syn_sent, { 1, 0 } },
	{ "ESTABLISHED, SYN-RECEIVED", to_syn_received, { 1, 1 },
	  { false, true } },
	{ "SYN-RECEIVED, SYN-RECEIVED", to_crossed_syns, { 1, 1 } },
	{ "ESTABLISHED, ESTABLISHED", opened, { 1, 1 }, { true, true } },
	{ "FIN-WAIT-1, CLOSE-WAIT", to_fin_wait_1, { 2, 1 }, { true, true } },
	{ "FIN-WAIT-2, CLOSE-WAIT", to_fin_wait_2, { 2, 1 }, { true, true } },
	{ "CLOSING, CLOSING", to_closing, { 2, 2 }, { true, true } },
	{ "TIME-WAIT, CLOSING", to_half_closing, { 2, 2 }, { true, true } },
	{ "TIME-WAIT, LAST-ACK", to_last_ack, { 2, 2 }, { true, true } },
};

static void place_desc(const struct place *place, char *desc)
{
	strscpy(desc, place->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(place, place_rows, place_desc);

/* Bring a new connection to the states of the row. */
static void go_to(struct stage *s, struct kunit *test, unsigned int isns)
{
	const struct place *place = test->param_value;
	struct script script = { .line = place->line };

	tcpt_script_begin(s, test, &script, isns);
	for (; s->line->what; s->line++)
		tcpt_script_play(s);
}

/*
 * Apply the rules of RFC 9293 3.10.7.3, second step, and RFC 5961 section 3.2.
 */
static enum tcpt_class rst_class(const struct stage *s,
				 const struct place *place,
				 const struct line *l)
{
	s32 off = l->s.seq - place->next[l->s.from];

	if (s->t.end[!l->s.from].state == TCPTRACE_SYN_SENT)
		return l->s.flags & TCPTRACE_ACK && l->s.ack == 1 ?
		       TCPT_CLASS_OK : TCPT_CLASS_RST_OUTSIDE;
	if (!(s->t.end[l->s.from].valid & TCPT_VALID_NXT))
		return TCPT_CLASS_RST_OUTSIDE;
	if (off == 0)
		return TCPT_CLASS_OK;
	if (place->window[!l->s.from] && off > 0 && off < SPEC_WINDOW)
		return TCPT_CLASS_RST_CHALLENGE;
	return TCPT_CLASS_RST_OUTSIDE;
}

static void try_rst(struct stage *s, struct kunit *test,
		    const struct line *l, unsigned int isns)
{
	const struct place *place = test->param_value;
	enum tcpt_class class;
	struct tcpt_segment seg;
	struct tcpt_result res;
	bool ok, refused;
	u8 state[2];

	go_to(s, test, isns);
	class = rst_class(s, place, l);
	ok = class == TCPT_CLASS_OK;
	refused = s->t.end[!l->s.from].state == TCPTRACE_SYN_SENT;
	state[0] = s->t.end[0].state;
	state[1] = s->t.end[1].state;
	if (ok)
		memset(state, TCPTRACE_CLOSED, sizeof(state));
	tcpt_spec_segment(&seg, &l->s, s->isn, l->s.from);
	tcpt_track_segment(&s->t, l->s.from, &seg, s->now, &res);
	KUNIT_EXPECT_EQ_MSG(test, (int)res.class, (int)class,
			    "end %u seq %d %s", l->s.from, (s32)l->s.seq, l->what);
	KUNIT_EXPECT_EQ_MSG(test, s->t.end[0].state, state[0],
			    "end %u seq %d %s", l->s.from, (s32)l->s.seq, l->what);
	KUNIT_EXPECT_EQ_MSG(test, s->t.end[1].state, state[1],
			    "end %u seq %d %s", l->s.from, (s32)l->s.seq, l->what);
	KUNIT_EXPECT_EQ_MSG(test, res.closed, ok, "end %u seq %d %s",
			    l->s.from, (s32)l->s.seq, l->what);
	if (ok)
		KUNIT_EXPECT_EQ(test, s->t.by, l->s.from);
	if (ok)
		KUNIT_EXPECT_EQ(test, s->t.close_reason, refused ?
				TCPTRACE_CLOSE_REFUSED :
				TCPTRACE_CLOSE_RESET);
	if (!ok)
		KUNIT_EXPECT_EQ(test, res.steps, 0);
}

/*
 * Send RSTs whose sequence number is exact, inside the window, near an edge of
 * the window, beyond the window or before the window.
 */
static void track_rst(struct kunit *test)
{
	static const int offsets[] = {
		0, 1, 50, SPEC_WINDOW - 2, 20000, 0x40000000, -100, -20000,
	};
	const struct place *place = test->param_value;
	struct stage *s = tcpt_script_stage(test);
	struct line l = { .what = "RST" };
	unsigned int i, n;

	for (n = 0; n < SCRIPT_ISNS; n++) {
		for (i = 0; i < 2 * ARRAY_SIZE(offsets); i++) {
			l.s.from = i & 1;
			l.s.seq = place->next[l.s.from] + offsets[i / 2];
			l.what = "RST";
			l.s.flags = RST;
			try_rst(s, test, &l, n);
			l.what = "RST,ACK";
			l.s.flags = RSTACK;
			for (l.s.ack = 0; l.s.ack < 3; l.s.ack++)
				try_rst(s, test, &l, n);
		}
	}
}

/*
 * A SYN changes only states of the handshake. RFC 5961 section 4.2: a
 * synchronized end answers every SYN with a challenge ACK, even if the SYN is
 * outside the window.
 */
static void try_syn(struct stage *s, struct kunit *test,
		    const struct line *l, unsigned int isns)
{
	struct tcpt_segment seg;
	struct tcpt_result res;
	bool challenge;
	u8 state[2];

	go_to(s, test, isns);
	state[0] = s->t.end[0].state;
	state[1] = s->t.end[1].state;
	challenge = tcpt_state_synchronized(state[!l->s.from]) || l->s.seq;
	tcpt_spec_segment(&seg, &l->s, s->isn, l->s.from);
	tcpt_track_segment(&s->t, l->s.from, &seg, s->now, &res);
	KUNIT_EXPECT_EQ_MSG(test, (int)res.class, challenge ?
			    TCPT_CLASS_SYN_CHALLENGE : TCPT_CLASS_OK,
			    "end %u seq %d", l->s.from, (s32)l->s.seq);
	KUNIT_EXPECT_FALSE(test, res.reopen);
	/* simultaneous open: the other end has received this end's SYN */
	if (state[!l->s.from] == TCPTRACE_SYN_SENT && !l->s.seq)
		state[!l->s.from] = TCPTRACE_SYN_RECEIVED;
	/*
	 * a repeated SYN proves that the originator has not received the
	 * SYN,ACK
	 */
	if (state[1] == TCPTRACE_SYN_RECEIVED && l->s.from == ORIG &&
	    state[0] == TCPTRACE_ESTAB && !l->s.seq)
		state[0] = TCPTRACE_SYN_SENT;
	KUNIT_EXPECT_EQ(test, s->t.end[0].state, state[0]);
	KUNIT_EXPECT_EQ(test, s->t.end[1].state, state[1]);
}

static void track_syn(struct kunit *test)
{
	static const u32 seqs[] = { 0, 1, 2, 50, 20000, -1U, -20000U };
	const struct place *place = test->param_value;
	struct line l = { .what = "SYN", .s.flags = SYN };
	struct stage *s = tcpt_script_stage(test);
	unsigned int i, n;

	if (!place->next[RESP])
		return;	/* see track_handshake.c for a SYN of a closed end */
	for (n = 0; n < SCRIPT_ISNS; n++) {
		for (i = 0; i < 2 * ARRAY_SIZE(seqs); i++) {
			l.s.from = i & 1;
			l.s.seq = seqs[i / 2];
			try_syn(s, test, &l, n);
		}
	}
}

static const struct line refused[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("RST", RESP, RSTACK, 0, 1, 0, CLOSED, CLOSED, OK,
	     WHY1(REFUSED), .events = EV_CLOSED),
	LINE("SYN again", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK,
	     .events = EV_REOPEN),
	LINE("RST again", RESP, RSTACK, 0, 1, 0, CLOSED, CLOSED, OK,
	     WHY1(REFUSED), .events = EV_CLOSED),
	{}
};

static const struct line refused_tfo[] = {
	LINE("SYN+data", ORIG, SYN, 0, 0, 100, SYN_SENT, CLOSED, OK),
	LINE("RST that acknowledges too much", RESP, RSTACK, 0, 102, 0,
	     SYN_SENT, CLOSED, RST_OUTSIDE),
	LINE("RST", RESP, RSTACK, 0, 101, 0, CLOSED, CLOSED, OK,
	     .events = EV_CLOSED),
	{}
};

static const struct line crossed_refused[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("SYN back", RESP, SYN, 0, 0, 0, SYN_RECEIVED, SYN_RECEIVED, OK),
	LINE("RST", ORIG, RSTACK, 1, 1, 0, CLOSED, CLOSED, OK,
	     WHY2(RST_SENT, RST_RECEIVED), .events = EV_CLOSED),
	{}
};

/*
 * RFC 9293 does not describe this RST, whose sender has forgotten the
 * connection.
 */
static const struct line given_up[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("RST", ORIG, RST, 1, 0, 0, CLOSED, CLOSED, OK, WHY1(RST_SENT),
	     .events = EV_CLOSED),
	{}
};

static const struct line at_the_edge[] = {
	HANDSHAKE,
	LINE("ACK of resp", RESP, ACK, 1, 1, 0, ESTAB, ESTAB, OK),
	LINE("RST beyond the window", ORIG, RST, 10002, 0, 0, ESTAB, ESTAB,
	     RST_OUTSIDE),
	LINE("RST at the edge", ORIG, RST, 10001, 0, 0, ESTAB, ESTAB,
	     RST_CHALLENGE),
	LINE("RST below the window", ORIG, RST, 0, 0, 0, ESTAB, ESTAB, RST_OUTSIDE),
	{}
};

static const struct line scan[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED, OK),
	LINE("RST", ORIG, RST, 1, 0, 0, CLOSED, CLOSED, OK,
	     WHY2(RST_SENT, RST_RECEIVED), .events = EV_CLOSED),
	{}
};

static const struct line linger_0[] = {
	HANDSHAKE,
	LINE("data", ORIG, ACK, 1, 1, 500, ESTAB, ESTAB, OK),
	LINE("RST", ORIG, RSTACK, 501, 1, 0, CLOSED, CLOSED, OK,
	     .events = EV_CLOSED),
	{}
};

/* If data arrives after close(), the RST's sequence number follows the FIN. */
static const struct line rst_after_fin[] = {
	HANDSHAKE,
	LINE("FIN", ORIG, FIN, 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, OK),
	LINE("unread data", RESP, ACK, 1, 2, 100, FIN_WAIT_2,
	     CLOSE_WAIT, OK),
	LINE("RST", ORIG, RST, 2, 0, 0, CLOSED, CLOSED, OK,
	     .events = EV_CLOSED),
	{}
};

/*
 * If Linux has received a FIN, it also accepts a RST with the FIN's sequence
 * number.
 */
static const struct line rst_at_fin[] = {
	HANDSHAKE,
	LINE("FIN", ORIG, FIN, 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, OK),
	LINE("ACK", RESP, ACK, 1, 2, 0, FIN_WAIT_2, CLOSE_WAIT, OK),
	LINE("RST", ORIG, RST, 1, 0, 0, CLOSED, CLOSED, OK,
	     .events = EV_CLOSED),
	{}
};

static const struct line rst_at_gap[] = {
	HANDSHAKE,
	LINE("data", ORIG, ACK, 1, 1, 100, ESTAB, ESTAB, OK),
	LINE("ACK", RESP, ACK, 1, 101, 0, ESTAB, ESTAB, OK),
	LINE("data after a gap", ORIG, ACK, 201, 1, 100, ESTAB, ESTAB, OK),
	LINE("RST in the gap", ORIG, RST, 150, 0, 0, ESTAB, ESTAB, RST_CHALLENGE),
	LINE("RST before the data", ORIG, RST, 100, 0, 0, ESTAB, ESTAB,
	     RST_OUTSIDE),
	LINE("RST where the gap begins", ORIG, RST, 101, 0, 0, CLOSED, CLOSED, OK,
	     .events = EV_CLOSED),
	{}
};

static const struct line rst_behind_gap[] = {
	HANDSHAKE,
	LINE("data after a gap", ORIG, ACK, 201, 1, 100, ESTAB, ESTAB, OK),
	LINE("RST at the highest number", ORIG, RST, 301, 0, 0, CLOSED, CLOSED,
	     OK, .events = EV_CLOSED),
	{}
};

#define RESET_BY(who)	.close = TCPTRACE_CLOSE_RESET, .by = who
#define REFUSED_BY(who)	.close = TCPTRACE_CLOSE_REFUSED, .by = who

static const struct script reset_scripts[] = {
	{ "refused", refused, REFUSED_BY(RESP) },
	{ "refused with data in the SYN", refused_tfo, REFUSED_BY(RESP) },
	{ "reset in a simultaneous open", crossed_refused, RESET_BY(ORIG) },
	{ "a RST after the sender's SYN", given_up, RESET_BY(ORIG) },
	{ "a RST at the edges of the window", at_the_edge, .by = TCPT_NOBODY },
	{ "SYN scan", scan, RESET_BY(ORIG) },
	{ "SO_LINGER 0", linger_0, RESET_BY(ORIG),
	  .totals = { { 4, 4, 500, 0, 0, 1, 0 }, { 1, 1, 0, 0, 0, 0, 1 } } },
	{ "a RST after the sender's FIN", rst_after_fin, RESET_BY(ORIG) },
	{ "a RST at the sender's FIN", rst_at_fin, RESET_BY(ORIG) },
	{ "a RST at a gap", rst_at_gap, RESET_BY(ORIG) },
	{ "a RST after a gap", rst_behind_gap, RESET_BY(ORIG) },
};

KUNIT_ARRAY_PARAM(reset, reset_scripts, tcpt_script_desc);

static void track_reset(struct kunit *test)
{
	tcpt_script_run(test, test->param_value);
}

static struct kunit_case reset_cases[] = {
	KUNIT_CASE_PARAM(track_rst, place_gen_params),
	KUNIT_CASE_PARAM(track_syn, place_gen_params),
	KUNIT_CASE_PARAM(track_reset, reset_gen_params),
	{}
};

static struct kunit_suite reset_suite = {
	.name = "tcptrace_track_reset",
	.test_cases = reset_cases,
};

kunit_test_suite(reset_suite);
