// SPDX-License-Identifier: GPL-2.0
#include "chrono.h"

#include "chrono_plain.h"
#include "result.h"
#include "rtt.h"
#include "segment.h"
#include "seq.h"
#include "tcb.h"

#include <linux/tcptrace.h>

/*
 * A sender retransmits immediately after duplicate ACKs. If this host is near
 * the receiver, it sees the retransmission one round trip after the ACKs. A
 * retransmission timeout takes longer: RTO_MIN is a little less than Linux's
 * minimum RTO.
 */
#define RTO_MIN	150000000ULL	/* ns */

/* A segment that has been tracked and counted. */
struct event {
	unsigned int from;
	const struct tcpt_segment *seg;
	const struct tcpt_result *res;
	bool rexmit;
	u64 last;	/* when the previous segment was seen */
	u64 now;
};

/* True if no data has been outstanding in either direction since t->quiet. */
static bool is_quiet(const struct tcpt_track *t)
{
	return t->quiet && t->end[0].chrono.phase == TCPT_PHASE_IDLE &&
	       t->end[1].chrono.phase == TCPT_PHASE_IDLE;
}

/* @owner: the end whose turn it was while nothing was outstanding */
static void enter(struct tcpt_track *t, unsigned int end, unsigned int owner,
		  unsigned int phase, u64 now)
{
	struct tcpt_chrono *chrono = &t->end[end].chrono;

	if (chrono->phase != TCPT_PHASE_IDLE) {
		chrono->ns[chrono->phase - 1] += now - chrono->since;
	} else {
		if (!chrono->started)
			chrono->first = now;
		chrono->started = true;
		if (is_quiet(t) && t->quiet < now)
			t->end[owner].chrono.own += now - t->quiet;
	}
	if (phase == TCPT_PHASE_IDLE) {
		chrono->begun = chrono->phase == TCPT_PHASE_PATH ?
				chrono->since : 0;
		t->quiet = now;
	}
	chrono->since = now;
	chrono->phase = phase;
}

/*
 * Return: the smallest round trip time from here to the receiver and back; 0 if
 * the SYN was not seen. Without the SYN, the measured time may include the time
 * that the receiver's program takes to answer.
 */
static u64 round_trip(const struct tcpt_endpoint *sender)
{
	return sender->syn_flags ? sender->rtt.min : 0;
}

static void count_response(struct tcpt_response *r, u64 ns)
{
	unsigned int bucket = tcpt_rtt_bucket(ns);

	if (!r->count || ns < r->min)
		r->min = ns;
	if (ns > r->max)
		r->max = ns;
	r->sum += ns;
	r->count += r->count < (u32)-1;
	r->hist[bucket] += r->hist[bucket] < (u16)-1;
}

/**
 * tcpt_chrono_answer - account for the first data of an answer
 * @t: the connection; its phases do not include the data yet
 * @from: the end that answers: 0 for the originator, 1 for the responder
 * @now: when the data was seen, ns
 *
 * The request ended with the last data that the other end sent.
 *
 * Context: any; the caller serializes access to @t.
 */
void tcpt_chrono_answer(struct tcpt_track *t, unsigned int from, u64 now)
{
	struct tcpt_response *response = &t->response[from];
	struct tcpt_endpoint *y = &t->end[!from];
	u64 ns = now - y->counters.last_data;
	u64 path = round_trip(y);

	ns -= ns < path ? ns : path;
	count_response(response, ns);
	response->delayed += tcpt_chrono_ack_delay(y->chrono.phase,
						   y->chrono.since,
						   y->chrono.begun, ns, now);
	y->chrono.begun = 0;
}

static bool is_outstanding(const struct tcpt_endpoint *x,
			   const struct tcpt_endpoint *y)
{
	return x->valid & TCPT_VALID_NXT && y->valid & TCPT_VALID_ACK &&
	       tcpt_seq_after(x->nxt, y->ack);
}

