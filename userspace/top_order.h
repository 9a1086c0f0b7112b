/* SPDX-License-Identifier: GPL-2.0 */
/* Find the largest rows without sorting all rows. */
#ifndef _TCPTRACECTL_TOP_ORDER_H
#define _TCPTRACECTL_TOP_ORDER_H

#include "top.h"

/**
 * enum top_sort - the sort key
 * @TOP_BYTES:		bytes that both ends sent in the interval
 * @TOP_REXMIT:		bytes that both ends retransmitted in the interval
 * @TOP_RTT:		round trip time of the handshake
 * @TOP_RESPONSE:	mean response time
 * @TOP_WINDOW:		time for which a window limited a sender in the interval
 * @TOP_NEW:		number of connections opened in the interval
 */
enum top_sort {
	TOP_BYTES,
	TOP_REXMIT,
	TOP_RTT,
	TOP_RESPONSE,
	TOP_WINDOW,
	TOP_NEW,
	TOP_SORTS,
};

/**
 * struct top_place - a row and its sort key
 * @key: value of the sort key, or its complement if the smallest value is
 *	first; the row with the largest @key is first
 * @id: number of the row; among equal keys, the smallest number is first
 * @row: the row
 */
struct top_place {
	u64 key;
	u64 id;
	const struct top_row *row;
};

/**
 * struct top_order - rows
 * @place: the rows; those from @from up to, but not including, @to are sorted
 * @n: number of rows
 * @room: number of rows that fit in @place
 * @from: index of the first sorted row
 * @to: index after the last sorted row
 * @seed: seed of the random pivots
 */
struct top_order {
	struct top_place *place;
	size_t n;
	size_t room;
	size_t from;
	size_t to;
	unsigned int seed;
};

extern const char *const top_sort_names[TOP_SORTS];

void top_order_clear(struct top_order *order);
int top_order_add(struct top_order *order, const struct top_row *row,
		  enum top_sort sort, bool inverted);
void top_order_sort(struct top_order *order, size_t from, size_t to);
size_t top_order_find(const struct top_order *order, u64 id);
void top_order_free(struct top_order *order);

#endif /* _TCPTRACECTL_TOP_ORDER_H */
