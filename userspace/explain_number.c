// SPDX-License-Identifier: GPL-2.0
/* Explain sequence numbers, acknowledgment numbers and windows as sums. */
#include "explain.h"

#include "message.h"

#include <stdio.h>

#define LABEL(past)	((unsigned long long)(past)->label)

/* Return: the name of an end, or of both ends if @end is greater than 1. */
const char *explain_end(unsigned int end)
{
	if (end > 1)
		return _("both ends");
	return end ? _("server") : _("client");
}

const char *explain_bytes(u32 n, char buf[EXPLAIN_BYTES_LEN])
{
	snprintf(buf, EXPLAIN_BYTES_LEN,
		 message_plural("%u byte", "%u bytes", n), n);
	return buf;
}

/**
 * explain_number - convert a sequence number to the form that is shown
 * @x: the connection
 * @end: the end that the sequence number belongs to
 * @number: the raw number
 *
 * Return: the raw sequence number if @x->raw is set, otherwise the sequence
 * number relative to the one that is shown as 0.
 */
u32 explain_number(const struct explain *x, unsigned int end, u32 number)
{
	return x->raw ? number : number - x->ev.base[end];
}

static void explain_isn(struct explain *x, unsigned int from)
{
	const struct past *now = x->ev.now;

	if (x->ev.same && x->ev.same->seq == now->seq)
		notes_add(&x->notes, NOTE_SEQ,
			  "SEQ %1$u: the SYN of #%2$llu again, with the same ISN.",
			  explain_number(x, from, now->seq), LABEL(x->ev.same));
	else if (x->raw)
		notes_add(&x->notes, NOTE_SEQ,
			  "SEQ %1$u is the ISN (initial sequence number) that the %2$s has chosen.",
			  now->seq, explain_end(from));
	else
		notes_add(&x->notes, NOTE_SEQ,
			  "SEQ %1$u stands for the ISN (initial sequence number) that the %2$s has chosen. On the wire it is %3$u.",
			  explain_number(x, from, now->seq), explain_end(from),
			  now->seq);
}

/* Explain a sequence number by the segment before it: 101 = 1 + 100 bytes. */
static void explain_following(struct explain *x, unsigned int from)
{
	char bytes[EXPLAIN_BYTES_LEN];
	const struct past *p = x->ev.follows;
	u32 seq = explain_number(x, from, x->ev.now->seq);
	u32 base = explain_number(x, from, p->seq);
	struct note *note;

	if (p->flags & TCPTRACE_SYN && p->len)
		note = notes_add(&x->notes, NOTE_SEQ,
				 "SEQ %1$u = %2$u + %3$s + 1 (data and SYN of #%4$llu).",
				 seq, base, explain_bytes(p->len, bytes), LABEL(p));
	else if (p->flags & TCPTRACE_SYN)
		note = notes_add(&x->notes, NOTE_SEQ,
				 "SEQ %1$u = %2$u + 1 (its SYN in #%3$llu counts as one).",
				 seq, base, LABEL(p));
	else if (p->flags & TCPTRACE_FIN && p->len)
		note = notes_add(&x->notes, NOTE_SEQ,
				 "SEQ %1$u = %2$u + %3$s + 1 (data and FIN of #%4$llu).",
				 seq, base, explain_bytes(p->len, bytes), LABEL(p));
	else if (p->flags & TCPTRACE_FIN)
		note = notes_add(&x->notes, NOTE_SEQ,
				 "SEQ %1$u = %2$u + 1 (its FIN in #%3$llu counts as one).",
				 seq, base, LABEL(p));
	else
		note = notes_add(&x->notes, NOTE_SEQ,
				 "SEQ %1$u = %2$u + %3$s (the data of #%4$llu).",
				 seq, base, explain_bytes(p->len, bytes), LABEL(p));
	note_sum(note, x->ev.now->seq, p->seq, p->label);
}

