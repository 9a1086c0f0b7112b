// SPDX-License-Identifier: GPL-2.0
/* RSTs of another TTL, and what comes when all is over. */
#include "case.h"

static const struct case_row ttl_rows[] = {
	{ "the TTL of all", { S(ORIG, RST, 1) } },
	{ "one less", {
		S(ORIG, RST, 1, SEQ(RST_TTL, EXACT, 0, 1), .ttl = 63) } },
	{ "one more", {
		S(ORIG, RST, 1, SEQ(RST_TTL, EXACT, 0, 1), .ttl = 65) } },
	{ "the lowest that there was", {
		S(ORIG, ACK, 1, 1, .ttl = 60), S(ORIG, RST, 1, .ttl = 60) } },
	{ "between those that there were", {
		S(ORIG, ACK, 1, 1, .ttl = 60), S(ORIG, RST, 1, .ttl = 62) } },
	{ "lower than the lowest", {
		S(ORIG, ACK, 1, 1, .ttl = 60),
		S(ORIG, RST, 1, SEQ(RST_TTL, EXACT, 0, 1), .ttl = 59) } },
	{ "the other end's TTLs are of no interest", {
		S(RESP, ACK, 1, 1, .ttl = 60),
		S(ORIG, RST, 1, SEQ(RST_TTL, EXACT, 0, 1), .ttl = 60) } },
	{ "the first segment of its end", { S(ORIG, SYN, 0),
		S(RESP, RSTACK, 0, 1, .ttl = 7) }, true },
	{ "one that must not be taken has its own suspicion", { DATA,
		S(ORIG, RST, 102, SEQ(RST, IN_WINDOW, 1, 101), .ttl = 7) } },
};

static const struct case_row late_rows[] = {
	{ "data after the own RST", { S(RESP, RST, 1),
		S(RESP, ACK, 1, 1, 10, SEQ(AFTER_RST, EXACT, 0, 1),
		  .since = 5, .us = 5000) } },
	{ "once", { S(RESP, RST, 1),
		S(RESP, ACK, 1, 1, 10, SEQ(AFTER_RST, EXACT, 0, 1),
		  .since = 1),
		S(RESP, ACK, 11, 1, 10) } },
	{ "what comes late has lower numbers", { S(RESP, ACK, 1, 1, 10),
		S(RESP, RST, 11), S(RESP, ACK, 1, 1, 10) } },
	{ "the other end does not know yet", { S(RESP, RST, 1),
		S(ORIG, ACK, 1, 1, 10) } },
	{ "another RST is no news", { S(RESP, RST, 1), S(RESP, RST, 1) } },
	{ "after a refusal, whatever its number", { S(ORIG, SYN, 0),
		S(RESP, RSTACK, 0, 1),
		S(RESP, SYNACK, 0, 1, .what = TCPTRACE_SUSPECT_AFTER_RST,
		  .fit = TCPTRACE_FIT_UNKNOWN, .since = 1) }, true },
	{ "after FINs there is nothing to suspect", {
		S(ORIG, FIN, 1, 1), S(RESP, FIN, 1, 2), S(ORIG, ACK, 2, 2),
		S(ORIG, ACK, 2, 2, 10), S(RESP, ACK, 2, 2, 10) } },
	{ "after the own RST, in the window's midst", { S(RESP, RST, 1),
		S(RESP, ACK, 50, 1, 10, SEQ(AFTER_RST, IN_WINDOW, 49, 1),
		  .since = 1) } },
	{ "the SYN of the connection before", { S(RESP, RST, 1),
		S(ORIG, SYN, 0, SEQ(ISN_REUSE, OLD, -1, 1)) } },
	{ "that once, too", { S(RESP, RST, 1),
		S(ORIG, SYN, 0, SEQ(ISN_REUSE, OLD, -1, 1)),
		S(ORIG, SYN, 0) } },
	{ "the number of a SYN,ACK was no SYN's", { S(RESP, RST, 1),
		S(RESP, SYN, 0) } },
	{ "after FINs", {
		S(ORIG, FIN, 1, 1), S(RESP, FIN, 1, 2), S(ORIG, ACK, 2, 2),
		S(ORIG, SYN, 0, SEQ(ISN_REUSE, OLD, -2, 2)) } },
};

KUNIT_ARRAY_PARAM(ttl, ttl_rows, tcpt_case_desc);
KUNIT_ARRAY_PARAM(late, late_rows, tcpt_case_desc);

static void suspect_ttl(struct kunit *test)
{
	tcpt_case_run(test, test->param_value);
}

static void suspect_late(struct kunit *test)
{
	tcpt_case_run(test, test->param_value);
}

static struct kunit_case suspect_late_cases[] = {
	KUNIT_CASE_PARAM(suspect_ttl, ttl_gen_params),
	KUNIT_CASE_PARAM(suspect_late, late_gen_params),
	{}
};

static struct kunit_suite suspect_late_suite = {
	.name = "tcptrace_suspect_late",
	.test_cases = suspect_late_cases,
};

kunit_test_suite(suspect_late_suite);