static unsigned int phase_of(const struct tcpt_endpoint *x,
			     const struct tcpt_endpoint *y)
{
	if (!(x->valid & TCPT_VALID_NXT) || !(y->valid & TCPT_VALID_ACK))
		return TCPT_PHASE_IDLE;
	if (!tcpt_chrono_is_plain(&x->chrono) && is_outstanding(x, y) &&
	    tcpt_seq_before(y->ack, x->chrono.recover))
		return x->chrono.phase;
	if (tcpt_chrono_is_full(x, y))
		return TCPT_PHASE_WINDOW;
	return x->nxt != y->ack ? TCPT_PHASE_PATH : TCPT_PHASE_IDLE;
}

/*
 * Return: the end to which an idle period belongs if no data has ended the
 * period. If the originator sent the last data, the period belongs to the
 * responder, because that data may be a request. Otherwise, the period belongs
 * to the originator.
 */
static unsigned int owner_without_data(const struct tcpt_track *t)
{
	return t->turn == 0;
}

/**
 * tcpt_chrono_update - update the phase of an end's data
 * @t: the connection
 * @end: the end: 0 for the originator, 1 for the responder
 * @owner: if an idle period ends now, the end to which that period belongs
 * @now: the time, ns
 *
 * Context: any; the caller serializes access to @t.
 */
void tcpt_chrono_update(struct tcpt_track *t, unsigned int end,
			unsigned int owner, u64 now)
{
	unsigned int phase = phase_of(&t->end[end], &t->end[!end]);

	if (phase != t->end[end].chrono.phase)
		enter(t, end, owner, phase, now);
}

/* Note whether the segment shows that its sender is missing data from @y. */
static void note_repeated(const struct tcpt_endpoint *x,
			  struct tcpt_endpoint *y,
			  const struct event *ev)
{
	const struct tcpt_options *opt = &ev->seg->opt;
	bool sack = opt->present & TCPTRACE_OPT_SACK && opt->sack_blocks &&
		    tcpt_seq_after(opt->sack[0][1], ev->seg->ack);

	if (!(sack || ev->res->found.classes & TCPTRACE_A_DUPLICATE_ACK) ||
	    !is_outstanding(y, x) || ev->seg->ack != x->ack)
		return;
	y->chrono.repeated = x->ack;
	y->chrono.repeats = true;
}

/*
 * Is the segment a retransmission of data or a FIN that the receiver has not
 * acknowledged, and is the receiver's window open?
 */
static bool is_repair(const struct tcpt_track *t,
		      const struct event *ev)
{
	const struct tcpt_endpoint *x = &t->end[ev->from];
	const struct tcpt_endpoint *y = &t->end[!ev->from];

	return ev->rexmit && is_outstanding(x, y) &&
	       tcpt_seq_after(tcpt_segment_end(ev->seg), y->ack) &&
	       t->wireshark.dir[!ev->from].window &&
	       (ev->res->rexmit || ev->seg->flags & TCPTRACE_FIN);
}

static bool is_timeout(const struct tcpt_track *t,
		       const struct event *ev)
{
	const struct tcpt_chrono *chrono = &t->end[ev->from].chrono;
	const struct tcpt_endpoint *y = &t->end[!ev->from];
	u64 silence = ev->now - y->counters.last;
	u64 min = t->wireshark.initial_rtt > RTO_MIN ?
		  t->wireshark.initial_rtt : RTO_MIN;

	return !chrono->repeats || chrono->repeated != y->ack || silence >= min;
}

/*
 * Begin or prolong loss recovery. The time of loss recovery after a timeout
 * includes the silence before the timeout.
 */
