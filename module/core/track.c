// SPDX-License-Identifier: GPL-2.0
#include "track.h"

#include "acceptable.h"
#include "fastpath.h"
#include "open.h"
#include "result.h"
#include "segment.h"
#include "seq.h"

#include <linux/tcptrace.h>

/* A segment that x sent, and that y is assumed to receive. */
struct pass {
	struct tcpt_track *t;
	struct tcpt_endpoint *x;
	struct tcpt_endpoint *y;
	const struct tcpt_segment *seg;
	struct tcpt_result *res;
	u64 now;
	u64 synack;	/* time of the last SYN,ACK before the segment */
	u32 missed[2];	/* for each end, number of missed sequence numbers */
	bool explained;	/* the segment is not suspect */
	bool odd_ttl;	/* new data with a TTL outside the range that x uses */
	bool new_ack;	/* the acknowledgment number of x has changed */
	bool new_window;	/* the window field of x has changed */
	bool echoes;	/* TSecr shows which of several SYNs @seg answers */
};

static void apply(struct pass *p, struct tcpt_endpoint *e,
		  enum tcpt_input input)
{
	tcpt_result_step(p->res, p->t, e, input);
}

static unsigned int index_of(const struct pass *p,
			     const struct tcpt_endpoint *e)
{
	return e == &p->t->end[1];
}

static void find(struct pass *p, unsigned int kind, u32 value)
{
	tcpt_finding_raise(p->res, p->t, kind, index_of(p, p->x), 1, value);
}

static void keep(struct pass *p, enum tcpt_pending_kind kind)
{
	tcpt_rfc5961_keep(p->t, index_of(p, p->x), kind, p->seg, p->now);
}

/* Is a segment of this kind from @e being kept? */
static bool is_kept(const struct pass *p, enum tcpt_pending_kind kind,
		    const struct tcpt_endpoint *e)
{
	return p->t->pending.kind == kind &&
	       p->t->pending.from == index_of(p, e);
}

static void grant(struct pass *p)
{
	tcpt_endpoint_grant(p->x, p->seg->ack,
			    tcpt_acceptable_window(p->x, p->y, p->seg));
}

/*
 * Was the first segment of @e a keep-alive without payload? The sequence number
 * of a keep-alive is one too low, so nothing was missed before @next.
 */
static bool is_after_keep_alive(const struct pass *p,
				const struct tcpt_endpoint *e, u32 next)
{
	return p->t->marks & TCPT_MARK_GUESSED && !e->unique_bytes &&
	       e->nxt == e->iss + 1 && next == e->nxt + 1;
}

/* Does x continue after a bare keep-alive? The segment is already counted. */
static bool passes_keep_alive(const struct pass *p)
{
	return p->x->packets > 1 && is_after_keep_alive(p, p->x, p->seg->seq);
}

/* Wireshark also classifies one repeated, unacked byte as a keep-alive. */
static void see(struct pass *p)
{
	if (passes_keep_alive(p)) {
		p->x->nxt = p->seg->seq;
		p->x->contig = p->seg->seq;
	}
	tcpt_endpoint_see(p->x, p->seg,
			  p->res->found.classes & TCPTRACE_A_KEEP_ALIVE &&
			  tcpt_endpoint_has_acked(p->y, p->seg->seq));
}

/*
 * Deliver the FIN of @from to @to, if all data before the FIN has arrived. Do
 * not deliver it while @to seems to have missed the FIN, or the answer to its
 * SYN or SYN,ACK.
 */
static void deliver_fin(struct pass *p, struct tcpt_endpoint *from,
			struct tcpt_endpoint *to)
{
	if (!(from->valid & TCPT_VALID_FIN) ||
	    (from->valid & TCPT_VALID_FIN_DELIVERED) ||
	    tcpt_seq_before(from->contig, from->fin) ||
	    to->valid & TCPT_VALID_DOUBT)
		return;
	if (from->valid & TCPT_VALID_FIN_DOUBT &&
	    !tcpt_seq_after(to->ack, from->fin))
		return;
	from->valid |= TCPT_VALID_FIN_DELIVERED;
	apply(p, to, TCPT_RCV_FIN);
}

