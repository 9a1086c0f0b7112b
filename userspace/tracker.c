// SPDX-License-Identifier: GPL-2.0
#include "tracker.h"

#include "core/icmp.h"
#include "core/mask.h"
#include "core/open.h"
#include "core/record.h"
#include "core/request.h"
#include "core/result.h"
#include "core/segment.h"
#include "core/timeout.h"
#include "core/track.h"
#include "related.h"
#include "tunnel.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

/*
 * Like Zeek's tcp_close_delay: the closing record includes segments that come
 * within this time after the end of the connection.
 */
#define CLOSE_DELAY	5000000000ULL	/* ns */
/* Time between two searches for timed out connections in a live capture. */
#define AGE_INTERVAL	5000000000ULL	/* ns */

/**
 * struct ending - the end of a connection
 * @seg: the segment that ended the connection
 * @cause: the cause that CLOSE reports
 * @frame: number of the packet of @seg
 */
struct ending {
	struct tcpt_segment seg;
	struct tcpt_cause cause;
	u64 frame;
};

/* sink.reserve: return room for a record if it is wanted. */
static struct tcptrace_header *reserve(void *data, u32 masks, u32 len,
				       const struct tcpt_cause *cause,
				       struct tcptrace_header *room)
{
	struct tracker *tr = data;

	(void)cause;
	(void)room;
	if (!(tr->mask & masks))
		return NULL;
	tr->rec.h.len = len;
	return &tr->rec.h;
}

static void commit(void *data, struct tcptrace_header *h)
{
	struct tracker *tr = data;

	h->seq = tr->records++;
	tr->ret = tr->handle(tr->data, &tr->rec, tr->frame);
	if (tr->ret)
		tr->sink.wants = 0;
}

/**
 * tracker_init - begin a capture
 * @tr: filled in
 * @mask: event mask
 * @handle: called with each wanted record
 * @data: passed to @handle
 *
 * Return: 0 or a negative error number.
 */
int tracker_init(struct tracker *tr, u32 mask,
		 int (*handle)(void *data, const union record *rec, u64 frame),
		 void *data)
{
	memset(tr, 0, sizeof(*tr));
	tr->mask = mask;
	tr->sink = (struct tcpt_sink) {
		.wants = tcpt_mask_types(mask), .reserve = reserve,
		.commit = commit, .data = tr,
	};
	tr->handle = handle;
	tr->data = data;
	tr->step_at = UINT64_MAX;
	tr->open_max = TRACKER_OPEN_FILE;
	return conns_init(&tr->conns);
}

/* @conn->known must be CONN_FULL. */
static struct tcpt_source source_of(const struct conn *conn)
{
	return (struct tcpt_source) {
		.track = &conn->full->track,
		.flow = &conn->flow,
		.id = conn->id,
		.iss = { conn->full->track.end[0].iss,
			 conn->full->track.end[1].iss },
		.orig = conn->orig,
		.marks = conn->full->track.marks,
	};
}

static void count_findings(struct tracker *tr, const struct tcpt_result *res)
{
	unsigned int i;

	for (i = 0; i < res->findings; i++)
		tr->findings[res->finding[i].kind]++;
}

static void count_result(struct tracker *tr, const struct tcpt_result *res)
{
	tr->counts[COUNT_ESTABLISHED] += res->established;
	tr->counts[COUNT_CLOSED] += res->closed;
	tr->counts[COUNT_SUSPECTED] += res->suspicion.what != 0;
	count_findings(tr, res);
	if (res->class > TCPT_CLASS_LATE)
		tr->counts[capture_stats_of_class[res->class]]++;
}

/* Emit CLOSE for a connection that a segment has ended. */
static void emit_close(struct tracker *tr, struct conn *conn)
{
	struct tcpt_source source = source_of(conn);
	struct tcpt_result res = { .closed = true };
	struct ending *ending = conn->full->ending;
	u64 frame = tr->frame;

	tr->frame = ending->frame;
	tcpt_emit_result(&tr->sink, &source, &ending->cause, &res);
	tr->frame = frame;
	conn->full->ending = NULL;
	free(ending);
}

