// SPDX-License-Identifier: GPL-2.0
#include "consumer.h"

#include "buffer.h"

#include <linux/errno.h>
#include <linux/sched.h>

/**
 * tcpt_consumer_claim - a call takes records, or moves them
 * @ring: the ring; no other call does so
 *
 * Context: process.
 * Return: 0, or -EBUSY if the ring is mapped.
 */
int tcpt_consumer_claim(struct tcpt_ring *ring)
{
	int ret = 0;

	spin_lock_bh(&ring->lock);
	if (ring->maps > 0)
		ret = -EBUSY;
	else
		WRITE_ONCE(ring->maps, -1);
	spin_unlock_bh(&ring->lock);
	return ret;
}

/**
 * tcpt_consumer_release - the call is over
 * @ring: the ring, which it has claimed
 *
 * Context: process.
 */
void tcpt_consumer_release(struct tcpt_ring *ring)
{
	spin_lock_bh(&ring->lock);
	WRITE_ONCE(ring->maps, 0);
	spin_unlock_bh(&ring->lock);
}

/**
 * tcpt_consumer_map - one more mapping
 * @ring: the ring
 * @end: the page after its last one
 *
 * It does not wait for a call: a call that copies records may wait for
 * mmap_lock, which the caller holds.
 *
 * Context: process.
 * Return: 0; -EBUSY while a call takes records; -EINVAL past the ring's end.
 */
int tcpt_consumer_map(struct tcpt_ring *ring, unsigned long end)
{
	int ret = 0;

	spin_lock_bh(&ring->lock);
	if (ring->maps < 0) {
		ret = -EBUSY;
	} else if (end > tcpt_buffer_pages(ring)) {
		ret = -EINVAL;
	} else {
		if (!ring->maps)
			WRITE_ONCE(ring->consumer->tail, ring->tail);
		WRITE_ONCE(ring->maps, ring->maps + 1);
	}
	spin_unlock_bh(&ring->lock);
	return ret;
}

/**
 * tcpt_consumer_map_again - a mapping became two
 * @ring: the ring
 *
 * Context: process.
 */
void tcpt_consumer_map_again(struct tcpt_ring *ring)
{
	spin_lock_bh(&ring->lock);
	WRITE_ONCE(ring->maps, ring->maps + 1);
	spin_unlock_bh(&ring->lock);
}

enum step {
	REACHED,	/* the position */
	MORE,		/* records on the way to it */
	NOT_THERE,	/* it is at no record's end */
};

/* The tail follows the position: a bounded number of whole records. */
static enum step step(struct tcpt_ring *ring)
{
	/* pairs with the program's release: what it has read may be reused */
	u64 position = smp_load_acquire(&ring->consumer->tail);
	u64 left = position - ring->tail, delivered = 0;
	const struct tcptrace_header *h;
	unsigned int i;
	u32 len;

	lockdep_assert_held(&ring->lock);
	/* before the tail, as after the head, the difference is too large */
	if (left > ring->producer->head - ring->tail)
		return NOT_THERE;
	for (i = 0; left && i < TCPT_CONSUMER_STEPS; i++) {
		h = tcpt_ring_at(ring, position - left);
		/* B: pairs with tcpt_ring_commit */
		len = smp_load_acquire(&h->len);
		if (len & TCPTRACE_BUSY || len > left)
			break;
		delivered += h->type != TCPTRACE_LOST &&
			     h->type != TCPTRACE_PAD;
		left -= len;
	}
	WRITE_ONCE(ring->delivered, ring->delivered + delivered);
	WRITE_ONCE(ring->tail, position - left);
	if (!left)
		return REACHED;
	return i == TCPT_CONSUMER_STEPS ? MORE : NOT_THERE;
}

/**
 * tcpt_consumer_follow - take back some of what a program has read
 * @ring: a mapped ring, locked
 *
 * Context: any but hard interrupts.
 * Return: the cause if there is no room even now.
 */
enum tcptrace_lost_cause tcpt_consumer_follow(struct tcpt_ring *ring)
{
	return step(ring) == NOT_THERE ? TCPTRACE_LOST_POSITION :
					 TCPTRACE_LOST_FULL;
}

/* Return: true if there is more; the lock is free in between. */
static bool follow_some(struct tcpt_ring *ring)
{
	bool more;

	spin_lock_bh(&ring->lock);
	more = ring->maps > 0 && step(ring) == MORE;
	spin_unlock_bh(&ring->lock);
	return more;
}

/**
 * tcpt_consumer_settle - take back all that a program has read
 * @ring: the ring; nothing happens if it is not mapped
 *
 * If that was all there is, word of a loss is written.
 *
 * Context: process; may sleep.
 */
void tcpt_consumer_settle(struct tcpt_ring *ring)
{
	if (!tcpt_consumer_has_mapped(ring))
		return;
	while (follow_some(ring))
		cond_resched();
	tcpt_ring_tell_lost(ring);
}

/* Return: true if it is done, false if the tail has to follow first. */
static bool unmap(struct tcpt_ring *ring)
{
	bool done;

	spin_lock_bh(&ring->lock);
	done = ring->maps > 1 || step(ring) != MORE;
	if (done)
		WRITE_ONCE(ring->maps, ring->maps - 1);
	spin_unlock_bh(&ring->lock);
	return done;
}

/**
 * tcpt_consumer_unmap - a mapping is gone
 * @ring: the ring
 *
 * After the last one calls go on at the position of the program.
 *
 * Context: process; may sleep.
 */
void tcpt_consumer_unmap(struct tcpt_ring *ring)
{
	while (!unmap(ring))
		cond_resched();
}
