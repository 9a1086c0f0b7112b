// SPDX-License-Identifier: GPL-2.0
/*
 * While all segments of a connection take the fast path, most of its state is
 * constant, and many fields have equal values. struct tcpt_clean contains the
 * remaining fields. tcpt_clean_segment() has the same effect as
 * tcpt_fastpath_segment(), but more segments need the full state: those that
 * would make a field too large, those that change the minimum or the maximum of
 * the windows, and those with an ECN mark.
 *
 * The tests track every segment in both ways, and require that the results are
 * equal, bit for bit.
 */
#include "clean.h"

#include "acceptable.h"
#include "chrono.h"
#include "result.h"
#include "rtt.h"
#include "segment.h"
#include "seq.h"
#include "tcb.h"

#include <linux/tcptrace.h>

#define U16_LAST	0xffffU
#define U32_LAST	0xffffffffU

static bool is_small(const struct tcpt_rtt *rtt)
{
	return rtt->min <= U32_LAST && rtt->last <= U32_LAST &&
	       rtt->smoothed <= U32_LAST && rtt->variation <= U32_LAST;
}

/* May the state of an end be stored in a struct tcpt_clean_end? */
static bool may_end(const struct tcpt_track *t, unsigned int i)
{
	const struct tcpt_wireshark_dir *dir = &t->wireshark.dir[i];
	const struct tcpt_endpoint *x = &t->end[i];

	return !tcpt_wireshark_begins(dir) && !dir->dup_acks &&
	       x->chrono.phase <= TCPT_PHASE_PATH &&
	       x->counters.segment_max <= U16_LAST && is_small(&x->rtt);
}

/**
 * tcpt_clean_may - check whether a connection is clean
 * @t: the connection
 *
 * Context: any; the caller serializes access to @t.
 * Return: true if tcpt_clean_take() may be called.
 */
bool tcpt_clean_may(const struct tcpt_track *t)
{
	unsigned int ready = TCPT_READY_SEGMENT | TCPT_READY_SEGMENT << 1;
	u64 a = t->end[0].counters.last, b = t->end[1].counters.last;

	return (t->ready & ready) == ready && t->last == t->heard &&
	       t->last == (a > b ? a : b) && may_end(t, 0) && may_end(t, 1);
}

static u16 clamp_u16(u32 value)
{
	return value < U16_LAST ? (u16)value : U16_LAST;
}

static u32 clamp_u32(u64 value)
{
	return value < U32_LAST ? (u32)value : U32_LAST;
}

/* Is tcpt_counters.answered set, or will the next segment of the end set it? */
static bool is_answered(const struct tcpt_track *t, unsigned int i)
{
	const struct tcpt_endpoint *x = &t->end[i], *y = &t->end[!i];

	return x->counters.answered || tcpt_seq_after(y->ack, x->iss + 1);
}

/* Find which segments of the end change only struct tcpt_clean. */
static u8 marks_of(const struct tcpt_track *t, unsigned int i)
{
	const struct tcpt_endpoint *x = &t->end[i];
	const struct tcpt_counters *counters = &x->counters;
	const struct tcpt_zeek_end *zeek = &t->zeek.end[i];
	u8 marks = 0;

	if (is_answered(t, i) && counters->data_packets &&
	    counters->segment_min <= U16_LAST && x->chrono.started &&
	    t->wireshark.completeness & TCPTRACE_COMPLETE_DATA &&
	    tcpt_zeek_has_letter(zeek, 1))
		marks |= TCPT_CLEAN_DATA;
	/* an end that has sent no data never becomes answered */
	if ((is_answered(t, i) || x->nxt == x->iss + 1) &&
	    t->wireshark.completeness & TCPTRACE_COMPLETE_ACK &&
	    tcpt_zeek_has_letter(zeek, 0))
		marks |= TCPT_CLEAN_ACK;
	if (x->valid & TCPT_VALID_TSVAL)
		marks |= TCPT_CLEAN_TSVAL;
	if (x->syn_flags)
		marks |= TCPT_CLEAN_SYN;
	return marks;
}

