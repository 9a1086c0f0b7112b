// SPDX-License-Identifier: GPL-2.0
#include "ring_plain.h"

#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#define BUSY	TCPTRACE_BUSY
#define at	tcpt_ring_at
#define to_end	tcpt_ring_to_end

/*
 * Find the position of a record of @len bytes: @pos, or the beginning of the
 * buffer if the record would wrap.
 */
static u64 place(const struct tcpt_ring *ring, u64 pos, u32 len)
{
	return to_end(ring, pos) < len ? pos + to_end(ring, pos) : pos;
}

/* Return: @size, limited to the valid range, rounded up to a power of two. */
static u32 round_size(u32 size)
{
	return roundup_pow_of_two(clamp_t(u32, size, TCPTRACE_RING_MIN,
					  TCPTRACE_RING_MAX));
}

/*
 * Allocate zeroed whole pages: a program that maps them sees no other kernel
 * data.
 */
static void *alloc_buffer(size_t size)
{
	return __vmalloc(size, GFP_KERNEL_ACCOUNT | __GFP_ZERO);
}

/**
 * tcpt_ring_init - initialize an empty ring
 * @ring: filled in
 * @size: size in bytes; rounded up to a power of two within the limits
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
	ring->size = round_size(size);
	ring->data = alloc_buffer(ring->size);
	if (!ring->data)
		return -ENOMEM;
	ring->consumer = alloc_buffer(2 * PAGE_SIZE);
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
 * @ring: the ring; no longer in use
 *
 * Context: process; may sleep.
 */
void tcpt_ring_free(struct tcpt_ring *ring)
{
	vfree(ring->consumer);
	vfree(ring->data);
}

enum advance {
	REACHED,	/* the tail is at the program's position */
	MORE,		/* records are left before the program's position */
	INVALID,	/* no whole record ends at the program's position */
};

/*
 * Move the tail towards the program's position, over at most TCPT_RING_STEPS
 * whole records.
 */
static enum advance advance_tail(struct tcpt_ring *ring)
{
	/*
	 * pairs with the program's release: the program has read all records
	 * before @position
	 */
	u64 position = smp_load_acquire(&ring->consumer->tail);
	u64 left = position - ring->tail, delivered = 0;
	const struct tcptrace_header *h;
	unsigned int i;
	u32 len;

	lockdep_assert_held(&ring->lock);
	/* if @position is before the tail, @left wraps around and is too big */
	if (left > ring->producer->head - ring->tail)
		return INVALID;
	for (i = 0; left && i < TCPT_RING_STEPS; i++) {
		h = at(ring, position - left);
		/* B: pairs with tcpt_ring_commit */
		len = smp_load_acquire(&h->len);
		if (len & BUSY || len > left)
			break;
		delivered += h->type != TCPTRACE_LOST &&
			     h->type != TCPTRACE_PAD;
		left -= len;
	}
	WRITE_ONCE(ring->delivered, ring->delivered + delivered);
	WRITE_ONCE(ring->tail, position - left);
	if (!left)
		return REACHED;
	return i == TCPT_RING_STEPS ? MORE : INVALID;
}

/**
 * tcpt_ring_follow - free some of the records that a program has read
 * @ring: a mapped ring, locked
 *
 * Context: any but hard interrupts.
 * Return: the cause to report if there is still no room.
 */
enum tcptrace_lost_cause tcpt_ring_follow(struct tcpt_ring *ring)
{
	return advance_tail(ring) == INVALID ? TCPTRACE_LOST_POSITION :
					       TCPTRACE_LOST_FULL;
}

/*
 * Fill the space from the head to @pos with a pad, if place() has skipped it.
 */
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
			.seq = ring->lost.seq,
			.time = ring->lost.first,
		},
		.count = ring->lost.count,
		.first = ring->lost.first,
		.last = ring->lost.last,
		.causes = ring->lost.causes,
	};
	ring->lost = (struct tcpt_lost) { };
	/* pairs with tcpt_ring_peek:A */
	smp_store_release(&ring->producer->head, pos + sizeof(*rec));
}

static void note_lost(struct tcpt_ring *ring, u64 count, u64 time,
		      enum tcptrace_lost_cause cause)
{
	if (!ring->lost.count) {
		ring->lost.seq = ring->seq;
		ring->lost.first = time;
	}
	ring->lost.count += count;
	ring->lost.last = time;
	ring->lost.causes |= BIT(cause);
	ring->seq += count;
	ring->lost_by[cause] += count;
}

