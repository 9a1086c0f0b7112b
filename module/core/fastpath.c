// SPDX-License-Identifier: GPL-2.0
/*
 * Nearly all segments of an open connection are the next data in order, or an
 * ACK of new data. What the engine does with those is short, and it is here
 * once more, after Van Jacobson's header prediction. Whatever is not exactly
 * such a segment is left to tcpt_track_fully(). Both give the same, bit for
 * bit: the tests take every segment both ways.
 */
#include "fastpath.h"

#include "acceptable.h"
#include "segment.h"
#include "seq.h"
#include "track.h"
#include "result.h"

#include <linux/tcptrace.h>

/* A jump that is further could be one back. */
#define JUMP_MAX	0x40000000

/* A segment that may be the one expected: x sent it, y receives it. */
struct guess {
	struct tcpt_endpoint *x;
	struct tcpt_endpoint *y;
	struct tcpt_wireshark_dir *fwd;
	struct tcpt_wireshark_dir *rev;
	struct tcpt_zeek_end *px;
	struct tcpt_zeek_end *py;
	const struct tcpt_segment *seg;
	u32 end;
};

static bool end_is_ready(const struct tcpt_endpoint *e)
{
	return e->state == TCPTRACE_ESTAB && e->contig == e->nxt &&
	       (e->valid & ~TCPT_VALID_OPTIONS) ==
	       (TCPT_VALID_NXT | TCPT_VALID_ACK);
}

static bool half_is_ready(const struct tcpt_wireshark_dir *half,
			  const struct tcpt_endpoint *e)
{
	return half->marks == TCPT_WIRESHARK_BASE && !half->mptcp &&
	       half->window > 0 && half->next && half->next == e->nxt &&
	       half->contig == half->next;
}

static bool past_is_ready(const struct tcpt_zeek_end *past,
			  const struct tcpt_endpoint *e)
{
	return (past->state == TCPT_ZEEK_PARTIAL ||
		past->state == TCPT_ZEEK_ESTABLISHED) && past->last == e->nxt;
}

/**
 * tcpt_fastpath_ready - may the next segment be one that is predicted?
 * @t: the connection
 *
 * What is tested here no predicted segment changes.
 *
 * Context: any; nobody changes @t.
 * Return: true if it may.
 */
bool tcpt_fastpath_ready(const struct tcpt_track *t)
{
	const struct tcpt_wireshark *a = &t->wireshark;
	const u8 both = TCPTRACE_COMPLETE_ACK | TCPTRACE_COMPLETE_DATA;
	unsigned int i;

	if ((t->marks & (TCPT_MARK_CONFIRMED | TCPT_MARK_CLOSED |
			 TCPT_MARK_SELF)) != TCPT_MARK_CONFIRMED ||
	    t->challenged || a->mptcp || (a->syn && !a->initial_rtt) ||
	    (a->completeness & both) != both)
		return false;
	for (i = 0; i < 2; i++)
		if (!end_is_ready(&t->end[i]) ||
		    !half_is_ready(&a->dir[i], &t->end[i]) ||
		    !past_is_ready(&t->zeek.end[i], &t->end[i]))
			return false;
	return true;
}

/* What the header says by itself. */
static bool is_plain(const struct tcpt_segment *seg)
{
	return (seg->flags & ~TCPTRACE_PSH) == TCPTRACE_ACK &&
	       !(seg->opt.present & ~TCPTRACE_OPT_TIMESTAMP) && !seg->cut &&
	       seg->window && seg->ack;
}

/* New data that makes no rule of the analysis speak. */
static bool is_quiet_data(const struct guess *g)
{
	u32 ack = g->rev->ack, right;

	if (!(g->px->seen & TCPT_ZEEK_SEEN_DATA) || !g->end ||
	    (ack && !tcpt_seq_after(g->end, ack)))
		return false;
	if (g->rev->wscale == TCPT_WSCALE_UNKNOWN)
		return true;
	right = ack + ((u32)g->rev->window <<
		       (g->rev->wscale > 0 ? g->rev->wscale : 0));
	return g->end != right;
}

