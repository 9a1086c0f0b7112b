// SPDX-License-Identifier: GPL-2.0
#include "capture_list.h"
#include "command.h"
#include "json_writer.h"
#include "list_columns.h"
#include "list_filter.h"
#include "list_sort.h"
#include "netns.h"
#include "number.h"
#include "output.h"
#include "proc.h"
#include "proc_conn.h"
#include "process.h"
#include "source.h"
#include "summary.h"
#include "tty.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <linux/tcptrace.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TABLE_PATH	"/proc/net/tcptrace"

/**
 * struct list - one run of the command
 * @path: path of the table
 * @netns: a different network namespace, or NULL
 * @source: a capture to read instead of the table
 * @filter: selects the connections that are shown
 * @json: print JSON, not text
 * @header: print a header line
 * @processes: show the processes of local sockets
 * @times: show response and busy times, and what took most of the time
 * @wide: also show packets and retransmitted bytes
 * @sort: the sort key
 * @watch: seconds after which the table is shown again; 0: show it once
 * @named: the user has given a complete list of columns
 * @columns: the columns
 * @more: columns that the user has added to the default columns
 * @cols: rows that have not been printed yet
 */
struct list {
	const char *path;
	const char *netns;
	struct source source;
	struct list_filter filter;
	bool json;
	bool header;
	bool processes;
	bool times;
	bool wide;
	enum list_key sort;
	u64 watch;
	bool named;
	struct list_columns columns;
	struct list_columns more;
	struct columns cols;
};

enum {
	OPT_FILE = COMMAND_LONG,
	OPT_FINDING,
	OPT_NO_HEADER,
	OPT_PROCESS,
	OPT_WATCH,
	OPT_SORT,
	OPT_CGROUP,
	OPT_NETNS,
	OPT_AGE,
};

static const struct option options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "state", required_argument, NULL, 's' },
	{ "port", required_argument, NULL, 'p' },
	{ "addr", required_argument, NULL, 'a' },
	{ "finding", required_argument, NULL, OPT_FINDING },
	{ "process", required_argument, NULL, OPT_PROCESS },
	{ "cgroup", required_argument, NULL, OPT_CGROUP },
	{ "netns", required_argument, NULL, OPT_NETNS },
	{ "age", required_argument, NULL, OPT_AGE },
	{ "processes", no_argument, NULL, 'P' },
	{ "wide", no_argument, NULL, 'w' },
	{ "columns", required_argument, NULL, 'o' },
	{ "sort", required_argument, NULL, OPT_SORT },
	{ "watch", required_argument, NULL, OPT_WATCH },
	{ "times", no_argument, NULL, 't' },
	{ "no-header", no_argument, NULL, OPT_NO_HEADER },
	{ "file", required_argument, NULL, OPT_FILE },
	{ "max-connections", required_argument, NULL, SOURCE_MAX_CONNECTIONS },
	{ "summary", no_argument, NULL, SOURCE_SUMMARY },
	{ NULL, 0, NULL, 0 },
};

