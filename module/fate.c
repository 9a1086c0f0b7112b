// SPDX-License-Identifier: GPL-2.0
/*
 * While a reader asks for the fate of packets, this file follows packets after
 * they were observed. Hooks that run after the ruleset see the packets that the
 * ruleset accepted. A probe at the tracepoint skb:kfree_skb sees the packets
 * that were dropped.
 *
 * The probe may run in any context, with any lock held. The probe copies the
 * headers of a TCP packet into the queue of its CPU, and a work item takes the
 * headers out of the queue. If the queue has no room, the packet is counted and
 * reported as lost.
 */
#include "fate.h"

#include "delay.h"
#include "drop_reason.h"
#include "listener.h"
#include "net.h"
#include "packet.h"
#include "reader.h"
#include "stats.h"
#include "tracker.h"

#include "core/fate.h"

#include <linux/atomic.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/percpu.h>
#include <linux/rculist.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include <net/dst.h>
#include <net/dst_metadata.h>
#include <net/ip.h>
#include <net/ip6_fib.h>
#include <net/ipv6.h>
#include <net/netns/generic.h>
#include <net/route.h>
#include <net/sock.h>

#include <trace/events/skb.h>

enum {
	QUEUE_LEN	= 256,	/* entries in a CPU's queue of drops */
	TCP_FLAGS	= 13,	/* offset of the flags in the TCP header */
	/* bytes; IPv4 needs up to 120, IPv6 without extensions up to 100 */
	HEADER_MAX	= 160,
};

/**
 * struct drop - a dropped packet
 * @tn: network namespace of the packet
 * @now: time of the drop, ns
 * @location: the instruction that freed the packet
 * @wire_len: length of the packet, IP header included
 * @reason: enum skb_drop_reason
 * @ifindex: device of the packet, 0 if unknown
 * @len: number of bytes in @header
 * @hook: enum tcptrace_hook of the packet's path through this host
 * @translated: NAT translates the packet, and @ends is set
 * @ends: ends of the packet as the hooks observe them
 * @backlog: if @backlog.reason is set, the packet is being delivered to a
 *	listener that has no room
 * @header: headers of the packet
 */
struct drop {
	struct tcpt_net *tn;
	u64 now;
	void *location;
	u32 wire_len;
	u32 reason;
	u32 ifindex;
	u16 len;
	u8 hook;
	bool translated;
	struct tcpt_ends ends;
	struct tcpt_backlog backlog;
	u8 header[HEADER_MAX];
};

/**
 * struct queue - the dropped packets of a CPU
 * @work: work item that takes the packets out of the queue
 * @drops: array of QUEUE_LEN entries; NULL while no reader asks for fates
 * @head: number of the next packet to add; written with interrupts off
 * @tail: number of the oldest packet in the queue; written by @work
 * @overflow: packets were lost for lack of room; their namespaces count them
 * @ack: the latest ACK for which a listener had no room; used by @work
 */
struct queue {
	struct work_struct work;
	struct drop *drops;
	unsigned int head;
	unsigned int tail;
	bool overflow;
	struct drop ack;
};

static DEFINE_PER_CPU(struct queue, queues);

/*
 * Protects the next two variables; never taken inside the mutex of the reader
 * list.
 */
static DEFINE_MUTEX(fate_lock);
static LIST_HEAD(namespaces);	/* RCU */
static unsigned int users;

/*
 * skb->dev is not always a device: a queue that sorts packets keeps its tree in
 * the same union. So this file dereferences the pointer only under RCU, and
 * only if it is in this table. A device leaves the table at least one grace
 * period before the device is freed.
 */
static DEFINE_XARRAY(devices);

static int note_device(struct notifier_block *nb, unsigned long event,
		       void *data)
{
	struct net_device *dev = netdev_notifier_info_to_dev(data);

	/* if this allocation fails, drops do not show the device */
	if (event == NETDEV_REGISTER)
		xa_store(&devices, (unsigned long)dev, dev, GFP_KERNEL);
	else if (event == NETDEV_UNREGISTER)
		xa_erase(&devices, (unsigned long)dev);
	return NOTIFY_DONE;
}

static struct notifier_block device_notifier = { .notifier_call = note_device };

static const struct dst_entry *dst_of(const struct sk_buff *skb)
{
	return skb_valid_dst(skb) ? skb_dst(skb) : NULL;
}

