// SPDX-License-Identifier: GPL-2.0
#include "table.h"

#include "vantage.h"

#include <linux/build_bug.h>
#include <linux/err.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/stddef.h>
#include <linux/string.h>

/*
 * If no slab cache is merged with these caches, slabinfo shows how many
 * connections there are. Older kernels do not let a module forbid merging.
 */
#ifndef SLAB_NO_MERGE
#define SLAB_NO_MERGE	0
#endif

/* the lock is never in the cache line of the node */
static_assert(offsetof(struct tcpt_conn, lock) >= 64);
/* SLAB_HWCACHE_ALIGN aligns the full state to cache lines of 64 bytes */
static_assert(offsetof(struct tcpt_full, track.wireshark) % 64 == 0);
/* without the lock, which lock debugging makes larger */
static_assert(sizeof(struct tcpt_conn) - sizeof(spinlock_t) <= 176);

/*
 * Slab caches for packed states, and then for clean states, by ascending size.
 * The sizes waste little of a page. Connections without anything unusual need
 * 290 to 500 bytes if they are packed, 790 to 910 bytes if they are clean.
 */
enum {
	CLEAN_MAX	= 1088,	/* bytes for a clean connection */
};

static const struct {
	const char *name;
	unsigned int size;
} small_caches[TCPT_TABLE_SMALL] = {
	{ "tcpt_packed_272", 272 },
	{ "tcpt_packed_312", 312 },
	{ "tcpt_packed_408", 408 },
	{ "tcpt_packed_512", 512 },
	{ "tcpt_packed_816", TCPT_PACK_MAX },
	{ "tcpt_clean_816", 816 },
	{ "tcpt_clean_856", 856 },
	{ "tcpt_clean_904", 904 },
	{ "tcpt_clean_1088", CLEAN_MAX },
};

static int init_percpu(struct tcpt_table *table)
{
	int cpu;

	table->freed = alloc_percpu(unsigned int);
	if (!table->freed)
		return -ENOMEM;
	table->scratch = alloc_percpu(struct tcpt_scratch);
	if (!table->scratch) {
		free_percpu(table->freed);
		return -ENOMEM;
	}
	for_each_possible_cpu(cpu)
		spin_lock_init(&per_cpu_ptr(table->scratch, cpu)->lock);
	return 0;
}

static void destroy_small_caches(struct tcpt_table *table)
{
	unsigned int i;

	for (i = 0; i < TCPT_TABLE_SMALL; i++)
		kmem_cache_destroy(table->small_cache[i]);
}

static int init_small_caches(struct tcpt_table *table)
{
	unsigned int i;

	for (i = 0; i < TCPT_TABLE_SMALL; i++) {
		table->small_cache[i] =
			kmem_cache_create(small_caches[i].name,
					  small_caches[i].size, 0,
					  SLAB_NO_MERGE, NULL);
		if (!table->small_cache[i]) {
			destroy_small_caches(table);
			return -ENOMEM;
		}
	}
	return 0;
}

/*
 * Connections are not aligned to cache lines: a flood of half-open ones needs 9
 * percent less memory, and a packet accesses no more lines.
 */
static int init_caches(struct tcpt_table *table)
{
	table->cache = KMEM_CACHE(tcpt_conn, SLAB_NO_MERGE);
	if (!table->cache)
		return -ENOMEM;
	table->full_cache = KMEM_CACHE(tcpt_full, SLAB_HWCACHE_ALIGN |
						  SLAB_NO_MERGE);
	if (!table->full_cache)
		goto err_destroy_cache;
	if (init_small_caches(table))
		goto err_destroy_full_cache;
	if (init_percpu(table))
		goto err_destroy_small_caches;
	return 0;

err_destroy_small_caches:
	destroy_small_caches(table);
err_destroy_full_cache:
	kmem_cache_destroy(table->full_cache);
err_destroy_cache:
	kmem_cache_destroy(table->cache);
	return -ENOMEM;
}

