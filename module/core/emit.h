/* SPDX-License-Identifier: GPL-2.0 */
/* Turn the result of a segment or of a timeout into records. */
#ifndef _TCPT_EMIT_H
#define _TCPT_EMIT_H

#include "env.h"
#include "record.h"
#include "record_plain.h"
#include "result.h"

struct tcpt_passage;

/**
 * struct tcpt_sink - where records go
 * @wants: TCPTRACE_MASK() of each record type that a reader wants; records of
 *	other types are not built
 * @reserve: returns memory for a record of @len bytes: @room or other memory,
 *	valid until @commit. Returns NULL if no reader wants the record, or no
 *	reader has room for it. Readers whose event mask has one of the bits
 *	@masks want the record. @cause is the cause of the record.
 * @commit: takes the finished record, whose length and record number @reserve
 *	or @commit sets
 * @data: passed to both functions
 */
struct tcpt_sink {
	u32 wants;
	struct tcptrace_header *(*reserve)(void *data, u32 masks, u32 len,
					   const struct tcpt_cause *cause,
					   struct tcptrace_header *room);
	void (*commit)(void *data, struct tcptrace_header *h);
	void *data;
};

void tcpt_emit_open(const struct tcpt_sink *sink,
		    const struct tcpt_source *source,
		    const struct tcpt_cause *cause);
void tcpt_emit_stray(const struct tcpt_sink *sink, const struct tcpt_flow *flow,
		     unsigned int sender, const struct tcpt_cause *cause);
void tcpt_emit_icmp(const struct tcpt_sink *sink,
		    const struct tcpt_source *source,
		    const struct tcpt_cause *cause,
		    const struct tcptrace_error *error);
void tcpt_emit_owner(const struct tcpt_sink *sink,
		     const struct tcpt_source *source,
		     const struct tcpt_cause *cause);
void tcpt_emit_drop(const struct tcpt_sink *sink,
		    const struct tcpt_source *source,
		    const struct tcpt_cause *cause,
		    const struct tcpt_passage *passage);
void tcpt_emit_stray_icmp(const struct tcpt_sink *sink,
			  const struct tcpt_flow *flow, unsigned int sender,
			  const struct tcpt_cause *cause,
			  const struct tcptrace_error *error);
void tcpt_emit_stray_drop(const struct tcpt_sink *sink,
			  const struct tcpt_flow *flow, unsigned int sender,
			  const struct tcpt_cause *cause,
			  const struct tcpt_passage *passage);
void tcpt_emit_result(const struct tcpt_sink *sink,
		      const struct tcpt_source *source,
		      const struct tcpt_cause *cause,
		      const struct tcpt_result *res);

/**
 * tcpt_emit_segment - emit SEGMENT for a segment of a connection
 * @sink: where the record goes; the caller has checked that the sink wants
 *	SEGMENT
 * @source: the connection
 * @cause: the segment
 *
 * The function is inlined, so that a caller whose sink is a constant calls the
 * sink's functions directly.
 *
 * Context: that of @sink.
 */
static __always_inline void
tcpt_emit_segment(const struct tcpt_sink *sink,
		  const struct tcpt_source *source,
		  const struct tcpt_cause *cause)
{
	struct tcptrace_segment room __uninitialized, *rec;

	rec = (struct tcptrace_segment *)
		sink->reserve(sink->data, TCPTRACE_MASK(TCPTRACE_SEGMENT),
			      sizeof(*rec), cause, &room.h);
	if (!rec)
		return;
	tcpt_record_segment(rec, source, cause);
	sink->commit(sink->data, &rec->h);
}

#endif /* _TCPT_EMIT_H */
