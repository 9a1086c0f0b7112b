// SPDX-License-Identifier: GPL-2.0
#include "pending.h"

#include <linux/tcptrace.h>

/*
 * Does the segment equal the kept one in all fields that tcpt_open_take_syn()
 * needs?
 */
static bool is_same(const struct tcpt_pending *p, enum tcpt_pending_kind kind,
		    unsigned int from, const struct tcpt_segment *seg)
{
	const struct tcpt_header *h = &p->header;

	return p->kind == kind && p->from == from && h->seq == seg->seq &&
	       p->len == seg->len && h->flags == seg->flags &&
	       h->tos == seg->tos &&
	       !((h->options ^ seg->opt.present) & TCPTRACE_OPT_SACK);
}

/**
 * tcpt_pending_keep - keep a segment
 * @p: where to keep the segment; a different segment that is kept there is
 *	dropped
 * @kind: why it is kept
 * @from: the sender: 0 for the originator, 1 for the responder
 * @seg: the segment
 * @now: when the segment was seen, ns
 *
 * Context: any; the caller serializes access to @p.
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
	tcpt_header_keep(&p->header, seg);
	p->ack = seg->ack;
	p->len = seg->len;
	p->tsecr = seg->opt.tsecr;
	p->times += p->times < 255;
	p->kind = (u8)kind;
	p->from = (u8)from;
}

/**
 * tcpt_pending_segment - restore a kept segment
 * @p: where a segment is kept
 * @like: a segment of the same connection
 * @reverse: true if the other end sent @like
 * @seg: filled in; it has no SACK blocks
 *
 * Context: any.
 */
void tcpt_pending_segment(const struct tcpt_pending *p,
			  const struct tcpt_segment *like, bool reverse,
			  struct tcpt_segment *seg)
{
	tcpt_header_segment(&p->header, seg);
	memcpy(seg->src, reverse ? like->dst : like->src, sizeof(seg->src));
	memcpy(seg->dst, reverse ? like->src : like->dst, sizeof(seg->dst));
	seg->sport = reverse ? like->dport : like->sport;
	seg->dport = reverse ? like->sport : like->dport;
	seg->family = like->family;
	seg->ack = p->ack;
	seg->len = p->len;
	seg->opt.present &= ~(u16)TCPTRACE_OPT_SACK;
	seg->opt.tsecr = p->tsecr;
}

/**
 * tcpt_pending_next - get the next time at which a kept segment was seen
 * @p: the kept segment; each call decrements @p->times
 * @now: set to the time, ns: first @p->first, then @p->last
 *
 * Context: any; the caller serializes access to @p.
 * Return: false if no such time is left.
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
