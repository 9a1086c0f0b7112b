/* SPDX-License-Identifier: GPL-2.0 */
/* Keep the connections of a capture in a keyed hash table and three lists. */
#ifndef _TCPTRACECTL_CONNS_H
#define _TCPTRACECTL_CONNS_H

#include "core/copies.h"
#include "core/env.h"
#include "core/flow.h"
#include "core/request.h"
#include "core/tcb.h"
#include "pool.h"

#include <stdalign.h>

/**
 * struct hash_key - a random key, which prevents crafted hash collisions
 * @word: the random numbers
 */
struct hash_key {
	u64 word[4];
};

enum {
	CONNS_SIGHTINGS		= 8,	/* packets remembered for each pair */
	/* Maximum number of pairs of ends without an open connection. */
	CONNS_REMEMBERED	= 65536,
};

/**
 * struct conn_full - the full state of a pair of ends
 * @track: state of the connection; without a connection, only @track.wireshark
 *	is valid
 * @copies: recognizes packets that were captured twice
 * @sighting: the last packets, for @copies
 * @ending: how the connection ended, until CLOSE is emitted; otherwise NULL
 */
struct conn_full {
	alignas(POOL_ALIGN) struct tcpt_track track;
	struct tcpt_copies copies;
	struct tcpt_sighting sighting[CONNS_SIGHTINGS];
	struct ending *ending;
};

/**
 * struct conn_syn - the only segment of a connection
 * @request: the segment
 * @vantage: where the segment was captured
 * @id: identification in the IPv4 header
 */
struct conn_syn {
	struct tcpt_request request;
	u32 vantage;
	u16 id;
};

/* How much state is kept for a pair of ends. */
enum conn_known {
	CONN_NOTHING,	/* no segment was tracked */
	CONN_SYN,	/* only the first SYN was tracked */
	CONN_FULL,	/* the full state is kept */
};

/* The lists of connections; each pair of ends is in one of them. */
enum conn_where {
	CONN_OPEN,
	CONN_ENDING,
	CONN_REMEMBERED,
};

/**
 * struct conn - a pair of ends, and their connection if there is one
 * @next: the next entry in the hash bucket
 * @hash: hash of @flow
 * @orig: which end of @flow is the originator
 * @known: enum conn_known
 * @where: enum conn_where
 * @flow: the ends
 * @id: number of the connection; 0: there has been none so far
 * @full: the full state; valid if @known is CONN_FULL
 * @syn: the first SYN; valid if @known is CONN_SYN
 * @older: the previous entry in the list, which is older
 * @newer: the next entry in the list, which is newer
 */
struct conn {
	/* the fields that a lookup compares are in the same cache line */
	alignas(POOL_ALIGN) struct conn *next;
	u32 hash;
	u8 orig;
	u8 known;
	u8 where;
	struct tcpt_flow flow;
	u64 id;
	union {
		struct conn_full *full;
		struct conn_syn syn;
	};
	struct conn *older;
	struct conn *newer;
};

static_assert(sizeof(struct conn) == 128, "a SYN flood has many of them");

/**
 * struct conn_list - a list of connections, from the oldest to the newest
 * @oldest: the first connection
 * @newest: the last connection
 * @len: number of connections
 */
struct conn_list {
	struct conn *oldest;
	struct conn *newest;
	size_t len;
};

/**
 * struct conns - all connections of a capture
 * @pool: the memory of struct conn
 * @full_pool: the memory of struct conn_full
 * @scratch: the full state of a CONN_SYN entry while its records are emitted
 * @key: key of the hash
 * @buckets: the hash table
 * @mask: number of buckets (a power of 2) minus 1
 * @open: open connections, in the order in which they were opened
 * @ending: ended connections, in the order in which they ended; their CLOSE
 *	records are not emitted yet, and still count late segments
 * @remembered: all other pairs of ends; a pair is appended when it is first
 *	seen, and when its CLOSE has been emitted
 * @unconfirmed: where in @open the search for the oldest unconfirmed connection
 *	begins; NULL: no connection is unconfirmed
 * @forgotten: number of pairs of ends that were dropped to make room
 */
struct conns {
	struct pool pool;
	struct pool full_pool;
	struct conn_full scratch;
	struct hash_key key;
	struct conn **buckets;
	size_t mask;
	struct conn_list open;
	struct conn_list ending;
	struct conn_list remembered;
	struct conn *unconfirmed;
	u64 forgotten;
};

int conns_init(struct conns *conns);
u32 conns_hash(const struct conns *conns, const struct tcpt_flow *flow);
void conns_seek(const struct conns *conns, u32 hash);
void conns_expect(const struct conns *conns, u32 hash);
void conns_expect_full(const struct conns *conns, u32 hash);
struct conn *conns_get(struct conns *conns, const struct tcpt_flow *flow,
		       u32 hash);
void conns_sighting(struct tcpt_sighting *packet,
		    const struct tcpt_segment *seg, u32 vantage, u64 now,
		    unsigned int sender);
const struct tcpt_track *conns_track(const struct conn *conn,
				     struct conn_full *room);
int conns_grow(struct conns *conns, struct conn *conn);
void conns_fill(struct conn_full *full, const struct conn *conn);
void conns_open(struct conns *conns, struct conn *conn);
void conns_end(struct conns *conns, struct conn *conn);
void conns_remember(struct conns *conns, struct conn *conn);
void conns_free(struct conns *conns);

#endif /* _TCPTRACECTL_CONNS_H */
