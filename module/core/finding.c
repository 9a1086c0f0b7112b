// SPDX-License-Identifier: GPL-2.0
/*
 * Findings, most of which span several segments. While a bit of
 * tcpt_findings.watch is set, tcpt_fastpath_segment() tracks no segment.
 */
#include "finding.h"

#include "result.h"
#include "segment.h"
#include "seq.h"
#include "tcb.h"

#include <linux/tcptrace.h>

#define NS_PER_MS	1000000ULL
#define BOTH_CLOSED	(TCPT_WATCH_CLOSED | TCPT_WATCH_CLOSED_1)

enum {
	/* A receiver that is only busy reopens its window within this time. */
	CLOSED_MS	= 1000,
	/*
	 * If both windows are closed for this long at the same time, the cause
	 * is not a busy receiver.
	 */
	DEADLOCK_MS	= 10,
	/*
	 * Fewer attempts prove nothing: an attempt can be lost, or its answer
	 * can be on the way.
	 */
	ASKS_MIN	= 3,
	DATA_ASKS_MIN	= 4,
	/*
	 * Keep-alives are sent a second or more apart. A byte that is repeated
	 * sooner is a retransmission: its sender has not seen the ACK.
	 */
	KEEP_ALIVE_MS	= 900,
	ECHOES_MIN	= 10,
	SMALLEST_MSS	= 536,	/* RFC 9293 section 3.7.1 */
	/*
	 * Some receivers round their window to whole segments after the
	 * handshake.
	 */
	SYN_SLACK	= 2 * 1460,
};

/* A segment that x sent to y. */
struct pass {
	struct tcpt_result *res;
	struct tcpt_track *t;
	struct tcpt_findings *f;
	const struct tcpt_endpoint *x;
	const struct tcpt_endpoint *y;
	const struct tcpt_evidence *ev;
};

static struct pass pass_of(struct tcpt_result *res, struct tcpt_track *t,
			   const struct tcpt_evidence *ev)
{
	return (struct pass) {
		.res = res,
		.t = t,
		.f = &t->findings,
		.x = &t->end[ev->from],
		.y = &t->end[!ev->from],
		.ev = ev,
	};
}

static struct tcpt_finding *find(struct tcpt_findings *f, unsigned int kind,
				 unsigned int end)
{
	unsigned int i;

	for (i = 0; i < f->used; i++)
		if (f->list[i].kind == kind && f->list[i].end == end)
			return &f->list[i];
	return NULL;
}

static void report(struct tcpt_result *res, const struct tcpt_finding *found)
{
	if (res->findings < TCPT_FINDINGS_NEW)
		res->finding[res->findings++] = *found;
}

static void add_count(struct tcpt_finding *found, u16 count, u32 value)
{
	found->count = found->count + count < 65535 ? found->count + count :
						      65535;
	if (found->value < value)
		found->value = value;
}

/**
 * tcpt_finding_raise - record a finding
 * @res: the finding is added, if it is new
 * @t: the connection
 * @kind: enum tcptrace_finding
 * @end: the end that the finding is about, or TCPT_NOBODY
 * @count: number to add to the count of the finding
 * @value: the current value; the largest value is kept
 *
 * When the list of the connection is full, a finding of a new kind is reported
 * once, but not counted.
 *
 * Context: any; the caller serializes access to @t.
 */
void tcpt_finding_raise(struct tcpt_result *res, struct tcpt_track *t,
			unsigned int kind, unsigned int end, u16 count,
			u32 value)
{
	struct tcpt_findings *f = &t->findings;
	struct tcpt_finding *found = find(f, kind, end);
	struct tcpt_finding first = {
		.kind = kind,
		.end = end,
		.count = count,
		.value = value,
	};
	bool known = f->raised & 1U << kind;

	f->raised |= 1U << kind;
	if (found) {
		add_count(found, count, value);
		return;
	}
	if (f->used < TCPT_FINDINGS_MAX)
		f->list[f->used++] = first;
	else if (known)
		return;
	report(res, &first);
}

