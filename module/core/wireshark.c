// SPDX-License-Identifier: GPL-2.0
/*
 * The rules and their order are those of Wireshark 4.0, so that the classes are
 * the same. Documentation/analysis.rst describes the rules and their oddities.
 * As in Wireshark, a sequence number of 0 stands for "none".
 */
#include "wireshark.h"

#include "segment.h"
#include "seq.h"

#include <linux/tcptrace.h>

#define SF	(TCPTRACE_SYN | TCPTRACE_FIN)
#define SA	(TCPTRACE_SYN | TCPTRACE_ACK)

/* ns */
#define FAST_MAX	20000000	/* after the last segment of rev */
#define REORDER_MAX	3000000		/* used if the initial RTT is unknown */

/* in tcpt_wireshark_dir.dup_acks: unseen data was acknowledged */
#define UNSEEN		((u32)-1)

/* One segment under analysis. */
struct look {
	struct tcpt_wireshark *a;
	struct tcpt_wireshark_dir *fwd;
	struct tcpt_wireshark_dir *rev;
	const struct tcpt_segment *seg;
	u64 now;
	struct tcpt_wireshark_result *found;
};

static void init_dir(struct tcpt_wireshark_dir *dir)
{
	memset(dir, 0, sizeof(*dir));
	dir->window = -1;
	dir->wscale = TCPT_WSCALE_UNKNOWN;
}

/**
 * tcpt_wireshark_init - start an analysis
 * @a: filled in
 *
 * Context: any.
 */
void tcpt_wireshark_init(struct tcpt_wireshark *a)
{
	memset(a, 0, sizeof(*a));
	init_dir(&a->dir[0]);
	init_dir(&a->dir[1]);
}

/* Note the first segment of a direction, a SYN or SYN,ACK without data. */
static void begin_dir(struct tcpt_wireshark_dir *fwd,
		      const struct tcpt_segment *seg, u64 now)
{
	fwd->next_time = now;
	fwd->ack_time = now;
	fwd->base = seg->seq;
	fwd->next = seg->seq + 1;
	fwd->contig = fwd->next;
	fwd->window = seg->window;
	fwd->unacked = 1;
	fwd->newer = 1;
	fwd->marks = TCPT_WIRESHARK_BASE | TCPT_WIRESHARK_FIRST_ACK;
}

/**
 * tcpt_wireshark_syn - start an analysis with a SYN
 * @a: filled in, as by tcpt_wireshark_init() and tcpt_wireshark_segment()
 * @seg: a SYN of end 0 that fits into a struct tcpt_request
 * @now: when the segment was seen, ns
 *
 * Context: any.
 */
void tcpt_wireshark_syn(struct tcpt_wireshark *a,
			const struct tcpt_segment *seg, u64 now)
{
	struct tcpt_wireshark_dir *fwd = &a->dir[0];
	bool scaled = seg->opt.present & TCPTRACE_OPT_WSCALE;

	tcpt_wireshark_init(a);
	begin_dir(fwd, seg, now);
	fwd->wscale = scaled ? (s8)seg->opt.wscale : TCPT_WSCALE_OFF;
	if (!scaled)
		a->dir[1].wscale = TCPT_WSCALE_OFF;
	if (seg->opt.present & TCPTRACE_OPT_MPTCP)
		a->mptcp = 1U << (seg->opt.mptcp_subtype & 15);
	a->syn = now;
	a->completeness = TCPTRACE_COMPLETE_SYN;
}

/**
 * tcpt_wireshark_swap - exchange the two directions
 * @a: the analysis
 *
 * Context: any; the caller serializes access to @a.
 */
void tcpt_wireshark_swap(struct tcpt_wireshark *a)
{
	struct tcpt_wireshark_dir dir = a->dir[0];

	a->dir[0] = a->dir[1];
	a->dir[1] = dir;
}

static void find(struct look *l, u16 class)
{
	l->found->classes |= class;
}

