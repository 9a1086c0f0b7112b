// SPDX-License-Identifier: GPL-2.0
#include "reader.h"

#include "stats.h"

#include <linux/cache.h>
#include <linux/err.h>
#include <linux/poll.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/string.h>

static DEFINE_MUTEX(readers_lock);	/* protects the list and the number */
static LIST_HEAD(readers);		/* RCU */
static unsigned int readers_count;

/* OR of the masks of all readers; READ_ONCE, written under readers_lock */
u32 tcpt_readers_mask __read_mostly;

static void update_mask(void)
{
	struct tcpt_reader *reader;
	u32 mask = 0;

	lockdep_assert_held(&readers_lock);
	list_for_each_entry(reader, &readers, node)
		mask |= reader->mask;
	WRITE_ONCE(tcpt_readers_mask, mask);
}

/**
 * tcpt_reader_new - make a reader that gets nothing yet
 * @ns: its network namespace
 * @ring_size: bytes
 *
 * Context: process; may sleep.
 * Return: the reader or ERR_PTR(-ENOMEM).
 */
struct tcpt_reader *tcpt_reader_new(const struct tcpt_ns *ns, u32 ring_size)
{
	struct tcpt_reader *reader;
	int ret;

	reader = kzalloc(sizeof(*reader), GFP_KERNEL_ACCOUNT);
	if (!reader)
		return ERR_PTR(-ENOMEM);
	ret = tcpt_ring_init(&reader->ring, ring_size);
	if (ret) {
		kfree(reader);
		return ERR_PTR(ret);
	}
	reader->ns = ns;
	reader->netns = ns->inum;
	reader->mask = TCPTRACE_MASK_DEFAULT;
	init_waitqueue_head(&reader->wait);
	mutex_init(&reader->read_lock);
	return reader;
}

/**
 * tcpt_reader_free - free a reader that is not in the list
 * @reader: the reader
 *
 * Context: process; may sleep.
 */
void tcpt_reader_free(struct tcpt_reader *reader)
{
	tcpt_ring_free(&reader->ring);
	kfree(reader);
}

/**
 * tcpt_reader_add - events go to a reader from now on
 * @reader: from tcpt_reader_new()
 * @max: how many readers there may be
 *
 * Context: process; may sleep.
 * Return: 0 or -EBUSY if there are too many.
 */
int tcpt_reader_add(struct tcpt_reader *reader, unsigned int max)
{
	int ret = 0;

	mutex_lock(&readers_lock);
	if (readers_count >= max) {
		ret = -EBUSY;
		goto out;
	}
	readers_count++;
	list_add_tail_rcu(&reader->node, &readers);
	update_mask();
out:
	mutex_unlock(&readers_lock);
	return ret;
}

/**
 * tcpt_reader_del - no event goes to a reader any more
 * @reader: added before
 *
 * Context: process; sleeps for a grace period of RCU.
 */
void tcpt_reader_del(struct tcpt_reader *reader)
{
	mutex_lock(&readers_lock);
	list_del_rcu(&reader->node);
	update_mask();
	readers_count--;
	mutex_unlock(&readers_lock);
	synchronize_rcu();
}

/**
 * tcpt_reader_set_mask - choose the types that a reader gets
 * @reader: added before
 * @mask: TCPTRACE_MASK() of each type, LOST or not
 *
 * Context: process; may sleep.
 */
void tcpt_reader_set_mask(struct tcpt_reader *reader, u32 mask)
{
	mutex_lock(&readers_lock);
	WRITE_ONCE(reader->mask, mask | TCPTRACE_MASK(TCPTRACE_LOST));
	update_mask();
	mutex_unlock(&readers_lock);
}

static bool wants(const struct tcpt_reader *reader, const struct tcpt_ns *ns,
		  unsigned int type)
{
	return READ_ONCE(reader->mask) & TCPTRACE_MASK(type) &&
	       (reader->ns == ns || READ_ONCE(reader->all)) &&
	       !READ_ONCE(reader->gone);
}

static void write_record(struct tcpt_reader *reader, struct tcpt_ns *ns,
			 const struct tcptrace_header *record)
{
	struct tcpt_slot slot;

	if (tcpt_ring_reserve(&reader->ring, &slot, record->len,
			      record->time)) {
		tcpt_stat_inc(ns->stats, TCPT_STAT_LOST);
		/* it may have drained the ring since, and gone to sleep */
		if (tcpt_ring_drained(&reader->ring))
			wake_up_interruptible(&reader->wait);
		return;
	}
	slot.h->type = record->type;
	slot.h->flags = record->flags;
	slot.h->time = record->time;
	memcpy(slot.h + 1, record + 1, record->len - sizeof(*record));
	if (tcpt_ring_commit(&reader->ring, &slot))
		wake_up_interruptible(&reader->wait);
}

/**
 * tcpt_reader_publish - give a record to all who want it
 * @ns: network namespace that it is about
 * @record: the record; seq is set for each reader
 *
 * Context: any but hard interrupts.
 */
void tcpt_reader_publish(struct tcpt_ns *ns, struct tcptrace_header *record)
{
	struct tcpt_reader *reader;

	tcpt_stat_inc(ns->stats, TCPT_STAT_EVENTS);
	rcu_read_lock();
	list_for_each_entry_rcu(reader, &readers, node)
		if (wants(reader, ns, record->type))
			write_record(reader, ns, record);
	rcu_read_unlock();
}

/**
 * tcpt_reader_hangup - a network namespace goes away
 * @ns: the namespace
 *
 * Its readers get what waits for them, then ENODEV.
 *
 * Context: process; may sleep.
 */
void tcpt_reader_hangup(const struct tcpt_ns *ns)
{
	struct tcpt_reader *reader;

	mutex_lock(&readers_lock);
	list_for_each_entry(reader, &readers, node) {
		if (reader->ns != ns)
			continue;
		/* pairs with device_read */
		smp_store_release(&reader->gone, true);
		wake_up_interruptible_poll(&reader->wait, EPOLLHUP);
	}
	mutex_unlock(&readers_lock);
}
