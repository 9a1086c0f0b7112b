/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The oracle for a ring: a very simple queue, implemented as an array of items.
 */
#ifndef _TCPT_RING_MODEL_H
#define _TCPT_RING_MODEL_H

#include <kunit/test.h>
#include <linux/prandom.h>

#include "../module/ring.h"

enum {
	ITEMS		= 16384,	/* more than a tested ring holds */
	OPEN_MAX	= 6,		/* records that are being written */
	LOST_LEN	= sizeof(struct tcptrace_lost),
};

enum item_kind {
	PAD,
	RECORD,
	LOSS,
};

/**
 * struct item - an item in the ring
 * @kind: enum item_kind
 * @busy: the item is reserved, but not committed
 * @len: length in bytes
 * @begin: if @kind is RECORD: value of head before the call of
 *	tcpt_ring_reserve() that added the item
 * @seq: if @kind is RECORD: record number of the item
 * @time: if @kind is RECORD: time of the item
 * @gap: if @kind is LOSS: the lost records
 */
struct item {
	u8 kind;
	bool busy;
	u32 len;
	u64 begin;
	u64 seq;
	u64 time;
	struct tcpt_lost gap;
};

/**
 * struct model - the oracle, and the ring under test
 * @test: the test
 * @ring: the ring
 * @rnd: random numbers
 * @item: the items in the ring, from number @first to number @last - 1
 * @first: number of the oldest item
 * @last: number of the next item
 * @cursor: offset in the buffer at which the next item will begin
 * @used: bytes in use
 * @base: position of the oldest item
 * @begin: value of head at the beginning of the last successful call of
 *	tcpt_ring_reserve()
 * @produced: number of produced records, including lost records
 * @delivered: number of delivered records
 * @lost: number of lost records, by cause
 * @now: the time
 * @gap: lost records that have not been reported yet
 * @open: slots that are reserved, but not committed
 * @open_item: the items of @open
 * @opened: number of slots in @open
 * @high: the largest value of @used so far
 * @resized: number of times that tcpt_ring_resize() has succeeded
 * @asleep: the reader has found no record, and has not been woken since then
 * @filling: the writers are faster than the reader
 * @mapped: the reader has mapped the ring
 * @said: the position in the consumer page
 * @read: the position up to which the reader has read
 * @maps: number of times that the reader has mapped the ring
 * @lies: number of times that the reader has stored a random position
 */
struct model {
	struct kunit *test;
	struct tcpt_ring ring;
	struct rnd_state rnd;
	struct item *item;
	unsigned int first, last;
	u32 cursor, used;
	u64 base, begin, produced, delivered, lost[TCPTRACE_LOST_CAUSES], now;
	struct tcpt_lost gap;
	struct tcpt_slot open[OPEN_MAX];
	struct item *open_item[OPEN_MAX];
	unsigned int opened;
	u32 high;
	unsigned int resized;
	bool asleep;
	bool filling;
	bool mapped;
	u64 said, read;
	unsigned int maps, lies;
};

struct item *model_front(struct model *m);
void model_pop(struct model *m);
u32 model_cost(const struct model *m, u32 len);
void model_push(struct model *m, enum item_kind kind, u32 len);
struct item *model_back(struct model *m);
void model_push_loss(struct model *m);
void model_lost(struct model *m, enum tcptrace_lost_cause cause);
u64 model_position(const struct model *m);
enum tcptrace_lost_cause model_follow(struct model *m);
void model_settle(struct model *m);
ssize_t model_peek(struct model *m, size_t max);
int model_resize(struct model *m, u32 size);

#endif /* _TCPT_RING_MODEL_H */
