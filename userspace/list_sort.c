// SPDX-License-Identifier: GPL-2.0
#include "list_sort.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/**
 * struct key - a sort key
 * @name: the word after --sort
 * @columns: the columns of the table that the key uses
 * @largest: sort by the largest value of @columns, not by their sum
 */
static const struct key {
	const char *name;
	const char *columns[2];
	bool largest;
} keys[LIST_KEYS] = {
	[LIST_AGE]	= { "age", { "age" }, false },
	[LIST_BYTES]	= { "bytes", { "orig_bytes", "resp_bytes" }, false },
	[LIST_PACKETS]	= { "packets", { "orig_packets", "resp_packets" },
			    false },
	[LIST_REXMIT]	= { "rexmit", { "orig_rexmit", "resp_rexmit" }, false },
	[LIST_RESPONSE]	= { "response", { "orig_response_mean_ns",
					  "resp_response_mean_ns" }, true },
	[LIST_BUSY]	= { "busy", { "orig_busy_ns", "resp_busy_ns" }, false },
};

/**
 * struct sorted_row - a line of the table
 * @value: the value of the sort key
 * @number: position in the table; rows with an equal @value keep their order
 * @line: the cells, separated by blanks
 */
struct sorted_row {
	double value;
	size_t number;
	char *line;
};

/**
 * struct sorted_rows - all lines
 * @list: the lines
 * @n: number of lines in @list
 * @room: room in @list
 */
struct sorted_rows {
	struct sorted_row *list;
	size_t n;
	size_t room;
};

/* Return: the sort key; LIST_UNSORTED if no key has this name. */
enum list_key list_sort_key(const char *word)
{
	unsigned int i;

	for (i = LIST_UNSORTED + 1; i < LIST_KEYS; i++)
		if (strcmp(word, keys[i].name) == 0)
			return i;
	return LIST_UNSORTED;
}

static int compare(const void *a, const void *b)
{
	const struct sorted_row *x = a, *y = b;

	if (x->value != y->value)
		return x->value > y->value ? -1 : 1;
	return x->number < y->number ? -1 : 1;
}

/* Return: the value of the sort key; "-" and missing columns count as 0. */
static double value_of(const struct proc_table *table, const struct key *key)
{
	double value, result = 0;
	int i, column;

	for (i = 0; i < 2 && key->columns[i]; i++) {
		column = proc_table_column(table, key->columns[i]);
		value = column < 0 ? 0 : strtod(table->cells[column], NULL);
		if (!key->largest)
			result += value;
		else if (value > result)
			result = value;
	}
	return result;
}

/* Return: a line of the words, separated by blanks; NULL if memory is short. */
static char *join(char *const words[], unsigned int n)
{
	size_t size = 1;
	unsigned int i;
	char *line, *to;

	for (i = 0; i < n; i++)
		size += strlen(words[i]) + 1;
	line = malloc(size);
	if (!line)
		return NULL;
	to = line;
	for (i = 0; i < n; i++) {
		if (i)
			*to++ = ' ';
		to = stpcpy(to, words[i]);
	}
	*to = '\0';
	return line;
}

static int add(struct sorted_rows *rows, const struct proc_table *table,
	       const struct key *key)
{
	struct sorted_row *list = rows->list;

	if (rows->n == rows->room) {
		rows->room = rows->room * 2 + 64;
		list = reallocarray(list, rows->room, sizeof(*list));
		if (!list)
			return -ENOMEM;
		rows->list = list;
	}
	list[rows->n] = (struct sorted_row) {
		.value = value_of(table, key),
		.number = rows->n,
		.line = join(table->cells, table->columns),
	};
	return list[rows->n++].line ? 0 : -ENOMEM;
}

/* Return: a temporary file that contains the sorted table, or NULL. */
static FILE *write_rows(const struct proc_table *table,
			const struct sorted_rows *rows)
{
	FILE *file = tmpfile();
	unsigned int i;
	size_t n;

	if (!file)
		return NULL;
	for (i = 0; i < table->columns; i++)
		fprintf(file, "%s%c", table->names[i],
			i + 1 < table->columns ? ' ' : '\n');
	for (n = 0; n < rows->n; n++)
		fprintf(file, "%s\n", rows->list[n].line);
	if (fflush(file) == 0) {
		rewind(file);
		return file;
	}
	fclose(file);
	return NULL;
}

/**
 * list_sort - sort a table
 * @table: the table, of which only the column names have been read
 * @key: the sort key; rows with large values come first
 * @sorted: set to the sorted table
 *
 * Return: 0 or a negative error number.
 */
int list_sort(struct proc_table *table, enum list_key key,
	      struct proc_table *sorted)
{
	struct sorted_rows rows = { 0 };
	FILE *file;
	int ret;
	size_t n;

	while ((ret = proc_table_next(table)) > 0) {
		ret = add(&rows, table, &keys[key]);
		if (ret < 0)
			break;
	}
	if (ret == 0) {
		qsort(rows.list, rows.n, sizeof(*rows.list), compare);
		file = write_rows(table, &rows);
		ret = file ? proc_table_take(sorted, file) : -errno;
	}
	for (n = 0; n < rows.n; n++)
		free(rows.list[n].line);
	free(rows.list);
	return ret;
}
