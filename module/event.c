// SPDX-License-Identifier: GPL-2.0
#include "event.h"

#include "stats.h"

#include <linux/compiler.h>
#include <linux/tcptrace.h>

static struct tcpt_source source_of(const struct tcpt_conn *conn)
{
	return (struct tcpt_source) {
		.track = &conn->track,
		.flow = &conn->flow,
		.id = conn->id,
		.orig = conn->orig,
	};
}

/* A record that was made may be for a tracepoint alone. */
static void publish(struct tcpt_ns *ns, const struct tcpt_cause *cause,
		    const struct tcptrace_header *h)
{
	if (tcpt_reader_wants(h->type))
		tcpt_reader_publish(ns, h, cause->packet);
}

/*
 * A record is made by a function of its own, that is not inlined: its room on
 * the stack is zeroed, which is dear where nobody wants it.
 */
static noinline void make_open(const struct tcpt_conn *conn,
			       const struct tcpt_cause *cause)
{
	struct tcpt_source source = source_of(conn);
	struct tcptrace_open rec;

	tcpt_record_open(&rec, &source, cause);
	trace_tcptrace_open(&rec);
	publish(conn->ns, cause, &rec.h);
}

/**
 * tcpt_event_open - OPEN: a connection enters the table
 * @conn: the connection
 * @cause: its first segment
 *
 * Context: BH off; @conn is locked, or nobody else knows it.
 */
void tcpt_event_open(const struct tcpt_conn *conn,
		     const struct tcpt_cause *cause)
{
	if (tcpt_reader_wants(TCPTRACE_OPEN) || trace_tcptrace_open_enabled())
		make_open(conn, cause);
}

static noinline void make_segment(struct tcpt_ns *ns,
				  const struct tcpt_source *source,
				  const struct tcpt_cause *cause)
{
	struct tcptrace_segment rec;

	tcpt_record_segment(&rec, source, cause);
	trace_tcptrace_segment(&rec);
	publish(ns, cause, &rec.h);
}

/**
 * tcpt_event_segment - SEGMENT: a segment of a connection
 * @conn: the connection
 * @cause: the segment
 *
 * For tcpt_event_wants_segments().
 *
 * Context: BH off; @conn is locked, or nobody else knows it.
 */
void tcpt_event_segment(const struct tcpt_conn *conn,
			const struct tcpt_cause *cause)
{
	struct tcpt_source source = source_of(conn);

	make_segment(conn->ns, &source, cause);
}

/**
 * tcpt_event_stray - SEGMENT: a segment that belongs to no connection
 * @ns: its network namespace
 * @flow: its flow
 * @sender: which end of @flow sent it; it stands for the originator
 * @cause: the segment
 *
 * The connection id is 0, and the relative numbers are the raw ones. For
 * tcpt_event_wants_segments().
 *
 * Context: any but hard interrupts.
 */
void tcpt_event_stray(struct tcpt_ns *ns, const struct tcpt_flow *flow,
		      unsigned int sender, const struct tcpt_cause *cause)
{
	static const struct tcpt_track none;
	struct tcpt_source nobody = {
		.track = &none,
		.flow = flow,
		.orig = sender,
	};

	make_segment(ns, &nobody, cause);
}

static noinline void make_state(const struct tcpt_conn *conn,
				const struct tcpt_cause *cause,
				const struct tcpt_step *step, u32 number)
{
	struct tcpt_source source = source_of(conn);
	struct tcptrace_transition rec;

	tcpt_record_state(&rec, &source, cause, step, number);
	trace_tcptrace_state(&rec);
	publish(conn->ns, cause, &rec.h);
}

static noinline void make_established(const struct tcpt_conn *conn,
				      const struct tcpt_cause *cause)
{
	struct tcpt_source source = source_of(conn);
	struct tcptrace_established rec;

	tcpt_record_established(&rec, &source, cause);
	trace_tcptrace_established(&rec);
	publish(conn->ns, cause, &rec.h);
}

static noinline void make_suspected(const struct tcpt_conn *conn,
				    const struct tcpt_cause *cause,
				    const struct tcpt_suspicion *suspicion)
{
	struct tcpt_source source = source_of(conn);
	struct tcptrace_suspected rec;

	tcpt_record_suspected(&rec, &source, cause, suspicion);
	trace_tcptrace_suspected(&rec);
	publish(conn->ns, cause, &rec.h);
}

static noinline void make_close(const struct tcpt_conn *conn,
				const struct tcpt_cause *cause)
{
	struct tcpt_source source = source_of(conn);
	struct tcptrace_close rec;

	tcpt_record_close(&rec, &source, cause);
	trace_tcptrace_close(&rec);
	publish(conn->ns, cause, &rec.h);
}

static void tell_steps(const struct tcpt_conn *conn,
		       const struct tcpt_cause *cause,
		       const struct tcpt_result *res)
{
	u32 number = conn->track.transitions - res->steps;
	unsigned int i;

	if (!tcpt_reader_wants(TCPTRACE_STATE) &&
	    !trace_tcptrace_state_enabled())
		return;
	for (i = 0; i < res->steps; i++)
		make_state(conn, cause, &res->step[i], ++number);
}

/**
 * tcpt_event_result - STATE, ESTABLISHED, SUSPECTED and CLOSE
 * @conn: the connection, which the verdict is applied to
 * @cause: the segment or the time
 * @res: the verdict
 *
 * Context: BH off; @conn is locked, or nobody else knows it.
 */
void tcpt_event_result(const struct tcpt_conn *conn,
		       const struct tcpt_cause *cause,
		       const struct tcpt_result *res)
{
	if (res->steps)
		tell_steps(conn, cause, res);
	if (res->established && (tcpt_reader_wants(TCPTRACE_ESTABLISHED) ||
				 trace_tcptrace_established_enabled()))
		make_established(conn, cause);
	if (res->suspicion.what && (tcpt_reader_wants(TCPTRACE_SUSPECTED) ||
				    trace_tcptrace_suspected_enabled()))
		make_suspected(conn, cause, &res->suspicion);
	if (res->closed && (tcpt_reader_wants(TCPTRACE_CLOSE) ||
			    trace_tcptrace_close_enabled()))
		make_close(conn, cause);
}
