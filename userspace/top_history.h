/* SPDX-License-Identifier: GPL-2.0 */
/* Store the connections of a capture, interval by interval. */
#ifndef _TCPTRACECTL_TOP_HISTORY_H
#define _TCPTRACECTL_TOP_HISTORY_H

#include "top.h"

/* Maximum size of a history in memory, in bytes. */
#define TOP_HISTORY_ROOM	(1024ULL * 1024 * 1024)

/**
 * struct top_version - facts about a connection at the end of an interval
 * @moment: number of the interval
 * @facts: the facts, which are valid until the next version
 */
struct top_version {
	u32 moment;
	struct top_facts facts;
};

/**
 * struct top_past - the history of a connection
 * @id: number of the connection
 * @ends: ends of the connection
 * @version: the facts over time, the oldest first
 * @n: number of versions
 * @room: number of versions that fit in @version
 */
struct top_past {
	u64 id;
	struct top_ends ends;
	struct top_version *version;
	u32 n;
	u32 room;
};

/**
 * struct top_history - those intervals of a capture that contain segments
 * @begin: when each interval began, ns since 1970
 * @moments: number of intervals
 * @moments_room: number of intervals that fit in @begin
 * @past: the connections, ordered by number
 * @conns: number of connections
 * @conns_room: number of connections that fit in @past
 * @open: indexes in @past of the connections open after the last interval
 * @n_open: number of elements of @open
 * @open_room: number of indexes that fit in @open
 * @bytes: memory used
 */
struct top_history {
	u64 *begin;
	u32 moments;
	u32 moments_room;
	struct top_past *past;
	size_t conns;
	size_t conns_room;
	size_t *open;
	size_t n_open;
	size_t open_room;
	u64 bytes;
};

int top_history_add(struct top_history *h, u64 begin,
		    const struct top_rows *rows);
int top_history_get(const struct top_history *h, u32 moment,
		    struct top_rows *to, struct top_sums *sums);
void top_history_free(struct top_history *h);

#endif /* _TCPTRACECTL_TOP_HISTORY_H */
