// SPDX-License-Identifier: GPL-2.0
/*
 * A listener drops a SYN if its accept queue is full, or if its SYN queue is
 * full and SYN cookies are off. The kernel frees the skb as consumed, so no
 * tracepoint reports the drop. Therefore this file reads the queues of the
 * listener when the SYN is delivered, and applies the rules of
 * tcp_conn_request().
 */
#include "listener.h"

#include "context.h"

#include "core/fate.h"
#include "core/segment.h"

#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/string.h>
#include <linux/tcptrace.h>

#include <net/inet6_hashtables.h>
#include <net/inet_connection_sock.h>
#include <net/inet_hashtables.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>
#include <net/request_sock.h>
#include <net/sock_reuseport.h>
#include <net/tcp.h>

/*
 * The lookups do not get the skb, because a BPF program that selects a socket
 * of a reuseport group could change the skb. A listener whose group has such a
 * program is ignored: see has_program(). Kbuild checks whether the lookups have
 * the argument hashinfo.
 */
static const struct sock *look_up4(struct net *net, const struct sk_buff *skb,
				   const struct tcpt_segment *seg)
{
	const struct iphdr *ip = ip_hdr(skb);

	return __inet_lookup_listener(net,
#ifdef TCPT_HASHINFO
				      net->ipv4.tcp_death_row.hashinfo,
#endif
				      NULL, 0, ip->saddr, htons(seg->sport),
				      ip->daddr, seg->dport, inet_iif(skb),
				      inet_sdif(skb));
}

#if IS_ENABLED(CONFIG_IPV6)
static const struct sock *look_up6(struct net *net, const struct sk_buff *skb,
				   const struct tcpt_segment *seg)
{
	const struct ipv6hdr *ip = ipv6_hdr(skb);

	return inet6_lookup_listener(net,
#ifdef TCPT_HASHINFO
				     net->ipv4.tcp_death_row.hashinfo,
#endif
				     NULL, 0, &ip->saddr, htons(seg->sport),
				     &ip->daddr, seg->dport, inet6_iif(skb),
				     inet6_sdif(skb));
}
#else
static const struct sock *look_up6(struct net *net, const struct sk_buff *skb,
				   const struct tcpt_segment *seg)
{
	return NULL;
}
#endif

static bool has_program(const struct sock *sk)
{
	const struct sock_reuseport *group;

	group = rcu_dereference(sk->sk_reuseport_cb);
	return group && rcu_access_pointer(group->prog);
}

static const struct sock *listener_of_syn(struct net *net,
					  const struct sk_buff *skb,
					  const struct tcpt_segment *seg)
{
	const struct sock *sk;

	/* a rule for a transparent proxy has chosen the socket */
	if (skb->sk)
		return READ_ONCE(skb->sk->sk_state) == TCP_LISTEN ? skb->sk :
								    NULL;
	sk = seg->family == 4 ? look_up4(net, skb, seg) :
				look_up6(net, skb, seg);
	return sk && !has_program(sk) ? sk : NULL;
}

/* With TCP_DEFER_ACCEPT, even a listener that has room drops the bare ACK. */
static const struct sock *listener_of_ack(const struct request_sock *req,
					  const struct tcpt_segment *seg)
{
	const struct sock *sk = req->rsk_listener;

	if (!sk || !(seg->flags & TCPTRACE_ACK) || seg->flags & TCPT_SFR ||
	    seg->seq != tcp_rsk(req)->rcv_nxt ||
	    seg->ack != tcp_rsk(req)->snt_isn + 1 ||
	    READ_ONCE(inet_csk(sk)->icsk_accept_queue.rskq_defer_accept))
		return NULL;
	return sk;
}

static bool sends_cookies(const struct net *net)
{
	return IS_ENABLED(CONFIG_SYN_COOKIES) &&
	       READ_ONCE(net->ipv4.sysctl_tcp_syncookies);
}

static bool fill_syn_queue(struct tcpt_backlog *backlog, const struct sock *sk,
			   u32 limit)
{
	backlog->reason = "SYN_QUEUE_FULL";
	backlog->queued = inet_csk_reqsk_queue_len(sk);
	backlog->limit = limit;
	return true;
}

/*
 * The last quarter of the SYN queue is reserved for known peers. This function
 * treats each peer as unknown.
 */
static bool is_syn_queue_full(struct tcpt_backlog *backlog,
			      const struct sock *sk, const struct net *net)
{
	int max = READ_ONCE(net->ipv4.sysctl_max_syn_backlog);

	if (sends_cookies(net))
		return false;
	if (inet_csk_reqsk_queue_is_full(sk))
		return fill_syn_queue(backlog, sk,
				      READ_ONCE(sk->sk_max_ack_backlog));
	return max - inet_csk_reqsk_queue_len(sk) < max >> 2 &&
	       fill_syn_queue(backlog, sk, max);
}

static bool is_accept_queue_full(struct tcpt_backlog *backlog,
				 const struct sock *sk)
{
	if (!sk_acceptq_is_full(sk))
		return false;
	/* the kernel's drop reason for the ACK; older kernels give no reason */
	backlog->reason = "TCP_LISTEN_OVERFLOW";
	backlog->queued = READ_ONCE(sk->sk_ack_backlog);
	backlog->limit = READ_ONCE(sk->sk_max_ack_backlog);
	return true;
}

/**
 * tcpt_listener_is_full - check whether a queue of the listener is full
 * @backlog: filled in if a queue is full
 * @net: the namespace
 * @skb: a packet that is being delivered; it is not changed
 * @seg: the segment in @skb, with the addresses of @skb
 *
 * Context: any, under rcu_read_lock().
 * Return: true if a queue is full now. The listener drops the packet (a SYN or
 * the ACK of a handshake) if the queue is still full when the packet arrives.
 * If SYN cookies are on, the SYN queue never counts as full.
 */
bool tcpt_listener_is_full(struct tcpt_backlog *backlog, struct net *net,
			   const struct sk_buff *skb,
			   const struct tcpt_segment *seg)
{
	bool syn = tcpt_segment_is_syn(seg);
	const struct sock *sk;

	if (syn)
		sk = listener_of_syn(net, skb, seg);
	else if (tcpt_listener_awaits(skb))
		sk = listener_of_ack(inet_reqsk(skb->sk), seg);
	else
		return false;
	if (!sk || sk->sk_protocol != IPPROTO_TCP)
		return false;
	backlog->drops = atomic_read(&sk->sk_drops);
	if (!(syn && is_syn_queue_full(backlog, sk, net)) &&
	    !is_accept_queue_full(backlog, sk))
		return false;
	memset(&backlog->owner, 0, sizeof(backlog->owner));
	tcpt_context_socket(&backlog->owner, sk);
	return true;
}
