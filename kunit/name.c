// SPDX-License-Identifier: GPL-2.0
/*
 * Check that each value of the enums in table_rows has its own name, and that a
 * lookup does not read past the end of its table. Also check some fixed words,
 * and the letters of TCP flags.
 */
#include <kunit/test.h>
#include <linux/string.h>
#include <linux/tcptrace.h>

#include "../module/core/name.h"

#define FAR 1000 /* number of values tried past the end of a table */

struct table_row {
	const char *name;
	const char *(*lookup)(unsigned int number);
	unsigned int count;
	bool spaces;	/* the names are phrases that contain spaces */
};

static const struct table_row table_rows[] = {
	{ "states", tcpt_state_name, TCPTRACE_STATES },
	{ "reasons", tcpt_reason_name, TCPTRACE_REASONS },
	{ "reasons in words", tcpt_reason_text, TCPTRACE_REASONS, true },
	{ "close reasons", tcpt_close_name, TCPTRACE_CLOSE_REASONS },
	{ "causes of a loss", tcpt_lost_name, TCPTRACE_LOST_CAUSES },
	{ "limits", tcpt_limit_name, TCPTRACE_LIMITS },
	{ "hooks", tcpt_hook_name, TCPTRACE_HOOK_INGRESS + 1 },
	{ "ICMP errors", tcpt_error_name, TCPTRACE_ERRORS },
	{ "fates", tcpt_fate_name, TCPTRACE_FATES },
	{ "limiting factors", tcpt_limited_name, TCPTRACE_LIMITED },
	{ "owners", tcpt_known_name, TCPTRACE_KNOWNS },
};

