/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Read small files, parameters and tables in /proc and /sys. Any of them may be
 * missing.
 */
#ifndef _TCPTRACECTL_PROC_H
#define _TCPTRACECTL_PROC_H

#include "core/env.h"

#include <stdio.h>
#include <sys/types.h>

ssize_t proc_read(const char *path, char *buf, size_t size);
int proc_read_number(const char *path, u64 *value);
bool proc_exists(const char *path);
bool proc_has_word(const char *path, const char *word);

#define PARAMETER_PATH	"/sys/module/tcptrace/parameters/"

/* Size of a buffer for a parameter, which is a number or a word. */
#define PROC_PARAMETER_LEN	32

const char *proc_parameter_text(const char *name, char buf[PROC_PARAMETER_LEN]);
int proc_parameter(const char *name, u64 *value);

/* Maximum number of columns; any further columns are ignored. */
#define TABLE_COLUMNS	128

/**
 * struct proc_table - an open file that contains a table
 * @file: the file
 * @header: the first line, cut into names
 * @line: the line that was read last, cut into cells
 * @size: size of @line
 * @columns: number of @names
 * @names: the names
 * @cells: the cells of @line
 * @number: number of @line, counting from 1
 */
struct proc_table {
	FILE *file;
	char *header;
	char *line;
	size_t size;
	unsigned int columns;
	char *names[TABLE_COLUMNS];
	char *cells[TABLE_COLUMNS];
	unsigned long number;
};

int proc_table_open(struct proc_table *table, const char *path);
int proc_table_take(struct proc_table *table, FILE *file);
int proc_table_column(const struct proc_table *table, const char *name);
int proc_table_next(struct proc_table *table);
void proc_table_close(struct proc_table *table);
void proc_table_explain(const char *path, int err, char *buf, size_t size);

#endif /* _TCPTRACECTL_PROC_H */
