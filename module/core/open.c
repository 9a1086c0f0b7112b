// SPDX-License-Identifier: GPL-2.0
#include "open.h"

#include "result.h"
#include "segment.h"

#include <linux/tcptrace.h>

/**
 * tcpt_open_admit - classify a segment that belongs to no known connection
 * @seg: the segment
 *
 * Context: any.
 * Return: enum tcpt_open; all but TCPT_OPEN_BAD_FLAGS open a connection.
 */
enum tcpt_open tcpt_open_admit(const struct tcpt_segment *seg)
{
	if (tcpt_segment_bad_flags(seg->flags))
		return TCPT_OPEN_BAD_FLAGS;
	if (!(seg->flags & TCPTRACE_SYN))
		return TCPT_OPEN_MIDSTREAM;
	return seg->flags & TCPTRACE_ACK ? TCPT_OPEN_SYNACK : TCPT_OPEN_SYN;
}

/*
 * Does the segment answer the kept SYN, either with a SYN,ACK or with a RST?
 * The kept SYN was seen after this connection had begun. If the SYN has this
 * connection's ISN, the answer must be a SYN,ACK with a different ISN, or a RST
 * with sequence number 0. An end without a connection answers a SYN with a RST
 * that has sequence number 0.
 */
static bool answers_kept_syn(const struct tcpt_track *t, unsigned int from,
			     const struct tcpt_segment *seg)
{
	const struct tcpt_pending *syn = &t->pending;
	const struct tcpt_endpoint *y = &t->end[from];

	if (syn->kind != TCPT_PENDING_SYN || syn->from == from ||
	    !(seg->flags & TCPTRACE_ACK) ||
	    !(seg->flags & (TCPTRACE_SYN | TCPTRACE_RST)) ||
	    seg->ack - syn->header.seq - 1 > syn->len)
		return false;
	if (syn->header.seq != t->end[syn->from].iss)
		return true;
	return seg->flags & TCPTRACE_SYN ? seg->seq != y->iss :
					   seg->seq == 0 && y->nxt != 0;
}

/*
 * Is the segment a SYN,ACK for a SYN that was missed after the connection had
 * closed? Return: false if the sequence numbers of an end are unknown.
 */
static bool answers_missed_syn(const struct tcpt_track *t, unsigned int from,
			       const struct tcpt_segment *seg)
{
	const struct tcpt_endpoint *x = &t->end[from];
	const struct tcpt_endpoint *y = &t->end[!from];

	return t->marks & TCPT_MARK_CLOSED && seg->flags & TCPTRACE_SYN &&
	       x->valid & y->valid & TCPT_VALID_NXT && seg->seq != x->iss &&
	       seg->ack != y->iss + 1;
}

/*
 * Does the segment repeat the kept SYN, which has ended the old connection (RFC
 * 9293 section 3.5.1)?
 */
static bool repeats_kept_syn(const struct tcpt_track *t, unsigned int from,
			     const struct tcpt_segment *seg)
{
	const struct tcpt_pending *syn = &t->pending;

	return syn->kind == TCPT_PENDING_SYN && syn->from == from &&
	       tcpt_segment_is_syn(seg) && seg->seq == syn->header.seq;
}

static bool was_reset(const struct tcpt_track *t)
{
	return t->marks & TCPT_MARK_CLOSED &&
	       (t->close_reason == TCPTRACE_CLOSE_RESET ||
		t->close_reason == TCPTRACE_CLOSE_REFUSED);
}

/**
 * tcpt_open_anew - check whether a segment of a connection opens a new one
 * @t: the known connection
 * @from: the sender of the segment: 0 for the originator, 1 for the responder
 * @seg: the segment
 *
 * A SYN opens a new connection if the old connection is over, or if the SYN of
 * the old connection was never answered. A SYN with the same ISN is a
 * retransmission and opens no connection, except after a RST, which left no
 * connection at either end. If a SYN came in the middle of the old connection,
 * the answer to this SYN opens a new connection, because no synchronized end
 * sends such an answer. After the old connection is over, a SYN,ACK whose
 * sequence and acknowledgment numbers are both new also opens a new connection.
 *
 * Context: any; @t must not change.
 * Return: true if a new connection replaces the old one.
 */
