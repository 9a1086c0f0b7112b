// SPDX-License-Identifier: GPL-2.0
/* Test ICMP errors: their parser, and their effect on a connection. */
#include <kunit/test.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../module/core/icmp.h"
#include "../module/core/open.h"
#include "../module/core/result.h"
#include "../module/core/timeout.h"
#include "../module/core/track.h"

#include "spec.h"

#define SEC	1000000000ULL
#define START	SEC

enum {
	SEQ	= 0x11223344,
	SPORT	= 40000,
	DPORT	= 80,
};

/**
 * struct parse_row - a packet, and the expected result of the parser
 * @name: the special case under test
 * @v6: ICMPv6
 * @type: ICMP or ICMPv6 type
 * @code: ICMP or ICMPv6 code
 * @rest: the four bytes after the checksum
 * @proto: protocol of the quoted packet; 0: TCP
 * @cut: number of bytes to cut off at the end
 * @want: enum tcpt_parse
 * @kind: enum tcptrace_error_kind
 * @mtu: MTU
 */
struct parse_row {
	const char *name;
	bool v6;
	u8 type;
	u8 code;
	u8 rest[4];
	u8 proto;
	u8 cut;
	enum tcpt_parse want;
	u8 kind;
	u32 mtu;
};

#define ERROR4(what, t, c, k, ...) \
	{ .name = what, .type = t, .code = c, \
	  .kind = TCPTRACE_ERROR_##k, __VA_ARGS__ }
#define ERROR6(what, t, c, k, ...) \
	ERROR4("ICMPv6: " what, t, c, k, .v6 = true, __VA_ARGS__)
#define NO_ERROR(...) ERROR4(__VA_ARGS__, .want = TCPT_PARSE_NOT_TCP)

static const struct parse_row parse_rows[] = {
	ERROR4("host unreachable", 3, 1, UNREACHABLE),
	ERROR4("port unreachable", 3, 3, UNREACHABLE),
	ERROR4("administratively prohibited", 3, 13, UNREACHABLE),
	ERROR4("fragmentation needed", 3, 4, TOO_BIG, .rest = { 0, 0, 5, 0 },
	       .mtu = 1280),
	ERROR4("fragmentation needed, no MTU", 3, 4, TOO_BIG),
	ERROR4("time exceeded", 11, 0, TIME),
	ERROR4("parameter problem", 12, 0, PARAMETER),
	ERROR4("redirect", 5, 1, REDIRECT),
	ERROR4("redirect without a quoted packet", 5, 1, REDIRECT, .cut = 28),
	NO_ERROR("source quench", 4, 0, NONE),
	NO_ERROR("echo request", 8, 0, NONE),
	NO_ERROR("the error quotes UDP", 3, 3, UNREACHABLE, .proto = 17),
	ERROR4("no byte of the TCP header is quoted", 3, 1, UNREACHABLE, .cut = 8,
	       .want = TCPT_PARSE_TRUNCATED),
	ERROR4("the quote is a byte too short", 3, 1, UNREACHABLE, .cut = 1,
	       .want = TCPT_PARSE_TRUNCATED),
	ERROR4("half of the IP header is quoted", 3, 1, UNREACHABLE, .cut = 18,
	       .want = TCPT_PARSE_IP_LENGTH),
	ERROR4("no ICMP header", 3, 1, UNREACHABLE, .cut = 29,
	       .want = TCPT_PARSE_TRUNCATED),
	ERROR6("no route", 1, 0, UNREACHABLE),
	ERROR6("port unreachable", 1, 4, UNREACHABLE),
	ERROR6("too big", 2, 0, TOO_BIG, .rest = { 0, 1, 0, 4 }, .mtu = 65540),
	ERROR6("hop limit", 3, 0, TIME),
	ERROR6("parameter problem", 4, 1, PARAMETER),
	ERROR6("redirect", 137, 0, REDIRECT),
	ERROR6("echo request", 128, 0, NONE, .want = TCPT_PARSE_NOT_TCP),
	ERROR6("the quote is a byte too short", 1, 0, UNREACHABLE, .cut = 1,
	       .want = TCPT_PARSE_TRUNCATED),
};

static void parse_desc(const struct parse_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(parse, parse_rows, parse_desc);

static void put32(u8 *p, u32 value)
{
	p[0] = value >> 24;
	p[1] = value >> 16;
	p[2] = value >> 8;
	p[3] = value;
}

/*
 * Write an IP header with addresses that end in @src and @dst. Return: the
 * length of the header.
 */
static unsigned int put_ip(u8 *p, bool v6, u8 src, u8 dst, u8 proto,
			   unsigned int len)
{
	p[0] = v6 ? 0x60 : 0x45;
	p[v6 ? 5 : 3] = len + (v6 ? 0 : 20);
	p[v6 ? 6 : 9] = proto;
	p[v6 ? 8 : 12] = 10;
	p[v6 ? 23 : 15] = src;
	p[v6 ? 24 : 16] = 10;
	p[v6 ? 39 : 19] = dst;
	return v6 ? 40 : 20;
}

/*
 * Write an error from host 9 to host 1 about a packet from host 1 to host 2.
 * Return: the length of the error.
 */
static unsigned int put_error(u8 *p, const struct parse_row *row)
{
	unsigned int ip = row->v6 ? 40 : 20, len = ip + 8 + ip + 8;

	put_ip(p, row->v6, 9, 1, row->v6 ? 58 : 1, len - ip);
	p += ip;
	p[0] = row->type;
	p[1] = row->code;
	memcpy(p + 4, row->rest, 4);
	p += 8;
	/*
	 * the length field of the quoted header has the length of the original
	 * packet, not of the quote
	 */
	put_ip(p, row->v6, 1, 2, row->proto ?: 6, 200);
	p += ip;
	put32(p, SPORT << 16 | DPORT);
	put32(p + 4, SEQ);
	return len;
}

static void icmp_parse(struct kunit *test)
{
	const struct parse_row *row = test->param_value;
	u8 *packet = kunit_kzalloc(test, 128, GFP_KERNEL), *end;
	unsigned int len;
	struct tcpt_icmp icmp;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, packet);
	len = put_error(packet, row) - row->cut;
	/*
	 * the packet ends at the end of its memory, so that KASAN reports a
	 * read past the end
	 */
	end = kunit_kzalloc(test, len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, end);
	memcpy(end, packet, len);
	/* the length field of the outer header contains the actual length */
	end[row->v6 ? 5 : 3] -= row->cut;
	KUNIT_ASSERT_EQ(test, tcpt_icmp_parse(&icmp, end, len, len),
			row->want);
	if (row->want != TCPT_PARSE_OK)
		return;
	KUNIT_EXPECT_EQ(test, icmp.error.kind, row->kind);
	KUNIT_EXPECT_EQ(test, icmp.error.type, row->type);
	KUNIT_EXPECT_EQ(test, icmp.error.code, row->code);
	KUNIT_EXPECT_EQ(test, icmp.error.mtu, row->mtu);
	KUNIT_EXPECT_EQ(test, icmp.error.addr[row->v6 ? 15 : 3], 9);
	if (row->kind == TCPTRACE_ERROR_REDIRECT)
		return;
	KUNIT_EXPECT_EQ(test, icmp.quoted.src[row->v6 ? 15 : 3], 1);
	KUNIT_EXPECT_EQ(test, icmp.quoted.dst[row->v6 ? 15 : 3], 2);
	KUNIT_EXPECT_EQ(test, icmp.quoted.sport, SPORT);
	KUNIT_EXPECT_EQ(test, icmp.quoted.dport, DPORT);
	KUNIT_EXPECT_EQ(test, icmp.quoted.seq, SEQ);
}

enum { SEGMENTS_MAX = 4 };

/**
 * struct quote_row - a connection, and an error that quotes a segment of it
 * @name: the special case under test
 * @open: the connection begins with a handshake
 * @s: the segments; flags 0 ends the list
 * @kind: enum tcptrace_error_kind
 * @from: sender of the quoted segment: ORIG or RESP
 * @seq: sequence number of the quoted segment, relative to the ISN of @from
 * @fit: expected enum tcptrace_fit
 * @reason: expected enum tcptrace_close_reason when the connection times out
 */
struct quote_row {
	const char *name;
	bool open;
	struct segment_spec s[SEGMENTS_MAX];
	u8 kind;
	u8 from;
	u32 seq;
	u8 fit;
	u8 reason;
};

#define S(who, fl, sq, ...)	{ .from = who, .flags = fl, .seq = sq, \
				  __VA_ARGS__ }
