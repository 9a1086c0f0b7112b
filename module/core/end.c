// SPDX-License-Identifier: GPL-2.0
#include "end.h"

#include "segment.h"
#include "seq.h"

#include <linux/tcptrace.h>

/**
 * tcpt_end_adopt - set the numbers of an end whose SYN was not seen
 * @e: the end
 * @seq: its first sequence number
 *
 * Context: any; the caller keeps others off @e.
 */
void tcpt_end_adopt(struct tcpt_end *e, u32 seq)
{
	e->iss = seq - 1;
	e->nxt = seq;
	e->contig = seq;
	e->know |= TCPT_KNOW_NXT;
}

/**
 * tcpt_end_adopt_syn - set the numbers of an end from its SYN
 * @e: the end
 * @seg: its SYN or SYN,ACK
 *
 * Context: any; the caller keeps others off @e.
 */
void tcpt_end_adopt_syn(struct tcpt_end *e, const struct tcpt_segment *seg)
{
	e->iss = seg->seq;
	e->nxt = tcpt_segment_end(seg);
	e->contig = e->nxt;
	e->know |= TCPT_KNOW_NXT | TCPT_KNOW_ISS;
	e->options = seg->opt.present;
	e->syn_flags = seg->flags;
	e->mss = e->options & TCPTRACE_OPT_MSS ? seg->opt.mss : 0;
	e->wscale = e->options & TCPTRACE_OPT_WSCALE ? seg->opt.wscale : 0;
}

/**
 * tcpt_end_grant - an end acknowledges, and grants a window
 * @e: the end
 * @ack: the acknowledgment number
 * @window: bytes
 *
 * Neither goes back: RFC 9293 section 3.8.6 on shrinking a window.
 *
 * Context: any; the caller keeps others off @e.
 */
void tcpt_end_grant(struct tcpt_end *e, u32 ack, u32 window)
{
	if (e->window < window)
		e->window = window;
	if (e->know & TCPT_KNOW_ACK) {
		e->ack = tcpt_seq_max(e->ack, ack);
		e->right = tcpt_seq_max(e->right, ack + window);
		return;
	}
	e->ack = ack;
	e->right = ack + window;
	e->know |= TCPT_KNOW_ACK;
}

/**
 * tcpt_end_count - count a segment that an end sent
 * @e: the end, before the segment moves its numbers
 * @seg: the segment
 *
 * Context: any; the caller keeps others off @e.
 */
void tcpt_end_count(struct tcpt_end *e, const struct tcpt_segment *seg)
{
	u32 data = seg->seq + !!(seg->flags & TCPTRACE_SYN);
	u32 again;

	e->packets++;
	e->segments += seg->wire_segs;
	e->bytes += seg->len;
	e->flags |= seg->flags;
	if (!seg->len || !(e->know & TCPT_KNOW_NXT) ||
	    !tcpt_seq_before(data, e->nxt))
		return;
	again = e->nxt - data;
	e->rexmit_packets++;
	e->rexmit_bytes += seg->len < again ? seg->len : again;
}
