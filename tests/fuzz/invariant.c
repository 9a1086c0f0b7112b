// SPDX-License-Identifier: GPL-2.0
/* Check states, marks, numbers, times, counters, history and suspicions. */
#include "invariant.h"

#include "core/seq.h"
#include "core/zeek.h"

#include <linux/tcptrace.h>

#define MARKS_KNOWN	(TCPT_MARK_MIDSTREAM | TCPT_MARK_GUESSED | \
			 TCPT_MARK_SELF | TCPT_MARK_HANDSHAKE | \
			 TCPT_MARK_CONFIRMED | TCPT_MARK_CLOSED | \
			 TCPT_MARK_ONE_WAY)
/* Marks that later evidence may clear. */
#define MARKS_FLEETING	(TCPT_MARK_ONE_WAY | TCPT_MARK_GUESSED | \
			 TCPT_MARK_MIDSTREAM)
#define VALID_BITS	(TCPT_VALID_OPTIONS | TCPT_VALID_NXT | TCPT_VALID_ACK | \
			 TCPT_VALID_FIN | TCPT_VALID_FIN_DELIVERED | \
			 TCPT_VALID_FAR | TCPT_VALID_FAR_FIN | \
			 TCPT_VALID_CLAIM | TCPT_VALID_TSVAL | \
			 TCPT_VALID_DOUBT | TCPT_VALID_FIN_DOUBT)
/* Bits that later evidence or a jump over missing segments may clear. */
#define KNOW_FLEETING	(TCPT_VALID_ACK | TCPT_VALID_FAR | TCPT_VALID_FAR_FIN | \
			 TCPT_VALID_CLAIM | TCPT_VALID_DOUBT | \
			 TCPT_VALID_FIN_DOUBT | TCPT_VALID_FIN_DELIVERED | \
			 TCPT_VALID_TSVAL)

/*
 * Maximum step of nxt: a segment begins at most 2^31 above nxt, and nxt moves
 * to the end of the segment.
 */
#define STEP_MAX	0xc0000002

#define CHALLENGE_MAX	1000000000ULL
#define RTT_MAX		10000000000ULL

/* Check that each transition begins in the state where the last one ended. */
static void check_steps(const struct view *w)
{
	u8 state[2] = { w->before->end[0].state, w->before->end[1].state };
	const struct tcpt_step *step;
	unsigned int i;

	must(w->res->steps <= TCPT_STEPS_MAX);
	must(w->after->transitions == w->before->transitions + w->res->steps);
	for (i = 0; i < w->res->steps; i++) {
		step = &w->res->step[i];
		must(step->end <= 1 && step->from == state[step->end]);
		must(step->to < TCPTRACE_STATES && step->to != step->from);
		must(step->reason > TCPTRACE_REASON_NONE &&
		     step->reason < TCPTRACE_REASONS);
		state[step->end] = step->to;
	}
	must(state[0] == w->after->end[0].state);
	must(state[1] == w->after->end[1].state);
}

static bool is_over(const struct tcpt_endpoint *e)
{
	return e->state == TCPTRACE_CLOSED || e->state == TCPTRACE_TIME_WAIT;
}

static void check_close(const struct view *w)
{
	const struct tcpt_track *t = w->after;
	bool closed = t->marks & TCPT_MARK_CLOSED;

	must(closed == (t->close_reason != TCPTRACE_CLOSE_NONE));
	must(t->close_reason < TCPTRACE_CLOSE_REASONS);
	/* exactly one result reports the close */
	must(closed == (view_is_late(w) || w->res->closed));
	must(!(view_is_late(w) && w->res->closed));
	if (view_is_late(w))
		must(t->close_reason == w->before->close_reason);
	must(t->by <= 1 || t->by == TCPT_NOBODY);
	if (!w->seg || !w->res->closed)
		return;
	must(is_over(&t->end[0]) && is_over(&t->end[1]));
	must(t->close_reason == TCPTRACE_CLOSE_FIN ||
	     t->close_reason == TCPTRACE_CLOSE_RESET ||
	     t->close_reason == TCPTRACE_CLOSE_REFUSED);
	must((t->close_reason == TCPTRACE_CLOSE_FIN) ==
	     !(w->seg->flags & TCPTRACE_RST));
	must(t->by != TCPT_NOBODY);
}

static void check_marks(const struct view *w)
{
	const struct tcpt_track *t = w->after, *b = w->before;

	must(!(t->marks & ~MARKS_KNOWN) && !(b->marks & ~t->marks & ~MARKS_FLEETING));
	must(w->res->class < TCPT_CLASSES);
	must(w->res->confirmed == ((t->marks & ~b->marks &
				    TCPT_MARK_CONFIRMED) != 0));
	must(!w->res->established || w->res->confirmed);
	must(!w->res->established || t->marks & TCPT_MARK_HANDSHAKE);
	must(t->established == b->established || w->res->established);
	if (!w->seg)
		must(!w->res->class && !w->res->rtt && !w->res->established &&
		     !w->res->suspicion.what && !w->res->found.classes);
}

