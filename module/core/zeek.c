// SPDX-License-Identifier: GPL-2.0
/*
 * These are the rules of Zeek's TCP analyzer; Documentation/analysis.rst lists
 * the differences.
 */
#include "zeek.h"

#include "segment.h"
#include "seq.h"

/*
 * Zeek ignores the sequence number of a SYN or RST that differs by more than
 * this from the highest sequence number of the endpoint. Zeek also ignores an
 * acknowledgment number of 0 that is more than this above the highest one.
 */
#define JUMP_MAX	1048576

static void add(struct tcpt_zeek *h, unsigned int end, char letter)
{
	if (h->len == sizeof(h->letters))
		return;
	h->letters[h->len++] = end ? letter - 'A' + 'a' : letter;
}

/* Add a letter once for each endpoint. Return: true if it was added before. */
static bool check(struct tcpt_zeek *h, unsigned int end, u8 bit,
		  char letter)
{
	struct tcpt_zeek_end *x = &h->end[end];

	if (x->seen & bit)
		return true;
	x->seen |= bit;
	add(h, end, letter);
	return false;
}

/* Repeat a letter only if its relative sequence number has changed. */
static void check_number(struct tcpt_zeek *h, unsigned int end, u8 bit,
			 char letter, u32 *last, u32 number)
{
	number -= h->end[end].start;
	if (check(h, end, bit, letter) && *last != number)
		add(h, end, letter);
	*last = number;
}

/* Count an event; add its letter at the 1st, 10th, 100th event and so on. */
static void check_count(struct tcpt_zeek *h, unsigned int end, char letter,
			u32 *counter)
{
	u32 n = ++*counter;

	while (n >= 10 && n % 10 == 0)
		n /= 10;
	if (n == 1)
		add(h, end, letter);
}

/**
 * tcpt_zeek_flipped - note that the first segment came from the responder
 * @h: the history, empty
 *
 * Context: any; the caller serializes access to @h.
 */
void tcpt_zeek_flipped(struct tcpt_zeek *h)
{
	add(h, 0, '^');
}

/**
 * tcpt_zeek_letter - note a segment without SYN, FIN or RST: data or an ACK
 * @h: the history
 * @from: sender of the segment: 0 for the originator, 1 for the responder
 * @len: number of payload bytes of the segment
 *
 * Only the first data and the first pure ACK of an endpoint add a letter.
 *
 * Context: any; the caller serializes access to @h.
 */
void tcpt_zeek_letter(struct tcpt_zeek *h, unsigned int from, u32 len)
{
	if (len)
		check(h, from, TCPT_ZEEK_SEEN_DATA, 'D');
	else
		check(h, from, TCPT_ZEEK_SEEN_ACK, 'A');
}

static void note_flags(struct tcpt_zeek *h, unsigned int from,
		       const struct tcpt_segment *seg)
{
	struct tcpt_zeek_end *x = &h->end[from];
	bool ack = seg->flags & TCPTRACE_ACK;

	switch (seg->flags & TCPT_SFR) {
	case 0:
		if (seg->len || ack)
			tcpt_zeek_letter(h, from, seg->len);
		break;
	case TCPTRACE_SYN:
		check_number(h, from, TCPT_ZEEK_SEEN_SYN, ack ? 'H' : 'S',
			     &x->syn, seg->seq);
		break;
	case TCPTRACE_FIN:
		check_number(h, from, TCPT_ZEEK_SEEN_FIN, 'F', &x->fin,
			     seg->seq + seg->len);
		break;
	case TCPTRACE_RST:
		check_number(h, from, TCPT_ZEEK_SEEN_RST, 'R', &x->rst,
			     seg->seq);
		break;
	case TCPTRACE_SYN | TCPTRACE_RST:
	case TCPTRACE_SYN | TCPTRACE_FIN:
		check(h, from, TCPT_ZEEK_SEEN_MANY, 'Q');
		break;
	default:
		check(h, from, TCPT_ZEEK_SEEN_ODD, 'I');
	}
}

/* Return: the sequence number after a segment, without the payload of a RST. */
static u32 end_of(const struct tcpt_segment *seg)
{
	if (seg->flags & TCPTRACE_RST)
		return seg->seq + !!(seg->flags & TCPTRACE_SYN) +
		       !!(seg->flags & TCPTRACE_FIN);
	return tcpt_segment_end(seg);
}

