// SPDX-License-Identifier: GPL-2.0
#include "list_columns.h"

#include "core/name.h"
#include "names.h"
#include "timefmt.h"

#include <assert.h>
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <linux/tcptrace.h>
#include <stdio.h>
#include <string.h>

enum {
	NAME_MAX_LEN	= 32,
};

static_assert((int)LIST_COLUMNS <= (int)COLUMNS_MAX,
	      "a table has room for every column");

/*
 * Titles; the default title is the column name in capitals, without "_ns" and
 * with '-' for '_'.
 */
static const char *const titles[LIST_COLUMNS] = {
	[PROC_CONN_ORIG_ISS]			= "ISS>",
	[PROC_CONN_RESP_ISS]			= "<ISS",
	[PROC_CONN_ORIG_NXT]			= "SEQ>",
	[PROC_CONN_ORIG_ACK]			= "ACK>",
	[PROC_CONN_RESP_NXT]			= "<SEQ",
	[PROC_CONN_RESP_ACK]			= "<ACK",
	[PROC_CONN_ORIG_PACKETS]		= "PACKETS>",
	[PROC_CONN_RESP_PACKETS]		= "<PACKETS",
	[PROC_CONN_ORIG_SEGMENTS]		= "SEGMENTS>",
	[PROC_CONN_RESP_SEGMENTS]		= "<SEGMENTS",
	[PROC_CONN_ORIG_BYTES]			= "BYTES>",
	[PROC_CONN_RESP_BYTES]			= "<BYTES",
	[PROC_CONN_ORIG_REXMIT]			= "REXMIT>",
	[PROC_CONN_RESP_REXMIT]			= "<REXMIT",
	[PROC_CONN_ORIG_FLAGS]			= "FLAGS>",
	[PROC_CONN_RESP_FLAGS]			= "<FLAGS",
	[PROC_CONN_ORIG_RESPONSE_MEAN_NS]	= "RESPONSE>",
	[PROC_CONN_RESP_RESPONSE_MEAN_NS]	= "<RESPONSE",
	[PROC_CONN_ORIG_BUSY_NS]		= "BUSY>",
	[PROC_CONN_RESP_BUSY_NS]		= "<BUSY",
	[LIST_COLUMN_ORIG_GOODPUT]		= "GOODPUT>",
	[LIST_COLUMN_RESP_GOODPUT]		= "<GOODPUT",
};

static const char *const more_names[] = {
	"orig_process", "resp_process", "orig_goodput", "resp_goodput",
};

static const char *name_of(unsigned int column)
{
	if (column < PROC_CONN_COLUMNS)
		return proc_conn_column_name(column);
	return more_names[column - LIST_COLUMN_ORIG_PROCESS];
}

static bool is_span(unsigned int column)
{
	return column < PROC_CONN_COLUMNS &&
	       proc_conn_column_kind(column) == PROC_CONN_NS;
}

static bool is_number(unsigned int column)
{
	if (column >= PROC_CONN_COLUMNS)
		return column >= LIST_COLUMN_ORIG_GOODPUT;
	switch (proc_conn_column_kind(column)) {
	case PROC_CONN_NUMBER:
	case PROC_CONN_NS:
	case PROC_CONN_SECONDS:
		return true;
	default:
		return false;
	}
}

static void title_of(unsigned int column, char title[NAME_MAX_LEN])
{
	size_t i;

	if (titles[column]) {
		snprintf(title, NAME_MAX_LEN, "%s", titles[column]);
		return;
	}
	snprintf(title, NAME_MAX_LEN, "%s", name_of(column));
	for (i = 0; title[i]; i++)
		title[i] = title[i] == '_' ? '-' :
			   (char)toupper((unsigned char)title[i]);
	if (is_span(column))
		title[i - strlen("_ns")] = '\0';
}

static int find(const char *name, size_t len)
{
	unsigned int i;

	for (i = 0; i < LIST_COLUMNS; i++)
		if (strlen(name_of(i)) == len &&
		    strncmp(name_of(i), name, len) == 0)
			return (int)i;
	return -ENOENT;
}

/**
 * list_columns_add - append columns, except those that are already shown
 * @columns: the columns
 * @more: the columns to add
 * @n: number of columns in @more
 */
void list_columns_add(struct list_columns *columns, const unsigned int *more,
		      unsigned int n)
{
	unsigned int i;

	for (; n; n--, more++) {
		for (i = 0; i < columns->n && columns->shown[i] != *more; i++)
			;
		if (i == columns->n)
			columns->shown[columns->n++] = *more;
	}
}

/**
 * list_columns_parse - add columns by their names
 * @columns: the columns
 * @names: names of columns, separated by commas: columns of /proc/net/tcptrace,
 *	or columns that only the list command has
 *
 * Return: 0, or -EINVAL after printing a message.
 */
