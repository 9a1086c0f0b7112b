/* SPDX-License-Identifier: GPL-2.0 */
/* Rows of cells, printed in columns that are as wide as needed. */
#ifndef _TCPTRACECTL_COLUMNS_H
#define _TCPTRACECTL_COLUMNS_H

#include "line.h"

enum {
	COLUMNS_MAX	= 32,
	/*
	 * A longer table is printed piece by piece, and its columns may widen.
	 */
	COLUMNS_ROWS	= 512,
	COLUMNS_CELL	= 80,
};

/**
 * struct columns - rows that wait to be printed
 * @columns: how many columns it has
 * @right: bit n: column n is aligned to the right
 * @gap: text between two columns
 * @rows: how many rows wait
 * @widths: the widths of the columns, including the rows already printed
 * @cells: the text
 */
struct columns {
	unsigned int columns;
	unsigned int right;
	const char *gap;
	unsigned int rows;
	size_t widths[COLUMNS_MAX];
	char cells[COLUMNS_ROWS][COLUMNS_MAX][COLUMNS_CELL];
};

void columns_init(struct columns *cols, unsigned int columns,
		  unsigned int right, const char *gap);
__printf(3, 4) void columns_set(struct columns *cols, unsigned int column,
				const char *format, ...);
int columns_end_row(struct columns *cols);
int columns_print(struct columns *cols);

#endif /* _TCPTRACECTL_COLUMNS_H */
