// SPDX-License-Identifier: GPL-2.0
#include "ring_model.h"

#include <linux/string.h>

/**
 * model_front - get the oldest item in the ring
 * @m: the model
 *
 * Context: a test.
 * Return: the item, or NULL if there is none
 */
struct item *model_front(struct model *m)
{
	return m->first == m->last ? NULL : &m->item[m->first % ITEMS];
}

static struct item *push(struct model *m, enum item_kind kind, u32 len)
{
	struct item *item = &m->item[m->last++ % ITEMS];

	KUNIT_ASSERT_LE(m->test, m->last - m->first, (unsigned int)ITEMS);
	*item = (struct item) { .kind = kind, .len = len, .begin = m->begin };
	m->cursor = (m->cursor + len) % m->ring.size;
	m->used += len;
	m->high = max(m->high, m->used);
	return item;
}

/**
 * model_pop - remove the oldest item
 * @m: the model
 *
 * Context: a test.
 */
void model_pop(struct model *m)
{
	m->base += model_front(m)->len;
	m->used -= model_front(m)->len;
	m->first++;
}

/*
 * Compute the size of the pad that a record of @len bytes needs at the end of
 * the buffer.
 */
static u32 pad_at(const struct model *m, u32 cursor, u32 len)
{
	return cursor + len > m->ring.size ? m->ring.size - cursor : 0;
}

/**
 * model_cost - compute the number of bytes that a record needs
 * @m: the model
 * @len: length of the record
 *
 * Context: a test.
 * Return: number of bytes, including pads and any LOST record that must precede
 * the record
 */
u32 model_cost(const struct model *m, u32 len)
{
	u32 cursor = m->cursor, sum = 0;

	if (m->gap.count) {
		sum = pad_at(m, cursor, LOST_LEN) + LOST_LEN;
		cursor = (cursor + sum) % m->ring.size;
	}
	return sum + pad_at(m, cursor, len) + len;
}

/**
 * model_push - put an item into the ring
 * @m: the model
 * @kind: the kind of the item
 * @len: length of the item
 *
 * If the item would wrap around the end of the buffer, a pad is put before it.
 *
 * Context: a test.
 */
void model_push(struct model *m, enum item_kind kind, u32 len)
{
	u32 pad = pad_at(m, m->cursor, len);

	if (pad)
		push(m, PAD, pad);
	push(m, kind, len);
}

/**
 * model_back - get the newest item
 * @m: the model
 *
 * Context: a test.
 * Return: the item
 */
struct item *model_back(struct model *m)
{
	return &m->item[(m->last - 1) % ITEMS];
}

/**
 * model_push_loss - put the pending LOST record into the ring
 * @m: the model
 *
 * Context: a test.
 */
void model_push_loss(struct model *m)
{
	model_push(m, LOSS, LOST_LEN);
	model_back(m)->gap = m->gap;
	memset(&m->gap, 0, sizeof(m->gap));
}

/**
 * model_lost - note that a record was lost
 * @m: the model
 * @cause: cause of the loss
 *
 * Context: a test.
 */
void model_lost(struct model *m, enum tcptrace_lost_cause cause)
{
	if (!m->gap.count)
		m->gap = (struct tcpt_lost) {
			.seq = m->produced,
			.first = m->now,
		};
	m->gap.count++;
	m->gap.last = m->now;
	m->gap.causes |= 1U << cause;
	m->lost[cause]++;
	m->produced++;
}

/**
 * model_position - get the position of the reader
 * @m: the model
 *
 * Context: a test.
 * Return: the reader's position, if the ring is mapped and the position is
 * valid; otherwise the position of the oldest item
 */
u64 model_position(const struct model *m)
{
	if (m->mapped && m->said >= m->base && m->said <= m->base + m->used)
		return m->said;
	return m->base;
}

/**
 * model_follow - free some of the items that a mapped reader has read
 * @m: the model
 *
 * Context: a test.
 * Return: the cause of the loss that follows if there is still no room
 */
enum tcptrace_lost_cause model_follow(struct model *m)
{
	const struct item *item;
	unsigned int i;

	if (model_position(m) != m->said)
		return TCPTRACE_LOST_POSITION;
	for (i = 0; i < 64 && m->base != m->said; i++) {
		item = model_front(m);
		if (item->busy || m->base + item->len > m->said)
			return TCPTRACE_LOST_POSITION;
		m->delivered += item->kind == RECORD;
		model_pop(m);
	}
	return TCPTRACE_LOST_FULL;
}

/**
 * model_settle - free all items that a mapped reader has read
 * @m: the model
 *
 * If no item is left and records were lost, the function puts the pending LOST
 * record into the ring.
 *
 * Context: a test.
 */
void model_settle(struct model *m)
{
	unsigned int before;

	do {
		before = m->first;
		model_follow(m);
	} while (m->first != before);
	if (!model_front(m) && m->gap.count)
		model_push_loss(m);
}

/**
 * model_peek - compute how many bytes a reader would get now
 * @m: the model
 * @max: maximum number of bytes that the reader accepts
 *
 * Context: a test.
 * Return: number of bytes, 0 if no record can be read, -EINVAL if @max is too
 * small
 */
ssize_t model_peek(struct model *m, size_t max)
{
	unsigned int i = m->first;
	struct item *item;
	ssize_t sum = 0;

	if (!model_front(m) && m->gap.count)
		return max >= LOST_LEN ? LOST_LEN : -EINVAL;
	while (i != m->last && m->item[i % ITEMS].kind == PAD)
		i++;
	if (i == m->last || m->item[i % ITEMS].busy)
		return 0;
	for (; i != m->last; i++) {
		item = &m->item[i % ITEMS];
		if (item->kind == PAD || item->busy || sum + item->len > max)
			break;
		sum += item->len;
		/*
		 * the bytes for one call do not wrap around the end of the
		 * buffer
		 */
		if ((m->ring.tail + sum) % m->ring.size == 0)
			break;
	}
	return sum ? sum : -EINVAL;
}

/**
 * model_resize - apply a change of the ring's size to the items
 * @m: the model
 * @size: new size in bytes
 *
 * Context: a test.
 * Return: the expected return value of tcpt_ring_resize()
 */
int model_resize(struct model *m, u32 size)
{
	u32 bytes = m->used;
	unsigned int i, n = m->first;

	for (i = m->first; i != m->last; i++) {
		if (m->item[i % ITEMS].kind == PAD)
			bytes -= m->item[i % ITEMS].len;
		if (m->item[i % ITEMS].busy)
			return -EAGAIN;
	}
	if (bytes > size || bytes > TCPTRACE_RING_MOVE)
		return -EBUSY;
	for (i = m->first; i != m->last; i++)
		if (m->item[i % ITEMS].kind != PAD)
			m->item[n++ % ITEMS] = m->item[i % ITEMS];
	m->last = n;
	m->base = round_up(m->base + m->used, size);
	m->used = bytes;
	m->cursor = bytes % size;
	return 0;
}
