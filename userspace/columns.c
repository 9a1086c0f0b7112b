// SPDX-License-Identifier: GPL-2.0
#include "columns.h"

#include "output.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/**
 * columns_init - an empty grid
 * @grid: the grid
 * @columns: how many columns, at most GRID_COLUMNS
 * @right: bit n: column n is aligned to the right
 * @gap: what is between two columns, at most two blanks
 */
void columns_init(struct columns *grid, unsigned int columns,
		  unsigned int right, const char *gap)
{
	memset(grid, 0, sizeof(*grid));
	grid->columns = columns;
	grid->right = right;
	grid->gap = gap;
}

/**
 * grid_set - fill a cell of the current row
 * @grid: the grid
 * @column: which cell
 * @format: as for printf(); what finds no room is cut off
 */
void grid_set(struct columns *grid, unsigned int column, const char *format,
	      ...)
{
	char *cell = grid->cells[grid->rows][column];
	va_list args;
	size_t len;

	va_start(args, format);
	vsnprintf(cell, GRID_CELL, format, args);
	va_end(args);
	len = strlen(cell);
	if (len > grid->widths[column])
		grid->widths[column] = len;
}

/* Return: 0 or the error of printing: a full table is printed. */
int columns_end_row(struct columns *grid)
{
	grid->rows++;
	return grid->rows < GRID_ROWS ? 0 : columns_print(grid);
}

static int print_row(const struct columns *grid, unsigned int row)
{
	char buf[GRID_COLUMNS * (GRID_CELL + 2) + 1];
	struct line line;
	unsigned int i;
	int width;

	line_init(&line, buf, sizeof(buf), false);
	for (i = 0; i < grid->columns; i++) {
		width = (int)grid->widths[i];
		line_add(&line, "%s%*s", i ? grid->gap : "",
			 grid->right & 1U << i ? width : -width,
			 grid->cells[row][i]);
	}
	line_trim(&line);
	return output_line(buf);
}

/* Print the rows that wait. Return: 0 or a negative error number. */
int columns_print(struct columns *grid)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < grid->rows && !err; i++)
		err = print_row(grid, i);
	grid->rows = 0;
	return err;
}
