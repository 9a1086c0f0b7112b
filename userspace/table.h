/* SPDX-License-Identifier: GPL-2.0 */
/* Files of /proc whose first line names the columns. */
#ifndef _TCPTRACECTL_TABLE_H
#define _TCPTRACECTL_TABLE_H

#include "core/env.h"

#include <stdio.h>

/* Columns past these are ignored. */
#define TABLE_COLUMNS	128

/**
 * struct table - an open file
 * @file: the file
 * @header: its first line, cut into names
 * @line: the line read last, cut into cells
 * @size: size of @line
 * @columns: how many names there are
 * @names: the names
 * @cells: the cells of the line read last
 * @number: number of the line read last, from 1
 */
struct table {
	FILE *file;
	char *header;
	char *line;
	size_t size;
	unsigned int columns;
	char *names[TABLE_COLUMNS];
	char *cells[TABLE_COLUMNS];
	unsigned long number;
};

int table_open(struct table *table, const char *path);
int table_take(struct table *table, FILE *file);
int table_column(const struct table *table, const char *name);
int table_next(struct table *table);
void table_close(struct table *table);
void table_explain(const char *path, int err, char *buf, size_t size);

#endif /* _TCPTRACECTL_TABLE_H */
