// SPDX-License-Identifier: GPL-2.0
#include "load.h"

#include "bench.h"
#include "packet.h"

#include <linux/bottom_half.h>
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

enum {
	CHUNK		= 256,	/* steps between two readings of the clock */
	PAYLOAD		= 100,
	ISS		= 1000,
	IRS		= 5000,
	/* time for the ageing worker: in any case, for each connection */
	SETTLE_MS	= 8000,
	SETTLE_US	= 10,
};

/**
 * bench_load_open - allocate the packets of a load
 * @load: filled in
 * @family: 4 or 6
 * @log2: base-2 logarithm of the number of connections
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
 * bench_load_close - free those packets of a load that were allocated
 * @load: the load
 *
 * Context: process.
 */
void bench_load_close(struct bench_load *load)
{
	kfree_skb(load->small);
	kfree_skb(load->data);
}

/*
 * A hook that drops a packet also frees the packet, so the hook must not hold
 * the last reference.
 */
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

static u32 flow_of(const struct bench_load *load, u32 i)
{
	return load->base + bench_packet_flow(i, load->log2);
}

static void send_syn(struct bench_load *load, const struct bench_path *path,
		     u32 flow)
{
	struct bench_seg seg = {
		.flow = flow,
		.flags = BENCH_SYN,
		.seq = ISS,
	};

	send(load, path, load->small, &seg);
}

/**
 * bench_load_syn - a step that sends the SYN of a connection
 * @load: the load
 * @path: the observer
 * @i: index of the connection in the order of bench_packet_flow()
 *
 * Context: BH off.
 */
void bench_load_syn(struct bench_load *load, const struct bench_path *path,
		    u32 i)
{
	send_syn(load, path, flow_of(load, i));
}

static void handshake(struct bench_load *load, const struct bench_path *path,
		      u32 flow)
{
	struct bench_seg synack = {
		.flow = flow,
		.resp = true,
		.flags = BENCH_SYN | BENCH_ACK,
		.seq = IRS,
		.ack = ISS + 1,
	};
	struct bench_seg ack = {
		.flow = flow,
		.flags = BENCH_ACK,
		.seq = ISS + 1,
		.ack = IRS + 1,
	};

	send_syn(load, path, flow);
	send(load, path, load->small, &synack);
	send(load, path, load->small, &ack);
}

/**
 * bench_load_handshake - a step that sends the handshake of a connection
 * @load: the load
 * @path: the observer
 * @i: index of the connection in the order of bench_packet_flow()
 *
 * Context: BH off.
 */
void bench_load_handshake(struct bench_load *load,
			  const struct bench_path *path, u32 i)
{
	handshake(load, path, flow_of(load, i));
}

/**
 * bench_load_shuffled - as bench_load_handshake(), but in a different order
 * @load: the load
 * @path: the observer
 * @i: number of the connection; the other steps use the connections in a
 *	different order, so they do not use the memory in the order of its
 *	allocation
 *
 * Context: BH off.
 */
void bench_load_shuffled(struct bench_load *load,
			 const struct bench_path *path, u32 i)
{
	handshake(load, path, load->base + i);
}

/**
 * bench_load_life - step: send the six packets of a connection without payload
 * @load: the load
 * @path: the observer
 * @i: index of the connection in the order of bench_packet_flow()
 *
 * Context: BH off.
 */
void bench_load_life(struct bench_load *load, const struct bench_path *path,
		     u32 i)
{
	struct bench_seg fin = {
		.flow = flow_of(load, i),
		.flags = BENCH_FIN | BENCH_ACK,
		.seq = ISS + 1,
		.ack = IRS + 1,
	};
	struct bench_seg answer = {
		.flow = fin.flow,
		.resp = true,
		.flags = BENCH_FIN | BENCH_ACK,
		.seq = IRS + 1,
		.ack = ISS + 2,
	};
	struct bench_seg last = {
		.flow = fin.flow,
		.flags = BENCH_ACK,
		.seq = ISS + 2,
		.ack = IRS + 2,
	};

	bench_load_handshake(load, path, i);
	send(load, path, load->small, &fin);
	send(load, path, load->small, &answer);
	send(load, path, load->small, &last);
}

static void send_data(struct bench_load *load, const struct bench_path *path,
		      u32 flow, u32 round)
{
	struct bench_seg seg = {
		.flow = flow,
		.flags = BENCH_PSH | BENCH_ACK,
		.seq = ISS + 1 + round * PAYLOAD,
		.ack = IRS + 1,
	};

	send(load, path, load->data, &seg);
}

static void send_ack(struct bench_load *load, const struct bench_path *path,
		     u32 flow, u32 round)
{
	struct bench_seg seg = {
		.flow = flow,
		.resp = true,
		.flags = BENCH_ACK,
		.seq = IRS + 1,
		.ack = ISS + 1 + (round + 1) * PAYLOAD,
	};

	send(load, path, load->small, &seg);
}

/**
 * bench_load_exchange - a step that sends payload and its acknowledgment
 * @load: the load
 * @path: the observer
 * @i: index of the connection, plus the number of the round << @load->log2;
 *	each round sends new payload
 *
 * Context: BH off.
 */
void bench_load_exchange(struct bench_load *load,
			 const struct bench_path *path, u32 i)
{
	u32 flow = flow_of(load, i), round = i >> load->log2;

	send_data(load, path, flow, round);
	send_ack(load, path, flow, round);
}

/**
 * bench_load_turn - a step that sends payload in even rounds, ACKs in odd ones
 * @load: the load
 * @path: the observer
 * @i: as for bench_load_exchange()
 *
 * Consecutive packets belong to different connections.
 *
 * Context: BH off.
 */
void bench_load_turn(struct bench_load *load, const struct bench_path *path,
		     u32 i)
{
	u32 flow = flow_of(load, i), turn = i >> load->log2;

	if (turn & 1)
		send_ack(load, path, flow, turn / 2);
	else
		send_data(load, path, flow, turn / 2);
}

/**
 * bench_load_run - run many steps
 * @load: the load
 * @path: the observer
 * @step: the function that runs a step
 * @first: argument @i of the first step
 * @n: number of steps
 * @samples: filled with the ticks of each complete chunk of steps; or NULL
 *
 * Context: process; may sleep.
 * Return: ticks of all steps.
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
 * bench_load_warm - transfer payload on all connections of a load
 * @load: the load, whose connections are open
 * @path: the observer
 *
 * The first payload of a connection costs more, and tcptrace's ageing worker must
 * make the connections clean. The next round of bench_load_exchange() is round
 * BENCH_WARM.
 *
 * Context: process; may sleep.
 */
void bench_load_warm(struct bench_load *load, const struct bench_path *path)
{
	bench_load_run(load, path, bench_load_exchange, 0,
		       BENCH_WARM << load->log2, NULL);
	if (path == &bench_tcptrace)
		msleep(SETTLE_MS + (SETTLE_US << load->log2) / 1000);
}

/**
 * bench_load_cost - measure the cost of a step on a path
 * @load: the load
 * @path: the observer
 * @step: the function that runs a step
 * @first: argument @i of the first step
 * @n: number of steps, a multiple of 256
 *
 * The cost is the median of all chunks, minus the median for the harness, which
 * runs the same steps without a hook.
 *
 * Context: process; may sleep.
 * Return: hundredths of a tick, 0 if there is no memory.
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
