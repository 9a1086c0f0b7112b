/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A connection of which only the first SYN was seen. Until more is known, the
 * entry of the connection can be small, like the kernel's struct request_sock:
 * the whole state of both ends follows from that SYN.
 */
#ifndef _TCPT_REQUEST_H
#define _TCPT_REQUEST_H

#include "env.h"
#include "segment.h"

#include <linux/tcptrace.h>

struct tcpt_flow;
struct tcpt_result;
struct tcpt_track;

/**
 * struct tcpt_request - the first SYN of a connection
 * @time: when the SYN was seen, ns
 * @header: header of the SYN; its flags are SYN, perhaps with ECE and CWR
 * @mptcp_subtype: RFC 8684 subtype
 */
struct tcpt_request {
	u64 time;
	struct tcpt_header header;
	u8 mptcp_subtype;
};

void tcpt_request_segment(const struct tcpt_request *r,
			  const struct tcpt_flow *flow, unsigned int orig,
			  struct tcpt_segment *seg);
void tcpt_request_open(struct tcpt_track *t, const struct tcpt_segment *seg,
		       struct tcpt_result *res);
void tcpt_request_begin(struct tcpt_track *t, const struct tcpt_segment *seg,
			u64 now);
void tcpt_request_track(const struct tcpt_request *r,
			const struct tcpt_flow *flow, unsigned int orig,
			struct tcpt_track *t);
u64 tcpt_request_deadline(const struct tcpt_request *r,
			  const unsigned int *seconds);

/**
 * tcpt_request_fits - check whether a struct tcpt_request can hold a segment
 * @seg: the first segment of a connection between two sockets
 *
 * Nearly all SYNs fit. A SYN does not fit if it has data, a TCP Fast Open
 * option, a truncated header, or field values that no TCP stack sends.
 *
 * Context: any.
 * Return: true if @seg is a SYN, and the fields that tcpt_request_keep() keeps
 * determine the whole state after @seg.
 */
static inline bool tcpt_request_fits(const struct tcpt_segment *seg)
{
	/* options whose values are not kept */
	unsigned int long_options = TCPTRACE_OPT_SACK | TCPTRACE_OPT_TFO;
	unsigned int flags = seg->flags & ~(TCPTRACE_ECE | TCPTRACE_CWR);

	return flags == TCPTRACE_SYN && !seg->len && !seg->ack &&
	       !seg->urgent && seg->wire_segs == 1 && !seg->cut &&
	       !(seg->opt.present & long_options) &&
	       (!(seg->opt.present & TCPTRACE_OPT_TIMESTAMP) ||
		!seg->opt.tsecr);
}

/**
 * tcpt_request_keep - keep the first SYN of a connection
 * @r: filled in
 * @seg: the SYN; tcpt_request_fits() is true
 * @now: when the segment was seen, ns
 *
 * Context: any.
 */
static inline void tcpt_request_keep(struct tcpt_request *r,
				     const struct tcpt_segment *seg, u64 now)
{
	r->time = now;
	tcpt_header_keep(&r->header, seg);
	r->mptcp_subtype = seg->opt.mptcp_subtype;
}

#endif /* _TCPT_REQUEST_H */
