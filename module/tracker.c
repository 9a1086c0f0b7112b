// SPDX-License-Identifier: GPL-2.0
#include "tracker.h"

#include "delay.h"
#include "end.h"
#include "event.h"
#include "limit.h"
#include "stats.h"
#include "vantage.h"

#include "core/fate.h"
#include "core/finding.h"
#include "core/icmp.h"
#include "core/open.h"
#include "core/request.h"
#include "core/result.h"
#include "core/segment.h"
#include "core/track.h"

#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/rcupdate.h>
#include <linux/string.h>
#include <linux/tcptrace.h>

/* A segment on its way through the tracker. */
struct visit {
	struct tcpt_tracker *tracker;
	const struct tcpt_arrival *arrival;
	const struct tcpt_flow *flow;
	u32 hash;
	unsigned int sender;	/* which end of flow sent the segment */
	const struct tcpt_conn *old;	/* the dead connection to replace */
	enum tcpt_stat stat;	/* the counter to increment at the end */
	bool compare;		/* compare the paths of the two ends */
	/* the SYN that the segment answers or repeats; kind NONE: no SYN */
	struct tcpt_pending syn;
};

enum progress {
	VISITED,
	RETRY,		/* another CPU changed the table: repeat the lookup */
	REOPEN,		/* the segment replaces the connection with a new one */
};

static struct tcpt_cause cause_from(const struct tcpt_arrival *arrival,
				    unsigned int from)
{
	return (struct tcpt_cause) {
		.seg = arrival->seg,
		.packet = arrival->at.skb,
		.now = arrival->now,
		.hook = arrival->hook,
		.from = from,
	};
}

static struct tcpt_cause cause_of(const struct visit *visit, unsigned int orig)
{
	return cause_from(visit->arrival, visit->sender ^ orig);
}

/* Emit and count the result of a segment, and choose the connection's queue. */
static void apply(struct tcpt_conn *conn, const struct tcpt_cause *cause,
		  const struct tcpt_result *res)
{
	lockdep_assert_held(&conn->lock);
	/* the timeout may have changed */
	tcpt_conn_set_due(conn, cause->now);
	tcpt_event_result(conn, cause, res);
	tcpt_stat_result(conn->ns->stats, res);
	if (res->closed)
		tcpt_table_queue(conn->ns->table, conn, TCPT_QUEUE_FINISHED);
	else if (res->confirmed)
		tcpt_table_queue(conn->ns->table, conn, TCPT_QUEUE_NONE);
}

/* Never let time go back: another CPU may have tracked a later segment. */
static u64 time_of(const struct visit *visit, const struct tcpt_conn *conn)
{
	return max(visit->arrival->now, conn->full->track.last);
}

static bool learn_owner(struct tcpt_conn *conn,
			const struct tcpt_arrival *arrival, unsigned int from)
{
	return tcpt_context_owner(&conn->full->context.owner[from], &arrival->at,
				  arrival->seg->sport);
}

/* Note and report a local sender's owner, unless all about it is known. */
static void note_owner(struct tcpt_conn *conn,
		       const struct tcpt_arrival *arrival, unsigned int from)
{
	struct tcpt_cause cause;

	if (likely(!tcpt_tracker_wants_owner(conn->full->context.owner[from].known,
					     arrival)) ||
	    !learn_owner(conn, arrival, from))
		return;
	cause = cause_from(arrival, from);
	cause.now = max(arrival->now, conn->full->track.last);
	tcpt_event_owner(conn, &cause);
}

/**
 * tcpt_tracker_expects_full - track a segment on the fast path, if possible
 * @conn: connection of the segment; it is full
 * @arrival: the segment
 * @sender: index of the end of the flow that sent the segment
 *
 * Context: BH off, conn->lock held.
 * Return: false, with nothing changed, if the segment must take the slow path.
 */
bool tcpt_tracker_expects_full(struct tcpt_conn *conn,
			       const struct tcpt_arrival *arrival,
			       unsigned int sender)
{
	u64 rtt __uninitialized;
	struct tcpt_full *full = conn->full;
	unsigned int from = sender ^ conn->orig;

	if (full->vantage[sender] != arrival->vantage ||
	    !tcpt_fastpath_segment(&full->track, from, arrival->seg,
				   max(arrival->now, full->track.last), &rtt))
		return false;
	note_owner(conn, arrival, from);
	if (unlikely(tcpt_event_wants_segments()))
		tcpt_event_expected(conn, arrival->seg, arrival->at.skb,
				    arrival->hook, from, rtt);
	if (unlikely(++full->streak >> (TCPT_CONN_STREAK + full->patience)))
		tcpt_table_clean(conn);
	return true;
}

