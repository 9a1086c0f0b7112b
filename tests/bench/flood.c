// SPDX-License-Identifier: GPL-2.0
/*
 * Measures a SYN flood against a full table, while established connections stay
 * in use.
 */
#include "bench.h"
#include "load.h"

#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/string.h>

#include <net/net_namespace.h>
#include <net/netfilter/nf_conntrack.h>

enum {
	KEPT_LOG2	= 10,	/* established connections in use */
	FLOOD_LOG2	= 24,	/* connections of the flood */
	CHUNK		= 256,
};

struct flood {
	const struct bench_path *path;
	struct bench_load kept;
	struct bench_load load;
	struct bench_samples *samples;
	struct bench_samples *harness;
};

/* Use each established connection once every cap/16 SYNs. */
static void use_kept(struct flood *flood, u32 round)
{
	bench_load_run(&flood->kept, flood->path, bench_load_exchange,
		       round << KEPT_LOG2, 1 << KEPT_LOG2, NULL);
}

static void pour(struct flood *flood)
{
	u32 cap = bench_options.cap, step = cap / 16, i;
	u32 n = cap * bench_options.times;

	for (i = 0; i < n; i += step) {
		bool steady = i >= 2 * cap;

		bench_load_run(&flood->load, &bench_nothing, bench_load_syn,
			       i, CHUNK, flood->harness);
		bench_load_run(&flood->load, flood->path, bench_load_syn,
			       i, step,
			       steady ? flood->samples : NULL);
		use_kept(flood, i / step);
		/* let RCU free the removed objects, as in a real flood */
		rcu_barrier();
	}
}

static void report(struct flood *flood)
{
	u64 harness = bench_sample_percentile(flood->harness, 50);
	u64 syn = bench_sample_percentile(flood->samples, 50);
	const char *name = flood->path->name;
	char key[64];

	snprintf(key, sizeof(key), "flood.%s", name);
	bench_result(key, (syn - harness) * 100 / CHUNK);
	snprintf(key, sizeof(key), "flood.%s.dropped", name);
	bench_count(key, flood->load.dropped);
	snprintf(key, sizeof(key), "flood.%s.kept_dropped", name);
	bench_count(key, flood->kept.dropped);
}

static int flood_path(const struct bench_path *path)
{
	struct flood flood = { .path = path };
	int ret = -ENOMEM;

	flood.samples = kvzalloc(sizeof(*flood.samples), GFP_KERNEL);
	flood.harness = kvzalloc(sizeof(*flood.harness), GFP_KERNEL);
	if (flood.samples && flood.harness)
		ret = bench_load_open(&flood.kept, 4, KEPT_LOG2) ?:
		      bench_load_open(&flood.load, 4, FLOOD_LOG2);
	flood.load.base = 1 << FLOOD_LOG2;
	if (!ret) {
		bench_load_run(&flood.kept, path, bench_load_handshake, 0,
			       1 << KEPT_LOG2, NULL);
		pour(&flood);
		report(&flood);
	}
	bench_load_close(&flood.kept);
	bench_load_close(&flood.load);
	kvfree(flood.samples);
	kvfree(flood.harness);
	return ret;
}

/**
 * bench_flood - B6: measure the cost of a SYN in a flood
 *
 * If the module under test is tcptrace, it must have been loaded with
 * bench_options.cap as max_connections. This function sets the limit of
 * conntrack.
 *
 * Context: process; may sleep.
 * Return: 0 or -errno.
 */
int bench_flood(void)
{
	unsigned int max = nf_conntrack_max;
	int ret;

	if (!strcmp(bench_options.path, bench_tcptrace.name))
		return flood_path(&bench_tcptrace);
	nf_conntrack_max = bench_options.cap;
	ret = flood_path(&bench_conntrack);
	nf_conntrack_max = max;
	return ret;
}

static const struct bench_path *path_of(void)
{
	return strcmp(bench_options.path, bench_tcptrace.name) ?
	       &bench_conntrack : &bench_tcptrace;
}

/**
 * bench_fill - open connections that remain after this module is unloaded
 *
 * Context: process; may sleep.
 * Return: 0 or -errno.
 */
int bench_fill(void)
{
	const struct bench_path *path = path_of();
	u32 n = 1 << bench_options.log2;
	struct bench_load load;
	int ret;

	ret = bench_load_open(&load, 4, bench_options.log2);
	if (!ret) {
		bench_load_run(&load, path, bench_load_handshake, 0, n, NULL);
		/* measure connections that have carried payload */
		if (path == &bench_tcptrace)
			bench_load_warm(&load, path);
		if (load.dropped)
			ret = -ENOSPC;
	}
	bench_load_close(&load);
	return ret;
}

/**
 * bench_exchange - transfer payload on the connections that bench_fill() opened
 *
 * bench_fill() has sent the first BENCH_WARM rounds.
 *
 * Context: process; may sleep.
 * Return: 0 or -errno.
 */
int bench_exchange(void)
{
	struct bench_load load;
	int ret;

	ret = bench_load_open(&load, 4, bench_options.log2);
	if (!ret)
		bench_load_run(&load, path_of(), bench_load_exchange,
			       bench_options.round << load.log2,
			       1 << load.log2, NULL);
	bench_load_close(&load);
	return ret;
}