static void send_fin(struct pass *p, struct tcpt_endpoint *e, u32 fin,
		     enum tcpt_input input)
{
	if (e->valid & TCPT_VALID_FIN)
		return;
	e->fin = fin;
	e->valid |= TCPT_VALID_FIN;
	if (p->t->by == TCPT_NOBODY)
		p->t->by = index_of(p, e);
	apply(p, e, input);
}

static void send_far_fin(struct pass *p, struct tcpt_endpoint *e)
{
	if (e->valid & TCPT_VALID_FAR_FIN)
		send_fin(p, e, e->far_hi - 1, TCPT_SND_FIN);
}

/*
 * If seg->ack acknowledges far segments of y, jump to the end of these segments
 * and return true.
 */
static bool resync(struct pass *p)
{
	if (!tcpt_endpoint_far_acked(p->y, p->seg->ack))
		return false;
	send_far_fin(p, p->y);
	p->missed[index_of(p, p->y)] += tcpt_endpoint_jump(p->y);
	p->x->valid &= ~TCPT_VALID_ACK;
	return true;
}

/* RFC 9293 section 3.10.7.4, fifth: apply @ack, which @from sent to @to. */
static void acknowledge(struct pass *p, struct tcpt_endpoint *from,
			struct tcpt_endpoint *to, u32 ack)
{
	p->missed[index_of(p, to)] += tcpt_endpoint_acked(to, ack);
	deliver_fin(p, to, from);
	if (tcpt_seq_after(ack, to->iss) && !(to->valid & TCPT_VALID_DOUBT))
		apply(p, to, TCPT_RCV_ACK_OF_SYN);
	if (to->valid & TCPT_VALID_FIN && tcpt_seq_after(ack, to->fin))
		apply(p, to, TCPT_RCV_ACK_OF_FIN);
}

static void receive_new_ack(struct pass *p)
{
	u32 ack = p->seg->ack;

	if (p->x->valid & TCPT_VALID_ACK && tcpt_seq_before(ack, p->x->ack))
		return;
	grant(p);
	acknowledge(p, p->x, p->y, ack);
}

/* The claim is true: x has sent the data that y acknowledged. */
static void settle_claim(struct pass *p)
{
	struct tcpt_endpoint *x = p->x, *y = p->y;

	y->valid &= ~TCPT_VALID_CLAIM;
	tcpt_endpoint_grant(y, y->claim, y->claim_right - y->claim);
	/* the segment with the claim was accepted, including its FIN */
	if (tcpt_endpoint_far_inside(y, x)) {
		send_far_fin(p, y);
		tcpt_endpoint_take_far(y);
	}
	acknowledge(p, y, x, y->claim);
	deliver_fin(p, y, x);
}

/*
 * y has acknowledged data of x that was not seen here. If x continues after
 * that data, segments of x were missed. A third party that sends segments to y
 * cannot make x continue there.
 */
static void prove_claim(struct pass *p)
{
	const struct tcpt_endpoint *y = p->y;
	u32 last = p->seg->flags & TCPTRACE_RST ? y->claim : y->claim_right;

	if (!(y->valid & TCPT_VALID_CLAIM) ||
	    !tcpt_seq_between(p->seg->seq, y->claim, last) ||
	    !tcpt_seq_after(y->claim, p->x->nxt))
		return;
	tcpt_endpoint_skip(p->x, y->claim);
	settle_claim(p);
}

/* If the segment that y acknowledged has arrived late, settle the claim. */
static void meet_claim(struct pass *p)
{
	if (p->y->valid & TCPT_VALID_CLAIM &&
	    !tcpt_seq_after(p->y->claim, p->x->nxt))
		settle_claim(p);
}

/* x acknowledges unseen data of y: data was missed, or the ACK is forged. */
static void claim(struct pass *p)
{
	struct tcpt_endpoint *x = p->x;
	u32 ack = p->seg->ack;

	p->res->class = TCPT_CLASS_UNSEEN_ACK;
	if (p->t->marks & TCPT_MARK_SELF)
		return;
	/* each gap is reported once */
	p->explained = x->valid & TCPT_VALID_CLAIM &&
		       !tcpt_seq_before(ack, x->claim);
	x->claim = ack;
	x->claim_right = ack + tcpt_acceptable_window(x, p->y, p->seg);
	x->valid |= TCPT_VALID_CLAIM;
	if (tcpt_acceptable_seq(p->y, p->seg) == TCPT_FIT_OLD)
		return;
	/* accept data in sequence; the rest waits until the claim is proved */
	if (tcpt_seq_after(p->seg->seq, x->nxt) ||
	    p->seg->flags & TCPTRACE_FIN) {
		tcpt_endpoint_far(x, p->seg);
		return;
	}
	see(p);
	deliver_fin(p, x, p->y);
}

