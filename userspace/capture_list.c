// SPDX-License-Identifier: GPL-2.0
#include "capture_list.h"

#include "addr.h"
#include "core/chrono.h"
#include "core/name.h"
#include "tunnel.h"

#include <stdlib.h>
#include <sys/socket.h>

#define NS_PER_MS	1000000
#define MS_PER_SEC	1000

/* The columns of the module that a capture can fill. */
static const char *const names[] = {
	"id", "orig", "resp", "orig_state", "resp_state", "marks",
	"orig_iss", "orig_nxt", "orig_ack", "resp_iss", "resp_nxt", "resp_ack",
	"orig_packets", "orig_segments", "orig_bytes", "orig_rexmit",
	"orig_flags", "resp_packets", "resp_segments", "resp_bytes",
	"resp_rexmit", "resp_flags", "age", "findings",
	"limited_by", "syn_synack_ns", "synack_ack_ns",
	"orig_responses", "orig_response_min_ns", "orig_response_mean_ns",
	"orig_response_max_ns", "orig_busy_ns", "orig_window_ns",
	"orig_rto_ns", "orig_fast_ns",
	"resp_responses", "resp_response_min_ns", "resp_response_mean_ns",
	"resp_response_max_ns", "resp_busy_ns", "resp_window_ns",
	"resp_rto_ns", "resp_fast_ns",
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

/* Connections that only the end of the capture closed are not marked closed. */
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

static void put_number(FILE *to, u64 number)
{
	fprintf(to, " %llu", (unsigned long long)number);
}

/* 0 stands for an unknown number. */
static void put_known(FILE *to, u64 number)
{
	if (number)
		put_number(to, number);
	else
		fputs(" -", to);
}

static void put_responses(FILE *to, const struct tcpt_response *r)
{
	put_number(to, r->count);
	if (r->count) {
		put_number(to, r->min);
		put_number(to, r->sum / r->count);
		put_number(to, r->max);
	} else {
		fputs(" - - -", to);
	}
}

static void put_times(FILE *to, const struct tcpt_track *t)
{
	unsigned int i, phase;

	put_number(to, tcpt_chrono_limited(t));
	put_known(to, t->syn_synack);
	put_known(to, t->synack_ack);
	for (i = 0; i < 2; i++) {
		put_responses(to, &t->response[i]);
		put_number(to, tcpt_chrono_busy(t, i));
		for (phase = TCPT_PHASE_WINDOW; phase < TCPT_PHASES; phase++)
			put_number(to, tcpt_chrono_total(t, i, phase));
	}
}

/* The outermost first. */
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

/* @tunnels: with the tunnels that it came through */
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
 * capture_list_open - the connections of a capture, at its end
 * @conns: the connections
 * @now: when the capture ends, ns
 *
 * Return: a file without a name that is at its beginning; NULL with errno set.
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
