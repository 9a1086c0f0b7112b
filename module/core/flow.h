/* SPDX-License-Identifier: GPL-2.0 */
/* The key of a connection, which is the same for both directions. */
#ifndef _TCPT_FLOW_H
#define _TCPT_FLOW_H

#include "env.h"
#include "segment.h"

/**
 * struct tcpt_flow - addresses and ports of both ends, in canonical order
 * @addr: addresses; IPv4 in the first 4 bytes, the rest zero
 * @port: ports, host byte order; end 0 has the lower (port, address)
 * @family: 4 or 6
 * @netns: inode number of the network namespace; 0 in the client
 * @zone: interface index if an address is link-local, else 0; in the client,
 *	TUNNEL_ZONE plus the number of the tunnel, if the flow is in a tunnel
 * @word: the same bytes, for comparison
 *
 * There is no padding, because the whole struct is compared.
 */
struct tcpt_flow {
	union {
		struct {
			u8 addr[2][16];
			u16 port[2];
			u32 family;
			u32 netns;
			u32 zone;
		};
		u64 word[6];
	};
};

static_assert(sizeof(struct tcpt_flow) == 48, "no padding is hashed");

/**
 * tcpt_flow_init - make the key of a segment's connection
 * @flow: filled in
 * @seg: the segment
 * @netns: as in struct tcpt_flow
 * @zone: as in struct tcpt_flow
 *
 * Both directions of a connection have the same key. A socket that is connected
 * to itself has only one direction, with index 0.
 *
 * Context: any.
 * Return: which end of @flow sent the segment, 0 or 1.
 */
static __always_inline unsigned int
tcpt_flow_init(struct tcpt_flow *flow, const struct tcpt_segment *seg,
	       u32 netns, u32 zone)
{
	unsigned int dir;

	dir = seg->sport > seg->dport ||
	      (unlikely(seg->sport == seg->dport) &&
	       memcmp(seg->src, seg->dst, sizeof(seg->src)) > 0);
	/* each memcpy() has a constant destination; @dir selects the source */
	memcpy(flow->addr[0], dir ? seg->dst : seg->src, sizeof(seg->src));
	memcpy(flow->addr[1], dir ? seg->src : seg->dst, sizeof(seg->dst));
	flow->port[0] = dir ? seg->dport : seg->sport;
	flow->port[1] = dir ? seg->sport : seg->dport;
	flow->family = seg->family;
	flow->netns = netns;
	flow->zone = zone;
	return dir;
}

/**
 * tcpt_flow_equal - check whether two keys are equal
 * @a: a key
 * @b: a key
 *
 * The function compares whole words without a branch, whereas memcmp() compares
 * bytes.
 *
 * Context: any.
 * Return: true if the keys are equal.
 */
static inline bool tcpt_flow_equal(const struct tcpt_flow *a,
				   const struct tcpt_flow *b)
{
	return !((a->word[0] ^ b->word[0]) | (a->word[1] ^ b->word[1]) |
		 (a->word[2] ^ b->word[2]) | (a->word[3] ^ b->word[3]) |
		 (a->word[4] ^ b->word[4]) | (a->word[5] ^ b->word[5]));
}

/**
 * tcpt_flow_is_self - check whether a socket is connected to itself
 * @flow: the key
 *
 * Context: any.
 * Return: true if both ends have the same address and port.
 */
static inline bool tcpt_flow_is_self(const struct tcpt_flow *flow)
{
	return flow->port[0] == flow->port[1] &&
	       !memcmp(flow->addr[0], flow->addr[1], sizeof(flow->addr[0]));
}

/* fe80::/10, RFC 4291 section 2.4 */
static inline bool tcpt_flow_link_local(const u8 addr[16])
{
	return addr[0] == 0xfe && (addr[1] & 0xc0) == 0x80;
}

#endif /* _TCPT_FLOW_H */
