/* SPDX-License-Identifier: GPL-2.0 */
/* Round trip times, measured passively. */
#ifndef _TCPT_RTT_H
#define _TCPT_RTT_H

#include "env.h"
#include "segment.h"
#include "seq.h"

#include <linux/tcptrace.h>

/* An answer that takes longer than this yields no sample. */
#define TCPT_RTT_WAIT_MAX	10000000000ULL	/* ns */

/**
 * struct tcpt_rtt - round trip times of the segments of one end
 * @sent: when the timed segment was seen, ns
 * @begin: sequence number of the timed segment
 * @end: the sequence number after the timed segment
 * @tsval: timestamp of the timed segment, if @marks has TCPT_RTT_TSVAL
 * @marks: enum tcpt_rtt_mark
 * @samples: number of samples
 * @min: smallest sample, ns
 * @last: latest sample, ns
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
 * @TCPT_RTT_WAITING:	a segment is being timed
 * @TCPT_RTT_REXMIT: the timed segment, or a later one, is a retransmission, so
 *	the ACK may answer either transmission (Karn's algorithm)
 */
enum tcpt_rtt_mark {
	TCPT_RTT_TSVAL	= 0x01,
	TCPT_RTT_REXMIT	= 0x02,
	TCPT_RTT_WAITING = 0x04,
};

unsigned int tcpt_rtt_bucket(u64 ns);
u64 tcpt_rtt_take(struct tcpt_rtt *rtt, u64 ns);
void tcpt_rtt_sent(struct tcpt_rtt *rtt, const struct tcpt_segment *seg,
		   bool rexmit, u64 now);
u64 tcpt_rtt_answer(struct tcpt_rtt *rtt, const struct tcpt_segment *seg,
		    u64 now);
u64 tcpt_rtt_answered(struct tcpt_rtt *rtt, const struct tcpt_segment *seg,
		      u64 now);

/**
 * tcpt_rtt_echoes - check whether an ACK yields a sample
 * @marks: marks of the timed segment, as in struct tcpt_rtt
 * @tsval: timestamp of the timed segment
 * @seg: the ACK
 * @whole: the ACK covers the whole timed segment
 *
 * With timestamps (RFC 7323), an ACK yields a sample if it echoes the timestamp
 * of the timed segment. The ACK need not cover the whole timed segment, which
 * may be many segments on the wire. Without timestamps, an ACK yields a sample
 * if it covers the whole segment, and if nothing was retransmitted meanwhile.
 *
 * Context: any.
 * Return: true if the ACK yields a sample.
 */
static inline bool tcpt_rtt_echoes(u8 marks, u32 tsval,
				   const struct tcpt_segment *seg, bool whole)
{
	if (marks & TCPT_RTT_TSVAL &&
	    seg->opt.present & TCPTRACE_OPT_TIMESTAMP)
		return seg->opt.tsecr == tsval;
	return whole && !(marks & TCPT_RTT_REXMIT);
}

/* RFC 6298 section 2, for a sample that is not the first one */
static inline void tcpt_rtt_smooth(u64 *smoothed, u64 *variation, u64 ns)
{
	u64 off = *smoothed > ns ? *smoothed - ns : ns - *smoothed;

	*variation += off / 4 - *variation / 4;
	*smoothed += ns / 8 - *smoothed / 8;
}

/*
 * Start to time a segment that ends at @end, unless another segment has been
 * timed for less than TCPT_RTT_WAIT_MAX.
 */
static inline void tcpt_rtt_time(struct tcpt_rtt *rtt,
				 const struct tcpt_segment *seg, u32 end,
				 bool rexmit, u64 now)
{
	if (rtt->marks & TCPT_RTT_WAITING &&
	    now - rtt->sent < TCPT_RTT_WAIT_MAX) {
		if (rexmit)
			rtt->marks |= TCPT_RTT_REXMIT;
		return;
	}
	rtt->sent = now;
	rtt->begin = seg->seq;
	rtt->end = end;
	rtt->marks = TCPT_RTT_WAITING | (rexmit ? TCPT_RTT_REXMIT : 0);
	if (seg->opt.present & TCPTRACE_OPT_TIMESTAMP && seg->opt.tsval) {
		rtt->tsval = seg->opt.tsval;
		rtt->marks |= TCPT_RTT_TSVAL;
	}
}

/* Can @ack acknowledge the timed segment? */
static inline bool tcpt_rtt_awaits(const struct tcpt_rtt *rtt, u32 ack)
{
	return rtt->marks & TCPT_RTT_WAITING && tcpt_seq_after(ack, rtt->begin);
}

#endif /* _TCPT_RTT_H */