#define QUOTE(k, who, sq, f, why) \
	.kind = TCPTRACE_ERROR_##k, .from = who, .seq = sq, \
	.fit = TCPTRACE_FIT_##f, .reason = TCPTRACE_CLOSE_##why

/* RFC 5927 section 4.1 */
static const struct quote_row quote_rows[] = {
	{ "the error quotes the SYN", .s = { S(ORIG, SYN, 0) },
	  QUOTE(UNREACHABLE, ORIG, 0, EXACT, UNREACHABLE) },
	{ "time exceeded quotes the SYN", .s = { S(ORIG, SYN, 0) },
	  QUOTE(TIME, ORIG, 0, EXACT, UNREACHABLE) },
	{ "the SYN is too big, but the connection may continue",
	  .s = { S(ORIG, SYN, 0) },
	  QUOTE(TOO_BIG, ORIG, 0, EXACT, UNANSWERED) },
	{ "the error quotes a SYN with another sequence number", .s = { S(ORIG, SYN, 0) },
	  QUOTE(UNREACHABLE, ORIG, 7, OUT_OF_WINDOW, UNANSWERED) },
	{ "the error quotes a sequence number before the SYN", .s = { S(ORIG, SYN, 0) },
	  QUOTE(UNREACHABLE, ORIG, -1, OLD, UNANSWERED) },
	{ "no segment of the quoted end was seen", .s = { S(ORIG, SYN, 0) },
	  QUOTE(UNREACHABLE, RESP, 0, UNKNOWN, UNANSWERED) },
	{ "the error quotes the SYN,ACK", .s = { S(ORIG, SYN, 0), S(RESP, SYNACK, 0, 1) },
	  QUOTE(UNREACHABLE, RESP, 0, EXACT, TIMEOUT) },
	{ "the error quotes the first byte in flight", true, {
		S(ORIG, ACK, 1, 1, 100) },
	  QUOTE(TOO_BIG, ORIG, 1, EXACT, TIMEOUT) },
	{ "the error quotes a byte in flight", true, {
		S(ORIG, ACK, 1, 1, 100) },
	  QUOTE(UNREACHABLE, ORIG, 51, IN_WINDOW, TIMEOUT) },
	{ "the error quotes an ACK after the data", true, {
		S(ORIG, ACK, 1, 1, 100) },
	  QUOTE(UNREACHABLE, ORIG, 101, IN_WINDOW, TIMEOUT) },
	{ "the error quotes a sequence number that was not sent yet", true, {
		S(ORIG, ACK, 1, 1, 100) },
	  QUOTE(TOO_BIG, ORIG, 102, OUT_OF_WINDOW, TIMEOUT) },
	{ "the error quotes acknowledged data", true, {
		S(ORIG, ACK, 1, 1, 100), S(RESP, ACK, 1, 101) },
	  QUOTE(TOO_BIG, ORIG, 1, OLD, TIMEOUT) },
};

