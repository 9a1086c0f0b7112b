// SPDX-License-Identifier: GPL-2.0
/*
 * Check that a half-open connection stores only its first SYN, but loses no
 * information.
 */
#include "fixture_table.h"

#include "../module/core/open.h"
#include "../module/core/request.h"
#include "../module/core/result.h"
#include "../module/core/timeout.h"
#include "../module/core/track.h"

#include <linux/prandom.h>
#include <linux/string.h>

enum {
	SYNS	= 50000,
	ROUNDS	= 3000,
};

/**
 * struct replay - a connection after its first SYN, built in two ways
 * @seg: the SYN
 * @flow: the connection
 * @orig: index of the end of @flow that sent the SYN
 * @engine: the connection as the engine builds it from @seg
 * @kept: the connection as it is rebuilt from the stored fields of @seg
 */
struct replay {
	struct tcpt_segment seg;
	struct tcpt_flow flow;
	unsigned int orig;
	struct tcpt_track engine;
	struct tcpt_track kept;
};

static u32 dice(struct rnd_state *rnd, u32 below)
{
	return prandom_u32_state(rnd) % below;
}

/*
 * Set random options; the fields of absent options are 0, as the parser sets
 * them.
 */
static void random_options(struct rnd_state *rnd, struct tcpt_options *opt)
{
	opt->present = prandom_u32_state(rnd) & 0x7ff & prandom_u32_state(rnd);
	if (opt->present & TCPTRACE_OPT_MSS)
		opt->mss = (u16)prandom_u32_state(rnd);
	if (opt->present & TCPTRACE_OPT_WSCALE)
		opt->wscale = (u8)dice(rnd, TCPT_WSCALE_MAX + 1);
	if (opt->present & TCPTRACE_OPT_MPTCP)
		opt->mptcp_subtype = (u8)dice(rnd, 16);
	if (opt->present & TCPTRACE_OPT_TFO)
		opt->tfo_len = (u8)dice(rnd, 17);
	if (opt->present & TCPTRACE_OPT_SACK)
		opt->sack_blocks = 1;
	if (opt->present & TCPTRACE_OPT_TIMESTAMP) {
		opt->tsval = prandom_u32_state(rnd);
		opt->tsecr = dice(rnd, 4) ? 0 : prandom_u32_state(rnd);
	}
}

static void random_syn(struct rnd_state *rnd, struct tcpt_segment *seg)
{
	static const u16 flags[] = {
		SYN, SYN, SYN, SYN | TCPTRACE_ECE | TCPTRACE_CWR,
		SYN | TCPTRACE_ECE, SYN | TCPTRACE_CWR, SYN | TCPTRACE_PSH,
		SYN | TCPTRACE_URG, SYNACK, ACK, SYN | TCPTRACE_FIN, 0,
	};

	tcpt_fixture_segment(seg, dice(rnd, 5), ORIG,
			     flags[dice(rnd, ARRAY_SIZE(flags))], 0, 0);
	seg->seq = prandom_u32_state(rnd);
	seg->ack = dice(rnd, 10) ? 0 : prandom_u32_state(rnd);
	seg->len = dice(rnd, 10) ? 0 : dice(rnd, 2000);
	seg->urgent = !dice(rnd, 10);
	seg->wire_segs = 1 + !dice(rnd, 20);
	seg->cut = !dice(rnd, 20);
	seg->window = (u16)prandom_u32_state(rnd);
	seg->ttl = (u8)prandom_u32_state(rnd);
	seg->tos = (u8)prandom_u32_state(rnd);
	seg->hdr_len = (u8)(20 + 4 * dice(rnd, 11));
	random_options(rnd, &seg->opt);
}

/* Compare the result of the SYN, and the fields that appear in its records. */
static void expect_same_shown(struct kunit *test, struct replay *r,
			      const struct tcpt_result *engine)
{
	struct tcpt_result res;

	memset(&res, 0xa5, sizeof(res));
	tcpt_request_open(&r->kept, &r->seg, &res);
	KUNIT_EXPECT_EQ(test, r->kept.marks, r->engine.marks);
	KUNIT_EXPECT_EQ(test, r->kept.end[0].iss, r->engine.end[0].iss);
	KUNIT_EXPECT_EQ(test, r->kept.transitions, r->engine.transitions);
	KUNIT_ASSERT_EQ(test, res.steps, engine->steps);
	KUNIT_EXPECT_EQ(test, memcmp(res.step, engine->step,
				     res.steps * sizeof(res.step[0])), 0);
	KUNIT_EXPECT_EQ(test, memcmp(&res.found, &engine->found,
				     sizeof(res.found)), 0);
	KUNIT_EXPECT_EQ(test, res.class, engine->class);
	KUNIT_EXPECT_EQ(test, res.rtt, engine->rtt);
	KUNIT_EXPECT_EQ(test, res.rexmit, engine->rexmit);
	KUNIT_EXPECT_EQ(test, res.findings, engine->findings);
	KUNIT_EXPECT_EQ(test, res.suspicion.what, engine->suspicion.what);
	KUNIT_EXPECT_EQ(test, res.established, engine->established);
	KUNIT_EXPECT_EQ(test, res.confirmed, engine->confirmed);
	KUNIT_EXPECT_EQ(test, res.closed, engine->closed);
	KUNIT_EXPECT_EQ(test, res.reopen, engine->reopen);
}

