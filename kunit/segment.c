// SPDX-License-Identifier: GPL-2.0
/*
 * Test the parser: each field of valid packets, and each reason to refuse a
 * packet.
 */
#include <kunit/test.h>
#include <linux/prandom.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/tcptrace.h>

#include "../module/core/segment.h"

#include "packet.h"

/* Offsets in packets without IP options or extension headers */
enum {
	IP4_LEN = 2, IP4_FRAG = 6, IP4_TCP = 20, IP4_DOFF = 32,
	IP6_LEN = 4, IP6_TCP = 40, IP6_DOFF = 52,
	EDITS = 2,
};

/**
 * struct packet_row - a packet, and the expected result of the parser
 * @name: the special case under test
 * @result: enum tcpt_parse
 * @spec: the packet to build
 * @edit: bytes to overwrite in the packet; if both the offset and the value are
 *	0, nothing is overwritten
 * @keep: number of captured bytes; 0: all bytes
 * @wire: number of bytes on the wire; 0: all bytes that were built
 * @len: expected payload bytes; 0: spec.payload
 */
struct packet_row {
	const char *name;
	enum tcpt_parse result;
	struct packet_spec spec;
	struct {
		u16 at;
		u8 value;
	} edit[EDITS];
	u16 keep;
	u32 wire;
	u32 len;
};

