/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The producer's side of a ring, as far as nearly every record needs it. The
 * functions are inlined, because a record costs little more than their calls.
 */
#ifndef _TCPT_RING_PLAIN_H
#define _TCPT_RING_PLAIN_H

#include "ring.h"

#include <linux/minmax.h>

/* Return: number of bytes from @pos to the end of the buffer. */
static inline u32 tcpt_ring_to_end(const struct tcpt_ring *ring, u64 pos)
{
	return ring->size - (u32)(pos & (ring->size - 1));
}

/*
 * Get the consumer's position. If the ring is mapped and the program's position
 * is valid, return the program's position. The result is used only for
 * wake-ups, never to reuse room.
 */
static inline u64 tcpt_ring_position(const struct tcpt_ring *ring)
{
	u64 tail = READ_ONCE(ring->tail), position;

	if (!tcpt_ring_is_mapped(ring))
		return tail;
	position = READ_ONCE(ring->consumer->tail);
	return position - tail <= READ_ONCE(ring->producer->head) - tail ?
	       position : tail;
}

/* Return: bytes from the tail to @end. */
static inline u64 tcpt_ring_used_up_to(const struct tcpt_ring *ring, u64 end)
{
	/* pairs with tcpt_ring_consume:A: consumed room may be reused */
	return end - smp_load_acquire(&ring->tail);
}

/*
 * Reserve @pos for the record of @slot. The record ends @used bytes after the
 * tail.
 */
static __always_inline void tcpt_ring_take(struct tcpt_ring *ring,
					   struct tcpt_slot *slot, u64 pos,
					   u64 used)
{
	ring->high = max_t(u32, ring->high, used);
	slot->h = tcpt_ring_at(ring, pos);
	slot->h->len = slot->len | TCPTRACE_BUSY;
	slot->h->seq = ring->seq++;
	/* pairs with tcpt_ring_peek:A */
	smp_store_release(&ring->producer->head, pos + slot->len);
}

/**
 * tcpt_ring_reserve - reserve room for a record
 * @ring: the ring
 * @slot: filled in
 * @len: length of the record, a multiple of 8, at most TCPTRACE_RING_MIN / 2
 * @time: time of the record; if there is no room, the LOST record gets @time
 *
 * If records were lost, the function writes a LOST record before the new
 * record.
 *
 * Context: BH off.
 * Return: 0; -ENOSPC if there is no room: the record is counted as lost.
 */
static __always_inline int tcpt_ring_reserve(struct tcpt_ring *ring,
					     struct tcpt_slot *slot, u32 len,
					     u64 time)
{
	u64 head, used;
	int ret = 0;

	lockdep_assert_in_softirq();
	spin_lock(&ring->lock);
	head = ring->producer->head;
	slot->begin = head;
	slot->len = len;
	used = tcpt_ring_used_up_to(ring, head + len);
	if (likely(used <= ring->size && len <= tcpt_ring_to_end(ring, head) &&
		   !ring->lost.count))
		tcpt_ring_take(ring, slot, head, used);
	else
		ret = tcpt_ring_find_room(ring, slot, time);
	spin_unlock(&ring->lock);
	return ret;
}

/**
 * tcpt_ring_commit - mark a reserved record as complete
 * @ring: the ring
 * @slot: from tcpt_ring_reserve(), filled with the record
 *
 * Context: any.
 * Return: true if the consumer had read all earlier records and may be asleep.
 */
static __always_inline bool tcpt_ring_commit(struct tcpt_ring *ring,
					     const struct tcpt_slot *slot)
{
	/* pairs with every barrier in ring.c that is marked B */
	smp_store_release(&slot->h->len, slot->len);
	/*
	 * Either we see the tail of a consumer that goes to sleep, or the
	 * consumer sees our record. This barrier pairs with the consumer's
	 * barrier between its last move of the tail and tcpt_ring_readable():
	 * prepare_to_wait() in read, smp_mb() in poll. Before its barrier, poll
	 * moves the tail of a mapped ring to the program's position.
	 */
	smp_mb();
	return tcpt_ring_position(ring) >= slot->begin;
}

#endif /* _TCPT_RING_PLAIN_H */
