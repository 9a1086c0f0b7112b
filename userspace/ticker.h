/* SPDX-License-Identifier: GPL-2.0 */
/* A thread that calls a function at once, and then periodically. */
#ifndef _TCPTRACECTL_TICKER_H
#define _TCPTRACECTL_TICKER_H

#include <pthread.h>
#include <stdbool.h>

/**
 * struct ticker - the thread
 * @thread: id of the thread
 * @lock: protects @stopped
 * @cond: signalled when @stopped is set
 * @stopped: the thread has to end
 * @seconds: time between two calls
 * @tick: the function
 * @data: passed to @tick
 */
struct ticker {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t cond;
	bool stopped;
	unsigned int seconds;
	void (*tick)(void *data);
	void *data;
};

int ticker_start(struct ticker *t, unsigned int seconds,
		 void (*tick)(void *data), void *data);
void ticker_stop(struct ticker *t);

#endif /* _TCPTRACECTL_TICKER_H */