/* Set the limits within which no segment changes the full state. */
static void take_limits(struct tcpt_clean_end *c, const struct tcpt_track *t,
			unsigned int i)
{
	const struct tcpt_endpoint *x = &t->end[i], *y = &t->end[!i];
	const struct tcpt_counters *counters = &x->counters;
	unsigned int shift = tcpt_endpoint_wscale(x, y, 0);
	u32 max = counters->window_max >> shift;

	if (max > x->window >> x->scale)
		max = x->window >> x->scale;
	c->window_max = clamp_u16(max);
	c->window_min = clamp_u16((counters->window_min + (1U << shift) - 1) >>
				  shift);
	c->ttl_min = counters->own_ttl_min;
	c->ttl_max = counters->own_ttl_max;
}

static u8 shift_of(const struct tcpt_wireshark_dir *dir)
{
	if (dir->wscale == TCPT_WSCALE_UNKNOWN)
		return TCPT_CLEAN_NO_SHIFT;
	return dir->wscale > 0 ? (u8)dir->wscale : 0;
}

static void take_times(struct tcpt_clean_end *c, const struct tcpt_endpoint *x,
		       const struct tcpt_response *r)
{
	const struct tcpt_rtt *rtt = &x->rtt;

	c->sent = rtt->sent;
	c->begin = rtt->begin;
	c->end = rtt->end;
	c->tsval = rtt->tsval;
	c->timed = rtt->marks;
	c->rtt_min = (u32)rtt->min;
	c->rtt_last = (u32)rtt->last;
	c->smoothed = (u32)rtt->smoothed;
	c->variation = (u32)rtt->variation;
	c->samples = rtt->samples;
	memcpy(c->rtt_hist, rtt->hist, sizeof(c->rtt_hist));
	c->phase = x->chrono.phase;
	c->since = x->chrono.since;
	c->begun = x->chrono.begun;
	c->own = x->chrono.own;
	c->path = x->chrono.ns[TCPT_PHASE_PATH - 1];
	c->responses = r->count;
	c->response_min = r->min;
	c->response_max = r->max;
	c->response_sum = r->sum;
	c->response_delayed = r->delayed;
	memcpy(c->response_hist, r->hist, sizeof(c->response_hist));
	c->last = x->counters.last;
	c->idle_max = x->counters.idle_max;
	c->last_data = x->counters.last_data;
	c->size_min = clamp_u16(x->counters.segment_min);
	c->size_max = (u16)x->counters.segment_max;
	c->size_max_seq = x->counters.segment_max_seq;
}

static void take_end(struct tcpt_clean_end *c, const struct tcpt_track *t,
		     unsigned int i)
{
	const struct tcpt_wireshark_dir *dir = &t->wireshark.dir[i];
	const struct tcpt_endpoint *x = &t->end[i];

	c->iss = x->iss;
	c->nxt = x->nxt;
	c->ack = x->ack;
	c->right = x->right;
	c->ts_recent = x->ts_recent;
	c->flags = x->flags & TCPTRACE_PSH;
	c->marks = marks_of(t, i);
	c->scale = x->scale;
	c->full = dir->full;
	c->mark = dir->mark;
	c->unacked = dir->unacked;
	c->newer = dir->newer;
	c->window = (u16)dir->window;
	c->shift = shift_of(dir);
	c->zeek_start = t->zeek.end[i].start;
	c->zeek_acked = t->zeek.end[i].acked;
	take_limits(c, t, i);
	take_times(c, x, &t->response[i]);
}

/**
 * tcpt_clean_take - take the fields that the segments of a clean connection change
 * @clean: all zero; filled in
 * @t: the connection; tcpt_clean_may() is true
 *
 * Context: any; the caller serializes access to @t.
 */
void tcpt_clean_take(struct tcpt_clean *clean, const struct tcpt_track *t)
{
	take_end(&clean->end[0], t, 0);
	take_end(&clean->end[1], t, 1);
	clean->quiet = t->quiet;
	clean->turn = t->turn;
}

