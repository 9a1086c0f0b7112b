// SPDX-License-Identifier: GPL-2.0
/* Test the names of the counters. */
#include "../module/stats.h"

#include <kunit/test.h>

static void stats_have_names(struct kunit *test)
{
	unsigned int i, j;

	for (i = 0; i < TCPT_STATS; i++) {
		KUNIT_ASSERT_NOT_NULL_MSG(test, tcpt_stat_names[i], "%u", i);
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_STRNEQ(test, tcpt_stat_names[i],
					    tcpt_stat_names[j]);
	}
}

static struct kunit_case stats_cases[] = {
	KUNIT_CASE(stats_have_names),
	{}
};

static struct kunit_suite stats_suite = {
	.name = "tcptrace_stats",
	.test_cases = stats_cases,
};

kunit_test_suite(stats_suite);
