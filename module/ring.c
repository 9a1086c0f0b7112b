// SPDX-License-Identifier: GPL-2.0
#include "ring.h"

#include "buffer.h"
#include "consumer.h"

#include <linux/build_bug.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#define BUSY	TCPTRACE_BUSY
#define at	tcpt_ring_at

/* Bytes from @pos to the end of the buffer. */
static u32 to_end(const struct tcpt_ring *ring, u64 pos)
{
	return ring->size - (u32)(pos & (ring->size - 1));
}

/* Where a record of @len goes that must not wrap: at @pos, or after a pad. */
static u64 place(const struct tcpt_ring *ring, u64 pos, u32 len)
{
	return to_end(ring, pos) < len ? pos + to_end(ring, pos) : pos;
}

/**
 * tcpt_ring_init - make an empty ring
 * @ring: filled in
 * @size: bytes, rounded up to a power of two and to the limits
 *
 * Context: process; may sleep.
 * Return: 0 or -ENOMEM.
 */
int tcpt_ring_init(struct tcpt_ring *ring, u32 size)
{
	static_assert(!(sizeof(struct tcptrace_header) % 8));
	static_assert(!(sizeof(struct tcptrace_close) % 8));
	static_assert(!(sizeof(struct tcptrace_lost) % 8));

	memset(ring, 0, sizeof(*ring));
	spin_lock_init(&ring->lock);
	ring->size = tcpt_buffer_round(size);
	ring->data = tcpt_buffer_alloc(ring->size);
	if (!ring->data)
		return -ENOMEM;
	ring->consumer = tcpt_buffer_alloc(2 * PAGE_SIZE);
	if (!ring->consumer) {
		vfree(ring->data);
		return -ENOMEM;
	}
	ring->producer = (void *)ring->consumer + PAGE_SIZE;
	ring->producer->size = ring->size;
	return 0;
}

/**
 * tcpt_ring_free - free a ring
 * @ring: the ring; nobody uses it any more
 *
 * Context: process; may sleep.
 */
void tcpt_ring_free(struct tcpt_ring *ring)
{
	vfree(ring->consumer);
	vfree(ring->data);
}

/* Fill from head up to @pos, which place() has moved past the end. */
static void pad_to(struct tcpt_ring *ring, u64 pos)
{
	struct tcptrace_header *h;

	if (pos == ring->producer->head)
		return;
	h = at(ring, ring->producer->head);
	h->type = TCPTRACE_PAD;
	h->flags = 0;
	WRITE_ONCE(h->len, (u32)(pos - ring->producer->head));
}

static void put_lost(struct tcpt_ring *ring, u64 pos)
{
	struct tcptrace_lost *rec = (struct tcptrace_lost *)at(ring, pos);

	pad_to(ring, pos);
	*rec = (struct tcptrace_lost) {
		.h = {
			.len = sizeof(*rec),
			.type = TCPTRACE_LOST,
			.seq = ring->gap.seq,
			.time = ring->gap.first,
		},
		.count = ring->gap.count,
		.first = ring->gap.first,
		.last = ring->gap.last,
		.causes = ring->gap.causes,
	};
	ring->gap = (struct tcpt_lost) { };
	/* pairs with tcpt_ring_peek:A */
	smp_store_release(&ring->producer->head, pos + sizeof(*rec));
}

static void note_lost(struct tcpt_ring *ring, u64 time,
		      enum tcptrace_lost_cause cause)
{
	if (!ring->gap.count++) {
		ring->gap.seq = ring->seq;
		ring->gap.first = time;
	}
	ring->gap.last = time;
	ring->gap.causes |= BIT(cause);
	ring->seq++;
	ring->lost_by[cause]++;
}

/* Return: bytes from what the consumer has not given back to @end. */
static u64 used_up_to(const struct tcpt_ring *ring, u64 end)
{
	/* pairs with tcpt_ring_consume:A: what was read may be written over */
	return end - smp_load_acquire(&ring->tail);
}

