/* SPDX-License-Identifier: GPL-2.0 */
/* The tracker takes segments, updates the table and emits records. */
#ifndef _TCPT_TRACKER_H
#define _TCPT_TRACKER_H

#include "config.h"
#include "conn.h"
#include "context.h"
#include "delay.h"
#include "event.h"
#include "pack.h"
#include "stats.h"
#include "table.h"

#include "core/fastpath.h"

#include <linux/bottom_half.h>
#include <linux/minmax.h>
#include <linux/preempt.h>
#include <linux/types.h>

struct tcpt_passage;
struct tcpt_segment;
struct tcptrace_error;

enum {
	TCPT_TRACKER_TRIES	= 4,	/* lookups for one segment */
};

/**
 * struct tcpt_tracker - the data that all network namespaces share
 * @table: the connections
 * @config: timeouts; they may change at any time
 */
struct tcpt_tracker {
	struct tcpt_table table;
	const struct tcpt_config *config;
};

/**
 * struct tcpt_arrival - a segment that was observed
 * @seg: the segment
 * @at: the packet that contains the segment, and the state of the hook
 * @ns: the network namespace
 * @now: time of the observation, ns of CLOCK_MONOTONIC
 * @zone: interface index if an address is link-local, else 0
 * @vantage: value for the hook and the interfaces, see vantage.h
 * @hook: enum tcptrace_hook
 */
struct tcpt_arrival {
	const struct tcpt_segment *seg;
	struct tcpt_packet_at at;
	struct tcpt_ns *ns;
	u64 now;
	u32 zone;
	u32 vantage;
	u8 hook;
};

/**
 * struct tcpt_lookup - key of the connection that a segment belongs to
 * @flow: the key of the connection
 * @hash: hash of @flow
 * @sender: index of the end of @flow that sent the segment
 */
struct tcpt_lookup {
	struct tcpt_flow flow;
	u32 hash;
	unsigned int sender;
};

bool tcpt_tracker_expects_full(struct tcpt_conn *conn,
			       const struct tcpt_arrival *arrival,
			       unsigned int sender);
void tcpt_tracker_fully(struct tcpt_tracker *tracker,
			const struct tcpt_arrival *arrival,
			const struct tcpt_lookup *lookup,
			struct tcpt_conn *conn);
void tcpt_tracker_icmp(struct tcpt_tracker *tracker,
		       const struct tcpt_arrival *quoted,
		       struct tcptrace_error *error);
void tcpt_tracker_pass(struct tcpt_tracker *tracker,
		       const struct tcpt_arrival *arrival,
		       const struct tcpt_passage *passage);

static __always_inline void tcpt_lookup_init(struct tcpt_lookup *lookup,
					     const struct tcpt_table *table,
					     const struct tcpt_arrival *arrival)
{
	lookup->sender = tcpt_flow_init(&lookup->flow, arrival->seg,
					arrival->ns->inum, arrival->zone);
	lookup->hash = tcpt_table_hash(table, &lookup->flow);
}

/* Can this packet show something new about its owner, beyond @known? */
static __always_inline bool
tcpt_tracker_wants_owner(u8 known, const struct tcpt_arrival *arrival)
{
	return arrival->hook == TCPTRACE_HOOK_OUT &&
	       tcpt_context_wants(known, arrival->at.skb);
}

/* As tcpt_tracker_expects(), for a clean connection. */
static __always_inline bool
tcpt_tracker_expects_clean(struct tcpt_conn *conn,
			   const struct tcpt_arrival *arrival,
			   unsigned int sender)
{
	u64 rtt __uninitialized;
	struct tcpt_compact *compact = conn->compact;
	unsigned int from = sender ^ conn->orig;
	u64 now = max(arrival->now, tcpt_clean_last(&compact->clean));

	if (compact->vantage[sender] != arrival->vantage ||
	    tcpt_tracker_wants_owner(compact->known[from], arrival) ||
	    !tcpt_clean_segment(&compact->clean, from, arrival->seg, now, &rtt))
		return false;
	if (unlikely(tcpt_event_wants_segments()))
		tcpt_event_expected(conn, arrival->seg, arrival->at.skb,
				    arrival->hook, from, rtt);
	return true;
}

/*
 * Track a segment of a locked connection on the fast path. Return: false, with
 * nothing changed, if the segment must take the slow path.
 */
static __always_inline bool
tcpt_tracker_expects(struct tcpt_conn *conn, const struct tcpt_arrival *arrival,
		     const struct tcpt_lookup *lookup)
{
	if (!tcpt_conn_has_flow(conn, &lookup->flow))
		return false;
	if (likely(conn->form == TCPT_FORM_CLEAN))
		return tcpt_tracker_expects_clean(conn, arrival,
						  lookup->sender);
	if (conn->form == TCPT_FORM_FULL) {
		const struct tcpt_arrival copy = *arrival;

		return tcpt_tracker_expects_full(conn, &copy, lookup->sender);
	}
	return false;
}

/**
 * tcpt_tracker_observe - track a segment
 * @tracker: the tracker
 * @arrival: the segment, and where and when it was seen
 *
 * The segment increments one counter of the first group of enum tcpt_stat.
 * Only copies of @arrival are passed to functions that are not inlined, so that
 * @arrival itself can stay in registers.
 *
 * Context: any but hard interrupts, under rcu_read_lock(); does not sleep.
 */
static __always_inline void
tcpt_tracker_observe(struct tcpt_tracker *tracker,
		     const struct tcpt_arrival *arrival)
{
	/* on input, BH is already off */
	bool expected = false, bh_off = softirq_count();
	struct tcpt_lookup lookup __uninitialized;
	struct tcpt_arrival copy __uninitialized;
	struct tcpt_conn *conn;

	tcpt_lookup_init(&lookup, &tracker->table, arrival);
	if (unlikely(!bh_off))
		local_bh_disable();
	conn = tcpt_table_guess(&tracker->table, lookup.hash);
	if (likely(conn)) {
		tcpt_delay(TCPT_DELAY_LOOKUP);
		spin_lock(&conn->lock);
		expected = tcpt_tracker_expects(conn, arrival, &lookup);
		spin_unlock(&conn->lock);
	}
	if (likely(expected)) {
		tcpt_stat_inc(arrival->ns->stats, TCPT_STAT_TRACKED);
	} else {
		copy = *arrival;
		tcpt_tracker_fully(tracker, &copy, &lookup, conn);
	}
	if (unlikely(!bh_off))
		local_bh_enable();
}

#endif /* _TCPT_TRACKER_H */
