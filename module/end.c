// SPDX-License-Identifier: GPL-2.0
#include "end.h"

#include "event.h"
#include "limit.h"
#include "stats.h"
#include "table.h"

#include "core/result.h"
#include "core/timeout.h"

#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/spinlock.h>

static void end_full(struct tcpt_conn *conn, enum tcptrace_close_reason reason,
		     u64 now)
{
	struct tcpt_track *t = &conn->full->track;
	struct tcpt_cause cause = { .now = max(now, t->last) };
	struct tcpt_result res;

	if (reason == TCPTRACE_CLOSE_NONE)
		tcpt_timeout_expire(t, &res);
	else
		tcpt_timeout_close(t, reason, &res);
	tcpt_event_result(conn, &cause, &res);
	tcpt_stat_result(conn->ns->stats, &res);
}

/*
 * End a connection that has no full state. Create the state in the scratch
 * memory, only for this call.
 */
static noinline void end_from_scratch(struct tcpt_conn *conn,
				      enum tcptrace_close_reason reason, u64 now)
{
	struct tcpt_scratch *scratch = tcpt_table_scratch(conn->ns->table);
	struct tcpt_half_open half_open = conn->half_open;
	enum tcpt_form form = conn->form;

	spin_lock(&scratch->lock);
	tcpt_conn_copy(&scratch->full, conn);
	conn->full = &scratch->full;
	conn->form = TCPT_FORM_FULL;
	end_full(conn, reason, now);
	conn->half_open = half_open;	/* or the pointer to the state */
	conn->form = form;
	spin_unlock(&scratch->lock);
}

/* The end of an open connection is counted, and may raise a finding. */
static bool is_open(const struct tcpt_conn *conn)
{
	return conn->form != TCPT_FORM_HALF_OPEN &&
	       !(tcpt_conn_marks(conn) & TCPT_MARK_CLOSED);
}

/* As tcpt_end_locked(), but do not free the connection. */
static __always_inline void remove_locked(struct tcpt_conn *conn,
					  enum tcptrace_close_reason reason,
					  u64 now)
{
	if (conn->form == TCPT_FORM_FULL)
		end_full(conn, reason, now);
	else if (tcpt_event_wants_any() || is_open(conn))
		end_from_scratch(conn, reason, now);
	else if (conn->form == TCPT_FORM_HALF_OPEN)
		tcpt_stat_inc(conn->ns->stats, TCPT_STAT_CLOSED);
	tcpt_table_del_locked(conn->ns->table, conn);
}

/**
 * tcpt_end_locked - end a connection without a segment
 * @conn: a connection that is not dead; the function removes it
 * @reason: reason of the end; TCPTRACE_CLOSE_NONE if @conn has timed out
 * @now: time of the end, ns
 *
 * Context: BH off, bucket lock and conn->lock held.
 */
void tcpt_end_locked(struct tcpt_conn *conn, enum tcptrace_close_reason reason,
		     u64 now)
{
	struct tcpt_table *table = conn->ns->table;

	remove_locked(conn, reason, now);
	tcpt_table_free(table, conn);
}

static bool is_evictable(const struct tcpt_conn *conn, u64 now)
{
	unsigned int marks;

	if (conn->dead || conn->form == TCPT_FORM_HALF_OPEN)
		return !conn->dead;
	marks = tcpt_conn_marks(conn);
	return marks & TCPT_MARK_CLOSED || !(marks & TCPT_MARK_CONFIRMED) ||
	       tcpt_conn_is_quiet(conn, now);
}

/*
 * If only one direction of a connection passes this host, CONFIRMED is never
 * set, even on a busy connection. If such a connection has had an acceptable
 * segment since it was last spared, spare it: move it to the end of its queue.
 */
static bool spare(struct tcpt_conn *conn)
{
	if (conn->dead || conn->form != TCPT_FORM_FULL ||
	    conn->queue != TCPT_QUEUE_NONE ||
	    !(conn->full->track.marks & TCPT_MARK_ONE_WAY) ||
	    conn->full->track.heard == conn->full->spared)
		return false;
	conn->full->spared = conn->full->track.heard;
	tcpt_table_queue(conn->ns->table, conn, TCPT_QUEUE_HALF_OPEN);
	return true;
}

/*
 * Evict a connection without freeing it. @may_spare: the caller can try again
 * with a different victim. Return: false if @conn was spared, or if it may no
 * longer be evicted.
 */
static bool evict(struct tcpt_table *table, struct tcpt_conn *conn, u64 now,
		  bool may_spare)
{
	spinlock_t *lock = tcpt_table_lock(table, conn->hash);
	bool evictable;

	spin_lock(lock);
	spin_lock(&conn->lock);
	evictable = is_evictable(conn, now) && !(may_spare && spare(conn));
	if (evictable) {
		tcpt_stat_inc(conn->ns->stats, TCPT_STAT_EVICTED);
		remove_locked(conn, TCPTRACE_CLOSE_EVICTED, now);
	} else {
		conn->quiet = false;
		tcpt_conn_set_due(conn, now);
	}
	spin_unlock(&conn->lock);
	spin_unlock(lock);
	return evictable;
}

/**
 * tcpt_end_oldest - make room for a new connection in a crowded table
 * @ns: network namespace of the new connection
 * @flow: the new connection
 * @receiver: the end of @flow that receives its first segment
 * @now: the time, ns
 *
 * A half-open connection that is evicted can be used again at once, so that a
 * flood neither frees nor allocates memory: see tcpt_table_del_locked().
 *
 * Context: BH off, under rcu_read_lock(), no lock held.
 * Return: a dead connection of @ns, or NULL. The caller makes it the new
 * connection, or calls tcpt_table_free_unused().
 */
struct tcpt_conn *tcpt_end_oldest(struct tcpt_ns *ns,
				  const struct tcpt_flow *flow,
				  unsigned int receiver, u64 now)
{
	struct tcpt_hit hit = { .now = now, .flow = flow, .receiver = receiver };
	struct tcpt_table *table = ns->table;
	struct tcpt_conn *conn, *again = NULL;
	enum tcptrace_limit_kind limit;
	unsigned int n = 0;

	do {
		conn = tcpt_table_victim(table, &limit);
		if (!conn)
			break;
		if (!evict(table, conn, now, n + 1 < TCPT_END_EVICTIONS))
			continue;
		hit.kind = limit;
		hit.evicted = conn;
		tcpt_limit_hit(ns->limits, &hit);
		if (!again && conn->form == TCPT_FORM_HALF_OPEN &&
		    conn->ns == ns)
			again = conn;
		else
			tcpt_table_free(table, conn);
	} while (++n < TCPT_END_EVICTIONS && tcpt_table_is_crowded(table));
	return again;
}
