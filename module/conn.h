/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A connection in the table, and its network namespace. While only the SYN of
 * another host was seen, the entry usually keeps little more than this SYN, so
 * that a flood costs little memory. An open connection without anything unusual
 * is clean: the fields that its segments change are kept in a small struct, and
 * all other fields are packed. An idle connection is packed, if possible.
 */
#ifndef _TCPT_CONN_H
#define _TCPT_CONN_H

#include "core/flow.h"
#include "core/request.h"
#include "core/tcb.h"

#include <linux/cache.h>
#include <linux/list.h>
#include <linux/list_nulls.h>
#include <linux/spinlock.h>
#include <linux/tcptrace.h>
#include <linux/types.h>

struct tcpt_limits;
struct tcpt_compact;
struct tcpt_packed;
struct tcpt_stats;
struct tcpt_table;
struct tcpt_vantage_log;

/**
 * struct tcpt_ns - a network namespace as the tracker sees it
 * @inum: inode number of the namespace, as lsns shows it
 * @stats: its counters
 * @table: the table of its connections; constant
 * @limits: unreported hits of the limits
 * @conns: list of struct tcpt_place: the connections of the namespace, oldest
 *	first, and the positions of walks over these connections; protected by
 *	table->lock
 * @count: number of connections in the namespace; written under table->lock
 * @last_id: the last id assigned; protected by table->lock
 *
 * The structure outlives the connections and the events that point to it.
 */
struct tcpt_ns {
	u32 inum;
	struct tcpt_stats __percpu *stats;
	struct tcpt_table *table;
	struct tcpt_limits *limits;
	/*
	 * the cache line from here on is written whenever a connection enters
	 * or leaves the table; the fields above are only read
	 */
	struct list_head conns ____cacheline_aligned_in_smp;
	unsigned int count;
	u64 last_id;
};

/**
 * struct tcpt_place - an entry in the connection list of a namespace
 * @list: in ns->conns; protected by table->lock
 * @id: number of the connection that is unique in the namespace, counting from
 *	1; 0 for the position of a walk; constant while the entry is in a list
 */
struct tcpt_place {
	struct list_head list;
	u64 id;
};

/*
 * An open connection may be evicted if it has had no acceptable segment for
 * this time: 2 hours 4 minutes, as in RFC 5382 REQ-5.
 */
enum {
	TCPT_CONN_QUIET_S	= 7440,
};

/* The queues of the table, in which connections wait to be evicted. */
enum tcpt_queue {
	TCPT_QUEUE_NONE,	/* open: not evicted */
	TCPT_QUEUE_HALF_OPEN,	/* not confirmed by both ends */
	TCPT_QUEUE_FINISHED,	/* its closing record was emitted */
	TCPT_QUEUE_QUIET,	/* open, but silent for a long time */
	TCPT_QUEUES,
};

/* The form in which the state of a connection is kept. */
enum tcpt_form {
	TCPT_FORM_FULL,
	TCPT_FORM_HALF_OPEN,	/* only the first SYN was seen */
	TCPT_FORM_CLEAN,	/* all segments take the fast path */
	TCPT_FORM_PACKED,	/* full, but idle */
};

/*
 * A connection becomes clean when the ageing worker examines it, or after
 * 2^TCPT_CONN_STREAK segments on the fast path. This number doubles each time
 * the connection does not stay clean. To become clean and then full again costs
 * as much time as about 15 segments.
 */
enum {
	TCPT_CONN_STREAK	= 8,
	TCPT_CONN_PATIENCE	= 6,
};

/**
 * struct tcpt_full - the full state of a connection
 * @vantage: where the segments of each end of the flow are observed; see
 *	vantage.h
 * @spared: value of track.heard when the connection was last spared from
 *	eviction, ns
 * @kept: lower half of track.last at the last attempt to pack the state that
 *	failed, because the state was too large; 0 if no attempt has failed
 * @streak: number of segments that have taken the fast path since the last
 *	attempt to make the connection clean
 * @patience: how often the connection did not stay clean, or was too large, up
 *	to TCPT_CONN_PATIENCE
 * @vantage_log: the last segments, if segments are observed at several places
 * @track: state of both ends
 * @context: its owners, interfaces and NAT
 *
 * Protected by the connection lock.
 */
struct tcpt_full {
	u32 vantage[2];
	u64 spared;
	u32 kept;
	u16 streak;
	u16 patience;
	struct tcpt_vantage_log *vantage_log;
	/* aligned so that track.wireshark, .zeek and .end begin cache lines */
	struct tcpt_track track __aligned(32);
	struct tcptrace_context context;
};

