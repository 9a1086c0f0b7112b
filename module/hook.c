// SPDX-License-Identifier: GPL-2.0
/*
 * The hooks that observe packets. Their only verdict is NF_ACCEPT. The hooks
 * never write to an skb, and never trust a field of a packet.
 */
#include "hook.h"

#include "delay.h"
#include "net.h"
#include "packet.h"
#include "stats.h"
#include "tracker.h"
#include "vantage.h"

#include "core/icmp.h"
#include "core/segment.h"
#include "core/seq.h"

#include <linux/if.h>
#include <linux/ktime.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/rcupdate.h>
#include <linux/skbuff.h>
#include <linux/tcptrace.h>

#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_extend.h>
#include <net/netfilter/nf_conntrack_seqadj.h>

static u8 hook_of(const struct nf_hook_state *state)
{
	switch (state->hook) {
	case NF_INET_LOCAL_IN:
		return TCPTRACE_HOOK_IN;
	case NF_INET_FORWARD:
		return TCPTRACE_HOOK_FORWARD;
	default:
		return TCPTRACE_HOOK_OUT;
	}
}

#if IS_ENABLED(CONFIG_NF_CONNTRACK)
/* Adjust an acknowledgment number or SACK edge as nf_ct_seq_adjust() does. */
static u32 adjusted(const struct nf_ct_seqadj *adj, u32 n)
{
	return n - (tcpt_seq_after(n - adj->offset_before,
				   adj->correction_pos) ?
		    adj->offset_after : adj->offset_before);
}

/*
 * SYN proxies and NAT helpers change sequence numbers after a packet has passed
 * this hook. The peer acknowledges the changed numbers, and its ACKs pass this
 * hook before the kernel restores the original numbers. So this function
 * restores the original numbers in @seg: both directions then show the sequence
 * numbers of the senders.
 */
static noinline void undo_adjustment(struct tcpt_segment *seg,
				     struct nf_conn *ct,
				     enum ip_conntrack_info ctinfo)
{
	const struct nf_conn_seqadj *seqadj;
	const struct nf_ct_seqadj *peer;
	unsigned int i;

	if (!nf_ct_ext_exist(ct, NF_CT_EXT_SEQADJ))
		return;
	/* do not call nfct_seqadj(), which may need nf_conntrack.ko */
	seqadj = (void *)ct->ext + ct->ext->offset[NF_CT_EXT_SEQADJ];
	peer = &seqadj->seq[!CTINFO2DIR(ctinfo)];
	spin_lock_bh(&ct->lock);
	if (seg->flags & TCPTRACE_ACK)
		seg->ack = adjusted(peer, seg->ack);
	if (seg->opt.present & TCPTRACE_OPT_SACK)
		for (i = 0; i < seg->opt.sack_blocks; i++) {
			seg->opt.sack[i][0] = adjusted(peer,
						       seg->opt.sack[i][0]);
			seg->opt.sack[i][1] = adjusted(peer,
						       seg->opt.sack[i][1]);
		}
	spin_unlock_bh(&ct->lock);
}

static void undo_seqadj(struct tcpt_segment *seg, const struct sk_buff *skb)
{
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	if (ct && unlikely(test_bit(IPS_SEQ_ADJUST_BIT, &ct->status)))
		undo_adjustment(seg, ct, ctinfo);
}
#else
static void undo_seqadj(struct tcpt_segment *seg, const struct sk_buff *skb)
{
}
#endif

static noinline void count_odd_options(struct tcpt_ns *ns,
				       const struct tcpt_segment *seg)
{
	if (seg->opt.present & TCPTRACE_OPT_UNKNOWN)
		tcpt_stat_inc(ns->stats, TCPT_STAT_OPT_UNKNOWN);
	if (seg->opt.present & TCPTRACE_OPT_MALFORMED)
		tcpt_stat_inc(ns->stats, TCPT_STAT_OPT_MALFORMED);
}

/*
 * A packet that leaves through a VRF passes LOCAL_OUT twice: once for the VRF
 * device, and once for the device on which the packet leaves. A packet that
 * stays in the VRF passes LOCAL_OUT once, for the VRF device, and then passes
 * LOCAL_IN.
 */
static bool is_at_vrf(const struct nf_hook_state *state)
{
	return state->hook == NF_INET_LOCAL_OUT && state->out &&
	       netif_is_l3_master(state->out);
}

/* Usually, all packets of a direction pass the same devices and hook. */
static u32 vantage_of(const struct nf_hook_state *state, u8 hook)
{
	return tcpt_vantage_of(state->in ? state->in->ifindex : 0,
			       state->out ? state->out->ifindex : 0, hook);
}

static const struct net_device *device_of(const struct nf_hook_state *state)
{
	return state->out ? state->out : state->in;
}

/* Track an ICMP error that quotes a segment; a redirect is only counted. */
static noinline void observe_icmp(struct tcpt_net *tn,
				  const struct sk_buff *skb,
				  const struct nf_hook_state *state)
{
	struct tcpt_icmp icmp;
	struct tcpt_arrival arrival = {
		.seg = &icmp.quoted,
		.at = { .skb = skb },
		.ns = &tn->ns,
		.hook = hook_of(state),
	};

	if (tcpt_packet_icmp(&icmp, skb) != TCPT_PARSE_OK)
		return;
	if (icmp.error.kind == TCPTRACE_ERROR_REDIRECT) {
		tcpt_stat_inc(tn->ns.stats, TCPT_STAT_ICMP_REDIRECT);
		return;
	}
	arrival.zone = tcpt_packet_zone(&icmp.quoted, device_of(state));
	arrival.now = ktime_get_ns();
	tcpt_tracker_icmp(tn->tracker, &arrival, &icmp.error);
}