/**
 * tcpt_ring_find_room - reserve room for a record: the slow path
 * @ring: the ring, locked
 * @slot: the record's length and the ring's head; completed
 * @time: time of the record
 *
 * tcpt_ring_reserve() calls this function if the buffer ends, if records were
 * lost, or if there is no room.
 *
 * Context: BH off.
 * Return: see tcpt_ring_reserve().
 */
int tcpt_ring_find_room(struct tcpt_ring *ring, struct tcpt_slot *slot,
			u64 time)
{
	enum tcptrace_lost_cause cause = TCPTRACE_LOST_FULL;
	u64 lost_pos, pos, used;

	lost_pos = place(ring, slot->begin, sizeof(struct tcptrace_lost));
	pos = ring->lost.count ? lost_pos + sizeof(struct tcptrace_lost)
			      : slot->begin;
	pos = place(ring, pos, slot->len);
	used = tcpt_ring_used_up_to(ring, pos + slot->len);
	if (unlikely(used > ring->size) && ring->maps > 0) {
		cause = tcpt_ring_follow(ring);
		used = tcpt_ring_used_up_to(ring, pos + slot->len);
	}
	if (used > ring->size) {
		note_lost(ring, 1, time, cause);
		return -ENOSPC;
	}
	if (ring->lost.count)
		put_lost(ring, lost_pos);
	pad_to(ring, pos);
	tcpt_ring_take(ring, slot, pos, used);
	return 0;
}

/**
 * tcpt_ring_lose - count records that were lost before they reached the ring
 * @ring: the ring
 * @count: number of lost records
 * @time: time of the loss
 *
 * Context: any but hard interrupts.
 */
void tcpt_ring_lose(struct tcpt_ring *ring, u64 count, u64 time)
{
	spin_lock_bh(&ring->lock);
	note_lost(ring, count, time, TCPTRACE_LOST_FULL);
	spin_unlock_bh(&ring->lock);
}

/**
 * tcpt_ring_used - count the bytes from the tail to the head
 * @ring: the ring
 *
 * Records that are being written are included. If the ring is mapped, the
 * function uses the position that the program has written, so use the result
 * only to decide about wake-ups.
 *
 * Context: any.
 * Return: number of bytes.
 */
u64 tcpt_ring_used(const struct tcpt_ring *ring)
{
	u64 tail = tcpt_ring_position(ring);

	return READ_ONCE(ring->producer->head) - tail;
}

/**
 * tcpt_ring_drained - check whether the consumer has read everything
 * @ring: the ring
 *
 * A producer calls this function after it has lost a record. A consumer that
 * has read everything may be going to sleep, and must be woken to see the LOST
 * record.
 *
 * Context: any.
 * Return: true if the consumer has read everything.
 */
bool tcpt_ring_drained(const struct tcpt_ring *ring)
{
	/* order ring->lost before the tail: pairs with the sleeper's barrier */
	smp_mb();
	return tcpt_ring_used(ring) == 0;
}

/* Is there a committed record at the tail, or after a pad at the tail? */
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
 * tcpt_ring_readable - check whether tcpt_ring_peek() would find a record
 * @ring: the ring
 *
 * The function takes the lock, so that no producer reuses room that the
 * consumer frees in the meantime.
 *
 * Context: any but hard interrupts.
 * Return: true if there is a record, or a loss to report.
 */
bool tcpt_ring_readable(struct tcpt_ring *ring)
{
	bool ret;

	spin_lock_bh(&ring->lock);
	if (tcpt_ring_used(ring) == 0)
		ret = ring->lost.count != 0;
	else
		ret = has_record(ring);
	spin_unlock_bh(&ring->lock);
	return ret;
}

/**
 * tcpt_ring_report_lost - write LOST if the ring is empty and records were lost
 * @ring: the ring
 *
 * Without this call, LOST is written only before the next record.
 *
 * Context: any but hard interrupts.
 */
