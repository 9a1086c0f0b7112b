// SPDX-License-Identifier: GPL-2.0
/* Test source routes: the destination is the last hop, not the next hop. */
#include <kunit/test.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../module/core/segment.h"

#include "packet.h"

enum {
	IP4_HDR_LEN = 20,
	IP6_HDR_LEN = 40,
};

/**
 * struct route_row - a packet with a source route
 * @name: the special case under test
 * @v6: IPv6, not IPv4
 * @bytes: the IPv4 options, or a routing header without its first byte
 * @len: number of bytes of the options or of the routing header
 * @last: the expected destination; NULL: the destination in the IP header
 */
struct route_row {
	const char *name;
	bool v6;
	const char *bytes;
	u8 len;
	const char *last;
};

#define HOP6(n)		"\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0" n
#define HOP4(n)		"\xc6\x33\x64" n

#define ROUTE4(what, raw, expected) \
	{ .name = what, .bytes = raw, .len = sizeof(raw) - 1, .last = expected }
#define ROUTE6(what, raw, expected) \
	{ .name = what, .v6 = true, .bytes = raw, .len = sizeof(raw), \
	  .last = expected }

static const struct route_row route_rows[] = {
	ROUTE4("LSRR", "\x83\7\4" HOP4("\1") "\0", HOP4("\1")),
	ROUTE4("SSRR after NOPs", "\1\1\x89\7\4" HOP4("\1") "\0\0\0",
	       HOP4("\1")),
	ROUTE4("LSRR after another option",
	       "\x94\4\0\0\x83\7\4" HOP4("\1") "\0", HOP4("\1")),
	ROUTE4("two hops left", "\x83\xb\4" HOP4("\1") HOP4("\2") "\0",
	       HOP4("\2")),
	ROUTE4("one of two hops left",
	       "\x83\xb\x8" HOP4("\1") HOP4("\2") "\0", HOP4("\2")),
	ROUTE4("LSRR, no hop left", "\x83\7\x8" HOP4("\1") "\0", NULL),
	ROUTE4("LSRR, pointer 3", "\x83\7\3" HOP4("\1") "\0", NULL),
	ROUTE4("LSRR without an address", "\x83\3\4\0", NULL),
	ROUTE4("LSRR without a pointer", "\x83\2\0\0", NULL),
	ROUTE4("LSRR with half an address", "\x83\x9\4" HOP4("\1") "\1\1"
	       "\0\0\0", NULL),
	ROUTE4("LSRR longer than the header", "\x83\xb\4" HOP4("\1") "\0", NULL),
	ROUTE4("record route", "\7\7\4" HOP4("\1") "\0", NULL),
	ROUTE4("LSRR after EOL", "\0\x83\7\4" HOP4("\1"), NULL),
	ROUTE6("type 0", "\2\0\1\0\0\0\0" HOP6("\1"), HOP6("\1")),
	ROUTE6("type 0, two addresses",
	       "\4\0\2\0\0\0\0" HOP6("\1") HOP6("\2"), HOP6("\2")),
	ROUTE6("type 0, no segment left",
	       "\2\0\0\0\0\0\0" HOP6("\1"), NULL),
	ROUTE6("type 0, more segments left than addresses",
	       "\2\0\2\0\0\0\0" HOP6("\1"), NULL),
	ROUTE6("type 0 without an address", "\0\0\1\0\0\0\0", NULL),
	ROUTE6("type 2", "\2\2\1\0\0\0\0" HOP6("\1"), HOP6("\1")),
	ROUTE6("type 3", "\2\3\1\0\0\0\0" HOP6("\1"), NULL),
	ROUTE6("type 4, segments in reverse order",
	       "\4\4\1\1\0\0\0" HOP6("\1") HOP6("\2"), HOP6("\1")),
	ROUTE6("type 4, no segment left",
	       "\4\4\0\1\0\0\0" HOP6("\1") HOP6("\2"), NULL),
};

static void route_desc(const struct route_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(route, route_rows, route_desc);

static void segment_route(struct kunit *test)
{
	const struct route_row *row = test->param_value;
	struct packet_spec spec = {
		.v6 = row->v6,
		.ip_opts = row->v6 ? 0 : row->len / 4,
		.exts = row->v6,
		.ext = { { .proto = PROTO_ROUTING, .size = row->len } },
	};
	u8 *buf = kunit_kzalloc(test, PACKET_MAX, GFP_KERNEL);
	const void *last = row->last ? row->last : (const void *)tcpt_packet_dst;
	size_t bytes = row->v6 ? 16 : 4, len;
	struct tcpt_segment seg;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, buf);
	len = tcpt_packet_build(buf, &spec);
	if (row->v6)
		memcpy(buf + IP6_HDR_LEN + 1, row->bytes, row->len - 1);
	else
		memcpy(buf + IP4_HDR_LEN, row->bytes, row->len);
	KUNIT_ASSERT_EQ(test, tcpt_segment_parse(&seg, buf, len, len),
			TCPT_PARSE_OK);
	KUNIT_EXPECT_EQ(test, memcmp(seg.src, tcpt_packet_src, bytes), 0);
	KUNIT_EXPECT_EQ(test, memcmp(seg.dst, last, bytes), 0);
}

static struct kunit_case segment_route_cases[] = {
	KUNIT_CASE_PARAM(segment_route, route_gen_params),
	{}
};

static struct kunit_suite segment_route_suite = {
	.name = "tcptrace_segment_route",
	.test_cases = segment_route_cases,
};

kunit_test_suite(segment_route_suite);
