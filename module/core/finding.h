/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Findings: facts from a fixed list, proved by the segments of a connection, by
 * ICMP errors about these segments, or by drops.
 */
#ifndef _TCPT_FINDING_H
#define _TCPT_FINDING_H

#include "env.h"

struct tcpt_result;
struct tcpt_segment;
struct tcpt_track;

enum {
	TCPT_FINDINGS_MAX	= 6,	/* findings with count and value */
	TCPT_FINDINGS_NEW	= 4,	/* new findings per segment */
};

/**
 * struct tcpt_finding - a finding, its count and its value
 * @kind: enum tcptrace_finding
 * @end: the end that the finding is about, or TCPT_NOBODY
 * @count: number of times that the finding was seen, up to 65535
 * @value: the largest value, up to 2^32 - 1; its unit depends on @kind
 */
struct tcpt_finding {
	u8 kind;
	u8 end;
	u16 count;
	u32 value;
};

/**
 * enum tcpt_watch - what may become a finding; bits of tcpt_findings.watch
 * @TCPT_WATCH_CLOSED:	the window of the originator is 0
 * @TCPT_WATCH_CLOSED_1:	the same for the responder
 * @TCPT_WATCH_REPORTED: TCPTRACE_FINDING_ZERO_WINDOW was raised for the
 *	originator
 * @TCPT_WATCH_REPORTED_1:	the same for the responder
 * @TCPT_WATCH_SHRUNK: the originator has moved the right edge of its window
 *	back
 * @TCPT_WATCH_SHRUNK_1:	the same for the responder
 * @TCPT_WATCH_ASK:	a segment waits for its answer
 * @TCPT_WATCH_HEARD: the receiver of the waiting segment has sent segments
 *	since, but no answer
 * @TCPT_WATCH_SCALE: the SYNs did not agree on window scaling, and the first
 *	window of an end has not been seen yet
 * @TCPT_WATCH_SMALLER: the last segment of the originator has a smaller window
 *	than an earlier segment, but the two segments may be reordered
 * @TCPT_WATCH_SMALLER_1:	the same for the responder
 */
enum tcpt_watch {
	TCPT_WATCH_CLOSED	= 0x01,
	TCPT_WATCH_CLOSED_1	= 0x02,
	TCPT_WATCH_REPORTED		= 0x04,
	TCPT_WATCH_REPORTED_1	= 0x08,
	TCPT_WATCH_SHRUNK	= 0x10,
	TCPT_WATCH_SHRUNK_1	= 0x20,
	TCPT_WATCH_ASK		= 0x40,
	TCPT_WATCH_HEARD	= 0x80,
	TCPT_WATCH_SCALE	= 0x100,
	TCPT_WATCH_SMALLER	= 0x200,
	TCPT_WATCH_SMALLER_1	= 0x400,
};

/**
 * struct tcpt_findings - the findings of a connection, and the evidence so far
 * @closed: when the window of each end became 0, ns
 * @asked: when the segment that waits for an answer was first sent, ns
 * @edge: for each end, the last right edge of its window (TCPT_WATCH_SHRUNK) or
 *	its latest timestamp (TCPT_WATCH_SMALLER)
 * @asked_seq: the sequence number whose acknowledgment is the answer
 * @echo_at: number of packets seen up to the last ACK that acknowledged nothing
 *	new
 * @asks: number of times that the segment that waits for an answer was sent
 * @echoes: number of consecutive ACKs that acknowledge nothing new, sent by
 *	both ends in turn
 * @syn_window: window field of the SYN of each end
 * @watch: enum tcpt_watch
 * @ask: enum tcptrace_finding to raise if no answer comes; 0 if the segment
 *	turned out not to be a keep-alive
 * @asker: the end that sent the segment that waits for an answer
 * @echo: the end that sent the last ACK that acknowledged nothing new
 * @used: number of entries of @list in use; findings without an entry are only
 *	in @raised
 * @raised: 1 << enum tcptrace_finding
 * @list: the findings
 */
struct tcpt_findings {
	u64 closed[2];
	u64 asked;
	u32 edge[2];
	u32 asked_seq;
	u32 echo_at;
	u16 asks;
	u16 echoes;
	u16 syn_window[2];
	u16 watch;
	u8 ask;
	u8 asker;
	u8 echo;
	u8 used;
	u32 raised;
	struct tcpt_finding list[TCPT_FINDINGS_MAX];
};

/**
 * struct tcpt_evidence - a segment, and what is known about the segment
 * @from: the sender: 0 for the originator, 1 for the responder
 * @seg: the segment, which is tracked; unless it takes the fast path, it is not
 *	yet in tcpt_endpoint.counters
 * @class: enum tcpt_class
 * @rexmit: the segment begins with sequence numbers that were seen before
 * @new_ack: the acknowledgment number differs from the sender's highest one so
 *	far
 * @new_window: the window field differs from the sender's last window field
 * @now: when the segment was seen, ns
 */
struct tcpt_evidence {
	unsigned int from;
	const struct tcpt_segment *seg;
	unsigned int class;
	bool rexmit;
	bool new_ack;
	bool new_window;
	u64 now;
};

void tcpt_finding_raise(struct tcpt_result *res, struct tcpt_track *t,
			unsigned int kind, unsigned int end, u16 count,
			u32 value);
void tcpt_finding_syn(struct tcpt_track *t, unsigned int from,
		      const struct tcpt_segment *seg);
void tcpt_finding_answer(struct tcpt_result *res, struct tcpt_track *t,
			 const struct tcpt_evidence *ev);
void tcpt_finding_segment(struct tcpt_result *res, struct tcpt_track *t,
			  const struct tcpt_evidence *ev);
void tcpt_finding_close(struct tcpt_result *res, struct tcpt_track *t);

/* True if nothing but a segment that waits for its answer is watched. */
static inline bool tcpt_findings_are_plain(const struct tcpt_findings *f)
{
	return !(f->watch & ~(TCPT_WATCH_ASK | TCPT_WATCH_HEARD));
}

#endif /* _TCPT_FINDING_H */
