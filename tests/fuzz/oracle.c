// SPDX-License-Identifier: GPL-2.0
/*
 * The engine decides whether a segment is accepted. The oracle then computes in
 * the simplest way which bytes were seen, and checks the engine's counters.
 */
#include "oracle.h"

#include "core/gaps.h"
#include "core/seq.h"

#include <linux/tcptrace.h>

static void restart(struct oracle *o, u32 seq)
{
	memset(o, 0, sizeof(*o));
	o->knows = true;
	o->base = seq;
}

/* Like restart(), but keep the segments outside the window. */
static void move(struct oracle *o, u32 seq)
{
	const struct oracle before = *o;

	restart(o, seq);
	o->far = before.far;
	o->far_fin = before.far_fin;
	o->far_lo = before.far_lo;
	o->far_hi = before.far_hi;
	o->far_bytes = before.far_bytes;
}

/*
 * Return: the offset of a sequence number from the base; it may be negative.
 */
static s64 offset(const struct oracle *o, u32 seq)
{
	return (s32)(seq - o->base);
}

static u32 mark(struct oracle *o, s64 from, s64 to)
{
	u32 fresh = 0;

	for (from = from < 0 ? 0 : from; from < to; from++) {
		fresh += !o->seen[from];
		o->seen[from] = true;
	}
	return fresh;
}

static void find_contig(struct oracle *o)
{
	while (o->contig < o->next && o->seen[o->contig])
		o->contig++;
}

/* Find the end of the run of seen or unseen numbers that begins at @at. */
static u32 run_end(const struct oracle *o, u32 at)
{
	u32 end = at;

	while (end < o->next && o->seen[end] == o->seen[at])
		end++;
	return end;
}

static unsigned int count_holes(const struct oracle *o)
{
	unsigned int n = 0;
	u32 i;

	for (i = o->contig; i < o->next; i = run_end(o, i))
		n += !o->seen[i];
	return n;
}

/*
 * The engine stores only a few gaps: if there are more, it treats the lowest
 * gap as seen. Do the same.
 */
static void limit_holes(struct oracle *o)
{
	find_contig(o);
	while (count_holes(o) > TCPT_GAPS_MAX) {
		mark(o, o->contig, run_end(o, o->contig));
		find_contig(o);
	}
}

/*
 * Mark a segment as seen. Return: the number of its payload bytes that were not
 * seen before; 0 if the segment is too far away, which makes @o invalid.
 */
static u32 see(struct oracle *o, const struct tcpt_segment *seg)
{
	s64 begin = offset(o, seg->seq);
	s64 data = begin + !!(seg->flags & TCPTRACE_SYN);
	s64 end = data + seg->len;
	s64 after = end + !!(seg->flags & TCPTRACE_FIN);
	u32 fresh;

	if (after > ORACLE_SIZE || begin < -ORACLE_SIZE) {
		o->knows = false;
		return 0;
	}
	/* mark a SYN only if it is above all sequence numbers seen so far */
	if (begin >= o->next)
		mark(o, begin, data);
	mark(o, end, after);
	fresh = mark(o, data, end);
	if (after > o->next)
		o->next = (u32)after;
	limit_holes(o);
	return fresh;
}

/* Mark the numbers below @ack as seen. Return: how many of them were unseen. */
static u32 pass(struct oracle *o, u32 ack)
{
	s64 to = offset(o, ack);
	u32 missed;

	missed = mark(o, o->contig, to < o->next ? to : o->next);
	find_contig(o);
	return missed;
}

static void note_far(struct oracle *o, const struct tcpt_segment *seg)
{
	u32 end = tcpt_segment_end(seg);

	/* data after a FIN begins a new run */
	if (!o->far || seg->seq != o->far_hi ||
	    (o->far_fin && end != seg->seq)) {
		o->far_lo = seg->seq;
		o->far_bytes = 0;
		o->far_fin = false;
	}
	o->far = true;
	o->far_hi = end;
	o->far_bytes += seg->len;
	o->far_fin |= seg->flags & TCPTRACE_FIN;
}

