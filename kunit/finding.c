// SPDX-License-Identifier: GPL-2.0
/* Test the findings, with segments that prove them and segments that do not. */
#include <kunit/test.h>
#include <linux/string.h>

#include "../module/core/open.h"
#include "../module/core/result.h"
#include "../module/core/timeout.h"
#include "../module/core/track.h"

#include "spec.h"

#define START	1000000000ULL	/* ns */
#define SECOND	1000000		/* us */

enum {
	SEGMENTS_MAX	= 10,
	WANT_MAX	= 4,
	BOTH		= TCPT_NOBODY,
};

/**
 * struct finding_row - a connection, and its expected findings
 * @name: the behavior under test
 * @s: the segments; flags 0 ends the list
 * @again: number of times that the last two segments are repeated
 * @bare: no handshake comes before @s
 * @times_out: after the last segment of @s, the connection times out
 * @want: the expected findings, in the order in which they were proved
 */
struct finding_row {
	const char *name;
	struct segment_spec s[SEGMENTS_MAX];
	unsigned int again;
	bool bare;
	bool times_out;
	struct tcpt_finding want[WANT_MAX];
};

#define S(who, fl, sq, ...)	{ .from = who, .flags = fl, .seq = sq, \
				  __VA_ARGS__ }
#define FOUND(what, e, n, v)	{ .kind = TCPTRACE_FINDING_##what, \
				  .end = e, .count = n, .value = v }
/* 100 bytes of data, and the ACK of the data */
#define DATA			S(ORIG, ACK, 1, 1, 100)
#define ACKED			S(RESP, ACK, 1, 101)

static const struct segment_spec handshake[] = {
	S(ORIG, SYN, 0), S(RESP, SYNACK, 0, 1), S(ORIG, ACK, 1, 1), {}
};