bool tcpt_open_anew(const struct tcpt_track *t, unsigned int from,
		    const struct tcpt_segment *seg)
{
	const struct tcpt_endpoint *x = &t->end[from];
	const struct tcpt_endpoint *y = &t->end[!from];

	if ((!(seg->flags & TCPTRACE_SYN) &&
	     t->pending.kind != TCPT_PENDING_SYN) ||
	    tcpt_segment_bad_flags(seg->flags))
		return false;
	if (!tcpt_segment_is_syn(seg))
		return answers_kept_syn(t, from, seg) ||
		       answers_missed_syn(t, from, seg);
	if ((x->valid & TCPT_VALID_NXT) && seg->seq == x->iss)
		return was_reset(t) && x->syns;
	return (t->marks & TCPT_MARK_CLOSED) ||
	       (x->state == TCPTRACE_SYN_SENT && y->state == TCPTRACE_CLOSED);
}

/*
 * Subtract the SYN from the counters. A SYN with data, ECT, SACK, or a flag
 * besides SYN, ECE and CWR has changed too many counters, so it stays counted.
 */
static void withdraw(struct tcpt_endpoint *e, const struct tcpt_pending *syn)
{
	const struct tcpt_header *h = &syn->header;

	if (syn->len || h->tos & 3 || h->options & TCPTRACE_OPT_SACK ||
	    h->flags & ~(TCPTRACE_SYN | TCPTRACE_ECE | TCPTRACE_CWR))
		return;
	e->packets -= syn->times;
	e->segments -= syn->times;
	e->counters.syns -= syn->times;
	if (h->seq == e->iss)
		e->syns -= syn->times;
	if (!e->counters.syns)
		e->flags &= ~TCPTRACE_SYN;
}

/**
 * tcpt_open_take_syn - remove the SYN of the next connection from this one
 * @t: the known connection
 * @from: the sender of @seg: 0 for the originator, 1 for the responder
 * @seg: a segment for which tcpt_open_anew() is true
 * @syn: filled in: the SYN that @seg answers or repeats; its kind is
 *	TCPT_PENDING_NONE if there is no such SYN
 *
 * The SYN was counted in this connection. The function subtracts the SYN from
 * the counters, unless the SYN has data, ECT, SACK, or a flag besides SYN, ECE
 * and CWR.
 *
 * Context: any; the caller serializes access to @t.
 * Return: true if @seg answers or repeats a kept SYN.
 */
bool tcpt_open_take_syn(struct tcpt_track *t, unsigned int from,
			const struct tcpt_segment *seg,
			struct tcpt_pending *syn)
{
	syn->kind = TCPT_PENDING_NONE;
	if (!answers_kept_syn(t, from, seg) && !repeats_kept_syn(t, from, seg))
		return false;
	*syn = t->pending;
	t->pending.kind = TCPT_PENDING_NONE;
	withdraw(&t->end[syn->from], syn);
	/* no other segment was seen since the SYN */
	if (t->last == syn->last && t->heard == syn->heard) {
		t->last = syn->heard;
		t->challenged = 0;
	}
	return true;
}

/* Well-known server ports: common in captures, or listed in /etc/services. */
static const u16 services[] = {
	20, 21, 22, 23, 25, 43, 53, 79, 80, 81, 88, 102, 110, 111, 113, 119,
	135, 139, 143, 179, 389, 443, 445, 465, 502, 515, 543, 548, 554, 587,
	631, 636, 853, 873, 990, 992, 993, 994, 995, 1080, 1194, 1433, 1521,
	1723, 1883, 1935, 2049, 2181, 2375, 2376, 2379, 2404, 3128, 3260, 3306,
	3389, 4369, 5000, 5060, 5061, 5222, 5269, 5432, 5671, 5672, 5900, 5984,
	5985, 6379, 6443, 6667, 8000, 8008, 8080, 8081, 8086, 8088, 8443, 8883,
	8888, 9000, 9042, 9090, 9092, 9100, 9200, 9418, 10250, 11211, 20000,
	27017,
};

