/* SPDX-License-Identifier: GPL-2.0 */
/* Reads segments and ICMP errors from an sk_buff. */
#ifndef _TCPT_PACKET_H
#define _TCPT_PACKET_H

#include "stats.h"

#include "core/flow.h"
#include "core/segment.h"
#include "core/segment_plain.h"

#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>

struct tcpt_icmp;

/**
 * struct tcpt_ends - the two ends of a packet
 * @src: source address; IPv4 in the first 4 bytes, the rest zero
 * @dst: destination address
 * @sport: source port
 * @dport: destination port
 */
struct tcpt_ends {
	u8 src[16];
	u8 dst[16];
	u16 sport;
	u16 dport;
};

enum tcpt_parse tcpt_packet_read(struct tcpt_segment *seg,
				 const struct sk_buff *skb,
				 struct tcpt_stats __percpu *stats);
enum tcpt_parse tcpt_packet_icmp(struct tcpt_icmp *icmp,
				 const struct sk_buff *skb);
bool tcpt_packet_ends(struct tcpt_ends *ends, const struct sk_buff *skb);
void tcpt_packet_set_ends(struct tcpt_segment *seg,
			  const struct tcpt_ends *ends);

/*
 * Return: the number of segments on the wire. A GSO packet from a virtual
 * machine contains the size of its segments, but not their number.
 */
static inline u16 tcpt_packet_wire_segments(const struct sk_buff *skb, u32 len)
{
	const struct skb_shared_info *info = skb_shinfo(skb);

	if (info->gso_segs)
		return info->gso_segs;
	return clamp_t(u32, DIV_ROUND_UP(len, info->gso_size), 1, U16_MAX);
}

/**
 * tcpt_packet_segment - read the segment of a packet
 * @seg: filled in if the result is TCPT_PARSE_OK; undefined otherwise
 * @skb: the packet; its network header is set
 * @stats: counters, one of which counts copied headers
 *
 * Context: any.
 * Return: TCPT_PARSE_OK, or the reason why the packet cannot be parsed.
 */
static inline enum tcpt_parse
tcpt_packet_segment(struct tcpt_segment *seg, const struct sk_buff *skb,
		    struct tcpt_stats __percpu *stats)
{
	unsigned int offset = skb_network_offset(skb);
	unsigned int len = skb->len - offset;
	unsigned int linear = skb_headlen(skb) - offset;
	enum tcpt_parse ret;

	if (unlikely(!tcpt_segment_plain(seg, skb_network_header(skb), linear,
					 len))) {
		ret = tcpt_packet_read(seg, skb, stats);
		if (ret != TCPT_PARSE_OK)
			return ret;
	}
	if (skb_is_gso(skb))
		seg->wire_segs = tcpt_packet_wire_segments(skb, seg->len);
	return TCPT_PARSE_OK;
}

/**
 * tcpt_packet_zone - find the link that a link-local address belongs to
 * @seg: the segment
 * @dev: the device on which the segment leaves or arrived, or NULL
 *
 * The same link-local address may be in use on several links.
 *
 * Context: any.
 * Return: interface index; 0 if no address is link-local, or if @dev is NULL.
 */
static inline u32 tcpt_packet_zone(const struct tcpt_segment *seg,
				   const struct net_device *dev)
{
	if (seg->family != 6 || !dev ||
	    !(tcpt_flow_link_local(seg->src) ||
	      tcpt_flow_link_local(seg->dst)))
		return 0;
	return dev->ifindex;
}

#endif /* _TCPT_PACKET_H */