static const struct finding_row opening_rows[] = {
	{ "nothing but a request", { DATA, ACKED } },
	{ "an ACK of an old connection answers a SYN", {
		S(ORIG, SYN, 0), S(RESP, ACK, 77, 5000) }, .bare = true,
	  .want = { FOUND(OLD_CONNECTION, RESP, 1, 0) } },
	{ "an ACK of this connection answers a new SYN",
	  { DATA, ACKED,
		S(ORIG, SYN, 64000), S(RESP, ACK, 1, 101),
		S(ORIG, RST, 101) },
	  .want = { FOUND(OLD_CONNECTION, RESP, 1, 0) } },
	{ "a repeated SYN without an answer", {
		S(ORIG, SYN, 0), S(ORIG, SYN, 0) }, .bare = true },
	{ "a SYN repeated twice after the SYN,ACK", {
		S(ORIG, SYN, 0), S(RESP, SYNACK, 0, 1), S(ORIG, SYN, 0),
		S(RESP, SYNACK, 0, 1), S(ORIG, SYN, 0), S(RESP, SYNACK, 0, 1) },
	  .bare = true, .want = { FOUND(SYN_REPEATED, ORIG, 2, 0) } },
	{ "a SYN repeated a second after each SYN,ACK", {
		S(ORIG, SYN, 0), S(RESP, SYNACK, 0, 1),
		S(ORIG, SYN, 0, .us = SECOND), S(RESP, SYNACK, 0, 1),
		S(ORIG, SYN, 0, .us = SECOND), S(RESP, SYNACK, 0, 1) },
	  .bare = true, .want = { FOUND(SYN_REPEATED, ORIG, 2, 0) } },
	{ "a SYN,ACK repeated after the ACK", {
		S(RESP, SYNACK, 0, 1, .us = SECOND),
		S(RESP, SYNACK, 0, 1, .us = SECOND) },
	  .want = { FOUND(SYNACK_REPEATED, RESP, 2, 0) } },
	{ "a SYN,ACK repeated before the ACK can have arrived", {
		S(ORIG, SYN, 0), S(RESP, SYNACK, 0, 1, .us = 600000),
		S(ORIG, ACK, 1, 1), S(RESP, SYNACK, 0, 1, .us = 1199000) },
	  .bare = true },
	{ "a SYN,ACK repeated once more, after the ACK arrived", {
		S(ORIG, SYN, 0), S(RESP, SYNACK, 0, 1, .us = 600000),
		S(ORIG, ACK, 1, 1), S(RESP, SYNACK, 0, 1, .us = 1200000) },
	  .bare = true, .want = { FOUND(SYNACK_REPEATED, RESP, 1, 0) } },
	{ "a copy of the SYN,ACK before a timer can have sent it", {
		S(ORIG, SYN, 0), S(RESP, SYNACK, 0, 1), S(ORIG, ACK, 1, 1),
		S(RESP, SYNACK, 0, 1, .us = 498000) },
	  .bare = true },
	{ "a SYN,ACK that a timer can have sent", {
		S(ORIG, SYN, 0), S(RESP, SYNACK, 0, 1), S(ORIG, ACK, 1, 1),
		S(RESP, SYNACK, 0, 1, .us = 499000) },
	  .bare = true, .want = { FOUND(SYNACK_REPEATED, RESP, 1, 0) } },
	{ "two SYN,ACKs without an answer", {
		S(ORIG, SYN, 0), S(RESP, SYNACK, 0, 1),
		S(RESP, SYNACK, 0, 1, .us = SECOND) },
	  .bare = true },
	{ "a SYN,ACK repeated three times without an answer", {
		S(ORIG, SYN, 0), S(RESP, SYNACK, 0, 1),
		S(RESP, SYNACK, 0, 1, .us = SECOND),
		S(RESP, SYNACK, 0, 1, .us = SECOND),
		S(RESP, SYNACK, 0, 1, .us = SECOND) }, .bare = true,
	  .want = { FOUND(SYNACK_UNANSWERED, RESP, 2, 4) } },
	{ "two ISNs for one SYN", {
		S(ORIG, SYN, 0), S(RESP, SYNACK, 0, 1),
		S(RESP, SYNACK, 500, 1) },
	  .bare = true, .want = { FOUND(TWO_SYNACKS, RESP, 1, 0) } },
	{ "two ISNs for two SYNs: a SYN cookie", {
		S(ORIG, SYN, 0), S(ORIG, SYN, 0), S(RESP, SYNACK, 0, 1),
		S(RESP, SYNACK, 500, 1) }, .bare = true },
	{ "data in the SYN is accepted", {
		S(ORIG, SYN, 0, 0, 200), S(RESP, SYNACK, 0, 201) },
	  .bare = true },
	{ "data in the SYN is not accepted", {
		S(ORIG, SYN, 0, 0, 200), S(RESP, SYNACK, 0, 1) }, .bare = true,
	  .want = { FOUND(TFO_NOT_TAKEN, RESP, 1, 200) } },
	{ "a timestamp that is older by a tick", {
		S(ORIG, ACK, 1, 1, 10, .tsval = 1000),
		S(ORIG, ACK, 11, 1, 10, .tsval = 999) } },
	{ "a timestamp that is older by more than a tick", {
		S(ORIG, ACK, 1, 1, 10, .tsval = 1000),
		S(ORIG, ACK, 11, 1, 10, .tsval = 990),
		S(ORIG, ACK, 11, 1, 10, .tsval = 900) },
	  .want = { FOUND(OLD_TIMESTAMP, ORIG, 2, 100) } },
};

