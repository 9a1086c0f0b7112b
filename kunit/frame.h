/* SPDX-License-Identifier: GPL-2.0 */
/* Captures: sequences of segments, with their classes in Wireshark 4.0. */
#ifndef _TCPT_KUNIT_FRAME_H
#define _TCPT_KUNIT_FRAME_H

#include <kunit/test.h>
#include <linux/tcptrace.h>

#include "../module/core/wireshark.h"

#include "spec.h"

enum {
	/* expected classes; FAST and SPURIOUS also set REXMIT */
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

	FRAME_RTT	= 50000, /* initial RTT of HELLO, us */
	CHECKED		= 0x80,	/* completeness is checked, even if it is 0 */
};

/**
 * struct frame - one segment, with its expected classes
 * @what: the name of the frame; NULL ends a capture
 * @s: the segment
 * @found: TCPTRACE_A_*
 * @num: number of the duplicate ACK, counting from 1; FRAME() takes it after
 *	@found
 * @sub: frames that replace this frame, or NULL
 */
struct frame {
	const char *what;
	struct segment_spec s;
	u16 found;
	u32 num;
	const struct frame *sub;
};

#define FRAME(name, who, fl, sq, a, n, say, ...) \
	{ .what = name, .s.from = who, .s.flags = fl, .s.seq = sq, .s.ack = a, \
	  .s.len = n, .found = say, __VA_ARGS__ }

#define FRAMES(...)	((const struct frame[]){ __VA_ARGS__, {} })

/* An entry that is replaced by other frames, or by none. */
#define PART(...)	{ .what = "part", .sub = FRAMES(__VA_ARGS__) }

/* Used instead of HELLO: the capture begins without a handshake. */
#define BARE		PART({})

/* A handshake with an initial RTT of 50 ms, and without window scaling. */
#define HELLO PART( \
	FRAME("SYN", ORIG, SYN, 0, 0, 0, 0), \
	FRAME("SYN,ACK", RESP, SYNACK, 0, 1, 0, 0, .s.us = 40000), \
	FRAME("ACK", ORIG, ACK, 1, 1, 0, 0, .s.us = 10000))

/**
 * struct capture - a sequence of frames
 * @name: the behavior under test
 * @frames: the frames; a frame without a name ends the list
 * @isn: raw ISNs, for a capture that needs the raw sequence number 0; if both
 *	are 0, the capture runs with FRAME_ISNS pairs of ISNs
 * @complete: expected completeness: CHECKED and TCPTRACE_COMPLETE_*; 0: not
 *	checked
 * @rtt: expected initial RTT in us; 0: not checked
 */
struct capture {
	const char *name;
	const struct frame *frames;
	u32 isn[2];
	u8 complete;
	s32 rtt;
};

#define FRAME_ISNS	4	/* ISN pairs of a capture without its own ISNs */

/**
 * struct projector - the state of a capture that is being played
 * @test: the test
 * @name: the name of the capture
 * @a: the analysis
 * @isn: ISNs of ORIG and of RESP
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