/*
 * Emit CLOSE for the connections that ended at least CLOSE_DELAY ago. If more
 * than CONNS_REMEMBERED other connections wait for their CLOSE, also emit CLOSE
 * for the oldest of these.
 */
static void emit_closes(struct tracker *tr)
{
	struct conn *conn = tr->conns.ending.oldest;

	while (conn && (conn->full->ending->cause.now + CLOSE_DELAY <= tr->last ||
			tr->conns.ending.len > CONNS_REMEMBERED)) {
		emit_close(tr, conn);
		conns_remember(&tr->conns, conn);
		conn = tr->conns.ending.oldest;
	}
}

/* Mark a connection as ended by the segment of @cause. Return: 0 or -ENOMEM. */
static int end_with(struct tracker *tr, struct conn *conn,
		    const struct tcpt_cause *cause)
{
	struct ending *ending = malloc(sizeof(*ending));

	if (!ending)
		return -ENOMEM;
	ending->seg = *cause->seg;
	ending->cause = *cause;
	ending->cause.seg = &ending->seg;
	ending->frame = tr->frame;
	conn->full->ending = ending;
	conns_end(&tr->conns, conn);
	return 0;
}

/* Emit and count a result; move an ended connection to its new list. */
static void apply(struct tracker *tr, struct conn *conn,
		  const struct tcpt_cause *cause, struct tcpt_result *res)
{
	struct tcpt_source source;
	int err;

	count_result(tr, res);
	if (res->closed && !tr->as_module) {
		err = end_with(tr, conn, cause);
		if (err && !tr->ret)
			tr->ret = err;
		res->closed = false;
	}
	if (unlikely(tcpt_result_reports(res))) {
		source = source_of(conn);
		tcpt_emit_result(&tr->sink, &source, cause, res);
	}
	if (res->closed)
		conns_remember(&tr->conns, conn);
}

/* Check whether the SYN was repeated and has not been answered so far. */
static bool is_unanswered(const struct tcpt_track *t)
{
	return t->end[0].syns > 1 && !t->end[1].packets &&
	       t->end[0].state == TCPTRACE_SYN_SENT;
}

/*
 * End a connection without a segment. @reason: TCPTRACE_CLOSE_NONE for a
 * timeout. Return: true unless the connection was already closed.
 */
static bool end_conn(struct tracker *tr, struct conn *conn, u8 reason)
{
	struct tcpt_cause cause = { .now = tr->last };
	struct tcpt_source source;
	struct tcpt_result res;
	u32 ticks;

	ticks = is_unanswered(&conn->full->track) && !tr->as_module ?
		related_older_syn(&tr->conns, conn) : 0;
	if (reason == TCPTRACE_CLOSE_NONE)
		tcpt_timeout_expire(&conn->full->track, &res);
	else
		tcpt_timeout_close(&conn->full->track, reason, &res);
	if (ticks)
		tcpt_finding_raise(&res, &conn->full->track,
				   TCPTRACE_FINDING_SYN_TIMESTAMP, 0, 1, ticks);
	count_findings(tr, &res);
	if (conn->full->track.last > cause.now)
		cause.now = conn->full->track.last;
	source = source_of(conn);
	tcpt_emit_result(&tr->sink, &source, &cause, &res);
	return res.closed;
}

/* Track a segment. Return: false if the segment begins a new connection. */
static bool track(struct tracker *tr, struct conn *conn,
		  struct tcpt_cause *cause)
{
	struct tcpt_source source;
	struct tcpt_result res;

	tcpt_track_segment(&conn->full->track, cause->from, cause->seg, cause->now,
			   &res);
	if (res.reopen)
		return false;
	tr->counts[res.class == TCPT_CLASS_LATE ? COUNT_LATE : COUNT_TRACKED]++;
	cause->found = res.found;
	cause->rtt = res.rtt;
	cause->rexmit = res.rexmit;
	if (tr->sink.wants & TCPTRACE_MASK(TCPTRACE_SEGMENT)) {
		source = source_of(conn);
		tcpt_emit_segment(&tr->sink, &source, cause);
	}
	apply(tr, conn, cause, &res);
	return true;
}

/*
 * Open a connection with the segment of @cause, but do not track the segment
 * yet. Keep the state of Wireshark's analysis of both directions.
 */