static bool is_service(u16 port)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(services); i++)
		if (services[i] == port)
			return true;
	return false;
}

/**
 * tcpt_open_guess - guess whether the originator sent a segment without SYN
 * @seg: the first observed segment of a connection
 *
 * If only one end has the port of a known service, that end is the responder;
 * otherwise, the end with the lower port is the responder.
 *
 * Context: any.
 * Return: true if the sender is the originator.
 */
bool tcpt_open_guess(const struct tcpt_segment *seg)
{
	if (is_service(seg->sport) != is_service(seg->dport))
		return is_service(seg->dport);
	return seg->sport >= seg->dport;
}

/* Open a connection with a SYN,ACK that answers an unseen SYN. */
static void open_synack(struct tcpt_track *t, const struct tcpt_segment *seg,
			struct tcpt_result *res)
{
	tcpt_endpoint_adopt(&t->end[0], seg->ack);
	t->end[1].iss = seg->seq;
	tcpt_result_step(res, t, &t->end[0], TCPT_SYN_IMPLIED);
	tcpt_zeek_flipped(&t->zeek);
	t->marks |= TCPT_MARK_MIDSTREAM | TCPT_MARK_HANDSHAKE;
}

static void open_midstream(struct tcpt_track *t, unsigned int from,
			   const struct tcpt_segment *seg,
			   struct tcpt_result *res)
{
	unsigned int to = t->marks & TCPT_MARK_SELF ? from : !from;

	if (seg->flags & TCPTRACE_ACK)
		tcpt_endpoint_adopt(&t->end[to], seg->ack);
	tcpt_endpoint_adopt(&t->end[from], seg->seq);
	if (from)
		tcpt_zeek_flipped(&t->zeek);
	tcpt_result_step(res, t, &t->end[from], TCPT_MIDSTREAM);
	tcpt_result_step(res, t, &t->end[to], TCPT_MIDSTREAM);
	t->marks |= TCPT_MARK_MIDSTREAM | TCPT_MARK_GUESSED;
}

/**
 * tcpt_open_track - begin a connection with its first segment
 * @t: all zero; filled in
 * @seg: the segment, whose flags must be valid (not TCPT_OPEN_BAD_FLAGS)
 * @self: true if both ends are one socket
 * @now: when the segment was seen, ns
 * @before: Wireshark's analysis of earlier connections of these ends, stored
 *	outside @t; NULL if there is none
 * @res: filled in: the transitions that precede those of the segment
 *
 * The function sets the ISNs that the segment shows, so that records can have
 * relative sequence numbers. The function does not count the segment: pass the
 * segment to tcpt_track_segment() next.
 *
 * Context: any; the caller serializes access to @t.
 */
void tcpt_open_track(struct tcpt_track *t, const struct tcpt_segment *seg,
		     bool self, u64 now, const struct tcpt_wireshark *before,
		     struct tcpt_result *res)
{
	tcpt_result_init(res);
	t->first = now;
	t->last = now;
	t->heard = now;
	t->by = TCPT_NOBODY;
	t->turn = TCPT_NOBODY;
	if (before)
		t->wireshark = *before;
	else
		tcpt_wireshark_init(&t->wireshark);
	if (self)
		t->marks |= TCPT_MARK_SELF;
	switch (tcpt_open_admit(seg)) {
	case TCPT_OPEN_SYN:
		t->end[0].iss = seg->seq;
		t->marks |= TCPT_MARK_HANDSHAKE;
		break;
	case TCPT_OPEN_SYNACK:
		open_synack(t, seg, res);
		break;
	default:
		open_midstream(t, self ? 0 : !tcpt_open_by_originator(seg),
			       seg, res);
	}
}
