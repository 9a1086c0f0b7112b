/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state of an open connection whose segments all take the fast path, in as
 * few bytes as possible.
 */
#ifndef _TCPT_CLEAN_H
#define _TCPT_CLEAN_H

#include "env.h"

#include <linux/tcptrace.h>

struct tcpt_segment;
struct tcpt_track;

/**
 * enum tcpt_clean_mark - bits of tcpt_clean_end.marks
 * @TCPT_CLEAN_DATA:	the end may send data
 * @TCPT_CLEAN_ACK:	the end may send bare ACKs
 * @TCPT_CLEAN_TSVAL:	the end may send timestamps
 * @TCPT_CLEAN_SYN:	the SYN of the end was seen
 */
enum tcpt_clean_mark {
	TCPT_CLEAN_DATA		= 0x01,
	TCPT_CLEAN_ACK		= 0x02,
	TCPT_CLEAN_TSVAL	= 0x04,
	TCPT_CLEAN_SYN		= 0x08,
};

/**
 * struct tcpt_clean_end - an end of a clean connection
 * @nxt: tcpt_endpoint.nxt and .contig, tcpt_wireshark_dir.next and .contig,
 *	tcpt_zeek_end.last
 * @ack: tcpt_endpoint.ack, tcpt_wireshark_dir.ack
 * @right: as in struct tcpt_endpoint
 * @full: as in struct tcpt_wireshark_dir
 * @mark: as in struct tcpt_wireshark_dir
 * @unacked: as in struct tcpt_wireshark_dir
 * @newer: as in struct tcpt_wireshark_dir
 * @window: the last window field of the end
 * @window_min: a smaller window field would change tcpt_counters.window_min
 * @window_max: a larger window field would change tcpt_counters.window_max or
 *	tcpt_endpoint.window
 * @size_min: tcpt_counters.segment_min
 * @size_max: tcpt_counters.segment_max
 * @ttl_min: tcpt_counters.own_ttl_min
 * @ttl_max: tcpt_counters.own_ttl_max
 * @flags: TCPTRACE_PSH if the end has sent it before
 * @marks: enum tcpt_clean_mark
 * @scale: as in struct tcpt_endpoint
 * @shift: number of bits by which Wireshark shifts the window field, or
 *	TCPT_CLEAN_NO_SHIFT
 * @phase: tcpt_chrono.phase: TCPT_PHASE_IDLE or TCPT_PHASE_PATH
 * @timed: tcpt_rtt.marks
 * @begin: as in struct tcpt_rtt
 * @end: as in struct tcpt_rtt
 * @ts_recent: as in struct tcpt_endpoint
 * @last: tcpt_counters.last
 * @idle_max: as in struct tcpt_counters
 * @since: as in struct tcpt_chrono
 * @zeek_start: tcpt_zeek_end.start
 * @zeek_acked: tcpt_zeek_end.acked
 * @data: number of packets with data while the connection was clean
 * @pure: number of bare ACKs while the connection was clean
 * @pushes: number of packets with PSH while the connection was clean
 * @bytes: number of bytes of data while the connection was clean
 * @extra: number of segments, minus number of packets, while the connection was
 *	clean
 * @size_max_seq: tcpt_counters.segment_max_seq
 * @sent: as in struct tcpt_rtt
 * @last_data: as in struct tcpt_counters
 * @path: tcpt_chrono.ns[TCPT_PHASE_PATH - 1]
 * @begun: as in struct tcpt_chrono
 * @own: as in struct tcpt_chrono
 * @tsval: as in struct tcpt_rtt
 * @rtt_min: tcpt_rtt.min
 * @rtt_last: tcpt_rtt.last
 * @smoothed: as in struct tcpt_rtt
 * @variation: as in struct tcpt_rtt
 * @samples: as in struct tcpt_rtt
 * @rtt_hist: tcpt_rtt.hist
 * @response_hist: tcpt_response.hist
 * @responses: tcpt_response.count
 * @iss: as in struct tcpt_endpoint; no segment changes it
 * @response_min: tcpt_response.min
 * @response_max: tcpt_response.max
 * @response_sum: tcpt_response.sum
 * @response_delayed: tcpt_response.delayed
 *
 * Times are in ns.
 */
struct tcpt_clean_end {
	u32 nxt;
	u32 ack;
	u32 right;
	u32 full;
	u32 mark;
	u16 unacked;
	u16 newer;
	u16 window;
	u16 window_min;
	u16 window_max;
	u16 size_min;
	u16 size_max;
	u8 ttl_min;
	u8 ttl_max;
	u8 flags;
	u8 marks;
	u8 scale;
	u8 shift;
	u8 phase;
	u8 timed;
	u32 begin;
	u32 end;
	u32 ts_recent;
	u64 last;
	u64 idle_max;
	u64 since;
	u32 zeek_start;
	u32 zeek_acked;
	u32 data;
	u32 pure;
	u32 pushes;
	u32 bytes;
	u32 extra;
	u32 size_max_seq;
	u64 sent;
	u64 last_data;
	/* fields that change once in a round trip start here */
	u64 path;
	u64 begun;
	u64 own;
	u32 tsval;
	u32 rtt_min;
	u32 rtt_last;
	u32 smoothed;
	u32 variation;
	u32 samples;
	u16 rtt_hist[TCPTRACE_RTT_BUCKETS];
	u16 response_hist[TCPTRACE_RTT_BUCKETS];
	u32 responses;
	u32 iss;
	u64 response_min;
	u64 response_max;
	u64 response_sum;
	u64 response_delayed;
};

enum {
	TCPT_CLEAN_NO_SHIFT	= 255,	/* Wireshark does not know the scale */
};

/**
 * struct tcpt_clean - the fields that segments of a clean connection change
 * @end: the originator, the responder
 * @quiet: as in struct tcpt_track
 * @turn: likewise
 */
struct tcpt_clean {
	struct tcpt_clean_end end[2];
	u64 quiet;
	u8 turn;
};

bool tcpt_clean_may(const struct tcpt_track *t);
void tcpt_clean_take(struct tcpt_clean *clean, const struct tcpt_track *t);
void tcpt_clean_give(const struct tcpt_clean *clean, struct tcpt_track *t);
bool tcpt_clean_segment(struct tcpt_clean *clean, unsigned int from,
			const struct tcpt_segment *seg, u64 now, u64 *rtt);

/* Return: when the last segment was seen, ns. */
static inline u64 tcpt_clean_last(const struct tcpt_clean *clean)
{
	u64 a = clean->end[0].last, b = clean->end[1].last;

	return a > b ? a : b;
}

#endif /* _TCPT_CLEAN_H */
