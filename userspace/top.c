// SPDX-License-Identifier: GPL-2.0
#include "top.h"

#include "core/name.h"
#include "names.h"

#include <errno.h>
#include <linux/tcptrace.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Return: room for another row, zeroed, or NULL. */
static struct top_row *add_row(struct top_rows *to)
{
	size_t room = to->room ? 2 * to->room : 256;
	struct top_row *rows;

	if (to->n == to->room) {
		rows = reallocarray(to->rows, room, sizeof(*rows));
		if (!rows)
			return NULL;
		to->rows = rows;
		to->room = room;
	}
	rows = &to->rows[to->n++];
	memset(rows, 0, sizeof(*rows));
	return rows;
}

static u64 number_of(const struct proc_conn *conn, enum proc_conn_column column)
{
	u64 n = 0;

	proc_conn_number(conn, column, &n);
	return n;
}

static bool has_flag(const struct proc_conn *conn, enum proc_conn_column column,
		     char flag)
{
	return conn->cells[column] && strchr(conn->cells[column], flag);
}

static void take_counters(struct top_counters *to, const struct proc_conn *conn)
{
	to->bytes[0] = number_of(conn, PROC_CONN_ORIG_BYTES);
	to->bytes[1] = number_of(conn, PROC_CONN_RESP_BYTES);
	to->rexmit[0] = number_of(conn, PROC_CONN_ORIG_REXMIT);
	to->rexmit[1] = number_of(conn, PROC_CONN_RESP_REXMIT);
	to->packets[0] = number_of(conn, PROC_CONN_ORIG_PACKETS);
	to->packets[1] = number_of(conn, PROC_CONN_RESP_PACKETS);
	to->window[0] = number_of(conn, PROC_CONN_ORIG_WINDOW_NS);
	to->window[1] = number_of(conn, PROC_CONN_RESP_WINDOW_NS);
}

static void take_times(struct top_row *row, const struct proc_conn *conn)
{
	u64 orig = number_of(conn, PROC_CONN_ORIG_RESPONSE_MEAN_NS);
	u64 resp = number_of(conn, PROC_CONN_RESP_RESPONSE_MEAN_NS);
	u64 ns[2];

	row->response = orig > resp ? orig : resp;
	if (proc_conn_number(conn, PROC_CONN_SYN_SYNACK_NS, &ns[0]) &&
	    proc_conn_number(conn, PROC_CONN_SYNACK_ACK_NS, &ns[1]))
		row->rtt = ns[0] + ns[1];
}

static void take_states(struct top_row *row, const struct proc_conn *conn)
{
	const char *orig = conn->cells[PROC_CONN_ORIG_STATE];
	const char *resp = conn->cells[PROC_CONN_RESP_STATE];
	bool are_same = strcmp(orig, resp) == 0;

	snprintf(row->states, sizeof(row->states), "%s%s%s", orig,
		 are_same ? "" : "/", are_same ? "" : resp);
	row->was_refused = has_flag(conn, PROC_CONN_RESP_FLAGS, 'R') &&
			   !has_flag(conn, PROC_CONN_RESP_FLAGS, 'S');
	row->is_open = !has_flag(conn, PROC_CONN_MARKS, 'C') &&
		       !row->was_refused;
}

/* The name of a process is foreign text. */
static void take_process(struct top_row *row, const struct proc_conn *conn)
{
	struct process process;
	char comm[sizeof(process.comm) + 1];

	if (!proc_conn_process(conn, 0, &process) &&
	    !proc_conn_process(conn, 1, &process))
		return;
	snprintf(row->process, sizeof(row->process), "%s[%u]",
		 event_printable(process.comm, sizeof(process.comm), comm),
		 process.pid);
}

static void take_row(struct top_row *row, const struct proc_conn *conn)
{
	row->id = number_of(conn, PROC_CONN_ID);
	row->conns = 1;
	row->findings = number_of(conn, PROC_CONN_FINDINGS);
	memcpy(row->addr, conn->addr, sizeof(row->addr));
	memcpy(row->port, conn->port, sizeof(row->port));
	take_counters(&row->total, conn);
	row->unanswered = row->total.packets[1] == 0;
	take_times(row, conn);
	take_states(row, conn);
	take_process(row, conn);
}

