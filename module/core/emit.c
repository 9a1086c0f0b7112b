// SPDX-License-Identifier: GPL-2.0
/*
 * Each record is built in the memory that the sink chooses. For a sink without
 * memory of its own, that memory is a variable on the stack, which is not
 * zeroed. The put_*() functions with such a variable are not inlined, so that
 * their callers need no stack for the variable if there is no record.
 */
#include "emit.h"

#include "mask.h"
#include "record_plain.h"
#include "segment.h"
#include "tcb.h"

#include <linux/tcptrace.h>

#define MASK(type)	TCPTRACE_MASK(TCPTRACE_##type)

static bool wants(const struct tcpt_sink *sink, unsigned int type)
{
	return sink->wants & TCPTRACE_MASK(type);
}

static void *reserve(const struct tcpt_sink *sink, u32 masks, void *room,
		     size_t len, const struct tcpt_cause *cause)
{
	return sink->reserve(sink->data, masks, (u32)len, cause, room);
}

static noinline void put_open(const struct tcpt_sink *sink,
			      const struct tcpt_source *source,
			      const struct tcpt_cause *cause)
{
	struct tcptrace_open room __uninitialized, *rec;

	rec = reserve(sink, MASK(OPEN), &room, sizeof(room), cause);
	if (!rec)
		return;
	tcpt_record_open(rec, source, cause);
	sink->commit(sink->data, &rec->h);
}

/**
 * tcpt_emit_open - emit OPEN for a connection that enters the table
 * @sink: where the record goes
 * @source: the connection
 * @cause: its first segment
 *
 * Context: that of @sink.
 */
void tcpt_emit_open(const struct tcpt_sink *sink,
		    const struct tcpt_source *source,
		    const struct tcpt_cause *cause)
{
	if (wants(sink, TCPTRACE_OPEN))
		put_open(sink, source, cause);
}

/* A segment without a connection: its sender is treated as the originator. */
static struct tcpt_source stray(const struct tcpt_flow *flow,
				unsigned int sender)
{
	static const struct tcpt_track none;

	return (struct tcpt_source) {
		.track = &none,
		.flow = flow,
		.orig = (u8)sender,
	};
}

/**
 * tcpt_emit_stray - emit SEGMENT for a segment that belongs to no connection
 * @sink: where the record goes, if the sink wants SEGMENT
 * @flow: its flow
 * @sender: the end of @flow that sent the segment, treated as the originator
 * @cause: the segment
 *
 * The connection id is 0, and the relative sequence numbers equal the raw ones.
 *
 * Context: that of @sink.
 */
void tcpt_emit_stray(const struct tcpt_sink *sink, const struct tcpt_flow *flow,
		     unsigned int sender, const struct tcpt_cause *cause)
{
	struct tcpt_source source = stray(flow, sender);

	if (wants(sink, TCPTRACE_SEGMENT))
		tcpt_emit_segment(sink, &source, cause);
}

static noinline void put_state(const struct tcpt_sink *sink,
			       const struct tcpt_source *source,
			       const struct tcpt_cause *cause,
			       const struct tcpt_step *step, u32 number)
{
	struct tcptrace_transition room __uninitialized, *rec;

	rec = reserve(sink, MASK(STATE), &room, sizeof(room), cause);
	if (!rec)
		return;
	tcpt_record_state(rec, source, cause, step, number);
	sink->commit(sink->data, &rec->h);
}

static void put_states(const struct tcpt_sink *sink,
		       const struct tcpt_source *source,
		       const struct tcpt_cause *cause,
		       const struct tcpt_result *res)
{
	u32 number = source->track->transitions - res->steps;
	unsigned int i;

	for (i = 0; i < res->steps; i++)
		put_state(sink, source, cause, &res->step[i], ++number);
}

static noinline void put_established(const struct tcpt_sink *sink,
				     const struct tcpt_source *source,
				     const struct tcpt_cause *cause)
{
	struct tcptrace_established room __uninitialized, *rec;

	rec = reserve(sink, MASK(ESTABLISHED), &room, sizeof(room), cause);
	if (!rec)
		return;
	tcpt_record_established(rec, source, cause);
	sink->commit(sink->data, &rec->h);
}

static noinline void put_suspected(const struct tcpt_sink *sink,
				   const struct tcpt_source *source,
				   const struct tcpt_cause *cause,
				   const struct tcpt_suspicion *suspicion)
{
	struct tcpt_cause past = *cause;
	struct tcptrace_suspected room __uninitialized, *rec;
	struct tcpt_segment seg;

	if (suspicion->pending) {
		tcpt_pending_segment(&source->track->pending, cause->seg, false,
				     &seg);
		past.seg = &seg;
	}
	rec = reserve(sink, TCPT_MASK_SUSPECTED, &room, sizeof(room), cause);
	if (!rec)
		return;
	tcpt_record_suspected(rec, source, &past, suspicion);
	sink->commit(sink->data, &rec->h);
}

static noinline void put_finding(const struct tcpt_sink *sink,
				 const struct tcpt_source *source,
				 const struct tcpt_cause *cause,
				 const struct tcpt_finding *finding)
{
	struct tcptrace_finding_record room __uninitialized, *rec;

	rec = reserve(sink, MASK(FINDING), &room, sizeof(room), cause);
	if (!rec)
		return;
	tcpt_record_finding(rec, source, cause, finding);
	sink->commit(sink->data, &rec->h);
}

