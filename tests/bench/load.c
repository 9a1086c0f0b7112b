// SPDX-License-Identifier: GPL-2.0
#include "load.h"

#include "bench.h"
#include "packet.h"

#include <linux/bottom_half.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

enum {
	CHUNK		= 256,	/* steps between two looks at the clock */
	PAYLOAD		= 100,
	ISS		= 1000,
	IRS		= 5000,
	FLOWS_LOG2	= 10,	/* of the established ones */
	ROUNDS		= 8,
	NEW_LOG2	= 16,
};

/**
 * bench_load_open - make the packets of a load
 * @load: filled in
 * @family: 4 or 6
 * @log2: for 1 << @log2 connections
 *
 * Context: process; may sleep.
 * Return: 0 or -ENOMEM.
 */
int bench_load_open(struct bench_load *load, unsigned int family,
		    unsigned int log2)
{
	*load = (struct bench_load) { .family = family, .log2 = log2 };
	load->small = bench_packet_new(family, 0);
	load->data = bench_packet_new(family, PAYLOAD);
	return load->small && load->data ? 0 : -ENOMEM;
}

/**
 * bench_load_close - free the packets, also if they were not all made
 * @load: the load
 *
 * Context: process.
 */
void bench_load_close(struct bench_load *load)
{
	kfree_skb(load->small);
	kfree_skb(load->data);
}

/* A hook that drops a packet frees it: it must not be the last reference. */
static void send(struct bench_load *load, const struct bench_path *path,
		 struct sk_buff *skb, const struct bench_seg *seg)
{
	bench_packet_set(skb, seg);
	skb_get(skb);
	if (bench_path_send(path, skb)) {
		load->dropped++;
		nf_reset_ct(skb);
		return;
	}
	refcount_dec(&skb->users);
}

/**
 * bench_load_syn - step: the SYN of a connection
 * @load: the load
 * @path: who looks at it
 * @i: the connection's place in the order
 *
 * Context: BH off.
 */
void bench_load_syn(struct bench_load *load, const struct bench_path *path,
		    u32 i)
{
	struct bench_seg seg = {
		.flow = bench_packet_flow(i, load->log2),
		.flags = BENCH_SYN,
		.seq = ISS,
	};

	send(load, path, load->small, &seg);
}

/**
 * bench_load_handshake - step: the three packets that open a connection
 * @load: the load
 * @path: who looks at it
 * @i: the connection's place in the order
 *
 * Context: BH off.
 */
void bench_load_handshake(struct bench_load *load,
			  const struct bench_path *path, u32 i)
{
	struct bench_seg synack = {
		.flow = bench_packet_flow(i, load->log2),
		.resp = true,
		.flags = BENCH_SYN | BENCH_ACK,
		.seq = IRS,
		.ack = ISS + 1,
	};
	struct bench_seg ack = {
		.flow = synack.flow,
		.flags = BENCH_ACK,
		.seq = ISS + 1,
		.ack = IRS + 1,
	};

	bench_load_syn(load, path, i);
	send(load, path, load->small, &synack);
	send(load, path, load->small, &ack);
}

/**
 * bench_load_exchange - step: payload and its acknowledgment
 * @load: the load
 * @path: who looks at it
 * @i: place in the order; it goes on in the next round with new payload
 *
 * Context: BH off.
 */
void bench_load_exchange(struct bench_load *load,
			 const struct bench_path *path, u32 i)
{
	u32 round = i >> load->log2;
	struct bench_seg data = {
		.flow = bench_packet_flow(i, load->log2),
		.flags = BENCH_PSH | BENCH_ACK,
		.seq = ISS + 1 + round * PAYLOAD,
		.ack = IRS + 1,
	};
	struct bench_seg ack = {
		.flow = data.flow,
		.resp = true,
		.flags = BENCH_ACK,
		.seq = IRS + 1,
		.ack = data.seq + PAYLOAD,
	};

	send(load, path, load->data, &data);
	send(load, path, load->small, &ack);
}

/**
 * bench_load_run - many steps
 * @load: the load
 * @path: who looks at it
 * @step: what a step is
 * @first: the first place in the order
 * @n: how many steps
 * @samples: gets the ticks of each whole chunk of them, unless it is NULL
 *
 * Context: process; may sleep.
 * Return: ticks of all of them.
 */
