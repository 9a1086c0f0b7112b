/* SPDX-License-Identifier: GPL-2.0 */
/* Suspicions of a kind that a connection has had before. */
#ifndef _TCPTRACECTL_REPEATS_H
#define _TCPTRACECTL_REPEATS_H

#include "record.h"

#include <stddef.h>

enum {
	/* Connections with suspicions; those of more are all first ones. */
	REPEATS_MAX	= 65536,
};

/**
 * struct repeats - suspicions of open connections
 * @tree: struct repeated of each connection that has some
 * @n: how many
 */
struct repeats {
	void *tree;
	size_t n;
};

/**
 * struct repeated - suspicions of a connection
 * @conn: its number
 * @netns: its network namespace
 * @count: how often, of each kind
 */
struct repeated {
	u64 conn;
	u32 netns;
	u32 count[TCPTRACE_SUSPICIONS];
};

bool repeats_first(struct repeats *r, const struct tcptrace_suspected *rec);
const struct repeated *repeats_find(const struct repeats *r,
				    const struct tcptrace_flow *flow);
void repeats_forget(struct repeats *r, const struct tcptrace_flow *flow);

#endif /* _TCPTRACECTL_REPEATS_H */
