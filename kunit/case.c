// SPDX-License-Identifier: GPL-2.0
#include "case.h"

#include <linux/string.h>

#include "../module/core/open.h"
#include "../module/core/result.h"
#include "../module/core/track.h"

#define START	1000000000ULL	/* ns */

static const u32 isns[][2] = {
	{ 1000, 500000 },
	{ 0xffffffff, 0xffffffff },
	{ 0xffffff9b, 0x7fffffff },
	{ 0x7fffff9b, 0xfffffff0 },
};

static const struct clue handshake[] = {
	S(ORIG, SYN, 0), S(RESP, SYNACK, 0, 1), S(ORIG, ACK, 1, 1), {}
};

/**
 * struct trial - the state of a case that is running
 * @test: the test
 * @t: the connection
 * @isn: ISNs of ORIG and of RESP
 * @now: the time
 * @ttl_min: smallest TTL of each end's accepted segments, 0 before the first
 * @ttl_max: largest TTL of each end's accepted segments
 * @suspected: all suspicions so far, ORed
 */
struct trial {
	struct kunit *test;
	struct tcpt_track t;
	u32 isn[2];
	u64 now;
	u8 ttl_min[2];
	u8 ttl_max[2];
	u32 suspected;
};

static void expect_clue(struct trial *p, const struct clue *clue,
			const struct tcpt_suspicion *s)
{
	u32 isn = p->isn[clue->s.from ^ clue->by_ack];

	KUNIT_EXPECT_EQ_MSG(p->test, s->what, clue->what, "seq %u, ISN %x",
			    clue->s.seq, isn);
	KUNIT_EXPECT_EQ_MSG(p->test, s->fit, clue->fit, "seq %u, ISN %x",
			    clue->s.seq, isn);
	KUNIT_EXPECT_EQ(p->test, s->distance, clue->distance);
	KUNIT_EXPECT_EQ(p->test, s->since, (u64)clue->since * MS);
	if (clue->fit)
		KUNIT_EXPECT_EQ(p->test, s->expected - isn, clue->expected);
	if (!clue->what)
		return;
	p->suspected |= 1U << clue->what;
	/* suspicious data is reported with the TTLs seen before that data */
	if (clue->what == TCPTRACE_SUSPECT_DATA_TTL) {
		KUNIT_EXPECT_EQ(p->test, s->ttl_min, TTL);
		KUNIT_EXPECT_EQ(p->test, s->ttl_max, TTL);
		return;
	}
	KUNIT_EXPECT_EQ(p->test, s->ttl_min, p->ttl_min[clue->s.from]);
	KUNIT_EXPECT_EQ(p->test, s->ttl_max, p->ttl_max[clue->s.from]);
}

static void note_ttl(struct trial *p, unsigned int from, u8 ttl)
{
	if (!p->ttl_min[from] || ttl < p->ttl_min[from])
		p->ttl_min[from] = ttl;
	if (ttl > p->ttl_max[from])
		p->ttl_max[from] = ttl;
}

static void play(struct trial *p, const struct clue *clue)
{
	struct tcpt_segment seg;
	struct tcpt_result res;

	tcpt_spec_segment(&seg, &clue->s, p->isn, clue->s.from);
	if (!seg.ttl)
		seg.ttl = TTL;
	p->now += tcpt_spec_ns(&clue->s);
	if (!p->t.first)
		tcpt_open_track(&p->t, &seg, false, p->now, NULL, &res);
	tcpt_track_segment(&p->t, clue->s.from, &seg, p->now, &res);
	expect_clue(p, clue, &res.suspicion);
	KUNIT_EXPECT_EQ(p->test, (u32)p->t.suspected, p->suspected);
	if (res.class == TCPT_CLASS_OK)
		note_ttl(p, clue->s.from, seg.ttl);
}

static void play_all(struct trial *p, const struct case_row *row,
		     const u32 isn[2])
{
	const struct clue *clue;

	memset(&p->t, 0, sizeof(p->t));
	memcpy(p->isn, isn, sizeof(p->isn));
	p->now = START;
	memset(p->ttl_min, 0, sizeof(p->ttl_min));
	memset(p->ttl_max, 0, sizeof(p->ttl_max));
	p->suspected = 0;
	for (clue = handshake; !row->bare && clue->s.flags; clue++)
		play(p, clue);
	for (clue = row->clue; clue->s.flags; clue++)
		play(p, clue);
}

/**
 * tcpt_case_run - play a case with several pairs of ISNs
 * @test: the test
 * @row: the case
 *
 * Context: a test.
 */
void tcpt_case_run(struct kunit *test, const struct case_row *row)
{
	struct trial *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);
	unsigned int n;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, p);
	p->test = test;
	for (n = 0; n < ARRAY_SIZE(isns); n++)
		play_all(p, row, isns[n]);
}

/**
 * tcpt_case_desc - get the name of a case, for KUNIT_ARRAY_PARAM()
 * @row: the case
 * @desc: set to the name
 *
 * Context: a test.
 */
void tcpt_case_desc(const struct case_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}
