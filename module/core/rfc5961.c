// SPDX-License-Identifier: GPL-2.0
#include "rfc5961.h"

#include "seq.h"

#include <linux/tcptrace.h>

/* An ACK that comes later than this is not the challenge ACK. */
#define CHALLENGE_MAX	1000000000ULL	/* ns */

/* A segment under test, which x seems to have sent to y. */
struct suspect {
	struct tcpt_track *t;
	const struct tcpt_endpoint *x;
	const struct tcpt_endpoint *y;
	const struct tcpt_segment *seg;
	u64 now;
	struct tcpt_suspicion s;
};

static struct suspect begin(struct tcpt_track *t, unsigned int from,
			    const struct tcpt_segment *seg, u64 now)
{
	unsigned int to = t->marks & TCPT_MARK_SELF ? from : !from;
	const struct tcpt_counters *tally = &t->end[from].counters;

	return (struct suspect) {
		.t = t,
		.x = &t->end[from],
		.y = &t->end[to],
		.seg = seg,
		.now = now,
		.s.ttl_min = tally->own_ttl_min,
		.s.ttl_max = tally->own_ttl_max,
	};
}

static void measure(struct suspect *p, u8 what, u32 expected, u32 number)
{
	p->s.what = what;
	p->s.expected = expected;
	p->s.distance = (s32)(number - expected);
}

/* Measure the distance from the sequence number that y expects next. */
static void measure_seq(struct suspect *p, u8 what)
{
	u32 seq = p->seg->seq;

	if (!(p->x->valid & TCPT_VALID_NXT)) {
		p->s.what = what;
		return;
	}
	measure(p, what, p->x->contig, seq);
	if (p->s.distance == 0)
		p->s.fit = TCPTRACE_FIT_EXACT;
	else if (p->s.distance < 0)
		p->s.fit = TCPTRACE_FIT_OLD;
	else if (p->y->valid & TCPT_VALID_ACK &&
		 tcpt_seq_before(seq, p->y->right))
		p->s.fit = TCPTRACE_FIT_IN_WINDOW;
	else
		p->s.fit = TCPTRACE_FIT_OUT_OF_WINDOW;
}

static void measure_ack(struct suspect *p, u8 what, u32 expected)
{
	measure(p, what, expected, p->seg->ack);
	p->s.fit = p->s.distance < 0 ? TCPTRACE_FIT_OLD
				     : TCPTRACE_FIT_OUT_OF_WINDOW;
}

/* y should send a challenge ACK: wait for that ACK. */
static void await_challenge(struct suspect *p)
{
	p->t->challenged = p->now;
	p->t->challenger = p->y == &p->t->end[1];
}

static void look_at_rst(struct suspect *p, unsigned int class)
{
	if (class == TCPT_CLASS_OK) {
		if (tcpt_counters_odd_ttl(&p->x->counters, p->seg->ttl))
			measure_seq(p, TCPTRACE_SUSPECT_RST_TTL);
		return;
	}
	if (p->y->state == TCPTRACE_SYN_SENT) {
		if (p->seg->flags & TCPTRACE_ACK)
			measure_ack(p, TCPTRACE_SUSPECT_RST, p->y->nxt);
		else
			p->s.what = TCPTRACE_SUSPECT_RST;
		return;
	}
	measure_seq(p, TCPTRACE_SUSPECT_RST);
	if (class == TCPT_CLASS_RST_CHALLENGE)
		await_challenge(p);
}

/* A SYN,ACK with a different ISN is suspect; a repeated SYN is not. */
static void look_at_syn(struct suspect *p)
{
	if (p->seg->seq == p->x->iss)
		return;
	measure_seq(p, TCPTRACE_SUSPECT_SYN);
	await_challenge(p);
}

