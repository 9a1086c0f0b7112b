// SPDX-License-Identifier: GPL-2.0
/* TCP options, and the small questions that a parsed segment answers. */
#include <kunit/test.h>
#include <linux/string.h>
#include <linux/tcptrace.h>

#include "../module/core/segment.h"

#include "packet.h"

struct option_row {
	const char *name;
	const char *bytes;
	u8 len;
	struct tcpt_options expect;
};

#define OPTS(what, raw, bits, ...) \
	{ .name = what, .bytes = raw, .len = sizeof(raw) - 1, \
	  .expect = { .present = (bits), __VA_ARGS__ } }
#define BAD		TCPTRACE_OPT_MALFORMED
#define UNKNOWN		TCPTRACE_OPT_UNKNOWN
#define COOKIE8		"\1\2\3\4\5\6\7\10"
#define SACK1		"\x00\x00\x00\x01\xff\xff\xff\x00"
#define SACK2		"\x00\x00\x00\x02\xff\xff\xff\x01"
#define SACK3		"\x00\x00\x00\x03\xff\xff\xff\x02"
#define SACK4		"\x00\x00\x00\x04\xff\xff\xff\x03"

static const struct option_row option_rows[] = {
	OPTS("none", "", 0),
	OPTS("NOPs", "\1\1\1\1\1\1\1\1", 0),
	OPTS("EOL", "\0", 0),
	OPTS("EOL hides what follows", "\1\0\2\4\5\xb4", 0),
	OPTS("EOL in the middle", "\2\4\5\xb4\0\3\3\7", TCPTRACE_OPT_MSS,
	     .mss = 1460),
	OPTS("EOL hides rubbish", "\0\2\0\xff", 0),

	OPTS("MSS", "\2\4\5\xb4", TCPTRACE_OPT_MSS, .mss = 1460),
	OPTS("MSS 0", "\2\4\0\0", TCPTRACE_OPT_MSS),
	OPTS("MSS 65535", "\2\4\xff\xff", TCPTRACE_OPT_MSS, .mss = 65535),
	OPTS("MSS twice, the last counts", "\2\4\5\xb4\2\4\2\x18",
	     TCPTRACE_OPT_MSS, .mss = 536),
	OPTS("MSS of 3 bytes", "\2\3\5\1", BAD),
	OPTS("MSS of 5 bytes", "\2\5\5\xb4\1", BAD),
	OPTS("MSS of 2 bytes", "\2\2", BAD),

	OPTS("window scale", "\3\3\7", TCPTRACE_OPT_WSCALE, .wscale = 7),
	OPTS("window scale 0", "\3\3\0", TCPTRACE_OPT_WSCALE),
	OPTS("window scale 14", "\3\3\16", TCPTRACE_OPT_WSCALE, .wscale = 14),
	OPTS("window scale 15 is 14", "\3\3\17", TCPTRACE_OPT_WSCALE,
	     .wscale = 14),
	OPTS("window scale 255 is 14", "\3\3\xff", TCPTRACE_OPT_WSCALE,
	     .wscale = 14),
	OPTS("window scale of 2 bytes", "\3\2\1", BAD),
	OPTS("window scale of 4 bytes", "\3\4\7\7", BAD),

	OPTS("SACK permitted", "\4\2", TCPTRACE_OPT_SACK_PERM),
	OPTS("SACK permitted of 3 bytes", "\4\3\1", BAD),
	OPTS("1 SACK block", "\5\12" SACK1, TCPTRACE_OPT_SACK,
	     .sack_blocks = 1, .sack = { { 1, 0xffffff00 } }),
	OPTS("2 SACK blocks", "\5\22" SACK1 SACK2, TCPTRACE_OPT_SACK,
	     .sack_blocks = 2,
	     .sack = { { 1, 0xffffff00 }, { 2, 0xffffff01 } }),
	OPTS("3 SACK blocks", "\5\32" SACK1 SACK2 SACK3, TCPTRACE_OPT_SACK,
	     .sack_blocks = 3,
	     .sack = { { 1, 0xffffff00 }, { 2, 0xffffff01 },
		       { 3, 0xffffff02 } }),
	OPTS("4 SACK blocks", "\5\42" SACK1 SACK2 SACK3 SACK4,
	     TCPTRACE_OPT_SACK, .sack_blocks = 4,
	     .sack = { { 1, 0xffffff00 }, { 2, 0xffffff01 },
		       { 3, 0xffffff02 }, { 4, 0xffffff03 } }),
	OPTS("no SACK block", "\5\2", BAD),
	OPTS("half a SACK block", "\5\6\0\0\0\1", BAD),
	OPTS("1 and a half", "\5\16" SACK1 "\0\0\0\1", BAD),
	OPTS("SACK of 36 bytes", "\5\44" SACK1 SACK2 SACK3 SACK4 "\0\0", BAD),
	OPTS("SACK without its last byte", "\1\1\1\5\12\0\0\0\1\xff\xff\xff",
	     BAD),

	OPTS("timestamps", "\1\1\10\12\x80\0\0\1\0\0\0\2",
	     TCPTRACE_OPT_TIMESTAMP, .tsval = 0x80000001, .tsecr = 2),
	OPTS("timestamps of 9 bytes", "\10\11\0\0\0\1\0\0\0", BAD),
	OPTS("timestamps of 11 bytes", "\10\13\0\0\0\1\0\0\0\1\1", BAD),

	OPTS("TFO request", "\42\2", TCPTRACE_OPT_TFO),
	OPTS("TFO cookie", "\42\12" COOKIE8, TCPTRACE_OPT_TFO, .tfo_len = 8),
	OPTS("TFO cookie of 16", "\42\22" COOKIE8 COOKIE8, TCPTRACE_OPT_TFO,
	     .tfo_len = 16),
	OPTS("experimental TFO request", "\xfe\4\xf9\x89", TCPTRACE_OPT_TFO),
	OPTS("experimental TFO cookie", "\xfe\14\xf9\x89" COOKIE8,
	     TCPTRACE_OPT_TFO, .tfo_len = 8),
	OPTS("another experiment", "\xfe\4\xe2\xd4", UNKNOWN),
	OPTS("experiment without a number", "\xfe\3\xf9", UNKNOWN),
	OPTS("the other experimental kind", "\xfd\4\xf9\x89", UNKNOWN),

	OPTS("MPTCP capable", "\36\4\x01\x81", TCPTRACE_OPT_MPTCP),
	OPTS("MPTCP join", "\36\14\x10\1\0\0\0\0\0\0\0\0", TCPTRACE_OPT_MPTCP,
	     .mptcp_subtype = 1),
	OPTS("MPTCP, subtype 15", "\36\3\xf0", TCPTRACE_OPT_MPTCP,
	     .mptcp_subtype = 15),
	OPTS("MPTCP without subtype", "\36\2", BAD),
	OPTS("MD5", "\23\22" COOKIE8 COOKIE8, TCPTRACE_OPT_MD5),
	OPTS("MD5 of 17 bytes", "\23\21" COOKIE8 COOKIE8, BAD),
	OPTS("AO", "\35\20\1\2" COOKIE8 "\1\2\3\4", TCPTRACE_OPT_AO),
	OPTS("AO without MAC", "\35\4\1\2", TCPTRACE_OPT_AO),
	OPTS("AO of 3 bytes", "\35\3\1", BAD),
	OPTS("unknown kind", "\x63\4\1\2", UNKNOWN),
	OPTS("unknown kind without value", "\x63\2", UNKNOWN),
	OPTS("all 40 bytes of one unknown",
	     "\x63\50" COOKIE8 COOKIE8 COOKIE8 COOKIE8 "\1\2\3\4\5\6", UNKNOWN),

	OPTS("length 0 ends the walk", "\x63\0\2\4\5\xb4", BAD),
	OPTS("length 1 ends the walk", "\x63\1\2\4\5\xb4", BAD),
	OPTS("length 0 of a known kind", "\2\0\5\xb4", BAD),
	OPTS("length 1 of a known kind", "\2\1\5\xb4", BAD),
	OPTS("overrun ends the walk", "\3\3\7\2\5\5\xb4\1",
	     BAD | TCPTRACE_OPT_WSCALE, .wscale = 7),
	OPTS("overrun by one byte", "\3\3\7\x63\6\1\1\1",
	     BAD | TCPTRACE_OPT_WSCALE, .wscale = 7),
	OPTS("overrun by a lot", "\1\1\2\xff", BAD),
	OPTS("a kind is the last byte", "\1\1\1\2", BAD),
	OPTS("a wrong length does not end the walk", "\2\3\5\3\3\7\1\1",
	     BAD | TCPTRACE_OPT_WSCALE, .wscale = 7),
	OPTS("unknown does not end the walk", "\x63\3\5\3\3\7\1\1",
	     UNKNOWN | TCPTRACE_OPT_WSCALE, .wscale = 7),

	OPTS("Linux's SYN",
	     "\2\4\5\xb4\4\2\10\12\0\0\0\1\0\0\0\0\1\3\3\7",
	     TCPTRACE_OPT_MSS | TCPTRACE_OPT_SACK_PERM |
	     TCPTRACE_OPT_TIMESTAMP | TCPTRACE_OPT_WSCALE,
	     .mss = 1460, .tsval = 1, .wscale = 7),
	OPTS("timestamps and 3 SACK blocks",
	     "\1\1\10\12\0\0\0\1\0\0\0\2\1\1\5\32" SACK1 SACK2 SACK3,
	     TCPTRACE_OPT_TIMESTAMP | TCPTRACE_OPT_SACK,
	     .tsval = 1, .tsecr = 2, .sack_blocks = 3,
	     .sack = { { 1, 0xffffff00 }, { 2, 0xffffff01 },
		       { 3, 0xffffff02 } }),
};

