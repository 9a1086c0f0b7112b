// SPDX-License-Identifier: GPL-2.0
#include "conns.h"

#include "tunnel.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>

static int hash_key_init(struct hash_key *key)
{
	ssize_t n = getrandom(key, sizeof(*key), 0);

	if (n < 0)
		return -errno;
	return n == sizeof(*key) ? 0 : -EIO;
}

static u64 load(const u8 bytes[8])
{
	u64 word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

/* Both halves of the product: each bit of it depends on all of @a and @b. */
static u64 fold(u64 a, u64 b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (u64)product ^ (u64)(product >> 64);
}

/*
 * Folded multiplication, as in wyhash, takes a tenth of the time of SipHash,
 * which would be most of a lookup. The author of a capture sees nothing that
 * depends on the key, so a stronger hash is not needed.
 */
static u64 hash_flow(const struct hash_key *key, const struct tcpt_flow *flow)
{
	u64 ports = (u64)flow->family << 32 | (u32)flow->port[0] << 16 |
		    flow->port[1];
	u64 hash;

	ports ^= (u64)tunnel_network(flow->zone) << 35;
	hash = fold(load(flow->addr[0]) ^ key->word[0],
		    load(flow->addr[1]) ^ key->word[1]);
	/* of IPv4 these are zero */
	if (flow->family == 6)
		hash ^= fold(load(flow->addr[0] + 8) ^ key->word[2],
			     load(flow->addr[1] + 8) ^ key->word[3]);
	return fold(hash ^ key->word[2], ports ^ key->word[3]);
}

enum {
	FIRST_BUCKETS	= 4096,
	/* huge pages: a fifth of the time would go to TLB misses */
	SLAB_SIZE	= 2 << 20,
	SLAB_CONNS	= (SLAB_SIZE - CONNS_ALIGN) / sizeof(struct conn),
};

struct conn_slab {
	struct conn_slab *older;
	struct conn conns[SLAB_CONNS];
};

/* Return: 0 or a negative error number. */
int conns_init(struct conns *conns)
{
	int err;

	memset(conns, 0, sizeof(*conns));
	err = hash_key_init(&conns->key);
	if (err)
		return err;
	conns->buckets = calloc(FIRST_BUCKETS, sizeof(*conns->buckets));
	if (!conns->buckets)
		return -ENOMEM;
	conns->mask = FIRST_BUCKETS - 1;
	return 0;
}

static void list_del(struct conn *conn)
{
	struct conn_list *list = conn->list;

	if (conn->older)
		conn->older->newer = conn->newer;
	else
		list->oldest = conn->newer;
	if (conn->newer)
		conn->newer->older = conn->older;
	else
		list->newest = conn->older;
	list->len--;
}

static void list_add(struct conn_list *list, struct conn *conn)
{
	conn->list = list;
	conn->newer = NULL;
	conn->older = list->newest;
	if (list->newest)
		list->newest->newer = conn;
	else
		list->oldest = conn;
	list->newest = conn;
	list->len++;
}

static struct conn *new_slab(struct conns *conns)
{
	struct conn_slab *slab;

	static_assert(sizeof(*slab) <= SLAB_SIZE, "one huge page");
	slab = aligned_alloc(SLAB_SIZE, SLAB_SIZE);
	if (!slab)
		return NULL;
	/* this is only faster: without huge pages nothing fails */
	madvise(slab, SLAB_SIZE, MADV_HUGEPAGE);
	slab->older = conns->slabs;
	conns->slabs = slab;
	conns->used = 1;
	return slab->conns;
}

/* Return: memory for a connection, or NULL. */
static struct conn *take_unused(struct conns *conns)
{
	struct conn *conn = conns->unused;

	if (conn) {
		conns->unused = conn->next;
		return conn;
	}
	if (!conns->slabs || conns->used == SLAB_CONNS)
		return new_slab(conns);
	return &conns->slabs->conns[conns->used++];
}

/* Without memory the chains grow instead. */
static void grow(struct conns *conns)
{
	size_t i, mask = conns->mask * 2 + 1;
	struct conn **buckets, *conn, *next;

	buckets = calloc(mask + 1, sizeof(*buckets));
	if (!buckets)
		return;
	for (i = 0; i <= conns->mask; i++) {
		for (conn = conns->buckets[i]; conn; conn = next) {
			next = conn->next;
			conn->next = buckets[conn->hash & mask];
			buckets[conn->hash & mask] = conn;
		}
	}
	free(conns->buckets);
	conns->buckets = buckets;
	conns->mask = mask;
}

static void forget(struct conns *conns, struct conn *conn)
{
	struct conn **link = &conns->buckets[conn->hash & conns->mask];

	while (*link != conn)
		link = &(*link)->next;
	*link = conn->next;
	list_del(conn);
	conn->next = conns->unused;
	conns->unused = conn;
	conns->forgotten++;
}

/* Forget one, if more than @max are over and there is one that may be. */
static void make_room(struct conns *conns, size_t max)
{
	if (conns->ending.len + conns->remembered.len > max &&
	    conns->remembered.len)
		forget(conns, conns->remembered.oldest);
}

static struct conn *add(struct conns *conns, const struct tcpt_flow *flow,
			u64 hash)
{
	struct conn *conn;

	make_room(conns, CONNS_REMEMBERED - 1);
	conn = take_unused(conns);
	if (!conn)
		return NULL;
	memset(conn, 0, sizeof(*conn));
	conn->flow = *flow;
	conn->hash = hash;
	conn->copies.last = conn->sighting;
	conn->copies.size = CONNS_SIGHTINGS;
	tcpt_wireshark_init(&conn->track.wireshark);
	if (4 * (conns->open.len + conns->remembered.len) > conns->mask)
		grow(conns);
	conn->next = conns->buckets[hash & conns->mask];
	conns->buckets[hash & conns->mask] = conn;
	list_add(&conns->remembered, conn);
	return conn;
}

/**
 * conns_hash - hash a pair of ends
 * @conns: all of them
 * @flow: the ends
 *
 * It reads only constant data, so any thread may call it.
 *
 * Return: the hash.
 */
u64 conns_hash(const struct conns *conns, const struct tcpt_flow *flow)
{
	return hash_flow(&conns->key, flow);
}

/**
 * conns_seek - prefetch the bucket of a pair of ends
 * @conns: all of them
 * @hash: from conns_hash()
 */
void conns_seek(const struct conns *conns, u64 hash)
{
	__builtin_prefetch(&conns->buckets[hash & conns->mask]);
}

static void fetch(const struct conn *conn, size_t begin, size_t end)
{
	for (; begin < end; begin += CONNS_ALIGN)
		__builtin_prefetch((const char *)conn + begin, 1);
}

/**
 * conns_expect - prefetch a pair of ends
 * @conns: all of them
 * @hash: from conns_hash()
 */
void conns_expect(const struct conns *conns, u64 hash)
{
	const struct conn *conn = conns->buckets[hash & conns->mask];

	if (!conn)
		return;
	/* what most segments change */
	fetch(conn, 0, offsetof(struct conn, track.zeek.end[1].syn));
	fetch(conn, offsetof(struct conn, track.end[0].counters.last),
	      offsetof(struct conn, track.end[0].gaps));
	fetch(conn, offsetof(struct conn, track.end[1].counters.last),
	      offsetof(struct conn, track.end[1].gaps));
}

/* A connection shows the tunnel of its first segment. */
static bool is_same(const struct tcpt_flow *a, const struct tcpt_flow *b)
{
	struct tcpt_flow alike = *b;

	if (tcpt_flow_equal(a, b))
		return true;
	alike.zone = a->zone;
	return tunnel_network(a->zone) == tunnel_network(b->zone) &&
	       tcpt_flow_equal(a, &alike);
}

/**
 * conns_get - find a pair of ends, or add it without a connection
 * @conns: all of them
 * @flow: the ends
 * @hash: from conns_hash()
 *
 * Return: the pair, valid until the next call; NULL if there is no memory.
 */
struct conn *conns_get(struct conns *conns, const struct tcpt_flow *flow,
		       u64 hash)
{
	struct conn *conn;

	for (conn = conns->buckets[hash & conns->mask]; conn; conn = conn->next)
		if (conn->hash == hash && is_same(&conn->flow, flow))
			return conn;
	return add(conns, flow, hash);
}

/* A connection begins: it becomes the newest open one. */
void conns_open(struct conns *conns, struct conn *conn)
{
	list_del(conn);
	list_add(&conns->open, conn);
}

/* A connection is over: it becomes the newest of those that end. */
void conns_end(struct conns *conns, struct conn *conn)
{
	list_del(conn);
	list_add(&conns->ending, conn);
	make_room(conns, CONNS_REMEMBERED);
}

/**
 * conns_remember - the record of a connection is complete
 * @conns: all of them
 * @conn: the connection; it stays for late segments, and until there are
 *	CONNS_REMEMBERED newer ones
 */
void conns_remember(struct conns *conns, struct conn *conn)
{
	list_del(conn);
	list_add(&conns->remembered, conn);
	make_room(conns, CONNS_REMEMBERED);
}

void conns_free(struct conns *conns)
{
	struct conn_slab *slab, *older;
	struct conn *conn;

	for (conn = conns->ending.oldest; conn; conn = conn->newer)
		free(conn->ending);
	for (slab = conns->slabs; slab; slab = older) {
		older = slab->older;
		free(slab);
	}
	free(conns->buckets);
}
