// SPDX-License-Identifier: GPL-2.0
#include "capture_list.h"
#include "columns.h"
#include "command.h"
#include "core/name.h"
#include "json_writer.h"
#include "number.h"
#include "output.h"
#include "proc.h"
#include "proc_conn.h"
#include "replay.h"
#include "summary.h"

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <linux/tcptrace.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/**
 * struct filter - which connections to show
 * @states: bits 1 << enum tcptrace_state, 0: any state
 * @findings: bits 1 << enum tcptrace_finding, 0: with findings and without
 * @has_port: @port counts
 * @port: a port
 * @has_addr: @addr counts
 * @addr: an address
 * @bits: how many of its bits count
 */
struct filter {
	u32 states;
	u32 findings;
	bool has_port;
	u16 port;
	bool has_addr;
	struct addr addr;
	unsigned int bits;
};

/* How ss and netstat spell what RFC 9293 spells otherwise. */
static const struct {
	const char *name;
	enum tcptrace_state state;
} aliases[] = {
	{ "ESTAB", TCPTRACE_ESTAB },
	{ "SYN_RECV", TCPTRACE_SYN_RECEIVED },
	{ "SYN_RCVD", TCPTRACE_SYN_RECEIVED },
	{ "FIN_WAIT1", TCPTRACE_FIN_WAIT_1 },
	{ "FIN_WAIT2", TCPTRACE_FIN_WAIT_2 },
	{ "CLOSE", TCPTRACE_CLOSED },
	{ "UNCONN", TCPTRACE_CLOSED },
};

/* Return: enum tcptrace_state, TCPTRACE_STATES for no state. */
static unsigned int find_state(const char *name)
{
	unsigned int i;

	for (i = 0; i < TCPTRACE_STATES; i++)
		if (strcmp(name, tcpt_state_name(i)) == 0)
			return i;
	for (i = 0; i < ARRAY_SIZE(aliases); i++)
		if (strcmp(name, aliases[i].name) == 0)
			return aliases[i].state;
	return TCPTRACE_STATES;
}

static unsigned int parse_state(const char *word, size_t len)
{
	char name[32];
	size_t i;

	if (len >= sizeof(name))
		return TCPTRACE_STATES;
	for (i = 0; i < len; i++)
		name[i] = word[i] == '-' ? '_' :
			  (char)toupper((unsigned char)word[i]);
	name[len] = '\0';
	return find_state(name);
}

/* The argument of --state. */
static int filter_parse_states(struct filter *filter, const char *list,
			       char *bad, size_t size)
{
	unsigned int state;
	size_t len;

	for (;; list += len + 1) {
		len = strcspn(list, ",");
		state = parse_state(list, len);
		if (state == TCPTRACE_STATES) {
			snprintf(bad, size, "%.*s", (int)len, list);
			return -EINVAL;
		}
		filter->states |= 1U << state;
		if (list[len] == '\0')
			return 0;
	}
}

/* Return: enum tcptrace_finding, TCPTRACE_FINDING_NONE for no finding. */
static unsigned int find_finding(const char *name, size_t len)
{
	const char *known;
	unsigned int i;

	for (i = TCPTRACE_FINDING_NONE + 1; i < TCPTRACE_FINDINGS; i++) {
		known = tcpt_finding_name(i);
		if (strlen(known) == len && memcmp(known, name, len) == 0)
			return i;
	}
	return TCPTRACE_FINDING_NONE;
}

/* The argument of --finding. */
static int take_findings(struct filter *filter, const char *list)
{
	unsigned int finding;
	size_t len;

	for (;; list += len + 1) {
		len = strcspn(list, ",");
		finding = find_finding(list, len);
		if (finding == TCPTRACE_FINDING_NONE) {
			warnx("unknown finding: '%.*s'", (int)len, list);
			return -EINVAL;
		}
		filter->findings |= 1U << finding;
		if (list[len] == '\0')
			return 0;
	}
}

static bool match_findings(const struct filter *filter,
			   const struct proc_conn *row)
{
	u64 bits = 0;

	proc_conn_number(row, PROC_CONN_FINDINGS, &bits);
	return bits & filter->findings;
}

