// SPDX-License-Identifier: GPL-2.0
#include "capture_list.h"
#include "columns.h"
#include "command.h"
#include "number.h"
#include "output.h"
#include "proc.h"
#include "source.h"
#include "summary.h"
#include "timefmt.h"
#include "top.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define TABLE_PATH	"/proc/net/tcptrace"
#define NS_PER_SEC	1000000000ULL

enum {
	SECONDS_MAX	= 86400,
	LINES_DEFAULT	= 24,
	/* header, titles, and the line of the cursor */
	LINES_OTHER	= 3,
};

/**
 * struct top - one run of the command
 * @path: path of the table
 * @source: a capture to read instead
 * @batch: write all rows, one page after another
 * @seconds: length of an interval
 * @pages: how many pages to write, 0: without end
 * @at: skip the intervals of a capture that end before it, s after its begin
 * @sort: order of the rows
 * @group: what a row is about
 * @replay: the capture
 * @begin: begin of the interval, ns since 1970; 0 before the first segment
 * @first: likewise of the first interval
 * @shown: how many pages were written
 * @err: a negative error number
 * @bad: the column that is missing or wrong
 * @now: the connections
 * @before: the connections at the begin of the interval
 * @rows: what is shown
 * @sums: over all connections
 * @cols: lines of text that wait
 */
struct top {
	const char *path;
	struct source source;
	bool batch;
	u64 seconds;
	u64 pages;
	u64 at;
	enum top_sort sort;
	enum top_group group;
	struct replay replay;
	u64 begin;
	u64 first;
	u64 shown;
	int err;
	const char *bad;
	struct top_rows now;
	struct top_rows before;
	struct top_rows rows;
	struct top_sums sums;
	struct columns cols;
};

enum {
	OPT_FILE = 256,
	OPT_AS_MODULE,
	OPT_AT,
};

static const struct option options[] = {
	{ "batch", no_argument, NULL, 'b' },
	{ "count", required_argument, NULL, 'n' },
	{ "delay", required_argument, NULL, 'd' },
	{ "sort", required_argument, NULL, 's' },
	{ "group", required_argument, NULL, 'g' },
	{ "read", required_argument, NULL, 'r' },
	{ "at", required_argument, NULL, OPT_AT },
	{ "as-module", no_argument, NULL, OPT_AS_MODULE },
	{ "file", required_argument, NULL, OPT_FILE },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static const char *const sorts[TOP_SORTS] = {
	[TOP_BYTES]	= "bytes",
	[TOP_REXMIT]	= "rexmit",
	[TOP_RTT]	= "rtt",
	[TOP_RESPONSE]	= "response",
	[TOP_WINDOW]	= "window",
	[TOP_NEW]	= "new",
};

static const char *const groups[TOP_GROUPS] = {
	[TOP_NO_GROUP]	= "none",
	[TOP_ORIG]	= "orig",
	[TOP_RESP]	= "resp",
	[TOP_PORT]	= "port",
	[TOP_PROCESS]	= "process",
	[TOP_FINDING]	= "finding",
};

static void usage(FILE *to)
{
	fputs("Usage: tcptracectl top [OPTIONS]\n"
	      "       tcptracectl top -r FILE [OPTIONS] [FILTER]\n"
	      "\n"
	      "Show the busiest connections, page by page: bytes per second of the originator\n"
	      "(BYTES>/S) and of the responder (<BYTES/S), the percentage of them that was\n"
	      "retransmitted, round trip time of the handshake, mean response time, and odd\n"
	      "things: W the window limited a sender, Z zero window, U unanswered. A capture\n"
	      "has a page for each interval in which it has TCP segments.\n"
	      "\n"
	      "  -b, --batch         write all rows, and do not clear the terminal\n"
	      "  -n, --count N       end after N pages\n"
	      "  -d, --delay SECONDS length of an interval (default: 1)\n"
	      "  -s, --sort KEY      sort by bytes, rexmit, rtt, response, window or new\n"
	      "                      (connections opened)\n"
	      "  -g, --group KEY     add up by orig or resp (address), port of the responder,\n"
	      "                      process or finding; none: do not\n"
	      "  -r, --read FILE     read a capture, pcap or pcapng (-: standard input); FILTER\n"
	      "                      is a tcpdump expression\n"
	      "      --at SECONDS    begin with the interval so long after the first segment\n"
	      "                      (with -r)\n"
	      "      --as-module     show what the module would (-r): do not open tunnels, join\n"
	      "                      fragments or wait for late segments\n"
	      "      --file PATH     read this table (default: " TABLE_PATH ")\n"
	      "  -h, --help          show this help\n",
	      to);
}

/* Return: 0, or -EINVAL after a message. */
static int take_number(const char *name, const char *text, u64 least, u64 most,
		       u64 *to)
{
	if (number_parse(text, 10, most, to) == 0 && *to >= least)
		return 0;
	warnx("invalid %s: '%s'", name, text);
	return -EINVAL;
}

/* Return: the number of a word, or -EINVAL after a message. */
static int find_word(const char *name, const char *const words[],
		     unsigned int n, const char *text)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (strcmp(words[i], text) == 0)
			return (int)i;
	warnx("unknown %s: '%s'", name, text);
	return -EINVAL;
}

