// SPDX-License-Identifier: GPL-2.0
/* Test round trip times: which answers are samples, and the statistics. */
#include <kunit/test.h>
#include <linux/string.h>
#include <linux/tcptrace.h>

#include "../module/core/rtt.h"

#include "spec.h"

#define SEC	1000000000ULL
#define MS	1000000ULL
#define START	(7 * SEC)

enum {
	STEPS_MAX	= 7,
};

/*
 * Each row runs once with each of these bases, which are added to the sequence
 * numbers of both ends.
 */
static const u32 bases[] = { 0, 1000, 0xfffffffe, 0xffffff9b, 0x7fffff00 };

/**
 * struct rtt_step - a segment of this end or of the other end
 * @what: SENT: this end sends; AGAIN: this end retransmits; ANSWER: the other
 *	end answers; END ends the list
 * @flags: TCP flags
 * @number: sequence number of a sent segment, or acknowledgment number of an
 *	answer, relative to the base
 * @len: payload bytes
 * @ts: 1 + TSval of a sent segment, or 1 + TSecr of an answer; 0: no timestamps
 * @at: time of the segment, ns after the start
 * @rtt: expected round trip time of an answer, ns; 0: not a sample
 */
struct rtt_step {
	enum { END, SENT, AGAIN, ANSWER } what;
	u16 flags;
	u32 number;
	u32 len;
	u32 ts;
	u64 at;
	u64 rtt;
};

/**
 * struct rtt_row - a sequence of steps
 * @name: the behavior under test
 * @step: the steps
 */
struct rtt_row {
	const char *name;
	struct rtt_step step[STEPS_MAX];
};

#define TS(n)	((n) + 1)

