// SPDX-License-Identifier: GPL-2.0
#include "event.h"

#include "pack.h"

#include "core/emit.h"

#include <linux/bottom_half.h>
#include <linux/compiler.h>
#include <linux/tcptrace.h>

/* Return: mask of the types whose tracepoints are enabled, without LIMIT. */
static __always_inline u32 traced(void)
{
	u32 types = 0;

	if (trace_tcptrace_open_enabled())
		types |= TCPTRACE_MASK(TCPTRACE_OPEN);
	if (trace_tcptrace_state_enabled())
		types |= TCPTRACE_MASK(TCPTRACE_STATE);
	if (trace_tcptrace_established_enabled())
		types |= TCPTRACE_MASK(TCPTRACE_ESTABLISHED);
	if (trace_tcptrace_segment_enabled())
		types |= TCPTRACE_MASK(TCPTRACE_SEGMENT);
	if (trace_tcptrace_suspected_enabled())
		types |= TCPTRACE_MASK(TCPTRACE_SUSPECTED);
	if (trace_tcptrace_finding_enabled())
		types |= TCPTRACE_MASK(TCPTRACE_FINDING);
	if (trace_tcptrace_icmp_enabled())
		types |= TCPTRACE_MASK(TCPTRACE_ICMP);
	if (trace_tcptrace_owner_enabled())
		types |= TCPTRACE_MASK(TCPTRACE_OWNER);
	if (trace_tcptrace_drop_enabled())
		types |= TCPTRACE_MASK(TCPTRACE_DROP);
	if (trace_tcptrace_close_enabled())
		types |= TCPTRACE_MASK(TCPTRACE_CLOSE);
	return types;
}

/**
 * tcpt_event_wants_any - check whether any record may be wanted
 *
 * Context: any.
 * Return: true if there is a reader, whatever its mask, or if a tracepoint is
 * enabled; tcptrace_limit does not count.
 */
bool tcpt_event_wants_any(void)
{
	return READ_ONCE(tcpt_readers_mask) | traced();
}

static void trace_record(const struct tcptrace_header *h)
{
	const void *rec = h;

	switch (h->type) {
	case TCPTRACE_OPEN:
		trace_tcptrace_open(rec);
		break;
	case TCPTRACE_STATE:
		trace_tcptrace_state(rec);
		break;
	case TCPTRACE_ESTABLISHED:
		trace_tcptrace_established(rec);
		break;
	case TCPTRACE_SEGMENT:
		trace_tcptrace_segment(rec);
		break;
	case TCPTRACE_SUSPECTED:
		trace_tcptrace_suspected(rec);
		break;
	case TCPTRACE_FINDING:
		trace_tcptrace_finding(rec);
		break;
	case TCPTRACE_ICMP:
		trace_tcptrace_icmp(rec);
		break;
	case TCPTRACE_OWNER:
		trace_tcptrace_owner(rec);
		break;
	case TCPTRACE_DROP:
		trace_tcptrace_drop(rec);
		break;
	case TCPTRACE_CLOSE:
		trace_tcptrace_close(rec);
		break;
	}
}

static struct tcptrace_header *reserve(void *data, u32 masks, u32 len,
				       const struct tcpt_cause *cause,
				       struct tcptrace_header *room)
{
	return tcpt_reader_reserve(data, masks, len, cause->now,
				   cause->packet);
}

static void commit(void *data, struct tcptrace_header *h)
{
	tcpt_reader_commit(data);
}

/*
 * Reserve room for a record. If no reader takes the record, return @room,
 * because the tracepoints need the record.
 */
static struct tcptrace_header *reserve_traced(void *data, u32 masks, u32 len,
					      const struct tcpt_cause *cause,
					      struct tcptrace_header *room)
{
	struct tcpt_delivery *d = data;

	d->reader = NULL;
	return (READ_ONCE(tcpt_readers_mask) & masks ?
		reserve(d, masks, len, cause, room) : NULL) ?: room;
}

static void commit_traced(void *data, struct tcptrace_header *h)
{
	struct tcpt_delivery *d = data;

	trace_record(h);
	if (d->reader)
		tcpt_reader_commit(d);
}

/* Return: a sink that delivers records through @d. */
static struct tcpt_sink sink_of(struct tcpt_delivery *d, struct tcpt_ns *ns)
{
	u32 types = traced();

	d->ns = ns;
	return (struct tcpt_sink) {
		.wants = READ_ONCE(tcpt_readers_mask) | types,
		.reserve = types ? reserve_traced : reserve,
		.commit = types ? commit_traced : commit,
		.data = d,
	};
}