static void begin_at(struct tcpt_zeek_end *x, u32 seq)
{
	x->start = seq;
	x->acked = seq;
	x->last = seq;
}

/*
 * Set the sequence numbers of an endpoint from its first segment. Some later
 * SYNs set the numbers again.
 */
static void init_numbers(struct tcpt_zeek_end *x,
			 const struct tcpt_segment *seg)
{
	bool syn = seg->flags & TCPTRACE_SYN;

	switch (x->state) {
	case TCPT_ZEEK_INACTIVE:
		begin_at(x, seg->seq - !syn);
		x->last = syn ? end_of(seg) : seg->seq;
		return;
	case TCPT_ZEEK_CLOSED:
		return;
	case TCPT_ZEEK_RESET:
		syn = syn && x->before == TCPT_ZEEK_INACTIVE;
		break;
	case TCPT_ZEEK_SYN_SENT:
	case TCPT_ZEEK_SYN_ACK_SENT:
		syn = syn && seg->seq != x->start;
		break;
	}
	if (syn) {
		begin_at(x, seg->seq);
		x->last = end_of(seg);
	}
}

static void note_window(struct tcpt_zeek *h, unsigned int from,
			const struct tcpt_segment *seg)
{
	struct tcpt_zeek_end *x = &h->end[from];

	if (seg->window == 0 && !(seg->flags & TCPTRACE_RST) &&
	    h->end[!from].state != TCPT_ZEEK_CLOSED &&
	    x->state != TCPT_ZEEK_RESET)
		check_count(h, from, 'W', &x->zero_windows);
}

static void note_ack(struct tcpt_zeek_end *y, const struct tcpt_segment *seg)
{
	if (!(seg->flags & TCPTRACE_ACK))
		return;
	if (y->state == TCPT_ZEEK_INACTIVE)
		begin_at(y, seg->ack - 1);
	else if (seg->ack == 0 && 0 - y->acked > JUMP_MAX)
		return;		/* most likely a broken segment */
	else if (!(seg->flags & TCPTRACE_RST))
		tcpt_zeek_granted(y, seg->ack);
}

static void note_numbers(struct tcpt_zeek *h, unsigned int from,
			 const struct tcpt_segment *seg)
{
	struct tcpt_zeek_end *x = &h->end[from];
	u32 end = end_of(seg);
	s32 delta = end - x->last;

	if (seg->flags & (TCPTRACE_SYN | TCPTRACE_RST) &&
	    (delta > JUMP_MAX || delta < -JUMP_MAX))
		return;
	if (seg->flags & TCPTRACE_FIN && x->last == x->start + 1)
		x->last = end;
	else if (x->state == TCPT_ZEEK_RESET)
		return;
	else if (delta > 0)
		x->last = end;
	else if (seg->len)
		check_count(h, from, 'T', &x->rexmits);
}

static void enter(struct tcpt_zeek_end *x, u8 state)
{
	if (x->state == state)
		return;
	x->before = x->state;
	x->state = state;
}

static void first_syn(struct tcpt_zeek *h, unsigned int from, bool ack)
{
	struct tcpt_zeek_end *x = &h->end[from], *y = &h->end[!from];

	if (from == 0) {
		enter(x, ack ? TCPT_ZEEK_SYN_ACK_SENT : TCPT_ZEEK_SYN_SENT);
		return;
	}
	if (y->state == TCPT_ZEEK_SYN_SENT)
		enter(y, TCPT_ZEEK_ESTABLISHED);
	enter(x, TCPT_ZEEK_ESTABLISHED);
}

static void step_inactive(struct tcpt_zeek *h, unsigned int from,
			  const struct tcpt_segment *seg)
{
	struct tcpt_zeek_end *x = &h->end[from], *y = &h->end[!from];
	bool ack = seg->flags & TCPTRACE_ACK;

	if (seg->flags & TCPTRACE_SYN)
		first_syn(h, from, ack);
	if (seg->flags & TCPTRACE_FIN)
		enter(x, TCPT_ZEEK_CLOSED);
	if (seg->flags & TCPTRACE_RST)
		enter(x, TCPT_ZEEK_RESET);
	if (x->state != TCPT_ZEEK_INACTIVE)
		return;
	/* some ends acknowledge a SYN before they send their SYN,ACK */
	if (from == 1 && seg->len == 0 && y->state == TCPT_ZEEK_SYN_SENT)
		return;
	if (ack && y->state == TCPT_ZEEK_ESTABLISHED)
		enter(x, TCPT_ZEEK_ESTABLISHED);
	else
		enter(x, TCPT_ZEEK_PARTIAL);
}

