/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pass segments from the thread that reads them to the thread that tracks them.
 * Two threads take two thirds of the time that one thread takes.
 */
#ifndef _TCPTRACECTL_BATCH_QUEUE_H
#define _TCPTRACECTL_BATCH_QUEUE_H

#include "tracker.h"

#include <pthread.h>

enum {
	BATCH_QUEUE_BATCHES	= 8,
	/* waking a thread takes as long as processing about ten segments */
	BATCH_QUEUE_SEGMENTS	= 128,
};

/**
 * struct batch_queue - a ring of batches of segments
 * @batch: the segments
 * @n: how many segments are in each batch
 * @filled: number of batches handed over; written by the thread that reads
 *	segments, under @lock
 * @done: number of batches processed; protected by @lock
 * @closed: no more batches will be added; protected by @lock
 * @ret: the last return value of @work; protected by @lock
 * @lock: taken by both threads
 * @moved: signaled when a waiting thread can go on
 * @thread: the thread that tracks the segments
 * @work: called with each batch; returns 0 to continue
 * @data: passed to @work
 */
struct batch_queue {
	struct arrival batch[BATCH_QUEUE_BATCHES][BATCH_QUEUE_SEGMENTS];
	size_t n[BATCH_QUEUE_BATCHES];
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

int batch_queue_start(struct batch_queue *queue,
		      int (*work)(void *data, const struct arrival *arrivals,
				  size_t n),
		      void *data);
struct arrival *batch_queue_place(struct batch_queue *queue);
int batch_queue_put(struct batch_queue *queue);
int batch_queue_end(struct batch_queue *queue);

#endif /* _TCPTRACECTL_BATCH_QUEUE_H */