static void raise(struct pass *p, unsigned int kind, unsigned int end,
		  u16 count, u32 value)
{
	tcpt_finding_raise(p->res, p->t, kind, end, count, value);
}

static u32 ms_since(const struct pass *p, u64 then)
{
	u64 ms = (p->ev->now - then) / NS_PER_MS;

	return ms < (u32)-1 ? ms : (u32)-1;
}

/* Raise a finding if the window of @end, 0 until now, was 0 for too long. */
static void judge_closed(struct pass *p, unsigned int end)
{
	struct tcpt_findings *f = p->f;
	bool reported = f->watch & TCPT_WATCH_REPORTED << end;
	u32 ms = ms_since(p, f->closed[end]);
	u32 other = ms_since(p, f->closed[!end]);

	if (!reported && ms < CLOSED_MS &&
	    ((f->watch & BOTH_CLOSED) != BOTH_CLOSED || ms < DEADLOCK_MS ||
	     other < DEADLOCK_MS))
		return;
	f->watch |= TCPT_WATCH_REPORTED << end;
	raise(p, TCPTRACE_FINDING_ZERO_WINDOW, end, !reported, ms);
}

static void watch_window(struct pass *p)
{
	unsigned int from = p->ev->from, i;
	struct tcpt_findings *f = p->f;

	if (p->ev->seg->window && !(f->watch & BOTH_CLOSED))
		return;
	if (!p->ev->seg->window && !(f->watch & TCPT_WATCH_CLOSED << from)) {
		f->watch |= TCPT_WATCH_CLOSED << from;
		f->closed[from] = p->ev->now;
	}
	for (i = 0; i < 2; i++)
		if (f->watch & TCPT_WATCH_CLOSED << i)
			judge_closed(p, i);
	if (p->ev->seg->window)
		f->watch &= ~((TCPT_WATCH_CLOSED | TCPT_WATCH_REPORTED) << from);
}

/*
 * Was the segment, whose window is smaller, sent after the segment with the
 * larger window? A new sequence or acknowledgment number proves that. If both
 * numbers are old, the segments may be reordered, so the test waits for the
 * next segment or, with timestamps, for a segment with a later timestamp.
 */
static bool is_shrunk(struct pass *p)
{
	unsigned int from = p->ev->from, doubt = TCPT_WATCH_SMALLER << from;
	const struct tcpt_segment *seg = p->ev->seg;
	struct tcpt_findings *f = p->f;

	if (p->ev->new_ack || (seg->len && !p->ev->rexmit) ||
	    f->watch & TCPT_WATCH_SHRUNK << from)
		return true;
	if (f->watch & doubt)
		return !(seg->opt.present & TCPTRACE_OPT_TIMESTAMP) ||
		       tcpt_seq_after(seg->opt.tsval, f->edge[from]);
	f->watch |= doubt;
	f->edge[from] = p->x->ts_recent;
	return false;
}

/* RFC 9293 section 3.8.6: the right edge shall not move to the left. */
static void watch_edge(struct pass *p)
{
	const struct tcpt_segment *seg = p->ev->seg;
	unsigned int scale = tcpt_endpoint_wscale(p->x, p->y, TCPT_WSCALE_MAX);
	u32 edge = seg->ack + ((u32)seg->window << scale);
	unsigned int shrunk = TCPT_WATCH_SHRUNK << p->ev->from;
	unsigned int doubt = TCPT_WATCH_SMALLER << p->ev->from;
	u32 before = p->x->right;
	u32 slack = 1U << scale;

	if (edge == before && !(p->f->watch & (shrunk | doubt)))
		return;
	if (p->f->watch & shrunk)
		before = p->f->edge[p->ev->from];
	if (scale == TCPT_WSCALE_MAX || seg->ack != p->x->ack ||
	    tcpt_seq_before(seg->seq, p->x->nxt - seg->len) ||
	    (seg->opt.present & TCPTRACE_OPT_TIMESTAMP &&
	     tcpt_seq_before(seg->opt.tsval, p->x->ts_recent)))
		return;
	if (before == p->y->iss + 1 + p->f->syn_window[p->ev->from])
		slack += SYN_SLACK;
	if ((s32)(before - edge) < (s32)slack) {
		p->f->watch &= ~doubt;
		if (tcpt_endpoint_keeps_edge(p->x->right, seg, scale))
			p->f->watch &= ~shrunk;
	} else if (is_shrunk(p)) {
		raise(p, TCPTRACE_FINDING_WINDOW_SHRUNK, p->ev->from, 1,
		      before - edge);
		p->f->watch = (p->f->watch | shrunk) & ~doubt;
	}
	if (p->f->watch & shrunk)
		p->f->edge[p->ev->from] = edge;
}