static void expect_same(struct kunit *test, struct replay *r, u64 now)
{
	static const unsigned int seconds[TCPT_TIMEOUTS] = {
		1, 2, 3, 4, 5, 6, 7, 8, 9,
	};
	struct tcpt_request syn;
	struct tcpt_result res;

	memset(&r->engine, 0, sizeof(r->engine));
	tcpt_open_track(&r->engine, &r->seg, false, now, NULL, &res);
	KUNIT_EXPECT_EQ(test, res.steps, 0);
	tcpt_track_fully(&r->engine, 0, &r->seg, now, &res);
	/*
	 * the tracker does not check for these events if it stores only the SYN
	 */
	KUNIT_EXPECT_EQ(test, res.class, TCPT_CLASS_OK);
	KUNIT_EXPECT_EQ(test, res.findings, 0);
	KUNIT_EXPECT_EQ(test, res.suspicion.what, 0);
	KUNIT_EXPECT_FALSE(test, res.established || res.confirmed);
	KUNIT_EXPECT_FALSE(test, res.closed || res.reopen);
	expect_same_shown(test, r, &res);
	memset(&syn, 0xa5, sizeof(syn));
	tcpt_request_keep(&syn, &r->seg, now);
	memset(&r->kept, 0, sizeof(r->kept));
	tcpt_request_track(&syn, &r->flow, r->orig, &r->kept);
	KUNIT_ASSERT_EQ(test, memcmp(&r->engine, &r->kept, sizeof(r->kept)), 0);
	KUNIT_EXPECT_EQ(test, tcpt_request_deadline(&syn, seconds),
			tcpt_timeout_deadline(&r->kept, seconds));
	tcpt_timeout_expire(&r->kept, &res);
	KUNIT_EXPECT_TRUE(test, res.closed);
	KUNIT_EXPECT_EQ(test, res.findings, 0);
}

static void request_is_all_that_the_engine_knows(struct kunit *test)
{
	struct replay *r = kunit_kzalloc(test, sizeof(*r), GFP_KERNEL);
	unsigned int i, fit = 0;
	struct rnd_state rnd;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, r);
	prandom_seed_state(&rnd, 0x7ac4e015);
	for (i = 0; i < SYNS; i++) {
		random_syn(&rnd, &r->seg);
		if (!tcpt_request_fits(&r->seg))
			continue;
		r->orig = tcpt_flow_init(&r->flow, &r->seg, FIXTURE_INUM, 0);
		expect_same(test, r, FIXTURE_START + i);
		fit++;
	}
	KUNIT_EXPECT_GT(test, fit, SYNS / 20U);
}

/* Try segments whose fields fit into a request, and others that do not fit. */
static void request_takes_no_other_segment(struct kunit *test)
{
	struct tcpt_segment seg, good;

	tcpt_fixture_segment(&good, 1, ORIG, SYN, 0, 0);
	KUNIT_EXPECT_TRUE(test, tcpt_request_fits(&good));
	seg = good;
	seg.flags |= TCPTRACE_ECE | TCPTRACE_CWR;
	KUNIT_EXPECT_TRUE(test, tcpt_request_fits(&seg));
	seg = good;
	seg.flags = SYNACK;
	KUNIT_EXPECT_FALSE(test, tcpt_request_fits(&seg));
	seg = good;
	seg.len = 1;
	KUNIT_EXPECT_FALSE(test, tcpt_request_fits(&seg));
	seg = good;
	seg.opt.present = TCPTRACE_OPT_TFO;
	KUNIT_EXPECT_FALSE(test, tcpt_request_fits(&seg));
	seg = good;
	seg.opt.present = TCPTRACE_OPT_TIMESTAMP;
	seg.opt.tsval = 5;
	KUNIT_EXPECT_TRUE(test, tcpt_request_fits(&seg));
	seg.opt.tsecr = 1;
	KUNIT_EXPECT_FALSE(test, tcpt_request_fits(&seg));
}

/*
 * If another host opens a connection, the table stores only the SYN until the
 * second segment arrives.
 */
static void request_is_kept_until_the_second_segment(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_conn *conn;

	tcpt_fixture_send(fx, 1, ORIG, SYN, 0, 0);
	conn = tcpt_fixture_find(fx, 1);
	KUNIT_ASSERT_NOT_NULL(test, conn);
	KUNIT_EXPECT_EQ(test, conn->form, TCPT_FORM_HALF_OPEN);
	tcpt_fixture_send(fx, 1, ORIG, SYN, 0, 0);
	KUNIT_EXPECT_EQ(test, conn->form, TCPT_FORM_FULL);
	KUNIT_EXPECT_PTR_EQ(test, tcpt_fixture_find(fx, 1), conn);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_track(fx, 1)->end[0].packets, 2ULL);
	/* this host opens the connection, so the owner is stored, too */
	tcpt_fixture_send(fx, 2, RESP, SYN, 0, 0);
	conn = tcpt_fixture_find(fx, 2);
	KUNIT_ASSERT_NOT_NULL(test, conn);
	KUNIT_EXPECT_EQ(test, conn->form, TCPT_FORM_FULL);
}

