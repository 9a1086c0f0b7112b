// SPDX-License-Identifier: GPL-2.0
#include "gc.h"

#include "end.h"
#include "pack.h"
#include "stats.h"
#include "tracker.h"
#include "walk.h"

#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/rcupdate.h>
#include <linux/rculist_nulls.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/tcptrace.h>

/*
 * A round over the table takes about two seconds. A slice with too much to do
 * ends early, and the next slice begins one jiffy later, so the round may then
 * be shorter or longer. A connection times out at most one round late.
 */
#define GC_INTERVAL	(HZ / 10)

static void expire_locked(struct tcpt_conn *conn, u64 now)
{
	tcpt_stat_inc(conn->ns->stats, TCPT_STAT_EXPIRED);
	tcpt_end_locked(conn, TCPTRACE_CLOSE_NONE, now);
}

static u64 deadline_of(const struct tcpt_conn *conn,
		       const unsigned int *timeouts)
{
	switch (conn->form) {
	case TCPT_FORM_HALF_OPEN:
		return tcpt_request_deadline(&conn->half_open.syn, timeouts);
	case TCPT_FORM_CLEAN:
		return tcpt_clean_last(&conn->compact->clean) +
		       (u64)timeouts[conn->compact->rest.timeout] *
		       NSEC_PER_SEC;
	case TCPT_FORM_PACKED:
		return conn->packed->heard +
		       (u64)timeouts[conn->packed->timeout] * NSEC_PER_SEC;
	default:
		return tcpt_timeout_deadline(&conn->full->track, timeouts);
	}
}

/* If an open connection has been silent for a long time, allow its eviction. */
static void note_quiet(struct tcpt_conn *conn, u64 now)
{
	unsigned int marks;

	if (conn->form == TCPT_FORM_HALF_OPEN)
		return;
	marks = tcpt_conn_marks(conn);
	if (conn->quiet || marks & TCPT_MARK_CLOSED ||
	    !(marks & TCPT_MARK_CONFIRMED) || !tcpt_conn_is_quiet(conn, now))
		return;
	conn->quiet = true;
	tcpt_table_queue(conn->ns->table, conn, TCPT_QUEUE_QUIET);
}

/* Return: the time of the last segment of a full or clean connection, or 0. */
static u64 last_of(const struct tcpt_conn *conn)
{
	switch (conn->form) {
	case TCPT_FORM_FULL:
		return conn->full->track.last;
	case TCPT_FORM_CLEAN:
		return tcpt_clean_last(&conn->compact->clean);
	default:
		return 0;
	}
}

/*
 * Packing pays off only if the connection stays idle. Most intervals between
 * keep-alives, and TIME_WAIT, are not longer than TCPT_GC_IDLE_S.
 */
static void pack_idle(struct tcpt_conn *conn, u64 now)
{
	u64 last = last_of(conn);

	if (!last)
		return;
	if (now < last + (u64)TCPT_GC_IDLE_S * NSEC_PER_SEC) {
		if (conn->form == TCPT_FORM_FULL)
			tcpt_table_clean(conn);
	} else if (conn->form == TCPT_FORM_CLEAN ||
		   conn->full->kept != (u32)last) {
		tcpt_table_shrink(conn);
	}
}

static bool may_become_clean(const struct tcpt_conn *conn)
{
	return conn->form == TCPT_FORM_FULL &&
	       (tcpt_conn_marks(conn) & (TCPT_MARK_CONFIRMED |
					 TCPT_MARK_CLOSED)) ==
	       TCPT_MARK_CONFIRMED;
}

/*
 * Return: when a connection must be examined again, ns. Whenever its timeout
 * may become shorter, tcpt_conn_set_due() is called.
 */
static u64 next_examination(const struct tcpt_conn *conn, u64 deadline, u64 now)
{
	u64 idle = (u64)TCPT_GC_IDLE_S * NSEC_PER_SEC, next = now + idle;
	u64 last = last_of(conn);

	if (last && last + idle > now) {
		next = last + idle;
		if (may_become_clean(conn))
			next = min(next, now + (u64)TCPT_GC_CLEAN_S *
					 NSEC_PER_SEC);
	}
	return min(next, deadline);
}

/**
 * tcpt_gc_bucket - end the timed-out connections of a bucket
 * @tracker: the tracker
 * @bucket: which bucket
 * @now: ns of CLOCK_MONOTONIC
 *
 * The function also packs idle connections of the bucket, if possible, and
 * allows the eviction of connections that have been silent for a long time.
 *
 * Context: process or softirq; does not sleep.
 * Return: how many connections have ended.
 */
unsigned int tcpt_gc_bucket(struct tcpt_tracker *tracker, unsigned int bucket,
			    u64 now)
{
	struct hlist_nulls_head *head = tcpt_table_bucket(&tracker->table,
							  bucket);
	spinlock_t *lock = tcpt_table_lock(&tracker->table, bucket);
	const unsigned int *timeouts = tracker->config->timeouts;
	unsigned int n = 0;
	struct hlist_nulls_node *pos;
	struct tcpt_conn *conn;
	u64 deadline;

	if (hlist_nulls_empty(head))
		return 0;
	spin_lock_bh(lock);
	hlist_nulls_for_each_entry_safe(conn, pos, head, node) {
		spin_lock(&conn->lock);
		deadline = deadline_of(conn, timeouts);
		if (deadline <= now) {
			expire_locked(conn, now);
			n++;
		} else {
			note_quiet(conn, now);
			pack_idle(conn, now);
			tcpt_conn_set_due(conn, next_examination(conn, deadline,
								 now));
		}
		spin_unlock(&conn->lock);
	}
	spin_unlock_bh(lock);
	return n;
}