/* Note the path of a direction at its first packet, or after a change. */
static void note_way(struct tcpt_conn *conn, const struct visit *visit)
{
	tcpt_context_way(&conn->full->context, visit->sender ^ conn->orig,
			 &visit->arrival->at, &conn->flow, conn->orig);
}

static void raise(struct tcpt_conn *conn, const struct visit *visit,
		  enum tcptrace_finding kind, unsigned int end, u32 value)
{
	struct tcpt_cause cause = cause_of(visit, conn->orig);
	struct tcpt_result res;

	if (conn->full->track.marks & TCPT_MARK_CLOSED)
		return;
	cause.now = time_of(visit, conn);
	tcpt_result_init(&res);
	tcpt_finding_raise(&res, &conn->full->track, kind, end, 1, value);
	apply(conn, &cause, &res);
}

static void compare_ways(struct tcpt_conn *conn, const struct visit *visit)
{
	unsigned int end;
	u32 ifindex;

	ifindex = tcpt_context_asymmetric(conn->full->context.path, &end);
	if (ifindex)
		raise(conn, visit, TCPTRACE_FINDING_ASYMMETRIC, end, ifindex);
}

/* Return: VISITED or REOPEN. */
static noinline enum progress track_fully(struct tcpt_conn *conn,
					  struct visit *visit)
{
	struct tcpt_cause cause = cause_of(visit, conn->orig);
	struct tcpt_result res __uninitialized;

	cause.now = time_of(visit, conn);
	tcpt_track_other(&conn->full->track, cause.from, cause.seg, cause.now,
			 &res);
	if (res.reopen)
		return REOPEN;
	cause.found = res.found;
	cause.rtt = res.rtt;
	cause.rexmit = res.rexmit;
	note_owner(conn, visit->arrival, cause.from);
	if (tcpt_event_wants_segments())
		tcpt_event_segment(conn, &cause);
	apply(conn, &cause, &res);
	if (visit->compare)
		compare_ways(conn, visit);
	visit->stat = res.class == TCPT_CLASS_LATE ? TCPT_STAT_LATE :
						     TCPT_STAT_TRACKED;
	return VISITED;
}

static void note_move(struct tcpt_conn *conn, const struct visit *visit)
{
	unsigned int from = visit->sender ^ conn->orig;
	const struct tcptrace_path *path = &conn->full->context.path[from];

	note_way(conn, visit);
	raise(conn, visit, TCPTRACE_FINDING_ROUTE_MOVED, from,
	      path->in ? path->in : path->out);
	compare_ways(conn, visit);
}

/*
 * Handle a segment whose vantage differs from the vantage noted for its sender.
 * Return: true if the segment is a copy; a copy only raises a finding.
 */
static noinline bool pass_elsewhere(struct tcpt_conn *conn,
				    struct visit *visit)
{
	const struct tcpt_vantage_pass pass = {
		.seg = visit->arrival->seg,
		.x = &conn->full->track.end[visit->sender ^ conn->orig],
		.now = visit->arrival->now,
		.vantage = visit->arrival->vantage,
		.sender = visit->sender,
	};

	switch (tcpt_vantage_pass(&pass, conn->full->vantage,
				  &conn->full->vantage_log)) {
	case TCPT_VANTAGE_FIRST:
		note_way(conn, visit);
		visit->compare = true;
		return false;
	case TCPT_VANTAGE_MOVED:
		note_move(conn, visit);
		return false;
	case TCPT_VANTAGE_COPY:
		visit->stat = TCPT_STAT_COPY;
		raise(conn, visit, TCPTRACE_FINDING_SEEN_TWICE, TCPT_NOBODY, 0);
		return true;
	default:
		return false;
	}
}

static bool is_stray_rst(const struct tcpt_conn *conn,
			 const struct visit *visit)
{
	return visit->arrival->seg->flags & TCPTRACE_RST &&
	       tcpt_context_forgotten(&conn->full->context,
				      visit->sender ^ conn->orig,
				      &visit->arrival->at);
}

