// SPDX-License-Identifier: GPL-2.0
#include "gc.h"

#include "expiry.h"

#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/math.h>

/* Two seconds for a round over the table: timeouts are late by no more. */
#define GC_INTERVAL	(HZ / 10)

/**
 * tcpt_gc_slice - age the next part of the table
 * @gc: the worker
 * @now: the time that deadlines are held against, ns
 * @clock: tells how long the slice has taken, ns
 *
 * Context: process; does not sleep.
 * Return: false if it stopped early because TCPT_GC_SLICE_NS were over.
 */
bool tcpt_gc_slice(struct tcpt_gc *gc, u64 now, u64 (*clock)(void))
{
	unsigned int buckets = gc->tracker->table.mask + 1;
	unsigned int i, n = DIV_ROUND_UP(buckets, TCPT_GC_ROUNDS);
	u64 end = clock() + TCPT_GC_SLICE_NS;

	for (i = 0; i < n; i++) {
		tcpt_expiry_bucket(gc->tracker, gc->next, now);
		gc->next = (gc->next + 1) & gc->tracker->table.mask;
		if (i % 64 == 63 && clock() >= end)
			return false;
	}
	return true;
}

static void run_slice(struct work_struct *work)
{
	struct tcpt_gc *gc = container_of(to_delayed_work(work),
					  struct tcpt_gc, work);
	bool done = tcpt_gc_slice(gc, ktime_get_ns(), ktime_get_ns);

	queue_delayed_work(system_power_efficient_wq, &gc->work,
			   done ? GC_INTERVAL : 1);
}

/**
 * tcpt_gc_init - make a worker that does not run
 * @gc: filled in
 * @tracker: what to age
 *
 * Context: process.
 */
void tcpt_gc_init(struct tcpt_gc *gc, struct tcpt_tracker *tracker)
{
	gc->tracker = tracker;
	gc->next = 0;
	INIT_DELAYED_WORK(&gc->work, run_slice);
}

/**
 * tcpt_gc_start - begin to age
 * @gc: the worker
 *
 * Context: process.
 */
void tcpt_gc_start(struct tcpt_gc *gc)
{
	queue_delayed_work(system_power_efficient_wq, &gc->work, GC_INTERVAL);
}

/**
 * tcpt_gc_stop - end ageing, for good
 * @gc: the worker
 *
 * Context: process; sleeps until a running slice is over.
 */
void tcpt_gc_stop(struct tcpt_gc *gc)
{
	cancel_delayed_work_sync(&gc->work);
}
