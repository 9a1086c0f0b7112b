/* SPDX-License-Identifier: GPL-2.0 */
/* Counters of one direction, among them those of Ostermann's tcptrace. */
#ifndef _TCPT_COUNTERS_H
#define _TCPT_COUNTERS_H

#include "env.h"
#include "segment.h"

#include <linux/tcptrace.h>

struct tcpt_wireshark_result;

/**
 * struct tcpt_counters - counters of one direction
 * @last: when the last packet was seen, ns
 * @idle_max: longest time between successive packets, ns
 * @first_data: when the first packet with payload was seen, ns
 * @last_data: when the last packet with payload was seen, ns
 * @segment_max_seq: sequence number of the first segment of @segment_max bytes
 * @own_ttl_min: smallest TTL of the segments that the receiver accepts; other
 *	segments may be forged
 * @own_ttl_max: largest TTL of the segments that the receiver accepts, 0 if
 *	there was none
 * @answered: the other end had acknowledged payload before the last segment was
 *	seen
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
	u8 ttl_first;
	u8 ttl_min;
	u8 ttl_max;
	u8 sack_blocks_max;
	u8 own_ttl_min;
	u8 own_ttl_max;
	bool answered : 1;
	bool seen : 1;
	bool started : 1;
	/* fields that rarely change start here */
	u64 first_data;
	u32 segment_max_seq;
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
void tcpt_counters_syn(struct tcpt_counters *counters,
		       const struct tcpt_segment *seg, u64 now);
void tcpt_counters_own_ttl(struct tcpt_counters *counters, u8 ttl);
void tcpt_counters_rare(struct tcpt_counters *counters,
			const struct tcpt_segment *seg);
void tcpt_counters_window(struct tcpt_counters *counters, u32 window);

/* A counter saturates: it must not wrap to 0. */
static inline void tcpt_counters_inc(u32 *counter)
{
	if (unlikely(++*counter == 0))
		*counter = (u32)-1;
}

/* Prepare the counters for the first payload. */
static inline void tcpt_counters_begin(struct tcpt_counters *counters, u64 now)
{
	if (counters->data_packets)
		return;
	counters->first_data = now;
	counters->segment_min = (u32)-1;
}

/* Count payload; segment_min must be set. */
static inline void tcpt_counters_data(struct tcpt_counters *counters,
				      const struct tcpt_segment *seg, u64 now)
{
	u32 size = seg->len;

	/* the last segment of a GSO or GRO packet may be shorter */
	if (unlikely(seg->wire_segs > 1))
		size = (size + seg->wire_segs - 1) / seg->wire_segs;
	counters->last_data = now;
	tcpt_counters_inc(&counters->data_packets);
	if (unlikely(size < counters->segment_min))
		counters->segment_min = size;
	if (unlikely(size > counters->segment_max)) {
		counters->segment_max = size;
		counters->segment_max_seq = seg->seq;
	}
}

/* Note the time of a segment; counters->last must be set. */
static inline void tcpt_counters_time(struct tcpt_counters *counters, u64 now)
{
	if (unlikely(now - counters->last > counters->idle_max))
		counters->idle_max = now - counters->last;
	counters->last = now;
}

/* Update the smallest and the largest window, which must both be set. */
static inline void tcpt_counters_room(struct tcpt_counters *counters,
				      u32 window)
{
	if (window < counters->window_min)
		counters->window_min = window;
	if (window > counters->window_max)
		counters->window_max = window;
}

/*
 * Is this TTL in the range that the sender uses? If the range is unknown, the
 * answer is yes only for TTL 0.
 */
static inline bool tcpt_counters_know_ttl(const struct tcpt_counters *counters,
					  u8 ttl)
{
	return ttl >= counters->own_ttl_min && ttl <= counters->own_ttl_max;
}

/* Is this TTL outside the sender's range? False if the range is unknown. */
static inline bool tcpt_counters_odd_ttl(const struct tcpt_counters *counters,
					 u8 ttl)
{
	return counters->own_ttl_max && !tcpt_counters_know_ttl(counters, ttl);
}

/*
 * The fast path of tcpt_counters_segment(): the segment has ACK, perhaps PSH, a
 * TTL in the known range, no SACK blocks, and no Wireshark class. The caller
 * counts the payload.
 */
static inline bool tcpt_counters_is_plain(const struct tcpt_counters *counters,
					  u32 window)
{
	return counters->seen && counters->started &&
	       counters->window_min <= window && counters->window_max >= window;
}

static inline void tcpt_counters_plain(struct tcpt_counters *counters,
				       const struct tcpt_segment *seg, u64 now)
{
	tcpt_counters_inc(&counters->acks);
	if (seg->flags & TCPTRACE_PSH)
		tcpt_counters_inc(&counters->pushes);
	if (unlikely(seg->tos & 3 || !counters->answered))
		tcpt_counters_rare(counters, seg);
	tcpt_counters_time(counters, now);
}

#endif /* _TCPT_COUNTERS_H */
