// SPDX-License-Identifier: GPL-2.0
#include "sums.h"

#include "number.h"

#include <errno.h>
#include <stdint.h>

const char *const sums_paths[SUMS_FILES] = { SUMS_PATH, SUMS_PATH "_odd" };

/* Every file begins with it, and each CPU's line says the same: one table. */
static bool is_shared(const char *name)
{
	return strcmp(name, "entries") == 0;
}

static int add_line(struct sums *sums, const struct table *table,
		    const int places[TABLE_COLUMNS])
{
	unsigned int i;
	u64 n;

	for (i = 0; i < table->columns; i++) {
		if (number_parse(table->cells[i], 16, UINT64_MAX, &n) != 0)
			return -EBADMSG;
		if (is_shared(table->names[i]))
			sums->sum[places[i]].value = n;
		else
			sums->sum[places[i]].value += n;
	}
	return 0;
}

/* Return: -E2BIG if there are more counters than have room. */
static int add_names(struct sums *sums, const struct table *table,
		     int places[TABLE_COLUMNS])
{
	unsigned int i;

	for (i = 0; i < table->columns; i++) {
		places[i] = is_shared(table->names[i]) ?
			    sums_find(sums, table->names[i]) : -1;
		if (places[i] >= 0)
			continue;
		if (sums->n == SUMS_MAX)
			return -E2BIG;
		snprintf(sums->sum[sums->n].name, sizeof(sums->sum->name),
			 "%s", table->names[i]);
		sums->sum[sums->n].value = 0;
		places[i] = (int)sums->n++;
	}
	return 0;
}

/**
 * sums_add - read the counters of a file
 * @sums: they come after those that are there
 * @path: the file
 * @why: where the reason goes if it fails, one line
 * @size: size of @why
 *
 * Return: 0 or a negative error number.
 */
int sums_add(struct sums *sums, const char *path, char *why, size_t size)
{
	int places[TABLE_COLUMNS];
	struct table table;
	int ret;

	ret = table_open(&table, path);
	if (ret) {
		table_explain(path, ret, why, size);
		return ret;
	}
	ret = add_names(sums, &table, places);
	while (!ret && (ret = table_next(&table)) > 0)
		ret = add_line(sums, &table, places);
	if (ret)
		snprintf(why, size, "%s: line %lu: %s", path, table.number,
			 strerror(-ret));
	table_close(&table);
	return ret;
}

/**
 * sums_find - find a counter
 * @sums: the counters
 * @name: its name
 *
 * Return: its place, -ENOENT if there is none.
 */
int sums_find(const struct sums *sums, const char *name)
{
	unsigned int i;

	for (i = 0; i < sums->n; i++)
		if (strcmp(sums->sum[i].name, name) == 0)
			return (int)i;
	return -ENOENT;
}

/**
 * sums_get - the value of a counter
 * @sums: the counters
 * @name: its name
 *
 * Return: its value, 0 if there is none.
 */
u64 sums_get(const struct sums *sums, const char *name)
{
	int place = sums_find(sums, name);

	return place < 0 ? 0 : sums->sum[place].value;
}
