// SPDX-License-Identifier: GPL-2.0
#include "track.h"

#include "acceptable.h"
#include "fastpath.h"
#include "open.h"
#include "result.h"
#include "segment.h"
#include "seq.h"

#include <linux/tcptrace.h>

/* One segment: x sent it, and y is assumed to receive it. */
struct pass {
	struct tcpt_track *t;
	struct tcpt_endpoint *x;
	struct tcpt_endpoint *y;
	const struct tcpt_segment *seg;
	struct tcpt_result *res;
	u64 now;
	u32 missed;	/* numbers that it acknowledges and that were not seen */
};

static void apply(struct pass *p, struct tcpt_endpoint *e,
		  enum tcpt_input input)
{
	tcpt_result_step(p->res, p->t, e, input);
}

static void grant(struct pass *p)
{
	tcpt_endpoint_grant(p->x, p->seg->ack,
			    tcpt_acceptable_window(p->x, p->y, p->seg));
}

/* @to receives @from's FIN once all data before it has arrived. */
static void deliver_fin(struct pass *p, struct tcpt_endpoint *from,
			struct tcpt_endpoint *to)
{
	if (!(from->valid & TCPT_VALID_FIN) ||
	    (from->valid & TCPT_VALID_FIN_DELIVERED) ||
	    tcpt_seq_before(from->contig, from->fin))
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
		p->t->by = e == &p->t->end[1];
	apply(p, e, input);
}

/* Return: true if seg->ack acknowledges y's far segments. */
static bool resync(struct pass *p)
{
	struct tcpt_endpoint *y = p->y;

	if (!tcpt_endpoint_far_acked(y, p->seg->ack))
		return false;
	if (y->valid & TCPT_VALID_FAR_FIN)
		send_fin(p, y, y->far_hi - 1, TCPT_SND_FIN);
	p->missed += tcpt_endpoint_jump(y);
	p->x->valid &= ~TCPT_VALID_ACK;
	return true;
}

/* RFC 9293 section 3.10.7.4, fifth: the effect of seg->ack on y. */
static void acknowledge(struct pass *p)
{
	struct tcpt_endpoint *x = p->x, *y = p->y;
	u32 ack = p->seg->ack;

	if ((x->valid & TCPT_VALID_ACK) && tcpt_seq_before(ack, x->ack))
		return;
	grant(p);
	p->missed += tcpt_endpoint_acked(y, ack);
	deliver_fin(p, y, x);
	if (tcpt_seq_after(ack, y->iss))
		apply(p, y, TCPT_RCV_ACK_OF_SYN);
	if ((y->valid & TCPT_VALID_FIN) && tcpt_seq_after(ack, y->fin))
		apply(p, y, TCPT_RCV_ACK_OF_FIN);
}

/*
 * Return: false if it acknowledges data that y cannot have sent, or if it is so
 * old that y must not accept the segment.
 */
static bool receive_ack(struct pass *p)
{
	struct tcpt_endpoint *y = p->y;
	u32 ack = p->seg->ack;

	if (!(y->valid & TCPT_VALID_NXT)) {
		tcpt_endpoint_adopt(y, ack);
	} else if (tcpt_seq_after(ack, y->nxt) && !resync(p)) {
		if (y->packets) {
			p->res->class = TCPT_CLASS_UNSEEN_ACK;
			return false;
		}
		/* only one direction is seen here: trust x about y */
		y->nxt = ack;
		y->contig = ack;
	} else if (!tcpt_acceptable_ack(p->x, p->seg)) {
		p->res->class = TCPT_CLASS_UNSEEN_ACK;
		return false;
	}
	acknowledge(p);
	return true;
}

/* Did x send this before it received y's FIN, which was seen here first? */
static bool crosses_fin(const struct pass *p)
{
	return (p->y->valid & TCPT_VALID_FIN_DELIVERED) &&
	       !tcpt_seq_after(p->seg->ack, p->y->fin);
}

static void advance(struct pass *p)
{
	struct tcpt_endpoint *x = p->x;

	tcpt_endpoint_see(x, p->seg);
	if (p->seg->flags & TCPTRACE_FIN)
		send_fin(p, x, tcpt_segment_end(p->seg) - 1, crosses_fin(p) ?
			 TCPT_SND_FIN_CROSSED : TCPT_SND_FIN);
	deliver_fin(p, x, p->y);
}