static void add(u32 *counter, u64 n)
{
	*counter = clamp_u32(*counter + n);
}

static void give_rtt(const struct tcpt_clean_end *c, struct tcpt_rtt *rtt)
{
	rtt->sent = c->sent;
	rtt->begin = c->begin;
	rtt->end = c->end;
	rtt->tsval = c->tsval;
	rtt->marks = c->timed;
	rtt->min = c->rtt_min;
	rtt->last = c->rtt_last;
	rtt->smoothed = c->smoothed;
	rtt->variation = c->variation;
	rtt->samples = c->samples;
	memcpy(rtt->hist, c->rtt_hist, sizeof(rtt->hist));
}

static void give_chrono(const struct tcpt_clean_end *c,
			struct tcpt_chrono *chrono)
{
	chrono->phase = c->phase;
	chrono->since = c->since;
	chrono->begun = c->begun;
	chrono->own = c->own;
	chrono->ns[TCPT_PHASE_PATH - 1] = c->path;
}

static void give_response(const struct tcpt_clean_end *c,
			  struct tcpt_response *r)
{
	r->sum = c->response_sum;
	r->delayed = c->response_delayed;
	r->count = c->responses;
	r->min = c->response_min;
	r->max = c->response_max;
	memcpy(r->hist, c->response_hist, sizeof(r->hist));
}

static void give_counters(const struct tcpt_clean_end *c,
			  struct tcpt_endpoint *x)
{
	struct tcpt_counters *counters = &x->counters;
	u64 packets = (u64)c->data + c->pure;

	x->packets += packets;
	x->segments += packets + c->extra;
	x->bytes += c->bytes;
	x->unique_bytes += c->bytes;
	counters->last = c->last;
	counters->idle_max = c->idle_max;
	counters->last_data = c->last_data;
	counters->segment_max = c->size_max;
	counters->segment_max_seq = c->size_max_seq;
	if (c->data)
		counters->segment_min = c->size_min;
	add(&counters->data_packets, c->data);
	add(&counters->pure_acks, c->pure);
	add(&counters->acks, packets);
	add(&counters->pushes, c->pushes);
}

static void give_wireshark(const struct tcpt_clean_end *c,
			   struct tcpt_wireshark_dir *dir)
{
	dir->next = c->nxt;
	dir->contig = c->nxt;
	dir->ack = c->ack;
	dir->full = c->full;
	dir->mark = c->mark;
	dir->unacked = c->unacked;
	dir->newer = c->newer;
	dir->window = c->window;
	if (c->data)
		dir->next_time = c->last_data;
	if (c->data || c->pure)
		dir->ack_time = c->last;
}

static void give_end(const struct tcpt_clean_end *c, struct tcpt_track *t,
		     unsigned int i)
{
	struct tcpt_endpoint *x = &t->end[i];

	x->nxt = c->nxt;
	x->contig = c->nxt;
	x->right = c->right;
	x->ts_recent = c->ts_recent;
	t->zeek.end[i].last = c->nxt;
	t->zeek.end[i].acked = c->zeek_acked;
	give_counters(c, x);
	if (c->data || c->pure)
		x->counters.answered = is_answered(t, i);
	give_wireshark(c, &t->wireshark.dir[i]);
	give_rtt(c, &x->rtt);
	give_chrono(c, &x->chrono);
	give_response(c, &t->response[i]);
}

/**
 * tcpt_clean_give - write back the fields that tcpt_clean_take() has taken
 * @clean: the fields, which tcpt_clean_segment() may have changed
 * @t: the connection, as it was when the fields were taken
 *
 * Context: any; the caller serializes access to @clean and @t.
 */
void tcpt_clean_give(const struct tcpt_clean *clean, struct tcpt_track *t)
{
	t->end[0].ack = clean->end[0].ack;
	t->end[1].ack = clean->end[1].ack;
	give_end(&clean->end[0], t, 0);
	give_end(&clean->end[1], t, 1);
	t->last = tcpt_clean_last(clean);
	t->heard = t->last;
	t->quiet = clean->quiet;
	t->turn = clean->turn;
}

