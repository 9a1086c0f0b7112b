/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Read the table or the capture in a separate thread, because a key press must
 * not wait until 100,000 connections have been read.
 */
#ifndef _TCPTRACECTL_TOP_FEED_H
#define _TCPTRACECTL_TOP_FEED_H

#include "source.h"
#include "top.h"
#include "top_history.h"

#include <pthread.h>

/**
 * struct top_reading - the connections at one time
 * @rows: the connections, ordered by number
 * @time: time of the reading, ns of CLOCK_MONOTONIC; for a live capture, @wall
 * @wall: time of the reading, ns since 1970
 */
struct top_reading {
	struct top_rows rows;
	u64 time;
	u64 wall;
};

/**
 * struct top_feed - the source of the readings
 * @path: path of the table
 * @source: may name a capture to read instead of @path
 * @words: the filter of the capture, or NULL
 * @length: length of an interval, ns
 * @event: an eventfd that reports a new reading or another change
 * @stop: an eventfd that tells the thread to end
 * @pause: the pause function of the live capture that pause_live() replaces
 * @thread: the thread that reads
 * @replay: the capture
 * @begin: start of the interval of a capture, 0 before the first step()
 * @first: start of the first interval, 0 before the first step()
 * @spare: the reading that is being made
 * @lock: protects the fields that both threads use
 * @ready: the latest reading; protected by @lock
 * @is_ready: @ready has not been taken yet; protected by @lock
 * @history: the intervals of a file; protected by @lock
 * @has_ended: there will be no more readings; protected by @lock
 * @why: why reading ended, or an error; may be empty; protected by @lock
 * @has_lost: @lost is known; protected by @lock
 * @lost: packets that were lost or not tracked; protected by @lock
 * @lost_before: the module's count of such packets at the first reading
 * @table_wanted: the live capture must write its table; protected by @lock
 * @table: the file with that table, or -1; protected by @lock
 */
struct top_feed {
	const char *path;
	const struct source *source;
	char *const *words;
	u64 length;
	int event;
	int stop;
	int (*pause)(void *data, u64 now, u64 dropped);
	pthread_t thread;
	struct replay replay;
	u64 begin;
	u64 first;
	struct top_reading spare;
	pthread_mutex_t lock;
	struct top_reading ready;
	bool is_ready;
	struct top_history history;
	bool has_ended;
	char why[512];
	bool has_lost;
	u64 lost;
	u64 lost_before;
	bool table_wanted;
	int table;
};

int top_feed_start(struct top_feed *feed);
void top_feed_quiet(struct top_feed *feed);
bool top_feed_take(struct top_feed *feed, struct top_reading *to);
void top_feed_want_table(struct top_feed *feed);
int top_feed_take_table(struct top_feed *feed);
bool top_feed_end(struct top_feed *feed);

#endif /* _TCPTRACECTL_TOP_FEED_H */