static const struct rtt_row rtt_rows[] = {
	{ "SYN and SYN,ACK", {
		{ SENT, SYN, 0, 0, 0, 0 },
		{ ANSWER, SYNACK, 1, 0, 0, 300, 300 } } },
	{ "data and ACK", {
		{ SENT, ACK, 1, 100, 0, 0 },
		{ ANSWER, ACK, 101, 0, 0, 300, 300 } } },
	{ "FIN and ACK", {
		{ SENT, FIN, 1, 0, 0, 0 },
		{ ANSWER, ACK, 2, 0, 0, 300, 300 } } },
	{ "a bare ACK starts no sample", {
		{ SENT, ACK, 1, 0, 0, 0 },
		{ ANSWER, ACK, 1, 0, 0, 300 },
		{ ANSWER, ACK, 2, 0, 0, 400 } } },
	{ "a RST starts no sample, even with data", {
		{ SENT, RSTACK, 1, 100, 0, 0 },
		{ ANSWER, ACK, 101, 0, 0, 300 } } },
	{ "a RST is not an answer", {
		{ SENT, SYN, 0, 0, 0, 0 },
		{ ANSWER, RSTACK, 1, 0, 0, 300 } } },
	{ "data without ACK is not an answer", {
		{ SENT, ACK, 1, 100, 0, 0 },
		{ ANSWER, TCPTRACE_PSH, 101, 10, 0, 300 } } },
	{ "an old ACK is not an answer", {
		{ SENT, ACK, 1, 100, 0, 0 },
		{ ANSWER, ACK, 1, 0, 0, 200 },
		{ ANSWER, ACK, 101, 0, 0, 300, 300 } } },
	{ "without timestamps, a partial ACK is not an answer", {
		{ SENT, ACK, 1, 100, 0, 0 },
		{ ANSWER, ACK, 100, 0, 0, 200 },
		{ ANSWER, ACK, 101, 0, 0, 300, 300 } } },
	{ "an ACK of more than the segment is an answer", {
		{ SENT, ACK, 1, 100, 0, 0 },
		{ SENT, ACK, 101, 100, 0, 50 },
		{ ANSWER, ACK, 201, 0, 0, 300, 300 } } },
	{ "one segment is timed at a time, and each segment once", {
		{ SENT, ACK, 1, 100, 0, 0 },
		{ SENT, ACK, 101, 100, 0, 50 },
		{ ANSWER, ACK, 101, 0, 0, 300, 300 },
		{ ANSWER, ACK, 201, 0, 0, 310 },
		{ SENT, ACK, 201, 100, 0, 400 },
		{ ANSWER, ACK, 301, 0, 0, 500, 100 } } },

	{ "Karn: a segment is sent again, so the ACK is ambiguous", {
		{ SENT, ACK, 1, 100, 0, 0 },
		{ AGAIN, ACK, 1, 100, 0, 200 },
		{ ANSWER, ACK, 101, 0, 0, 300 },
		{ SENT, ACK, 101, 100, 0, 400 },
		{ ANSWER, ACK, 201, 0, 0, 450, 50 } } },
	{ "Karn: another segment was sent again", {
		{ SENT, ACK, 101, 100, 0, 0 },
		{ AGAIN, ACK, 1, 100, 0, 200 },
		{ ANSWER, ACK, 201, 0, 0, 300 } } },
	{ "Karn: the first segment seen is sent again", {
		{ AGAIN, ACK, 1, 100, 0, 0 },
		{ ANSWER, ACK, 101, 0, 0, 300 } } },
	{ "an echo identifies the answered segment", {
		{ SENT, ACK, 1, 100, TS(5), 0 },
		{ AGAIN, ACK, 1, 100, TS(6), 200 },
		{ ANSWER, ACK, 101, 0, TS(5), 300, 300 } } },
	{ "an echo of the retransmission", {
		{ SENT, ACK, 1, 100, TS(5), 0 },
		{ AGAIN, ACK, 1, 100, TS(6), 200 },
		{ ANSWER, ACK, 101, 0, TS(6), 300 } } },

	{ "an echo with a partial ACK", {
		{ SENT, ACK, 1, 3000, TS(5), 0 },
		{ ANSWER, ACK, 1001, 0, TS(5), 300, 300 },
		{ ANSWER, ACK, 3001, 0, TS(5), 900 } } },
	{ "an old echo with a partial ACK does not end the wait", {
		{ SENT, ACK, 1, 3000, TS(5), 0 },
		{ ANSWER, ACK, 1001, 0, TS(4), 300 },
		{ ANSWER, ACK, 3001, 0, TS(5), 400, 400 } } },
	{ "an old echo with an ACK of the segment ends the wait", {
		{ SENT, ACK, 1, 100, TS(5), 0 },
		{ ANSWER, ACK, 101, 0, TS(4), 300 },
		{ ANSWER, ACK, 101, 0, TS(5), 400 } } },
	{ "an echo without an ACK of the segment", {
		{ SENT, ACK, 1, 100, TS(5), 0 },
		{ ANSWER, ACK, 1, 0, TS(5), 200 },
		{ ANSWER, ACK, 101, 0, TS(5), 300, 300 } } },
	{ "TSval 0 means no timestamp: the ACK counts", {
		{ SENT, ACK, 1, 100, TS(0), 0 },
		{ ANSWER, ACK, 101, 0, TS(0), 300, 300 } } },
	{ "TSval 0 and a retransmission: no sample", {
		{ SENT, ACK, 1, 100, TS(0), 0 },
		{ AGAIN, ACK, 1, 100, TS(0), 200 },
		{ ANSWER, ACK, 101, 0, TS(0), 300 } } },
	{ "the other end has no timestamps: the ACK counts", {
		{ SENT, SYN, 0, 0, TS(5), 0 },
		{ ANSWER, SYNACK, 1, 0, 0, 300, 300 } } },
	{ "this end has no timestamps: the echo is ignored", {
		{ SENT, ACK, 1, 100, 0, 0 },
		{ ANSWER, ACK, 101, 0, TS(5), 300, 300 } } },
	{ "TSval 2^32 - 1", {
		{ SENT, ACK, 1, 100, TS(0xfffffffe), 0 },
		{ ANSWER, ACK, 101, 0, TS(0xfffffffe), 300, 300 } } },

	{ "a little less than 10 s", {
		{ SENT, ACK, 1, 100, TS(5), 0 },
		{ ANSWER, ACK, 101, 0, TS(5), 10 * SEC - 1, 10 * SEC - 1 } } },
	{ "10 s is too long", {
		{ SENT, ACK, 1, 100, TS(5), 0 },
		{ ANSWER, ACK, 101, 0, TS(5), 10 * SEC } } },
	{ "within 10 s no other segment is timed", {
		{ SENT, ACK, 1, 100, 0, 0 },
		{ SENT, ACK, 101, 100, 0, 10 * SEC - 1 },
		{ ANSWER, ACK, 201, 0, 0, 10 * SEC + 299 } } },
	{ "after 10 s another segment is timed", {
		{ SENT, ACK, 1, 100, 0, 0 },
		{ SENT, ACK, 101, 100, 0, 10 * SEC },
		{ ANSWER, ACK, 101, 0, 0, 10 * SEC + 100 },
		{ ANSWER, ACK, 201, 0, 0, 10 * SEC + 300, 300 } } },
	{ "a round trip of 0 ns", {
		{ SENT, ACK, 1, 100, 0, 0 },
		{ ANSWER, ACK, 101, 0, 0, 0 },
		{ SENT, ACK, 101, 100, 0, 10 },
		{ ANSWER, ACK, 201, 0, 0, 12, 2 } } },
};

