// SPDX-License-Identifier: GPL-2.0
#include "top_selection.h"

#include "core/name.h"

#include <linux/tcptrace.h>
#include <stdio.h>
#include <string.h>

#define NS_PER_MS	1000000ULL
#define MS_PER_SEC	1000

static const char *state_cell(u8 state)
{
	return state < TCPTRACE_STATES ? tcpt_state_name(state) : "-";
}

/* Check whether a filter matches a row. */
static bool filter_takes(const struct socket_filter *filter,
			 const struct top_row *row, u64 now)
{
	const struct top_ends *ends = &row->ends;
	u64 ms = now > ends->first ? (now - ends->first) / NS_PER_MS : 0;
	static struct proc_conn conn;
	char age[32], cgroup[2][24];
	unsigned int i;

	snprintf(age, sizeof(age), "%llu.%03u",
		 (unsigned long long)(ms / MS_PER_SEC),
		 (unsigned int)(ms % MS_PER_SEC));
	for (i = 0; i < 2; i++) {
		snprintf(cgroup[i], sizeof(cgroup[i]), "%llu",
			 (unsigned long long)ends->cgroup[i]);
		conn.cells[i ? PROC_CONN_RESP_CGROUP : PROC_CONN_ORIG_CGROUP] =
			ends->cgroup[i] ? cgroup[i] : "-";
	}
	conn.cells[PROC_CONN_AGE] = age;
	conn.cells[PROC_CONN_ORIG_STATE] = state_cell(row->facts.state[0]);
	conn.cells[PROC_CONN_RESP_STATE] = state_cell(row->facts.state[1]);
	memcpy(conn.addr, ends->addr, sizeof(conn.addr));
	memcpy(conn.nat, ends->nat, sizeof(conn.nat));
	memcpy(conn.port, ends->port, sizeof(conn.port));
	memcpy(conn.nat_port, ends->nat_port, sizeof(conn.nat_port));
	return socket_filter_takes(filter, &conn);
}

static bool passes(const struct top_selection *s, const struct top_row *row,
		   u64 now)
{
	if (!top_is_active(row))
		return false;
	if (s->within != TOP_NO_GROUP &&
	    !top_group_has(row, s->within, &s->key))
		return false;
	return !s->filter.n || filter_takes(&s->filter, row, now);
}

/**
 * top_select - choose rows
 * @s: the selection; its order is filled in, but not sorted yet
 * @rows: connections; they must not move while the order is used
 * @now: time of the rows, ns since 1970
 *
 * A closed connection without packets in the interval is left out.
 *
 * Return: 0 or -ENOMEM.
 */
int top_select(struct top_selection *s, const struct top_rows *rows, u64 now)
{
	const struct top_row *row;
	size_t i;
	int err = 0;

	top_order_clear(&s->order);
	top_groups_clear(&s->groups);
	for (i = 0; i < rows->n && !err; i++) {
		row = &rows->rows[i];
		if (!passes(s, row, now))
			continue;
		err = s->group == TOP_NO_GROUP ?
		      top_order_add(&s->order, row, s->sort, s->inverted) :
		      top_groups_add(&s->groups, row, s->group);
	}
	for (i = 0; i < s->groups.rows.n && !err; i++)
		err = top_order_add(&s->order, &s->groups.rows.rows[i], s->sort,
				    s->inverted);
	return err;
}

void top_selection_free(struct top_selection *s)
{
	top_order_free(&s->order);
	top_groups_free(&s->groups);
}
