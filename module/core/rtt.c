// SPDX-License-Identifier: GPL-2.0
#include "rtt.h"

#include "segment.h"
#include "seq.h"

#include <linux/tcptrace.h>

/* An answer after this time is not a sample. */
#define WAIT_MAX	10000000000ULL	/* ns */

static unsigned int bucket_of(u64 ns)
{
	unsigned long long times = ns / 16000;
	unsigned int i = times ? 64 - (unsigned int)__builtin_clzll(times) : 0;

	return i < TCPTRACE_RTT_BUCKETS ? i : TCPTRACE_RTT_BUCKETS - 1;
}

/**
 * tcpt_rtt_take - a round trip was measured
 * @rtt: of the end that it began with
 * @ns: how long it took
 *
 * Context: any; the caller keeps others off @rtt.
 * Return: @ns; 0 if it is too long for one, and not counted.
 */
u64 tcpt_rtt_take(struct tcpt_rtt *rtt, u64 ns)
{
	u64 off = rtt->smoothed > ns ? rtt->smoothed - ns : ns - rtt->smoothed;
	unsigned int bucket = bucket_of(ns);

	if (ns >= WAIT_MAX)
		return 0;
	/* RFC 6298 section 2 */
	if (rtt->samples == 0) {
		rtt->min = ns;
		rtt->smoothed = ns;
		rtt->variation = ns / 2;
	} else {
		rtt->variation += off / 4 - rtt->variation / 4;
		rtt->smoothed += ns / 8 - rtt->smoothed / 8;
	}
	if (ns < rtt->min)
		rtt->min = ns;
	rtt->last = ns;
	rtt->samples += rtt->samples < (u32)-1;
	rtt->hist[bucket] += rtt->hist[bucket] < (u16)-1;
	return ns;
}

/**
 * tcpt_rtt_sent - an end sends a segment
 * @rtt: of that end
 * @seg: the segment
 * @rexmit: it carries numbers that were seen before
 * @now: when it was seen, ns
 *
 * A pure ACK starts no sample: nobody answers it.
 *
 * Context: any; the caller keeps others off @rtt.
 */
void tcpt_rtt_sent(struct tcpt_rtt *rtt, const struct tcpt_segment *seg,
		   bool rexmit, u64 now)
{
	u32 end = tcpt_segment_end(seg);

	if (end == seg->seq || seg->flags & TCPTRACE_RST)
		return;
	if (rtt->marks & TCPT_RTT_WAITING && now - rtt->sent < WAIT_MAX) {
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

/**
 * tcpt_rtt_answered - the other end sends a segment
 * @rtt: of the end that it answers
 * @seg: the segment
 * @now: when it was seen, ns
 *
 * With timestamps (RFC 7323) the echo of the segment's own timestamp counts,
 * even if it acknowledges only a part: the segment may be many on the wire.
 * Without them the acknowledgment of the whole segment counts, unless something
 * was retransmitted in the meantime.
 *
 * Context: any; the caller keeps others off @rtt.
 * Return: ns; 0 if it measures nothing.
 */
u64 tcpt_rtt_answered(struct tcpt_rtt *rtt, const struct tcpt_segment *seg,
		      u64 now)
{
	u64 ns = now - rtt->sent;
	bool whole, echo;

	if (!(rtt->marks & TCPT_RTT_WAITING) ||
	    !(seg->flags & TCPTRACE_ACK) || seg->flags & TCPTRACE_RST ||
	    !tcpt_seq_after(seg->ack, rtt->begin))
		return 0;
	whole = !tcpt_seq_before(seg->ack, rtt->end);
	if (rtt->marks & TCPT_RTT_TSVAL &&
	    seg->opt.present & TCPTRACE_OPT_TIMESTAMP)
		echo = seg->opt.tsecr == rtt->tsval;
	else
		echo = whole && !(rtt->marks & TCPT_RTT_REXMIT);
	if (whole || echo)
		rtt->marks = 0;
	return echo ? tcpt_rtt_take(rtt, ns) : 0;
}