static bool is_local(const struct sk_buff *skb, const struct dst_entry *dst)
{
	if (skb->protocol == htons(ETH_P_IP))
		return ((const struct rtable *)dst)->rt_flags & RTCF_LOCAL;
	return ((const struct rt6_info *)dst)->rt6i_flags & RTF_LOCAL;
}

/*
 * Is a packet without a receiving interface leaving this host? A packet in a
 * device queue may have neither a route nor a socket, but begins with its link
 * header.
 */
static bool is_leaving(const struct sk_buff *skb, const struct dst_entry *dst)
{
	return skb->sk || dst || skb_network_offset(skb) > 0;
}

/* Find the path of a packet through this host, as far as the skb shows it. */
static u8 path_of(const struct sk_buff *skb, const struct net_device *dev,
		  const struct dst_entry *dst)
{
	if (!skb->skb_iif)
		return is_leaving(skb, dst) ? TCPTRACE_HOOK_OUT :
					      TCPTRACE_HOOK_INGRESS;
	/* skb->sk is the sender if skb->dev is a device, else the receiver */
	if (skb->sk && !dev)
		return TCPTRACE_HOOK_IN;
	if (dst)
		return is_local(skb, dst) ? TCPTRACE_HOOK_IN :
					    TCPTRACE_HOOK_FORWARD;
	return dev && dev->ifindex != skb->skb_iif ? TCPTRACE_HOOK_FORWARD :
						     TCPTRACE_HOOK_INGRESS;
}

static u32 ifindex_of(const struct sk_buff *skb, const struct net_device *dev,
		      const struct dst_entry *dst)
{
	if (dev)
		return dev->ifindex;
	if (skb->skb_iif)
		return skb->skb_iif;
	return dst && dst->dev ? dst->dev->ifindex : 0;
}

/*
 * Return: the packet's network namespace, or NULL if the skb does not show it.
 */
static const struct net *net_of(const struct sk_buff *skb,
				const struct net_device *dev,
				const struct dst_entry *dst)
{
	if (dev)
		return dev_net(dev);
	if (skb->sk)
		return sock_net(skb->sk);
	return dst && dst->dev ? dev_net(dst->dev) : NULL;
}

static bool is_tcp_ipv4(const struct sk_buff *skb)
{
	const u8 *p = skb_network_header(skb);

	return skb_tail_pointer(skb) - p >= (long)sizeof(struct iphdr) &&
	       ((const struct iphdr *)p)->protocol == IPPROTO_TCP;
}

/* Is the next header TCP, or an extension header that TCP may follow? */
static bool is_tcp_ipv6(const struct sk_buff *skb)
{
	const u8 *p = skb_network_header(skb);

	if (skb_tail_pointer(skb) - p < (long)sizeof(struct ipv6hdr))
		return false;
	switch (((const struct ipv6hdr *)p)->nexthdr) {
	case NEXTHDR_HOP:
	case NEXTHDR_TCP:
	case NEXTHDR_ROUTING:
	case NEXTHDR_FRAGMENT:
	case NEXTHDR_AUTH:
	case NEXTHDR_DEST:
		return true;
	default:
		return false;
	}
}

/* Return: false if the headers cannot be read. */
static bool copy_headers(struct drop *drop, const struct sk_buff *skb)
{
	int offset = skb_network_offset(skb);
	const u8 *p;

	drop->wire_len = skb->len - offset;
	drop->len = min_t(u32, drop->wire_len, HEADER_MAX);
	p = skb_header_pointer(skb, offset, drop->len, drop->header);
	if (!p)
		return false;
	if (p != drop->header)
		memcpy(drop->header, p, drop->len);
	return true;
}

/* Call with interrupts off. Return: a free entry of the queue, or NULL. */
static struct drop *find_room(struct queue *queue)
{
	/* pairs with drain(), which frees the entries */
	if (queue->head - smp_load_acquire(&queue->tail) == QUEUE_LEN)
		return NULL;
	return &queue->drops[queue->head % QUEUE_LEN];
}

/* Count a packet for which there is no room. Call with interrupts off. */
static void lose_drop(struct queue *queue, struct tcpt_net *tn)
{
	atomic_long_inc(&tn->drops_lost);
	WRITE_ONCE(queue->overflow, true);
}

