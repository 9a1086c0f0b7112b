// SPDX-License-Identifier: GPL-2.0
#include "packet.h"

#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>

enum {
	HEADROOM = 64,
	PORTS_LOG2 = 14,	/* number of index bits that select the port */
	PORT_FIRST = 1024,
};

static void fill_ip4(struct sk_buff *skb, unsigned int len)
{
	struct iphdr *ip = skb_put_zero(skb, sizeof(*ip));

	ip->version = 4;
	ip->ihl = 5;
	ip->protocol = IPPROTO_TCP;
	ip->tot_len = htons(sizeof(*ip) + len);
	ip->ttl = 64;
	skb->protocol = htons(ETH_P_IP);
}

static void fill_ip6(struct sk_buff *skb, unsigned int len)
{
	struct ipv6hdr *ip = skb_put_zero(skb, sizeof(*ip));

	ip->version = 6;
	ip->nexthdr = IPPROTO_TCP;
	ip->payload_len = htons(len);
	ip->hop_limit = 64;
	ip->saddr.s6_addr32[0] = htonl(0x20010db8);
	ip->daddr = ip->saddr;
	skb->protocol = htons(ETH_P_IPV6);
}

/**
 * bench_packet_new - allocate a packet that bench_packet_set() completes
 * @family: 4 or 6
 * @payload: number of payload bytes
 *
 * Context: process; may sleep.
 * Return: the packet or NULL.
 */
struct sk_buff *bench_packet_new(unsigned int family, unsigned int payload)
{
	unsigned int len = sizeof(struct tcphdr) + payload;
	struct sk_buff *skb;
	struct tcphdr *th;

	skb = alloc_skb(HEADROOM + sizeof(struct ipv6hdr) + len, GFP_KERNEL);
	if (!skb)
		return NULL;
	skb_reserve(skb, HEADROOM);
	skb_reset_network_header(skb);
	if (family == 6)
		fill_ip6(skb, len);
	else
		fill_ip4(skb, len);
	skb_set_transport_header(skb, skb->len);
	th = skb_put_zero(skb, len);
	th->doff = sizeof(*th) / 4;
	th->window = htons(60000);
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb->pkt_type = PACKET_HOST;
	return skb;
}

/**
 * bench_packet_port - compute the port of a connection's client
 * @flow: index of the connection
 *
 * Context: any.
 * Return: the port.
 */
u16 bench_packet_port(u32 flow)
{
	return PORT_FIRST + (flow & ((1 << PORTS_LOG2) - 1));
}

/**
 * bench_packet_client - compute the IPv4 address of a connection's client
 * @flow: index of the connection
 *
 * Context: any.
 * Return: the address.
 */
__be32 bench_packet_client(u32 flow)
{
	return htonl(0x0a000001 + (flow >> PORTS_LOG2));
}

/**
 * bench_packet_server - get the server's IPv4 address
 *
 * Context: any.
 * Return: the address.
 */
__be32 bench_packet_server(void)
{
	return htonl(0x0b000001);
}

static void set_addresses(struct sk_buff *skb, u32 flow, bool resp)
{
	__be32 addr[2] = { bench_packet_client(flow), bench_packet_server() };

	if (skb->protocol == htons(ETH_P_IPV6)) {
		ipv6_hdr(skb)->saddr.s6_addr32[3] = addr[resp];
		ipv6_hdr(skb)->daddr.s6_addr32[3] = addr[!resp];
	} else {
		ip_hdr(skb)->saddr = addr[resp];
		ip_hdr(skb)->daddr = addr[!resp];
	}
}

/**
 * bench_packet_set - rewrite the header of a packet
 * @skb: from bench_packet_new()
 * @seg: the new header
 *
 * Context: any.
 */
void bench_packet_set(struct sk_buff *skb, const struct bench_seg *seg)
{
	struct tcphdr *th = tcp_hdr(skb);
	__be16 port[2] = {
		htons(bench_packet_port(seg->flow)),
		htons(BENCH_SERVER_PORT),
	};

	set_addresses(skb, seg->flow, seg->resp);
	th->source = port[seg->resp];
	th->dest = port[!seg->resp];
	th->seq = htonl(seg->seq);
	th->ack_seq = htonl(seg->ack);
	((u8 *)th)[13] = seg->flags;
}

/**
 * bench_packet_flow - reorder the connections to avoid cache locality
 * @i: index in the new order
 * @log2: base-2 logarithm of the number of connections
 *
 * The function computes a bijection, because an array with the order would
 * occupy cache lines itself.
 *
 * Context: any.
 * Return: index of a connection.
 */
u32 bench_packet_flow(u32 i, unsigned int log2)
{
	u32 mask = (1U << log2) - 1;
	u32 x = i * 2654435761U & mask;

	x ^= x >> (log2 / 2 + 1);
	return x * 0x9e3779b1U & mask;
}