static void quote_desc(const struct quote_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(quote, quote_rows, quote_desc);

static const struct segment_spec handshake[] = {
	S(ORIG, SYN, 0), S(RESP, SYNACK, 0, 1), S(ORIG, ACK, 1, 1), {}
};

/* Play the segments. Return: the time after them. */
static u64 play(struct tcpt_track *t, const struct segment_spec *s,
		const u32 isn[2], u64 now)
{
	struct tcpt_segment seg;
	struct tcpt_result res;

	for (; s->flags; s++, now += SEC) {
		tcpt_spec_segment(&seg, s, isn, s->from);
		if (now == START)
			tcpt_open_track(t, &seg, false, now, NULL, &res);
		tcpt_track_fully(t, s->from, &seg, now, &res);
	}
	return now;
}

static void icmp_quote(struct kunit *test)
{
	static const u32 isn[2] = { 0xfffffffc, 7000 };
	const struct quote_row *row = test->param_value;
	bool credible = row->fit == TCPTRACE_FIT_EXACT ||
			row->fit == TCPTRACE_FIT_IN_WINDOW;
	bool too_big = credible && row->kind == TCPTRACE_ERROR_TOO_BIG;
	struct tcptrace_error error = { .kind = row->kind, .mtu = 1280 };
	struct tcpt_quote quote = { .now = START, .from = row->from };
	struct tcpt_track *t;
	struct tcpt_result res;

	t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	if (row->open)
		quote.now = play(t, handshake, isn, quote.now);
	quote.now = play(t, row->s, isn, quote.now);
	quote.seq = isn[row->from] + row->seq;
	tcpt_icmp_track(t, &quote, &error, &res);
	KUNIT_EXPECT_EQ(test, error.fit, row->fit);
	KUNIT_EXPECT_EQ(test, t->fate.error.kind, credible ? row->kind : 0);
	KUNIT_EXPECT_EQ(test, res.findings, too_big);
	if (too_big) {
		KUNIT_EXPECT_EQ(test, res.finding[0].kind,
				TCPTRACE_FINDING_TOO_BIG);
		KUNIT_EXPECT_EQ(test, res.finding[0].end, row->from);
		KUNIT_EXPECT_EQ(test, res.finding[0].value, 1280U);
	}
	tcpt_timeout_expire(t, &res);
	KUNIT_EXPECT_TRUE(test, res.closed);
	KUNIT_EXPECT_EQ(test, t->close_reason, row->reason);
}

/* An error that arrives after the end of the connection changes nothing. */
static void icmp_of_a_closed_connection(struct kunit *test)
{
	static const struct segment_spec s[] = { S(ORIG, SYN, 0), {} };
	static const u32 isn[2] = { 5000, 7000 };
	struct tcptrace_error error = { .kind = TCPTRACE_ERROR_UNREACHABLE };
	struct tcpt_quote quote = { .seq = 5000 };
	struct tcpt_track *t;
	struct tcpt_result res;

	t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	quote.now = play(t, s, isn, START);
	tcpt_timeout_expire(t, &res);
	tcpt_icmp_track(t, &quote, &error, &res);
	KUNIT_EXPECT_EQ(test, t->fate.error.kind, 0);
	KUNIT_EXPECT_FALSE(test, tcpt_result_reports(&res));
}

static struct kunit_case icmp_cases[] = {
	KUNIT_CASE_PARAM(icmp_parse, parse_gen_params),
	KUNIT_CASE_PARAM(icmp_quote, quote_gen_params),
	KUNIT_CASE(icmp_of_a_closed_connection),
	{}
};

static struct kunit_suite icmp_suite = {
	.name = "tcptrace_icmp",
	.test_cases = icmp_cases,
};

kunit_test_suite(icmp_suite);