/**
 * tcpt_table_set_key - choose the secret key of the hash
 * @table: the table, which is empty
 * @key: the key
 *
 * Context: any.
 */
void tcpt_table_set_key(struct tcpt_table *table, const siphash_key_t *key)
{
	table->seed[0] = key->key[0] ^ SIPHASH_CONST_0;
	table->seed[1] = key->key[1] ^ SIPHASH_CONST_1;
	table->seed[2] = key->key[0] ^ SIPHASH_CONST_2;
	table->seed[3] = key->key[1] ^ SIPHASH_CONST_3;
}

/**
 * tcpt_table_init - initialize an empty table
 * @table: filled in
 * @config: the caps, and hashsize, which is rounded up to a power of two within
 *	the limits; must outlive the table
 *
 * Context: process; may sleep.
 * Return: 0 or -ENOMEM.
 */
int tcpt_table_init(struct tcpt_table *table, const struct tcpt_config *config)
{
	unsigned int i, buckets;
	siphash_key_t key;

	buckets = clamp_t(unsigned int, config->hashsize, TCPT_TABLE_BUCKETS_MIN,
			  TCPT_TABLE_BUCKETS_MAX);
	buckets = roundup_pow_of_two(buckets);
	memset(table, 0, sizeof(*table));
	table->config = config;
	table->mask = buckets - 1;
	get_random_bytes(&key, sizeof(key));
	tcpt_table_set_key(table, &key);
	spin_lock_init(&table->lock);
	for (i = 0; i < TCPT_QUEUES; i++)
		INIT_LIST_HEAD(&table->queue[i]);
	table->bucket = kvmalloc_array(buckets, sizeof(*table->bucket),
				       GFP_KERNEL);
	if (!table->bucket)
		return -ENOMEM;
	table->stripe = kvcalloc(TCPT_TABLE_STRIPES, sizeof(*table->stripe),
				 GFP_KERNEL);
	if (!table->stripe)
		goto err_free_bucket;
	for (i = 0; i < buckets; i++)
		INIT_HLIST_NULLS_HEAD(&table->bucket[i], i);
	for (i = 0; i < TCPT_TABLE_STRIPES; i++)
		spin_lock_init(&table->stripe[i]);
	if (init_caches(table))
		goto err_free_stripe;
	return 0;

err_free_stripe:
	kvfree(table->stripe);
err_free_bucket:
	kvfree(table->bucket);
	return -ENOMEM;
}

/**
 * tcpt_table_destroy - free an empty table
 * @table: the table; no longer in use
 *
 * Context: process; sleeps until every RCU callback has run.
 */
void tcpt_table_destroy(struct tcpt_table *table)
{
	rcu_barrier();
	WARN_ON_ONCE(tcpt_table_count(table));
	free_percpu(table->freed);
	free_percpu(table->scratch);
	destroy_small_caches(table);
	kmem_cache_destroy(table->full_cache);
	kmem_cache_destroy(table->cache);
	kvfree(table->stripe);
	kvfree(table->bucket);
}

/**
 * tcpt_table_alloc - allocate memory for a half-open connection
 * @ns: its network namespace
 *
 * The connection counts towards the cap only after it is admitted.
 *
 * Context: any; does not sleep.
 * Return: a zeroed connection that is in no table yet, or NULL.
 */
struct tcpt_conn *tcpt_table_alloc(struct tcpt_ns *ns)
{
	struct tcpt_conn *conn;

	conn = kmem_cache_zalloc(ns->table->cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!conn)
		return NULL;
	spin_lock_init(&conn->lock);
	conn->ns = ns;
	conn->form = TCPT_FORM_HALF_OPEN;
	return conn;
}

/**
 * tcpt_table_alloc_full - allocate memory for the full state of a connection
 * @conn: from tcpt_table_alloc(), or a half-open connection, whose SYN is
 *	overwritten
 *
 * Context: any; does not sleep. The caller serializes access to @conn.
 * Return: 0, with @conn->full zeroed; or -ENOMEM, with @conn unchanged.
 */
