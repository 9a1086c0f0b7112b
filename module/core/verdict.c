// SPDX-License-Identifier: GPL-2.0
#include "verdict.h"

#include "track.h"

#include <linux/tcptrace.h>

/**
 * tcpt_verdict_step - something happens to an end
 * @v: takes the transition that it causes, if any
 * @t: the connection
 * @e: the end
 * @input: what happens
 *
 * Context: any; the caller keeps others off @t.
 */
void tcpt_verdict_step(struct tcpt_verdict *v, struct tcpt_track *t,
		       struct tcpt_end *e, enum tcpt_input input)
{
	struct tcpt_cell cell = tcpt_state_next(e->state, input);

	if (cell.reason == TCPTRACE_REASON_NONE || v->steps == TCPT_STEPS_MAX)
		return;
	v->step[v->steps++] = (struct tcpt_step) {
		.end = e == &t->end[1],
		.from = e->state,
		.to = cell.to,
		.reason = cell.reason,
	};
	e->state = cell.to;
	t->transitions++;
}

/**
 * tcpt_verdict_close - the connection is over
 * @v: told so
 * @t: the connection
 * @reason: enum tcptrace_close_reason
 *
 * Context: any; the caller keeps others off @t.
 */
void tcpt_verdict_close(struct tcpt_verdict *v, struct tcpt_track *t,
			u8 reason)
{
	t->marks |= TCPT_MARK_CLOSED;
	t->ready = false;
	t->close_reason = reason;
	v->closed = true;
}
