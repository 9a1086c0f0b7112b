/* SPDX-License-Identifier: GPL-2.0 */
/* Counters of what one end sent: the statistics of tcptrace (Ostermann). */
#ifndef _TCPT_COUNTERS_H
#define _TCPT_COUNTERS_H

#include "env.h"

struct tcpt_wireshark_result;
struct tcpt_segment;

/**
 * struct tcpt_counters - counters of one direction
 * @last: when the last packet was seen, ns
 * @idle_max: longest time between two, ns
 * @first_data: when the first packet with payload was seen, ns
 * @last_data: when the last one was, ns
 * @segment_max_seq: sequence number of the first segment of @segment_max bytes
 * @answered: payload had been acknowledged when a segment was seen
 * @seen: a segment was seen
 * @started: a window was seen: @window_min and @window_max are set
 *
 * struct tcptrace_dir describes the other fields, under the same names.
 */
struct tcpt_counters {
	u64 last;
	u64 idle_max;
	u64 last_data;
	u32 data_packets;
	u32 acks;
	u32 pure_acks;
	u32 pushes;
	u32 window_min;
	u32 window_max;
	u32 segment_min;
	u32 segment_max;
	u32 segment_max_seq;
	u8 ttl_first;
	u8 ttl_min;
	u8 ttl_max;
	u8 sack_blocks_max;
	bool answered;
	bool seen;
	bool started;
	/* fields that few segments change begin here */
	u64 first_data;
	u32 out_of_order;
	u32 dup_acks;
	u32 triple_dup_acks;
	u32 sack_packets;
	u32 sack_blocks;
	u32 dsacks;
	u32 zero_windows;
	u32 zero_window_probes;
	u32 window_full;
	u32 keep_alives;
	u32 urgent_packets;
	u32 urgent_bytes;
	u32 syns;
	u32 fins;
	u32 rsts;
	u32 initial_bytes;
	u32 initial_packets;
	u32 ect0;
	u32 ect1;
	u32 ce;
	u32 ece;
	u32 cwr;
};

void tcpt_counters_segment(struct tcpt_counters *counters,
			   const struct tcpt_segment *seg,
			   const struct tcpt_wireshark_result *found,
			   bool rexmit, u32 sack_min, u64 now);
void tcpt_counters_plain(struct tcpt_counters *counters,
			 const struct tcpt_segment *seg, u32 window, u64 now);
void tcpt_counters_window(struct tcpt_counters *counters, u32 window);

/* Has the sender used this TTL before? A segment of it was seen. */
static inline bool tcpt_counters_know_ttl(const struct tcpt_counters *counters,
					  u8 ttl)
{
	return ttl >= counters->ttl_min && ttl <= counters->ttl_max;
}

#endif /* _TCPT_COUNTERS_H */