static __always_inline void observe_segment(struct tcpt_net *tn,
					    const struct sk_buff *skb,
					    const struct nf_hook_state *state,
					    const struct tcpt_segment *seg)
{
	u8 hook = hook_of(state);
	const struct tcpt_arrival arrival = {
		.seg = seg,
		.at = { .skb = skb, .state = state },
		.ns = &tn->ns,
		.now = ktime_get_ns(),
		.zone = tcpt_packet_zone(seg, device_of(state)),
		.vantage = vantage_of(state, hook),
		.hook = hook,
	};

	tcpt_tracker_observe(tn->tracker, &arrival);
}

static unsigned int observe(void *priv, struct sk_buff *skb,
			    const struct nf_hook_state *state)
{
	struct tcpt_segment seg __uninitialized;
	struct tcpt_net *tn = priv;
	enum tcpt_parse ret;

	tcpt_delay(TCPT_DELAY_HOOK);
	/* already counted at LOCAL_OUT */
	if (state->hook == NF_INET_LOCAL_IN && state->in &&
	    state->in->flags & IFF_LOOPBACK) {
		tcpt_stat_inc(tn->ns.stats, TCPT_STAT_LOOPBACK);
		return NF_ACCEPT;
	}
	if (is_at_vrf(state)) {
		tcpt_stat_inc(tn->ns.stats, TCPT_STAT_L3MDEV);
		return NF_ACCEPT;
	}
	ret = tcpt_packet_segment(&seg, skb, tn->ns.stats);
	if (ret != TCPT_PARSE_OK) {
		tcpt_stat_inc(tn->ns.stats, tcpt_stat_of_parse[ret]);
		if (ret == TCPT_PARSE_NOT_TCP)
			observe_icmp(tn, skb, state);
		return NF_ACCEPT;
	}
	if (unlikely(seg.opt.present &
		     (TCPTRACE_OPT_UNKNOWN | TCPTRACE_OPT_MALFORMED)))
		count_odd_options(&tn->ns, &seg);
	undo_seqadj(&seg, skb);
	observe_segment(tn, skb, state, &seg);
	return NF_ACCEPT;
}

/*
 * The hooks run before the filter tables, so that they see the packets that
 * these tables drop. The hooks run after destination NAT, so that both
 * directions show the same two addresses. The hook at LOCAL_OUT runs after the
 * NAT of OUTPUT, and after IPVS. (IPVS takes packets of local clients at
 * NF_IP_PRI_NAT_DST + 2 and sends them again.) The other hooks run after the
 * NAT of PREROUTING.
 */
static const struct nf_hook_ops hook_ops[TCPT_HOOKS] = {
	{
		.hook		= observe,
		.pf		= NFPROTO_INET,
		.hooknum	= NF_INET_LOCAL_IN,
		.priority	= NF_IP_PRI_FIRST,
	},
	{
		.hook		= observe,
		.pf		= NFPROTO_INET,
		.hooknum	= NF_INET_FORWARD,
		.priority	= NF_IP_PRI_FIRST,
	},
	{
		.hook		= observe,
		.pf		= NFPROTO_INET,
		.hooknum	= NF_INET_LOCAL_OUT,
		.priority	= NF_IP_PRI_NAT_DST + 3,
	},
};

/* After a failure, no hook is registered or still running. */
static int register_each(struct net *net, const struct nf_hook_ops *hooks)
{
	unsigned int i;
	int ret;

	for (i = 0; i < TCPT_HOOKS; i++) {
		ret = nf_register_net_hook(net, &hooks[i]);
		if (ret)
			goto err_unregister;
		tcpt_delay(TCPT_DELAY_REGISTER);
	}
	return 0;

err_unregister:
	nf_unregister_net_hooks(net, hooks, i);
	synchronize_rcu();
	return ret;
}

/**
 * tcpt_hook_register - start observing a network namespace
 * @net: the namespace
 *
 * Context: process; may sleep.
 * Return: 0, or -errno. After a failure no hook runs any more, but the hooks
 * that were registered before the failure may have seen packets.
 */
int tcpt_hook_register(struct net *net)
{
	struct tcpt_net *tn = tcpt_net_get(net);
	unsigned int i;

	for (i = 0; i < TCPT_HOOKS; i++) {
		tn->hooks[i] = hook_ops[i];
		tn->hooks[i].priv = tn;
	}
	return register_each(net, tn->hooks);
}

/**
 * tcpt_hook_unregister - stop observing a network namespace
 * @net: the namespace
 *
 * After this function returns, a hook may still be running until an RCU grace
 * period has passed.
 *
 * Context: process; may sleep.
 */
void tcpt_hook_unregister(struct net *net)
{
	nf_unregister_net_hooks(net, tcpt_net_get(net)->hooks, TCPT_HOOKS);
}