static int by_id(const void *a, const void *b)
{
	const struct top_row *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

/**
 * top_read - the connections of a table
 * @to: filled in; what it has is overwritten
 * @table: the table, at its first row
 * @bad: the column that is missing or wrong
 *
 * Return: 0 or a negative error number.
 */
int top_read(struct top_rows *to, struct proc_table *table, const char **bad)
{
	struct proc_conn_index index;
	struct proc_conn conn;
	struct top_row *row;
	int ret;

	to->n = 0;
	if (proc_conn_index(&index, table, bad) != 0)
		return -EBADMSG;
	while ((ret = proc_table_next(table)) > 0) {
		ret = proc_conn_parse(&conn, &index, table, bad);
		if (ret < 0)
			return ret;
		row = add_row(to);
		if (!row)
			return -ENOMEM;
		take_row(row, &conn);
	}
	if (to->n)
		qsort(to->rows, to->n, sizeof(*to->rows), by_id);
	return ret;
}

static u64 growth(u64 now, u64 before)
{
	return now > before ? now - before : 0;
}

static void grow(struct top_counters *to, const struct top_counters *now,
		 const struct top_counters *before)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		to->bytes[i] = growth(now->bytes[i], before->bytes[i]);
		to->rexmit[i] = growth(now->rexmit[i], before->rexmit[i]);
		to->packets[i] = growth(now->packets[i], before->packets[i]);
		to->window[i] = growth(now->window[i], before->window[i]);
	}
}

/**
 * top_compare - what happened between two readings
 * @now: the later one, as read
 * @before: the earlier one, in the order of reading
 * @sums: filled in
 */
void top_compare(struct top_rows *now, const struct top_rows *before,
		 struct top_sums *sums)
{
	static const struct top_row none;
	const struct top_row *old;
	struct top_row *row;
	size_t i, j = 0;

	memset(sums, 0, sizeof(*sums));
	for (i = 0; i < now->n; i++) {
		row = &now->rows[i];
		while (j < before->n && before->rows[j].id < row->id)
			j++;
		old = j < before->n && before->rows[j].id == row->id ?
		      &before->rows[j] : &none;
		grow(&row->grown, &row->total, &old->total);
		row->opened = !old->conns;
		row->refused = row->was_refused && !old->was_refused;
		sums->open += row->is_open;
		sums->opened += row->opened;
		sums->refused += row->refused;
	}
}

static void add(struct top_row *to, const struct top_row *row)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		to->grown.bytes[i] += row->grown.bytes[i];
		to->grown.rexmit[i] += row->grown.rexmit[i];
		to->grown.packets[i] += row->grown.packets[i];
		to->grown.window[i] += row->grown.window[i];
	}
	to->conns += row->conns;
	to->opened += row->opened;
	to->refused += row->refused;
	to->rtt = to->rtt > row->rtt ? to->rtt : row->rtt;
	to->response = to->response > row->response ? to->response :
		       row->response;
	to->findings |= row->findings;
	to->unanswered |= row->unanswered;
	to->is_open |= row->is_open;
}

static void put_name(struct top_row *row, const struct top_row *from,
		     enum top_group group)
{
	const char *process = *from->process ? from->process : "-";
	char text[ADDR_LEN];

	switch (group) {
	case TOP_ORIG:
	case TOP_RESP:
		addr_format(&from->addr[group == TOP_RESP], text, sizeof(text));
		snprintf(row->name, sizeof(row->name), "%.*s",
			 (int)sizeof(row->name) - 1, text);
		break;
	case TOP_PORT:
		snprintf(row->name, sizeof(row->name), "%u", from->port[1]);
		break;
	default:
		snprintf(row->name, sizeof(row->name), "%s", process);
	}
}

