/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table of connections: an RCU hash with a lock for each stripe of
 * buckets, a cap, and queues of connections that may be evicted.
 *
 * Locks, outermost first: bucket lock, conn->lock, table->lock.
 */
#ifndef _TCPT_TABLE_H
#define _TCPT_TABLE_H

#include "config.h"
#include "conn.h"

#include <linux/rculist.h>
#include <linux/siphash.h>
#include <linux/tcptrace.h>
#include <linux/spinlock.h>
#include <linux/types.h>

enum {
	TCPT_TABLE_STRIPES	= 1024,		/* bucket locks, power of two */
	TCPT_TABLE_BUCKETS_MIN	= 256,
	TCPT_TABLE_BUCKETS_MAX	= 1 << 22,
	TCPT_TABLE_CHAIN_MAX	= 64,		/* connections in a bucket */
};

/**
 * struct tcpt_table - the table
 * @bucket: heads, an array of a power of two
 * @stripe: bucket locks
 * @mask: number of buckets - 1
 * @key: secret key of the hash
 * @cache: slab of struct tcpt_conn
 * @config: caps; READ_ONCE: it may change at any time
 * @lock: a leaf: nothing is taken inside it; protects the lists of the
 *	namespaces, too
 * @count: connections whose memory is in use; protected by @lock
 * @live: connections that are not dead; protected by @lock
 * @half_open: in the half-open queue; protected by @lock
 * @queue: oldest first; protected by @lock
 */
struct tcpt_table {
	struct hlist_head *bucket;
	spinlock_t *stripe;	/* outside conn->lock */
	unsigned int mask;
	hsiphash_key_t key;
	struct kmem_cache *cache;
	const struct tcpt_config *config;
	spinlock_t lock;	/* a leaf */
	unsigned int count;
	unsigned int live;
	unsigned int half_open;
	struct list_head queue[TCPT_QUEUES];
};

int tcpt_table_init(struct tcpt_table *table,
		    const struct tcpt_config *config);
void tcpt_table_destroy(struct tcpt_table *table);
u32 tcpt_table_hash(const struct tcpt_table *table,
		    const struct tcpt_flow *flow);

struct tcpt_conn *tcpt_table_alloc(struct tcpt_table *table);
void tcpt_table_free_unused(struct tcpt_table *table, struct tcpt_conn *conn);
int tcpt_table_admit_locked(struct tcpt_table *table, struct tcpt_conn *conn);
void tcpt_table_add_locked(struct tcpt_table *table, struct tcpt_conn *conn);
void tcpt_table_del_locked(struct tcpt_table *table, struct tcpt_conn *conn);

void tcpt_table_queue(struct tcpt_table *table, struct tcpt_conn *conn,
		      enum tcpt_queue queue);
struct tcpt_conn *tcpt_table_victim(struct tcpt_table *table,
				    enum tcptrace_limit_kind *limit);
unsigned int tcpt_table_count(struct tcpt_table *table);

/* The lock of a hash's bucket: taken with BH off. */
static inline spinlock_t *tcpt_table_lock(const struct tcpt_table *table,
					  u32 hash)
{
	return &table->stripe[hash & table->mask & (TCPT_TABLE_STRIPES - 1)];
}

static inline struct hlist_head *
tcpt_table_bucket(const struct tcpt_table *table, u32 hash)
{
	return &table->bucket[hash & table->mask];
}

/**
 * tcpt_table_find - look a flow up
 * @table: the table
 * @flow: what to look for
 * @hash: its hash
 *
 * Context: any, under rcu_read_lock() or the bucket lock.
 * Return: the connection or NULL. Without the bucket lock it may be dead: take
 * conn->lock, look at conn->dead, and if it is set look the flow up again.
 */
static inline struct tcpt_conn *
tcpt_table_find(const struct tcpt_table *table, const struct tcpt_flow *flow,
		u32 hash)
{
	struct tcpt_conn *conn;

	hlist_for_each_entry_rcu(conn, tcpt_table_bucket(table, hash), node,
				 lockdep_is_held(tcpt_table_lock(table, hash)))
		if (conn->hash == hash && tcpt_flow_equal(&conn->flow, flow))
			return conn;
	return NULL;
}

#endif /* _TCPT_TABLE_H */
