// SPDX-License-Identifier: GPL-2.0
#include "request.h"

#include "flow.h"
#include "result.h"
#include "tcb.h"
#include "timeout.h"
#include "zeek.h"

#include <linux/tcptrace.h>

#define NS_PER_SEC	1000000000ULL

/**
 * tcpt_request_segment - restore the kept SYN
 * @r: the request
 * @flow: its connection
 * @orig: which end of @flow sent the SYN
 * @seg: filled in
 *
 * Context: any.
 */
void tcpt_request_segment(const struct tcpt_request *r,
			  const struct tcpt_flow *flow, unsigned int orig,
			  struct tcpt_segment *seg)
{
	tcpt_header_segment(&r->header, seg);
	memcpy(seg->src, flow->addr[orig], sizeof(seg->src));
	memcpy(seg->dst, flow->addr[!orig], sizeof(seg->dst));
	seg->sport = flow->port[orig];
	seg->dport = flow->port[!orig];
	seg->family = (u8)flow->family;
	seg->opt.mptcp_subtype = r->mptcp_subtype;
}

/**
 * tcpt_request_open - track the first SYN of a connection, for its records only
 * @t: only the fields that the records of the SYN show are set
 * @seg: the SYN; tcpt_request_fits() is true
 * @res: filled in
 *
 * The records are the same as after tcpt_open_track() and tcpt_track_fully(),
 * but the function does not have to set up the complete state.
 *
 * Context: any; the caller serializes access to @t.
 */
void tcpt_request_open(struct tcpt_track *t, const struct tcpt_segment *seg,
		       struct tcpt_result *res)
{
	t->marks = TCPT_MARK_HANDSHAKE;
	t->end[0].iss = seg->seq;
	t->transitions = 1;
	tcpt_result_init(res);
	res->step[0] = (struct tcpt_step) {
		.from = TCPTRACE_CLOSED,
		.to = TCPTRACE_SYN_SENT,
		.reason = TCPTRACE_REASON_ACTIVE_OPEN,
	};
	res->steps = 1;
}

/**
 * tcpt_request_begin - begin a connection with its first SYN
 * @t: all zero; set to the state that tcpt_open_track() and tcpt_track_fully()
 *	would produce
 * @seg: the SYN; tcpt_request_fits() is true
 * @now: when the segment was seen, ns
 *
 * Context: any; the caller serializes access to @t.
 */
void tcpt_request_begin(struct tcpt_track *t, const struct tcpt_segment *seg,
			u64 now)
{
	t->last = now;
	t->heard = now;
	t->first = now;
	t->by = TCPT_NOBODY;
	t->turn = TCPT_NOBODY;
	t->marks = TCPT_MARK_HANDSHAKE;
	t->transitions = 1;
	t->syn = now;
	if (seg->opt.present & TCPTRACE_OPT_TIMESTAMP) {
		t->syn_tsval = seg->opt.tsval;
		t->first_tsval = seg->opt.tsval;
	}
	tcpt_wireshark_syn(&t->wireshark, seg, now);
	tcpt_zeek_segment(&t->zeek, 0, seg);
	tcpt_finding_syn(t, 0, seg);
	tcpt_endpoint_begin(&t->end[0], seg, now);
	t->end[0].state = TCPTRACE_SYN_SENT;
	t->end[0].syns = 1;
}

/**
 * tcpt_request_track - derive the state of a connection from its first SYN
 * @r: the SYN
 * @flow: the connection
 * @orig: which end of @flow sent the SYN
 * @t: all zero; set to the state that tracking the SYN would produce
 *
 * Context: any; the caller serializes access to @t.
 */
void tcpt_request_track(const struct tcpt_request *r,
			const struct tcpt_flow *flow, unsigned int orig,
			struct tcpt_track *t)
{
	struct tcpt_segment seg __uninitialized;

	tcpt_request_segment(r, flow, orig, &seg);
	tcpt_request_begin(t, &seg, r->time);
}

/**
 * tcpt_request_deadline - compute when a half-open connection times out
 * @r: the only SYN of the connection
 * @seconds: timeouts in seconds, indexed by enum tcpt_timeout
 *
 * Context: any.
 * Return: the deadline, ns, as from tcpt_timeout_deadline() after
 * tcpt_request_track().
 */
u64 tcpt_request_deadline(const struct tcpt_request *r,
			  const unsigned int *seconds)
{
	return r->time + seconds[TCPT_TIMEOUT_SYN_SENT] * NS_PER_SEC;
}
