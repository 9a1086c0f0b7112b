// SPDX-License-Identifier: GPL-2.0
/*
 * Nearly all segments of an open connection are the next data in sequence, or
 * an ACK of new data; such segments take the fast path (Van Jacobson's header
 * prediction). The fast path of each rule is next to the rule, in most cases in
 * its header file. This file combines the fast paths of all rules, in two
 * functions. tcpt_fastpath_segment() is for data and ACKs while the connection
 * is open. tcpt_fastpath_transition() is for the SYN,ACK and the ACK of a
 * handshake, for a FIN and the segments after it, and for segments that come
 * while another segment waits for its answer. tcpt_track_fully() tracks all
 * other segments. The tests track every segment in both ways, and require that
 * the results are equal, bit for bit.
 */
#include "fastpath.h"

#include "acceptable.h"
#include "chrono_plain.h"
#include "finding.h"
#include "result.h"
#include "segment.h"
#include "seq.h"
#include "tcb.h"

#include <linux/tcptrace.h>

/* The state that a segment changes: x sends the segment, y receives it. */
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
 * Check the conditions that both ends must meet. If tcpt_fastpath_segment()
 * tracks a segment, these conditions and those of is_sender_ready() stay true.
 */
static bool is_ready(const struct pass *p)
{
	const struct tcpt_endpoint *x = p->x;

	return tcpt_wireshark_dir_is_plain(p->fwd, x->nxt, x->ack) &&
	       tcpt_endpoint_is_plain(x, p->y) &&
	       tcpt_chrono_is_plain(&x->chrono) &&
	       tcpt_zeek_is_plain(p->zx, x->nxt, p->y->ack);
}

/* Check the conditions that only the sender must meet. */
static bool is_sender_ready(const struct pass *p)
{
	u32 window = p->fwd->window;

	if (!tcpt_wireshark_sender_is_plain(p->fwd) ||
	    !p->x->counters.own_ttl_max)
		return false;
	if (tcpt_wireshark_begins(p->fwd))
		return tcpt_endpoint_begins_plainly(p->x, window) &&
		       tcpt_zeek_begins(p->zx);
	return tcpt_endpoint_sender_is_plain(p->x, p->y, window);
}

static bool is_open(const struct tcpt_track *t)
{
	return t->end[0].state == TCPTRACE_ESTAB &&
	       t->end[1].state == TCPTRACE_ESTAB;
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
	unsigned int i, ready = TCPT_READY_TRANSITION;

	t->ready = 0;
	tcpt_wireshark_expect_nothing(&t->wireshark);
	if ((t->marks & (TCPT_MARK_CONFIRMED | TCPT_MARK_CLOSED |
			 TCPT_MARK_SELF)) != TCPT_MARK_CONFIRMED ||
	    t->challenged || t->pending.kind ||
	    !tcpt_findings_are_plain(&t->findings) ||
	    !tcpt_wireshark_is_plain(&t->wireshark) ||
	    !is_ready(&p[0]) || !is_ready(&p[1]))
		return;
	if (is_open(t) && !t->findings.watch)
		ready |= TCPT_READY_SEGMENT;
	for (i = 0; i < 2; i++) {
		p[i].x->scale = tcpt_endpoint_wscale(p[i].x, p[i].y,
						     TCPT_WSCALE_MAX);
		tcpt_wireshark_expect(p[i].fwd);
		if (is_sender_ready(&p[i]))
			t->ready |= ready << i;
	}
}

static __always_inline bool is_next(const struct pass *p,
				    const struct tcpt_segment *seg)
{
	const struct tcpt_endpoint *x = p->x, *y = p->y;

	return tcpt_acceptable_next(x->nxt, x->ack, y->right, y->nxt, seg) &&
	       tcpt_acceptable_recent(x, seg) &&
	       tcpt_counters_know_ttl(&x->counters, seg->ttl) &&
	       (seg->window == (u32)p->fwd->window ||
		tcpt_endpoint_keeps_edge(x->right, seg, x->scale));
}

