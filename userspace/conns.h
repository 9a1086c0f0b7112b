/* SPDX-License-Identifier: GPL-2.0 */
/* The connections of a capture: a hash table with a secret key, two lists. */
#ifndef _TCPTRACECTL_CONNS_H
#define _TCPTRACECTL_CONNS_H

#include "core/copies.h"
#include "core/env.h"
#include "core/flow.h"
#include "core/tcb.h"

#include <stdalign.h>

/**
 * struct hash_key - random numbers that the author of a capture does not know
 * @word: the numbers
 */
struct hash_key {
	u64 word[4];
};

enum {
	CONNS_SIGHTINGS		= 8,	/* packets that are remembered */
	/* Pairs of ends without an open connection, at most. */
	CONNS_REMEMBERED	= 65536,
	/* A line of the cache: what a lookup compares is in one. */
	CONNS_ALIGN		= 64,
};

/**
 * struct conn - a pair of ends, with their connection if there is one
 * @next: the next one in its bucket, or among the unused
 * @hash: hash of @flow
 * @flow: the ends
 * @id: number of the connection, 0: none so far
 * @orig: which end of @flow is end 0 of @track
 * @track: the connection; without one only its analysis means something
 * @copies: finds packets that were captured twice
 * @sighting: the last packets, for @copies
 * @ending: what ended it, until its CLOSE is emitted, or NULL
 * @older: the one before it in its list
 * @newer: the one after it in its list
 * @list: the list that it is in
 */
struct conn {
	alignas(CONNS_ALIGN) struct conn *next;
	u64 hash;
	struct tcpt_flow flow;
	u64 id;
	u8 orig;
	struct tcpt_track track;
	struct tcpt_copies copies;
	struct tcpt_sighting sighting[CONNS_SIGHTINGS];
	struct ending *ending;
	struct conn *older;
	struct conn *newer;
	struct conn_list *list;
};

/**
 * struct conn_list - connections in order
 * @oldest: the first one
 * @newest: the last one
 * @len: how many there are
 */
struct conn_list {
	struct conn *oldest;
	struct conn *newest;
	size_t len;
};

struct conn_slab;

/**
 * struct conns - all of them
 * @slabs: the memory that they are in, the newest first
 * @used: how many the newest has given out
 * @unused: those that were forgotten
 * @key: of the hash
 * @buckets: the hash table
 * @mask: number of buckets, a power of 2, minus 1
 * @open: connections that are open, by when they began
 * @ending: connections that are over, by when they ended: segments that come
 *	late still count
 * @remembered: the others, by when they ended or were first seen
 * @forgotten: how many were forgotten to make room in @remembered
 */
struct conns {
	struct conn_slab *slabs;
	size_t used;
	struct conn *unused;
	struct hash_key key;
	struct conn **buckets;
	size_t mask;
	struct conn_list open;
	struct conn_list ending;
	struct conn_list remembered;
	u64 forgotten;
};

int conns_init(struct conns *conns);
u64 conns_hash(const struct conns *conns, const struct tcpt_flow *flow);
void conns_seek(const struct conns *conns, u64 hash);
void conns_expect(const struct conns *conns, u64 hash);
struct conn *conns_get(struct conns *conns, const struct tcpt_flow *flow,
		       u64 hash);
void conns_open(struct conns *conns, struct conn *conn);
void conns_end(struct conns *conns, struct conn *conn);
void conns_remember(struct conns *conns, struct conn *conn);
void conns_free(struct conns *conns);

#endif /* _TCPTRACECTL_CONNS_H */
