// SPDX-License-Identifier: GPL-2.0
#include "fixture_table.h"

#include <linux/rcupdate.h>

/**
 * tcpt_fixture_key - make the key of a connection in ns[0]
 * @fx: the fixture
 * @flow: number of the connection
 * @key: filled in
 *
 * Context: a test.
 * Return: the hash of the key.
 */
u32 tcpt_fixture_key(struct fixture *fx, u32 flow, struct tcpt_flow *key)
{
	struct tcpt_segment seg;

	tcpt_fixture_segment(&seg, flow, ORIG, SYN, 0, 0);
	tcpt_flow_init(key, &seg, fx->ns[0].inum, 0);
	return tcpt_table_hash(&fx->tracker.table, key);
}

/**
 * tcpt_fixture_find - look up a connection of ns[0]
 * @fx: the fixture
 * @flow: number of the connection
 *
 * Context: a test; the result is valid until the test removes the connection.
 * Return: the connection or NULL.
 */
struct tcpt_conn *tcpt_fixture_find(struct fixture *fx, u32 flow)
{
	struct tcpt_conn *conn;
	struct tcpt_flow key;
	u32 hash;

	hash = tcpt_fixture_key(fx, flow, &key);
	rcu_read_lock();
	conn = tcpt_table_find(&fx->tracker.table, &key, hash);
	rcu_read_unlock();
	return conn;
}

/**
 * tcpt_fixture_track - copy the state of a connection of ns[0]
 * @fx: the fixture
 * @flow: number of a connection in the table
 *
 * Context: a test.
 * Return: a copy, valid until the next call.
 */
const struct tcpt_track *tcpt_fixture_track(struct fixture *fx, u32 flow)
{
	struct tcpt_conn *conn = tcpt_fixture_find(fx, flow);

	KUNIT_ASSERT_NOT_NULL(fx->test, conn);
	spin_lock_bh(&conn->lock);
	tcpt_conn_copy(&fx->full, conn);
	spin_unlock_bh(&conn->lock);
	return &fx->full.track;
}

/**
 * tcpt_fixture_collide - find a connection number whose key hashes to a bucket
 * @fx: the fixture
 * @flow: the first number to try
 * @bucket: index of the bucket
 *
 * Context: a test.
 * Return: the lowest such number that is not below @flow.
 */
u32 tcpt_fixture_collide(struct fixture *fx, u32 flow, unsigned int bucket)
{
	struct tcpt_flow key;

	while ((tcpt_fixture_key(fx, flow, &key) & fx->tracker.table.mask) !=
	       bucket)
		flow++;
	return flow;
}

static spinlock_t *lock_of(const struct fixture *fx,
			   const struct tcpt_conn *conn)
{
	return tcpt_table_lock(&fx->tracker.table, conn->hash);
}

/**
 * tcpt_fixture_open - open a connection of ns[0] with a SYN of another host
 * @fx: the fixture
 * @flow: number of the connection
 *
 * Context: a test.
 * Return: the connection; the test is aborted if it was not opened.
 */
struct tcpt_conn *tcpt_fixture_open(struct fixture *fx, u32 flow)
{
	struct tcpt_conn *conn;

	tcpt_fixture_send(fx, flow, ORIG, SYN, 0, 0);
	conn = tcpt_fixture_find(fx, flow);
	KUNIT_ASSERT_NOT_NULL(fx->test, conn);
	return conn;
}

/**
 * tcpt_fixture_insert - insert a connection without using the tracker
 * @fx: the fixture
 * @flow: number of the connection
 *
 * Context: a test.
 * Return: the result of tcpt_table_insert_locked().
 */
int tcpt_fixture_insert(struct fixture *fx, u32 flow)
{
	struct tcpt_conn *conn = tcpt_table_alloc(&fx->ns[0]);
	int ret;

	KUNIT_ASSERT_NOT_NULL(fx->test, conn);
	conn->hash = tcpt_fixture_key(fx, flow, &conn->flow);
	spin_lock_bh(lock_of(fx, conn));
	ret = tcpt_table_insert_locked(&fx->tracker.table, conn);
	spin_unlock_bh(lock_of(fx, conn));
	if (ret)
		tcpt_table_free_unused(conn);
	return ret;
}

/**
 * tcpt_fixture_take_out - remove a connection without using the tracker
 * @fx: the fixture
 * @flow: number of a connection in the table
 *
 * Context: a test.
 */
void tcpt_fixture_take_out(struct fixture *fx, u32 flow)
{
	struct tcpt_conn *conn = tcpt_fixture_find(fx, flow);

	KUNIT_ASSERT_NOT_NULL(fx->test, conn);
	spin_lock_bh(lock_of(fx, conn));
	spin_lock(&conn->lock);
	tcpt_table_del_locked(&fx->tracker.table, conn);
	spin_unlock(&conn->lock);
	spin_unlock_bh(lock_of(fx, conn));
	tcpt_table_free(&fx->tracker.table, conn);
}

/**
 * tcpt_fixture_queue - move a connection to a queue
 * @fx: the fixture
 * @flow: number of a connection in the table
 * @queue: the new queue
 *
 * Context: a test.
 */
void tcpt_fixture_queue(struct fixture *fx, u32 flow, enum tcpt_queue queue)
{
	struct tcpt_conn *conn = tcpt_fixture_find(fx, flow);

	KUNIT_ASSERT_NOT_NULL(fx->test, conn);
	spin_lock_bh(&conn->lock);
	tcpt_table_queue(&fx->tracker.table, conn, queue);
	spin_unlock_bh(&conn->lock);
}
