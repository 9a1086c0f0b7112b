/* SPDX-License-Identifier: GPL-2.0 */
/* Find packets that were seen before, at a different place on their path. */
#ifndef _TCPT_COPIES_H
#define _TCPT_COPIES_H

#include "env.h"

struct tcpt_endpoint;
struct tcpt_segment;

/**
 * struct tcpt_sighting - a packet that was seen at a place
 * @time: when the packet was seen, ns
 * @seq: sequence number
 * @ack: acknowledgment number
 * @len: payload bytes
 * @tsval: timestamp value, 0 if none
 * @vantage: where the packet was seen: equal for packets seen at the same place
 * @id: IP ID; 0 for IPv6
 * @window: window field
 * @flags: TCPTRACE_FIN and so on
 * @ttl: TTL or hop limit, if a different value means a different place; else 0
 * @sender: index of the end that sent the packet
 */
struct tcpt_sighting {
	u64 time;
	u32 seq;
	u32 ack;
	u32 len;
	u32 tsval;
	u32 vantage;
	u16 id;
	u16 window;
	u16 flags;
	u8 ttl;
	u8 sender;
};

/**
 * struct tcpt_copies - the last packets between two ends
 * @last: the packets
 * @size: number of entries of @last
 * @n: number of packets added so far
 */
struct tcpt_copies {
	struct tcpt_sighting *last;
	u32 size;
	u32 n;
};

void tcpt_copies_fill(struct tcpt_sighting *packet,
		      const struct tcpt_segment *seg);
bool tcpt_copies_see(struct tcpt_copies *copies,
		     const struct tcpt_sighting *packet);
bool tcpt_copies_repeats(const struct tcpt_endpoint *x,
			 const struct tcpt_segment *seg, u64 now);

#endif /* _TCPT_COPIES_H */
