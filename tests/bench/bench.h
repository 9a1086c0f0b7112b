/* SPDX-License-Identifier: GPL-2.0 */
/* What the measurements share: their names, the clock, a line for a result. */
#ifndef _BENCH_BENCH_H
#define _BENCH_BENCH_H

#include <linux/printk.h>
#include <linux/types.h>

/* Under QEMU's -icount shift=0 a tick is an instruction. */
static inline u64 bench_ticks(void)
{
	u32 lo, hi;

	asm volatile("lfence; rdtsc" : "=a" (lo), "=d" (hi) : : "memory");
	return lo | (u64)hi << 32;
}

/* A figure in hundredths. */
#define bench_result(name, hundredths)					\
	pr_info("bench %s %llu.%02llu\n", (name),			\
		(unsigned long long)(hundredths) / 100,			\
		(unsigned long long)(hundredths) % 100)

#define bench_count(name, n)						\
	pr_info("bench %s %llu\n", (name), (unsigned long long)(n))

int bench_established(void);
int bench_new(void);
int bench_peers(void);
int bench_fill(void);
int bench_flood(void);
int bench_footprint(void);
int bench_loopback(void);
int bench_pairs(void);

#endif /* _BENCH_BENCH_H */