static void explain_asked(struct explain *x, unsigned int from)
{
	const struct past *p = x->ev.asked;

	if (p && x->full && x->ev.now->end != x->ev.now->seq)
		notes_add(&x->notes, NOTE_SEQ,
			  "The %1$s asked for this number: ACK %2$u in #%3$llu.",
			  explain_end(p->from),
			  explain_number(x, from, p->ack), LABEL(p));
}

/* Explain a sequence number that is not the expected one. */
static void explain_jump(struct explain *x, unsigned int from, u32 next)
{
	char bytes[EXPLAIN_BYTES_LEN];
	const struct evidence *ev = &x->ev;
	u32 seq = explain_number(x, from, ev->now->seq);
	u32 expected = explain_number(x, from, next);
	struct note *note;

	if (tcpt_seq_after(ev->now->seq, next)) {
		note = notes_add(&x->notes, NOTE_SEQ,
				 "SEQ %1$u = %2$u (the next number) + %3$s that were not seen before it: lost, late, or not captured.",
				 seq, expected,
				 explain_bytes(seq - expected, bytes));
		note_sum(note, ev->now->seq, next, 0);
	} else if (ev->same) {
		notes_add(&x->notes, NOTE_SEQ,
			  "SEQ %1$u comes before %2$u, the next number: #%3$llu has sent it already.",
			  seq, expected, LABEL(ev->same));
	} else {
		notes_add(&x->notes, NOTE_SEQ,
			  "SEQ %1$u comes before %2$u, the next number.",
			  seq, expected);
	}
}

static void explain_seq(struct explain *x, unsigned int from)
{
	const struct evidence *ev = &x->ev;

	if (ev->now->flags & TCPTRACE_SYN) {
		explain_isn(x, from);
	} else if (ev->now->flags & TCPTRACE_RST && ev->asked && ev->has_next[from] &&
		   ev->now->seq != ev->next[from]) {
		notes_add(&x->notes, NOTE_SEQ,
			  "SEQ %1$u is the ACK of #%2$llu: a RST takes its number from the ACK that it answers (RFC 9293 3.5.2).",
			  explain_number(x, from, ev->now->seq),
			  LABEL(ev->asked));
	} else if (!ev->prev) {
		notes_add(&x->notes, NOTE_SEQ,
			  "SEQ %1$u: the first number of the %2$s that was seen; the SYN was not seen.",
			  explain_number(x, from, ev->now->seq),
			  explain_end(from));
	} else if (ev->has_next[from] && ev->now->seq != ev->next[from]) {
		explain_jump(x, from, ev->next[from]);
	} else if (ev->prev->end == ev->prev->seq &&
		   ev->prev->seq == ev->now->seq) {
		notes_add(&x->notes, NOTE_SEQ,
			  "SEQ %1$u as in #%2$llu, which took no number.",
			  explain_number(x, from, ev->now->seq),
			  LABEL(ev->prev));
	} else if (ev->follows) {
		explain_following(x, from);
		explain_asked(x, from);
	}
}

