// SPDX-License-Identifier: GPL-2.0
/*
 * Measures tcptrace and its peers in the same boot, with the same packets.
 * The parameter run names the measurement. The measurement runs when the module
 * is loaded, or at the end of the boot if the module is built in. Results go to
 * the kernel's log.
 */
#include "bench.h"
#include "path.h"

#include <linux/module.h>
#include <linux/string.h>

struct bench_options bench_options = {
	.run	= "established",
	.path	= "",
	.log2	= 10,
	.cap	= 65536,
	.times	= 16,
};

module_param_named(run, bench_options.run, charp, 0444);
MODULE_PARM_DESC(run, "what to measure");

module_param_named(path, bench_options.path, charp, 0444);
MODULE_PARM_DESC(path, "observer: tcptrace, conntrack, noop (default: all)");

module_param_named(family, bench_options.family, uint, 0444);
MODULE_PARM_DESC(family, "4 or 6 (default: both)");

module_param_named(log2, bench_options.log2, uint, 0444);
MODULE_PARM_DESC(log2, "logarithm of the number of connections");
module_param_named(shuffled, bench_options.shuffled, bool, 0444);
MODULE_PARM_DESC(shuffled, "use connections in a different order than they open");

module_param_named(cap, bench_options.cap, uint, 0444);
MODULE_PARM_DESC(cap, "limit of connections, for run=flood");

module_param_named(times, bench_options.times, uint, 0444);
MODULE_PARM_DESC(times, "SYNs as a multiple of cap, for run=flood");

module_param_named(round, bench_options.round, uint, 0444);
MODULE_PARM_DESC(round, "number of the round of payload, for run=exchange");

module_param_named(server, bench_options.server, uint, 0444);
MODULE_PARM_DESC(server, "offset of the server's address, for run=loopback");

module_param_named(reader, bench_options.reader, bool, 0444);
MODULE_PARM_DESC(reader, "a reader is attached, for run=footprint");

static const struct {
	const char *name;
	int (*measure)(void);
	bool paths;	/* packets go through the hooks of one observer */
} benches[] = {
	{ "established", bench_established, true },
	{ "new", bench_new, true },
	{ "churn", bench_churn, true },
	{ "freed", bench_freed, false },
	{ "peers", bench_peers, true },
	{ "fill", bench_fill, true },
	{ "exchange", bench_exchange, true },
	{ "flood", bench_flood, true },
	{ "footprint", bench_footprint, true },
	{ "loopback", bench_loopback, false },
#ifndef MODULE
	{ "pairs", bench_pairs, true },
	{ "new_pairs", bench_new_pairs, true },
	{ "scaling", bench_scaling, true },
#endif
};

/**
 * bench_result - print a figure that is given in hundredths
 * @name: name of the figure
 * @hundredths: value of the figure, in hundredths
 *
 * Context: any.
 */
void bench_result(const char *name, u64 hundredths)
{
	pr_info("bench %s %llu.%02llu\n", name, hundredths / 100,
		hundredths % 100);
}

/**
 * bench_run - run the measurement that bench_options.run names
 *
 * Context: process; may sleep.
 * Return: 0 or -errno, -EINVAL if the measurement is unknown.
 */
int bench_run(void)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < ARRAY_SIZE(benches); i++)
		if (!strcmp(bench_options.run, benches[i].name))
			break;
	if (i == ARRAY_SIZE(benches))
		return -EINVAL;
	if (benches[i].paths)
		ret = bench_paths_open();
	if (!ret)
		ret = benches[i].measure();
	if (benches[i].paths)
		bench_paths_close();
	return ret;
}

#ifdef MODULE
static int __init bench_init(void)
{
	return bench_run();
}

static void __exit bench_exit(void)
{
}

module_init(bench_init);
module_exit(bench_exit);
#endif

MODULE_DESCRIPTION("benchmarks of tcptrace");
MODULE_AUTHOR("The tcptrace authors");
MODULE_LICENSE("GPL");