/* Is the segment of the same kind as earlier segments of its sender? */
static __always_inline bool is_usual(const struct tcpt_clean_end *x,
				     const struct tcpt_segment *seg)
{
	return tcpt_segment_is_plain(seg, x->flags) && !(seg->tos & 3) &&
	       seg->ttl >= x->ttl_min && seg->ttl <= x->ttl_max &&
	       (!(seg->opt.present & TCPTRACE_OPT_TIMESTAMP) ||
		(x->marks & TCPT_CLEAN_TSVAL &&
		 !tcpt_seq_before(seg->opt.tsval, x->ts_recent)));
}

/* Can the window be tracked without the full state? */
static __always_inline bool keeps_window(const struct tcpt_clean_end *x,
					 const struct tcpt_segment *seg)
{
	return seg->window == x->window ||
	       (seg->window >= x->window_min && seg->window <= x->window_max &&
		tcpt_endpoint_keeps_edge(x->right, seg, x->scale));
}

static __always_inline u32 size_of(const struct tcpt_segment *seg)
{
	if (likely(seg->wire_segs <= 1))
		return seg->len;
	return (seg->len + seg->wire_segs - 1) / seg->wire_segs;
}

/* Can this segment, which carries data, be tracked without the full state? */
static __always_inline bool takes_data(const struct tcpt_clean_end *x,
				       const struct tcpt_clean_end *y,
				       const struct tcpt_segment *seg)
{
	u32 end = seg->seq + seg->len, size = size_of(seg);
	u32 max = size > x->size_max ? size : x->size_max;

	return x->marks & TCPT_CLEAN_DATA && end && end != y->full &&
	       size <= U16_LAST && (s32)(y->right - end) >= (s32)max &&
	       seg->wire_segs - 1U < seg->len &&
	       x->bytes + seg->len >= x->bytes;
}

static __always_inline bool takes_ack(const struct tcpt_clean_end *x,
				      const struct tcpt_segment *seg)
{
	return x->marks & TCPT_CLEAN_ACK && seg->ack != x->ack &&
	       seg->wire_segs == 1 && x->pure < U32_LAST;
}

static void count_time(u16 hist[TCPTRACE_RTT_BUCKETS], u32 *count, u64 ns)
{
	unsigned int bucket = tcpt_rtt_bucket(ns);

	hist[bucket] += hist[bucket] < U16_LAST;
	*count += *count < U32_LAST;
}

static void take_sample(struct tcpt_clean_end *y, u64 ns)
{
	u64 smoothed = y->smoothed, variation = y->variation;

	tcpt_rtt_smooth(&smoothed, &variation, ns);
	y->smoothed = (u32)smoothed;
	y->variation = (u32)variation;
	if (ns < y->rtt_min)
		y->rtt_min = (u32)ns;
	y->rtt_last = (u32)ns;
	count_time(y->rtt_hist, &y->samples, ns);
}

/* Does the segment acknowledge the timed segment of @y? */
static __always_inline bool is_timed(const struct tcpt_clean_end *y,
				     const struct tcpt_segment *seg)
{
	return y->timed && tcpt_seq_after(seg->ack, y->begin);
}

/*
 * Take the round trip time of @y from a segment for which is_timed() is true.
 * @rtt: set to that time, ns, if it was measured. Return: false, with nothing
 * changed, if the time does not fit into 32 bits, or is the first sample.
 */
static noinline bool take_rtt(struct tcpt_clean_end *y,
			      const struct tcpt_segment *seg, u64 now, u64 *rtt)
{
	bool whole = !tcpt_seq_before(seg->ack, y->end);
	u64 ns = now - y->sent;

	if (tcpt_rtt_echoes(y->timed, y->tsval, seg, whole)) {
		if (ns > U32_LAST || !y->samples)
			return false;
		y->timed = 0;
		take_sample(y, ns);
		*rtt = ns;
	} else if (whole) {
		y->timed = 0;
	}
	return true;
}

