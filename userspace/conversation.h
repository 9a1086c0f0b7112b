/* SPDX-License-Identifier: GPL-2.0 */
/* Collect the records of each connection before the connection is shown. */
#ifndef _TCPTRACECTL_CONVERSATION_H
#define _TCPTRACECTL_CONVERSATION_H

#include "source.h"
#include "view.h"

#include <getopt.h>

enum {
	CONVERSATION_IDS	= 32,	/* maximum number of ids in --conn */
};

/*
 * Long options that several commands share. The values of a command's own long
 * options begin at OPT_OWN.
 */
enum {
	OPT_RAW = 256,
	OPT_WIDTH,
	OPT_COLOR,
	OPT_DEVICE,
	OPT_OWN,
};

/* Maximum size of all records that are kept at one time, in bytes. */
#define CONVERSATION_ROOM	(1024ULL * 1024 * 1024)

/**
 * struct kept - a record that is kept
 * @frame: number of the packet in a capture, or 0
 * @rec: the record; only its first h.len bytes are allocated
 */
struct kept {
	u64 frame;
	union record rec;
};

/**
 * struct conversation - a connection and its records
 * @id: number of the connection
 * @netns: network namespace of the connection
 * @bytes: the records, each as a struct kept
 * @len: number of used bytes
 * @size: number of allocated bytes
 * @closed: CLOSE has been read
 * @shown: the connection was shown, and its records were freed
 * @next: the connection whose first record was read next
 */
struct conversation {
	u64 id;
	u32 netns;
	u8 *bytes;
	size_t len;
	size_t size;
	bool closed;
	bool shown;
	struct conversation *next;
};

/**
 * struct look - how a command prints its output
 * @raw: print raw sequence numbers, not relative ones
 * @color: use colors
 * @width: maximum width of a line; 0: not set by the user
 */
struct look {
	bool raw;
	bool color;
	size_t width;
};

/**
 * struct conversations - the source of the records, and all connections
 * @source: the capture to read, if any
 * @device: the device, or a file of records; unused if @source is a capture
 * @ids: numbers of the connections to show
 * @nr_ids: number of @ids; 0: show all connections
 * @look: how the command prints its output
 * @show: called with each connection after it has closed or the input has
 *	ended; returns 0 or a negative error number
 * @note: if not NULL, called with a text about missing data, or about many
 *	half-open connections
 * @data: passed to @show and @note
 * @view: counts the events of the device
 * @tree: search tree of all connections, by network namespace and number
 * @first: first of all connections, in the order of their first records
 * @last: where to store the pointer to the next new connection
 * @room: number of bytes left of CONVERSATION_ROOM
 * @dropped: number of records for which there was no room
 * @strays: number of segments that belong to no connection
 * @lost: number of records (of a capture: packets) that were lost
 */
struct conversations {
	struct source source;
	const char *device;
	u64 ids[CONVERSATION_IDS];
	size_t nr_ids;
	struct look look;
	int (*show)(void *data, const struct conversation *c);
	void (*note)(void *data, const char *text);
	void *data;
	struct view view;
	void *tree;
	struct conversation *first;
	struct conversation **last;
	u64 room;
	u64 dropped;
	u64 strays;
	u64 lost;
};

void conversation_init(struct conversations *all);
/* conversation_option() takes these options and source_options. */
extern const struct option conversation_options[];

int conversation_option(struct conversations *all, int opt, const char *text);
int conversation_check(const struct conversations *all);
const struct kept *conversation_next(const struct conversation *c,
				     const struct kept *at);
int conversation_run(struct conversations *all, char *const words[]);

#endif /* _TCPTRACECTL_CONVERSATION_H */