int list_columns_parse(struct list_columns *columns, const char *names)
{
	unsigned int column;
	size_t len;
	int found;

	for (;; names += len + 1) {
		len = strcspn(names, ",");
		found = find(names, len);
		if (found < 0) {
			warnx("unknown column: '%.*s': use names as in /proc/net/tcptrace",
			      (int)len, names);
			return -EINVAL;
		}
		column = (unsigned int)found;
		list_columns_add(columns, &column, 1);
		if (!names[len])
			return 0;
	}
}

/**
 * list_columns_begin - begin a table that has the columns, but no rows
 * @columns: the columns
 * @cols: the table
 */
void list_columns_begin(const struct list_columns *columns,
			struct columns *cols)
{
	char title[NAME_MAX_LEN];
	unsigned int i;

	columns_init(cols, " ");
	for (i = 0; i < columns->n; i++) {
		title_of(columns->shown[i], title);
		columns_add(cols, title, is_number(columns->shown[i]));
	}
}

/* Show a sequence number relative to the ISN in column @base. */
static void set_relative(struct columns *cols, unsigned int cell,
			 const struct proc_conn *row, enum proc_conn_column column,
			 enum proc_conn_column base)
{
	u64 n, isn;

	/* 0: nothing has been acknowledged or sent yet */
	if (proc_conn_number(row, column, &n) &&
	    proc_conn_number(row, base, &isn) && n != 0)
		columns_set(cols, cell, "%u", (u32)n - (u32)isn);
	else
		columns_set(cols, cell, "-");
}

static void set_findings(struct columns *cols, unsigned int cell,
			 const struct proc_conn *row)
{
	char names[512];
	unsigned int i;
	size_t n = 0;
	u64 bits = 0;

	proc_conn_number(row, PROC_CONN_FINDINGS, &bits);
	for (i = 0; i < TCPTRACE_FINDINGS && n < sizeof(names); i++)
		if (bits & 1U << i)
			n += (size_t)snprintf(names + n, sizeof(names) - n,
					      "%s%s", n ? "," : "",
					      tcpt_finding_name(i));
	columns_set(cols, cell, "%s", n ? names : "-");
}

static void set_process(struct columns *cols, unsigned int cell,
			const struct proc_conn *row, unsigned int end)
{
	struct process process;
	char comm[sizeof(process.comm) + 1];

	if (proc_conn_process(row, end, &process))
		columns_set(cols, cell, "%s[%u]",
			    event_printable(process.comm, sizeof(process.comm),
					    comm), process.pid);
	else
		columns_set(cols, cell, "-");
}

static void set_goodput(struct columns *cols, unsigned int cell,
			const struct proc_conn *row, unsigned int end)
{
	u64 bytes;

	if (proc_conn_goodput(row, end, &bytes))
		columns_set(cols, cell, "%llu", (unsigned long long)bytes);
	else
		columns_set(cols, cell, "-");
}

static void set_span(struct columns *cols, unsigned int cell,
		     const struct proc_conn *row, enum proc_conn_column column)
{
	char span[TIMEFMT_LEN];
	u64 ns;

	if (proc_conn_number(row, column, &ns)) {
		timefmt_span(ns, span, sizeof(span));
		columns_set(cols, cell, "%s", span);
	} else {
		columns_set(cols, cell, "-");
	}
}

static void set_cell(struct columns *cols, unsigned int cell,
		     const struct proc_conn *row, unsigned int column)
{
	switch (column) {
	case PROC_CONN_ORIG_NXT:
	case PROC_CONN_RESP_ACK:
		set_relative(cols, cell, row, column, PROC_CONN_ORIG_ISS);
		break;
	case PROC_CONN_RESP_NXT:
	case PROC_CONN_ORIG_ACK:
		set_relative(cols, cell, row, column, PROC_CONN_RESP_ISS);
		break;
	case PROC_CONN_FINDINGS:
		set_findings(cols, cell, row);
		break;
	case PROC_CONN_LIMITED_BY:
		columns_set(cols, cell, "%s", proc_conn_limited(row) ?: "-");
		break;
	case LIST_COLUMN_ORIG_PROCESS:
	case LIST_COLUMN_RESP_PROCESS:
		set_process(cols, cell, row, column - LIST_COLUMN_ORIG_PROCESS);
		break;
	case LIST_COLUMN_ORIG_GOODPUT:
	case LIST_COLUMN_RESP_GOODPUT:
		set_goodput(cols, cell, row, column - LIST_COLUMN_ORIG_GOODPUT);
		break;
	default:
		if (is_span(column))
			set_span(cols, cell, row, column);
		else
			columns_set(cols, cell, "%s", row->cells[column] ?: "-");
	}
}

/**
 * list_columns_row - add a row
 * @columns: the columns
 * @cols: the table
 * @row: the connection in the row
 *
 * Return: 0 or the error from printing.
 */
int list_columns_row(const struct list_columns *columns, struct columns *cols,
		     const struct proc_conn *row)
{
	unsigned int i;

	for (i = 0; i < columns->n; i++)
		set_cell(cols, i, row, columns->shown[i]);
	return columns_end_row(cols);
}