static void step_open(struct tcpt_zeek_end *x, struct tcpt_zeek_end *y,
		      const struct tcpt_segment *seg)
{
	if (tcpt_segment_is_syn(seg) &&
	    x->state == TCPT_ZEEK_PARTIAL && y->state == TCPT_ZEEK_INACTIVE)
		enter(x, TCPT_ZEEK_SYN_SENT);
	if (seg->flags & TCPTRACE_FIN && !(seg->flags & TCPTRACE_RST)) {
		enter(x, TCPT_ZEEK_CLOSED);
		/* a FIN followed by a RST is a normal close */
		if (y->state == TCPT_ZEEK_RESET &&
		    y->before == TCPT_ZEEK_CLOSED)
			enter(y, TCPT_ZEEK_CLOSED);
	}
	if (seg->flags & TCPTRACE_RST)
		enter(x, TCPT_ZEEK_RESET);
}

static void step(struct tcpt_zeek *h, unsigned int from,
		 const struct tcpt_segment *seg)
{
	struct tcpt_zeek_end *x = &h->end[from], *y = &h->end[!from];

	switch (x->state) {
	case TCPT_ZEEK_INACTIVE:
		step_inactive(h, from, seg);
		break;
	case TCPT_ZEEK_SYN_SENT:
	case TCPT_ZEEK_SYN_ACK_SENT:
		if (seg->flags & TCPTRACE_FIN)
			enter(x, TCPT_ZEEK_CLOSED);
		if (seg->flags & TCPTRACE_RST)
			enter(x, TCPT_ZEEK_RESET);
		break;
	case TCPT_ZEEK_PARTIAL:
	case TCPT_ZEEK_ESTABLISHED:
		step_open(x, y, seg);
		break;
	case TCPT_ZEEK_CLOSED:
		if (seg->flags & TCPTRACE_RST && y->state != TCPT_ZEEK_CLOSED)
			enter(x, TCPT_ZEEK_RESET);
		break;
	}
}

/**
 * tcpt_zeek_segment - add a segment to the history
 * @h: the history
 * @from: sender of the segment: 0 for the originator, 1 for the responder
 * @seg: the segment
 *
 * Context: any; the caller serializes access to @h.
 */
void tcpt_zeek_segment(struct tcpt_zeek *h, unsigned int from,
		       const struct tcpt_segment *seg)
{
	init_numbers(&h->end[from], seg);
	note_flags(h, from, seg);
	note_window(h, from, seg);
	if (seg->flags & TCPTRACE_FIN)
		h->end[from].fins = true;
	note_ack(&h->end[!from], seg);
	note_numbers(h, from, seg);
	step(h, from, seg);
}

/**
 * tcpt_zeek_fin - note a FIN that the fast path tracks
 * @h: the history; tcpt_zeek_is_plain() is true for both ends
 * @from: sender of the segment: 0 for the originator, 1 for the responder
 * @seg: the segment, the next in sequence; its acknowledgment is already noted
 *
 * Context: any; the caller serializes access to @h.
 */
void tcpt_zeek_fin(struct tcpt_zeek *h, unsigned int from,
		   const struct tcpt_segment *seg)
{
	struct tcpt_zeek_end *x = &h->end[from];

	check_number(h, from, TCPT_ZEEK_SEEN_FIN, 'F', &x->fin,
		     seg->seq + seg->len);
	x->fins = true;
	x->last = tcpt_segment_end(seg);
	enter(x, TCPT_ZEEK_CLOSED);
}

/**
 * tcpt_zeek_synack - note the first segment of the responder, a SYN,ACK
 * @h: the history, with a SYN of the originator and nothing else
 * @seg: the segment, without data and with a window; its acknowledgment number
 *	is not 0
 *
 * Context: any; the caller serializes access to @h.
 */
void tcpt_zeek_synack(struct tcpt_zeek *h, const struct tcpt_segment *seg)
{
	struct tcpt_zeek_end *x = &h->end[1];

	begin_at(x, seg->seq);
	x->last = seg->seq + 1;
	check_number(h, 1, TCPT_ZEEK_SEEN_SYN, 'H', &x->syn, seg->seq);
	tcpt_zeek_granted(&h->end[0], seg->ack);
	first_syn(h, 1, true);
}

