// SPDX-License-Identifier: GPL-2.0
#include "reader.h"

#include "delay.h"
#include "ring_plain.h"
#include "stats.h"

#include "core/mask.h"

#include <linux/bottom_half.h>
#include <linux/cache.h>
#include <linux/err.h>
#include <linux/poll.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

static DEFINE_MUTEX(readers_lock);	/* protects list and count */
static LIST_HEAD(readers);		/* RCU */
static unsigned int readers_count;

/*
 * tcpt_mask_types() of the masks of all readers, ORed; READ_ONCE, written under
 * readers_lock
 */
u32 tcpt_readers_mask __read_mostly;

static void update_mask(void)
{
	struct tcpt_reader *reader;
	u32 mask = 0;

	lockdep_assert_held(&readers_lock);
	list_for_each_entry(reader, &readers, node)
		mask |= reader->mask;
	WRITE_ONCE(tcpt_readers_mask, tcpt_mask_types(mask));
}

/*
 * Are there enough records to wake the reader? Half of the ring is always
 * enough, because the ring must not fill up while the reader sleeps.
 */
static bool is_enough(const struct tcpt_reader *reader)
{
	return tcpt_ring_used(&reader->ring) >=
	       min(READ_ONCE(reader->wake_bytes),
		   READ_ONCE(reader->ring.size) / 2);
}

static void wake(struct tcpt_reader *reader)
{
	WRITE_ONCE(reader->due, true);
	wake_up_interruptible(&reader->wait);
}

static void on_timer(struct timer_list *timer)
{
	struct tcpt_reader *reader = container_of(timer, struct tcpt_reader,
						  timer);

	if (tcpt_ring_readable(&reader->ring))
		wake(reader);
}

/* Round up, because a part of the current jiffy has already passed. */
static void start_timer(struct tcpt_reader *reader, u32 delay_ms)
{
	mod_timer(&reader->timer, jiffies + msecs_to_jiffies(delay_ms) + 1);
}

/*
 * Note that a record was added. @first: true if the reader had read all earlier
 * records.
 */
static void note_record(struct tcpt_reader *reader, bool first)
{
	u32 delay = READ_ONCE(reader->wake_delay);

	if (!READ_ONCE(reader->wake_bytes)) {
		if (first)
			wake_up_interruptible(&reader->wait);
		return;
	}
	/*
	 * a program that has mapped the ring has read all earlier records
	 * without a system call
	 */
	if (first && tcpt_ring_is_mapped(&reader->ring))
		WRITE_ONCE(reader->due, false);
	/* after tcpt_ring_commit's barrier; pairs with tcpt_reader_taken */
	if (is_enough(reader) && !READ_ONCE(reader->due))
		wake(reader);
	else if (first && delay)
		start_timer(reader, delay);
}

/**
 * tcpt_reader_new - allocate a reader that gets no records yet
 * @ns: network namespace of the reader
 * @ring_size: size of the ring in bytes
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
	reader->clock = CLOCK_MONOTONIC;
	init_waitqueue_head(&reader->wait);
	timer_setup(&reader->timer, on_timer, 0);
	mutex_init(&reader->read_lock);
	mutex_init(&reader->mask_lock);
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
	struct bpf_prog *filter = rcu_access_pointer(reader->filter);

	if (filter)
		bpf_prog_destroy(filter);
	timer_delete_sync(&reader->timer);
	tcpt_ring_free(&reader->ring);
	kfree(reader);
}

/**
 * tcpt_reader_add - start delivering records to a reader
 * @reader: from tcpt_reader_new()
 * @max: maximum number of readers
 *
 * Context: process; may sleep.
 * Return: 0, or -EBUSY if there are already @max readers.
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
 * tcpt_reader_del - stop delivering records to a reader
 * @reader: added before
 *
 * Context: process; sleeps for an RCU grace period.
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
 * tcpt_reader_set_mask - choose the record types that a reader gets
 * @reader: added before
 * @mask: TCPTRACE_MASK() of each wanted type, ORed, optionally also with
 *	TCPTRACE_MASK_FAILURES and TCPTRACE_MASK_FATE; LOST is always included
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

/**
 * tcpt_reader_set_filter - set the BPF program that selects packets
 * @reader: added before
 * @program: classic BPF program in user memory, which reads packets from the IP
 *	header on; length 0 selects all packets
 *
 * Context: process; may sleep for an RCU grace period.
 * Return: 0, or -errno; after an error, the filter has not changed.
 */
int tcpt_reader_set_filter(struct tcpt_reader *reader,
			   struct sock_fprog *program)
{
	struct bpf_prog *filter = NULL;
	int ret;

	if (program->len) {
		ret = bpf_prog_create_from_user(&filter, program, NULL, false);
		/*
		 * a JIT compiler that has no memory fails with ENOTSUPP, which
		 * user space does not know
		 */
		if (ret)
			return ret == -ENOTSUPP ? -ENOMEM : ret;
	}
	mutex_lock(&readers_lock);
	filter = rcu_replace_pointer(reader->filter, filter,
				     lockdep_is_held(&readers_lock));
	mutex_unlock(&readers_lock);
	if (!filter)
		return 0;
	synchronize_rcu();
	bpf_prog_destroy(filter);
	return 0;
}

