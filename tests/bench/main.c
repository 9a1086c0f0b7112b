// SPDX-License-Identifier: GPL-2.0
/*
 * Measures tcptrace beside its peers, in the same boot, on the same packets.
 * insmod runs what the parameter names; results go to the kernel's log.
 */
#include "bench.h"
#include "path.h"

#include <linux/module.h>
#include <linux/string.h>

static char *run = "established";
module_param(run, charp, 0444);
MODULE_PARM_DESC(run, "what to measure");

static const struct {
	const char *name;
	int (*measure)(void);
} benches[] = {
	{ "established", bench_established },
	{ "new", bench_new },
	{ "peers", bench_peers },
	{ "fill", bench_fill },
	{ "flood", bench_flood },
	{ "footprint", bench_footprint },
	{ "loopback", bench_loopback },
};

static int __init bench_init(void)
{
	unsigned int i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(benches); i++)
		if (!strcmp(run, benches[i].name))
			break;
	if (i == ARRAY_SIZE(benches))
		return -EINVAL;
	ret = bench_paths_open();
	if (!ret)
		ret = benches[i].measure();
	bench_paths_close();
	return ret;
}

static void __exit bench_exit(void)
{
}

#ifdef MODULE
module_init(bench_init);
module_exit(bench_exit);
#endif

MODULE_DESCRIPTION("benchmarks of tcptrace");
MODULE_AUTHOR("The tcptrace authors");
MODULE_LICENSE("GPL");
