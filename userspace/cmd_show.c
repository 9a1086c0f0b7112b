// SPDX-License-Identifier: GPL-2.0
#include "command.h"
#include "number.h"
#include "output.h"
#include "proc.h"
#include "source.h"
#include "summary.h"
#include "tty.h"
#include "view_show.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define TABLE_PATH	"/proc/net/tcptrace"

/**
 * struct show_command - one run of the command
 * @path: path of the table
 * @source: a capture to read instead of the table
 * @json: print JSON, not text
 * @conn: number of the connection; 0: @addr and @port select the connection
 * @addr: addresses of the ends, in either order
 * @port: ports of the ends, in the order of @addr
 * @follow: show the connection repeatedly until it ends
 * @show: the connection
 * @shown: number of pages that were written; in find_newest(), the number of
 *	the newest connection so far
 * @alive: the connection was open when the table was last read
 * @digest: digest of the previous page
 */
struct show_command {
	const char *path;
	struct source source;
	bool json;
	u64 conn;
	struct addr addr[2];
	u16 port[2];
	bool follow;
	struct show show;
	u64 shown;
	bool alive;
	u64 digest;
};

enum {
	OPT_FILE = 256,
	OPT_FOLLOW,
};

static const struct option options[] = {
	{ "follow", no_argument, NULL, OPT_FOLLOW },
	{ "json", no_argument, NULL, 'j' },
	{ "file", required_argument, NULL, OPT_FILE },
	{ NULL, 0, NULL, 0 },
};

static void usage(FILE *to)
{
	fputs("Usage: tcptracectl show [OPTIONS] CONN\n"
	      "       tcptracectl show [OPTIONS] ADDRESS:PORT ADDRESS:PORT\n"
	      "\n"
	      "Show one connection on a page, by its number or by its ends: states, handshake,\n"
	      "findings, and side by side what each end sent. A capture shows more of it than\n"
	      "the module's table: each change of state, round trip times, windows, losses.\n"
	      "\n"
	      "  -r, --read FILE     read a capture, pcap or pcapng (-: standard input)\n"
	      "  -i, --interface IF  capture on an interface until a signal, without the module\n"
	      "      --seconds N     end after N seconds (with -i)\n"
	      "      --as-module     show what the module would (-r, -i): do not open tunnels,\n"
	      "                      join fragments or wait for late segments\n"
	      "      --follow        show the page every second until the connection ends (not\n"
	      "                      with -r, -i); into a pipe, write a page for each change\n"
	      "  -j, --json          print one JSON object a line, see tcptracectl(8)\n"
	      "      --file PATH     read this table (default: " TABLE_PATH ")\n"
	      "  -h, --help          show this help\n",
	      to);
}

static bool is_end(const struct show_command *s, unsigned int i,
		   const struct addr *addr, u16 port)
{
	unsigned int bits = addr->family == AF_INET ? 32 : 128;

	return port == s->port[i] && addr->family == s->addr[i].family &&
	       addr_in_prefix(addr, &s->addr[i], bits);
}

static bool are_ends(const struct show_command *s, const struct addr addr[2],
		     const u16 port[2])
{
	return (is_end(s, 0, &addr[0], port[0]) &&
		is_end(s, 1, &addr[1], port[1])) ||
	       (is_end(s, 1, &addr[0], port[0]) &&
		is_end(s, 0, &addr[1], port[1]));
}

static bool is_wanted(const struct show_command *s,
		      const struct tcptrace_flow *f)
{
	const u16 port[2] = { f->orig_port, f->resp_port };
	struct addr addr[2];

	if (s->conn)
		return f->conn == s->conn;
	addr_init(&addr[0], f->family, f->zone, f->orig_addr);
	addr_init(&addr[1], f->family, f->zone, f->resp_addr);
	return f->conn && are_ends(s, addr, port);
}

static int put_page(struct show_command *s)
{
	static struct json_writer w;
	int err;

	if (s->json) {
		view_show_json(&w, &s->show);
		err = json_writer_line(&w);
	} else {
		err = s->shown ? output_line("") : 0;
		err = err ?: view_show_text(&s->show);
	}
	s->shown++;
	memset(&s->show, 0, sizeof(s->show));
	return err;
}

