/* SPDX-License-Identifier: GPL-2.0 */
/* Captures: segments in a row, and what Wireshark 4.0 says of each. */
#ifndef _TCPT_KUNIT_FRAME_H
#define _TCPT_KUNIT_FRAME_H

#include <kunit/test.h>
#include <linux/tcptrace.h>

#include "../module/core/wireshark.h"

enum {
	ORIG = 0,
	RESP = 1,

	SYN	= TCPTRACE_SYN,
	SYNACK	= TCPTRACE_SYN | TCPTRACE_ACK,
	ACK	= TCPTRACE_ACK,
	FIN	= TCPTRACE_FIN | TCPTRACE_ACK,
	RST	= TCPTRACE_RST,
	RSTACK	= TCPTRACE_RST | TCPTRACE_ACK,

	/* what is said; two of them never come without the third */
	REXMIT	= TCPTRACE_A_RETRANSMISSION,
	FAST	= TCPTRACE_A_FAST_RETRANSMISSION | REXMIT,
	SPURIOUS = TCPTRACE_A_SPURIOUS_RETRANSMISSION | REXMIT,
	OOO	= TCPTRACE_A_OUT_OF_ORDER,
	LOST	= TCPTRACE_A_LOST_SEGMENT,
	UNSEEN	= TCPTRACE_A_ACK_LOST_SEGMENT,
	DUP	= TCPTRACE_A_DUPLICATE_ACK,
	ALIVE	= TCPTRACE_A_KEEP_ALIVE,
	ALIVEACK = TCPTRACE_A_KEEP_ALIVE_ACK,
	ZWIN	= TCPTRACE_A_ZERO_WINDOW,
	PROBE	= TCPTRACE_A_ZERO_WINDOW_PROBE,
	PROBEACK = TCPTRACE_A_ZERO_WINDOW_PROBE_ACK,
	UPDATE	= TCPTRACE_A_WINDOW_UPDATE,
	FULL	= TCPTRACE_A_WINDOW_FULL,
	REUSED	= TCPTRACE_A_REUSED_PORTS,

	FRAME_WINDOW	= 10000,
	NO_WINDOW	= -1,	/* a window field of 0 */
	FRAME_GAP	= 1000,	/* us */
	FRAME_RTT	= 50000, /* us, of HELLO */
	CHECKED		= 0x80,	/* 0 is a completeness, too */
};

/**
 * struct frame - one segment, and what is said of it
 * @what: the name of the frame, NULL ends a capture
 * @from: ORIG or RESP
 * @flags: TCP flags
 * @seq: sequence number, relative to the sender's ISN
 * @ack: acknowledgment number, relative to the other end's; without ACK 0 is
 *	the raw 0
 * @len: payload bytes
 * @found: TCPTRACE_A_*
 * @num: number of the duplicate ACK; it may follow @found
 * @us: how long after the frame before, FRAME_GAP if 0
 * @win: window field, FRAME_WINDOW if 0
 * @scale: window scale option plus 1, none if 0
 * @mptcp: MPTCP subtype plus 1, none if 0
 * @sub: not a frame, but these
 */
struct frame {
	const char *what;
	u8 from;
	u16 flags;
	u32 seq;
	u32 ack;
	u32 len;
	u16 found;
	u32 num;
	s32 us;
	s32 win;
	u8 scale;
	u8 mptcp;
	const struct frame *sub;
};

#define FRAME(name, who, fl, s, a, n, say, ...) \
	{ .what = name, .from = who, .flags = fl, .seq = s, .ack = a, \
	  .len = n, .found = say, __VA_ARGS__ }

#define FRAMES(...)	((const struct frame[]){ __VA_ARGS__, {} })

/* Several frames that stand for one. */
#define PART(...)	{ .what = "part", .sub = FRAMES(__VA_ARGS__) }

/* Nothing comes before it. */
#define BARE		PART({})

/* The handshake: an initial RTT of 50 ms, no window scale. */
#define HELLO PART( \
	FRAME("SYN", ORIG, SYN, 0, 0, 0, 0), \
	FRAME("SYN,ACK", RESP, SYNACK, 0, 1, 0, 0, .us = 40000), \
	FRAME("ACK", ORIG, ACK, 1, 1, 0, 0, .us = 10000))

/**
 * struct capture - frames that follow each other
 * @name: what it is about
 * @frames: the frames, up to one without a name
 * @isn: raw ISNs where 0 matters; all of FRAME_ISNS if both are 0
 * @complete: CHECKED and TCPTRACE_COMPLETE_* at the end, 0: of no interest
 * @rtt: initial RTT at the end in us, 0: of no interest
 */
struct capture {
	const char *name;
	const struct frame *frames;
	u32 isn[2];
	u8 complete;
	s32 rtt;
};

#define FRAME_ISNS	4	/* pairs of ISNs that a capture runs with */

/**
 * struct projector - a capture while it runs
 * @test: the test
 * @name: of the capture
 * @a: the analysis
 * @isn: of ORIG, of RESP
 * @flip: ORIG is the second end
 * @now: the time
 */
struct projector {
	struct kunit *test;
	const char *name;
	struct tcpt_wireshark a;
	u32 isn[2];
	bool flip;
	u64 now;
};

void tcpt_frame_begin(struct projector *p, struct kunit *test,
		      const char *name);
void tcpt_frame_play(struct projector *p, const struct frame *frame);
void tcpt_capture_run(struct kunit *test, const struct capture *capture);
void tcpt_capture_desc(const struct capture *capture, char *desc);

#endif /* _TCPT_KUNIT_FRAME_H */
