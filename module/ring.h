/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ring of one reader: many producers, one consumer, whole records.
 *
 * A producer reserves room under the lock, fills it without the lock, and
 * commits the record with a store-release. The consumer stops at the first
 * record that is not committed. A record for which there is no room is counted
 * as lost. A LOST record comes before the next record for which there is room,
 * or when the consumer finds the ring empty.
 *
 * The consumer is read(), or a program that has mapped the ring. The program
 * writes its position into the consumer page. The program may write anything
 * there, so the kernel keeps its own tail. The kernel moves its tail under the
 * lock, over whole committed records, at most up to the program's position.
 * When the tail passes a record, the record is delivered, and its room is free.
 */
#ifndef _TCPT_RING_H
#define _TCPT_RING_H

#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/spinlock.h>
#include <linux/tcptrace.h>
#include <linux/types.h>

struct page;

enum {
	TCPT_RING_STEPS	= 64,	/* maximum records that one step passes */
};

/**
 * struct tcpt_lost - describes lost records that are not reported yet
 * @count: number of lost records
 * @seq: record number of the first lost record
 * @first: time of the first lost record
 * @last: time of the last lost record
 * @causes: BIT(enum tcptrace_lost_cause), ORed
 */
struct tcpt_lost {
	u64 count;
	u64 seq;
	u64 first;
	u64 last;
	u32 causes;
};

/**
 * struct tcpt_ring - a ring
 * @lock: held by producers, and by the consumer where noted; a leaf lock
 * @data: @size bytes; changed by the consumer under @lock
 * @size: in bytes, a power of two; changed by the consumer under @lock
 * @high: maximum number of bytes in use so far; protected by @lock
 * @producer: a page that programs can only read; its head is written under
 *	@lock
 * @consumer: a page that programs may write: nothing in it is trusted
 * @maps: number of mappings, or -1 after tcpt_ring_claim(); protected by @lock
 * @seq: number of records produced, including lost records; protected by @lock
 * @lost_by: number of lost records for each cause; protected by @lock
 * @lost: lost records that are not reported yet; protected by @lock
 * @tail: number of bytes consumed; written by the consumer; while the ring is
 *	mapped, written under @lock, by producers too
 * @delivered: number of records consumed, except LOST; written like @tail
 */
struct tcpt_ring {
	spinlock_t lock;	/* a leaf */
	u8 *data;
	u32 size;
	u32 high;
	struct tcptrace_producer *producer;
	struct tcptrace_consumer *consumer;
	int maps;
	u64 seq;
	u64 lost_by[TCPTRACE_LOST_CAUSES];
	struct tcpt_lost lost;
	u64 tail;
	u64 delivered;
};

/**
 * struct tcpt_slot - room for a record
 * @h: address for the record; @h->seq is set, @h->len must not be changed
 * @len: length of the record
 * @begin: the ring's head before the reservation
 */
struct tcpt_slot {
	struct tcptrace_header *h;
	u32 len;
	u64 begin;
};

/**
 * struct tcpt_run - whole records that are next to each other
 * @bytes: the first record
 * @len: length of all records
 * @records: number of records, except LOST
 */
struct tcpt_run {
	const u8 *bytes;
	size_t len;
	u32 records;
};

int tcpt_ring_init(struct tcpt_ring *ring, u32 size);
void tcpt_ring_free(struct tcpt_ring *ring);

int tcpt_ring_find_room(struct tcpt_ring *ring, struct tcpt_slot *slot,
			u64 time);
void tcpt_ring_lose(struct tcpt_ring *ring, u64 count, u64 time);

/* The header at a position. A header never wraps around the end of the data. */
static inline struct tcptrace_header *
tcpt_ring_at(const struct tcpt_ring *ring, u64 pos)
{
	return (struct tcptrace_header *)(ring->data + (pos & (ring->size - 1)));
}

/* Call this with ring->lock held. */
static inline u64 tcpt_ring_lost(const struct tcpt_ring *ring)
{
	return ring->lost_by[TCPTRACE_LOST_FULL] +
	       ring->lost_by[TCPTRACE_LOST_POSITION];
}

/* Has a program mapped the ring? The answer may change at any time. */
static inline bool tcpt_ring_is_mapped(const struct tcpt_ring *ring)
{
	return unlikely(READ_ONCE(ring->maps) > 0);
}

u64 tcpt_ring_used(const struct tcpt_ring *ring);
bool tcpt_ring_drained(const struct tcpt_ring *ring);
bool tcpt_ring_readable(struct tcpt_ring *ring);
void tcpt_ring_report_lost(struct tcpt_ring *ring);

int tcpt_ring_claim(struct tcpt_ring *ring);
void tcpt_ring_release(struct tcpt_ring *ring);
ssize_t tcpt_ring_peek(struct tcpt_ring *ring, size_t max,
		       struct tcpt_run *run);
void tcpt_ring_consume(struct tcpt_ring *ring, const struct tcpt_run *run);
int tcpt_ring_resize(struct tcpt_ring *ring, u32 size);

unsigned long tcpt_ring_pages(const struct tcpt_ring *ring);
struct page *tcpt_ring_page(const struct tcpt_ring *ring, unsigned long number);
int tcpt_ring_map(struct tcpt_ring *ring, unsigned long end);
void tcpt_ring_map_copy(struct tcpt_ring *ring);
void tcpt_ring_unmap(struct tcpt_ring *ring);
enum tcptrace_lost_cause tcpt_ring_follow(struct tcpt_ring *ring);
void tcpt_ring_settle(struct tcpt_ring *ring);

#endif /* _TCPT_RING_H */
