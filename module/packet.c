// SPDX-License-Identifier: GPL-2.0
/*
 * Two in three packets are not linear, but their headers mostly are. Headers
 * that are not linear are copied: skb->data is never read past skb_headlen().
 */
#include "packet.h"

#include "core/flow.h"
#include "core/icmp.h"

#include <linux/kernel.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/string.h>

#include <net/netfilter/nf_conntrack.h>

enum {
	HEADERS_MAX	= 512,	/* bytes of headers that are not linear */
};

static noinline enum tcpt_parse parse_copy(struct tcpt_segment *seg,
					   const struct sk_buff *skb,
					   unsigned int len)
{
	unsigned int n = min_t(unsigned int, len, HEADERS_MAX);
	u8 buf[HEADERS_MAX];
	const u8 *p;

	p = skb_header_pointer(skb, skb_network_offset(skb), n, buf);
	if (!p)
		return TCPT_PARSE_TRUNCATED;
	return tcpt_segment_parse(seg, p, n, len);
}

/* A packet from a virtual machine has the size of its segments, no number. */
static u16 wire_segments(const struct sk_buff *skb, u32 len)
{
	const struct skb_shared_info *info = skb_shinfo(skb);

	if (info->gso_segs)
		return info->gso_segs;
	return clamp_t(u32, DIV_ROUND_UP(len, info->gso_size), 1, U16_MAX);
}

/**
 * tcpt_packet_segment - read the segment of a packet
 * @seg: filled in with TCPT_PARSE_OK; undefined otherwise
 * @skb: the packet; its network header is set
 * @stats: count here if headers were copied
 *
 * Context: any.
 * Return: TCPT_PARSE_OK or why not.
 */
enum tcpt_parse tcpt_packet_segment(struct tcpt_segment *seg,
				    const struct sk_buff *skb,
				    struct tcpt_stats __percpu *stats)
{
	unsigned int offset = skb_network_offset(skb);
	unsigned int len = skb->len - offset;
	unsigned int linear = skb_headlen(skb) - offset;
	enum tcpt_parse ret;

	ret = tcpt_segment_parse(seg, skb_network_header(skb), linear, len);
	if (ret == TCPT_PARSE_TRUNCATED && linear < len) {
		tcpt_stat_inc(stats, TCPT_STAT_HEADERS_COPIED);
		ret = parse_copy(seg, skb, len);
	}
	if (ret == TCPT_PARSE_OK && skb_is_gso(skb))
		seg->wire_segs = wire_segments(skb, seg->len);
	return ret;
}

/**
 * tcpt_packet_icmp - read the ICMP or ICMPv6 error of a packet
 * @icmp: filled in with TCPT_PARSE_OK; undefined otherwise
 * @skb: the packet; its network header is set
 *
 * Context: any.
 * Return: as tcpt_icmp_parse().
 */
enum tcpt_parse tcpt_packet_icmp(struct tcpt_icmp *icmp,
				 const struct sk_buff *skb)
{
	int offset = skb_network_offset(skb);
	unsigned int len = skb->len - offset;
	unsigned int n = min_t(unsigned int, len, HEADERS_MAX);
	u8 buf[HEADERS_MAX];
	const u8 *p;

	p = skb_header_pointer(skb, offset, n, buf);
	if (!p)
		return TCPT_PARSE_TRUNCATED;
	return tcpt_icmp_parse(icmp, p, n, len);
}

static void set_end(u8 *addr, u16 *port, const struct nf_conntrack_man *man)
{
	memset(addr, 0, sizeof(((struct tcpt_ends *)NULL)->src));
	memcpy(addr, &man->u3, man->l3num == NFPROTO_IPV4 ? 4 : 16);
	*port = ntohs(man->u.tcp.port);
}

/**
 * tcpt_packet_ends - the ends of a packet as the hooks observe them
 * @ends: filled in if NAT translates the packet
 * @skb: the packet, at any place
 *
 * The hooks observe a packet after the NAT of its destination and before that of
 * its source: from the source of its own direction to that of the other one.
 *
 * Context: any; the packet still has its connection tracking entry.
 * Return: true if NAT translates it; else the packet itself has its ends.
 */
bool tcpt_packet_ends(struct tcpt_ends *ends, const struct sk_buff *skb)
{
	enum ip_conntrack_info info;
	const struct nf_conn *ct = nf_ct_get(skb, &info);
	enum ip_conntrack_dir dir;

	if (!ct || !(ct->status & IPS_NAT_MASK))
		return false;
	dir = CTINFO2DIR(info);
	set_end(ends->src, &ends->sport, &ct->tuplehash[dir].tuple.src);
	set_end(ends->dst, &ends->dport, &ct->tuplehash[!dir].tuple.src);
	return true;
}

/**
 * tcpt_packet_set_ends - replace the ends of a segment
 * @seg: the segment
 * @ends: its ends
 *
 * Context: any.
 */
void tcpt_packet_set_ends(struct tcpt_segment *seg,
			  const struct tcpt_ends *ends)
{
	memcpy(seg->src, ends->src, sizeof(seg->src));
	memcpy(seg->dst, ends->dst, sizeof(seg->dst));
	seg->sport = ends->sport;
	seg->dport = ends->dport;
}

/**
 * tcpt_packet_zone - which link do link-local addresses belong to?
 * @seg: the segment
 * @dev: the device that it leaves by or came from, or NULL
 *
 * The same link-local addresses may be in use on every link.
 *
 * Context: any.
 * Return: interface index, 0 if no address is link-local.
 */
u32 tcpt_packet_zone(const struct tcpt_segment *seg,
		     const struct net_device *dev)
{
	if (seg->family != 6 || !dev ||
	    !(tcpt_flow_link_local(seg->src) ||
	      tcpt_flow_link_local(seg->dst)))
		return 0;
	return dev->ifindex;
}