int tcpt_table_alloc_full(struct tcpt_conn *conn)
{
	struct tcpt_full *full;

	full = kmem_cache_zalloc(conn->ns->table->full_cache,
				 GFP_ATOMIC | __GFP_NOWARN);
	if (!full)
		return -ENOMEM;
	conn->full = full;
	conn->form = TCPT_FORM_FULL;
	return 0;
}

/* Find the first slab cache from index @i on for a state of @size bytes. */
static struct kmem_cache *small_cache(const struct tcpt_table *table,
				      unsigned int i, size_t size)
{
	while (small_caches[i].size < size)
		i++;
	return table->small_cache[i];
}

static struct kmem_cache *packed_cache(const struct tcpt_table *table,
				       const struct tcpt_packed *packed)
{
	return small_cache(table, 0, tcpt_pack_size(packed));
}

static struct kmem_cache *clean_cache(const struct tcpt_table *table,
				      const struct tcpt_compact *compact)
{
	return small_cache(table, TCPT_TABLE_PACKED,
			   tcpt_pack_clean_size(compact));
}

/* Free the memory of @conn other than struct tcpt_conn itself. */
static void free_state(struct tcpt_table *table, struct tcpt_conn *conn)
{
	switch (conn->form) {
	case TCPT_FORM_PACKED:
		kmem_cache_free(packed_cache(table, conn->packed),
				conn->packed);
		break;
	case TCPT_FORM_CLEAN:
		kmem_cache_free(clean_cache(table, conn->compact),
				conn->compact);
		break;
	case TCPT_FORM_FULL:
		tcpt_vantage_free(conn->full->vantage_log);
		kmem_cache_free(table->full_cache, conn->full);
		break;
	}
}

/* Let more segments pass before the connection becomes clean again. */
static void be_patient(struct tcpt_full *full)
{
	full->streak = 0;
	if (full->patience < TCPT_CONN_PATIENCE)
		full->patience++;
}

/**
 * tcpt_table_grow - create the full state of a connection
 * @conn: not full
 *
 * Context: BH off, conn->lock held; does not sleep.
 * Return: 0; or -ENOMEM, with @conn unchanged.
 */
int tcpt_table_grow(struct tcpt_conn *conn)
{
	struct tcpt_full *full;

	full = kmem_cache_zalloc(conn->ns->table->full_cache,
				 GFP_ATOMIC | __GFP_NOWARN);
	if (!full)
		return -ENOMEM;
	tcpt_conn_expand(full, conn);
	if (conn->form == TCPT_FORM_CLEAN)
		be_patient(full);
	free_state(conn->ns->table, conn);
	conn->full = full;
	conn->form = TCPT_FORM_FULL;
	return 0;
}

/* Allocate a copy of a state. Return: NULL if there is no memory. */
static void *copy_of(struct kmem_cache *cache, const void *state, size_t size)
{
	void *copy = kmem_cache_alloc(cache, GFP_NOWAIT | __GFP_NOWARN);

	if (copy)
		memcpy(copy, state, size);
	return copy;
}

/* Return: NULL if the state is too large, or if there is no memory. */
static struct tcpt_packed *pack(struct tcpt_table *table,
				struct tcpt_conn *conn)
{
	struct tcpt_scratch *scratch = tcpt_table_scratch(table);
	struct tcpt_packed *packed = NULL;

	spin_lock(&scratch->lock);
	tcpt_conn_copy(&scratch->full, conn);
	scratch->full.streak = 0;
	if (tcpt_pack(&scratch->packed, &scratch->full))
		packed = copy_of(packed_cache(table, &scratch->packed),
				 &scratch->packed,
				 tcpt_pack_size(&scratch->packed));
	else if (conn->form == TCPT_FORM_FULL)
		conn->full->kept = (u32)conn->full->track.last;
	spin_unlock(&scratch->lock);
	return packed;
}