static bool match_state(const struct filter *filter, const char *name)
{
	unsigned int state = find_state(name);

	return state < TCPTRACE_STATES && filter->states & 1U << state;
}

/* Whether a connection is wanted. */
static bool filter_match(const struct filter *filter,
			 const struct proc_conn *row)
{
	if (filter->states &&
	    !match_state(filter, row->cells[PROC_CONN_ORIG_STATE]) &&
	    !match_state(filter, row->cells[PROC_CONN_RESP_STATE]))
		return false;
	if (filter->findings && !match_findings(filter, row))
		return false;
	if (filter->has_port && row->port[0] != filter->port &&
	    row->port[1] != filter->port)
		return false;
	return !filter->has_addr ||
	       addr_in_prefix(&row->addr[0], &filter->addr, filter->bits) ||
	       addr_in_prefix(&row->addr[1], &filter->addr, filter->bits);
}

#define TABLE_PATH	"/proc/net/tcptrace"

/**
 * struct list - one run of the command
 * @path: path of the table
 * @file: path of a capture to read instead, or NULL
 * @filter: which connections
 * @json: JSON, not text
 * @header: print a header line
 * @as_module: report what the module would
 * @summary: end with a summary of the capture
 * @cols: lines of text that wait
 */
struct list {
	const char *path;
	const char *file;
	struct filter filter;
	bool json;
	bool header;
	bool as_module;
	bool summary;
	struct columns cols;
};

enum {
	OPT_FILE = 256,
	OPT_FINDING,
	OPT_NO_HEADER,
	OPT_AS_MODULE,
	OPT_SUMMARY,
};

static const struct option options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "read", required_argument, NULL, 'r' },
	{ "state", required_argument, NULL, 's' },
	{ "port", required_argument, NULL, 'p' },
	{ "addr", required_argument, NULL, 'a' },
	{ "finding", required_argument, NULL, OPT_FINDING },
	{ "no-header", no_argument, NULL, OPT_NO_HEADER },
	{ "file", required_argument, NULL, OPT_FILE },
	{ "as-module", no_argument, NULL, OPT_AS_MODULE },
	{ "summary", no_argument, NULL, OPT_SUMMARY },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static const char *const titles[] = {
	"ID", "ORIG", "RESP", "ORIG-STATE", "RESP-STATE", "SEQ>", "ACK>",
	"<SEQ", "<ACK", "BYTES>", "<BYTES", "AGE", "LEFT", "MARKS", "FINDINGS",
	"TUNNEL",
};

/* Without the last title, which only captures with tunnels have. */
#define LIVE_COLUMNS	(ARRAY_SIZE(titles) - 1)

/* All but ends, states, marks, findings and tunnels are numbers. */
#define RIGHT_COLUMNS	0x1fe1

static void usage(FILE *to)
{
	fputs("Usage: tcptracectl list [OPTIONS]\n"
	      "       tcptracectl list -r FILE [OPTIONS] [FILTER]\n"
	      "\n"
	      "Show the connections of this network namespace, or of a capture as of its\n"
	      "end: both ends and their states, the next sequence number and the\n"
	      "acknowledgment of each (X>: of the originator, <X: of the responder;\n"
	      "relative), payload bytes, seconds since the first segment, seconds left until\n"
	      "the timeout, and marks: M midstream, G originator guessed, S self-connect,\n"
	      "H handshake not confirmed, C closed, O one direction only. An option that\n"
	      "selects connections matches either end; all of them must match.\n"
	      "\n"
	      "  -r, --read FILE     read a capture, pcap or pcapng (-: standard input); FILTER\n"
	      "                      is a tcpdump expression\n"
	      "      --as-module     show what the module would (with -r): do not open tunnels,\n"
	      "                      join fragments or wait for late segments\n"
	      "      --summary       print a summary of the capture at its end (with -r)\n"
	      "  -s, --state LIST    select states, separated by commas, by the names of\n"
	      "                      RFC 9293 or ss: established, syn-recv, TIME_WAIT, ...\n"
	      "  -p, --port PORT     select a port\n"
	      "  -a, --addr A[/LEN]  select an address or a network\n"
	      "      --finding LIST  select findings, separated by commas: zero_window, ...\n"
	      "  -j, --json          print one JSON object a line, see tcptracectl(8)\n"
	      "      --no-header     print no header line\n"
	      "      --file PATH     read this table (default: " TABLE_PATH ")\n"
	      "  -h, --help          show this help\n",
	      to);
}

