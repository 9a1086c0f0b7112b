// SPDX-License-Identifier: GPL-2.0
/* Count the instructions that one packet costs: B1, B5, B14. */
#include "bench.h"
#include "load.h"
#include "packet.h"

#include <linux/delay.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <net/net_namespace.h>

enum {
	FLOWS_LOG2	= 10,	/* of the established connections */
	ROUNDS		= 8,
	NEW_LOG2	= 16,
	FREED		= 64,	/* packets in a round; fewer than QUEUE_LEN */
};

static void result(const char *what, const struct bench_load *load,
		   const struct bench_path *path, u64 hundredths)
{
	char name[64];

	snprintf(name, sizeof(name), "%s.v%u.%s", what, load->family,
		 path->name);
	bench_result(name, hundredths);
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
		bench_load_warm(&load, path);
		cost = bench_load_cost(&load, path, bench_load_exchange,
				       BENCH_WARM * flows, ROUNDS * flows);
		result("established", &load, path, cost / 2);
	}
	bench_load_close(&load);
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

typedef int (*count_fn)(const struct bench_path *path, unsigned int family);

/* Call @count for each path and family that the options select. */
static int each(count_fn count)
{
	const struct bench_path *path[] = {
		&bench_noop, &bench_tcptrace, &bench_conntrack,
	};
	unsigned int i, family;
	int ret = 0;

	for (i = 0; i < ARRAY_SIZE(path); i++) {
		if (*bench_options.path &&
		    strcmp(bench_options.path, path[i]->name))
			continue;
		for (family = 4; family <= 6 && !ret; family += 2)
			if (!bench_options.family ||
			    bench_options.family == family)
				ret = count(path[i], family);
	}
	bench_forget_conntrack();
	return ret;
}

static void set_protocol(struct sk_buff *skb, unsigned int family, u8 protocol)
{
	if (family == 4)
		ip_hdr(skb)->protocol = protocol;
	else
		ipv6_hdr(skb)->nexthdr = protocol;
}

/* Measure the cost of freeing a dropped packet, but not of allocating it. */
static int freed(const char *what, unsigned int family, u8 protocol)
{
	struct sk_buff **packets;
	u64 begin, ticks = 0;
	unsigned int i, round;
	int ret = 0;

	packets = kcalloc(FREED, sizeof(*packets), GFP_KERNEL);
	if (!packets)
		return -ENOMEM;
	for (round = 0; round < ROUNDS && !ret; round++) {
		for (i = 0; i < FREED; i++) {
			packets[i] = bench_packet_new(family, 0);
			if (!packets[i]) {
				ret = -ENOMEM;
				continue;
			}
			packets[i]->dev = init_net.loopback_dev;
			set_protocol(packets[i], family, protocol);
		}
		begin = bench_ticks();
		for (i = 0; i < FREED; i++)
			kfree_skb(packets[i]);
		ticks += bench_ticks() - begin;
		/* give the module time to empty its queue */
		msleep(20);
	}
	kfree(packets);
	if (!ret)
		bench_result(what, ticks * 100 / (FREED * ROUNDS));
	return ret;
}

/**
 * bench_freed - measure the cost of a dropped packet (UDP, UDP over IPv6, TCP)
 *
 * Context: process; may sleep.
 * Return: 0 or -errno.
 */
int bench_freed(void)
{
	return freed("freed.udp", 4, IPPROTO_UDP) ?:
	       freed("freed.udp6", 6, IPPROTO_UDP) ?:
	       freed("freed.tcp", 4, IPPROTO_TCP);
}

/**
 * bench_established - B1: measure packets of established connections
 *
 * Context: process; may sleep.
 * Return: 0 or -errno.
 */
int bench_established(void)
{
	return each(established);
}

/**
 * bench_new - B5: measure the cost of the first SYN of a connection
 *
 * Context: process; may sleep.
 * Return: 0 or -errno.
 */
int bench_new(void)
{
	return each(fresh);
}
