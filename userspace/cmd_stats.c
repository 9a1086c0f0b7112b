// SPDX-License-Identifier: GPL-2.0
#include "columns.h"
#include "command.h"
#include "json_writer.h"
#include "output.h"
#include "proc_stats.h"
#include "replay.h"

#include <err.h>
#include <getopt.h>
#include <stdio.h>

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
	      "      --file PATH  the counters (default: " SUMS_PATH "\n"
	      "                   and " SUMS_PATH "_odd)\n"
	      "  -h, --help       this help\n",
	      to);
}

static int show_json(const struct proc_stats *sums)
{
	static struct json_writer w;
	unsigned int i;

	json_writer_open(&w, NULL, '{');
	for (i = 0; i < sums->n; i++)
		json_writer_u64(&w, sums->sum[i].name, sums->sum[i].value);
	json_writer_close(&w, '}');
	return json_writer_line(&w);
}

static int add_row(struct columns *grid, const char *name, u64 value)
{
	grid_set(grid, 0, "%s", name);
	grid_set(grid, 1, "%llu", (unsigned long long)value);
	grid_set(grid, 2, "%s", proc_stats_help(name));
	return columns_end_row(grid);
}

static int show_text(const struct proc_stats *sums)
{
	static struct columns grid;
	unsigned int i;
	int err = 0;

	columns_init(&grid, 3, 1U << 1, "  ");
	for (i = 0; i < sums->n && !err; i++)
		err = add_row(&grid, sums->sum[i].name, sums->sum[i].value);
	return err ? err : columns_print(&grid);
}

static int stats_run(const char *const paths[], unsigned int files, bool json)
{
	static struct proc_stats sums;
	char why[512];
	unsigned int i;

	for (i = 0; i < files; i++) {
		if (proc_stats_add(&sums, paths[i], why, sizeof(why))) {
			warnx("%s", why);
			return EXIT_FAIL;
		}
	}
	return output_status(json ? show_json(&sums) : show_text(&sums));
}

static int show_counts_json(const u64 counts[COUNTS])
{
	static struct json_writer w;
	unsigned int i;

	json_writer_open(&w, NULL, '{');
	for (i = 0; i < COUNTS; i++)
		json_writer_u64(&w, capture_stats_name(i), counts[i]);
	json_writer_close(&w, '}');
	return json_writer_line(&w);
}

static int show_counts_text(const u64 counts[COUNTS])
{
	static struct columns grid;
	unsigned int i;
	int err = 0;

	columns_init(&grid, 3, 1U << 1, "  ");
	for (i = 0; i < COUNTS && !err; i++)
		err = add_row(&grid, capture_stats_name(i), counts[i]);
	return err ? err : columns_print(&grid);
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
	       stats_run(sums_paths, SUMS_FILES, json);
}