/* Does a segment without FIN belong to none of Wireshark's classes? */
static __always_inline bool has_no_class(const struct pass *p,
					 const struct tcpt_segment *seg)
{
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

/* Track the first ACK of an end. Its window is scaled; the SYN's was not. */
static void begin_window(const struct pass *p, const struct tcpt_segment *seg)
{
	if (!tcpt_wireshark_begins(p->fwd))
		return;
	p->fwd->marks = TCPT_WIRESHARK_BASE;
	tcpt_counters_window(&p->x->counters, (u32)seg->window <<
			     tcpt_endpoint_wscale(p->x, p->y, 0));
	grant(p, seg);
}

/* Track the first data or the first bare ACK of an end. */
static noinline void begin(struct tcpt_track *t, unsigned int from,
			   const struct tcpt_segment *seg, u64 now)
{
	const struct pass p = pass_from(t, from);

	tcpt_zeek_letter(&t->zeek, from, seg->len);
	if (seg->len)
		tcpt_counters_begin(&p.x->counters, now);
	begin_window(&p, seg);
}

/* Update both ends from the header of the next segment in sequence. */
static __always_inline u64 receive(struct tcpt_track *t, const struct pass *p,
				   const struct tcpt_segment *seg, u64 now)
{
	struct tcpt_endpoint *x = p->x, *y = p->y;
	u64 rtt;

	t->last = now;
	t->heard = now;
	rtt = unlikely(tcpt_rtt_awaits(&y->rtt, seg->ack)) ?
	      tcpt_rtt_answer(&y->rtt, seg, now) : 0;
	tcpt_acceptable_restamp(x, y, seg);
	tcpt_endpoint_count(x, seg);
	if (seg->ack != x->ack || seg->window != (u32)p->fwd->window)
		grant(p, seg);
	p->fwd->ack_time = now;
	tcpt_wireshark_forget(p->rev, seg->ack);
	if (unlikely(!x->counters.answered))
		x->counters.answered = tcpt_seq_after(y->ack, x->iss + 1);
	tcpt_counters_plain(&x->counters, seg, now);
	return rtt;
}

/* Track the sequence numbers of the segment, from x->nxt to @end. */
static __always_inline void send(const struct pass *p,
				 const struct tcpt_segment *seg, u32 end,
				 u64 now)
{
	tcpt_wireshark_sent(p->fwd, end, now);
	tcpt_rtt_time(&p->x->rtt, seg, end, false, now);
	tcpt_endpoint_sent(p->x, seg, end);
	p->zx->last = end;
}

static __always_inline void count_data(struct tcpt_track *t,
				       const struct pass *p,
				       const struct tcpt_segment *seg, u64 now)
{
	tcpt_counters_data(&p->x->counters, seg, now);
	t->wireshark.completeness |= TCPTRACE_COMPLETE_DATA;
}

static __always_inline void count_ack(struct tcpt_track *t,
				      const struct pass *p)
{
	tcpt_counters_inc(&p->x->counters.pure_acks);
	t->wireshark.completeness |= TCPTRACE_COMPLETE_ACK;
}

/*
 * There is a copy of this function for each value of @from, so that the address
 * of each field need not be computed at run time.
 */
static __always_inline bool track(struct tcpt_track *t, unsigned int from,
				  const struct tcpt_segment *seg, u64 now,
				  u64 *rtt)
{
	const struct pass p = pass_from(t, from);

	if (!is_next(&p, seg) || !has_no_class(&p, seg))
		return false;
	*rtt = receive(t, &p, seg, now);
	if (unlikely(!tcpt_zeek_has_letter(p.zx, seg->len)))
		begin(t, from, seg, now);
	if (seg->len) {
		send(&p, seg, seg->seq + seg->len, now);
		count_data(t, &p, seg, now);
		tcpt_chrono_turn(t, from, p.y, seg, now);
		tcpt_chrono_acked(t, from, p.x, p.y, now);
		tcpt_chrono_sent(t, from, p.x, p.y, now);
	} else {
		count_ack(t, &p);
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
 * A segment on the fast path causes no record except SEGMENT and, in the
 * kernel, OWNER.
 *
 * Context: any; the caller serializes access to @t.
 * Return: true if the segment was tracked; false if nothing was changed.
 */
bool tcpt_fastpath_segment(struct tcpt_track *t, unsigned int from,
			   const struct tcpt_segment *seg, u64 now, u64 *rtt)
{
	if (!(t->ready & TCPT_READY_SEGMENT << from) || now < t->last ||
	    !tcpt_segment_is_plain(seg, TCPTRACE_PSH))
		return false;
	return from ? track(t, 1, seg, now, rtt) : track(t, 0, seg, now, rtt);
}

static bool is_expected(const struct pass *p, const struct tcpt_segment *seg)
{
	const struct tcpt_endpoint *x = p->x, *y = p->y;

	/* x may have missed a FIN that y has repeated */
	if (!is_next(p, seg) || y->counters.fins > 1)
		return false;
	if (!(seg->flags & TCPTRACE_FIN))
		return has_no_class(p, seg) &&
		       !(seg->len && x->valid & TCPT_VALID_FIN);
	return !(x->valid & TCPT_VALID_FIN) && tcpt_segment_end(seg) &&
	       p->fwd->unacked < TCPT_WIRESHARK_UNACKED;
}

static void send_fin(struct tcpt_track *t, const struct pass *p,
		     unsigned int from, const struct tcpt_segment *seg,
		     u64 now)
{
	struct tcpt_counters *counters = &p->x->counters;

	begin_window(p, seg);
	send(p, seg, tcpt_segment_end(seg), now);
	tcpt_zeek_fin(&t->zeek, from, seg);
	tcpt_counters_inc(&counters->fins);
	t->wireshark.completeness |= TCPTRACE_COMPLETE_FIN;
	if (seg->len) {
		tcpt_counters_begin(counters, now);
		count_data(t, p, seg, now);
	} else {
		t->wireshark.completeness |= TCPTRACE_COMPLETE_ACK;
	}
}

static void send_other(struct tcpt_track *t, const struct pass *p,
		       unsigned int from, const struct tcpt_segment *seg,
		       u64 now)
{
	if (!tcpt_zeek_has_letter(p->zx, seg->len))
		begin(t, from, seg, now);
	if (seg->len) {
		send(p, seg, seg->seq + seg->len, now);
		count_data(t, p, seg, now);
	} else {
		count_ack(t, p);
	}
}

/* RFC 9293 section 3.10.7.4: first the ACK of a FIN, then the sender's FIN. */
static void step(struct tcpt_track *t, const struct pass *p, unsigned int from,
		 const struct tcpt_segment *seg, struct tcpt_result *res)
{
	struct tcpt_endpoint *x = p->x, *y = p->y;
	bool crossed = false;

	if (y->valid & TCPT_VALID_FIN) {
		crossed = !tcpt_seq_after(seg->ack, y->fin);
		if (!crossed)
			tcpt_result_step(res, t, y, TCPT_RCV_ACK_OF_FIN);
	}
	if (seg->flags & TCPTRACE_FIN) {
		x->fin = x->nxt - 1;
		x->valid |= TCPT_VALID_FIN | TCPT_VALID_FIN_DELIVERED;
		if (t->by == TCPT_NOBODY)
			t->by = from;
		tcpt_result_step(res, t, x, crossed ? TCPT_SND_FIN_CROSSED :
						      TCPT_SND_FIN);
		tcpt_result_step(res, t, y, TCPT_RCV_FIN);
	}
	tcpt_result_conclude(res, t, from, seg->flags, t->last, t->synack);
}

/* Is the connection or either of its ends closed? */
static bool is_closed(const struct tcpt_track *t)
{
	return t->marks & TCPT_MARK_CLOSED ||
	       t->end[0].state < TCPTRACE_ESTAB ||
	       t->end[1].state < TCPTRACE_ESTAB;
}

/*
 * Update t->ready. While no end is closed, an end that was ready for the fast
 * path of transitions stays ready for this path.
 */
static void prepare_again(struct tcpt_track *t)
{
	if (is_closed(t) || (is_open(t) && !t->findings.watch))
		tcpt_fastpath_prepare(t);
	else
		t->ready &= ~(TCPT_READY_SEGMENT | TCPT_READY_SEGMENT << 1);
}

static bool is_transition(const struct tcpt_track *t, const struct pass *p,
			  unsigned int from, const struct tcpt_segment *seg)
{
	return t->ready & TCPT_READY_TRANSITION << from &&
	       tcpt_segment_is_plain(seg, TCPTRACE_PSH | TCPTRACE_FIN) &&
	       is_expected(p, seg);
}

static void track_transition(struct tcpt_track *t, const struct pass *p,
			     unsigned int from, const struct tcpt_segment *seg,
			     u64 now, struct tcpt_result *res)
{
	const struct tcpt_evidence ev = { .from = from, .seg = seg,
					  .now = now };
	u64 last = t->last;

	res->rtt = receive(t, p, seg, now);
	if (seg->flags & TCPTRACE_FIN)
		send_fin(t, p, from, seg, now);
	else
		send_other(t, p, from, seg, now);
	step(t, p, from, seg, res);
	tcpt_finding_answer(res, t, &ev);
	tcpt_chrono_segment(t, from, seg, res, false, last);
	prepare_again(t);
}

/*
 * Is the segment a SYN,ACK, and the second segment of its connection? The first
 * segment was a SYN without data.
 */
static bool is_synack(const struct tcpt_track *t, const struct pass *p,
		      unsigned int from, const struct tcpt_segment *seg)
{
	const struct tcpt_endpoint *y = p->y;

	return from == 1 && t->marks == TCPT_MARK_HANDSHAKE && t->syn &&
	       (seg->flags & ~TCPTRACE_ECE) == (TCPTRACE_SYN | TCPTRACE_ACK) &&
	       !seg->len && !seg->cut && seg->window && seg->ack &&
	       !(seg->opt.present & TCPTRACE_OPT_SACK) &&
	       !t->challenged && !t->pending.kind &&
	       y->packets == 1 && y->state == TCPTRACE_SYN_SENT &&
	       (y->valid & ~TCPT_VALID_TSVAL) == (TCPT_VALID_OPTIONS |
						  TCPT_VALID_NXT) &&
	       seg->ack == y->iss + 1 && seg->ack == y->nxt &&
	       tcpt_wireshark_is_asked(&t->wireshark, seg->ack) &&
	       tcpt_zeek_is_asked(&t->zeek);
}

static void track_synack(struct tcpt_track *t, const struct pass *p,
			 const struct tcpt_segment *seg, u64 now,
			 struct tcpt_result *res)
{
	struct tcpt_endpoint *x = p->x, *y = p->y;

	t->last = now;
	t->heard = now;
	t->synack = now;
	t->syn_synack = now - t->syn;
	if (tcpt_rtt_awaits(&y->rtt, seg->ack))
		res->rtt = tcpt_rtt_answer(&y->rtt, seg, now);
	tcpt_endpoint_begin(x, seg, now);
	x->synacks = 1;
	x->counters.acks = 1;
	tcpt_endpoint_grant(x, seg->ack, seg->window);
	tcpt_zeek_synack(&t->zeek, seg);
	tcpt_wireshark_synack(&t->wireshark, seg, now);
	tcpt_finding_syn(t, 1, seg);
	tcpt_result_step(res, t, x, TCPT_SND_SYNACK);
	tcpt_result_step(res, t, y, TCPT_RCV_SYNACK);
}

/* Is the segment the ACK of a SYN,ACK, and the first ACK of its sender? */
static bool is_handshake(const struct tcpt_track *t, const struct pass *p,
			 const struct tcpt_segment *seg)
{
	const struct tcpt_endpoint *x = p->x, *y = p->y;
	unsigned int valid = TCPT_VALID_OPTIONS | TCPT_VALID_NXT;

	return t->marks == TCPT_MARK_HANDSHAKE && !t->challenged &&
	       !t->pending.kind && !t->findings.watch &&
	       x->state == TCPTRACE_ESTAB && y->state == TCPTRACE_SYN_RECEIVED &&
	       (x->valid & ~TCPT_VALID_TSVAL) == valid &&
	       (y->valid & ~TCPT_VALID_TSVAL) == (valid | TCPT_VALID_ACK) &&
	       tcpt_wireshark_handshakes(&t->wireshark, p->fwd, p->rev,
					 seg->seq, seg->ack) &&
	       tcpt_zeek_is_plain(p->zx, x->nxt, y->ack) &&
	       p->zy->state == TCPT_ZEEK_ESTABLISHED &&
	       tcpt_segment_is_plain(seg, 0) && !seg->len && seg->seq == x->nxt &&
	       seg->ack == y->nxt && y->ack == x->nxt &&
	       x->nxt == x->iss + 1 && y->nxt == y->iss + 1 &&
	       tcpt_acceptable_recent(x, seg) &&
	       tcpt_counters_know_ttl(&x->counters, seg->ttl);
}

static void track_handshake(struct tcpt_track *t, const struct pass *p,
			    unsigned int from, const struct tcpt_segment *seg,
			    u64 now, struct tcpt_result *res)
{
	struct tcpt_endpoint *x = p->x, *y = p->y;
	u64 last = t->last;

	t->last = now;
	t->heard = now;
	if (tcpt_rtt_awaits(&y->rtt, seg->ack))
		res->rtt = tcpt_rtt_answer(&y->rtt, seg, now);
	tcpt_acceptable_restamp(x, y, seg);
	tcpt_endpoint_count(x, seg);
	tcpt_endpoint_grant(x, seg->ack, tcpt_acceptable_window(x, y, seg));
	tcpt_zeek_granted(p->zy, seg->ack);
	tcpt_zeek_letter(&t->zeek, from, 0);
	tcpt_counters_plain(&x->counters, seg, now);
	tcpt_counters_window(&x->counters, (u32)seg->window <<
			     tcpt_endpoint_wscale(x, y, 0));
	tcpt_wireshark_handshake(&t->wireshark, p->fwd, seg, now);
	tcpt_wireshark_forget(p->rev, seg->ack);
	count_ack(t, p);
	tcpt_result_step(res, t, y, TCPT_RCV_ACK_OF_SYN);
	tcpt_result_conclude(res, t, from, seg->flags, now, t->synack);
	tcpt_chrono_segment(t, from, seg, res, false, last);
	tcpt_fastpath_prepare(t);
}

/**
 * tcpt_fastpath_transition - track a rarer segment on a fast path, if possible
 * @t: the connection
 * @from: the sender: 0 for the originator, 1 for the responder
 * @seg: the segment, which tcpt_fastpath_segment() does not track
 * @now: when the segment was seen, ns
 * @res: filled in: what the segment did
 *
 * A tracked segment is the next in sequence. It belongs to the handshake, has a
 * FIN, comes after a FIN, or comes while another segment waits for its answer.
 *
 * Context: any; the caller serializes access to @t.
 * Return: true if the segment was tracked; false if nothing was changed.
 */
bool tcpt_fastpath_transition(struct tcpt_track *t, unsigned int from,
			      const struct tcpt_segment *seg, u64 now,
			      struct tcpt_result *res)
{
	const struct pass p = pass_from(t, from);

	if (now < t->last)
		return false;
	if (is_transition(t, &p, from, seg)) {
		tcpt_result_init(res);
		track_transition(t, &p, from, seg, now, res);
		return true;
	}
	if (is_handshake(t, &p, seg)) {
		tcpt_result_init(res);
		track_handshake(t, &p, from, seg, now, res);
		return true;
	}
	if (is_synack(t, &p, from, seg)) {
		tcpt_result_init(res);
		track_synack(t, &p, seg, now, res);
		return true;
	}
	return false;
}
