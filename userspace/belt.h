/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Segments on their way from the thread that reads them to the one that works
 * on them: with both at once a capture takes two thirds of the time.
 */
#ifndef _TCPTRACECTL_BELT_H
#define _TCPTRACECTL_BELT_H

#include "offline.h"

#include <pthread.h>

enum {
	BELT_BATCHES	= 8,
	/* to wake the other thread takes as long as some ten segments */
	BELT_SEGMENTS	= 128,
};

/**
 * struct belt - batches of segments, in a ring
 * @batch: the segments
 * @n: how many are in each
 * @filled: batches handed over; protected by @lock
 * @done: batches worked on; protected by @lock
 * @closed: no more will come; protected by @lock
 * @ret: what ended the work, or 0; protected by @lock
 * @lock: between the two threads
 * @moved: one of them waits for the other
 * @thread: the one that works
 * @work: what it does with a batch; 0 to go on
 * @data: passed to @work
 */
struct belt {
	struct arrival batch[BELT_BATCHES][BELT_SEGMENTS];
	size_t n[BELT_BATCHES];
	unsigned int filled;
	unsigned int done;
	bool closed;
	int ret;
	pthread_mutex_t lock;
	pthread_cond_t moved;
	pthread_t thread;
	int (*work)(void *data, const struct arrival *arrivals, size_t n);
	void *data;
};

int belt_start(struct belt *belt,
	       int (*work)(void *data, const struct arrival *arrivals,
			   size_t n),
	       void *data);
struct arrival *belt_place(struct belt *belt);
int belt_put(struct belt *belt);
int belt_end(struct belt *belt);

#endif /* _TCPTRACECTL_BELT_H */