/*
 * Return: the scale at which the first window after the SYN matches the window
 * of the SYN; 0 if no scale does. Every scale is tried, because the window
 * scale option may have been removed from the SYN. Only a window below the
 * smallest MSS is considered, because only a scaled window is that small.
 */
static unsigned int secret_scale(const struct pass *p)
{
	unsigned int syn_window = p->f->syn_window[p->ev->from];
	unsigned int window = p->ev->seg->window;
	unsigned int scale;

	if (!window || window >= SMALLEST_MSS)
		return 0;
	for (scale = 1; scale <= TCPT_WSCALE_MAX; scale++)
		if (window == syn_window >> scale ||
		    window == (syn_window >> scale) + 1)
			return scale;
	return 0;
}

/* Check whether x scales its windows without an agreement in the SYNs. */
static void watch_scale(struct pass *p)
{
	const struct tcpt_endpoint *x = p->x, *y = p->y;
	unsigned int scale = 0;

	if (!(p->f->watch & TCPT_WATCH_SCALE))
		return;
	if (x->valid & TCPT_VALID_OPTIONS && !x->counters.started)
		scale = secret_scale(p);
	if (scale)
		raise(p, TCPTRACE_FINDING_WSCALE_LOST, p->ev->from, 1, scale);
	if (y->counters.started)
		p->f->watch &= ~TCPT_WATCH_SCALE;
}

/*
 * Find SACK blocks with sequence numbers that the other end cannot have sent.
 * The test tolerates one window of segments that were not seen here.
 */
static void watch_sack(struct pass *p)
{
	const struct tcpt_segment *seg = p->ev->seg;
	const struct tcpt_endpoint *y = p->y;
	unsigned int i, outside = 0;
	u32 low, span;
	s32 distance;

	if (!(seg->opt.present & TCPTRACE_OPT_SACK) ||
	    !(y->valid & TCPT_VALID_NXT))
		return;
	low = tcpt_endpoint_sack_min(y, seg);
	span = y->nxt + p->x->window - low;
	for (i = 0; i < seg->opt.sack_blocks; i++)
		outside += seg->opt.sack[i][0] - low > span ||
			   seg->opt.sack[i][1] - low > span;
	if (!outside)
		return;
	distance = (s32)(seg->opt.sack[0][0] - seg->ack);
	raise(p, TCPTRACE_FINDING_SACK_OUTSIDE, p->ev->from, outside,
	      distance < 0 ? -(u32)distance : (u32)distance);
}

/* Find ends that answer each other's ACKs, none of which has anything new. */
static void watch_echo(struct pass *p)
{
	const struct tcpt_segment *seg = p->ev->seg;
	struct tcpt_findings *f = p->f;
	u32 packets = p->x->packets + p->y->packets;

	if ((seg->flags & (TCPT_SFR | TCPTRACE_ACK)) != TCPTRACE_ACK ||
	    seg->len || seg->seq != p->x->nxt || p->ev->new_ack ||
	    p->ev->new_window || seg->opt.present & TCPTRACE_OPT_SACK)
		return;
	if (f->echo == p->ev->from || packets - f->echo_at != 1)
		f->echoes = 0;
	f->echoes += f->echoes != 65535;
	f->echo = p->ev->from;
	f->echo_at = packets;
	if (f->echoes >= ECHOES_MIN)
		raise(p, TCPTRACE_FINDING_ACK_LOOP, TCPT_NOBODY,
		      f->echoes == ECHOES_MIN ? ECHOES_MIN : 1, 0);
}

