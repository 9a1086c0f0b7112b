// SPDX-License-Identifier: GPL-2.0
#include "columns.h"

#include "output.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/**
 * columns_init - initialize a table without columns
 * @cols: zeroed or initialized before; waiting rows are dropped
 * @gap: text between two columns
 */
void columns_init(struct columns *cols, const char *gap)
{
	struct libscols_table *table = scols_new_table();

	scols_unref_table(cols->table);
	*cols = (struct columns) { .table = table };
	if (!table || scols_table_set_column_separator(table, gap) != 0)
		cols->err = -ENOMEM;
	/* The titles are a normal row, so that an empty table has titles. */
	scols_table_enable_noheadings(table, 1);
	/* The table does not depend on the width of the terminal. */
	scols_table_set_termforce(table, SCOLS_TERMFORCE_NEVER);
}

/**
 * columns_add - add a column
 * @cols: the columns, fewer than COLUMNS_MAX
 * @title: title of the new column
 * @right: align the column to the right
 */
void columns_add(struct columns *cols, const char *title, bool right)
{
	if (!scols_table_new_column(cols->table, title, 0,
				    right ? SCOLS_FL_RIGHT : 0))
		cols->err = -ENOMEM;
	else
		cols->columns++;
}

/* Add a row that consists of the titles. Return: as columns_end_row(). */
int columns_titles(struct columns *cols)
{
	struct libscols_column *column;
	unsigned int i;

	for (i = 0; i < cols->columns; i++) {
		column = scols_table_get_column(cols->table, i);
		columns_set(cols, i, "%s", scols_column_get_name(column));
	}
	return columns_end_row(cols);
}

/**
 * columns_set - fill a cell of the current row
 * @cols: the columns
 * @column: index of the cell's column
 * @format: as for printf()
 */
void columns_set(struct columns *cols, unsigned int column, const char *format,
		 ...)
{
	char *text = NULL;
	va_list args;
	size_t len;

	if (!cols->row)
		cols->row = scols_table_new_line(cols->table, NULL);
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	if (!text || scols_line_refer_data(cols->row, column, text) != 0) {
		free(text);
		cols->err = -ENOMEM;
		return;
	}
	len = strlen(text);
	if (len > cols->widths[column])
		cols->widths[column] = len;
}

/* End a row; print the table if it is full. Return: as columns_print(). */
int columns_end_row(struct columns *cols)
{
	cols->row = NULL;
	cols->rows++;
	return cols->rows < COLUMNS_ROWS ? cols->err : columns_print(cols);
}

/* Make each column at least as wide as its widest cell so far. */
static void keep_widths(struct columns *cols)
{
	unsigned int i;

	for (i = 0; i < cols->columns; i++)
		scols_column_set_whint(scols_table_get_column(cols->table, i),
				       (double)cols->widths[i]);
}

/* Remove the blanks that an empty last cell leaves at the end of a line. */
static void trim(char *text)
{
	char *from, *to = text;

	for (from = text; *from; from++) {
		while (*from == '\n' && to > text && to[-1] == ' ')
			to--;
		*to++ = *from;
	}
	while (to > text && to[-1] == ' ')
		to--;
	*to = '\0';
}

/* Print the waiting rows. Return: 0 or a negative error number. */
int columns_print(struct columns *cols)
{
	char *text = NULL;
	int err = cols->err;

	if (err || !cols->rows)
		return err;
	keep_widths(cols);
	err = scols_print_table_to_string(cols->table, &text);
	if (!err) {
		trim(text);
		err = output_line(text);
	}
	free(text);
	scols_table_remove_lines(cols->table);
	cols->rows = 0;
	return err;
}
