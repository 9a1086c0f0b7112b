/* SPDX-License-Identifier: GPL-2.0 */
/* What Wireshark says of a segment: tcp.analysis.*, by the rules of 4.0. */
#ifndef _TCPT_ANALYSIS_H
#define _TCPT_ANALYSIS_H

#include "env.h"
#include "seq.h"

struct tcpt_segment;

enum {
	TCPT_ANALYSIS_UNACKED	= 10000,	/* segments that are remembered */
};

/**
 * struct tcpt_half - what was seen in one direction
 * @next_time: when @next last grew, ns
 * @ack_time: when the last segment was seen, ns
 * @base: the first sequence number, by which a reuse of ports is told
 * @next: after the highest sequence number seen; 0: none was
 * @contig: highest number that the other end may acknowledge without having
 *	got what was not seen here; 0: none
 * @ack: acknowledgment number of the last segment, whatever it was
 * @dup_acks: how often it was repeated; all ones: it acknowledged what was not
 *	seen, which is as good as many
 * @window: window field of the last segment, -1: there was none
 * @mark: of the segments counted, those that came later begin here
 * @unacked: segments that are not acknowledged
 * @newer: of these those that begin at @mark or after it
 * @wscale: window scale; see enum tcpt_half_scale
 * @marks: enum tcpt_half_mark
 * @mptcp: what was known of MPTCP at the last segment, see tcpt_analysis
 */
struct tcpt_half {
	u64 next_time;
	u64 ack_time;
	u32 base;
	u32 next;
	u32 contig;
	u32 ack;
	u32 dup_acks;
	u32 mark;
	s32 window;
	u16 unacked;
	u16 newer;
	s8 wscale;
	u8 marks;
	u16 mptcp;
};

/**
 * enum tcpt_half_scale - window scales that are none
 * @TCPT_SCALE_UNKNOWN:	no SYN was seen
 * @TCPT_SCALE_OFF:	not agreed
 */
enum tcpt_half_scale {
	TCPT_SCALE_UNKNOWN	= -1,
	TCPT_SCALE_OFF		= -2,
};

/**
 * enum tcpt_half_mark - bits of tcpt_half.marks
 * @TCPT_HALF_BASE:		base is set
 * @TCPT_HALF_FIRST_ACK:	no ACK since the SYN: its window is not scaled
 * @TCPT_HALF_KEEP_ALIVE:	the last segment was a keep-alive
 * @TCPT_HALF_PROBE:		the last segment was a zero window probe
 */
enum tcpt_half_mark {
	TCPT_HALF_BASE		= 0x01,
	TCPT_HALF_FIRST_ACK	= 0x02,
	TCPT_HALF_KEEP_ALIVE	= 0x04,
	TCPT_HALF_PROBE		= 0x08,
};

/**
 * struct tcpt_analysis - the segments of a pair of ends, in any number of
 * connections
 * @half: sent by the one, sent by the other
 * @syn: when the last SYN was seen, ns; 0: none was
 * @initial_rtt: from it to the first ACK, ns; 0: unknown
 * @mptcp: 1 << subtype of the MPTCP options seen (RFC 8684 table 8)
 * @completeness: TCPTRACE_COMPLETE_*
 *
 * It knows nothing of what is acceptable, and is reset by a SYN with another
 * number only.
 */
struct tcpt_analysis {
	struct tcpt_half half[2];
	u64 syn;
	u64 initial_rtt;
	u16 mptcp;
	u8 completeness;
};

/**
 * struct tcpt_finding - what the analysis says of a segment
 * @classes: TCPTRACE_A_*
 * @dup_ack_num: with TCPTRACE_A_DUPLICATE_ACK: 1 for the first, and so on
 */
struct tcpt_finding {
	u16 classes;
	u32 dup_ack_num;
};

void tcpt_analysis_init(struct tcpt_analysis *a);
void tcpt_analysis_turn(struct tcpt_analysis *a);
struct tcpt_finding tcpt_analysis_segment(struct tcpt_analysis *a,
					  unsigned int from,
					  const struct tcpt_segment *seg,
					  u64 now);

/* There is no list of segments: they are forgotten a flight at a time. */
static inline void tcpt_half_forget(struct tcpt_half *half, u32 ack)
{
	if (tcpt_seq_before(ack, half->mark))
		return;
	half->unacked = tcpt_seq_before(ack, half->next) ? half->newer : 0;
	half->newer = 0;
	half->mark = half->next;
}

#endif /* _TCPT_ANALYSIS_H */
