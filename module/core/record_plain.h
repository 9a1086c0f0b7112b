/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fill in the frequent records, and the beginning of the rare ones. The
 * functions are inlined, so that each field goes directly from its source into
 * the record.
 */
#ifndef _TCPT_RECORD_PLAIN_H
#define _TCPT_RECORD_PLAIN_H

#include "env.h"
#include "flow.h"
#include "record.h"
#include "result.h"
#include "segment.h"
#include "tcb.h"

#include <linux/tcptrace.h>

/* Linux's AF_INET and AF_INET6, which no header of the core defines */
enum {
	TCPT_AF_INET	= 2,
	TCPT_AF_INET6	= 10,
};

static inline u16 tcpt_plain_flags(u8 marks)
{
	return marks & (TCPT_MARK_MIDSTREAM | TCPT_MARK_GUESSED |
			TCPT_MARK_SELF | TCPT_MARK_ONE_WAY);
}

static __always_inline void tcpt_plain_flow(struct tcptrace_flow *to,
					    const struct tcpt_source *source)
{
	const struct tcpt_flow *flow = source->flow;
	unsigned int orig = source->orig;

	to->conn = source->id;
	to->netns = flow->netns;
	to->zone = flow->zone;
	to->orig_port = flow->port[orig];
	to->resp_port = flow->port[!orig];
	to->family = flow->family == 6 ? TCPT_AF_INET6 : TCPT_AF_INET;
	to->pad = 0;
	memcpy(to->orig_addr, flow->addr[orig], sizeof(to->orig_addr));
	memcpy(to->resp_addr, flow->addr[!orig], sizeof(to->resp_addr));
}

static __always_inline void tcpt_plain_seg(struct tcptrace_seg *to,
					   const struct tcpt_source *source,
					   const struct tcpt_cause *cause)
{
	const struct tcpt_segment *seg = cause->seg;
	unsigned int peer = source->marks & TCPT_MARK_SELF ? 0 : !cause->from;

	if (unlikely(!seg)) {
		memset(to, 0, sizeof(*to));
		return;
	}
	to->seq = seg->seq;
	to->ack = seg->ack;
	to->rel_seq = seg->seq - source->iss[cause->from];
	to->rel_ack = 0;
	if (seg->flags & TCPTRACE_ACK)
		to->rel_ack = seg->ack - source->iss[peer];
	to->len = seg->len;
	to->flags = seg->flags;
	to->window = seg->window;
	to->wire_segs = seg->wire_segs;
	to->from = cause->from;
	to->hook = cause->hook;
	to->pad = 0;
}

/*
 * All records but LOST and LIMIT begin with a header, a flow and a segment. The
 * sink sets the length and the record number.
 */
static __always_inline void tcpt_record_begin(void *rec, u16 type,
					      const struct tcpt_source *source,
					      const struct tcpt_cause *cause)
{
	struct tcptrace_open *to = rec;

	to->h.type = type;
	to->h.flags = tcpt_plain_flags(source->marks);
	to->h.time = cause->now;
	tcpt_plain_flow(&to->flow, source);
	tcpt_plain_seg(&to->seg, source, cause);
}

static inline void tcpt_plain_context(struct tcptrace_context *to,
				      const struct tcpt_source *source)
{
	static const struct tcptrace_context nothing;

	*to = source->context ? *source->context : nothing;
}

/**
 * tcpt_record_open - fill in OPEN for a connection that begins
 * @rec: filled in
 * @source: the connection
 * @cause: its first segment
 *
 * Context: any; the connection must not change.
 */
static __always_inline void tcpt_record_open(struct tcptrace_open *rec,
					     const struct tcpt_source *source,
					     const struct tcpt_cause *cause)
{
	tcpt_record_begin(rec, TCPTRACE_OPEN, source, cause);
	tcpt_plain_context(&rec->context, source);
}

/*
 * The function sets the fields in the order of their addresses, so that the
 * compiler merges stores of zero.
 */
static __always_inline void tcpt_plain_header(struct tcptrace_segment *rec,
					      const struct tcpt_segment *seg)
{
	bool stamped = seg->opt.present & TCPTRACE_OPT_TIMESTAMP;

	rec->options = seg->opt.present;
	rec->mss = 0;
	rec->urgent = seg->urgent;
	rec->wscale = 0;
	rec->sack_blocks = 0;
	rec->tfo_len = 0;
	rec->mptcp_subtype = 0;
	rec->hdr_len = seg->hdr_len;
	rec->ttl = seg->ttl;
	rec->tos = seg->tos;
	rec->pad = 0;
	rec->tsval = stamped ? seg->opt.tsval : 0;
	rec->tsecr = stamped ? seg->opt.tsecr : 0;
	memset(rec->sack, 0, sizeof(rec->sack));
	if (unlikely(seg->opt.present & ~TCPTRACE_OPT_TIMESTAMP))
		tcpt_record_options(rec, &seg->opt);
}

/**
 * tcpt_record_segment - fill in SEGMENT, a segment and its analysis
 * @rec: filled in
 * @source: the connection; if its id is 0, the segment belongs to no
 *	connection, and the relative sequence numbers equal the raw ones
 * @cause: the segment
 *
 * Context: any; the connection must not change.
 */
static __always_inline void
tcpt_record_segment(struct tcptrace_segment *rec,
		    const struct tcpt_source *source,
		    const struct tcpt_cause *cause)
{
	tcpt_record_begin(rec, TCPTRACE_SEGMENT, source, cause);
	tcpt_plain_header(rec, cause->seg);
	rec->analysis = cause->found.classes;
	rec->dup_ack_num = cause->found.dup_ack_num;
	rec->rtt_ns = cause->rtt;
	rec->rexmit_bytes = cause->rexmit;
}

/**
 * tcpt_record_state - fill in STATE for an end that changes its state
 * @rec: filled in
 * @source: the connection
 * @cause: the segment or timeout that causes the transition
 * @step: the transition
 * @number: number of the transition within the connection
 *
 * Context: any; the connection must not change.
 */
static __always_inline void
tcpt_record_state(struct tcptrace_transition *rec,
		  const struct tcpt_source *source,
		  const struct tcpt_cause *cause,
		  const struct tcpt_step *step, u32 number)
{
	tcpt_record_begin(rec, TCPTRACE_STATE, source, cause);
	rec->number = number;
	rec->end = step->end;
	rec->from = step->from;
	rec->to = step->to;
	rec->reason = step->reason;
}

#endif /* _TCPT_RECORD_PLAIN_H */
