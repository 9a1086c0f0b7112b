// SPDX-License-Identifier: GPL-2.0
/* Test which fields may differ between two copies of a packet. */
#include <kunit/test.h>
#include <linux/string.h>

#include "../module/core/copies.h"

#define MS	1000000ULL	/* ns */

enum {
	COPIES	= 8,	/* packets that are remembered */
};

/*
 * A packet, and an earlier packet from the same sender. The IP IDs of the two
 * packets differ, which shows that the sender changes the IP ID.
 */
static const struct tcpt_sighting before = { .time = 999 * MS, .id = 6 };
static const struct tcpt_sighting packet = {
	.time = 1000 * MS, .seq = 1, .ack = 2, .len = 3, .vantage = 4,
	.id = 7, .window = 8, .flags = 16, .ttl = 64,
};

/* Return an empty memory of earlier packets. */
static struct tcpt_copies no_copies(struct tcpt_sighting last[COPIES])
{
	return (struct tcpt_copies) { .last = last, .size = COPIES };
}

/**
 * struct copy_row - a packet that follows @packet, and whether it is a copy
 * @name: the special case under test
 * @s: the packet
 * @copy: @s is a copy of @packet
 */
struct copy_row {
	const char *name;
	struct tcpt_sighting s;
	bool copy;
};

#define LIKE(ms, v, t, i, ...) { .time = (ms) * MS, .seq = 1, .ack = 2, \
				 .len = 3, .vantage = v, .id = i, .window = 8, \
				 .flags = 16, .ttl = t, __VA_ARGS__ }

static const struct copy_row copy_rows[] = {
	{ "the same packet at the same place", LIKE(1001, 4, 64, 7), false },
	{ "behind a router", LIKE(1001, 4, 63, 7), true },
	{ "the same packet on another interface", LIKE(1001, 5, 64, 7), true },
	{ "a copy with an earlier time", LIKE(999, 5, 64, 7), true },
	{ "1 s later", LIKE(2000, 5, 63, 7), true },
	{ "later", LIKE(2001, 5, 63, 7), false },
	{ "another IP ID", LIKE(1001, 5, 63, 8), false },
	{ "no IP ID", LIKE(1001, 5, 63, 0), false },
	{ "another timestamp", LIKE(1001, 5, 63, 7, .tsval = 1), false },
	{ "another sender", LIKE(1001, 5, 63, 7, .sender = 1), false },
	{ "another sequence number", LIKE(1001, 5, 63, 7, .seq = 9), false },
	{ "another ACK", LIKE(1001, 5, 63, 7, .ack = 9), false },
	{ "another length", LIKE(1001, 5, 63, 7, .len = 9), false },
	{ "another window", LIKE(1001, 5, 63, 7, .window = 9), false },
	{ "other flags", LIKE(1001, 5, 63, 7, .flags = 24), false },
};

static void copy_desc(const struct copy_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(copy, copy_rows, copy_desc);

static void copies_are_told(struct kunit *test)
{
	const struct copy_row *row = test->param_value;
	struct tcpt_sighting last[COPIES];
	struct tcpt_copies copies = no_copies(last);

	KUNIT_EXPECT_FALSE(test, tcpt_copies_see(&copies, &before));
	KUNIT_EXPECT_FALSE(test, tcpt_copies_see(&copies, &packet));
	KUNIT_EXPECT_EQ(test, tcpt_copies_see(&copies, &row->s), row->copy);
}

/*
 * Nothing shows that the sender changes the IP ID, so only the delay
 * distinguishes a copy from a retransmission.
 */
static void copies_without_id(struct kunit *test)
{
	struct tcpt_sighting s = packet;
	struct tcpt_sighting last[COPIES];
	struct tcpt_copies copies = no_copies(last);

	KUNIT_EXPECT_FALSE(test, tcpt_copies_see(&copies, &packet));
	s.ttl = 63;
	s.time = 1002 * MS;
	KUNIT_EXPECT_TRUE(test, tcpt_copies_see(&copies, &s));
	s.time = 1003 * MS;
	KUNIT_EXPECT_FALSE(test, tcpt_copies_see(&copies, &s));
}

/*
 * A retransmission usually has a different timestamp, so a packet with the same
 * timestamp is taken for a copy if it arrives within 1 s.
 */
static void copies_with_a_timestamp(struct kunit *test)
{
	struct tcpt_sighting s = packet;
	struct tcpt_sighting last[COPIES];
	struct tcpt_copies copies = no_copies(last);

	s.tsval = 1;
	KUNIT_EXPECT_FALSE(test, tcpt_copies_see(&copies, &s));
	s.ttl = 63;
	s.time = 2000 * MS;
	KUNIT_EXPECT_TRUE(test, tcpt_copies_see(&copies, &s));
	s.time = 2001 * MS;
	KUNIT_EXPECT_FALSE(test, tcpt_copies_see(&copies, &s));
}

static void copies_of_the_last_eight(struct kunit *test)
{
	struct tcpt_sighting last[COPIES];
	struct tcpt_copies copies = no_copies(last);
	struct tcpt_sighting s = packet;
	unsigned int i;

	for (i = 0; i <= COPIES; i++) {
		s.seq = i;
		s.id = 100 + i;
		KUNIT_EXPECT_FALSE(test, tcpt_copies_see(&copies, &s));
	}
	s.ttl = 63;
	for (i = 1; i <= COPIES; i++) {
		s.seq = i;
		s.id = 100 + i;
		KUNIT_EXPECT_TRUE(test, tcpt_copies_see(&copies, &s));
	}
	s.seq = 0;
	s.id = 100;
	KUNIT_EXPECT_FALSE(test, tcpt_copies_see(&copies, &s));
}

static struct kunit_case copies_cases[] = {
	KUNIT_CASE_PARAM(copies_are_told, copy_gen_params),
	KUNIT_CASE(copies_without_id),
	KUNIT_CASE(copies_with_a_timestamp),
	KUNIT_CASE(copies_of_the_last_eight),
	{}
};

static struct kunit_suite copies_suite = {
	.name = "tcptrace_copies",
	.test_cases = copies_cases,
};

kunit_test_suite(copies_suite);