/* Queue a packet whose headers were copied. Call with interrupts off. */
static void add_drop(struct queue *queue, struct drop *drop,
		     struct tcpt_net *tn, const struct sk_buff *skb)
{
	drop->tn = tn;
	drop->now = ktime_get_ns();
	drop->translated = tcpt_packet_ends(&drop->ends, skb);
	/* pairs with drain() */
	smp_store_release(&queue->head, queue->head + 1);
}

static noinline void note_drop(const struct sk_buff *skb, void *location,
			       u32 reason)
{
	const struct net_device *dev;
	const struct dst_entry *dst;
	const struct net *net;
	struct tcpt_net *tn;
	struct queue *queue;
	unsigned long flags;
	struct drop *drop;
	u8 hook;

	if (skb->pkt_type == PACKET_OTHERHOST)
		return;
	rcu_read_lock();
	dev = xa_load(&devices, (unsigned long)skb->dev);
	dst = dst_of(skb);
	net = net_of(skb, dev, dst);
	tn = net ? tcpt_net_get(net) : NULL;
	if (!tn || !READ_ONCE(tn->watched))
		goto out;
	hook = path_of(skb, dev, dst);
	/* the receiving socket is closed, or has processed the packet */
	if (hook == TCPTRACE_HOOK_IN && !dev && tcpt_drop_reason_is_none(reason))
		goto out;
	local_irq_save(flags);
	queue = this_cpu_ptr(&queues);
	drop = find_room(queue);
	if (!drop) {
		lose_drop(queue, tn);
	} else if (copy_headers(drop, skb)) {
		drop->location = location;
		drop->reason = reason;
		drop->ifindex = ifindex_of(skb, dev, dst);
		drop->hook = hook;
		drop->backlog.reason = NULL;
		add_drop(queue, drop, tn, skb);
	}
	queue_work(system_highpri_wq, &queue->work);
	local_irq_restore(flags);
out:
	rcu_read_unlock();
}

/* Kbuild checks which arguments the kernel's tracepoint has. */
#ifdef TCPT_RX_SK
static void probe(void *data, struct sk_buff *skb, void *location,
		  enum skb_drop_reason reason, TCPT_RX_SK struct sock *rx_sk)
#else
static void probe(void *data, struct sk_buff *skb, void *location,
		  enum skb_drop_reason reason)
#endif
{
	if ((skb->protocol == htons(ETH_P_IP) && is_tcp_ipv4(skb)) ||
	    (skb->protocol == htons(ETH_P_IPV6) && is_tcp_ipv6(skb)))
		note_drop(skb, location, reason);
}

/*
 * An AF_PACKET socket that has no room drops its own copy of a packet, but not
 * the packet itself.
 */
static bool is_copy(const char *function)
{
	return strstarts(function, "packet_rcv") ||
	       strstarts(function, "tpacket_rcv");
}

/*
 * For some packets that TCP has processed, the kernel reports a drop without a
 * reason. note_drop() recognizes the packets that a socket has received. This
 * function recognizes packets for TIME_WAIT sockets, and repeated SYNs that TCP
 * has answered.
 */
static bool is_processed(const struct tcpt_passage *passage)
{
	return !strcmp(passage->reason, "NOT_SPECIFIED") &&
	       (strstarts(passage->function, "tcp_v4_rcv") ||
		strstarts(passage->function, "tcp_v6_rcv"));
}

/*
 * Make an skb for the readers' filters, which run on packets. Return: the skb,
 * or NULL.
 */
static struct sk_buff *make_packet(const struct drop *drop)
{
	struct sk_buff *skb = alloc_skb(HEADER_MAX, GFP_KERNEL);

	if (skb)
		skb_put_data(skb, drop->header, drop->len);
	return skb;
}

static u32 zone_of(const struct drop *drop, const struct tcpt_segment *seg)
{
	const struct net_device *dev;

	dev = dev_get_by_index_rcu(drop->tn->net, drop->ifindex);
	return tcpt_packet_zone(seg, dev);
}

/* Is @drop the same packet as @full, for which a listener had no room? */
static bool is_same(const struct drop *full, const struct drop *drop)
{
	return full->backlog.reason && !drop->backlog.reason &&
	       full->tn == drop->tn && full->len == drop->len &&
	       !memcmp(full->header, drop->header, drop->len);
}

/* Has the probe queued a drop of the same packet as @full? */
static bool is_reported(const struct queue *queue, const struct drop *full)
{
	/* pairs with add_drop() */
	unsigned int i, head = smp_load_acquire(&queue->head);

	for (i = queue->tail + 1; i != head; i++)
		if (is_same(full, &queue->drops[i % QUEUE_LEN]))
			return true;
	return false;
}

