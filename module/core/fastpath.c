// SPDX-License-Identifier: GPL-2.0
/*
 * Nearly all segments of an open connection are the next data in sequence, or
 * an ACK of new data; such segments take the fast path (Van Jacobson's header
 * prediction). The header file of each rule contains the fast path of that
 * rule. This file combines the fast paths of all rules. tcpt_track_fully()
 * tracks all other segments. The tests track every segment in both ways, and
 * require that the results are equal, bit for bit.
 */
#include "fastpath.h"

#include "acceptable.h"
#include "chrono_plain.h"
#include "segment.h"
#include "seq.h"
#include "tcb.h"

#include <linux/tcptrace.h>

/* The state that a segment changes: x is its sender, y its receiver. */
struct pass {
	struct tcpt_endpoint *x;
	struct tcpt_endpoint *y;
	struct tcpt_wireshark_dir *fwd;
	struct tcpt_wireshark_dir *rev;
	struct tcpt_zeek_end *zx;
	struct tcpt_zeek_end *zy;
};

static __always_inline struct pass pass_from(struct tcpt_track *t,
					     unsigned int from)
{
	return (struct pass) {
		.x = &t->end[from],
		.y = &t->end[!from],
		.fwd = &t->wireshark.dir[from],
		.rev = &t->wireshark.dir[!from],
		.zx = &t->zeek.end[from],
		.zy = &t->zeek.end[!from],
	};
}

/*
 * Check the conditions for both ends. No segment on the fast path changes these
 * conditions, or those of is_sender_ready().
 */
static bool is_ready(const struct pass *p)
{
	const struct tcpt_endpoint *x = p->x;

	return tcpt_wireshark_dir_is_plain(p->fwd, x->nxt, x->ack) &&
	       tcpt_endpoint_is_plain(x, p->y) &&
	       tcpt_chrono_is_plain(&x->chrono) &&
	       tcpt_zeek_is_plain(p->zx, x->nxt, p->y->ack);
}

/* Check the conditions for the sender alone. */
static bool is_sender_ready(const struct pass *p)
{
	u32 window = p->fwd->window;

	if (!tcpt_wireshark_sender_is_plain(p->fwd))
		return false;
	if (tcpt_wireshark_begins(p->fwd))
		return tcpt_endpoint_begins_plainly(p->x, window) &&
		       tcpt_zeek_begins(p->zx);
	return tcpt_endpoint_sender_is_plain(p->x, p->y, window);
}

/**
 * tcpt_fastpath_prepare - check whether the next segment may take the fast path
 * @t: the connection; @t->ready and the fields of the fast path are set
 *
 * Context: any; the caller serializes access to @t.
 */
void tcpt_fastpath_prepare(struct tcpt_track *t)
{
	const struct pass p[2] = { pass_from(t, 0), pass_from(t, 1) };
	unsigned int i;

	t->ready = 0;
	if ((t->marks & (TCPT_MARK_CONFIRMED | TCPT_MARK_CLOSED |
			 TCPT_MARK_SELF)) != TCPT_MARK_CONFIRMED ||
	    t->challenged || t->pending.kind || t->findings.watch ||
	    !tcpt_wireshark_is_plain(&t->wireshark) ||
	    !is_ready(&p[0]) || !is_ready(&p[1]))
		return;
	for (i = 0; i < 2; i++) {
		p[i].x->scale = tcpt_endpoint_wscale(p[i].x, p[i].y,
						     TCPT_WSCALE_MAX);
		tcpt_wireshark_expect(p[i].fwd);
		if (is_sender_ready(&p[i]))
			t->ready |= 1 << i;
	}
}

/* Check the conditions that depend on the header alone. */
static __always_inline bool is_plain(const struct tcpt_segment *seg)
{
	return (seg->flags & ~TCPTRACE_PSH) == TCPTRACE_ACK &&
	       !(seg->opt.present & ~TCPTRACE_OPT_TIMESTAMP) && !seg->cut &&
	       seg->window && seg->ack;
}

static __always_inline bool is_expected(const struct pass *p,
					const struct tcpt_segment *seg)
{
	if (!tcpt_acceptable_next(p->x, p->y, seg) ||
	    !tcpt_acceptable_recent(p->x, seg) ||
	    !tcpt_counters_know_ttl(&p->x->counters, seg->ttl) ||
	    (seg->window != (u32)p->fwd->window &&
	     !tcpt_endpoint_keeps_edge(p->x, seg, p->x->scale)))
		return false;
	return seg->len ? tcpt_wireshark_data_is_plain(p->rev,
						       seg->seq + seg->len) :
			  seg->ack != p->x->ack;
}

