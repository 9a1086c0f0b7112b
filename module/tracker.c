// SPDX-License-Identifier: GPL-2.0
#include "tracker.h"

#include "delay.h"
#include "event.h"
#include "limit.h"
#include "stats.h"
#include "vantage.h"

#include "core/fastpath.h"
#include "core/fate.h"
#include "core/finding.h"
#include "core/icmp.h"
#include "core/open.h"
#include "core/result.h"
#include "core/segment.h"
#include "core/timeout.h"
#include "core/track.h"

#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/rcupdate.h>
#include <linux/tcptrace.h>

/* A segment on its way through the tracker. */
struct visit {
	struct tcpt_tracker *tracker;
	const struct tcpt_arrival *arrival;
	struct tcpt_flow flow;
	u32 hash;
	unsigned int sender;	/* which end of flow sent it */
	const struct tcpt_conn *old;	/* the dead one that it takes over */
	enum tcpt_stat stat;	/* what counts it, once it is VISITED */
	struct tcpt_pending syn; /* the SYN that it answers or repeats, or NONE */
};

enum progress {
	VISITED,
	RETRY,		/* another CPU changed the table: look it up again */
	REOPEN,		/* it opens another connection in place of this one */
};

static struct tcpt_cause cause_of(const struct visit *visit, unsigned int orig)
{
	return (struct tcpt_cause) {
		.seg = visit->arrival->seg,
		.packet = visit->arrival->packet,
		.now = visit->arrival->now,
		.hook = visit->arrival->hook,
		.from = visit->sender ^ orig,
	};
}

/* A server's socket has no inode until accept() gives it a file. */
static void note_owner(struct tcpt_conn *conn, unsigned int from,
		       const struct tcpt_owner *owner)
{
	if (owner->known && !conn->owner[from].inode)
		conn->owner[from] = *owner;
}

static void count_result(const struct tcpt_conn *conn,
			 const struct tcpt_result *res)
{
	struct tcpt_stats __percpu *stats = conn->ns->stats;
	unsigned int i;

	if (res->established)
		tcpt_stat_inc(stats, TCPT_STAT_ESTABLISHED);
	if (res->closed)
		tcpt_stat_inc(stats, TCPT_STAT_CLOSED);
	if (res->class > TCPT_CLASS_LATE)
		tcpt_stat_inc(stats, tcpt_stat_of_class[res->class]);
	for (i = 0; i < res->findings; i++)
		tcpt_stat_inc(stats, TCPT_STAT_FINDING(res->finding[i].kind));
}

/**
 * tcpt_tracker_apply - emit, count and queue what a result says
 * @conn: the connection
 * @cause: the segment or the time
 * @res: what the segment or the time did
 *
 * Context: BH off, conn->lock held.
 */
void tcpt_tracker_apply(struct tcpt_conn *conn, const struct tcpt_cause *cause,
			const struct tcpt_result *res)
{
	lockdep_assert_held(&conn->lock);
	tcpt_event_result(conn, cause, res);
	count_result(conn, res);
	if (res->closed)
		tcpt_table_queue(conn->table, conn, TCPT_QUEUE_FINISHED);
	else if (res->confirmed)
		tcpt_table_queue(conn->table, conn, TCPT_QUEUE_NONE);
}

/**
 * tcpt_tracker_finish_locked - emit the end of a connection and remove it
 * @conn: a connection that is not dead
 * @now: when, ns
 * @res: what the segment or the time did
 *
 * Context: BH off, bucket lock and conn->lock held.
 */
void tcpt_tracker_finish_locked(struct tcpt_conn *conn, u64 now,
				const struct tcpt_result *res)
{
	struct tcpt_cause cause = { .now = max(now, conn->track.last) };

	tcpt_tracker_apply(conn, &cause, res);
	tcpt_table_del_locked(conn->table, conn);
}

/* Another CPU may have tracked a later segment first. */
static u64 time_of(const struct visit *visit, const struct tcpt_conn *conn)
{
	return max(visit->arrival->now, conn->track.last);
}

