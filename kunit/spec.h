/* SPDX-License-Identifier: GPL-2.0 */
/* The description of a segment, used in the rows of many suites. */
#ifndef _TCPT_KUNIT_SPEC_H
#define _TCPT_KUNIT_SPEC_H

#include <linux/tcptrace.h>

#include "../module/core/segment.h"

enum {
	ORIG = 0,	/* the originator of the connection */
	RESP = 1,

	/* PSH is left out, because it changes only flags and a counter */
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
 * @window: window field; 0 is replaced by SPEC_WINDOW, and ZERO_WINDOW by 0
 * @us: time since the previous segment; 0 is replaced by SPEC_GAP_US
 * @segs: number of segments on the wire; 0 is replaced by 1
 * @mss: MSS option; 0: no option
 * @ttl: TTL
 * @scale: 1 + window scale; 0: no option
 * @mptcp: 1 + MPTCP subtype; 0: no option
 * @tsval: timestamp value; 0: no timestamp option
 * @tsecr: timestamp echo reply
 * @sack: a SACK block, relative to the other end's ISN; no option if its end is
 *	0
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
