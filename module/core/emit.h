/* SPDX-License-Identifier: GPL-2.0 */
/* Turns the result of a segment or a timeout into records. */
#ifndef _TCPT_EMIT_H
#define _TCPT_EMIT_H

#include "env.h"
#include "record.h"
#include "result.h"

struct tcpt_passage;

/**
 * struct tcpt_sink - where records go
 * @wants: types that somebody wants, TCPTRACE_MASK() of each; no other record
 *	is made
 * @put: takes a record, which lives as long as the call; @cause is what caused
 *	it
 * @data: passed to @put
 */
struct tcpt_sink {
	u32 wants;
	void (*put)(void *data, struct tcptrace_header *h,
		    const struct tcpt_cause *cause);
	void *data;
};

void tcpt_emit_open(const struct tcpt_sink *sink,
		    const struct tcpt_source *source,
		    const struct tcpt_cause *cause);
void tcpt_emit_segment(const struct tcpt_sink *sink,
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

#endif /* _TCPT_EMIT_H */
