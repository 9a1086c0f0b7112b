/* SPDX-License-Identifier: GPL-2.0 */
/* Bytes over time, in at most SERIES_SPANS spans of equal length. */
#ifndef _TCPTRACECTL_SERIES_H
#define _TCPTRACECTL_SERIES_H

#include "core/env.h"

enum {
	SERIES_SPANS	= 240,
};

enum series_line {
	SERIES_CLIENT,	/* payload of clients */
	SERIES_SERVER,
	SERIES_AGAIN,	/* of these, the bytes that were seen before */
	SERIES_LINES,
};

/**
 * struct series - bytes over time
 * @width: length of a span in ns, 0: nothing was added
 * @first: number of the first span; a span begins at its number times @width
 * @used: spans from the first to the last one
 * @bytes: bytes of each span
 */
struct series {
	u64 width;
	u64 first;
	size_t used;
	u64 bytes[SERIES_SPANS][SERIES_LINES];
};

void series_add(struct series *s, u64 time, enum series_line line, u64 bytes);
u64 series_max(const struct series *s);

#endif /* _TCPTRACECTL_SERIES_H */