/**
 * tcpt_table_shrink - pack an idle connection, if possible
 * @conn: full or clean
 *
 * Context: BH off, conn->lock held; does not sleep.
 */
void tcpt_table_shrink(struct tcpt_conn *conn)
{
	struct tcpt_table *table = conn->ns->table;
	struct tcpt_packed *packed;

	if (conn->form == TCPT_FORM_FULL && !tcpt_pack_may(conn->full))
		return;
	packed = pack(table, conn);
	if (!packed)
		return;
	free_state(table, conn);
	conn->packed = packed;
	conn->form = TCPT_FORM_PACKED;
}

/* Return: NULL if the state is too large, or if there is no memory. */
static struct tcpt_compact *pack_clean(struct tcpt_table *table,
				       const struct tcpt_full *full)
{
	struct tcpt_scratch *scratch = tcpt_table_scratch(table);
	struct tcpt_compact *compact = NULL, *from = &scratch->compact;

	spin_lock(&scratch->lock);
	if (tcpt_pack_clean(from, &scratch->full, full) &&
	    tcpt_pack_clean_size(from) <= CLEAN_MAX)
		compact = copy_of(clean_cache(table, from), from,
				  tcpt_pack_clean_size(from));
	spin_unlock(&scratch->lock);
	return compact;
}

/**
 * tcpt_table_clean - make a full connection clean, if possible
 * @conn: full
 *
 * Context: BH off, conn->lock held; does not sleep.
 */
void tcpt_table_clean(struct tcpt_conn *conn)
{
	struct tcpt_table *table = conn->ns->table;
	struct tcpt_full *full = conn->full;
	struct tcpt_compact *compact;

	full->streak = 0;
	if (!tcpt_clean_may(&full->track) || !tcpt_pack_may(full))
		return;
	compact = pack_clean(table, full);
	if (!compact) {
		be_patient(full);
		return;
	}
	free_state(table, conn);
	conn->compact = compact;
	conn->form = TCPT_FORM_CLEAN;
}

static void free_memory(struct tcpt_table *table, struct tcpt_conn *conn)
{
	free_state(table, conn);
	kmem_cache_free(table->cache, conn);
}

static void free_conn(struct rcu_head *rcu)
{
	struct tcpt_conn *conn = container_of(rcu, struct tcpt_conn, rcu);
	struct tcpt_table *table = conn->table;

	free_memory(table, conn);
	this_cpu_inc(*table->freed);
}

/**
 * tcpt_table_free - free a dead connection after a grace period
 * @table: the table
 * @conn: the connection
 *
 * After this call, the connection does not use its namespace: the namespace can
 * end as soon as its list of connections is empty.
 *
 * Context: any.
 */
void tcpt_table_free(struct tcpt_table *table, struct tcpt_conn *conn)
{
	conn->table = table;
	call_rcu(&conn->rcu, free_conn);
}

/**
 * tcpt_table_free_unused - free a connection that was not admitted
 * @conn: from tcpt_table_alloc(), or dead
 *
 * Context: any.
 */
void tcpt_table_free_unused(struct tcpt_conn *conn)
{
	struct tcpt_table *table = conn->ns->table;

	if (conn->dead)
		tcpt_table_free(table, conn);
	else
		free_memory(table, conn);
}

/* Return: as tcpt_table_insert_locked(), except for the cap. */
static int check_chain(const struct tcpt_table *table,
		       const struct tcpt_conn *conn)
{
	const struct hlist_nulls_node *pos;
	const struct tcpt_conn *other;
	unsigned int n = 0;

	hlist_nulls_for_each_entry(other, pos,
				   tcpt_table_bucket(table, conn->hash), node) {
		if (other->hash == conn->hash &&
		    tcpt_flow_equal(&other->flow, &conn->flow))
			return -EEXIST;
		if (++n == TCPT_TABLE_CHAIN_MAX)
			return -EXFULL;
	}
	return 0;
}

