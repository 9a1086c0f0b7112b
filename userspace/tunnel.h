/* SPDX-License-Identifier: GPL-2.0 */
/* Find IP packets inside other packets. */
#ifndef _TCPTRACECTL_TUNNEL_H
#define _TCPTRACECTL_TUNNEL_H

#include "core/env.h"
#include "link_bytes.h"

enum {
	TUNNEL_DEPTH_MAX	= 8,	/* nested tunnels */
	TUNNEL_STACKS_MAX	= 65535,	/* tunnels in a capture */
	TUNNEL_CHAIN_MAX	= 64,	/* tunnels in a bucket */
	/*
	 * Zones of flows in tunnels begin here; interface indexes are smaller.
	 */
	TUNNEL_ZONE		= 0x40000000,
};

enum tunnel_type {
	TUNNEL_VXLAN,
	TUNNEL_GENEVE,
	TUNNEL_GRE,
	TUNNEL_ERSPAN,
	TUNNEL_PPTP,
	TUNNEL_IPIP,
	TUNNEL_6IN4,
	TUNNEL_TEREDO,
	TUNNEL_GTP,
	TUNNEL_MPLS,
	TUNNEL_ETHERIP,
	TUNNEL_PBB,
	TUNNEL_VN_TAG,
	TUNNEL_TYPES,
};

/**
 * struct tunnel - a tunnel, perhaps inside an outer tunnel
 * @type: enum tunnel_type
 * @id: identifier of the tunnel: VNI, key, session, call, TEID, label, I-SID or
 *	virtual interface; 0 if the tunnel has no identifier
 * @outer: number of the outer tunnel, 0 if there is none
 */
struct tunnel {
	u8 type;
	u32 id;
	u32 outer;
};

bool tunnel_of_link(const struct link_bytes *b, struct tunnel *t);
enum link_result tunnel_open(struct link_bytes *b, struct tunnel *t);
void tunnel_reset(void);
u32 tunnel_number(const struct tunnel *t);
const struct tunnel *tunnel_of_zone(u32 zone);
u32 tunnel_network(u32 zone);
u32 tunnel_zone(u32 zone);
size_t tunnel_stack(u32 zone, const struct tunnel *stack[TUNNEL_DEPTH_MAX]);
const char *tunnel_name(const struct tunnel *t);

#endif /* _TCPTRACECTL_TUNNEL_H */