static void usage(FILE *to)
{
	fputs("Usage: tcptracectl list [OPTIONS] [EXPRESSION]\n"
	      "       tcptracectl list -r FILE | -i INTERFACE [OPTIONS] [EXPRESSION | FILTER]\n"
	      "\n"
	      "Show the connections of this network namespace, or of a capture as of its\n"
	      "end: both ends and their states, the next sequence number and the\n"
	      "acknowledgment of each (X>: of the originator, <X: of the responder;\n"
	      "relative), payload bytes, seconds since the first segment, seconds left until\n"
	      "the timeout, and marks: M midstream, G originator guessed, S self-connect,\n"
	      "H handshake not confirmed, C closed, O one direction only. An option that\n"
	      "selects connections matches either end; all options must match.\n"
	      "\n"
	      "EXPRESSION selects as in ss(8): state established and dport = :443 or not src\n"
	      "10.0.0.0/8. src and sport are the originator's, dst and dport the responder's.\n"
	      "age > 5m and cgroup = /system.slice are allowed, too. FILTER is a tcpdump\n"
	      "expression that selects packets. Words that both understand are an EXPRESSION.\n"
	      "\n"
	      "  -r, --read FILE     read a capture, pcap or pcapng (-: standard input)\n"
	      "  -i, --interface IF  capture on an interface until a signal, without the module\n"
	      "      --seconds N     end after N seconds (with -i)\n"
	      "      --as-module     show what the module would (-r, -i): do not open tunnels,\n"
	      "                      join fragments or wait for late segments\n"
	      "      --max-connections N\n"
	      "                      end half-open connections if over N are open (-r, -i)\n"
	      "      --summary       print a summary of the capture at its end (-r, -i)\n"
	      "  -s, --state LIST    select states, separated by commas, by the names of\n"
	      "                      RFC 9293 or ss: established, syn-recv, TIME_WAIT, ...\n"
	      "  -p, --port PORT     select a port\n"
	      "  -a, --addr A[/LEN]  select an address or a network\n"
	      "      --finding LIST  select findings, separated by commas: zero_window, ...\n"
	      "      --process P     select a process by its name or number\n"
	      "      --cgroup PATH   select a cgroup and those below it: /system.slice\n"
	      "      --age MIN[-MAX] select an age in seconds, or as 10s-5m, 2h, 1d\n"
	      "      --netns NS      show another network namespace, by its name or inode\n"
	      "  -P, --processes     show the processes of local sockets\n"
	      "  -t, --times         show mean response times, the time with data outstanding,\n"
	      "                      and what took most of the time\n"
	      "  -w, --wide          show packets and retransmitted bytes\n"
	      "  -o, --columns LIST  show these columns: names in the first line of\n"
	      "                      /proc/net/tcptrace, orig_process, resp_process,\n"
	      "                      orig_goodput, resp_goodput; +LIST: besides the usual ones\n"
	      "      --sort KEY      sort by age, bytes, packets, rexmit, response or busy, the\n"
	      "                      largest first, and show the columns of the key\n"
	      "      --watch N       show the table again every N seconds\n"
	      "  -j, --json          print one JSON object a line, see tcptracectl(8)\n"
	      "      --no-header     print no header line\n"
	      "      --file PATH     read this table (default: " TABLE_PATH ")\n"
	      "  -h, --help          show this help\n",
	      to);
}

static int parse_sort(struct list *list, const char *word)
{
	list->sort = list_sort_key(word);
	if (list->sort != LIST_UNSORTED)
		return 0;
	warnx("invalid --sort: '%s': use age, bytes, packets, rexmit, response or busy",
	      word);
	return -EINVAL;
}

static int parse_columns(struct list *list, const char *names)
{
	if (names[0] == '+')
		return list_columns_parse(&list->more, names + 1);
	list->named = true;
	return list_columns_parse(&list->columns, names);
}

static int parse_watch(struct list *list, const char *text)
{
	if (number_parse(text, 10, UINT32_MAX, &list->watch) == 0 &&
	    list->watch != 0)
		return 0;
	warnx("invalid --watch: '%s': use a number of seconds", text);
	return -EINVAL;
}

/*
 * Find the table of @list->netns. Return: 0, or -EINVAL after printing a
 * message.
 */
static int find_netns(struct list *list)
{
	static char path[64];
	int err;

	if (!list->netns)
		return 0;
	err = netns_path(list->netns, "tcptrace", path, sizeof(path));
	if (err == 0) {
		list->path = path;
		return 0;
	}
	if (err == -ENOENT)
		warnx("unknown network namespace: '%s': use a name of 'ip netns' or an inode",
		      list->netns);
	else
		warnx("network namespace '%s': %s", list->netns,
		      strerror(-err));
	return -EINVAL;
}

/* Take an option of the filter, or pass the option to source_option(). */
static int parse_filter(struct list *list, int opt, const char *text)
{
	struct list_filter *filter = &list->filter;

	switch (opt) {
	case 's':
		return list_filter_states(filter, text);
	case 'p':
		return list_filter_port(filter, text);
	case 'a':
		return list_filter_addr(filter, text);
	case OPT_FINDING:
		return list_filter_findings(filter, text);
	case OPT_PROCESS:
		filter->process = text;
		return 0;
	case OPT_CGROUP:
		filter->cgroup = text;
		return 0;
	case OPT_AGE:
		return list_filter_age(filter, text);
	default:
		return source_option(&list->source, opt, text);
	}
}

/* Take an option of the command, or pass the option to parse_filter(). */
static int parse_option(void *data, int opt, const char *text)
{
	struct list *list = data;

	switch (opt) {
	case 'j':
		list->json = true;
		return 0;
	case OPT_NETNS:
		list->netns = text;
		return 0;
	case 'w':
		list->wide = true;
		return 0;
	case 'o':
		return parse_columns(list, text);
	case OPT_SORT:
		return parse_sort(list, text);
	case OPT_WATCH:
		return parse_watch(list, text);
	case 'P':
		list->processes = true;
		return 0;
	case 't':
		list->times = true;
		return 0;
	case OPT_NO_HEADER:
		list->header = false;
		return 0;
	case OPT_FILE:
		list->path = text;
		return 0;
	default:
		return parse_filter(list, opt, text);
	}
}