/* Check the times; the engine treats a time that goes back as unchanged. */
static void check_times(const struct view *w)
{
	const struct tcpt_track *t = w->after, *b = w->before;
	u64 now = w->now > b->last ? w->now : b->last;

	must(t->first == b->first && t->first <= t->last);
	must(t->last == b->last || (w->seg && t->last == now));
	if (w->seg && !view_is_late(w))
		must(t->last == now);
	must(t->syn <= t->last && t->synack <= t->last &&
	     t->established <= t->last && t->challenged <= t->last);
	must(t->syn_synack <= t->last - t->first &&
	     t->synack_ack <= t->last - t->first);
}

/* Check that the gaps are in order, not adjacent, and below nxt. */
static void check_holes(const struct tcpt_endpoint *e)
{
	const struct tcpt_gaps *h = &e->gaps;
	unsigned int i;

	must(h->n <= TCPT_GAPS_MAX);
	must(e->contig == (h->n ? h->lo[0] : e->nxt));
	for (i = 0; i < h->n; i++) {
		must(tcpt_seq_before(h->lo[i], h->hi[i]));
		must(tcpt_seq_before(h->hi[i], i + 1U < h->n ? h->lo[i + 1] :
						e->nxt) ||
		     h->hi[i] == e->nxt);
	}
}

/* Check whether later evidence has corrected a transition of this end. */
static bool is_taken_back(const struct tcpt_result *res, unsigned int end)
{
	unsigned int i, reason;

	for (i = 0; i < res->steps; i++) {
		reason = res->step[i].reason;
		if (res->step[i].end == end &&
		    (reason == TCPTRACE_REASON_SYN_REPEATED ||
		     reason == TCPTRACE_REASON_SYNACK_REPEATED ||
		     reason == TCPTRACE_REASON_FIN_NOT_RECEIVED))
			return true;
	}
	return false;
}

/* Check whether a SYN, seen after the SYN,ACK, has shown the window scale. */
static bool learns_scale(const struct view *w)
{
	const struct tcpt_endpoint *e = w->after->end, *b = w->before->end;

	return e[0].valid & e[1].valid & ~(b[0].valid & b[1].valid) &
	       TCPT_VALID_OPTIONS;
}

static void check_end(const struct view *w, unsigned int i)
{
	const struct tcpt_endpoint *e = &w->after->end[i],
				   *b = &w->before->end[i];
	bool self = w->after->marks & TCPT_MARK_SELF;

	must(e->state < TCPTRACE_STATES);
	must(!(e->valid & ~VALID_BITS));
	must(!(b->valid & ~e->valid & ~KNOW_FLEETING));
	if (e->valid & TCPT_VALID_OPTIONS)
		must(e->valid & TCPT_VALID_NXT);
	if (e->valid & TCPT_VALID_FIN_DELIVERED)
		must(e->valid & TCPT_VALID_FIN);
	if (e->valid & TCPT_VALID_FAR_FIN)
		must(e->valid & TCPT_VALID_FAR);
	if (b->valid & TCPT_VALID_FIN)
		must(e->fin == b->fin);
	if (e->valid & b->valid & TCPT_VALID_NXT && e->iss == b->iss && !self)
		must(e->nxt - b->nxt < STEP_MAX);
	if (e->valid & TCPT_VALID_NXT)
		check_holes(e);
	else
		must(e->gaps.n == 0);
	must(e->wscale <= TCPT_WSCALE_MAX);
	must(e->window >= b->window || learns_scale(w));
	must(e->syns >= b->syns && e->synacks >= b->synacks &&
	     !(b->flags & ~e->flags));
	/*
	 * a state goes back only to CLOSED or by a corrected transition
	 */
	if (e->state < b->state)
		must(e->state == TCPTRACE_CLOSED || is_taken_back(w->res, i));
}

/*
 * Check that ack does not go back, unless later evidence moves segments into
 * the window.
 */
static void check_ack(const struct view *w)
{
	const struct tcpt_endpoint *e = &w->after->end[w->from];
	const struct tcpt_endpoint *b = &w->before->end[w->from];
	const struct tcpt_endpoint *to = &w->before->end[view_to(w)];

	if (!(e->valid & b->valid & TCPT_VALID_ACK) || e->ack == b->ack)
		return;
	must(tcpt_seq_after(e->ack, b->ack) || to->valid & TCPT_VALID_FAR ||
	     w->after->marks & TCPT_MARK_SELF);
}

/* Only the sender's packets, segments, bytes and flags change. */
static void check_counts(const struct view *w)
{
	const struct tcpt_endpoint *e, *b;
	unsigned int i;
	bool sent;

	for (i = 0; i < 2; i++) {
		e = &w->after->end[i];
		b = &w->before->end[i];
		sent = w->seg && i == w->from;
		must(e->packets == b->packets + sent);
		must(e->segments == b->segments +
				    (sent ? w->seg->wire_segs : 0));
		must(e->bytes == b->bytes + (sent ? w->seg->len : 0));
		must(e->unique_bytes >= b->unique_bytes &&
		     e->rexmit_bytes >= b->rexmit_bytes &&
		     e->missed_bytes >= b->missed_bytes &&
		     e->rexmit_packets >= b->rexmit_packets);
		must(e->unique_bytes + e->rexmit_bytes <= e->bytes);
		must(e->rexmit_packets <= e->packets);
		must(e->flags == (b->flags | (sent ? w->seg->flags : 0)));
	}
}