/* Explain an ACK by the segment that it acknowledges: 201 = 101 + 100 bytes. */
static void explain_whole(struct explain *x, unsigned int peer)
{
	char bytes[EXPLAIN_BYTES_LEN];
	const struct past *p = x->ev.whom;
	u32 ack = explain_number(x, peer, x->ev.now->ack);
	u32 base = explain_number(x, peer, p->seq);
	struct note *note;

	if (p->flags & TCPTRACE_SYN && p->len)
		note = notes_add(&x->notes, NOTE_ACK,
				 "ACK %1$u = %2$u (the ISN of the %3$s) + 1 (the SYN counts as one) + %4$s (the data of #%5$llu).",
				 ack, base, explain_end(peer),
				 explain_bytes(p->len, bytes), LABEL(p));
	else if (p->flags & TCPTRACE_SYN)
		note = notes_add(&x->notes, NOTE_ACK,
				 "ACK %1$u = %2$u (the ISN of the %3$s) + 1 (the SYN counts as one): the sender has #%4$llu and asks for %1$u.",
				 ack, base, explain_end(peer), LABEL(p));
	else if (p->flags & TCPTRACE_FIN && p->len)
		note = notes_add(&x->notes, NOTE_ACK,
				 "ACK %1$u = %2$u + %3$s + 1 (the data of #%4$llu, and its FIN, which counts as one).",
				 ack, base, explain_bytes(p->len, bytes),
				 LABEL(p));
	else if (p->flags & TCPTRACE_FIN)
		note = notes_add(&x->notes, NOTE_ACK,
				 "ACK %1$u = %2$u + 1 (the FIN of #%3$llu counts as one): the sender has everything.",
				 ack, base, LABEL(p));
	else if (x->said_ack)
		note = notes_add(&x->notes, NOTE_ACK,
				 "ACK %1$u = %2$u + %3$s (the data of #%4$llu).",
				 ack, base, explain_bytes(p->len, bytes),
				 LABEL(p));
	else
		note = notes_add(&x->notes, NOTE_ACK,
				 "ACK %1$u = %2$u + %3$s (the data of #%4$llu): the sender has all before %1$u and asks for %1$u.",
				 ack, base, explain_bytes(p->len, bytes),
				 LABEL(p));
	x->said_ack |= p->len > 0;
	note_sum(note, x->ev.now->ack, p->seq, p->label);
}

static void explain_part(struct explain *x, unsigned int peer)
{
	const struct past *p = x->ev.whom;
	u32 ack = explain_number(x, peer, x->ev.now->ack);
	u32 base = explain_number(x, peer, p->seq);
	struct note *note;

	if (p->flags & TCPTRACE_SYN && ack - base == 1)
		note = notes_add(&x->notes, NOTE_ACK,
				 "ACK %1$u = %2$u (the ISN of the %3$s) + 1 (the SYN counts as one): the sender has the SYN of #%4$llu, but not its data.",
				 ack, base, explain_end(peer), LABEL(p));
	else
		note = notes_add(&x->notes, NOTE_ACK,
				 "ACK %1$u = %2$u + %3$u: the sender has these numbers of #%4$llu, but not the rest.",
				 ack, base, ack - base, LABEL(p));
	note_sum(note, x->ev.now->ack, p->seq, p->label);
}

static void explain_unseen(struct explain *x, unsigned int peer)
{
	u32 ack = explain_number(x, peer, x->ev.now->ack);
	u32 highest = explain_number(x, peer, x->ev.highest);

	note_sum(notes_add(&x->notes, NOTE_ACK,
			   "ACK %1$u = %2$u (the highest number seen of the %3$s) + %4$u that were not seen here.",
			   ack, highest, explain_end(peer), ack - highest),
		 x->ev.now->ack, x->ev.highest, 0);
}

static void explain_ack(struct explain *x, unsigned int peer)
{
	const struct evidence *ev = &x->ev;
	u32 ack = explain_number(x, peer, ev->now->ack);

	switch (ev->acked) {
	case ACKED_NONE:
		if (ev->now->flags & TCPTRACE_SYN)
			notes_add(&x->notes, NOTE_ACK,
				  "No ACK: the sender has received nothing yet.");
		else
			notes_add(&x->notes, NOTE_ACK,
				  "No ACK flag: the ACK field does not count.");
		break;
	case ACKED_AGAIN:
		notes_add(&x->notes, NOTE_ACK,
			  "ACK %1$u as in #%2$llu: the segment acknowledges nothing new.",
			  ack, LABEL(ev->whom));
		break;
	case ACKED_LOWER:
		notes_add(&x->notes, NOTE_ACK,
			  "ACK %1$u is lower than ACK %2$u in #%3$llu: this segment is older, or was delayed.",
			  ack, explain_number(x, peer, ev->whom->ack),
			  LABEL(ev->whom));
		break;
	case ACKED_WHOLE:
		explain_whole(x, peer);
		break;
	case ACKED_PART:
		explain_part(x, peer);
		break;
	case ACKED_UNSEEN:
		explain_unseen(x, peer);
		break;
	case ACKED_BEFORE:
		notes_add(&x->notes, NOTE_ACK,
			  "ACK %1$u: the sender has all before %1$u; the segment that ends there was not seen here.",
			  ack);
		break;
	case ACKED_FOREIGN:
		notes_add(&x->notes, NOTE_ACK,
			  "ACK %1$u is far from all numbers of the %2$s: the ACK belongs to another connection.",
			  ack, explain_end(peer));
		break;
	case ACKED_UNKNOWN:
		break;
	}
}