static void open_track(struct tracker *tr, struct conn *conn,
		       unsigned int orig, const struct tcpt_cause *cause)
{
	struct tcpt_wireshark before = conn->full->track.wireshark;
	struct tcpt_source source;
	struct tcpt_result res;

	if (orig != conn->orig)
		tcpt_wireshark_swap(&before);
	conn->orig = (u8)orig;
	conn->id = ++tr->opened;
	conns_open(&tr->conns, conn);
	memset(&conn->full->track, 0, sizeof(conn->full->track));
	tcpt_open_track(&conn->full->track, cause->seg,
			tcpt_flow_is_self(&conn->flow), cause->now, &before,
			&res);
	source = source_of(conn);
	tcpt_emit_open(&tr->sink, &source, cause);
	apply(tr, conn, cause, &res);
}

/* Open a connection with a SYN that the old connection kept as pending. */
static void open_with_syn(struct tracker *tr, struct conn *conn,
			  unsigned int orig, const struct tcpt_cause *answer,
			  struct tcpt_pending *syn)
{
	struct tcpt_cause cause = *answer;
	struct tcpt_segment seg;
	struct tcpt_result res;

	tcpt_pending_segment(syn, answer->seg, answer->from, &seg);
	cause.seg = &seg;
	cause.from = 0;
	cause.now = syn->first;
	open_track(tr, conn, orig, &cause);
	while (tcpt_pending_next(syn, &cause.now)) {
		tcpt_track_fully(&conn->full->track, 0, &seg, cause.now, &res);
		apply(tr, conn, &cause, &res);
	}
}

/* @syn: the SYN that the segment answers or repeats; kind 0: there is none. */
static void open_conn(struct tracker *tr, struct conn *conn, unsigned int sender,
		      struct tcpt_cause *cause, struct tcpt_pending *syn)
{
	bool self = tcpt_flow_is_self(&conn->flow);
	unsigned int orig = syn->kind ? syn->from ^ conn->orig :
			    tcpt_open_originator(cause->seg, self, sender);

	cause->from = (u8)(sender ^ orig);
	if (syn->kind)
		open_with_syn(tr, conn, orig, cause, syn);
	else
		open_track(tr, conn, orig, cause);
	track(tr, conn, cause);
	tr->counts[COUNT_OPENED]++;
	if (conn->full->track.marks & TCPT_MARK_MIDSTREAM)
		tr->counts[COUNT_MIDSTREAM]++;
}

static void stray(struct tracker *tr, struct conn *conn, unsigned int sender,
		  struct tcpt_cause *cause)
{
	cause->found = tcpt_wireshark_segment(&conn->full->track.wireshark,
					      sender ^ conn->orig, cause->seg,
					      cause->now);
	tcpt_emit_stray(&tr->sink, &conn->flow, sender, cause);
}

/*
 * If a RST without a connection has the sequence numbers of a different
 * connection, raise the finding STRAY_RST for that connection.
 */
static void join_rst(struct tracker *tr, struct conn *conn, unsigned int sender,
		     const struct tcpt_cause *rst)
{
	struct tcpt_cause cause = *rst;
	struct tcpt_result res;
	unsigned int end;

	conn = related_stray_rst(&tr->conns, conn, sender, cause.seg, &end);
	if (!conn)
		return;
	cause.from = (u8)end;
	tcpt_result_init(&res);
	tcpt_finding_raise(&res, &conn->full->track, TCPTRACE_FINDING_STRAY_RST, end,
			   1, cause.seg->sport);
	apply(tr, conn, &cause, &res);
}

static void visit_unknown(struct tracker *tr, struct conn *conn,
			  unsigned int sender, struct tcpt_cause *cause)
{
	struct tcpt_pending no_syn = { .kind = TCPT_PENDING_NONE };

	if (cause->seg->flags & TCPTRACE_RST && !tr->as_module)
		join_rst(tr, conn, sender, cause);
	if (tcpt_open_admit(cause->seg) != TCPT_OPEN_BAD_FLAGS) {
		open_conn(tr, conn, sender, cause, &no_syn);
		return;
	}
	tr->counts[COUNT_BAD_FLAGS]++;
	stray(tr, conn, sender, cause);
}

