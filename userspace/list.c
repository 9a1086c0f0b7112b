// SPDX-License-Identifier: GPL-2.0
#include "command.h"

#include "filter.h"
#include "grid.h"
#include "json.h"
#include "number.h"
#include "output.h"
#include "row.h"
#include "table.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define TABLE_PATH	"/proc/net/tcptrace"

/**
 * struct list - one run of the command
 * @path: path of the table
 * @filter: which connections
 * @json: JSON, not text
 * @header: print a header line
 * @grid: lines of text that wait
 */
struct list {
	const char *path;
	struct filter filter;
	bool json;
	bool header;
	struct grid grid;
};

enum {
	OPT_FILE = 256,
	OPT_NO_HEADER,
};

static const struct option options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "state", required_argument, NULL, 's' },
	{ "port", required_argument, NULL, 'p' },
	{ "addr", required_argument, NULL, 'a' },
	{ "no-header", no_argument, NULL, OPT_NO_HEADER },
	{ "file", required_argument, NULL, OPT_FILE },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static const char *const titles[] = {
	"ID", "ORIG", "RESP", "ORIG-STATE", "RESP-STATE", "SEQ>", "ACK>",
	"<SEQ", "<ACK", "BYTES>", "<BYTES", "AGE", "LEFT", "MARKS",
};

/* All but ends, states and marks are numbers. */
#define RIGHT_COLUMNS	0x1fe1

static void usage(FILE *to)
{
	fputs("Usage: tcptracectl list [OPTIONS]\n"
	      "\n"
	      "Show the connections in the table of this network namespace: both ends and\n"
	      "their states, the next sequence number and the acknowledgment of each (X>: of\n"
	      "the originator, <X: of the responder; relative), payload bytes, seconds since\n"
	      "the first segment, seconds left until the timeout, and marks: M midstream,\n"
	      "G originator guessed, S self-connect, H handshake not confirmed, C closed.\n"
	      "Filters match either end; all of them must match.\n"
	      "\n"
	      "  -s, --state LIST    states, separated by commas: RFC 9293's names or ss's,\n"
	      "                      established, syn-recv, TIME_WAIT, ...\n"
	      "  -p, --port PORT     a port\n"
	      "  -a, --addr A[/LEN]  an address or a network\n"
	      "  -j, --json          a JSON object a line, see tcptracectl(8)\n"
	      "      --no-header     no header line\n"
	      "      --file PATH     the table (default: " TABLE_PATH ")\n"
	      "  -h, --help          this help\n", to);
}

static int parse_state(struct list *list, const char *text)
{
	char bad[64];

	if (filter_parse_states(&list->filter, text, bad, sizeof(bad)) == 0)
		return 0;
	warnx("no state '%s'", bad);
	return -EINVAL;
}

static int parse_port(struct list *list, const char *text)
{
	u64 port;

	if (number_parse(text, 10, UINT16_MAX, &port) != 0) {
		warnx("'%s' is no port", text);
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
		warnx("'%s' is no address", text);
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
	case 's':
		return parse_state(list, optarg);
	case 'p':
		return parse_port(list, optarg);
	case 'a':
		return parse_addr(list, optarg);
	case OPT_NO_HEADER:
		list->header = false;
		return 0;
	case OPT_FILE:
		list->path = optarg;
		return 0;
	default:
		return -EINVAL;
	}
}

static void set_relative(struct grid *grid, unsigned int column,
			 const struct row *row, enum row_column number,
			 enum row_column base)
{
	u64 n, isn;

	/* 0: nothing was acknowledged yet, or nothing was sent. */
	if (row_number(row, number, &n) && row_number(row, base, &isn) &&
	    n != 0)
		grid_set(grid, column, "%u", (u32)n - (u32)isn);
	else
		grid_set(grid, column, "-");
}

static void set_text(struct grid *grid, unsigned int column,
		     const struct row *row, enum row_column cell)
{
	grid_set(grid, column, "%s",
		 row->cells[cell] ? row->cells[cell] : "-");
}

static int show_text(struct grid *grid, const struct row *row)
{
	static_assert(ARRAY_SIZE(titles) == 14, "the columns below");
	set_text(grid, 0, row, ROW_ID);
	set_text(grid, 1, row, ROW_ORIG);
	set_text(grid, 2, row, ROW_RESP);
	set_text(grid, 3, row, ROW_ORIG_STATE);
	set_text(grid, 4, row, ROW_RESP_STATE);
	set_relative(grid, 5, row, ROW_ORIG_NXT, ROW_ORIG_ISS);
	set_relative(grid, 6, row, ROW_ORIG_ACK, ROW_RESP_ISS);
	set_relative(grid, 7, row, ROW_RESP_NXT, ROW_RESP_ISS);
	set_relative(grid, 8, row, ROW_RESP_ACK, ROW_ORIG_ISS);
	set_text(grid, 9, row, ROW_ORIG_BYTES);
	set_text(grid, 10, row, ROW_RESP_BYTES);
	set_text(grid, 11, row, ROW_AGE);
	set_text(grid, 12, row, ROW_LEFT);
	set_text(grid, 13, row, ROW_MARKS);
	return grid_end_row(grid);
}

