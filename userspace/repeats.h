/* SPDX-License-Identifier: GPL-2.0 */
/* Suspicions of a kind that a connection already had. */
#ifndef _TCPTRACECTL_REPEATS_H
#define _TCPTRACECTL_REPEATS_H

#include "record.h"

#include <stddef.h>

enum {
	/*
	 * Connections with suspicions; beyond these, each suspicion counts as
	 * the first.
	 */
	REPEATS_MAX	= 65536,
};

/**
 * struct repeats - suspicions of open connections
 * @tree: a struct repeated for each connection with suspicions
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
 * @count: how often each kind was suspected
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
