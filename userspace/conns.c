// SPDX-License-Identifier: GPL-2.0
#include "conns.h"

#include "core/segment.h"
#include "tunnel.h"

#include <errno.h>
#include <stdlib.h>
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

/* XOR both halves of a product, so each bit depends on all of @a and @b. */
static u64 fold(u64 a, u64 b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (u64)product ^ (u64)(product >> 64);
}

/*
 * Hash by folded multiplication, as wyhash does. This takes a tenth of the time
 * of SipHash, which would dominate a lookup. A stronger hash is not needed,
 * because the author of a capture sees nothing that depends on the key.
 */
static u64 hash_flow(const struct hash_key *key, const struct tcpt_flow *flow)
{
	u64 ports = (u64)flow->family << 32 | (u32)flow->port[0] << 16 |
		    flow->port[1];
	u64 hash;

	ports ^= (u64)tunnel_network(flow->zone) << 35;
	hash = fold(load(flow->addr[0]) ^ key->word[0],
		    load(flow->addr[1]) ^ key->word[1]);
	/* bytes 8 to 15 of an IPv4 address are zero */
	if (flow->family == 6)
		hash ^= fold(load(flow->addr[0] + 8) ^ key->word[2],
			     load(flow->addr[1] + 8) ^ key->word[3]);
	return fold(hash ^ key->word[2], ports ^ key->word[3]);
}

enum {
	FIRST_BUCKETS	= 4096,
};

/* Return: 0 or a negative error number. */
int conns_init(struct conns *conns)
{
	int err;

	memset(conns, 0, sizeof(*conns));
	conns->pool.size = sizeof(struct conn);
	conns->full_pool.size = sizeof(struct conn_full);
	err = hash_key_init(&conns->key);
	if (err)
		return err;
	conns->buckets = calloc(FIRST_BUCKETS, sizeof(*conns->buckets));
	if (!conns->buckets)
		return -ENOMEM;
	conns->mask = FIRST_BUCKETS - 1;
	return 0;
}

static struct conn_list *list_of(struct conns *conns, enum conn_where where)
{
	switch (where) {
	case CONN_OPEN:
		return &conns->open;
	case CONN_ENDING:
		return &conns->ending;
	default:
		return &conns->remembered;
	}
}

static void list_del(struct conns *conns, struct conn *conn)
{
	struct conn_list *list = list_of(conns, conn->where);

	if (conns->unconfirmed == conn)
		conns->unconfirmed = conn->newer;
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

static void list_add(struct conns *conns, struct conn *conn,
		     enum conn_where where)
{
	struct conn_list *list = list_of(conns, where);

	conn->where = (u8)where;
	conn->newer = NULL;
	conn->older = list->newest;
	if (list->newest)
		list->newest->newer = conn;
	else
		list->oldest = conn;
	list->newest = conn;
	list->len++;
}

/* Double the hash table. Without memory for it, the chains become longer. */
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
	list_del(conns, conn);
	if (conn->known == CONN_FULL)
		pool_give_back(&conns->full_pool, conn->full);
	pool_give_back(&conns->pool, conn);
	conns->forgotten++;
}

/*
 * If more than @max pairs of ends have no open connection, forget the oldest
 * pair in @conns->remembered.
 */
static void make_room(struct conns *conns, size_t max)
{
	if (conns->ending.len + conns->remembered.len > max &&
	    conns->remembered.len)
		forget(conns, conns->remembered.oldest);
}

static struct conn *add(struct conns *conns, const struct tcpt_flow *flow,
			u32 hash)
{
	struct conn *conn;

	make_room(conns, CONNS_REMEMBERED - 1);
	conn = pool_take(&conns->pool);
	if (!conn)
		return NULL;
	memset(conn, 0, sizeof(*conn));
	conn->flow = *flow;
	conn->hash = hash;
	if (4 * (conns->open.len + conns->remembered.len) > conns->mask)
		grow(conns);
	conn->next = conns->buckets[hash & conns->mask];
	conns->buckets[hash & conns->mask] = conn;
	list_add(conns, conn, CONN_REMEMBERED);
	return conn;
}

/**
 * conns_hash - hash a pair of ends
 * @conns: all connections
 * @flow: the ends
 *
 * Any thread may call this function, because it reads only constant data of
 * @conns.
 *
 * Return: the hash.
 */
u32 conns_hash(const struct conns *conns, const struct tcpt_flow *flow)
{
	return (u32)hash_flow(&conns->key, flow);
}

/**
 * conns_seek - prefetch the bucket of a pair of ends
 * @conns: all connections
 * @hash: result of conns_hash()
 */
void conns_seek(const struct conns *conns, u32 hash)
{
	__builtin_prefetch(&conns->buckets[hash & conns->mask]);
}

static void fetch(const void *object, size_t begin, size_t end)
{
	for (; begin < end; begin += POOL_ALIGN)
		__builtin_prefetch((const char *)object + begin, 1);
}

/**
 * conns_expect - prefetch the first pair of ends in a bucket
 * @conns: all connections
 * @hash: result of conns_hash()
 */
void conns_expect(const struct conns *conns, u32 hash)
{
	const struct conn *conn = conns->buckets[hash & conns->mask];

	if (conn)
		fetch(conn, 0, sizeof(*conn));
}