static void visit_known(struct tracker *tr, struct conn *conn,
			unsigned int sender, struct tcpt_cause *cause)
{
	struct tcpt_pending syn;

	cause->from = (u8)(sender ^ conn->orig);
	if (track(tr, conn, cause))
		return;
	tcpt_open_take_syn(&conn->full->track, cause->from, cause->seg, &syn);
	tr->counts[COUNT_REUSED]++;
	if (conn->full->ending)
		emit_close(tr, conn);
	tr->counts[COUNT_CLOSED] += end_conn(tr, conn, TCPTRACE_CLOSE_REUSED);
	open_conn(tr, conn, sender, cause, &syn);
}

static void count_options(struct tracker *tr, u16 present)
{
	tr->counts[COUNT_OPT_UNKNOWN] += !!(present & TCPTRACE_OPT_UNKNOWN);
	tr->counts[COUNT_OPT_MALFORMED] += !!(present & TCPTRACE_OPT_MALFORMED);
}

/*
 * Return: true if the packet was captured before with a different interface,
 * link-layer header or TTL; always false with @tr->as_module.
 */
static bool is_copy(struct tracker *tr, struct conn *conn,
		    const struct arrival *a)
{
	struct tcpt_sighting packet;

	conns_sighting(&packet, &a->seg, a->vantage, a->now, a->sender);
	return !tr->as_module && tcpt_copies_see(&conn->full->copies, &packet);
}

static bool is_open(const struct conn *conn)
{
	return conn->id && (!(conn->full->track.marks & TCPT_MARK_CLOSED) ||
			    conn->full->ending);
}

/*
 * Count a copy of a packet and, if the connection is open, raise the finding
 * SEEN_TWICE. A copy has no other effect.
 */
static void visit_copy(struct tracker *tr, struct conn *conn,
		       unsigned int sender, struct tcpt_cause *cause)
{
	struct tcpt_result res;

	tr->counts[COUNT_COPY]++;
	if (!is_open(conn))
		return;	/* not opened, or CLOSE was emitted */
	cause->from = (u8)(sender ^ conn->orig);
	tcpt_result_init(&res);
	tcpt_finding_raise(&res, &conn->full->track, TCPTRACE_FINDING_SEEN_TWICE,
			   TCPT_NOBODY, 1, 0);
	apply(tr, conn, cause, &res);
}

/* Handle an ICMP error that quotes the segment of @a. */
static void visit_icmp(struct tracker *tr, struct conn *conn,
		       const struct arrival *a, struct tcpt_cause *cause)
{
	struct tcptrace_error error = a->error;
	bool known = is_open(conn);
	struct tcpt_source source = source_of(conn);
	struct tcpt_quote quote;
	struct tcpt_result res;

	tr->counts[known ? COUNT_ICMP_ERROR : COUNT_ICMP_STRAY]++;
	if (!known) {
		tcpt_emit_stray_icmp(&tr->sink, &conn->flow, a->sender, cause,
				     &error);
		return;
	}
	cause->from = (u8)(a->sender ^ conn->orig);
	quote = (struct tcpt_quote) {
		.now = a->now, .seq = a->seg.seq, .from = cause->from,
	};
	tcpt_icmp_track(&conn->full->track, &quote, &error, &res);
	tcpt_emit_icmp(&tr->sink, &source, cause, &error);
	apply(tr, conn, cause, &res);
}

static void remove_conn(struct tracker *tr, struct conn *conn, u8 reason)
{
	if (conns_grow(&tr->conns, conn)) {
		if (!tr->ret)
			tr->ret = -ENOMEM;
		return;
	}
	tr->counts[COUNT_CLOSED] += end_conn(tr, conn, reason);
	conns_remember(&tr->conns, conn);
}

static bool is_confirmed(const struct conn *conn)
{
	return conn->known == CONN_FULL &&
	       conn->full->track.marks & TCPT_MARK_CONFIRMED;
}

/*
 * Return: the connection to end: the oldest half-open connection or, if there
 * is none, the oldest connection. A confirmed connection stays confirmed, so
 * the next search begins where this one ended.
 */
static struct conn *victim(struct conns *conns)
{
	struct conn *conn = conns->unconfirmed;

