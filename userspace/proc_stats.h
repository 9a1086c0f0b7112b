/* SPDX-License-Identifier: GPL-2.0 */
/* Counters of the module, summed over the CPUs, and their meanings. */
#ifndef _TCPTRACECTL_PROC_STATS_H
#define _TCPTRACECTL_PROC_STATS_H

#include "proc.h"

enum {
	/*
	 * The counters that depend on connections come first: only root may
	 * read them.
	 */
	PROC_STATS_FILES	= 4,
	PROC_STATS_MAX	= PROC_STATS_FILES * TABLE_COLUMNS,
};

#define PROC_STATS_PATH	"/proc/net/stat/tcptrace"

/**
 * struct proc_stats - counters
 * @n: how many counters there are
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
