/* SPDX-License-Identifier: GPL-2.0 */
/* Round trip times, measured passively. */
#ifndef _TCPT_RTT_H
#define _TCPT_RTT_H

#include "env.h"

#include <linux/tcptrace.h>

struct tcpt_segment;

/**
 * struct tcpt_rtt - from segments of an end to the answers of the other
 * @sent: when the timed segment was seen, ns
 * @begin: its sequence number
 * @end: the sequence number after it
 * @tsval: its timestamp, with TCPT_RTT_TSVAL
 * @marks: enum tcpt_rtt_mark
 * @samples: number of samples
 * @min: smallest, ns
 * @last: latest, ns
 * @smoothed: SRTT of RFC 6298, ns
 * @variation: RTTVAR of RFC 6298, ns
 * @hist: see struct tcptrace_dir
 */
struct tcpt_rtt {
	u64 sent;
	u32 begin;
	u32 end;
	u32 tsval;
	u8 marks;
	u64 min;
	u64 last;
	u64 smoothed;
	u64 variation;
	u32 samples;
	u16 hist[TCPTRACE_RTT_BUCKETS];
};

/**
 * enum tcpt_rtt_mark - bits of tcpt_rtt.marks
 * @TCPT_RTT_TSVAL:	the timed segment has a timestamp
 * @TCPT_RTT_WAITING:	a segment is timed
 * @TCPT_RTT_REXMIT:	there was a retransmission since: the ACK may be of
 *			either segment (Karn)
 */
enum tcpt_rtt_mark {
	TCPT_RTT_TSVAL	= 0x01,
	TCPT_RTT_REXMIT	= 0x02,
	TCPT_RTT_WAITING = 0x04,
};

u64 tcpt_rtt_take(struct tcpt_rtt *rtt, u64 ns);
void tcpt_rtt_sent(struct tcpt_rtt *rtt, const struct tcpt_segment *seg,
		   bool rexmit, u64 now);
u64 tcpt_rtt_answered(struct tcpt_rtt *rtt, const struct tcpt_segment *seg,
		      u64 now);

#endif /* _TCPT_RTT_H */
