// SPDX-License-Identifier: GPL-2.0
/*
 * Two of three packets are nonlinear, but the headers of most packets are
 * linear. This file copies nonlinear headers, and never reads skb->data past
 * skb_headlen().
 */
#include "packet.h"

#include "core/icmp.h"

#include <linux/kernel.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/string.h>

#include <net/netfilter/nf_conntrack.h>

enum {
	HEADERS_MAX	= 512,	/* nonlinear headers, bytes */
};

/* Read a segment from a copy of its nonlinear headers. */
static noinline enum tcpt_parse read_copied(struct tcpt_segment *seg,
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

/**
 * tcpt_packet_read - read a segment whose headers are unusual or nonlinear
 * @seg: as for tcpt_packet_segment()
 * @skb: the packet
 * @stats: counters, one of which counts copied headers
 *
 * Context: any.
 * Return: TCPT_PARSE_OK, or the reason why the packet cannot be parsed.
 */
enum tcpt_parse tcpt_packet_read(struct tcpt_segment *seg,
				 const struct sk_buff *skb,
				 struct tcpt_stats __percpu *stats)
{
	unsigned int offset = skb_network_offset(skb);
	unsigned int len = skb->len - offset;
	unsigned int linear = skb_headlen(skb) - offset;
	enum tcpt_parse ret;

	ret = tcpt_segment_parse(seg, skb_network_header(skb), linear, len);
	if (ret != TCPT_PARSE_TRUNCATED || linear >= len)
		return ret;
	tcpt_stat_inc(stats, TCPT_STAT_HEADERS_COPIED);
	return read_copied(seg, skb, len);
}

/**
 * tcpt_packet_icmp - read the ICMP or ICMPv6 error in a packet
 * @icmp: filled in if the result is TCPT_PARSE_OK; undefined otherwise
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
 * tcpt_packet_ends - find the ends of a packet as the hooks observe them
 * @ends: filled in if NAT translates the packet
 * @skb: the packet, anywhere in the network stack
 *
 * The hooks observe a packet after destination NAT and before source NAT. So
 * the ends of the packet are the two sources in its connection tracking entry:
 * the source of the packet's direction and the source of the other direction.
 *
 * Context: any; the packet still has its connection tracking entry.
 * Return: true if NAT translates the packet. If false, the ends are the
 * addresses in the packet.
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
 * @ends: the new ends
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
