/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Scripts: the segments of a connection, with the expected result of each
 * segment.
 */
#ifndef _TCPT_KUNIT_SCRIPT_H
#define _TCPT_KUNIT_SCRIPT_H

#include <kunit/test.h>
#include <linux/tcptrace.h>

#include "../module/core/emit.h"
#include "../module/core/flow.h"
#include "../module/core/open.h"
#include "../module/core/result.h"
#include "../module/core/segment.h"
#include "../module/core/timeout.h"
#include "../module/core/track.h"

#include "spec.h"

enum {
	/* effects of a line; exactly the expected effects must occur */
	EV_CONFIRMED	= 0x1,
	EV_ESTABLISHED	= 0x2,
	EV_CLOSED	= 0x4,
	EV_REOPEN	= 0x8,
	EV_OPEN		= EV_CONFIRMED | EV_ESTABLISHED,
};

/**
 * struct line - one segment, with its expected result
 * @what: the name of the line; NULL ends a script
 * @s: the segment
 * @orig: state of the originator after the segment
 * @resp: state of the responder after the segment
 * @class: enum tcpt_class of the segment
 * @events: EV_*
 * @why: the reasons of the transitions, in order; not checked if empty
 * @sub: lines that replace this line, or NULL
 */
struct line {
	const char *what;
	struct segment_spec s;
	u8 orig;
	u8 resp;
	u8 class;
	u8 events;
	u8 why[4];
	const struct line *sub;
};

#define LINE(name, who, fl, sq, a, n, o, r, cl, ...) \
	{ .what = name, .s.from = who, .s.flags = fl, .s.seq = sq, .s.ack = a, \
	  .s.len = n, .orig = TCPTRACE_##o, .resp = TCPTRACE_##r, \
	  .class = TCPT_CLASS_##cl, __VA_ARGS__ }
#define WHY1(a)		.why = { TCPTRACE_REASON_##a }
#define WHY2(a, b)	.why = { TCPTRACE_REASON_##a, TCPTRACE_REASON_##b }
#define WHY3(a, b, c)	.why = { TCPTRACE_REASON_##a, TCPTRACE_REASON_##b, \
				 TCPTRACE_REASON_##c }

#define LINES(lines)	{ .what = #lines, .sub = lines }

/* The handshake with which most scripts begin. */
extern const struct line tcpt_script_handshake[];
#define HANDSHAKE	LINES(tcpt_script_handshake)

/**
 * struct totals - the expected counters of one end
 * @packets: number of packets
 * @segments: number of segments on the wire
 * @bytes: number of payload bytes
 * @rexmit_bytes: number of payload bytes that were sent before
 * @rexmit_packets: number of packets that contain bytes that were sent before
 * @syns: number of SYNs
 * @synacks: number of SYN,ACKs
 * @outside: number of payload bytes outside the window
 * @missed: number of sequence numbers that were acknowledged but not seen
 */
struct totals {
	u32 packets;
	u32 segments;
	u32 bytes;
	u32 rexmit_bytes;
	u32 rexmit_packets;
	u8 syns;
	u8 synacks;
	u32 outside;
	u32 missed;
};

/**
 * struct script - a connection
 * @name: the behavior under test
 * @line: the segments; a line without a name ends the list
 * @self: both ends are one socket
 * @close: expected enum tcptrace_close_reason at the end
 * @by: expected end that closed the connection: ORIG, RESP or TCPT_NOBODY
 * @marks: expected TCPT_MARK_MIDSTREAM and TCPT_MARK_GUESSED at the end
 * @totals: expected counters of each end; not checked if totals[0].packets is 0
 */
struct script {
	const char *name;
	const struct line *line;
	bool self;
	u8 close;
	u8 by;
	u8 marks;
	struct totals totals[2];
};

/**
 * struct stage - the state of a running script
 * @test: the test
 * @script: the script
 * @line: the current line
 * @t: the connection
 * @before: the connection before the last segment
 * @isn: ISN of each host; host 0 is the originator of the first connection
 * @orig: the host that is the originator of the current connection
 * @open: a connection exists
 * @syn: the SYN that the line's segment answers or repeats, taken out of the old
 *	connection; kind is TCPT_PENDING_NONE if there is none
 * @now: the time
 * @flow: the ends of the connection
 * @sink: the sink for the records of a line
 * @events: EV_* that the line has caused so far
 * @why: the reasons of the transitions of the line
 * @steps: number of transitions of the line
 */
struct stage {
	struct kunit *test;
	const struct script *script;
	const struct line *line;
	struct tcpt_track t;
	struct tcpt_track before;
	u32 isn[2];
	unsigned int orig;
	bool open;
	struct tcpt_pending syn;
	u64 now;
	struct tcpt_flow flow;
	struct tcpt_sink sink;
	unsigned int events;
	u8 why[2 * TCPT_STEPS_MAX];
	unsigned int steps;
};

#define SCRIPT_ISNS	6	/* number of ISN pairs for each script */

struct stage *tcpt_script_stage(struct kunit *test);
void tcpt_script_play(struct stage *stage);
void tcpt_script_begin(struct stage *stage, struct kunit *test,
		       const struct script *script, unsigned int isns);
void tcpt_script_run(struct kunit *test, const struct script *script);
void tcpt_script_desc(const struct script *script, char *desc);
void tcpt_script_normalize(struct tcpt_track *t, const struct stage *stage);
const char *tcpt_script_check(const struct tcpt_track *t,
			      const struct tcpt_result *res,
			      const struct tcpt_track *before);

#endif /* _TCPT_KUNIT_SCRIPT_H */