/*
 * Return: false if the acknowledged data was not seen (see claim()), or if the
 * ACK is so old that y must not accept the segment.
 */
static bool receive_ack(struct pass *p)
{
	struct tcpt_endpoint *y = p->y;
	u32 ack = p->seg->ack;

	if (!(y->valid & TCPT_VALID_NXT)) {
		tcpt_endpoint_adopt(y, ack);
	} else if (tcpt_seq_after(ack, y->nxt) && !resync(p)) {
		if (y->packets && !is_after_keep_alive(p, y, ack)) {
			claim(p);
			return false;
		}
		/* y was not seen, or began with a keep-alive: trust x */
		y->nxt = ack;
		y->contig = ack;
	} else if (!tcpt_acceptable_ack(p->x, p->seg)) {
		p->res->class = TCPT_CLASS_UNSEEN_ACK;
		return false;
	}
	receive_new_ack(p);
	return true;
}

/* Did x send the segment before x received the FIN that was seen from y? */
static bool crosses_fin(const struct pass *p)
{
	return (p->y->valid & TCPT_VALID_FIN_DELIVERED) &&
	       !tcpt_seq_after(p->seg->ack, p->y->fin);
}

static bool has_odd_ttl(const struct pass *p)
{
	return p->seg->len && p->seg->seq == p->x->nxt &&
	       tcpt_counters_odd_ttl(&p->x->counters, p->seg->ttl);
}

static void advance(struct pass *p)
{
	struct tcpt_endpoint *x = p->x;

	p->odd_ttl = has_odd_ttl(p);
	tcpt_acceptable_stamp(x, p->y, p->seg);
	see(p);
	if (p->seg->flags & TCPTRACE_FIN)
		send_fin(p, x, tcpt_segment_end(p->seg) - 1, crosses_fin(p) ?
			 TCPT_SND_FIN_CROSSED : TCPT_SND_FIN);
	deliver_fin(p, x, p->y);
	meet_claim(p);
}

/*
 * Handle an ACK from an end in SYN-SENT: the end has received a SYN,ACK that
 * was not seen here, or that seemed lost. The end may have sent more segments
 * in the meantime. Return: false if the ACK proves nothing.
 */
static bool imply_synack(struct pass *p)
{
	enum { MISSED_MAX = 1 << 20 };	/* few forged SEG.SEQs are this near */
	struct tcpt_endpoint *x = p->x, *y = p->y;

	if (p->seg->seq - x->nxt > MISSED_MAX)
		return false;
	if (y->state == TCPTRACE_CLOSED) {
		apply(p, x, TCPT_SND_ACK);
		apply(p, y, TCPT_MIDSTREAM);
		return true;
	}
	if (!(x->valid & TCPT_VALID_DOUBT) ||
	    !tcpt_seq_after(p->seg->ack, y->iss))
		return false;
	x->valid &= ~TCPT_VALID_DOUBT;
	apply(p, x, TCPT_RCV_SYNACK);
	return true;
}

/*
 * Handle the first segment from the peer of an end in SYN-SENT. Data or a FIN
 * that acknowledges the SYN follows a SYN,ACK that was not seen here. No other
 * segment is acceptable: RFC 9293 section 3.10.7.3 requires a SYN. A segment
 * that does not acknowledge the SYN belongs to an old connection.
 * Return: false if the segment is not acceptable.
 */
static bool meet_syn(struct pass *p)
{
	struct tcpt_endpoint *x = p->x, *y = p->y;

	if (p->seg->ack == y->nxt && tcpt_segment_end(p->seg) != p->seg->seq) {
		tcpt_endpoint_adopt(x, p->seg->seq);
		apply(p, x, TCPT_MIDSTREAM);
		apply(p, y, TCPT_RCV_SYNACK);
		return true;
	}
	p->res->class = TCPT_CLASS_OUTSIDE;
	if (p->seg->ack != y->nxt) {
		keep(p, TCPT_PENDING_ACK);
		find(p, TCPTRACE_FINDING_OLD_CONNECTION, 0);
	}
	return false;
}

