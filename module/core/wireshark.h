/* SPDX-License-Identifier: GPL-2.0 */
/* Wireshark's classes of a segment: tcp.analysis.*, by the rules of 4.0. */
#ifndef _TCPT_WIRESHARK_H
#define _TCPT_WIRESHARK_H

#include "env.h"
#include "segment.h"
#include "seq.h"

enum {
	TCPT_WIRESHARK_UNACKED	= 10000,	/* segments in flight */
};

/**
 * struct tcpt_wireshark_dir - what was seen in one direction
 * @next_time: when @next last grew, ns
 * @ack_time: when the last segment was seen, ns
 * @base: the ISN, a guess if no SYN was seen; a SYN with a different sequence
 *	number reuses the ports
 * @next: the sequence number after the highest segment seen, except zero window
 *	probes; 0 if no segment was seen
 * @contig: highest acknowledgment number that the other end can send if no
 *	segment was missed here; 0 if there is none
 * @ack: acknowledgment number of the last segment, even if it had no ACK flag
 * @dup_acks: number of duplicate ACKs that repeated @ack; if the other end
 *	acknowledged unseen data of this direction, all bits are set, which
 *	stands for many repetitions
 * @window: window field of the last segment; -1 if there was none
 * @mark: value of @next when @newer was last set to 0
 * @unacked: number of unacknowledged segments, at most TCPT_WIRESHARK_UNACKED
 * @newer: number of unacknowledged segments that were seen since @mark was set
 * @wscale: window scale; see enum tcpt_wireshark_scale
 * @marks: enum tcpt_wireshark_mark
 * @mptcp: tcpt_wireshark.mptcp at the last segment
 * @full: the right edge of the last window; 0 if it is unknown, or if no
 *	segment may take the fast path
 */
struct tcpt_wireshark_dir {
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
	u32 full;
};

/**
 * enum tcpt_wireshark_scale - special values of wscale
 * @TCPT_WSCALE_UNKNOWN:	no SYN was seen
 * @TCPT_WSCALE_OFF:	the ends do not scale
 */
enum tcpt_wireshark_scale {
	TCPT_WSCALE_UNKNOWN	= -1,
	TCPT_WSCALE_OFF		= -2,
};

/**
 * enum tcpt_wireshark_mark - bits of tcpt_wireshark_dir.marks
 * @TCPT_WIRESHARK_BASE:		base is set
 * @TCPT_WIRESHARK_FIRST_ACK:	no ACK (without SYN) has been seen since the
 *	SYN, so tcpt_wireshark_dir.window is still the SYN's window, which is
 *	not scaled
 * @TCPT_WIRESHARK_KEEP_ALIVE:	the last segment was a keep-alive
 * @TCPT_WIRESHARK_PROBE:		the last segment was a zero window probe
 */
enum tcpt_wireshark_mark {
	TCPT_WIRESHARK_BASE		= 0x01,
	TCPT_WIRESHARK_FIRST_ACK	= 0x02,
	TCPT_WIRESHARK_KEEP_ALIVE	= 0x04,
	TCPT_WIRESHARK_PROBE		= 0x08,
};

/**
 * struct tcpt_wireshark - the analysis of all connections between two ends
 * @dir: what was seen in each of the two directions
 * @syn: when the last SYN was seen, ns; 0 if no SYN was seen
 * @initial_rtt: time from the last SYN before the first ACK to this ACK, ns; 0
 *	if unknown
 * @mptcp: bit mask (1 << subtype) of the MPTCP options seen (RFC 8684 table 8)
 * @completeness: TCPTRACE_COMPLETE_*
 *
 * The analysis ignores whether a segment is acceptable. Only a SYN with a
 * different sequence number resets the analysis.
 */
struct tcpt_wireshark {
	struct tcpt_wireshark_dir dir[2];
	u64 syn;
	u64 initial_rtt;
	u16 mptcp;
	u8 completeness;
};

/**
 * struct tcpt_wireshark_result - the classes of a segment
 * @classes: TCPTRACE_A_*
 * @dup_ack_num: number of the duplicate ACK, counting from 1, if @classes has
 *	TCPTRACE_A_DUPLICATE_ACK
 */
struct tcpt_wireshark_result {
	u16 classes;
	u32 dup_ack_num;
};

void tcpt_wireshark_init(struct tcpt_wireshark *a);
void tcpt_wireshark_syn(struct tcpt_wireshark *a,
			const struct tcpt_segment *seg, u64 now);
void tcpt_wireshark_synack(struct tcpt_wireshark *a,
			   const struct tcpt_segment *seg, u64 now);
void tcpt_wireshark_swap(struct tcpt_wireshark *a);
struct tcpt_wireshark_result
tcpt_wireshark_segment(struct tcpt_wireshark *a, unsigned int from,
		       const struct tcpt_segment *seg, u64 now);

/*
 * Forget acknowledged segments. There is no list of segments, so a whole flight
 * is forgotten at once.
 */
static inline void tcpt_wireshark_forget(struct tcpt_wireshark_dir *dir,
					 u32 ack)
{
	if (tcpt_seq_before(ack, dir->mark))
		return;
	dir->unacked = tcpt_seq_before(ack, dir->next) ? dir->newer : 0;
	dir->newer = 0;
	dir->mark = dir->next;
}

