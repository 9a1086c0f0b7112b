/* SPDX-License-Identifier: GPL-2.0 */
/* Builds the packets that the benchmark sends. */
#ifndef _BENCH_PACKET_H
#define _BENCH_PACKET_H

#include <linux/skbuff.h>
#include <linux/types.h>

enum {
	BENCH_FIN = 0x01,
	BENCH_SYN = 0x02,
	BENCH_RST = 0x04,
	BENCH_PSH = 0x08,
	BENCH_ACK = 0x10,
};

enum {
	BENCH_SERVER_PORT = 80,
};

/**
 * struct bench_seg - the TCP header to write into a packet
 * @flow: index of the connection
 * @resp: true if the responder sends the packet
 * @flags: BENCH_FIN and so on
 * @seq: sequence number
 * @ack: acknowledgment number
 */
struct bench_seg {
	u32 flow;
	bool resp;
	u8 flags;
	u32 seq;
	u32 ack;
};

struct sk_buff *bench_packet_new(unsigned int family, unsigned int payload);
void bench_packet_set(struct sk_buff *skb, const struct bench_seg *seg);
u32 bench_packet_flow(u32 i, unsigned int log2);
u16 bench_packet_port(u32 flow);
__be32 bench_packet_client(u32 flow);
__be32 bench_packet_server(void);

#endif /* _BENCH_PACKET_H */
