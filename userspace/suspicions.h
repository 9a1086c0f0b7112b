/* SPDX-License-Identifier: GPL-2.0 */
/* Count the suspicions of each connection by kind. */
#ifndef _TCPTRACECTL_SUSPICIONS_H
#define _TCPTRACECTL_SUSPICIONS_H

#include "record.h"

#include <stddef.h>

enum {
	/*
	 * Maximum number of connections in the tree. In a connection beyond the
	 * limit, each suspicion is treated as the first of its kind.
	 */
	SUSPICIONS_MAX	= 65536,
};

/**
 * struct suspicions - suspicions of open connections
 * @tree: binary tree of struct conn_suspicions, at most one for each connection
 *	that has suspicions
 * @n: number of connections in @tree
 */
struct suspicions {
	void *tree;
	size_t n;
};

/**
 * struct conn_suspicions - suspicions of a connection
 * @conn: number of the connection
 * @netns: its network namespace
 * @count: number of suspicions of each kind
 */
struct conn_suspicions {
	u64 conn;
	u32 netns;
	u32 count[TCPTRACE_SUSPICIONS];
};

bool suspicions_first(struct suspicions *r, const struct tcptrace_suspected *rec);
const struct conn_suspicions *
suspicions_find(const struct suspicions *r, const struct tcptrace_flow *flow);
void suspicions_forget(struct suspicions *r, const struct tcptrace_flow *flow);

#endif /* _TCPTRACECTL_SUSPICIONS_H */