/* Handle a record of a replay: each selected connection gets a page. */
static int take(void *data, const union record *rec, u64 frame)
{
	struct show_command *s = data;

	if (rec->h.type == TCPTRACE_LOST || !is_wanted(s, &rec->c.flow))
		return 0;
	view_show_take(&s->show, rec, frame);
	if (rec->h.type != TCPTRACE_CLOSE)
		return 0;
	/* end the replay if a number was given, because numbers are unique */
	return put_page(s) ?: s->conn != 0;
}

static int not_found(const struct show_command *s, const char *where)
{
	if (s->conn)
		warnx("%s: no connection %llu", where,
		      (unsigned long long)s->conn);
	else
		warnx("%s: no connection between these ends", where);
	return EXIT_FAIL;
}

static int show_capture(struct show_command *s)
{
	static struct replay replay;
	int ret = EXIT_OK;

	if (source_open(&s->source, &replay, NULL, TCPTRACE_MASK_DEFAULT, take,
			s) != 0)
		return EXIT_FAIL;
	switch (replay_run(&replay)) {
	case REPLAY_OUTPUT:
		ret = output_status(replay.err);
		break;
	case REPLAY_BROKEN:
		output_flush();
		warnx("%s", replay.why);
		ret = EXIT_FAIL;
		break;
	default:
		if (!s->shown)
			ret = not_found(s, replay.capture.path);
	}
	replay_close(&replay);
	return ret;
}

static bool is_row(const struct show_command *s, const struct proc_conn *row)
{
	u64 id = 0;

	if (!s->conn)
		return are_ends(s, row->addr, row->port);
	proc_conn_number(row, PROC_CONN_ID, &id);
	return id == s->conn;
}

static int put_row(struct show_command *s, const struct proc_conn *row)
{
	static struct json_writer w;
	int err;

	if (s->json) {
		proc_conn_json(&w, row);
		err = json_writer_line(&w);
	} else {
		err = s->shown && !s->follow ? output_line("") : 0;
		err = err ?: view_show_row(row);
	}
	s->shown++;
	return err;
}

/*
 * Compute the FNV-1a hash of a row. The columns AGE and LEFT are left out,
 * because they change each time the table is read.
 */
static u64 digest_of(const struct proc_conn *row)
{
	u64 digest = 0xcbf29ce484222325ULL;
	const char *p;
	unsigned int i;

	for (i = 0; i < PROC_CONN_COLUMNS; i++) {
		if (i == PROC_CONN_AGE || i == PROC_CONN_LEFT)
			continue;
		for (p = row->cells[i] ?: ""; *p != '\0'; p++)
			digest = (digest ^ (u8)*p) * 0x100000001b3ULL;
		digest = (digest ^ '\n') * 0x100000001b3ULL;
	}
	return digest;
}

static int put_next(struct show_command *s, const struct proc_conn *row)
{
	const char *marks = row->cells[PROC_CONN_MARKS];
	bool on_terminal = isatty(STDOUT_FILENO) && !s->json;
	u64 digest = digest_of(row);
	int err = 0;

	s->alive = !marks || !strchr(marks, 'C');
	if (!on_terminal && s->shown && digest == s->digest)
		return 0;
	s->digest = digest;
	if (on_terminal)
		fputs(TTY_CLEAR, stdout);
	else if (s->shown && !s->json)
		err = output_line("");
	return err ?: put_row(s, row) ?: output_flush();
}

/* Store the number of a connection. The last row is the newest connection. */
static int find_newest(struct show_command *s, const struct proc_conn *row)
{
	proc_conn_number(row, PROC_CONN_ID, &s->shown);
	return 0;
}

