// SPDX-License-Identifier: GPL-2.0
#include "offline.h"

#include "core/timeout.h"
#include "core/mask.h"
#include "core/open.h"
#include "core/record.h"
#include "core/segment.h"
#include "core/result.h"

#include <errno.h>

/**
 * offline_init - begin a capture
 * @o: filled in
 * @mask: event mask
 * @handle: called with each record
 * @data: passed to @handle
 *
 * Return: 0 or a negative error number.
 */
int offline_init(struct offline *o, u32 mask,
		 int (*handle)(void *data, const union record *rec, u64 frame),
		 void *data)
{
	memset(o, 0, sizeof(*o));
	o->mask = mask;
	o->types = tcpt_mask_types(mask);
	o->handle = handle;
	o->data = data;
	return conns_init(&o->conns);
}

static bool wants(const struct offline *o, unsigned int type)
{
	return o->types & TCPTRACE_MASK(type) && o->ret == 0;
}

static void publish(struct offline *o)
{
	if (!tcpt_mask_wants(o->mask, &o->rec.h))
		return;
	o->rec.h.seq = o->records++;
	o->ret = o->handle(o->data, &o->rec, o->frame);
}

static struct tcpt_source source_of(const struct conn *conn)
{
	return (struct tcpt_source) {
		.track = &conn->track,
		.flow = &conn->flow,
		.id = conn->id,
		.orig = conn->orig,
	};
}

static void tell_open(struct offline *o, const struct conn *conn,
		      const struct tcpt_cause *cause)
{
	struct tcpt_source source = source_of(conn);

	if (!wants(o, TCPTRACE_OPEN))
		return;
	tcpt_record_open(&o->rec.open, &source, cause);
	publish(o);
}

static void tell_segment(struct offline *o, const struct tcpt_source *source,
			 const struct tcpt_cause *cause)
{
	tcpt_record_segment(&o->rec.segment, source, cause);
	publish(o);
}

static void tell_steps(struct offline *o, const struct tcpt_source *source,
		       const struct tcpt_cause *cause,
		       const struct tcpt_result *res)
{
	u32 number = source->track->transitions - res->steps;
	unsigned int i;

	for (i = 0; i < res->steps && wants(o, TCPTRACE_STATE); i++) {
		tcpt_record_state(&o->rec.state, source, cause, &res->step[i],
				  ++number);
		publish(o);
	}
}

/* In the order of the module's tcpt_event_result(). */
static void tell_verdict(struct offline *o, const struct conn *conn,
			 const struct tcpt_cause *cause,
			 const struct tcpt_result *res)
{
	struct tcpt_source source = source_of(conn);

	tell_steps(o, &source, cause, res);
	if (res->established && wants(o, TCPTRACE_ESTABLISHED)) {
		tcpt_record_established(&o->rec.established, &source, cause);
		publish(o);
	}
	if (res->suspicion.what && wants(o, TCPTRACE_SUSPECTED)) {
		tcpt_record_suspected(&o->rec.suspected, &source, cause,
				      &res->suspicion);
		publish(o);
	}
	if (res->closed && wants(o, TCPTRACE_CLOSE)) {
		tcpt_record_close(&o->rec.close, &source, cause);
		publish(o);
	}
}

static void count_verdict(struct offline *o, const struct tcpt_result *res)
{
	o->counts[COUNT_ESTABLISHED] += res->established;
	o->counts[COUNT_CLOSED] += res->closed;
	o->counts[COUNT_SUSPECTED] += res->suspicion.what != 0;
	if (res->class > TCPT_CLASS_LATE)
		o->counts[COUNT_CLASSES + res->class - TCPT_CLASS_BAD_FLAGS]++;
}

/* Tell of a verdict, and put the connection into the list that it says. */
static void carry_out(struct offline *o, struct conn *conn,
		      const struct tcpt_cause *cause,
		      const struct tcpt_result *res)
{
	if (unlikely(tcpt_result_reports(res)))
		tell_verdict(o, conn, cause, res);
	count_verdict(o, res);
	if (res->closed)
		conns_remember(&o->conns, conn);
}

/* The connection ends without a segment. Return: true unless it was closed. */
static bool end_conn(struct offline *o, struct conn *conn, u8 reason)
{
	struct tcpt_cause cause = { .now = o->last };
	struct tcpt_result res;

	tcpt_timeout_close(&conn->track, reason, &res);
	if (conn->track.last > cause.now)
		cause.now = conn->track.last;
	tell_verdict(o, conn, &cause, &res);
	return res.closed;
}

/* One segment of a connection. Return: false if another takes over. */
static bool track(struct offline *o, struct conn *conn,
		  struct tcpt_cause *cause)
{
	struct tcpt_source source;
	struct tcpt_result res;

	tcpt_track_segment(&conn->track, cause->from, cause->seg, cause->now,
			   &res);
	if (res.reopen)
		return false;
	o->counts[res.class == TCPT_CLASS_LATE ? COUNT_LATE : COUNT_TRACKED]++;
	cause->found = res.found;
	cause->rtt = res.rtt;
	if (wants(o, TCPTRACE_SEGMENT)) {
		source = source_of(conn);
		tell_segment(o, &source, cause);
	}
	carry_out(o, conn, cause, &res);
	return true;
}

/* A pair of ends gets a connection; what the analysis knows of it stays. */
static void open_conn(struct offline *o, struct conn *conn, unsigned int sender,
		      struct tcpt_cause *cause)
{
	bool self = tcpt_flow_is_self(&conn->flow);
	bool by_originator = self || tcpt_open_by_originator(cause->seg);
	struct tcpt_wireshark before;
	struct tcpt_result res;
	unsigned int orig;