/* Return: VISITED or REOPEN. */
static noinline enum progress track_fully(struct tcpt_conn *conn,
					  struct visit *visit)
{
	struct tcpt_cause cause = cause_of(visit, conn->orig);
	struct tcpt_result res;

	cause.now = time_of(visit, conn);
	tcpt_track_fully(&conn->track, cause.from, cause.seg, cause.now, &res);
	if (res.reopen)
		return REOPEN;
	cause.found = res.found;
	cause.rtt = res.rtt;
	cause.rexmit = res.rexmit;
	note_owner(conn, cause.from, &visit->arrival->owner);
	if (tcpt_event_wants_segments())
		tcpt_event_segment(conn, &cause);
	tcpt_tracker_apply(conn, &cause, &res);
	visit->stat = res.class == TCPT_CLASS_LATE ? TCPT_STAT_LATE :
						     TCPT_STAT_TRACKED;
	return VISITED;
}

static noinline void report_fast(const struct tcpt_conn *conn,
				 const struct visit *visit, u64 rtt)
{
	struct tcpt_cause cause = cause_of(visit, conn->orig);

	cause.now = conn->track.last;
	cause.rtt = rtt;
	tcpt_event_segment(conn, &cause);
}

/* Another vantage than that of the segments before. */
static noinline bool is_copy(struct tcpt_conn *conn, const struct visit *visit)
{
	const struct tcpt_vantage_pass pass = {
		.seg = visit->arrival->seg,
		.x = &conn->track.end[visit->sender ^ conn->orig],
		.now = visit->arrival->now,
		.vantage = visit->arrival->vantage,
		.sender = visit->sender,
	};

	return tcpt_vantage_is_copy(&pass, conn->vantage, &conn->vantage_log);
}

/* It changes nothing but the finding. */
static noinline enum progress pass_copy(struct tcpt_conn *conn,
					struct visit *visit)
{
	struct tcpt_cause cause = cause_of(visit, conn->orig);
	struct tcpt_result res;

	visit->stat = TCPT_STAT_COPY;
	if (conn->track.marks & TCPT_MARK_CLOSED)
		return VISITED;
	cause.now = time_of(visit, conn);
	tcpt_result_init(&res);
	tcpt_finding_raise(&res, &conn->track, TCPTRACE_FINDING_SEEN_TWICE,
			   TCPT_NOBODY, 1, 0);
	tcpt_tracker_apply(conn, &cause, &res);
	return VISITED;
}

/* One segment of a connection that is locked. Return: as track_fully(). */
static enum progress track(struct tcpt_conn *conn, struct visit *visit)
{
	const struct tcpt_arrival *arrival = visit->arrival;
	unsigned int from = visit->sender ^ conn->orig;
	u64 rtt;

	if (unlikely(conn->vantage[visit->sender] != arrival->vantage) &&
	    is_copy(conn, visit))
		return pass_copy(conn, visit);
	if (!tcpt_fastpath_segment(&conn->track, from, arrival->seg,
				   time_of(visit, conn), &rtt))
		return track_fully(conn, visit);
	note_owner(conn, from, &arrival->owner);
	if (tcpt_event_wants_segments())
		report_fast(conn, visit, rtt);
	visit->stat = TCPT_STAT_TRACKED;
	return VISITED;
}

static void close_locked(struct tcpt_conn *conn,
			 enum tcptrace_close_reason reason, u64 now)
{
	struct tcpt_result res;

	tcpt_timeout_close(&conn->track, reason, &res);
	tcpt_tracker_finish_locked(conn, now, &res);
}

/*
 * A SYN, or the answer to one, opens a new connection in place of the old one.
 * The connection was found without its locks: another CPU may have ended it, or
 * opened it anew, in the meantime.
 */
