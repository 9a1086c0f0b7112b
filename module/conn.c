// SPDX-License-Identifier: GPL-2.0
#include "conn.h"

#include "vantage.h"

#include <linux/string.h>

/**
 * tcpt_conn_context - what the only segment of a connection shows of its path
 * @context: filled in
 * @half_open: the segment
 *
 * Context: any; the lock of the connection is held.
 */
void tcpt_conn_context(struct tcptrace_context *context,
		       const struct tcpt_half_open *half_open)
{
	memset(context, 0, sizeof(*context));
	context->path[0].in = half_open->in;
	context->path[0].out = half_open->out;
	context->path[0].mark = half_open->mark;
	if (half_open->in)
		context->owner[0].known = TCPTRACE_KNOWN_REMOTE;
}

/**
 * tcpt_conn_fill - derive the full state from the only segment of a connection
 * @full: filled in
 * @conn: a half-open connection
 *
 * Context: any, conn->lock held.
 */
void tcpt_conn_fill(struct tcpt_full *full, const struct tcpt_conn *conn)
{
	const struct tcpt_half_open *half_open = &conn->half_open;

	lockdep_assert_held(&conn->lock);
	full->vantage[conn->orig] = half_open->vantage;
	full->vantage[!conn->orig] = TCPT_VANTAGE_NONE;
	full->spared = 0;
	full->vantage_log = NULL;
	tcpt_request_track(&half_open->syn, &conn->flow, conn->orig,
			   &full->track);
	tcpt_conn_context(&full->context, half_open);
}

/**
 * tcpt_conn_copy - copy everything known about a connection
 * @full: filled in, except vantage_log
 * @conn: the connection
 *
 * Context: any, conn->lock held.
 */
void tcpt_conn_copy(struct tcpt_full *full, const struct tcpt_conn *conn)
{
	if (conn->is_half_open)
		tcpt_conn_fill(full, conn);
	else
		*full = *conn->full;
	full->vantage_log = NULL;
}
