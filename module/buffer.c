// SPDX-License-Identifier: GPL-2.0
#include "buffer.h"

#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

/**
 * tcpt_buffer_round - a size that a ring can have
 * @size: bytes
 *
 * Context: any.
 * Return: it, within the limits and rounded up to a power of two.
 */
u32 tcpt_buffer_round(u32 size)
{
	return roundup_pow_of_two(clamp_t(u32, size, TCPTRACE_RING_MIN,
					  TCPTRACE_RING_MAX));
}

/**
 * tcpt_buffer_alloc - whole pages, which can be mapped
 * @size: bytes
 *
 * Zeroed: who maps them sees nothing that was not written there. To be freed
 * by vfree().
 *
 * Context: process; may sleep.
 * Return: their address or NULL.
 */
void *tcpt_buffer_alloc(size_t size)
{
	return __vmalloc(size, GFP_KERNEL_ACCOUNT | __GFP_ZERO);
}

/**
 * tcpt_buffer_pages - how many pages of a ring can be mapped
 * @ring: the ring; its size stays as it is
 *
 * Context: any.
 * Return: the number, positions included.
 */
unsigned long tcpt_buffer_pages(const struct tcpt_ring *ring)
{
	return TCPTRACE_PAGE_DATA + PFN_UP(ring->size);
}

/**
 * tcpt_buffer_page - a page of a mapped ring
 * @ring: the ring
 * @number: which, as in an offset of mmap()
 *
 * Context: any.
 * Return: the page, NULL if there is none.
 */
struct page *tcpt_buffer_page(const struct tcpt_ring *ring,
			      unsigned long number)
{
	if (number >= tcpt_buffer_pages(ring))
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

/* Return: bytes of the records that wait, or why they cannot be moved. */
static int movable(const struct tcpt_ring *ring, u32 size)
{
	u32 len, sum = 0, max = min_t(u32, size, TCPTRACE_RING_MOVE);
	u64 pos;

	lockdep_assert_held(&ring->lock);
	for (pos = ring->tail; pos != ring->producer->head; pos += len) {
		/* B: pairs with tcpt_ring_commit */
		len = smp_load_acquire(&tcpt_ring_at(ring, pos)->len);
		if (len & TCPTRACE_BUSY)
			return -EAGAIN;
		if (tcpt_ring_at(ring, pos)->type != TCPTRACE_PAD)
			sum += len;
		if (sum > max)
			return -EBUSY;
	}
	return sum;
}

/* Move all that waits to the beginning of @data. */
static void move(struct tcpt_ring *ring, u8 *data, u32 size)
{
	u64 begin = round_up(ring->producer->head, size), end = begin, pos;
	const struct tcptrace_header *h;

	lockdep_assert_held(&ring->lock);
	for (pos = ring->tail; pos != ring->producer->head; pos += h->len) {
		h = tcpt_ring_at(ring, pos);
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
 * tcpt_buffer_resize - change the size of a ring
 * @ring: the ring; the caller takes its records: tcpt_consumer_claim()
 * @size: bytes, rounded as by tcpt_buffer_round()
 *
 * Producers go on. What waits is kept; for that they wait, so it is bounded.
 *
 * Context: process; may sleep.
 * Return: 0; -ENOMEM; -EBUSY if more than TCPTRACE_RING_MOVE bytes wait, or more
 * than @size; -EAGAIN if a record is being written: to be tried again.
 */
int tcpt_buffer_resize(struct tcpt_ring *ring, u32 size)
{
	u8 *data, *unused;
	int ret;

	size = tcpt_buffer_round(size);
	data = tcpt_buffer_alloc(size);
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
