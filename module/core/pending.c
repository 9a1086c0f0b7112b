// SPDX-License-Identifier: GPL-2.0
#include "pending.h"

#include "segment.h"

#include <linux/tcptrace.h>

/* Equal in all that tcpt_open_take_syn() has to withdraw. */
static bool is_same(const struct tcpt_pending *p, enum tcpt_pending_kind kind,
		    unsigned int from, const struct tcpt_segment *seg)
{
	return p->kind == kind && p->from == from && p->seq == seg->seq &&
	       p->len == seg->len && p->flags == seg->flags &&
	       p->tos == seg->tos &&
	       !((p->options ^ seg->opt.present) & TCPTRACE_OPT_SACK);
}

/**
 * tcpt_pending_keep - keep a segment
 * @p: where; the segment that was there is dropped, unless it is the same
 * @kind: why
 * @from: who sent it: 0 the originator, 1 the responder
 * @seg: the segment
 * @now: when it was seen, ns
 *
 * Context: any; the caller keeps others off @p.
 */
void tcpt_pending_keep(struct tcpt_pending *p, enum tcpt_pending_kind kind,
		       unsigned int from, const struct tcpt_segment *seg,
		       u64 now)
{
	if (!is_same(p, kind, from, seg)) {
		memset(p, 0, sizeof(*p));
		p->first = now;
	}
	p->last = now;
	p->seq = seg->seq;
	p->ack = seg->ack;
	p->len = seg->len;
	p->flags = seg->flags;
	p->window = seg->window;
	p->ttl = seg->ttl;
	p->tos = seg->tos;
	p->hdr_len = seg->hdr_len;
	p->options = seg->opt.present;
	p->mss = seg->opt.mss;
	p->wscale = seg->opt.wscale;
	p->tsval = seg->opt.tsval;
	p->tsecr = seg->opt.tsecr;
	p->times += p->times < 255;
	p->kind = (u8)kind;
	p->from = (u8)from;
}

/**
 * tcpt_pending_segment - the segment that was kept
 * @p: where; one is kept there
 * @like: a segment of the same connection
 * @reverse: @like was sent by the other end
 * @seg: filled in; it has no SACK blocks
 *
 * Context: any.
 */
void tcpt_pending_segment(const struct tcpt_pending *p,
			  const struct tcpt_segment *like, bool reverse,
			  struct tcpt_segment *seg)
{
	memset(seg, 0, sizeof(*seg));
	memcpy(seg->src, reverse ? like->dst : like->src, sizeof(seg->src));
	memcpy(seg->dst, reverse ? like->src : like->dst, sizeof(seg->dst));
	seg->sport = reverse ? like->dport : like->sport;
	seg->dport = reverse ? like->sport : like->dport;
	seg->family = like->family;
	seg->wire_segs = 1;
	seg->seq = p->seq;
	seg->ack = p->ack;
	seg->len = p->len;
	seg->flags = p->flags;
	seg->window = p->window;
	seg->ttl = p->ttl;
	seg->tos = p->tos;
	seg->hdr_len = p->hdr_len;
	seg->opt.present = p->options & ~(u16)TCPTRACE_OPT_SACK;
	seg->opt.mss = p->mss;
	seg->opt.wscale = p->wscale;
	seg->opt.tsval = p->tsval;
	seg->opt.tsecr = p->tsecr;
}

/**
 * tcpt_pending_next - take a kept segment once more
 * @p: where; its number of times is counted down to 0
 * @now: set to when it was seen, ns: the first time, then the last
 *
 * Context: any; the caller keeps others off @p.
 * Return: false if it was taken as often as it was seen.
 */
bool tcpt_pending_next(struct tcpt_pending *p, u64 *now)
{
	if (!p->times)
		return false;
	p->times--;
	*now = p->first;
	p->first = p->last;
	return true;
}
