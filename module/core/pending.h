/* SPDX-License-Identifier: GPL-2.0 */
/* A segment that is kept until later evidence shows what it was. */
#ifndef _TCPT_PENDING_H
#define _TCPT_PENDING_H

#include "env.h"
#include "segment.h"

/**
 * enum tcpt_pending_kind - why a segment is kept
 * @TCPT_PENDING_NONE:		no segment is kept
 * @TCPT_PENDING_SYN: a SYN in the middle of a connection, or after its end: the
 *	SYN is forged, came late, or is the first segment of a new connection
 * @TCPT_PENDING_SYNACK: a SYN,ACK whose ISN differs from that of an earlier
 *	SYN,ACK: the ACK shows which of the two was accepted
 * @TCPT_PENDING_ACK:		an ACK that answers a SYN: the sender of the ACK
 *				has an old connection (RFC 9293 section 3.5.1)
 * @TCPT_PENDING_DATA:		the next data in sequence, with a TTL outside
 *				the range that its sender has used
 */
enum tcpt_pending_kind {
	TCPT_PENDING_NONE,
	TCPT_PENDING_SYN,
	TCPT_PENDING_SYNACK,
	TCPT_PENDING_ACK,
	TCPT_PENDING_DATA,
};

/**
 * struct tcpt_pending - a kept segment
 * @first: when the segment was first seen, ns
 * @last: when the segment was last seen, ns
 * @heard: for a SYN: when the last acceptable segment before it was seen, ns
 * @header: its header
 * @ack: acknowledgment number
 * @tsecr: timestamp echo reply
 * @expected: the sequence number that the receiver expected
 * @len: payload bytes
 * @ttl_min: smallest TTL that the sender used before
 * @ttl_max: largest TTL that the sender used before
 * @fit: enum tcptrace_fit: how the sequence number fits @expected
 * @times: number of times that the segment was seen, up to 255
 * @kind: enum tcpt_pending_kind
 * @from: the sender: 0 for the originator, 1 for the responder
 */
struct tcpt_pending {
	u64 first;
	u64 last;
	u64 heard;
	struct tcpt_header header;
	u32 ack;
	u32 tsecr;
	u32 expected;
	u32 len;
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
