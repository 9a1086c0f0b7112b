// SPDX-License-Identifier: GPL-2.0
/*
 * Mark the packets for which the emulator counts memory accesses. The marks are
 * 7-byte NOPs that no compiler emits; see plugin.c.
 */
#include "bench.h"
#include "load.h"
#include "packet.h"

#include <linux/bottom_half.h>

enum {
	FLOWS_LOG2	= 13,
	MARKED		= 256,
	PAYLOAD		= 100,
	TOLD_BASE	= 1 << 20,	/* first index without a connection */
};

/* The IDs of the marks; marks.py has the same IDs. */
enum {
	ID_NOOP = 1,
	ID_TCPTRACE,
	ID_CONNTRACK,
	ID_READER,	/* tcptrace with a reader */
	ID_NEW = 8,	/* added to an ID above for new connections */
};

static __always_inline void mark_begin(const int id)
{
	asm volatile(".byte 0x0f, 0x1f, 0x80, %c0, 0x01, 0xc7, 0x7a"
		     : : "i" (id) : "memory");
}

static __always_inline void mark_end(void)
{
	asm volatile(".byte 0x0f, 0x1f, 0x80, 0x00, 0x02, 0xc7, 0x7a"
		     : : : "memory");
}

/* The ID is a part of the instruction, so each ID has its own instruction. */
static void mark(const struct bench_path *path, bool fresh)
{
	if (path == &bench_noop)
		mark_begin(ID_NOOP);
	else if (path == &bench_conntrack && fresh)
		mark_begin(ID_NEW + ID_CONNTRACK);
	else if (path == &bench_conntrack)
		mark_begin(ID_CONNTRACK);
	else if (bench_options.reader && fresh)
		mark_begin(ID_NEW + ID_READER);
	else if (bench_options.reader)
		mark_begin(ID_READER);
	else if (fresh)
		mark_begin(ID_NEW + ID_TCPTRACE);
	else
		mark_begin(ID_TCPTRACE);
}

static void send_marked(const struct bench_path *path, struct sk_buff *skb,
			bool fresh)
{
	local_bh_disable();
	mark(path, fresh);
	bench_path_send(path, skb);
	mark_end();
	local_bh_enable();
}

static void mark_established(struct bench_load *load,
			     const struct bench_path *path)
{
	struct bench_seg seg = {
		.flags = BENCH_PSH | BENCH_ACK,
		.seq = 1001 + BENCH_WARM * PAYLOAD,
		.ack = 5001,
	};
	u32 i;

	for (i = 0; i < MARKED; i++) {
		seg.flow = load->base + bench_packet_flow(i, FLOWS_LOG2);
		bench_packet_set(load->data, &seg);
		send_marked(path, load->data, false);
	}
}

static void mark_new(struct bench_load *load, const struct bench_path *path)
{
	struct bench_seg seg = { .flags = BENCH_SYN, .seq = 1000 };
	u32 i;

	for (i = 0; i < MARKED; i++) {
		seg.flow = load->base + (1 << FLOWS_LOG2) + i;
		bench_packet_set(load->small, &seg);
		send_marked(path, load->small, true);
	}
}

static int footprint(const struct bench_path *path)
{
	struct bench_load load;
	int ret;

	ret = bench_load_open(&load, 4, FLOWS_LOG2);
	if (!ret) {
		if (bench_options.reader)
			load.base = TOLD_BASE;
		bench_load_run(&load, path, bench_load_handshake, 0,
			       1 << FLOWS_LOG2, NULL);
		bench_load_warm(&load, path);
		mark_established(&load, path);
		mark_new(&load, path);
	}
	bench_load_close(&load);
	return ret;
}

/**
 * bench_footprint - B3: measure the memory that a packet touches
 *
 * The figures come from the emulator's plugin.
 *
 * Context: process; may sleep.
 * Return: 0 or -errno.
 */
int bench_footprint(void)
{
	if (bench_options.reader)
		return footprint(&bench_tcptrace);
	return footprint(&bench_noop) ?: footprint(&bench_tcptrace) ?:
	       footprint(&bench_conntrack);
}
