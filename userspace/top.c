// SPDX-License-Identifier: GPL-2.0
#include "top.h"

#include "core/chrono.h"
#include "socket_filter.h"

#include <errno.h>
#include <linux/tcptrace.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define NS_PER_MS	1000000ULL

/* Return: a new row that is all zero, or NULL. */
struct top_row *top_add(struct top_rows *to)
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

static u8 state_of(const struct proc_conn *conn, enum proc_conn_column column)
{
	const char *name = conn->cells[column];

	return (u8)socket_state(name, strlen(name));
}

static void read_counters(struct top_counters *to, const struct proc_conn *conn)
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

static void read_facts(struct top_facts *to, const struct proc_conn *conn)
{
	u64 orig = number_of(conn, PROC_CONN_ORIG_RESPONSE_MEAN_NS);
	u64 resp = number_of(conn, PROC_CONN_RESP_RESPONSE_MEAN_NS);
	u64 ns[2];

	read_counters(&to->total, conn);
	to->response = orig > resp ? orig : resp;
	if (proc_conn_number(conn, PROC_CONN_SYN_SYNACK_NS, &ns[0]) &&
	    proc_conn_number(conn, PROC_CONN_SYNACK_ACK_NS, &ns[1]))
		to->rtt = ns[0] + ns[1];
	to->findings = number_of(conn, PROC_CONN_FINDINGS);
	to->state[0] = state_of(conn, PROC_CONN_ORIG_STATE);
	to->state[1] = state_of(conn, PROC_CONN_RESP_STATE);
	to->was_refused = has_flag(conn, PROC_CONN_RESP_FLAGS, 'R') &&
			  !has_flag(conn, PROC_CONN_RESP_FLAGS, 'S');
	to->is_open = !has_flag(conn, PROC_CONN_MARKS, 'C') && !to->was_refused;
	to->unanswered = to->total.packets[1] == 0;
}

static void read_ends(struct top_ends *to, const struct proc_conn *conn,
		      u64 now)
{
	u64 age = socket_age_of(conn) * NS_PER_MS;

	to->first = now > age ? now - age : 0;
	memcpy(to->addr, conn->addr, sizeof(to->addr));
	memcpy(to->nat, conn->nat, sizeof(to->nat));
	memcpy(to->port, conn->port, sizeof(to->port));
	memcpy(to->nat_port, conn->nat_port, sizeof(to->nat_port));
	if (!proc_conn_process(conn, 0, &to->process) &&
	    !proc_conn_process(conn, 1, &to->process))
		to->process.pid = 0;
	to->cgroup[0] = number_of(conn, PROC_CONN_ORIG_CGROUP);
	to->cgroup[1] = number_of(conn, PROC_CONN_RESP_CGROUP);
}

static int by_id(const void *a, const void *b)
{
	const struct top_row *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static void sort_by_id(struct top_rows *rows)
{
	size_t i;

	for (i = 1; i < rows->n; i++)
		if (rows->rows[i - 1].id > rows->rows[i].id)
			break;
	if (i < rows->n)
		qsort(rows->rows, rows->n, sizeof(*rows->rows), by_id);
}

/**
 * top_read - read the connections of a table
 * @to: filled in with rows ordered by number; old rows are overwritten
 * @table: the table, positioned at its first row
 * @now: the time, ns since 1970
 * @bad: set to the name of the column that is missing or invalid
 *
 * Return: 0 or a negative error number.
 */
int top_read(struct top_rows *to, struct proc_table *table, u64 now,
	     const char **bad)
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
		row = top_add(to);
		if (!row)
			return -ENOMEM;
		row->id = number_of(&conn, PROC_CONN_ID);
		row->conns = 1;
		read_ends(&row->ends, &conn, now);
		read_facts(&row->facts, &conn);
	}
	sort_by_id(to);
	return ret;
}

static void track_ends(struct top_ends *to, const struct conn *conn)
{
	const struct tcpt_flow *flow = &conn->flow;
	unsigned int i, end;

	for (i = 0; i < 2; i++) {
		end = conn->orig ^ i;
		addr_init(&to->addr[i], flow->family == 4 ? AF_INET : AF_INET6,
			  0, flow->addr[end]);
		to->port[i] = flow->port[end];
	}
}

static u64 response_of(const struct tcpt_response *r)
{
	return r->count ? r->sum / r->count : 0;
}