static const struct finding_row window_rows[] = {
	{ "a window that the data fills", {
		S(ORIG, ACK, 1, 1, 1000), S(RESP, ACK, 1, 1001, .window = 9000),
		S(ORIG, ACK, 1001, 1, 9000),
		S(RESP, ACK, 1, 10001, .window = ZERO_WINDOW),
		S(RESP, ACK, 1, 10001, .us = 999000) } },
	{ "the right edge moves back twice", {
		DATA, ACKED, S(ORIG, ACK, 101, 1, 100),
		S(RESP, ACK, 1, 201, .window = 9898),
		S(RESP, ACK, 1, 201, .window = 9000) },
	  .want = { FOUND(WINDOW_SHRUNK, RESP, 2, 898) } },
	{ "the first window after a SYN may be rounded", {
		S(ORIG, SYN, 0), S(RESP, SYNACK, 0, 1),
		S(ORIG, ACK, 1, 1), S(RESP, ACK, 1, 1, .window = 7081) },
	  .bare = true },
	{ "the first window is smaller by more than two segments", {
		S(ORIG, SYN, 0), S(RESP, SYNACK, 0, 1),
		S(ORIG, ACK, 1, 1), S(RESP, ACK, 1, 1, .window = 7079),
		S(RESP, ACK, 1, 1, .window = 7079) },
	  .bare = true, .want = { FOUND(WINDOW_SHRUNK, RESP, 1, 2921) } },
	{ "window updates that overtake each other", {
		DATA, S(RESP, ACK, 1, 101, .window = 9000),
		S(RESP, ACK, 1, 101, .window = 9900),
		S(RESP, ACK, 1, 101, .window = 9400),
		S(RESP, ACK, 1, 101, .window = 9900),
		S(RESP, ACK, 1, 101, .window = 9400) } },
	{ "a window update overtakes two earlier updates", {
		S(ORIG, ACK, 1, 1, 100, .tsval = 1),
		S(RESP, ACK, 1, 101, .window = 9000, .tsval = 1),
		S(RESP, ACK, 1, 101, .tsval = 1),
		S(RESP, ACK, 1, 101, .window = 9200, .tsval = 1),
		S(RESP, ACK, 1, 101, .window = 9400, .tsval = 1),
		S(RESP, ACK, 1, 101, .tsval = 2) } },
	{ "a later timestamp proves that the smaller window is later", {
		S(ORIG, ACK, 1, 1, 100, .tsval = 1),
		S(RESP, ACK, 1, 101, .tsval = 1),
		S(RESP, ACK, 1, 101, .window = 9000, .tsval = 1),
		S(RESP, ACK, 1, 101, .window = 9000, .tsval = 2) },
	  .want = { FOUND(WINDOW_SHRUNK, RESP, 1, 1000) } },
	{ "new data proves that the smaller window is later", {
		DATA, ACKED, S(RESP, ACK, 1, 101, 10, .window = 9000) },
	  .want = { FOUND(WINDOW_SHRUNK, RESP, 1, 1000) } },
	{ "an old ACK does not move the window", {
		DATA, ACKED, S(ORIG, ACK, 101, 1, 100), S(RESP, ACK, 1, 201),
		S(RESP, ACK, 1, 101) } },
	{ "the scale rounds a window", {
		S(ORIG, SYN, 0, .scale = 8), S(RESP, SYNACK, 0, 1, .scale = 8),
		S(ORIG, ACK, 1, 1), S(RESP, ACK, 1, 1, .window = 100),
		S(ORIG, ACK, 1, 1, 127),
		S(RESP, ACK, 1, 128, .window = 99) }, .bare = true },
	{ "the window shrinks by more than the scale can round", {
		S(ORIG, SYN, 0, .scale = 8), S(RESP, SYNACK, 0, 1, .scale = 8),
		S(ORIG, ACK, 1, 1), S(RESP, ACK, 1, 1, .window = 200),
		S(RESP, ACK, 1, 1, .window = 199),
		S(RESP, ACK, 1, 1, .window = 199) }, .bare = true,
	  .want = { FOUND(WINDOW_SHRUNK, RESP, 1, 128) } },
	{ "a scale that becomes known late does not make a window smaller", {
		S(RESP, SYNACK, 0, 1, .scale = 8), S(ORIG, ACK, 1, 1),
		S(ORIG, SYN, 0, .scale = 8), S(ORIG, ACK, 1, 1) },
	  .bare = true },
	{ "a window that shrinks after its scale became known late", {
		S(RESP, SYNACK, 0, 1, .scale = 8),
		S(ORIG, ACK, 1, 1, .window = 200), S(ORIG, SYN, 0, .scale = 8),
		S(ORIG, ACK, 1, 1, .window = 199),
		S(ORIG, ACK, 1, 1, .window = 198) },
	  .bare = true, .want = { FOUND(WINDOW_SHRUNK, ORIG, 1, 256) } },
	{ "scaled windows without an agreed scale", {
		S(ORIG, SYN, 0, .scale = 8), S(RESP, SYNACK, 0, 1),
		S(ORIG, ACK, 1, 1, .window = 79) }, .bare = true,
	  .want = { FOUND(WSCALE_LOST, ORIG, 1, 7) } },
	{ "scaled windows, but the option was removed before this host", {
		S(ORIG, SYN, 0), S(RESP, SYNACK, 0, 1),
		S(ORIG, ACK, 1, 1, .window = 78) }, .bare = true,
	  .want = { FOUND(WSCALE_LOST, ORIG, 1, 7) } },
	{ "a small window alone proves nothing", {
		S(ORIG, SYN, 0), S(RESP, SYNACK, 0, 1),
		S(ORIG, ACK, 1, 1, .window = 90) }, .bare = true },
	{ "data up to the edge of the window, and beyond it", {
		S(ORIG, ACK, 1, 1, 10000), S(ORIG, ACK, 10001, 1, 100),
		S(ORIG, ACK, 10101, 1, 100) },
	  .want = { FOUND(WINDOW_OVERRUN, ORIG, 1, 200) } },
	{ "a window that is closed for less than a second", {
		DATA, ACKED, S(RESP, ACK, 1, 101, .window = ZERO_WINDOW),
		S(RESP, ACK, 1, 101, .us = SECOND - 1000) } },
	{ "a window that is closed for one second, and then for two", {
		DATA, ACKED, S(RESP, ACK, 1, 101, .window = ZERO_WINDOW),
		S(RESP, ACK, 1, 101, .us = SECOND),
		S(RESP, ACK, 1, 101, .window = ZERO_WINDOW),
		S(RESP, ACK, 1, 101, .us = SECOND * 2) },
	  .want = { FOUND(ZERO_WINDOW, RESP, 2, 2000) } },
	{ "both windows are closed for 10 ms", {
		S(ORIG, ACK, 1, 1, .window = ZERO_WINDOW),
		S(RESP, ACK, 1, 1, .window = ZERO_WINDOW),
		S(ORIG, ACK, 1, 1, .window = ZERO_WINDOW, .us = 9000),
		S(ORIG, ACK, 1, 1, .window = ZERO_WINDOW, .us = 1000) },
	  .want = { FOUND(WINDOW_SHRUNK, ORIG, 1, 10000),
		    FOUND(ZERO_WINDOW, ORIG, 1, 11),
		    FOUND(ZERO_WINDOW, RESP, 1, 10) } },
	{ "a D-SACK", {
		DATA, ACKED, S(RESP, ACK, 1, 101, .sack = { 1, 101 }) } },
	{ "a D-SACK of the SYN", {
		DATA, ACKED, S(RESP, ACK, 1, 101, .sack = { 0, 1 }) } },
	{ "a SACK block for a segment that was not seen here", {
		DATA, ACKED, S(RESP, ACK, 1, 101, .sack = { 201, 301 }) } },
	{ "SACK blocks before the ISN and beyond the window", {
		DATA, ACKED, S(RESP, ACK, 1, 101, .sack = { -2000, -1000 }),
		S(RESP, ACK, 1, 101, .sack = { 20101, 20201 }) },
	  .want = { FOUND(SACK_OUTSIDE, RESP, 2, 20000) } },
};

