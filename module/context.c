// SPDX-License-Identifier: GPL-2.0
#include "context.h"

#include <linux/cgroup.h>
#include <linux/netfilter.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <linux/uidgid.h>

#include <net/inet_sock.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/sock.h>

/*
 * Return: the sending socket; NULL if there is none, or if the socket does not
 * belong to the connection. A request or TIME_WAIT socket has no owner, and the
 * stack sends some RSTs from a raw socket.
 */
static const struct sock *socket_of(const struct sk_buff *skb, u16 sport)
{
	const struct sock *sk = skb->sk;

	if (!sk || !sk_fullsock(sk) || sk->sk_type != SOCK_STREAM ||
	    sk->sk_protocol != IPPROTO_TCP || inet_sk(sk)->inet_num != sport)
		return NULL;
	return sk;
}

/*
 * Does the process that owns the socket send this packet itself? If so, the
 * hook state is on the stack of current. If a softirq that interrupted current
 * sends the packet, the state is elsewhere. If current has given a verdict to
 * NFQUEUE, which then calls the remaining hooks, the state is on the heap. A
 * socket that the kernel itself uses may send on behalf of other processes.
 */
static bool sends_itself(const struct tcpt_packet_at *at)
{
	return tcpt_context_from_process(at->skb) &&
	       !(current->flags & PF_KTHREAD) && current->mm &&
	       object_is_on_stack(at->state) &&
	       !READ_ONCE(at->skb->sk->sk_user_data);
}

static u64 cgroup_of(const struct sock *sk)
{
#ifdef CONFIG_SOCK_CGROUP_DATA
	const struct cgroup *cgrp =
		sock_cgroup_ptr((struct sock_cgroup_data *)&sk->sk_cgrp_data);

	return cgrp ? cgroup_id(cgrp) : 0;
#else
	return 0;
#endif
}

/* RCU: sk_socket and its inode are freed only after a grace period. */
static u32 inode_of(const struct sock *sk)
{
	struct socket *sock = READ_ONCE(sk->sk_socket);

	return sock ? SOCK_INODE(sock)->i_ino : 0;
}

/**
 * tcpt_context_socket - read the owner of a socket
 * @owner: filled in, except for the process
 * @sk: a full socket
 *
 * Context: any but hard interrupts, under rcu_read_lock().
 */
void tcpt_context_socket(struct tcptrace_owner *owner, const struct sock *sk)
{
	owner->uid = from_kuid_munged(&init_user_ns, sk->sk_uid);
	owner->cookie = atomic64_read(&sk->sk_cookie);
	owner->cgroup = cgroup_of(sk);
	owner->inode = inode_of(sk);
	owner->known = owner->inode ? TCPTRACE_KNOWN_INODE :
				      TCPTRACE_KNOWN_SOCKET;
}

static void note_task(struct tcptrace_owner *owner)
{
	owner->pid = task_tgid_nr(current);
	strscpy_pad(owner->comm, current->group_leader->comm,
		    sizeof(owner->comm));
}

/**
 * tcpt_context_owner - learn the owner of the end that sends a packet
 * @owner: what is known so far; updated
 * @at: a packet that this host sends
 * @sport: its source port
 *
 * A server's socket has no inode until accept() gives it a file, and a process
 * becomes known only when it sends a packet itself.
 *
 * Context: any but hard interrupts, under rcu_read_lock().
 * Return: true if the inode or the process became known.
 */
bool tcpt_context_owner(struct tcptrace_owner *owner,
			const struct tcpt_packet_at *at, u16 sport)
{
	u8 known = owner->known;
	const struct sock *sk;
	bool itself;

	if (!at->state)
		return false;
	sk = socket_of(at->skb, sport);
	if (!sk)
		return false;
	itself = sends_itself(at);
	if (known < TCPTRACE_KNOWN_INODE)
		tcpt_context_socket(owner, sk);
	if (itself && owner->inode) {
		note_task(owner);
		owner->known = TCPTRACE_KNOWN_TASK;
	}
	return owner->known > known && owner->inode;
}

#if IS_ENABLED(CONFIG_NF_CONNTRACK)
static size_t addr_len(const struct tcpt_flow *flow)
{
	return flow->family == 6 ? 16 : 4;
}

static bool is_end(const struct tcpt_flow *flow, unsigned int end,
		   const union nf_inet_addr *addr, __be16 port)
{
	return flow->port[end] == ntohs(port) &&
	       memcmp(flow->addr[end], addr, addr_len(flow)) == 0;
}

