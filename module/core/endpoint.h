/* SPDX-License-Identifier: GPL-2.0 */
/* One end of a connection: its sequence numbers, window, state and counters. */
#ifndef _TCPT_ENDPOINT_H
#define _TCPT_ENDPOINT_H

#include "chrono.h"
#include "counters.h"
#include "env.h"
#include "gaps.h"
#include "rtt.h"
#include "segment.h"
#include "seq.h"

struct tcpt_wireshark_result;
struct tcpt_segment;

/**
 * enum tcpt_valid - which fields are set; bits of tcpt_endpoint.valid
 * @TCPT_VALID_OPTIONS:	the SYN of this end was seen, with all its options
 * @TCPT_VALID_NXT:	iss (perhaps a guess), nxt and contig are set
 * @TCPT_VALID_ACK:	ack and right are set
 * @TCPT_VALID_FIN:	fin is set
 * @TCPT_VALID_FIN_DELIVERED: the peer has received the FIN of this end, and all
 *	data before the FIN
 * @TCPT_VALID_FAR:	far_lo and far_hi are set
 * @TCPT_VALID_FAR_FIN:	the segment that ends at far_hi has a FIN
 * @TCPT_VALID_CLAIM:	claim and claim_right are set
 * @TCPT_VALID_TSVAL:	ts_recent is set
 * @TCPT_VALID_DOUBT: this end has repeated its SYN or SYN,ACK, so it has not
 *	received the answer; only a later segment of this end shows that the
 *	end is established
 * @TCPT_VALID_FIN_DOUBT: the peer may have missed the FIN; only an ACK of the
 *	FIN shows that the FIN arrived
 */
enum tcpt_valid {
	TCPT_VALID_OPTIONS	= 0x01,
	TCPT_VALID_NXT		= 0x02,
	TCPT_VALID_ACK		= 0x04,
	TCPT_VALID_FIN		= 0x08,
	TCPT_VALID_FIN_DELIVERED	= 0x10,
	TCPT_VALID_FAR		= 0x20,
	TCPT_VALID_FAR_FIN	= 0x40,
	TCPT_VALID_CLAIM	= 0x80,
	TCPT_VALID_TSVAL	= 0x100,
	TCPT_VALID_DOUBT	= 0x200,
	TCPT_VALID_FIN_DOUBT	= 0x400,
};

/**
 * struct tcpt_endpoint - one end of a connection
 * @packets: number of packets seen from this end
 * @segments: number of segments on the wire in these packets
 * @bytes: number of payload bytes, including retransmitted ones
 * @unique_bytes: number of payload bytes that were not seen before
 * @rexmit_bytes: number of payload bytes that were seen before; @unique_bytes
 *	and @rexmit_bytes exclude unacceptable segments
 * @missed_bytes: number of sequence numbers that were acknowledged but not seen
 * @rexmit_packets: number of packets with payload that was seen before
 * @iss: initial send sequence number; if the SYN was not seen, a guess: the
 *	first sequence number that was seen from this end, minus 1, or the first
 *	acknowledgment number that was seen from the peer, minus 1
 * @nxt: the highest sequence number sent, plus 1 (SND.NXT as seen here)
 * @contig: there is no gap below this sequence number: the peer may have
 *	received everything before it
 * @gaps: sequence numbers between contig and nxt that were not seen
 * @ack: the highest acknowledgment sent
 * @right: highest right edge of the windows that this end granted
 * @window: largest window that this end granted (the peer's MAX.SND.WND)
 * @fin: sequence number of its FIN
 * @far_lo: start of a run of segments that are not recorded yet: they are
 *	outside the peer's window, or came with a @claim
 * @far_hi: end of the run that starts at @far_lo; see resync()
 * @claim: acknowledgment number for data that was not seen from the peer; the
 *	peer's next segment shows whether the peer sent that data; see
 *	prove_claim()
 * @claim_right: right edge of the window that was granted with @claim
 * @flags: all TCP flags sent, ORed
 * @options: TCPTRACE_OPT_* of its SYN
 * @syn_flags: TCP flags of its SYN
 * @mss: MSS option of its SYN, 0 if there was none
 * @wscale: window scale of its SYN, if it has OPT_WSCALE
 * @ts_recent: timestamp of the last segment that advanced the peer's TS.Recent
 *	(RFC 7323 section 4.3)
 * @state: enum tcptrace_state
 * @scale: window scale of this end, TCPT_WSCALE_MAX if unknown; valid only
 *	while the fast path may be taken
 * @syns: number of SYNs without ACK seen, up to 255
 * @synacks: number of SYN,ACKs seen, up to 255
 * @valid: enum tcpt_valid
 * @counters: other counters of the segments that it sent
 * @rtt: round trip times of its segments
 * @chrono: the phases of its data
 */
