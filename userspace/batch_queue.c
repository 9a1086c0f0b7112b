// SPDX-License-Identifier: GPL-2.0
#include "batch_queue.h"

static bool is_empty(const struct batch_queue *queue)
{
	return queue->done == queue->filled;
}

static bool is_full(const struct batch_queue *queue)
{
	return queue->filled - queue->done == BATCH_QUEUE_BATCHES;
}

/* Wait for a batch. Return: false if none is left and none will be added. */
static bool wait_for_batch(struct batch_queue *queue)
{
	bool ret;

	pthread_mutex_lock(&queue->lock);
	while (is_empty(queue) && !queue->closed)
		pthread_cond_wait(&queue->moved, &queue->lock);
	ret = !is_empty(queue);
	pthread_mutex_unlock(&queue->lock);
	return ret;
}

/*
 * Give a processed batch back. The thread that reads packets is woken only when
 * half of the batches are free or the work has ended, because waking a thread
 * takes time.
 */
static void give_back(struct batch_queue *queue, int ret)
{
	pthread_mutex_lock(&queue->lock);
	queue->done++;
	queue->ret = ret;
	if (ret || queue->filled - queue->done == BATCH_QUEUE_BATCHES / 2)
		pthread_cond_signal(&queue->moved);
	pthread_mutex_unlock(&queue->lock);
}

static void *run(void *data)
{
	struct batch_queue *queue = data;
	unsigned int i = 0;
	int ret = 0;

	while (ret == 0 && wait_for_batch(queue)) {
		ret = queue->work(queue->data, queue->batch[i], queue->n[i]);
		i = (i + 1) % BATCH_QUEUE_BATCHES;
		give_back(queue, ret);
	}
	return NULL;
}

/**
 * batch_queue_start - start the thread that tracks segments
 * @queue: filled in
 * @work: called in that thread with each batch; returns 0 to continue
 * @data: passed to @work
 *
 * Return: 0 or a negative error number.
 */
int batch_queue_start(struct batch_queue *queue,
		      int (*work)(void *data, const struct arrival *arrivals,
				  size_t n),
		      void *data)
{
	memset(queue, 0, sizeof(*queue));
	queue->work = work;
	queue->data = data;
	pthread_mutex_init(&queue->lock, NULL);
	pthread_cond_init(&queue->moved, NULL);
	return -pthread_create(&queue->thread, NULL, run, queue);
}

/**
 * batch_queue_place - return where the caller must store the next segment
 * @queue: the queue
 *
 * Return: a pointer into the current batch. The pointer does not change until
 * batch_queue_put() is called.
 */
struct arrival *batch_queue_place(struct batch_queue *queue)
{
	unsigned int i = queue->filled % BATCH_QUEUE_BATCHES;

	return &queue->batch[i][queue->n[i]];
}

/*
 * Hand over the current batch, and wait until the next batch is free or the
 * work has ended.
 */
static int hand_over(struct batch_queue *queue)
{
	int ret;

	pthread_mutex_lock(&queue->lock);
	if (is_empty(queue))
		pthread_cond_signal(&queue->moved);
	queue->filled++;
	while (is_full(queue) && queue->ret == 0)
		pthread_cond_wait(&queue->moved, &queue->lock);
	ret = queue->ret;
	queue->n[queue->filled % BATCH_QUEUE_BATCHES] = 0;
	pthread_mutex_unlock(&queue->lock);
	return ret;
}

/**
 * batch_queue_put - add the segment that the caller has stored
 * @queue: the queue
 *
 * Return: 0, or the value other than 0 with which @queue->work ended the work.
 * After a value other than 0, only batch_queue_end() may be called.
 */
int batch_queue_put(struct batch_queue *queue)
{
	if (++queue->n[queue->filled % BATCH_QUEUE_BATCHES] < BATCH_QUEUE_SEGMENTS)
		return 0;
	return hand_over(queue);
}

/*
 * Hand over the last batch, and wait until all batches are processed or the
 * work has ended. Return: 0, or the value other than 0 with which @queue->work
 * ended the work.
 */
int batch_queue_end(struct batch_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	if (queue->ret == 0)
		queue->filled++;
	queue->closed = true;
	pthread_cond_signal(&queue->moved);
	pthread_mutex_unlock(&queue->lock);
	pthread_join(queue->thread, NULL);
	pthread_mutex_destroy(&queue->lock);
	pthread_cond_destroy(&queue->moved);
	return queue->ret;
}
