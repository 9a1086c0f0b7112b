/* SPDX-License-Identifier: GPL-2.0 */
/* Test cases: sequences of segments, and the suspicions that they cause. */
#ifndef _TCPT_KUNIT_CASE_H
#define _TCPT_KUNIT_CASE_H

#include <kunit/test.h>

#include "spec.h"

enum {
	CLUES_MAX = 10,
	MS	= 1000000,
	TTL	= 64,
};

/**
 * struct clue - a segment, and the suspicion that it causes, if any
 * @s: the segment; a TTL of 0 is replaced by 64; flags 0 ends the list
 * @what: enum tcptrace_suspicion
 * @fit: enum tcptrace_fit
 * @distance: distance from @expected, bytes
 * @expected: the expected sequence or acknowledgment number, relative to the
 *	ISN
 * @by_ack: @expected is an acknowledgment number
 * @since: expected time from the suspect segment to the event that makes the
 *	segment suspect, ms
 */
struct clue {
	struct segment_spec s;
	u8 what;
	u8 fit;
	s32 distance;
	u32 expected;
	bool by_ack;
	u32 since;
};

/**
 * struct case_row - the segments of a connection, with their suspicions
 * @name: the behavior under test
 * @clue: the segments
 * @bare: no handshake comes before @clue
 */
struct case_row {
	const char *name;
	struct clue clue[CLUES_MAX];
	bool bare;
};

#define S(who, fl, sq, ...)	{ .s.from = who, .s.flags = fl, .s.seq = sq, \
				  __VA_ARGS__ }
#define SEQ(w, f, d, e)		.what = TCPTRACE_SUSPECT_##w, \
				.fit = TCPTRACE_FIT_##f, .distance = d, \
				.expected = e
#define NUM(w, f, d, e)		.by_ack = true, SEQ(w, f, d, e)
/*
 * 100 bytes of ORIG. After them, RESP expects 101, and the right edge of RESP's
 * window is still 10001.
 */
#define DATA			S(ORIG, ACK, 1, 1, 100)
#define CHALLENGED(ms)		SEQ(CHALLENGED, EXACT, 0, 1), .since = ms

void tcpt_case_run(struct kunit *test, const struct case_row *row);
void tcpt_case_desc(const struct case_row *row, char *desc);

#endif /* _TCPT_KUNIT_CASE_H */
