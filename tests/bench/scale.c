// SPDX-License-Identifier: GPL-2.0
/*
 * B9: measures the additional cost of a packet whose connection is one of a
 * million, in units of an uncached access to an equally large array.
 */
#include "bench.h"
#include "load.h"
#include "packet.h"

#include "../../module/table.h"

#include "../../module/core/segment.h"

#include <linux/bottom_half.h>
#include <linux/cache.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include <net/net_namespace.h>

enum {
	CLEAN_SIZE	= 848,	/* bytes for the state of a clean connection */
	ALL_LOG2	= 20,
	HOT_LOG2	= 10,
	ROUNDS		= 2048,
	PACKETS		= 256,
};

/*
 * A chain with one cell for each connection. Each cell is as large as a clean
 * connection, and points to the next cell. The cells are
 * slab objects that are allocated together with the connections, so both have
 * the same kind of memory.
 */
struct chase {
	struct kmem_cache *cache;
	void ***cell;
	void **at;
};

static int chase_open(struct chase *chase)
{
	size_t size = ALIGN(sizeof(struct tcpt_conn), SMP_CACHE_BYTES) +
		      CLEAN_SIZE;

	chase->cell = vzalloc(sizeof(*chase->cell) << ALL_LOG2);
	chase->cache = kmem_cache_create("bench_chase", size, 0,
					 SLAB_HWCACHE_ALIGN, NULL);
	return chase->cell && chase->cache ? 0 : -ENOMEM;
}

/* Allocate @n cells. Return: 0 or -ENOMEM. */
static int chase_grow(struct chase *chase, u32 first, u32 n)
{
	u32 i;

	for (i = first; i < first + n; i++) {
		chase->cell[i] = kmem_cache_zalloc(chase->cache, GFP_KERNEL);
		if (!chase->cell[i])
			return -ENOMEM;
	}
	return 0;
}

static void ***cell_of(const struct chase *chase, u32 i)
{
	return &chase->cell[bench_packet_flow(i, ALL_LOG2)];
}

static void chase_link(struct chase *chase)
{
	u32 i;

	for (i = 0; i < 1 << ALL_LOG2; i++)
		**cell_of(chase, i) = *cell_of(chase, i + 1);
	chase->at = *cell_of(chase, 0);
}

static void chase_close(struct chase *chase)
{
	u32 i;

	for (i = 0; chase->cell && i < 1 << ALL_LOG2 && chase->cell[i]; i++)
		kmem_cache_free(chase->cache, chase->cell[i]);
	kmem_cache_destroy(chase->cache);
	vfree(chase->cell);
}

static u64 chase_run(struct chase *chase)
{
	u64 begin = bench_ticks();
	unsigned int i;

	for (i = 0; i < PACKETS; i++)
		chase->at = READ_ONCE(*chase->at);
	return bench_ticks() - begin;
}

/**
 * struct scaling - many connections, a few others, and a chain
 * @all: so many connections that each is used rarely
 * @hot: so few connections that each is used often
 * @chase: the chain
 * @samples: the results
 */
struct scaling {
	struct bench_load all;
	struct bench_load hot;
	struct chase chase;
	struct bench_samples *samples;
};

/* Open @n connections from @first on. */
static void open_some(struct bench_load *load, u32 first, u32 n)
{
	bench_load_run(load, &bench_tcptrace, bench_load_shuffled, first, n,
		       NULL);
}

static int open_all(struct scaling *s)
{
	u32 first;
	int ret;

	for (first = 0; first < 1 << ALL_LOG2; first += PACKETS) {
		open_some(&s->all, first, PACKETS);
		ret = chase_grow(&s->chase, first, PACKETS);
		if (ret)
			return ret;
	}
	chase_link(&s->chase);
	open_some(&s->hot, 0, 1 << HOT_LOG2);
	bench_load_warm(&s->all, &bench_tcptrace);
	bench_load_warm(&s->hot, &bench_tcptrace);
	return 0;
}

/*
 * Send @n packets, each of a different connection. bench_load_warm() has already
 * sent the first rounds of bench_load_turn().
 */
