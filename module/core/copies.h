/* SPDX-License-Identifier: GPL-2.0 */
/* Packets that were seen before, at another place of their way. */
#ifndef _TCPT_COPIES_H
#define _TCPT_COPIES_H

#include "env.h"

enum {
	TCPT_COPIES	= 8,	/* packets that are remembered */
};

/**
 * struct tcpt_sighting - a packet, seen somewhere
 * @time: when, ns
 * @seq: sequence number
 * @ack: acknowledgment number
 * @len: payload bytes
 * @vantage: where: equal for packets seen at the same place
 * @id: identification of the IPv4 header; 0 for IPv6
 * @window: window field
 * @flags: TCPTRACE_FIN and so on
 * @ttl: TTL or hop limit
 * @sender: who sent it
 */
struct tcpt_sighting {
	u64 time;
	u32 seq;
	u32 ack;
	u32 len;
	u32 vantage;
	u16 id;
	u16 window;
	u16 flags;
	u8 ttl;
	u8 sender;
};

/**
 * struct tcpt_copies - the last packets of a pair of ends
 * @last: the packets
 * @n: how many there were
 */
struct tcpt_copies {
	struct tcpt_sighting last[TCPT_COPIES];
	u32 n;
};

bool tcpt_copies_see(struct tcpt_copies *copies,
		     const struct tcpt_sighting *packet);

#endif /* _TCPT_COPIES_H */
