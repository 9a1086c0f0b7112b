// SPDX-License-Identifier: GPL-2.0
#include "rtt.h"

#include "segment.h"
#include "seq.h"

#include <linux/tcptrace.h>

/**
 * tcpt_rtt_bucket - find the bucket of a time in a histogram
 * @ns: the time
 *
 * Context: any.
 * Return: an index below TCPTRACE_RTT_BUCKETS.
 */
unsigned int tcpt_rtt_bucket(u64 ns)
{
	unsigned long long times = ns / 16000;
	unsigned int i = times ? 64 - (unsigned int)__builtin_clzll(times) : 0;

	return i < TCPTRACE_RTT_BUCKETS ? i : TCPTRACE_RTT_BUCKETS - 1;
}

/**
 * tcpt_rtt_take - take a sample of the round trip time
 * @rtt: the RTT state of the sender of the timed segment
 * @ns: the round trip time
 *
 * Context: any; the caller serializes access to @rtt.
 * Return: @ns; 0 if @ns is ignored because it is too long for a round trip.
 */
u64 tcpt_rtt_take(struct tcpt_rtt *rtt, u64 ns)
{
	unsigned int bucket = tcpt_rtt_bucket(ns);

	if (ns >= TCPT_RTT_WAIT_MAX)
		return 0;
	if (rtt->samples == 0) {
		rtt->min = ns;
		rtt->smoothed = ns;
		rtt->variation = ns / 2;
	} else {
		tcpt_rtt_smooth(&rtt->smoothed, &rtt->variation, ns);
	}
	if (ns < rtt->min)
		rtt->min = ns;
	rtt->last = ns;
	if (likely(rtt->samples < (u32)-1))
		rtt->samples++;
	if (likely(rtt->hist[bucket] < (u16)-1))
		rtt->hist[bucket]++;
	return ns;
}

/**
 * tcpt_rtt_sent - start to time a segment that an end sends
 * @rtt: the RTT state of that end
 * @seg: the segment
 * @rexmit: the segment carries sequence numbers that were sent before
 * @now: when the segment was seen, ns
 *
 * A pure ACK or a RST is not timed, because it is never acknowledged.
 *
 * Context: any; the caller serializes access to @rtt.
 */
void tcpt_rtt_sent(struct tcpt_rtt *rtt, const struct tcpt_segment *seg,
		   bool rexmit, u64 now)
{
	u32 end = tcpt_segment_end(seg);

	if (end != seg->seq && !(seg->flags & TCPTRACE_RST))
		tcpt_rtt_time(rtt, seg, end, rexmit, now);
}

/**
 * tcpt_rtt_answer - take a sample if an ACK answers the timed segment
 * @rtt: the RTT state of the sender of the timed segment; tcpt_rtt_awaits() is
 *	true
 * @seg: the segment
 * @now: when the segment was seen, ns
 *
 * Context: any; the caller serializes access to @rtt.
 * Return: the round trip time, ns; 0 if the ACK yields no sample.
 */
u64 tcpt_rtt_answer(struct tcpt_rtt *rtt, const struct tcpt_segment *seg,
		    u64 now)
{
	bool whole = !tcpt_seq_before(seg->ack, rtt->end);
	bool echo = tcpt_rtt_echoes(rtt->marks, rtt->tsval, seg, whole);

	if (whole || echo)
		rtt->marks = 0;
	return echo ? tcpt_rtt_take(rtt, now - rtt->sent) : 0;
}

/**
 * tcpt_rtt_answered - take a sample if a segment of the other end is an answer
 * @rtt: the RTT state of the end that @seg may answer
 * @seg: the segment
 * @now: when the segment was seen, ns
 *
 * Context: any; the caller serializes access to @rtt.
 * Return: see tcpt_rtt_answer().
 */
u64 tcpt_rtt_answered(struct tcpt_rtt *rtt, const struct tcpt_segment *seg,
		      u64 now)
{
	if (!tcpt_rtt_awaits(rtt, seg->ack) ||
	    (seg->flags & (TCPTRACE_ACK | TCPTRACE_RST)) != TCPTRACE_ACK)
		return 0;
	return tcpt_rtt_answer(rtt, seg, now);
}
