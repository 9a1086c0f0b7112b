/* SPDX-License-Identifier: GPL-2.0 */
/* Write events as comments on the packets that have caused them. */
#ifndef _TCPTRACECTL_COMMENTS_H
#define _TCPTRACECTL_COMMENTS_H

#include "pcapng_write.h"
#include "record.h"

/**
 * struct comment - the comment of a packet
 * @text: the comment; valid if @len is not 0
 * @len: length of @text; 0: the packet has no event
 * @conn: number of the connection of the last event in @text
 */
struct comment {
	char text[PCAPNG_COMMENT_MAX];
	size_t len;
	u64 conn;
};

/**
 * struct comments_entry - an event, for the comment of a packet
 * @frame: number of the packet
 * @order: number of the event
 * @conn: number of the connection
 * @text: the event in words
 */
struct comments_entry {
	u64 frame;
	size_t order;
	u64 conn;
	char *text;
};

/**
 * struct comments - the events of a capture
 * @entries: the events; comments_sort() sorts them
 * @n: number of @entries
 * @room: number of entries that fit into @entries
 * @at: index in @entries where comments_of() continues
 * @last: number of the last packet of each connection so far
 * @conns: number of connections that fit into @last
 */
struct comments {
	struct comments_entry *entries;
	size_t n;
	size_t room;
	size_t at;
	u64 *last;
	size_t conns;
};

bool comment_words(const union record *rec, char *buf, size_t size);
void comment_add(struct comment *comment, u64 conn, const char *words);

int comments_take(struct comments *c, const union record *rec, u64 frame);
void comments_sort(struct comments *c);
const char *comments_of(struct comments *c, u64 frame, struct comment *comment);
void comments_free(struct comments *c);

#endif /* _TCPTRACECTL_COMMENTS_H */