static noinline void close_reused(struct tcpt_conn *conn, struct visit *visit)
{
	unsigned int from = visit->sender ^ conn->orig;
	spinlock_t *lock = tcpt_table_lock(conn->table, conn->hash);

	spin_lock_bh(lock);
	spin_lock(&conn->lock);
	if (!conn->dead && tcpt_open_anew(&conn->track, from,
					  visit->arrival->seg)) {
		tcpt_open_take_syn(&conn->track, from, visit->arrival->seg,
				   &visit->syn);
		tcpt_stat_inc(conn->ns->stats, TCPT_STAT_REUSED);
		close_locked(conn, TCPTRACE_CLOSE_REUSED, visit->arrival->now);
	}
	spin_unlock(&conn->lock);
	spin_unlock_bh(lock);
}

/**
 * tcpt_tracker_is_quiet - may an open connection be evicted?
 * @conn: the connection
 * @now: ns of CLOCK_MONOTONIC
 *
 * Context: BH off, conn->lock held.
 * Return: true if it has heard nothing acceptable for TCPT_TRACKER_QUIET_S.
 */
bool tcpt_tracker_is_quiet(const struct tcpt_conn *conn, u64 now)
{
	return now > conn->track.heard + TCPT_TRACKER_QUIET_S * NSEC_PER_SEC;
}

static bool is_evictable(const struct tcpt_conn *conn, u64 now)
{
	unsigned int marks = conn->track.marks;

	return !conn->dead && ((marks & TCPT_MARK_CLOSED) ||
			       !(marks & TCPT_MARK_CONFIRMED) ||
			       tcpt_tracker_is_quiet(conn, now));
}

/*
 * CONFIRMED is never set if the other direction passes elsewhere, however busy
 * the connection is. Such a connection goes to the end of its queue, once for
 * each segment.
 */
static bool spare(struct tcpt_conn *conn)
{
	if (conn->dead || conn->queue != TCPT_QUEUE_NONE ||
	    !(conn->track.marks & TCPT_MARK_ONE_WAY) ||
	    conn->track.heard == conn->spared)
		return false;
	conn->spared = conn->track.heard;
	tcpt_table_queue(conn->table, conn, TCPT_QUEUE_HALF_OPEN);
	return true;
}

/*
 * @may_spare: there is another try.
 * Return: false if it was spared, or if another CPU ended or confirmed it in
 * the meantime.
 */
static bool evict_conn(struct tcpt_conn *conn, u64 now, bool may_spare)
{
	spinlock_t *lock = tcpt_table_lock(conn->table, conn->hash);
	bool evictable;

	spin_lock_bh(lock);
	spin_lock(&conn->lock);
	conn->quiet = false;
	evictable = is_evictable(conn, now) && !(may_spare && spare(conn));
	if (evictable) {
		tcpt_stat_inc(conn->ns->stats, TCPT_STAT_EVICTED);
		close_locked(conn, TCPTRACE_CLOSE_EVICTED, now);
	}
	spin_unlock(&conn->lock);
	spin_unlock_bh(lock);
	return evictable;
}

/* The segment reaches a limit; an @evicted connection is dead. */
static void note_limit(const struct visit *visit, unsigned int kind,
		       const struct tcpt_conn *evicted)
{
	struct tcpt_hit hit = {
		.kind = kind, .evicted = evicted,
		.flow = &visit->flow, .receiver = !visit->sender,
		.now = visit->arrival->now,
	};

	tcpt_limit_hit(visit->arrival->ns->limits, &hit);
}

/* Make room for one connection. */
static void evict(const struct visit *visit)
{
	enum tcptrace_limit_kind limit;
	struct tcpt_conn *conn;
	unsigned int i;

	for (i = 0; i < TCPT_TRACKER_EVICTIONS; i++) {
		conn = tcpt_table_victim(&visit->tracker->table, &limit);
		if (!conn)
			return;
		if (evict_conn(conn, visit->arrival->now,
			       i + 1 < TCPT_TRACKER_EVICTIONS))
			note_limit(visit, limit, conn);
	}
}

static enum progress visit_known(struct visit *visit, struct tcpt_conn *conn)
{
	enum progress ret;