/* Return: the right edge of the window; data up to this edge fills it. */
static inline u32 tcpt_wireshark_right(const struct tcpt_wireshark_dir *dir)
{
	unsigned int shift = 0;

	if (dir->wscale > 0 && !(dir->marks & TCPT_WIRESHARK_FIRST_ACK))
		shift = dir->wscale;
	return dir->ack + ((u32)dir->window << shift);
}

/*
 * The fast path of tcpt_wireshark_segment(). Data at fwd->next and ACKs of new
 * data take the fast path if they belong to no class.
 */
static inline bool tcpt_wireshark_is_plain(const struct tcpt_wireshark *a)
{
	return !a->mptcp && (!a->syn || a->initial_rtt);
}

static inline bool
tcpt_wireshark_dir_is_plain(const struct tcpt_wireshark_dir *dir, u32 nxt,
			    u32 ack)
{
	return dir->marks & TCPT_WIRESHARK_BASE && dir->window > 0 &&
	       dir->next && dir->next == nxt && dir->contig == nxt &&
	       dir->ack == ack;
}

/* Can the sender of this direction take the fast path? */
static inline bool
tcpt_wireshark_sender_is_plain(const struct tcpt_wireshark_dir *fwd)
{
	return !(fwd->marks & ~(TCPT_WIRESHARK_BASE |
				TCPT_WIRESHARK_FIRST_ACK)) && !fwd->mptcp;
}

/* Is the last window of this end still the window of its SYN? */
static inline bool
tcpt_wireshark_begins(const struct tcpt_wireshark_dir *fwd)
{
	return fwd->marks & TCPT_WIRESHARK_FIRST_ACK;
}

/* Compute @full. Like Wireshark, treat sequence number 0 as "none". */
static inline void tcpt_wireshark_expect(struct tcpt_wireshark_dir *dir)
{
	dir->full = dir->wscale == TCPT_WSCALE_UNKNOWN ?
		    0 : tcpt_wireshark_right(dir);
}

static inline void tcpt_wireshark_expect_nothing(struct tcpt_wireshark *a)
{
	a->dir[0].full = 0;
	a->dir[1].full = 0;
}

/* Does new data belong to no class? The only possible class is window_full. */
static inline bool
tcpt_wireshark_data_is_plain(const struct tcpt_wireshark_dir *rev, u32 end)
{
	return end && end != rev->full;
}

static inline void tcpt_wireshark_sent(struct tcpt_wireshark_dir *fwd,
				       u32 end, u64 now)
{
	if (likely(fwd->unacked < TCPT_WIRESHARK_UNACKED)) {
		fwd->unacked++;
		fwd->newer++;
	}
	fwd->next = end;
	fwd->contig = end;
	fwd->next_time = now;
}

/* Note a segment that changes the acknowledgment number or the window. */
static inline void tcpt_wireshark_granted(struct tcpt_wireshark_dir *fwd,
					  const struct tcpt_segment *seg)
{
	if (seg->ack != fwd->ack)
		fwd->dup_acks = 0;
	fwd->window = seg->window;
	fwd->ack = seg->ack;
	tcpt_wireshark_expect(fwd);
}

/*
 * True if end 0 has sent a SYN and no ACK, if end 1 has sent nothing, and if
 * @ack, the acknowledgment number of the SYN,ACK, acknowledges the SYN.
 */
static inline bool tcpt_wireshark_is_asked(const struct tcpt_wireshark *a,
					   u32 ack)
{
	return a->dir[0].marks == (TCPT_WIRESHARK_BASE |
				   TCPT_WIRESHARK_FIRST_ACK) &&
	       !a->dir[1].marks && a->dir[0].contig == ack;
}

/*
 * The fast path of tcpt_wireshark_segment() for the ACK that completes a
 * handshake. True if each end has sent only its SYN or SYN,ACK, and if the ACK,
 * with the numbers @seq and @ack, is the next segment.
 */
static inline bool
tcpt_wireshark_handshakes(const struct tcpt_wireshark *a,
			  const struct tcpt_wireshark_dir *fwd,
			  const struct tcpt_wireshark_dir *rev, u32 seq,
			  u32 ack)
{
	unsigned int syn = TCPT_WIRESHARK_BASE | TCPT_WIRESHARK_FIRST_ACK;

	return a->syn && !a->initial_rtt && !a->mptcp && fwd->marks == syn &&
	       rev->marks == syn && seq && fwd->next == seq &&
	       rev->next == ack && fwd->contig == seq && rev->contig == ack &&
	       fwd->ack != ack;
}

static inline void tcpt_wireshark_handshake(struct tcpt_wireshark *a,
					    struct tcpt_wireshark_dir *fwd,
					    const struct tcpt_segment *seg,
					    u64 now)
{
	fwd->dup_acks = 0;
	fwd->window = seg->window;
	fwd->ack = seg->ack;
	fwd->ack_time = now;
	fwd->marks = TCPT_WIRESHARK_BASE;
	a->initial_rtt = now - a->syn;
}

#endif /* _TCPT_WIRESHARK_H */
