// SPDX-License-Identifier: GPL-2.0
/*
 * tcptrace: the RFC 9293 state of both ends of every TCP connection that
 * passes this host.
 */
#include "chardev.h"
#include "fate.h"
#include "gc.h"
#include "hook.h"
#include "limit.h"
#include "netns.h"
#include "param.h"
#include "procfs.h"
#include "reader.h"
#include "stats.h"
#include "table.h"
#include "tracker.h"
#include "version.h"

#include <linux/init.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/percpu.h>

#include <net/net_namespace.h>

static struct tcpt_tracker tracker;
static struct tcpt_gc gc;

/*
 * No hook runs any more: end the connections and the reports that they began.
 */
static void end_tracking(struct tcpt_net *tn)
{
	tcpt_gc_namespace(tn->tracker, &tn->ns, ktime_get_ns());
	tcpt_limit_stop(&tn->limits);
}

static int __net_init net_init(struct net *net)
{
	struct tcpt_net *tn = tcpt_net_get(net);
	int ret;

	tn->net = net;
	tn->tracker = &tracker;
	tn->ns.inum = net->ns.inum;
	tn->ns.stats = alloc_percpu(struct tcpt_stats);
	if (!tn->ns.stats)
		return -ENOMEM;
	tn->ns.limits = &tn->limits;
	INIT_LIST_HEAD(&tn->ns.conns);
	tcpt_limit_init(&tn->limits, &tn->ns);
	ret = tcpt_procfs_create(net);
	if (ret)
		goto err_free_stats;
	ret = tcpt_hook_register(net);
	if (ret)
		goto err_remove_procfs;
	ret = tcpt_fate_add(tn);
	if (ret)
		goto err_unregister_hooks;
	return 0;

err_unregister_hooks:
	tcpt_hook_unregister(net);
	synchronize_rcu();
err_remove_procfs:
	tcpt_procfs_remove(net);
	end_tracking(tn);
err_free_stats:
	free_percpu(tn->ns.stats);
	return ret;
}

/* A grace period of RCU follows before net_exit(): no hook runs any more. */
static void __net_exit net_pre_exit(struct net *net)
{
	tcpt_fate_del(tcpt_net_get(net));
	tcpt_hook_unregister(net);
}

static void __net_exit net_exit(struct net *net)
{
	struct tcpt_net *tn = tcpt_net_get(net);

	tcpt_procfs_remove(net);
	tcpt_fate_flush();
	end_tracking(tn);
	tcpt_reader_hangup(&tn->ns);
	free_percpu(tn->ns.stats);
}

static struct pernet_operations net_ops = {
	.init = net_init,
	.pre_exit = net_pre_exit,
	.exit = net_exit,
	.id = &tcpt_net_id,
	.size = sizeof(struct tcpt_net),
};

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
	ret = register_pernet_subsys(&net_ops);
	if (ret)
		goto err_exit_fate;
	ret = tcpt_chardev_register();
	if (ret)
		goto err_unregister_pernet;
	tcpt_gc_start(&gc);
	pr_info("%u buckets, up to %u connections, %zu bytes each\n",
		tcpt_param.hashsize, tcpt_param.max_connections,
		sizeof(struct tcpt_conn));
	return 0;

err_unregister_pernet:
	unregister_pernet_subsys(&net_ops);
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
	unregister_pernet_subsys(&net_ops);
	tcpt_fate_exit();
	tcpt_table_destroy(&tracker.table);
}

module_init(tcptrace_init);
module_exit(tcptrace_exit);

MODULE_DESCRIPTION("TCP connection tracer");
MODULE_AUTHOR("The tcptrace authors");
MODULE_LICENSE("GPL");
MODULE_VERSION(TCPTRACE_VERSION);