/**
 * conns_expect_full - prefetch the full state of the first pair in a bucket
 * @conns: all connections
 * @hash: result of conns_hash()
 */
void conns_expect_full(const struct conns *conns, u32 hash)
{
	const struct conn *conn = conns->buckets[hash & conns->mask];
	const struct conn_full *full;

	if (!conn || conn->known != CONN_FULL)
		return;
	full = conn->full;
	/* the fields that most segments change */
	fetch(full, 0, offsetof(struct conn_full, track.zeek.end[1].syn));
	fetch(full, offsetof(struct conn_full, track.end[0].counters.last),
	      offsetof(struct conn_full, track.end[0].gaps));
	fetch(full, offsetof(struct conn_full, track.end[1].counters.last),
	      offsetof(struct conn_full, track.end[1].gaps));
}

/*
 * Check whether two flows have the same ends. Different zones match if they are
 * in one network (see tunnel_network()); conn->flow keeps the first zone seen.
 */
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
 * @conns: all connections
 * @flow: the ends
 * @hash: result of conns_hash()
 *
 * Return: the pair, valid until the next call; NULL if there is no memory.
 */
struct conn *conns_get(struct conns *conns, const struct tcpt_flow *flow,
		       u32 hash)
{
	struct conn *conn;

	for (conn = conns->buckets[hash & conns->mask]; conn; conn = conn->next)
		if (conn->hash == hash && is_same(&conn->flow, flow))
			return conn;
	return add(conns, flow, hash);
}

/**
 * conns_sighting - describe a packet for struct tcpt_copies
 * @packet: filled in
 * @seg: the segment in the packet
 * @vantage: where the packet was captured
 * @now: when the packet was captured, ns
 * @sender: which end of the flow sent the packet
 */
void conns_sighting(struct tcpt_sighting *packet,
		    const struct tcpt_segment *seg, u32 vantage, u64 now,
		    unsigned int sender)
{
	tcpt_copies_fill(packet, seg);
	packet->time = now;
	packet->vantage = vantage;
	packet->ttl = seg->ttl;
	packet->sender = (u8)sender;
}

/**
 * conns_track - get the state of a connection
 * @conn: the connection
 * @room: memory for a state that must be derived
 *
 * Return: the state, which is valid while @conn and @room are valid.
 */
const struct tcpt_track *conns_track(const struct conn *conn,
				     struct conn_full *room)
{
	if (conn->known == CONN_FULL)
		return &conn->full->track;
	conns_fill(room, conn);
	return &room->track;
}

/**
 * conns_fill - derive the full state of a pair of ends
 * @full: filled in
 * @conn: the pair, which must not be CONN_FULL
 */
void conns_fill(struct conn_full *full, const struct conn *conn)
{
	const struct conn_syn *syn = &conn->syn;
	struct tcpt_sighting packet;
	struct tcpt_segment seg;

	memset(full, 0, sizeof(*full));
	full->copies.last = full->sighting;
	full->copies.size = CONNS_SIGHTINGS;
	if (conn->known == CONN_NOTHING) {
		tcpt_wireshark_init(&full->track.wireshark);
		return;
	}
	tcpt_request_segment(&syn->request, &conn->flow, conn->orig, &seg);
	seg.id = syn->id;
	conns_sighting(&packet, &seg, syn->vantage, syn->request.time,
		       conn->orig);
	tcpt_copies_see(&full->copies, &packet);
	tcpt_request_track(&syn->request, &conn->flow, conn->orig,
			   &full->track);
}

/**
 * conns_grow - make room for the full state of a pair of ends
 * @conns: all connections
 * @conn: the pair, which becomes CONN_FULL
 *
 * Return: 0; or -ENOMEM, in which case @conn is unchanged.
 */
int conns_grow(struct conns *conns, struct conn *conn)
{
	struct conn_full *full;

	if (conn->known == CONN_FULL)
		return 0;
	full = pool_take(&conns->full_pool);
	if (!full)
		return -ENOMEM;
	conns_fill(full, conn);
	conn->full = full;
	conn->known = CONN_FULL;
	return 0;
}

/* Append a new connection to the list of open connections. */
void conns_open(struct conns *conns, struct conn *conn)
{
	list_del(conns, conn);
	list_add(conns, conn, CONN_OPEN);
	if (!conns->unconfirmed)
		conns->unconfirmed = conn;
}

/* Append an ended connection to the list of ending connections. */
void conns_end(struct conns *conns, struct conn *conn)
{
	list_del(conns, conn);
	list_add(conns, conn, CONN_ENDING);
	make_room(conns, CONNS_REMEMBERED);
}

/**
 * conns_remember - remember a connection whose closing record is complete
 * @conns: all connections
 * @conn: the connection; kept for late segments, and forgotten when there are
 *	CONNS_REMEMBERED newer pairs of ends without an open connection
 */
void conns_remember(struct conns *conns, struct conn *conn)
{
	list_del(conns, conn);
	list_add(conns, conn, CONN_REMEMBERED);
	make_room(conns, CONNS_REMEMBERED);
}

void conns_free(struct conns *conns)
{
	struct conn *conn;

	for (conn = conns->ending.oldest; conn; conn = conn->newer)
		free(conn->full->ending);
	pool_free(&conns->full_pool);
	pool_free(&conns->pool);
	free(conns->buckets);
}
