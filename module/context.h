/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What this host knows about a connection besides its segments: the owners of
 * its ends, the interfaces that its packets pass, and its addresses after NAT.
 */
#ifndef _TCPT_CONTEXT_H
#define _TCPT_CONTEXT_H

#include "core/flow.h"

#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/preempt.h>
#include <linux/skbuff.h>
#include <linux/tcptrace.h>
#include <linux/types.h>

#include <net/dst.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/sock.h>

/**
 * struct tcpt_packet_at - a packet at a hook
 * @skb: the packet
 * @state: the hook state; NULL if the context of the packet is not available
 */
struct tcpt_packet_at {
	const struct sk_buff *skb;
	const struct nf_hook_state *state;
};

/* Can a process, and not the kernel, have sent this packet? */
static inline bool tcpt_context_from_process(const struct sk_buff *skb)
{
	const struct sock *sk = skb->sk;

	return in_task() && sk && sk_fullsock(sk) && !sk->sk_kern_sock;
}

/*
 * Can a packet that this host sends show something new about its owner, of which
 * @known is already known (enum tcptrace_known)? Once
 * the inode is known, only the process is missing.
 */
static inline bool tcpt_context_wants(u8 known, const struct sk_buff *skb)
{
	return known < TCPTRACE_KNOWN_INODE ||
	       (known < TCPTRACE_KNOWN_TASK &&
		tcpt_context_from_process(skb));
}

bool tcpt_context_owner(struct tcptrace_owner *owner,
			const struct tcpt_packet_at *at, u16 sport);
void tcpt_context_socket(struct tcptrace_owner *owner, const struct sock *sk);
void tcpt_context_listener(struct tcptrace_context *context, unsigned int end,
			   const struct tcptrace_owner *listener);
void tcpt_context_way(struct tcptrace_context *context, unsigned int from,
		      const struct tcpt_packet_at *at,
		      const struct tcpt_flow *flow, unsigned int orig);
bool tcpt_context_translated(const struct sk_buff *skb,
			     const struct tcpt_flow *flow);
bool tcpt_context_forgotten(const struct tcptrace_context *context,
			    unsigned int from,
			    const struct tcpt_packet_at *at);
u32 tcpt_context_asymmetric(const struct tcptrace_path path[2],
			    unsigned int *end);

/*
 * For a packet in a VRF, state->in is the VRF's device, not the arrival device.
 */
static inline u32 tcpt_context_in(const struct tcpt_packet_at *at,
				  unsigned int family)
{
	int slave = family == 6 ? inet6_sdif(at->skb) : inet_sdif(at->skb);

	return slave ? slave : at->state->in->ifindex;
}

/*
 * A rule in OUTPUT may have changed the route, so that the packet does not
 * leave on state->out.
 */
static inline const struct net_device *
tcpt_context_out(const struct tcpt_packet_at *at)
{
	const struct dst_entry *dst = skb_dst(at->skb);

	return dst ? dst->dev : at->state->out;
}

static inline void tcpt_context_path(struct tcptrace_path *path,
				     const struct tcpt_packet_at *at,
				     unsigned int family)
{
	const struct nf_hook_state *state = at->state;
	const struct net_device *out = state->out ? tcpt_context_out(at) : NULL;

	path->in = state->in ? tcpt_context_in(at, family) : 0;
	path->out = out ? out->ifindex : 0;
	path->vrf = l3mdev_master_ifindex_rcu(state->in ?: out);
	path->mark = at->skb->mark;
}

/* Does conntrack have an entry for the packet? */
static inline bool tcpt_context_conntrack(const struct sk_buff *skb)
{
	enum ip_conntrack_info ctinfo;

	return IS_ENABLED(CONFIG_NF_CONNTRACK) && nf_ct_get(skb, &ctinfo);
}

/**
 * tcpt_context_is_plain - check whether a packet shows no context but its path
 * @path: filled in, if the hook state is available
 * @at: the first packet of a connection, sent by another host
 * @flow: the connection, as it was observed
 *
 * Context: any but hard interrupts, under rcu_read_lock().
 * Return: false if the packet is in a VRF, or if its addresses are translated.
 */
static inline bool tcpt_context_is_plain(struct tcptrace_path *path,
					 const struct tcpt_packet_at *at,
					 const struct tcpt_flow *flow)
{
	if (!at->state)
		return true;
	tcpt_context_path(path, at, flow->family);
	return !path->vrf && !(tcpt_context_conntrack(at->skb) &&
			       tcpt_context_translated(at->skb, flow));
}

#endif /* _TCPT_CONTEXT_H */
