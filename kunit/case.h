/* SPDX-License-Identifier: GPL-2.0 */
/* Cases: segments in a row, and what is suspected of each. */
#ifndef _TCPT_KUNIT_CASE_H
#define _TCPT_KUNIT_CASE_H

#include <kunit/test.h>
#include <linux/tcptrace.h>

enum {
	ORIG = 0,
	RESP = 1,

	CLUES_MAX = 10,
	WINDOW	= 10000,
	MS	= 1000000,
	TTL	= 64,

	SYN	= TCPTRACE_SYN,
	SYNACK	= TCPTRACE_SYN | TCPTRACE_ACK,
	ACK	= TCPTRACE_ACK,
	FIN	= TCPTRACE_FIN | TCPTRACE_ACK,
	RST	= TCPTRACE_RST,
	RSTACK	= TCPTRACE_RST | TCPTRACE_ACK,
};

/**
 * struct clue - a segment, and what is suspected of it
 * @flags: TCP flags; 0 ends a row
 * @from: ORIG or RESP
 * @seq: sequence number, relative to the sender's ISN
 * @ack: acknowledgment number, relative to the other end's
 * @len: payload bytes
 * @what: enum tcptrace_suspicion
 * @fit: enum tcptrace_fit
 * @distance: from @expected, bytes
 * @expected: relative to the ISN of the number that it is about
 * @by_ack: that is the acknowledgment number
 * @since: ms
 * @ttl: TTL, 64 if 0
 * @us: how long after the one before, 1000 if 0
 */
struct clue {
	u16 flags;
	u8 from;
	u32 seq;
	u32 ack;
	u32 len;
	u8 what;
	u8 fit;
	s32 distance;
	u32 expected;
	bool by_ack;
	u32 since;
	u8 ttl;
	u32 us;
};

/**
 * struct case_row - a connection, and what is suspected in all
 * @name: what it is about
 * @clue: the segments
 * @bare: no handshake comes before them
 */
struct case_row {
	const char *name;
	struct clue clue[CLUES_MAX];
	bool bare;
};

#define S(who, fl, s, ...)	{ .from = who, .flags = fl, .seq = s, __VA_ARGS__ }
#define SEQ(w, f, d, e)		.what = TCPTRACE_SUSPECT_##w, \
				.fit = TCPTRACE_FIT_##f, .distance = d, \
				.expected = e
#define NUM(w, f, d, e)		.by_ack = true, SEQ(w, f, d, e)
/* 100 bytes of ORIG; then 101 is expected, from 1 to 10001 is the window */
#define DATA			S(ORIG, ACK, 1, 1, 100)
#define CHALLENGED(ms)		SEQ(CHALLENGED, EXACT, 0, 1), .since = ms

void tcpt_case_run(struct kunit *test, const struct case_row *row);
void tcpt_case_desc(const struct case_row *row, char *desc);

#endif /* _TCPT_KUNIT_CASE_H */
