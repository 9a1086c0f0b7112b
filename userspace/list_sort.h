/* SPDX-License-Identifier: GPL-2.0 */
/* Sort a table of connections. */
#ifndef _TCPTRACECTL_LIST_SORT_H
#define _TCPTRACECTL_LIST_SORT_H

#include "proc.h"

#include <stddef.h>

/**
 * enum list_key - the sort key of a table
 * @LIST_UNSORTED:	the order in which the connections opened
 * @LIST_AGE:		the oldest first
 * @LIST_BYTES:		payload bytes of both directions
 * @LIST_PACKETS:	packets of both directions
 * @LIST_REXMIT:	payload bytes that were retransmitted
 * @LIST_RESPONSE:	the longer of the two ends' mean response times
 * @LIST_BUSY: time with data outstanding or held back by the window, summed
 *	over both directions
 */
enum list_key {
	LIST_UNSORTED,
	LIST_AGE,
	LIST_BYTES,
	LIST_PACKETS,
	LIST_REXMIT,
	LIST_RESPONSE,
	LIST_BUSY,
	LIST_KEYS,
};

enum list_key list_sort_key(const char *word);
int list_sort(struct proc_table *table, enum list_key key,
	      struct proc_table *sorted);

#endif /* _TCPTRACECTL_LIST_SORT_H */