	tcpt_delay(TCPT_DELAY_LOOKUP);
	spin_lock_bh(&conn->lock);
	ret = conn->dead ? RETRY : track(conn, visit);
	spin_unlock_bh(&conn->lock);
	if (ret == REOPEN) {
		visit->old = conn;
		close_reused(conn, visit);
	}
	return ret;
}

/* Open a connection with the segment of @cause, which is not tracked yet. */
static void open_track(struct tcpt_conn *conn, const struct visit *visit,
		       const struct tcpt_cause *cause)
{
	const struct tcpt_conn *old = visit->old;
	struct tcpt_result res;

	tcpt_open_track(&conn->track, cause->seg,
			tcpt_flow_is_self(&conn->flow), cause->now,
			old ? &old->track.wireshark : NULL, &res);
	if (old && old->orig != conn->orig)
		tcpt_wireshark_swap(&conn->track.wireshark);
	tcpt_event_open(conn, cause);
	tcpt_tracker_apply(conn, cause, &res);
}

/* The SYN was seen earlier and seemed to belong to the old connection. */
static noinline void open_with_syn(struct tcpt_conn *conn, struct visit *visit)
{
	struct tcpt_cause cause = cause_of(visit, conn->orig);
	struct tcpt_segment seg;
	struct tcpt_result res;

	tcpt_pending_segment(&visit->syn, cause.seg, cause.from, &seg);
	cause.seg = &seg;
	cause.from = 0;
	cause.now = visit->syn.first;
	open_track(conn, visit, &cause);
	while (tcpt_pending_next(&visit->syn, &cause.now)) {
		tcpt_track_fully(&conn->track, 0, &seg, cause.now, &res);
		tcpt_tracker_apply(conn, &cause, &res);
	}
}

/* The first segment of a connection that is not in the table yet. */
static void begin_conn(struct tcpt_conn *conn, struct visit *visit)
{
	struct tcpt_stats __percpu *stats = conn->ns->stats;
	struct tcpt_cause cause = cause_of(visit, conn->orig);

	lockdep_assert_held(&conn->lock);
	conn->track.fate.watched = tcpt_event_wants_fate();
	if (visit->syn.kind)
		open_with_syn(conn, visit);
	else
		open_track(conn, visit, &cause);
	track_fully(conn, visit);
	tcpt_stat_inc(stats, TCPT_STAT_OPENED);
	if (conn->track.marks & TCPT_MARK_MIDSTREAM)
		tcpt_stat_inc(stats, TCPT_STAT_MIDSTREAM);
}

static struct tcpt_conn *make_conn(struct visit *visit)
{
	struct tcpt_conn *conn;

	conn = tcpt_table_alloc(&visit->tracker->table);
	if (!conn)
		return NULL;
	conn->flow = visit->flow;
	conn->hash = visit->hash;
	conn->ns = visit->arrival->ns;
	conn->vantage[visit->sender] = visit->arrival->vantage;
	conn->orig = visit->syn.kind ? visit->syn.from ^ visit->old->orig :
		     tcpt_open_originator(visit->arrival->seg,
					  tcpt_flow_is_self(&visit->flow),
					  visit->sender);
	return conn;
}

/* Put a new connection into the table. Return: 0 or why not, -errno. */
static int insert_conn(struct visit *visit, struct tcpt_conn *conn)
{
	struct tcpt_table *table = &visit->tracker->table;
	spinlock_t *lock = tcpt_table_lock(table, visit->hash);
	int ret;

	spin_lock_bh(lock);
	spin_lock(&conn->lock);
	/* another CPU may have opened it since the lookup */
	ret = tcpt_table_find(table, &visit->flow, visit->hash) ? -EEXIST :
	      tcpt_table_admit_locked(table, conn);
	if (!ret) {
		begin_conn(conn, visit);
		tcpt_table_add_locked(table, conn);
	}
	spin_unlock(&conn->lock);
	spin_unlock_bh(lock);
	return ret;
}

