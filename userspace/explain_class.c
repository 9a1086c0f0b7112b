// SPDX-License-Identifier: GPL-2.0
/*
 * Explain the TCP options, the round trip time and the Wireshark classes of a
 * segment.
 */
#include "explain.h"

#include "core/name.h"
#include "message.h"
#include "sentences.h"
#include "timefmt.h"

#define LABEL(past)	((unsigned long long)(past)->label)
#define FAST_MS		20	/* as in core/wireshark.c */
#define REORDER_NS	3000000	/* used if the initial RTT is unknown */

static void explain_syn_options(struct explain *x,
				const struct tcptrace_segment *rec)
{
	if (rec->options & TCPTRACE_OPT_MSS)
		notes_add(&x->notes, NOTE_OPTION,
			  "MSS %1$u: the sender takes segments of up to %1$u bytes of data.",
			  rec->mss);
	if (rec->options & TCPTRACE_OPT_WSCALE)
		notes_add(&x->notes, NOTE_OPTION,
			  "Window scale %1$u: later windows of this end count in units of 2^%1$u bytes, if both ends send this option.",
			  rec->wscale);
	if (rec->options & TCPTRACE_OPT_SACK_PERM)
		notes_add(&x->notes, NOTE_OPTION,
			  "SACK permitted: the sender understands selective acknowledgments (RFC 2018).");
	if (rec->options & TCPTRACE_OPT_TIMESTAMP)
		notes_add(&x->notes, NOTE_OPTION,
			  "Timestamp %1$u, echo %2$u (RFC 7323): to measure round trips, and to detect old segments.",
			  rec->tsval, rec->tsecr);
	if (rec->options & TCPTRACE_OPT_TFO && rec->tfo_len == 0)
		notes_add(&x->notes, NOTE_OPTION,
			  "TCP Fast Open: it asks for a cookie (RFC 7413).");
	else if (rec->options & TCPTRACE_OPT_TFO)
		notes_add(&x->notes, NOTE_OPTION,
			  "TCP Fast Open: a cookie of %1$u bytes (RFC 7413).",
			  rec->tfo_len);
	if ((rec->seg.flags & (TCPTRACE_ECE | TCPTRACE_CWR)) ==
	    (TCPTRACE_ECE | TCPTRACE_CWR) && !(rec->seg.flags & TCPTRACE_ACK))
		notes_add(&x->notes, NOTE_OPTION,
			  "ECE and CWR: the sender offers ECN (RFC 3168).");
}

static void explain_sack(struct explain *x, const struct tcptrace_segment *rec)
{
	unsigned int peer = !x->ev.now->from;
	char bytes[EXPLAIN_BYTES_LEN];
	u32 left, right;
	size_t i;

	for (i = 0; i < rec->sack_blocks && i < ARRAY_SIZE(rec->sack); i++) {
		left = explain_number(x, peer, rec->sack[i][0]);
		right = explain_number(x, peer, rec->sack[i][1]);
		if (tcpt_seq_after(rec->sack[i][1], rec->seg.ack))
			notes_add(&x->notes, NOTE_OPTION,
				  "SACK %1$u to %2$u: the sender also has these %3$s, but data before them is missing.",
				  left, right - 1,
				  explain_bytes(right - left, bytes));
		else
			notes_add(&x->notes, NOTE_OPTION,
				  "SACK %1$u to %2$u: the sender has received these %3$s twice (RFC 2883).",
				  left, right - 1,
				  explain_bytes(right - left, bytes));
	}
}

/*
 * Explain a segment's round trip time and, if @x->full is set, its TCP options.
 */
void explain_options(struct explain *x, const struct tcptrace_segment *rec)
{
	char span[TIMEFMT_LEN];

	if (x->full && rec->seg.flags & TCPTRACE_SYN)
		explain_syn_options(x, rec);
	if (x->full && rec->options & TCPTRACE_OPT_SACK)
		explain_sack(x, rec);
	if (x->full && rec->options & TCPTRACE_OPT_MPTCP)
		notes_add(&x->notes, NOTE_OPTION,
			  "MPTCP, subtype %1$u (RFC 8684).",
			  rec->mptcp_subtype);
	if (x->full && rec->options & TCPTRACE_OPT_MALFORMED)
		notes_add(&x->notes, NOTE_OPTION,
			  "An option has an invalid length: the rest is not read.");
	if (rec->rtt_ns == 0)
		return;
	timefmt_span(rec->rtt_ns, span, sizeof(span));
	notes_add(&x->notes, NOTE_RTT,
		  "This answer came after %1$s: the round trip from here to the %2$s and back.",
		  span, explain_end(x->ev.now->from));
}

