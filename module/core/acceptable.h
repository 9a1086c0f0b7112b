/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Check whether the sequence number, ACK, RST and timestamp of a segment are
 * acceptable: RFC 9293 section 3.10.7.4, RFC 5961 sections 3 and 5, RFC 7323.
 * rfc5961.h deals with challenge ACKs, and with segments that a third party may
 * have sent.
 */
#ifndef _TCPT_ACCEPTABLE_H
#define _TCPT_ACCEPTABLE_H

#include "endpoint.h"
#include "env.h"
#include "seq.h"
#include "tcb.h"

struct tcpt_segment;

/**
 * enum tcpt_fit - where a segment lies in the receiver's window
 * @TCPT_FIT_IN:	inside, or the window is unknown
 * @TCPT_FIT_OLD:	before the window: the whole segment is acknowledged
 * @TCPT_FIT_OUTSIDE:	beyond the window
 */
enum tcpt_fit {
	TCPT_FIT_IN,
	TCPT_FIT_OLD,
	TCPT_FIT_OUTSIDE,
};

u32 tcpt_acceptable_window(const struct tcpt_endpoint *x,
			   const struct tcpt_endpoint *y,
			   const struct tcpt_segment *seg);
enum tcpt_fit tcpt_acceptable_seq(const struct tcpt_endpoint *y,
				  const struct tcpt_segment *seg);
bool tcpt_acceptable_ack(const struct tcpt_endpoint *x,
			 const struct tcpt_segment *seg);
bool tcpt_acceptable_timestamp(const struct tcpt_endpoint *x,
			       const struct tcpt_segment *seg, u64 now);
void tcpt_acceptable_stamp(struct tcpt_endpoint *x,
			   const struct tcpt_endpoint *y,
			   const struct tcpt_segment *seg);
enum tcpt_class tcpt_acceptable_rst(const struct tcpt_endpoint *x,
				    const struct tcpt_endpoint *y,
				    const struct tcpt_segment *seg);

/*
 * The fast path of tcpt_acceptable_seq() and tcpt_acceptable_ack(), for a
 * segment from x to y. True if @seg is the next segment in sequence and does
 * not begin beyond the window of y, and if its acknowledgment number is neither
 * old nor after y->nxt. @seg must have no SYN or RST, and y must have
 * acknowledged no more than x has sent.
 */
static inline bool tcpt_acceptable_next(u32 nxt, u32 ack, u32 peer_right,
					u32 peer_nxt,
					const struct tcpt_segment *seg)
{
	/* an ACK that is further ahead than this could be an old ACK */
	enum { JUMP_MAX = 0x40000000 };

	return seg->seq == nxt && !tcpt_seq_after(seg->seq, peer_right) &&
	       seg->ack - ack < JUMP_MAX && !tcpt_seq_after(seg->ack, peer_nxt);
}

/*
 * The fast path of tcpt_acceptable_timestamp() and tcpt_acceptable_stamp():
 * true if @seg has no timestamp, or a timestamp not older than @x->ts_recent.
 */
static inline bool tcpt_acceptable_recent(const struct tcpt_endpoint *x,
					  const struct tcpt_segment *seg)
{
	return !(seg->opt.present & TCPTRACE_OPT_TIMESTAMP) ||
	       (x->valid & TCPT_VALID_TSVAL &&
		!tcpt_seq_before(seg->opt.tsval, x->ts_recent));
}

static inline void tcpt_acceptable_restamp(struct tcpt_endpoint *x,
					   const struct tcpt_endpoint *y,
					   const struct tcpt_segment *seg)
{
	if (seg->opt.present & TCPTRACE_OPT_TIMESTAMP &&
	    !tcpt_seq_after(seg->seq, y->ack))
		x->ts_recent = seg->opt.tsval;
}

/*
 * Is this SYN or SYN,ACK a copy that the network made? A retransmission by the
 * sender has a later timestamp.
 */
static inline bool tcpt_acceptable_is_copy(const struct tcpt_endpoint *x,
					   const struct tcpt_segment *seg)
{
	return seg->opt.present & TCPTRACE_OPT_TIMESTAMP &&
	       x->valid & TCPT_VALID_TSVAL &&
	       !tcpt_seq_after(seg->opt.tsval, x->ts_recent);
}

#endif /* _TCPT_ACCEPTABLE_H */
