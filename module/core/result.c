// SPDX-License-Identifier: GPL-2.0
#include "result.h"

#include "tcb.h"

#include <linux/tcptrace.h>

/**
 * tcpt_result_step - apply an input to the state of an end
 * @res: the transition that the input causes, if any, is added
 * @t: the connection
 * @e: the end
 * @input: the event
 *
 * Context: any; the caller serializes access to @t.
 */
void tcpt_result_step(struct tcpt_result *res, struct tcpt_track *t,
		      struct tcpt_endpoint *e, enum tcpt_input input)
{
	struct tcpt_cell cell = tcpt_state_next(e->state, input);

	if (cell.reason == TCPTRACE_REASON_NONE || res->steps == TCPT_STEPS_MAX)
		return;
	res->step[res->steps++] = (struct tcpt_step) {
		.end = e == &t->end[1],
		.from = e->state,
		.to = cell.to,
		.reason = cell.reason,
	};
	e->state = cell.to;
	t->transitions++;
}

/**
 * tcpt_result_close - close a connection that is over
 * @res: @res->closed is set
 * @t: the connection
 * @reason: enum tcptrace_close_reason
 *
 * Context: any; the caller serializes access to @t.
 */
void tcpt_result_close(struct tcpt_result *res, struct tcpt_track *t,
		       u8 reason)
{
	t->marks |= TCPT_MARK_CLOSED;
	t->ready = 0;
	t->close_reason = reason;
	res->closed = true;
}

static bool end_is_over(const struct tcpt_endpoint *e)
{
	return e->state == TCPTRACE_CLOSED || e->state == TCPTRACE_TIME_WAIT;
}

/* Is the connection over? A self-connected socket has only one end. */
static bool is_over(const struct tcpt_track *t)
{
	return end_is_over(&t->end[0]) &&
	       ((t->marks & TCPT_MARK_SELF) || end_is_over(&t->end[1]));
}

static bool both_synchronized(const struct tcpt_track *t)
{
	return tcpt_state_synchronized(t->end[0].state) &&
	       ((t->marks & TCPT_MARK_SELF) ||
		(tcpt_state_synchronized(t->end[1].state) &&
		 t->end[0].valid & t->end[1].valid & TCPT_VALID_ACK));
}

/*
 * Note whether only segments of one end pass here, although that end is
 * connected to the other end.
 */
static void note_one_way(struct tcpt_track *t, unsigned int from)
{
	const struct tcpt_endpoint *x = &t->end[from];
	const struct tcpt_endpoint *y =
		&t->end[t->marks & TCPT_MARK_SELF ? from : !from];

	if (y->packets)
		t->marks &= ~TCPT_MARK_ONE_WAY;
	else if (tcpt_state_synchronized(x->state))
		t->marks |= TCPT_MARK_ONE_WAY;
}

/* Both ends are synchronized now. */
static void confirm(struct tcpt_result *res, struct tcpt_track *t, u64 now,
		    u64 synack)
{
	t->marks |= TCPT_MARK_CONFIRMED;
	t->pending.kind = TCPT_PENDING_NONE;
	res->confirmed = true;
	res->established = t->marks & TCPT_MARK_HANDSHAKE;
	if (!res->established)
		return;
	t->established = now;
	t->synack_ack = synack ? now - synack : 0;
}

/**
 * tcpt_result_conclude - derive the state of a connection from its ends' states
 * @res: contains the transitions of the ends; the rest is filled in
 * @t: the connection
 * @from: the sender of the segment: 0 for the originator, 1 for the responder
 * @flags: TCP flags of the segment
 * @now: when the segment was seen, ns
 * @synack: when the last SYN,ACK before the segment was seen, ns; 0 if there
 *	was none
 *
 * Context: any; the caller serializes access to @t.
 */
void tcpt_result_conclude(struct tcpt_result *res, struct tcpt_track *t,
			  unsigned int from, unsigned int flags, u64 now,
			  u64 synack)
{
	u8 reason = TCPTRACE_CLOSE_FIN;

	if (!(t->marks & TCPT_MARK_CONFIRMED)) {
		note_one_way(t, from);
		if (both_synchronized(t))
			confirm(res, t, now, synack);
	}
	if (res->steps == 0 || !is_over(t))
		return;
	if (res->step[res->steps - 1].reason == TCPTRACE_REASON_REFUSED)
		reason = TCPTRACE_CLOSE_REFUSED;
	else if (flags & TCPTRACE_RST)
		reason = TCPTRACE_CLOSE_RESET;
	tcpt_finding_close(res, t);
	tcpt_result_close(res, t, reason);
}