/*
 * Return: the finding to raise if no answer comes; 0 if the segment needs no
 * answer, or if it has new data without a FIN and is not a window probe.
 */
static unsigned int question(const struct pass *p)
{
	const struct tcpt_segment *seg = p->ev->seg;
	bool last = seg->len <= 1 && seg->seq + 1 == p->x->nxt;

	if (seg->flags & TCPTRACE_FIN)
		return TCPTRACE_FINDING_FIN_UNANSWERED;
	if (last && p->f->watch & TCPT_WATCH_CLOSED << !p->ev->from)
		return TCPTRACE_FINDING_PROBES_UNANSWERED;
	if (!p->ev->rexmit)
		return 0;
	if (last && tcpt_endpoint_has_acked(p->y, seg->seq))
		return TCPTRACE_FINDING_KEEP_ALIVES_UNANSWERED;
	return seg->len ? TCPTRACE_FINDING_DATA_UNANSWERED : 0;
}

/* Has the peer answered, but never acknowledged a segment of this size? */
static bool is_too_large(const struct pass *p)
{
	const struct tcpt_counters *counters = &p->x->counters;
	const struct tcpt_segment *seg = p->ev->seg;

	return seg->wire_segs == 1 && seg->len == counters->segment_max &&
	       !tcpt_seq_before(counters->segment_max_seq, p->y->ack) &&
	       p->y->counters.last > counters->first_data;
}

static void judge_silence(struct pass *p)
{
	struct tcpt_findings *f = p->f;
	unsigned int min = f->ask == TCPTRACE_FINDING_DATA_UNANSWERED ?
			   DATA_ASKS_MIN : ASKS_MIN;
	u32 ms = ms_since(p, f->asked);

	if (f->ask == TCPTRACE_FINDING_DATA_UNANSWERED && is_too_large(p)) {
		if (f->asks >= ASKS_MIN)
			raise(p, TCPTRACE_FINDING_PATH_MTU, p->ev->from,
			      f->asks == ASKS_MIN ? ASKS_MIN : 1,
			      p->ev->seg->len);
		return;
	}
	if (!f->ask || f->asks < min || f->watch & TCPT_WATCH_HEARD)
		return;
	raise(p, f->ask, !p->ev->from, f->asks == min ? min : 1, ms);
}

/* Does the segment repeat the segment that waits for an answer? */
static bool is_same_question(const struct pass *p, unsigned int ask, u32 seq)
{
	const struct tcpt_findings *f = p->f;

	return f->watch & TCPT_WATCH_ASK && f->asker == p->ev->from &&
	       f->asked_seq == seq &&
	       (f->ask == ask ||
		(!f->ask && ask == TCPTRACE_FINDING_KEEP_ALIVES_UNANSWERED));
}

static void watch_question(struct pass *p)
{
	unsigned int ask = question(p);
	struct tcpt_findings *f = p->f;
	u32 seq = p->ev->seg->seq;

	if (!ask)
		return;
	if (ask == TCPTRACE_FINDING_FIN_UNANSWERED)
		seq = tcpt_segment_end(p->ev->seg) - 1;
	if (is_same_question(p, ask, seq)) {
		if (f->ask == TCPTRACE_FINDING_KEEP_ALIVES_UNANSWERED &&
		    ms_since(p, f->asked) < f->asks * KEEP_ALIVE_MS)
			f->ask = TCPTRACE_FINDING_NONE;
	} else {
		f->watch |= TCPT_WATCH_ASK;
		f->watch &= ~TCPT_WATCH_HEARD;
		f->ask = ask;
		f->asker = p->ev->from;
		f->asked_seq = seq;
		f->asked = p->ev->now;
		f->asks = 0;
	}
	f->asks += f->asks != 65535;
	judge_silence(p);
}