/**
 * struct tcpt_half_open - a connection of which only the first SYN was seen
 * @syn: that SYN
 * @vantage: where the SYN was observed
 * @in: index of the interface on which the SYN arrived
 * @out: index of the interface on which the SYN left; 0 if the SYN was
 *	addressed to this host
 * @mark: mark of the packet
 *
 * Protected by the connection lock.
 */
struct tcpt_half_open {
	struct tcpt_request syn;
	u32 vantage;
	u32 in;
	u32 out;
	u32 mark;
};

/**
 * struct tcpt_conn - a connection in the table
 * @node: entry in the hash bucket; readers use RCU, writers hold the bucket
 *	lock
 * @hash: hash of @flow; constant unless the connection is dead
 * @orig: which end of @flow is the originator; constant unless the connection
 *	is dead
 * @due: when the ageing worker must examine the connection, in units of 2^30
 *	ns, modulo 2^16; written under @lock: WRITE_ONCE
 * @flow: key; constant unless the connection is dead
 * @lock: spin lock, nested inside the bucket lock
 * @queue: enum tcpt_queue; protected by table->lock
 * @dead: the connection is no longer in the table; protected by @lock
 * @quiet: the connection was added to TCPT_QUEUE_QUIET, and no eviction of it
 *	was tried since; protected by @lock
 * @form: enum tcpt_form: which of @full, @half_open, @compact and @packed is
 *	valid; protected by @lock
 * @ns: network namespace; constant until the connection is dead
 * @table: the table that frees the dead connection
 * @full: the full state; protected by @lock
 * @half_open: the only segment so far; protected by @lock
 * @compact: the full state of a clean connection; protected by @lock
 * @packed: the full state, packed; protected by @lock
 * @fifo: entry in table->queue[@queue], unless @queue is TCPT_QUEUE_NONE;
 *	protected by table->lock
 * @rcu: frees a dead connection after an RCU grace period
 * @place: its id, and the entry in ns->conns until the connection is dead
 *
 * A dead connection is freed after an RCU grace period, or becomes a different
 * connection at once: see tcpt_table_del_locked(). So whoever finds a connection
 * without its lock must check under the lock that the connection is not dead,
 * and that it is still the connection that was looked for.
 */
struct tcpt_conn {
	/* a lookup that skips this entry reads only node and hash */
	struct hlist_nulls_node node;
	u32 hash;
	u8 orig;
	u16 due;
	struct tcpt_flow flow;
	/*
	 * in a different cache line from node, because each segment of the
	 * connection writes the lock
	 */
	spinlock_t lock;	/* inside the bucket lock */
	u8 queue;
	bool dead;
	bool quiet;
	u8 form;
	union {
		struct tcpt_ns *ns;
		struct tcpt_table *table;
	};
	union {
		struct tcpt_full *full;
		struct tcpt_half_open half_open;
		struct tcpt_compact *compact;
		struct tcpt_packed *packed;
	};
	union {
		struct list_head fifo;
		struct rcu_head rcu;
	};
	struct tcpt_place place;
};

unsigned int tcpt_conn_marks(const struct tcpt_conn *conn);
bool tcpt_conn_is_quiet(const struct tcpt_conn *conn, u64 now);
void tcpt_conn_context(struct tcptrace_context *context,
		       const struct tcpt_half_open *half_open);
void tcpt_conn_expand(struct tcpt_full *full, const struct tcpt_conn *conn);
void tcpt_conn_copy(struct tcpt_full *full, const struct tcpt_conn *conn);

/* Is the connection alive, and is @flow its key? The lock is held. */
static inline bool tcpt_conn_has_flow(const struct tcpt_conn *conn,
				      const struct tcpt_flow *flow)
{
	return !conn->dead && tcpt_flow_equal(&conn->flow, flow);
}

/* @time: when the ageing worker must examine the connection, ns, or earlier */
static inline void tcpt_conn_set_due(struct tcpt_conn *conn, u64 time)
{
	WRITE_ONCE(conn->due, (u16)(time >> 30));
}

/* Must the ageing worker examine the connection? The lock is not needed. */
static inline bool tcpt_conn_is_due(const struct tcpt_conn *conn, u64 now)
{
	return (s16)(READ_ONCE(conn->due) - (u16)(now >> 30)) <= 0;
}

#endif /* _TCPT_CONN_H */
