// SPDX-License-Identifier: GPL-2.0
#include "packet.h"

/* RFC 1071, not folded. */
static u32 add_up(const u8 *p, u32 len, u32 sum)
{
	for (; len > 1; p += 2, len -= 2)
		sum += tcpt_be16(p);
	return len ? sum + (u32)(p[0] << 8) : sum;
}

static u16 fold(u32 sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (u16)~sum;
}

static void build_ip4(struct packet *p, const struct plan *plan,
		      struct dice *dice)
{
	u8 *ip = p->data;

	memset(ip, 0, IP4_LEN);
	ip[0] = 0x45;
	ip[1] = dice_chance(dice, 5) ? (u8)dice_below(dice, 256) : 0;
	put16(ip + 2, p->len);
	/* do not use the ID 0, which the kernel would replace */
	put16(ip + 4, 1 + dice_below(dice, 0xffff));
	ip[8] = 64;
	ip[9] = 6;
	memcpy(ip + 12, plan->src, 4);
	memcpy(ip + 16, plan->dst, 4);
}

static void build_ip6(struct packet *p, const struct plan *plan)
{
	u8 *ip = p->data;

	memset(ip, 0, IP6_LEN);
	ip[0] = 0x60;
	put16(ip + 4, p->len - IP6_LEN);
	ip[6] = 6;
	ip[7] = 64;
	memcpy(ip + 8, plan->src, 16);
	memcpy(ip + 24, plan->dst, 16);
}

static void build_tcp(u8 *tcp, const struct plan *plan)
{
	memset(tcp, 0, TCP_LEN);
	put16(tcp, plan->sport);
	put16(tcp + 2, plan->dport);
	put32(tcp + 4, plan->seq);
	put32(tcp + 8, plan->ack);
	put16(tcp + 12, (TCP_LEN + plan->options_len) << 10 | plan->flags);
	put16(tcp + 14, plan->window);
	memcpy(tcp + TCP_LEN, plan->options, plan->options_len);
}

/**
 * packet_build - build the packet of a segment, without checksums
 * @p: the packet, whose way and family are set; the other fields are filled in
 * @plan: the segment
 * @dice: random numbers
 */
void packet_build(struct packet *p, const struct plan *plan, struct dice *dice)
{
	u32 hdr_len = TCP_LEN + plan->options_len;

	p->tagged = false;
	p->astray = false;
	p->ethertype = p->family == 4 ? 0x0800 : 0x86dd;
	memset(&p->offload, 0, sizeof(p->offload));
	p->tcp = p->family == 4 ? IP4_LEN : IP6_LEN;
	p->len = p->tcp + hdr_len + plan->payload;
	if (p->family == 4)
		build_ip4(p, plan, dice);
	else
		build_ip6(p, plan);
	build_tcp(p->data + p->tcp, plan);
	memset(p->data + p->tcp + hdr_len, (u8)plan->seq, plan->payload);
}

/* Set the TCP checksum; the TCP header must still be at @p->tcp. */
static void seal_tcp(struct packet *p)
{
	u8 *tcp = p->data + p->tcp;
	u32 len = p->len - p->tcp;
	u32 sum = 6 + len;

	if (len < TCP_LEN)
		return;
	put16(tcp + 16, 0);
	if (p->family == 4)
		sum = add_up(p->data + 12, 8, sum);
	else
		sum = add_up(p->data + 8, 32, sum);
	put16(tcp + 16, fold(add_up(tcp, len, sum)));
}

/**
 * packet_seal_ip4 - correct the checksum of a changed IPv4 header
 * @p: the packet; an IPv6 packet stays as it is
 */
void packet_seal_ip4(struct packet *p)
{
	u32 len = (p->data[0] & 0xfu) * 4;

	if (p->family != 4 || len < IP4_LEN || len > p->len)
		return;
	put16(p->data + 10, 0);
	put16(p->data + 10, fold(add_up(p->data, len, 0)));
}

/**
 * packet_seal - correct the checksums of a changed packet
 * @p: the packet
 */
void packet_seal(struct packet *p)
{
	if (p->len > p->tcp)
		seal_tcp(p);
	packet_seal_ip4(p);
}