/*
 * If an end in SYN-RECEIVED sends or acknowledges data, the end is established,
 * unless the peer has sent nothing but a SYN with data (RFC 7413).
 */
static void prove_established(struct pass *p)
{
	struct tcpt_endpoint *x = p->x, *y = p->y;
	bool tfo = y->bytes && y->packets == y->counters.syns;

	if (x->state != TCPTRACE_SYN_RECEIVED || tfo ||
	    (!p->seg->len && !tcpt_seq_after(p->seg->ack, y->iss + 1)))
		return;
	x->valid &= ~TCPT_VALID_DOUBT;
	apply(p, x, TCPT_RCV_ACK_OF_SYN);
	deliver_fin(p, y, x);
}

/* The ACK shows which of two SYN,ACKs was accepted. */
static void choose_synack(struct pass *p)
{
	struct tcpt_pending *pending = &p->t->pending;
	struct tcpt_segment synack;

	if (p->seg->ack == pending->header.seq + 1) {
		tcpt_pending_segment(pending, p->seg, true, &synack);
		tcpt_endpoint_adopt_syn(p->y, &synack);
		tcpt_endpoint_see(p->y, &synack, false);
	}
	pending->kind = TCPT_PENDING_NONE;
}

/*
 * y has repeated its FIN, and x still does not acknowledge the FIN: x has not
 * received it. A single FIN proves nothing: the ACK may have crossed the FIN.
 */
static void miss_fin(struct pass *p)
{
	struct tcpt_endpoint *x = p->x, *y = p->y;

	if (x->state != TCPTRACE_CLOSE_WAIT || y->counters.fins < 2 ||
	    !(y->valid & TCPT_VALID_FIN_DELIVERED) ||
	    tcpt_seq_after(p->seg->ack, y->fin) || p->seg->ack != x->ack)
		return;
	y->valid &= ~TCPT_VALID_FIN_DELIVERED;
	y->valid |= TCPT_VALID_FIN_DOUBT;
	apply(p, x, TCPT_FIN_MISSED);
}

/* Is the segment the next in sequence, or the next after the far segments? */
static bool is_next(const struct tcpt_endpoint *x,
		    const struct tcpt_segment *seg)
{
	return seg->seq == x->nxt ||
	       (x->valid & TCPT_VALID_FAR && x->far_lo == x->nxt &&
		seg->seq == x->far_hi);
}

static void receive_outside(struct pass *p)
{
	p->res->class = is_next(p->x, p->seg) ? TCPT_CLASS_OVERRUN :
						TCPT_CLASS_OUTSIDE;
	tcpt_endpoint_far(p->x, p->seg);
	if (resync(p))
		receive_new_ack(p);
}

/* Track a segment that has ACK, but neither SYN nor RST. */
static void track_ack(struct pass *p)
{
	struct tcpt_endpoint *x = p->x, *y = p->y;
	enum tcpt_fit fit;

	if (is_kept(p, TCPT_PENDING_SYNACK, y) && !(x->valid & TCPT_VALID_ACK))
		choose_synack(p);
	if (x->state == TCPTRACE_SYN_SENT && !imply_synack(p))
		return;
	if (!(x->valid & TCPT_VALID_NXT)) {
		if (y->state != TCPTRACE_SYN_SENT)
			tcpt_endpoint_adopt(x, p->seg->seq);
		else if (!meet_syn(p))
			return;
	}
	prove_claim(p);
	fit = tcpt_acceptable_seq(y, p->seg);
	if (fit == TCPT_FIT_OUTSIDE) {
		receive_outside(p);
		return;
	}
	if (fit == TCPT_FIT_IN &&
	    !tcpt_acceptable_timestamp(x, p->seg, p->now)) {
		p->res->class = TCPT_CLASS_OLD_TIMESTAMP;
		return;
	}
	if (!receive_ack(p))
		return;
	prove_established(p);
	miss_fin(p);
	if (fit == TCPT_FIT_IN)
		advance(p);
	else
		see(p);
}

