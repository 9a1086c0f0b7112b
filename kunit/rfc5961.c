// SPDX-License-Identifier: GPL-2.0
/*
 * Test suspicions: the cases of RFC 5961, segments with a different TTL, and
 * late segments.
 */
#include "case.h"

static const struct case_row rst_rows[] = {
	{ "a RST with the exact sequence number", { DATA, S(ORIG, RST, 101) } },
	{ "one number ahead", { DATA,
		S(ORIG, RST, 102, SEQ(RST, IN_WINDOW, 1, 101)) } },
	{ "at the last number of the window", { DATA,
		S(ORIG, RST, 10000, SEQ(RST, IN_WINDOW, 9899, 101)) } },
	{ "at the right edge: outside, but Linux answers", { DATA,
		S(ORIG, RST, 10001, SEQ(RST, OUT_OF_WINDOW, 9900, 101)),
		S(RESP, ACK, 1, 1, CHALLENGED(1)) } },
	{ "beyond the right edge: outside, and Linux does not answer", { DATA,
		S(ORIG, RST, 10002, SEQ(RST, OUT_OF_WINDOW, 9901, 101)),
		S(RESP, ACK, 1, 1) } },
	{ "far beyond the window", { DATA,
		S(ORIG, RST, 0x40000000, SEQ(RST, OUT_OF_WINDOW, 0x3fffff9b,
					     101)) } },
	{ "one number back", { DATA,
		S(ORIG, RST, 100, SEQ(RST, OLD, -1, 101)),
		S(RESP, ACK, 1, 1, CHALLENGED(1)) } },
	{ "below the acknowledged numbers", { DATA,
		S(ORIG, RST, 0, SEQ(RST, OLD, -101, 101)),
		S(RESP, ACK, 1, 1) } },
	{ "with a gap: the number on either side is exact", {
		S(ORIG, ACK, 101, 1, 100), S(ORIG, RST, 201) } },
	{ "at the first number of a gap", {
		S(ORIG, ACK, 101, 1, 100), S(ORIG, RST, 1) } },
	{ "inside a gap", {
		S(ORIG, ACK, 101, 1, 100),
		S(ORIG, RST, 2, SEQ(RST, IN_WINDOW, 1, 1)) } },
	{ "a RST with ACK has the same result", { DATA,
		S(ORIG, RSTACK, 102, 1, SEQ(RST, IN_WINDOW, 1, 101)) } },
	{ "each of two RSTs is suspect", { DATA,
		S(ORIG, RST, 102, SEQ(RST, IN_WINDOW, 1, 101)),
		S(ORIG, RST, 103, SEQ(RST, IN_WINDOW, 2, 101)) } },
	{ "the window is unknown", { S(ORIG, SYN, 0),
		S(ORIG, RST, 5, SEQ(RST, OUT_OF_WINDOW, 4, 1)) }, true },
	{ "a RST with invalid flags is not judged", { DATA,
		S(ORIG, RST | SYN, 102) } },
	{ "a RST that refuses the SYN",
	  { S(ORIG, SYN, 0), S(RESP, RSTACK, 0, 1) }, true },
	{ "a refusal that acknowledges one number too high", { S(ORIG, SYN, 0),
		S(RESP, RSTACK, 0, 2, NUM(RST, OUT_OF_WINDOW, 1, 1)) }, true },
	{ "a refusal that acknowledges one number too low", { S(ORIG, SYN, 0),
		S(RESP, RSTACK, 0, 0, NUM(RST, OLD, -1, 1)) }, true },
};