/* A SYN that is not the first reuses the ports, or is a retransmission. */
static void look_for_reuse(struct look *l)
{
	struct tcpt_wireshark_dir *fwd = l->fwd;

	if (!(l->seg->flags & TCPTRACE_SYN) ||
	    !(fwd->marks & TCPT_WIRESHARK_BASE))
		return;
	if (l->seg->seq == fwd->base) {
		/*
		 * a RST takes its sequence number from the ACK that it answers,
		 * and may have moved fwd->next
		 */
		if (tcpt_segment_is_syn(l->seg))
			fwd->next = fwd->contig;
		return;
	}
	if (tcpt_segment_is_syn(l->seg)) {
		tcpt_wireshark_init(l->a);
		/* the new conversation has no RST or FIN yet */
		l->a->completeness = TCPTRACE_COMPLETE_SYN;
	} else {
		fwd->base = l->seg->seq;
	}
	find(l, TCPTRACE_A_REUSED_PORTS);
}

static void note_base(struct look *l)
{
	const struct tcpt_segment *seg = l->seg;

	if (!(l->fwd->marks & TCPT_WIRESHARK_BASE)) {
		l->fwd->base = seg->seq - !(seg->flags & TCPTRACE_SYN);
		l->fwd->marks |= TCPT_WIRESHARK_BASE;
	}
	if (!(l->rev->marks & TCPT_WIRESHARK_BASE) &&
	    seg->flags & TCPTRACE_ACK) {
		l->rev->base = seg->ack - 1;
		l->rev->marks |= TCPT_WIRESHARK_BASE;
	}
}

static bool is_zero_window_probe(const struct look *l)
{
	return l->seg->len == 1 && l->seg->seq == l->fwd->next &&
	       l->rev->window == 0;
}

static bool is_window_full(const struct look *l)
{
	return l->seg->len && !(l->seg->flags & TCPT_SFR) &&
	       l->rev->wscale != TCPT_WSCALE_UNKNOWN &&
	       l->seg->seq + l->seg->len == tcpt_wireshark_right(l->rev);
}

/* Find the classes that the sequence number, length and window show. */
static void look_at_numbers(struct look *l)
{
	const struct tcpt_segment *seg = l->seg;
	u32 next = l->fwd->next;

	if (seg->window == 0 && !(seg->flags & TCPT_SFR))
		find(l, TCPTRACE_A_ZERO_WINDOW);
	if (next && tcpt_seq_after(seg->seq, next) &&
	    !(seg->flags & TCPTRACE_RST))
		find(l, TCPTRACE_A_LOST_SEGMENT);
	if (seg->len <= 1 && seg->seq == next - 1 && !(seg->flags & TCPT_SFR))
		find(l, TCPTRACE_A_KEEP_ALIVE);
	if (is_window_full(l))
		find(l, TCPTRACE_A_WINDOW_FULL);
}

/* Find the classes of an ACK without data that repeats the last ACK. */
static void look_at_repetition(struct look *l)
{
	const struct tcpt_segment *seg = l->seg;
	struct tcpt_wireshark_dir *fwd = l->fwd;

	if (seg->len || seg->seq != fwd->next || seg->ack != fwd->ack ||
	    seg->flags & TCPT_SFR)
		return;
	if (seg->window != fwd->window) {
		if (seg->window)
			find(l, TCPTRACE_A_WINDOW_UPDATE);
		return;
	}
	if (seg->window == 0) {
		if (l->rev->marks & TCPT_WIRESHARK_PROBE)
			find(l, TCPTRACE_A_ZERO_WINDOW_PROBE_ACK);
		return;
	}
	if (l->rev->marks & TCPT_WIRESHARK_KEEP_ALIVE) {
		find(l, TCPTRACE_A_KEEP_ALIVE_ACK);
		return;
	}
	/* RFC 8684 section 4: an ACK that signals MPTCP is not a duplicate */
	if (l->a->mptcp != fwd->mptcp)
		return;
	fwd->dup_acks = fwd->dup_acks == UNSEEN ? 1 : fwd->dup_acks + 1;
	l->found->dup_ack_num = fwd->dup_acks;
	find(l, TCPTRACE_A_DUPLICATE_ACK);
}

/* Find an ACK of data that was not seen. Each loss is reported once. */
static void look_for_lost_ack(struct look *l)
{
	struct tcpt_wireshark_dir *rev = l->rev;

	if (!rev->contig || !(l->seg->flags & TCPTRACE_ACK) ||
	    !tcpt_seq_after(l->seg->ack, rev->contig))
		return;
	if (tcpt_seq_before(rev->contig, rev->next)) {
		rev->contig = rev->next;
		find(l, TCPTRACE_A_ACK_LOST_SEGMENT);
		return;
	}
	if (rev->dup_acks == 0)
		find(l, TCPTRACE_A_ACK_LOST_SEGMENT);
	rev->dup_acks = UNSEEN;
}