/*
 * An ACK from an end in SYN-SENT: the answer to its SYN was not seen here.
 * Return: false if it proves nothing.
 */
static bool imply_synack(struct pass *p)
{
	if (p->seg->seq != p->x->nxt || p->y->state != TCPTRACE_CLOSED)
		return false;
	apply(p, p->x, TCPT_SND_ACK);
	apply(p, p->y, TCPT_MIDSTREAM);
	return true;
}

/* A segment with ACK and neither SYN nor RST. */
static void track_ack(struct pass *p)
{
	struct tcpt_endpoint *x = p->x, *y = p->y;
	enum tcpt_fit fit;

	if (x->state == TCPTRACE_SYN_SENT && !imply_synack(p))
		return;
	if (!(x->valid & TCPT_VALID_NXT)) {
		/* not an answer to a SYN: RFC 9293 3.10.7.3 requires a SYN */
		if (y->state == TCPTRACE_SYN_SENT) {
			p->res->class = TCPT_CLASS_OUTSIDE;
			return;
		}
		tcpt_endpoint_adopt(x, p->seg->seq);
	}
	fit = tcpt_acceptable_seq(y, p->seg);
	if (fit == TCPT_FIT_OUTSIDE) {
		p->res->class = TCPT_CLASS_OUTSIDE;
		tcpt_endpoint_far(x, p->seg);
		if (resync(p))
			acknowledge(p);
		return;
	}
	if (!receive_ack(p))
		return;
	if (fit == TCPT_FIT_IN)
		advance(p);
	else
		tcpt_endpoint_see(x, p->seg);
}

static void track_syn(struct pass *p)
{
	struct tcpt_endpoint *x = p->x, *y = p->y;

	if (!(x->valid & TCPT_VALID_NXT)) {
		tcpt_endpoint_adopt_syn(x, p->seg);
		apply(p, x, TCPT_SND_SYN);
	} else if (p->seg->seq != x->iss) {
		p->res->class = TCPT_CLASS_SYN_CHALLENGE;
		return;
	}
	tcpt_endpoint_see(x, p->seg);
	/* whatever its number: RFC 5961 section 4.2 checks none */
	if (tcpt_state_synchronized(y->state))
		p->res->class = TCPT_CLASS_SYN_CHALLENGE;
	if (x->syns < 255)
		x->syns++;
	if (!p->t->synack)
		p->t->syn = p->now;
	apply(p, y, TCPT_RCV_SYN);
}

static void note_synack(struct pass *p)
{
	struct tcpt_track *t = p->t;

	if (p->x->synacks < 255)
		p->x->synacks++;
	if (!t->synack && t->syn)
		t->syn_synack = p->now - t->syn;
	t->synack = p->now;
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
		/* a SYN cookie may change until the peer has accepted one */
		if (y->valid & TCPT_VALID_ACK) {
			p->res->class = TCPT_CLASS_SYN_CHALLENGE;
			return;
		}
		tcpt_endpoint_adopt_syn(x, p->seg);
	} else if (x->state == TCPTRACE_CLOSED) {
		return;		/* a late retransmission: that end is closed */
	}
	tcpt_endpoint_see(x, p->seg);
	note_synack(p);
	apply(p, x, TCPT_SND_SYNACK);
	grant(p);
	apply(p, y, TCPT_RCV_SYNACK);
}

static void track_rst(struct pass *p)
{
	p->res->class = tcpt_acceptable_rst(p->x, p->y, p->seg);
	if (p->res->class != TCPT_CLASS_OK)
		return;
	p->t->by = p->x == &p->t->end[1];
	apply(p, p->x, TCPT_SND_RST);
	apply(p, p->y, TCPT_RCV_RST);
}

static bool end_is_over(const struct tcpt_endpoint *e)
{
	return e->state == TCPTRACE_CLOSED || e->state == TCPTRACE_TIME_WAIT;
}

/* A self-connected socket has one end only. */
static bool is_over(const struct tcpt_track *t)
{
	return end_is_over(&t->end[0]) &&
	       ((t->marks & TCPT_MARK_SELF) || end_is_over(&t->end[1]));
}

static bool both_synchronized(const struct tcpt_track *t)
{
	return tcpt_state_synchronized(t->end[0].state) &&
	       ((t->marks & TCPT_MARK_SELF) ||
		(tcpt_state_synchronized(t->end[1].state) &&
		 t->end[0].valid & t->end[1].valid & TCPT_VALID_ACK));
}