static bool is_expected(const struct guess *g)
{
	const struct tcpt_segment *seg = g->seg;
	const struct tcpt_endpoint *x = g->x, *y = g->y;

	if (seg->seq != x->nxt || tcpt_seq_after(seg->seq, y->right) ||
	    tcpt_seq_before(g->end, y->ack) ||
	    seg->ack - x->ack >= JUMP_MAX || tcpt_seq_after(seg->ack, y->nxt))
		return false;
	if (seg->len)
		return is_quiet_data(g);
	return seg->ack != g->fwd->ack && g->px->seen & TCPT_ZEEK_SEEN_ACK;
}

/* As the files track.c and end.c would do it. */
static void advance_ends(const struct guess *g)
{
	const struct tcpt_segment *seg = g->seg;
	struct tcpt_endpoint *x = g->x;
	u32 window = (u32)seg->window <<
		     tcpt_acceptable_wscale(x, g->y, TCPT_WSCALE_MAX);

	tcpt_endpoint_count(x, seg);
	x->nxt = g->end;
	x->contig = g->end;
	x->unique_bytes += seg->len;
	x->ack = seg->ack;
	x->right = tcpt_seq_max(x->right, seg->ack + window);
	if (x->window < window)
		x->window = window;
}

/* As analysis.c would do it. */
static void advance_halves(const struct guess *g, u64 now)
{
	const struct tcpt_segment *seg = g->seg;
	struct tcpt_wireshark_dir *fwd = g->fwd;

	if (seg->ack != fwd->ack)
		fwd->dup_acks = 0;
	if (seg->len) {
		if (fwd->unacked < TCPT_WIRESHARK_UNACKED) {
			fwd->unacked++;
			fwd->newer++;
		}
		fwd->next = g->end;
		fwd->contig = g->end;
		fwd->next_time = now;
	}
	fwd->window = seg->window;
	fwd->ack = seg->ack;
	fwd->ack_time = now;
	tcpt_wireshark_forget(g->rev, seg->ack);
}

/* As rtt.c and tally.c would do it. */
static u64 remember(const struct guess *g, u64 now)
{
	const struct tcpt_segment *seg = g->seg;
	struct tcpt_endpoint *x = g->x, *y = g->y;
	u64 rtt = 0;

	if (y->rtt.marks)
		rtt = tcpt_rtt_answered(&y->rtt, seg, now);
	if (seg->len)
		tcpt_rtt_sent(&x->rtt, seg, false, now);
	if (tcpt_seq_after(y->ack, x->iss + 1))
		x->counters.answered = true;
	tcpt_counters_plain(&x->counters, seg, (u32)seg->window <<
			    tcpt_acceptable_wscale(x, y, 0), now);
	return rtt;
}

/* As history.c would do it. */
static void advance_pasts(const struct guess *g)
{
	u32 ack = g->seg->ack;

	g->px->last = g->end;
	if (!tcpt_seq_before(ack, g->py->start) &&
	    tcpt_seq_after(ack, g->py->acked))
		g->py->acked = ack;
}

/**
 * tcpt_fastpath_segment - take a segment if it is what was predicted
 * @t: the connection
 * @from: who sent it: 0 the originator, 1 the responder
 * @seg: the segment
 * @now: when, ns
 * @rtt: set to the round trip time that it measures, ns, 0 if none
 *
 * There is nothing to tell of such a segment but the segment itself.
 *
 * Context: any; the caller keeps others off @t.
 * Return: true if it is; else nothing was changed.
 */
bool tcpt_fastpath_segment(struct tcpt_track *t, unsigned int from,
			   const struct tcpt_segment *seg, u64 now, u64 *rtt)
{
	const struct guess g = {
		.x = &t->end[from],
		.y = &t->end[!from],
		.fwd = &t->wireshark.dir[from],
		.rev = &t->wireshark.dir[!from],
		.px = &t->zeek.end[from],
		.py = &t->zeek.end[!from],
		.seg = seg,
		.end = seg->seq + seg->len,
	};

	if (!t->ready || !is_plain(seg) || !is_expected(&g))
		return false;
	advance_halves(&g, now);
	advance_ends(&g);
	advance_pasts(&g);
	if (t->last < now)
		t->last = now;
	*rtt = remember(&g, t->last);
	return true;
}

/**
 * tcpt_track_segment - a segment of a connection was seen
 * @t: the connection
 * @from: who sent it: 0 the originator, 1 the responder
 * @seg: the segment
 * @now: when, ns; what follows from it never goes back
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
