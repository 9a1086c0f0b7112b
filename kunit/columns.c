// SPDX-License-Identifier: GPL-2.0
/* Test the columns that the tables of the module and of the client share. */
#include "../module/core/columns.h"

#include "../module/core/tcb.h"

#include <kunit/test.h>

static const char *const time_names[] = { TCPT_COLUMNS_TIMES };

static void columns_of_times(struct kunit *test)
{
	static const u64 want[] = {
		TCPTRACE_LIMITED_LOSS, 7, TCPT_COLUMN_UNKNOWN,
		0, TCPT_COLUMN_UNKNOWN, TCPT_COLUMN_UNKNOWN,
		TCPT_COLUMN_UNKNOWN, 15, 2, 4, 8,
		3, 5, 10, 20, 0, 0, 0, 0,
	};
	struct tcpt_track *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	u64 value[TCPT_COLUMNS_TIMES_NUM];
	unsigned int i;

	BUILD_BUG_ON(ARRAY_SIZE(time_names) != TCPT_COLUMNS_TIMES_NUM);
	BUILD_BUG_ON(ARRAY_SIZE(want) != TCPT_COLUMNS_TIMES_NUM);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	t->syn_synack = 7;
	for (i = 0; i < ARRAY_SIZE(t->end[0].chrono.ns); i++)
		t->end[0].chrono.ns[i] = 1 << i;
	t->response[1].count = 3;
	t->response[1].min = 5;
	t->response[1].sum = 30;
	t->response[1].max = 20;
	tcpt_columns_times(t, value);
	for (i = 0; i < ARRAY_SIZE(want); i++)
		KUNIT_EXPECT_EQ_MSG(test, value[i], want[i], "%s",
				    time_names[i]);
}

static void columns_of_end(struct kunit *test)
{
	struct tcpt_track *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	u64 value[TCPT_COLUMNS_END_NUM];

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	t->end[1].unique_bytes = 1ULL << 40;
	t->end[1].chrono.first = 1000;
	t->end[1].chrono.since = 1060;
	t->end[1].chrono.ns[TCPT_PHASE_RTO - 1] = 20;
	t->response[0].delayed = 7;	/* of the responder's data */
	t->response[1].delayed = 9;
	tcpt_columns_end(t, 1, value);
	KUNIT_EXPECT_EQ(test, value[0], 1ULL << 40);
	KUNIT_EXPECT_EQ(test, value[1], 7ULL);
	KUNIT_EXPECT_EQ(test, value[2], 40ULL);
}

static struct kunit_case columns_cases[] = {
	KUNIT_CASE(columns_of_times),
	KUNIT_CASE(columns_of_end),
	{}
};

static struct kunit_suite columns_suite = {
	.name = "tcptrace_columns",
	.test_cases = columns_cases,
};

kunit_test_suite(columns_suite);
