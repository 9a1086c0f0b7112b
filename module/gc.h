/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A worker makes connections clean, and packs and expires idle connections. It
 * processes the table in slices.
 */
#ifndef _TCPT_GC_H
#define _TCPT_GC_H

#include "core/timeout.h"

#include <linux/workqueue.h>

struct tcpt_ns;
struct tcpt_tracker;

enum {
	TCPT_GC_ROUNDS		= 20,	/* slices for the whole table */
	TCPT_GC_SLICE_NS	= 2000000,	/* a longer slice ends early */
	TCPT_GC_BATCH		= 4096,	/* connections waiting for RCU */
	/*
	 * idle time before packing, and longest time until a connection is
	 * examined again, seconds
	 */
	TCPT_GC_IDLE_S		= 60,
	/* longest time until a connection that may become clean is examined */
	TCPT_GC_CLEAN_S		= 4,
};

/**
 * struct tcpt_gc - the worker
 * @work: runs the next slice
 * @tracker: the tracker whose idle connections the worker expires
 * @next: first bucket of the next slice
 * @all: number of buckets in which each connection is examined, because a
 *	timeout has changed
 * @timeouts: the timeouts of the last slice
 *
 * Only the worker uses @next, @all and @timeouts.
 */
struct tcpt_gc {
	struct delayed_work work;
	struct tcpt_tracker *tracker;
	unsigned int next;
	unsigned int all;
	unsigned int timeouts[TCPT_TIMEOUTS];
};

void tcpt_gc_init(struct tcpt_gc *gc, struct tcpt_tracker *tracker);
void tcpt_gc_start(struct tcpt_gc *gc);
void tcpt_gc_stop(struct tcpt_gc *gc);
unsigned int tcpt_gc_bucket(struct tcpt_tracker *tracker, unsigned int bucket,
			    u64 now);
void tcpt_gc_namespace(struct tcpt_tracker *tracker, struct tcpt_ns *ns,
		       u64 now);
bool tcpt_gc_slice(struct tcpt_gc *gc, u64 now, u64 (*clock)(void));

#endif /* _TCPT_GC_H */