static bool is_fast(const struct look *l)
{
	return l->rev->dup_acks >= 2 && l->rev->ack == l->seg->seq &&
	       l->now - l->rev->ack_time < FAST_MAX;
}

static bool is_reordered(const struct look *l)
{
	u32 end = l->seg->seq + l->seg->len + !!(l->seg->flags & SF);

	return l->now - l->fwd->next_time <
	       (l->a->initial_rtt ?: REORDER_MAX) && l->fwd->next != end;
}

static void look_for_retransmission(struct look *l)
{
	const struct tcpt_segment *seg = l->seg;
	u32 next = l->fwd->next, ack = l->rev->ack;

	if ((seg->len == 0 && !(seg->flags & SF)) ||
	    l->found->classes & TCPTRACE_A_KEEP_ALIVE)
		return;
	if (seg->len && ack && (seg->seq + seg->len == ack ||
				tcpt_seq_before(seg->seq + seg->len, ack))) {
		find(l, TCPTRACE_A_SPURIOUS_RETRANSMISSION |
			TCPTRACE_A_RETRANSMISSION);
		return;
	}
	if (!next || !tcpt_seq_before(seg->seq, next))
		return;
	/* data that begins with the byte of a window probe is new */
	if (seg->len > 1 && seg->seq == next - 1)
		return;
	if (is_fast(l))
		find(l, TCPTRACE_A_FAST_RETRANSMISSION |
			TCPTRACE_A_RETRANSMISSION);
	else if (is_reordered(l))
		find(l, TCPTRACE_A_OUT_OF_ORDER);
	else
		find(l, TCPTRACE_A_RETRANSMISSION);
}

/*
 * A zero window probe does not advance fwd->next. A SYN or FIN takes no
 * sequence number if TCPT_WIRESHARK_UNACKED segments are already
 * unacknowledged.
 */
static void advance(struct look *l)
{
	const struct tcpt_segment *seg = l->seg;
	struct tcpt_wireshark_dir *fwd = l->fwd;
	u32 next = seg->seq + seg->len;

	if ((seg->len || seg->flags & SF) &&
	    fwd->unacked < TCPT_WIRESHARK_UNACKED) {
		fwd->unacked++;
		fwd->newer++;
		next += !!(seg->flags & SF);
	}
	if (l->found->classes & TCPTRACE_A_ZERO_WINDOW_PROBE)
		return;
	if (!fwd->next || tcpt_seq_after(next, fwd->next)) {
		fwd->next = next;
		fwd->next_time = l->now;
	}
	if (!fwd->contig || seg->seq == fwd->contig)
		fwd->contig = fwd->next;
}

static void remember(struct look *l)
{
	struct tcpt_wireshark_dir *fwd = l->fwd;

	fwd->window = l->seg->window;
	fwd->ack = l->seg->ack;
	fwd->ack_time = l->now;
	fwd->mptcp = l->a->mptcp;
	fwd->marks &= ~(TCPT_WIRESHARK_KEEP_ALIVE | TCPT_WIRESHARK_PROBE);
	if (l->found->classes & TCPTRACE_A_KEEP_ALIVE)
		fwd->marks |= TCPT_WIRESHARK_KEEP_ALIVE;
	if (l->found->classes & TCPTRACE_A_ZERO_WINDOW_PROBE)
		fwd->marks |= TCPT_WIRESHARK_PROBE;
	tcpt_wireshark_forget(l->rev, l->seg->ack);
}

static void note_completeness(struct look *l, bool first)
{
	const struct tcpt_segment *seg = l->seg;
	u8 *to = &l->a->completeness;

	if (first && tcpt_segment_is_syn(seg))
		*to |= TCPTRACE_COMPLETE_SYN |
		       (seg->len ? TCPTRACE_COMPLETE_DATA : 0);
	if (first)
		return;
	if ((seg->flags & SA) == SA)
		*to |= TCPTRACE_COMPLETE_SYNACK;
	if ((seg->flags & SA) == TCPTRACE_ACK)
		*to |= seg->len ? TCPTRACE_COMPLETE_DATA
				: TCPTRACE_COMPLETE_ACK;
	if (seg->flags & TCPTRACE_FIN && seg->flags & TCPTRACE_ACK)
		*to |= TCPTRACE_COMPLETE_FIN;
	if (seg->flags & TCPTRACE_RST)
		*to |= TCPTRACE_COMPLETE_RST;
}