/* Did @e send nothing but SYNs before this segment? */
static bool sent_only_syns(const struct tcpt_endpoint *e)
{
	return e->packets == (u64)e->counters.syns + 1;
}

/* Fewer unanswered SYN,ACKs prove nothing: some may have been lost. */
#define SYNACKS_MIN	3

/* An end that repeats its SYN or SYN,ACK has not received the answer. */
static void take_back(struct pass *p, enum tcpt_input input,
		      unsigned int finding)
{
	struct tcpt_endpoint *x = p->x;
	unsigned int steps = p->res->steps;

	if (tcpt_acceptable_is_copy(x, p->seg))
		return;
	apply(p, x, input);
	if (p->res->steps != steps) {
		x->valid |= TCPT_VALID_DOUBT;
		p->y->valid &= ~TCPT_VALID_FIN_DELIVERED;
	}
	if (x->valid & TCPT_VALID_DOUBT)
		find(p, finding, 0);
	else if (x->synacks >= SYNACKS_MIN - 1 && x->synacks > p->y->syns)
		find(p, TCPTRACE_FINDING_SYNACK_UNANSWERED, x->synacks + 1U);
}

static void time_syn(struct pass *p)
{
	struct tcpt_track *t = p->t;
	u32 tsval = p->seg->opt.present & TCPTRACE_OPT_TIMESTAMP ?
		    p->seg->opt.tsval : 0;

	if (t->synack || tcpt_state_synchronized(p->y->state))
		return;
	if (!t->syn)
		t->first_tsval = tsval;
	t->syn = p->now;
	t->syn_tsval = tsval;
}

/* Learn the options of a SYN that is seen after the SYN,ACK that answers it. */
static void learn_late_syn(struct pass *p)
{
	struct tcpt_endpoint *x = p->x, *y = p->y;
	bool known = x->valid & TCPT_VALID_OPTIONS;

	p->t->marks &= ~TCPT_MARK_MIDSTREAM;
	tcpt_endpoint_learn_syn(x, p->seg);
	if (known || !(x->valid & y->valid & TCPT_VALID_OPTIONS) || x == y)
		return;
	tcpt_endpoint_rescale(x, y);
	/* the window of a SYN,ACK is not scaled */
	if (y->packets > y->synacks)
		tcpt_endpoint_rescale(y, x);
}

static void track_syn(struct pass *p)
{
	struct tcpt_endpoint *x = p->x, *y = p->y;
	bool crossed = y->state == TCPTRACE_SYN_SENT;

	if (!(x->valid & TCPT_VALID_NXT)) {
		tcpt_endpoint_adopt_syn(x, p->seg);
		apply(p, x, TCPT_SND_SYN);
	} else if (p->seg->seq != x->iss) {
		p->res->class = TCPT_CLASS_SYN_CHALLENGE;
		p->explained = true;
		keep(p, TCPT_PENDING_SYN);
		return;
	} else if (!x->syns) {
		learn_late_syn(p);
	} else if (sent_only_syns(x)) {
		take_back(p, TCPT_SYN_AGAIN, TCPTRACE_FINDING_SYN_REPEATED);
	} else if (tcpt_state_synchronized(y->state)) {
		keep(p, TCPT_PENDING_SYN);
	}
	see(p);
	/* RFC 5961 section 4.2 does not check the sequence number of the SYN */
	if (tcpt_state_synchronized(y->state))
		p->res->class = TCPT_CLASS_SYN_CHALLENGE;
	if (x->syns < 255)
		x->syns++;
	time_syn(p);
	apply(p, y, TCPT_RCV_SYN);
	/* RFC 9293 section 3.5, figure 7: each end receives a SYN */
	if (crossed)
		apply(p, x, TCPT_RCV_SYN);
}

/*
 * Return: time of the SYN that the SYN,ACK answers. TSecr identifies this SYN;
 * without TSecr, the last SYN is assumed.
 */