	while (conn && is_confirmed(conn))
		conn = conn->newer;
	conns->unconfirmed = conn;
	return conn ?: conns->open.oldest;
}

/* End a connection if more than @tr->open_max are open. */
static void evict(struct tracker *tr)
{
	u64 frame = tr->frame;

	if (tr->conns.open.len <= tr->open_max)
		return;
	tr->counts[COUNT_EVICTED]++;
	tr->frame = 0;
	remove_conn(tr, victim(&tr->conns), TCPTRACE_CLOSE_EVICTED);
	tr->frame = frame;
}

/* Check whether @a is the first SYN of a connection and fits in conn_syn. */
static bool may_keep(const struct conn *conn, const struct arrival *a)
{
	return conn->known == CONN_NOTHING && !a->broken && !a->error.kind &&
	       !tcpt_flow_is_self(&conn->flow) && tcpt_request_fits(&a->seg);
}

/*
 * Track a SYN. The full state of its connection exists only during this call.
 */
static void visit_syn(struct tracker *tr, struct conn *conn,
		      const struct arrival *a, struct tcpt_cause *cause)
{
	struct conn_syn syn = { .vantage = a->vantage, .id = a->seg.id };

	tcpt_request_keep(&syn.request, &a->seg, a->now);
	conns_fill(&tr->conns.scratch, conn);
	conn->full = &tr->conns.scratch;
	conn->known = CONN_FULL;
	count_options(tr, a->seg.opt.present);
	visit_unknown(tr, conn, a->sender, cause);
	conn->syn = syn;
	conn->known = CONN_SYN;
}

static int visit(struct tracker *tr, const struct arrival *a)
{
	struct tcpt_cause cause = {
		.seg = &a->seg,
		.now = a->now,
		.hook = RECORD_HOOK_FILE,
	};
	struct conn *conn;

	if (a->now >= tr->step_at) {
		tr->ret = tr->step(tr->data, a->now);
		if (tr->ret)
			return tr->ret;
	}
	if (a->now > tr->last)
		tr->last = a->now;
	/* before conns_get(), because emit_closes() can free pairs of ends */
	emit_closes(tr);
	conn = conns_get(&tr->conns, &a->flow, a->hash);
	if (!conn)
		return -ENOMEM;
	tr->frame = a->frame;
	if (may_keep(conn, a)) {
		visit_syn(tr, conn, a, &cause);
		evict(tr);
		return tr->ret;
	}
	if (conns_grow(&tr->conns, conn))
		return -ENOMEM;
	if (a->error.kind) {
		visit_icmp(tr, conn, a, &cause);
		return tr->ret;
	}
	if (is_copy(tr, conn, a)) {
		visit_copy(tr, conn, a->sender, &cause);
		return tr->ret;
	}
	count_options(tr, a->seg.opt.present);
	if (a->broken)
		stray(tr, conn, a->sender, &cause);
	else if (conn->id)
		visit_known(tr, conn, a->sender, &cause);
	else
		visit_unknown(tr, conn, a->sender, &cause);
	evict(tr);
	return tr->ret;
}

/**
 * tracker_address - find the flow of a segment
 * @tr: the capture
 * @a: the segment; its flow, hash and sender are filled in
 *
 * The function reads only constant data of @tr, so any thread may call it.
 */
void tracker_address(const struct tracker *tr, struct arrival *a)
{
	a->sender = tcpt_flow_init(&a->flow, &a->seg, 0,
				   a->tunnel ? TUNNEL_ZONE + a->tunnel : 0);
	a->hash = conns_hash(&tr->conns, &a->flow);
}

/**
 * tracker_segments - track the next segments of the capture
 * @tr: the capture
 * @arrivals: the segments, after tracker_address()
 * @n: number of @arrivals
 *
 * Cache misses cost more than everything else, so the function prefetches the
 * connections of all segments before it tracks the first segment.
 *
 * Return: 0, a value other than 0 that @tr->handle or @tr->step returned, or
 * -ENOMEM.
 */