static void table_desc(const struct table_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(table, table_rows, table_desc);

static void name_table(struct kunit *test)
{
	const struct table_row *row = test->param_value;
	unsigned int i, j;
	const char *name;

	for (i = 0; i < row->count; i++) {
		name = row->lookup(i);
		KUNIT_ASSERT_TRUE_MSG(test, name, "%u has no name", i);
		KUNIT_EXPECT_TRUE_MSG(test, strlen(name) > 1, "%u", i);
		if (!row->spaces)
			KUNIT_EXPECT_FALSE_MSG(test, !!strpbrk(name, " \t\""),
					       "%u: %s", i, name);
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_TRUE_MSG(test,
					      strcmp(name, row->lookup(j)),
					      "%u and %u: %s", i, j, name);
	}
	for (; i < row->count + FAR; i++)
		KUNIT_EXPECT_STREQ(test, row->lookup(i), "?");
	KUNIT_EXPECT_STREQ(test, row->lookup(0x80000000), "?");
	KUNIT_EXPECT_STREQ(test, row->lookup(0xffffffff), "?");
}

struct word_row {
	const char *name;
	const char *(*lookup)(unsigned int number);
	unsigned int number;
};

#define STATE(s)	{ #s, tcpt_state_name, TCPTRACE_##s }

/*
 * Words that scripts can rely on, because userspace/tcptracectl.schema.json
 * lists them.
 */
static const struct word_row word_rows[] = {
	STATE(CLOSED), STATE(SYN_SENT), STATE(SYN_RECEIVED),
	{ "ESTABLISHED", tcpt_state_name, TCPTRACE_ESTAB },
	STATE(FIN_WAIT_1), STATE(FIN_WAIT_2), STATE(CLOSE_WAIT),
	STATE(CLOSING), STATE(LAST_ACK), STATE(TIME_WAIT),
	{ "none", tcpt_reason_name, TCPTRACE_REASON_NONE },
	{ "refused", tcpt_reason_name, TCPTRACE_REASON_REFUSED },
	{ "2msl", tcpt_reason_name, TCPTRACE_REASON_2MSL },
	{ "none", tcpt_close_name, TCPTRACE_CLOSE_NONE },
	{ "fin", tcpt_close_name, TCPTRACE_CLOSE_FIN },
	{ "reset", tcpt_close_name, TCPTRACE_CLOSE_RESET },
	{ "refused", tcpt_close_name, TCPTRACE_CLOSE_REFUSED },
	{ "unanswered", tcpt_close_name, TCPTRACE_CLOSE_UNANSWERED },
	{ "timeout", tcpt_close_name, TCPTRACE_CLOSE_TIMEOUT },
	{ "evicted", tcpt_close_name, TCPTRACE_CLOSE_EVICTED },
	{ "reused", tcpt_close_name, TCPTRACE_CLOSE_REUSED },
	{ "shutdown", tcpt_close_name, TCPTRACE_CLOSE_SHUTDOWN },
	{ "full", tcpt_lost_name, TCPTRACE_LOST_FULL },
	{ "position", tcpt_lost_name, TCPTRACE_LOST_POSITION },
	{ "half_open", tcpt_limit_name, TCPTRACE_LIMIT_HALF_OPEN },
	{ "readers", tcpt_limit_name, TCPTRACE_LIMIT_READERS },
	{ "in", tcpt_hook_name, TCPTRACE_HOOK_IN },
	{ "forward", tcpt_hook_name, TCPTRACE_HOOK_FORWARD },
	{ "out", tcpt_hook_name, TCPTRACE_HOOK_OUT },
	{ "ingress", tcpt_hook_name, TCPTRACE_HOOK_INGRESS },
	{ "unreachable", tcpt_close_name, TCPTRACE_CLOSE_UNREACHABLE },
	{ "too_big", tcpt_error_name, TCPTRACE_ERROR_TOO_BIG },
	{ "time_exceeded", tcpt_error_name, TCPTRACE_ERROR_TIME },
	{ "app", tcpt_limited_name, TCPTRACE_LIMITED_APP },
	{ "peer", tcpt_limited_name, TCPTRACE_LIMITED_PEER },
	{ "window", tcpt_limited_name, TCPTRACE_LIMITED_WINDOW },
	{ "loss", tcpt_limited_name, TCPTRACE_LIMITED_LOSS },
	{ "path", tcpt_limited_name, TCPTRACE_LIMITED_PATH },
	{ "handshake", tcpt_limited_name, TCPTRACE_LIMITED_HANDSHAKE },
	{ "no_socket", tcpt_fate_name, TCPTRACE_FATE_NO_SOCKET },
	{ "dropped", tcpt_fate_name, TCPTRACE_FATE_DROPPED },
	{ "left", tcpt_fate_name, TCPTRACE_FATE_LEFT },
	{ "delivered", tcpt_fate_name, TCPTRACE_FATE_DELIVERED },
	{ "not_seen", tcpt_fate_name, TCPTRACE_FATE_NOT_SEEN },
	{ "remote", tcpt_known_name, TCPTRACE_KNOWN_REMOTE },
	{ "task", tcpt_known_name, TCPTRACE_KNOWN_TASK },
};

static void word_desc(const struct word_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(word, word_rows, word_desc);

static void name_word(struct kunit *test)
{
	const struct word_row *row = test->param_value;

	KUNIT_EXPECT_STREQ(test, row->lookup(row->number), row->name);
}

struct flags_row {
	const char *name;
	unsigned int flags;
};

static const struct flags_row flags_rows[] = {
	{ "-", 0 },
	{ "S", TCPTRACE_SYN },
	{ "SA", TCPTRACE_SYN | TCPTRACE_ACK },
	{ "A", TCPTRACE_ACK },
	{ "FA", TCPTRACE_FIN | TCPTRACE_ACK },
	{ "PA", TCPTRACE_PSH | TCPTRACE_ACK },
	{ "R", TCPTRACE_RST },
	{ "RA", TCPTRACE_RST | TCPTRACE_ACK },
	{ "U", TCPTRACE_URG },
	{ "E", TCPTRACE_ECE },
	{ "C", TCPTRACE_CWR },
	{ "N", TCPTRACE_AE },
	{ "NCES", TCPTRACE_AE | TCPTRACE_CWR | TCPTRACE_ECE | TCPTRACE_SYN },
	{ "NCEUSFRPA", 0x1ff },
	{ "-", 0xfffffe00 },
	{ "S", 0xfffffe00 | TCPTRACE_SYN },
};

static void flags_desc(const struct flags_row *row, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%#x is %s", row->flags,
		 row->name);
}

KUNIT_ARRAY_PARAM(flags, flags_rows, flags_desc);

static void name_flags(struct kunit *test)
{
	const struct flags_row *row = test->param_value;
	char *buf = kunit_kzalloc(test, TCPT_FLAGS_LEN, GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, buf);
	KUNIT_EXPECT_TRUE(test, tcpt_flags_name(row->flags, buf) == buf);
	KUNIT_EXPECT_STREQ(test, buf, row->name);
}

static struct kunit_case name_cases[] = {
	KUNIT_CASE_PARAM(name_table, table_gen_params),
	KUNIT_CASE_PARAM(name_word, word_gen_params),
	KUNIT_CASE_PARAM(name_flags, flags_gen_params),
	{}
};

static struct kunit_suite name_suite = {
	.name = "tcptrace_name",
	.test_cases = name_cases,
};

kunit_test_suite(name_suite);
