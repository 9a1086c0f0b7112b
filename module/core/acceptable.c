// SPDX-License-Identifier: GPL-2.0
#include "acceptable.h"

#include "segment.h"
#include "seq.h"

#include <linux/tcptrace.h>

/* RFC 7323 section 5.5: a 1 ms clock covers half of its range in 24.8 days */
#define PAWS_MAX	(24 * 24 * 3600 * 1000000000ULL)	/* ns */

/**
 * tcpt_acceptable_window - compute the window that a segment grants
 * @x: its sender
 * @y: its receiver
 * @seg: the segment
 *
 * The window of a SYN is never scaled. If a SYN was missed, the scale is
 * unknown: the largest scale is assumed, so that no acceptable segment is
 * classified as outside the window.
 *
 * Context: any.
 * Return: bytes, below 2^30.
 */
u32 tcpt_acceptable_window(const struct tcpt_endpoint *x,
			   const struct tcpt_endpoint *y,
			   const struct tcpt_segment *seg)
{
	if (seg->flags & TCPTRACE_SYN)
		return seg->window;
	return (u32)seg->window
	       << tcpt_endpoint_wscale(x, y, TCPT_WSCALE_MAX);
}

/**
 * tcpt_acceptable_seq - test the sequence number of a segment
 * @y: the receiver
 * @seg: the segment
 *
 * This is the first check of RFC 9293 section 3.10.7.4. As in Linux, a segment
 * is also acceptable if it begins at the right edge of the window (a window
 * probe, or an ACK after the window was filled), or if it ends at the left edge
 * (a retransmission).
 *
 * Context: any.
 * Return: where the segment lies.
 */
enum tcpt_fit tcpt_acceptable_seq(const struct tcpt_endpoint *y,
				  const struct tcpt_segment *seg)
{
	if (!(y->valid & TCPT_VALID_ACK))
		return TCPT_FIT_IN;
	if (tcpt_seq_after(seg->seq, y->right))
		return TCPT_FIT_OUTSIDE;
	return tcpt_seq_before(tcpt_segment_end(seg), y->ack) ? TCPT_FIT_OLD
							      : TCPT_FIT_IN;
}

/**
 * tcpt_acceptable_ack - check whether an acknowledgment is recent enough
 * @x: its sender
 * @seg: the segment, with ACK
 *
 * RFC 5961 section 5.2: the acknowledgment must not be before SND.UNA -
 * MAX.SND.WND of the receiver.
 *
 * Context: any.
 * Return: false if the receiver must not accept the segment.
 */
bool tcpt_acceptable_ack(const struct tcpt_endpoint *x,
			 const struct tcpt_segment *seg)
{
	return !(x->valid & TCPT_VALID_ACK) ||
	       !tcpt_seq_before(seg->ack, x->ack - x->window);
}

/**
 * tcpt_acceptable_timestamp - check whether a timestamp is recent enough
 * @x: its sender
 * @seg: the segment
 * @now: when the segment was seen, ns
 *
 * This is PAWS (RFC 7323 section 5.3, R1). As in Linux, the timestamp may be
 * one tick older than the recorded timestamp. The recorded timestamp expires
 * after 24 days without a segment. A bare ACK is not tested, because it may be
 * reordered.
 *
 * Context: any.
 * Return: false if the receiver must not accept the segment.
 */
bool tcpt_acceptable_timestamp(const struct tcpt_endpoint *x,
			       const struct tcpt_segment *seg, u64 now)
{
	return !(x->valid & TCPT_VALID_TSVAL) ||
	       !(seg->opt.present & TCPTRACE_OPT_TIMESTAMP) ||
	       tcpt_segment_end(seg) == seg->seq ||
	       (s32)(x->ts_recent - seg->opt.tsval) <= 1 ||
	       now - x->counters.last > PAWS_MAX;
}

/**
 * tcpt_acceptable_stamp - record the timestamp of an acceptable segment
 * @x: its sender
 * @y: its receiver
 * @seg: the segment
 *
 * RFC 7323 section 4.3: the timestamp is recorded only if the segment begins at
 * or before the last acknowledgment number of @y, and if the timestamp is not
 * older than the recorded one. The timestamp of data that begins below x->nxt
 * is not recorded, because @y may already have that data and drop the segment.
 *
 * Context: any; the caller serializes access to @x.
 */
void tcpt_acceptable_stamp(struct tcpt_endpoint *x,
			   const struct tcpt_endpoint *y,
			   const struct tcpt_segment *seg)
{
	if (!(seg->opt.present & TCPTRACE_OPT_TIMESTAMP) ||
	    (y->valid & TCPT_VALID_ACK && tcpt_seq_after(seg->seq, y->ack)) ||
	    (x->valid & TCPT_VALID_NXT && tcpt_segment_end(seg) != seg->seq &&
	     tcpt_seq_before(seg->seq, x->nxt)) ||
	    (x->valid & TCPT_VALID_TSVAL &&
	     tcpt_seq_before(seg->opt.tsval, x->ts_recent)))
		return;
	x->ts_recent = seg->opt.tsval;
	x->valid |= TCPT_VALID_TSVAL;
}

/**
 * tcpt_acceptable_rst - check whether the receiver must accept a RST
 * @x: its sender
 * @y: its receiver
 * @seg: the segment, with RST
 *
 * In SYN-SENT, the RST must acknowledge the SYN (RFC 9293 section 3.10.7.3,
 * second step). In all other states, the RST must have exactly the sequence
 * number that @y expects next (RFC 5961 section 3.2) or, as in Linux, the
 * sequence number of a FIN that @y has received. The expected number is
 * x->contig, or x->nxt if @y has received the data in the gaps, or y->ack if
 * data was lost between here and @y.
 *
 * Context: any.
 * Return: TCPT_CLASS_OK, TCPT_CLASS_RST_CHALLENGE or TCPT_CLASS_RST_OUTSIDE.
 */
enum tcpt_class tcpt_acceptable_rst(const struct tcpt_endpoint *x,
				    const struct tcpt_endpoint *y,
				    const struct tcpt_segment *seg)
{
	u32 seq = seg->seq;

	if (y->state == TCPTRACE_SYN_SENT) {
		if ((seg->flags & TCPTRACE_ACK) &&
		    tcpt_seq_between(seg->ack, y->iss + 1, y->nxt))
			return TCPT_CLASS_OK;
		return TCPT_CLASS_RST_OUTSIDE;
	}
	if (!(x->valid & TCPT_VALID_NXT))
		return TCPT_CLASS_RST_OUTSIDE;
	if (seq == x->contig || seq == x->nxt ||
	    (y->valid & TCPT_VALID_ACK && seq == y->ack))
		return TCPT_CLASS_OK;
	/* Linux also accepts the sequence number of a FIN that was received */
	if ((x->valid & TCPT_VALID_FIN_DELIVERED) && seq == x->fin)
		return TCPT_CLASS_OK;
	if ((y->valid & TCPT_VALID_ACK) &&
	    tcpt_seq_between(seq, y->ack, y->right))
		return TCPT_CLASS_RST_CHALLENGE;
	return TCPT_CLASS_RST_OUTSIDE;
}