/*
 * Check the effect of an ACK of the segments outside the window: the ACK shows
 * that the peer has accepted them.
 */
static void check_jump(struct oracle *o, const struct tcpt_endpoint *e,
		       const struct tcpt_endpoint *b)
{
	u32 missed;

	must(o->far && e->nxt == o->far_hi);
	if (!tcpt_seq_before(o->far_lo, b->nxt)) {
		must(e->unique_bytes - b->unique_bytes == o->far_bytes);
		missed = pass(o, b->nxt) + o->far_lo - b->nxt;
		must(!o->knows || e->missed_bytes - b->missed_bytes == missed);
	}
	restart(o, o->far_hi);
}

/* Check whether ack has moved. A SYN,ACK proves nothing about payload. */
static bool ack_is_taken(const struct view *w)
{
	const struct tcpt_endpoint *x = &w->after->end[w->from];

	return x->valid & TCPT_VALID_ACK && !(w->seg->flags & TCPTRACE_SYN) &&
	       x->ack != w->before->end[w->from].ack;
}

/* Check whether @b began with a keep-alive without data, 1 below SND.NXT. */
static bool is_after_keep_alive(const struct view *w,
				const struct tcpt_endpoint *b, u32 next)
{
	return w->before->marks & TCPT_MARK_GUESSED && !b->unique_bytes &&
	       b->nxt == b->iss + 1 && next == b->nxt + 1;
}

/*
 * Return: true if the engine may have corrected sequence numbers: because of an
 * ACK of unseen data, a decision about a kept segment, or a changed ISN.
 */
static bool is_corrected(const struct view *w)
{
	const struct tcpt_endpoint *e = w->after->end, *b = w->before->end;

	return (b[0].valid | b[1].valid | e[0].valid | e[1].valid) &
		       TCPT_VALID_CLAIM ||
	       (w->before->pending.kind && !w->after->pending.kind) ||
	       e[view_to(w)].iss != b[view_to(w)].iss;
}

/*
 * Check the effect of the segment and its acknowledgment on the receiver.
 */
static void check_receiver(struct oracle *o, const struct view *w)
{
	const struct tcpt_endpoint *e = &w->after->end[view_to(w)];
	const struct tcpt_endpoint *b = &w->before->end[view_to(w)];
	u32 missed = (u32)(e->missed_bytes - b->missed_bytes);
	bool jumped = o->far && e->nxt == o->far_hi &&
		      w->seg->ack != o->far_lo;

	must(e->rexmit_bytes == b->rexmit_bytes);
	if (e->nxt == b->nxt && (b->valid & TCPT_VALID_NXT)) {
		must(e->unique_bytes == b->unique_bytes);
		if (o->knows && (missed || ack_is_taken(w)))
			must(missed == pass(o, w->seg->ack));
	} else if (!(e->valid & TCPT_VALID_NXT)) {
		must(!missed);
	} else if (!(b->valid & TCPT_VALID_NXT) || !b->packets ||
		   (!jumped && is_after_keep_alive(w, b, w->seg->ack))) {
		/*
		 * no segment of this end was seen, except perhaps a keep-alive,
		 * so the end's sequence numbers are known only from the ACK
		 */
		must(e->nxt == w->seg->ack && !missed);
		move(o, w->seg->ack);
	} else {
		check_jump(o, e, b);
	}
}

/* A late segment acknowledges nothing. */
static void check_unheard(const struct view *w)
{
	const struct tcpt_endpoint *e = &w->after->end[view_to(w)];
	const struct tcpt_endpoint *b = &w->before->end[view_to(w)];

	must(e->unique_bytes == b->unique_bytes &&
	     e->missed_bytes == b->missed_bytes &&
	     e->rexmit_bytes == b->rexmit_bytes);
}

static bool must_be_taken(const struct view *w)
{
	u8 state = w->before->end[w->from].state;

	return w->res->class == TCPT_CLASS_OK && state != TCPTRACE_SYN_SENT &&
	       (w->seg->flags & (TCPTRACE_SYN | TCPTRACE_RST |
				 TCPTRACE_ACK)) == TCPTRACE_ACK;
}

