/* SPDX-License-Identifier: GPL-2.0 */
/* What belongs to one network namespace. */
#ifndef _TCPT_NETNS_H
#define _TCPT_NETNS_H

#include "conn.h"
#include "limit.h"

#include <linux/netfilter.h>

struct net;
struct tcpt_tracker;

enum {
	TCPT_HOOKS	= 3,	/* LOCAL_IN, FORWARD, LOCAL_OUT */
};

/**
 * struct tcpt_net - our part of a network namespace
 * @ns: what connections and events know of it
 * @limits: those that it has reached
 * @tracker: the tracker of all
 * @hooks: what is registered; each leads back here
 */
struct tcpt_net {
	struct tcpt_ns ns;
	struct tcpt_limits limits;
	struct tcpt_tracker *tracker;
	struct nf_hook_ops hooks[TCPT_HOOKS];
};

extern unsigned int tcpt_net_id;

struct tcpt_net *tcpt_net_get(const struct net *net);

#endif /* _TCPT_NETNS_H */