/**
 * tcpt_ring_reserve - room for a record
 * @ring: the ring
 * @slot: filled in
 * @len: length of the record, a multiple of 8, at most TCPTRACE_RING_MIN / 2
 * @time: its time, for the LOST record if there is no room
 *
 * Records that were lost before are told of first, where the gap is.
 *
 * Context: any but hard interrupts.
 * Return: 0, or -ENOSPC: the record is counted as lost.
 */
int tcpt_ring_reserve(struct tcpt_ring *ring, struct tcpt_slot *slot, u32 len,
		      u64 time)
{
	enum tcptrace_lost_cause cause = TCPTRACE_LOST_FULL;
	u64 lost_pos, pos, used;
	int ret = 0;

	spin_lock_bh(&ring->lock);
	slot->begin = ring->producer->head;
	lost_pos = place(ring, slot->begin, sizeof(struct tcptrace_lost));
	pos = ring->gap.count ? lost_pos + sizeof(struct tcptrace_lost)
			      : slot->begin;
	pos = place(ring, pos, len);
	used = used_up_to(ring, pos + len);
	if (unlikely(used > ring->size) && ring->maps > 0) {
		cause = tcpt_consumer_follow(ring);
		used = used_up_to(ring, pos + len);
	}
	if (used > ring->size) {
		note_lost(ring, time, cause);
		ret = -ENOSPC;
		goto out;
	}
	ring->high = max_t(u32, ring->high, used);
	if (ring->gap.count)
		put_lost(ring, lost_pos);
	pad_to(ring, pos);
	slot->h = at(ring, pos);
	slot->h->len = len | BUSY;
	slot->h->seq = ring->seq++;
	slot->len = len;
	/* pairs with tcpt_ring_peek:A */
	smp_store_release(&ring->producer->head, pos + len);
out:
	spin_unlock_bh(&ring->lock);
	return ret;
}

/**
 * tcpt_ring_commit - a reserved record is complete
 * @ring: the ring
 * @slot: from tcpt_ring_reserve(), filled with the record
 *
 * Context: any.
 * Return: true if the consumer had read all that was before: wake it.
 */
bool tcpt_ring_commit(struct tcpt_ring *ring, const struct tcpt_slot *slot)
{
	/* pairs with tcpt_ring_peek:B, has_record:B and who else has a B */
	smp_store_release(&slot->h->len, slot->len);
	/*
	 * Either we see the tail of a consumer that goes to sleep, or it sees
	 * our record: pairs with the barrier between its last move of the tail
	 * and tcpt_ring_readable (prepare_to_wait(), or smp_mb() in poll, which
	 * first lets the tail of a mapped ring follow its consumer).
	 */
	smp_mb();
	return tcpt_consumer_position(ring) >= slot->begin;
}

/**
 * tcpt_ring_used - bytes that wait
 * @ring: the ring
 *
 * Those that are being written are included. For wake-ups: of a mapped ring it
 * is what its consumer says.
 *
 * Context: any.
 * Return: how many.
 */
u64 tcpt_ring_used(const struct tcpt_ring *ring)
{
	u64 tail = tcpt_consumer_position(ring);

	return READ_ONCE(ring->producer->head) - tail;
}

/**
 * tcpt_ring_drained - has the consumer read all?
 * @ring: the ring
 *
 * For who has just lost a record: word of it waits, and a consumer that read
 * all before may be going to sleep.
 *
 * Context: any.
 * Return: true if it has.
 */
bool tcpt_ring_drained(const struct tcpt_ring *ring)
{
	/* the gap before the tail; pairs with the barrier of the sleeper */
	smp_mb();
	return tcpt_ring_used(ring) == 0;
}

/* Is there a committed record at the tail, or behind a pad there? */
static bool has_record(const struct tcpt_ring *ring)
{
	u64 tail = READ_ONCE(ring->tail);
	u32 len;

	/* B: pairs with tcpt_ring_commit */
	len = smp_load_acquire(&at(ring, tail)->len);
	if (!(len & BUSY) && at(ring, tail)->type == TCPTRACE_PAD)
		/* B: pairs with tcpt_ring_commit */
		len = smp_load_acquire(&at(ring, 0)->len);
	return !(len & BUSY);
}