void tcpt_ring_report_lost(struct tcpt_ring *ring)
{
	u64 pos;

	spin_lock_bh(&ring->lock);
	pos = place(ring, ring->producer->head, sizeof(struct tcptrace_lost));
	if (ring->lost.count && ring->producer->head == ring->tail)
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
 * tcpt_ring_peek - find whole records at the tail
 * @ring: the ring
 * @max: maximum length of the run, in bytes
 * @run: filled in, unless the function returns 0
 *
 * A run ends where the ring wraps, so there may be more records after
 * tcpt_ring_consume(). There must be only one consumer.
 *
 * Context: any but hard interrupts.
 * Return: the length of the run, 0 if there is no record, -EINVAL if the next
 * record is longer than @max.
 */
ssize_t tcpt_ring_peek(struct tcpt_ring *ring, size_t max, struct tcpt_run *run)
{
	const struct tcptrace_header *h;
	u64 head, left;
	u32 len;

	if (READ_ONCE(ring->lost.count))
		tcpt_ring_report_lost(ring);
	/* A: pairs with the release of head */
	head = smp_load_acquire(&ring->producer->head);
	if (!skip_pads(ring, head))
		return 0;
	h = at(ring, ring->tail);
	*run = (struct tcpt_run) { .bytes = (const u8 *)h };
	left = min3(head - ring->tail, (u64)to_end(ring, ring->tail), (u64)max);
	while (left) {
		/* B: pairs with tcpt_ring_commit; BUSY exceeds every length */
		len = smp_load_acquire(&h->len);
		if (len > left || h->type == TCPTRACE_PAD)
			break;
		run->records += h->type != TCPTRACE_LOST;
		run->len += len;
		left -= len;
		h = (const void *)h + len;
	}
	return run->len ? (ssize_t)run->len : -EINVAL;
}

/**
 * tcpt_ring_consume - free the records that tcpt_ring_peek() found
 * @ring: the ring
 * @run: the records
 *
 * Context: as tcpt_ring_peek().
 */
void tcpt_ring_consume(struct tcpt_ring *ring, const struct tcpt_run *run)
{
	WRITE_ONCE(ring->delivered, ring->delivered + run->records);
	/* A: pairs with tcpt_ring_reserve */
	smp_store_release(&ring->tail, ring->tail + run->len);
}

/**
 * tcpt_ring_claim - claim the ring for a system call, as the only consumer
 * @ring: the ring; the caller serializes system calls
 *
 * Context: process.
 * Return: 0, or -EBUSY if the ring is mapped.
 */
int tcpt_ring_claim(struct tcpt_ring *ring)
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
 * tcpt_ring_release - undo tcpt_ring_claim()
 * @ring: the ring, claimed
 *
 * Context: process.
 */
void tcpt_ring_release(struct tcpt_ring *ring)
{
	spin_lock_bh(&ring->lock);
	WRITE_ONCE(ring->maps, 0);
	spin_unlock_bh(&ring->lock);
}

/**
 * tcpt_ring_map - add a mapping
 * @ring: the ring
 * @end: the page after the last page of the mapping
 *
 * The function does not wait for a system call that has claimed the ring,
 * because that call may be waiting for mmap_lock, which our caller holds.
 *
 * Context: process.
 * Return: 0; -EBUSY while a call has claimed the ring; -EINVAL if @end is past
 * the end of the ring.
 */
int tcpt_ring_map(struct tcpt_ring *ring, unsigned long end)
{
	int ret = 0;

	spin_lock_bh(&ring->lock);
	if (ring->maps < 0) {
		ret = -EBUSY;
	} else if (end > tcpt_ring_pages(ring)) {
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
 * tcpt_ring_map_copy - count a copied mapping
 * @ring: the ring
 *
 * Context: process.
 */
void tcpt_ring_map_copy(struct tcpt_ring *ring)
{
	spin_lock_bh(&ring->lock);
	WRITE_ONCE(ring->maps, ring->maps + 1);
	spin_unlock_bh(&ring->lock);
}

/*
 * Move the tail by some records; the lock is free between two calls. Return:
 * true if records are left before the program's position.
 */
static bool advance_some(struct tcpt_ring *ring)
{
	bool more;

	spin_lock_bh(&ring->lock);
	more = ring->maps > 0 && advance_tail(ring) == MORE;
	spin_unlock_bh(&ring->lock);
	return more;
}

/**
 * tcpt_ring_settle - move the tail to the program's position, if it is valid
 * @ring: the ring; if it is not mapped, the function does nothing
 *
 * If the ring is then empty and records were lost, the function writes a LOST
 * record.
 *
 * Context: process; may sleep.
 */
void tcpt_ring_settle(struct tcpt_ring *ring)
{
	if (!tcpt_ring_is_mapped(ring))
		return;
	while (advance_some(ring))
		cond_resched();
	tcpt_ring_report_lost(ring);
}

/*
 * Return: true if the mapping was removed; false if the tail must be moved
 * further first.
 */
static bool unmap(struct tcpt_ring *ring)
{
	bool done;

	spin_lock_bh(&ring->lock);
	done = ring->maps > 1 || advance_tail(ring) != MORE;
	if (done)
		WRITE_ONCE(ring->maps, ring->maps - 1);
	spin_unlock_bh(&ring->lock);
	return done;
}

/**
 * tcpt_ring_unmap - remove a mapping
 * @ring: the ring
 *
 * After the last mapping is gone, read() continues at the program's position,
 * if that position is valid.
 *
 * Context: process; may sleep.
 */
void tcpt_ring_unmap(struct tcpt_ring *ring)
{
	while (!unmap(ring))
		cond_resched();
}

/**
 * tcpt_ring_pages - count the pages that can be mapped
 * @ring: the ring; its size must not change
 *
 * Context: any.
 * Return: number of pages, including the consumer page and the producer page.
 */
unsigned long tcpt_ring_pages(const struct tcpt_ring *ring)
{
	return TCPTRACE_PAGE_DATA + PFN_UP(ring->size);
}

/**
 * tcpt_ring_page - find a page of a mapped ring
 * @ring: the ring
 * @number: page number, as in an offset of mmap()
 *
 * Context: any.
 * Return: the page, or NULL if @number is past the end.
 */
struct page *tcpt_ring_page(const struct tcpt_ring *ring, unsigned long number)
{
	if (number >= tcpt_ring_pages(ring))
		return NULL;
	switch (number) {
	case TCPTRACE_PAGE_CONSUMER:
		return vmalloc_to_page(ring->consumer);
	case TCPTRACE_PAGE_PRODUCER:
		return vmalloc_to_page(ring->producer);
	default:
		number -= TCPTRACE_PAGE_DATA;
		return vmalloc_to_page(ring->data + (number << PAGE_SHIFT));
	}
}

/*
 * Return: total length of the records in the ring, or -errno if the records
 * cannot be moved.
 */
static int movable(const struct tcpt_ring *ring, u32 size)
{
	u32 len, sum = 0, max = min_t(u32, size, TCPTRACE_RING_MOVE);
	u64 pos;

	lockdep_assert_held(&ring->lock);
	for (pos = ring->tail; pos != ring->producer->head; pos += len) {
		/* B: pairs with tcpt_ring_commit */
		len = smp_load_acquire(&at(ring, pos)->len);
		if (len & BUSY)
			return -EAGAIN;
		if (at(ring, pos)->type != TCPTRACE_PAD)
			sum += len;
		if (sum > max)
			return -EBUSY;
	}
	return sum;
}

/* Move all records to the beginning of @data. */
static void move(struct tcpt_ring *ring, u8 *data, u32 size)
{
	u64 begin = round_up(ring->producer->head, size), end = begin, pos;
	const struct tcptrace_header *h;

	lockdep_assert_held(&ring->lock);
	for (pos = ring->tail; pos != ring->producer->head; pos += h->len) {
		h = at(ring, pos);
		if (h->type == TCPTRACE_PAD)
			continue;
		memcpy(data + (end - begin), h, h->len);
		end += h->len;
	}
	ring->data = data;
	ring->size = size;
	ring->producer->size = size;
	WRITE_ONCE(ring->producer->head, end);
	WRITE_ONCE(ring->tail, begin);
}

/**
 * tcpt_ring_resize - change the size of a ring
 * @ring: the ring, claimed
 * @size: bytes, rounded as by tcpt_ring_init()
 *
 * No record is lost. Producers wait while records are moved, so the number of
 * bytes to move is bounded.
 *
 * Context: process; may sleep.
 * Return: 0; -ENOMEM; -EBUSY if the ring holds more than TCPTRACE_RING_MOVE
 * bytes, or more than @size; -EAGAIN if a record is being written.
 */
int tcpt_ring_resize(struct tcpt_ring *ring, u32 size)
{
	u8 *data, *unused;
	int ret;

	size = round_size(size);
	data = alloc_buffer(size);
	if (!data)
		return -ENOMEM;
	spin_lock_bh(&ring->lock);
	ret = movable(ring, size);
	unused = ret < 0 ? data : ring->data;
	if (ret >= 0)
		move(ring, data, size);
	spin_unlock_bh(&ring->lock);
	vfree(unused);
	return min(ret, 0);
}
