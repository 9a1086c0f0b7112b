// SPDX-License-Identifier: GPL-2.0
#include "columns.h"
#include "command.h"
#include "core/name.h"
#include "json_writer.h"
#include "number.h"
#include "output.h"
#include "proc_stats.h"
#include "source.h"
#include "summary.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <linux/tcptrace.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	OPT_FILE = COMMAND_LONG,
	OPT_INTERVAL,
};

static const struct option options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "file", required_argument, NULL, OPT_FILE },
	{ "max-connections", required_argument, NULL, SOURCE_MAX_CONNECTIONS },
	{ "summary", no_argument, NULL, SOURCE_SUMMARY },
	{ "all", no_argument, NULL, 'a' },
	{ "interval", required_argument, NULL, OPT_INTERVAL },
	{ NULL, 0, NULL, 0 },
};

static void usage(FILE *to)
{
	fputs("Usage: tcptracectl stats [OPTIONS]\n"
	      "       tcptracectl stats -r FILE | -i INTERFACE [OPTIONS] [FILTER]\n"
	      "\n"
	      "Show the counters of the module, summed over the CPUs, or those of a capture.\n"
	      "\n"
	      "  -r, --read FILE  read a capture, pcap or pcapng (-: standard input); FILTER\n"
	      "                   is a tcpdump expression\n"
	      "  -i, --interface IF\n"
	      "                   capture on an interface until a signal, without the module\n"
	      "      --seconds N  end after N seconds (with -i)\n"
	      "      --as-module  count what the module would (-r, -i): do not open tunnels\n"
	      "                   or join fragments\n"
	      "      --max-connections N\n"
	      "                   end half-open connections if over N are open (-r, -i)\n"
	      "      --summary    print a summary of the capture at its end (-r, -i)\n"
	      "  -a, --all        show the counters that are 0, too (default with -j)\n"
	      "      --interval N show the growth of the counters every N seconds\n"
	      "  -j, --json       print one JSON object, names and values\n"
	      "      --file PATH  read these counters (default: " PROC_STATS_PATH "\n"
	      "                   and " PROC_STATS_PATH "_odd, which\n"
	      "                   only root may read)\n"
	      "  -h, --help       show this help\n",
	      to);
}

/**
 * struct stats - one run of the command
 * @path: path of a file with counters; NULL: the module's files
 * @source: a capture to read instead of @path
 * @json: print JSON, not text
 * @all: also show counters that are 0
 * @interval: seconds after which the differences are shown; 0: show the values
 *	once
 */
struct stats {
	const char *path;
	struct source source;
	bool json;
	bool all;
	u64 interval;
};

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

/* Print the counters. Leave out those that are 0, unless @s->all is set. */
static int show_text(const struct stats *s, const struct proc_stats *stats)
{
	static struct columns cols;
	unsigned int i;
	int err = 0;

	columns_init(&cols, "  ");
	columns_add(&cols, "NAME", false);
	columns_add(&cols, "VALUE", true);
	columns_add(&cols, "MEANING", false);
	for (i = 0; i < stats->n && !err; i++)
		if (s->all || stats->counter[i].value)
			err = add_row(&cols, stats->counter[i].name,
				      stats->counter[i].value);
	return err ? err : columns_print(&cols);
}

static int show(const struct stats *s, const struct proc_stats *stats)
{
	return s->json ? show_json(stats) : show_text(s, stats);
}

/*
 * Read the counters, except those in files that the user may not read. @missing
 * is set after a message about such a file was printed. Return: the exit
 * status.
 */
static int read_stats(const struct stats *s, struct proc_stats *stats,
		      bool *missing)
{
	unsigned int i, files = s->path ? 1 : PROC_STATS_FILES;
	const char *const *paths = s->path ? &s->path : proc_stats_paths;
	bool said = *missing;
	char why[512];
	int err;

	memset(stats, 0, sizeof(*stats));
	for (i = 0; i < files; i++) {
		err = proc_stats_add(stats, paths[i], why, sizeof(why));
		if (!err)
			continue;
		if (!said || err != -EACCES)
			warnx("%s", why);
		if (err != -EACCES)
			return EXIT_FAIL;
		*missing = true;
	}
	return stats->n ? EXIT_OK : EXIT_FAIL;
}

/*
 * Subtract the previous values, in @last, from the counters, and set @last to
 * the current values. Leave "entries" unchanged, because it is a gauge, not a
 * counter.
 */
static void subtract(struct proc_stats *now, struct proc_stats *last)
{
	const struct proc_stats before = *last;
	unsigned int i;

	*last = *now;
	for (i = 0; i < now->n && i < before.n; i++)
		if (strcmp(now->counter[i].name, "entries") != 0)
			now->counter[i].value -= before.counter[i].value;
}

static int stats_run(const struct stats *s)
{
	static struct proc_stats stats, last;
	bool missing = false;
	int status, err;

	status = read_stats(s, &stats, &missing);
	if (status == EXIT_OK && !s->interval) {
		status = output_status(show(s, &stats) ?: output_flush());
		return missing ? EXIT_FAIL : status;
	}
	last = stats;
	while (status == EXIT_OK && sleep((unsigned int)s->interval) == 0) {
		status = read_stats(s, &stats, &missing);
		if (status != EXIT_OK)
			break;
		subtract(&stats, &last);
		err = show(s, &stats);
		if (!err && !s->json)
			err = output_line("");
		status = output_status(err ?: output_flush());
		if (err)
			break;
	}
	return status;
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

static int stats_capture(const struct stats *s, char *const words[])
{
	const struct source *source = &s->source;
	static struct proc_stats stats;
	static struct replay replay;
	enum replay_end end;
	int status, err;

	if (source_open(source, &replay, words, 0, NULL, NULL) != 0)
		return EXIT_FAIL;
	end = replay_run(&replay);
	take_counts(&stats, &replay.tracker);
	err = show(s, &stats);
	if (!err && source->summary)
		err = summary_show(&replay, s->json);
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

static int parse_interval(struct stats *s, const char *text)
{
	if (number_parse(text, 10, UINT32_MAX, &s->interval) == 0 &&
	    s->interval != 0)
		return 0;
	warnx("invalid --interval: '%s': use a number of seconds", text);
	return -EINVAL;
}

static int parse_option(void *data, int opt, const char *text)
{
	struct stats *s = data;

	switch (opt) {
	case 'j':
		s->json = true;
		return 0;
	case 'a':
		s->all = true;
		return 0;
	case OPT_INTERVAL:
		return parse_interval(s, text);
	case OPT_FILE:
		s->path = text;
		return 0;
	default:
		return source_option(&s->source, opt, text);
	}
}

static const struct command_syntax command = {
	.name = "stats",
	.usage = usage,
	.options = options,
	.shared = { source_options },
	.take = parse_option,
};

int stats_main(int argc, char **argv)
{
	struct stats s = {};
	int status;

	if (!command_options(&command, argc, argv, &s, &status))
		return status;
	if (source_check(&s.source) != 0 ||
	    source_check_path(&s.source, s.path) != 0 ||
	    source_refuse(&s.source, "--interval", s.interval) != 0)
		return command_misuse("stats");
	if (source_is_capture(&s.source))
		return stats_capture(&s, argv + optind);
	if (optind < argc) {
		warnx("unexpected argument: '%s'", argv[optind]);
		return command_misuse("stats");
	}
	return stats_run(&s);
}