static void add_rule(struct explain *x, unsigned int bit)
{
	notes_add(&x->notes, NOTE_CLASS, "%s: %s", tcpt_wireshark_name(bit),
		  bit < SENTENCES_CLASSES ? _(sentences_classes[bit]) : "");
}

/* Add a sentence that compares numbers; %1$s of @format is the class. */
#define add_comparison(x, bit, format, ...)				\
	notes_add(&(x)->notes, NOTE_CLASS, format,			\
		  tcpt_wireshark_name(bit), __VA_ARGS__)

/*
 * Explain the class of a segment that begins before the next sequence number.
 */
static void compare_rexmit(struct explain *x, unsigned int bit)
{
	const struct evidence *ev = &x->ev;
	const struct tcpt_wireshark_dir *fwd = &ev->before.dir[ev->now->from];
	const struct tcpt_wireshark_dir *rev = &ev->before.dir[!ev->now->from];
	u32 seq = explain_number(x, ev->now->from, ev->now->seq);
	u32 next = explain_number(x, ev->now->from, fwd->next);
	char since[TIMEFMT_LEN], limit[TIMEFMT_LEN];

	timefmt_span(ev->now->time - fwd->next_time, since, sizeof(since));
	timefmt_span(ev->before.initial_rtt ?: REORDER_NS, limit,
		     sizeof(limit));
	if (1U << bit == TCPTRACE_A_OUT_OF_ORDER && ev->before.initial_rtt) {
		add_comparison(x, bit,
			       "%1$s: SEQ %2$u is before %3$u, which was reached only %4$s ago: less than %5$s, the round trip of the handshake.",
			       seq, next, since, limit);
		return;
	}
	if (1U << bit == TCPTRACE_A_OUT_OF_ORDER) {
		add_comparison(x, bit,
			       "%1$s: SEQ %2$u is before %3$u, which was reached only %4$s ago: less than %5$s, the limit if the handshake was not seen.",
			       seq, next, since, limit);
		return;
	}
	if (1U << bit == TCPTRACE_A_FAST_RETRANSMISSION) {
		/*
		 * an ACK of unseen data leads to this class even without
		 * duplicate ACKs
		 */
		if (rev->dup_acks == (u32)-1) {
			add_rule(x, bit);
			return;
		}
		timefmt_span(ev->now->time - rev->ack_time, since,
			     sizeof(since));
		add_comparison(x, bit,
			       "%1$s: SEQ %2$u is the number in %3$u duplicate ACKs, the last of them %4$s ago, less than %5$u ms.",
			       seq, rev->dup_acks, since, FAST_MS);
		return;
	}
	if (ev->now->seq + ev->now->len +
	    !!(ev->now->flags & (TCPTRACE_SYN | TCPTRACE_FIN)) == fwd->next)
		add_comparison(x, bit,
			       "%1$s: SEQ %2$u is before %3$u, the next number, and ends there, like the segment before: the data is sent again.",
			       seq, next);
	else
		add_comparison(x, bit,
			       "%1$s: SEQ %2$u is before %3$u, the next number, which was reached %4$s ago: too long ago for reordering (limit %5$s).",
			       seq, next, since, limit);
}

static void compare_spurious(struct explain *x, unsigned int bit)
{
	const struct evidence *ev = &x->ev;
	u32 ack = ev->before.dir[!ev->now->from].ack;

	add_comparison(x, bit,
		       "%1$s: the data ends at %2$u, and the %3$s has acknowledged %4$u already.",
		       explain_number(x, ev->now->from,
				      ev->now->seq + ev->now->len),
		       explain_end(!ev->now->from),
		       explain_number(x, ev->now->from, ack));
}

