/* SPDX-License-Identifier: GPL-2.0 */
/* The effect of a segment or a timeout on a connection. */
#ifndef _TCPT_RESULT_H
#define _TCPT_RESULT_H

#include "env.h"
#include "finding.h"
#include "rfc5961.h"
#include "state.h"
#include "wireshark.h"

struct tcpt_endpoint;
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
 * struct tcpt_result - the effect of a segment or a timeout on a connection
 * @step: the transitions, in order
 * @steps: number of transitions
 * @class: enum tcpt_class
 * @rtt: the round trip time that the segment measures, ns, 0 if none
 * @found: Wireshark's classes of the segment
 * @rexmit: number of payload bytes of the segment that were seen before
 * @suspicion: the suspicion about the segment, or about the kept segment
 * @finding: the new findings
 * @findings: number of new findings
 * @established: the handshake is now complete
 * @confirmed: the connection is no longer half-open
 * @closed: the connection is over: the caller must emit CLOSE
 * @reopen: the segment opens a new connection in place of this one
 */
struct tcpt_result {
	struct tcpt_step step[TCPT_STEPS_MAX];
	u8 steps;
	u8 class;
	u64 rtt;
	struct tcpt_wireshark_result found;
	u32 rexmit;
	struct tcpt_suspicion suspicion;
	struct tcpt_finding finding[TCPT_FINDINGS_NEW];
	u8 findings;
	bool established;
	bool confirmed;
	bool closed;
	bool reopen;
};

void tcpt_result_step(struct tcpt_result *res, struct tcpt_track *t,
		      struct tcpt_endpoint *e, enum tcpt_input input);
void tcpt_result_close(struct tcpt_result *res, struct tcpt_track *t,
		       u8 reason);
void tcpt_result_conclude(struct tcpt_result *res, struct tcpt_track *t,
			  unsigned int from, unsigned int flags, u64 now,
			  u64 synack);

/*
 * Set the result to "nothing happened"; @step and @finding are not initialized.
 */
static inline void tcpt_result_init(struct tcpt_result *res)
{
	res->steps = 0;
	res->class = 0;
	res->established = false;
	res->confirmed = false;
	res->closed = false;
	res->reopen = false;
	res->found = (struct tcpt_wireshark_result) {};
	res->rtt = 0;
	res->rexmit = 0;
	res->findings = 0;
	res->suspicion = (struct tcpt_suspicion) {};
}

/* Does the result cause a record other than SEGMENT? */
static inline bool tcpt_result_reports(const struct tcpt_result *res)
{
	return res->steps || res->established || res->suspicion.what ||
	       res->findings || res->closed;
}

#endif /* _TCPT_RESULT_H */
