// SPDX-License-Identifier: GPL-2.0
#include "top_feed.h"

#include "capture_list.h"
#include "proc_stats.h"

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_SEC	1000000000ULL
#define NS_PER_MS	1000000ULL

enum {
	WAIT_MAX	= 3600000,	/* ms */
	/* ms to wait for the reading thread, which an idle pipe can block */
	JOIN_MS		= 400,
};

static u64 clock_of(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (u64)t.tv_sec * NS_PER_SEC + (u64)t.tv_nsec;
}

static void notify(int fd)
{
	u64 one = 1;

	while (write(fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

/* Return: true if the thread must end. */
static bool wait_for_stop(const struct top_feed *feed, int ms)
{
	struct pollfd fd = { .fd = feed->stop, .events = POLLIN };

	return poll(&fd, 1, ms) > 0;
}

static void publish(struct top_feed *feed)
{
	struct top_reading last;

	pthread_mutex_lock(&feed->lock);
	last = feed->ready;
	feed->ready = feed->spare;
	feed->spare = last;
	feed->is_ready = true;
	feed->why[0] = '\0';
	pthread_mutex_unlock(&feed->lock);
	notify(feed->event);
}

/* @why: the message; NULL keeps the previous message. */
static void say(struct top_feed *feed, const char *why, bool has_ended)
{
	pthread_mutex_lock(&feed->lock);
	if (why)
		snprintf(feed->why, sizeof(feed->why), "%s", why);
	feed->has_ended = has_ended;
	pthread_mutex_unlock(&feed->lock);
	notify(feed->event);
}

/* Count the packets that the module could not track. */
static void count_lost(struct top_feed *feed)
{
	static const char *const names[] = {
		"table_full", "chain_full", "no_memory",
	};
	static struct proc_stats stats;
	char why[512];
	unsigned int i;
	u64 lost = 0;

	stats.n = 0;
	if (strcmp(feed->path, "/proc/net/tcptrace") != 0 ||
	    proc_stats_add(&stats, proc_stats_paths[0], why, sizeof(why)) != 0)
		return;
	for (i = 0; i < ARRAY_SIZE(names); i++)
		lost += proc_stats_get(&stats, names[i]);
	pthread_mutex_lock(&feed->lock);
	if (!feed->has_lost)
		feed->lost_before = lost;
	feed->has_lost = true;
	feed->lost = lost - feed->lost_before;
	pthread_mutex_unlock(&feed->lock);
}

/* Return: 0, or a negative error number with the reason in @why. */
static int read_table(struct top_feed *feed, char *why, size_t size)
{
	struct proc_table table;
	const char *bad = NULL;
	int err;

	err = proc_table_open(&table, feed->path);
	if (err) {
		proc_table_explain(feed->path, err, why, size);
		return err;
	}
	feed->spare.time = clock_of(CLOCK_MONOTONIC);
	feed->spare.wall = clock_of(CLOCK_REALTIME);
	err = top_read(&feed->spare.rows, &table, feed->spare.wall, &bad);
	proc_table_close(&table);
	if (err)
		snprintf(why, size, "%s: %s%s%s", feed->path, bad ?: "",
			 bad ? ": " : "", strerror(-err));
	else
		count_lost(feed);
	return err;
}

/*
 * @took: duration of the last reading, ns. Return: ms to wait before the next.
 * Reading uses at most half of a CPU, regardless of the number of connections.
 */
static int pause_of(const struct top_feed *feed, u64 took)
{
	u64 rest = feed->length > took ? feed->length - took : 0;
	u64 ms = (rest > took ? rest : took) / NS_PER_MS + 1;

	return ms < WAIT_MAX ? (int)ms : WAIT_MAX;
}

static void *run_table(void *data)
{
	struct top_feed *feed = data;
	u64 begin, took = 0;
	char why[512];

	while (!wait_for_stop(feed, pause_of(feed, took))) {
		begin = clock_of(CLOCK_MONOTONIC);
		if (read_table(feed, why, sizeof(why)) == 0)
			publish(feed);
		else
			say(feed, why, false);
		took = clock_of(CLOCK_MONOTONIC) - begin;
	}
	return NULL;
}

/* Return: 0, 1 if the history cannot grow, or a negative error number. */
static int end_interval(struct top_feed *feed)
{
	const struct tracker *tr = &feed->replay.tracker;
	int err;

	err = top_track(&feed->spare.rows, &tr->conns);
	if (err)
		return err;
	if (feed->source->interface) {
		feed->spare.time = feed->begin + feed->length;
		feed->spare.wall = feed->spare.time;
		publish(feed);
		return 0;
	}
	pthread_mutex_lock(&feed->lock);
	err = top_history_add(&feed->history, feed->begin, &feed->spare.rows);
	if (err)
		snprintf(feed->why, sizeof(feed->why),
			 "%s: the rest does not fit into memory",
			 feed->source->file);
	pthread_mutex_unlock(&feed->lock);
	notify(feed->event);
	return err ? 1 : 0;
}

/* tracker.step: end the interval, and begin the next. */
static int step(void *data, u64 now)
{
	struct top_feed *feed = data;
	int ret = 0;

	if (feed->begin)
		ret = end_interval(feed);
	else
		feed->first = now;
	feed->begin = now - (now - feed->first) % feed->length;
	feed->replay.tracker.step_at = feed->begin + feed->length;
	return ret ?: wait_for_stop(feed, 0);
}

static void write_table(struct top_feed *feed)
{
	const struct tracker *tr = &feed->replay.tracker;
	FILE *file = capture_list_open(&tr->conns, tr->last);

	pthread_mutex_lock(&feed->lock);
	feed->table_wanted = false;
	if (feed->table >= 0)
		close(feed->table);
	/* "tcptracectl show" reads the table from this file */
	feed->table = file ? dup(fileno(file)) : -1;
	pthread_mutex_unlock(&feed->lock);
	if (file)
		fclose(file);
	notify(feed->event);
}

/* capture.pause of a live capture: count losses; write the table if wanted. */
static int pause_live(void *data, u64 now, u64 dropped)
{
	struct replay *r = data;
	struct top_feed *feed = r->tracker.data;
	bool wanted;

	pthread_mutex_lock(&feed->lock);
	feed->lost += dropped;
	wanted = feed->table_wanted;
	pthread_mutex_unlock(&feed->lock);
	if (wanted)
		write_table(feed);
	return feed->pause(data, now, dropped);
}

static void *run_capture(void *data)
{
	struct top_feed *feed = data;
	struct replay *r = &feed->replay;
	enum replay_end end = replay_run(r);

	if ((end == REPLAY_EOF || end == REPLAY_BROKEN) && feed->begin &&
	    !wait_for_stop(feed, 0))
		end_interval(feed);
	if (end == REPLAY_OUTPUT)
		say(feed, strerror(-r->err), true);
	else if (end == REPLAY_BROKEN)
		say(feed, r->why, true);
	else
		say(feed, NULL, true);
	return NULL;
}

static int handle_nothing(void *data, const union record *rec, u64 frame)
{
	(void)data;
	(void)rec;
	(void)frame;
	return 0;
}

static int open_capture(struct top_feed *feed)
{
	struct replay *r = &feed->replay;
	int err;

	err = source_open(feed->source, r, feed->words, 0, handle_nothing,
			  feed);
	if (err)
		return err;
	r->tracker.step = step;
	r->tracker.step_at = 0;
	if (!feed->source->interface)
		return 0;
	feed->has_lost = true;
	feed->pause = r->capture.pause;
	r->capture.pause = pause_live;
	feed->spare.wall = clock_of(CLOCK_REALTIME);
	feed->spare.time = feed->spare.wall;
	publish(feed);
	return 0;
}

/* Make the first reading, so that an unreadable table is reported at once. */
static int open_table(struct top_feed *feed)
{
	char why[512];
	int err;

	err = read_table(feed, why, sizeof(why));
	if (err)
		warnx("%s", why);
	else
		publish(feed);
	return err;
}

/**
 * top_feed_start - begin to read
 * @feed: the source of the readings; its options are set
 *
 * Return: 0, or a negative error number after a message.
 */
int top_feed_start(struct top_feed *feed)
{
	bool is_capture = source_is_capture(feed->source);
	sigset_t all, mask;
	int err;

	feed->table = -1;
	feed->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	feed->stop = eventfd(0, EFD_CLOEXEC);
	if (feed->event < 0 || feed->stop < 0) {
		err = -errno;
		warn("eventfd");
		return err;
	}
	pthread_mutex_init(&feed->lock, NULL);
	err = is_capture ? open_capture(feed) : open_table(feed);
	if (err)
		return err;
	/* the thread of the terminal handles all signals */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &mask);
	err = -pthread_create(&feed->thread, NULL,
			      is_capture ? run_capture : run_table, feed);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	if (err)
		warnx("cannot create a thread: %s", strerror(-err));
	return err;
}

/* Clear @feed->event, so that it reports only later changes. */
void top_feed_quiet(struct top_feed *feed)
{
	u64 count;

	while (read(feed->event, &count, sizeof(count)) < 0 && errno == EINTR)
		;
}

/**
 * top_feed_take - take the latest reading of a table or of a live capture
 * @feed: the source of the readings
 * @to: exchanged with the reading
 *
 * Return: false if there is no new reading.
 */
bool top_feed_take(struct top_feed *feed, struct top_reading *to)
{
	struct top_reading mine = *to;
	bool is_new;

	top_feed_quiet(feed);
	pthread_mutex_lock(&feed->lock);
	is_new = feed->is_ready;
	if (is_new) {
		*to = feed->ready;
		feed->ready = mine;
		feed->is_ready = false;
	}
	pthread_mutex_unlock(&feed->lock);
	return is_new;
}

/* Ask the thread to write the connections of a live capture to a file. */
void top_feed_want_table(struct top_feed *feed)
{
	pthread_mutex_lock(&feed->lock);
	feed->table_wanted = true;
	pthread_mutex_unlock(&feed->lock);
}

/* Return: the file, which the caller must close; -1 if there is no new file. */
int top_feed_take_table(struct top_feed *feed)
{
	int fd;

	pthread_mutex_lock(&feed->lock);
	fd = feed->table;
	feed->table = -1;
	pthread_mutex_unlock(&feed->lock);
	return fd;
}

/**
 * top_feed_end - stop reading
 * @feed: the source of the readings
 *
 * Return: false if the thread does not end in time; then nothing is freed.
 */
bool top_feed_end(struct top_feed *feed)
{
	bool is_capture = source_is_capture(feed->source);
	struct timespec t;

	notify(feed->stop);
	if (is_capture)
		capture_stop(&feed->replay.capture);
	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_nsec += JOIN_MS * (long)NS_PER_MS;
	if (t.tv_nsec >= (long)NS_PER_SEC) {
		t.tv_nsec -= (long)NS_PER_SEC;
		t.tv_sec++;
	}
	if (pthread_timedjoin_np(feed->thread, NULL, &t) != 0)
		return false;
	if (is_capture)
		replay_close(&feed->replay);
	top_free(&feed->spare.rows);
	top_free(&feed->ready.rows);
	top_history_free(&feed->history);
	if (feed->table >= 0)
		close(feed->table);
	close(feed->event);
	close(feed->stop);
	return true;
}