static void option_desc(const struct option_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(option, option_rows, option_desc);

/* Without payload the last option byte is the last byte of memory. */
static void segment_option(struct kunit *test)
{
	const struct option_row *row = test->param_value;
	struct packet_spec spec = {
		.flags = TCPTRACE_SYN,
		.opts = (const u8 *)row->bytes,
		.opt_len = row->len,
	};
	u8 *buf = kunit_kzalloc(test, PACKET_MAX, GFP_KERNEL);
	struct tcpt_segment seg;
	unsigned int v6;
	size_t len;
	u8 *exact;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, buf);
	for (v6 = 0; v6 < 2; v6++) {
		spec.v6 = v6;
		len = tcpt_packet_build(buf, &spec);
		exact = kunit_kzalloc(test, len, GFP_KERNEL);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, exact);
		memcpy(exact, buf, len);
		memset(&seg, 0, sizeof(seg));
		KUNIT_ASSERT_EQ(test, tcpt_segment_parse(&seg, exact, len, len),
				TCPT_PARSE_OK);
		KUNIT_EXPECT_EQ(test, seg.len, 0);
		KUNIT_EXPECT_EQ(test, seg.hdr_len, 20 + (row->len + 3) / 4 * 4);
		KUNIT_EXPECT_EQ(test, seg.opt.present, row->expect.present);
		KUNIT_EXPECT_EQ(test, memcmp(&seg.opt, &row->expect,
					     sizeof(seg.opt)), 0);
	}
}

