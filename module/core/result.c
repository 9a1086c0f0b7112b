// SPDX-License-Identifier: GPL-2.0
#include "result.h"

#include "tcb.h"

#include <linux/tcptrace.h>

/**
 * tcpt_result_step - apply an input to the state of an end
 * @res: gets the transition that the input causes, if any
 * @t: the connection
 * @e: the end
 * @input: what happens
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