/*
 * Choose the columns if the user has not given a complete list. A list that
 * begins with '+' only adds columns.
 */
static void choose_columns(struct list *list, bool tunnels)
{
	static const unsigned int always[] = {
		PROC_CONN_ID, PROC_CONN_ORIG, PROC_CONN_RESP,
		PROC_CONN_ORIG_STATE, PROC_CONN_RESP_STATE,
		PROC_CONN_ORIG_NXT, PROC_CONN_ORIG_ACK,
		PROC_CONN_RESP_NXT, PROC_CONN_RESP_ACK,
		PROC_CONN_ORIG_BYTES, PROC_CONN_RESP_BYTES,
		PROC_CONN_AGE, PROC_CONN_LEFT, PROC_CONN_MARKS,
		PROC_CONN_FINDINGS,
	}, tunnel[] = {
		PROC_CONN_TUNNEL,
	}, wide[] = {
		PROC_CONN_ORIG_PACKETS, PROC_CONN_RESP_PACKETS,
		PROC_CONN_ORIG_REXMIT, PROC_CONN_RESP_REXMIT,
	}, processes[] = {
		LIST_COLUMN_ORIG_PROCESS, LIST_COLUMN_RESP_PROCESS,
	}, times[] = {
		PROC_CONN_ORIG_RESPONSE_MEAN_NS,
		PROC_CONN_RESP_RESPONSE_MEAN_NS,
		PROC_CONN_ORIG_BUSY_NS, PROC_CONN_RESP_BUSY_NS,
		PROC_CONN_LIMITED_BY,
	};
	struct list_columns *columns = &list->columns;
	enum list_key sort = list->sort;

	columns->n = 0;
	list_columns_add(columns, always, ARRAY_SIZE(always));
	if (tunnels)
		list_columns_add(columns, tunnel, ARRAY_SIZE(tunnel));
	if (list->wide || sort == LIST_PACKETS || sort == LIST_REXMIT)
		list_columns_add(columns, wide, ARRAY_SIZE(wide));
	if (list->processes)
		list_columns_add(columns, processes, ARRAY_SIZE(processes));
	if (list->times || sort == LIST_RESPONSE || sort == LIST_BUSY)
		list_columns_add(columns, times, ARRAY_SIZE(times));
	list_columns_add(columns, list->more.shown, list->more.n);
}

static int show_json(const struct proc_conn *row)
{
	static struct json_writer w;

	proc_conn_json(&w, row);
	return json_writer_line(&w);
}

static int show(struct list *list, const struct proc_conn *row)
{
	if (!list_filter_takes(&list->filter, row))
		return 0;
	return list->json ? show_json(row) :
	       list_columns_row(&list->columns, &list->cols, row);
}

/* Show the selected rows of a table. Return: the exit status. */
static int show_rows(struct list *list, struct proc_table *table,
		     const struct proc_conn_index *index)
{
	const char *bad = "";
	struct proc_conn row;
	int ret, err = 0;

	while ((ret = proc_table_next(table)) > 0) {
		ret = proc_conn_parse(&row, index, table, &bad);
		if (ret < 0)
			break;
		err = show(list, &row);
		if (err)
			return output_status(err);
	}
	err = columns_print(&list->cols);
	if (!err)
		err = output_flush();
	if (ret == 0 || err)
		return output_status(err);
	warnx("%s: line %lu: %s%s%s", list->path, table->number, bad,
	      *bad ? ": " : "", strerror(-ret));
	return EXIT_FAIL;
}

static int list_run(struct list *list, struct proc_table *table)
{
	const char *missing = "";
	struct proc_conn_index index;
	int err;

	if (proc_conn_index(&index, table, &missing) != 0) {
		warnx("%s: no column '%s'", list->path, missing);
		return EXIT_FAIL;
	}
	if (!list->named)
		choose_columns(list, index.at[PROC_CONN_TUNNEL] >= 0);
	list_columns_begin(&list->columns, &list->cols);
	err = list->header && !list->json ? columns_titles(&list->cols) : 0;
	return err ? output_status(err) : show_rows(list, table, &index);
}

/* Show and close the table. Return: the exit status. */
static int list_table(struct list *list, struct proc_table *table)
{
	struct proc_table sorted;
	int err, ret;

	if (!list->sort) {
		ret = list_run(list, table);
		proc_table_close(table);
		return ret;
	}
	err = list_sort(table, list->sort, &sorted);
	if (err)
		warnx("%s: line %lu: %s", list->path, table->number,
		      strerror(-err));
	proc_table_close(table);
	if (err)
		return EXIT_FAIL;
	ret = list_run(list, &sorted);
	proc_table_close(&sorted);
	return ret;
}