static void shut_down(struct tcpt_table *table, struct tcpt_conn *conn,
		      u64 now)
{
	spinlock_t *lock = tcpt_table_lock(table, conn->hash);

	spin_lock_bh(lock);
	spin_lock(&conn->lock);
	if (!conn->dead)
		tcpt_end_locked(conn, TCPTRACE_CLOSE_SHUTDOWN, now);
	spin_unlock(&conn->lock);
	spin_unlock_bh(lock);
}

/*
 * Wait until the pending RCU callbacks have run. If more than 10,000 were
 * pending, RCU would run them in batches of up to 3 ms.
 */
static void wait_for_rcu(void)
	__must_hold(RCU)
{
	rcu_read_unlock();
	rcu_barrier();
	rcu_read_lock();
}

/**
 * tcpt_gc_namespace - end all connections of a network namespace
 * @tracker: the tracker
 * @ns: the namespace, which is no longer observed
 * @now: ns of CLOCK_MONOTONIC
 *
 * When the function returns, no CPU accesses @ns through a connection.
 *
 * Context: process; may sleep between two connections.
 */
void tcpt_gc_namespace(struct tcpt_tracker *tracker, struct tcpt_ns *ns,
		       u64 now)
{
	struct tcpt_conn *conn;
	struct tcpt_walk walk;
	unsigned int n = 0;

	tcpt_walk_begin(&walk, &tracker->table, ns);
	rcu_read_lock();
	while ((conn = tcpt_walk_conn(&walk))) {
		shut_down(&tracker->table, conn, now);
		if (++n % TCPT_GC_BATCH == 0)
			wait_for_rcu();
	}
	rcu_read_unlock();
	tcpt_walk_end(&walk);
}

/*
 * Must a connection of the bucket be examined? If a change comes too late for
 * this round, the next round sees it.
 */
static bool is_due(const struct tcpt_table *table, unsigned int bucket, u64 now)
{
	const struct hlist_nulls_node *pos;
	struct tcpt_conn *conn;
	bool due = false;

	rcu_read_lock();
	hlist_nulls_for_each_entry_rcu(conn, pos,
				       tcpt_table_bucket(table, bucket),
				       node) {
		due = tcpt_conn_is_due(conn, now);
		if (due)
			break;
	}
	rcu_read_unlock();
	return due;
}

/* If a timeout has changed, examine each connection in the next round. */
static void note_timeouts(struct tcpt_gc *gc)
{
	const unsigned int *timeouts = gc->tracker->config->timeouts;

	if (!memcmp(gc->timeouts, timeouts, sizeof(gc->timeouts)))
		return;
	memcpy(gc->timeouts, timeouts, sizeof(gc->timeouts));
	gc->all = gc->tracker->table.mask + 1;
}

/**
 * tcpt_gc_slice - expire and pack connections in the next part of the table
 * @gc: the worker
 * @now: the time that deadlines are compared with, ns
 * @clock: function that returns the time, ns; used to measure the slice
 *
 * Context: process; may sleep between two buckets.
 * Return: false if the slice ended early because TCPT_GC_SLICE_NS had passed.
 */
bool tcpt_gc_slice(struct tcpt_gc *gc, u64 now, u64 (*clock)(void))
{
	unsigned int buckets = gc->tracker->table.mask + 1;
	unsigned int i, n = DIV_ROUND_UP(buckets, TCPT_GC_ROUNDS);
	u64 end = clock() + TCPT_GC_SLICE_NS;

	note_timeouts(gc);
	for (i = 0; i < n; i++) {
		if (gc->all || is_due(&gc->tracker->table, gc->next, now))
			tcpt_gc_bucket(gc->tracker, gc->next, now);
		if (gc->all)
			gc->all--;
		gc->next = (gc->next + 1) & gc->tracker->table.mask;
		/* packing the connections of a bucket takes long */
		cond_resched();
		if (i % 64 == 63 && clock() >= end)
			return false;
	}
	return true;
}

static void run_slice(struct work_struct *work)
{
	struct tcpt_gc *gc = container_of(to_delayed_work(work),
					  struct tcpt_gc, work);
	bool done = tcpt_gc_slice(gc, ktime_get_ns(), ktime_get_ns);

	queue_delayed_work(system_power_efficient_wq, &gc->work,
			   done ? GC_INTERVAL : 1);
}

/**
 * tcpt_gc_init - initialize the worker without starting it
 * @gc: filled in
 * @tracker: the tracker whose idle connections the worker expires
 *
 * Context: process.
 */
void tcpt_gc_init(struct tcpt_gc *gc, struct tcpt_tracker *tracker)
{
	gc->tracker = tracker;
	gc->next = 0;
	gc->all = 0;
	memcpy(gc->timeouts, tracker->config->timeouts, sizeof(gc->timeouts));
	INIT_DELAYED_WORK(&gc->work, run_slice);
}

/**
 * tcpt_gc_start - start expiring and packing connections
 * @gc: the worker
 *
 * Context: process.
 */
void tcpt_gc_start(struct tcpt_gc *gc)
{
	queue_delayed_work(system_power_efficient_wq, &gc->work, GC_INTERVAL);
}

/**
 * tcpt_gc_stop - stop expiring and packing connections
 * @gc: the worker
 *
 * Context: process; sleeps until a running slice is over.
 */
void tcpt_gc_stop(struct tcpt_gc *gc)
{
	cancel_delayed_work_sync(&gc->work);
}