/* Older kernels give no reason when they drop the ACK of a handshake. */
static bool is_ack(const struct drop *ack, const struct drop *drop,
		   const char *reason)
{
	return is_same(ack, drop) && (!strcmp(reason, "NOT_SPECIFIED") ||
				      !strcmp(reason, ack->backlog.reason));
}

/* Fill in why the packet was dropped, and by which function. */
static void explain(struct tcpt_passage *passage, const struct drop *drop,
		    const struct drop *ack, char function[TCPTRACE_FUNCTION_MAX])
{
	passage->function = function;
	if (drop->backlog.reason) {
		strscpy(function, "tcp_conn_request", TCPTRACE_FUNCTION_MAX);
		passage->backlog = drop->backlog;
		passage->reason = drop->backlog.reason;
		passage->ignored = true;
		return;
	}
	snprintf(function, TCPTRACE_FUNCTION_MAX, "%ps", drop->location);
	passage->reason = tcpt_drop_reason_name(drop->reason);
	if (is_ack(ack, drop, passage->reason)) {
		passage->backlog = ack->backlog;
		passage->reason = ack->backlog.reason;
	}
}

static void follow_drop(struct queue *queue, const struct drop *drop)
{
	char function[TCPTRACE_FUNCTION_MAX];
	struct tcpt_segment seg;
	struct tcpt_passage passage = {
		.step = TCPT_FATE_DROPPED,
		.hook = drop->hook,
		.ifindex = drop->ifindex,
	};
	struct tcpt_arrival arrival = {
		.seg = &seg,
		.ns = &drop->tn->ns,
		.now = drop->now,
		.hook = drop->hook,
	};
	struct sk_buff *skb;

	explain(&passage, drop, &queue->ack, function);
	if (is_copy(function) || is_processed(&passage) ||
	    tcpt_segment_parse(&seg, drop->header, drop->len,
			       drop->wire_len) != TCPT_PARSE_OK)
		return;
	if (passage.ignored && !tcpt_segment_is_syn(&seg)) {
		/* if the kernel drops the ACK, the probe sees that drop next */
		queue->ack = *drop;
		return;
	}
	if (passage.ignored && is_reported(queue, drop))
		return;
	if (drop->translated)
		tcpt_packet_set_ends(&seg, &drop->ends);
	skb = make_packet(drop);
	arrival.at.skb = skb;
	rcu_read_lock();
	arrival.zone = zone_of(drop, &seg);
	tcpt_tracker_pass(drop->tn->tracker, &arrival, &passage);
	rcu_read_unlock();
	consume_skb(skb);
}

static void report_lost(void)
{
	struct tcpt_net *tn;
	long lost;

	rcu_read_lock();
	list_for_each_entry_rcu(tn, &namespaces, node) {
		lost = atomic_long_xchg(&tn->drops_lost, 0);
		if (!lost)
			continue;
		this_cpu_add(tn->ns.stats->count[TCPT_STAT_DROPS_LOST], lost);
		tcpt_reader_lose(&tn->ns, TCPTRACE_DROP, lost, ktime_get_ns());
	}
	rcu_read_unlock();
}

static void drain(struct work_struct *work)
{
	struct queue *queue = container_of(work, struct queue, work);

	/* pairs with add_drop() */
	while (queue->tail != smp_load_acquire(&queue->head)) {
		follow_drop(queue, &queue->drops[queue->tail % QUEUE_LEN]);
		/* pairs with find_room() */
		smp_store_release(&queue->tail, queue->tail + 1);
		cond_resched();
	}
	if (READ_ONCE(queue->overflow)) {
		WRITE_ONCE(queue->overflow, false);
		report_lost();
	}
}

/*
 * Queue a packet that the kernel will drop if the listener still has no room.
 * The kernel reports the drop of an ACK, but not the drop of a SYN.
 */
static void note_full(struct tcpt_net *tn, const struct sk_buff *skb,
		      const struct tcpt_backlog *backlog, u32 ifindex, bool syn)
{
	struct queue *queue;
	unsigned long flags;
	struct drop *drop;

	local_irq_save(flags);
	queue = this_cpu_ptr(&queues);
	drop = find_room(queue);
	if (!drop && syn) {
		lose_drop(queue, tn);
	} else if (drop && copy_headers(drop, skb)) {
		drop->ifindex = ifindex;
		drop->hook = TCPTRACE_HOOK_IN;
		drop->backlog = *backlog;
		add_drop(queue, drop, tn, skb);
	}
	queue_work(system_highpri_wq, &queue->work);
	local_irq_restore(flags);
}