struct tcpt_endpoint {
	/* the first cache line is read for each segment, from either end */
	u32 iss;
	u32 nxt;
	u32 contig;
	u32 ack;
	u32 right;
	u32 window;
	u32 ts_recent;
	u16 flags;
	u16 options;
	u16 valid;
	u8 wscale;
	u8 state;
	u8 scale;
	struct tcpt_rtt rtt;
	u64 packets;
	u64 segments;
	u64 bytes;
	u64 unique_bytes;
	struct tcpt_chrono chrono;
	struct tcpt_counters counters;
	/* fields that rarely change start here */
	struct tcpt_gaps gaps;
	u32 rexmit_packets;
	u64 rexmit_bytes;
	u64 missed_bytes;
	u32 fin;
	u32 far_lo;
	u32 far_hi;
	u32 claim;
	u32 claim_right;
	u16 syn_flags;
	u16 mss;
	u8 syns;
	u8 synacks;
};

void tcpt_endpoint_adopt(struct tcpt_endpoint *e, u32 seq);
void tcpt_endpoint_adopt_syn(struct tcpt_endpoint *e,
			     const struct tcpt_segment *seg);
void tcpt_endpoint_begin(struct tcpt_endpoint *e,
			 const struct tcpt_segment *seg, u64 now);
void tcpt_endpoint_grant(struct tcpt_endpoint *e, u32 ack, u32 window);
void tcpt_endpoint_rescale(struct tcpt_endpoint *x,
			   const struct tcpt_endpoint *y);
void tcpt_endpoint_learn_syn(struct tcpt_endpoint *e,
			     const struct tcpt_segment *seg);
void tcpt_endpoint_see(struct tcpt_endpoint *e, const struct tcpt_segment *seg,
		       bool keep_alive);
void tcpt_endpoint_skip(struct tcpt_endpoint *e, u32 to);
u32 tcpt_endpoint_acked(struct tcpt_endpoint *e, u32 ack);
void tcpt_endpoint_far(struct tcpt_endpoint *e, const struct tcpt_segment *seg);
bool tcpt_endpoint_far_acked(const struct tcpt_endpoint *e, u32 ack);
bool tcpt_endpoint_far_inside(const struct tcpt_endpoint *e,
			      const struct tcpt_endpoint *peer);
u32 tcpt_endpoint_jump(struct tcpt_endpoint *e);
void tcpt_endpoint_take_far(struct tcpt_endpoint *e);
void tcpt_endpoint_update(struct tcpt_endpoint *x,
			  const struct tcpt_endpoint *y,
			  const struct tcpt_segment *seg,
			  const struct tcpt_wireshark_result *found,
			  bool rexmit, u64 now);

/**
 * tcpt_endpoint_count - count a segment of an end, acceptable or not
 * @e: the end
 * @seg: the segment
 *
 * Context: any; the caller serializes access to @e.
 */
static inline void tcpt_endpoint_count(struct tcpt_endpoint *e,
				       const struct tcpt_segment *seg)
{
	e->packets++;
	e->segments += seg->wire_segs;
	e->bytes += seg->len;
	e->flags |= seg->flags;
}

/**
 * tcpt_endpoint_wscale - get the window scale of an end
 * @x: the end
 * @y: the other end
 * @unknown: the scale to assume if a SYN was missed
 *
 * Context: any.
 * Return: number of bits to shift, up to TCPT_WSCALE_MAX.
 */
static inline unsigned int tcpt_endpoint_wscale(const struct tcpt_endpoint *x,
						const struct tcpt_endpoint *y,
						unsigned int unknown)
{
	if (!(x->valid & y->valid & TCPT_VALID_OPTIONS))
		return unknown;
	return x->options & y->options & TCPTRACE_OPT_WSCALE ? x->wscale : 0;
}

