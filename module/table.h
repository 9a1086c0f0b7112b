/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table of connections: an RCU hash table with a lock for each stripe of
 * buckets, a cap, and queues of connections that may be evicted.
 *
 * Locks, outermost first: bucket lock, conn->lock, scratch->lock, table->lock.
 */
#ifndef _TCPT_TABLE_H
#define _TCPT_TABLE_H

#include "config.h"
#include "conn.h"
#include "pack.h"

#include <linux/compiler.h>
#include <linux/percpu.h>
#include <linux/rculist.h>	/* for rculist_nulls.h of 6.1 */
#include <linux/rculist_nulls.h>
#include <linux/siphash.h>
#include <linux/tcptrace.h>
#include <linux/spinlock.h>
#include <linux/types.h>

enum {
	TCPT_TABLE_STRIPES	= 1024,		/* bucket locks, power of two */
	TCPT_TABLE_BUCKETS_MIN	= 256,
	TCPT_TABLE_BUCKETS_MAX	= 1 << 22,
	TCPT_TABLE_CHAIN_MAX	= 64,		/* connections in a bucket */
	TCPT_TABLE_PACKED	= 5,		/* sizes of packed connections */
	TCPT_TABLE_CLEAN	= 4,		/* sizes of clean connections */
	TCPT_TABLE_SMALL	= TCPT_TABLE_PACKED + TCPT_TABLE_CLEAN,
};

/**
 * struct tcpt_scratch - temporary memory for the state of one connection
 * @lock: taken inside conn->lock, outside table->lock
 * @full: valid only while @lock is held
 * @compact: valid only while @lock is held
 * @packed: valid only while @lock is held; has TCPT_PACK_MAX bytes
 */
struct tcpt_scratch {
	spinlock_t lock;	/* inside conn->lock */
	struct tcpt_full full;
	union {
		struct tcpt_compact compact;
		struct tcpt_packed packed;
		u8 room[sizeof(struct tcpt_compact) + TCPT_PACK_MAX];
	};
};

/**
 * struct tcpt_table - the table
 * @bucket: array of list heads; its length is a power of two; each list ends
 *	with the number of its bucket
 * @stripe: bucket locks
 * @mask: number of buckets - 1
 * @seed: initial state of the hash, which depends on a secret key; constant
 * @cache: slab of struct tcpt_conn
 * @full_cache: slab of struct tcpt_full
 * @small_cache: slabs of struct tcpt_packed, by ascending size, and then slabs of
 *	struct tcpt_compact, by ascending size
 * @scratch: memory for the full state of a half-open or packed connection while
 *	records of the connection are emitted, and for a connection that is
 *	being packed
 * @config: caps, which may change at any time: READ_ONCE
 * @lock: a leaf: no lock is taken inside it; also protects each namespace's
 *	list of connections
 * @freed: for each CPU, how many connections were freed there since the table
 *	was initialized; the sum may wrap
 * @count: number of connections whose memory is in use, and of those freed
 *	since @subtracted was set; protected by @lock
 * @subtracted: sum of @freed when @count was last corrected; protected by @lock
 * @live: number of connections that are not dead; written under @lock
 * @half_open: length of the half-open queue; written under @lock
 * @queue: the queues, oldest entry first; protected by @lock
 */
struct tcpt_table {
	struct hlist_nulls_head *bucket;
	spinlock_t *stripe;	/* outside conn->lock */
	unsigned int mask;
	u64 seed[4];
	struct kmem_cache *cache;
	struct kmem_cache *full_cache;
	struct kmem_cache *small_cache[TCPT_TABLE_SMALL];
	struct tcpt_scratch __percpu *scratch;
	unsigned int __percpu *freed;
	const struct tcpt_config *config;
	spinlock_t lock;	/* a leaf */
	unsigned int count;
	unsigned int subtracted;
	unsigned int live;
	unsigned int half_open;
	struct list_head queue[TCPT_QUEUES];
};

int tcpt_table_init(struct tcpt_table *table,
		    const struct tcpt_config *config);
void tcpt_table_set_key(struct tcpt_table *table, const siphash_key_t *key);
void tcpt_table_destroy(struct tcpt_table *table);

struct tcpt_conn *tcpt_table_alloc(struct tcpt_ns *ns);
int tcpt_table_alloc_full(struct tcpt_conn *conn);
int tcpt_table_grow(struct tcpt_conn *conn);
void tcpt_table_shrink(struct tcpt_conn *conn);
void tcpt_table_clean(struct tcpt_conn *conn);
void tcpt_table_free_unused(struct tcpt_conn *conn);
int tcpt_table_insert_locked(struct tcpt_table *table, struct tcpt_conn *conn);
void tcpt_table_del_locked(struct tcpt_table *table, struct tcpt_conn *conn);
void tcpt_table_free(struct tcpt_table *table, struct tcpt_conn *conn);

void tcpt_table_queue(struct tcpt_table *table, struct tcpt_conn *conn,
		      enum tcpt_queue queue);
struct tcpt_conn *tcpt_table_victim(struct tcpt_table *table,
				    enum tcptrace_limit_kind *limit);
unsigned int tcpt_table_count(struct tcpt_table *table);