static void explain_fin(struct explain *x, u32 seq, u32 next)
{
	char bytes[EXPLAIN_BYTES_LEN];
	u32 len = x->ev.now->len;
	struct note *note;

	if (len)
		note = notes_add(&x->notes, NOTE_NEXT,
				 "%1$s of data, and FIN: the sender has no more to send. The FIN takes a number, too: NEXT %2$u = %3$u + %1$s + 1.",
				 explain_bytes(len, bytes), next, seq);
	else
		note = notes_add(&x->notes, NOTE_NEXT,
				 "FIN: the sender has no more to send. The FIN takes a number: NEXT %1$u = %2$u + 1.",
				 next, seq);
	note_sum(note, x->ev.now->end, x->ev.now->seq, 0);
}

static void explain_syn(struct explain *x, u32 seq, u32 next)
{
	char bytes[EXPLAIN_BYTES_LEN];
	u32 len = x->ev.now->len;
	struct note *note;

	if (len)
		note = notes_add(&x->notes, NOTE_NEXT,
				 "SYN with %1$s of data (TCP Fast Open, RFC 7413). The SYN takes a number, too: NEXT %2$u = %3$u + 1 + %1$s.",
				 explain_bytes(len, bytes), next, seq);
	else
		note = notes_add(&x->notes, NOTE_NEXT,
				 "No data, but the SYN takes a number: NEXT %1$u = %2$u + 1.",
				 next, seq);
	note_sum(note, x->ev.now->end, x->ev.now->seq, 0);
}

/* Explain which sequence numbers the segment takes. */
static void explain_next(struct explain *x, unsigned int from)
{
	char bytes[EXPLAIN_BYTES_LEN];
	const struct past *now = x->ev.now;
	u32 seq = explain_number(x, from, now->seq);
	u32 next = explain_number(x, from, now->end);

	if (now->flags & TCPTRACE_SYN && !(now->flags & TCPTRACE_FIN)) {
		explain_syn(x, seq, next);
	} else if (now->flags & TCPTRACE_FIN && !(now->flags & TCPTRACE_SYN)) {
		explain_fin(x, seq, next);
	} else if (now->len) {
		note_sum(notes_add(&x->notes, NOTE_NEXT,
				   "%1$s of data, %2$u to %3$u: NEXT %4$u = %2$u + %1$s.",
				   explain_bytes(now->len, bytes), seq, next - 1,
				   next),
			 now->end, now->seq, 0);
	} else if (!x->said_empty && now->flags & TCPTRACE_ACK &&
		   !(now->flags & TCPTRACE_RST)) {
		x->said_empty = true;
		notes_add(&x->notes, NOTE_NEXT,
			  "No data: the segment takes no number, and is not acknowledged.");
	}
}