static void compare_numbers(struct explain *x, unsigned int bit)
{
	const struct evidence *ev = &x->ev;
	unsigned int from = ev->now->from;
	const struct tcpt_wireshark_dir *fwd = &ev->before.dir[from];
	const struct tcpt_wireshark_dir *rev = &ev->before.dir[!from];
	u32 seq = explain_number(x, from, ev->now->seq);
	u32 ack = explain_number(x, !from, ev->now->ack);
	u32 next = explain_number(x, from, fwd->next);

	switch (1U << bit) {
	case TCPTRACE_A_LOST_SEGMENT:
		if (fwd->next == ev->next[from])
			add_comparison(x, bit,
				       "%1$s: SEQ %2$u is after %3$u, the next number: an earlier segment was not captured.",
				       seq, next);
		else
			add_comparison(x, bit,
				       "%1$s: SEQ %2$u is after %3$u, the next number for Wireshark, which does not count window probes.",
				       seq, next);
		break;
	case TCPTRACE_A_KEEP_ALIVE:
		add_comparison(x, bit,
			       "%1$s: SEQ %2$u = %3$u (the next number) - 1, and LEN %4$u: the sender only asks whether the other end is there.",
			       seq, next, ev->now->len);
		break;
	case TCPTRACE_A_ACK_LOST_SEGMENT:
		if (tcpt_seq_after(ev->now->ack, ev->next[!from]))
			add_comparison(x, bit,
				       "%1$s: ACK %2$u is beyond %3$u: the numbers between them were not captured.",
				       ack,
				       explain_number(x, !from, rev->contig));
		else
			add_comparison(x, bit,
				       "%1$s: ACK %2$u is beyond %3$u, the end of what Wireshark saw without a gap or a window probe.",
				       ack,
				       explain_number(x, !from, rev->contig));
		break;
	case TCPTRACE_A_WINDOW_UPDATE:
		add_comparison(x, bit,
			       "%1$s: no data, ACK %2$u as before, but window field %3$u instead of %4$d.",
			       ack, ev->now->window, fwd->window);
		break;
	case TCPTRACE_A_WINDOW_FULL:
		add_comparison(x, bit,
			       "%1$s: the data ends at %2$u, the edge of the window of the %3$s: the sender can send no more.",
			       explain_number(x, from,
					      ev->now->seq + ev->now->len),
			       explain_end(!from));
		break;
	default:
		add_rule(x, bit);
	}
}

static void compare(struct explain *x, unsigned int bit, u16 classes,
		    u32 dup_ack_num)
{
	const struct evidence *ev = &x->ev;

	switch (1U << bit) {
	case TCPTRACE_A_RETRANSMISSION:
		/* do not explain a FAST_ or SPURIOUS_RETRANSMISSION twice */
		if (!(classes & (TCPTRACE_A_FAST_RETRANSMISSION |
				 TCPTRACE_A_SPURIOUS_RETRANSMISSION)))
			compare_rexmit(x, bit);
		break;
	case TCPTRACE_A_OUT_OF_ORDER:
	case TCPTRACE_A_FAST_RETRANSMISSION:
		compare_rexmit(x, bit);
		break;
	case TCPTRACE_A_SPURIOUS_RETRANSMISSION:
		compare_spurious(x, bit);
		break;
	case TCPTRACE_A_DUPLICATE_ACK:
		add_comparison(x, bit,
			       "%1$s #%2$u: no data, ACK %3$u and window field %4$u as in the last segment of its sender.",
			       dup_ack_num,
			       explain_number(x, !ev->now->from, ev->now->ack),
			       ev->now->window);
		break;
	default:
		compare_numbers(x, bit);
	}
}

static void explain_rexmit(struct explain *x,
			   const struct tcptrace_segment *rec)
{
	char span[TIMEFMT_LEN], bytes[EXPLAIN_BYTES_LEN];

	if (rec->rexmit_bytes == 0)
		return;
	explain_bytes(rec->rexmit_bytes, bytes);
	if (!x->ev.same) {
		notes_add(&x->notes, NOTE_CLASS,
			  "%1$s of this data were seen before.", bytes);
		return;
	}
	timefmt_span(x->ev.now->time - x->ev.same->time, span, sizeof(span));
	notes_add(&x->notes, NOTE_CLASS,
		  "%1$s of this data were seen before: #%2$llu, %3$s earlier.",
		  bytes, LABEL(x->ev.same), span);
}

/*
 * Say how much of the data was seen before, and explain the Wireshark classes
 * of the segment. If @x->full is set and the numbers that Wireshark compares
 * are known, explain most classes by these numbers. In all other cases, explain
 * a class by a general sentence.
 */
void explain_classes(struct explain *x, const struct tcptrace_segment *rec)
{
	unsigned int bit;

	explain_rexmit(x, rec);
	for (bit = 0; tcpt_wireshark_name(bit); bit++) {
		if (!(rec->analysis & 1U << bit))
			continue;
		if (x->full && x->ev.reproduced)
			compare(x, bit, rec->analysis, rec->dup_ack_num);
		else
			add_rule(x, bit);
	}
}