static const struct finding_row silence_rows[] = {
	{ "two keep-alives", { DATA, ACKED, S(ORIG, ACK, 100, 1, .us = SECOND),
		S(ORIG, ACK, 100, 1, .us = SECOND) } },
	{ "three keep-alives",
	  { DATA, ACKED, S(ORIG, ACK, 100, 1, .us = SECOND),
		S(ORIG, ACK, 100, 1, .us = SECOND),
		S(ORIG, ACK, 100, 1, .us = SECOND) },
	  .want = { FOUND(KEEP_ALIVES_UNANSWERED, RESP, 3, 2000) } },
	{ "an answer between two keep-alives", { DATA, ACKED,
		S(ORIG, ACK, 100, 1, .us = SECOND),
		S(ORIG, ACK, 100, 1, .us = SECOND), S(RESP, ACK, 1, 101),
		S(ORIG, ACK, 100, 1, .us = SECOND),
		S(ORIG, ACK, 100, 1, .us = SECOND) } },
	{ "three keep-alives after an answered keep-alive", {
		DATA, ACKED, S(ORIG, ACK, 100, 1, .us = SECOND),
		S(RESP, ACK, 1, 101), S(ORIG, ACK, 100, 1, .us = SECOND),
		S(ORIG, ACK, 100, 1, .us = SECOND),
		S(ORIG, ACK, 100, 1, .us = SECOND) },
	  .want = { FOUND(KEEP_ALIVES_UNANSWERED, RESP, 3, 2000) } },
	{ "a byte that is sent again too soon for keep-alives", {
		S(ORIG, ACK, 1, 1, 1), S(RESP, ACK, 1, 2),
		S(ORIG, ACK, 1, 1, 1, .us = 200000),
		S(ORIG, ACK, 1, 1, 1, .us = 400000),
		S(ORIG, ACK, 1, 1, 1, .us = 800000),
		S(ORIG, ACK, 1, 1, 1, .us = 2 * SECOND),
		S(ORIG, ACK, 1, 1, 1, .us = 4 * SECOND) } },
	{ "three window probes", {
		S(ORIG, ACK, 1, 1, 10000),
		S(RESP, ACK, 1, 10001, .window = ZERO_WINDOW),
		S(ORIG, ACK, 10000, 1), S(ORIG, ACK, 10000, 1),
		S(ORIG, ACK, 10000, 1) },
	  .want = { FOUND(PROBES_UNANSWERED, RESP, 3, 2) } },
	{ "a repeated byte is not a keep-alive until the byte is acknowledged", {
		DATA, ACKED, S(ORIG, ACK, 101, 1, 1), S(ORIG, ACK, 101, 1, 1),
		S(ORIG, ACK, 101, 1, 1), S(ORIG, ACK, 101, 1, 1),
		S(ORIG, ACK, 101, 1, 1) },
	  .want = { FOUND(DATA_UNANSWERED, RESP, 4, 3) } },
	{ "data is retransmitted three times", {
		DATA, ACKED,
		S(ORIG, ACK, 101, 1, 100), S(ORIG, ACK, 101, 1, 100),
		S(ORIG, ACK, 101, 1, 100), S(ORIG, ACK, 101, 1, 100) } },
	{ "data is retransmitted four times", {
		DATA, ACKED,
		S(ORIG, ACK, 101, 1, 100), S(ORIG, ACK, 101, 1, 100),
		S(ORIG, ACK, 101, 1, 100), S(ORIG, ACK, 101, 1, 100),
		S(ORIG, ACK, 101, 1, 100) },
	  .want = { FOUND(DATA_UNANSWERED, RESP, 4, 3) } },
	{ "data is retransmitted, but the receiver sends segments", {
		DATA, ACKED,
		S(ORIG, ACK, 101, 1, 100), S(ORIG, ACK, 101, 1, 100),
		S(RESP, ACK, 1, 101), S(ORIG, ACK, 101, 1, 100),
		S(ORIG, ACK, 101, 1, 100), S(ORIG, ACK, 101, 1, 100) } },
	{ "retransmitted data larger than every acknowledged segment", {
		DATA, ACKED,
		S(ORIG, ACK, 101, 1, 1400), S(ORIG, ACK, 101, 1, 1400),
		S(ORIG, ACK, 101, 1, 1400), S(ORIG, ACK, 101, 1, 1400) },
	  .want = { FOUND(PATH_MTU, ORIG, 3, 1400) } },
	{ "retransmitted data as large as an acknowledged segment", {
		S(ORIG, ACK, 1, 1, 1400), S(RESP, ACK, 1, 1401),
		S(ORIG, ACK, 1401, 1, 1400), S(ORIG, ACK, 1401, 1, 1400),
		S(ORIG, ACK, 1401, 1, 1400), S(ORIG, ACK, 1401, 1, 1400) } },
	{ "a FIN is sent twice", { S(ORIG, FIN, 1, 1), S(ORIG, FIN, 1, 1) } },
	{ "a FIN is sent four times, but its receiver sends segments", {
		S(ORIG, FIN, 1, 1), S(ORIG, FIN, 1, 1), S(ORIG, FIN, 1, 1),
		S(ORIG, FIN, 1, 1), S(RESP, ACK, 1, 2) },
	  .want = { FOUND(FIN_UNANSWERED, RESP, 4, 3) } },
	{ "nine ACKs that answer each other", {
		S(RESP, ACK, 1, 1, 10), S(ORIG, ACK, 1, 11),
		S(RESP, ACK, 11, 1), S(ORIG, ACK, 1, 11), S(RESP, ACK, 11, 1),
		S(ORIG, ACK, 1, 11) }, .again = 2 },
	{ "twelve ACKs that answer each other", {
		S(RESP, ACK, 1, 1, 10), S(ORIG, ACK, 1, 11),
		S(RESP, ACK, 11, 1), S(ORIG, ACK, 1, 11) }, .again = 5,
	  .want = { FOUND(ACK_LOOP, BOTH, 12, 0) } },
	{ "ACKs of one end only", {
		S(RESP, ACK, 1, 1, 10), S(ORIG, ACK, 1, 11),
		S(ORIG, ACK, 1, 11), S(ORIG, ACK, 1, 11) }, .again = 6 },
	{ "segments of one direction",
	  { S(RESP, ACK, 1, 1, 10), S(RESP, ACK, 11, 1, 10) },
	  .bare = true, .times_out = true,
	  .want = { FOUND(ONE_WAY, RESP, 1, 2) } },
	{ "segments of one direction, which ends with a RST", { S(ORIG, ACK, 1, 1, 10),
		S(ORIG, ACK, 11, 31, 10), S(ORIG, RST, 21) },
	  .bare = true,
	  .want = { FOUND(ONE_WAY, ORIG, 1, 3) } },
	{ "a single segment is not one-way traffic", { S(RESP, ACK, 1, 1, 10) },
	  .bare = true, .times_out = true },
	{ "a connection that times out", { DATA, ACKED }, .times_out = true },
};