static u64 answered_syn(struct pass *p)
{
	const struct tcpt_track *t = p->t;
	u32 ticks = t->syn_tsval - t->first_tsval;
	u32 age = t->syn_tsval - p->seg->opt.tsecr;

	if (!(p->seg->opt.present & TCPTRACE_OPT_TIMESTAMP) ||
	    !t->first_tsval || age > ticks)
		return t->syn;
	p->echoes = ticks;
	if (age == 0)
		return t->syn;
	if (age == ticks)
		return t->first;
	/* the answered SYN is between the first and the last: interpolate */
	return t->syn - (t->syn - t->first) / ticks * age;
}

/* RFC 7413: find a SYN,ACK that does not acknowledge the data of the SYN. */
static void check_tfo(struct pass *p)
{
	u32 data = p->y->nxt - p->y->iss - 1;

	if (p->y->counters.data_packets && data &&
	    p->seg->ack == p->y->iss + 1 && !p->x->synacks)
		tcpt_finding_raise(p->res, p->t, TCPTRACE_FINDING_TFO_NOT_TAKEN,
				   index_of(p, p->x), 1, data);
}

static void note_synack(struct pass *p)
{
	struct tcpt_track *t = p->t;

	check_tfo(p);
	if (p->x->synacks < 255)
		p->x->synacks++;
	if (!t->synack && t->syn && !t->established)
		t->syn_synack = p->now - answered_syn(p);
	t->synack = p->now;
}

/*
 * A timer repeats a SYN,ACK after 1 s (RFC 6298 section 2.1). A SYN,ACK that
 * comes much sooner is a copy, or answers a copy of the SYN: the network may
 * have copied the SYN after the SYN passed here. A SYN,ACK also proves nothing
 * if x has had no time to react to the ACK.
 */
static bool is_copied_synack(const struct pass *p)
{
	enum { SOONER = 500000000 };	/* ns */
	const struct tcpt_track *t = p->t;

	return p->now - p->synack < SOONER ||
	       (t->established && p->now - t->established < 2 * t->syn_synack);
}

static void track_synack(struct pass *p)
{
	struct tcpt_endpoint *x = p->x, *y = p->y;

	if (!(y->valid & TCPT_VALID_NXT) ||
	    !tcpt_seq_between(p->seg->ack, y->iss + 1, y->nxt)) {
		p->res->class = TCPT_CLASS_UNSEEN_ACK;
		return;
	}
	if (!(x->valid & TCPT_VALID_NXT)) {
		tcpt_endpoint_adopt_syn(x, p->seg);
	} else if (p->seg->seq != x->iss) {
		/* a SYN cookie may change until the peer accepts one */
		if (y->valid & TCPT_VALID_ACK) {
			p->res->class = TCPT_CLASS_SYN_CHALLENGE;
			return;
		}
		keep(p, TCPT_PENDING_SYNACK);
		if (x->synacks >= y->syns)
			find(p, TCPTRACE_FINDING_TWO_SYNACKS, 0);
		return;
	} else if (x->state == TCPTRACE_CLOSED) {
		return;		/* a late retransmission: x is closed */
	} else if (x->synacks && sent_only_syns(x) && !is_copied_synack(p)) {
		take_back(p, TCPT_SYNACK_AGAIN,
			  TCPTRACE_FINDING_SYNACK_REPEATED);
	}
	see(p);
	note_synack(p);
	apply(p, x, TCPT_SND_SYNACK);
	grant(p);
	if (!(y->valid & TCPT_VALID_DOUBT))
		apply(p, y, TCPT_RCV_SYNACK);
}

/*
 * RFC 9293 section 3.5.1: the SYN has met an old connection. The sender of the
 * SYN answers the ACK of that connection with a RST; the handshake continues.
 */
static bool ends_old_connection(const struct pass *p)
{
	return is_kept(p, TCPT_PENDING_ACK, p->y) &&
	       p->x->state == TCPTRACE_SYN_SENT &&
	       p->seg->seq == p->t->pending.ack;
}

static void track_rst(struct pass *p)
{
	if (ends_old_connection(p)) {
		p->explained = true;
		return;
	}
	prove_claim(p);
	if (!passes_keep_alive(p))
		p->res->class = tcpt_acceptable_rst(p->x, p->y, p->seg);
	if (p->res->class != TCPT_CLASS_OK)
		return;
	/* RFC 9293 section 3.5.1: x sent a new SYN; y has an old connection */
	if (is_kept(p, TCPT_PENDING_SYN, p->x))
		tcpt_finding_raise(p->res, p->t, TCPTRACE_FINDING_OLD_CONNECTION,
				   index_of(p, p->y), 1, 0);
	p->t->by = index_of(p, p->x);
	apply(p, p->x, TCPT_SND_RST);
	apply(p, p->y, TCPT_RCV_RST);
}