static const struct case_row challenge_rows[] = {
	{ "a RST and its challenge ACK", { DATA,
		S(ORIG, RST, 102, SEQ(RST, IN_WINDOW, 1, 101)),
		S(RESP, ACK, 1, 1, CHALLENGED(30), .s.us = 30000) } },
	{ "a challenge ACK 1 s later", { DATA,
		S(ORIG, RST, 102, SEQ(RST, IN_WINDOW, 1, 101)),
		S(RESP, ACK, 1, 1, CHALLENGED(1000), .s.us = 1000000) } },
	{ "an ACK more than a second later is not a challenge ACK", { DATA,
		S(ORIG, RST, 102, SEQ(RST, IN_WINDOW, 1, 101)),
		S(RESP, ACK, 1, 1, .s.us = 1000001) } },
	{ "a challenge ACK is reported once", { DATA,
		S(ORIG, RST, 102, SEQ(RST, IN_WINDOW, 1, 101)),
		S(RESP, ACK, 1, 1, CHALLENGED(1)), S(RESP, ACK, 1, 1) } },
	{ "data is not a challenge ACK, and the engine keeps waiting for one", { DATA,
		S(ORIG, RST, 102, SEQ(RST, IN_WINDOW, 1, 101)),
		S(RESP, ACK, 1, 1, 10),
		S(RESP, ACK, 11, 1, SEQ(CHALLENGED, EXACT, 0, 11),
		  .since = 2) } },
	{ "a segment with an old sequence number is not a challenge ACK", {
		S(RESP, ACK, 1, 1, 10), DATA,
		S(ORIG, RST, 102, SEQ(RST, IN_WINDOW, 1, 101)),
		S(RESP, ACK, 1, 1) } },
	{ "an old ACK is not a challenge ACK", { DATA, S(RESP, ACK, 1, 101),
		S(ORIG, RST, 102, SEQ(RST, IN_WINDOW, 1, 101)),
		S(RESP, ACK, 1, 1) } },
	{ "a FIN is not a challenge ACK", { DATA,
		S(ORIG, RST, 102, SEQ(RST, IN_WINDOW, 1, 101)),
		S(RESP, FIN, 1, 1) } },
	{ "the other end's ACK is not a challenge ACK", { DATA,
		S(ORIG, RST, 102, SEQ(RST, IN_WINDOW, 1, 101)),
		S(ORIG, ACK, 101, 1) } },
	{ "an ACK without a RST before it", { DATA, S(RESP, ACK, 1, 1) } },
	{ "an ACK after a SYN is not a challenge ACK", { DATA,
		S(ORIG, SYN, 5000), S(RESP, ACK, 1, 1) } },
	{ "a repeated first SYN is not suspect", { DATA, S(ORIG, SYN, 0),
		S(RESP, ACK, 1, 1), S(ORIG, ACK, 101, 1, 10) } },
	{ "a RST of the responder", {
		S(RESP, RST, 2, SEQ(RST, IN_WINDOW, 1, 1)),
		S(ORIG, ACK, 1, 1, CHALLENGED(1)) } },
};

static const struct case_row syn_rows[] = {
	{ "a SYN in the window", { DATA,
		S(ORIG, SYN, 102), S(RESP, ACK, 1, 101),
		S(ORIG, ACK, 101, 1, SEQ(SYN, IN_WINDOW, 1, 101),
		  .since = 2), S(ORIG, ACK, 101, 1) } },
	{ "a SYN at the next number", { DATA,
		S(ORIG, SYN, 101),
		S(ORIG, ACK, 101, 1, 10, SEQ(SYN, EXACT, 0, 101),
		  .since = 1) } },
	{ "a SYN beyond the window", { DATA,
		S(ORIG, SYN, 10001),
		S(ORIG, FIN, 101, 1, SEQ(SYN, OUT_OF_WINDOW, 9900, 101),
		  .since = 1) } },
	{ "a SYN before the window", { DATA,
		S(ORIG, SYN, -1),
		S(ORIG, ACK, 101, 1, SEQ(SYN, OLD, -102, 101),
		  .since = 1) } },
	{ "a RST proves that its sender has forgotten the connection", { DATA,
		S(ORIG, SYN, 5000), S(RESP, ACK, 1, 1), S(ORIG, RST, 1) } },
	{ "a segment outside the window proves nothing", { DATA,
		S(ORIG, SYN, 5000),
		S(ORIG, ACK, 30000, 1, 1,
		  SEQ(DATA, OUT_OF_WINDOW, 29899, 101)) } },
	{ "a SYN of the responder", {
		S(RESP, SYN, 7), S(ORIG, ACK, 1, 1),
		S(RESP, ACK, 1, 1, SEQ(SYN, IN_WINDOW, 6, 1), .since = 2) } },
	{ "a SYN,ACK with another sequence number", {
		S(RESP, SYNACK, 7, 1, SEQ(SYN, IN_WINDOW, 6, 1)) } },
	{ "a repeated SYN,ACK is not suspect", { S(RESP, SYNACK, 0, 1) } },
};