/**
 * struct trial - the state of a row that is being played
 * @test: the test
 * @row: the row
 * @t: the connection
 * @isn: ISNs of ORIG and of RESP
 * @now: the time
 * @reported: number of reported findings
 */
struct trial {
	struct kunit *test;
	const struct finding_row *row;
	struct tcpt_track t;
	u32 isn[2];
	u64 now;
	unsigned int reported;
};

static void play(struct trial *p, const struct segment_spec *spec)
{
	struct tcpt_segment seg;
	struct tcpt_result res;
	unsigned int i;

	tcpt_spec_segment(&seg, spec, p->isn, spec->from);
	p->now += tcpt_spec_ns(spec);
	if (!p->t.first)
		tcpt_open_track(&p->t, &seg, false, p->now, NULL, &res);
	tcpt_track_segment(&p->t, spec->from, &seg, p->now,
			   &res);
	for (i = 0; i < res.findings; i++)
		KUNIT_EXPECT_EQ(p->test, res.finding[i].kind,
				p->row->want[p->reported + i].kind);
	p->reported += res.findings;
}

static void expect_findings(struct trial *p)
{
	const struct tcpt_findings *f = &p->t.findings;
	const struct tcpt_finding *want = p->row->want;
	unsigned int i;
	u32 raised = 0;

	for (i = 0; i < WANT_MAX && want[i].kind; i++) {
		KUNIT_EXPECT_EQ(p->test, f->list[i].kind, want[i].kind);
		KUNIT_EXPECT_EQ(p->test, f->list[i].end, want[i].end);
		KUNIT_EXPECT_EQ(p->test, f->list[i].count, want[i].count);
		KUNIT_EXPECT_EQ(p->test, f->list[i].value, want[i].value);
		raised |= 1U << want[i].kind;
	}
	KUNIT_EXPECT_EQ(p->test, f->raised, raised);
	KUNIT_EXPECT_EQ(p->test, f->used, i);
	KUNIT_EXPECT_EQ(p->test, p->reported, i);
}

