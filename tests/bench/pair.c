// SPDX-License-Identifier: GPL-2.0
/*
 * B2, B5: measures the time in relation to conntrack. The speed of a shared
 * machine may change between two loops, so each pair of chunks gives one ratio.
 */
#include "bench.h"
#include "load.h"

#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/sched.h>

enum {
	PAIRS		= 4096,
	PACKETS		= 256,	/* in a chunk */
	NEW_LOG2	= 20,
};

/**
 * struct pairs - chunks of the same steps with two observers
 * @load: the packets
 * @step: the step that both observers see
 * @chunk: number of steps in a chunk
 * @ratio: tcptrace's ticks divided by conntrack's, in hundredths of a percent
 * @clock: ticks of clock readings, one for each packet, divided by conntrack's
 *	ticks, in hundredths of a percent
 */
struct pairs {
	struct bench_load load;
	bench_step step;
	u32 chunk;
	struct bench_samples *ratio;
	struct bench_samples *clock;
};

static u64 run(struct pairs *p, const struct bench_path *path, u32 first)
{
	return bench_load_run(&p->load, path, p->step, first, p->chunk, NULL);
}

/*
 * UML asks its host for the time, so a clock reading costs more there than in
 * other kernels.
 */
static u64 read_clock(void)
{
	u64 begin = bench_ticks();
	unsigned int i;

	for (i = 0; i < PACKETS; i++)
		ktime_get_ns();
	return bench_ticks() - begin;
}

/*
 * Each observer finds the caches as the previous observer left them, so the
 * observers take turns at running first.
 */
static void one_pair(struct pairs *p, unsigned int i, u32 first)
{
	u64 harness = run(p, &bench_nothing, first);
	u64 ours, theirs;

	if (i & 1) {
		theirs = run(p, &bench_conntrack, first);
		ours = run(p, &bench_tcptrace, first);
	} else {
		ours = run(p, &bench_tcptrace, first);
		theirs = run(p, &bench_conntrack, first);
	}
	if (ours <= harness || theirs <= harness)
		return;
	bench_sample_add(p->ratio, div64_u64((ours - harness) * 10000,
					     theirs - harness));
	bench_sample_add(p->clock, div64_u64(read_clock() * 10000,
					     theirs - harness));
}

static void report(struct pairs *p, const char *what)
{
	static const unsigned int percentiles[] = { 10, 50, 90 };
	char name[64];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(percentiles); i++) {
		snprintf(name, sizeof(name), "%s.p%u", what, percentiles[i]);
		bench_result(name, bench_sample_percentile(p->ratio,
							   percentiles[i]));
	}
	snprintf(name, sizeof(name), "%s.clock", what);
	bench_result(name, bench_sample_percentile(p->clock, 50));
	snprintf(name, sizeof(name), "%s.pairs", what);
	bench_count(name, p->ratio->n);
	snprintf(name, sizeof(name), "%s.dropped", what);
	bench_count(name, p->load.dropped);
}

static int all_pairs(struct pairs *p, const char *what, u32 first)
{
	unsigned int i;

	p->ratio = kvzalloc(sizeof(*p->ratio), GFP_KERNEL);
	p->clock = kvzalloc(sizeof(*p->clock), GFP_KERNEL);
	if (p->ratio && p->clock) {
		for (i = 0; i < PAIRS; i++) {
			one_pair(p, i, first + i * p->chunk);
			cond_resched();
		}
		report(p, what);
	}
	kvfree(p->ratio);
	kvfree(p->clock);
	return p->ratio && p->clock ? 0 : -ENOMEM;
}

/**
 * bench_pairs - B2: measure the time of packets of established connections
 *
 * Context: process; may sleep.
 * Return: 0 or -errno.
 */
int bench_pairs(void)
{
	struct pairs p = { .step = bench_load_exchange, .chunk = PACKETS / 2 };
	bool shuffled = bench_options.shuffled;
	bench_step open = shuffled ? bench_load_shuffled : bench_load_handshake;
	u32 n = 1 << bench_options.log2;
	char name[32];
	int ret;

	snprintf(name, sizeof(name), "pair.%s.%u",
		 shuffled ? "shuffled" : "established", n);
	ret = bench_load_open(&p.load, 4, bench_options.log2);
	if (!ret) {
		bench_load_run(&p.load, &bench_tcptrace, open, 0, n, NULL);
		bench_load_run(&p.load, &bench_conntrack, open, 0, n, NULL);
		bench_load_warm(&p.load, &bench_tcptrace);
		bench_load_warm(&p.load, &bench_conntrack);
		ret = all_pairs(&p, name, BENCH_WARM << p.load.log2);
	}
	bench_load_close(&p.load);
	return ret;
}

/**
 * bench_new_pairs - B5: measure the time of the first SYNs of connections
 *
 * Context: process; may sleep.
 * Return: 0 or -errno.
 */
int bench_new_pairs(void)
{
	struct pairs p = { .step = bench_load_syn, .chunk = PACKETS };
	int ret;

	ret = bench_load_open(&p.load, 4, NEW_LOG2);
	if (!ret)
		ret = all_pairs(&p, "pair.new", 0);
	bench_load_close(&p.load);
	return ret;
}