static enum progress open_conn(struct visit *visit)
{
	struct tcpt_conn *conn;
	int ret;

	evict(visit);
	conn = make_conn(visit);
	if (!conn) {
		visit->stat = TCPT_STAT_NO_MEMORY;
		return VISITED;
	}
	tcpt_delay(TCPT_DELAY_INSERT);
	ret = insert_conn(visit, conn);
	if (!ret) {
		visit->stat = TCPT_STAT_TRACKED;
		return VISITED;
	}
	tcpt_table_free_unused(conn->table, conn);
	if (ret == -EEXIST) {
		tcpt_stat_inc(visit->arrival->ns->stats, TCPT_STAT_INSERT_RACE);
		return RETRY;
	}
	visit->stat = ret == -ENFILE ? TCPT_STAT_TABLE_FULL :
				       TCPT_STAT_CHAIN_FULL;
	return VISITED;
}

/* Only a socket of this host can be connected to itself: RFC 9293 3.9.2.3. */
static bool is_forged(const struct visit *visit)
{
	return visit->arrival->hook != TCPTRACE_HOOK_OUT &&
	       tcpt_flow_is_self(&visit->flow);
}

static enum progress visit_unknown(struct visit *visit)
{
	if (is_forged(visit)) {
		visit->stat = TCPT_STAT_STRAY_SELF;
		return VISITED;
	}
	if (tcpt_open_admit(visit->arrival->seg) == TCPT_OPEN_BAD_FLAGS) {
		visit->stat = TCPT_STAT_BAD_FLAGS;
		return VISITED;
	}
	return open_conn(visit);
}

/* Report a segment of no connection. */
static noinline void report_untracked(const struct visit *visit)
{
	struct tcpt_cause cause = cause_of(visit, visit->sender);

	switch (visit->stat) {
	case TCPT_STAT_TABLE_FULL:
		note_limit(visit, TCPTRACE_LIMIT_FULL, NULL);
		break;
	case TCPT_STAT_CHAIN_FULL:
		note_limit(visit, TCPTRACE_LIMIT_CHAIN, NULL);
		break;
	case TCPT_STAT_NO_MEMORY:
		note_limit(visit, TCPTRACE_LIMIT_MEMORY, NULL);
		break;
	default:
		break;
	}
	if (tcpt_event_wants_segments())
		tcpt_event_stray(visit->arrival->ns, &visit->flow,
				 visit->sender, &cause);
}

static void begin_visit(struct visit *visit, struct tcpt_tracker *tracker,
			const struct tcpt_arrival *arrival)
{
	visit->tracker = tracker;
	visit->arrival = arrival;
	visit->old = NULL;
	visit->syn.kind = TCPT_PENDING_NONE;
	visit->sender = tcpt_flow_init(&visit->flow, arrival->seg,
				       arrival->ns->inum, arrival->zone);
	visit->hash = tcpt_table_hash(&tracker->table, &visit->flow);
}

/**
 * tcpt_tracker_observe - a segment was seen
 * @tracker: the tracker
 * @arrival: the segment, and where and when it was seen
 *
 * Counts it in one counter of the first group of enum tcpt_stat.
 *
 * Context: any but hard interrupts, under rcu_read_lock(); does not sleep.
 */
void tcpt_tracker_observe(struct tcpt_tracker *tracker,
			  const struct tcpt_arrival *arrival)
{
	struct tcpt_conn *conn;
	struct visit visit;
	unsigned int i;

	begin_visit(&visit, tracker, arrival);
	/* remains if each try found a connection that another CPU was ending */
	visit.stat = TCPT_STAT_LATE;
	for (i = 0; i < TCPT_TRACKER_TRIES; i++) {
		conn = tcpt_table_find(&tracker->table, &visit.flow,
				       visit.hash);
		if ((conn ? visit_known(&visit, conn) :
			    visit_unknown(&visit)) == VISITED)
			break;
	}
	if (visit.stat >= TCPT_STAT_BAD_FLAGS)
		report_untracked(&visit);
	tcpt_stat_inc(arrival->ns->stats, visit.stat);
}

