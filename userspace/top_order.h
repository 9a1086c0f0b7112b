/* SPDX-License-Identifier: GPL-2.0 */
/* Find the largest rows without sorting all rows. */
#ifndef _TCPTRACECTL_TOP_ORDER_H
#define _TCPTRACECTL_TOP_ORDER_H

#include "top.h"

/**
 * enum top_sort - the sort key
 * @TOP_BYTES:		most bytes in the interval, of both ends
 * @TOP_REXMIT:		most retransmitted bytes in the interval
 * @TOP_RTT:		the longest round trip time of the handshake
 * @TOP_RESPONSE:	the longest mean response time
 * @TOP_WINDOW:		the longest time limited by the window in the interval
 * @TOP_NEW:		most connections opened in the interval
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
 * @key: value of the sort key; the row with the largest value is first
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
 * @place: the rows; from @from up to @to they are sorted
 * @n: number of rows
 * @room: number of rows that fit
 * @from: the first sorted row
 * @to: the first row after @from that is not sorted
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
