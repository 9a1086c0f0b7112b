// SPDX-License-Identifier: GPL-2.0
/* After Zeek's TCP analyzer; Documentation/analysis.rst has what differs. */
#include "history.h"

#include "segment.h"
#include "seq.h"

/* A SYN or RST that is further off is not trusted. */
#define JUMP_MAX	1048576

static void add(struct tcpt_history *h, unsigned int end, char letter)
{
	if (h->len == sizeof(h->letters))
		return;
	h->letters[h->len++] = end ? letter - 'A' + 'a' : letter;
}

/* Return: true if the letter was there before. */
static bool check(struct tcpt_history *h, unsigned int end, u8 bit,
		  char letter)
{
	struct tcpt_past *x = &h->past[end];

	if (x->seen & bit)
		return true;
	x->seen |= bit;
	add(h, end, letter);
	return false;
}

/* Again only where the number is another, relative to the ISN. */
static void check_number(struct tcpt_history *h, unsigned int end, u8 bit,
			 char letter, u32 *last, u32 number)
{
	number -= h->past[end].start;
	if (check(h, end, bit, letter) && *last != number)
		add(h, end, letter);
	*last = number;
}

/* Letters that tell how often: at 1, 10, 100 and so on. */
static void check_count(struct tcpt_history *h, unsigned int end, char letter,
			u32 *counter)
{
	u32 n = ++*counter;

	while (n >= 10 && n % 10 == 0)
		n /= 10;
	if (n == 1)
		add(h, end, letter);
}

/**
 * tcpt_history_flipped - the first segment came from the responder
 * @h: the history, empty
 *
 * Context: any; the caller keeps others off @h.
 */
void tcpt_history_flipped(struct tcpt_history *h)
{
	add(h, 0, '^');
}

static void note_flags(struct tcpt_history *h, unsigned int from,
		       const struct tcpt_segment *seg)
{
	struct tcpt_past *x = &h->past[from];
	bool ack = seg->flags & TCPTRACE_ACK;

	switch (seg->flags & TCPT_SFR) {
	case 0:
		if (seg->len)
			check(h, from, TCPT_SEEN_DATA, 'D');
		else if (ack)
			check(h, from, TCPT_SEEN_ACK, 'A');
		break;
	case TCPTRACE_SYN:
		check_number(h, from, TCPT_SEEN_SYN, ack ? 'H' : 'S', &x->syn,
			     seg->seq);
		break;
	case TCPTRACE_FIN:
		check_number(h, from, TCPT_SEEN_FIN, 'F', &x->fin,
			     seg->seq + seg->len);
		break;
	case TCPTRACE_RST:
		check_number(h, from, TCPT_SEEN_RST, 'R', &x->rst, seg->seq);
		break;
	case TCPTRACE_SYN | TCPTRACE_RST:
	case TCPTRACE_SYN | TCPTRACE_FIN:
		check(h, from, TCPT_SEEN_MANY, 'Q');
		break;
	default:
		check(h, from, TCPT_SEEN_ODD, 'I');
	}
}

/* The sequence number after a segment; payload of a RST is none. */
static u32 end_of(const struct tcpt_segment *seg)
{
	if (seg->flags & TCPTRACE_RST)
		return seg->seq + !!(seg->flags & TCPTRACE_SYN) +
		       !!(seg->flags & TCPTRACE_FIN);
	return tcpt_segment_end(seg);
}

static void begin_at(struct tcpt_past *x, u32 seq)
{
	x->start = seq;
	x->acked = seq;
	x->last = seq;
}

/* The numbers of an endpoint, by its first segment or by a better SYN. */
static void init_numbers(struct tcpt_past *x, const struct tcpt_segment *seg)
{
	bool syn = seg->flags & TCPTRACE_SYN;

	switch (x->state) {
	case TCPT_EP_INACTIVE:
		begin_at(x, seg->seq - !syn);
		x->last = syn ? end_of(seg) : seg->seq;
		return;
	case TCPT_EP_CLOSED:
		return;
	case TCPT_EP_RESET:
		syn = syn && x->before == TCPT_EP_INACTIVE;
		break;
	case TCPT_EP_SYN_SENT:
	case TCPT_EP_SYN_ACK_SENT:
		syn = syn && seg->seq != x->start;
		break;
	}
	if (syn) {
		begin_at(x, seg->seq);
		x->last = end_of(seg);
	}
}

static void note_window(struct tcpt_history *h, unsigned int from,
			const struct tcpt_segment *seg)
{
	struct tcpt_past *x = &h->past[from];

	if (seg->window == 0 && !(seg->flags & TCPTRACE_RST) &&
	    h->past[!from].state != TCPT_EP_CLOSED &&
	    x->state != TCPT_EP_RESET)
		check_count(h, from, 'W', &x->zero_windows);
}

static void note_ack(struct tcpt_past *y, const struct tcpt_segment *seg)
{
	if (!(seg->flags & TCPTRACE_ACK))
		return;
	if (y->state == TCPT_EP_INACTIVE)
		begin_at(y, seg->ack - 1);
	else if (seg->ack == 0 && 0 - y->acked > JUMP_MAX)
		return;		/* a broken one, most likely */
	else if (!(seg->flags & TCPTRACE_RST) &&
		 !tcpt_seq_before(seg->ack, y->start) &&
		 tcpt_seq_after(seg->ack, y->acked))
		y->acked = seg->ack;
}

