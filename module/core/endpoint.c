// SPDX-License-Identifier: GPL-2.0
#include "endpoint.h"

#include "segment.h"
#include "seq.h"

#include <linux/tcptrace.h>

/*
 * A segment that is at most this far behind the highest sequence number is an
 * old segment, not a far one.
 */
#define NEAR_MAX	0x40000000

/**
 * tcpt_endpoint_adopt - set the sequence numbers of an end with an unseen SYN
 * @e: the end
 * @seq: the first sequence number that was seen from the end, or the peer's
 *	acknowledgment number
 *
 * Context: any; the caller serializes access to @e.
 */
void tcpt_endpoint_adopt(struct tcpt_endpoint *e, u32 seq)
{
	e->iss = seq - 1;
	e->nxt = seq;
	e->contig = seq;
	e->valid |= TCPT_VALID_NXT;
}

/**
 * tcpt_endpoint_adopt_syn - set the sequence numbers of an end from its SYN
 * @e: the end
 * @seg: its SYN or SYN,ACK
 *
 * Context: any; the caller serializes access to @e.
 */
void tcpt_endpoint_adopt_syn(struct tcpt_endpoint *e,
			     const struct tcpt_segment *seg)
{
	e->iss = seg->seq;
	e->nxt = seg->seq;
	e->contig = seg->seq;
	e->gaps.n = 0;
	e->valid |= TCPT_VALID_NXT;
	tcpt_endpoint_learn_syn(e, seg);
}

/**
 * tcpt_endpoint_learn_syn - take the options of an end from its SYN
 * @e: the end
 * @seg: its SYN or SYN,ACK
 *
 * Context: any; the caller serializes access to @e.
 */
void tcpt_endpoint_learn_syn(struct tcpt_endpoint *e,
			     const struct tcpt_segment *seg)
{
	if (!seg->cut)
		e->valid |= TCPT_VALID_OPTIONS;
	e->options = seg->opt.present;
	e->syn_flags = seg->flags;
	e->mss = e->options & TCPTRACE_OPT_MSS ? seg->opt.mss : 0;
	e->wscale = e->options & TCPTRACE_OPT_WSCALE ? seg->opt.wscale : 0;
	e->valid &= ~TCPT_VALID_TSVAL;
	if (e->options & TCPTRACE_OPT_TIMESTAMP) {
		e->ts_recent = seg->opt.tsval;
		e->valid |= TCPT_VALID_TSVAL;
	}
}

/**
 * tcpt_endpoint_begin - track the first segment of an end, a SYN or SYN,ACK
 * @e: the end, all zero; the caller sets its state and counts its SYNs
 * @seg: the segment, without data, SACK blocks, FIN, RST, PSH or URG; the
 *	caller counts its ACK
 * @now: when the segment was seen, ns
 *
 * Context: any; the caller serializes access to @e.
 */
void tcpt_endpoint_begin(struct tcpt_endpoint *e,
			 const struct tcpt_segment *seg, u64 now)
{
	tcpt_endpoint_adopt_syn(e, seg);
	e->nxt++;
	e->contig++;
	tcpt_endpoint_count(e, seg);
	tcpt_counters_syn(&e->counters, seg, now);
	tcpt_rtt_time(&e->rtt, seg, e->nxt, false, now);
}

/**
 * tcpt_endpoint_grant - note that an end acknowledges data and grants a window
 * @e: the end
 * @ack: the acknowledgment number
 * @window: bytes
 *
 * The acknowledgment and the right edge never move back (RFC 9293 section
 * 3.8.6).
 *
 * Context: any; the caller serializes access to @e.
 */
void tcpt_endpoint_grant(struct tcpt_endpoint *e, u32 ack, u32 window)
{
	if (e->window < window)
		e->window = window;
	if (e->valid & TCPT_VALID_ACK) {
		e->ack = tcpt_seq_max(e->ack, ack);
		e->right = tcpt_seq_max(e->right, ack + window);
		return;
	}
	e->ack = ack;
	e->right = ack + window;
	e->valid |= TCPT_VALID_ACK;
}

/**
 * tcpt_endpoint_rescale - apply a window scale that has become known
 * @x: the end, whose windows were shifted by TCPT_WSCALE_MAX so far
 * @y: the other end
 *
 * Context: any; the caller serializes access to @x.
 */
