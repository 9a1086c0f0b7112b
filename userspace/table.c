// SPDX-License-Identifier: GPL-2.0
#include "table.h"

#include <errno.h>
#include <stdlib.h>

static unsigned int cut(char *line, char *cells[TABLE_COLUMNS])
{
	unsigned int n = 0;
	char *save, *word;

	word = strtok_r(line, " \t\n", &save);
	while (word && n < TABLE_COLUMNS) {
		cells[n++] = word;
		word = strtok_r(NULL, " \t\n", &save);
	}
	return n;
}

/* Return: 1, 0 at the end, or a negative error number. */
static int read_line(struct table *table)
{
	errno = 0;
	if (getline(&table->line, &table->size, table->file) < 0)
		return errno ? -errno : 0;
	table->number++;
	return 1;
}

static int read_header(struct table *table)
{
	int ret;

	ret = read_line(table);
	if (ret <= 0)
		return ret ? ret : -EBADMSG;
	table->header = table->line;
	table->line = NULL;
	table->size = 0;
	table->columns = cut(table->header, table->names);
	return table->columns ? 0 : -EBADMSG;
}

/**
 * table_take - read the names of a file that is open
 * @table: the table; to be closed only if this succeeds
 * @file: the file; closed with the table, or if this fails
 *
 * Return: 0, -EBADMSG if the file has no names, or another negative error
 * number.
 */
int table_take(struct table *table, FILE *file)
{
	int err;

	memset(table, 0, sizeof(*table));
	table->file = file;
	err = read_header(table);
	if (err)
		table_close(table);
	return err;
}

/**
 * table_open - open a file and read the names
 * @table: the table; to be closed only if this succeeds
 * @path: path of the file
 *
 * Return: 0, -EBADMSG if the file has no names, or another negative error
 * number.
 */
int table_open(struct table *table, const char *path)
{
	FILE *file = fopen(path, "re");

	return file ? table_take(table, file) : -errno;
}

/**
 * table_column - find a column by its name
 * @table: the table
 * @name: the name
 *
 * Return: its number, -ENOENT if there is none.
 */
int table_column(const struct table *table, const char *name)
{
	unsigned int i;

	for (i = 0; i < table->columns; i++)
		if (strcmp(table->names[i], name) == 0)
			return (int)i;
	return -ENOENT;
}

/**
 * table_next - read a line into table->cells
 * @table: the table
 *
 * Return: 1, 0 at the end, -EBADMSG if the line is shorter than the first
 * one, or another negative error number.
 */
int table_next(struct table *table)
{
	int ret;

	ret = read_line(table);
	if (ret <= 0)
		return ret;
	return cut(table->line, table->cells) < table->columns ? -EBADMSG : 1;
}

/**
 * table_close - close the file
 * @table: the table
 */
void table_close(struct table *table)
{
	fclose(table->file);
	free(table->header);
	free(table->line);
}

/**
 * table_explain - an error of opening a table, and what to do about it
 * @path: path of the file
 * @err: from table_open()
 * @buf: where the text goes, one line
 * @size: size of @buf
 */
void table_explain(const char *path, int err, char *buf, size_t size)
{
	const char *advice = "";

	if (err == -ENOENT && strncmp(path, "/proc/", 6) == 0)
		advice = ": load the module: 'modprobe tcptrace' or, in its source, 'make load'";
	else if (err == -EACCES || err == -EPERM)
		advice = ": only root may read it, try sudo";
	if (err == -EBADMSG)
		snprintf(buf, size, "%s: the first line names no columns",
			 path);
	else
		snprintf(buf, size, "%s: %s%s", path, strerror(-err), advice);
}
