/* SPDX-License-Identifier: GPL-2.0 */
/* Collects samples of one figure, and computes their percentiles. */
#ifndef _BENCH_SAMPLE_H
#define _BENCH_SAMPLE_H

#include <linux/types.h>

enum {
	BENCH_SAMPLES_MAX = 1 << 14,
};

/**
 * struct bench_samples - samples
 * @n: number of samples; samples beyond the maximum are left out
 * @at: the samples
 */
struct bench_samples {
	unsigned int n;
	u64 at[BENCH_SAMPLES_MAX];
};

void bench_sample_add(struct bench_samples *samples, u64 value);
u64 bench_sample_percentile(struct bench_samples *samples, unsigned int p);

#endif /* _BENCH_SAMPLE_H */