static int list_path(struct list *list)
{
	struct proc_table table;
	char why[512];
	int err;

	err = proc_table_open(&table, list->path);
	if (err) {
		proc_table_explain(list->path, err, why, sizeof(why));
		warnx("%s", why);
		return EXIT_FAIL;
	}
	return list_table(list, &table);
}

/* Show the table repeatedly until a signal arrives or an error occurs. */
static int list_again(struct list *list)
{
	int ret;

	do {
		if (isatty(STDOUT_FILENO))
			fputs(TTY_CLEAR, stdout);
		ret = list_path(list);
	} while (ret == EXIT_OK && sleep((unsigned int)list->watch) == 0);
	return ret;
}

static int list_replay(struct list *list, struct replay *replay)
{
	struct proc_table table;
	FILE *file;
	int err;

	file = capture_list_open(&replay->tracker.conns, replay->tracker.last);
	err = file ? proc_table_take(&table, file) : -errno;
	if (err) {
		warnx("%s: %s", list->path, strerror(-err));
		return EXIT_FAIL;
	}
	return list_table(list, &table);
}

static int list_capture(struct list *list, char *const words[])
{
	static struct replay replay;
	enum replay_end end;
	int ret;

	/* for messages */
	list->path = list->source.file ?: list->source.interface;
	if (source_open(&list->source, &replay, words, 0, NULL, NULL) != 0)
		return EXIT_FAIL;
	end = replay_run(&replay);
	ret = list_replay(list, &replay);
	if (list->source.summary && ret == EXIT_OK)
		ret = output_status(summary_show(&replay, list->json));
	summary_warn(&replay);
	if (end == REPLAY_BROKEN) {
		warnx("%s", replay.why);
		ret = EXIT_FAIL;
	}
	replay_close(&replay);
	return ret;
}

/*
 * Check the source, and refuse options that do not work with a capture. Return:
 * 0, or -EINVAL after printing a message.
 */
static int check_source(const struct list *list)
{
	const struct list_filter *filter = &list->filter;
	const struct source *source = &list->source;

	return source_check(source) ?:
	       source_check_path(source, list->path) ?:
	       source_refuse(source, "--watch", list->watch) ?:
	       source_refuse(source, "--process", filter->process) ?:
	       source_refuse(source, "--processes", list->processes) ?:
	       source_refuse(source, "--cgroup", filter->cgroup) ?:
	       source_refuse(source, "--netns", list->netns);
}

/*
 * Refuse options that would have no effect. Return: 0, or -EINVAL after
 * printing a message.
 */
static int check_columns(const struct list *list)
{
	if ((list->named || list->more.n) && list->json)
		warnx("--columns has no effect with --json");
	else if (list->named && (list->wide || list->times ||
				 list->processes || list->more.n))
		warnx("--columns shows no others: use +LIST, or no --wide, --times, --processes");
	else
		return 0;
	return -EINVAL;
}

/*
 * Check the options, and parse the filter words. With a capture, words that are
 * not a valid ss filter are used as a tcpdump filter, unless they contain a
 * keyword that only ss has. Return: 0, or -EINVAL after printing a message.
 */
static int check(struct list *list, char *const words[])
{
	struct socket_filter *expression = &list->filter.expression;
	char why[160];

	if (check_source(list) != 0 || check_columns(list) != 0)
		return -EINVAL;
	if (list->netns && list->path) {
		warnx("--netns and --file exclude each other");
		return -EINVAL;
	}
	if (source_is_capture(&list->source) && !socket_filter_is_meant(words)) {
		if (socket_filter_parse(expression, words, why,
					sizeof(why)) != 0)
			expression->n = 0;
		return 0;
	}
	return list_filter_expression(&list->filter, words) ?:
	       find_netns(list);
}

static const struct command_syntax command = {
	.name = "list",
	.usage = usage,
	.options = options,
	.shared = { source_options },
	.take = parse_option,
};

int list_main(int argc, char **argv)
{
	static struct list list = { .header = true };
	char *const none[] = { NULL };
	int status;

	if (!command_options(&command, argc, argv, &list, &status))
		return status;
	if (check(&list, argv + optind) != 0)
		return command_misuse("list");
	if (source_is_capture(&list.source))
		return list_capture(&list, list.filter.expression.n ? none :
				    argv + optind);
	if (!list.path)
		list.path = TABLE_PATH;
	return list.watch ? list_again(&list) : list_path(&list);
}