static const struct case_row data_rows[] = {
	{ "data at the edge of the window", { DATA, S(ORIG, ACK, 10001, 1, 1) } },
	{ "data beyond the window", { DATA,
		S(ORIG, ACK, 10002, 1, 1,
		  SEQ(DATA, OUT_OF_WINDOW, 9901, 101)) } },
	{ "a segment without data beyond the window", { DATA,
		S(ORIG, ACK, 10002, 1, SEQ(DATA, OUT_OF_WINDOW, 9901, 101)) } },
	{ "a FIN beyond the window", { DATA,
		S(ORIG, FIN, 10002, 1, SEQ(DATA, OUT_OF_WINDOW, 9901, 101)) } },
	{ "old data is not suspect", { DATA, S(RESP, ACK, 1, 101),
		S(ORIG, ACK, 1, 1, 50) } },

	{ "an ACK of data that was seen", { DATA, S(RESP, ACK, 1, 101) } },
	{ "an ACK of one byte more than was seen", { DATA,
		S(RESP, ACK, 1, 102, NUM(ACK, OUT_OF_WINDOW, 1, 101)) } },
	{ "an ACK older than a window", { DATA, S(RESP, ACK, 1, 101),
		S(ORIG, ACK, 101, 1, 100),
		S(RESP, ACK, 1, -9900, NUM(ACK, OLD, -10001, 101)) } },
	{ "an ACK that is a window old", { DATA, S(RESP, ACK, 1, 101),
		S(RESP, ACK, 1, -9899) } },

	{ "a SYN,ACK of the SYN", { S(ORIG, SYN, 0),
		S(RESP, SYNACK, 0, 1) }, true },
	{ "a SYN,ACK that acknowledges one number too high", { S(ORIG, SYN, 0),
		S(RESP, SYNACK, 0, 2, NUM(SYNACK, OUT_OF_WINDOW, 1, 1)) },
	  true },
	{ "a SYN,ACK that acknowledges one number too low", { S(ORIG, SYN, 0),
		S(RESP, SYNACK, 0, 0, NUM(SYNACK, OLD, -1, 1)) }, true },
	{ "a SYN,ACK that acknowledges nothing", { S(ORIG, SYN, 0),
		S(ORIG, SYNACK, 0, 1, .what = TCPTRACE_SUSPECT_SYNACK,
		  .fit = TCPTRACE_FIT_UNKNOWN) }, true },
};