static void repair(struct tcpt_track *t, const struct event *ev)
{
	struct tcpt_endpoint *x = &t->end[ev->from];
	struct tcpt_chrono *chrono = &x->chrono;

	if (is_timeout(t, ev)) {
		if (chrono->phase != TCPT_PHASE_RTO)
			enter(t, ev->from, ev->from, TCPT_PHASE_RTO, ev->last);
	} else if (tcpt_chrono_is_plain(chrono)) {
		enter(t, ev->from, ev->from, TCPT_PHASE_FAST, ev->now);
	} else {
		return;
	}
	chrono->recover = x->nxt;
}

static bool is_answer(const struct tcpt_track *t,
		      const struct event *ev)
{
	const struct tcpt_endpoint *y = &t->end[!ev->from];

	return t->turn == !ev->from && ev->seg->flags & TCPTRACE_ACK &&
	       ev->seg->ack == y->nxt;
}

/* New data ends the turn of the other end, and may answer its request. */
static void take_turn(struct tcpt_track *t, const struct event *ev)
{
	if (!ev->seg->len || ev->rexmit)
		return;
	if (is_answer(t, ev))
		tcpt_chrono_answer(t, ev->from, ev->now);
	t->turn = ev->from;
}

/**
 * tcpt_chrono_segment - account for the time up to a segment
 * @t: the connection
 * @from: the sender of the segment: 0 for the originator, 1 for the responder
 * @seg: the segment, which has been tracked and counted
 * @res: the result of the segment
 * @rexmit: the segment begins with sequence numbers that were seen before
 * @last: when the previous segment was seen, ns
 *
 * Context: any; the caller serializes access to @t.
 */
void tcpt_chrono_segment(struct tcpt_track *t, unsigned int from,
			 const struct tcpt_segment *seg,
			 const struct tcpt_result *res, bool rexmit, u64 last)
{
	const struct event ev = {
		.from = from,
		.seg = seg,
		.res = res,
		.rexmit = rexmit,
		.last = last,
		/* tcpt_open_take_syn() may set t->last back to t->heard */
		.now = t->heard,
	};
	unsigned int owner;

	if (res->established)
		t->quiet = ev.now;
	if (res->class == TCPT_CLASS_LATE || t->marks & TCPT_MARK_SELF)
		return;
	if (res->class == TCPT_CLASS_OK) {
		take_turn(t, &ev);
		note_repeated(&t->end[from], &t->end[!from], &ev);
		if (is_repair(t, &ev))
			repair(t, &ev);
	}
	owner = seg->len ? from : owner_without_data(t);
	tcpt_chrono_update(t, !from, owner, ev.now);
	tcpt_chrono_update(t, from, owner, ev.now);
}

/**
 * tcpt_chrono_total - compute the time spent in a phase up to the last segment
 * @t: the connection
 * @end: the sender of the data: 0 for the originator, 1 for the responder
 * @phase: enum tcpt_phase, not IDLE
 *
 * Context: any; @t must not change.
 * Return: ns.
 */
u64 tcpt_chrono_total(const struct tcpt_track *t, unsigned int end,
		      unsigned int phase)
{
	const struct tcpt_chrono *chrono = &t->end[end].chrono;
	u64 ns = chrono->ns[phase - 1];

	if (chrono->phase == phase)
		ns += t->last - chrono->since;
	return ns;
}

/**
 * tcpt_chrono_busy - compute the time spent outside IDLE up to the last segment
 * @t: the connection
 * @end: the sender of the data: 0 for the originator, 1 for the responder
 *
 * Context: any; @t must not change.
 * Return: ns.
 */
u64 tcpt_chrono_busy(const struct tcpt_track *t, unsigned int end)
{
	unsigned int phase;
	u64 ns = 0;

	for (phase = TCPT_PHASE_PATH; phase < TCPT_PHASES; phase++)
		ns += tcpt_chrono_total(t, end, phase);
	return ns;
}

/**
 * tcpt_chrono_idle - compute the time between the busy phases
 * @t: the connection
 * @end: the sender of the data: 0 for the originator, 1 for the responder
 *
 * Context: any; @t must not change.
 * Return: ns.
 */