/* Most packets are not SYNs, so this test must be cheap. */
static bool may_be_syn(const struct sk_buff *skb, u8 pf)
{
	int offset = skb_network_offset(skb) + TCP_FLAGS;
	u8 room;
	const u8 *flags;

	if (pf == NFPROTO_IPV4) {
		if (ip_hdr(skb)->protocol != IPPROTO_TCP)
			return false;
		offset += ip_hdrlen(skb);
	} else {
		if (ipv6_hdr(skb)->nexthdr != IPPROTO_TCP)
			return ipv6_ext_hdr(ipv6_hdr(skb)->nexthdr);
		offset += sizeof(struct ipv6hdr);
	}
	flags = skb_header_pointer(skb, offset, 1, &room);
	return flags && *flags & TCPTRACE_SYN;
}

/* Follow a SYN, or the ACK of a handshake, that the ruleset has accepted. */
static noinline void follow_segment(struct tcpt_net *tn,
				    const struct sk_buff *skb,
				    const struct nf_hook_state *state)
{
	const struct net_device *dev = state->out ? state->out : state->in;
	bool in = state->hook == NF_INET_LOCAL_IN;
	struct tcpt_passage passage = {
		.step = in ? TCPT_FATE_DELIVERED : TCPT_FATE_LEFT,
		.ifindex = dev ? dev->ifindex : 0,
	};
	struct tcpt_segment seg;
	struct tcpt_arrival arrival = { .seg = &seg, .ns = &tn->ns };
	struct tcpt_backlog backlog;
	struct tcpt_ends ends;
	bool syn;

	if (tcpt_packet_segment(&seg, skb, tn->ns.stats) != TCPT_PARSE_OK)
		return;
	syn = tcpt_segment_is_syn(&seg);
	if (in && tcpt_listener_is_full(&backlog, tn->net, skb, &seg))
		note_full(tn, skb, &backlog, passage.ifindex, syn);
	if (!syn)
		return;
	if (tcpt_packet_ends(&ends, skb))
		tcpt_packet_set_ends(&seg, &ends);
	arrival.zone = tcpt_packet_zone(&seg, dev);
	tcpt_tracker_pass(tn->tracker, &arrival, &passage);
}

/* A hook that runs after the ruleset: no rule has dropped @skb. */
static unsigned int follow(void *priv, struct sk_buff *skb,
			   const struct nf_hook_state *state)
{
	tcpt_delay(TCPT_DELAY_FOLLOW);
	if (may_be_syn(skb, state->pf) ||
	    (state->hook == NF_INET_LOCAL_IN && tcpt_listener_awaits(skb)))
		follow_segment(priv, skb, state);
	return NF_ACCEPT;
}

static const struct nf_hook_ops fate_hooks[TCPT_FATE_HOOKS] = {
	{
		.hook		= follow,
		.pf		= NFPROTO_INET,
		.hooknum	= NF_INET_LOCAL_IN,
		.priority	= NF_IP_PRI_LAST,
	},
	{
		.hook		= follow,
		.pf		= NFPROTO_INET,
		.hooknum	= NF_INET_POST_ROUTING,
		.priority	= NF_IP_PRI_LAST,
	},
};

static int follow_namespace(struct tcpt_net *tn)
{
	unsigned int i;
	int ret;

	lockdep_assert_held(&fate_lock);
	for (i = 0; i < TCPT_FATE_HOOKS; i++) {
		tn->fate_hooks[i] = fate_hooks[i];
		tn->fate_hooks[i].priv = tn;
	}
	ret = nf_register_net_hooks(tn->net, tn->fate_hooks, TCPT_FATE_HOOKS);
	if (ret)
		return ret;
	tn->followed = true;
	WRITE_ONCE(tn->watched, true);
	return 0;
}

static void leave_namespace(struct tcpt_net *tn)
{
	lockdep_assert_held(&fate_lock);
	WRITE_ONCE(tn->watched, false);
	if (tn->followed)
		nf_unregister_net_hooks(tn->net, tn->fate_hooks,
					TCPT_FATE_HOOKS);
	tn->followed = false;
}