static void look_at_ack(struct suspect *p)
{
	bool synack = p->seg->flags & TCPTRACE_SYN;

	if (!(p->y->valid & TCPT_VALID_NXT))
		p->s.what = synack ? TCPTRACE_SUSPECT_SYNACK
				   : TCPTRACE_SUSPECT_ACK;
	else if (synack)
		measure_ack(p, TCPTRACE_SUSPECT_SYNACK, p->y->nxt);
	else if (tcpt_seq_after(p->seg->ack, p->y->nxt))
		measure_ack(p, TCPTRACE_SUSPECT_ACK, p->y->nxt);
	else
		measure_ack(p, TCPTRACE_SUSPECT_ACK, p->x->ack);
}

/* RFC 5961 section 3.2: <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> */
static void look_for_challenge(struct suspect *p)
{
	struct tcpt_track *t = p->t;

	if (!t->challenged || p->x != &t->end[t->challenger])
		return;
	if (p->now - t->challenged > CHALLENGE_MAX) {
		t->challenged = 0;
		return;
	}
	if (p->seg->len || (p->seg->flags & (TCPT_SFR | TCPTRACE_ACK)) !=
	    TCPTRACE_ACK || p->seg->seq != p->x->nxt ||
	    p->seg->ack != p->x->ack)
		return;
	measure_seq(p, TCPTRACE_SUSPECT_CHALLENGED);
	p->s.since = p->now - t->challenged;
	t->challenged = 0;
}

/* Raise a suspicion about the kept segment. */
static void accuse_pending(struct suspect *p, u8 what)
{
	const struct tcpt_pending *pending = &p->t->pending;

	measure(p, what, pending->expected, pending->header.seq);
	p->s.fit = pending->fit;
	p->s.ttl_min = pending->ttl_min;
	p->s.ttl_max = pending->ttl_max;
	p->s.since = p->now - pending->last;
	p->s.pending = true;
}

/*
 * Does x send data with the sequence number of the kept data, but with a TTL in
 * the range that x uses? If the length is the same and the bytes are not
 * acknowledged, x may have sent both segments, the second one as a
 * retransmission on a different path.
 */
static bool sends_it_again(const struct suspect *p)
{
	const struct tcpt_pending *pending = &p->t->pending;

	return p->seg->seq == pending->header.seq &&
	       p->seg->ttl != pending->header.ttl &&
	       (p->seg->len != pending->len ||
		tcpt_endpoint_has_acked(p->y, pending->header.seq)) &&
	       p->seg->ttl >= pending->ttl_min &&
	       p->seg->ttl <= pending->ttl_max;
}

/*
 * x continues its connection, so x did not send the kept SYN, because that SYN
 * would have ended the connection. A kept SYN with the ISN of x is not suspect:
 * it may be the first SYN of x, and may have arrived late. If x had sent the
 * kept data, x would continue after that data.
 */
static void look_back(struct suspect *p)
{
	struct tcpt_pending *pending = &p->t->pending;

	if (p->x != &p->t->end[pending->from] || p->seg->flags & TCPTRACE_SYN)
		return;
	if (pending->kind == TCPT_PENDING_SYN) {
		if (pending->header.seq != p->x->iss)
			accuse_pending(p, TCPTRACE_SUSPECT_SYN);
	} else if (pending->kind != TCPT_PENDING_DATA) {
		return;
	} else if (sends_it_again(p)) {
		accuse_pending(p, TCPTRACE_SUSPECT_DATA_TTL);
	}
	pending->kind = TCPT_PENDING_NONE;
}

static struct tcpt_suspicion conclude(struct suspect *p)
{
	if (p->s.what)
		p->t->suspected |= 1U << p->s.what;
	return p->s;
}

/**
 * tcpt_rfc5961_segment - check whether a segment is suspect
 * @t: the connection
 * @from: the sender: 0 for the originator, 1 for the responder
 * @seg: the segment, which is tracked, but not yet in tcpt_endpoint.counters
 * @class: enum tcpt_class
 * @now: when the segment was seen, ns
 *
 * Context: any; the caller serializes access to @t.
 * Return: the suspicion, TCPTRACE_SUSPECT_NONE if there is none.
 */
