// SPDX-License-Identifier: GPL-2.0
#include "flow.h"

#include "segment.h"

/**
 * tcpt_flow_init - make the key of a segment's connection
 * @flow: filled in
 * @seg: the segment
 * @netns: inode number of the network namespace
 * @zone: interface index for link-local addresses, else 0
 *
 * Both directions of a connection give the same key. A socket that is
 * connected to itself has one direction only, which is 0.
 *
 * Context: any.
 * Return: which end of @flow sent the segment, 0 or 1.
 */
unsigned int tcpt_flow_init(struct tcpt_flow *flow,
			    const struct tcpt_segment *seg, u32 netns,
			    u32 zone)
{
	unsigned int dir;

	static_assert(sizeof(*flow) == 48, "no padding is hashed");
	dir = seg->sport > seg->dport ||
	      (seg->sport == seg->dport &&
	       memcmp(seg->src, seg->dst, sizeof(seg->src)) > 0);
	memcpy(flow->addr[dir], seg->src, sizeof(seg->src));
	memcpy(flow->addr[!dir], seg->dst, sizeof(seg->dst));
	flow->port[dir] = seg->sport;
	flow->port[!dir] = seg->dport;
	flow->family = seg->family;
	flow->netns = netns;
	flow->zone = zone;
	return dir;
}

/**
 * tcpt_flow_is_self - is this a socket connected to itself?
 * @flow: the key
 *
 * Context: any.
 * Return: true if both ends have the same address and port.
 */
bool tcpt_flow_is_self(const struct tcpt_flow *flow)
{
	return flow->port[0] == flow->port[1] &&
	       !memcmp(flow->addr[0], flow->addr[1], sizeof(flow->addr[0]));
}
