/* SPDX-License-Identifier: GPL-2.0 */
/* Packets for the tests of the parser, written byte by byte. */
#ifndef _TCPT_KUNIT_PACKET_H
#define _TCPT_KUNIT_PACKET_H

#include <linux/types.h>

enum {
	PACKET_MAX	= 1024,	/* maximum size of a packet in these tests */
	PACKET_EXT_MAX	= 10,	/* more than the parser walks */

	PROTO_HOPOPTS	= 0,
	PROTO_TCP	= 6,
	PROTO_UDP	= 17,
	PROTO_ROUTING	= 43,
	PROTO_FRAGMENT	= 44,
	PROTO_ESP	= 50,
	PROTO_AH	= 51,
	PROTO_ICMP6	= 58,
	PROTO_NONE	= 59,
	PROTO_DSTOPTS	= 60,
	PROTO_MOBILITY	= 135,
};

/**
 * struct packet_ext - an IPv6 extension header
 * @proto: PROTO_*
 * @second: the second byte: the length, in the unit of this header type;
 *	reserved in a fragment header
 * @third: the next 16 bits: in a fragment header, its offset and flags
 * @size: size of the header in bytes
 */
struct packet_ext {
	u8 proto;
	u8 second;
	u16 third;
	u16 size;
};

/**
 * struct packet_spec - a packet to write
 * @v6: IPv6, not IPv4
 * @ip_opts: number of 32-bit words of IPv4 options
 * @exts: number of headers in @ext
 * @ext: IPv6 extension headers
 * @proto: protocol, PROTO_TCP if 0
 * @flags: TCP flags, 9 bits
 * @opts: TCP options, padded with zeroes to a multiple of 4
 * @opt_len: number of bytes in @opts
 * @payload: number of payload bytes
 * @padding: number of bytes after the packet, excluded from its length fields
 */
struct packet_spec {
	bool v6;
	u8 ip_opts;
	u8 exts;
	struct packet_ext ext[PACKET_EXT_MAX];
	u8 proto;
	u16 flags;
	const u8 *opts;
	u8 opt_len;
	u16 payload;
	u16 padding;
};

/* The fixed fields of every packet from tcpt_packet_build(). */
enum {
	PACKET_SPORT	= 40000,
	PACKET_DPORT	= 443,
	PACKET_WINDOW	= 0xfaf0,
	PACKET_URGENT	= 0x0102,
	PACKET_TOS	= 0xb9,
	PACKET_TTL	= 63,
};

#define PACKET_SEQ	0xdeadbeefU
#define PACKET_ACK	0x80000001U

extern const u8 tcpt_packet_src[16];
extern const u8 tcpt_packet_dst[16];

size_t tcpt_packet_build(u8 buf[PACKET_MAX], const struct packet_spec *spec);
size_t tcpt_packet_tcp_offset(const struct packet_spec *spec);

#endif /* _TCPT_KUNIT_PACKET_H */