/*
 * Note the sequence numbers of a segment that comes after the connection has
 * ended, unless the segment has SYN or RST, or is outside the window.
 */
static void count_late(struct pass *p)
{
	const struct tcpt_segment *seg = p->seg;

	if (seg->flags & (TCPTRACE_SYN | TCPTRACE_RST) ||
	    !(p->x->valid & TCPT_VALID_NXT) ||
	    tcpt_acceptable_seq(p->y, seg) == TCPT_FIT_OUTSIDE)
		return;
	see(p);
}

/*
 * Track a late segment, which opens no new connection. A segment without RST to
 * an end in TIME-WAIT restarts the 2 MSL timer; an acceptable RST ends
 * TIME-WAIT.
 */
static void track_late(struct pass *p, unsigned int from)
{
	p->res->class = TCPT_CLASS_LATE;
	if (tcpt_segment_is_syn(p->seg) &&
	    !tcpt_segment_bad_flags(p->seg->flags))
		keep(p, TCPT_PENDING_SYN);
	p->res->suspicion = tcpt_rfc5961_late(p->t, from, p->seg, p->now);
	count_late(p);
	if (p->y->state != TCPTRACE_TIME_WAIT)
		return;
	if (!(p->seg->flags & TCPTRACE_RST))
		p->t->heard = p->now;
	else if (tcpt_acceptable_rst(p->x, p->y, p->seg) == TCPT_CLASS_OK)
		apply(p, p->y, TCPT_RCV_RST);
}

/* Apply the segment to the states of both ends. */
static void track(struct pass *p)
{
	unsigned int flags = p->seg->flags;

	if (tcpt_segment_bad_flags(flags))
		p->res->class = TCPT_CLASS_BAD_FLAGS;
	else if (flags & TCPTRACE_RST)
		track_rst(p);
	else if (!(flags & TCPTRACE_SYN))
		track_ack(p);
	else if (flags & TCPTRACE_ACK)
		track_synack(p);
	else
		track_syn(p);
	tcpt_result_conclude(p->res, p->t, index_of(p, p->x), flags, p->now,
			     p->synack);
}

static void measure_rtt(struct pass *p, bool rexmit)
{
	if (p->res->class != TCPT_CLASS_OK)
		return;
	p->res->rtt = tcpt_rtt_answered(&p->y->rtt, p->seg, p->now);
	if (p->echoes && !p->res->rtt)
		p->res->rtt = tcpt_rtt_take(&p->y->rtt, p->t->syn_synack);
	tcpt_rtt_sent(&p->x->rtt, p->seg, rexmit, p->now);
}

static void look_for_findings(struct pass *p, unsigned int from, bool rexmit)
{
	struct tcpt_evidence ev;

	if (p->res->class == TCPT_CLASS_LATE)
		return;
	ev = (struct tcpt_evidence) {
		.from = from,
		.seg = p->seg,
		.class = p->res->class,
		.rexmit = rexmit,
		.new_ack = p->new_ack,
		.new_window = p->new_window,
		.now = p->now,
	};

	tcpt_finding_segment(p->res, p->t, &ev);
}

/* Do not count a retransmission as a keep-alive, even if Wireshark does. */
static void update(struct pass *p, bool rexmit)
{
	struct tcpt_wireshark_result found = p->res->found;

	if (p->res->rexmit)
		found.classes &= ~TCPTRACE_A_KEEP_ALIVE;
	if (p->res->class == TCPT_CLASS_OK)
		tcpt_counters_own_ttl(&p->x->counters, p->seg->ttl);
	tcpt_endpoint_update(p->x, p->y, p->seg, &found, rexmit, p->now);
}

