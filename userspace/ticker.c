// SPDX-License-Identifier: GPL-2.0
#include "ticker.h"

#include <time.h>

static void *run(void *data)
{
	struct ticker *t = data;
	struct timespec next;

	clock_gettime(CLOCK_MONOTONIC, &next);
	pthread_mutex_lock(&t->lock);
	while (!t->stopped) {
		pthread_mutex_unlock(&t->lock);
		t->tick(t->data);
		pthread_mutex_lock(&t->lock);
		next.tv_sec += t->seconds;
		while (!t->stopped &&
		       pthread_cond_clockwait(&t->cond, &t->lock,
					      CLOCK_MONOTONIC, &next) == 0)
			;
	}
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

/**
 * ticker_start - start a thread that calls a function repeatedly
 * @t: the thread; ticker_stop() ends it
 * @seconds: seconds between two calls, at least 1
 * @tick: the function; called at once, and then periodically
 * @data: passed to @tick
 *
 * Return: 0 or a negative error number.
 */
int ticker_start(struct ticker *t, unsigned int seconds,
		 void (*tick)(void *data), void *data)
{
	*t = (struct ticker){ .seconds = seconds, .tick = tick, .data = data };
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->cond, NULL);
	return -pthread_create(&t->thread, NULL, run, t);
}

/* After this function returns, @t->tick neither runs nor is called again. */
void ticker_stop(struct ticker *t)
{
	pthread_mutex_lock(&t->lock);
	t->stopped = true;
	pthread_cond_signal(&t->cond);
	pthread_mutex_unlock(&t->lock);
	pthread_join(t->thread, NULL);
}