static bool is_clean(const struct tcpt_zeek_end *x)
{
	return x->state == TCPT_ZEEK_ESTABLISHED ||
	       (x->state == TCPT_ZEEK_CLOSED &&
		x->before == TCPT_ZEEK_ESTABLISHED);
}

/**
 * tcpt_zeek_gap - note that unseen payload was acknowledged
 * @h: the history, which already includes the acknowledging segment
 * @end: sender of the payload
 *
 * Context: any; the caller serializes access to @h.
 */
void tcpt_zeek_gap(struct tcpt_zeek *h, unsigned int end)
{
	if (is_clean(&h->end[0]) && is_clean(&h->end[1]))
		check_count(h, end, 'G', &h->end[end].gaps);
}

/*
 * Return: number of payload bytes, computed from the sequence numbers. Callers
 * only check whether it is 0.
 */
static u32 size_of(const struct tcpt_zeek_end *x)
{
	u32 size = tcpt_seq_max(x->last, x->acked) - x->start;

	size -= size != 0;
	return size - (x->fins && size != 0);
}

static bool is_inactive(const struct tcpt_zeek_end *x)
{
	return x->state == TCPT_ZEEK_INACTIVE || x->state == TCPT_ZEEK_PARTIAL;
}

static bool is_syn_sent(const struct tcpt_zeek_end *x)
{
	return x->state == TCPT_ZEEK_SYN_SENT ||
	       x->state == TCPT_ZEEK_SYN_ACK_SENT;
}

/*
 * Did the originator send a SYN and then a RST, with no ACK or FIN in between?
 * Zeek matches the history with /\^?S[^HAFGIQ]*R.../.
 */
static bool gave_up(const struct tcpt_zeek *h)
{
	unsigned int i = h->len && h->letters[0] == '^';

	if (i >= h->len || h->letters[i] != 'S')
		return false;
	for (i++; i < h->len; i++) {
		switch (h->letters[i]) {
		case 'R':
			return true;
		case 'H':
		case 'A':
		case 'F':
		case 'G':
		case 'I':
		case 'Q':
			return false;
		}
	}
	return false;
}

static u8 reset_state(const struct tcpt_zeek *h)
{
	const struct tcpt_zeek_end *o = &h->end[0], *r = &h->end[1];

	if (r->state != TCPT_ZEEK_RESET) {
		if (!is_inactive(r))
			return TCPTRACE_CONN_RSTO;
		return gave_up(h) ? TCPTRACE_CONN_RSTOS0 : TCPTRACE_CONN_OTH;
	}
	if (is_syn_sent(o) || (o->state == TCPT_ZEEK_RESET &&
			       !size_of(o) && !size_of(r)))
		return TCPTRACE_CONN_REJ;
	return is_inactive(o) ? TCPTRACE_CONN_RSTRH : TCPTRACE_CONN_RSTR;
}

/**
 * tcpt_zeek_conn_state - derive Zeek's conn_state of a connection
 * @h: its history
 *
 * Context: any; @h must not change.
 * Return: enum tcptrace_conn_state.
 */
u8 tcpt_zeek_conn_state(const struct tcpt_zeek *h)
{
	const struct tcpt_zeek_end *o = &h->end[0], *r = &h->end[1];

	if (o->state == TCPT_ZEEK_RESET || r->state == TCPT_ZEEK_RESET)
		return reset_state(h);
	if (o->state == TCPT_ZEEK_CLOSED && r->state == TCPT_ZEEK_CLOSED)
		return TCPTRACE_CONN_SF;
	if (o->state == TCPT_ZEEK_CLOSED)
		return is_inactive(r) ? TCPTRACE_CONN_SH : TCPTRACE_CONN_S2;
	if (r->state == TCPT_ZEEK_CLOSED)
		return is_inactive(o) ? TCPTRACE_CONN_SHR : TCPTRACE_CONN_S3;
	if (o->state == TCPT_ZEEK_SYN_SENT && r->state == TCPT_ZEEK_INACTIVE)
		return TCPTRACE_CONN_S0;
	if (o->state == TCPT_ZEEK_ESTABLISHED &&
	    r->state == TCPT_ZEEK_ESTABLISHED)
		return TCPTRACE_CONN_S1;
	return TCPTRACE_CONN_OTH;
}
