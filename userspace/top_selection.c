// SPDX-License-Identifier: GPL-2.0
#include "top_selection.h"

#include "core/name.h"

#include <linux/tcptrace.h>
#include <string.h>

static const char *state_cell(u8 state)
{
	return state < TCPTRACE_STATES ? tcpt_state_name(state) : "-";
}

static bool passes(const struct top_selection *s, const struct top_row *row)
{
	static struct proc_conn conn;
	const struct top_ends *ends = &row->ends;

	if (!top_is_active(row))
		return false;
	if (s->within != TOP_NO_GROUP &&
	    !top_group_has(row, s->within, &s->key))
		return false;
	if (!s->filter.n)
		return true;
	conn.cells[PROC_CONN_ORIG_STATE] = state_cell(row->facts.state[0]);
	conn.cells[PROC_CONN_RESP_STATE] = state_cell(row->facts.state[1]);
	memcpy(conn.addr, ends->addr, sizeof(conn.addr));
	memcpy(conn.nat, ends->nat, sizeof(conn.nat));
	memcpy(conn.port, ends->port, sizeof(conn.port));
	memcpy(conn.nat_port, ends->nat_port, sizeof(conn.nat_port));
	return socket_filter_takes(&s->filter, &conn);
}

/**
 * top_select - choose rows
 * @s: what is wanted; its order is filled in, and not sorted yet
 * @rows: connections; they stay where they are as long as the order is used
 *
 * Connections that are closed and did nothing in the interval are left out.
 *
 * Return: 0 or -ENOMEM.
 */
int top_select(struct top_selection *s, const struct top_rows *rows)
{
	const struct top_row *row;
	size_t i;
	int err = 0;

	top_order_clear(&s->order);
	top_groups_clear(&s->groups);
	for (i = 0; i < rows->n && !err; i++) {
		row = &rows->rows[i];
		if (!passes(s, row))
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
