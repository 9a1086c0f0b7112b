/* SPDX-License-Identifier: GPL-2.0 */
/* Records of the ABI, made from what happened to a connection. */
#ifndef _TCPT_EVENT_H
#define _TCPT_EVENT_H

#include "conn.h"

#include "core/segment.h"
#include "core/verdict.h"

/**
 * struct tcpt_sight - a segment, and where and when it was seen
 * @seg: the segment, NULL where time or lack of room is the cause
 * @now: ns of CLOCK_MONOTONIC
 * @hook: enum tcptrace_hook
 * @from: 0: the originator sent it, 1: the responder
 */
struct tcpt_sight {
	const struct tcpt_segment *seg;
	u64 now;
	u8 hook;
	u8 from;
};

void tcpt_event_open(const struct tcpt_conn *conn,
		     const struct tcpt_sight *sight);
void tcpt_event_segment(const struct tcpt_conn *conn,
			const struct tcpt_sight *sight);
void tcpt_event_stray(struct tcpt_ns *ns, const struct tcpt_flow *flow,
		      unsigned int sender, const struct tcpt_sight *sight);
void tcpt_event_verdict(const struct tcpt_conn *conn,
			const struct tcpt_sight *sight,
			const struct tcpt_verdict *v);

#endif /* _TCPT_EVENT_H */