void tcpt_endpoint_rescale(struct tcpt_endpoint *x,
			   const struct tcpt_endpoint *y)
{
	x->window >>= TCPT_WSCALE_MAX;
	x->window <<= tcpt_endpoint_wscale(x, y, TCPT_WSCALE_MAX);
	if (x->valid & TCPT_VALID_ACK)
		x->right = x->ack + x->window;
}

/*
 * Does @e have gaps? This test does not read the gaps themselves, which are in
 * a different cache line.
 */
static bool has_holes(const struct tcpt_endpoint *e)
{
	return e->contig != e->nxt;
}

static void find_contig(struct tcpt_endpoint *e)
{
	e->contig = e->gaps.n ? e->gaps.lo[0] : e->nxt;
}

/**
 * tcpt_endpoint_see - record the sequence numbers of a segment of an end
 * @e: the end; its sequence numbers are set
 * @seg: the segment
 * @keep_alive: the segment is a keep-alive, whose byte does not count as a
 *	retransmission
 *
 * Context: any; the caller serializes access to @e.
 */
void tcpt_endpoint_see(struct tcpt_endpoint *e, const struct tcpt_segment *seg,
		       bool keep_alive)
{
	u32 begin = seg->seq + !!(seg->flags & TCPTRACE_SYN);
	u32 end = begin + seg->len;
	bool beyond = tcpt_seq_before(e->nxt, seg->seq);
	bool gaps = beyond || has_holes(e);
	u32 fresh = 0;

	if (beyond) {
		tcpt_gaps_add(&e->gaps, e->nxt, seg->seq);
		e->nxt = seg->seq;
	} else if (gaps) {
		fresh = tcpt_gaps_fill(&e->gaps, begin, end);
		/* the number of a FIN */
		tcpt_gaps_fill(&e->gaps, end, tcpt_segment_end(seg));
	}
	if (tcpt_seq_after(end, e->nxt))
		fresh += end - tcpt_seq_max(begin, e->nxt);
	e->nxt = tcpt_seq_max(e->nxt, tcpt_segment_end(seg));
	/* the far segments are no longer beyond the highest sequence number */
	if (e->valid & TCPT_VALID_FAR && tcpt_seq_after(e->nxt, e->far_lo))
		e->valid &= ~(TCPT_VALID_FAR | TCPT_VALID_FAR_FIN);
	e->contig = e->nxt;
	if (gaps) {
		tcpt_gaps_trim(&e->gaps, e->nxt);
		find_contig(e);
	}
	e->unique_bytes += fresh;
	if (fresh == seg->len || keep_alive)
		return;
	e->rexmit_bytes += seg->len - fresh;
	e->rexmit_packets += e->rexmit_packets != (u32)-1;
}

/**
 * tcpt_endpoint_skip - note that an end has sent more than was seen
 * @e: the end
 * @to: the next sequence number of the end, which is after @e->nxt
 *
 * Context: any; the caller serializes access to @e.
 */
void tcpt_endpoint_skip(struct tcpt_endpoint *e, u32 to)
{
	tcpt_gaps_add(&e->gaps, e->nxt, to);
	e->nxt = to;
	find_contig(e);
}

/**
 * tcpt_endpoint_acked - note that the peer acknowledges data of an end
 * @e: the end
 * @ack: the acknowledgment number, which is not after @e->nxt
 *
 * Context: any; the caller serializes access to @e.
 * Return: number of acknowledged sequence numbers that were not seen.
 */
u32 tcpt_endpoint_acked(struct tcpt_endpoint *e, u32 ack)
{
	u32 missed;

	if (!has_holes(e))
		return 0;
	missed = tcpt_gaps_pass(&e->gaps, ack);
	find_contig(e);
	e->missed_bytes += missed;
	return missed;
}

/**
 * tcpt_endpoint_far - remember a segment that the peer may have accepted
 * @e: the end
 * @seg: the segment
 *
 * If segments were not seen here (flow offload, a different path), the tracked
 * sequence numbers are behind, and each later segment seems to be outside the
 * window. The peer's ACK shows whether the peer has accepted the segment.
 *
 * Context: any; the caller serializes access to @e.
 */
