// SPDX-License-Identifier: GPL-2.0
/*
 * Test the keys: both directions of a connection have the same key, and two
 * connections have different keys.
 */
#include <kunit/test.h>
#include <linux/prandom.h>
#include <linux/string.h>

#include "../module/core/flow.h"
#include "../module/core/segment.h"

#define ROUNDS	50000

static void random_address(struct rnd_state *rnd, u8 family, u8 addr[16])
{
	memset(addr, 0, 16);
	prandom_bytes_state(rnd, addr, family == 4 ? 4 : 16);
	/*
	 * make addresses that often differ only in the last byte, so that the
	 * order of the ends depends on this byte or on the ports
	 */
	if (prandom_u32_state(rnd) & 1)
		memset(addr, 10, family == 4 ? 3 : 15);
}

static void random_segment(struct rnd_state *rnd, struct tcpt_segment *seg)
{
	memset(seg, 0, sizeof(*seg));
	seg->family = prandom_u32_state(rnd) & 1 ? 4 : 6;
	random_address(rnd, seg->family, seg->src);
	random_address(rnd, seg->family, seg->dst);
	seg->sport = (u16)prandom_u32_state(rnd);
	seg->dport = prandom_u32_state(rnd) & 1 ? seg->sport :
						  (u16)prandom_u32_state(rnd);
}

static struct tcpt_segment turned(const struct tcpt_segment *seg)
{
	struct tcpt_segment back = *seg;

	memcpy(back.src, seg->dst, sizeof(back.src));
	memcpy(back.dst, seg->src, sizeof(back.dst));
	back.sport = seg->dport;
	back.dport = seg->sport;
	return back;
}

static bool same_tuple(const struct tcpt_segment *a,
		       const struct tcpt_segment *b)
{
	return a->family == b->family && a->sport == b->sport &&
	       a->dport == b->dport && !memcmp(a->src, b->src, 16) &&
	       !memcmp(a->dst, b->dst, 16);
}

static void flow_is_symmetric(struct kunit *test)
{
	struct tcpt_segment seg, back;
	struct tcpt_flow a, b;
	unsigned int i, da, db;
	struct rnd_state rnd;

	prandom_seed_state(&rnd, 0xf10e0001);
	for (i = 0; i < ROUNDS; i++) {
		random_segment(&rnd, &seg);
		back = turned(&seg);
		/*
		 * the previous content of the memory must not get into the key
		 */
		memset(&a, 0x55, sizeof(a));
		memset(&b, 0xaa, sizeof(b));
		da = tcpt_flow_init(&a, &seg, 7, 0);
		db = tcpt_flow_init(&b, &back, 7, 0);
		KUNIT_ASSERT_EQ(test, memcmp(&a, &b, sizeof(a)), 0);
		KUNIT_ASSERT_TRUE(test, tcpt_flow_equal(&a, &b));
		KUNIT_ASSERT_TRUE(test, da < 2 && db < 2);
		if (tcpt_flow_is_self(&a))
			KUNIT_ASSERT_EQ(test, da + db, 0);
		else
			KUNIT_ASSERT_EQ(test, da + db, 1);
	}
}

static void flow_keeps_the_numbers(struct kunit *test)
{
	struct tcpt_segment seg;
	struct rnd_state rnd;
	struct tcpt_flow f;
	unsigned int i, dir;

	prandom_seed_state(&rnd, 0xf10e0002);
	for (i = 0; i < ROUNDS; i++) {
		random_segment(&rnd, &seg);
		dir = tcpt_flow_init(&f, &seg, i, i * 3);
		KUNIT_ASSERT_EQ(test, memcmp(f.addr[dir], seg.src, 16), 0);
		KUNIT_ASSERT_EQ(test, memcmp(f.addr[!dir], seg.dst, 16), 0);
		KUNIT_ASSERT_EQ(test, f.port[dir], seg.sport);
		KUNIT_ASSERT_EQ(test, f.port[!dir], seg.dport);
		KUNIT_ASSERT_EQ(test, f.family, (u32)seg.family);
		KUNIT_ASSERT_EQ(test, f.netns, i);
		KUNIT_ASSERT_EQ(test, f.zone, i * 3);
		/*
		 * the key is in canonical order: the lower (port, address)
		 * comes first
		 */
		KUNIT_ASSERT_LE(test, f.port[0], f.port[1]);
		if (f.port[0] == f.port[1])
			KUNIT_ASSERT_LE(test,
					memcmp(f.addr[0], f.addr[1], 16), 0);
	}
}

/*
 * Do one of the following: change one field of the tuple, swap its ends, swap
 * only its ports, or change nothing.
 */
static void mutate(struct rnd_state *rnd, struct tcpt_segment *seg)
{
	unsigned int bytes = seg->family == 4 ? 4 : 16;

	switch (prandom_u32_state(rnd) % 7) {
	case 0:
		seg->sport ^= (u16)(1 << prandom_u32_state(rnd) % 16);
		break;
	case 1:
		seg->dport ^= (u16)(1 << prandom_u32_state(rnd) % 16);
		break;
	case 2:
		seg->src[prandom_u32_state(rnd) % bytes] ^= 1;
		break;
	case 3:
		seg->dst[prandom_u32_state(rnd) % bytes] ^= 1;
		break;
	case 4:
		*seg = turned(seg);
		break;
	case 5:	/* swap the ports, but not the addresses */
		swap(seg->sport, seg->dport);
		break;
	}
}

