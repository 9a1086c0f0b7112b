// SPDX-License-Identifier: GPL-2.0
#include "belt.h"

static bool is_empty(const struct belt *belt)
{
	return belt->done == belt->filled;
}

static bool is_full(const struct belt *belt)
{
	return belt->filled - belt->done == BELT_BATCHES;
}

/* Return: false if there is nothing more to do. */
static bool wait_for_batch(struct belt *belt)
{
	bool ret;

	pthread_mutex_lock(&belt->lock);
	while (is_empty(belt) && !belt->closed)
		pthread_cond_wait(&belt->moved, &belt->lock);
	ret = !is_empty(belt);
	pthread_mutex_unlock(&belt->lock);
	return ret;
}

/* Half of them at a time come back, so that the reader is seldom woken. */
static void give_back(struct belt *belt, int ret)
{
	pthread_mutex_lock(&belt->lock);
	belt->done++;
	belt->ret = ret;
	if (ret || belt->filled - belt->done == BELT_BATCHES / 2)
		pthread_cond_signal(&belt->moved);
	pthread_mutex_unlock(&belt->lock);
}

static void *run(void *data)
{
	struct belt *belt = data;
	unsigned int i = 0;
	int ret = 0;

	while (ret == 0 && wait_for_batch(belt)) {
		ret = belt->work(belt->data, belt->batch[i], belt->n[i]);
		i = (i + 1) % BELT_BATCHES;
		give_back(belt, ret);
	}
	return NULL;
}

/**
 * belt_start - begin a thread that works
 * @belt: filled in
 * @work: called there with each batch of segments; 0 to go on
 * @data: passed to @work
 *
 * Return: 0 or a negative error number.
 */
int belt_start(struct belt *belt,
	       int (*work)(void *data, const struct arrival *arrivals,
			   size_t n),
	       void *data)
{
	memset(belt, 0, sizeof(*belt));
	belt->work = work;
	belt->data = data;
	pthread_mutex_init(&belt->lock, NULL);
	pthread_cond_init(&belt->moved, NULL);
	return -pthread_create(&belt->thread, NULL, run, belt);
}

/**
 * belt_place - where the next segment goes
 * @belt: the belt
 *
 * Return: the place; it is used up by belt_put() only.
 */
struct arrival *belt_place(struct belt *belt)
{
	unsigned int i = belt->filled % BELT_BATCHES;

	return &belt->batch[i][belt->n[i]];
}

/* Hand the batch over, and wait until there is room for another. */
static int hand_over(struct belt *belt)
{
	int ret;

	pthread_mutex_lock(&belt->lock);
	if (is_empty(belt))
		pthread_cond_signal(&belt->moved);
	belt->filled++;
	while (is_full(belt) && belt->ret == 0)
		pthread_cond_wait(&belt->moved, &belt->lock);
	ret = belt->ret;
	belt->n[belt->filled % BELT_BATCHES] = 0;
	pthread_mutex_unlock(&belt->lock);
	return ret;
}

/**
 * belt_put - a segment is in its place
 * @belt: the belt
 *
 * Return: 0, or what ended the work; then only belt_end() may follow.
 */
int belt_put(struct belt *belt)
{
	if (++belt->n[belt->filled % BELT_BATCHES] < BELT_SEGMENTS)
		return 0;
	return hand_over(belt);
}

/**
 * belt_end - wait until all is done
 * @belt: the belt
 *
 * Return: 0, or what ended the work.
 */
int belt_end(struct belt *belt)
{
	pthread_mutex_lock(&belt->lock);
	if (belt->ret == 0)
		belt->filled++;
	belt->closed = true;
	pthread_cond_signal(&belt->moved);
	pthread_mutex_unlock(&belt->lock);
	pthread_join(belt->thread, NULL);
	pthread_mutex_destroy(&belt->lock);
	pthread_cond_destroy(&belt->moved);
	return belt->ret;
}