static void put_findings(const struct tcpt_sink *sink,
			 const struct tcpt_source *source,
			 const struct tcpt_cause *cause,
			 const struct tcpt_result *res)
{
	unsigned int i;

	for (i = 0; i < res->findings; i++)
		put_finding(sink, source, cause, &res->finding[i]);
}

static noinline void put_close(const struct tcpt_sink *sink,
			       const struct tcpt_source *source,
			       const struct tcpt_cause *cause)
{
	struct tcptrace_close room __uninitialized, *rec;
	u32 masks;

	masks = tcpt_mask_close(source->track->close_reason);
	rec = reserve(sink, masks, &room, sizeof(room), cause);
	if (!rec)
		return;
	tcpt_record_close(rec, source, cause);
	sink->commit(sink->data, &rec->h);
}

/**
 * tcpt_emit_icmp - emit ICMP for an error that quotes a segment
 * @sink: where the record goes
 * @source: the connection; its id is 0 if there is no connection
 * @cause: the quoted segment
 * @error: the error
 *
 * Context: that of @sink.
 */
void tcpt_emit_icmp(const struct tcpt_sink *sink,
		    const struct tcpt_source *source,
		    const struct tcpt_cause *cause,
		    const struct tcptrace_error *error)
{
	struct tcptrace_icmp room __uninitialized, *rec;

	if (!wants(sink, TCPTRACE_ICMP))
		return;
	rec = reserve(sink, MASK(ICMP), &room, sizeof(room), cause);
	if (!rec)
		return;
	tcpt_record_icmp(rec, source, cause, error);
	sink->commit(sink->data, &rec->h);
}

/**
 * tcpt_emit_stray_icmp - emit ICMP for an error about an unknown connection
 * @sink: where the record goes
 * @flow: the flow of the segment
 * @sender: the end of @flow that sent the segment
 * @cause: the quoted segment
 * @error: the error
 *
 * Context: that of @sink.
 */
void tcpt_emit_stray_icmp(const struct tcpt_sink *sink,
			  const struct tcpt_flow *flow, unsigned int sender,
			  const struct tcpt_cause *cause,
			  const struct tcptrace_error *error)
{
	struct tcpt_source source = stray(flow, sender);

	tcpt_emit_icmp(sink, &source, cause, error);
}

/**
 * tcpt_emit_owner - emit OWNER when the owner of an end is known
 * @sink: where the record goes
 * @source: the connection; it has a context
 * @cause: the segment that the end sent
 *
 * Context: that of @sink.
 */
void tcpt_emit_owner(const struct tcpt_sink *sink,
		     const struct tcpt_source *source,
		     const struct tcpt_cause *cause)
{
	struct tcptrace_owner_record room __uninitialized, *rec;

	if (!wants(sink, TCPTRACE_OWNER))
		return;
	rec = reserve(sink, MASK(OWNER), &room, sizeof(room), cause);
	if (!rec)
		return;
	tcpt_record_owner(rec, source, cause);
	sink->commit(sink->data, &rec->h);
}

/**
 * tcpt_emit_drop - emit DROP for a segment that this host dropped
 * @sink: where the record goes
 * @source: the connection; its id is 0 if there is no connection
 * @cause: the segment
 * @passage: why and where the segment was dropped
 *
 * Context: that of @sink.
 */
void tcpt_emit_drop(const struct tcpt_sink *sink,
		    const struct tcpt_source *source,
		    const struct tcpt_cause *cause,
		    const struct tcpt_passage *passage)
{
	struct tcptrace_drop room __uninitialized, *rec;

	if (!wants(sink, TCPTRACE_DROP))
		return;
	rec = reserve(sink, MASK(DROP), &room, sizeof(room), cause);
	if (!rec)
		return;
	tcpt_record_drop(rec, source, cause, passage);
	sink->commit(sink->data, &rec->h);
}

/**
 * tcpt_emit_stray_drop - emit DROP for a segment of an unknown connection
 * @sink: where the record goes
 * @flow: its flow
 * @sender: the end of @flow that sent the segment
 * @cause: the segment
 * @passage: why and where the segment was dropped
 *
 * Context: that of @sink.
 */
void tcpt_emit_stray_drop(const struct tcpt_sink *sink,
			  const struct tcpt_flow *flow, unsigned int sender,
			  const struct tcpt_cause *cause,
			  const struct tcpt_passage *passage)
{
	struct tcpt_source source = stray(flow, sender);

	tcpt_emit_drop(sink, &source, cause, passage);
}

/**
 * tcpt_emit_result - emit the records of a result
 * @sink: where the records go
 * @source: the connection, after the result has been applied to it
 * @cause: the segment or the timeout
 * @res: the result
 *
 * The records are STATE, ESTABLISHED, SUSPECTED, FINDING and CLOSE, in this
 * order.
 *
 * Context: that of @sink.
 */
void tcpt_emit_result(const struct tcpt_sink *sink,
		      const struct tcpt_source *source,
		      const struct tcpt_cause *cause,
		      const struct tcpt_result *res)
{
	if (res->steps && wants(sink, TCPTRACE_STATE))
		put_states(sink, source, cause, res);
	if (res->established && wants(sink, TCPTRACE_ESTABLISHED))
		put_established(sink, source, cause);
	if (res->suspicion.what && wants(sink, TCPTRACE_SUSPECTED))
		put_suspected(sink, source, cause, &res->suspicion);
	if (res->findings && wants(sink, TCPTRACE_FINDING))
		put_findings(sink, source, cause, res);
	if (res->closed && wants(sink, TCPTRACE_CLOSE))
		put_close(sink, source, cause);
}