static void flow_tells_tuples_apart(struct kunit *test)
{
	struct tcpt_segment seg, other, back;
	struct tcpt_flow a, b;
	struct rnd_state rnd;
	unsigned int i;
	bool same;

	prandom_seed_state(&rnd, 0xf10e0003);
	for (i = 0; i < ROUNDS; i++) {
		random_segment(&rnd, &seg);
		other = seg;
		mutate(&rnd, &other);
		back = turned(&other);
		same = same_tuple(&seg, &other) || same_tuple(&seg, &back);
		tcpt_flow_init(&a, &seg, 1, 0);
		tcpt_flow_init(&b, &other, 1, 0);
		KUNIT_ASSERT_EQ_MSG(test, tcpt_flow_equal(&a, &b), same,
				    "round %u", i);
	}
}

/* The network namespace, the zone and the family are part of the key. */
static void flow_tells_places_apart(struct kunit *test)
{
	struct tcpt_flow a, b;
	struct tcpt_segment seg;
	struct rnd_state rnd;
	unsigned int i;

	prandom_seed_state(&rnd, 0xf10e0004);
	for (i = 0; i < 1000; i++) {
		random_segment(&rnd, &seg);
		tcpt_flow_init(&a, &seg, 1, 0);
		tcpt_flow_init(&b, &seg, 2, 0);
		KUNIT_ASSERT_FALSE(test, tcpt_flow_equal(&a, &b));
		tcpt_flow_init(&b, &seg, 1, 2);
		KUNIT_ASSERT_FALSE(test, tcpt_flow_equal(&a, &b));
		tcpt_flow_init(&a, &seg, 2, 1);
		KUNIT_ASSERT_FALSE(test, tcpt_flow_equal(&a, &b));
		seg.family = seg.family == 4 ? 6 : 4;
		tcpt_flow_init(&b, &seg, 2, 1);
		KUNIT_ASSERT_FALSE(test, tcpt_flow_equal(&a, &b));
	}
}

struct self_row {
	const char *name;
	u8 src;
	u8 dst;
	u16 sport;
	u16 dport;
	bool self;
	unsigned int dir;
};

static const struct self_row self_rows[] = {
	{ "same address, same port", 1, 1, 80, 80, true, 0 },
	{ "same address, lower port sends", 1, 1, 80, 81, false, 0 },
	{ "same address, higher port sends", 1, 1, 81, 80, false, 1 },
	{ "same port, lower address sends", 1, 2, 80, 80, false, 0 },
	{ "same port, higher address sends", 2, 1, 80, 80, false, 1 },
	{ "the port decides before the address", 2, 1, 80, 81, false, 0 },
	{ "port 256 is above port 1", 1, 1, 256, 1, false, 1 },
	{ "address byte 0x80 is above 1", 0x80, 1, 80, 80, false, 1 },
};

static void self_desc(const struct self_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(self, self_rows, self_desc);

static void flow_self(struct kunit *test)
{
	const struct self_row *row = test->param_value;
	struct tcpt_segment seg = {
		.sport = row->sport,
		.dport = row->dport,
	};
	struct tcpt_flow f;
	unsigned int i;

	/* IPv4, then IPv6; the addresses differ at most in the last byte */
	for (i = 0; i < 2; i++) {
		memset(seg.src, 0, sizeof(seg.src));
		memset(seg.dst, 0, sizeof(seg.dst));
		seg.family = i ? 6 : 4;
		seg.src[i ? 15 : 3] = row->src;
		seg.dst[i ? 15 : 3] = row->dst;
		KUNIT_EXPECT_EQ(test, tcpt_flow_init(&f, &seg, 1, 0),
				row->dir);
		KUNIT_EXPECT_EQ(test, tcpt_flow_is_self(&f), row->self);
	}
}

struct local_row {
	const char *name;
	u8 addr[16];
	bool local;
};

static const struct local_row local_rows[] = {
	{ "fe80::", { 0xfe, 0x80 }, true },
	{ "febf::1", { 0xfe, 0xbf, [15] = 1 }, true },
	{ "fe7f::", { 0xfe, 0x7f }, false },
	{ "fec0::", { 0xfe, 0xc0 }, false },
	{ "ff80::", { 0xff, 0x80 }, false },
	{ "7e80::", { 0x7e, 0x80 }, false },
	{ "::", { 0 }, false },
};

static void local_desc(const struct local_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(local, local_rows, local_desc);

static void flow_link_local(struct kunit *test)
{
	const struct local_row *row = test->param_value;

	KUNIT_EXPECT_EQ(test, tcpt_flow_link_local(row->addr), row->local);
}

static struct kunit_case flow_cases[] = {
	KUNIT_CASE(flow_is_symmetric),
	KUNIT_CASE(flow_keeps_the_numbers),
	KUNIT_CASE(flow_tells_tuples_apart),
	KUNIT_CASE(flow_tells_places_apart),
	KUNIT_CASE_PARAM(flow_self, self_gen_params),
	KUNIT_CASE_PARAM(flow_link_local, local_gen_params),
	{}
};

static struct kunit_suite flow_suite = {
	.name = "tcptrace_flow",
	.test_cases = flow_cases,
};

kunit_test_suite(flow_suite);