/* Return: false if the connection is dead: another CPU has ended it. */
static bool icmp_known(struct tcpt_conn *conn, const struct visit *visit,
		       struct tcptrace_error *error)
{
	struct tcpt_cause cause = cause_of(visit, conn->orig);
	struct tcpt_quote quote = {
		.seq = cause.seg->seq,
		.from = cause.from,
		.local = cause.hook == TCPTRACE_HOOK_OUT,
	};
	struct tcpt_result res;
	bool dead;

	/* a filter of TCP ports would not accept the packet of an error */
	cause.packet = NULL;
	spin_lock_bh(&conn->lock);
	dead = conn->dead;
	if (!dead) {
		cause.now = time_of(visit, conn);
		quote.now = cause.now;
		tcpt_icmp_track(&conn->track, &quote, error, &res);
		tcpt_event_icmp(conn, &cause, error);
		tcpt_tracker_apply(conn, &cause, &res);
	}
	spin_unlock_bh(&conn->lock);
	return !dead;
}

static struct tcpt_conn *find_conn(const struct visit *visit)
{
	return tcpt_table_find(&visit->tracker->table, &visit->flow,
			       visit->hash);
}

/**
 * tcpt_tracker_icmp - an ICMP error was seen
 * @tracker: the tracker
 * @quoted: the segment that it quotes, and where and when the error was seen
 * @error: the error; its fit is filled in
 *
 * Context: any but hard interrupts, under rcu_read_lock(); does not sleep.
 */
void tcpt_tracker_icmp(struct tcpt_tracker *tracker,
		       const struct tcpt_arrival *quoted,
		       struct tcptrace_error *error)
{
	struct tcpt_conn *conn;
	struct tcpt_cause cause;
	struct visit visit;

	begin_visit(&visit, tracker, quoted);
	conn = find_conn(&visit);
	if (conn && icmp_known(conn, &visit, error)) {
		tcpt_stat_inc(quoted->ns->stats, TCPT_STAT_ICMP_ERROR);
		return;
	}
	cause = cause_of(&visit, visit.sender);
	tcpt_event_stray_icmp(quoted->ns, &visit.flow, visit.sender, &cause,
			      error);
	tcpt_stat_inc(quoted->ns->stats, TCPT_STAT_ICMP_STRAY);
}

/* Return: as icmp_known(). */
static bool pass_known(struct tcpt_conn *conn, const struct visit *visit,
		       const struct tcpt_passage *passage)
{
	struct tcpt_cause cause = cause_of(visit, conn->orig);
	bool dead;

	spin_lock_bh(&conn->lock);
	dead = conn->dead;
	if (!dead) {
		tcpt_fate_pass(&conn->track, cause.from, cause.seg, passage);
		if (passage->step == TCPT_FATE_DROPPED)
			tcpt_event_drop(conn, &cause, passage);
	}
	spin_unlock_bh(&conn->lock);
	return !dead;
}

/**
 * tcpt_tracker_pass - a packet went on after it was observed, or was dropped
 * @tracker: the tracker
 * @arrival: its segment, where and when
 * @passage: what happened to it
 *
 * Context: any but hard interrupts, under rcu_read_lock(); does not sleep.
 */
void tcpt_tracker_pass(struct tcpt_tracker *tracker,
		       const struct tcpt_arrival *arrival,
		       const struct tcpt_passage *passage)
{
	struct tcpt_conn *conn;
	struct tcpt_cause cause;
	struct visit visit;

	begin_visit(&visit, tracker, arrival);
	conn = find_conn(&visit);
	if ((conn && pass_known(conn, &visit, passage)) ||
	    passage->step != TCPT_FATE_DROPPED)
		return;
	cause = cause_of(&visit, visit.sender);
	tcpt_event_stray_drop(arrival->ns, &visit.flow, visit.sender, &cause,
			      passage);
}