static void rtt_desc(const struct rtt_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(rtt, rtt_rows, rtt_desc);

static void make_segment(struct tcpt_segment *seg, const struct rtt_step *step,
			 u32 base)
{
	bool answer = step->what == ANSWER;

	memset(seg, 0, sizeof(*seg));
	seg->flags = step->flags;
	seg->len = step->len;
	seg->seq = base + (answer ? 1 : step->number);
	seg->ack = base + (answer ? step->number : 1);
	if (!step->ts)
		return;
	/*
	 * the timestamp of the other end is always 5, so a row with a
	 * different @ts fails if the two timestamps are mixed up
	 */
	seg->opt.present = TCPTRACE_OPT_TIMESTAMP;
	seg->opt.tsval = answer ? 5 : step->ts - 1;
	seg->opt.tsecr = answer ? step->ts - 1 : 5;
}

static void rtt_of_a_row(struct kunit *test)
{
	const struct rtt_row *row = test->param_value;
	const struct rtt_step *step;
	struct tcpt_segment seg;
	struct tcpt_rtt rtt;
	unsigned int n;
	u64 ns;

	for (n = 0; n < ARRAY_SIZE(bases); n++) {
		memset(&rtt, 0, sizeof(rtt));
		for (step = row->step; step->what; step++) {
			make_segment(&seg, step, bases[n]);
			if (step->what != ANSWER) {
				tcpt_rtt_sent(&rtt, &seg, step->what == AGAIN,
					      START + step->at);
				continue;
			}
			ns = tcpt_rtt_answered(&rtt, &seg, START + step->at);
			KUNIT_EXPECT_EQ_MSG(test, ns, step->rtt,
					    "at %llu, base %x", step->at,
					    bases[n]);
		}
	}
}

/* Take one sample. */
static void take(struct kunit *test, struct tcpt_rtt *rtt, u64 ns)
{
	struct tcpt_segment seg = { .seq = 1, .len = 1, .flags = ACK };

	tcpt_rtt_sent(rtt, &seg, false, START);
	seg.ack = 2;
	KUNIT_ASSERT_EQ(test, tcpt_rtt_answered(rtt, &seg, START + ns), ns);
}

/*
 * RFC 6298 section 2, with alpha 1/8 and beta 1/4, in ms. These are the values
 * after each sample:
 * 100: SRTT 100, RTTVAR 50
 * 180: RTTVAR 3/4 * 50 + 1/4 * 80 = 57.5, SRTT 7/8 * 100 + 1/8 * 180 = 110
 * 30: RTTVAR 3/4 * 57.5 + 1/4 * 80 = 63.125, SRTT 7/8 * 110 + 1/8 * 30 = 100
 * 100: RTTVAR 3/4 * 63.125 = 47.34375, SRTT 100
 */
static void rtt_is_smoothed(struct kunit *test)
{
	static const struct {
		u64 ns;
		u64 smoothed;
		u64 variation;
		u64 min;
	} rows[] = {
		{ 100 * MS, 100 * MS, 50 * MS, 100 * MS },
		{ 180 * MS, 110 * MS, 57500000, 100 * MS },
		{ 30 * MS, 100 * MS, 63125000, 30 * MS },
		{ 100 * MS, 100 * MS, 47343750, 30 * MS },
	};
	struct tcpt_rtt rtt = {};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		take(test, &rtt, rows[i].ns);
		KUNIT_EXPECT_EQ(test, rtt.smoothed, rows[i].smoothed);
		KUNIT_EXPECT_EQ(test, rtt.variation, rows[i].variation);
		KUNIT_EXPECT_EQ(test, rtt.min, rows[i].min);
		KUNIT_EXPECT_EQ(test, rtt.last, rows[i].ns);
		KUNIT_EXPECT_EQ(test, rtt.samples, i + 1);
	}
}