void tcpt_endpoint_far(struct tcpt_endpoint *e, const struct tcpt_segment *seg)
{
	u32 end = tcpt_segment_end(seg);

	/* after a FIN there may be bare ACKs, but no data */
	if (!(e->valid & TCPT_VALID_FAR) || seg->seq != e->far_hi ||
	    (e->valid & TCPT_VALID_FAR_FIN && end != seg->seq)) {
		e->far_lo = seg->seq;
		e->valid &= ~TCPT_VALID_FAR_FIN;
	}
	e->far_hi = end;
	e->valid |= TCPT_VALID_FAR;
	if (seg->flags & TCPTRACE_FIN)
		e->valid |= TCPT_VALID_FAR_FIN;
}

/**
 * tcpt_endpoint_far_acked - check whether the peer acknowledges far segments
 * @e: the end
 * @ack: the acknowledgment number
 *
 * Context: any.
 * Return: true if the peer acknowledges all or the first part of the far
 * segments, and if the far segments are not old.
 */
bool tcpt_endpoint_far_acked(const struct tcpt_endpoint *e, u32 ack)
{
	return e->valid & TCPT_VALID_FAR && ack != e->far_lo &&
	       tcpt_seq_between(ack, e->far_lo, e->far_hi) &&
	       e->nxt - e->far_hi > NEAR_MAX;
}

/**
 * tcpt_endpoint_far_inside - check whether far segments begin in the window
 * @e: the end
 * @peer: the other end, which grants the window
 *
 * Context: any.
 * Return: true if the far segments begin at @e->nxt or, after a gap, inside the
 * window.
 */
bool tcpt_endpoint_far_inside(const struct tcpt_endpoint *e,
			      const struct tcpt_endpoint *peer)
{
	return e->valid & TCPT_VALID_FAR &&
	       (e->far_lo == e->nxt ||
		(peer->valid & TCPT_VALID_ACK &&
		 tcpt_seq_after(e->far_lo, e->nxt) &&
		 !tcpt_seq_after(e->far_lo, peer->right)));
}

static void accept_far(struct tcpt_endpoint *e)
{
	e->unique_bytes += e->far_hi - e->far_lo -
			   !!(e->valid & TCPT_VALID_FAR_FIN);
	e->nxt = e->far_hi;
	e->valid &= ~(TCPT_VALID_FAR | TCPT_VALID_FAR_FIN);
}

/**
 * tcpt_endpoint_jump - move an end's sequence numbers to its far segments
 * @e: the end
 *
 * Context: any; the caller serializes access to @e.
 * Return: number of unseen sequence numbers before the far segments.
 */
u32 tcpt_endpoint_jump(struct tcpt_endpoint *e)
{
	u32 missed = tcpt_gaps_pass(&e->gaps, e->nxt);

	if (tcpt_seq_after(e->far_lo, e->nxt))
		missed += e->far_lo - e->nxt;
	e->missed_bytes += missed;
	accept_far(e);
	e->contig = e->nxt;
	return missed;
}

/**
 * tcpt_endpoint_take_far - note that the peer has accepted the far segments
 * @e: the end
 *
 * The peer need not have accepted the data before the far segments.
 *
 * Context: any; the caller serializes access to @e.
 */
void tcpt_endpoint_take_far(struct tcpt_endpoint *e)
{
	if (tcpt_seq_after(e->far_lo, e->nxt))
		tcpt_endpoint_skip(e, e->far_lo);
	accept_far(e);
	find_contig(e);
}

/**
 * tcpt_endpoint_update - record a segment in the sender's counters
 * @x: the end that sent the segment
 * @y: the other end
 * @seg: the segment
 * @found: Wireshark's classes of the segment
 * @rexmit: the segment begins with sequence numbers that were seen before
 * @now: when the segment was seen, ns
 *
 * Context: any; the caller serializes access to the connection.
 */
void tcpt_endpoint_update(struct tcpt_endpoint *x,
			  const struct tcpt_endpoint *y,
			  const struct tcpt_segment *seg,
			  const struct tcpt_wireshark_result *found,
			  bool rexmit, u64 now)
{
	if (y->valid & TCPT_VALID_ACK && tcpt_seq_after(y->ack, x->iss + 1))
		x->counters.answered = true;
	tcpt_counters_segment(&x->counters, seg, found, rexmit,
			      tcpt_endpoint_sack_min(y, seg), now);
	if (!(seg->flags & (TCPTRACE_SYN | TCPTRACE_RST)))
		tcpt_counters_window(&x->counters, (u32)seg->window <<
				     tcpt_endpoint_wscale(x, y, 0));
}
