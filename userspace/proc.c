// SPDX-License-Identifier: GPL-2.0
#include "proc.h"

#include "number.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/**
 * proc_read - read the beginning of a file
 * @path: the file
 * @buf: set to the text, NUL-terminated, without a newline at its end
 * @size: size of @buf; text that does not fit is not read
 *
 * Return: the length of the text, or a negative error number.
 */
ssize_t proc_read(const char *path, char *buf, size_t size)
{
	size_t len = 0;
	ssize_t n;
	int fd, err;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	while ((n = read(fd, buf + len, size - 1 - len)) > 0)
		len += (size_t)n;
	err = -errno;
	/* the file is only read, so errors from close() are ignored */
	close(fd);
	if (n < 0)
		return err;
	if (len > 0 && buf[len - 1] == '\n')
		len--;
	buf[len] = '\0';
	return (ssize_t)len;
}

/*
 * Read a file that contains only a number. Return: 0 or a negative error
 * number.
 */
int proc_read_number(const char *path, u64 *value)
{
	char buf[32];
	ssize_t len = proc_read(path, buf, sizeof(buf));

	return len < 0 ? (int)len : number_parse(buf, 10, UINT64_MAX, value);
}

/* Return: false if the path does not exist or cannot be checked. */
bool proc_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/* Return: true if a line of the file begins with @word and a blank. */
bool proc_has_word(const char *path, const char *word)
{
	FILE *file = fopen(path, "re");
	size_t size = 0, len = strlen(word);
	char *line = NULL;
	bool found = false;

	if (!file)
		return false;
	while (!found && getline(&line, &size, file) > 0)
		found = strncmp(line, word, len) == 0 && line[len] == ' ';
	free(line);
	fclose(file);
	return found;
}

static void make_path(const char *name, char *path, size_t size)
{
	snprintf(path, size, PARAMETER_PATH "%s", name);
}

/* Return: the value of a parameter; "not known" if it cannot be read. */
const char *proc_parameter_text(const char *name, char buf[PROC_PARAMETER_LEN])
{
	char path[128];

	make_path(name, path, sizeof(path));
	if (proc_read(path, buf, PROC_PARAMETER_LEN) < 0)
		snprintf(buf, PROC_PARAMETER_LEN, "not known");
	return buf;
}

/* Read a parameter. Return: 0 or a negative error number. */
int proc_parameter(const char *name, u64 *value)
{
	char path[128];

	make_path(name, path, sizeof(path));
	return proc_read_number(path, value);
}

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

/* Read a line. Return: 1, 0 at the end of the file, or an error number. */
static int read_line(struct proc_table *table)
{
	errno = 0;
	if (getline(&table->line, &table->size, table->file) < 0)
		return errno ? -errno : 0;
	table->number++;
	return 1;
}

static int read_header(struct proc_table *table)
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
 * proc_table_take - read the column names of an open file
 * @table: filled in; after success, the caller must close it
 * @file: the file; proc_table_close() closes it, or this function on failure
 *
 * Return: 0, -EBADMSG if the file has no column names, or another negative
 * error number.
 */
int proc_table_take(struct proc_table *table, FILE *file)
{
	int err;

	memset(table, 0, sizeof(*table));
	table->file = file;
	err = read_header(table);
	if (err)
		proc_table_close(table);
	return err;
}

/* Open a file and read its column names. Return: as proc_table_take(). */
int proc_table_open(struct proc_table *table, const char *path)
{
	FILE *file = fopen(path, "re");

	return file ? proc_table_take(table, file) : -errno;
}

/* Return: the number of a column; -ENOENT if the table lacks the column. */
int proc_table_column(const struct proc_table *table, const char *name)
{
	unsigned int i;

	for (i = 0; i < table->columns; i++)
		if (strcmp(table->names[i], name) == 0)
			return (int)i;
	return -ENOENT;
}

/**
 * proc_table_next - read the next line into table->cells
 * @table: the table
 *
 * Return: 1; 0 at the end of the file; -EBADMSG if the line has fewer cells
 * than there are column names; or another negative error number.
 */
int proc_table_next(struct proc_table *table)
{
	int ret;

	ret = read_line(table);
	if (ret <= 0)
		return ret;
	return cut(table->line, table->cells) < table->columns ? -EBADMSG : 1;
}

void proc_table_close(struct proc_table *table)
{
	fclose(table->file);
	free(table->header);
	free(table->line);
}

/*
 * Write one line with the reason why proc_table_open() failed and, for common
 * errors, with advice.
 */
void proc_table_explain(const char *path, int err, char *buf, size_t size)
{
	const char *advice = "";

	if (err == -ENOENT && strncmp(path, "/proc/", 6) == 0)
		advice =
			": load the module: 'modprobe tcptrace' or, in its source, 'make load'";
	else if (err == -EACCES || err == -EPERM)
		advice = ": only root may read it, try sudo";
	if (err == -EBADMSG)
		snprintf(buf, size, "%s: no column names in the first line",
			 path);
	else
		snprintf(buf, size, "%s: %s%s", path, strerror(-err), advice);
}