/* Track one segment of a locked connection. Return: as track_fully(). */
static enum progress track_full(struct tcpt_conn *conn, struct visit *visit)
{
	if (conn->full->vantage[visit->sender] != visit->arrival->vantage &&
	    pass_elsewhere(conn, visit))
		return VISITED;
	if (is_stray_rst(conn, visit))
		raise(conn, visit, TCPTRACE_FINDING_STRAY_RST,
		      visit->sender ^ conn->orig, visit->arrival->seg->sport);
	return track_fully(conn, visit);
}

/* Create the full state of a connection. Return: false if there is no memory. */
static bool make_full(struct tcpt_conn *conn)
{
	lockdep_assert_held(&conn->lock);
	return conn->form == TCPT_FORM_FULL || !tcpt_table_grow(conn);
}

/* Is the connection that a lookup found the right one, with its full state? */
static bool is_known(struct tcpt_conn *conn, const struct visit *visit)
{
	return tcpt_conn_has_flow(conn, visit->flow) && make_full(conn);
}

/*
 * Close a connection because a SYN, or the answer to a SYN, opens a new
 * connection in its place. The old connection was found without its locks, so
 * another CPU may have ended, reopened or packed it in the meantime.
 */
static noinline void close_reused(struct tcpt_conn *conn, struct visit *visit)
{
	unsigned int from = visit->sender ^ conn->orig;
	spinlock_t *lock = tcpt_table_lock(&visit->tracker->table, conn->hash);

	spin_lock(lock);
	spin_lock(&conn->lock);
	if (is_known(conn, visit) &&
	    tcpt_open_anew(&conn->full->track, from, visit->arrival->seg)) {
		tcpt_open_take_syn(&conn->full->track, from, visit->arrival->seg,
				   &visit->syn);
		tcpt_stat_inc(conn->ns->stats, TCPT_STAT_REUSED);
		tcpt_end_locked(conn, TCPTRACE_CLOSE_REUSED,
				visit->arrival->now);
	}
	spin_unlock(&conn->lock);
	spin_unlock(lock);
}

static enum progress track(struct tcpt_conn *conn, struct visit *visit)
{
	if (make_full(conn))
		return track_full(conn, visit);
	visit->stat = TCPT_STAT_NO_MEMORY;
	return VISITED;
}

static enum progress visit_known(struct visit *visit, struct tcpt_conn *conn)
{
	enum progress ret;

	tcpt_delay(TCPT_DELAY_LOOKUP);
	spin_lock(&conn->lock);
	ret = tcpt_conn_has_flow(conn, visit->flow) ? track(conn, visit) : RETRY;
	spin_unlock(&conn->lock);
	if (ret == REOPEN) {
		visit->old = conn;
		close_reused(conn, visit);
	}
	return ret;
}

/*
 * Return: the Wireshark state of @old; NULL if @old is NULL, or if another CPU
 * has ended @old while @old was packed.
 */
static const struct tcpt_wireshark *wireshark_of(const struct tcpt_conn *old)
{
	return old && old->form == TCPT_FORM_FULL ?
	       &old->full->track.wireshark : NULL;
}

/* Open a connection with a segment. The caller then tracks the segment. */
static void open_track(struct tcpt_conn *conn, const struct visit *visit,
		       const struct tcpt_cause *cause)
{
	const struct tcpt_conn *old = visit->old;
	struct tcpt_result res;

	tcpt_open_track(&conn->full->track, cause->seg,
			tcpt_flow_is_self(&conn->flow), cause->now,
			wireshark_of(old), &res);
	if (old && old->orig != conn->orig)
		tcpt_wireshark_swap(&conn->full->track.wireshark);
	tcpt_event_open(conn, cause);
	apply(conn, cause, &res);
}

/*
 * Open a connection with a SYN that was first attributed to the old connection.
 */
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
		tcpt_track_fully(&conn->full->track, 0, &seg, cause.now, &res);
		apply(conn, &cause, &res);
	}
}

/*
 * Emit the records of a SYN for which tcpt_request_fits() is true. @full: only
 * the fields that the records need are set
 */
static void report_syn(const struct tcpt_conn *conn, struct tcpt_full *full,
		       const struct tcpt_cause *cause)
{
	struct tcpt_result res __uninitialized;

	tcpt_request_open(&full->track, cause->seg, &res);
	tcpt_event_syn(conn, full, cause, &res);
}