/* What was in the struct before is no option of this segment. */
static void segment_option_forgets(struct kunit *test)
{
	struct packet_spec spec = { .flags = TCPTRACE_ACK };
	u8 *buf = kunit_kzalloc(test, PACKET_MAX, GFP_KERNEL);
	struct tcpt_segment seg;
	size_t len;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, buf);
	len = tcpt_packet_build(buf, &spec);
	memset(&seg, 0xff, sizeof(seg));
	KUNIT_ASSERT_EQ(test, tcpt_segment_parse(&seg, buf, len, len),
			TCPT_PARSE_OK);
	KUNIT_EXPECT_EQ(test, seg.opt.present, 0);
	KUNIT_EXPECT_EQ(test, seg.src[4], 0);
	KUNIT_EXPECT_EQ(test, seg.dst[15], 0);
}

struct end_row {
	const char *name;
	u32 seq;
	u32 len;
	u16 flags;
	u32 end;
};

static const struct end_row end_rows[] = {
	{ "ACK takes nothing", 100, 0, TCPTRACE_ACK, 100 },
	{ "data", 100, 10, TCPTRACE_ACK | TCPTRACE_PSH, 110 },
	{ "SYN takes one", 100, 0, TCPTRACE_SYN, 101 },
	{ "SYN with data", 100, 10, TCPTRACE_SYN, 111 },
	{ "FIN takes one", 100, 0, TCPTRACE_FIN | TCPTRACE_ACK, 101 },
	{ "FIN with data", 100, 10, TCPTRACE_FIN | TCPTRACE_ACK, 111 },
	{ "RST takes nothing", 100, 0, TCPTRACE_RST, 100 },
	{ "across the wrap", 0xfffffffe, 4, TCPTRACE_FIN, 3 },
	{ "to the wrap", 0xffffffff, 0, TCPTRACE_SYN, 0 },
};

static void end_desc(const struct end_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(end, end_rows, end_desc);

static void segment_end(struct kunit *test)
{
	const struct end_row *row = test->param_value;
	struct tcpt_segment seg = {
		.seq = row->seq,
		.len = row->len,
		.flags = row->flags,
	};

	KUNIT_EXPECT_EQ(test, tcpt_segment_end(&seg), row->end);
}

/* Flags that a TCP sends, nf_conntrack's list; all else is bad. */
static void segment_bad_flags(struct kunit *test)
{
	static const u16 good[] = {
		TCPTRACE_SYN, TCPTRACE_SYN | TCPTRACE_ACK, TCPTRACE_RST,
		TCPTRACE_RST | TCPTRACE_ACK, TCPTRACE_FIN | TCPTRACE_ACK,
		TCPTRACE_ACK,
		/* not sensible, yet RFC 9293 looks at the RST first */
		TCPTRACE_RST | TCPTRACE_FIN,
		TCPTRACE_RST | TCPTRACE_FIN | TCPTRACE_ACK,
	};
	/* these say nothing about the kind of a segment */
	const unsigned int other = TCPTRACE_PSH | TCPTRACE_URG | TCPTRACE_ECE |
				   TCPTRACE_CWR | TCPTRACE_AE;
	unsigned int flags, i;
	bool bad;

	for (flags = 0; flags < 512; flags++) {
		bad = true;
		for (i = 0; i < ARRAY_SIZE(good); i++)
			if ((flags & ~other) == good[i])
				bad = false;
		KUNIT_EXPECT_EQ_MSG(test, tcpt_segment_bad_flags(flags), bad,
				    "flags %#x", flags);
	}
}

static struct kunit_case option_cases[] = {
	KUNIT_CASE_PARAM(segment_option, option_gen_params),
	KUNIT_CASE(segment_option_forgets),
	KUNIT_CASE_PARAM(segment_end, end_gen_params),
	KUNIT_CASE(segment_bad_flags),
	{}
};

static struct kunit_suite option_suite = {
	.name = "tcptrace_segment_option",
	.test_cases = option_cases,
};

kunit_test_suite(option_suite);
