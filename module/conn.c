// SPDX-License-Identifier: GPL-2.0
#include "conn.h"

#include "pack.h"
#include "vantage.h"

#include <linux/string.h>
#include <linux/time64.h>

/**
 * tcpt_conn_marks - get the marks of a connection
 * @conn: a connection that is not half-open
 *
 * Context: any; the connection lock is held.
 * Return: enum tcpt_mark, ORed.
 */
unsigned int tcpt_conn_marks(const struct tcpt_conn *conn)
{
	switch (conn->form) {
	case TCPT_FORM_CLEAN:
		return conn->compact->rest.marks;
	case TCPT_FORM_PACKED:
		return conn->packed->marks;
	default:
		return conn->full->track.marks;
	}
}

static u64 heard(const struct tcpt_conn *conn)
{
	switch (conn->form) {
	case TCPT_FORM_CLEAN:
		return tcpt_clean_last(&conn->compact->clean);
	case TCPT_FORM_PACKED:
		return conn->packed->heard;
	default:
		return conn->full->track.heard;
	}
}

/**
 * tcpt_conn_is_quiet - check whether an open connection may be evicted
 * @conn: a connection that is not half-open
 * @now: ns of CLOCK_MONOTONIC
 *
 * Context: any; the connection lock is held.
 * Return: true if @conn has had no acceptable segment for TCPT_CONN_QUIET_S.
 */
bool tcpt_conn_is_quiet(const struct tcpt_conn *conn, u64 now)
{
	return now > heard(conn) + (u64)TCPT_CONN_QUIET_S * NSEC_PER_SEC;
}

/**
 * tcpt_conn_context - derive the context of a half-open connection from its SYN
 * @context: all zero; filled in
 * @half_open: the connection
 *
 * Context: any; the connection lock is held.
 */
void tcpt_conn_context(struct tcptrace_context *context,
		       const struct tcpt_half_open *half_open)
{
	context->path[0].in = half_open->in;
	context->path[0].out = half_open->out;
	context->path[0].mark = half_open->mark;
	if (half_open->in)
		context->owner[0].known = TCPTRACE_KNOWN_REMOTE;
}

/* Derive the full state of a half-open connection from its SYN. */
static void fill(struct tcpt_full *full, const struct tcpt_conn *conn)
{
	const struct tcpt_half_open *half_open = &conn->half_open;

	full->vantage[conn->orig] = half_open->vantage;
	tcpt_request_track(&half_open->syn, &conn->flow, conn->orig,
			   &full->track);
	tcpt_conn_context(&full->context, half_open);
}

/**
 * tcpt_conn_expand - derive the full state of a connection that is not full
 * @full: all zero; filled in
 * @conn: the connection
 *
 * Context: any, conn->lock held.
 */
void tcpt_conn_expand(struct tcpt_full *full, const struct tcpt_conn *conn)
{
	lockdep_assert_held(&conn->lock);
	if (conn->form == TCPT_FORM_HALF_OPEN)
		fill(full, conn);
	else if (conn->form == TCPT_FORM_CLEAN)
		tcpt_unpack_clean(full, conn->compact);
	else
		tcpt_unpack(full, conn->packed);
}

/**
 * tcpt_conn_copy - copy everything known about a connection
 * @full: filled in; vantage_log is NULL
 * @conn: the connection
 *
 * Context: any, conn->lock held.
 */
void tcpt_conn_copy(struct tcpt_full *full, const struct tcpt_conn *conn)
{
	lockdep_assert_held(&conn->lock);
	if (conn->form == TCPT_FORM_FULL) {
		*full = *conn->full;
		full->vantage_log = NULL;
		return;
	}
	memset(full, 0, sizeof(*full));
	tcpt_conn_expand(full, conn);
}
