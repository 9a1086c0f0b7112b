// SPDX-License-Identifier: GPL-2.0
#include "walk.h"

#include "table.h"

#include <linux/rcupdate.h>
#include <linux/sched.h>

/**
 * tcpt_walk_begin - begin a walk at the oldest connection
 * @walk: filled in
 * @table: the table
 * @ns: the namespace whose connections the walk visits; must outlive the walk
 *
 * Context: process.
 */
void tcpt_walk_begin(struct tcpt_walk *walk, struct tcpt_table *table,
		     struct tcpt_ns *ns)
{
	walk->place.id = 0;
	walk->table = table;
	walk->ns = ns;
	spin_lock_bh(&table->lock);
	list_add(&walk->place.list, &ns->conns);
	spin_unlock_bh(&table->lock);
}

/**
 * tcpt_walk_rewind - go back to the oldest connection
 * @walk: the walk
 *
 * Context: process.
 */
void tcpt_walk_rewind(struct tcpt_walk *walk)
{
	spin_lock_bh(&walk->table->lock);
	list_move(&walk->place.list, &walk->ns->conns);
	spin_unlock_bh(&walk->table->lock);
}

/*
 * Find the next connection. The list also holds the positions of other walks;
 * one call passes at most TCPT_WALK_STEPS positions. Return: true if the call
 * reached neither a connection nor the end; the caller must then repeat it.
 */
static bool look_locked(struct tcpt_walk *walk, struct tcpt_conn **conn)
{
	struct list_head *pos = &walk->place.list;
	struct tcpt_place *place;
	unsigned int i;

	lockdep_assert_held(&walk->table->lock);
	*conn = NULL;
	for (i = 0; i < TCPT_WALK_STEPS; i++) {
		pos = pos->next;
		if (pos == &walk->ns->conns)
			return false;
		place = list_entry(pos, struct tcpt_place, list);
		if (place->id) {
			walk->id = place->id;
			*conn = container_of(place, struct tcpt_conn, place);
			return false;
		}
	}
	list_move(&walk->place.list, pos);
	return true;
}

/**
 * tcpt_walk_conn - find the next connection of a walk
 * @walk: the walk
 *
 * A connection that an earlier call returned is no longer valid, because this
 * function leaves the RCU read section and calls cond_resched().
 *
 * Context: process, under rcu_read_lock(); the function leaves the read section
 * and enters it again.
 * Return: the connection, valid until rcu_read_unlock() or the next call; NULL
 * at the end. The connection may have died, and may have become a different
 * one: take conn->lock and call tcpt_walk_is_at().
 */
struct tcpt_conn *tcpt_walk_conn(struct tcpt_walk *walk)
	__must_hold(RCU)
{
	struct tcpt_conn *conn;
	bool again;

	do {
		rcu_read_unlock();
		cond_resched();
		rcu_read_lock();
		spin_lock_bh(&walk->table->lock);
		again = look_locked(walk, &conn);
		spin_unlock_bh(&walk->table->lock);
	} while (again);
	return conn;
}

/**
 * tcpt_walk_pass - move a walk past a connection
 * @walk: the walk
 * @conn: from tcpt_walk_conn(); if the connection was removed, the function
 *	does nothing
 *
 * Context: process, under rcu_read_lock().
 */
void tcpt_walk_pass(struct tcpt_walk *walk, struct tcpt_conn *conn)
{
	spin_lock_bh(&walk->table->lock);
	if (!list_empty(&conn->place.list) && conn->place.id == walk->id)
		list_move(&walk->place.list, &conn->place.list);
	spin_unlock_bh(&walk->table->lock);
}

/**
 * tcpt_walk_end - end a walk
 * @walk: the walk
 *
 * Context: process.
 */
void tcpt_walk_end(struct tcpt_walk *walk)
{
	spin_lock_bh(&walk->table->lock);
	list_del(&walk->place.list);
	spin_unlock_bh(&walk->table->lock);
}
