// SPDX-License-Identifier: GPL-2.0
#include "state.h"

#include <linux/tcptrace.h>

#define TO(state, why) { TCPTRACE_##state, TCPTRACE_REASON_##why }

/*
 * The transitions of one end: RFC 9293 figure 5 and section 3.10.7. An input
 * that must not happen in a state, or that changes nothing (a retransmission),
 * has an empty cell. A segment with ACK and FIN is two inputs: first the ACK,
 * then the FIN, as in section 3.10.7.4.
 */
static const struct tcpt_cell table[TCPTRACE_STATES][TCPT_INPUTS] = {
	[TCPTRACE_CLOSED] = {
		/* OPEN, active */
		[TCPT_SND_SYN]		= TO(SYN_SENT, ACTIVE_OPEN),
		/* the end was in LISTEN, which only its SYN,ACK proves */
		[TCPT_SND_SYNACK]	= TO(SYN_RECEIVED, PASSIVE_OPEN),
		/* the SYN of the end was not seen */
		[TCPT_SYN_IMPLIED]	= TO(SYN_SENT, SYN_IMPLIED),
		/* the handshake was not seen */
		[TCPT_MIDSTREAM]	= TO(ESTAB, MIDSTREAM),
	},
	[TCPTRACE_SYN_SENT] = {
		/* 3.10.7.3, fourth: crossed SYNs; the end sends a SYN,ACK */
		[TCPT_SND_SYNACK]	= TO(SYN_RECEIVED, SIMULTANEOUS_OPEN),
		[TCPT_RCV_SYN]		= TO(SYN_RECEIVED, SIMULTANEOUS_OPEN),
		/* 3.10.7.3, fourth: the end's SYN has been acknowledged */
		[TCPT_RCV_SYNACK]	= TO(ESTAB, SYNACK_RECEIVED),
		/* the end's ACK can only answer a SYN,ACK */
		[TCPT_SND_ACK]		= TO(ESTAB, SYNACK_IMPLIED),
		/* the end gave up, and the peer must accept the RST */
		[TCPT_SND_RST]		= TO(CLOSED, RST_SENT),
		/* 3.10.7.3, second: connection refused */
		[TCPT_RCV_RST]		= TO(CLOSED, REFUSED),
	},
	[TCPTRACE_SYN_RECEIVED] = {
		/* 3.10.7.4, fifth: enter ESTABLISHED */
		[TCPT_RCV_ACK_OF_SYN]	= TO(ESTAB, SYN_ACKED),
		[TCPT_RCV_SYNACK]	= TO(ESTAB, SYN_ACKED),
		/* 3.10.4: CLOSE in SYN-RECEIVED */
		[TCPT_SND_FIN]		= TO(FIN_WAIT_1, FIN_SENT),
		/* 3.10.7.4, eighth */
		[TCPT_RCV_FIN]		= TO(CLOSE_WAIT, FIN_RECEIVED),
		[TCPT_SND_RST]		= TO(CLOSED, RST_SENT),
		[TCPT_RCV_RST]		= TO(CLOSED, RST_RECEIVED),
	},
	[TCPTRACE_ESTAB] = {
		/* only SYN-SENT sends a SYN */
		[TCPT_SYN_AGAIN]	= TO(SYN_SENT, SYN_REPEATED),
		/* only SYN-RECEIVED sends a SYN,ACK */
		[TCPT_SYNACK_AGAIN]	= TO(SYN_RECEIVED, SYNACK_REPEATED),
		[TCPT_SND_FIN]		= TO(FIN_WAIT_1, FIN_SENT),
		[TCPT_RCV_FIN]		= TO(CLOSE_WAIT, FIN_RECEIVED),
		[TCPT_SND_RST]		= TO(CLOSED, RST_SENT),
		[TCPT_RCV_RST]		= TO(CLOSED, RST_RECEIVED),
	},
	[TCPTRACE_FIN_WAIT_1] = {
		[TCPT_RCV_ACK_OF_FIN]	= TO(FIN_WAIT_2, FIN_ACKED),
		/* the end's FIN is not acknowledged: simultaneous close */
		[TCPT_RCV_FIN]		= TO(CLOSING, FIN_RECEIVED),
		[TCPT_SND_RST]		= TO(CLOSED, RST_SENT),
		[TCPT_RCV_RST]		= TO(CLOSED, RST_RECEIVED),
	},
	[TCPTRACE_FIN_WAIT_2] = {
		[TCPT_RCV_FIN]		= TO(TIME_WAIT, FIN_RECEIVED),
		[TCPT_SND_RST]		= TO(CLOSED, RST_SENT),
		[TCPT_RCV_RST]		= TO(CLOSED, RST_RECEIVED),
	},
	[TCPTRACE_CLOSE_WAIT] = {
		[TCPT_SYNACK_AGAIN]	= TO(SYN_RECEIVED, SYNACK_REPEATED),
		/* 3.10.7.4, eighth: an end acknowledges a received FIN */
		[TCPT_FIN_MISSED]	= TO(ESTAB, FIN_NOT_RECEIVED),
		[TCPT_SND_FIN]		= TO(LAST_ACK, FIN_SENT),
		/* the peer's FIN was in flight: simultaneous close, fig. 13 */
		[TCPT_SND_FIN_CROSSED]	= TO(CLOSING, FIN_SENT),
		[TCPT_SND_RST]		= TO(CLOSED, RST_SENT),
		[TCPT_RCV_RST]		= TO(CLOSED, RST_RECEIVED),
	},
	[TCPTRACE_CLOSING] = {
		[TCPT_RCV_ACK_OF_FIN]	= TO(TIME_WAIT, FIN_ACKED),
		[TCPT_SND_RST]		= TO(CLOSED, RST_SENT),
		[TCPT_RCV_RST]		= TO(CLOSED, RST_RECEIVED),
	},
	[TCPTRACE_LAST_ACK] = {
		[TCPT_RCV_ACK_OF_FIN]	= TO(CLOSED, FIN_ACKED),
		[TCPT_SND_RST]		= TO(CLOSED, RST_SENT),
		[TCPT_RCV_RST]		= TO(CLOSED, RST_RECEIVED),
	},
	[TCPTRACE_TIME_WAIT] = {
		[TCPT_2MSL]		= TO(CLOSED, 2MSL),
		[TCPT_SND_RST]		= TO(CLOSED, RST_SENT),
		/* 3.10.7.4, second; RFC 1337 advises against this transition */
		[TCPT_RCV_RST]		= TO(CLOSED, RST_RECEIVED),
	},
};

/**
 * tcpt_state_next - look up the transition that an input causes
 * @state: enum tcptrace_state, below TCPTRACE_STATES
 * @input: the event
 *
 * Context: any.
 * Return: the new state and the reason; @state and NONE if the input causes no
 * transition.
 */
struct tcpt_cell tcpt_state_next(unsigned int state, enum tcpt_input input)
{
	struct tcpt_cell cell = table[state][input];

	if (cell.reason == TCPTRACE_REASON_NONE)
		cell.to = (u8)state;
	return cell;
}

/**
 * tcpt_state_synchronized - check whether a state is synchronized
 * @state: enum tcptrace_state
 *
 * RFC 9293 section 3.5.2: ESTABLISHED and all later states but CLOSED.
 *
 * Context: any.
 * Return: true if the state is synchronized.
 */
bool tcpt_state_synchronized(unsigned int state)
{
	return state >= TCPTRACE_ESTAB && state < TCPTRACE_STATES;
}
