// SPDX-License-Identifier: GPL-2.0
#include "counters.h"

#include "segment.h"
#include "seq.h"
#include "wireshark.h"

#include <linux/tcptrace.h>

/* A counter saturates: it must not wrap to 0. */
static void add(u32 *counter, u32 n)
{
	*counter = *counter + n < n ? (u32)-1 : *counter + n;
}

static void count(u32 *counter, bool hit)
{
	if (hit)
		tcpt_counters_inc(counter);
}

static void count_flags(struct tcpt_counters *t, const struct tcpt_segment *seg)
{
	unsigned int flags = seg->flags;
	bool syn = flags & TCPTRACE_SYN;

	count(&t->acks, flags & TCPTRACE_ACK);
	count(&t->pushes, flags & TCPTRACE_PSH);
	count(&t->pure_acks, seg->len == 0 &&
	      (flags & (TCPT_SFR | TCPTRACE_ACK)) == TCPTRACE_ACK);
	if (likely(!(flags & ~(TCPTRACE_ACK | TCPTRACE_PSH))))
		return;
	count(&t->syns, syn);
	count(&t->fins, flags & TCPTRACE_FIN);
	count(&t->rsts, flags & TCPTRACE_RST);
	/* in a SYN, ECE and CWR negotiate ECN: RFC 3168 section 6.1.1 */
	count(&t->ece, flags & TCPTRACE_ECE && !syn);
	count(&t->cwr, flags & TCPTRACE_CWR && !syn);
	if (!(flags & TCPTRACE_URG))
		return;
	count(&t->urgent_packets, true);
	add(&t->urgent_bytes, seg->urgent < seg->len ? seg->urgent : seg->len);
}

/*
 * Is the first SACK block a D-SACK? RFC 2883 section 4: a D-SACK is below the
 * acknowledgment, or inside the second block. A block below @min has sequence
 * numbers that the other end has never sent.
 */
static bool is_dsack(const struct tcpt_segment *seg, u32 min)
{
	const u32 (*sack)[2] = seg->opt.sack;

	if (tcpt_seq_before(sack[0][0], min))
		return false;
	if (tcpt_seq_before(sack[0][0], seg->ack))
		return true;
	return seg->opt.sack_blocks > 1 &&
	       !tcpt_seq_before(sack[0][0], sack[1][0]) &&
	       !tcpt_seq_after(sack[0][1], sack[1][1]);
}

static void count_sack(struct tcpt_counters *t, const struct tcpt_segment *seg,
		       u32 min)
{
	u8 blocks = seg->opt.sack_blocks;

	if (!(seg->opt.present & TCPTRACE_OPT_SACK) || blocks == 0)
		return;
	count(&t->sack_packets, true);
	add(&t->sack_blocks, blocks);
	count(&t->dsacks, is_dsack(seg, min));
	if (t->sack_blocks_max < blocks)
		t->sack_blocks_max = blocks;
}

/* RFC 3168 section 5 */
static void count_ecn(struct tcpt_counters *t, const struct tcpt_segment *seg)
{
	unsigned int ecn = seg->tos & 3;

	if (likely(!ecn))
		return;
	count(&t->ect1, ecn == 1);
	count(&t->ect0, ecn == 2);
	count(&t->ce, ecn == 3);
}

static void count_ttl(struct tcpt_counters *t, const struct tcpt_segment *seg)
{
	if (!t->seen) {
		t->ttl_first = seg->ttl;
		t->ttl_min = seg->ttl;
		t->ttl_max = seg->ttl;
	}
	if (seg->ttl < t->ttl_min)
		t->ttl_min = seg->ttl;
	if (seg->ttl > t->ttl_max)
		t->ttl_max = seg->ttl;
}

/*
 * Count new payload that is sent before the other end has acknowledged any
 * payload.
 */
static void count_initial(struct tcpt_counters *t,
			  const struct tcpt_segment *seg, bool rexmit)
{
	if (t->answered || rexmit)
		return;
	add(&t->initial_bytes, seg->len);
	count(&t->initial_packets, true);
}

static void count_data(struct tcpt_counters *t, const struct tcpt_segment *seg,
		       bool rexmit, u64 now)
{
	if (seg->len == 0)
		return;
	tcpt_counters_begin(t, now);
	tcpt_counters_data(t, seg, now);
	count_initial(t, seg, rexmit);
}

