// SPDX-License-Identifier: GPL-2.0
/* The parser against captures cut anywhere, against noise and mutations. */
#include <kunit/test.h>
#include <linux/prandom.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/tcptrace.h>

#include "../module/core/segment.h"

#include "packet.h"

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

/* Packets that the parser takes, to be cut and bent. */
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

/* Parse from memory of exactly @len bytes, so that KASAN sees an overread. */
static enum tcpt_parse parse_exact(struct kunit *test,
				   struct tcpt_segment *seg, const u8 *from,
				   size_t len, size_t wire)
{
	enum tcpt_parse result;
	u8 *exact;

	/* no kunit_kzalloc(): its list would grow with every round */
	exact = kmalloc(len ? len : 1, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, exact);
	memcpy(exact, from, len);
	memset(seg, 0, sizeof(*seg));
	result = tcpt_segment_parse(seg, exact, len, wire);
	kfree(exact);
	return result;
}

/* A capture may end anywhere; what it says stays the same once it is OK. */
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

/* A packet that really was shorter than it says is refused, never OK. */
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

/* What must hold of every segment that is taken, whatever its bytes. */
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
		/* three in four get far enough to be of interest */
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
	/* noise that is all refused at the door would test nothing */
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

static struct kunit_case random_cases[] = {
	KUNIT_CASE_PARAM(segment_cut, good_gen_params),
	KUNIT_CASE_PARAM(segment_cut_on_the_wire, good_gen_params),
	KUNIT_CASE(segment_noise),
	KUNIT_CASE_PARAM(segment_mutations, good_gen_params),
	{}
};

static struct kunit_suite random_suite = {
	.name = "tcptrace_segment_random",
	.test_cases = random_cases,
};

kunit_test_suite(random_suite);