/*
 * Check whether the segment is outside the window: only a later ACK will show
 * whether the peer has accepted the segment.
 */
static bool is_far(const struct view *w)
{
	return w->res->class == TCPT_CLASS_OUTSIDE ||
	       w->res->class == TCPT_CLASS_OVERRUN;
}

static void check_sender(struct oracle *o, const struct view *w)
{
	const struct tcpt_endpoint *e = &w->after->end[w->from];
	const struct tcpt_endpoint *b = &w->before->end[w->from];
	u32 fresh = (u32)(e->unique_bytes - b->unique_bytes);
	u32 again = (u32)(e->rexmit_bytes - b->rexmit_bytes);
	/* these are the first sequence numbers or those of a new ISN */
	bool anew = !(b->valid & TCPT_VALID_NXT) || e->iss != b->iss;
	bool taken = fresh || again || e->nxt != b->nxt || must_be_taken(w) ||
		     memcmp(&e->gaps, &b->gaps, sizeof(e->gaps)) ||
		     (e->valid & TCPT_VALID_NXT && anew);
	unsigned int to = w->after->marks & TCPT_MARK_SELF ? w->from : !w->from;
	u32 expected;

	must(e->missed_bytes == b->missed_bytes);
	must(e->rexmit_packets == b->rexmit_packets + (again > 0));
	if (is_far(w))
		note_far(o, w->seg);
	if (!taken)
		return;
	/*
	 * forget the run outside the window if the sender has passed the start
	 * of the run
	 */
	if (o->far && tcpt_seq_after(e->nxt, o->far_lo))
		o->far = false;
	/* the byte of a keep-alive is not counted as a retransmission */
	if (w->res->found.classes & TCPTRACE_A_KEEP_ALIVE &&
	    tcpt_endpoint_has_acked(&w->after->end[to], w->seg->seq))
		must(!again);
	else
		must(fresh + again == w->seg->len);
	if (anew)
		restart(o, w->seg->seq);
	else if (b->packets && is_after_keep_alive(w, b, w->seg->seq))
		move(o, w->seg->seq);
	if (!o->knows)
		return;
	expected = see(o, w->seg);
	must(!o->knows || fresh == expected);
}

/* Check that the engine has the same gaps as the oracle. */
static void compare(const struct oracle *o, const struct tcpt_endpoint *e)
{
	const struct tcpt_gaps *h = &e->gaps;
	unsigned int n = 0;
	u32 i;

	if (!o->knows)
		return;
	must(e->nxt == o->base + o->next);
	must(e->contig == o->base + o->contig);
	for (i = o->contig; i < o->next; i = run_end(o, i)) {
		if (o->seen[i])
			continue;
		must(n < h->n && h->lo[n] == o->base + i &&
		     h->hi[n] == o->base + run_end(o, i));
		n++;
	}
	must(n == h->n);
}

/**
 * oracle_begin - prepare the oracles for a new connection
 * @o: the oracles of the connection's ends
 * @t: the connection, after tcpt_open_track()
 */
void oracle_begin(struct oracle o[2], const struct tcpt_track *t)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		restart(&o[i], t->end[i].nxt);
		o[i].knows = t->end[i].valid & TCPT_VALID_NXT;
	}
}

/**
 * oracle_check - check the engine's result for a segment
 * @o: the oracles of the connection's ends
 * @w: the call
 */
void oracle_check(struct oracle o[2], const struct view *w)
{
	/* skip self-connects, in which the sender is also the receiver */
	if (w->after->marks & TCPT_MARK_SELF)
		return;
	if (is_corrected(w))
		o[0].corrected = true;
	if (o[0].corrected)
		return;
	if (view_is_late(w))
		check_unheard(w);
	else
		check_receiver(&o[view_to(w)], w);
	check_sender(&o[w->from], w);
	compare(&o[0], &w->after->end[0]);
	compare(&o[1], &w->after->end[1]);
}