/* Subtract the connections that have been freed from table->count. */
static void subtract_freed(struct tcpt_table *table)
{
	unsigned int cpu, freed = 0;

	lockdep_assert_held(&table->lock);
	for_each_possible_cpu(cpu)
		freed += READ_ONCE(*per_cpu_ptr(table->freed, cpu));
	table->count -= freed - table->subtracted;
	table->subtracted = freed;
}

static bool is_full(struct tcpt_table *table)
{
	unsigned int max = READ_ONCE(table->config->max_connections);

	if (likely(table->count < max))
		return false;
	subtract_freed(table);
	return table->count >= max;
}

/* Count a connection, and assign its id. Return: 0, or -ENFILE at the cap. */
static int admit(struct tcpt_table *table, struct tcpt_conn *conn)
{
	struct tcpt_ns *ns = conn->ns;

	lockdep_assert_held(&table->lock);
	if (!conn->dead) {
		if (is_full(table))
			return -ENFILE;
		table->count++;
	}
	WRITE_ONCE(table->live, table->live + 1);
	WRITE_ONCE(table->half_open, table->half_open + 1);
	conn->place.id = ++ns->last_id;
	WRITE_ONCE(ns->count, ns->count + 1);
	list_add_tail(&conn->place.list, &ns->conns);
	conn->queue = TCPT_QUEUE_HALF_OPEN;
	list_add_tail(&conn->fifo, &table->queue[TCPT_QUEUE_HALF_OPEN]);
	return 0;
}

/**
 * tcpt_table_insert_locked - put a connection into the table
 * @table: the table
 * @conn: from tcpt_table_alloc(), or dead; with its flow and hash set
 *
 * The connection gets an id, and enters its bucket, the half-open queue and the
 * list of its namespace. A walk over that list can then find the connection
 * before a lookup can, so the caller must hold conn->lock until the first
 * segment is tracked, unless @conn already contains everything about that
 * segment. The cap limits memory, so a removed connection is counted until its
 * RCU callback has run. A dead connection that is used again is still counted.
 *
 * Context: BH off, bucket lock held.
 * Return: 0; -EEXIST if the flow is in the table; -EXFULL if the bucket is at
 * its limit; -ENFILE at the cap.
 */
int tcpt_table_insert_locked(struct tcpt_table *table, struct tcpt_conn *conn)
{
	int ret;

	lockdep_assert_held(tcpt_table_lock(table, conn->hash));
	ret = check_chain(table, conn);
	if (ret)
		return ret;
	spin_lock(&table->lock);
	ret = admit(table, conn);
	spin_unlock(&table->lock);
	if (!ret)
		hlist_nulls_add_head_rcu(&conn->node,
					 tcpt_table_bucket(table, conn->hash));
	return ret;
}

/* Take @conn out of its queue. */
static void dequeue(struct tcpt_table *table, struct tcpt_conn *conn)
{
	lockdep_assert_held(&table->lock);
	if (conn->queue == TCPT_QUEUE_NONE)
		return;
	if (conn->queue == TCPT_QUEUE_HALF_OPEN)
		WRITE_ONCE(table->half_open, table->half_open - 1);
	list_del(&conn->fifo);
	conn->queue = TCPT_QUEUE_NONE;
}

/**
 * tcpt_table_del_locked - remove a connection
 * @table: the table
 * @conn: a connection that is not dead
 *
 * The caller then calls tcpt_table_free(). If @conn is half-open and the caller
 * has it from tcpt_table_victim(), the caller may instead put it into the table
 * again, as a different connection of the same namespace. (No other CPU does
 * so, because a half-open connection enters its queue only once.) Until then,
 * only this CPU writes to it, but other CPUs may still find it.
 *
 * Context: BH off, bucket lock and conn->lock held.
 */
