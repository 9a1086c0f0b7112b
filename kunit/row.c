// SPDX-License-Identifier: GPL-2.0
/*
 * Test the functions that append to a line of /proc/net/tcptrace. Numbers must
 * look as snprintf() writes them.
 */
#include "../module/row.h"

#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/prandom.h>
#include <linux/string.h>

#define ROUNDS	10000
#define WIDEST	22	/* size of a separator, a u64 and a NUL */

static struct tcpt_row *new_row(struct kunit *test)
{
	struct tcpt_row *row = kunit_kzalloc(test, sizeof(*row), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, row);
	return row;
}

static void expect_number(struct kunit *test, struct tcpt_row *row, u64 number)
{
	char want[WIDEST];
	unsigned int len = snprintf(want, sizeof(want), ":%llu", number);

	row->len = 0;
	tcpt_row_number(row, ':', number);
	KUNIT_ASSERT_EQ_MSG(test, row->len, len, "length of %llu", number);
	KUNIT_ASSERT_TRUE_MSG(test, !memcmp(row->text, want, len),
			      "digits of %llu", number);
}

/*
 * Try numbers of every length, and the numbers around each power of 10 and of
 * 2.
 */
static void row_numbers(struct kunit *test)
{
	struct tcpt_row *row = new_row(test);
	struct rnd_state rnd;
	unsigned int i, bit;
	u64 power = 1;

	for (i = 0; i < 20; i++, power *= 10) {
		expect_number(test, row, power - 1);
		expect_number(test, row, power);
		expect_number(test, row, power + 1);
	}
	expect_number(test, row, U64_MAX);
	prandom_seed_state(&rnd, 1);
	for (bit = 0; bit < 64; bit++) {
		expect_number(test, row, BIT_ULL(bit) - 1);
		expect_number(test, row, BIT_ULL(bit));
	}
	for (i = 0; i < ROUNDS; i++)
		expect_number(test, row,
			      ((u64)prandom_u32_state(&rnd) << 32 |
			       prandom_u32_state(&rnd)) >> i % 64);
}

/*
 * A field that does not fit is left out, except for a word, which is truncated.
 */
static void row_is_full(struct kunit *test)
{
	struct tcpt_row *row = new_row(test);

	for (;;) {
		unsigned int before = row->len;

		tcpt_row_number(row, ' ', U64_MAX);
		KUNIT_ASSERT_LE(test, row->len, TCPT_ROW_MAX);
		if (row->len == before)
			break;
	}
	for (row->len = TCPT_ROW_MAX - 4; row->len < TCPT_ROW_MAX;)
		tcpt_row_two(row, ' ', '-');
	tcpt_row_two(row, ' ', '-');
	tcpt_row_number(row, ' ', 1);
	tcpt_row_word(row, "word");
	tcpt_row_char(row, '\n');
	KUNIT_EXPECT_EQ(test, row->len, TCPT_ROW_MAX);
	row->len = TCPT_ROW_MAX - 3;
	tcpt_row_word(row, "word");
	KUNIT_EXPECT_EQ(test, row->len, TCPT_ROW_MAX);
	KUNIT_EXPECT_TRUE(test, !memcmp(&row->text[TCPT_ROW_MAX - 3], " wo", 3));
}

static struct kunit_case row_cases[] = {
	KUNIT_CASE(row_numbers),
	KUNIT_CASE(row_is_full),
	{}
};

static struct kunit_suite row_suite = {
	.name = "tcptrace_row",
	.test_cases = row_cases,
};

kunit_test_suite(row_suite);
