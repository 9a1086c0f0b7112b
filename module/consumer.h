/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who takes records from a ring: calls, or a program that has mapped it.
 *
 * The program writes its position into the consumer page. Anything may stand
 * there at any time, so the kernel has a tail of its own, which follows: under
 * the lock, over whole committed records, never past the position. What it
 * steps over is delivered, and its room is free.
 */
#ifndef _TCPT_CONSUMER_H
#define _TCPT_CONSUMER_H

#include "ring.h"

/* How many records a tail follows over at a time, producers wait meanwhile. */
enum { TCPT_CONSUMER_STEPS = 64 };

int tcpt_consumer_claim(struct tcpt_ring *ring);
void tcpt_consumer_release(struct tcpt_ring *ring);

int tcpt_consumer_map(struct tcpt_ring *ring, unsigned long end);
void tcpt_consumer_map_again(struct tcpt_ring *ring);
void tcpt_consumer_unmap(struct tcpt_ring *ring);

enum tcptrace_lost_cause tcpt_consumer_follow(struct tcpt_ring *ring);
void tcpt_consumer_settle(struct tcpt_ring *ring);

/* Has a program mapped the ring? It may change at any time. */
static inline bool tcpt_consumer_has_mapped(const struct tcpt_ring *ring)
{
	return unlikely(READ_ONCE(ring->maps) > 0);
}

/*
 * Where the consumer is: what a mapped one says, if that can be. To know
 * whether it is to be woken, not to give room away.
 */
static inline u64 tcpt_consumer_position(const struct tcpt_ring *ring)
{
	u64 tail = READ_ONCE(ring->tail), position;

	if (!tcpt_consumer_has_mapped(ring))
		return tail;
	position = READ_ONCE(ring->consumer->tail);
	return position - tail <= READ_ONCE(ring->producer->head) - tail ?
	       position : tail;
}

#endif /* _TCPT_CONSUMER_H */