#define REFUSED(why, what, ...) \
	{ .name = what, .result = TCPT_PARSE_##why, __VA_ARGS__ }
#define V4(...)		.spec = { __VA_ARGS__ }
#define V6(...)		.spec = { .v6 = true, __VA_ARGS__ }
#define HOP		{ PROTO_HOPOPTS, 0, 0, 8 }
#define DST		{ PROTO_DSTOPTS, 0, 0, 8 }
#define FRAG(third)	{ PROTO_FRAGMENT, 0, third, 8 }

static const struct packet_row refused_rows[] = {
	REFUSED(IP_VERSION, "version 0", .edit = { { 0, 0x05 } }),
	REFUSED(IP_VERSION, "version 5", .edit = { { 0, 0x55 } }),
	REFUSED(IP_VERSION, "version 7", .edit = { { 0, 0x75 } }),
	REFUSED(IP_VERSION, "version 15", .edit = { { 0, 0xf5 } }),
	REFUSED(IP_VERSION, "version 8, a single byte", .keep = 1,
		.edit = { { 0, 0x84 } }),

	REFUSED(IP_LENGTH, "IPv4, 1 byte on the wire", .wire = 1),
	REFUSED(IP_LENGTH, "IPv4, 19 bytes on the wire", .wire = 19),
	REFUSED(IP_LENGTH, "IPv4, total length one byte too large",
		.edit = { { IP4_LEN + 1, 41 } }),
	REFUSED(IP_LENGTH, "IPv4, total length 65535",
		.edit = { { IP4_LEN, 0xff }, { IP4_LEN + 1, 0xff } }),
	REFUSED(IP_LENGTH, "IPv4, frame one byte too short", .wire = 39),
	REFUSED(IP_LENGTH, "IPv6, 39 bytes on the wire", V6(), .wire = 39),
	REFUSED(IP_LENGTH, "IPv6, payload length one byte too large", V6(),
		.edit = { { IP6_LEN + 1, 21 } }),
	REFUSED(IP_LENGTH, "IPv6, frame one byte too short", V6(), .wire = 59),
	REFUSED(IP_LENGTH, "IPv6, payload length 65535", V6(),
		.edit = { { IP6_LEN, 0xff }, { IP6_LEN + 1, 0xff } }),

	REFUSED(IP_HDRLEN, "header of 0 bytes", .edit = { { 0, 0x40 } }),
	REFUSED(IP_HDRLEN, "header of 16 bytes", .edit = { { 0, 0x44 } }),
	REFUSED(IP_HDRLEN, "header length beyond the packet", .edit = { { 0, 0x4b } }),
	REFUSED(IP_HDRLEN, "header length far beyond the packet", .edit = { { 0, 0x4f } }),
	REFUSED(IP_HDRLEN, "packet shorter than its header",
		.edit = { { IP4_LEN + 1, 19 } }),
	REFUSED(IP_HDRLEN, "total length of 1 byte",
		.edit = { { IP4_LEN + 1, 1 } }),

	REFUSED(NOT_TCP, "IPv4, UDP", V4(.proto = PROTO_UDP)),
	REFUSED(NOT_TCP, "IPv4, AH", V4(.proto = PROTO_AH)),
	REFUSED(NOT_TCP, "IPv4, protocol 0", .edit = { { 9, 0 } }),
	REFUSED(NOT_TCP, "IPv4, first fragment of UDP",
		V4(.proto = PROTO_UDP), .edit = { { IP4_FRAG, 0x20 } }),
	REFUSED(NOT_TCP, "IPv4, later fragment of UDP",
		V4(.proto = PROTO_UDP), .edit = { { IP4_FRAG + 1, 1 } }),
	REFUSED(NOT_TCP, "IPv6, UDP", V6(.proto = PROTO_UDP)),
	REFUSED(NOT_TCP, "IPv6, ICMP", V6(.proto = PROTO_ICMP6)),
	REFUSED(NOT_TCP, "IPv6, ESP", V6(.proto = PROTO_ESP)),
	REFUSED(NOT_TCP, "IPv6, no next header", V6(.proto = PROTO_NONE)),
	REFUSED(NOT_TCP, "IPv6, UDP after two headers",
		V6(.proto = PROTO_UDP, .exts = 2, .ext = { HOP, DST })),
	REFUSED(NOT_TCP, "IPv6, first fragment of UDP",
		V6(.proto = PROTO_UDP, .exts = 1, .ext = { FRAG(1) })),
	REFUSED(NOT_TCP, "IPv6, later fragment of UDP",
		V6(.proto = PROTO_UDP, .exts = 1, .ext = { FRAG(8) })),
	REFUSED(NOT_TCP, "IPv6, atomic fragment of UDP",
		V6(.proto = PROTO_UDP, .exts = 1, .ext = { FRAG(0) })),

	REFUSED(FRAGMENT, "IPv4, first", .edit = { { IP4_FRAG, 0x20 } }),
	REFUSED(FRAGMENT, "IPv4, first, with DF",
		.edit = { { IP4_FRAG, 0x60 } }),
	REFUSED(FRAGMENT, "IPv4, in the middle",
		.edit = { { IP4_FRAG, 0x20 }, { IP4_FRAG + 1, 3 } }),
	REFUSED(FRAGMENT, "IPv4, last, offset 1",
		.edit = { { IP4_FRAG, 0 }, { IP4_FRAG + 1, 1 } }),
	REFUSED(FRAGMENT, "IPv4, last, offset 4096",
		.edit = { { IP4_FRAG, 0x10 } }),
	REFUSED(FRAGMENT, "IPv6, first",
		V6(.exts = 1, .ext = { FRAG(1) })),
	REFUSED(FRAGMENT, "IPv6, in the middle",
		V6(.exts = 1, .ext = { FRAG(0x4e1) })),
	REFUSED(FRAGMENT, "IPv6, last, offset 8",
		V6(.exts = 1, .ext = { FRAG(8) })),
	REFUSED(FRAGMENT, "IPv6, last, offset 32768",
		V6(.exts = 1, .ext = { FRAG(0x8000) })),
	REFUSED(FRAGMENT, "IPv6, after another header",
		V6(.exts = 2, .ext = { HOP, FRAG(1) })),
	REFUSED(FRAGMENT, "IPv6, fragment header before another header",
		V6(.exts = 2, .ext = { FRAG(1), DST })),
	REFUSED(FRAGMENT, "IPv6, fragment header after an atomic one",
		V6(.exts = 2, .ext = { FRAG(0), FRAG(1) })),

	REFUSED(EXT_LENGTH, "no byte left for an extension header",
		V6(.exts = 1, .ext = { DST }),
		.edit = { { IP6_LEN + 1, 0 } }),
	REFUSED(EXT_LENGTH, "7 bytes left for an extension header",
		V6(.exts = 1, .ext = { DST }), .edit = { { IP6_LEN + 1, 7 } }),
	REFUSED(EXT_LENGTH, "7 bytes left for a fragment header",
		V6(.exts = 1, .ext = { FRAG(1) }),
		.edit = { { IP6_LEN + 1, 7 } }),
	REFUSED(EXT_LENGTH, "extension header of 2048 bytes",
		V6(.exts = 1, .ext = { { PROTO_DSTOPTS, 255, 0, 8 } })),
	REFUSED(EXT_LENGTH, "extension header ends 4 bytes beyond the packet",
		V6(.exts = 1, .ext = { { PROTO_DSTOPTS, 3, 0, 8 } })),
	REFUSED(EXT_LENGTH, "AH of 1028 bytes",
		V6(.exts = 1, .ext = { { PROTO_AH, 255, 0, 24 } })),
	REFUSED(EXT_LENGTH, "AH ends 4 bytes beyond the packet",
		V6(.exts = 1, .ext = { { PROTO_AH, 10, 0, 24 } })),
	REFUSED(EXT_LENGTH, "second extension header ends beyond the packet",
		V6(.exts = 2, .ext = { HOP, { PROTO_ROUTING, 9, 0, 8 } })),
	REFUSED(EXT_LENGTH, "padding is not a header",
		V6(.exts = 1, .ext = { { PROTO_DSTOPTS, 3, 0, 8 } },
		   .padding = 60)),

	REFUSED(EXT_LIMIT, "9 headers",
		V6(.exts = 9,
		   .ext = { DST, DST, DST, DST, DST, DST, DST, DST, DST })),
	REFUSED(EXT_LIMIT, "9 headers, then UDP",
		V6(.proto = PROTO_UDP, .exts = 9,
		   .ext = { HOP, DST, DST, DST, DST, DST, DST, DST, DST })),
	REFUSED(EXT_LIMIT, "10 headers",
		V6(.exts = 10,
		   .ext = { HOP, DST, DST, DST, DST, DST, DST, DST, DST, DST })),

	REFUSED(TCP_LENGTH, "IPv4, no byte of TCP", .edit = { { IP4_LEN + 1, 20 } }),
	REFUSED(TCP_LENGTH, "IPv4, 19 bytes of TCP", .edit = { { IP4_LEN + 1, 39 } }),
	REFUSED(TCP_LENGTH, "IPv4, 16 bytes of TCP after IP options",
		.edit = { { 0, 0x46 } }),
	REFUSED(TCP_LENGTH, "IPv6, no byte of TCP", V6(),
		.edit = { { IP6_LEN + 1, 0 } }),
	REFUSED(TCP_LENGTH, "IPv6, 19 bytes of TCP", V6(),
		.edit = { { IP6_LEN + 1, 19 } }),
	REFUSED(TCP_LENGTH, "IPv6, extension header leaves too little for TCP",
		V6(.exts = 1, .ext = { { PROTO_DSTOPTS, 1, 0, 8 } })),
	REFUSED(TCP_LENGTH, "padding is not a TCP header", V4(.padding = 40),
		.edit = { { IP4_LEN + 1, 39 } }),

	REFUSED(TCP_DOFF, "IPv4, offset 0", .edit = { { IP4_DOFF, 0x00 } }),
	REFUSED(TCP_DOFF, "IPv4, offset 4", .edit = { { IP4_DOFF, 0x40 } }),
	REFUSED(TCP_DOFF, "IPv4, offset 4 bytes beyond the packet",
		.edit = { { IP4_DOFF, 0x60 } }),
	REFUSED(TCP_DOFF, "IPv4, offset 1 byte beyond the packet", V4(.payload = 39),
		.edit = { { IP4_DOFF, 0xf0 } }),
	REFUSED(TCP_DOFF, "IPv4, padding is not an option", V4(.padding = 8),
		.edit = { { IP4_DOFF, 0x60 } }),
	REFUSED(TCP_DOFF, "IPv6, offset 4", V6(),
		.edit = { { IP6_DOFF, 0x40 } }),
	REFUSED(TCP_DOFF, "IPv6, offset beyond the packet", V6(),
		.edit = { { IP6_DOFF, 0x60 } }),

	REFUSED(TRUNCATED, "IPv4, 1 byte captured", .keep = 1),
	REFUSED(TRUNCATED, "IPv4, 19 bytes captured", .keep = 19),
	REFUSED(TRUNCATED, "IPv4, no byte of TCP captured", .keep = IP4_TCP),
	REFUSED(TRUNCATED, "IPv4, 19 bytes of TCP captured", .keep = IP4_TCP + 19),
	REFUSED(TRUNCATED, "IPv4, IP options cut off", V4(.ip_opts = 2),
		.keep = 27),
	REFUSED(TRUNCATED, "IPv4, TCP options cut off", V4(.payload = 40),
		.edit = { { IP4_DOFF, 0x80 } }, .keep = IP4_TCP + 31),
	REFUSED(TRUNCATED, "IPv6, 39 bytes captured", V6(), .keep = 39),
	REFUSED(TRUNCATED, "IPv6, no byte of TCP captured", V6(), .keep = IP6_TCP),
	REFUSED(TRUNCATED, "IPv6, 7 bytes of an extension header captured",
		V6(.exts = 1, .ext = { HOP }), .keep = 47),
	REFUSED(TRUNCATED, "IPv6, long extension header cut off",
		V6(.exts = 1, .ext = { { PROTO_DSTOPTS, 1, 0, 16 } }),
		.keep = 55),
	REFUSED(TRUNCATED, "IPv6, AH cut off",
		V6(.exts = 1, .ext = { { PROTO_AH, 4, 0, 24 } }), .keep = 63),
};

#define TAKEN(what, ...)	REFUSED(OK, what, __VA_ARGS__)

static const struct packet_row taken_rows[] = {
	TAKEN("IPv4"),
	TAKEN("IPv4 with data", V4(.payload = 900)),
	TAKEN("IPv4, 4 bytes of options", V4(.ip_opts = 1, .payload = 3)),
	TAKEN("IPv4, 40 bytes of options", V4(.ip_opts = 10, .payload = 3)),
	TAKEN("IPv4, total length 0", V4(.payload = 100),
	      .edit = { { IP4_LEN, 0 }, { IP4_LEN + 1, 0 } }),
	TAKEN("IPv4, total length 0 and 100000 bytes", V4(.payload = 4),
	      .edit = { { IP4_LEN, 0 }, { IP4_LEN + 1, 0 } },
	      .wire = 100000, .len = 99960),
	TAKEN("IPv4, padding is not counted", V4(.padding = 6)),
	TAKEN("IPv4, padding after data", V4(.payload = 1, .padding = 19)),
	TAKEN("IPv4, data not captured", V4(.payload = 900), .keep = 40),
	TAKEN("IPv4, DF not set", .edit = { { IP4_FRAG, 0 } }),
	TAKEN("IPv4, the evil bit", .edit = { { IP4_FRAG, 0xc0 } }),
	TAKEN("IPv6", V6()),
	TAKEN("IPv6 with data", V6(.payload = 900)),
	TAKEN("IPv6, padding is not counted", V6(.padding = 9)),
	TAKEN("IPv6, data not captured", V6(.payload = 900), .keep = 60),
	TAKEN("hop-by-hop", V6(.exts = 1, .ext = { HOP })),
	TAKEN("hop-by-hop, jumbo", V6(.exts = 1, .ext = { HOP }, .payload = 9),
	      .edit = { { IP6_LEN, 0 }, { IP6_LEN + 1, 0 } }),
	TAKEN("hop-by-hop, jumbo of 200000 bytes",
	      V6(.exts = 1, .ext = { HOP }, .payload = 9),
	      .edit = { { IP6_LEN, 0 }, { IP6_LEN + 1, 0 } },
	      .wire = 200000, .len = 200000 - 68),
	TAKEN("jumbo of 200000 bytes, without a hop-by-hop header", V6(.payload = 9),
	      .edit = { { IP6_LEN, 0 }, { IP6_LEN + 1, 0 } },
	      .wire = 200000, .len = 200000 - 60),
	TAKEN("routing", V6(.exts = 1, .ext = { { PROTO_ROUTING, 2, 0, 24 } },
			    .payload = 5)),
	TAKEN("destination options of 256 bytes",
	      V6(.exts = 1, .ext = { { PROTO_DSTOPTS, 31, 0, 256 } })),
	TAKEN("mobility", V6(.exts = 1, .ext = { { PROTO_MOBILITY, 0, 0, 8 } })),
	TAKEN("AH of 24 bytes",
	      V6(.exts = 1, .ext = { { PROTO_AH, 4, 0, 24 } }, .payload = 8)),
	TAKEN("AH of 12 bytes, the minimum",
	      V6(.exts = 1, .ext = { { PROTO_AH, 1, 0, 12 } }, .payload = 8)),
	TAKEN("atomic fragment", V6(.exts = 1, .ext = { FRAG(0) })),
	TAKEN("atomic fragment, reserved bits",
	      V6(.exts = 1, .ext = { { PROTO_FRAGMENT, 0xff, 6, 8 } })),
	TAKEN("a fragment header's second byte is not a length",
	      V6(.exts = 2, .ext = { { PROTO_FRAGMENT, 9, 0, 8 }, DST })),
	TAKEN("one header of each type, in the order of RFC 8200",
	      V6(.exts = 5,
		 .ext = { HOP, { PROTO_ROUTING, 0, 0, 8 }, FRAG(0),
			  { PROTO_AH, 4, 0, 24 }, DST })),
	TAKEN("8 headers",
	      V6(.exts = 8, .ext = { HOP, DST, DST, DST, DST, DST, DST, DST })),
	TAKEN("no flag", V4(.flags = 0)),
	TAKEN("FIN", V4(.flags = TCPTRACE_FIN)),
	TAKEN("SYN", V6(.flags = TCPTRACE_SYN)),
	TAKEN("RST", V4(.flags = TCPTRACE_RST)),
	TAKEN("PSH", V6(.flags = TCPTRACE_PSH)),
	TAKEN("ACK", V4(.flags = TCPTRACE_ACK)),
	TAKEN("URG", V6(.flags = TCPTRACE_URG)),
	TAKEN("ECE", V4(.flags = TCPTRACE_ECE)),
	TAKEN("CWR", V6(.flags = TCPTRACE_CWR)),
	TAKEN("AE", V4(.flags = TCPTRACE_AE)),
	TAKEN("AccECN's SYN", V6(.flags = TCPTRACE_AE | TCPTRACE_CWR |
				 TCPTRACE_ECE | TCPTRACE_SYN)),
	TAKEN("all flags", V4(.flags = 0x1ff)),
	TAKEN("reserved bits are not flags", V4(.flags = TCPTRACE_ACK),
	      .edit = { { IP4_DOFF, 0x5e } }),
};

static void packet_desc(const struct packet_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(refused, refused_rows, packet_desc);
KUNIT_ARRAY_PARAM(taken, taken_rows, packet_desc);

/*
 * Parse from memory that has exactly the size of the captured bytes, so that
 * KASAN reports an overread.
 */
static enum tcpt_parse parse_row(struct kunit *test, struct tcpt_segment *seg)
{
	const struct packet_row *row = test->param_value;
	u8 *buf = kunit_kzalloc(test, PACKET_MAX, GFP_KERNEL);
	size_t len, wire;
	unsigned int i;
	u8 *exact;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, buf);
	wire = tcpt_packet_build(buf, &row->spec);
	for (i = 0; i < EDITS; i++)
		if (row->edit[i].at || row->edit[i].value)
			buf[row->edit[i].at] = row->edit[i].value;
	len = row->keep ? row->keep : wire;
	if (row->wire)
		wire = row->wire;
	len = min(len, wire);
	exact = kunit_kzalloc(test, len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, exact);
	memcpy(exact, buf, len);
	memset(seg, 0, sizeof(*seg));
	return tcpt_segment_parse(seg, exact, len, wire);
}

static void segment_refused(struct kunit *test)
{
	const struct packet_row *row = test->param_value;
	struct tcpt_segment seg;

	KUNIT_EXPECT_EQ(test, parse_row(test, &seg), row->result);
}

static void expect_ip(struct kunit *test, const struct tcpt_segment *seg)
{
	const struct packet_row *row = test->param_value;
	unsigned int bytes = row->spec.v6 ? 16 : 4;
	u8 src[16] = { }, dst[16] = { };

	memcpy(src, tcpt_packet_src, bytes);
	memcpy(dst, tcpt_packet_dst, bytes);
	KUNIT_EXPECT_EQ(test, memcmp(seg->src, src, sizeof(src)), 0);
	KUNIT_EXPECT_EQ(test, memcmp(seg->dst, dst, sizeof(dst)), 0);
	KUNIT_EXPECT_EQ(test, seg->family, row->spec.v6 ? 6 : 4);
	KUNIT_EXPECT_EQ(test, seg->ttl, PACKET_TTL);
	KUNIT_EXPECT_EQ(test, seg->tos, PACKET_TOS);
}

static void segment_taken(struct kunit *test)
{
	const struct packet_row *row = test->param_value;
	struct tcpt_segment seg;

	KUNIT_ASSERT_EQ(test, parse_row(test, &seg), TCPT_PARSE_OK);
	expect_ip(test, &seg);
	KUNIT_EXPECT_EQ(test, seg.sport, PACKET_SPORT);
	KUNIT_EXPECT_EQ(test, seg.dport, PACKET_DPORT);
	KUNIT_EXPECT_EQ(test, seg.seq, PACKET_SEQ);
	KUNIT_EXPECT_EQ(test, seg.ack, PACKET_ACK);
	KUNIT_EXPECT_EQ(test, seg.len, row->len ? row->len : row->spec.payload);
	KUNIT_EXPECT_EQ(test, seg.flags, row->spec.flags);
	KUNIT_EXPECT_EQ(test, seg.window, PACKET_WINDOW);
	KUNIT_EXPECT_EQ(test, seg.urgent, PACKET_URGENT);
	KUNIT_EXPECT_EQ(test, seg.wire_segs, 1);
	KUNIT_EXPECT_EQ(test, seg.hdr_len, 20);
	KUNIT_EXPECT_EQ(test, seg.opt.present, 0);
}

static void segment_empty(struct kunit *test)
{
	u8 *nothing = kunit_kzalloc(test, 1, GFP_KERNEL);
	struct tcpt_segment seg;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, nothing);
	nothing++;	/* the parser must not read a single byte */
	KUNIT_EXPECT_EQ(test, tcpt_segment_parse(&seg, nothing, 0, 0),
			TCPT_PARSE_IP_LENGTH);
	KUNIT_EXPECT_EQ(test, tcpt_segment_parse(&seg, nothing, 0, 1500),
			TCPT_PARSE_TRUNCATED);
}

