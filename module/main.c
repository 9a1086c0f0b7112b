// SPDX-License-Identifier: GPL-2.0
/*
 * tcptrace tracks the RFC 9293 state of both ends of the TCP connections that
 * pass this host.
 */
#include "chardev.h"
#include "fate.h"
#include "gc.h"
#include "netns.h"
#include "param.h"
#include "table.h"
#include "tracker.h"
#include "version.h"

#include <linux/init.h>
#include <linux/module.h>

static struct tcpt_tracker tracker;
static struct tcpt_gc gc;

static int __init tcptrace_init(void)
{
	int ret;

	tcpt_param_choose();
	tracker.config = &tcpt_param;
	ret = tcpt_table_init(&tracker.table, &tcpt_param);
	if (ret)
		return ret;
	tcpt_gc_init(&gc, &tracker);
	ret = tcpt_fate_init();
	if (ret)
		goto err_destroy_table;
	ret = tcpt_netns_register(&tracker);
	if (ret)
		goto err_exit_fate;
	ret = tcpt_chardev_register();
	if (ret)
		goto err_unregister_netns;
	tcpt_gc_start(&gc);
	pr_info("%u buckets, up to %u connections, %zu bytes each\n",
		tcpt_param.hashsize, tcpt_param.max_connections,
		sizeof(struct tcpt_conn) + sizeof(struct tcpt_full));
	return 0;

err_unregister_netns:
	tcpt_netns_unregister();
err_exit_fate:
	tcpt_fate_exit();
err_destroy_table:
	tcpt_table_destroy(&tracker.table);
	return ret;
}

static void __exit tcptrace_exit(void)
{
	tcpt_gc_stop(&gc);
	tcpt_chardev_unregister();
	tcpt_netns_unregister();
	tcpt_fate_exit();
	tcpt_table_destroy(&tracker.table);
}

module_init(tcptrace_init);
module_exit(tcptrace_exit);

MODULE_DESCRIPTION("TCP connection tracer");
MODULE_AUTHOR("The tcptrace authors");
MODULE_LICENSE("GPL");
MODULE_VERSION(TCPTRACE_VERSION);