u64 bench_load_run(struct bench_load *load, const struct bench_path *path,
		   bench_step step, u32 first, u32 n,
		   struct bench_samples *samples)
{
	u32 i, end, last = first + n;
	u64 begin, ticks, sum = 0;

	for (; first != last; first = end) {
		end = first + min_t(u32, CHUNK, last - first);
		local_bh_disable();
		begin = bench_ticks();
		for (i = first; i != end; i++)
			step(load, path, i);
		ticks = bench_ticks() - begin;
		local_bh_enable();
		sum += ticks;
		if (samples && end - first == CHUNK)
			bench_sample_add(samples, ticks);
		cond_resched();
	}
	return sum;
}

/**
 * bench_load_cost - what a step costs a path
 * @load: the load
 * @path: who looks at it
 * @step: what a step is
 * @first: the first place in the order
 * @n: how many steps, a multiple of 256
 *
 * The median of all chunks, less what the harness costs: that is the same
 * step through no hook at all.
 *
 * Context: process; may sleep.
 * Return: hundredths of a tick.
 */
u64 bench_load_cost(struct bench_load *load, const struct bench_path *path,
		    bench_step step, u32 first, u32 n)
{
	struct bench_samples *samples = kvzalloc(sizeof(*samples), GFP_KERNEL);
	u64 with, without;

	if (!samples)
		return 0;
	bench_load_run(load, &bench_nothing, step, first, n, samples);
	without = bench_sample_percentile(samples, 50);
	samples->n = 0;
	bench_load_run(load, path, step, first, n, samples);
	with = bench_sample_percentile(samples, 50);
	kvfree(samples);
	return (with - without) * 100 / CHUNK;
}

static void result(const char *what, const struct bench_load *load,
		   const struct bench_path *path, u64 hundredths)
{
	char name[64];

	snprintf(name, sizeof(name), "%s.v%u.%s", what, load->family,
		 path->name);
	bench_result(name, hundredths);
	if (!load->dropped)
		return;
	snprintf(name, sizeof(name), "%s.v%u.%s.dropped", what, load->family,
		 path->name);
	bench_count(name, load->dropped);
}

static int established(const struct bench_path *path, unsigned int family)
{
	struct bench_load load;
	u32 flows = 1 << FLOWS_LOG2;
	int ret;
	u64 cost;

	ret = bench_load_open(&load, family, FLOWS_LOG2);
	if (!ret) {
		bench_load_run(&load, path, bench_load_handshake, 0, flows,
			       NULL);
		/* the first payload of a connection is rarer than the rest */
		bench_load_run(&load, path, bench_load_exchange, 0, flows,
			       NULL);
		cost = bench_load_cost(&load, path, bench_load_exchange, flows,
				       ROUNDS * flows);
		result("established", &load, path, cost / 2);
	}
	bench_load_close(&load);
	return ret;
}

/**
 * bench_established - B1: a packet of an established connection
 *
 * Context: process; may sleep.
 * Return: 0 or -errno.
 */
int bench_established(void)
{
	const struct bench_path *path[] = {
		&bench_noop, &bench_tcptrace, &bench_conntrack,
	};
	unsigned int i;
	int ret = 0;

	for (i = 0; i < ARRAY_SIZE(path) && !ret; i++)
		ret = established(path[i], 4) ?: established(path[i], 6);
	return ret;
}

static int fresh(const struct bench_path *path, unsigned int family)
{
	struct bench_load load;
	int ret;

	ret = bench_load_open(&load, family, NEW_LOG2);
	if (!ret)
		result("new", &load, path,
		       bench_load_cost(&load, path, bench_load_syn, 0,
				       1 << NEW_LOG2));
	bench_load_close(&load);
	return ret;
}

/**
 * bench_new - B5: the first SYN of a connection
 *
 * Context: process; may sleep.
 * Return: 0 or -errno.
 */
int bench_new(void)
{
	return fresh(&bench_tcptrace, 4) ?: fresh(&bench_tcptrace, 6) ?:
	       fresh(&bench_conntrack, 4) ?: fresh(&bench_conntrack, 6);
}