static void note_zeek(struct pass *p, unsigned int from)
{
	struct tcpt_zeek *zeek = &p->t->zeek;

	tcpt_zeek_segment(zeek, from, p->seg);
	if (p->missed[0])
		tcpt_zeek_gap(zeek, 0);
	if (p->missed[1])
		tcpt_zeek_gap(zeek, 1);
}

/**
 * tcpt_track_fully - track a segment of a connection on the slow path
 * @t: the connection
 * @from: the sender: 0 for the originator, 1 for the responder
 * @seg: the segment
 * @now: when the segment was seen, ns
 * @res: filled in
 *
 * Context: any; the caller serializes access to @t.
 */
void tcpt_track_fully(struct tcpt_track *t, unsigned int from,
		      const struct tcpt_segment *seg, u64 now,
		      struct tcpt_result *res)
{
	struct pass p = {
		.t = t,
		.x = &t->end[from],
		.y = &t->end[t->marks & TCPT_MARK_SELF ? from : !from],
		.seg = seg,
		.res = res,
		.now = now > t->last ? now : t->last,
		.synack = t->synack,
		.new_ack = !(t->end[from].valid & TCPT_VALID_ACK) ||
			   seg->ack != t->end[from].ack,
		.new_window = seg->window != t->wireshark.dir[from].window,
	};
	bool rexmit = (p.x->valid & TCPT_VALID_NXT) &&
		     tcpt_seq_before(seg->seq, p.x->nxt);
	u64 repeated = p.x->rexmit_bytes;
	u64 last = t->last;

	tcpt_result_init(res);
	res->reopen = tcpt_open_anew(t, from, seg);
	if (res->reopen)
		return;
	res->found = tcpt_wireshark_segment(&t->wireshark, from, seg, now);
	tcpt_endpoint_count(p.x, seg);
	t->last = p.now;
	if (t->marks & TCPT_MARK_CLOSED)
		track_late(&p, from);
	else
		track(&p);
	if (res->class == TCPT_CLASS_OK)
		t->heard = p.now;
	res->rexmit = p.x->rexmit_bytes - repeated;
	measure_rtt(&p, rexmit);
	note_zeek(&p, from);
	if (!p.explained && res->class != TCPT_CLASS_LATE &&
	    !tcpt_rfc5961_is_plain(t, seg, res->class))
		res->suspicion = tcpt_rfc5961_segment(t, from, seg, res->class,
						      p.now);
	if (p.odd_ttl)
		keep(&p, TCPT_PENDING_DATA);
	if (!(seg->flags & TCPTRACE_SYN))
		look_for_findings(&p, from, rexmit);
	else if (res->class == TCPT_CLASS_OK)
		tcpt_finding_syn(t, from, seg);
	update(&p, rexmit);
	tcpt_chrono_segment(t, from, seg, res, rexmit, last);
	tcpt_fastpath_prepare(t);
}

/**
 * tcpt_track_other - track a segment that tcpt_fastpath_segment() has refused
 * @t: the connection
 * @from: the sender: 0 for the originator, 1 for the responder
 * @seg: the segment
 * @now: when the segment was seen, ns
 * @res: filled in
 *
 * Context: any; the caller serializes access to @t.
 */
void tcpt_track_other(struct tcpt_track *t, unsigned int from,
		      const struct tcpt_segment *seg, u64 now,
		      struct tcpt_result *res)
{
	if (!tcpt_fastpath_transition(t, from, seg, now, res))
		tcpt_track_fully(t, from, seg, now, res);
}

/**
 * tcpt_track_segment - track a segment of a connection
 * @t: the connection
 * @from: the sender: 0 for the originator, 1 for the responder
 * @seg: the segment
 * @now: when the segment was seen, ns; times in @t never decrease, except those
 *	in @t->wireshark
 * @res: filled in
 *
 * The function assumes that the receiver gets the segment. If @res->reopen is
 * set, @t was not changed.
 *
 * Context: any; the caller serializes access to @t.
 */
void tcpt_track_segment(struct tcpt_track *t, unsigned int from,
			const struct tcpt_segment *seg, u64 now,
			struct tcpt_result *res)
{
	u64 rtt;

	if (!tcpt_fastpath_segment(t, from, seg, now, &rtt)) {
		tcpt_track_other(t, from, seg, now, res);
		return;
	}
	tcpt_result_init(res);
	res->rtt = rtt;
}
