/* SPDX-License-Identifier: GPL-2.0 */
/* Format the rows of top in columns. */
#ifndef _TCPTRACECTL_TOP_TABLE_H
#define _TCPTRACECTL_TOP_TABLE_H

#include "columns.h"
#include "top.h"
#include "top_group.h"
#include "top_order.h"

#include <stdio.h>

enum top_column {
	TOP_COLUMN_GROUP,
	TOP_COLUMN_CONNS,
	TOP_COLUMN_NEW,
	TOP_COLUMN_CONN,
	TOP_COLUMN_PROCESS,
	TOP_COLUMN_ORIG,
	TOP_COLUMN_RESP,
	TOP_COLUMN_STATES,
	TOP_COLUMN_ORIG_BYTES,
	TOP_COLUMN_RESP_BYTES,
	TOP_COLUMN_REXMIT,
	TOP_COLUMN_RTT,
	TOP_COLUMN_RESPONSE,
	TOP_COLUMN_ODD,
	TOP_COLUMNS,
};

/**
 * struct top_table - format of the rows
 * @group: the property by which connections are grouped
 * @sort: the sort key
 * @length: length of the interval, ns
 * @units: print "1.2M" instead of "1234567"
 * @hidden: bits 1 << enum top_column of the columns that do not fit or that a
 *	capture does not have
 * @cols: rows that are not printed yet
 */
struct top_table {
	enum top_group group;
	enum top_sort sort;
	u64 length;
	bool units;
	u32 hidden;
	struct columns cols;
};

int top_table_begin(struct top_table *table);
int top_table_row(struct top_table *table, const struct top_row *row);
bool top_table_fit(struct top_table *table, size_t width);
const char *top_table_sorted(const struct top_table *table);
void top_table_header(const struct top_table *table, u64 wall,
		      const struct top_sums *sums, char *to, size_t size);

#endif /* _TCPTRACECTL_TOP_TABLE_H */