/*
 * Take the response time of @x from its first data after a request of @y.
 * Return: false, with nothing changed, if the segment needs the full state.
 */
static noinline bool take_answer(struct tcpt_clean_end *x,
				 struct tcpt_clean_end *y,
				 const struct tcpt_segment *seg, u64 now,
				 u64 *rtt)
{
	u64 ns = now - y->last_data, path = y->rtt_min;
	bool timed = is_timed(y, seg);

	/* the segment may also yield a new minimum round trip time */
	if (timed && now - y->sent < path)
		return false;
	if (y->marks & TCPT_CLEAN_SYN)
		ns -= ns < path ? ns : path;
	if (timed && !take_rtt(y, seg, now, rtt))
		return false;
	if (!x->responses || ns < x->response_min)
		x->response_min = ns;
	if (ns > x->response_max)
		x->response_max = ns;
	x->response_sum += ns;
	x->response_delayed += tcpt_chrono_ack_delay(y->phase, y->since,
						     y->begun, ns, now);
	y->begun = 0;
	count_time(x->response_hist, &x->responses, ns);
	return true;
}

/* Return: false, with nothing changed, if the segment needs the full state. */
static __always_inline bool measure(struct tcpt_clean *clean, unsigned int from,
				    const struct tcpt_segment *seg, u64 now,
				    u64 *rtt)
{
	struct tcpt_clean_end *x = &clean->end[from], *y = &clean->end[!from];

	if (unlikely(clean->turn == !from && seg->len && seg->ack == y->nxt))
		return take_answer(x, y, seg, now, rtt);
	return !is_timed(y, seg) || take_rtt(y, seg, now, rtt);
}

/* Track a segment that acknowledges more, or announces a different window. */
static __always_inline void grant(struct tcpt_clean_end *x,
				  struct tcpt_clean_end *y,
				  const struct tcpt_segment *seg)
{
	x->ack = seg->ack;
	x->window = seg->window;
	x->right = tcpt_seq_max(x->right, seg->ack +
				((u32)seg->window << x->scale));
	if (x->shift != TCPT_CLEAN_NO_SHIFT)
		x->full = seg->ack + ((u32)seg->window << x->shift);
	if (tcpt_zeek_acks_more(y->zeek_start, y->zeek_acked, seg->ack))
		y->zeek_acked = seg->ack;
}

/* Like tcpt_wireshark_forget() */
static __always_inline void forget(struct tcpt_clean_end *y, u32 ack)
{
	if (tcpt_seq_before(ack, y->mark))
		return;
	y->unacked = tcpt_seq_before(ack, y->nxt) ? y->newer : 0;
	y->newer = 0;
	y->mark = y->nxt;
}

/* Update both ends from the header of the segment. */
static __always_inline void receive(struct tcpt_clean_end *x,
				    struct tcpt_clean_end *y,
				    const struct tcpt_segment *seg, u64 now)
{
	if (seg->opt.present & TCPTRACE_OPT_TIMESTAMP &&
	    !tcpt_seq_after(seg->seq, y->ack))
		x->ts_recent = seg->opt.tsval;
	if (seg->ack != x->ack || seg->window != x->window)
		grant(x, y, seg);
	forget(y, seg->ack);
	if (seg->flags & TCPTRACE_PSH)
		x->pushes++;
	x->extra += seg->wire_segs - 1;
	if (unlikely(now - x->last > x->idle_max))
		x->idle_max = now - x->last;
	x->last = now;
}

/* Start to time the segment, unless another segment is being timed. */
static __always_inline void time_segment(struct tcpt_clean_end *x,
					 const struct tcpt_segment *seg,
					 u32 end, u64 now)
{
	if (x->timed & TCPT_RTT_WAITING && now - x->sent < TCPT_RTT_WAIT_MAX)
		return;
	x->sent = now;
	x->begin = seg->seq;
	x->end = end;
	x->timed = TCPT_RTT_WAITING;
	if (seg->opt.present & TCPTRACE_OPT_TIMESTAMP && seg->opt.tsval) {
		x->tsval = seg->opt.tsval;
		x->timed |= TCPT_RTT_TSVAL;
	}
}