int tracker_segments(struct tracker *tr, const struct arrival *arrivals,
		     size_t n)
{
	const struct arrival *a, *end = arrivals + n;
	int ret = 0;

	for (a = arrivals; a < end; a++)
		conns_seek(&tr->conns, a->hash);
	for (a = arrivals; a < end; a++)
		conns_expect(&tr->conns, a->hash);
	for (a = arrivals; a < end; a++)
		conns_expect_full(&tr->conns, a->hash);
	for (a = arrivals; a < end && ret == 0; a++)
		ret = visit(tr, a);
	return ret;
}

static const unsigned int timeouts[TCPT_TIMEOUTS] = TCPT_TIMEOUT_DEFAULTS;

static u64 deadline_of(const struct conn *conn)
{
	return conn->known == CONN_SYN ?
	       tcpt_request_deadline(&conn->syn.request, timeouts) :
	       tcpt_timeout_deadline(&conn->full->track, timeouts);
}

static void remove_timed_out(struct tracker *tr)
{
	struct conn *conn, *newer;

	for (conn = tr->conns.open.oldest; conn; conn = newer) {
		newer = conn->newer;
		if (deadline_of(conn) <= tr->last)
			remove_conn(tr, conn, TCPTRACE_CLOSE_NONE);
	}
}

/**
 * tracker_advance - advance the time of a live capture
 * @tr: the capture
 * @now: the time, ns since 1970
 *
 * The function calls @tr->step if it is due, emits CLOSE records that are due
 * and, every AGE_INTERVAL, ends the connections that have timed out.
 *
 * Return: 0, a value other than 0 that @tr->handle or @tr->step returned, or
 * -ENOMEM.
 */
int tracker_advance(struct tracker *tr, u64 now)
{
	if (now >= tr->step_at) {
		tr->ret = tr->step(tr->data, now);
		if (tr->ret)
			return tr->ret;
	}
	if (now > tr->last)
		tr->last = now;
	tr->frame = 0;
	emit_closes(tr);
	if (tr->last - tr->aged >= AGE_INTERVAL) {
		tr->aged = tr->last;
		remove_timed_out(tr);
	}
	return tr->ret;
}

/**
 * tracker_lost - report packets that were lost before they could be captured
 * @tr: the capture
 * @now: when the loss was noticed, ns since 1970
 * @packets: number of packets
 */
void tracker_lost(struct tracker *tr, u64 now, u64 packets)
{
	struct tcptrace_lost *lost = &tr->rec.lost;

	memset(&tr->rec, 0, sizeof(tr->rec));
	*lost = (struct tcptrace_lost) {
		.h = {
			.len = sizeof(*lost),
			.type = TCPTRACE_LOST,
			.seq = tr->records,
			.time = now,
		},
		.count = packets,
		.first = now,
		.last = now,
		.causes = 1U << RECORD_LOST_PACKETS,
	};
	if (tr->handle && !tr->ret)
		tr->ret = tr->handle(tr->data, &tr->rec, 0);
}

/* End a connection because the capture ends. */
static void finish_conn(struct tracker *tr, struct conn *conn)
{
	struct conn_syn syn = conn->syn;

	if (conn->known == CONN_FULL) {
		end_conn(tr, conn, TCPTRACE_CLOSE_CAPTURE);
		return;
	}
	conns_fill(&tr->conns.scratch, conn);
	conn->full = &tr->conns.scratch;
	conn->known = CONN_FULL;
	end_conn(tr, conn, TCPTRACE_CLOSE_CAPTURE);
	conn->syn = syn;
	conn->known = CONN_SYN;
}

/*
 * Finish the counters, look for a SYN flood, and emit CLOSE for the connections
 * that have just ended or are still open.
 * Return: @tr->ret: 0, or the value or error that ended the run.
 */
int tracker_finish(struct tracker *tr)
{
	struct conn *conn;

	tr->frame = 0;
	tr->counts[COUNT_OPEN] = tr->conns.open.len;
	tr->counts[COUNT_FORGOTTEN] = tr->conns.forgotten;
	flood_find(&tr->flood, &tr->conns.open);
	for (conn = tr->conns.ending.oldest; conn && !tr->ret; conn = conn->newer)
		emit_close(tr, conn);
	for (conn = tr->conns.open.oldest; conn && !tr->ret; conn = conn->newer)
		finish_conn(tr, conn);
	return tr->ret;
}

void tracker_free(struct tracker *tr)
{
	conns_free(&tr->conns);
}
