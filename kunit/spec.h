/* SPDX-License-Identifier: GPL-2.0 */
/* The description of a segment in the rows of all suites. */
#ifndef _TCPT_KUNIT_SPEC_H
#define _TCPT_KUNIT_SPEC_H

#include <linux/tcptrace.h>

#include "../module/core/segment.h"

enum {
	ORIG = 0,	/* the end that sent the first SYN */
	RESP = 1,

	/* no segment has PSH, which changes nothing if there is data */
	SYN	= TCPTRACE_SYN,
	SYNACK	= TCPTRACE_SYN | TCPTRACE_ACK,
	ACK	= TCPTRACE_ACK,
	FIN	= TCPTRACE_FIN | TCPTRACE_ACK,
	RST	= TCPTRACE_RST,
	RSTACK	= TCPTRACE_RST | TCPTRACE_ACK,

	SPEC_WINDOW	= 10000,
	SPEC_GAP_US	= 1000,
	ZERO_WINDOW	= -1,	/* a window field of 0 */
};

/**
 * struct segment_spec - a segment
 * @from: ORIG or RESP
 * @flags: TCP flags
 * @seq: sequence number, relative to the sender's ISN
 * @ack: acknowledgment number, relative to the other end's ISN
 * @len: payload bytes
 * @window: window field; 0 means SPEC_WINDOW, and ZERO_WINDOW means 0
 * @us: time since the previous segment, SPEC_GAP_US if 0
 * @segs: segments on the wire, 1 if 0
 * @mss: MSS option, none if 0
 * @ttl: TTL
 * @scale: window scale option plus 1, none if 0
 * @mptcp: MPTCP subtype plus 1, none if 0
 * @tsval: timestamp value, no timestamp if 0
 * @tsecr: timestamp echo reply
 * @sack: a SACK block, relative to the other end's ISN, none if its end is 0
 */
struct segment_spec {
	u8 from;
	u16 flags;
	u32 seq;
	u32 ack;
	u32 len;
	s32 window;
	s32 us;
	u16 segs;
	u16 mss;
	u8 ttl;
	u8 scale;
	u8 mptcp;
	u32 tsval;
	u32 tsecr;
	u32 sack[2];
};

void tcpt_spec_segment(struct tcpt_segment *seg,
		       const struct segment_spec *spec, const u32 isn[2],
		       unsigned int from);
s64 tcpt_spec_ns(const struct segment_spec *spec);

#endif /* _TCPT_KUNIT_SPEC_H */