/* Tests of options, of the end of a segment, and of bad flags. */

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
	OPTS("options after EOL are ignored", "\1\0\2\4\5\xb4", 0),
	OPTS("EOL between two options", "\2\4\5\xb4\0\3\3\7", TCPTRACE_OPT_MSS,
	     .mss = 1460),
	OPTS("invalid bytes after EOL are ignored", "\0\2\0\xff", 0),

	OPTS("MSS", "\2\4\5\xb4", TCPTRACE_OPT_MSS, .mss = 1460),
	OPTS("MSS 0", "\2\4\0\0", TCPTRACE_OPT_MSS),
	OPTS("MSS 65535", "\2\4\xff\xff", TCPTRACE_OPT_MSS, .mss = 65535),
	OPTS("the last of two MSS options counts", "\2\4\5\xb4\2\4\2\x18",
	     TCPTRACE_OPT_MSS, .mss = 536),
	OPTS("MSS of 3 bytes", "\2\3\5\1", BAD),
	OPTS("MSS of 5 bytes", "\2\5\5\xb4\1", BAD),
	OPTS("MSS of 2 bytes", "\2\2", BAD),

	OPTS("window scale", "\3\3\7", TCPTRACE_OPT_WSCALE, .wscale = 7),
	OPTS("window scale 0", "\3\3\0", TCPTRACE_OPT_WSCALE),
	OPTS("window scale 14", "\3\3\16", TCPTRACE_OPT_WSCALE, .wscale = 14),
	OPTS("window scale 15 counts as 14", "\3\3\17", TCPTRACE_OPT_WSCALE,
	     .wscale = 14),
	OPTS("window scale 255 counts as 14", "\3\3\xff", TCPTRACE_OPT_WSCALE,
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
	OPTS("one and a half SACK blocks", "\5\16" SACK1 "\0\0\0\1", BAD),
	OPTS("SACK of 36 bytes", "\5\44" SACK1 SACK2 SACK3 SACK4 "\0\0", BAD),
	OPTS("SACK without its last byte", "\1\1\1\5\12\0\0\0\1\xff\xff\xff",
	     BAD),

	OPTS("timestamps", "\1\1\10\12\x80\0\0\1\0\0\0\2",
	     TCPTRACE_OPT_TIMESTAMP, .tsval = 0x80000001, .tsecr = 2),
	OPTS("timestamps of 9 bytes", "\10\11\0\0\0\1\0\0\0", BAD),
	OPTS("timestamps of 11 bytes", "\10\13\0\0\0\1\0\0\0\1\1", BAD),

	OPTS("TFO request", "\42\2", TCPTRACE_OPT_TFO),
	OPTS("TFO cookie", "\42\12" COOKIE8, TCPTRACE_OPT_TFO, .tfo_len = 8),
	OPTS("TFO cookie of 16 bytes", "\42\22" COOKIE8 COOKIE8,
	     TCPTRACE_OPT_TFO, .tfo_len = 16),
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
	OPTS("one unknown option of 40 bytes",
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
	OPTS("the kind is the last byte", "\1\1\1\2", BAD),
	OPTS("a wrong length does not end the walk", "\2\3\5\3\3\7\1\1",
	     BAD | TCPTRACE_OPT_WSCALE, .wscale = 7),
	OPTS("an unknown kind does not end the walk", "\x63\3\5\3\3\7\1\1",
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

/*
 * There is no payload, so the options, padded to a multiple of 4 bytes, end at
 * the last byte of the allocated memory.
 */
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

/*
 * The previous content of the struct must not become an option or a part of an
 * address of this segment.
 */
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
	{ "ACK occupies no sequence number", 100, 0, TCPTRACE_ACK, 100 },
	{ "data", 100, 10, TCPTRACE_ACK | TCPTRACE_PSH, 110 },
	{ "SYN occupies one sequence number", 100, 0, TCPTRACE_SYN, 101 },
	{ "SYN with data", 100, 10, TCPTRACE_SYN, 111 },
	{ "FIN occupies one sequence number", 100, 0, TCPTRACE_FIN | TCPTRACE_ACK, 101 },
	{ "FIN with data", 100, 10, TCPTRACE_FIN | TCPTRACE_ACK, 111 },
	{ "RST occupies no sequence number", 100, 0, TCPTRACE_RST, 100 },
	{ "a segment across the wrap", 0xfffffffe, 4, TCPTRACE_FIN, 3 },
	{ "a SYN up to the wrap", 0xffffffff, 0, TCPTRACE_SYN, 0 },
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

/*
 * PSH, URG, ECE, CWR and AE are ignored. A combination of the other flags is
 * good if nf_conntrack's list contains it, or if it is RST and FIN, with or
 * without ACK. Every other combination is bad.
 */
static void segment_bad_flags(struct kunit *test)
{
	static const u16 good[] = {
		TCPTRACE_SYN, TCPTRACE_SYN | TCPTRACE_ACK, TCPTRACE_RST,
		TCPTRACE_RST | TCPTRACE_ACK, TCPTRACE_FIN | TCPTRACE_ACK,
		TCPTRACE_ACK,
		/*
		 * RST with FIN makes no sense, but is valid: RFC 9293 checks
		 * RST first
		 */
		TCPTRACE_RST | TCPTRACE_FIN,
		TCPTRACE_RST | TCPTRACE_FIN | TCPTRACE_ACK,
	};
	/* these flags are allowed in each combination */
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

/* Random packets. */

#define ROUNDS	100000

static const u8 syn_opts[] = {
	2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7
};

static const u8 sack_opts[] = {
	1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 1, 5, 18,
	0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4
};

struct good_row {
	const char *name;
	struct packet_spec spec;
};

/* Valid packets, which the tests then truncate and corrupt. */
static const struct good_row good_rows[] = {
	{ "IPv4 SYN", { .flags = TCPTRACE_SYN, .opts = syn_opts,
			.opt_len = sizeof(syn_opts) } },
	{ "IPv4 with options and data",
	  { .ip_opts = 3, .flags = TCPTRACE_ACK, .opts = sack_opts,
	    .opt_len = sizeof(sack_opts), .payload = 30, .padding = 6 } },
	{ "IPv6 SYN", { .v6 = true, .flags = TCPTRACE_SYN, .opts = syn_opts,
			.opt_len = sizeof(syn_opts) } },
	{ "IPv6 with headers and data",
	  { .v6 = true, .flags = TCPTRACE_ACK, .opts = sack_opts,
	    .opt_len = sizeof(sack_opts), .payload = 30, .exts = 4,
	    .ext = { { PROTO_HOPOPTS, 0, 0, 8 },
		     { PROTO_ROUTING, 1, 0, 16 },
		     { PROTO_FRAGMENT, 0, 0, 8 },
		     { PROTO_AH, 4, 0, 24 } } } },
};

static void good_desc(const struct good_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(good, good_rows, good_desc);

/*
 * Parse from memory of exactly @len bytes, so that KASAN reports an overread.
 */
static enum tcpt_parse parse_exact(struct kunit *test,
				   struct tcpt_segment *seg, const u8 *from,
				   size_t len, size_t wire)
{
	enum tcpt_parse result;
	u8 *exact;

	/* do not use kunit_kzalloc(), whose list would grow with every round */
	exact = kmalloc(len ? len : 1, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, exact);
	memcpy(exact, from, len);
	memset(seg, 0, sizeof(*seg));
	result = tcpt_segment_parse(seg, exact, len, wire);
	kfree(exact);
	return result;
}

/*
 * Truncate a packet at each length. The result is the same for all lengths that
 * include the whole TCP header.
 */
static void segment_cut(struct kunit *test)
{
	const struct good_row *row = test->param_value;
	u8 *buf = kunit_kzalloc(test, PACKET_MAX, GFP_KERNEL);
	struct tcpt_segment full, seg;
	enum tcpt_parse result;
	size_t len, wire, need;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, buf);
	wire = tcpt_packet_build(buf, &row->spec);
	need = tcpt_packet_tcp_offset(&row->spec) + 20 + row->spec.opt_len;
	KUNIT_ASSERT_EQ(test, parse_exact(test, &full, buf, wire, wire),
			TCPT_PARSE_OK);
	KUNIT_EXPECT_EQ(test, full.len, row->spec.payload);
	for (len = 0; len < wire; len++) {
		result = parse_exact(test, &seg, buf, len, wire);
		if (len < need) {
			KUNIT_EXPECT_EQ_MSG(test, result, TCPT_PARSE_TRUNCATED,
					    "%zu bytes", len);
			continue;
		}
		KUNIT_EXPECT_EQ_MSG(test, result, TCPT_PARSE_OK, "%zu bytes",
				    len);
		KUNIT_EXPECT_EQ_MSG(test, memcmp(&seg, &full, sizeof(seg)), 0,
				    "%zu bytes", len);
	}
}

/*
 * A packet of any length is refused if it was shorter on the wire than the
 * length in its IP header.
 */
static void segment_cut_on_the_wire(struct kunit *test)
{
	const struct good_row *row = test->param_value;
	u8 *buf = kunit_kzalloc(test, PACKET_MAX, GFP_KERNEL);
	struct tcpt_segment seg;
	enum tcpt_parse result;
	size_t len, wire;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, buf);
	wire = tcpt_packet_build(buf, &row->spec) - row->spec.padding;
	for (len = 0; len < wire; len++) {
		result = parse_exact(test, &seg, buf, len, len);
		KUNIT_EXPECT_EQ_MSG(test, result, TCPT_PARSE_IP_LENGTH,
				    "%zu bytes", len);
	}
}

/* Check the invariants of an accepted segment. */
static void check_ok(struct kunit *test, const struct tcpt_segment *seg,
		     size_t wire, unsigned int round)
{
	const struct tcpt_options *opt = &seg->opt;

	KUNIT_ASSERT_TRUE_MSG(test, seg->family == 4 || seg->family == 6,
			      "round %u", round);
	KUNIT_ASSERT_TRUE_MSG(test, seg->hdr_len >= 20 && seg->hdr_len <= 60 &&
			      seg->hdr_len % 4 == 0, "round %u", round);
	KUNIT_ASSERT_TRUE_MSG(test, seg->hdr_len + seg->len +
			      (seg->family == 4 ? 20U : 40U) <= wire,
			      "round %u", round);
	KUNIT_ASSERT_TRUE_MSG(test, seg->flags <= 0x1ff && seg->wire_segs == 1,
			      "round %u", round);
	KUNIT_ASSERT_TRUE_MSG(test, opt->wscale <= TCPT_WSCALE_MAX &&
			      opt->sack_blocks <= TCPT_SACK_MAX &&
			      opt->mptcp_subtype <= 15 && opt->tfo_len <= 38 &&
			      opt->present < 0x800, "round %u", round);
	KUNIT_ASSERT_TRUE_MSG(test, !!(opt->present & TCPTRACE_OPT_SACK) ==
			      !!opt->sack_blocks, "round %u", round);
	KUNIT_ASSERT_TRUE_MSG(test, seg->hdr_len > 20 || !opt->present,
			      "round %u", round);
}

static void segment_noise(struct kunit *test)
{
	u8 *buf = kunit_kzalloc(test, PACKET_MAX, GFP_KERNEL);
	unsigned int results[TCPT_PARSE_RESULTS] = { };
	struct tcpt_segment seg;
	enum tcpt_parse result;
	struct rnd_state rnd;
	size_t len, wire;
	unsigned int i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, buf);
	prandom_seed_state(&rnd, 0x5e60001);
	for (i = 0; i < ROUNDS; i++) {
		len = prandom_u32_state(&rnd) % 160;
		wire = len + (i & 8 ? prandom_u32_state(&rnd) % 2000 : 0);
		prandom_bytes_state(&rnd, buf, len);
		/* give three out of four packets a plausible IP header */
		if (len && i & 3)
			buf[0] = i & 1 ? 0x45 : 0x60;
		if (len > 9 && i & 3)
			buf[i & 1 ? 9 : 6] = i & 4 ? PROTO_TCP : PROTO_DSTOPTS;
		if (len > 5 && i & 3)
			buf[i & 1 ? 2 : 4] = 0;
		if (len > 7 && (i & 3) == 3)
			memset(buf + 6, 0, 2);
		result = parse_exact(test, &seg, buf, len, wire);
		KUNIT_ASSERT_LT(test, (int)result, (int)TCPT_PARSE_RESULTS);
		results[result]++;
		if (result == TCPT_PARSE_OK)
			check_ok(test, &seg, wire, i);
	}
	/* every result except EXT_LIMIT must have occurred */
	for (i = 0; i < TCPT_PARSE_RESULTS; i++)
		if (i != TCPT_PARSE_EXT_LIMIT)
			KUNIT_EXPECT_TRUE_MSG(test, results[i] > 0,
					      "result %u never seen", i);
}

static void segment_mutations(struct kunit *test)
{
	const struct good_row *row = test->param_value;
	u8 *buf = kunit_kzalloc(test, PACKET_MAX, GFP_KERNEL);
	unsigned int i, n, good = 0;
	struct tcpt_segment seg;
	enum tcpt_parse result;
	struct rnd_state rnd;
	size_t len, wire;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, buf);
	prandom_seed_state(&rnd, 0x5e60002);
	for (i = 0; i < ROUNDS / 4; i++) {
		wire = tcpt_packet_build(buf, &row->spec);
		for (n = prandom_u32_state(&rnd) % 4 + 1; n; n--)
			buf[prandom_u32_state(&rnd) % wire] =
				(u8)(prandom_u32_state(&rnd) >> 11);
		len = i & 1 ? wire : prandom_u32_state(&rnd) % (wire + 1);
		result = parse_exact(test, &seg, buf, len, wire);
		KUNIT_ASSERT_LT(test, (int)result, (int)TCPT_PARSE_RESULTS);
		if (result != TCPT_PARSE_OK)
			continue;
		check_ok(test, &seg, wire, i);
		good++;
	}
	KUNIT_EXPECT_TRUE(test, good > ROUNDS / 40);
}

static struct kunit_case segment_cases[] = {
	KUNIT_CASE_PARAM(segment_refused, refused_gen_params),
	KUNIT_CASE_PARAM(segment_taken, taken_gen_params),
	KUNIT_CASE(segment_empty),
	KUNIT_CASE_PARAM(segment_option, option_gen_params),
	KUNIT_CASE(segment_option_forgets),
	KUNIT_CASE_PARAM(segment_end, end_gen_params),
	KUNIT_CASE(segment_bad_flags),
	KUNIT_CASE_PARAM(segment_cut, good_gen_params),
	KUNIT_CASE_PARAM(segment_cut_on_the_wire, good_gen_params),
	KUNIT_CASE(segment_noise),
	KUNIT_CASE_PARAM(segment_mutations, good_gen_params),
	{}
};

static struct kunit_suite segment_suite = {
	.name = "tcptrace_segment",
	.test_cases = segment_cases,
};

kunit_test_suite(segment_suite);
