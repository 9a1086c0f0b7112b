// SPDX-License-Identifier: GPL-2.0
#include "sample.h"

#include <linux/sort.h>

/**
 * bench_sample_add - add a sample
 * @samples: the samples
 * @value: the sample
 *
 * Context: any.
 */
void bench_sample_add(struct bench_samples *samples, u64 value)
{
	if (samples->n < BENCH_SAMPLES_MAX)
		samples->at[samples->n++] = value;
}

static int compare(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

/**
 * bench_sample_percentile - compute a percentile of the samples
 * @samples: the samples; the function sorts them
 * @p: the percentile, 0 to 100
 *
 * Context: process.
 * Return: a sample, or 0 if there are no samples.
 */
u64 bench_sample_percentile(struct bench_samples *samples, unsigned int p)
{
	if (!samples->n)
		return 0;
	sort(samples->at, samples->n, sizeof(*samples->at), compare, NULL);
	return samples->at[(u64)(samples->n - 1) * p / 100];
}