/* A classic BPF program can read a packet, but cannot change it. */
static bool wants_packet(const struct tcpt_reader *reader, const void *packet)
{
	const struct bpf_prog *filter;

	filter = rcu_dereference_check(reader->filter,
				       rcu_read_lock_any_held());
	tcpt_delay(TCPT_DELAY_FILTER);
	return likely(!filter) || !packet ||
	       bpf_prog_run_pin_on_cpu(filter, packet);
}

static __always_inline bool wants(const struct tcpt_reader *reader,
				  const struct tcpt_delivery *d)
{
	return READ_ONCE(reader->mask) & d->masks &&
	       (reader->ns == d->ns || READ_ONCE(reader->all)) &&
	       !READ_ONCE(reader->gone) && wants_packet(reader, d->packet);
}

static u64 convert_time(unsigned int clock, u64 monotonic)
{
	switch (clock) {
	case CLOCK_BOOTTIME:
		return ktime_mono_to_any(monotonic, TK_OFFS_BOOT);
	case CLOCK_REALTIME:
		return ktime_mono_to_any(monotonic, TK_OFFS_REAL);
	default:
		return monotonic;
	}
}

static u64 time_of(const struct tcpt_reader *reader, u64 monotonic)
{
	unsigned int clock = READ_ONCE(reader->clock);

	return likely(clock == CLOCK_MONOTONIC) ? monotonic :
	       convert_time(clock, monotonic);
}

/* Return: false if there is no room; the record is counted as lost. */
static __always_inline bool reserve(struct tcpt_reader *reader,
				    const struct tcpt_delivery *d,
				    struct tcpt_slot *slot)
{
	tcpt_delay(TCPT_DELAY_EVENT);
	if (unlikely(tcpt_ring_reserve(&reader->ring, slot, d->len,
				       time_of(reader, d->time)))) {
		tcpt_stat_inc(d->ns->stats, TCPT_STAT_LOST);
		/* the reader may have drained the ring and gone to sleep */
		if (tcpt_ring_drained(&reader->ring))
			wake(reader);
		return false;
	}
	tcpt_delay(TCPT_DELAY_WRITE);
	return true;
}

static noinline void convert_times(unsigned int clock,
				   struct tcptrace_header *h)
{
	struct tcptrace_close *closing = (struct tcptrace_close *)h;

	h->time = convert_time(clock, h->time);
	if (h->type == TCPTRACE_CLOSE)
		closing->start = convert_time(clock, closing->start);
}

/* Commit a complete record, whose times are still of CLOCK_MONOTONIC. */
static __always_inline void commit(struct tcpt_reader *reader,
				   const struct tcpt_slot *slot)
{
	unsigned int clock = READ_ONCE(reader->clock);

	if (unlikely(clock != CLOCK_MONOTONIC))
		convert_times(clock, slot->h);
	note_record(reader, tcpt_ring_commit(&reader->ring, slot));
}

/*
 * Copy everything but the length and the record number, which the ring has set.
 */
static void copy_record(struct tcptrace_header *to,
			const struct tcptrace_header *from, u32 len)
{
	to->type = from->type;
	to->flags = from->flags;
	to->time = from->time;
	memcpy(to + 1, from + 1, len - sizeof(*from));
}

/**
 * tcpt_reader_reserve - reserve room for a record in the ring of a reader
 * @d: the delivery, with @d->ns set; filled in for tcpt_reader_commit()
 * @masks: a reader whose mask has one of these bits wants the record
 * @len: length of the record
 * @time: time of the record, ns of CLOCK_MONOTONIC
 * @packet: the sk_buff that caused the record, or NULL; its data begins at the
 *	IP header
 *
 * Context: BH off until tcpt_reader_commit().
 * Return: room for the record, with length and record number already set; NULL
 * if no reader both wants the record and has room for it.
 */
struct tcptrace_header *tcpt_reader_reserve(struct tcpt_delivery *d, u32 masks,
					    u32 len, u64 time,
					    const void *packet)
{
	struct tcpt_reader *reader;

	d->masks = masks;
	d->len = len;
	d->time = time;
	d->packet = packet;
	tcpt_stat_inc(d->ns->stats, TCPT_STAT_EVENTS);
	list_for_each_entry_rcu(reader, &readers, node,
				rcu_read_lock_any_held()) {
		if (!wants(reader, d) || !reserve(reader, d, &d->slot))
			continue;
		d->reader = reader;
		return d->slot.h;
	}
	return NULL;
}

/*
 * From @reader on, copy a complete record to each reader in the list that wants
 * the record.
 */
static noinline void share(struct tcpt_reader *reader,
			   const struct tcpt_delivery *d)
{
	struct tcpt_slot slot __uninitialized;

	list_for_each_entry_from_rcu(reader, &readers, node) {
		if (!wants(reader, d) || !reserve(reader, d, &slot))
			continue;
		copy_record(slot.h, d->slot.h, d->len);
		commit(reader, &slot);
	}
}

