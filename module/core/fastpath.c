// SPDX-License-Identifier: GPL-2.0
/*
 * Nearly all segments of an open connection are the next data in sequence, or
 * an ACK of new data: Van Jacobson's header prediction. Each rule has its fast
 * path beside it, in its header; here they are put together. All other segments
 * are left to tcpt_track_fully(). The tests take every segment both ways: the
 * result must be equal, bit for bit.
 */
#include "fastpath.h"

#include "acceptable.h"
#include "segment.h"
#include "seq.h"
#include "tcb.h"

#include <linux/tcptrace.h>

/* The segment: x sent it, y receives it. */
struct pass {
	struct tcpt_endpoint *x;
	struct tcpt_endpoint *y;
	struct tcpt_wireshark_dir *fwd;
	struct tcpt_wireshark_dir *rev;
	struct tcpt_zeek_end *zx;
	struct tcpt_zeek_end *zy;
	const struct tcpt_segment *seg;
	u32 end;
	unsigned int scale;	/* of its window; the largest if unknown */
};

/**
 * tcpt_fastpath_ready - may the next segment take the fast path?
 * @t: the connection
 *
 * No segment that takes the fast path changes what is tested here.
 *
 * Context: any; nobody changes @t.
 * Return: true if it may.
 */
bool tcpt_fastpath_ready(const struct tcpt_track *t)
{
	const struct tcpt_endpoint *e;
	unsigned int i;

	if ((t->marks & (TCPT_MARK_CONFIRMED | TCPT_MARK_CLOSED |
			 TCPT_MARK_SELF)) != TCPT_MARK_CONFIRMED ||
	    t->challenged || t->pending.kind || t->findings.watch ||
	    !tcpt_wireshark_is_plain(&t->wireshark))
		return false;
	for (i = 0; i < 2; i++) {
		e = &t->end[i];
		if (!tcpt_endpoint_is_plain(e) ||
		    !tcpt_wireshark_dir_is_plain(&t->wireshark.dir[i],
						 e->nxt) ||
		    !tcpt_zeek_is_plain(&t->zeek.end[i], e->nxt))
			return false;
	}
	return true;
}

/* What the header says by itself. */
static bool is_plain(const struct tcpt_segment *seg)
{
	return (seg->flags & ~TCPTRACE_PSH) == TCPTRACE_ACK &&
	       !(seg->opt.present & ~TCPTRACE_OPT_TIMESTAMP) && !seg->cut &&
	       seg->window && seg->ack;
}

static bool is_expected(const struct pass *p)
{
	const struct tcpt_segment *seg = p->seg;

	if (!tcpt_acceptable_next(p->x, p->y, seg, p->end) ||
	    !tcpt_acceptable_recent(p->x, seg) ||
	    !tcpt_endpoint_keeps_edge(p->x, seg, p->scale) ||
	    !tcpt_zeek_has_letter(p->zx, seg->len))
		return false;
	if (seg->len)
		return tcpt_counters_know_ttl(&p->x->counters, seg->ttl) &&
		       tcpt_wireshark_data_is_plain(p->rev, p->end);
	return seg->ack != p->fwd->ack;
}

/* Round trip time and counters, as in tcpt_track_fully(). */
static u64 measure(const struct pass *p, u64 now)
{
	const struct tcpt_segment *seg = p->seg;
	struct tcpt_endpoint *x = p->x, *y = p->y;
	unsigned int scale = p->scale;
	u64 rtt = 0;

	if (y->rtt.marks)
		rtt = tcpt_rtt_answered(&y->rtt, seg, now);
	if (seg->len)
		tcpt_rtt_sent(&x->rtt, seg, false, now);
	if (tcpt_seq_after(y->ack, x->iss + 1))
		x->counters.answered = true;
	if (scale == TCPT_WSCALE_MAX)
		scale = tcpt_endpoint_wscale(x, y, 0);
	tcpt_counters_plain(&x->counters, seg, (u32)seg->window << scale, now);
	return rtt;
}

/**
 * tcpt_fastpath_segment - track a segment by the fast path, if it may take it
 * @t: the connection
 * @from: who sent it: 0 the originator, 1 the responder
 * @seg: the segment
 * @now: when, ns
 * @rtt: set to the round trip time that it measures, ns, 0 if none
 *
 * Such a segment causes no record but SEGMENT.
 *
 * Context: any; the caller keeps others off @t.
 * Return: true if the segment was tracked; false if nothing was changed.
 */
bool tcpt_fastpath_segment(struct tcpt_track *t, unsigned int from,
			   const struct tcpt_segment *seg, u64 now, u64 *rtt)
{
	const struct pass p = {
		.x = &t->end[from],
		.y = &t->end[!from],
		.fwd = &t->wireshark.dir[from],
		.rev = &t->wireshark.dir[!from],
		.zx = &t->zeek.end[from],
		.zy = &t->zeek.end[!from],
		.seg = seg,
		.end = seg->seq + seg->len,
		.scale = tcpt_endpoint_wscale(&t->end[from], &t->end[!from],
					      TCPT_WSCALE_MAX),
	};

	if (!t->ready || !is_plain(seg) || !is_expected(&p))
		return false;
	tcpt_wireshark_advance(p.fwd, p.rev, seg, p.end, now);
	tcpt_acceptable_restamp(p.x, p.y, seg);
	tcpt_endpoint_advance(p.x, seg, p.end, (u32)seg->window << p.scale);
	tcpt_zeek_advance(p.zx, p.zy, p.end, seg->ack);
	if (t->last < now)
		t->last = now;
	t->heard = t->last;
	*rtt = measure(&p, t->last);
	return true;
}