static unsigned int only_bucket(struct kunit *test, u64 ns)
{
	struct tcpt_rtt rtt = {};
	unsigned int i, found = TCPTRACE_RTT_BUCKETS;

	take(test, &rtt, ns);
	for (i = 0; i < TCPTRACE_RTT_BUCKETS; i++) {
		KUNIT_EXPECT_LE(test, (unsigned int)rtt.hist[i], 1U);
		if (rtt.hist[i])
			found = i;
	}
	return found;
}

/*
 * Test both sides of each bucket limit: 16 us, 32 us, ... 16 us << 18 =
 * 4.194304 s.
 */
static void rtt_has_buckets(struct kunit *test)
{
	unsigned int i;

	KUNIT_EXPECT_EQ(test, only_bucket(test, 1), 0U);
	for (i = 0; i < TCPTRACE_RTT_BUCKETS - 1; i++) {
		KUNIT_EXPECT_EQ(test, only_bucket(test, (16000ULL << i) - 1),
				i);
		KUNIT_EXPECT_EQ(test, only_bucket(test, 16000ULL << i), i + 1);
	}
	KUNIT_EXPECT_EQ(test, only_bucket(test, 10 * SEC - 1), 19U);
}

/* The counters stop at their maximum value. */
static void rtt_counters_are_full(struct kunit *test)
{
	struct tcpt_rtt rtt = {};

	take(test, &rtt, 100);
	rtt.samples = U32_MAX - 1;
	rtt.hist[0] = U16_MAX - 1;
	take(test, &rtt, 100);
	KUNIT_EXPECT_EQ(test, rtt.samples, U32_MAX);
	KUNIT_EXPECT_EQ(test, (unsigned int)rtt.hist[0], 0xffffU);
	take(test, &rtt, 40);
	KUNIT_EXPECT_EQ(test, rtt.samples, U32_MAX);
	KUNIT_EXPECT_EQ(test, (unsigned int)rtt.hist[0], 0xffffU);
	KUNIT_EXPECT_EQ(test, rtt.min, 40ULL);
}

static struct kunit_case rtt_cases[] = {
	KUNIT_CASE_PARAM(rtt_of_a_row, rtt_gen_params),
	KUNIT_CASE(rtt_is_smoothed),
	KUNIT_CASE(rtt_has_buckets),
	KUNIT_CASE(rtt_counters_are_full),
	{}
};

static struct kunit_suite rtt_suite = {
	.name = "tcptrace_rtt",
	.test_cases = rtt_cases,
};

kunit_test_suite(rtt_suite);
