/* SPDX-License-Identifier: GPL-2.0 */
/* A connection in the table, and the network namespace that it is in. */
#ifndef _TCPT_CONN_H
#define _TCPT_CONN_H

#include "core/flow.h"
#include "core/tcb.h"

#include <linux/cache.h>
#include <linux/list.h>
#include <linux/rculist.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct tcpt_limits;
struct tcpt_stats;
struct tcpt_table;
struct tcpt_vantage_log;

/**
 * struct tcpt_ns - a network namespace as the tracker sees it
 * @inum: its inode number, as lsns shows it
 * @stats: its counters
 * @limits: the limits that it has reached
 * @conns: its connections, oldest first, and the walks over them, by struct
 *	tcpt_place; protected by table->lock
 * @count: its connections; written under table->lock
 * @last_id: id given last; protected by table->lock
 *
 * Outlives the connections and the events that point to it.
 */
struct tcpt_ns {
	u32 inum;
	struct tcpt_stats __percpu *stats;
	struct tcpt_limits *limits;
	/* written whenever a connection opens; each segment reads the above */
	struct list_head conns ____cacheline_aligned_in_smp;
	unsigned int count;
	u64 last_id;
};

/**
 * struct tcpt_place - a place in the list of a namespace
 * @list: in ns->conns; protected by table->lock
 * @walk: it is the position of a walk, not a connection; constant
 */
struct tcpt_place {
	struct list_head list;
	bool walk;
};

/**
 * struct tcpt_owner - the local socket of an end
 * @inode: inode number of the socket, 0 if unknown
 * @uid: its owner in the initial user namespace, with @known
 * @known: a local socket was seen
 */
struct tcpt_owner {
	unsigned long inode;
	u32 uid;
	bool known;
};

/* The queues of the table, in which connections wait to be evicted. */
enum tcpt_queue {
	TCPT_QUEUE_NONE,	/* open: not evicted */
	TCPT_QUEUE_HALF_OPEN,	/* not confirmed by both ends */
	TCPT_QUEUE_FINISHED,	/* the closing record is out */
	TCPT_QUEUE_QUIET,	/* open, but silent for long */
	TCPT_QUEUES,
};

/**
 * struct tcpt_conn - a connection
 * @node: in its bucket; RCU, writers hold the bucket lock
 * @lock: a spin lock; taken inside the bucket lock
 * @hash: hash of @flow; constant
 * @orig: which end of @flow is the originator; constant
 * @queue: enum tcpt_queue; protected by table->lock
 * @dead: no longer in the table; protected by @lock
 * @quiet: it has been in TCPT_QUEUE_QUIET; protected by @lock
 * @spared: when it was last spared from eviction, ns; protected by @lock
 * @flow: key; constant
 * @ns: network namespace; constant
 * @vantage: where segments of each end of @flow pass, see vantage.h; protected
 *	by @lock
 * @track: state of both ends; protected by @lock
 * @owner: local sockets of both ends; protected by @lock
 * @id: unique in its namespace, from 1; constant once it is hashed
 * @vantage_log: segments, if they pass several places; protected by @lock
 * @fifo: in table->queue[@queue]; protected by table->lock
 * @place: in ns->conns as long as it is not dead
 * @table: constant
 * @rcu: for deferred freeing
 */
struct tcpt_conn {
	/* a lookup that passes by reads only these two */
	struct hlist_node node;
	u32 hash;
	u8 orig;
	struct tcpt_flow flow;
	/* in another cache line: each segment of the connection writes it */
	spinlock_t lock;	/* inside the bucket lock */
	u8 queue;
	bool dead;
	bool quiet;
	struct tcpt_ns *ns;
	u32 vantage[2];
	struct tcpt_track track;
	struct tcpt_owner owner[2];
	u64 spared;
	u64 id;
	struct tcpt_vantage_log *vantage_log;
	struct list_head fifo;
	struct tcpt_place place;
	struct tcpt_table *table;
	struct rcu_head rcu;
};

#endif /* _TCPT_CONN_H */