/*
 * No SACK block for segments of @y begins before the SYN of @y. A D-SACK may
 * begin at the SYN: Linux sends such a D-SACK in a simultaneous open, to report
 * a repeated SYN.
 */
static inline u32 tcpt_endpoint_sack_min(const struct tcpt_endpoint *y,
					 const struct tcpt_segment *seg)
{
	/* a D-SACK reaches back at most a window (RFC 7323 section 2.3) */
	enum { SPAN = 0x40000000 };

	return y->valid & TCPT_VALID_OPTIONS ? y->iss : seg->ack - SPAN;
}

/* Has @y acknowledged sequence number @seq? True if the answer is unknown. */
static inline bool tcpt_endpoint_has_acked(const struct tcpt_endpoint *y,
					   u32 seq)
{
	return !(y->valid & TCPT_VALID_ACK) || tcpt_seq_before(seq, y->ack);
}

/*
 * Return: false if the segment moves the right edge of the window back. A step
 * back by less than one scale unit is ignored, because it may be due to
 * rounding. If the scale is unknown (TCPT_WSCALE_MAX), the function always
 * returns true.
 */
static inline bool tcpt_endpoint_keeps_edge(u32 right,
					    const struct tcpt_segment *seg,
					    unsigned int scale)
{
	return scale == TCPT_WSCALE_MAX ||
	       tcpt_seq_after(seg->ack + ((seg->window + 1U) << scale), right);
}

/*
 * The fast path of tcpt_endpoint_see() and tcpt_endpoint_grant(). A segment may
 * take the fast path only if tcpt_endpoint_is_plain() is true for both ends,
 * and tcpt_endpoint_sender_is_plain() for the sender. If @e has sent a FIN, the
 * peer must have received this FIN.
 */
static inline bool tcpt_endpoint_is_plain(const struct tcpt_endpoint *e,
					  const struct tcpt_endpoint *peer)
{
	unsigned int fin = TCPT_VALID_FIN | TCPT_VALID_FIN_DELIVERED;
	unsigned int valid = e->valid & ~(TCPT_VALID_OPTIONS |
					  TCPT_VALID_TSVAL);

	if ((valid & fin) == fin)
		valid -= fin;
	return e->state >= TCPTRACE_ESTAB && e->contig == e->nxt &&
	       valid == (TCPT_VALID_NXT | TCPT_VALID_ACK) &&
	       !tcpt_seq_after(peer->ack, e->nxt);
}

/*
 * @window is the last window field of @e; a segment with the same window field
 * grants more only if it acknowledges more.
 */
static inline bool
tcpt_endpoint_sender_is_plain(const struct tcpt_endpoint *e,
			      const struct tcpt_endpoint *peer, u32 window)
{
	unsigned int shift = tcpt_endpoint_wscale(e, peer, 0);
	unsigned int scale = tcpt_endpoint_wscale(e, peer, TCPT_WSCALE_MAX);
	u32 below = e->right - (e->ack + (window << scale));
	u32 slack = scale == TCPT_WSCALE_MAX ? 1U << 31 : 1U << scale;

	return e->window >= window << scale && below < slack &&
	       tcpt_counters_is_plain(&e->counters, window << shift);
}

/* Like the test above, for an end that has sent only its SYN or SYN,ACK. */
static inline bool
tcpt_endpoint_begins_plainly(const struct tcpt_endpoint *e, u32 window)
{
	return e->right == e->ack + window && e->counters.seen &&
	       !e->counters.started;
}

static inline void tcpt_endpoint_sent(struct tcpt_endpoint *e,
				      const struct tcpt_segment *seg, u32 end)
{
	e->nxt = end;
	e->contig = end;
	e->unique_bytes += seg->len;
}

static inline void tcpt_endpoint_granted(struct tcpt_endpoint *e, u32 ack,
					 u32 window)
{
	e->ack = ack;
	e->right = tcpt_seq_max(e->right, ack + window);
	if (e->window < window)
		e->window = window;
}

#endif /* _TCPT_ENDPOINT_H */
