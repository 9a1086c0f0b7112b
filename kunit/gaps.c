// SPDX-License-Identifier: GPL-2.0
/*
 * Test the gaps with hand-written rows, and compare the results of random
 * operations with an oracle that has a flag for each sequence number.
 */
#include <kunit/test.h>
#include <linux/prandom.h>
#include <linux/string.h>

#include "../module/core/gaps.h"

enum {
	OPS_MAX		= 8,
	/* room for the gaps of a row, and for an empty gap at the end */
	GAPS		= TCPT_GAPS_MAX + 1,
	FAR		= 1 << 30,	/* no window is larger */
};

/* Each row runs once with each of these base sequence numbers. */
static const u32 bases[] = { 0, 1000, 0xffffff9c, 0xfffffed4, 0x7fffff9c };

/**
 * struct gap_op - an operation
 * @what: ADD, FILL or PASS; FOUR adds four gaps of length 10, which begin at
 *	10, 30, 50 and 70; END ends the list
 * @lo: first sequence number, or the acknowledgment number of PASS, relative to
 *	the base
 * @hi: last sequence number plus 1, relative to the base; not used by PASS
 * @missing: the expected result of FILL and PASS
 */
struct gap_op {
	enum { END, FOUR, ADD, FILL, PASS } what;
	u32 lo;
	u32 hi;
	u32 missing;
};

/**
 * struct gap_row - operations, and the expected gaps after them
 * @name: the behavior under test
 * @op: the operations
 * @gap: the gaps; an empty gap ends the list
 */
struct gap_row {
	const char *name;
	struct gap_op op[OPS_MAX];
	u32 gap[GAPS][2];
};