/* Return: 0, or -EINVAL after a message, from here or from getopt. */
static int parse_option(struct top *top, int opt)
{
	int word;

	switch (opt) {
	case 'b':
		top->batch = true;
		return 0;
	case 'n':
		return take_number("count", optarg, 1, UINT64_MAX, &top->pages);
	case 'd':
		return take_number("delay", optarg, 1, SECONDS_MAX,
				   &top->seconds);
	case 's':
		word = find_word("sort key", sorts, TOP_SORTS, optarg);
		top->sort = word < 0 ? TOP_BYTES : (enum top_sort)word;
		return word < 0 ? word : 0;
	case 'g':
		word = find_word("group", groups, TOP_GROUPS, optarg);
		top->group = word < 0 ? TOP_NO_GROUP : (enum top_group)word;
		return word < 0 ? word : 0;
	case 'r':
		top->source.file = optarg;
		return 0;
	case OPT_AT:
		return take_number("--at", optarg, 0, UINT32_MAX, &top->at);
	case OPT_AS_MODULE:
		top->source.as_module = true;
		return 0;
	case OPT_FILE:
		top->path = optarg;
		return 0;
	default:
		return -EINVAL;
	}
}

/* Return: how many rows fit; all of them if nothing has to be cut off. */
static size_t rows_wanted(const struct top *top)
{
	struct winsize size;
	size_t lines = LINES_DEFAULT;

	if (top->batch)
		return top->rows.n;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row)
		lines = size.ws_row;
	lines = lines > LINES_OTHER ? lines - LINES_OTHER : 1;
	return lines < top->rows.n ? lines : top->rows.n;
}

static double per_second(const struct top *top, u64 n)
{
	return (double)n / (double)top->seconds;
}

/* Digits after the point of a rate of connections. */
static int digits(const struct top *top)
{
	return top->seconds > 1;
}

static int put_header(const struct top *top, u64 wall)
{
	char text[160], when[TIMEFMT_LEN];

	timefmt_of_day(wall, when, sizeof(when));
	snprintf(text, sizeof(text),
		 "%s%.8s  %llu open  %.*f new/s  %.*f refused/s  sort: %s",
		 top->shown && top->batch ? "\n" : "", when,
		 (unsigned long long)top->sums.open, digits(top),
		 per_second(top, top->sums.opened), digits(top),
		 per_second(top, top->sums.refused), sorts[top->sort]);
	return output_line(text);
}

static unsigned int put_rates(struct top *top, unsigned int n,
			      const struct top_row *row)
{
	const struct top_counters *grown = &row->grown;
	u64 bytes = grown->bytes[0] + grown->bytes[1];
	u64 rexmit = grown->rexmit[0] + grown->rexmit[1];
	unsigned int i;

	for (i = 0; i < 2; i++)
		columns_set(&top->cols, n++, "%llu",
			    (unsigned long long)(grown->bytes[i] /
						 top->seconds));
	columns_set(&top->cols, n++, "%.1f%%",
		    bytes ? 100.0 * (double)rexmit / (double)bytes : 0.0);
	return n;
}

static unsigned int put_span(struct top *top, unsigned int n, u64 ns)
{
	char span[TIMEFMT_LEN] = "-";

	if (ns)
		timefmt_span(ns, span, sizeof(span));
	columns_set(&top->cols, n++, "%s", span);
	return n;
}

