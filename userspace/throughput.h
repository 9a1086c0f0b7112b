/* SPDX-License-Identifier: GPL-2.0 */
/* Count bytes over time, in at most THROUGHPUT_SPANS spans of equal length. */
#ifndef _TCPTRACECTL_THROUGHPUT_H
#define _TCPTRACECTL_THROUGHPUT_H

#include "core/env.h"

enum {
	THROUGHPUT_SPANS	= 240,
};

enum throughput_line {
	THROUGHPUT_CLIENT,	/* payload of clients */
	THROUGHPUT_SERVER,
	THROUGHPUT_AGAIN,	/* retransmitted payload of both ends */
	THROUGHPUT_LINES,
};

/**
 * struct throughput - bytes over time
 * @width: length of a span in ns, 0: no bytes were added yet
 * @first: number of the first span; a span begins at its number times @width
 * @used: number of spans in use, beginning with @first
 * @bytes: bytes of each span
 */
struct throughput {
	u64 width;
	u64 first;
	size_t used;
	u64 bytes[THROUGHPUT_SPANS][THROUGHPUT_LINES];
};

void throughput_add(struct throughput *s, u64 time, enum throughput_line line, u64 bytes);
u64 throughput_max(const struct throughput *s);

#endif /* _TCPTRACECTL_THROUGHPUT_H */
