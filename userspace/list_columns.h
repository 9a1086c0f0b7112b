/* SPDX-License-Identifier: GPL-2.0 */
/* Choose and print the columns that the list command shows. */
#ifndef _TCPTRACECTL_LIST_COLUMNS_H
#define _TCPTRACECTL_LIST_COLUMNS_H

#include "columns.h"
#include "proc_conn.h"

/* Columns that /proc/net/tcptrace does not have. */
enum {
	LIST_COLUMN_ORIG_PROCESS = PROC_CONN_COLUMNS,
	LIST_COLUMN_RESP_PROCESS,
	LIST_COLUMN_ORIG_GOODPUT,
	LIST_COLUMN_RESP_GOODPUT,
	LIST_COLUMNS,
};

/**
 * struct list_columns - the columns to show
 * @shown: PROC_CONN_* or LIST_COLUMN_* of each column
 * @n: number of columns in @shown
 */
struct list_columns {
	unsigned int shown[COLUMNS_MAX];
	unsigned int n;
};

int list_columns_parse(struct list_columns *columns, const char *names);
void list_columns_add(struct list_columns *columns, const unsigned int *more,
		      unsigned int n);
void list_columns_begin(const struct list_columns *columns,
			struct columns *cols);
int list_columns_row(const struct list_columns *columns, struct columns *cols,
		     const struct proc_conn *row);

#endif /* _TCPTRACECTL_LIST_COLUMNS_H */