static int add_findings(struct top_rows *to, const struct top_row *from)
{
	struct top_row *row;
	unsigned int i;

	for (i = 0; i < TCPTRACE_FINDINGS; i++) {
		if (!(from->findings & 1ULL << i))
			continue;
		row = add_row(to);
		if (!row)
			return -ENOMEM;
		*row = *from;
		row->findings = 1ULL << i;
		snprintf(row->name, sizeof(row->name), "%s",
			 tcpt_finding_name(i));
	}
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct top_row *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* Rows of the same name become one. */
static void join_names(struct top_rows *rows)
{
	size_t i, n = 0;

	if (rows->n)
		qsort(rows->rows, rows->n, sizeof(*rows->rows), by_name);
	for (i = 0; i < rows->n; i++) {
		if (n && by_name(&rows->rows[n - 1], &rows->rows[i]) == 0)
			add(&rows->rows[n - 1], &rows->rows[i]);
		else
			rows->rows[n++] = rows->rows[i];
	}
	rows->n = n;
}

/**
 * top_group - add up the connections that have something in common
 * @to: a row for each group; what it has is overwritten
 * @from: connections after top_compare()
 * @group: what they have in common; with TOP_NO_GROUP each has its row
 *
 * Return: 0 or -ENOMEM.
 */
int top_group(struct top_rows *to, const struct top_rows *from,
	      enum top_group group)
{
	struct top_row *row;
	size_t i;

	to->n = 0;
	for (i = 0; i < from->n; i++) {
		if (!top_is_active(&from->rows[i]))
			continue;
		if (group == TOP_FINDING) {
			if (add_findings(to, &from->rows[i]) != 0)
				return -ENOMEM;
			continue;
		}
		row = add_row(to);
		if (!row)
			return -ENOMEM;
		*row = from->rows[i];
		if (group != TOP_NO_GROUP)
			put_name(row, row, group);
	}
	if (group != TOP_NO_GROUP)
		join_names(to);
	return 0;
}

static u64 key_of(const struct top_row *row, enum top_sort sort)
{
	const struct top_counters *grown = &row->grown;

	switch (sort) {
	case TOP_REXMIT:
		return grown->rexmit[0] + grown->rexmit[1];
	case TOP_RTT:
		return row->rtt;
	case TOP_RESPONSE:
		return row->response;
	case TOP_WINDOW:
		return grown->window[0] + grown->window[1];
	case TOP_NEW:
		return row->opened;
	default:
		return grown->bytes[0] + grown->bytes[1];
	}
}

/* Rows of the same key are in the order of their numbers, or of their names. */
static int by_key(const void *a, const void *b, void *data)
{
	const enum top_sort *sort = data;
	const struct top_row *x = a, *y = b;
	u64 p = key_of(x, *sort), q = key_of(y, *sort);

	if (p != q)
		return p > q ? -1 : 1;
	return strcmp(x->name, y->name) ?: by_id(a, b);
}

/**
 * top_sort - the largest first
 * @rows: the rows
 * @sort: what counts
 */
void top_sort(struct top_rows *rows, enum top_sort sort)
{
	if (rows->n)
		qsort_r(rows->rows, rows->n, sizeof(*rows->rows), by_key,
			&sort);
}

/* Is it open, or did it do something in the interval? */
bool top_is_active(const struct top_row *row)
{
	return row->is_open || row->opened || row->grown.packets[0] ||
	       row->grown.packets[1];
}

/**
 * top_odd - the letters of what is odd
 * @row: a connection or a group
 * @to: where they go: W the window limited a sender in the interval, Z zero
 *	window, U unanswered; "-" for none
 * @size: size of @to
 */
void top_odd(const struct top_row *row, char *to, size_t size)
{
	bool window = row->grown.window[0] || row->grown.window[1];
	bool zero = row->findings & 1ULL << TCPTRACE_FINDING_ZERO_WINDOW;

	snprintf(to, size, "%s%s%s%s", window ? "W" : "", zero ? "Z" : "",
		 row->unanswered ? "U" : "",
		 window || zero || row->unanswered ? "" : "-");
}

void top_free(struct top_rows *rows)
{
	free(rows->rows);
	memset(rows, 0, sizeof(*rows));
}
