/* SPDX-License-Identifier: GPL-2.0 */
/* The options, the clock and the output that the measurements share. */
#ifndef _BENCH_BENCH_H
#define _BENCH_BENCH_H

#include <linux/printk.h>
#include <linux/types.h>

/**
 * struct bench_options - the module's parameters
 * @run: what to measure
 * @path: the only observer to measure, or "" for all observers; in
 *	bench_flood(), bench_fill() and bench_exchange(), "" means conntrack; in
 *	bench_loopback(), the hooks to register
 * @family: the only address family to measure, 4 or 6; 0 for both
 * @log2: base-2 logarithm of the number of connections, in bench_fill(),
 *	bench_exchange() and bench_pairs()
 * @shuffled: bench_pairs() uses the connections in a different order than they
 *	were opened
 * @cap: maximum number of connections, in bench_flood()
 * @times: number of SYNs in bench_flood(), as a multiple of @cap
 * @round: number of the round of payload, in bench_exchange()
 * @server: offset of the server's address from 127.0.0.1 in bench_loopback()
 * @reader: a reader is attached during bench_footprint()
 */
struct bench_options {
	char *run;
	char *path;
	unsigned int family;
	unsigned int log2;
	bool shuffled;
	unsigned int cap;
	unsigned int times;
	unsigned int round;
	unsigned int server;
	bool reader;
};

extern struct bench_options bench_options;

/* With QEMU's option -icount shift=0, a tick is one instruction. */
static inline u64 bench_ticks(void)
{
	u32 lo, hi;

	asm volatile("lfence; rdtsc" : "=a" (lo), "=d" (hi) : : "memory");
	return lo | (u64)hi << 32;
}

#define bench_count(name, n)						\
	pr_info("bench %s %llu\n", (name), (unsigned long long)(n))

void bench_result(const char *name, u64 hundredths);
int bench_run(void);

int bench_established(void);
int bench_new(void);
int bench_churn(void);
int bench_freed(void);
int bench_peers(void);
int bench_fill(void);
int bench_exchange(void);
int bench_flood(void);
int bench_footprint(void);
int bench_loopback(void);
int bench_pairs(void);
int bench_new_pairs(void);
int bench_scaling(void);

#endif /* _BENCH_BENCH_H */