static u64 payload(struct bench_load *load, u32 i, u32 n)
{
	return bench_load_run(load, &bench_tcptrace, bench_load_turn,
			      (2 * BENCH_WARM << load->log2) + i, n, NULL);
}

/*
 * Send payload on all hot connections, then ACKs. Measure only the last packets
 * with payload.
 */
static u64 few(struct scaling *s, u32 round)
{
	u32 n = 1 << HOT_LOG2, first = 2 * round << HOT_LOG2;
	u64 ticks;

	payload(&s->hot, first, n - PACKETS);
	ticks = payload(&s->hot, first + n - PACKETS, PACKETS);
	payload(&s->hot, first + n, n);
	return ticks;
}

static void sample_all(struct scaling *s)
{
	u64 all, hot, access;
	u32 i;

	for (i = 0; i < ROUNDS; i++) {
		hot = few(s, i);
		access = chase_run(&s->chase);
		all = payload(&s->all, i * PACKETS, PACKETS);
		/*
		 * Count a negative difference as 0. Dropping such samples would
		 * drop only low ones and raise the median.
		 */
		all = max(all, hot);
		bench_sample_add(s->samples,
				 div64_u64((all - hot) * 100, access));
		cond_resched();
	}
	bench_result("scaling", bench_sample_percentile(s->samples, 50));
	bench_count("scaling.samples", s->samples->n);
}

static struct tcpt_flow flow_of(u32 i)
{
	u32 client = bench_packet_flow(i, ALL_LOG2);
	struct tcpt_segment seg = {
		.family = 4,
		.sport = bench_packet_port(client),
		.dport = BENCH_SERVER_PORT,
	};
	__be32 addr[2] = { bench_packet_client(client), bench_packet_server() };
	struct tcpt_flow flow;

	memcpy(seg.src, &addr[0], sizeof(addr[0]));
	memcpy(seg.dst, &addr[1], sizeof(addr[1]));
	tcpt_flow_init(&flow, &seg, init_net.ns.inum, 0);
	return flow;
}

/* Measure the chains of a table with load factor 1 and its own hash key. */
static int chains(void)
{
	static const struct tcpt_config config = { .hashsize = 1 << ALL_LOG2 };
	u32 i, n = 1 << ALL_LOG2;
	unsigned int longest = 0;
	struct tcpt_table table;
	u64 compared = 0;
	u8 *length;
	int ret;

	ret = tcpt_table_init(&table, &config);
	if (ret)
		return ret;
	length = kvzalloc(n, GFP_KERNEL);
	for (i = 0; length && i < n; i++) {
		struct tcpt_flow flow = flow_of(i);
		u8 *chain = &length[tcpt_table_hash(&table, &flow) &
				    table.mask];

		compared += ++*chain;
		longest = max_t(unsigned int, longest, *chain);
	}
	tcpt_table_destroy(&table);
	kvfree(length);
	if (!length)
		return -ENOMEM;
	bench_count("scaling.chain.longest", longest);
	bench_result("scaling.chain.mean", compared * 100 >> ALL_LOG2);
	return 0;
}

/**
 * bench_scaling - B9: measure the cost of a packet among many connections
 *
 * Context: process; may sleep.
 * Return: 0 or -errno.
 */
int bench_scaling(void)
{
	struct scaling s = {};
	int ret;

	s.samples = kvzalloc(sizeof(*s.samples), GFP_KERNEL);
	ret = s.samples ? chase_open(&s.chase) : -ENOMEM;
	if (!ret)
		ret = bench_load_open(&s.all, 4, ALL_LOG2) ?:
		      bench_load_open(&s.hot, 4, HOT_LOG2);
	if (!ret) {
		s.hot.base = 1 << ALL_LOG2;
		ret = open_all(&s);
	}
	if (!ret) {
		sample_all(&s);
		ret = chains();
	}
	bench_load_close(&s.all);
	bench_load_close(&s.hot);
	chase_close(&s.chase);
	kvfree(s.samples);
	return ret;
}
