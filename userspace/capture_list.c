// SPDX-License-Identifier: GPL-2.0
#include "capture_list.h"

#include "addr.h"
#include "core/columns.h"
#include "core/name.h"
#include "tunnel.h"

#include <stdlib.h>
#include <sys/socket.h>

#define NS_PER_MS	1000000
#define MS_PER_SEC	1000

/* The columns of the module's table that a capture can fill. */
static const char *const names[] = {
	TCPT_COLUMNS_STATE, "findings", TCPT_COLUMNS_TIMES, TCPT_COLUMNS_ENDS,
};

static void put_names(FILE *to, bool tunnels)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		fprintf(to, "%s ", names[i]);
	if (tunnels)
		fputs("tunnel ", to);
	putc('\n', to);
}

static void put_address(FILE *to, const struct tcpt_flow *flow,
			unsigned int end)
{
	struct addr addr;
	char text[ADDR_LEN];

	addr_init(&addr, flow->family == 4 ? AF_INET : AF_INET6, 0,
		  flow->addr[end]);
	addr_endpoint(&addr, flow->port[end], text, sizeof(text));
	fprintf(to, " %s", text);
}

/* Write the marks. If @open is set, the connection is not marked as closed. */
static void put_marks(FILE *to, unsigned int marks, bool open)
{
	char letters[TCPT_MARKS_LEN];

	if (open)
		marks &= ~TCPT_MARK_CLOSED;
	fprintf(to, " %s", tcpt_marks_name(marks, letters));
}

static void put_counters(FILE *to, const struct tcpt_endpoint *e)
{
	char flags[TCPT_FLAGS_LEN];

	fprintf(to, " %llu %llu %llu %llu %s", (unsigned long long)e->packets,
		(unsigned long long)e->segments, (unsigned long long)e->bytes,
		(unsigned long long)e->rexmit_bytes,
		tcpt_flags_name(e->flags, flags));
}

static void put_times(FILE *to, const struct tcpt_track *t)
{
	u64 value[TCPT_COLUMNS_TIMES_NUM];
	unsigned int i;

	tcpt_columns_times(t, value);
	for (i = 0; i < ARRAY_SIZE(value); i++) {
		if (value[i] == TCPT_COLUMN_UNKNOWN)
			fputs(" -", to);
		else
			fprintf(to, " %llu", (unsigned long long)value[i]);
	}
}

static void put_end(FILE *to, const struct tcpt_track *t, unsigned int end)
{
	const struct tcpt_response *r = &t->response[end];
	u64 value[TCPT_COLUMNS_END_NUM];
	unsigned int i;

	tcpt_columns_end(t, end, value);
	for (i = 0; i < ARRAY_SIZE(value); i++)
		fprintf(to, " %llu", (unsigned long long)value[i]);
	if (!r->count)
		fputs(" -", to);
	else
		for (i = 0; i < ARRAY_SIZE(r->hist); i++)
			fprintf(to, "%c%u", i ? ',' : ' ', r->hist[i]);
}

/* Write the tunnels of a connection, starting with the outermost tunnel. */
static void put_tunnels(FILE *to, u32 zone)
{
	const struct tunnel *stack[TUNNEL_DEPTH_MAX];
	size_t n = tunnel_stack(zone, stack);

	if (n == 0)
		putc('-', to);
	while (n--)
		fprintf(to, "%s:%u%s", tunnel_name(stack[n]), stack[n]->id,
			n ? "," : "");
}

/* Write a row; @tunnels: add the column with the connection's tunnels. */
static void put_conn(FILE *to, const struct conn *conn, bool open, u64 now,
		     bool tunnels)
{
	struct conn_full room;
	const struct tcpt_track *t = conns_track(conn, &room);
	const struct tcpt_endpoint *orig = &t->end[0];
	const struct tcpt_endpoint *resp =
		&t->end[!(t->marks & TCPT_MARK_SELF)];
	u64 ms = now > t->first ? (now - t->first) / NS_PER_MS : 0;

	fprintf(to, "%llu", (unsigned long long)conn->id);
	put_address(to, &conn->flow, conn->orig);
	put_address(to, &conn->flow, !conn->orig);
	fprintf(to, " %s %s", tcpt_state_name(orig->state),
		tcpt_state_name(resp->state));
	put_marks(to, t->marks, open);
	fprintf(to, " %u %u %u %u %u %u", orig->iss, orig->nxt, orig->ack,
		resp->iss, resp->nxt, resp->ack);
	put_counters(to, &t->end[0]);
	put_counters(to, &t->end[1]);
	fprintf(to, " %llu.%03u %u", (unsigned long long)(ms / MS_PER_SEC),
		(unsigned int)(ms % MS_PER_SEC), t->findings.raised);
	put_times(to, t);
	put_end(to, t, 0);
	put_end(to, t, 1);
	putc(' ', to);
	if (tunnels)
		put_tunnels(to, conn->flow.zone);
	putc('\n', to);
}

static size_t collect(const struct conn **to, const struct conn_list *list)
{
	const struct conn *conn;
	size_t n = 0;

	for (conn = list->oldest; conn; conn = conn->newer)
		if (conn->id)
			to[n++] = conn;
	return n;
}

static bool any_tunnel(const struct conn *const *all, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (tunnel_of_zone(all[i]->flow.zone))
			return true;
	return false;
}

static int by_id(const void *a, const void *b)
{
	const struct conn *x = *(const struct conn *const *)a;
	const struct conn *y = *(const struct conn *const *)b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static int put_all(FILE *to, const struct conns *conns, u64 now)
{
	size_t i, n, max = conns->open.len + conns->ending.len +
			   conns->remembered.len;
	const struct conn **all = calloc(max + 1, sizeof(const struct conn *));
	bool tunnels;

	if (!all)
		return -1;
	n = collect(all, &conns->open);
	n += collect(all + n, &conns->ending);
	n += collect(all + n, &conns->remembered);
	qsort(all, n, sizeof(*all), by_id);
	tunnels = any_tunnel(all, n);
	put_names(to, tunnels);
	for (i = 0; i < n; i++)
		put_conn(to, all[i], all[i]->where == CONN_OPEN, now,
			 tunnels);
	free(all);
	return fflush(to);
}

/**
 * capture_list_open - write a table of a capture's connections to a new file
 * @conns: the connections
 * @now: time of the end of the capture, ns
 *
 * Return: an unnamed temporary file, positioned at its start; NULL with errno
 * set after an error.
 */
FILE *capture_list_open(const struct conns *conns, u64 now)
{
	FILE *file = tmpfile();

	if (!file)
		return NULL;
	if (put_all(file, conns, now) == 0) {
		rewind(file);
		return file;
	}
	fclose(file);
	return NULL;
}
