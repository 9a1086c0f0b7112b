// SPDX-License-Identifier: GPL-2.0
#include "columns.h"

#include "output.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/**
 * columns_init - begin without rows
 * @cols: the columns
 * @columns: how many columns, at most COLUMNS_MAX
 * @right: bit n: column n is aligned to the right
 * @gap: text between two columns, at most two blanks
 */
void columns_init(struct columns *cols, unsigned int columns,
		  unsigned int right, const char *gap)
{
	memset(cols, 0, sizeof(*cols));
	cols->columns = columns;
	cols->right = right;
	cols->gap = gap;
}

/**
 * columns_set - fill a cell of the current row
 * @cols: the columns
 * @column: which cell
 * @format: as for printf(); text that does not fit is cut off
 */
void columns_set(struct columns *cols, unsigned int column, const char *format,
		 ...)
{
	char *cell = cols->cells[cols->rows][column];
	va_list args;
	size_t len;

	va_start(args, format);
	vsnprintf(cell, COLUMNS_CELL, format, args);
	va_end(args);
	len = strlen(cell);
	if (len > cols->widths[column])
		cols->widths[column] = len;
}

/* Return: 0 or the error of printing: a full table is printed. */
int columns_end_row(struct columns *cols)
{
	cols->rows++;
	return cols->rows < COLUMNS_ROWS ? 0 : columns_print(cols);
}

static int print_row(const struct columns *cols, unsigned int row)
{
	char buf[COLUMNS_MAX * (COLUMNS_CELL + 2) + 1];
	struct line line;
	unsigned int i;
	int width;

	line_init(&line, buf, sizeof(buf), false);
	for (i = 0; i < cols->columns; i++) {
		width = (int)cols->widths[i];
		line_add(&line, "%s%*s", i ? cols->gap : "",
			 cols->right & 1U << i ? width : -width,
			 cols->cells[row][i]);
	}
	line_trim(&line);
	return output_line(buf);
}

/* Print the waiting rows. Return: 0 or a negative error number. */
int columns_print(struct columns *cols)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < cols->rows && !err; i++)
		err = print_row(cols, i);
	cols->rows = 0;
	return err;
}