static const struct case_row ttl_rows[] = {
	{ "a RST with the same TTL as all earlier segments", { S(ORIG, RST, 1) } },
	{ "a RST with a TTL that is one less", {
		S(ORIG, RST, 1, SEQ(RST_TTL, EXACT, 0, 1), .s.ttl = 63) } },
	{ "a RST with a TTL that is one more", {
		S(ORIG, RST, 1, SEQ(RST_TTL, EXACT, 0, 1), .s.ttl = 65) } },
	{ "a RST with the lowest TTL so far", {
		S(ORIG, ACK, 1, 1, .s.ttl = 60), S(ORIG, RST, 1, .s.ttl = 60) } },
	{ "a RST with a TTL between the known ones", {
		S(ORIG, ACK, 1, 1, .s.ttl = 60), S(ORIG, RST, 1, .s.ttl = 62) } },
	{ "a RST with a TTL lower than the lowest", {
		S(ORIG, ACK, 1, 1, .s.ttl = 60),
		S(ORIG, RST, 1, SEQ(RST_TTL, EXACT, 0, 1), .s.ttl = 59) } },
	{ "the other end's TTLs do not count", {
		S(RESP, ACK, 1, 1, .s.ttl = 60),
		S(ORIG, RST, 1, SEQ(RST_TTL, EXACT, 0, 1), .s.ttl = 60) } },
	{ "a RST as the first segment of its end", { S(ORIG, SYN, 0),
		S(RESP, RSTACK, 0, 1, .s.ttl = 7) }, true },
	{ "injected data, and then data of the sender with the same sequence number", {
		S(ORIG, ACK, 1, 1, 20, .s.ttl = 61), S(RESP, ACK, 1, 21),
		S(ORIG, ACK, 1, 1, 12, SEQ(DATA_TTL, EXACT, 0, 1),
		  .since = 2), S(ORIG, ACK, 1, 1, 12) } },
	{ "injected data, and then as much data of the sender", {
		S(ORIG, ACK, 1, 1, 20, .s.ttl = 61), S(RESP, ACK, 1, 21),
		S(ORIG, ACK, 1, 1, 20, SEQ(DATA_TTL, EXACT, 0, 1),
		  .since = 2) } },
	{ "the sender repeats unacknowledged bytes over another path", {
		S(ORIG, ACK, 1, 1, 20, .s.ttl = 61),
		S(ORIG, ACK, 1, 1, 20), S(ORIG, ACK, 21, 1, 20) } },
	{ "injected data, and then an ACK of the sender with the same sequence number", {
		S(ORIG, ACK, 1, 1, 20, .s.ttl = 61), S(RESP, ACK, 1, 21),
		S(ORIG, ACK, 1, 1, SEQ(DATA_TTL, EXACT, 0, 1), .since = 2) } },
	{ "all later segments take another path", {
		S(ORIG, ACK, 1, 1, 20, .s.ttl = 61),
		S(ORIG, ACK, 21, 1, 20, .s.ttl = 61), S(ORIG, ACK, 1, 1, 20) } },
	{ "one segment takes another path", {
		S(ORIG, ACK, 1, 1, 20, .s.ttl = 61), S(ORIG, ACK, 21, 1, 20),
		S(ORIG, ACK, 1, 1, 20) } },
	{ "a retransmission over another path", { DATA,
		S(ORIG, ACK, 1, 1, 100, .s.ttl = 61), S(ORIG, ACK, 1, 1, 100) } },
	{ "an unacceptable segment has its own suspicion", { DATA,
		S(ORIG, RST, 102, SEQ(RST, IN_WINDOW, 1, 101), .s.ttl = 7) } },
	{ "the TTL of an unacceptable segment does not count", {
		DATA, S(ORIG, RST, 102, SEQ(RST, IN_WINDOW, 1, 101), .s.ttl = 61),
		S(RESP, ACK, 1, 101, CHALLENGED(1)),
		S(ORIG, ACK, 101, 1, 20, .s.ttl = 61), S(RESP, ACK, 1, 121),
		S(ORIG, ACK, 101, 1, 20, SEQ(DATA_TTL, EXACT, 0, 101),
		  .since = 2) } },
};