/*
 * Note the times of the handshake, and the mark FIRST_ACK, for later segments.
 */
static void note_handshake(struct look *l)
{
	const struct tcpt_segment *seg = l->seg;

	if (tcpt_segment_is_syn(seg))
		l->a->syn = l->now;
	if (seg->flags & TCPTRACE_SYN)
		l->fwd->marks |= TCPT_WIRESHARK_FIRST_ACK;
	if ((seg->flags & SA) != TCPTRACE_ACK)
		return;
	l->fwd->marks &= ~TCPT_WIRESHARK_FIRST_ACK;
	if (l->a->syn && !l->a->initial_rtt)
		l->a->initial_rtt = l->now - l->a->syn;
}

static void note_options(struct look *l)
{
	const struct tcpt_segment *seg = l->seg;

	if (seg->opt.present & TCPTRACE_OPT_WSCALE)
		l->fwd->wscale = seg->opt.wscale;
	if (seg->opt.present & TCPTRACE_OPT_MPTCP)
		l->a->mptcp |= 1U << (seg->opt.mptcp_subtype & 15);
	if (!(seg->flags & TCPTRACE_SYN) || seg->cut)
		return;
	/* RFC 7323 section 2.2: both ends scale, or neither end does */
	if (l->fwd->wscale == TCPT_WSCALE_UNKNOWN) {
		l->fwd->wscale = TCPT_WSCALE_OFF;
		l->rev->wscale = TCPT_WSCALE_OFF;
	} else if (seg->flags & TCPTRACE_ACK &&
		   l->rev->wscale == TCPT_WSCALE_OFF) {
		l->fwd->wscale = TCPT_WSCALE_OFF;
	}
}

/**
 * tcpt_wireshark_synack - add the SYN,ACK that answers the first SYN
 * @a: the analysis; tcpt_wireshark_is_asked() is true
 * @seg: the segment, without data; it has no class
 * @now: when the segment was seen, ns
 *
 * This is the fast path of tcpt_wireshark_segment().
 *
 * Context: any; the caller serializes access to @a.
 */
void tcpt_wireshark_synack(struct tcpt_wireshark *a,
			   const struct tcpt_segment *seg, u64 now)
{
	struct tcpt_wireshark_dir *fwd = &a->dir[1];
	struct look l = { .a = a, .fwd = fwd, .rev = &a->dir[0], .seg = seg };

	begin_dir(fwd, seg, now);
	fwd->ack = seg->ack;
	fwd->mptcp = a->mptcp;
	tcpt_wireshark_forget(l.rev, seg->ack);
	a->completeness |= TCPTRACE_COMPLETE_SYNACK;
	note_options(&l);
}

/**
 * tcpt_wireshark_segment - classify a segment
 * @a: the analysis of both ends
 * @from: which end sent the segment, 0 or 1
 * @seg: the segment
 * @now: when the segment was seen, ns; the time may go backwards, as in a
 *	capture of two taps
 *
 * The order of the rules matters. As in Wireshark, a segment with a truncated
 * header has no class, but it affects the classes of later segments.
 *
 * Context: any; the caller serializes access to @a.
 * Return: the classes of the segment.
 */
struct tcpt_wireshark_result
tcpt_wireshark_segment(struct tcpt_wireshark *a, unsigned int from,
		       const struct tcpt_segment *seg, u64 now)
{
	bool first =
		!((a->dir[0].marks | a->dir[1].marks) & TCPT_WIRESHARK_BASE);
	struct tcpt_wireshark_result found = {};
	struct look l = {
		.a = a,
		.fwd = &a->dir[from],
		.rev = &a->dir[!from],
		.seg = seg,
		.now = now,
		.found = &found,
	};

	look_for_reuse(&l);
	note_base(&l);
	if (is_zero_window_probe(&l)) {
		find(&l, TCPTRACE_A_ZERO_WINDOW_PROBE);
	} else {
		look_at_numbers(&l);
		look_at_repetition(&l);
	}
	if (seg->ack != l.fwd->ack)
		l.fwd->dup_acks = 0;
	look_for_lost_ack(&l);
	look_for_retransmission(&l);
	advance(&l);
	remember(&l);
	note_completeness(&l, first);
	note_handshake(&l);
	note_options(&l);
	return seg->cut ? (struct tcpt_wireshark_result) {} : found;
}