/* @open: the connection is open, or was open when the capture ended. */
static void track_facts(struct top_facts *to, const struct tcpt_track *t,
			bool open)
{
	u64 orig = response_of(&t->response[0]);
	u64 resp = response_of(&t->response[1]);
	unsigned int i;

	for (i = 0; i < 2; i++) {
		to->total.bytes[i] = t->end[i].bytes;
		to->total.rexmit[i] = t->end[i].rexmit_bytes;
		to->total.packets[i] = t->end[i].packets;
		to->total.window[i] = tcpt_chrono_total(t, i,
							TCPT_PHASE_WINDOW);
	}
	to->response = orig > resp ? orig : resp;
	if (t->syn_synack && t->synack_ack)
		to->rtt = t->syn_synack + t->synack_ack;
	to->findings = t->findings.raised;
	to->state[0] = t->end[0].state;
	to->state[1] = t->end[!(t->marks & TCPT_MARK_SELF)].state;
	to->was_refused = t->end[1].flags & TCPTRACE_RST &&
			  !(t->end[1].flags & TCPTRACE_SYN);
	to->is_open = (open || !(t->marks & TCPT_MARK_CLOSED)) &&
		      !to->was_refused;
	to->unanswered = to->total.packets[1] == 0;
}

static int track_list(struct top_rows *to, const struct conn_list *list)
{
	const struct tcpt_track *track;
	const struct conn *conn;
	struct conn_full room;
	struct top_row *row;

	for (conn = list->oldest; conn; conn = conn->newer) {
		if (!conn->id)
			continue;
		row = top_add(to);
		if (!row)
			return -ENOMEM;
		row->id = conn->id;
		row->conns = 1;
		track_ends(&row->ends, conn);
		track = conns_track(conn, &room);
		row->ends.first = track->first;
		track_facts(&row->facts, track, conn->where == CONN_OPEN);
	}
	return 0;
}

/**
 * top_track - list the connections of a capture
 * @to: filled in with rows ordered by number; old rows are overwritten
 * @conns: the connections
 *
 * Return: 0 or -ENOMEM.
 */
int top_track(struct top_rows *to, const struct conns *conns)
{
	int err;

	to->n = 0;
	err = track_list(to, &conns->open) ?: track_list(to, &conns->ending);
	err = err ?: track_list(to, &conns->remembered);
	sort_by_id(to);
	return err;
}

static u64 growth(u64 now, u64 before)
{
	return now > before ? now - before : 0;
}

/**
 * top_grow - compute how the counters of a connection have grown
 * @row: the connection; its growth is filled in
 * @before: facts about the connection at an earlier time, NULL if it is new
 * @sums: numbers of connections, to which this connection is added
 */
void top_grow(struct top_row *row, const struct top_facts *before,
	      struct top_sums *sums)
{
	static const struct top_facts none;
	const struct top_facts *old = before ?: &none;
	const struct top_counters *was = &old->total, *is = &row->facts.total;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		row->grown.bytes[i] = growth(is->bytes[i], was->bytes[i]);
		row->grown.rexmit[i] = growth(is->rexmit[i], was->rexmit[i]);
		row->grown.packets[i] = growth(is->packets[i], was->packets[i]);
		row->grown.window[i] = growth(is->window[i], was->window[i]);
	}
	row->opened = !before;
	row->refused = row->facts.was_refused && !old->was_refused;
	sums->open += row->facts.is_open;
	sums->opened += row->opened;
	sums->refused += row->refused;
}

/**
 * top_compare - compute the growth between two readings
 * @now: the later reading, ordered by number; the growth is filled in
 * @before: the earlier reading, ordered by number
 * @sums: filled in
 */
void top_compare(struct top_rows *now, const struct top_rows *before,
		 struct top_sums *sums)
{
	struct top_row *row;
	size_t i, j = 0;
	bool is_known;

	memset(sums, 0, sizeof(*sums));
	for (i = 0; i < now->n; i++) {
		row = &now->rows[i];
		while (j < before->n && before->rows[j].id < row->id)
			j++;
		is_known = j < before->n && before->rows[j].id == row->id;
		top_grow(row, is_known ? &before->rows[j].facts : NULL, sums);
	}
}

/* Check whether a connection is open or was active in the interval. */
bool top_is_active(const struct top_row *row)
{
	return row->facts.is_open || row->opened || row->grown.packets[0] ||
	       row->grown.packets[1];
}

void top_free(struct top_rows *rows)
{
	free(rows->rows);
	memset(rows, 0, sizeof(*rows));
}
