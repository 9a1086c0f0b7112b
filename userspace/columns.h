/* SPDX-License-Identifier: GPL-2.0 */
/* Print a table whose columns are as wide as their widest cells. */
#ifndef _TCPTRACECTL_COLUMNS_H
#define _TCPTRACECTL_COLUMNS_H

#include "core/env.h"

#include <libsmartcols/libsmartcols.h>

enum {
	COLUMNS_MAX	= 80,
	/*
	 * A table with more rows is printed in pieces. A later piece may have
	 * wider columns.
	 */
	COLUMNS_ROWS	= 512,
};

/**
 * struct columns - a table, and its rows that wait to be printed
 * @table: the waiting rows
 * @row: the row that is being filled; NULL before its first cell
 * @columns: number of columns
 * @rows: number of waiting rows
 * @widths: widths of the columns, taking printed rows into account
 * @err: 0, or -ENOMEM if there was not enough memory
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