/* Call @put for each selected row of a table. Return: the exit status. */
static int show_rows(struct show_command *s, struct proc_table *table,
		     int (*put)(struct show_command *s,
				const struct proc_conn *row))
{
	struct proc_conn_index index;
	const char *bad = "";
	struct proc_conn row;
	int ret, err = 0;

	if (proc_conn_index(&index, table, &bad) != 0) {
		warnx("%s: no column '%s'", s->path, bad);
		return EXIT_FAIL;
	}
	while (!err && (ret = proc_table_next(table)) > 0) {
		ret = proc_conn_parse(&row, &index, table, &bad);
		if (ret < 0)
			break;
		if (is_row(s, &row))
			err = put(s, &row);
	}
	if (err)
		return output_status(err);
	if (ret < 0) {
		warnx("%s: line %lu: %s%s%s", s->path, table->number, bad,
		      *bad ? ": " : "", strerror(-ret));
		return EXIT_FAIL;
	}
	return s->shown ? EXIT_OK : not_found(s, s->path);
}

static int show_table(struct show_command *s,
		      int (*put)(struct show_command *s,
				 const struct proc_conn *row))
{
	struct proc_table table;
	char why[512];
	int err, ret;

	err = proc_table_open(&table, s->path);
	if (err) {
		proc_table_explain(s->path, err, why, sizeof(why));
		warnx("%s", why);
		return EXIT_FAIL;
	}
	ret = show_rows(s, &table, put);
	proc_table_close(&table);
	return ret;
}

/*
 * Read the table every second, and let put_next() show the connection, until
 * the connection ends or a signal arrives.
 * Return: the exit status.
 */
static int follow(struct show_command *s)
{
	int ret;

	if (!s->conn) {
		ret = show_table(s, find_newest);
		if (ret != EXIT_OK)
			return ret;
		s->conn = s->shown;
		s->shown = 0;
	}
	do {
		s->alive = false;
		ret = show_table(s, put_next);
	} while (ret == EXIT_OK && s->alive && sleep(1) == 0);
	return ret;
}

static int parse_option(void *data, int opt, const char *text)
{
	struct show_command *s = data;

	switch (opt) {
	case OPT_FOLLOW:
		s->follow = true;
		return 0;
	case 'j':
		s->json = true;
		return 0;
	case OPT_FILE:
		s->path = text;
		return 0;
	default:
		return source_option(&s->source, opt, text);
	}
}

static const struct command_syntax command = {
	.name = "show",
	.usage = usage,
	.options = options,
	.shared = { source_options },
	.take = parse_option,
};

/*
 * Parse the words that select the connection. Return: 0, or -EINVAL after
 * printing a message.
 */
static int parse_connection(struct show_command *s, char *const words[])
{
	size_t i;

	if (!words[0]) {
		warnx("which connection? its number, or both ends");
		return -EINVAL;
	}
	if (!words[1]) {
		if (number_parse(words[0], 10, UINT64_MAX, &s->conn) == 0 &&
		    s->conn != 0)
			return 0;
		warnx("invalid connection: '%s': use its number, or both ends",
		      words[0]);
		return -EINVAL;
	}
	for (i = 0; i < 2; i++) {
		if (addr_parse_endpoint(words[i], &s->addr[i],
					&s->port[i]) == 0)
			continue;
		warnx("invalid end: '%s': use ADDRESS:PORT", words[i]);
		return -EINVAL;
	}
	if (!words[2])
		return 0;
	warnx("unexpected argument: '%s'", words[2]);
	return -EINVAL;
}

/* Check --follow. Return: 0, or -EINVAL after printing a message. */
static int check_follow(const struct show_command *s)
{
	if (!s->follow || !source_is_capture(&s->source))
		return 0;
	warnx("--follow shows the module's table; for a capture: watch --follow");
	return -EINVAL;
}

int show_main(int argc, char **argv)
{
	static struct show_command s;
	int status;

	if (!command_options(&command, argc, argv, &s, &status))
		return status;
	if (source_check(&s.source) != 0 ||
	    source_check_path(&s.source, s.path) != 0 ||
	    check_follow(&s) != 0 ||
	    parse_connection(&s, argv + optind) != 0)
		return command_misuse("show");
	if (source_is_capture(&s.source))
		return show_capture(&s);
	if (!s.path)
		s.path = TABLE_PATH;
	return s.follow ? follow(&s) : show_table(&s, put_row);
}
