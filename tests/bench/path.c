// SPDX-License-Identifier: GPL-2.0
#include "path.h"

#include <linux/err.h>
#include <linux/etherdevice.h>
#include <linux/if_ether.h>
#include <linux/netdevice.h>
#include <linux/rcupdate.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include <net/net_namespace.h>
#include <net/netfilter/nf_conntrack.h>

struct bench_path bench_nothing = { .name = "nothing" };
struct bench_path bench_noop = { .name = "noop" };
struct bench_path bench_tcptrace = { .name = "tcptrace" };
struct bench_path bench_conntrack = { .name = "conntrack" };

static struct net_device *device;

static unsigned int accept_all(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	return NF_ACCEPT;
}

static bool has_hook(const struct nf_hook_entries *entries, nf_hookfn *hook)
{
	unsigned int i;

	for (i = 0; entries && i < entries->num_hook_entries; i++)
		if (entries->hooks[i].hook == hook)
			return true;
	return false;
}

/*
 * Return: the hooks of @from that are not among @but, NULL if there are none,
 * or ERR_PTR(-ENOMEM).
 */
static struct nf_hook_entries *copy_hooks(const struct nf_hook_entries *from,
					  const struct nf_hook_entries *but)
{
	unsigned int i, n = from ? from->num_hook_entries : 0;
	struct nf_hook_entries *entries;

	entries = kzalloc(struct_size(entries, hooks, n), GFP_KERNEL);
	if (!entries)
		return ERR_PTR(-ENOMEM);
	for (i = 0; i < n; i++)
		if (!has_hook(but, from->hooks[i].hook))
			entries->hooks[entries->num_hook_entries++] =
				from->hooks[i];
	if (entries->num_hook_entries)
		return entries;
	kfree(entries);
	return NULL;
}

static const struct nf_hook_entries *hooks_of(unsigned int v6,
					      unsigned int hook)
{
	struct netns_nf *nf = &init_net.nf;

	/* nothing else registers hooks on the test machine */
	return v6 ? rcu_dereference_raw(nf->hooks_ipv6[hook]) :
		    rcu_dereference_raw(nf->hooks_ipv4[hook]);
}

/* Copy the hooks that are registered now, except the hooks of @others. */
static int take_hooks(struct bench_path *path, const struct bench_path *others)
{
	unsigned int v6;

	for (v6 = 0; v6 < 2; v6++) {
		path->pre[v6] = copy_hooks(hooks_of(v6, NF_INET_PRE_ROUTING),
					   others->pre[v6]);
		if (IS_ERR(path->pre[v6]))
			return PTR_ERR(path->pre[v6]);
		path->in[v6] = copy_hooks(hooks_of(v6, NF_INET_LOCAL_IN),
					  others->in[v6]);
		if (IS_ERR(path->in[v6]))
			return PTR_ERR(path->in[v6]);
	}
	return 0;
}

static int make_noop(void)
{
	unsigned int v6;

	for (v6 = 0; v6 < 2; v6++) {
		struct nf_hook_entries *e;

		e = kzalloc(struct_size(e, hooks, 1), GFP_KERNEL);
		if (!e)
			return -ENOMEM;
		e->num_hook_entries = 1;
		e->hooks[0].hook = accept_all;
		bench_noop.in[v6] = e;
	}
	return 0;
}

/**
 * bench_paths_open - find the hooks of all observers
 *
 * The hooks that are already registered in the initial namespace belong to the
 * module under test. The hooks that appear when the function requests conntrack
 * belong to conntrack.
 *
 * Context: process; may sleep.
 * Return: 0 or -errno.
 */
int bench_paths_open(void)
{
	int ret;

	device = alloc_etherdev(0);
	if (!device)
		return -ENOMEM;
	dev_net_set(device, &init_net);
	ret = make_noop() ?: take_hooks(&bench_tcptrace, &bench_nothing) ?:
	      nf_ct_netns_get(&init_net, NFPROTO_INET);
	if (ret)
		return ret;
	return take_hooks(&bench_conntrack, &bench_tcptrace);
}

static void free_path(struct bench_path *path)
{
	unsigned int v6;

	for (v6 = 0; v6 < 2; v6++) {
		if (!IS_ERR(path->pre[v6]))
			kfree(path->pre[v6]);
		if (!IS_ERR(path->in[v6]))
			kfree(path->in[v6]);
	}
}

/**
 * bench_paths_close - undo bench_paths_open(), even if it failed
 *
 * Context: process; may sleep.
 */
void bench_paths_close(void)
{
	if (bench_conntrack.pre[0])
		nf_ct_netns_put(&init_net, NFPROTO_INET);
	free_path(&bench_noop);
	free_path(&bench_tcptrace);
	free_path(&bench_conntrack);
	if (device)
		free_netdev(device);
}

/* Do what nf_hook() does, but with the hooks of one observer. */
static unsigned int pass(const struct nf_hook_entries *entries,
			 unsigned int hook, u8 pf, struct sk_buff *skb)
{
	struct nf_hook_state state;
	int ret;

	if (!entries)
		return 0;
	nf_hook_state_init(&state, hook, pf, device, NULL, NULL, &init_net,
			   NULL);
	rcu_read_lock();
	ret = nf_hook_slow(skb, &state, entries, 0);
	rcu_read_unlock();
	return ret != 1;
}

/**
 * bench_path_send - pass a packet through an observer's hooks for local input
 * @path: the observer
 * @skb: the packet; the caller gets it back, unless a hook dropped it
 *
 * Context: BH off.
 * Return: 0, or 1 if a hook dropped and freed @skb.
 */
unsigned int bench_path_send(const struct bench_path *path,
			     struct sk_buff *skb)
{
	bool v6 = skb->protocol == htons(ETH_P_IPV6);
	u8 pf = v6 ? NFPROTO_IPV6 : NFPROTO_IPV4;

	if (pass(path->pre[v6], NF_INET_PRE_ROUTING, pf, skb) ||
	    pass(path->in[v6], NF_INET_LOCAL_IN, pf, skb))
		return 1;
	nf_reset_ct(skb);
	return 0;
}

static int is_any(struct nf_conn *ct, void *data)
{
	return 1;
}

/**
 * bench_forget_conntrack - empty conntrack's table
 *
 * Context: process; may sleep.
 */
void bench_forget_conntrack(void)
{
	struct nf_ct_iter_data iter = { .net = &init_net };

	nf_ct_iterate_cleanup_net(is_any, &iter);
}
