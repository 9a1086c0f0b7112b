/* SPDX-License-Identifier: GPL-2.0 */
/* The module's sink: it sends records to the readers and the tracepoints. */
#ifndef _TCPT_EVENT_H
#define _TCPT_EVENT_H

#include "conn.h"
#include "reader.h"
#include "trace.h"

#include "core/fate.h"
#include "core/record.h"
#include "core/result.h"

/* Does any reader or tracepoint want a record of each segment? */
static inline bool tcpt_event_wants_segments(void)
{
	return tcpt_reader_wants(TCPTRACE_SEGMENT) ||
	       trace_tcptrace_segment_enabled();
}

/* Does any reader want records about the fate of packets? */
static inline bool tcpt_event_wants_fate(void)
{
	return READ_ONCE(tcpt_readers_mask) & TCPT_READER_FOLLOWS;
}

bool tcpt_event_wants_any(void);
void tcpt_event_open(const struct tcpt_conn *conn,
		     const struct tcpt_cause *cause);
void tcpt_event_syn(const struct tcpt_conn *conn, const struct tcpt_full *full,
		    const struct tcpt_cause *cause,
		    const struct tcpt_result *res);
void tcpt_event_segment(const struct tcpt_conn *conn,
			const struct tcpt_cause *cause);
void tcpt_event_expected(const struct tcpt_conn *conn,
			 const struct tcpt_segment *seg, const void *packet,
			 u8 hook, u8 from, u64 rtt);
void tcpt_event_stray(struct tcpt_ns *ns, const struct tcpt_flow *flow,
		      unsigned int sender, const struct tcpt_cause *cause);
void tcpt_event_icmp(const struct tcpt_conn *conn,
		     const struct tcpt_cause *cause,
		     const struct tcptrace_error *error);
void tcpt_event_stray_icmp(struct tcpt_ns *ns, const struct tcpt_flow *flow,
			   unsigned int sender, const struct tcpt_cause *cause,
			   const struct tcptrace_error *error);
void tcpt_event_owner(const struct tcpt_conn *conn,
		      const struct tcpt_cause *cause);
void tcpt_event_drop(const struct tcpt_conn *conn,
		     const struct tcpt_cause *cause,
		     const struct tcpt_passage *passage);
void tcpt_event_stray_drop(struct tcpt_ns *ns, const struct tcpt_flow *flow,
			   unsigned int sender, const struct tcpt_cause *cause,
			   const struct tcpt_passage *passage);
void tcpt_event_result(const struct tcpt_conn *conn,
		       const struct tcpt_cause *cause,
		       const struct tcpt_result *res);

#endif /* _TCPT_EVENT_H */