static const struct case_row late_rows[] = {
	{ "data after the sender's own RST", { S(RESP, RST, 1),
		S(RESP, ACK, 1, 1, 10, SEQ(AFTER_RST, EXACT, 0, 1),
		  .since = 5, .s.us = 5000) } },
	{ "data after a RST is reported once", { S(RESP, RST, 1),
		S(RESP, ACK, 1, 1, 10, SEQ(AFTER_RST, EXACT, 0, 1),
		  .since = 1),
		S(RESP, ACK, 11, 1, 10) } },
	{ "late segments with lower sequence numbers are not suspect", { S(RESP, ACK, 1, 1, 10),
		S(RESP, RST, 11), S(RESP, ACK, 1, 1, 10) } },
	{ "segments of the other end after a RST are not suspect", { S(RESP, RST, 1),
		S(ORIG, ACK, 1, 1, 10) } },
	{ "another RST is not suspect",
	  { S(RESP, RST, 1), S(RESP, RST, 1) } },
	{ "segments after a refusal are suspect at any sequence number", { S(ORIG, SYN, 0),
		S(RESP, RSTACK, 0, 1),
		S(RESP, SYNACK, 0, 1, .what = TCPTRACE_SUSPECT_AFTER_RST,
		  .fit = TCPTRACE_FIT_UNKNOWN, .since = 1) }, true },
	{ "data after both FINs is not suspect", {
		S(ORIG, FIN, 1, 1), S(RESP, FIN, 1, 2), S(ORIG, ACK, 2, 2),
		S(ORIG, ACK, 2, 2, 10), S(RESP, ACK, 2, 2, 10) } },
	{ "data after the sender's own RST, in the middle of the window",
	  { S(RESP, RST, 1),
		S(RESP, ACK, 50, 1, 10, SEQ(AFTER_RST, IN_WINDOW, 49, 1),
		  .since = 1) } },
	{ "after a RST, a SYN with the old ISN opens a new connection", {
		S(RESP, RST, 1), S(ORIG, SYN, 0) } },
	{ "a SYN with the ISN of a SYN,ACK is not an ISN reuse", { S(RESP, RST, 1),
		S(RESP, SYN, 0) } },
	{ "after FINs, a SYN with the old ISN is suspect", {
		S(ORIG, FIN, 1, 1), S(RESP, FIN, 1, 2), S(ORIG, ACK, 2, 2),
		S(ORIG, SYN, 0, SEQ(ISN_REUSE, OLD, -2, 2)) } },
	{ "a reused ISN is reported once", {
		S(ORIG, FIN, 1, 1), S(RESP, FIN, 1, 2), S(ORIG, ACK, 2, 2),
		S(ORIG, SYN, 0, SEQ(ISN_REUSE, OLD, -2, 2)),
		S(ORIG, SYN, 0) } },
};

KUNIT_ARRAY_PARAM(rst, rst_rows, tcpt_case_desc);
KUNIT_ARRAY_PARAM(challenge, challenge_rows, tcpt_case_desc);
KUNIT_ARRAY_PARAM(syn, syn_rows, tcpt_case_desc);
KUNIT_ARRAY_PARAM(data, data_rows, tcpt_case_desc);
KUNIT_ARRAY_PARAM(ttl, ttl_rows, tcpt_case_desc);
KUNIT_ARRAY_PARAM(late, late_rows, tcpt_case_desc);

static void rfc5961_rst(struct kunit *test)
{
	tcpt_case_run(test, test->param_value);
}

static void rfc5961_challenge(struct kunit *test)
{
	tcpt_case_run(test, test->param_value);
}

static void rfc5961_syn(struct kunit *test)
{
	tcpt_case_run(test, test->param_value);
}

static void rfc5961_data(struct kunit *test)
{
	tcpt_case_run(test, test->param_value);
}

static void rfc5961_ttl(struct kunit *test)
{
	tcpt_case_run(test, test->param_value);
}

static void rfc5961_late(struct kunit *test)
{
	tcpt_case_run(test, test->param_value);
}

static struct kunit_case rfc5961_cases[] = {
	KUNIT_CASE_PARAM(rfc5961_rst, rst_gen_params),
	KUNIT_CASE_PARAM(rfc5961_challenge, challenge_gen_params),
	KUNIT_CASE_PARAM(rfc5961_syn, syn_gen_params),
	KUNIT_CASE_PARAM(rfc5961_data, data_gen_params),
	KUNIT_CASE_PARAM(rfc5961_ttl, ttl_gen_params),
	KUNIT_CASE_PARAM(rfc5961_late, late_gen_params),
	{}
};

static struct kunit_suite rfc5961_suite = {
	.name = "tcptrace_rfc5961",
	.test_cases = rfc5961_cases,
};

kunit_test_suite(rfc5961_suite);
