// SPDX-License-Identifier: GPL-2.0
/*
 * To draw a screen, quickselect separates the visible rows from the other rows,
 * with about 4 n integer comparisons on average; then only the visible rows are
 * sorted. The pivots are random, so that a crafted capture cannot make
 * sorting slow.
 */
#include "top_order.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

const char *const top_sort_names[TOP_SORTS] = {
	[TOP_BYTES]	= "bytes",
	[TOP_REXMIT]	= "rexmit",
	[TOP_RTT]	= "rtt",
	[TOP_RESPONSE]	= "response",
	[TOP_WINDOW]	= "window",
	[TOP_NEW]	= "new",
};

static u64 key_of(const struct top_row *row, enum top_sort sort)
{
	const struct top_counters *grown = &row->grown;

	switch (sort) {
	case TOP_REXMIT:
		return grown->rexmit[0] + grown->rexmit[1];
	case TOP_RTT:
		return row->facts.rtt;
	case TOP_RESPONSE:
		return row->facts.response;
	case TOP_WINDOW:
		return grown->window[0] + grown->window[1];
	case TOP_NEW:
		return row->opened;
	default:
		return grown->bytes[0] + grown->bytes[1];
	}
}

/* Remove all rows. */
void top_order_clear(struct top_order *order)
{
	order->n = 0;
	order->from = 0;
	order->to = 0;
}

/**
 * top_order_add - add a row
 * @order: the rows
 * @row: the row; do not move or free it while @order refers to it
 * @sort: the sort key
 * @inverted: put the smallest key first
 *
 * Return: 0 or -ENOMEM.
 */
int top_order_add(struct top_order *order, const struct top_row *row,
		  enum top_sort sort, bool inverted)
{
	size_t room = order->room ? 2 * order->room : 256;
	struct top_place *place;
	u64 key = key_of(row, sort);

	if (!order->place &&
	    getrandom(&order->seed, sizeof(order->seed), GRND_NONBLOCK) < 0)
		order->seed = (unsigned int)row->id;
	if (order->n == order->room) {
		place = reallocarray(order->place, room, sizeof(*place));
		if (!place)
			return -ENOMEM;
		order->place = place;
		order->room = room;
	}
	order->place[order->n++] = (struct top_place) {
		.key = inverted ? ~key : key, .id = row->id, .row = row,
	};
	order->to = order->from;
	return 0;
}

static bool is_before(const struct top_place *a, const struct top_place *b)
{
	return a->key != b->key ? a->key > b->key : a->id < b->id;
}

static int compare(const void *a, const void *b)
{
	return is_before(a, b) ? -1 : is_before(b, a);
}

static void swap(struct top_place *a, struct top_place *b)
{
	struct top_place c = *a;

	*a = *b;
	*b = c;
}

/* Hoare's partition. Return: the size of the first part. */
static size_t partition(struct top_order *order, struct top_place *p, size_t n)
{
	struct top_place pivot = p[(size_t)rand_r(&order->seed) % (n - 1)];
	size_t i = 0, j = n - 1;

	for (;; i++, j--) {
		while (is_before(&p[i], &pivot))
			i++;
		while (is_before(&pivot, &p[j]))
			j--;
		if (i >= j)
			return j + 1;
		swap(&p[i], &p[j]);
	}
}

/* Put the rows that belong before index @k in front of the other rows. */
static void split(struct top_order *order, size_t begin, size_t k)
{
	size_t end = order->n, middle;

	while (k > begin && k < end && end - begin > 1) {
		middle = begin + partition(order, order->place + begin,
					   end - begin);
		if (k < middle)
			end = middle;
		else
			begin = middle;
	}
}

/**
 * top_order_sort - move rows to their positions in the sorted order
 * @order: the rows
 * @from: the first position to fill
 * @to: the position after the last position to fill; can be past the end
 */
void top_order_sort(struct top_order *order, size_t from, size_t to)
{
	if (to > order->n)
		to = order->n;
	if (from > to)
		from = to;
	if (order->from <= from && to <= order->to)
		return;
	split(order, 0, from);
	split(order, from, to);
	if (to > from)
		qsort(order->place + from, to - from, sizeof(*order->place),
		      compare);
	order->from = from;
	order->to = to;
}

/**
 * top_order_find - find the position of a row
 * @order: the rows
 * @id: number of the row
 *
 * Return: the position in the sorted order; if there is no such row, the number
 * of rows.
 */
size_t top_order_find(const struct top_order *order, u64 id)
{
	const struct top_place *found = NULL;
	size_t i, rank = 0;

	for (i = 0; i < order->n && !found; i++)
		if (order->place[i].id == id)
			found = &order->place[i];
	if (!found)
		return order->n;
	for (i = 0; i < order->n; i++)
		rank += is_before(&order->place[i], found);
	return rank;
}

void top_order_free(struct top_order *order)
{
	free(order->place);
	memset(order, 0, sizeof(*order));
}