static void explain_scaled(struct explain *x, unsigned int from, u32 window)
{
	const struct tcpt_wireshark_dir *dir = &x->ev.before.dir[from];
	u32 edge, scaled = window;

	if (dir->wscale == TCPT_WSCALE_UNKNOWN) {
		notes_add(&x->notes, NOTE_WINDOW,
			  "Window field %1$u: the SYN was not seen, so its scale is unknown.",
			  window);
		return;
	}
	if (dir->wscale > 0 &&
	    x->ev.before.dir[!from].wscale == TCPT_WSCALE_UNKNOWN) {
		notes_add(&x->notes, NOTE_WINDOW,
			  "Window field %1$u: the SYN of the other end was not seen, so it is unknown whether windows are scaled.",
			  window);
		return;
	}
	if (dir->wscale > 0) {
		scaled = window << dir->wscale;
		notes_add(&x->notes, NOTE_WINDOW,
			  "Window %1$u bytes = %2$u x 2^%3$d, the scale in its SYN.",
			  scaled, window, dir->wscale);
	} else {
		notes_add(&x->notes, NOTE_WINDOW,
			  "Window %1$u bytes, not scaled.", window);
	}
	if (x->ev.acked == ACKED_FOREIGN)
		return;
	edge = x->ev.now->ack + scaled;
	note_sum(notes_add(&x->notes, NOTE_WINDOW,
			   "So the %1$s may send all before %2$u = %3$u (ACK) + %4$u.",
			   explain_end(!from), explain_number(x, !from, edge),
			   explain_number(x, !from, x->ev.now->ack), scaled),
		 edge, x->ev.now->ack, 0);
}

/*
 * If @x->full is set, explain the window, unless the segment is a RST or the
 * window field has the value that was explained last.
 */
static void explain_window(struct explain *x, unsigned int from)
{
	const struct past *now = x->ev.now;

	if (!x->full || now->flags & TCPTRACE_RST ||
	    x->window[from] == now->window)
		return;
	x->window[from] = now->window;
	if (now->flags & TCPTRACE_SYN) {
		/* the next window may be scaled: always explain it */
		x->window[from] = -1;
		notes_add(&x->notes, NOTE_WINDOW,
			  "Window %1$u bytes: that of a SYN is never scaled (RFC 7323 2.2).",
			  now->window);
	} else if (now->flags & TCPTRACE_ACK) {
		explain_scaled(x, from, now->window);
	}
}

static void explain_flags(struct explain *x)
{
	u16 flags = x->ev.now->flags;

	if (flags & TCPTRACE_PSH && !x->said_push) {
		x->said_push = true;
		notes_add(&x->notes, NOTE_FLAG,
			  "PSH: the receiver should pass the data to its program now.");
	}
	if (flags & TCPTRACE_RST)
		notes_add(&x->notes, NOTE_FLAG,
			  "RST: the sender wants to end the connection at once.");
}

/*
 * Check whether the sender's previous segment took no number and had the same
 * SEQ and ACK, and whether SEQ is the expected number.
 */
static bool is_repeated(const struct evidence *ev)
{
	return ev->prev && ev->prev->end == ev->prev->seq &&
	       ev->prev->seq == ev->now->seq && ev->acked == ACKED_AGAIN &&
	       ev->whom == ev->prev &&
	       (!ev->has_next[ev->now->from] ||
		ev->next[ev->now->from] == ev->now->seq);
}

/* Explain SEQ, ACK, NEXT, flags and window of a segment. */
void explain_numbers(struct explain *x, const struct tcptrace_segment *rec)
{
	unsigned int from = x->ev.now->from;
	unsigned int peer = rec->h.flags & TCPTRACE_F_SELF ? from : !from;

	if (is_repeated(&x->ev)) {
		notes_add(&x->notes, NOTE_SEQ,
			  "SEQ %1$u and ACK %2$u as in #%3$llu, which took no number.",
			  explain_number(x, from, x->ev.now->seq),
			  explain_number(x, peer, x->ev.now->ack),
			  LABEL(x->ev.prev));
	} else {
		explain_seq(x, from);
		explain_ack(x, peer);
	}
	explain_next(x, from);
	if (rec->seg.wire_segs > 1)
		notes_add(&x->notes, NOTE_NEXT,
			  "One packet here, %1$u segments on the wire (GSO or GRO).",
			  rec->seg.wire_segs);
	explain_flags(x);
	explain_window(x, from);
}
