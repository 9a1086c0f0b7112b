/* SPDX-License-Identifier: GPL-2.0 */
/* Segments and ICMP errors, read from an sk_buff. */
#ifndef _TCPT_PACKET_H
#define _TCPT_PACKET_H

#include "stats.h"

#include "core/segment.h"

struct net_device;
struct sk_buff;
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

enum tcpt_parse tcpt_packet_segment(struct tcpt_segment *seg,
				    const struct sk_buff *skb,
				    struct tcpt_stats __percpu *stats);
enum tcpt_parse tcpt_packet_icmp(struct tcpt_icmp *icmp,
				 const struct sk_buff *skb);
bool tcpt_packet_ends(struct tcpt_ends *ends, const struct sk_buff *skb);
void tcpt_packet_set_ends(struct tcpt_segment *seg,
			  const struct tcpt_ends *ends);
u32 tcpt_packet_zone(const struct tcpt_segment *seg,
		     const struct net_device *dev);

#endif /* _TCPT_PACKET_H */
