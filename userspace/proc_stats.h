/* SPDX-License-Identifier: GPL-2.0 */
/* Counters of the module, summed over the CPUs, and their meanings. */
#ifndef _TCPTRACECTL_PROC_STATS_H
#define _TCPTRACECTL_PROC_STATS_H

#include "proc.h"

enum {
	/* Two, because lnstat reads no more than 32 columns of one. */
	SUMS_FILES	= 2,
	SUMS_MAX	= SUMS_FILES * TABLE_COLUMNS,
};

#define SUMS_PATH	"/proc/net/stat/tcptrace"

/**
 * struct proc_stats - counters
 * @n: how many there are
 * @sum: their names and values, in the order of the files
 */
struct proc_stats {
	unsigned int n;
	struct {
		char name[64];
		u64 value;
	} sum[SUMS_MAX];
};

extern const char *const sums_paths[SUMS_FILES];

int proc_stats_add(struct proc_stats *sums, const char *path, char *why,
		   size_t size);
int proc_stats_find(const struct proc_stats *sums, const char *name);
u64 proc_stats_get(const struct proc_stats *sums, const char *name);

const char *proc_stats_help(const char *name);

#endif /* _TCPTRACECTL_PROC_STATS_H */
