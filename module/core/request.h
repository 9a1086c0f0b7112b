/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A connection of which only the first SYN was seen. Until more is known, the
 * entry of the connection can be small, like the kernel's struct request_sock:
 * the whole state of both ends follows from that SYN.
 */
#ifndef _TCPT_REQUEST_H
#define _TCPT_REQUEST_H

#include "env.h"
#include "segment.h"

struct tcpt_flow;
struct tcpt_result;
struct tcpt_track;

/**
 * struct tcpt_request - the first SYN of a connection
 * @time: when the SYN was seen, ns
 * @header: header of the SYN; its flags are SYN, perhaps with ECE and CWR
 * @mptcp_subtype: RFC 8684 subtype
 */
struct tcpt_request {
	u64 time;
	struct tcpt_header header;
	u8 mptcp_subtype;
};

bool tcpt_request_fits(const struct tcpt_segment *seg);
void tcpt_request_keep(struct tcpt_request *r, const struct tcpt_segment *seg,
		       u64 now);
void tcpt_request_segment(const struct tcpt_request *r,
			  const struct tcpt_flow *flow, unsigned int orig,
			  struct tcpt_segment *seg);
void tcpt_request_open(struct tcpt_track *t, const struct tcpt_segment *seg,
		       struct tcpt_result *res);
void tcpt_request_begin(struct tcpt_track *t, const struct tcpt_segment *seg,
			u64 now);
void tcpt_request_track(const struct tcpt_request *r,
			const struct tcpt_flow *flow, unsigned int orig,
			struct tcpt_track *t);
u64 tcpt_request_deadline(const struct tcpt_request *r,
			  const unsigned int *seconds);

#endif /* _TCPT_REQUEST_H */