struct tcpt_suspicion tcpt_rfc5961_segment(struct tcpt_track *t,
					   unsigned int from,
					   const struct tcpt_segment *seg,
					   unsigned int class, u64 now)
{
	struct suspect p = begin(t, from, seg, now);

	if (seg->flags & TCPTRACE_RST && class != TCPT_CLASS_BAD_FLAGS)
		look_at_rst(&p, class);
	else if (class == TCPT_CLASS_SYN_CHALLENGE)
		look_at_syn(&p);
	else if (class == TCPT_CLASS_UNSEEN_ACK)
		look_at_ack(&p);
	else if (class == TCPT_CLASS_OUTSIDE && p.y->valid & TCPT_VALID_ACK)
		measure_seq(&p, TCPTRACE_SUSPECT_DATA);
	else if (class == TCPT_CLASS_OK)
		look_for_challenge(&p);
	if (t->pending.kind && class == TCPT_CLASS_OK &&
	    !(seg->flags & TCPTRACE_RST))
		look_back(&p);
	return conclude(&p);
}

/**
 * tcpt_rfc5961_keep - keep a segment until later segments show what it was
 * @t: the connection
 * @from: the sender: 0 for the originator, 1 for the responder
 * @kind: enum tcpt_pending_kind
 * @seg: the segment, which is not yet in tcpt_endpoint.counters
 * @now: when the segment was seen, ns
 *
 * Context: any; the caller serializes access to @t.
 */
void tcpt_rfc5961_keep(struct tcpt_track *t, unsigned int from,
		       unsigned int kind, const struct tcpt_segment *seg,
		       u64 now)
{
	struct suspect p = begin(t, from, seg, now);
	struct tcpt_pending *pending = &t->pending;

	measure_seq(&p, 0);
	tcpt_pending_keep(pending, kind, from, seg, now);
	if (pending->times == 1)
		pending->heard = t->heard;
	pending->ttl_min = p.s.ttl_min;
	pending->ttl_max = p.s.ttl_max;
	pending->expected = kind == TCPT_PENDING_DATA ? seg->seq :
							p.s.expected;
	pending->fit = kind == TCPT_PENDING_DATA ? TCPTRACE_FIT_EXACT : p.s.fit;
}

/**
 * tcpt_rfc5961_late - check whether a segment of a closed connection is suspect
 * @t: the connection
 * @from: the sender: 0 for the originator, 1 for the responder
 * @seg: the segment
 * @now: when the segment was seen, ns
 *
 * Each suspicion is reported at most once per connection. Except for a SYN, a
 * segment below the highest sequence number seen is not suspect: an end may
 * have sent that segment before the RST, on a slower path.
 *
 * Context: any; the caller serializes access to @t.
 * Return: the suspicion, TCPTRACE_SUSPECT_NONE if there is none.
 */
struct tcpt_suspicion tcpt_rfc5961_late(struct tcpt_track *t,
					unsigned int from,
					const struct tcpt_segment *seg,
					u64 now)
{
	struct suspect p = begin(t, from, seg, now);
	bool reset = t->close_reason == TCPTRACE_CLOSE_RESET ||
		     t->close_reason == TCPTRACE_CLOSE_REFUSED;

	if (tcpt_segment_is_syn(seg)) {
		if (p.x->syns && seg->seq == p.x->iss &&
		    !(t->suspected & 1U << TCPTRACE_SUSPECT_ISN_REUSE))
			measure_seq(&p, TCPTRACE_SUSPECT_ISN_REUSE);
	} else if (reset && t->by == from && !(seg->flags & TCPTRACE_RST) &&
		   !(t->suspected & 1U << TCPTRACE_SUSPECT_AFTER_RST) &&
		   !((p.x->valid & TCPT_VALID_NXT) &&
		     tcpt_seq_before(seg->seq, p.x->nxt))) {
		measure_seq(&p, TCPTRACE_SUSPECT_AFTER_RST);
		p.s.since = now - t->heard;
	}
	return conclude(&p);
}
