/* SPDX-License-Identifier: GPL-2.0 */
/* The module's counters, summed over the CPUs. */
#ifndef _TCPTRACECTL_SUMS_H
#define _TCPTRACECTL_SUMS_H

#include "table.h"

enum {
	/* Two, because lnstat reads no more than 32 columns of one. */
	SUMS_FILES	= 2,
	SUMS_MAX	= SUMS_FILES * TABLE_COLUMNS,
};

#define SUMS_PATH	"/proc/net/stat/tcptrace"

/**
 * struct sums - counters
 * @n: how many there are
 * @sum: their names and values, in the order of the files
 */
struct sums {
	unsigned int n;
	struct {
		char name[64];
		u64 value;
	} sum[SUMS_MAX];
};

extern const char *const sums_paths[SUMS_FILES];

int sums_add(struct sums *sums, const char *path, char *why, size_t size);
int sums_find(const struct sums *sums, const char *name);
u64 sums_get(const struct sums *sums, const char *name);

#endif /* _TCPTRACECTL_SUMS_H */
