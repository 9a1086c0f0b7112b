// SPDX-License-Identifier: GPL-2.0
/*
 * Build packets for the tests of the parser. This file does not use the
 * parser's structs or constants, so it does not repeat an error of the parser.
 * The offsets are from RFC 791, RFC 8200 and RFC 9293.
 */
#include "packet.h"

#include <linux/string.h>

/* The IPv4 address consists of the first four bytes. */
const u8 tcpt_packet_src[16] = {
	192, 0, 2, 1, 0xfe, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
};

const u8 tcpt_packet_dst[16] = {
	203, 0, 113, 9, 0x80, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35
};

static u8 *put8(u8 *p, unsigned int v)
{
	*p = (u8)v;
	return p + 1;
}

static u8 *put16(u8 *p, unsigned int v)
{
	return put8(put8(p, v >> 8), v & 0xff);
}

static u8 *put32(u8 *p, u32 v)
{
	return put16(put16(p, v >> 16), v & 0xffff);
}

static u8 *put_bytes(u8 *p, const u8 *from, size_t len)
{
	memcpy(p, from, len);
	return p + len;
}

static u8 *put_fill(u8 *p, u8 v, size_t len)
{
	memset(p, v, len);
	return p + len;
}

static u8 proto_of(const struct packet_spec *spec)
{
	return spec->proto ? spec->proto : PROTO_TCP;
}

static size_t opts_size(const struct packet_spec *spec)
{
	return (spec->opt_len + 3U) / 4 * 4;
}

static size_t exts_size(const struct packet_spec *spec)
{
	size_t size = 0;
	unsigned int i;

	for (i = 0; i < spec->exts; i++)
		size += spec->ext[i].size;
	return size;
}

static size_t tcp_size(const struct packet_spec *spec)
{
	return 20 + opts_size(spec) + spec->payload;
}

static u8 *put_ip4(u8 *p, const struct packet_spec *spec)
{
	size_t hdr_len = 20 + 4U * spec->ip_opts;

	p = put8(p, 0x40 | hdr_len / 4);
	p = put8(p, PACKET_TOS);
	p = put16(p, hdr_len + tcp_size(spec));
	p = put16(p, 0x1234);		/* identification */
	p = put16(p, 0x4000);		/* DF */
	p = put8(p, PACKET_TTL);
	p = put8(p, proto_of(spec));
	p = put16(p, 0xffff);		/* checksum, which is not checked */
	p = put_bytes(p, tcpt_packet_src, 4);
	p = put_bytes(p, tcpt_packet_dst, 4);
	return put_fill(p, 1, 4U * spec->ip_opts);	/* NOPs */
}

static u8 *put_ip6(u8 *p, const struct packet_spec *spec)
{
	unsigned int i;
	u8 next;

	p = put8(p, 0x60 | PACKET_TOS >> 4);
	p = put8(p, (PACKET_TOS & 0xf) << 4 | 0x5);	/* and flow label */
	p = put16(p, 0x4321);
	p = put16(p, exts_size(spec) + tcp_size(spec));
	p = put8(p, spec->exts ? spec->ext[0].proto : proto_of(spec));
	p = put8(p, PACKET_TTL);
	p = put_bytes(p, tcpt_packet_src, 16);
	p = put_bytes(p, tcpt_packet_dst, 16);
	for (i = 0; i < spec->exts; i++) {
		next = i + 1 < spec->exts ? spec->ext[i + 1].proto :
					    proto_of(spec);
		p = put8(p, next);
		p = put8(p, spec->ext[i].second);
		p = put16(p, spec->ext[i].third);
		p = put_fill(p, 0, spec->ext[i].size - 4U);
	}
	return p;
}

static u8 *put_tcp(u8 *p, const struct packet_spec *spec)
{
	p = put16(p, PACKET_SPORT);
	p = put16(p, PACKET_DPORT);
	p = put32(p, PACKET_SEQ);
	p = put32(p, PACKET_ACK);
	/*
	 * the low bits of the byte with the data offset are AE and reserved
	 * bits
	 */
	p = put8(p, (20 + opts_size(spec)) / 4 << 4 |
		 spec->flags >> 8);
	p = put8(p, spec->flags & 0xff);
	p = put16(p, PACKET_WINDOW);
	p = put16(p, 0xffff);		/* checksum */
	p = put16(p, PACKET_URGENT);
	if (spec->opt_len)
		p = put_bytes(p, spec->opts, spec->opt_len);
	return put_fill(p, 0, opts_size(spec) - spec->opt_len);
}

/**
 * tcpt_packet_build - write a packet
 * @buf: set to the packet
 * @spec: the packet to write
 *
 * Context: any.
 * Return: the length of the packet, including the padding.
 */
size_t tcpt_packet_build(u8 buf[PACKET_MAX], const struct packet_spec *spec)
{
	u8 *p;

	p = spec->v6 ? put_ip6(buf, spec) : put_ip4(buf, spec);
	p = put_tcp(p, spec);
	p = put_fill(p, 0xda, spec->payload);
	p = put_fill(p, 0xee, spec->padding);
	return p - buf;
}

/**
 * tcpt_packet_tcp_offset - compute the offset of the TCP header in a packet
 * @spec: the packet
 *
 * Context: any.
 * Return: the offset in bytes from the beginning of the IP header.
 */
size_t tcpt_packet_tcp_offset(const struct packet_spec *spec)
{
	return spec->v6 ? 40 + exts_size(spec) : 20 + 4U * spec->ip_opts;
}
