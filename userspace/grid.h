/* SPDX-License-Identifier: GPL-2.0 */
/* Rows of cells, printed in columns as wide as they need. */
#ifndef _TCPTRACECTL_GRID_H
#define _TCPTRACECTL_GRID_H

#include "line.h"

enum {
	GRID_COLUMNS	= 16,
	/* A longer table is printed piece by piece, and may widen. */
	GRID_ROWS	= 512,
	GRID_CELL	= 80,
};

/**
 * struct grid - rows that wait to be printed
 * @columns: how many columns it has
 * @right: bit n: column n is aligned to the right
 * @gap: what is between two columns
 * @rows: how many rows wait
 * @widths: how wide the columns are, those printed before included
 * @cells: the text
 */
struct grid {
	unsigned int columns;
	unsigned int right;
	const char *gap;
	unsigned int rows;
	size_t widths[GRID_COLUMNS];
	char cells[GRID_ROWS][GRID_COLUMNS][GRID_CELL];
};

void grid_init(struct grid *grid, unsigned int columns, unsigned int right,
	       const char *gap);
__printf(3, 4) void grid_set(struct grid *grid, unsigned int column,
			     const char *format, ...);
int grid_end_row(struct grid *grid);
int grid_print(struct grid *grid);

#endif /* _TCPTRACECTL_GRID_H */