static void play_row(struct trial *p, const u32 isn[2])
{
	const struct segment_spec *spec;
	struct tcpt_result res;
	unsigned int i;

	memset(&p->t, 0, sizeof(p->t));
	memcpy(p->isn, isn, sizeof(p->isn));
	p->now = START;
	p->reported = 0;
	for (spec = handshake; !p->row->bare && spec->flags; spec++)
		play(p, spec);
	for (spec = p->row->s; spec->flags; spec++)
		play(p, spec);
	for (i = 0; i < 2 * p->row->again; i++)
		play(p, spec - 2 + i % 2);
	if (p->row->times_out) {
		tcpt_timeout_expire(&p->t, &res);
		p->reported += res.findings;
	}
	expect_findings(p);
}

/* Play each row with several pairs of ISNs. */
static void play_rows(struct kunit *test)
{
	static const u32 isns[][2] = {
		{ 1000, 500000 },
		{ 0xffffffff, 0xffffffff },
		{ 0xffffff9b, 0x7fffffff },
		{ 0x7fffff9b, 0xfffffff0 },
	};
	struct trial *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);
	unsigned int n;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, p);
	p->test = test;
	p->row = test->param_value;
	for (n = 0; n < ARRAY_SIZE(isns); n++)
		play_row(p, isns[n]);
}