static const struct gap_row gap_rows[] = {
	{ "no gap: nothing is missing", {
		{ FILL, 0, 100, 0 }, { PASS, 100 } } },
	{ "one gap", { { ADD, 10, 20 } }, { { 10, 20 } } },
	{ "two gaps, in order", { { ADD, 10, 20 }, { ADD, 30, 40 } },
	  { { 10, 20 }, { 30, 40 } } },
	{ "two gaps that touch become one", { { ADD, 10, 20 }, { ADD, 20, 40 } },
	  { { 10, 40 } } },
	{ "four gaps", { { FOUR } },
	  { { 10, 20 }, { 30, 40 }, { 50, 60 }, { 70, 80 } } },
	{ "a fifth gap: the lowest gap is dropped", { { FOUR }, { ADD, 90, 100 } },
	  { { 30, 40 }, { 50, 60 }, { 70, 80 }, { 90, 100 } } },
	{ "a fifth gap that touches the fourth takes no room", { { FOUR }, { ADD, 80, 90 } },
	  { { 10, 20 }, { 30, 40 }, { 50, 60 }, { 70, 90 } } },

	{ "a segment fills the gap exactly", { { ADD, 10, 20 }, { FILL, 10, 20, 10 } } },
	{ "a segment fills the gap and covers both sides",
	  { { ADD, 10, 20 }, { FILL, 5, 25, 10 } } },
	{ "a gap is filled only once", {
		{ ADD, 10, 20 }, { FILL, 10, 20, 10 }, { FILL, 10, 20, 0 } } },
	{ "the start of a gap is filled", { { ADD, 10, 20 }, { FILL, 10, 13, 3 } },
	  { { 13, 20 } } },
	{ "a segment that begins before the gap fills its start",
	  { { ADD, 10, 20 }, { FILL, 5, 13, 3 } },
	  { { 13, 20 } } },
	{ "the end of a gap is filled", { { ADD, 10, 20 }, { FILL, 18, 20, 2 } },
	  { { 10, 18 } } },
	{ "a segment that goes beyond the gap fills its end",
	  { { ADD, 10, 20 }, { FILL, 18, 40, 2 } },
	  { { 10, 18 } } },
	{ "a segment in the middle splits the gap", { { ADD, 10, 20 }, { FILL, 13, 15, 2 } },
	  { { 10, 13 }, { 15, 20 } } },
	{ "a segment that ends where the gap starts",
	  { { ADD, 10, 20 }, { FILL, 5, 10, 0 } },
	  { { 10, 20 } } },
	{ "a segment that starts where the gap ends", { { ADD, 10, 20 }, { FILL, 20, 25, 0 } },
	  { { 10, 20 } } },
	{ "an empty segment fills nothing", { { ADD, 10, 20 }, { FILL, 15, 15, 0 } },
	  { { 10, 20 } } },
	{ "only the first sequence number of the gap is filled",
	  { { ADD, 10, 20 }, { FILL, 10, 11, 1 } },
	  { { 11, 20 } } },
	{ "only the last sequence number of the gap is filled",
	  { { ADD, 10, 20 }, { FILL, 19, 20, 1 } },
	  { { 10, 19 } } },
	{ "a segment between two gaps fills nothing", { { FOUR }, { FILL, 20, 30, 0 } },
	  { { 10, 20 }, { 30, 40 }, { 50, 60 }, { 70, 80 } } },
	{ "the second of four gaps is filled", { { FOUR }, { FILL, 30, 40, 10 } },
	  { { 10, 20 }, { 50, 60 }, { 70, 80 } } },
	{ "parts of two gaps are filled", { { FOUR }, { FILL, 35, 55, 10 } },
	  { { 10, 20 }, { 30, 35 }, { 55, 60 }, { 70, 80 } } },
	{ "parts of two gaps, and the gap between them, are filled",
	  { { FOUR }, { FILL, 15, 55, 20 } },
	  { { 10, 15 }, { 55, 60 }, { 70, 80 } } },
	{ "all gaps are filled", { { FOUR }, { FILL, 0, 100, 40 } } },

	{ "no room: the lowest gap is split", { { FOUR }, { FILL, 13, 15, 2 } },
	  { { 15, 20 }, { 30, 40 }, { 50, 60 }, { 70, 80 } } },
	{ "no room: the second gap is split", { { FOUR }, { FILL, 33, 35, 2 } },
	  { { 30, 33 }, { 35, 40 }, { 50, 60 }, { 70, 80 } } },
	{ "no room: the highest gap is split", { { FOUR }, { FILL, 73, 75, 2 } },
	  { { 30, 40 }, { 50, 60 }, { 70, 73 }, { 75, 80 } } },
	{ "the lowest of three gaps is split", {
		{ ADD, 10, 20 }, { ADD, 30, 40 }, { ADD, 50, 60 },
		{ FILL, 13, 15, 2 } },
	  { { 10, 13 }, { 15, 20 }, { 30, 40 }, { 50, 60 } } },

	{ "an ACK of the sequence number before the gap",
	  { { ADD, 10, 20 }, { PASS, 10 } },
	  { { 10, 20 } } },
	{ "an ACK of the first sequence number of the gap", {
		{ ADD, 10, 20 }, { PASS, 11, 0, 1 } }, { { 11, 20 } } },
	{ "an ACK of the whole gap",
	  { { ADD, 10, 20 }, { PASS, 20, 0, 10 } } },
	{ "an ACK of all but the last sequence number of the gap", {
		{ ADD, 10, 20 }, { PASS, 19, 0, 9 } }, { { 19, 20 } } },
	{ "an ACK of two gaps and a part of the third", { { FOUR }, { PASS, 55, 0, 25 } },
	  { { 55, 60 }, { 70, 80 } } },
	{ "an ACK of all gaps", { { FOUR }, { PASS, 100, 0, 40 } } },
	{ "an old ACK changes no gap", { { FOUR }, { PASS, -100 } },
	  { { 10, 20 }, { 30, 40 }, { 50, 60 }, { 70, 80 } } },

	{ "a gap as wide as the largest window", { { ADD, 10, 10 + FAR } },
	  { { 10, 10 + FAR } } },
	{ "a gap wider than the largest window is dropped", { { ADD, 10, 11 + FAR } } },
	{ "a gap one window behind is kept", { { ADD, 10, 20 }, { ADD, 30, 10 + FAR } },
	  { { 10, 20 }, { 30, 10 + FAR } } },
	{ "a gap more than a window behind is dropped", {
		{ ADD, 10, 20 }, { ADD, 30, 11 + FAR } }, { { 30, 11 + FAR } } },
	{ "a wide gap is split", {
		{ ADD, 10, 10 + FAR }, { FILL, 1000, 2000, 1000 } },
	  { { 10, 1000 }, { 2000, 10 + FAR } } },
};

