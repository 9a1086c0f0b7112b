/* SPDX-License-Identifier: GPL-2.0 */
/* Read the module's counters, summed over the CPUs, and explain them. */
#ifndef _TCPTRACECTL_PROC_STATS_H
#define _TCPTRACECTL_PROC_STATS_H

#include "proc.h"

enum {
	/*
	 * Only root may read the first three files: from their counters, a
	 * blind sender could learn whether a connection exists.
	 */
	PROC_STATS_FILES	= 4,
	PROC_STATS_MAX	= PROC_STATS_FILES * TABLE_COLUMNS,
};

#define PROC_STATS_PATH	"/proc/net/stat/tcptrace"

/**
 * struct proc_stats - counters
 * @n: number of counters
 * @counter: names and values of the counters, in the order of the files
 */
struct proc_stats {
	unsigned int n;
	struct {
		char name[64];
		u64 value;
	} counter[PROC_STATS_MAX];
};

extern const char *const proc_stats_paths[PROC_STATS_FILES];

int proc_stats_add(struct proc_stats *stats, const char *path, char *why,
		   size_t size);
int proc_stats_find(const struct proc_stats *stats, const char *name);
u64 proc_stats_get(const struct proc_stats *stats, const char *name);

const char *proc_stats_help(const char *name);

#endif /* _TCPTRACECTL_PROC_STATS_H */