static void begin_full(struct tcpt_conn *conn, struct visit *visit)
{
	struct tcpt_cause cause = cause_of(visit, conn->orig);

	conn->full->vantage[visit->sender] = visit->arrival->vantage;
	conn->full->track.fate.watched = tcpt_event_wants_fate();
	note_way(conn, visit);
	learn_owner(conn, visit->arrival, cause.from);
	if (!visit->old && !tcpt_flow_is_self(&conn->flow) &&
	    tcpt_request_fits(cause.seg)) {
		tcpt_request_begin(&conn->full->track, cause.seg, cause.now);
		report_syn(conn, conn->full, &cause);
		return;
	}
	if (visit->syn.kind)
		open_with_syn(conn, visit);
	else
		open_track(conn, visit, &cause);
	track_fully(conn, visit);
	if (conn->full->track.marks & TCPT_MARK_MIDSTREAM)
		tcpt_stat_inc(conn->ns->stats, TCPT_STAT_MIDSTREAM);
}

/* Report the SYN of a half-open connection, whose full state does not exist. */
static noinline void begin_half_open(const struct tcpt_conn *conn,
				     const struct visit *visit)
{
	struct tcpt_scratch *scratch = tcpt_table_scratch(conn->ns->table);
	struct tcpt_cause cause = cause_of(visit, conn->orig);
	struct tcpt_full *full = &scratch->full;

	spin_lock(&scratch->lock);
	memset(&full->context, 0, sizeof(full->context));
	tcpt_conn_context(&full->context, &conn->half_open);
	report_syn(conn, full, &cause);
	spin_unlock(&scratch->lock);
}

/* Track the first segment of a connection. */
static void begin_conn(struct tcpt_conn *conn, struct visit *visit)
{
	lockdep_assert_held(&conn->lock);
	if (conn->form == TCPT_FORM_FULL)
		begin_full(conn, visit);
	else if (tcpt_event_wants_any())
		begin_half_open(conn, visit);
}

/*
 * If another host opens the connection, store only its SYN. Return: false if
 * more must be stored than a struct tcpt_half_open can hold.
 */
static bool keep_syn(struct tcpt_conn *conn, const struct visit *visit)
{
	const struct tcpt_arrival *arrival = visit->arrival;
	struct tcpt_half_open *half_open = &conn->half_open;
	struct tcptrace_path path = {};

	if (visit->old || arrival->hook == TCPTRACE_HOOK_OUT ||
	    tcpt_event_wants_fate() || !tcpt_request_fits(arrival->seg) ||
	    !tcpt_context_is_plain(&path, &arrival->at, &conn->flow))
		return false;
	tcpt_request_keep(&half_open->syn, arrival->seg, arrival->now);
	half_open->vantage = arrival->vantage;
	half_open->in = path.in;
	half_open->out = path.out;
	half_open->mark = path.mark;
	return true;
}

/* @conn: a dead connection to use again, or NULL */
static struct tcpt_conn *make_conn(struct visit *visit, struct tcpt_conn *conn)
{
	if (!conn)
		conn = tcpt_table_alloc(visit->arrival->ns);
	if (!conn)
		return NULL;
	conn->flow = *visit->flow;
	WRITE_ONCE(conn->hash, visit->hash);
	tcpt_conn_set_due(conn, visit->arrival->now);
	conn->orig = visit->syn.kind ? visit->syn.from ^ visit->old->orig :
		     tcpt_open_originator(visit->arrival->seg,
					  tcpt_flow_is_self(visit->flow),
					  visit->sender);
	if (!keep_syn(conn, visit) && tcpt_table_alloc_full(conn)) {
		tcpt_table_free_unused(conn);
		return NULL;
	}
	return conn;
}

/*
 * Put a new connection into the table, and track its first segment. Return: as
 * tcpt_table_insert_locked().
 */
static int insert_conn(struct visit *visit, struct tcpt_conn *conn)
{
	struct tcpt_table *table = &visit->tracker->table;
	spinlock_t *lock = tcpt_table_lock(table, visit->hash);
	int ret;

	spin_lock(lock);
	if (conn->form == TCPT_FORM_HALF_OPEN && !conn->dead &&
	    !tcpt_event_wants_any()) {
		/* keep_syn() has stored everything */
		ret = tcpt_table_insert_locked(table, conn);
	} else {
		spin_lock(&conn->lock);
		ret = tcpt_table_insert_locked(table, conn);
		if (!ret) {
			conn->dead = false;
			begin_conn(conn, visit);
		}
		spin_unlock(&conn->lock);
	}
	spin_unlock(lock);
	return ret;
}

static enum progress open_conn(struct visit *visit)
{
	struct tcpt_conn *conn = NULL;
	int ret;

