/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What this host knows about a connection besides its segments: the owners of
 * its ends, the interfaces that its packets pass, and its addresses after NAT.
 */
#ifndef _TCPT_CONTEXT_H
#define _TCPT_CONTEXT_H

#include <linux/tcptrace.h>
#include <linux/types.h>

struct nf_hook_state;
struct sk_buff;
struct sock;
struct tcpt_flow;

/**
 * struct tcpt_packet_at - a packet at a hook
 * @skb: the packet
 * @state: the hook state; NULL if the context of the packet is not available
 */
struct tcpt_packet_at {
	const struct sk_buff *skb;
	const struct nf_hook_state *state;
};

bool tcpt_context_owner(struct tcptrace_owner *owner,
			const struct tcpt_packet_at *at, u16 sport);
void tcpt_context_socket(struct tcptrace_owner *owner, const struct sock *sk);
void tcpt_context_listener(struct tcptrace_context *context, unsigned int end,
			   const struct tcptrace_owner *listener);
void tcpt_context_way(struct tcptrace_context *context, unsigned int from,
		      const struct tcpt_packet_at *at,
		      const struct tcpt_flow *flow, unsigned int orig);
bool tcpt_context_is_plain(struct tcptrace_path *path,
			   const struct tcpt_packet_at *at,
			   const struct tcpt_flow *flow);
bool tcpt_context_forgotten(const struct tcptrace_context *context,
			    unsigned int from,
			    const struct tcpt_packet_at *at);
u32 tcpt_context_asymmetric(const struct tcptrace_path path[2],
			    unsigned int *end);

#endif /* _TCPT_CONTEXT_H */
