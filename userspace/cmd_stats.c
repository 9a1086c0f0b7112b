// SPDX-License-Identifier: GPL-2.0
#include "columns.h"
#include "command.h"
#include "core/name.h"
#include "json_writer.h"
#include "output.h"
#include "proc_stats.h"
#include "replay.h"
#include "summary.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <linux/tcptrace.h>
#include <stdio.h>

static const struct option options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "file", required_argument, NULL, 'f' },
	{ "read", required_argument, NULL, 'r' },
	{ "as-module", no_argument, NULL, 'o' },
	{ "summary", no_argument, NULL, 's' },
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
	      "  -r, --read FILE  read a capture, pcap or pcapng (-: standard input); FILTER\n"
	      "                   is a tcpdump expression\n"
	      "      --as-module  count what the module would (with -r): do not open tunnels\n"
	      "                   or join fragments\n"
	      "      --summary    print a summary of the capture at its end (with -r)\n"
	      "  -j, --json       print one JSON object, names and values\n"
	      "      --file PATH  read these counters (default: " PROC_STATS_PATH "\n"
	      "                   and " PROC_STATS_PATH "_odd, which\n"
	      "                   only root may read)\n"
	      "  -h, --help       show this help\n",
	      to);
}

static int show_json(const struct proc_stats *stats)
{
	static struct json_writer w;
	unsigned int i;

	json_writer_open(&w, NULL, '{');
	for (i = 0; i < stats->n; i++)
		json_writer_u64(&w, stats->counter[i].name,
				stats->counter[i].value);
	json_writer_close(&w, '}');
	return json_writer_line(&w);
}

static int add_row(struct columns *cols, const char *name, u64 value)
{
	columns_set(cols, 0, "%s", name);
	columns_set(cols, 1, "%llu", (unsigned long long)value);
	columns_set(cols, 2, "%s", proc_stats_help(name));
	return columns_end_row(cols);
}

static int show_text(const struct proc_stats *stats)
{
	static struct columns cols;
	unsigned int i;
	int err = 0;

	columns_init(&cols, 3, 1U << 1, "  ");
	for (i = 0; i < stats->n && !err; i++)
		err = add_row(&cols, stats->counter[i].name,
			      stats->counter[i].value);
	return err ? err : columns_print(&cols);
}

/* The counters of a file that cannot be read are left out, which is said. */
static int stats_run(const char *const paths[], unsigned int files, bool json)
{
	static struct proc_stats stats;
	bool missing = false;
	char why[512];
	unsigned int i;
	int status, err;

	for (i = 0; i < files; i++) {
		err = proc_stats_add(&stats, paths[i], why, sizeof(why));
		if (!err)
			continue;
		warnx("%s", why);
		if (err != -EACCES)
			return EXIT_FAIL;
		missing = true;
	}
	if (stats.n == 0)
		return EXIT_FAIL;
	status = output_status(json ? show_json(&stats) : show_text(&stats));
	return missing ? EXIT_FAIL : status;
}

static void take_count(struct proc_stats *stats, const char *prefix,
		       const char *name, u64 value)
{
	snprintf(stats->counter[stats->n].name, sizeof(stats->counter->name),
		 "%s%s", prefix, name);
	stats->counter[stats->n++].value = value;
}

static void take_counts(struct proc_stats *stats, const struct tracker *tr)
{
	unsigned int i;

	static_assert(ARRAY_SIZE(stats->counter) >= COUNTS + TCPTRACE_FINDINGS,
		      "room for all");
	for (i = 0; i < COUNTS; i++)
		take_count(stats, "", capture_stats_name(i), tr->counts[i]);
	for (i = TCPTRACE_FINDING_NONE + 1; i < TCPTRACE_FINDINGS; i++)
		take_count(stats, "finding_", tcpt_finding_name(i),
			   tr->findings[i]);
}

static int stats_file(const char *path, char *const words[], bool json,
		      bool as_module, bool summary)
{
	static struct proc_stats stats;
	static struct replay replay;
	enum replay_end end;
	int status, err;

	if (replay_open(&replay, path, words, 0, NULL, NULL) != 0) {
		warnx("%s", replay.why);
		return EXIT_FAIL;
	}
	replay.tracker.as_module = as_module;
	end = replay_run(&replay);
	take_counts(&stats, &replay.tracker);
	err = json ? show_json(&stats) : show_text(&stats);
	if (!err && summary)
		err = summary_show(&replay, json);
	if (!err)
		err = output_flush();
	status = output_status(err);
	summary_warn(&replay);
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
	bool json = false, as_module = false, summary = false;
	int opt;

	while ((opt = getopt_long(argc, argv, "jr:h", options, NULL)) != -1) {
		switch (opt) {
		case 'j':
			json = true;
			break;
		case 'f':
			path = optarg;
			break;
		case 'o':
			as_module = true;
			break;
		case 'r':
			file = optarg;
			break;
		case 's':
			summary = true;
			break;
		case 'h':
			usage(stdout);
			return EXIT_OK;
		default:
			return command_misuse("stats");
		}
	}
	if (file)
		return stats_file(file, argv + optind, json, as_module,
				  summary);
	if (as_module || summary) {
		warnx("%s needs a capture: add --read FILE",
		      summary ? "--summary" : "--as-module");
		return command_misuse("stats");
	}
	if (optind < argc) {
		warnx("unexpected argument: '%s'", argv[optind]);
		return command_misuse("stats");
	}
	return path ? stats_run(&path, 1, json) :
	       stats_run(proc_stats_paths, PROC_STATS_FILES, json);
}
