// SPDX-License-Identifier: GPL-2.0
#include "outcome.h"

#include "event.h"
#include "stats.h"
#include "table.h"

#include <linux/minmax.h>

static void count_verdict(const struct tcpt_conn *conn,
			  const struct tcpt_verdict *v)
{
	struct tcpt_stats __percpu *stats = conn->ns->stats;

	if (v->established)
		tcpt_stat_inc(stats, TCPT_STAT_ESTABLISHED);
	if (v->closed)
		tcpt_stat_inc(stats, TCPT_STAT_CLOSED);
	if (v->class > TCPT_CLASS_LATE)
		tcpt_stat_inc(stats, TCPT_STAT_CLASSES + v->class -
				     TCPT_CLASS_BAD_FLAGS);
}

/**
 * tcpt_outcome_apply - tell of a verdict, and queue the connection as it says
 * @conn: the connection
 * @sight: the segment or the time
 * @v: the verdict
 *
 * Context: BH off, conn->lock held.
 */
void tcpt_outcome_apply(struct tcpt_conn *conn, const struct tcpt_sight *sight,
			const struct tcpt_verdict *v)
{
	lockdep_assert_held(&conn->lock);
	tcpt_event_verdict(conn, sight, v);
	count_verdict(conn, v);
	if (v->closed)
		tcpt_table_queue(conn->table, conn, TCPT_QUEUE_FINISHED);
	else if (v->confirmed)
		tcpt_table_queue(conn->table, conn, TCPT_QUEUE_NONE);
}

/**
 * tcpt_outcome_finish_locked - it ends without a segment: say so, take it out
 * @conn: a connection that is not dead
 * @now: when, ns
 * @v: the verdict
 *
 * Context: BH off, bucket lock and conn->lock held.
 */
void tcpt_outcome_finish_locked(struct tcpt_conn *conn, u64 now,
				const struct tcpt_verdict *v)
{
	struct tcpt_sight sight = { .now = max(now, conn->track.last) };

	tcpt_outcome_apply(conn, &sight, v);
	tcpt_table_del_locked(conn->table, conn);
}
