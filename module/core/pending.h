/* SPDX-License-Identifier: GPL-2.0 */
/* A segment that is kept until later evidence shows what it was. */
#ifndef _TCPT_PENDING_H
#define _TCPT_PENDING_H

#include "env.h"

struct tcpt_segment;

/**
 * enum tcpt_pending_kind - why a segment is kept
 * @TCPT_PENDING_NONE:		none is kept
 * @TCPT_PENDING_SYN:		a SYN in the middle of a connection: a forged one,
 *				or the first of a new connection
 * @TCPT_PENDING_SYNACK:	a SYN,ACK with another ISN than the one before it:
 *				the ACK chooses one
 * @TCPT_PENDING_ACK:		an ACK that answers a SYN: its sender has an old
 *				connection (RFC 9293 section 3.5.1)
 * @TCPT_PENDING_DATA:		the next data in sequence, with a TTL that its
 *				sender never used
 */
enum tcpt_pending_kind {
	TCPT_PENDING_NONE,
	TCPT_PENDING_SYN,
	TCPT_PENDING_SYNACK,
	TCPT_PENDING_ACK,
	TCPT_PENDING_DATA,
};

/**
 * struct tcpt_pending - what is kept of a segment
 * @first: when it was seen first, ns
 * @last: when it was seen last, ns
 * @heard: when the connection had heard an acceptable segment before it, ns
 * @seq: sequence number
 * @ack: acknowledgment number
 * @tsval: timestamp value
 * @tsecr: timestamp echo reply
 * @expected: the sequence number that its receiver expected
 * @len: payload bytes
 * @flags: TCPTRACE_FIN and so on
 * @window: window field, not scaled
 * @options: TCPTRACE_OPT_* present
 * @mss: maximum segment size
 * @wscale: window scale
 * @ttl: TTL or hop limit
 * @tos: TOS or traffic class
 * @hdr_len: length of the TCP header
 * @ttl_min: smallest TTL of its sender before it
 * @ttl_max: largest TTL of its sender before it
 * @fit: enum tcptrace_fit, of @seq to @expected
 * @times: how often it was seen, up to 255
 * @kind: enum tcpt_pending_kind
 * @from: who sent it: 0 the originator, 1 the responder
 */
struct tcpt_pending {
	u64 first;
	u64 last;
	u64 heard;
	u32 seq;
	u32 ack;
	u32 tsval;
	u32 tsecr;
	u32 expected;
	u32 len;
	u16 flags;
	u16 window;
	u16 options;
	u16 mss;
	u8 wscale;
	u8 ttl;
	u8 tos;
	u8 hdr_len;
	u8 ttl_min;
	u8 ttl_max;
	u8 fit;
	u8 times;
	u8 kind;
	u8 from;
};

void tcpt_pending_keep(struct tcpt_pending *p, enum tcpt_pending_kind kind,
		       unsigned int from, const struct tcpt_segment *seg,
		       u64 now);
void tcpt_pending_segment(const struct tcpt_pending *p,
			  const struct tcpt_segment *like, bool reverse,
			  struct tcpt_segment *seg);
bool tcpt_pending_next(struct tcpt_pending *p, u64 *now);

#endif /* _TCPT_PENDING_H */