static unsigned int put_ends(struct top *top, unsigned int n,
			     const struct top_row *row)
{
	char end[ADDR_LEN];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		addr_endpoint(&row->addr[i], row->port[i], end, sizeof(end));
		columns_set(&top->cols, n++, "%s", end);
	}
	return n;
}

static int put_row(struct top *top, const struct top_row *row)
{
	struct columns *cols = &top->cols;
	unsigned int n = 0;
	char odd[8];

	if (top->group == TOP_NO_GROUP) {
		columns_set(cols, n++, "%llu", (unsigned long long)row->id);
		columns_set(cols, n++, "%s", *row->process ? row->process :
			    "-");
		n = put_ends(top, n, row);
		columns_set(cols, n++, "%s", row->states);
	} else {
		columns_set(cols, n++, "%s", row->name);
		columns_set(cols, n++, "%llu", (unsigned long long)row->conns);
		columns_set(cols, n++, "%.*f", digits(top),
			    per_second(top, row->opened));
	}
	n = put_rates(top, n, row);
	n = put_span(top, n, row->rtt);
	n = put_span(top, n, row->response);
	top_odd(row, odd, sizeof(odd));
	columns_set(cols, n++, "%s", odd);
	return columns_end_row(cols);
}

static int put_titles(struct top *top)
{
	static const char *const conn[] = {
		"CONN", "PROCESS", "ORIG", "RESP", "STATES", "BYTES>/S",
		"<BYTES/S", "REXMIT", "RTT", "RESPONSE", "ODD",
	};
	static const char *const group[] = {
		"GROUP", "CONNS", "NEW/S", "BYTES>/S", "<BYTES/S", "REXMIT",
		"RTT", "RESPONSE", "ODD",
	};
	bool grouped = top->group != TOP_NO_GROUP;
	unsigned int i, n = grouped ? ARRAY_SIZE(group) : ARRAY_SIZE(conn);

	/* right: the numbers */
	columns_init(&top->cols, n, grouped ? 0xfe : 0x3e1, " ");
	for (i = 0; i < n; i++)
		columns_set(&top->cols, i, "%s", grouped ? group[i] : conn[i]);
	return columns_end_row(&top->cols);
}

/* Return: 0 or a negative error number. */
static int put_rows(struct top *top, u64 wall)
{
	size_t i, n = rows_wanted(top);
	int err;

	err = put_header(top, wall) ?: put_titles(top);
	for (i = 0; i < n && !err; i++)
		err = put_row(top, &top->rows.rows[i]);
	return err ?: columns_print(&top->cols);
}

/* No line is wider than the terminal. Return: 0 or a negative error number. */
static int put_screen(struct top *top, u64 wall)
{
	size_t len, size, width = term_columns();
	char *text = NULL, *line;
	FILE *page;
	int err;

	page = open_memstream(&text, &size);
	if (!page)
		return -errno;
	output_divert(page);
	err = put_rows(top, wall);
	output_divert(NULL);
	if (fclose(page) != 0 && !err)
		err = -errno;
	err = err ?: output_write(TERM_CLEAR, strlen(TERM_CLEAR));
	for (line = text; !err && *line != '\0'; line += len + 1) {
		len = strcspn(line, "\n");
		line[len] = '\0';
		if (width && len > width)
			line[width] = '\0';
		err = output_line(line);
	}
	free(text);
	return err;
}

/* Return: 0 or a negative error number. */
static int put_page(struct top *top, u64 wall)
{
	int err;

	if (top_group(&top->rows, &top->now, top->group) != 0)
		return -ENOMEM;
	top_sort(&top->rows, top->sort);
	err = top->batch ? put_rows(top, wall) : put_screen(top, wall);
	top->shown++;
	return err ?: output_flush();
}

static bool is_last(const struct top *top)
{
	return top->pages && top->shown >= top->pages;
}

/* Return: 0 or a negative error number; @table is closed. */
static int read_table(struct top *top, struct proc_table *table)
{
	struct top_rows rows = top->before;
	int err;

	top->before = top->now;
	top->now = rows;
	err = top_read(&top->now, table, &top->bad);
	proc_table_close(table);
	return err;
}