static void gap_desc(const struct gap_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(gap, gap_rows, gap_desc);

static void play_op(struct kunit *test, struct tcpt_gaps *h,
		    const struct gap_op *op, u32 base)
{
	u32 missing = 0;
	u32 i;

	switch (op->what) {
	case FOUR:
		for (i = 10; i < 80; i += 20)
			tcpt_gaps_add(h, base + i, base + i + 10);
		break;
	case ADD:
		tcpt_gaps_add(h, base + op->lo, base + op->hi);
		break;
	case FILL:
		missing = tcpt_gaps_fill(h, base + op->lo, base + op->hi);
		break;
	default:
		missing = tcpt_gaps_pass(h, base + op->lo);
	}
	KUNIT_EXPECT_EQ_MSG(test, missing, op->missing, "%u %u, base %x",
			    op->lo, op->hi, base);
}

static void gaps_of_a_row(struct kunit *test)
{
	const struct gap_row *row = test->param_value;
	struct tcpt_gaps h;
	unsigned int i, n;

	for (n = 0; n < ARRAY_SIZE(bases); n++) {
		memset(&h, 0, sizeof(h));
		for (i = 0; i < OPS_MAX && row->op[i].what; i++)
			play_op(test, &h, &row->op[i], bases[n]);
		for (i = 0; row->gap[i][0] != row->gap[i][1]; i++) {
			KUNIT_ASSERT_LT(test, i, (unsigned int)h.n);
			KUNIT_EXPECT_EQ(test, h.lo[i] - bases[n],
					row->gap[i][0]);
			KUNIT_EXPECT_EQ(test, h.hi[i] - bases[n],
					row->gap[i][1]);
		}
		KUNIT_EXPECT_EQ_MSG(test, (unsigned int)h.n, i, "base %x",
				    bases[n]);
	}
}

enum {
	ROUNDS	= 2000,
	STEPS	= 60,
	SPACE	= STEPS * 40 + 1,
};

/**
 * struct oracle - the gaps under test, and a flag for each sequence number
 * @h: the gaps under test
 * @rnd: random numbers
 * @base: the sequence number of position 0
 * @next: the highest position, plus 1
 * @missing: the sequence number at this position is missing
 * @lost: number of gaps that were dropped because there were too many gaps
 */
struct oracle {
	struct tcpt_gaps h;
	struct rnd_state rnd;
	u32 base;
	u32 next;
	bool missing[SPACE];
	unsigned int lost;
};

static u32 dice(struct oracle *o, u32 sides)
{
	return prandom_u32_state(&o->rnd) % sides;
}

/* Mark positions as seen. Return: the number of missing positions. */
static u32 see(struct oracle *o, u32 lo, u32 hi)
{
	u32 n = 0;

	for (; lo < hi; lo++) {
		n += o->missing[lo];
		o->missing[lo] = false;
	}
	return n;
}

static unsigned int count_gaps(const struct oracle *o)
{
	unsigned int n = 0;
	u32 i;

	for (i = 0; i < o->next; i++)
		n += o->missing[i] && !(i && o->missing[i - 1]);
	return n;
}

static void forget_lowest(struct oracle *o)
{
	u32 i = 0;

	while (!o->missing[i])
		i++;
	while (o->missing[i])
		o->missing[i++] = false;
	o->lost++;
}

static void expect_same(struct kunit *test, struct oracle *o)
{
	u32 i, lo, hi = 0;

	while (count_gaps(o) > TCPT_GAPS_MAX)
		forget_lowest(o);
	KUNIT_ASSERT_EQ(test, (unsigned int)o->h.n, count_gaps(o));
	for (i = 0; i < o->h.n; i++) {
		for (lo = hi; !o->missing[lo]; lo++)
			;
		for (hi = lo; o->missing[hi]; hi++)
			;
		KUNIT_ASSERT_EQ(test, o->h.lo[i] - o->base, lo);
		KUNIT_ASSERT_EQ(test, o->h.hi[i] - o->base, hi);
	}
}

static void step(struct kunit *test, struct oracle *o)
{
	u32 lo, hi, i;

	switch (dice(o, 6)) {
	case 0:
	case 1:		/* some data arrives in order, and then a gap follows */
		o->next += dice(o, 20);
		hi = o->next + 1 + dice(o, 20);
		tcpt_gaps_add(&o->h, o->base + o->next, o->base + hi);
		for (i = o->next; i < hi; i++)
			o->missing[i] = true;
		o->next = hi;
		break;
	case 2:		/* the other end acknowledges data */
		hi = dice(o, o->next + 1);
		KUNIT_ASSERT_EQ(test, tcpt_gaps_pass(&o->h, o->base + hi),
				see(o, 0, hi));
		break;
	default:
		lo = dice(o, o->next + 1);
		hi = lo + dice(o, o->next + 1 - lo) % 50;
		KUNIT_ASSERT_EQ(test, tcpt_gaps_fill(&o->h, o->base + lo,
						     o->base + hi),
				see(o, lo, hi));
	}
	expect_same(test, o);
}

static void gaps_at_random(struct kunit *test)
{
	struct oracle *o = kunit_kzalloc(test, sizeof(*o), GFP_KERNEL);
	unsigned int i, n;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, o);
	prandom_seed_state(&o->rnd, 0x401e5001);
	for (i = 0; i < ROUNDS; i++) {
		memset(&o->h, 0, sizeof(o->h));
		memset(o->missing, 0, sizeof(o->missing));
		o->next = 0;
		o->base = dice(o, 2) ? -dice(o, SPACE) : prandom_u32_state(&o->rnd);
		for (n = 0; n < STEPS; n++)
			step(test, o);
	}
	KUNIT_EXPECT_GT(test, o->lost, 100U);
}

static struct kunit_case gap_cases[] = {
	KUNIT_CASE_PARAM(gaps_of_a_row, gap_gen_params),
	KUNIT_CASE(gaps_at_random),
	{}
};

static struct kunit_suite gap_suite = {
	.name = "tcptrace_gaps",
	.test_cases = gap_cases,
};

kunit_test_suite(gap_suite);