/* The data of @y that was outstanding may be acknowledged now. */
static __always_inline void end_path(struct tcpt_clean *clean,
				     const struct tcpt_clean_end *x,
				     struct tcpt_clean_end *y, u64 now)
{
	if (y->phase == TCPT_PHASE_IDLE || y->nxt != x->ack)
		return;
	y->path += now - y->since;
	y->begun = y->since;
	y->since = now;
	y->phase = TCPT_PHASE_IDLE;
	clean->quiet = now;
}

static __always_inline void begin_path(struct tcpt_clean *clean,
				       struct tcpt_clean_end *x,
				       const struct tcpt_clean_end *y, u64 now)
{
	if (x->phase != TCPT_PHASE_IDLE)
		return;
	if (y->phase == TCPT_PHASE_IDLE && clean->quiet)
		x->own += now - clean->quiet;
	x->since = now;
	x->phase = TCPT_PHASE_PATH;
}

static __always_inline void count_size(struct tcpt_clean_end *x,
				       const struct tcpt_segment *seg)
{
	u32 size = size_of(seg);

	if (unlikely(size < x->size_min))
		x->size_min = (u16)size;
	if (unlikely(size > x->size_max)) {
		x->size_max = (u16)size;
		x->size_max_seq = seg->seq;
	}
}

static __always_inline void send(struct tcpt_clean *clean, unsigned int from,
				 const struct tcpt_segment *seg, u64 now)
{
	struct tcpt_clean_end *x = &clean->end[from], *y = &clean->end[!from];
	u32 end = seg->seq + seg->len;

	if (likely(x->unacked < TCPT_WIRESHARK_UNACKED)) {
		x->unacked++;
		x->newer++;
	}
	time_segment(x, seg, end, now);
	count_size(x, seg);
	x->nxt = end;
	x->last_data = now;
	x->data++;
	x->bytes += seg->len;
	clean->turn = from;
	end_path(clean, x, y, now);
	begin_path(clean, x, y, now);
}

/*
 * There is a copy of this function for each value of @from, so that the address
 * of each field need not be computed at run time.
 */
static __always_inline bool track(struct tcpt_clean *clean, unsigned int from,
				  const struct tcpt_segment *seg, u64 now,
				  u64 *rtt)
{
	struct tcpt_clean_end *x = &clean->end[from], *y = &clean->end[!from];

	if (!is_usual(x, seg) ||
	    !tcpt_acceptable_next(x->nxt, x->ack, y->right, y->nxt, seg) ||
	    !keeps_window(x, seg) ||
	    !(seg->len ? takes_data(x, y, seg) : takes_ack(x, seg)) ||
	    !measure(clean, from, seg, now, rtt))
		return false;
	receive(x, y, seg, now);
	if (seg->len) {
		send(clean, from, seg, now);
	} else {
		x->pure++;
		end_path(clean, x, y, now);
	}
	return true;
}

/**
 * tcpt_clean_segment - track a segment of a clean connection, if possible
 * @clean: the connection
 * @from: the sender: 0 for the originator, 1 for the responder
 * @seg: the segment
 * @now: when the segment was seen, ns; not before tcpt_clean_last()
 * @rtt: set to the round trip time that the segment measures, ns, 0 if none
 *
 * Context: any; the caller serializes access to @clean.
 * Return: true if the segment was tracked; false if nothing was changed.
 */
bool tcpt_clean_segment(struct tcpt_clean *clean, unsigned int from,
			const struct tcpt_segment *seg, u64 now, u64 *rtt)
{
	*rtt = 0;
	return from ? track(clean, 1, seg, now, rtt) :
		      track(clean, 0, seg, now, rtt);
}
