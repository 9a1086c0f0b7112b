/* SPDX-License-Identifier: GPL-2.0 */
/* The key of a connection: the same for both directions. */
#ifndef _TCPT_FLOW_H
#define _TCPT_FLOW_H

#include "env.h"

struct tcpt_segment;

/**
 * struct tcpt_flow - addresses and ports of both ends, in canonical order
 * @addr: addresses; IPv4 in the first 4 bytes, the rest zero
 * @port: ports, host byte order; end 0 has the lower (port, address)
 * @family: 4 or 6
 * @netns: inode number of the network namespace
 * @zone: interface index where an address is link-local, else 0
 *
 * No padding: the whole struct is hashed and compared.
 */
struct tcpt_flow {
	u8 addr[2][16];
	u16 port[2];
	u32 family;
	u32 netns;
	u32 zone;
};

unsigned int tcpt_flow_init(struct tcpt_flow *flow,
			    const struct tcpt_segment *seg, u32 netns,
			    u32 zone);
bool tcpt_flow_is_self(const struct tcpt_flow *flow);
bool tcpt_flow_equal(const struct tcpt_flow *a, const struct tcpt_flow *b);

/* fe80::/10, RFC 4291 section 2.4 */
static inline bool tcpt_flow_link_local(const u8 addr[16])
{
	return addr[0] == 0xfe && (addr[1] & 0xc0) == 0x80;
}

#endif /* _TCPT_FLOW_H */
