/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A walk over the connections of one network namespace. The walk keeps its
 * position as an entry in the list of connections. So the walk can pause, and
 * connections can be added and removed in the meantime.
 */
#ifndef _TCPT_WALK_H
#define _TCPT_WALK_H

#include "conn.h"

enum {
	TCPT_WALK_STEPS	= 32,	/* entries passed without an unlock */
};

/**
 * struct tcpt_walk - a walk
 * @place: the position: a list entry before the connection to visit next
 * @table: the table; constant
 * @ns: the namespace whose connections the walk visits; constant
 * @id: id of the connection that tcpt_walk_conn() returned last
 */
struct tcpt_walk {
	struct tcpt_place place;
	struct tcpt_table *table;
	struct tcpt_ns *ns;
	u64 id;
};

void tcpt_walk_begin(struct tcpt_walk *walk, struct tcpt_table *table,
		     struct tcpt_ns *ns);
void tcpt_walk_rewind(struct tcpt_walk *walk);
struct tcpt_conn *tcpt_walk_conn(struct tcpt_walk *walk);
void tcpt_walk_pass(struct tcpt_walk *walk, struct tcpt_conn *conn);
void tcpt_walk_end(struct tcpt_walk *walk);

/*
 * Is @conn alive, and still the connection that tcpt_walk_conn() returned? The
 * lock is held.
 */
static inline bool tcpt_walk_is_at(const struct tcpt_walk *walk,
				   const struct tcpt_conn *conn)
{
	return !conn->dead && conn->place.id == walk->id;
}

#endif /* _TCPT_WALK_H */
