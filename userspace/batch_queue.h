/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Segments on their way from the thread that reads them to the thread that
 * tracks them. Two threads need two thirds of the time that one thread needs.
 */
#ifndef _TCPTRACECTL_BATCH_QUEUE_H
#define _TCPTRACECTL_BATCH_QUEUE_H

#include "tracker.h"

#include <pthread.h>

enum {
	BATCH_QUEUE_BATCHES	= 8,
	/* waking the other thread costs as much as about ten segments */
	BATCH_QUEUE_SEGMENTS	= 128,
};

/**
 * struct batch_queue - batches of segments, in a ring
 * @batch: the segments
 * @n: how many segments are in each batch
 * @filled: batches handed over; protected by @lock
 * @done: batches processed; protected by @lock
 * @closed: no more batches will come; protected by @lock
 * @ret: the value that ended the work, or 0; protected by @lock
 * @lock: taken by both threads
 * @moved: signals that one thread has made progress
 * @thread: the thread that tracks
 * @work: called with each batch; returns 0 to go on
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
