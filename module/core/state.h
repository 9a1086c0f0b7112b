/* SPDX-License-Identifier: GPL-2.0 */
/* One end's state machine: RFC 9293 section 3.10, as a table. */
#ifndef _TCPT_STATE_H
#define _TCPT_STATE_H

#include "env.h"

/**
 * enum tcpt_input - events that can change the state of an end
 * @TCPT_SND_SYN:	this end sends a SYN without ACK
 * @TCPT_SND_SYNACK:	this end sends a SYN,ACK
 * @TCPT_SND_ACK:	this end sends an ACK without SYN, which implies an
 *			unseen SYN,ACK
 * @TCPT_SND_FIN:	this end sends a FIN
 * @TCPT_SND_FIN_CROSSED: this end sends a FIN that does not acknowledge the
 *			peer's FIN, which has not arrived yet
 * @TCPT_SND_RST:	this end sends a RST that the peer must accept
 * @TCPT_RCV_SYN:	this end receives a SYN without ACK
 * @TCPT_RCV_SYNACK:	this end receives a SYN,ACK that acknowledges its SYN
 * @TCPT_RCV_ACK_OF_SYN: this end receives an ACK of the SYN in its SYN,ACK
 * @TCPT_RCV_ACK_OF_FIN: this end receives an ACK of its FIN
 * @TCPT_RCV_FIN:	this end receives a FIN and has all data before the FIN
 * @TCPT_RCV_RST:	this end receives a RST that it must accept
 * @TCPT_SYN_IMPLIED:	this end gets a SYN,ACK, so it has sent a SYN
 * @TCPT_MIDSTREAM:	this end is in an open connection, but its SYN was not
 *			seen
 * @TCPT_2MSL:		the TIME_WAIT period of this end is over
 * @TCPT_SYN_AGAIN:	this end repeats its SYN, and has sent nothing else
 * @TCPT_SYNACK_AGAIN:	this end repeats its SYN,ACK, and has sent nothing else
 * @TCPT_FIN_MISSED:	this end does not acknowledge a FIN that the peer has
 *	sent twice
 * @TCPT_INPUTS:	number of inputs
 */
enum tcpt_input {
	TCPT_SND_SYN,
	TCPT_SND_SYNACK,
	TCPT_SND_ACK,
	TCPT_SND_FIN,
	TCPT_SND_FIN_CROSSED,
	TCPT_SND_RST,
	TCPT_RCV_SYN,
	TCPT_RCV_SYNACK,
	TCPT_RCV_ACK_OF_SYN,
	TCPT_RCV_ACK_OF_FIN,
	TCPT_RCV_FIN,
	TCPT_RCV_RST,
	TCPT_SYN_IMPLIED,
	TCPT_MIDSTREAM,
	TCPT_2MSL,
	TCPT_SYN_AGAIN,
	TCPT_SYNACK_AGAIN,
	TCPT_FIN_MISSED,
	TCPT_INPUTS,
};

/**
 * struct tcpt_cell - one cell of the table
 * @to: enum tcptrace_state
 * @reason: enum tcptrace_reason; NONE: the state does not change
 */
struct tcpt_cell {
	u8 to;
	u8 reason;
};

struct tcpt_cell tcpt_state_next(unsigned int state, enum tcpt_input input);
bool tcpt_state_synchronized(unsigned int state);

#endif /* _TCPT_STATE_H */