static void count_finding(struct tcpt_counters *t,
			  const struct tcpt_wireshark_result *found)
{
	unsigned int classes = found->classes;

	if (!classes)
		return;
	count(&t->out_of_order, classes & TCPTRACE_A_OUT_OF_ORDER);
	count(&t->dup_acks, classes & TCPTRACE_A_DUPLICATE_ACK);
	count(&t->triple_dup_acks, found->dup_ack_num == 3);
	count(&t->zero_window_probes, classes & TCPTRACE_A_ZERO_WINDOW_PROBE);
	count(&t->window_full, classes & TCPTRACE_A_WINDOW_FULL);
	count(&t->keep_alives, classes & TCPTRACE_A_KEEP_ALIVE);
}

static void count_time(struct tcpt_counters *t, u64 now)
{
	if (!t->seen)
		t->last = now;
	tcpt_counters_time(t, now);
	t->seen = true;
}

/**
 * tcpt_counters_segment - count a segment
 * @counters: counters of the end that sent the segment
 * @seg: the segment
 * @found: Wireshark's classes of the segment
 * @rexmit: the segment begins with sequence numbers that were seen before
 * @sack_min: the lowest sequence number that a SACK block can have
 * @now: when the segment was seen, ns
 *
 * Context: any; the caller serializes access to @counters.
 */
void tcpt_counters_segment(struct tcpt_counters *counters,
			   const struct tcpt_segment *seg,
			   const struct tcpt_wireshark_result *found,
			   bool rexmit, u32 sack_min, u64 now)
{
	count_ecn(counters, seg);
	count_ttl(counters, seg);
	count_flags(counters, seg);
	count_sack(counters, seg, sack_min);
	count_data(counters, seg, rexmit, now);
	count_finding(counters, found);
	count_time(counters, now);
}

/**
 * tcpt_counters_syn - count the first segment of an end
 * @counters: all zero; filled in as by tcpt_counters_segment() and
 *	tcpt_counters_own_ttl(), but the caller counts the ACK of a SYN,ACK
 * @seg: a SYN or SYN,ACK, as for tcpt_endpoint_begin()
 * @now: when the segment was seen, ns
 *
 * Context: any; the caller serializes access to @counters.
 */
void tcpt_counters_syn(struct tcpt_counters *counters,
		       const struct tcpt_segment *seg, u64 now)
{
	count_ecn(counters, seg);
	count_ttl(counters, seg);
	counters->own_ttl_min = seg->ttl;
	counters->own_ttl_max = seg->ttl;
	counters->syns = 1;
	counters->last = now;
	counters->seen = true;
}

/**
 * tcpt_counters_own_ttl - note a TTL that the sender uses
 * @counters: counters of the end that sent the segment
 * @ttl: TTL of a segment that the receiver accepts
 *
 * Context: any; the caller serializes access to @counters.
 */
void tcpt_counters_own_ttl(struct tcpt_counters *counters, u8 ttl)
{
	if (!counters->own_ttl_max || ttl < counters->own_ttl_min)
		counters->own_ttl_min = ttl;
	if (ttl > counters->own_ttl_max)
		counters->own_ttl_max = ttl;
}

/**
 * tcpt_counters_rare - count properties that few segments of the fast path have
 * @counters: counters of the end that sent the segment
 * @seg: the segment
 *
 * Context: any; the caller serializes access to @counters.
 */
void tcpt_counters_rare(struct tcpt_counters *counters,
			const struct tcpt_segment *seg)
{
	count_ecn(counters, seg);
	if (seg->len)
		count_initial(counters, seg, false);
}

/**
 * tcpt_counters_window - count a window
 * @counters: counters of the end that announces the window
 * @window: the scaled window, in bytes, of a segment without SYN and RST
 *
 * Context: any; the caller serializes access to @counters.
 */
void tcpt_counters_window(struct tcpt_counters *counters, u32 window)
{
	count(&counters->zero_windows, window == 0);
	if (!counters->started)
		counters->window_min = window;
	tcpt_counters_room(counters, window);
	counters->started = true;
}
