/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keeps the list of readers of the device, and delivers to each reader the
 * records that it wants.
 */
#ifndef _TCPT_READER_H
#define _TCPT_READER_H

#include "conn.h"
#include "ring.h"

#include <linux/filter.h>
#include <linux/mutex.h>
#include <linux/timer.h>
#include <linux/wait.h>

/**
 * struct tcpt_reader - one open file of the device
 * @node: entry in the list of readers; RCU, writers hold the list's mutex
 * @ring: records that the reader has not read yet
 * @filter: program that selects packets, NULL for all; RCU, writers hold the
 *	list's mutex
 * @mask: record types that the reader wants; READ_ONCE
 * @clock: CLOCK_* of the times in the reader's records; READ_ONCE
 * @all: the reader gets the records of all network namespaces; READ_ONCE
 * @gone: the reader's network namespace is gone; READ_ONCE
 * @ns: the reader's network namespace; only compared, because it may be gone
 * @netns: inode number of the reader's network namespace
 * @wait: the queue in which the reader sleeps
 * @timer: fires when records have waited for @wake_delay
 * @wake_bytes: wake the reader when the ring has this many bytes or is half
 *	full, 0: for each record; READ_ONCE
 * @wake_delay: ms after which the reader is woken even for fewer bytes, 0: no
 *	limit; READ_ONCE
 * @follows: the reader has called tcpt_fate_get(); protected by @mask_lock
 * @mask_lock: held while the reader's mask changes
 * @due: the reader was woken and has not read everything yet; READ_ONCE
 * @read_lock: serializes the consumers
 */
struct tcpt_reader {
	struct list_head node;
	struct tcpt_ring ring;
	struct bpf_prog __rcu *filter;
	u32 mask;
	u8 clock;
	bool all;
	bool gone;
	const struct tcpt_ns *ns;
	u32 netns;
	wait_queue_head_t wait;
	struct timer_list timer;
	u32 wake_bytes;
	u32 wake_delay;
	bool due;
	bool follows;
	struct mutex mask_lock;	/* taken outside the list's mutex */
	struct mutex read_lock;	/* outside ring.lock */
};

/**
 * struct tcpt_delivery - a record on its way to the readers that want it
 * @ns: network namespace of the record; set before tcpt_reader_reserve()
 * @packet: the sk_buff that caused the record, or NULL
 * @time: time of the record, ns of CLOCK_MONOTONIC
 * @masks: a reader whose mask has one of these bits wants the record
 * @len: length of the record
 * @reader: the first reader that wants the record and has room for it
 * @slot: slot of the record in the ring of @reader
 */
struct tcpt_delivery {
	struct tcpt_ns *ns;
	const void *packet;
	u64 time;
	u32 masks;
	u32 len;
	struct tcpt_reader *reader;
	struct tcpt_slot slot;
};

/* Mask bits for records about the fate of packets. */
#define TCPT_READER_FOLLOWS	(TCPTRACE_MASK(TCPTRACE_DROP) | \
				 TCPTRACE_MASK_FATE)

extern u32 tcpt_readers_mask;

/*
 * Does any reader want records of this type? The test reads one word, which
 * rarely changes.
 */
static inline bool tcpt_reader_wants(unsigned int type)
{
	return unlikely(READ_ONCE(tcpt_readers_mask) & TCPTRACE_MASK(type));
}

struct tcpt_reader *tcpt_reader_new(const struct tcpt_ns *ns, u32 ring_size);
int tcpt_reader_add(struct tcpt_reader *reader, unsigned int max);
void tcpt_reader_del(struct tcpt_reader *reader);
void tcpt_reader_free(struct tcpt_reader *reader);
void tcpt_reader_set_mask(struct tcpt_reader *reader, u32 mask);
int tcpt_reader_set_filter(struct tcpt_reader *reader,
			   struct sock_fprog *program);
struct tcptrace_header *tcpt_reader_reserve(struct tcpt_delivery *d, u32 masks,
					    u32 len, u64 time,
					    const void *packet);
void tcpt_reader_commit(struct tcpt_delivery *d);
void tcpt_reader_publish(struct tcpt_ns *ns,
			 const struct tcptrace_header *record,
			 const void *packet);
void tcpt_reader_lose(struct tcpt_ns *ns, unsigned int type, u64 count,
		      u64 time);
void tcpt_reader_set_wake(struct tcpt_reader *reader, u32 bytes, u32 delay_ms);
bool tcpt_reader_readable(struct tcpt_reader *reader);
void tcpt_reader_taken(struct tcpt_reader *reader);
void tcpt_reader_settle(struct tcpt_reader *reader);
void tcpt_reader_hangup(const struct tcpt_ns *ns);

#endif /* _TCPT_READER_H */
