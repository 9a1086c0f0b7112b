/* SPDX-License-Identifier: GPL-2.0 */
/* Build packets, and make random numbers for them. */
#ifndef _HOSTILE_PACKET_H
#define _HOSTILE_PACKET_H

#include "core/env.h"

enum {
	PACKET_ROOM	= 16384,	/* without link-layer header */
	IP4_LEN		= 20,
	IP6_LEN		= 40,
	TCP_LEN		= 20,
};

/**
 * enum way - the path of a packet to the module
 * @WAY_OUT4: through an IPv4 raw socket of this namespace, to LOCAL_OUT
 * @WAY_OUT6: through an IPv6 raw socket of this namespace, to LOCAL_OUT
 * @WAY_WIRE: from the other end of the veth, to LOCAL_IN or FORWARD
 * @WAYS: number of ways
 */
enum way {
	WAY_OUT4,
	WAY_OUT6,
	WAY_WIRE,
	WAYS,
};

/**
 * struct offload - copy of struct virtio_net_hdr, which precedes each frame
 * @flags: 1 if the checksum is still to be computed
 * @gso_type: 1 for TCP over IPv4, 3 for UDP, 4 for TCP over IPv6; 0x80: ECN
 * @hdr_len: bytes of headers
 * @gso_size: bytes of payload per segment
 * @csum_start: where the checksum begins
 * @csum_offset: offset of the checksum field, from @csum_start
 */
struct offload {
	u8 flags;
	u8 gso_type;
	u16 hdr_len;
	u16 gso_size;
	u16 csum_start;
	u16 csum_offset;
};

/**
 * struct packet - a packet that is to be sent
 * @way: how to send the packet
 * @ethertype: type field of the Ethernet frame
 * @tagged: the frame has a VLAN tag
 * @astray: the frame is addressed to the Ethernet address of another host
 * @family: 4 or 6
 * @tcp: offset of the TCP header that packet_build() has written
 * @len: number of bytes in @data
 * @offload: see struct offload
 * @data: bytes of the packet, starting with the IP header
 */
struct packet {
	enum way way;
	u16 ethertype;
	bool tagged;
	bool astray;
	u8 family;
	u32 tcp;
	u32 len;
	struct offload offload;
	u8 data[PACKET_ROOM];
};

struct dice {
	u64 state;
};

/* splitmix64 */
static inline u64 dice_roll(struct dice *dice)
{
	u64 z = dice->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static inline u32 dice_below(struct dice *dice, u32 n)
{
	return (u32)(dice_roll(dice) >> 32) % n;
}

/* Return: true with a probability of @percent. */
static inline bool dice_chance(struct dice *dice, u32 percent)
{
	return dice_below(dice, 100) < percent;
}

static inline void put16(u8 *p, u32 value)
{
	p[0] = (u8)(value >> 8);
	p[1] = (u8)value;
}

static inline void put32(u8 *p, u32 value)
{
	put16(p, value >> 16);
	put16(p + 2, value);
}

/**
 * struct plan - the contents of a segment to build
 * @src: source address
 * @dst: destination address
 * @sport: source port
 * @dport: destination port
 * @seq: sequence number
 * @ack: acknowledgment number
 * @flags: the nine flags
 * @window: window field
 * @payload: number of payload bytes
 * @options: TCP options, with padding
 * @options_len: number of bytes in @options
 */
struct plan {
	u8 src[16];
	u8 dst[16];
	u16 sport;
	u16 dport;
	u32 seq;
	u32 ack;
	u16 flags;
	u16 window;
	u32 payload;
	u8 options[40];
	u32 options_len;
};

void packet_build(struct packet *p, const struct plan *plan, struct dice *dice);
void packet_seal_ip4(struct packet *p);
void packet_seal(struct packet *p);

#endif /* _HOSTILE_PACKET_H */