void tcpt_table_del_locked(struct tcpt_table *table, struct tcpt_conn *conn)
{
	struct tcpt_ns *ns = conn->ns;

	lockdep_assert_held(tcpt_table_lock(table, conn->hash));
	lockdep_assert_held(&conn->lock);
	conn->dead = true;
	hlist_nulls_del_rcu(&conn->node);
	spin_lock(&table->lock);
	dequeue(table, conn);
	WRITE_ONCE(table->live, table->live - 1);
	list_del_init(&conn->place.list);
	WRITE_ONCE(ns->count, ns->count - 1);
	spin_unlock(&table->lock);
}

/**
 * tcpt_table_queue - move a connection to a queue
 * @table: the table
 * @conn: an admitted connection
 * @queue: the new queue; the connection is added at its end
 *
 * Context: BH off, conn->lock held.
 */
void tcpt_table_queue(struct tcpt_table *table, struct tcpt_conn *conn,
		      enum tcpt_queue queue)
{
	lockdep_assert_held(&conn->lock);
	spin_lock(&table->lock);
	dequeue(table, conn);
	conn->queue = queue;
	if (queue == TCPT_QUEUE_HALF_OPEN)
		WRITE_ONCE(table->half_open, table->half_open + 1);
	if (queue != TCPT_QUEUE_NONE)
		list_add_tail(&conn->fifo, &table->queue[queue]);
	spin_unlock(&table->lock);
}

/*
 * Return: the connection to evict first, or NULL if no eviction is needed or
 * allowed.
 */
static struct tcpt_conn *oldest(struct tcpt_table *table,
				enum tcptrace_limit_kind *limit)
{
	struct list_head *half = &table->queue[TCPT_QUEUE_HALF_OPEN];
	struct list_head *done = &table->queue[TCPT_QUEUE_FINISHED];
	struct list_head *quiet = &table->queue[TCPT_QUEUE_QUIET];

	*limit = TCPTRACE_LIMIT_HALF_OPEN;
	if (tcpt_table_half_open_is_full(table))
		return list_first_entry_or_null(half, struct tcpt_conn, fifo);
	*limit = TCPTRACE_LIMIT_TABLE;
	if (!tcpt_table_is_nearly_full(table))
		return NULL;
	if (!list_empty(done))
		return list_first_entry(done, struct tcpt_conn, fifo);
	if (!list_empty(half))
		return list_first_entry(half, struct tcpt_conn, fifo);
	return list_first_entry_or_null(quiet, struct tcpt_conn, fifo);
}

/**
 * tcpt_table_victim - choose a connection to evict before a new one is added
 * @table: the table
 * @limit: set to the limit that was reached; meaningless if NULL is returned
 *
 * If there are max_half_open half-open connections, the oldest of them is
 * evicted. Otherwise eviction begins at 15/16 of the cap, because memory is
 * freed only after a grace period. The victim is the oldest finished
 * connection, else the oldest half-open connection, else the connection that
 * has been quiet longest. Other open connections are never evicted: they may
 * fill the table to its cap.
 *
 * The victim has left its queue, so no other caller gets the victim. The victim
 * is still in the table: the caller must end or spare it.
 *
 * Context: BH off, under rcu_read_lock(), no conn->lock held.
 * Return: a connection, valid until rcu_read_unlock(), or NULL.
 */
struct tcpt_conn *tcpt_table_victim(struct tcpt_table *table,
				    enum tcptrace_limit_kind *limit)
{
	struct tcpt_conn *conn;

	spin_lock(&table->lock);
	conn = oldest(table, limit);
	if (conn)
		dequeue(table, conn);
	spin_unlock(&table->lock);
	return conn;
}

/**
 * tcpt_table_count - count the connections whose memory is in use
 * @table: the table
 *
 * Context: any but hard interrupts.
 * Return: number of connections.
 */
unsigned int tcpt_table_count(struct tcpt_table *table)
{
	unsigned int count;

	spin_lock_bh(&table->lock);
	subtract_freed(table);
	count = table->count;
	spin_unlock_bh(&table->lock);
	return count;
}
