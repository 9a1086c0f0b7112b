/* SPDX-License-Identifier: GPL-2.0 */
/* Sends the traffic of many connections through the hooks of one observer. */
#ifndef _BENCH_LOAD_H
#define _BENCH_LOAD_H

#include "path.h"
#include "sample.h"

#include <linux/skbuff.h>
#include <linux/types.h>

/**
 * struct bench_load - the packets of 1 << @log2 connections
 * @family: 4 or 6
 * @log2: base-2 logarithm of the number of connections
 * @base: index of the first connection
 * @small: a packet without payload
 * @data: a packet with payload
 * @dropped: number of packets that a hook dropped
 */
struct bench_load {
	unsigned int family;
	unsigned int log2;
	u32 base;
	struct sk_buff *small;
	struct sk_buff *data;
	u64 dropped;
};

enum {
	BENCH_WARM	= 1,	/* rounds of bench_load_warm() */
};

typedef void (*bench_step)(struct bench_load *load,
			   const struct bench_path *path, u32 i);

int bench_load_open(struct bench_load *load, unsigned int family,
		    unsigned int log2);
void bench_load_close(struct bench_load *load);

void bench_load_syn(struct bench_load *load, const struct bench_path *path,
		    u32 i);
void bench_load_handshake(struct bench_load *load,
			  const struct bench_path *path, u32 i);
void bench_load_shuffled(struct bench_load *load,
			 const struct bench_path *path, u32 i);
void bench_load_life(struct bench_load *load, const struct bench_path *path,
		     u32 i);
void bench_load_exchange(struct bench_load *load,
			 const struct bench_path *path, u32 i);
void bench_load_turn(struct bench_load *load, const struct bench_path *path,
		     u32 i);

void bench_load_warm(struct bench_load *load, const struct bench_path *path);
u64 bench_load_run(struct bench_load *load, const struct bench_path *path,
		   bench_step step, u32 first, u32 n,
		   struct bench_samples *samples);
u64 bench_load_cost(struct bench_load *load, const struct bench_path *path,
		    bench_step step, u32 first, u32 n);

#endif /* _BENCH_LOAD_H */