/* The lock protects the memory even if the task moves to a different CPU. */
static inline struct tcpt_scratch *
tcpt_table_scratch(const struct tcpt_table *table)
{
	return raw_cpu_ptr(table->scratch);
}

static __always_inline void tcpt_table_mix(u64 v[4], u64 word)
{
	v[3] ^= word;
	SIPHASH_PERMUTATION(v[0], v[1], v[2], v[3]);
	v[0] ^= word;
}

/**
 * tcpt_table_hash - compute the keyed hash of a flow
 * @table: the table
 * @flow: the flow, which is the same for both directions of a connection
 *
 * Addresses and ports are not folded before they are hashed, so an attacker who
 * cannot read the secret key cannot aim at a bucket. This is SipHash-1-3, like
 * hsiphash(), but without the block for the length, because the family
 * determines the length.
 *
 * Context: any.
 * Return: the hash.
 */
static __always_inline u32 tcpt_table_hash(const struct tcpt_table *table,
					   const struct tcpt_flow *flow)
{
	u64 v[4] = {
		table->seed[0], table->seed[1], table->seed[2], table->seed[3],
	};
	u32 a, b;

	if (flow->family == 6) {
		tcpt_table_mix(v, flow->word[0]);
		tcpt_table_mix(v, flow->word[1]);
		tcpt_table_mix(v, flow->word[2]);
		tcpt_table_mix(v, flow->word[3]);
	} else {
		memcpy(&a, flow->addr[0], sizeof(a));
		memcpy(&b, flow->addr[1], sizeof(b));
		tcpt_table_mix(v, (u64)a << 32 | b);
	}
	tcpt_table_mix(v, (u64)(flow->netns ^ flow->zone) << 32 |
			  (u32)flow->port[0] << 16 | flow->port[1]);
	v[2] ^= 0xff;
	SIPHASH_PERMUTATION(v[0], v[1], v[2], v[3]);
	SIPHASH_PERMUTATION(v[0], v[1], v[2], v[3]);
	SIPHASH_PERMUTATION(v[0], v[1], v[2], v[3]);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static inline bool
tcpt_table_half_open_is_full(const struct tcpt_table *table)
{
	return READ_ONCE(table->half_open) >=
	       READ_ONCE(table->config->max_half_open);
}

/* Eviction begins before the table is full: see tcpt_table_victim(). */
static inline bool tcpt_table_is_nearly_full(const struct tcpt_table *table)
{
	unsigned int max = READ_ONCE(table->config->max_connections);

	return READ_ONCE(table->live) >= max - max / 16;
}

/* Must a connection be evicted? Without table->lock, this is a guess. */
static inline bool tcpt_table_is_crowded(const struct tcpt_table *table)
{
	return tcpt_table_half_open_is_full(table) ||
	       tcpt_table_is_nearly_full(table);
}

/* Find the lock of the bucket for a hash. Callers take the lock with BH off. */
static inline spinlock_t *tcpt_table_lock(const struct tcpt_table *table,
					  u32 hash)
{
	return &table->stripe[hash & table->mask & (TCPT_TABLE_STRIPES - 1)];
}

static inline struct hlist_nulls_head *
tcpt_table_bucket(const struct tcpt_table *table, u32 hash)
{
	return &table->bucket[hash & table->mask];
}

/*
 * Find the first connection of a bucket with @hash and, unless @flow is NULL,
 * with @flow.
 */
static __always_inline struct tcpt_conn *
tcpt_table_search(const struct tcpt_table *table, const struct tcpt_flow *flow,
		  u32 hash)
{
	const struct hlist_nulls_node *pos;
	struct tcpt_conn *conn;

again:
	hlist_nulls_for_each_entry_rcu(conn, pos,
				       tcpt_table_bucket(table, hash), node) {
		if (READ_ONCE(conn->hash) != hash)
			continue;
		/* the caller compares the flow again, under conn->lock */
		if (!flow || data_race(tcpt_flow_equal(&conn->flow, flow)))
			return conn;
	}
	/* a connection of this chain has moved to another chain */
	if (unlikely(get_nulls_value(pos) != (hash & table->mask)))
		goto again;
	return NULL;
}

/**
 * tcpt_table_find - look up a flow
 * @table: the table
 * @flow: the flow to look for
 * @hash: hash of @flow
 *
 * Context: any, under rcu_read_lock(), perhaps under the bucket lock.
 * Return: the connection or NULL. Without the bucket lock, the connection may
 * have died, and may have become a different one: take conn->lock, and if
 * tcpt_conn_has_flow() is false, look the flow up again.
 */
static inline struct tcpt_conn *
tcpt_table_find(const struct tcpt_table *table, const struct tcpt_flow *flow,
		u32 hash)
{
	return tcpt_table_search(table, flow, hash);
}

/**
 * tcpt_table_guess - look up a hash
 * @table: the table
 * @hash: hash of the flow to look for
 *
 * Context: any, under rcu_read_lock().
 * Return: the first connection with @hash or NULL. With a connection, proceed
 * as after tcpt_table_find(); almost always it is the right one.
 */
static __always_inline struct tcpt_conn *
tcpt_table_guess(const struct tcpt_table *table, u32 hash)
{
	return tcpt_table_search(table, NULL, hash);
}

#endif /* _TCPT_TABLE_H */
