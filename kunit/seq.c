// SPDX-License-Identifier: GPL-2.0
/* Test sequence numbers, especially at the wrap. */
#include <kunit/test.h>
#include <linux/prandom.h>
#include <linux/string.h>

#include "../module/core/seq.h"

#define HALF	0x80000000U
#define ROUNDS	100000

struct order_row {
	const char *name;
	u32 a;
	u32 b;
	int sign;	/* -1: a is before b, 0: equal, 1: a is after b */
};

static const struct order_row order_rows[] = {
	{ "equal", 5, 5, 0 },
	{ "equal at zero", 0, 0, 0 },
	{ "equal at the top", 0xffffffff, 0xffffffff, 0 },
	{ "one below", 4, 5, -1 },
	{ "one above", 6, 5, 1 },
	{ "one below across the wrap", 0xffffffff, 0, -1 },
	{ "one above across the wrap", 0, 0xffffffff, 1 },
	{ "far before, across the wrap", 0xf0000000, 0x10000000, -1 },
	{ "far after, across the wrap", 0x10000000, 0xf0000000, 1 },
	{ "the sign bit does not order numbers", 0x7fffffff, 0x80000000, -1 },
	{ "the sign bit does not order numbers, reversed", 0x80000000, 0x7fffffff, 1 },
	{ "the longest distance before", 100, 100 + HALF - 1, -1 },
	{ "the longest distance after", 100 + HALF - 1, 100, 1 },
	{ "the longest distance across the wrap", 0xffffff00, 0x7ffffeff, -1 },
};

static void order_desc(const struct order_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(order, order_rows, order_desc);

static void seq_order(struct kunit *test)
{
	const struct order_row *row = test->param_value;
	u32 max = row->sign < 0 ? row->b : row->a;

	KUNIT_EXPECT_EQ(test, tcpt_seq_before(row->a, row->b), row->sign < 0);
	KUNIT_EXPECT_EQ(test, tcpt_seq_after(row->a, row->b), row->sign > 0);
	KUNIT_EXPECT_EQ(test, tcpt_seq_max(row->a, row->b), max);
	KUNIT_EXPECT_EQ(test, tcpt_seq_max(row->b, row->a), max);
}

struct between_row {
	const char *name;
	u32 seq;
	u32 lo;
	u32 hi;
	bool in;
};

static const struct between_row between_rows[] = {
	{ "inside", 15, 10, 20, true },
	{ "the lower edge is inside", 10, 10, 20, true },
	{ "the upper edge is inside", 20, 10, 20, true },
	{ "one below", 9, 10, 20, false },
	{ "one above", 21, 10, 20, false },
	{ "range of one number, inside", 10, 10, 10, true },
	{ "range of one number, below", 9, 10, 10, false },
	{ "range of one number, above", 11, 10, 10, false },
	{ "wrapped range, before the wrap", 0xfffffffe, 0xfffffff0, 5, true },
	{ "wrapped range, at the wrap", 0, 0xfffffff0, 5, true },
	{ "wrapped range, upper edge", 5, 0xfffffff0, 5, true },
	{ "wrapped range, one above", 6, 0xfffffff0, 5, false },
	{ "wrapped range, one below", 0xffffffef, 0xfffffff0, 5, false },
	{ "wrapped range, half the number space away", 0x80000000, 0xfffffff0, 5, false },
	{ "range of more than half the number space, inside", HALF + 9, 10, HALF + 20, true },
	{ "range of more than half the number space, outside", HALF + 21, 10, HALF + 20, false },
};

static void between_desc(const struct between_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(between, between_rows, between_desc);

static void seq_between(struct kunit *test)
{
	const struct between_row *row = test->param_value;

	KUNIT_EXPECT_EQ(test, tcpt_seq_between(row->seq, row->lo, row->hi),
			row->in);
}

/*
 * The oracle compares two positions in a stream of bytes that never wraps. If
 * the positions are less than 2^31 apart, the 32-bit comparison must give the
 * same result as the oracle.
 */
static void seq_order_oracle(struct kunit *test)
{
	struct rnd_state rnd;
	unsigned int i;
	u64 a, b;

	prandom_seed_state(&rnd, 0x5e90001);
	for (i = 0; i < ROUNDS; i++) {
		a = ((u64)prandom_u32_state(&rnd) << 8) + HALF;
		b = a + (prandom_u32_state(&rnd) >> (1 + i % 31));
		if (i & 1)
			b = a - (b - a);
		KUNIT_ASSERT_EQ_MSG(test, tcpt_seq_before((u32)a, (u32)b),
				    a < b, "round %u: %llx %llx", i, a, b);
		KUNIT_ASSERT_EQ_MSG(test, tcpt_seq_after((u32)a, (u32)b),
				    a > b, "round %u: %llx %llx", i, a, b);
		KUNIT_ASSERT_EQ_MSG(test, tcpt_seq_max((u32)a, (u32)b),
				    (u32)(a > b ? a : b),
				    "round %u: %llx %llx", i, a, b);
	}
}

static void seq_between_oracle(struct kunit *test)
{
	struct rnd_state rnd;
	u64 seq, lo, hi;
	unsigned int i;

	prandom_seed_state(&rnd, 0x5e90002);
	for (i = 0; i < ROUNDS; i++) {
		lo = (u64)prandom_u32_state(&rnd) << 8;
		hi = lo + (prandom_u32_state(&rnd) >> (i % 32));
		seq = lo + (prandom_u32_state(&rnd) >> (i / 32 % 32));
		KUNIT_ASSERT_EQ_MSG(test,
				    tcpt_seq_between((u32)seq, (u32)lo,
						     (u32)hi), seq <= hi,
				    "round %u: %llx %llx %llx", i, seq, lo, hi);
	}
}

static struct kunit_case seq_cases[] = {
	KUNIT_CASE_PARAM(seq_order, order_gen_params),
	KUNIT_CASE_PARAM(seq_between, between_gen_params),
	KUNIT_CASE(seq_order_oracle),
	KUNIT_CASE(seq_between_oracle),
	{}
};

static struct kunit_suite seq_suite = {
	.name = "tcptrace_seq",
	.test_cases = seq_cases,
};

kunit_test_suite(seq_suite);
