/* SPDX-License-Identifier: GPL-2.0 */
/* What a segment or a timeout did to a connection. */
#ifndef _TCPT_VERDICT_H
#define _TCPT_VERDICT_H

#include "analysis.h"
#include "env.h"
#include "state.h"
#include "suspect.h"

struct tcpt_end;
struct tcpt_track;

enum {
	TCPT_STEPS_MAX	= 8,	/* transitions that one segment can cause */
};

/**
 * struct tcpt_step - one transition
 * @end: which end, 0 or 1
 * @from: enum tcptrace_state before
 * @to: enum tcptrace_state after
 * @reason: enum tcptrace_reason
 */
struct tcpt_step {
	u8 end;
	u8 from;
	u8 to;
	u8 reason;
};

/**
 * struct tcpt_verdict - what a segment, or a timeout, did to a connection
 * @step: the transitions, in order
 * @steps: how many
 * @class: enum tcpt_class
 * @rtt: the round trip time that it measures, ns, 0 if none
 * @found: what the analysis says of it
 * @suspicion: what is suspected of it
 * @established: the handshake is now complete
 * @confirmed: it is half-open no more
 * @closed: it is over; write the closing record
 * @reopen: a new connection takes over: close this one, open another
 */
struct tcpt_verdict {
	struct tcpt_step step[TCPT_STEPS_MAX];
	u8 steps;
	u8 class;
	u64 rtt;
	struct tcpt_finding found;
	struct tcpt_suspicion suspicion;
	bool established;
	bool confirmed;
	bool closed;
	bool reopen;
};

void tcpt_verdict_step(struct tcpt_verdict *v, struct tcpt_track *t,
		       struct tcpt_end *e, enum tcpt_input input);
void tcpt_verdict_close(struct tcpt_verdict *v, struct tcpt_track *t,
			u8 reason);

/* Nothing happened; @step means nothing then. */
static inline void tcpt_verdict_init(struct tcpt_verdict *v)
{
	v->steps = 0;
	v->class = 0;
	v->established = false;
	v->confirmed = false;
	v->closed = false;
	v->reopen = false;
	v->found = (struct tcpt_finding) {};
	v->rtt = 0;
	v->suspicion = (struct tcpt_suspicion) {};
}

/* Is there anything to tell of, but for the segment itself? */
static inline bool tcpt_verdict_tells(const struct tcpt_verdict *v)
{
	return v->steps || v->established || v->suspicion.what || v->closed;
}

#endif /* _TCPT_VERDICT_H */
