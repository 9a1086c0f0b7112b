/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A connection of which only the first SYN was seen, as the kernel's struct
 * request_sock is a small socket until the handshake is complete. All that is
 * known of the connection follows from that SYN.
 */
#ifndef _TCPT_REQUEST_H
#define _TCPT_REQUEST_H

#include "env.h"

struct tcpt_flow;
struct tcpt_segment;
struct tcpt_track;

/**
 * struct tcpt_request - the first SYN of a connection
 * @time: when it was seen, ns
 * @seq: sequence number
 * @tsval: timestamp value
 * @flags: TCPTRACE_SYN, perhaps with ECE and CWR
 * @window: window field
 * @options: TCPTRACE_OPT_* present
 * @mss: maximum segment size
 * @wscale: window scale
 * @mptcp_subtype: RFC 8684 subtype
 * @ttl: TTL or hop limit
 * @tos: TOS or traffic class
 * @hdr_len: length of the TCP header
 */
struct tcpt_request {
	u64 time;
	u32 seq;
	u32 tsval;
	u16 flags;
	u16 window;
	u16 options;
	u16 mss;
	u8 wscale;
	u8 mptcp_subtype;
	u8 ttl;
	u8 tos;
	u8 hdr_len;
};

bool tcpt_request_fits(const struct tcpt_segment *seg);
void tcpt_request_keep(struct tcpt_request *r, const struct tcpt_segment *seg,
		       u64 now);
void tcpt_request_segment(const struct tcpt_request *r,
			  const struct tcpt_flow *flow, unsigned int orig,
			  struct tcpt_segment *seg);
void tcpt_request_track(const struct tcpt_request *r,
			const struct tcpt_flow *flow, unsigned int orig,
			struct tcpt_track *t);
u64 tcpt_request_deadline(const struct tcpt_request *r,
			  const unsigned int *seconds);

#endif /* _TCPT_REQUEST_H */
