// SPDX-License-Identifier: GPL-2.0
#include "event.h"

#include "stats.h"

#include <linux/compiler.h>
#include <linux/tcptrace.h>

static struct tcpt_subject subject_of(const struct tcpt_conn *conn)
{
	return (struct tcpt_subject) {
		.track = &conn->track,
		.flow = &conn->flow,
		.id = conn->id,
		.orig = conn->orig,
	};
}

/* A record that was made may be for a tracepoint alone. */
static void publish(struct tcpt_ns *ns, const struct tcpt_sight *sight,
		    const struct tcptrace_header *h)
{
	if (tcpt_reader_wants(h->type))
		tcpt_reader_publish(ns, h, sight->packet);
}

/*
 * A record is made by a function of its own, that is not inlined: its room on
 * the stack is zeroed, which is dear where nobody wants it.
 */
static noinline void make_open(const struct tcpt_conn *conn,
			       const struct tcpt_sight *sight)
{
	struct tcpt_subject subject = subject_of(conn);
	struct tcptrace_open rec;

	tcpt_record_open(&rec, &subject, sight);
	trace_tcptrace_open(&rec);
	publish(conn->ns, sight, &rec.h);
}

/**
 * tcpt_event_open - OPEN: a connection enters the table
 * @conn: the connection
 * @sight: its first segment
 *
 * Context: BH off; @conn is locked, or nobody else knows it.
 */
void tcpt_event_open(const struct tcpt_conn *conn,
		     const struct tcpt_sight *sight)
{
	if (tcpt_reader_wants(TCPTRACE_OPEN) || trace_tcptrace_open_enabled())
		make_open(conn, sight);
}

static noinline void make_segment(struct tcpt_ns *ns,
				  const struct tcpt_subject *subject,
				  const struct tcpt_sight *sight)
{
	struct tcptrace_segment rec;

	tcpt_record_segment(&rec, subject, sight);
	trace_tcptrace_segment(&rec);
	publish(ns, sight, &rec.h);
}

/**
 * tcpt_event_segment - SEGMENT: a segment of a connection
 * @conn: the connection
 * @sight: the segment
 *
 * For tcpt_event_wants_segments().
 *
 * Context: BH off; @conn is locked, or nobody else knows it.
 */
void tcpt_event_segment(const struct tcpt_conn *conn,
			const struct tcpt_sight *sight)
{
	struct tcpt_subject subject = subject_of(conn);

	make_segment(conn->ns, &subject, sight);
}

/**
 * tcpt_event_stray - SEGMENT: a segment that belongs to no connection
 * @ns: its network namespace
 * @flow: its flow
 * @sender: which end of @flow sent it; it stands for the originator
 * @sight: the segment
 *
 * The connection id is 0, and the relative numbers are the raw ones. For
 * tcpt_event_wants_segments().
 *
 * Context: any but hard interrupts.
 */
void tcpt_event_stray(struct tcpt_ns *ns, const struct tcpt_flow *flow,
		      unsigned int sender, const struct tcpt_sight *sight)
{
	static const struct tcpt_track none;
	struct tcpt_subject nobody = {
		.track = &none,
		.flow = flow,
		.orig = sender,
	};

	make_segment(ns, &nobody, sight);
}

static noinline void make_state(const struct tcpt_conn *conn,
				const struct tcpt_sight *sight,
				const struct tcpt_step *step, u32 number)
{
	struct tcpt_subject subject = subject_of(conn);
	struct tcptrace_transition rec;

	tcpt_record_state(&rec, &subject, sight, step, number);
	trace_tcptrace_state(&rec);
	publish(conn->ns, sight, &rec.h);
}

static noinline void make_established(const struct tcpt_conn *conn,
				      const struct tcpt_sight *sight)
{
	struct tcpt_subject subject = subject_of(conn);
	struct tcptrace_established rec;

	tcpt_record_established(&rec, &subject, sight);
	trace_tcptrace_established(&rec);
	publish(conn->ns, sight, &rec.h);
}

static noinline void make_suspected(const struct tcpt_conn *conn,
				    const struct tcpt_sight *sight,
				    const struct tcpt_suspicion *suspicion)
{
	struct tcpt_subject subject = subject_of(conn);
	struct tcptrace_suspected rec;

	tcpt_record_suspected(&rec, &subject, sight, suspicion);
	trace_tcptrace_suspected(&rec);
	publish(conn->ns, sight, &rec.h);
}

static noinline void make_close(const struct tcpt_conn *conn,
				const struct tcpt_sight *sight)
{
	struct tcpt_subject subject = subject_of(conn);
	struct tcptrace_close rec;

	tcpt_record_close(&rec, &subject, sight);
	trace_tcptrace_close(&rec);
	publish(conn->ns, sight, &rec.h);
}

static void tell_steps(const struct tcpt_conn *conn,
		       const struct tcpt_sight *sight,
		       const struct tcpt_verdict *v)
{
	u32 number = conn->track.transitions - v->steps;
	unsigned int i;

	if (!tcpt_reader_wants(TCPTRACE_STATE) &&
	    !trace_tcptrace_state_enabled())
		return;
	for (i = 0; i < v->steps; i++)
		make_state(conn, sight, &v->step[i], ++number);
}

/**
 * tcpt_event_verdict - STATE, ESTABLISHED, SUSPECTED and CLOSE
 * @conn: the connection, which the verdict is applied to
 * @sight: the segment or the time
 * @v: the verdict
 *
 * Context: BH off; @conn is locked, or nobody else knows it.
 */
void tcpt_event_verdict(const struct tcpt_conn *conn,
			const struct tcpt_sight *sight,
			const struct tcpt_verdict *v)
{
	if (v->steps)
		tell_steps(conn, sight, v);
	if (v->established && (tcpt_reader_wants(TCPTRACE_ESTABLISHED) ||
			       trace_tcptrace_established_enabled()))
		make_established(conn, sight);
	if (v->suspicion.what && (tcpt_reader_wants(TCPTRACE_SUSPECTED) ||
				  trace_tcptrace_suspected_enabled()))
		make_suspected(conn, sight, &v->suspicion);
	if (v->closed && (tcpt_reader_wants(TCPTRACE_CLOSE) ||
			  trace_tcptrace_close_enabled()))
		make_close(conn, sight);
}