/* The connections at the end of an interval. */
static int read_capture(struct top *top)
{
	const struct tracker *tr = &top->replay.tracker;
	struct proc_table table;
	FILE *file;
	int err;

	file = capture_list_open(&tr->conns, tr->last);
	err = file ? proc_table_take(&table, file) : -errno;
	return err ?: read_table(top, &table);
}

/* Return: 0, 1 after the last page, or a negative error number. */
static int end_interval(struct top *top)
{
	u64 end = top->begin + top->seconds * NS_PER_SEC;
	int err;

	err = read_capture(top);
	if (err)
		return err;
	top_compare(&top->now, &top->before, &top->sums);
	if (end <= top->first + top->at * NS_PER_SEC)
		return 0;
	return put_page(top, top->begin) ?: is_last(top);
}

/* A tracker's step. */
static int step(void *data, u64 now)
{
	struct top *top = data;
	u64 length = top->seconds * NS_PER_SEC;
	int ret = 0;

	if (top->begin)
		ret = end_interval(top);
	else
		top->first = now;
	top->begin = now - (now - top->first) % length;
	top->replay.tracker.step_at = top->begin + length;
	top->err = ret < 0 ? ret : 0;
	return ret;
}

static int fail(const struct top *top, int err)
{
	if (top->bad)
		warnx("%s: %s: %s", top->path, top->bad, strerror(-err));
	return top->bad ? EXIT_FAIL : output_status(err);
}

static int top_capture(struct top *top, char *const words[])
{
	struct replay *r = &top->replay;
	enum replay_end end;
	int ret = 0;

	top->batch = true;
	top->path = top->source.file;
	if (source_open(&top->source, r, words, 0, NULL, top) != 0)
		return EXIT_FAIL;
	r->tracker.step = step;
	r->tracker.step_at = 0;
	end = replay_run(r);
	if ((end == REPLAY_EOF || end == REPLAY_BROKEN) && top->begin)
		top->err = end_interval(top);
	ret = top->err < 0 ? fail(top, top->err) : EXIT_OK;
	if (end == REPLAY_BROKEN) {
		warnx("%s", r->why);
		ret = EXIT_FAIL;
	}
	summary_warn(r);
	replay_close(r);
	return ret;
}

static int open_table(struct top *top)
{
	struct proc_table table;
	char why[512];
	int err;

	err = proc_table_open(&table, top->path);
	if (err) {
		proc_table_explain(top->path, err, why, sizeof(why));
		warnx("%s", why);
		return EXIT_FAIL;
	}
	err = read_table(top, &table);
	return err ? fail(top, err) : EXIT_OK;
}

static int top_table(struct top *top)
{
	struct timespec t;
	int ret, err = 0;

	if (!isatty(STDOUT_FILENO))
		top->batch = true;
	ret = open_table(top);
	while (ret == EXIT_OK && !err && !is_last(top)) {
		sleep((unsigned int)top->seconds);
		ret = open_table(top);
		if (ret != EXIT_OK)
			break;
		clock_gettime(CLOCK_REALTIME, &t);
		top_compare(&top->now, &top->before, &top->sums);
		err = put_page(top, (u64)t.tv_sec * NS_PER_SEC);
	}
	return err ? output_status(err) : ret;
}

int top_main(int argc, char **argv)
{
	static struct top top = { .seconds = 1 };
	int opt, ret;

	while ((opt = getopt_long(argc, argv, "bn:d:s:g:r:h", options,
				  NULL)) != -1) {
		if (opt == 'h') {
			usage(stdout);
			return EXIT_OK;
		}
		if (parse_option(&top, opt) != 0)
			return command_misuse("top");
	}
	if (source_check(&top.source) != 0 ||
	    source_check_path(&top.source, top.path) != 0)
		return command_misuse("top");
	if (!top.source.file && (argv[optind] || top.at)) {
		warnx("%s%s%s does nothing without a capture",
		      argv[optind] ? "filter '" : "", argv[optind] ?: "--at",
		      argv[optind] ? "'" : "");
		return command_misuse("top");
	}
	if (!top.path)
		top.path = TABLE_PATH;
	ret = top.source.file ? top_capture(&top, argv + optind) :
	      top_table(&top);
	top_free(&top.now);
	top_free(&top.before);
	top_free(&top.rows);
	return ret;
}
