/* SPDX-License-Identifier: GPL-2.0 */
/* Rows of cells, printed in columns that are as wide as needed. */
#ifndef _TCPTRACECTL_COLUMNS_H
#define _TCPTRACECTL_COLUMNS_H

#include "core/env.h"

#include <libsmartcols/libsmartcols.h>

enum {
	COLUMNS_MAX	= 80,
	/*
	 * A table with more rows is printed in pieces, and a later piece may
	 * have wider columns.
	 */
	COLUMNS_ROWS	= 512,
};

/**
 * struct columns - rows that wait to be printed
 * @table: the waiting rows
 * @row: the row that is being filled, NULL before its first cell
 * @columns: number of columns
 * @rows: number of rows that wait
 * @widths: the widths of the columns, including the rows already printed
 * @err: 0, or -ENOMEM: a row could not be kept
 */
struct columns {
	struct libscols_table *table;
	struct libscols_line *row;
	unsigned int columns;
	unsigned int rows;
	size_t widths[COLUMNS_MAX];
	int err;
};

void columns_init(struct columns *cols, const char *gap);
void columns_add(struct columns *cols, const char *title, bool right);
int columns_titles(struct columns *cols);
__printf(3, 4) void columns_set(struct columns *cols, unsigned int column,
				const char *format, ...);
int columns_end_row(struct columns *cols);
int columns_print(struct columns *cols);

#endif /* _TCPTRACECTL_COLUMNS_H */
