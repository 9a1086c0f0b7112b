/* SPDX-License-Identifier: GPL-2.0 */
/* Listeners whose queues are full. */
#ifndef _TCPT_LISTENER_H
#define _TCPT_LISTENER_H

#include <linux/skbuff.h>
#include <linux/types.h>

#include <net/sock.h>
#include <net/tcp_states.h>

struct net;
struct tcpt_backlog;
struct tcpt_segment;

bool tcpt_listener_is_full(struct tcpt_backlog *backlog, struct net *net,
			   const struct sk_buff *skb,
			   const struct tcpt_segment *seg);

/*
 * Does @skb belong to a handshake that waits for an ACK? The answer is always
 * false on loopback, where early demux does not set skb->sk.
 */
static inline bool tcpt_listener_awaits(const struct sk_buff *skb)
{
	return skb->sk && READ_ONCE(skb->sk->sk_state) == TCP_NEW_SYN_RECV;
}

#endif /* _TCPT_LISTENER_H */
