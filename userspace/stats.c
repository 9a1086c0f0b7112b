// SPDX-License-Identifier: GPL-2.0
#include "command.h"

#include "counter.h"
#include "grid.h"
#include "json.h"
#include "number.h"
#include "output.h"
#include "table.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>

#define STATS_PATH	"/proc/net/stat/tcptrace"

/**
 * struct stats - the counters
 * @table: the file, a line a CPU
 * @sums: the values, one for each column
 */
struct stats {
	struct table table;
	u64 sums[TABLE_COLUMNS];
};

static const struct option options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "file", required_argument, NULL, 'f' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static void usage(FILE *to)
{
	fputs("Usage: tcptracectl stats [OPTIONS]\n"
	      "\n"
	      "Show the counters of the module, summed over the CPUs.\n"
	      "\n"
	      "  -j, --json       one JSON object, names and values\n"
	      "      --file PATH  the counters (default: " STATS_PATH ")\n"
	      "  -h, --help       this help\n", to);
}

static int add_line(struct stats *stats)
{
	unsigned int i;
	u64 n;

	for (i = 0; i < stats->table.columns; i++) {
		if (number_parse(stats->table.cells[i], 16, UINT64_MAX,
				 &n) != 0)
			return -EBADMSG;
		/* The table is one: each CPU's line says the same. */
		if (strcmp(stats->table.names[i], "entries") == 0)
			stats->sums[i] = n;
		else
			stats->sums[i] += n;
	}
	return 0;
}

static int read_lines(struct stats *stats)
{
	int ret;

	while ((ret = table_next(&stats->table)) > 0) {
		ret = add_line(stats);
		if (ret)
			break;
	}
	return ret;
}

static int show_json(const struct stats *stats)
{
	struct json_object *o = json_object_new_object();
	unsigned int i;

	for (i = 0; i < stats->table.columns; i++)
		json_object_object_add(o, stats->table.names[i],
				       json_object_new_uint64(stats->sums[i]));
	return json_line(o);
}

static int show_text(const struct stats *stats)
{
	static struct grid grid;
	unsigned int i;
	int err = 0;

	grid_init(&grid, 3, 1U << 1, "  ");
	for (i = 0; i < stats->table.columns && !err; i++) {
		grid_set(&grid, 0, "%s", stats->table.names[i]);
		grid_set(&grid, 1, "%llu", (unsigned long long)stats->sums[i]);
		grid_set(&grid, 2, "%s", counter_text(stats->table.names[i]));
		err = grid_end_row(&grid);
	}
	return err ? err : grid_print(&grid);
}

static int stats_run(const char *path, bool json)
{
	static struct stats stats;
	char why[512];
	int err;

	err = table_open(&stats.table, path);
	if (err) {
		table_explain(path, err, why, sizeof(why));
		warnx("%s", why);
		return EXIT_FAIL;
	}
	err = read_lines(&stats);
	if (err) {
		warnx("%s: line %lu: %s", path, stats.table.number,
		      strerror(-err));
		table_close(&stats.table);
		return EXIT_FAIL;
	}
	err = json ? show_json(&stats) : show_text(&stats);
	table_close(&stats.table);
	return output_status(err);
}

/**
 * stats_main - the subcommand stats
 * @argc: number of arguments
 * @argv: its name and its options
 *
 * Return: the exit status.
 */
int stats_main(int argc, char **argv)
{
	const char *path = STATS_PATH;
	bool json = false;
	int opt;

	while ((opt = getopt_long(argc, argv, "jh", options, NULL)) != -1) {
		switch (opt) {
		case 'j':
			json = true;
			break;
		case 'f':
			path = optarg;
			break;
		case 'h':
			usage(stdout);
			return EXIT_OK;
		default:
			return command_misuse("stats");
		}
	}
	if (optind < argc) {
		warnx("stats takes no argument '%s'", argv[optind]);
		return command_misuse("stats");
	}
	return stats_run(path, json);
}