static int take_states(struct list *list, const char *text)
{
	char bad[64];

	if (filter_parse_states(&list->filter, text, bad, sizeof(bad)) == 0)
		return 0;
	warnx("unknown state: '%s'", bad);
	return -EINVAL;
}

static int parse_port(struct list *list, const char *text)
{
	u64 port;

	if (number_parse(text, 10, UINT16_MAX, &port) != 0) {
		warnx("invalid port: '%s'", text);
		return -EINVAL;
	}
	list->filter.has_port = true;
	list->filter.port = (u16)port;
	return 0;
}

static int parse_addr(struct list *list, const char *text)
{
	if (addr_parse_prefix(text, &list->filter.addr,
			      &list->filter.bits) != 0) {
		warnx("invalid address: '%s'", text);
		return -EINVAL;
	}
	list->filter.has_addr = true;
	return 0;
}

/* Return: 0, or -EINVAL after a message, from here or from getopt. */
static int parse_option(struct list *list, int opt)
{
	switch (opt) {
	case 'j':
		list->json = true;
		return 0;
	case 'r':
		list->file = optarg;
		return 0;
	case 's':
		return take_states(list, optarg);
	case 'p':
		return parse_port(list, optarg);
	case 'a':
		return parse_addr(list, optarg);
	case OPT_FINDING:
		return take_findings(&list->filter, optarg);
	case OPT_NO_HEADER:
		list->header = false;
		return 0;
	case OPT_AS_MODULE:
		list->as_module = true;
		return 0;
	case OPT_SUMMARY:
		list->summary = true;
		return 0;
	case OPT_FILE:
		list->path = optarg;
		return 0;
	default:
		return -EINVAL;
	}
}

static void set_relative(struct columns *cols, unsigned int column,
			 const struct proc_conn *row, enum proc_conn_column number,
			 enum proc_conn_column base)
{
	u64 n, isn;

	/* 0: nothing was acknowledged yet, or nothing was sent. */
	if (proc_conn_number(row, number, &n) &&
	    proc_conn_number(row, base, &isn) && n != 0)
		columns_set(cols, column, "%u", (u32)n - (u32)isn);
	else
		columns_set(cols, column, "-");
}

static void set_text(struct columns *cols, unsigned int column,
		     const struct proc_conn *row, enum proc_conn_column cell)
{
	columns_set(cols, column, "%s",
		    row->cells[cell] ? row->cells[cell] : "-");
}

static void set_findings(struct columns *cols, unsigned int column,
			 const struct proc_conn *row)
{
	char names[512];
	unsigned int i;
	size_t n = 0;
	u64 bits = 0;

	proc_conn_number(row, PROC_CONN_FINDINGS, &bits);
	for (i = 0; i < TCPTRACE_FINDINGS && n < sizeof(names); i++)
		if (bits & 1U << i)
			n += (size_t)snprintf(names + n, sizeof(names) - n,
					      "%s%s", n ? "," : "",
					      tcpt_finding_name(i));
	columns_set(cols, column, "%s", n ? names : "-");
}

static int show_text(struct columns *cols, const struct proc_conn *row)
{
	static_assert(ARRAY_SIZE(titles) == 16, "the columns below");
	set_text(cols, 0, row, PROC_CONN_ID);
	set_text(cols, 1, row, PROC_CONN_ORIG);
	set_text(cols, 2, row, PROC_CONN_RESP);
	set_text(cols, 3, row, PROC_CONN_ORIG_STATE);
	set_text(cols, 4, row, PROC_CONN_RESP_STATE);
	set_relative(cols, 5, row, PROC_CONN_ORIG_NXT, PROC_CONN_ORIG_ISS);
	set_relative(cols, 6, row, PROC_CONN_ORIG_ACK, PROC_CONN_RESP_ISS);
	set_relative(cols, 7, row, PROC_CONN_RESP_NXT, PROC_CONN_RESP_ISS);
	set_relative(cols, 8, row, PROC_CONN_RESP_ACK, PROC_CONN_ORIG_ISS);
	set_text(cols, 9, row, PROC_CONN_ORIG_BYTES);
	set_text(cols, 10, row, PROC_CONN_RESP_BYTES);
	set_text(cols, 11, row, PROC_CONN_AGE);
	set_text(cols, 12, row, PROC_CONN_LEFT);
	set_text(cols, 13, row, PROC_CONN_MARKS);
	set_findings(cols, 14, row);
	if (row->cells[PROC_CONN_TUNNEL])
		set_text(cols, 15, row, PROC_CONN_TUNNEL);
	return columns_end_row(cols);
}

