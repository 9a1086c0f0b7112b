// SPDX-License-Identifier: GPL-2.0
#include "outcome.h"

#include "event.h"
#include "stats.h"
#include "table.h"

#include <linux/minmax.h>

static void count_verdict(const struct tcpt_conn *conn,
			  const struct tcpt_result *res)
{
	struct tcpt_stats __percpu *stats = conn->ns->stats;

	if (res->established)
		tcpt_stat_inc(stats, TCPT_STAT_ESTABLISHED);
	if (res->closed)
		tcpt_stat_inc(stats, TCPT_STAT_CLOSED);
	if (res->class > TCPT_CLASS_LATE)
		tcpt_stat_inc(stats, TCPT_STAT_CLASSES + res->class -
				     TCPT_CLASS_BAD_FLAGS);
}

/**
 * tcpt_outcome_apply - tell of a verdict, and queue the connection as it says
 * @conn: the connection
 * @cause: the segment or the time
 * @res: the verdict
 *
 * Context: BH off, conn->lock held.
 */
void tcpt_outcome_apply(struct tcpt_conn *conn, const struct tcpt_cause *cause,
			const struct tcpt_result *res)
{
	lockdep_assert_held(&conn->lock);
	tcpt_event_result(conn, cause, res);
	count_verdict(conn, res);
	if (res->closed)
		tcpt_table_queue(conn->table, conn, TCPT_QUEUE_FINISHED);
	else if (res->confirmed)
		tcpt_table_queue(conn->table, conn, TCPT_QUEUE_NONE);
}

/**
 * tcpt_outcome_finish_locked - it ends without a segment: say so, take it out
 * @conn: a connection that is not dead
 * @now: when, ns
 * @res: the verdict
 *
 * Context: BH off, bucket lock and conn->lock held.
 */
void tcpt_outcome_finish_locked(struct tcpt_conn *conn, u64 now,
				const struct tcpt_result *res)
{
	struct tcpt_cause cause = { .now = max(now, conn->track.last) };

	tcpt_outcome_apply(conn, &cause, res);
	tcpt_table_del_locked(conn->table, conn);
}
