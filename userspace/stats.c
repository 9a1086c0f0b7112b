// SPDX-License-Identifier: GPL-2.0
#include "command.h"

#include "counter.h"
#include "grid.h"
#include "number.h"
#include "output.h"
#include "replay.h"
#include "table.h"
#include "writer.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>

#define STATS_PATH	"/proc/net/stat/tcptrace"

enum {
	/* Two, because lnstat reads no more than 32 columns of one. */
	FILES	= 2,
};

static const char *const default_paths[FILES] = {
	STATS_PATH, STATS_PATH "_odd",
};

/**
 * struct stats - the counters of one file
 * @table: the file, a line a CPU
 * @sums: the values, one for each column
 */
struct stats {
	struct table table;
	u64 sums[TABLE_COLUMNS];
};

static struct stats all_stats[FILES];

static const struct option options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "file", required_argument, NULL, 'f' },
	{ "read", required_argument, NULL, 'r' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static void usage(FILE *to)
{
	fputs("Usage: tcptracectl stats [OPTIONS]\n"
	      "       tcptracectl stats -r FILE [OPTIONS] [FILTER]\n"
	      "\n"
	      "Show the counters of the module, summed over the CPUs, or those of a capture.\n"
	      "\n"
	      "  -r, --read FILE  a capture, pcap or pcapng (-: standard input); FILTER is an\n"
	      "                   expression as tcpdump takes it\n"
	      "  -j, --json       one JSON object, names and values\n"
	      "      --file PATH  the counters (default: " STATS_PATH "\n"
	      "                   and " STATS_PATH "_odd)\n"
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

/* Every file begins with it. */
static bool is_repeated(const struct stats *stats, unsigned int column)
{
	return stats != all_stats &&
	       strcmp(stats->table.names[column], "entries") == 0;
}

static int show_json(unsigned int files)
{
	static struct writer w;
	const struct stats *stats;
	unsigned int i;

	writer_open(&w, NULL, '{');
	for (stats = all_stats; stats < all_stats + files; stats++) {
		for (i = 0; i < stats->table.columns; i++)
			if (!is_repeated(stats, i))
				writer_u64(&w, stats->table.names[i],
					   stats->sums[i]);
	}
	writer_close(&w, '}');
	return writer_line(&w);
}

static int add_row(struct grid *grid, const char *name, u64 value)
{
	grid_set(grid, 0, "%s", name);
	grid_set(grid, 1, "%llu", (unsigned long long)value);
	grid_set(grid, 2, "%s", counter_text(name));
	return grid_end_row(grid);
}

static int add_rows(struct grid *grid, const struct stats *stats)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < stats->table.columns && !err; i++)
		if (!is_repeated(stats, i))
			err = add_row(grid, stats->table.names[i],
				      stats->sums[i]);
	return err;
}

static int show_text(unsigned int files)
{
	static struct grid grid;
	unsigned int i;
	int err = 0;

	grid_init(&grid, 3, 1U << 1, "  ");
	for (i = 0; i < files && !err; i++)
		err = add_rows(&grid, &all_stats[i]);
	return err ? err : grid_print(&grid);
}

static int read_file(struct stats *stats, const char *path)
{
	char why[512];
	int err;

	err = table_open(&stats->table, path);
	if (err) {
		table_explain(path, err, why, sizeof(why));
		warnx("%s", why);
		return err;
	}
	err = read_lines(stats);
	if (err) {
		warnx("%s: line %lu: %s", path, stats->table.number,
		      strerror(-err));
		table_close(&stats->table);
	}
	return err;
}

static int stats_run(const char *const paths[], unsigned int files, bool json)
{
	int status = EXIT_FAIL;
	unsigned int i;

	for (i = 0; i < files; i++)
		if (read_file(&all_stats[i], paths[i]))
			goto out;
	status = output_status(json ? show_json(files) : show_text(files));
out:
	while (i--)
		table_close(&all_stats[i].table);
	return status;
}

static int show_counts_json(const u64 counts[COUNTS])
{
	static struct writer w;
	unsigned int i;

	writer_open(&w, NULL, '{');
	for (i = 0; i < COUNTS; i++)
		writer_u64(&w, count_name(i), counts[i]);
	writer_close(&w, '}');
	return writer_line(&w);
}

static int show_counts_text(const u64 counts[COUNTS])
{
	static struct grid grid;
	unsigned int i;
	int err = 0;

	grid_init(&grid, 3, 1U << 1, "  ");
	for (i = 0; i < COUNTS && !err; i++)
		err = add_row(&grid, count_name(i), counts[i]);
	return err ? err : grid_print(&grid);
}

static int stats_file(const char *path, char *const words[], bool json)
{
	static struct replay replay;
	enum replay_end end;
	int status, err;

	if (replay_open(&replay, path, words, 0, NULL, NULL) != 0) {
		warnx("%s", replay.why);
		return EXIT_FAIL;
	}
	end = replay_run(&replay);
	err = json ? show_counts_json(replay.offline.counts) :
		     show_counts_text(replay.offline.counts);
	if (!err)
		err = output_flush();
	status = output_status(err);
	if (end == REPLAY_BROKEN) {
		warnx("%s", replay.why);
		status = EXIT_FAIL;
	}
	replay_close(&replay);
	return status;
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
	const char *path = NULL, *file = NULL;
	bool json = false;
	int opt;

	while ((opt = getopt_long(argc, argv, "jr:h", options, NULL)) != -1) {
		switch (opt) {
		case 'j':
			json = true;
			break;
		case 'f':
			path = optarg;
			break;
		case 'r':
			file = optarg;
			break;
		case 'h':
			usage(stdout);
			return EXIT_OK;
		default:
			return command_misuse("stats");
		}
	}
	if (file)
		return stats_file(file, argv + optind, json);
	if (optind < argc) {
		warnx("stats takes no argument '%s'", argv[optind]);
		return command_misuse("stats");
	}
	return path ? stats_run(&path, 1, json) :
	       stats_run(default_paths, FILES, json);
}