static noinline void note_tuples(struct tcptrace_nat *nat,
				 const struct nf_conn *ct,
				 const struct tcpt_flow *flow,
				 unsigned int orig)
{
	const struct nf_conntrack_tuple *there, *back, *to;
	unsigned int client, end, i;

	there = &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	back = &ct->tuplehash[IP_CT_DIR_REPLY].tuple;
	client = !is_end(flow, 0, &there->src.u3, there->src.u.tcp.port);
	if (client && !is_end(flow, 1, &there->src.u3, there->src.u.tcp.port))
		return;
	memset(nat, 0, sizeof(*nat));
	/* the peer of an end sends to the translated address of that end */
	for (i = 0; i < 2; i++) {
		to = i == client ? back : there;
		end = i ^ orig;
		if (is_end(flow, i, &to->dst.u3, to->dst.u.tcp.port))
			continue;
		nat->translated[end] = 1;
		nat->port[end] = ntohs(to->dst.u.tcp.port);
		memcpy(nat->addr[end], &to->dst.u3, addr_len(flow));
	}
}

static void note_nat(struct tcptrace_nat *nat, const struct sk_buff *skb,
		     const struct tcpt_flow *flow, unsigned int orig)
{
	enum ip_conntrack_info ctinfo;
	const struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	if (ct)
		note_tuples(nat, ct, flow, orig);
}
#else
static void note_nat(struct tcptrace_nat *nat, const struct sk_buff *skb,
		     const struct tcpt_flow *flow, unsigned int orig)
{
}
#endif

/**
 * tcpt_context_translated - check whether NAT translates a packet
 * @skb: a packet that has a connection tracking entry
 * @flow: its connection, as it was observed
 *
 * Context: any.
 * Return: true if the address or port of an end is translated.
 */
bool tcpt_context_translated(const struct sk_buff *skb,
			     const struct tcpt_flow *flow)
{
	struct tcptrace_nat nat = {};

	note_nat(&nat, skb, flow, 0);
	return nat.translated[0] || nat.translated[1];
}

/**
 * tcpt_context_listener - learn who owns the listener that drops a packet
 * @context: completed
 * @end: the end that has no socket yet
 * @listener: who owns the listener
 *
 * The owner of the listener is provisional: if the responder gets a socket, the
 * owner of that socket replaces it.
 *
 * Context: any.
 */
void tcpt_context_listener(struct tcptrace_context *context, unsigned int end,
			   const struct tcptrace_owner *listener)
{
	struct tcptrace_owner *owner = &context->owner[end];

	if (owner->known >= TCPTRACE_KNOWN_INODE)
		return;
	*owner = *listener;
	owner->known = TCPTRACE_KNOWN_SOCKET;
}

/**
 * tcpt_context_way - learn the path of an end's packets through this host
 * @context: completed
 * @from: the end: 0 for the originator, 1 for the responder
 * @at: the first packet of the end, or the first packet on a different path
 * @flow: the connection, as it was observed
 * @orig: which end of @flow is the originator
 *
 * The function also notes the addresses after NAT. If the packet arrived on an
 * interface, and nothing is known about the owner of the end, the owner is
 * noted as remote. If the hook state is not available, nothing is noted.
 *
 * Context: any but hard interrupts, under rcu_read_lock().
 */
void tcpt_context_way(struct tcptrace_context *context, unsigned int from,
		      const struct tcpt_packet_at *at,
		      const struct tcpt_flow *flow, unsigned int orig)
{
	struct tcptrace_owner *owner = &context->owner[from];

	if (!at->state)
		return;
	tcpt_context_path(&context->path[from], at, flow->family);
	note_nat(&context->nat, at->skb, flow, orig);
	if (at->state->in && owner->known == TCPTRACE_KNOWN_NOTHING)
		owner->known = TCPTRACE_KNOWN_REMOTE;
}

/**
 * tcpt_context_forgotten - check whether NAT has forgotten a connection
 * @context: the context of the connection
 * @from: the sender of the packet: 0 for the originator, 1 for the responder
 * @at: the packet
 *
 * Context: any but hard interrupts.
 * Return: true if this host forwards the packet with the sender's own address,
 * although NAT has translated that address before.
 */
bool tcpt_context_forgotten(const struct tcptrace_context *context,
			    unsigned int from, const struct tcpt_packet_at *at)
{
	return context->nat.translated[from] && at->state &&
	       at->state->hook == NF_INET_FORWARD &&
	       !tcpt_context_conntrack(at->skb);
}

/**
 * tcpt_context_asymmetric - check whether directions use different interfaces
 * @path: the paths of both ends
 * @end: set to the end whose segments leave on one interface while its peer's
 *	segments arrive on another; 2 if there is no such end
 *
 * Context: any.
 * Return: the index of the interface on which the segments of @end leave; 0 if
 * there is no such end.
 */
u32 tcpt_context_asymmetric(const struct tcptrace_path path[2],
			    unsigned int *end)
{
	for (*end = 0; *end < 2; (*end)++)
		if (path[*end].out && path[!*end].in &&
		    path[*end].out != path[!*end].in)
			return path[*end].out;
	return 0;
}