	if (unlikely(tcpt_table_is_crowded(&visit->tracker->table)))
		conn = tcpt_end_oldest(visit->arrival->ns, visit->flow,
				       !visit->sender, visit->arrival->now);
	conn = make_conn(visit, conn);
	if (!conn) {
		visit->stat = TCPT_STAT_NO_MEMORY;
		return VISITED;
	}
	tcpt_delay(TCPT_DELAY_INSERT);
	ret = insert_conn(visit, conn);
	if (!ret) {
		tcpt_stat_inc(visit->arrival->ns->stats, TCPT_STAT_OPENED);
		visit->stat = TCPT_STAT_TRACKED;
		return VISITED;
	}
	tcpt_table_free_unused(conn);
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
	       tcpt_flow_is_self(visit->flow);
}

static enum progress visit_unknown(struct visit *visit)
{
	if (is_forged(visit)) {
		visit->stat = TCPT_STAT_STRAY_SELF;
		return VISITED;
	}
	if (tcpt_segment_bad_flags(visit->arrival->seg->flags)) {
		visit->stat = TCPT_STAT_BAD_FLAGS;
		return VISITED;
	}
	return open_conn(visit);
}

/* Note a limit that kept the segment from opening a connection. */
static void note_limit(const struct visit *visit,
		       enum tcptrace_limit_kind kind)
{
	struct tcpt_hit hit = {
		.kind = kind, .now = visit->arrival->now,
		.flow = visit->flow, .receiver = !visit->sender,
	};

	tcpt_limit_hit(visit->arrival->ns->limits, &hit);
}

/* Report a segment that belongs to no connection. */
static noinline void report_untracked(const struct visit *visit)
{
	struct tcpt_cause cause = cause_of(visit, visit->sender);

	switch (visit->stat) {
	case TCPT_STAT_TABLE_FULL:
		note_limit(visit, TCPTRACE_LIMIT_FULL);
		break;
	case TCPT_STAT_CHAIN_FULL:
		note_limit(visit, TCPTRACE_LIMIT_CHAIN);
		break;
	case TCPT_STAT_NO_MEMORY:
		note_limit(visit, TCPTRACE_LIMIT_MEMORY);
		break;
	default:
		break;
	}
	if (tcpt_event_wants_segments())
		tcpt_event_stray(visit->arrival->ns, visit->flow,
				 visit->sender, &cause);
}

static void begin_visit(struct visit *visit, struct tcpt_tracker *tracker,
			const struct tcpt_arrival *arrival,
			const struct tcpt_lookup *lookup)
{
	visit->tracker = tracker;
	visit->arrival = arrival;
	visit->flow = &lookup->flow;
	visit->hash = lookup->hash;
	visit->sender = lookup->sender;
	visit->old = NULL;
	visit->syn.kind = TCPT_PENDING_NONE;
	visit->compare = false;
}

static struct tcpt_conn *find_conn(const struct visit *visit)
{
	return tcpt_table_find(&visit->tracker->table, visit->flow,
			       visit->hash);
}

/**
 * tcpt_tracker_fully - track a segment on the slow path
 * @tracker: the tracker
 * @arrival: the segment, and where and when it was seen
 * @lookup: key of the segment's connection
 * @conn: the connection that was found, or NULL
 *
 * Context: BH off, under rcu_read_lock(); does not sleep.
 */
void tcpt_tracker_fully(struct tcpt_tracker *tracker,
			const struct tcpt_arrival *arrival,
			const struct tcpt_lookup *lookup,
			struct tcpt_conn *conn)
{
	struct visit visit __uninitialized;
	unsigned int i;

	begin_visit(&visit, tracker, arrival, lookup);
	/* the counter to increment if every try must be repeated */
	visit.stat = TCPT_STAT_LATE;
	for (i = 0; i < TCPT_TRACKER_TRIES; i++) {
		if (i)
			conn = find_conn(&visit);
		if ((conn ? visit_known(&visit, conn) :
			    visit_unknown(&visit)) == VISITED)
			break;
	}
	if (visit.stat >= TCPT_STAT_BAD_FLAGS)
		report_untracked(&visit);
	tcpt_stat_inc(arrival->ns->stats, visit.stat);
}

static void icmp_locked(struct tcpt_conn *conn, const struct visit *visit,
			struct tcptrace_error *error)
{
	struct tcpt_cause cause = cause_of(visit, conn->orig);
	struct tcpt_quote quote = {
		.seq = cause.seg->seq,
		.from = cause.from,
		.local = cause.hook == TCPTRACE_HOOK_OUT,
	};
	struct tcpt_result res;

