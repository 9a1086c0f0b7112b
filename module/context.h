/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What this host knows about a connection besides its segments: the owners of
 * its ends, the interfaces that its packets pass, and its addresses after NAT.
 */
#ifndef _TCPT_CONTEXT_H
#define _TCPT_CONTEXT_H

#include <linux/preempt.h>
#include <linux/skbuff.h>
#include <linux/tcptrace.h>
#include <linux/types.h>

#include <net/sock.h>

struct nf_hook_state;
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

/* Can a process, and not the kernel, have sent this packet? */
static inline bool tcpt_context_from_process(const struct sk_buff *skb)
{
	const struct sock *sk = skb->sk;

	return in_task() && sk && sk_fullsock(sk) && !sk->sk_kern_sock;
}

/*
 * Can a packet that this host sends show something new about its owner? Once
 * the inode is known, only the process is missing.
 */
static inline bool tcpt_context_wants(const struct tcptrace_owner *owner,
				      const struct sk_buff *skb)
{
	return owner->known < TCPTRACE_KNOWN_INODE ||
	       (owner->known < TCPTRACE_KNOWN_TASK &&
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
bool tcpt_context_is_plain(struct tcptrace_path *path,
			   const struct tcpt_packet_at *at,
			   const struct tcpt_flow *flow);
bool tcpt_context_forgotten(const struct tcptrace_context *context,
			    unsigned int from,
			    const struct tcpt_packet_at *at);
u32 tcpt_context_asymmetric(const struct tcptrace_path path[2],
			    unsigned int *end);

#endif /* _TCPT_CONTEXT_H */