static int show_header(struct columns *cols, size_t n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		columns_set(cols, i, "%s", titles[i]);
	return columns_end_row(cols);
}

static int show_json(const struct proc_conn *row)
{
	static struct json_writer w;

	proc_conn_json(&w, row);
	return json_writer_line(&w);
}

static int show(struct list *list, const struct proc_conn *row)
{
	if (!filter_match(&list->filter, row))
		return 0;
	return list->json ? show_json(row) : show_text(&list->cols, row);
}

/* Return: the exit status. */
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
	size_t n;
	int err;

	if (proc_conn_index(&index, table, &missing) != 0) {
		warnx("%s: no column '%s'", list->path, missing);
		return EXIT_FAIL;
	}
	n = index.at[PROC_CONN_TUNNEL] < 0 ? LIVE_COLUMNS : ARRAY_SIZE(titles);
	columns_init(&list->cols, n, RIGHT_COLUMNS, " ");
	err = list->header && !list->json ? show_header(&list->cols, n) : 0;
	return err ? output_status(err) : show_rows(list, table, &index);
}

static int list_path(struct list *list)
{
	struct proc_table table;
	char why[512];
	int err, ret;

	err = proc_table_open(&table, list->path);
	if (err) {
		proc_table_explain(list->path, err, why, sizeof(why));
		warnx("%s", why);
		return EXIT_FAIL;
	}
	ret = list_run(list, &table);
	proc_table_close(&table);
	return ret;
}

static int list_replay(struct list *list, struct replay *replay)
{
	struct proc_table table;
	FILE *file;
	int err, ret;

	file = capture_list_open(&replay->tracker.conns, replay->tracker.last);
	err = file ? proc_table_take(&table, file) : -errno;
	if (err) {
		warnx("%s: %s", list->path, strerror(-err));
		return EXIT_FAIL;
	}
	ret = list_run(list, &table);
	proc_table_close(&table);
	return ret;
}

static int list_file(struct list *list, char *const words[])
{
	static struct replay replay;
	enum replay_end end;
	int ret;

	/* for messages */
	list->path = list->file;
	if (replay_open(&replay, list->file, words, 0, NULL, NULL) != 0) {
		warnx("%s", replay.why);
		return EXIT_FAIL;
	}
	replay.tracker.as_module = list->as_module;
	end = replay_run(&replay);
	ret = list_replay(list, &replay);
	if (list->summary && ret == EXIT_OK)
		ret = output_status(summary_show(&replay, list->json));
	summary_warn(&replay);
	if (end == REPLAY_BROKEN) {
		warnx("%s", replay.why);
		ret = EXIT_FAIL;
	}
	replay_close(&replay);
	return ret;
}

int list_main(int argc, char **argv)
{
	static struct list list = { .path = TABLE_PATH, .header = true };
	int opt;

	while ((opt = getopt_long(argc, argv, "jr:s:p:a:h", options,
				  NULL)) != -1) {
		if (opt == 'h') {
			usage(stdout);
			return EXIT_OK;
		}
		if (parse_option(&list, opt) != 0)
			return command_misuse("list");
	}
	if (list.file)
		return list_file(&list, argv + optind);
	if (list.as_module || list.summary) {
		warnx("%s needs a capture: add --read FILE",
		      list.summary ? "--summary" : "--as-module");
		return command_misuse("list");
	}
	if (optind < argc) {
		warnx("unexpected argument: '%s'", argv[optind]);
		return command_misuse("list");
	}
	return list_path(&list);
}