static struct tcpt_source source_from(const struct tcpt_conn *conn,
				      const struct tcpt_full *full)
{
	return (struct tcpt_source) {
		.track = &full->track,
		.flow = &conn->flow,
		.context = &full->context,
		.id = conn->place.id,
		.iss = { full->track.end[0].iss, full->track.end[1].iss },
		.orig = conn->orig,
		.marks = full->track.marks,
	};
}

static struct tcpt_source source_from_clean(const struct tcpt_conn *conn)
{
	const struct tcpt_compact *compact = conn->compact;
	const struct tcpt_clean_end *end = compact->clean.end;

	return (struct tcpt_source) {
		.flow = &conn->flow,
		.id = conn->place.id,
		.iss = { end[0].iss, end[1].iss },
		.orig = conn->orig,
		.marks = compact->rest.marks,
	};
}

/* The form of @conn must be TCPT_FORM_FULL. */
static struct tcpt_source source_of(const struct tcpt_conn *conn)
{
	return source_from(conn, conn->full);
}

/**
 * tcpt_event_open - report that a connection enters the table
 * @conn: the connection
 * @cause: its first segment
 *
 * Context: BH off; @conn is locked, or not in the table yet.
 */
void tcpt_event_open(const struct tcpt_conn *conn,
		     const struct tcpt_cause *cause)
{
	struct tcpt_delivery delivery __uninitialized;
	struct tcpt_source source = source_of(conn);
	struct tcpt_sink sink = sink_of(&delivery, conn->ns);

	tcpt_emit_open(&sink, &source, cause);
}

/**
 * tcpt_event_syn - report the first SYN of a connection
 * @conn: the connection, which may be half-open
 * @full: its state after the SYN, as far as the records need it
 * @cause: the SYN
 * @res: its result
 *
 * Context: BH off; @conn is locked.
 */
void tcpt_event_syn(const struct tcpt_conn *conn, const struct tcpt_full *full,
		    const struct tcpt_cause *cause,
		    const struct tcpt_result *res)
{
	struct tcpt_delivery delivery __uninitialized;
	struct tcpt_source source = source_from(conn, full);
	struct tcpt_sink sink = sink_of(&delivery, conn->ns);

	tcpt_emit_open(&sink, &source, cause);
	if (sink.wants & TCPTRACE_MASK(TCPTRACE_SEGMENT))
		tcpt_emit_segment(&sink, &source, cause);
	tcpt_emit_result(&sink, &source, cause, res);
}

static noinline void emit_traced(const struct tcpt_conn *conn,
				 const struct tcpt_source *source,
				 const struct tcpt_cause *cause)
{
	struct tcpt_delivery delivery __uninitialized;
	struct tcpt_sink sink = sink_of(&delivery, conn->ns);

	tcpt_emit_segment(&sink, source, cause);
}

static __always_inline void report_segment(const struct tcpt_conn *conn,
					   const struct tcpt_source source,
					   const struct tcpt_cause *cause)
{
	struct tcpt_delivery delivery __uninitialized;
	struct tcpt_sink sink __uninitialized;

	if (trace_tcptrace_segment_enabled()) {
		emit_traced(conn, &source, cause);
		return;
	}
	delivery.ns = conn->ns;
	sink.reserve = reserve;
	sink.commit = commit;
	sink.data = &delivery;
	tcpt_emit_segment(&sink, &source, cause);
}

/**
 * tcpt_event_segment - report a segment of a connection
 * @conn: the connection, which is full
 * @cause: the segment
 *
 * Context: BH off; @conn is locked, or not in the table yet.
 */
void tcpt_event_segment(const struct tcpt_conn *conn,
			const struct tcpt_cause *cause)
{
	report_segment(conn, source_of(conn), cause);
}

/**
 * tcpt_event_expected - report a segment that a fast path has tracked
 * @conn: the connection, which is full or clean
 * @seg: the segment
 * @packet: the packet of @seg
 * @hook: enum tcptrace_hook
 * @from: the sender: 0 for the originator, 1 for the responder
 * @rtt: the round trip time that @seg measures, ns, 0 if none
 *
 * Context: BH off, conn->lock held.
 */
void tcpt_event_expected(const struct tcpt_conn *conn,
			 const struct tcpt_segment *seg, const void *packet,
			 u8 hook, u8 from, u64 rtt)
{
	bool clean = conn->form == TCPT_FORM_CLEAN;
	struct tcpt_cause cause = {
		.seg = seg,
		.packet = packet,
		.now = clean ? tcpt_clean_last(&conn->compact->clean) :
			       conn->full->track.last,
		.rtt = rtt,
		.hook = hook,
		.from = from,
	};

	report_segment(conn, clean ? source_from_clean(conn) : source_of(conn),
		       &cause);
}