static void check_rtt(const struct view *w)
{
	const struct tcpt_rtt *r, *b;
	unsigned int end, i;
	u32 sum;

	for (end = 0; end < 2; end++) {
		r = &w->after->end[end].rtt;
		b = &w->before->end[end].rtt;
		sum = 0;
		for (i = 0; i < TCPTRACE_RTT_BUCKETS; i++)
			sum += r->hist[i];
		must(sum == r->samples);	/* far from saturation */
		must(r->samples - b->samples <= 1);
		must(r->min <= r->last && r->last < RTT_MAX);
		must(r->min <= r->smoothed && r->smoothed < RTT_MAX);
		must(r->variation < RTT_MAX);
		must(r->sent <= w->after->last);
		if (r->samples != b->samples)
			must(w->seg && end == view_to(w) &&
			     r->last == w->res->rtt &&
			     w->res->class == TCPT_CLASS_OK);
	}
	if (w->res->rtt)
		must(w->after->end[view_to(w)].rtt.samples ==
		     w->before->end[view_to(w)].rtt.samples + 1);
}

/* Check that letters are only appended, and A, D, I, Q and ^ not repeated. */
static void check_history(const struct view *w)
{
	const struct tcpt_zeek *h = &w->after->zeek;
	const struct tcpt_zeek *b = &w->before->zeek;
	unsigned int seen[128] = {};
	unsigned int i;

	must(h->len <= sizeof(h->letters) &&
	     h->len < TCPTRACE_HISTORY_MAX && h->len >= b->len);
	must(!memcmp(h->letters, b->letters, b->len));
	for (i = 0; i < h->len; i++) {
		must(h->letters[i] > 0 &&
		     strchr("ShADFRGTWQIsHadfrgtwqi^", h->letters[i]));
		seen[(unsigned char)h->letters[i]]++;
	}
	must(seen['A'] <= 1 && seen['D'] <= 1 && seen['Q'] <= 1 &&
	     seen['I'] <= 1 && seen['a'] <= 1 && seen['d'] <= 1 &&
	     seen['q'] <= 1 && seen['i'] <= 1 && seen['^'] <= 1);
	must(!seen['^'] || h->letters[0] == '^');
	for (i = 0; i < 2; i++)
		must(h->end[i].state <= TCPT_ZEEK_RESET &&
		     h->end[i].before <= TCPT_ZEEK_RESET);
	must(tcpt_zeek_conn_state(h) < TCPTRACE_CONN_STATES);
}

static void check_suspicion(const struct view *w)
{
	const struct tcpt_suspicion *s = &w->res->suspicion;
	u16 was = w->before->suspected;

	must(s->what < TCPTRACE_SUSPICIONS && s->fit < TCPTRACE_FITS);
	must(w->after->suspected == (s->what ? was | 1U << s->what : was));
	must(s->ttl_min <= s->ttl_max);
	if (!s->what)
		must(!s->fit && !s->distance && !s->expected && !s->since);
	if (s->what == TCPTRACE_SUSPECT_CHALLENGED)
		must(s->since <= CHALLENGE_MAX);
	else if (s->what != TCPTRACE_SUSPECT_AFTER_RST && !w->before->pending.kind)
		must(!s->since);
	if (s->fit == TCPTRACE_FIT_EXACT)
		must(s->distance == 0);
	if (s->fit == TCPTRACE_FIT_OLD)
		must(s->distance < 0);
}

/* Check a late segment: it changes no state, but a RST may end TIME-WAIT. */
static void check_late(const struct view *w)
{
	unsigned int to = view_to(w);

	must(w->res->class == TCPT_CLASS_LATE && !w->res->rtt && !w->res->confirmed);
	must(w->res->steps <= 1);
	if (w->res->steps)
		must(w->res->step[0].from == TCPTRACE_TIME_WAIT &&
		     w->res->step[0].end == to &&
		     w->seg->flags & TCPTRACE_RST);
	must(!memcmp(&w->after->end[!w->from].counters,
		     &w->before->end[!w->from].counters,
		     sizeof(w->after->end[0].counters)));
}

/**
 * invariant_check - check the invariants after a call
 * @w: the call, whose result must not be "reopen"
 */
void invariant_check(const struct view *w)
{
	check_steps(w);
	check_close(w);
	check_marks(w);
	check_times(w);
	check_end(w, 0);
	check_end(w, 1);
	check_ack(w);
	check_counts(w);
	check_rtt(w);
	check_history(w);
	check_suspicion(w);
	if (w->seg && view_is_late(w))
		check_late(w);
	else
		must(w->res->class != TCPT_CLASS_LATE);
	if (w->seg)
		invariant_check_finding(w);
}
