// SPDX-License-Identifier: GPL-2.0
#include "expiry.h"

#include "outcome.h"
#include "stats.h"

#include "core/timeout.h"
#include "core/result.h"

#include <linux/sched.h>
#include <linux/tcptrace.h>

static void end_locked(struct tcpt_conn *conn, bool shutdown, u64 now)
{
	struct tcpt_result res;

	if (shutdown) {
		tcpt_timeout_close(&conn->track, TCPTRACE_CLOSE_SHUTDOWN, &res);
	} else {
		tcpt_timeout_expire(&conn->track, &res);
		tcpt_stat_inc(conn->ns->stats, TCPT_STAT_EXPIRED);
	}
	tcpt_outcome_finish_locked(conn, now, &res);
}

/* End those of a bucket that are due or, with @ns, all of that namespace. */
static unsigned int sweep(struct tcpt_tracker *tracker, unsigned int bucket,
			  const struct tcpt_ns *ns, u64 now)
{
	struct hlist_head *head = tcpt_table_bucket(&tracker->table, bucket);
	spinlock_t *lock = tcpt_table_lock(&tracker->table, bucket);
	const unsigned int *timeouts = tracker->config->timeouts;
	unsigned int n = 0;
	struct tcpt_conn *conn;
	struct hlist_node *next;

	if (hlist_empty(head))
		return 0;
	spin_lock_bh(lock);
	hlist_for_each_entry_safe(conn, next, head, node) {
		spin_lock(&conn->lock);
		if (ns ? conn->ns == ns :
		    tcpt_timeout_deadline(&conn->track, timeouts) <= now) {
			end_locked(conn, ns, now);
			n++;
		}
		spin_unlock(&conn->lock);
	}
	spin_unlock_bh(lock);
	return n;
}

/**
 * tcpt_expiry_bucket - end the connections of a bucket that have timed out
 * @tracker: the tracker
 * @bucket: which bucket
 * @now: ns of CLOCK_MONOTONIC
 *
 * Context: process or softirq; does not sleep.
 * Return: how many.
 */
unsigned int tcpt_expiry_bucket(struct tcpt_tracker *tracker,
				unsigned int bucket, u64 now)
{
	return sweep(tracker, bucket, NULL, now);
}

/**
 * tcpt_expiry_namespace - end all connections of a network namespace
 * @tracker: the tracker
 * @ns: the namespace; no segment of it is observed any more
 * @now: ns of CLOCK_MONOTONIC
 *
 * When it returns no CPU is busy with a connection of @ns any more.
 *
 * Context: process; may sleep.
 */
void tcpt_expiry_namespace(struct tcpt_tracker *tracker,
			   const struct tcpt_ns *ns, u64 now)
{
	unsigned int bucket;

	for (bucket = 0; bucket <= tracker->table.mask; bucket++) {
		sweep(tracker, bucket, ns, now);
		cond_resched();
	}
	/* a bucket that looked empty may have had its last one just taken out */
	tcpt_table_wait(&tracker->table);
}