/**
 * tcpt_event_stray - report a segment that belongs to no connection
 * @ns: network namespace of the segment
 * @flow: flow of the segment
 * @sender: the end of @flow that sent the segment
 * @cause: the segment
 *
 * Context: any but hard interrupts.
 */
void tcpt_event_stray(struct tcpt_ns *ns, const struct tcpt_flow *flow,
		      unsigned int sender, const struct tcpt_cause *cause)
{
	struct tcpt_delivery delivery __uninitialized;
	struct tcpt_sink sink = sink_of(&delivery, ns);

	local_bh_disable();
	tcpt_emit_stray(&sink, flow, sender, cause);
	local_bh_enable();
}

/**
 * tcpt_event_icmp - report an ICMP error that quotes a segment of a connection
 * @conn: the connection
 * @cause: the quoted segment
 * @error: the error
 *
 * Context: BH off, conn->lock held.
 */
void tcpt_event_icmp(const struct tcpt_conn *conn,
		     const struct tcpt_cause *cause,
		     const struct tcptrace_error *error)
{
	struct tcpt_delivery delivery __uninitialized;
	struct tcpt_source source = source_of(conn);
	struct tcpt_sink sink = sink_of(&delivery, conn->ns);

	tcpt_emit_icmp(&sink, &source, cause, error);
}

/**
 * tcpt_event_stray_icmp - report an ICMP error that belongs to no connection
 * @ns: network namespace of the error
 * @flow: the flow of the segment
 * @sender: the end of @flow that sent the segment
 * @cause: the quoted segment
 * @error: the error
 *
 * Context: any but hard interrupts.
 */
void tcpt_event_stray_icmp(struct tcpt_ns *ns, const struct tcpt_flow *flow,
			   unsigned int sender, const struct tcpt_cause *cause,
			   const struct tcptrace_error *error)
{
	struct tcpt_delivery delivery __uninitialized;
	struct tcpt_sink sink = sink_of(&delivery, ns);

	local_bh_disable();
	tcpt_emit_stray_icmp(&sink, flow, sender, cause, error);
	local_bh_enable();
}

/**
 * tcpt_event_owner - report the owner of an end
 * @conn: the connection
 * @cause: the segment that the end sent
 *
 * Context: BH off, conn->lock held.
 */
void tcpt_event_owner(const struct tcpt_conn *conn,
		      const struct tcpt_cause *cause)
{
	struct tcpt_delivery delivery __uninitialized;
	struct tcpt_source source = source_of(conn);
	struct tcpt_sink sink = sink_of(&delivery, conn->ns);

	tcpt_emit_owner(&sink, &source, cause);
}

/**
 * tcpt_event_drop - report that this host dropped a segment of a connection
 * @conn: the connection
 * @cause: the segment
 * @passage: why and where the segment was dropped
 *
 * Context: BH off, conn->lock held.
 */
void tcpt_event_drop(const struct tcpt_conn *conn,
		     const struct tcpt_cause *cause,
		     const struct tcpt_passage *passage)
{
	struct tcpt_delivery delivery __uninitialized;
	struct tcpt_source source = source_of(conn);
	struct tcpt_sink sink = sink_of(&delivery, conn->ns);

	tcpt_emit_drop(&sink, &source, cause, passage);
}

/**
 * tcpt_event_stray_drop - report a drop that belongs to no connection
 * @ns: network namespace of the dropped segment
 * @flow: flow of the segment
 * @sender: the end of @flow that sent the segment
 * @cause: the segment
 * @passage: why and where the segment was dropped
 *
 * Context: any but hard interrupts.
 */
void tcpt_event_stray_drop(struct tcpt_ns *ns, const struct tcpt_flow *flow,
			   unsigned int sender, const struct tcpt_cause *cause,
			   const struct tcpt_passage *passage)
{
	struct tcpt_delivery delivery __uninitialized;
	struct tcpt_sink sink = sink_of(&delivery, ns);

	local_bh_disable();
	tcpt_emit_stray_drop(&sink, flow, sender, cause, passage);
	local_bh_enable();
}

/**
 * tcpt_event_result - report the result of a segment or of a timeout
 * @conn: the connection; the result has been applied to it
 * @cause: the segment or the timeout
 * @res: the result
 *
 * Context: BH off; @conn is locked, or not in the table yet.
 */
void tcpt_event_result(const struct tcpt_conn *conn,
		       const struct tcpt_cause *cause,
		       const struct tcpt_result *res)
{
	struct tcpt_delivery delivery __uninitialized;
	struct tcpt_source source;
	struct tcpt_sink sink;

	if (!tcpt_result_reports(res))
		return;
	sink = sink_of(&delivery, conn->ns);
	if (!sink.wants)
		return;
	source = source_of(conn);
	tcpt_emit_result(&sink, &source, cause, res);
}