	/* run no filter: a TCP port filter would reject the ICMP packet */
	cause.packet = NULL;
	cause.now = time_of(visit, conn);
	quote.now = cause.now;
	tcpt_icmp_track(&conn->full->track, &quote, error, &res);
	tcpt_event_icmp(conn, &cause, error);
	apply(conn, &cause, &res);
}

/* Return: as is_known(). */
static bool icmp_known(struct tcpt_conn *conn, const struct visit *visit,
		       struct tcptrace_error *error)
{
	bool known;

	spin_lock_bh(&conn->lock);
	known = is_known(conn, visit);
	if (known)
		icmp_locked(conn, visit, error);
	spin_unlock_bh(&conn->lock);
	return known;
}

/**
 * tcpt_tracker_icmp - track an ICMP error
 * @tracker: the tracker
 * @quoted: the segment that the error quotes, and where and when the error was
 *	seen
 * @error: the error; the function sets @error->fit if it finds the connection
 *
 * Context: any but hard interrupts, under rcu_read_lock(); does not sleep.
 */
void tcpt_tracker_icmp(struct tcpt_tracker *tracker,
		       const struct tcpt_arrival *quoted,
		       struct tcptrace_error *error)
{
	struct tcpt_lookup lookup;
	struct tcpt_conn *conn;
	struct tcpt_cause cause;
	struct visit visit;

	tcpt_lookup_init(&lookup, &tracker->table, quoted);
	begin_visit(&visit, tracker, quoted, &lookup);
	conn = find_conn(&visit);
	if (conn && icmp_known(conn, &visit, error)) {
		tcpt_stat_inc(quoted->ns->stats, TCPT_STAT_ICMP_ERROR);
		return;
	}
	cause = cause_of(&visit, visit.sender);
	tcpt_event_stray_icmp(quoted->ns, visit.flow, visit.sender, &cause,
			      error);
	tcpt_stat_inc(quoted->ns->stats, TCPT_STAT_ICMP_STRAY);
}

static void pass_locked(struct tcpt_conn *conn, const struct visit *visit,
			const struct tcpt_passage *passage)
{
	struct tcpt_cause cause = cause_of(visit, conn->orig);
	struct tcpt_result res;
	bool happened;

	happened = tcpt_fate_pass(&conn->full->track, cause.from, cause.seg,
				  passage, &res);
	if (happened && passage->backlog.reason)
		tcpt_context_listener(&conn->full->context, !cause.from,
				      &passage->backlog.owner);
	if (happened && passage->step == TCPT_FATE_DROPPED) {
		tcpt_stat_inc(conn->ns->stats, TCPT_STAT_DROPS);
		tcpt_event_drop(conn, &cause, passage);
	}
	apply(conn, &cause, &res);
}

/* Return: as is_known(). */
static bool pass_known(struct tcpt_conn *conn, const struct visit *visit,
		       const struct tcpt_passage *passage)
{
	bool known;

	spin_lock_bh(&conn->lock);
	known = is_known(conn, visit);
	if (known)
		pass_locked(conn, visit, passage);
	spin_unlock_bh(&conn->lock);
	return known;
}

/**
 * tcpt_tracker_pass - note that a packet passed the ruleset, or was dropped
 * @tracker: the tracker
 * @arrival: the packet's segment; for a drop, also where and when
 * @passage: what happened to the packet
 *
 * Context: any but hard interrupts, under rcu_read_lock(); does not sleep.
 */
void tcpt_tracker_pass(struct tcpt_tracker *tracker,
		       const struct tcpt_arrival *arrival,
		       const struct tcpt_passage *passage)
{
	struct tcpt_lookup lookup;
	struct tcpt_conn *conn;
	struct tcpt_cause cause;
	struct visit visit;

	tcpt_lookup_init(&lookup, &tracker->table, arrival);
	begin_visit(&visit, tracker, arrival, &lookup);
	conn = find_conn(&visit);
	if ((conn && pass_known(conn, &visit, passage)) ||
	    passage->step != TCPT_FATE_DROPPED || passage->ignored)
		return;
	cause = cause_of(&visit, visit.sender);
	tcpt_stat_inc(arrival->ns->stats, TCPT_STAT_DROPS);
	tcpt_event_stray_drop(arrival->ns, visit.flow, visit.sender, &cause,
			      passage);
}