/**
 * tcpt_ring_readable - would tcpt_ring_peek() find something?
 * @ring: the ring
 *
 * The lock keeps producers from what the consumer gives back meanwhile.
 *
 * Context: any but hard interrupts.
 * Return: true if a record, or word of a loss, waits.
 */
bool tcpt_ring_readable(struct tcpt_ring *ring)
{
	bool ret;

	spin_lock_bh(&ring->lock);
	if (tcpt_ring_used(ring) == 0)
		ret = ring->gap.count != 0;
	else
		ret = has_record(ring);
	spin_unlock_bh(&ring->lock);
	return ret;
}

/**
 * tcpt_ring_tell_lost - write word of a loss, if nothing else waits
 * @ring: the ring
 *
 * It need not wait for the next record.
 *
 * Context: any but hard interrupts.
 */
void tcpt_ring_tell_lost(struct tcpt_ring *ring)
{
	u64 pos;

	spin_lock_bh(&ring->lock);
	pos = place(ring, ring->producer->head, sizeof(struct tcptrace_lost));
	if (ring->gap.count && ring->producer->head == ring->tail)
		put_lost(ring, pos);
	spin_unlock_bh(&ring->lock);
}

/* Step over pads. Return: true if a committed record is at the tail. */
static bool skip_pads(struct tcpt_ring *ring, u64 head)
{
	u32 len;

	while (ring->tail != head) {
		/* B: pairs with tcpt_ring_commit */
		len = smp_load_acquire(&at(ring, ring->tail)->len);
		if (len & BUSY)
			return false;
		if (at(ring, ring->tail)->type != TCPTRACE_PAD)
			return true;
		/* pairs with tcpt_ring_reserve */
		smp_store_release(&ring->tail, ring->tail + len);
	}
	return false;
}

/**
 * tcpt_ring_peek - the whole records that wait, as one run of bytes
 * @ring: the ring
 * @max: how many bytes the caller can take
 * @bytes: set to their beginning
 *
 * There may be more after tcpt_ring_consume(): a run ends where the ring
 * wraps. Only one consumer may call this at a time.
 *
 * Context: any but hard interrupts.
 * Return: the length of the run, 0 if nothing waits, -EINVAL if @max cannot
 * take the next record.
 */
ssize_t tcpt_ring_peek(struct tcpt_ring *ring, size_t max, const u8 **bytes)
{
	u64 head, pos;
	u32 len;

	if (READ_ONCE(ring->gap.count))
		tcpt_ring_tell_lost(ring);
	/* A: pairs with the release of head */
	head = smp_load_acquire(&ring->producer->head);
	if (!skip_pads(ring, head))
		return 0;
	pos = ring->tail;
	*bytes = (const u8 *)at(ring, pos);
	while (pos != head) {
		/* B: pairs with tcpt_ring_commit */
		len = smp_load_acquire(&at(ring, pos)->len);
		if (len & BUSY || at(ring, pos)->type == TCPTRACE_PAD ||
		    pos + len - ring->tail > max)
			break;
		pos += len;
		if (to_end(ring, pos) == ring->size)
			break;
	}
	return pos == ring->tail ? -EINVAL : (ssize_t)(pos - ring->tail);
}

/**
 * tcpt_ring_consume - the caller has taken what it saw
 * @ring: the ring
 * @len: what tcpt_ring_peek() returned
 *
 * Context: as tcpt_ring_peek().
 */
void tcpt_ring_consume(struct tcpt_ring *ring, size_t len)
{
	u64 end = ring->tail + len, pos, n = 0;

	for (pos = ring->tail; pos != end; pos += at(ring, pos)->len)
		n += at(ring, pos)->type != TCPTRACE_LOST;
	WRITE_ONCE(ring->delivered, ring->delivered + n);
	/* A: pairs with tcpt_ring_reserve */
	smp_store_release(&ring->tail, end);
}