static void note_numbers(struct tcpt_history *h, unsigned int from,
			 const struct tcpt_segment *seg)
{
	struct tcpt_past *x = &h->past[from];
	u32 end = end_of(seg);
	s32 delta = end - x->last;

	if (seg->flags & (TCPTRACE_SYN | TCPTRACE_RST) &&
	    (delta > JUMP_MAX || delta < -JUMP_MAX))
		return;
	if (seg->flags & TCPTRACE_FIN && x->last == x->start + 1)
		x->last = end;
	else if (x->state == TCPT_EP_RESET)
		return;
	else if (delta > 0)
		x->last = end;
	else if (seg->len)
		check_count(h, from, 'T', &x->rexmits);
}

static void enter(struct tcpt_past *x, u8 state)
{
	if (x->state == state)
		return;
	x->before = x->state;
	x->state = state;
}

static void first_syn(struct tcpt_history *h, unsigned int from, bool ack)
{
	struct tcpt_past *x = &h->past[from], *y = &h->past[!from];

	if (from == 0) {
		enter(x, ack ? TCPT_EP_SYN_ACK_SENT : TCPT_EP_SYN_SENT);
		return;
	}
	if (y->state == TCPT_EP_SYN_SENT)
		enter(y, TCPT_EP_ESTABLISHED);
	enter(x, TCPT_EP_ESTABLISHED);
}

static void step_inactive(struct tcpt_history *h, unsigned int from,
			  const struct tcpt_segment *seg)
{
	struct tcpt_past *x = &h->past[from], *y = &h->past[!from];
	bool ack = seg->flags & TCPTRACE_ACK;

	if (seg->flags & TCPTRACE_SYN)
		first_syn(h, from, ack);
	if (seg->flags & TCPTRACE_FIN)
		enter(x, TCPT_EP_CLOSED);
	if (seg->flags & TCPTRACE_RST)
		enter(x, TCPT_EP_RESET);
	if (x->state != TCPT_EP_INACTIVE)
		return;
	/* some acknowledge a SYN before they answer it */
	if (from == 1 && seg->len == 0 && y->state == TCPT_EP_SYN_SENT)
		return;
	if (ack && y->state == TCPT_EP_ESTABLISHED)
		enter(x, TCPT_EP_ESTABLISHED);
	else
		enter(x, TCPT_EP_PARTIAL);
}

static void step_open(struct tcpt_past *x, struct tcpt_past *y,
		      const struct tcpt_segment *seg)
{
	if (tcpt_segment_is_syn(seg) &&
	    x->state == TCPT_EP_PARTIAL && y->state == TCPT_EP_INACTIVE)
		enter(x, TCPT_EP_SYN_SENT);
	if (seg->flags & TCPTRACE_FIN && !(seg->flags & TCPTRACE_RST)) {
		enter(x, TCPT_EP_CLOSED);
		/* a FIN and then a RST is a normal end */
		if (y->state == TCPT_EP_RESET && y->before == TCPT_EP_CLOSED)
			enter(y, TCPT_EP_CLOSED);
	}
	if (seg->flags & TCPTRACE_RST)
		enter(x, TCPT_EP_RESET);
}

static void step(struct tcpt_history *h, unsigned int from,
		 const struct tcpt_segment *seg)
{
	struct tcpt_past *x = &h->past[from], *y = &h->past[!from];

	switch (x->state) {
	case TCPT_EP_INACTIVE:
		step_inactive(h, from, seg);
		break;
	case TCPT_EP_SYN_SENT:
	case TCPT_EP_SYN_ACK_SENT:
		if (seg->flags & TCPTRACE_FIN)
			enter(x, TCPT_EP_CLOSED);
		if (seg->flags & TCPTRACE_RST)
			enter(x, TCPT_EP_RESET);
		break;
	case TCPT_EP_PARTIAL:
	case TCPT_EP_ESTABLISHED:
		step_open(x, y, seg);
		break;
	case TCPT_EP_CLOSED:
		if (seg->flags & TCPTRACE_RST && y->state != TCPT_EP_CLOSED)
			enter(x, TCPT_EP_RESET);
		break;
	}
}

/**
 * tcpt_history_segment - a segment was seen
 * @h: the history
 * @from: who sent it: 0 the originator, 1 the responder
 * @seg: the segment
 *
 * Context: any; the caller keeps others off @h.
 */
void tcpt_history_segment(struct tcpt_history *h, unsigned int from,
			  const struct tcpt_segment *seg)
{
	init_numbers(&h->past[from], seg);
	note_flags(h, from, seg);
	note_window(h, from, seg);
	if (seg->flags & TCPTRACE_FIN)
		h->past[from].fins = true;
	note_ack(&h->past[!from], seg);
	note_numbers(h, from, seg);
	step(h, from, seg);
}

static bool is_clean(const struct tcpt_past *x)
{
	return x->state == TCPT_EP_ESTABLISHED ||
	       (x->state == TCPT_EP_CLOSED && x->before == TCPT_EP_ESTABLISHED);
}

/**
 * tcpt_history_gap - payload was acknowledged that was not seen
 * @h: the history, after the segment that shows it
 * @end: who sent the payload
 *
 * Context: any; the caller keeps others off @h.
 */
void tcpt_history_gap(struct tcpt_history *h, unsigned int end)
{
	if (is_clean(&h->past[0]) && is_clean(&h->past[1]))
		check_count(h, end, 'G', &h->past[end].gaps);
}