/* Track a segment that acknowledges more, or announces a different window. */
static __always_inline void grant(const struct pass *p,
				  const struct tcpt_segment *seg)
{
	struct tcpt_endpoint *x = p->x;

	if (seg->window != (u32)p->fwd->window)
		tcpt_counters_room(&x->counters, (u32)seg->window <<
				   tcpt_endpoint_wscale(x, p->y, 0));
	tcpt_endpoint_granted(x, seg->ack, (u32)seg->window << x->scale);
	tcpt_wireshark_granted(p->fwd, seg);
	tcpt_zeek_granted(p->zy, seg->ack);
}

/*
 * Track the first data or the first ACK of an end. The window of the first ACK
 * is scaled, unlike that of the SYN.
 */
static noinline void begin(struct tcpt_track *t, unsigned int from,
			   const struct tcpt_segment *seg, u64 now)
{
	const struct pass p = pass_from(t, from);

	tcpt_zeek_letter(&t->zeek, from, seg->len);
	if (seg->len)
		tcpt_counters_begin(&p.x->counters, now);
	if (!tcpt_wireshark_begins(p.fwd))
		return;
	p.fwd->marks = TCPT_WIRESHARK_BASE;
	tcpt_counters_window(&p.x->counters, (u32)seg->window <<
			     tcpt_endpoint_wscale(p.x, p.y, 0));
	grant(&p, seg);
}

/* Track payload at x->nxt. */
static __always_inline void send(struct tcpt_track *t, const struct pass *p,
				 unsigned int from,
				 const struct tcpt_segment *seg, u64 now)
{
	struct tcpt_endpoint *x = p->x;
	u32 end = seg->seq + seg->len;

	tcpt_wireshark_sent(p->fwd, end, now);
	tcpt_rtt_time(&x->rtt, seg, end, false, now);
	tcpt_endpoint_sent(x, seg, end);
	p->zx->last = end;
	tcpt_counters_data(&x->counters, seg, now);
	tcpt_chrono_turn(t, from, p->y, seg, now);
	tcpt_chrono_acked(t, from, x, p->y, now);
	tcpt_chrono_sent(t, from, x, p->y, now);
	t->wireshark.completeness |= TCPTRACE_COMPLETE_DATA;
}

/*
 * There is a copy of this function for each value of @from, so that the
 * compiler need not compute the address of each field at run time.
 */
static __always_inline bool track(struct tcpt_track *t, unsigned int from,
				  const struct tcpt_segment *seg, u64 now,
				  u64 *rtt)
{
	const struct pass p = pass_from(t, from);

	if (!is_expected(&p, seg))
		return false;
	t->last = now;
	t->heard = now;
	*rtt = unlikely(tcpt_rtt_awaits(&p.y->rtt, seg->ack)) ?
	       tcpt_rtt_answer(&p.y->rtt, seg, now) : 0;
	tcpt_acceptable_restamp(p.x, p.y, seg);
	tcpt_endpoint_count(p.x, seg);
	if (seg->ack != p.x->ack || seg->window != (u32)p.fwd->window)
		grant(&p, seg);
	p.fwd->ack_time = now;
	tcpt_wireshark_forget(p.rev, seg->ack);
	if (unlikely(!p.x->counters.answered))
		p.x->counters.answered = tcpt_seq_after(p.y->ack,
							p.x->iss + 1);
	tcpt_counters_plain(&p.x->counters, seg, now);
	if (unlikely(!tcpt_zeek_has_letter(p.zx, seg->len)))
		begin(t, from, seg, now);
	if (seg->len) {
		send(t, &p, from, seg, now);
	} else {
		t->wireshark.completeness |= TCPTRACE_COMPLETE_ACK;
		tcpt_counters_inc(&p.x->counters.pure_acks);
		tcpt_chrono_acked(t, from, p.x, p.y, now);
	}
	return true;
}

/**
 * tcpt_fastpath_segment - track a segment on the fast path, if possible
 * @t: the connection
 * @from: the sender: 0 for the originator, 1 for the responder
 * @seg: the segment
 * @now: when the segment was seen, ns
 * @rtt: set to the round trip time that the segment measures, ns, 0 if none
 *
 * A segment on the fast path causes no record except SEGMENT.
 *
 * Context: any; the caller serializes access to @t.
 * Return: true if the segment was tracked; false if nothing was changed.
 */
bool tcpt_fastpath_segment(struct tcpt_track *t, unsigned int from,
			   const struct tcpt_segment *seg, u64 now, u64 *rtt)
{
	if (!(t->ready & 1 << from) || now < t->last || !is_plain(seg))
		return false;
	return from ? track(t, 1, seg, now, rtt) : track(t, 0, seg, now, rtt);
}