/* Data, or a FIN, is answered only by an ACK that covers it. */
static void watch_answer(struct pass *p)
{
	struct tcpt_findings *f = p->f;

	if (!(f->watch & TCPT_WATCH_ASK) || f->asker == p->ev->from)
		return;
	if ((f->ask == TCPTRACE_FINDING_DATA_UNANSWERED ||
	     f->ask == TCPTRACE_FINDING_FIN_UNANSWERED) &&
	    !tcpt_seq_after(p->x->ack, f->asked_seq))
		f->watch |= TCPT_WATCH_HEARD;
	else
		f->watch &= ~(TCPT_WATCH_ASK | TCPT_WATCH_HEARD);
}

static void watch_class(struct pass *p)
{
	const struct tcpt_segment *seg = p->ev->seg;

	if (p->ev->class == TCPT_CLASS_OVERRUN)
		raise(p, TCPTRACE_FINDING_WINDOW_OVERRUN, p->ev->from, 1,
		      tcpt_segment_end(seg) - p->y->right);
	else if (p->ev->class == TCPT_CLASS_OLD_TIMESTAMP)
		raise(p, TCPTRACE_FINDING_OLD_TIMESTAMP, p->ev->from, 1,
		      p->x->ts_recent - seg->opt.tsval);
}

/**
 * tcpt_finding_syn - note the window and the options of a SYN or SYN,ACK
 * @t: the connection
 * @from: the sender: 0 for the originator, 1 for the responder
 * @seg: the segment, which is acceptable
 *
 * Context: any; the caller serializes access to @t.
 */
void tcpt_finding_syn(struct tcpt_track *t, unsigned int from,
		      const struct tcpt_segment *seg)
{
	const struct tcpt_endpoint *end = t->end;

	t->findings.syn_window[from] = seg->window;
	if (seg->flags & TCPTRACE_ACK &&
	    end[0].valid & end[1].valid & TCPT_VALID_OPTIONS &&
	    !(end[0].options & end[1].options & TCPTRACE_OPT_WSCALE))
		t->findings.watch |= TCPT_WATCH_SCALE;
}

/**
 * tcpt_finding_answer - note whether a segment needs an answer, or is an answer
 * @res: new findings are added
 * @t: the connection; tcpt_findings_are_plain() was true before the segment
 * @ev: the segment, which takes the fast path for transitions
 *
 * This is the fast path of tcpt_finding_segment().
 *
 * Context: any; the caller serializes access to @t.
 */
void tcpt_finding_answer(struct tcpt_result *res, struct tcpt_track *t,
			 const struct tcpt_evidence *ev)
{
	struct pass p = pass_of(res, t, ev);

	watch_answer(&p);
	watch_question(&p);
}

/**
 * tcpt_finding_segment - raise the findings that a segment helps to prove
 * @res: new findings are added
 * @t: the connection
 * @ev: the segment, without SYN
 *
 * Context: any; the caller serializes access to @t.
 */
void tcpt_finding_segment(struct tcpt_result *res, struct tcpt_track *t,
			  const struct tcpt_evidence *ev)
{
	struct pass p = pass_of(res, t, ev);

	if (t->marks & TCPT_MARK_SELF)
		return;
	watch_class(&p);
	if (ev->class != TCPT_CLASS_OK || ev->seg->flags & TCPTRACE_RST)
		return;
	watch_answer(&p);
	watch_question(&p);
	watch_window(&p);
	watch_echo(&p);
	watch_sack(&p);
	if (!(ev->seg->flags & TCPTRACE_ACK))
		return;
	watch_edge(&p);
	watch_scale(&p);
}

/**
 * tcpt_finding_close - raise the findings that only the close proves
 * @res: new findings are added
 * @t: the connection
 *
 * Context: any; the caller serializes access to @t.
 */
void tcpt_finding_close(struct tcpt_result *res, struct tcpt_track *t)
{
	unsigned int seen = !t->end[0].packets;
	u64 packets = t->end[seen].packets;

	if (t->marks & TCPT_MARK_ONE_WAY && packets > 1)
		tcpt_finding_raise(res, t, TCPTRACE_FINDING_ONE_WAY, seen, 1,
				   packets < (u32)-1 ? packets : (u32)-1);
}