static void leave_all(void)
{
	struct tcpt_net *tn;

	list_for_each_entry(tn, &namespaces, node)
		leave_namespace(tn);
}

static void free_queues(void)
{
	struct queue *queue;
	int cpu;

	for_each_possible_cpu(cpu) {
		queue = per_cpu_ptr(&queues, cpu);
		kvfree(queue->drops);
		queue->drops = NULL;
	}
}

static int alloc_queues(void)
{
	struct queue *queue;
	int cpu;

	for_each_possible_cpu(cpu) {
		queue = per_cpu_ptr(&queues, cpu);
		queue->drops = kvcalloc(QUEUE_LEN, sizeof(*queue->drops),
					GFP_KERNEL);
		if (!queue->drops)
			goto err_free;
		queue->ack.backlog.reason = NULL;
	}
	return 0;

err_free:
	free_queues();
	return -ENOMEM;
}

/*
 * When this function returns, no hook or probe is running, and the queues are
 * freed.
 */
static void stop(void)
{
	leave_all();
	unregister_trace_kfree_skb(probe, NULL);
	tracepoint_synchronize_unregister();
	/* for the hooks */
	synchronize_rcu();
	tcpt_fate_flush();
	free_queues();
}

static int start(void)
{
	struct tcpt_net *tn;
	int ret;

	ret = alloc_queues();
	if (ret)
		return ret;
	ret = register_trace_kfree_skb(probe, NULL);
	if (ret)
		goto err_free;
	list_for_each_entry(tn, &namespaces, node) {
		ret = follow_namespace(tn);
		if (ret)
			goto err_stop;
	}
	return 0;

err_stop:
	stop();
	return ret;
err_free:
	free_queues();
	return ret;
}

/**
 * tcpt_fate_init - initialize; call this before any other function of this file
 *
 * Context: process; may sleep.
 * Return: 0 or -errno.
 */
int tcpt_fate_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		INIT_WORK(&per_cpu_ptr(&queues, cpu)->work, drain);
	return register_netdevice_notifier(&device_notifier);
}

/**
 * tcpt_fate_exit - free everything, after the last tcpt_fate_put()
 *
 * Context: process; may sleep.
 */
void tcpt_fate_exit(void)
{
	/* this sends NETDEV_UNREGISTER for each device to the notifier */
	unregister_netdevice_notifier(&device_notifier);
	xa_destroy(&devices);
}

/**
 * tcpt_fate_add - allow packets of a namespace to be followed
 * @tn: the namespace
 *
 * Context: process; may sleep.
 * Return: 0 or -errno.
 */
int tcpt_fate_add(struct tcpt_net *tn)
{
	int ret = 0;

	mutex_lock(&fate_lock);
	if (users)
		ret = follow_namespace(tn);
	if (!ret)
		list_add_tail_rcu(&tn->node, &namespaces);
	mutex_unlock(&fate_lock);
	return ret;
}

/**
 * tcpt_fate_del - stop following packets of a namespace
 * @tn: the namespace; before the caller frees it, the caller waits for an RCU
 *	grace period and then calls tcpt_fate_flush()
 *
 * Context: process; may sleep.
 */
void tcpt_fate_del(struct tcpt_net *tn)
{
	mutex_lock(&fate_lock);
	leave_namespace(tn);
	list_del_rcu(&tn->node);
	mutex_unlock(&fate_lock);
}

/**
 * tcpt_fate_flush - wait until all dropped packets in the queues are processed
 *
 * Context: process; may sleep.
 */
void tcpt_fate_flush(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		flush_work(&per_cpu_ptr(&queues, cpu)->work);
}

/**
 * tcpt_fate_get - follow packets until tcpt_fate_put() is called
 *
 * Context: process; may sleep.
 * Return: 0 or -errno.
 */
int tcpt_fate_get(void)
{
	int ret = 0;

	mutex_lock(&fate_lock);
	if (!users)
		ret = start();
	if (!ret)
		users++;
	mutex_unlock(&fate_lock);
	return ret;
}

/**
 * tcpt_fate_put - undo one tcpt_fate_get()
 *
 * Context: process; may sleep.
 */
void tcpt_fate_put(void)
{
	mutex_lock(&fate_lock);
	if (!--users)
		stop();
	mutex_unlock(&fate_lock);
}
