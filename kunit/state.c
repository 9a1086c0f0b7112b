// SPDX-License-Identifier: GPL-2.0
/*
 * Compare every cell of the state table with a second table, written from RFC
 * 9293: figure 5 with its notes, and the sections named below. The two tables
 * share no code.
 */
#include <kunit/test.h>
#include <linux/string.h>
#include <linux/tcptrace.h>

#include "../module/core/state.h"

struct cell_row {
	const char *name;
	u8 from;
	u8 input;
	u8 to;
	u8 reason;
};

#define GOES(state, input, next, why) \
	{ #state " " #input, TCPTRACE_##state, TCPT_##input, \
	  TCPTRACE_##next, TCPTRACE_REASON_##why }
/* STAYS() does not use GOES(), because some headers define a macro TIME_WAIT */
#define STAYS(state, input) \
	{ #state " " #input, TCPTRACE_##state, TCPT_##input, \
	  TCPTRACE_##state, TCPTRACE_REASON_NONE }

static const struct cell_row cell_rows[] = {
	/*
	 * 3.10.7.1: a closed end sends RSTs, which do not change its state.
	 * LISTEN is treated as CLOSED, because no segment proves that an end
	 * listens.
	 */
	GOES(CLOSED, SND_SYN, SYN_SENT, ACTIVE_OPEN),
	GOES(CLOSED, SND_SYNACK, SYN_RECEIVED, PASSIVE_OPEN),
	STAYS(CLOSED, SND_ACK),
	STAYS(CLOSED, SND_FIN),
	STAYS(CLOSED, SND_FIN_CROSSED),
	STAYS(CLOSED, SND_RST),
	STAYS(CLOSED, RCV_SYN),
	STAYS(CLOSED, RCV_SYNACK),
	STAYS(CLOSED, RCV_ACK_OF_SYN),
	STAYS(CLOSED, RCV_ACK_OF_FIN),
	STAYS(CLOSED, RCV_FIN),
	STAYS(CLOSED, RCV_RST),
	GOES(CLOSED, SYN_IMPLIED, SYN_SENT, SYN_IMPLIED),
	GOES(CLOSED, MIDSTREAM, ESTAB, MIDSTREAM),
	STAYS(CLOSED, 2MSL),
	STAYS(CLOSED, SYN_AGAIN),
	STAYS(CLOSED, SYNACK_AGAIN),
	STAYS(CLOSED, FIN_MISSED),
	/*
	 * 3.10.7.3. First step: a RST answers an unacceptable ACK, and the
	 * state does not change. Fifth step: an ACK or a FIN without SYN is
	 * dropped.
	 */
	STAYS(SYN_SENT, SND_SYN),
	GOES(SYN_SENT, SND_SYNACK, SYN_RECEIVED, SIMULTANEOUS_OPEN),
	GOES(SYN_SENT, SND_ACK, ESTAB, SYNACK_IMPLIED),
	STAYS(SYN_SENT, SND_FIN),
	STAYS(SYN_SENT, SND_FIN_CROSSED),
	/* the peer accepts this RST, but not a RST that answers a bad ACK */
	GOES(SYN_SENT, SND_RST, CLOSED, RST_SENT),
	GOES(SYN_SENT, RCV_SYN, SYN_RECEIVED, SIMULTANEOUS_OPEN),
	GOES(SYN_SENT, RCV_SYNACK, ESTAB, SYNACK_RECEIVED),
	STAYS(SYN_SENT, RCV_ACK_OF_SYN),
	STAYS(SYN_SENT, RCV_ACK_OF_FIN),
	STAYS(SYN_SENT, RCV_FIN),
	GOES(SYN_SENT, RCV_RST, CLOSED, REFUSED),
	STAYS(SYN_SENT, SYN_IMPLIED),
	STAYS(SYN_SENT, MIDSTREAM),
	STAYS(SYN_SENT, 2MSL),
	STAYS(SYN_SENT, SYN_AGAIN),
	STAYS(SYN_SENT, SYNACK_AGAIN),
	STAYS(SYN_SENT, FIN_MISSED),
	/* 3.10.7.4, and the CLOSE call in SYN-RECEIVED (3.10.4). */
	STAYS(SYN_RECEIVED, SND_SYN),
	STAYS(SYN_RECEIVED, SND_SYNACK),
	STAYS(SYN_RECEIVED, SND_ACK),
	GOES(SYN_RECEIVED, SND_FIN, FIN_WAIT_1, FIN_SENT),
	STAYS(SYN_RECEIVED, SND_FIN_CROSSED),
	GOES(SYN_RECEIVED, SND_RST, CLOSED, RST_SENT),
	STAYS(SYN_RECEIVED, RCV_SYN),
	GOES(SYN_RECEIVED, RCV_SYNACK, ESTAB, SYN_ACKED),
	GOES(SYN_RECEIVED, RCV_ACK_OF_SYN, ESTAB, SYN_ACKED),
	STAYS(SYN_RECEIVED, RCV_ACK_OF_FIN),
	GOES(SYN_RECEIVED, RCV_FIN, CLOSE_WAIT, FIN_RECEIVED),
	GOES(SYN_RECEIVED, RCV_RST, CLOSED, RST_RECEIVED),
	STAYS(SYN_RECEIVED, SYN_IMPLIED),
	STAYS(SYN_RECEIVED, MIDSTREAM),
	STAYS(SYN_RECEIVED, 2MSL),
	STAYS(SYN_RECEIVED, SYN_AGAIN),
	STAYS(SYN_RECEIVED, SYNACK_AGAIN),
	STAYS(SYN_RECEIVED, FIN_MISSED),
	/*
	 * Figure 5: CLOSE sends a FIN, and a received FIN leads to CLOSE-WAIT.
	 * RFC 5961: a SYN with any sequence number gets a challenge ACK.
	 */
	STAYS(ESTAB, SND_SYN),
	STAYS(ESTAB, SND_SYNACK),
	STAYS(ESTAB, SND_ACK),
	GOES(ESTAB, SND_FIN, FIN_WAIT_1, FIN_SENT),
	STAYS(ESTAB, SND_FIN_CROSSED),
	GOES(ESTAB, SND_RST, CLOSED, RST_SENT),
	STAYS(ESTAB, RCV_SYN),
	STAYS(ESTAB, RCV_SYNACK),
	STAYS(ESTAB, RCV_ACK_OF_SYN),
	STAYS(ESTAB, RCV_ACK_OF_FIN),
	GOES(ESTAB, RCV_FIN, CLOSE_WAIT, FIN_RECEIVED),
	GOES(ESTAB, RCV_RST, CLOSED, RST_RECEIVED),
	STAYS(ESTAB, SYN_IMPLIED),
	STAYS(ESTAB, MIDSTREAM),
	STAYS(ESTAB, 2MSL),
	GOES(ESTAB, SYN_AGAIN, SYN_SENT, SYN_REPEATED),
	GOES(ESTAB, SYNACK_AGAIN, SYN_RECEIVED, SYNACK_REPEATED),
	STAYS(ESTAB, FIN_MISSED),
	/* The next segment can be the ACK of the FIN, or the peer's FIN. */
	STAYS(FIN_WAIT_1, SND_SYN),
	STAYS(FIN_WAIT_1, SND_SYNACK),
	STAYS(FIN_WAIT_1, SND_ACK),
	STAYS(FIN_WAIT_1, SND_FIN),
	STAYS(FIN_WAIT_1, SND_FIN_CROSSED),
	GOES(FIN_WAIT_1, SND_RST, CLOSED, RST_SENT),
	STAYS(FIN_WAIT_1, RCV_SYN),
	STAYS(FIN_WAIT_1, RCV_SYNACK),
	STAYS(FIN_WAIT_1, RCV_ACK_OF_SYN),
	GOES(FIN_WAIT_1, RCV_ACK_OF_FIN, FIN_WAIT_2, FIN_ACKED),
	GOES(FIN_WAIT_1, RCV_FIN, CLOSING, FIN_RECEIVED),
	GOES(FIN_WAIT_1, RCV_RST, CLOSED, RST_RECEIVED),
	STAYS(FIN_WAIT_1, SYN_IMPLIED),
	STAYS(FIN_WAIT_1, MIDSTREAM),
	STAYS(FIN_WAIT_1, 2MSL),
	STAYS(FIN_WAIT_1, SYN_AGAIN),
	STAYS(FIN_WAIT_1, SYNACK_AGAIN),
	STAYS(FIN_WAIT_1, FIN_MISSED),
	/* 3.10.7.4, eighth step: a FIN starts the 2 MSL timer. */
	STAYS(FIN_WAIT_2, SND_SYN),
	STAYS(FIN_WAIT_2, SND_SYNACK),
	STAYS(FIN_WAIT_2, SND_ACK),
	STAYS(FIN_WAIT_2, SND_FIN),
	STAYS(FIN_WAIT_2, SND_FIN_CROSSED),
	GOES(FIN_WAIT_2, SND_RST, CLOSED, RST_SENT),
	STAYS(FIN_WAIT_2, RCV_SYN),
	STAYS(FIN_WAIT_2, RCV_SYNACK),
	STAYS(FIN_WAIT_2, RCV_ACK_OF_SYN),
	STAYS(FIN_WAIT_2, RCV_ACK_OF_FIN),
	GOES(FIN_WAIT_2, RCV_FIN, TIME_WAIT, FIN_RECEIVED),
	GOES(FIN_WAIT_2, RCV_RST, CLOSED, RST_RECEIVED),
	STAYS(FIN_WAIT_2, SYN_IMPLIED),
	STAYS(FIN_WAIT_2, MIDSTREAM),
	STAYS(FIN_WAIT_2, 2MSL),
	STAYS(FIN_WAIT_2, SYN_AGAIN),
	STAYS(FIN_WAIT_2, SYNACK_AGAIN),
	STAYS(FIN_WAIT_2, FIN_MISSED),
	/* CLOSE sends the FIN. A FIN that the peer repeats changes nothing. */
	STAYS(CLOSE_WAIT, SND_SYN),
	STAYS(CLOSE_WAIT, SND_SYNACK),
	STAYS(CLOSE_WAIT, SND_ACK),
	GOES(CLOSE_WAIT, SND_FIN, LAST_ACK, FIN_SENT),
	/*
	 * figure 13: the end sent its FIN before the peer's FIN arrived, so the
	 * end moves to CLOSING
	 */
	GOES(CLOSE_WAIT, SND_FIN_CROSSED, CLOSING, FIN_SENT),
	GOES(CLOSE_WAIT, SND_RST, CLOSED, RST_SENT),
	STAYS(CLOSE_WAIT, RCV_SYN),
	STAYS(CLOSE_WAIT, RCV_SYNACK),
	STAYS(CLOSE_WAIT, RCV_ACK_OF_SYN),
	STAYS(CLOSE_WAIT, RCV_ACK_OF_FIN),
	STAYS(CLOSE_WAIT, RCV_FIN),
	GOES(CLOSE_WAIT, RCV_RST, CLOSED, RST_RECEIVED),
	STAYS(CLOSE_WAIT, SYN_IMPLIED),
	STAYS(CLOSE_WAIT, MIDSTREAM),
	STAYS(CLOSE_WAIT, 2MSL),
	STAYS(CLOSE_WAIT, SYN_AGAIN),
	GOES(CLOSE_WAIT, SYNACK_AGAIN, SYN_RECEIVED, SYNACK_REPEATED),
	GOES(CLOSE_WAIT, FIN_MISSED, ESTAB, FIN_NOT_RECEIVED),
	/* 3.10.7.4, fifth step: an ACK of our FIN leads to TIME-WAIT. */
	STAYS(CLOSING, SND_SYN),
	STAYS(CLOSING, SND_SYNACK),
	STAYS(CLOSING, SND_ACK),
	STAYS(CLOSING, SND_FIN),
	STAYS(CLOSING, SND_FIN_CROSSED),
	GOES(CLOSING, SND_RST, CLOSED, RST_SENT),
	STAYS(CLOSING, RCV_SYN),
	STAYS(CLOSING, RCV_SYNACK),
	STAYS(CLOSING, RCV_ACK_OF_SYN),
	GOES(CLOSING, RCV_ACK_OF_FIN, TIME_WAIT, FIN_ACKED),
	STAYS(CLOSING, RCV_FIN),
	GOES(CLOSING, RCV_RST, CLOSED, RST_RECEIVED),
	STAYS(CLOSING, SYN_IMPLIED),
	STAYS(CLOSING, MIDSTREAM),
	STAYS(CLOSING, 2MSL),
	STAYS(CLOSING, SYN_AGAIN),
	STAYS(CLOSING, SYNACK_AGAIN),
	STAYS(CLOSING, FIN_MISSED),
	/* 3.10.7.4, fifth step: an ACK of our FIN deletes the TCB. */
	STAYS(LAST_ACK, SND_SYN),
	STAYS(LAST_ACK, SND_SYNACK),
	STAYS(LAST_ACK, SND_ACK),
	STAYS(LAST_ACK, SND_FIN),
	STAYS(LAST_ACK, SND_FIN_CROSSED),
	GOES(LAST_ACK, SND_RST, CLOSED, RST_SENT),
	STAYS(LAST_ACK, RCV_SYN),
	STAYS(LAST_ACK, RCV_SYNACK),
	STAYS(LAST_ACK, RCV_ACK_OF_SYN),
	GOES(LAST_ACK, RCV_ACK_OF_FIN, CLOSED, FIN_ACKED),
	STAYS(LAST_ACK, RCV_FIN),
	GOES(LAST_ACK, RCV_RST, CLOSED, RST_RECEIVED),
	STAYS(LAST_ACK, SYN_IMPLIED),
	STAYS(LAST_ACK, MIDSTREAM),
	STAYS(LAST_ACK, 2MSL),
	STAYS(LAST_ACK, SYN_AGAIN),
	STAYS(LAST_ACK, SYNACK_AGAIN),
	STAYS(LAST_ACK, FIN_MISSED),
	/*
	 * Only the 2 MSL timer or a RST ends TIME_WAIT. A repeated FIN restarts
	 * the timer.
	 */
	STAYS(TIME_WAIT, SND_SYN),
	STAYS(TIME_WAIT, SND_SYNACK),
	STAYS(TIME_WAIT, SND_ACK),
	STAYS(TIME_WAIT, SND_FIN),
	STAYS(TIME_WAIT, SND_FIN_CROSSED),
	GOES(TIME_WAIT, SND_RST, CLOSED, RST_SENT),
	STAYS(TIME_WAIT, RCV_SYN),
	STAYS(TIME_WAIT, RCV_SYNACK),
	STAYS(TIME_WAIT, RCV_ACK_OF_SYN),
	STAYS(TIME_WAIT, RCV_ACK_OF_FIN),
	STAYS(TIME_WAIT, RCV_FIN),
	GOES(TIME_WAIT, RCV_RST, CLOSED, RST_RECEIVED),
	STAYS(TIME_WAIT, SYN_IMPLIED),
	STAYS(TIME_WAIT, MIDSTREAM),
	GOES(TIME_WAIT, 2MSL, CLOSED, 2MSL),
	STAYS(TIME_WAIT, SYN_AGAIN),
	STAYS(TIME_WAIT, SYNACK_AGAIN),
	STAYS(TIME_WAIT, FIN_MISSED),
};

static void cell_desc(const struct cell_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(cell, cell_rows, cell_desc);

static void state_cell(struct kunit *test)
{
	const struct cell_row *row = test->param_value;
	struct tcpt_cell cell = tcpt_state_next(row->from, row->input);

	KUNIT_EXPECT_EQ(test, cell.to, row->to);
	KUNIT_EXPECT_EQ(test, cell.reason, row->reason);
}

/* Check that each cell has exactly one row in the table above. */
static void state_has_a_row_a_cell(struct kunit *test)
{
	u8 seen[TCPTRACE_STATES][TCPT_INPUTS] = { };
	unsigned int s, i;

	for (i = 0; i < ARRAY_SIZE(cell_rows); i++)
		seen[cell_rows[i].from][cell_rows[i].input]++;
	for (s = 0; s < TCPTRACE_STATES; s++)
		for (i = 0; i < TCPT_INPUTS; i++)
			KUNIT_EXPECT_EQ_MSG(test, seen[s][i], 1,
					    "state %u input %u", s, i);
}

/* Return a bit mask of the states that these inputs can reach from CLOSED. */
static unsigned int reachable(const bool inputs[TCPT_INPUTS])
{
	unsigned int seen = 1U << TCPTRACE_CLOSED, old, s, i;

	do {
		old = seen;
		for (s = 0; s < TCPTRACE_STATES; s++)
			for (i = 0; i < TCPT_INPUTS; i++)
				if (seen & 1U << s && inputs[i])
					seen |= 1U << tcpt_state_next(s, i).to;
	} while (seen != old);
	return seen;
}

#define ALL_STATES	((1U << TCPTRACE_STATES) - 1)

static void state_is_reachable(struct kunit *test)
{
	bool inputs[TCPT_INPUTS];

	memset(inputs, true, sizeof(inputs));
	KUNIT_EXPECT_EQ(test, reachable(inputs), ALL_STATES);
	/* without missed segments, all states can still be reached */
	inputs[TCPT_SYN_IMPLIED] = false;
	inputs[TCPT_MIDSTREAM] = false;
	inputs[TCPT_SND_ACK] = false;
	KUNIT_EXPECT_EQ(test, reachable(inputs), ALL_STATES);
}

/*
 * An end moves only to later states or to CLOSED, with one exception: a segment
 * can prove that the end is still in an earlier state.
 */
static void state_never_goes_back(struct kunit *test)
{
	struct tcpt_cell cell;
	unsigned int s, i;

	for (s = 0; s < TCPTRACE_STATES; s++) {
		for (i = 0; i < TCPT_INPUTS; i++) {
			cell = tcpt_state_next(s, i);
			KUNIT_EXPECT_TRUE_MSG(test, cell.to >= s ||
					      cell.to == TCPTRACE_CLOSED ||
					      i >= TCPT_SYN_AGAIN,
					      "state %u input %u", s, i);
			KUNIT_EXPECT_EQ_MSG(test, cell.to != s,
					    cell.reason !=
					    TCPTRACE_REASON_NONE,
					    "state %u input %u", s, i);
		}
	}
}

/*
 * RFC 9293 section 3.5.2 lists the synchronized states: ESTABLISHED and all
 * later states but CLOSED.
 */
static void state_synchronized(struct kunit *test)
{
	static const bool expect[TCPTRACE_STATES] = {
		[TCPTRACE_ESTAB] = true,
		[TCPTRACE_FIN_WAIT_1] = true,
		[TCPTRACE_FIN_WAIT_2] = true,
		[TCPTRACE_CLOSE_WAIT] = true,
		[TCPTRACE_CLOSING] = true,
		[TCPTRACE_LAST_ACK] = true,
		[TCPTRACE_TIME_WAIT] = true,
	};
	unsigned int s;

	for (s = 0; s < TCPTRACE_STATES; s++)
		KUNIT_EXPECT_EQ_MSG(test, tcpt_state_synchronized(s),
				    expect[s], "state %u", s);
	KUNIT_EXPECT_FALSE(test, tcpt_state_synchronized(TCPTRACE_STATES));
}

static struct kunit_case state_cases[] = {
	KUNIT_CASE_PARAM(state_cell, cell_gen_params),
	KUNIT_CASE(state_has_a_row_a_cell),
	KUNIT_CASE(state_is_reachable),
	KUNIT_CASE(state_never_goes_back),
	KUNIT_CASE(state_synchronized),
	{}
};

static struct kunit_suite state_suite = {
	.name = "tcptrace_state",
	.test_cases = state_cases,
};

kunit_test_suite(state_suite);
