// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the measurement in UML, which has no user space here: at the end of the
 * boot, this file measures, and then shuts the machine down.
 */
#include "bench.h"

#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/reboot.h>

#include <net/netfilter/nf_conntrack.h>

enum {
	CONNECTIONS_MAX	= 1 << 22,
	ORDER		= 9,		/* of a block of pages */
	SPARE_MIB	= 300,		/* not touched */
};

/*
 * The host allocates the memory of UML when UML first writes to it, and memory
 * that it allocates later may be of another kind. So write to nearly all memory
 * before the measurement.
 */
static void __init touch_memory(void)
{
	struct page *page, *next;
	LIST_HEAD(list);

	while (si_mem_available() > SPARE_MIB << (20 - PAGE_SHIFT)) {
		page = alloc_pages(GFP_KERNEL | __GFP_ZERO | __GFP_NORETRY |
				   __GFP_NOWARN, ORDER);
		if (!page)
			break;
		list_add(&page->lru, &list);
	}
	list_for_each_entry_safe(page, next, &list, lru)
		__free_pages(page, ORDER);
}

static int __init bench_at_boot(void)
{
	int ret;

	touch_memory();
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