/* Derive the state of the connection from the transitions of its ends. */
static void conclude(struct pass *p)
{
	struct tcpt_track *t = p->t;
	struct tcpt_result *res = p->res;

	if (both_synchronized(t) && !(t->marks & TCPT_MARK_CONFIRMED)) {
		t->marks |= TCPT_MARK_CONFIRMED;
		res->confirmed = true;
		res->established = t->marks & TCPT_MARK_HANDSHAKE;
	}
	if (res->established) {
		t->established = p->now;
		t->synack_ack = t->synack ? p->now - t->synack : 0;
	}
	if (res->steps == 0 || !is_over(t))
		return;
	if (res->step[res->steps - 1].reason == TCPTRACE_REASON_REFUSED)
		tcpt_result_close(res, t, TCPTRACE_CLOSE_REFUSED);
	else if (p->seg->flags & TCPTRACE_RST)
		tcpt_result_close(res, t, TCPTRACE_CLOSE_RESET);
	else
		tcpt_result_close(res, t, TCPTRACE_CLOSE_FIN);
}

/*
 * The connection is over, and a late segment opens no other. A segment to an
 * end in TIME-WAIT restarts its 2 MSL; an acceptable RST ends TIME-WAIT.
 */
static void track_late(struct pass *p, unsigned int from)
{
	p->res->class = TCPT_CLASS_LATE;
	p->res->suspicion = tcpt_rfc5961_late(p->t, from, p->seg, p->now);
	if (p->y->state != TCPTRACE_TIME_WAIT)
		return;
	if (!(p->seg->flags & TCPTRACE_RST))
		p->t->last = p->now;
	else if (tcpt_acceptable_rst(p->x, p->y, p->seg) == TCPT_CLASS_OK)
		apply(p, p->y, TCPT_RCV_RST);
}

/* Apply the segment to the states. */
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
	conclude(p);
}

static void measure_rtt(struct pass *p, bool rexmit)
{
	if (p->res->class != TCPT_CLASS_OK)
		return;
	p->res->rtt = tcpt_rtt_answered(&p->y->rtt, p->seg, p->now);
	tcpt_rtt_sent(&p->x->rtt, p->seg, rexmit, p->now);
}

/**
 * tcpt_track_fully - as tcpt_track_segment(), without the fast path
 * @t: the connection
 * @from: who sent it: 0 the originator, 1 the responder
 * @seg: the segment
 * @now: when, ns
 * @res: filled in: what it did
 *
 * Context: any; the caller keeps others off @t.
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
	};
	bool rexmit = (p.x->valid & TCPT_VALID_NXT) &&
		     tcpt_seq_before(seg->seq, p.x->nxt);

	tcpt_result_init(res);
	res->reopen = tcpt_open_anew(t, from, seg);
	if (res->reopen)
		return;
	res->found = tcpt_wireshark_segment(&t->wireshark, from, seg, now);
	if (t->marks & TCPT_MARK_CLOSED) {
		track_late(&p, from);
		return;
	}
	tcpt_endpoint_count(p.x, seg);
	t->last = p.now;
	track(&p);
	measure_rtt(&p, rexmit);
	tcpt_zeek_segment(&t->zeek, from, seg);
	if (p.missed)
		tcpt_zeek_gap(&t->zeek, p.y == &t->end[1]);
	res->suspicion = tcpt_rfc5961_segment(t, from, seg, res->class, p.now);
	tcpt_endpoint_update(p.x, p.y, seg, &res->found, rexmit, p.now);
	t->ready = tcpt_fastpath_ready(t);
}

/**
 * tcpt_track_segment - a segment of a connection was seen
 * @t: the connection
 * @from: who sent it: 0 the originator, 1 the responder
 * @seg: the segment
 * @now: when, ns; times in @t never go back
 * @res: filled in: what it did
 *
 * The segment is taken as delivered. With @res->reopen nothing was changed.
 *
 * Context: any; the caller keeps others off @t.
 */
void tcpt_track_segment(struct tcpt_track *t, unsigned int from,
			const struct tcpt_segment *seg, u64 now,
			struct tcpt_result *res)
{
	u64 rtt;

	if (!tcpt_fastpath_segment(t, from, seg, now, &rtt)) {
		tcpt_track_fully(t, from, seg, now, res);
		return;
	}
	tcpt_result_init(res);
	res->rtt = rtt;
}
