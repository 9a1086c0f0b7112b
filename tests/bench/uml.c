// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the measurement in UML, which has no user space here: at the end of the
 * boot, this file measures, and then shuts the machine down.
 */
#include "bench.h"

#include <linux/init.h>
#include <linux/reboot.h>

#include <net/netfilter/nf_conntrack.h>

enum {
	CONNECTIONS_MAX = 1 << 22,
};

static int __init bench_at_boot(void)
{
	int ret;

	nf_conntrack_max = CONNECTIONS_MAX;
	ret = bench_run();
	if (ret)
		pr_err("bench: %d\n", ret);
	else
		pr_info("bench: done\n");
	kernel_power_off();
	return 0;
}
late_initcall_sync(bench_at_boot);
