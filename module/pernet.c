// SPDX-License-Identifier: GPL-2.0
#include "pernet.h"

#include "expiry.h"
#include "hook.h"
#include "net.h"
#include "procfs.h"
#include "reader.h"
#include "stats.h"
#include "tracker.h"

#include <linux/ktime.h>
#include <linux/percpu.h>

#include <net/net_namespace.h>

/* Written before the first namespace is set up, and constant from then on. */
static struct tcpt_tracker *the_tracker;

static int __net_init net_init(struct net *net)
{
	struct tcpt_net *tn = tcpt_net_get(net);
	int ret;

	tn->tracker = the_tracker;
	tn->ns.inum = net->ns.inum;
	tn->ns.stats = alloc_percpu(struct tcpt_stats);
	if (!tn->ns.stats)
		return -ENOMEM;
	tn->ns.limits = &tn->limits;
	tcpt_limit_init(&tn->limits, &tn->ns);
	ret = tcpt_procfs_create(net);
	if (ret)
		goto err_free_stats;
	ret = tcpt_hook_register(net);
	if (ret)
		goto err_remove_procfs;
	return 0;

err_remove_procfs:
	tcpt_procfs_remove(net);
err_free_stats:
	free_percpu(tn->ns.stats);
	return ret;
}

/* A grace period of RCU follows before net_exit(): no hook runs any more. */
static void __net_exit net_pre_exit(struct net *net)
{
	tcpt_hook_unregister(net);
}

static void __net_exit net_exit(struct net *net)
{
	struct tcpt_net *tn = tcpt_net_get(net);

	tcpt_procfs_remove(net);
	tcpt_expiry_namespace(tn->tracker, &tn->ns, ktime_get_ns());
	tcpt_limit_stop(&tn->limits);
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

/**
 * tcpt_pernet_register - begin to observe every network namespace
 * @tracker: what the segments are given to
 *
 * Context: process; may sleep.
 * Return: 0 or -errno.
 */
int tcpt_pernet_register(struct tcpt_tracker *tracker)
{
	the_tracker = tracker;
	return register_pernet_subsys(&net_ops);
}

/**
 * tcpt_pernet_unregister - end it, and close every connection
 *
 * Context: process; may sleep.
 */
void tcpt_pernet_unregister(void)
{
	unregister_pernet_subsys(&net_ops);
}
