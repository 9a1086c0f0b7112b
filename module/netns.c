// SPDX-License-Identifier: GPL-2.0
#include "netns.h"

#include "fate.h"
#include "gc.h"
#include "hook.h"
#include "limit.h"
#include "net.h"
#include "procfs.h"
#include "reader.h"
#include "stats.h"
#include "tracker.h"

#include <linux/init.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>

#include <net/net_namespace.h>

/* Set before the first namespace is set up; constant from then on. */
static struct tcpt_tracker *tracker;

/* End connections and report the last limit hits. No hook may still run. */
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
	tn->tracker = tracker;
	tn->ns.inum = net->ns.inum;
	tn->ns.table = &tracker->table;
	tn->ns.stats = alloc_percpu(struct tcpt_stats);
	if (!tn->ns.stats)
		return -ENOMEM;
	tn->ns.limits = &tn->limits;
	INIT_LIST_HEAD(&tn->ns.conns);
	ret = tcpt_limit_init(&tn->limits, &tn->ns);
	if (ret)
		goto err_free_stats;
	ret = tcpt_procfs_create(net);
	if (ret)
		goto err_free_limits;
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
err_free_limits:
	tcpt_limit_free(&tn->limits);
err_free_stats:
	free_percpu(tn->ns.stats);
	return ret;
}

/* An RCU grace period follows, so no hook still runs during net_exit(). */
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
	tcpt_limit_free(&tn->limits);
	free_percpu(tn->ns.stats);
}

static struct pernet_operations net_ops = {
	.init = net_init,
	.pre_exit = net_pre_exit,
	.exit = net_exit,
	.id = &tcpt_net_id,
	.size = sizeof(struct tcpt_net),
};

/**
 * tcpt_netns_register - observe all network namespaces, present and future
 * @t: the tracker that gets the segments
 *
 * Context: process; sleeps.
 * Return: 0 or -errno.
 */
int tcpt_netns_register(struct tcpt_tracker *t)
{
	tracker = t;
	return register_pernet_subsys(&net_ops);
}

/* Context: process; sleeps until no hook runs and no connection is left. */
void tcpt_netns_unregister(void)
{
	unregister_pernet_subsys(&net_ops);
}