	orig = by_originator ? sender : !sender;
	before = conn->track.wireshark;
	if (orig != conn->orig)
		tcpt_wireshark_swap(&before);
	conn->orig = (u8)orig;
	conn->id = ++o->opened;
	conns_open(&o->conns, conn);
	cause->from = (u8)(sender ^ orig);
	memset(&conn->track, 0, sizeof(conn->track));
	tcpt_open_track(&conn->track, cause->seg, self, cause->now, &before,
			&res);
	tell_open(o, conn, cause);
	carry_out(o, conn, cause, &res);
	track(o, conn, cause);
	o->counts[COUNT_OPENED]++;
	if (conn->track.marks & TCPT_MARK_MIDSTREAM)
		o->counts[COUNT_MIDSTREAM]++;
}

/* A segment that belongs to no connection: its sender is the originator. */
static void stray(struct offline *o, struct conn *conn, unsigned int sender,
		  struct tcpt_cause *cause)
{
	static const struct tcpt_track none;
	struct tcpt_source nobody = {
		.track = &none,
		.flow = &conn->flow,
		.orig = (u8)sender,
	};

	cause->found = tcpt_wireshark_segment(&conn->track.wireshark,
					      sender ^ conn->orig, cause->seg,
					      cause->now);
	if (wants(o, TCPTRACE_SEGMENT))
		tell_segment(o, &nobody, cause);
}

static void visit_unknown(struct offline *o, struct conn *conn,
			  unsigned int sender, struct tcpt_cause *cause)
{
	switch (tcpt_open_admit(cause->seg)) {
	case TCPT_OPEN_STRAY_RST:
		o->counts[COUNT_STRAY_RST]++;
		break;
	case TCPT_OPEN_STRAY_FIN:
		o->counts[COUNT_STRAY_FIN]++;
		break;
	case TCPT_OPEN_BAD_FLAGS:
		o->counts[COUNT_BAD_FLAGS]++;
		break;
	default:
		open_conn(o, conn, sender, cause);
		return;
	}
	stray(o, conn, sender, cause);
}

static void visit_known(struct offline *o, struct conn *conn,
			unsigned int sender, struct tcpt_cause *cause)
{
	cause->from = (u8)(sender ^ conn->orig);
	if (track(o, conn, cause))
		return;
	o->counts[COUNT_REUSED]++;
	o->counts[COUNT_CLOSED] += end_conn(o, conn, TCPTRACE_CLOSE_REUSED);
	open_conn(o, conn, sender, cause);
}

static void count_options(struct offline *o, u16 present)
{
	o->counts[COUNT_OPT_UNKNOWN] += !!(present & TCPTRACE_OPT_UNKNOWN);
	o->counts[COUNT_OPT_MALFORMED] += !!(present & TCPTRACE_OPT_MALFORMED);
}

static int visit(struct offline *o, const struct arrival *a)
{
	struct tcpt_cause cause = {
		.seg = &a->seg,
		.now = a->now,
		.hook = RECORD_HOOK_FILE,
	};
	struct conn *conn;

	conn = conns_get(&o->conns, &a->flow, a->hash);
	if (!conn)
		return -ENOMEM;
	o->frame = a->frame;
	if (a->now > o->last)
		o->last = a->now;
	count_options(o, a->seg.opt.present);
	if (a->broken)
		stray(o, conn, a->sender, &cause);
	else if (conn->id)
		visit_known(o, conn, a->sender, &cause);
	else
		visit_unknown(o, conn, a->sender, &cause);
	return o->ret;
}

/**
 * offline_address - whose segment is it?
 * @o: the capture
 * @a: the segment; its flow, hash and sender are filled in
 *
 * It looks at nothing that ever changes, so any thread may call it.
 */
void offline_address(const struct offline *o, struct arrival *a)
{
	a->sender = tcpt_flow_init(&a->flow, &a->seg, 0, 0);
	a->hash = conns_hash(&o->conns, &a->flow);
}

/**
 * offline_segments - the next segments of the capture
 * @o: the capture
 * @arrivals: the segments, addressed
 * @n: how many
 *
 * To wait for memory takes longer than all the rest: what several segments
 * need is fetched while the first of them are worked on.
 *
 * Return: 0, what the handler returned if that was not 0, or -ENOMEM.
 */
int offline_segments(struct offline *o, const struct arrival *arrivals,
		     size_t n)
{
	const struct arrival *a, *end = arrivals + n;
	int ret = 0;

	for (a = arrivals; a < end; a++)
		conns_seek(&o->conns, a->hash);
	for (a = arrivals; a < end; a++)
		conns_expect(&o->conns, a->hash);
	for (a = arrivals; a < end && ret == 0; a++)
		ret = visit(o, a);
	return ret;
}

/**
 * offline_finish - the capture ends, and with it what is still open
 * @o: the capture
 *
 * Return: 0, or what the handler returned if that was not 0.
 */
int offline_finish(struct offline *o)
{
	struct conn *conn;

	o->frame = 0;
	o->counts[COUNT_OPEN] = o->conns.open.len;
	o->counts[COUNT_FORGOTTEN] = o->conns.forgotten;
	for (conn = o->conns.open.oldest; conn && !o->ret; conn = conn->newer)
		end_conn(o, conn, TCPTRACE_CLOSE_CAPTURE);
	return o->ret;
}

/**
 * offline_free - forget a capture
 * @o: the capture
 */
void offline_free(struct offline *o)
{
	conns_free(&o->conns);
}