/* The SYN passes two hooks. */
static void request_knows_where_it_was_observed(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_segment seg;

	tcpt_fixture_segment(&seg, 1, ORIG, SYN, 0, 0);
	tcpt_fixture_see(fx, 0, &seg, TCPTRACE_HOOK_IN);
	tcpt_fixture_see(fx, 0, &seg, TCPTRACE_HOOK_FORWARD);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_stat(&fx->ns[0], TCPT_STAT_COPY),
			1UL);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_track(fx, 1)->end[0].packets, 1ULL);
}

/* Play random segments twice: as arriving at this host, and as leaving it. */
static void random_story(struct fixture *fx, struct rnd_state *rnd)
{
	static const u16 flags[] = { SYN, SYN, SYNACK, ACK, FIN, RST, RSTACK };
	unsigned int i, n = dice(rnd, 6);
	struct tcpt_segment seg;
	u16 f = SYN;

	for (i = 0; i <= n; i++) {
		tcpt_fixture_segment(&seg, 1, f == SYNACK || dice(rnd, 2), f,
				     !(f & TCPTRACE_SYN) + !dice(rnd, 8),
				     f & TCPTRACE_ACK ? 1 : 0);
		seg.ttl = 64 - !dice(rnd, 8);
		tcpt_fixture_see(fx, 0, &seg, TCPTRACE_HOOK_IN);
		tcpt_fixture_see(fx, 1, &seg, TCPTRACE_HOOK_OUT);
		fx->now += dice(rnd, 1000000000);
		f = flags[dice(rnd, ARRAY_SIZE(flags))];
	}
	if (dice(rnd, 2))
		fx->now += 1000 * FIXTURE_SEC;
	for (i = 0; i <= fx->tracker.table.mask; i++)
		tcpt_gc_bucket(&fx->tracker, i, fx->now);
	for (i = 0; i < FIXTURE_NS; i++)
		tcpt_gc_namespace(&fx->tracker, &fx->ns[i], fx->now);
	rcu_barrier();
}

/* Clear the fields in which the two records may differ. */
static void blank(struct tcptrace_header *h)
{
	struct tcptrace_open *rec = (struct tcptrace_open *)h;

	rec->flow.netns = 0;
	rec->seg.hook = 0;
}

static unsigned int expect_same_records(struct fixture *fx,
					struct tcpt_reader *reader[2])
{
	struct tcptrace_header *a, *b;
	unsigned int n = 0;
	void *copy;

	copy = kunit_kzalloc(fx->test, FIXTURE_RECORD_MAX, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(fx->test, copy);
	while ((a = (void *)tcpt_fixture_next(fx, reader[0]))) {
		blank(a);
		memcpy(copy, a, a->len);
		b = (void *)tcpt_fixture_next(fx, reader[1]);
		KUNIT_ASSERT_NOT_NULL(fx->test, b);
		blank(b);
		KUNIT_ASSERT_EQ_MSG(fx->test, memcmp(copy, b, b->len), 0,
				    "type %u", b->type);
		n++;
	}
	KUNIT_EXPECT_NULL(fx->test, tcpt_fixture_next(fx, reader[1]));
	kunit_kfree(fx->test, copy);
	return n;
}

static void request_changes_no_record(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader[2];
	unsigned int i, n = 0;
	struct rnd_state rnd;

	prandom_seed_state(&rnd, 0x7ac4e016);
	for (i = 0; i < 2; i++) {
		reader[i] = tcpt_fixture_reader(fx, i, 65536);
		tcpt_reader_set_mask(reader[i], TCPTRACE_MASK_ALL &
				     ~TCPTRACE_MASK_FATE &
				     ~TCPTRACE_MASK(TCPTRACE_DROP));
	}
	for (i = 0; i < ROUNDS; i++) {
		random_story(fx, &rnd);
		n += expect_same_records(fx, reader);
	}
	KUNIT_EXPECT_GT(test, n, 10U * ROUNDS);
}

static struct kunit_case request_cases[] = {
	KUNIT_CASE(request_is_all_that_the_engine_knows),
	KUNIT_CASE(request_takes_no_other_segment),
	KUNIT_CASE(request_is_kept_until_the_second_segment),
	KUNIT_CASE(request_knows_where_it_was_observed),
	KUNIT_CASE(request_changes_no_record),
	{}
};

static struct kunit_suite request_suite = {
	.name = "tcptrace_request",
	.init = tcpt_fixture_init,
	.exit = tcpt_fixture_exit,
	.test_cases = request_cases,
};

kunit_test_suite(request_suite);