/*
 * The list stores the counts and values of at most six findings. For each
 * further finding, CLOSE contains only a bit. A finding that does not fit into
 * the list is also reported only once.
 */
static void finding_list_is_full(struct kunit *test)
{
	struct tcpt_track *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	struct tcpt_result res = {};
	unsigned int kind, last = TCPT_FINDINGS_MAX + 1;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	for (kind = 1; kind < last; kind++)
		tcpt_finding_raise(&res, t, kind, ORIG, 1, kind);
	KUNIT_EXPECT_EQ(test, t->findings.used, TCPT_FINDINGS_MAX);
	KUNIT_EXPECT_EQ(test, res.findings, TCPT_FINDINGS_NEW);
	res.findings = 0;
	tcpt_finding_raise(&res, t, last, RESP, 1, 7);
	KUNIT_EXPECT_EQ(test, res.findings, 1);
	KUNIT_EXPECT_EQ(test, res.finding[0].kind, last);
	KUNIT_EXPECT_EQ(test, res.finding[0].end, RESP);
	KUNIT_EXPECT_EQ(test, res.finding[0].value, 7U);
	tcpt_finding_raise(&res, t, last, RESP, 1, 8);
	KUNIT_EXPECT_EQ(test, res.findings, 1);
	KUNIT_EXPECT_EQ(test, t->findings.used, TCPT_FINDINGS_MAX);
	KUNIT_EXPECT_EQ(test, t->findings.raised, (2U << last) - 2);
	KUNIT_EXPECT_EQ(test, t->findings.list[5].value, 6U);
}

static void finding_count_saturates(struct kunit *test)
{
	struct tcpt_track *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	struct tcpt_result res = {};

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	tcpt_finding_raise(&res, t, TCPTRACE_FINDING_ACK_LOOP, BOTH, 65534, 9);
	tcpt_finding_raise(&res, t, TCPTRACE_FINDING_ACK_LOOP, BOTH, 2, 8);
	KUNIT_EXPECT_EQ(test, t->findings.list[0].count, 65535);
	KUNIT_EXPECT_EQ(test, t->findings.list[0].value, 9U);
	KUNIT_EXPECT_EQ(test, res.findings, 1);
}

static void finding_desc(const struct finding_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(opening, opening_rows, finding_desc);
KUNIT_ARRAY_PARAM(window, window_rows, finding_desc);
KUNIT_ARRAY_PARAM(silence, silence_rows, finding_desc);

static void finding_opening(struct kunit *test)
{
	play_rows(test);
}

static void finding_window(struct kunit *test)
{
	play_rows(test);
}

static void finding_silence(struct kunit *test)
{
	play_rows(test);
}

static struct kunit_case finding_cases[] = {
	KUNIT_CASE_PARAM(finding_opening, opening_gen_params),
	KUNIT_CASE_PARAM(finding_window, window_gen_params),
	KUNIT_CASE_PARAM(finding_silence, silence_gen_params),
	KUNIT_CASE(finding_list_is_full),
	KUNIT_CASE(finding_count_saturates),
	{}
};

static struct kunit_suite finding_suite = {
	.name = "tcptrace_finding",
	.test_cases = finding_cases,
};

kunit_test_suite(finding_suite);
