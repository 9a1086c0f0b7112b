/* SPDX-License-Identifier: GPL-2.0 */
/* The module's data of each network namespace, found by tcpt_net_id. */
#ifndef _TCPT_NET_H
#define _TCPT_NET_H

#include "conn.h"
#include "limit.h"

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/netfilter.h>

struct net;
struct tcpt_tracker;

enum {
	TCPT_HOOKS	= 3,	/* LOCAL_IN, FORWARD, LOCAL_OUT */
	TCPT_FATE_HOOKS	= 2,	/* LOCAL_IN, POST_ROUTING */
};

/**
 * struct tcpt_net - the module's data of a network namespace
 * @net: the namespace
 * @ns: the data that connections and events use
 * @limits: the limits that the namespace has reached
 * @tracker: the tracker that all namespaces share
 * @hooks: the registered hooks; the @priv of each hook points to this struct
 * @fate_hooks: the hooks that follow packets
 * @node: entry in the list of namespaces whose packets can be followed; RCU,
 *	writers hold the mutex of fate.c
 * @followed: true while @fate_hooks are registered; protected by the mutex of
 *	fate.c
 * @watched: true while dropped packets of the namespace are examined; READ_ONCE
 * @drops_lost: number of dropped packets that found no room in the queue and
 *	are not reported yet
 */
struct tcpt_net {
	struct net *net;
	struct tcpt_ns ns;
	struct tcpt_limits limits;
	struct tcpt_tracker *tracker;
	struct nf_hook_ops hooks[TCPT_HOOKS];
	struct nf_hook_ops fate_hooks[TCPT_FATE_HOOKS];
	struct list_head node;
	bool followed;
	bool watched;
	atomic_long_t drops_lost;
};

extern unsigned int tcpt_net_id;

struct tcpt_net *tcpt_net_get(const struct net *net);

#endif /* _TCPT_NET_H */
