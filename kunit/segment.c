// SPDX-License-Identifier: GPL-2.0
/* The parser: what it takes, field by field, and every way to be refused. */
#include <kunit/test.h>
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
 * struct packet_row - a packet and what the parser says of it
 * @name: what is special
 * @result: enum tcpt_parse
 * @spec: how to build it
 * @edit: bytes to set afterwards; offset 0 without value is no edit
 * @keep: how many bytes are there, 0 for all
 * @wire: how many bytes were on the wire, 0 for what was built
 * @len: payload bytes expected, where not spec.payload
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
	REFUSED(IP_VERSION, "version 8, one byte", .keep = 1,
		.edit = { { 0, 0x84 } }),

	REFUSED(IP_LENGTH, "IPv4, 1 byte on the wire", .wire = 1),
	REFUSED(IP_LENGTH, "IPv4, 19 bytes on the wire", .wire = 19),
	REFUSED(IP_LENGTH, "IPv4, says one more than there is",
		.edit = { { IP4_LEN + 1, 41 } }),
	REFUSED(IP_LENGTH, "IPv4, says 65535",
		.edit = { { IP4_LEN, 0xff }, { IP4_LEN + 1, 0xff } }),
	REFUSED(IP_LENGTH, "IPv4, cut on the wire", .wire = 39),
	REFUSED(IP_LENGTH, "IPv6, 39 bytes on the wire", V6(), .wire = 39),
	REFUSED(IP_LENGTH, "IPv6, says one more than there is", V6(),
		.edit = { { IP6_LEN + 1, 21 } }),
	REFUSED(IP_LENGTH, "IPv6, cut on the wire", V6(), .wire = 59),
	REFUSED(IP_LENGTH, "IPv6, says 65535", V6(),
		.edit = { { IP6_LEN, 0xff }, { IP6_LEN + 1, 0xff } }),

	REFUSED(IP_HDRLEN, "header of 0 bytes", .edit = { { 0, 0x40 } }),
	REFUSED(IP_HDRLEN, "header of 16 bytes", .edit = { { 0, 0x44 } }),
	REFUSED(IP_HDRLEN, "header past the packet", .edit = { { 0, 0x4b } }),
	REFUSED(IP_HDRLEN, "header far past", .edit = { { 0, 0x4f } }),
	REFUSED(IP_HDRLEN, "packet shorter than its header",
		.edit = { { IP4_LEN + 1, 19 } }),
	REFUSED(IP_HDRLEN, "packet of 1 byte, it says",
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
	REFUSED(NOT_TCP, "IPv6, UDP behind two headers",
		V6(.proto = PROTO_UDP, .exts = 2, .ext = { HOP, DST })),
	REFUSED(NOT_TCP, "IPv6, first fragment of UDP",
		V6(.proto = PROTO_UDP, .exts = 1, .ext = { FRAG(1) })),
	REFUSED(NOT_TCP, "IPv6, later fragment of UDP",
		V6(.proto = PROTO_UDP, .exts = 1, .ext = { FRAG(8) })),
	REFUSED(NOT_TCP, "IPv6, atomic fragment of UDP",
		V6(.proto = PROTO_UDP, .exts = 1, .ext = { FRAG(0) })),

	REFUSED(FRAGMENT, "IPv4, first", .edit = { { IP4_FRAG, 0x20 } }),
	REFUSED(FRAGMENT, "IPv4, first, although DF",
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
	REFUSED(FRAGMENT, "IPv6, behind a header",
		V6(.exts = 2, .ext = { HOP, FRAG(1) })),
	REFUSED(FRAGMENT, "IPv6, of another header",
		V6(.exts = 2, .ext = { FRAG(1), DST })),
	REFUSED(FRAGMENT, "IPv6, one behind an atomic one",
		V6(.exts = 2, .ext = { FRAG(0), FRAG(1) })),

	REFUSED(EXT_LENGTH, "nothing where a header should be",
		V6(.exts = 1, .ext = { DST }),
		.edit = { { IP6_LEN + 1, 0 } }),
	REFUSED(EXT_LENGTH, "7 bytes for a header",
		V6(.exts = 1, .ext = { DST }), .edit = { { IP6_LEN + 1, 7 } }),
	REFUSED(EXT_LENGTH, "7 bytes for a fragment header",
		V6(.exts = 1, .ext = { FRAG(1) }),
		.edit = { { IP6_LEN + 1, 7 } }),
	REFUSED(EXT_LENGTH, "header of 2048 bytes",
		V6(.exts = 1, .ext = { { PROTO_DSTOPTS, 255, 0, 8 } })),
	REFUSED(EXT_LENGTH, "header 4 bytes past the packet",
		V6(.exts = 1, .ext = { { PROTO_DSTOPTS, 3, 0, 8 } })),
	REFUSED(EXT_LENGTH, "AH of 1028 bytes",
		V6(.exts = 1, .ext = { { PROTO_AH, 255, 0, 24 } })),
	REFUSED(EXT_LENGTH, "AH 4 bytes past the packet",
		V6(.exts = 1, .ext = { { PROTO_AH, 10, 0, 24 } })),
	REFUSED(EXT_LENGTH, "second header past the packet",
		V6(.exts = 2, .ext = { HOP, { PROTO_ROUTING, 9, 0, 8 } })),
	REFUSED(EXT_LENGTH, "padding is no header",
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

	REFUSED(TCP_LENGTH, "IPv4, no byte", .edit = { { IP4_LEN + 1, 20 } }),
	REFUSED(TCP_LENGTH, "IPv4, 19 bytes", .edit = { { IP4_LEN + 1, 39 } }),
	REFUSED(TCP_LENGTH, "IPv4, 16 bytes behind options",
		.edit = { { 0, 0x46 } }),
	REFUSED(TCP_LENGTH, "IPv6, no byte", V6(),
		.edit = { { IP6_LEN + 1, 0 } }),
	REFUSED(TCP_LENGTH, "IPv6, 19 bytes", V6(),
		.edit = { { IP6_LEN + 1, 19 } }),
	REFUSED(TCP_LENGTH, "IPv6, header eats into TCP",
		V6(.exts = 1, .ext = { { PROTO_DSTOPTS, 1, 0, 8 } })),
	REFUSED(TCP_LENGTH, "padding is no TCP header", V4(.padding = 40),
		.edit = { { IP4_LEN + 1, 39 } }),

	REFUSED(TCP_DOFF, "IPv4, offset 0", .edit = { { IP4_DOFF, 0x00 } }),
	REFUSED(TCP_DOFF, "IPv4, offset 4", .edit = { { IP4_DOFF, 0x40 } }),
	REFUSED(TCP_DOFF, "IPv4, 4 bytes past the packet",
		.edit = { { IP4_DOFF, 0x60 } }),
	REFUSED(TCP_DOFF, "IPv4, 1 byte past the packet", V4(.payload = 39),
		.edit = { { IP4_DOFF, 0xf0 } }),
	REFUSED(TCP_DOFF, "IPv4, padding is no option", V4(.padding = 8),
		.edit = { { IP4_DOFF, 0x60 } }),
	REFUSED(TCP_DOFF, "IPv6, offset 4", V6(),
		.edit = { { IP6_DOFF, 0x40 } }),
	REFUSED(TCP_DOFF, "IPv6, past the packet", V6(),
		.edit = { { IP6_DOFF, 0x60 } }),

	REFUSED(TRUNCATED, "IPv4, 1 byte given", .keep = 1),
	REFUSED(TRUNCATED, "IPv4, 19 bytes given", .keep = 19),
	REFUSED(TRUNCATED, "IPv4, no byte of TCP given", .keep = IP4_TCP),
	REFUSED(TRUNCATED, "IPv4, 19 bytes of TCP given", .keep = IP4_TCP + 19),
	REFUSED(TRUNCATED, "IPv4, IP options cut", V4(.ip_opts = 2),
		.keep = 27),
	REFUSED(TRUNCATED, "IPv4, TCP options cut", V4(.payload = 40),
		.edit = { { IP4_DOFF, 0x80 } }, .keep = IP4_TCP + 31),
	REFUSED(TRUNCATED, "IPv6, 39 bytes given", V6(), .keep = 39),
	REFUSED(TRUNCATED, "IPv6, no byte of TCP given", V6(), .keep = IP6_TCP),
	REFUSED(TRUNCATED, "IPv6, 7 bytes of a header given",
		V6(.exts = 1, .ext = { HOP }), .keep = 47),
	REFUSED(TRUNCATED, "IPv6, long header cut",
		V6(.exts = 1, .ext = { { PROTO_DSTOPTS, 1, 0, 16 } }),
		.keep = 55),
	REFUSED(TRUNCATED, "IPv6, AH cut",
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
	TAKEN("IPv4, padding behind data", V4(.payload = 1, .padding = 19)),
	TAKEN("IPv4, data not given", V4(.payload = 900), .keep = 40),
	TAKEN("IPv4, not even fragmented", .edit = { { IP4_FRAG, 0 } }),
	TAKEN("IPv4, the evil bit", .edit = { { IP4_FRAG, 0xc0 } }),
	TAKEN("IPv6", V6()),
	TAKEN("IPv6 with data", V6(.payload = 900)),
	TAKEN("IPv6, padding is not counted", V6(.padding = 9)),
	TAKEN("IPv6, data not given", V6(.payload = 900), .keep = 60),
	TAKEN("hop-by-hop", V6(.exts = 1, .ext = { HOP })),
	TAKEN("hop-by-hop, jumbo", V6(.exts = 1, .ext = { HOP }, .payload = 9),
	      .edit = { { IP6_LEN, 0 }, { IP6_LEN + 1, 0 } }),
	TAKEN("hop-by-hop, jumbo of 200000 bytes",
	      V6(.exts = 1, .ext = { HOP }, .payload = 9),
	      .edit = { { IP6_LEN, 0 }, { IP6_LEN + 1, 0 } },
	      .wire = 200000, .len = 200000 - 68),
	TAKEN("routing", V6(.exts = 1, .ext = { { PROTO_ROUTING, 2, 0, 24 } },
			    .payload = 5)),
	TAKEN("destination options of 256 bytes",
	      V6(.exts = 1, .ext = { { PROTO_DSTOPTS, 31, 0, 256 } })),
	TAKEN("mobility", V6(.exts = 1, .ext = { { PROTO_MOBILITY, 0, 0, 8 } })),
	TAKEN("AH of 24 bytes",
	      V6(.exts = 1, .ext = { { PROTO_AH, 4, 0, 24 } }, .payload = 8)),
	TAKEN("AH of 12 bytes, the least",
	      V6(.exts = 1, .ext = { { PROTO_AH, 1, 0, 12 } }, .payload = 8)),
	TAKEN("atomic fragment", V6(.exts = 1, .ext = { FRAG(0) })),
	TAKEN("atomic fragment, reserved bits",
	      V6(.exts = 1, .ext = { { PROTO_FRAGMENT, 0xff, 6, 8 } })),
	TAKEN("a fragment header's second byte is no length",
	      V6(.exts = 2, .ext = { { PROTO_FRAGMENT, 9, 0, 8 }, DST })),
	TAKEN("one of each, in RFC 8200's order",
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
	TAKEN("reserved bits are no flags", V4(.flags = TCPTRACE_ACK),
	      .edit = { { IP4_DOFF, 0x5e } }),
};

static void packet_desc(const struct packet_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(refused, refused_rows, packet_desc);
KUNIT_ARRAY_PARAM(taken, taken_rows, packet_desc);

/* The bytes lie in memory of exactly their size: KASAN sees any overread. */
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
	nothing++;	/* not one byte may be read */
	KUNIT_EXPECT_EQ(test, tcpt_segment_parse(&seg, nothing, 0, 0),
			TCPT_PARSE_IP_LENGTH);
	KUNIT_EXPECT_EQ(test, tcpt_segment_parse(&seg, nothing, 0, 1500),
			TCPT_PARSE_TRUNCATED);
}

static struct kunit_case segment_cases[] = {
	KUNIT_CASE_PARAM(segment_refused, refused_gen_params),
	KUNIT_CASE_PARAM(segment_taken, taken_gen_params),
	KUNIT_CASE(segment_empty),
	{}
};

static struct kunit_suite segment_suite = {
	.name = "tcptrace_segment",
	.test_cases = segment_cases,
};

kunit_test_suite(segment_suite);