/**
 * tcpt_reader_commit - deliver a complete record to each reader that wants it
 * @d: from tcpt_reader_reserve(); the record's times are of CLOCK_MONOTONIC
 *
 * The record is already in the ring of one reader; the other readers that want
 * the record get copies.
 *
 * Context: BH off.
 */
void tcpt_reader_commit(struct tcpt_delivery *d)
{
	struct tcpt_reader *reader = d->reader, *next;

	next = list_next_or_null_rcu(&readers, &reader->node,
				     struct tcpt_reader, node);
	if (unlikely(next))
		share(next, d);
	commit(reader, &d->slot);
}

/**
 * tcpt_reader_publish - deliver a record that was built outside the rings
 * @ns: network namespace of the record
 * @record: the record; its times are of CLOCK_MONOTONIC; the function sets seq
 *	separately for each reader
 * @packet: the sk_buff that caused the record, or NULL; its data begins at the
 *	IP header
 *
 * Context: any but hard interrupts.
 */
void tcpt_reader_publish(struct tcpt_ns *ns,
			 const struct tcptrace_header *record,
			 const void *packet)
{
	struct tcpt_delivery d = { .ns = ns };
	struct tcptrace_header *h;

	local_bh_disable();
	h = tcpt_reader_reserve(&d, tcpt_mask_record(record), record->len,
				record->time, packet);
	if (h) {
		copy_record(h, record, record->len);
		tcpt_reader_commit(&d);
	}
	local_bh_enable();
}

/**
 * tcpt_reader_lose - report to the readers of a type that records were lost
 * @ns: network namespace of the records
 * @type: type of the records
 * @count: number of records
 * @time: time of the loss, ns of CLOCK_MONOTONIC
 *
 * Context: any but hard interrupts.
 */
void tcpt_reader_lose(struct tcpt_ns *ns, unsigned int type, u64 count,
		      u64 time)
{
	struct tcpt_reader *reader;

	rcu_read_lock();
	list_for_each_entry_rcu(reader, &readers, node) {
		if (!(READ_ONCE(reader->mask) & TCPTRACE_MASK(type)) ||
		    (reader->ns != ns && !READ_ONCE(reader->all)) ||
		    READ_ONCE(reader->gone))
			continue;
		tcpt_ring_lose(&reader->ring, count, time_of(reader, time));
		wake(reader);
	}
	rcu_read_unlock();
}

/**
 * tcpt_reader_set_wake - choose when a sleeping reader is woken
 * @reader: the reader
 * @bytes: wake the reader when the ring holds this many bytes or is half full;
 *	0: for each record
 * @delay_ms: wake the reader when the first waiting record is this old, even if
 *	there are fewer bytes; 0: no time limit
 *
 * Context: process.
 */
void tcpt_reader_set_wake(struct tcpt_reader *reader, u32 bytes, u32 delay_ms)
{
	WRITE_ONCE(reader->wake_delay, delay_ms);
	WRITE_ONCE(reader->wake_bytes, bytes);
	/* the records already in the ring may have started no timer */
	if (delay_ms)
		start_timer(reader, delay_ms);
	wake_up_interruptible(&reader->wait);
}

/**
 * tcpt_reader_readable - check whether a reader should read records now
 * @reader: the reader
 *
 * Context: any but hard interrupts.
 * Return: true if the reader should read.
 */
bool tcpt_reader_readable(struct tcpt_reader *reader)
{
	return tcpt_ring_readable(&reader->ring) &&
	       (READ_ONCE(reader->due) || is_enough(reader) ||
		READ_ONCE(reader->ring.lost.count) || READ_ONCE(reader->gone));
}

/**
 * tcpt_reader_taken - note that records were consumed
 * @reader: the reader; the caller is its consumer
 *
 * Context: process.
 */
void tcpt_reader_taken(struct tcpt_reader *reader)
{
	/* before the caller's barrier and its sleep; pairs with note_record */
	if (!tcpt_ring_used(&reader->ring))
		WRITE_ONCE(reader->due, false);
}

/**
 * tcpt_reader_settle - move the tail of a mapped ring to the program's position
 * @reader: the reader
 *
 * Context: process; may sleep.
 */
void tcpt_reader_settle(struct tcpt_reader *reader)
{
	if (!tcpt_ring_is_mapped(&reader->ring))
		return;
	tcpt_ring_settle(&reader->ring);
	tcpt_reader_taken(reader);
}

/**
 * tcpt_reader_hangup - hang up the readers of a network namespace that ends
 * @ns: the namespace
 *
 * The readers can still read the records in their rings. Then they get ENODEV.
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
		/* pairs with device_read and device_poll */
		smp_store_release(&reader->gone, true);
		wake_up_interruptible_poll(&reader->wait, EPOLLHUP);
	}
	mutex_unlock(&readers_lock);
}