static int show_header(struct grid *grid)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(titles); i++)
		grid_set(grid, i, "%s", titles[i]);
	return grid_end_row(grid);
}

static void add_marks(struct json_object *o, const char *letters)
{
	const char *name;

	for (; *letters != '\0'; letters++) {
		name = row_mark_name(*letters);
		if (name)
			json_object_object_add(o, name,
					       json_object_new_boolean(1));
	}
}

static struct json_object *json_number(const struct row *row,
				       enum row_column column)
{
	u64 n;

	return row_number(row, column, &n) ? json_object_new_uint64(n) : NULL;
}

static struct json_object *json_seconds(const char *cell)
{
	return strcmp(cell, "-") == 0 ? NULL :
	       json_object_new_double_s(strtod(cell, NULL), cell);
}

static void add_column(struct json_object *o, const struct row *row,
		       enum row_column column)
{
	const char *name = row_column_name(column);
	const char *cell = row->cells[column];
	size_t end = column == ROW_RESP;

	switch (row_column_kind(column)) {
	case ROW_NUMBER:
		json_object_object_add(o, name, json_number(row, column));
		break;
	case ROW_SECONDS:
		json_object_object_add(o, name, json_seconds(cell));
		break;
	case ROW_WORD:
		json_object_object_add(o, name, json_object_new_string(cell));
		break;
	case ROW_ENDPOINT:
		json_add_endpoint(o, end, &row->addr[end], row->port[end]);
		break;
	case ROW_LETTERS:
		add_marks(o, cell);
		break;
	}
}

static int show_json(const struct row *row)
{
	struct json_object *o = json_object_new_object();
	int i;

	for (i = 0; i < ROW_COLUMNS; i++)
		if (row->cells[i])
			add_column(o, row, i);
	return json_line(o);
}

static int show(struct list *list, const struct row *row)
{
	if (!filter_match(&list->filter, row))
		return 0;
	return list->json ? show_json(row) : show_text(&list->grid, row);
}

/* Return: the exit status. */
static int show_rows(struct list *list, struct table *table,
		     const struct row_index *index)
{
	const char *bad = "";
	struct row row;
	int ret, err = 0;

	while ((ret = table_next(table)) > 0) {
		ret = row_parse(&row, index, table, &bad);
		if (ret < 0)
			break;
		err = show(list, &row);
		if (err)
			return output_status(err);
	}
	err = grid_print(&list->grid);
	if (!err)
		err = output_flush();
	if (ret == 0 || err)
		return output_status(err);
	warnx("%s: line %lu: %s%s%s", list->path, table->number, bad,
	      *bad ? ": " : "", strerror(-ret));
	return EXIT_FAIL;
}

static int list_run(struct list *list, struct table *table)
{
	const char *missing = "";
	struct row_index index;
	int err;

	if (row_index_init(&index, table, &missing) != 0) {
		warnx("%s: no column '%s'", list->path, missing);
		return EXIT_FAIL;
	}
	grid_init(&list->grid, ARRAY_SIZE(titles), RIGHT_COLUMNS, " ");
	err = list->header && !list->json ? show_header(&list->grid) : 0;
	return err ? output_status(err) : show_rows(list, table, &index);
}

/**
 * list_main - the subcommand list
 * @argc: number of arguments
 * @argv: its name and its options
 *
 * Return: the exit status.
 */
int list_main(int argc, char **argv)
{
	static struct list list = { .path = TABLE_PATH, .header = true };
	struct table table;
	char why[512];
	int opt, err, ret;

	while ((opt = getopt_long(argc, argv, "js:p:a:h", options,
				  NULL)) != -1) {
		if (opt == 'h') {
			usage(stdout);
			return EXIT_OK;
		}
		if (parse_option(&list, opt) != 0)
			return command_misuse("list");
	}
	if (optind < argc) {
		warnx("list takes no argument '%s'", argv[optind]);
		return command_misuse("list");
	}
	err = table_open(&table, list.path);
	if (err) {
		table_explain(list.path, err, why, sizeof(why));
		warnx("%s", why);
		return EXIT_FAIL;
	}
	ret = list_run(&list, &table);
	table_close(&table);
	return ret;
}