u64 tcpt_chrono_idle(const struct tcpt_track *t, unsigned int end)
{
	const struct tcpt_chrono *chrono = &t->end[end].chrono;
	u64 until = chrono->phase == TCPT_PHASE_IDLE ? chrono->since : t->last;

	return until - chrono->first - tcpt_chrono_busy(t, end);
}

static u64 of_both(const struct tcpt_track *t, unsigned int phase)
{
	return tcpt_chrono_total(t, 0, phase) + tcpt_chrono_total(t, 1, phase);
}

/*
 * Compute an end's own time. If no data is outstanding, the time since the last
 * busy phase belongs to one of the ends.
 */
static u64 own_time(const struct tcpt_track *t, unsigned int end)
{
	u64 ns = t->end[end].chrono.own;

	if (is_quiet(t) && t->quiet < t->last && owner_without_data(t) == end)
		ns += t->last - t->quiet;
	return ns;
}

static u64 handshake_time(const struct tcpt_track *t)
{
	if (t->established)
		return t->established - t->first;
	return t->syn ? t->last - t->first : 0;
}

/**
 * tcpt_chrono_limited - find what limited a connection for the longest time
 * @t: the connection
 *
 * Time after the last segment is not counted.
 *
 * Context: any; @t must not change.
 * Return: enum tcptrace_limited.
 */
u8 tcpt_chrono_limited(const struct tcpt_track *t)
{
	const u64 ns[TCPTRACE_LIMITED] = {
		[TCPTRACE_LIMITED_APP]	= own_time(t, 0) +
					  t->response[0].delayed,
		[TCPTRACE_LIMITED_PEER]	= own_time(t, 1) +
					  t->response[1].delayed,
		[TCPTRACE_LIMITED_WINDOW] = of_both(t, TCPT_PHASE_WINDOW),
		[TCPTRACE_LIMITED_LOSS]	= of_both(t, TCPT_PHASE_RTO) +
					  of_both(t, TCPT_PHASE_FAST),
		[TCPTRACE_LIMITED_PATH]	= of_both(t, TCPT_PHASE_PATH) -
					  t->response[0].delayed -
					  t->response[1].delayed,
		[TCPTRACE_LIMITED_HANDSHAKE] = handshake_time(t),
	};
	unsigned int i, most = TCPTRACE_LIMITED_NONE;

	for (i = 0; i < TCPTRACE_LIMITED; i++)
		if (ns[i] > ns[most])
			most = i;
	return most;
}

static void fill_time(struct tcptrace_time *to, const struct tcpt_track *t,
		      unsigned int end)
{
	const struct tcpt_response *r = &t->response[end];
	unsigned int i;

	to->window_ns = tcpt_chrono_total(t, end, TCPT_PHASE_WINDOW);
	to->rto_ns = tcpt_chrono_total(t, end, TCPT_PHASE_RTO);
	to->fast_ns = tcpt_chrono_total(t, end, TCPT_PHASE_FAST);
	to->busy_ns = tcpt_chrono_busy(t, end);
	to->delayed_ns = t->response[!end].delayed;
	to->idle_ns = tcpt_chrono_idle(t, end);
	to->own_ns = own_time(t, end);
	to->response_min_ns = r->min;
	to->response_max_ns = r->max;
	to->response_sum_ns = r->sum;
	to->responses = r->count;
	for (i = 0; i < TCPTRACE_RTT_BUCKETS; i++)
		to->response_hist[i] = r->hist[i];
}

/**
 * tcpt_chrono_fill - fill in the times of a connection
 * @rec: filled in: time and limited_by
 * @t: the connection
 *
 * Context: any; @t must not change.
 */
void tcpt_chrono_fill(struct tcptrace_close *rec, const struct tcpt_track *t)
{
	fill_time(&rec->time[0], t, 0);
	fill_time(&rec->time[1], t, 1);
	rec->limited_by = tcpt_chrono_limited(t);
}
