// SPDX-License-Identifier: GPL-2.0
#include "headers.h"

#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <stdint.h>

enum {
	TCP_HDR_MIN	= 20,
	TCP_HDR_MAX	= 60,
	SACK_BLOCKS_MAX	= 4,
};

/* The TCP options of a header; an option that does not fit is left out. */
struct options {
	u8 *p;
	size_t room;
};

static void add(struct options *o, const u8 *p, size_t len)
{
	if (len > o->room)
		return;
	memcpy(o->p, p, len);
	o->p += len;
	o->room -= len;
}

static u8 *put32(u8 *p, u32 value)
{
	value = htonl(value);
	memcpy(p, &value, sizeof(value));
	return p + sizeof(value);
}

static void add_sack(struct options *o, const struct tcptrace_segment *s)
{
	u8 n = s->sack_blocks < SACK_BLOCKS_MAX ? s->sack_blocks :
						  SACK_BLOCKS_MAX;
	u8 bytes[2 + 8 * SACK_BLOCKS_MAX] = { TCPOPT_SACK, (u8)(2 + 8 * n) };
	u8 i, *p = bytes + 2;

	for (i = 0; i < n; i++) {
		p = put32(p, s->sack[i][0]);
		p = put32(p, s->sack[i][1]);
	}
	add(o, bytes, (size_t)(p - bytes));
}

/* Add the options whose values are in the record; fill the rest with NOPs. */
static void add_options(struct options *o, const struct tcptrace_segment *s)
{
	const u8 mss[] = { TCPOPT_MAXSEG, TCPOLEN_MAXSEG, (u8)(s->mss >> 8),
			   (u8)s->mss };
	const u8 permitted[] = { TCPOPT_SACK_PERMITTED,
				 TCPOLEN_SACK_PERMITTED };
	const u8 wscale[] = { TCPOPT_WINDOW, TCPOLEN_WINDOW, s->wscale };
	u8 timestamp[TCPOLEN_TIMESTAMP] = { TCPOPT_TIMESTAMP,
					    TCPOLEN_TIMESTAMP };

	if (s->options & TCPTRACE_OPT_MSS)
		add(o, mss, sizeof(mss));
	if (s->options & TCPTRACE_OPT_SACK_PERM)
		add(o, permitted, sizeof(permitted));
	if (s->options & TCPTRACE_OPT_TIMESTAMP) {
		put32(put32(timestamp + 2, s->tsval), s->tsecr);
		add(o, timestamp, sizeof(timestamp));
	}
	if (s->options & TCPTRACE_OPT_WSCALE)
		add(o, wscale, sizeof(wscale));
	if (s->options & TCPTRACE_OPT_SACK)
		add_sack(o, s);
	memset(o->p, TCPOPT_NOP, o->room);
}

static size_t header_len(const struct tcptrace_segment *s)
{
	if (s->hdr_len < TCP_HDR_MIN)
		return TCP_HDR_MIN;
	return s->hdr_len < TCP_HDR_MAX ? s->hdr_len & ~3U : TCP_HDR_MAX;
}

static size_t put_tcp(u8 *to, const struct tcptrace_segment *s)
{
	const struct tcptrace_flow *f = &s->flow;
	bool resp = s->seg.from == 1;
	size_t len = header_len(s);
	struct options o = { .p = to + TCP_HDR_MIN, .room = len - TCP_HDR_MIN };
	struct tcphdr tcp = {
		.source = htons(resp ? f->resp_port : f->orig_port),
		.dest = htons(resp ? f->orig_port : f->resp_port),
		.seq = htonl(s->seg.seq),
		.ack_seq = htonl(s->seg.ack),
		.window = htons(s->seg.window),
		.urg_ptr = htons(s->urgent),
	};

	memcpy(to, &tcp, TCP_HDR_MIN);
	to[12] = (u8)(len / 4 << 4 | (s->seg.flags & TCPTRACE_AE ? 1 : 0));
	to[13] = (u8)s->seg.flags;
	add_options(&o, s);
	return len;
}

/* Return: a length field; 0 if a GSO or GRO packet is too long for it. */
static u16 length_field(size_t len)
{
	return len <= UINT16_MAX ? htons((u16)len) : 0;
}

static u16 checksum(const u8 *p, size_t len)
{
	u32 sum = 0;
	size_t i;

	for (i = 0; i < len; i += 2)
		sum += (u32)p[i] << 8 | p[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	return htons((u16)~(sum + (sum >> 16)));
}

static void put_ip4(u8 *to, const struct tcptrace_segment *s, const u8 *src,
		    const u8 *dst, size_t payload)
{
	struct iphdr ip = {
		.version = 4,
		.ihl = sizeof(ip) / 4,
		.tos = s->tos,
		.tot_len = length_field(sizeof(ip) + payload),
		.ttl = s->ttl,
		.protocol = IPPROTO_TCP,
	};

	memcpy(&ip.saddr, src, sizeof(ip.saddr));
	memcpy(&ip.daddr, dst, sizeof(ip.daddr));
	memcpy(to, &ip, sizeof(ip));
	ip.check = checksum(to, sizeof(ip));
	memcpy(to, &ip, sizeof(ip));
}

static void put_ip6(u8 *to, const struct tcptrace_segment *s, const u8 *src,
		    const u8 *dst, size_t payload)
{
	struct ip6_hdr ip = {
		.ip6_flow = htonl(6U << 28 | (u32)s->tos << 20),
	};

	ip.ip6_plen = length_field(payload);
	ip.ip6_nxt = IPPROTO_TCP;
	ip.ip6_hlim = s->ttl;
	memcpy(&ip.ip6_src, src, sizeof(ip.ip6_src));
	memcpy(&ip.ip6_dst, dst, sizeof(ip.ip6_dst));
	memcpy(to, &ip, sizeof(ip));
}

/**
 * headers_build - build the IP and TCP headers of a segment
 * @s: the record of the segment
 * @to: set to the headers; the TCP checksum is 0
 *
 * Return: the length of the headers.
 */
size_t headers_build(const struct tcptrace_segment *s, u8 to[HEADERS_MAX])
{
	const struct tcptrace_flow *f = &s->flow;
	bool resp = s->seg.from == 1;
	const u8 *src = resp ? f->resp_addr : f->orig_addr;
	const u8 *dst = resp ? f->orig_addr : f->resp_addr;
	size_t ip = f->family == AF_INET6 ? sizeof(struct ip6_hdr) :
					    sizeof(struct iphdr);
	size_t tcp = put_tcp(to + ip, s);

	if (f->family == AF_INET6)
		put_ip6(to, s, src, dst, tcp + s->seg.len);
	else
		put_ip4(to, s, src, dst, tcp + s->seg.len);
	return ip + tcp;
}
