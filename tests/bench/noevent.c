// SPDX-License-Identifier: GPL-2.0
/*
 * For B8: replaces module/event.c, so that the module exports no records of
 * connections and segments.
 */
#include "event.h"

bool tcpt_event_wants_any(void)
{
	return false;
}

void tcpt_event_open(const struct tcpt_conn *conn,
		     const struct tcpt_cause *cause)
{
}

void tcpt_event_syn(const struct tcpt_conn *conn, const struct tcpt_full *full,
		    const struct tcpt_cause *cause,
		    const struct tcpt_result *res)
{
}

void tcpt_event_segment(const struct tcpt_conn *conn,
			const struct tcpt_cause *cause)
{
}

void tcpt_event_expected(const struct tcpt_conn *conn,
			 const struct tcpt_segment *seg, const void *packet,
			 u8 hook, u8 from, u64 rtt)
{
}

void tcpt_event_stray(struct tcpt_ns *ns, const struct tcpt_flow *flow,
		      unsigned int sender, const struct tcpt_cause *cause)
{
}

void tcpt_event_icmp(const struct tcpt_conn *conn,
		     const struct tcpt_cause *cause,
		     const struct tcptrace_error *error)
{
}

void tcpt_event_stray_icmp(struct tcpt_ns *ns, const struct tcpt_flow *flow,
			   unsigned int sender, const struct tcpt_cause *cause,
			   const struct tcptrace_error *error)
{
}

void tcpt_event_owner(const struct tcpt_conn *conn,
		      const struct tcpt_cause *cause)
{
}

void tcpt_event_drop(const struct tcpt_conn *conn,
		     const struct tcpt_cause *cause,
		     const struct tcpt_passage *passage)
{
}

void tcpt_event_stray_drop(struct tcpt_ns *ns, const struct tcpt_flow *flow,
			   unsigned int sender, const struct tcpt_cause *cause,
			   const struct tcpt_passage *passage)
{
}

void tcpt_event_result(const struct tcpt_conn *conn,
		       const struct tcpt_cause *cause,
		       const struct tcpt_result *res)
{
}
