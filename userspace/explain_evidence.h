/* SPDX-License-Identifier: GPL-2.0 */
/* Find the earlier segments of a connection that explain a segment. */
#ifndef _TCPTRACECTL_EXPLAIN_EVIDENCE_H
#define _TCPTRACECTL_EXPLAIN_EVIDENCE_H

#include "core/wireshark.h"
#include "record.h"

enum {
	/* Search at most this many earlier segments. */
	EVIDENCE_DEPTH	= 4096,
};

/**
 * struct past - a segment that was seen
 * @label: number of the packet in the capture; without a capture, number of the
 *	segment in the connection
 * @time: when it was seen, ns
 * @seq: sequence number
 * @end: the sequence number after the segment; SYN and FIN count as one each
 * @ack: acknowledgment number
 * @len: payload bytes
 * @flags: TCPTRACE_FIN and so on
 * @window: window field
 * @from: the sender: 0 originator, 1 responder
 */
struct past {
	u64 label;
	u64 time;
	u32 seq;
	u32 end;
	u32 ack;
	u32 len;
	u16 flags;
	u16 window;
	u8 from;
};

/**
 * enum acked - the meaning of an acknowledgment number
 * @ACKED_NONE:		the segment has no ACK
 * @ACKED_AGAIN:	the sender's previous ACK had the same number
 * @ACKED_LOWER:	the sender's previous ACK had a higher number
 * @ACKED_WHOLE:	a segment ends just before the number
 * @ACKED_PART:		the number lies inside a segment
 * @ACKED_UNSEEN: the number is above all sequence numbers seen from the other
 *	end
 * @ACKED_BEFORE: the number is not above all sequence numbers seen, but the
 *	segment with the sequence number before it was not seen
 * @ACKED_FOREIGN: the SYN of the other end was seen, and the number is not
 *	above the ISN of that end, or is far above all its sequence numbers seen
 * @ACKED_UNKNOWN:	the meaning is unknown
 */
enum acked {
	ACKED_NONE,
	ACKED_AGAIN,
	ACKED_LOWER,
	ACKED_WHOLE,
	ACKED_PART,
	ACKED_UNSEEN,
	ACKED_BEFORE,
	ACKED_FOREIGN,
	ACKED_UNKNOWN,
};

/**
 * struct evidence - segments of a connection that explain the last segment
 * @list: the segments, the oldest first
 * @n: number of segments in @list
 * @size: room in @list
 * @engine: the engine's analysis after the last segment
 * @before: the engine's analysis before the last segment
 * @reproduced: @engine found the classes and the dup_ack_num of the record; if
 *	not, @before does not explain the classes
 * @base: for each end, the sequence number that is shown as 0
 * @next: for each end, the sequence number expected before @now arrived
 * @has_next: @next is valid
 * @now: the last segment
 * @prev: the sender's previous segment, or NULL
 * @prev_ack: the sender's previous segment with an ACK, or NULL
 * @follows: the sender's latest earlier segment that ends where @now begins, or
 *	NULL
 * @same: the sender's latest earlier segment that overlaps @now; NULL if none
 *	was found
 * @asked: the other end's last segment with an ACK; NULL if its acknowledgment
 *	number is not the sequence number of @now
 * @acked: the meaning of the acknowledgment number of @now
 * @whom: the sender's previous ACK (ACKED_AGAIN, ACKED_LOWER), or the
 *	acknowledged segment (ACKED_WHOLE, ACKED_PART)
 * @highest: the sequence number after the highest one seen (ACKED_UNSEEN)
 */
struct evidence {
	struct past *list;
	size_t n;
	size_t size;
	struct tcpt_wireshark engine;
	struct tcpt_wireshark before;
	bool reproduced;
	u32 base[2];
	u32 next[2];
	bool has_next[2];
	const struct past *now;
	const struct past *prev;
	const struct past *prev_ack;
	const struct past *follows;
	const struct past *same;
	const struct past *asked;
	enum acked acked;
	const struct past *whom;
	u32 highest;
};

void evidence_init(struct evidence *e);
int evidence_take(struct evidence *e, const struct tcptrace_segment *rec,
		  u64 frame);
void evidence_free(struct evidence *e);

#endif /* _TCPTRACECTL_EXPLAIN_EVIDENCE_H */
