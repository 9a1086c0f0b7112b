// SPDX-License-Identifier: GPL-2.0
/* Test the fate of a SYN: how far the SYN got, and who answered it. */
#include <kunit/test.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../module/core/fate.h"
#include "../module/core/result.h"
#include "../module/core/segment.h"
#include "../module/core/tcb.h"
#include "../module/drop_reason.h"

#include <linux/skbuff.h>

enum {
	STEPS_MAX	= 4,
	UNANSWERED	= TCPTRACE_CLOSE_UNANSWERED,
	REFUSED		= TCPTRACE_CLOSE_REFUSED,
	SYN		= TCPTRACE_SYN,
	SYNACK		= TCPTRACE_SYN | TCPTRACE_ACK,
};

/**
 * struct step - a packet, and how far the packet got
 * @step: enum tcpt_fate_step; OBSERVED ends the list
 * @flags: TCP flags of the packet
 * @from: sender of the packet
 * @ignored: the listener had no room, so it ignored the packet
 */
struct step {
	u8 step;
	u8 flags;
	u8 from;
	bool ignored;
};

/**
 * struct fate_row - steps of packets, and the expected fate of the SYN
 * @name: the special case under test
 * @steps: the steps
 * @asleep: no reader asked for fates
 * @midstream: the SYN was not seen
 * @answers: number of packets of the responder
 * @reason: enum tcptrace_close_reason
 * @hook: enum tcptrace_hook of the RST that refused the SYN
 * @error: enum tcptrace_error_kind of a credible error
 * @local: this host sent the error
 * @want: enum tcptrace_fate
 * @drops: expected number of dropped packets
 */
struct fate_row {
	const char *name;
	struct step steps[STEPS_MAX];
	bool asleep;
	bool midstream;
	u64 answers;
	u8 reason;
	u8 hook;
	u8 error;
	bool local;
	u8 want;
	u16 drops;
};

#define LEFT		{ TCPT_FATE_LEFT, SYN, 0 }
#define DELIVERED	{ TCPT_FATE_DELIVERED, SYN, 0 }
#define DROPPED		{ TCPT_FATE_DROPPED, SYN, 0 }
#define IGNORED		{ TCPT_FATE_DROPPED, SYN, 0, true }
#define WANT(f)		.want = TCPTRACE_FATE_##f
#define IN		TCPTRACE_HOOK_IN
#define OUT		TCPTRACE_HOOK_OUT
#define UNREACHABLE	TCPTRACE_ERROR_UNREACHABLE

static const struct fate_row fate_rows[] = {
	{ "the SYN was only observed", WANT(NOT_SEEN) },
	{ "no reader asked for fates", { }, .asleep = true, WANT(NONE) },
	{ "the SYN was not seen", { LEFT }, .midstream = true, WANT(NONE) },
	{ "the SYN left this host", { LEFT }, WANT(LEFT) },
	{ "the SYN was delivered", { DELIVERED }, WANT(DELIVERED) },
	{ "on loopback, the SYN left and was delivered", { LEFT, DELIVERED },
	  WANT(DELIVERED) },
	{ "a rule dropped the SYN", { DROPPED }, WANT(DROPPED), .drops = 1 },
	{ "the SYN was dropped after the ruleset", { LEFT, DROPPED }, WANT(DROPPED),
	  .drops = 1 },
	{ "the first SYN was dropped, the second one left", { DROPPED, LEFT }, WANT(LEFT),
	  .drops = 1 },
	{ "both SYNs were dropped", { DROPPED, DROPPED }, WANT(DROPPED), .drops = 2 },
	{ "another packet of the connection was dropped",
	  { LEFT, { TCPT_FATE_DROPPED, TCPTRACE_ACK, 0 } }, WANT(LEFT),
	  .drops = 1 },
	{ "a SYN of the responder was dropped",
	  { LEFT, { TCPT_FATE_DROPPED, SYN, 1 } }, WANT(LEFT), .drops = 1 },
	{ "the listener had no room", { DELIVERED, IGNORED }, WANT(DROPPED),
	  .drops = 1 },
	{ "the listener had no room for the first SYN only", { DELIVERED, IGNORED, DELIVERED },
	  WANT(DELIVERED), .drops = 1 },
	{ "the listener had no room, but answered", { DELIVERED, IGNORED },
	  .answers = 1, WANT(ANSWERED) },
	{ "the SYN was answered", { LEFT }, .answers = 1, WANT(ANSWERED) },
	{ "the SYN was answered, and no reader asked for fates",
	  { }, .asleep = true, .answers = 1,
	  WANT(ANSWERED) },
	{ "the SYN,ACK was dropped",
	  { DELIVERED, { TCPT_FATE_DROPPED, SYNACK, 1 } }, .answers = 1,
	  WANT(ANSWERED), .drops = 1 },
	{ "refused by another host", { LEFT }, .answers = 1, .reason = REFUSED,
	  .hook = IN, WANT(REFUSED) },
	{ "refused by this host", { DELIVERED }, .answers = 1,
	  .reason = REFUSED, .hook = OUT, WANT(NO_SOCKET) },
	{ "refused by this host on loopback", { LEFT, DELIVERED },
	  .answers = 1, .reason = REFUSED, .hook = OUT, WANT(NO_SOCKET) },
	{ "a rule sent a RST", { }, .answers = 1, .reason = REFUSED,
	  .hook = OUT, WANT(REJECTED) },
	{ "refused by this host, and no reader asked for fates",
	  { }, .asleep = true,
	  .answers = 1, .reason = REFUSED, .hook = OUT, WANT(REFUSED) },
	{ "a router reported the responder unreachable", { LEFT }, .error = UNREACHABLE,
	  WANT(UNREACHABLE) },
	{ "unreachable, and no reader asked for fates", { }, .asleep = true,
	  .error = UNREACHABLE, WANT(UNREACHABLE) },
	{ "a rule sent an ICMP error", { DROPPED }, .error = UNREACHABLE,
	  .local = true, WANT(REJECTED), .drops = 1 },
	{ "the neighbor did not answer", { LEFT, DROPPED },
	  .error = UNREACHABLE, .local = true, WANT(UNREACHABLE), .drops = 1 },
	{ "a packet-too-big error is not an answer",
	  { LEFT }, .error = TCPTRACE_ERROR_TOO_BIG,
	  WANT(LEFT) },
	{ "unreachable at first, then answered", { LEFT }, .answers = 1,
	  .error = UNREACHABLE, WANT(ANSWERED) },
};

static void fate_desc(const struct fate_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(fate, fate_rows, fate_desc);

/* @res: set to a result for the calls of tcpt_fate_pass() */
static struct tcpt_track *new_track(struct kunit *test, struct tcpt_result **res)
{
	struct tcpt_track *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	*res = kunit_kzalloc(test, sizeof(**res), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, *res);
	return t;
}

static void fate_of_a_syn(struct kunit *test)
{
	const struct fate_row *row = test->param_value;
	struct tcpt_passage passage = { .reason = "R", .ifindex = 3 };
	struct tcpt_segment seg = {};
	struct tcpt_result *res;
	struct tcpt_track *t;
	unsigned int i;

	t = new_track(test, &res);
	t->fate.watched = !row->asleep;
	t->fate.error.kind = row->error;
	t->fate.local = row->local;
	t->marks = row->midstream ? TCPT_MARK_MIDSTREAM : 0;
	t->end[0].syns = 1;
	t->end[1].packets = row->answers;
	t->close_reason = row->reason ?: UNANSWERED;
	for (i = 0; i < STEPS_MAX && row->steps[i].step; i++) {
		passage.step = row->steps[i].step;
		passage.ignored = row->steps[i].ignored;
		seg.flags = row->steps[i].flags;
		tcpt_fate_pass(t, row->steps[i].from, &seg, &passage, res);
	}
	KUNIT_EXPECT_EQ(test, tcpt_fate_of(t, row->hook),
			(enum tcptrace_fate)row->want);
	KUNIT_EXPECT_EQ(test, t->fate.drops, row->drops);
}

static void fate_counts_up_to_a_limit(struct kunit *test)
{
	struct tcpt_passage passage = { .step = TCPT_FATE_DROPPED };
	struct tcpt_segment seg = { .flags = TCPTRACE_ACK };
	struct tcpt_result *res;
	struct tcpt_track *t;
	unsigned int i;

	t = new_track(test, &res);
	for (i = 0; i < 65540; i++)
		tcpt_fate_pass(t, 0, &seg, &passage, res);
	KUNIT_EXPECT_EQ(test, t->fate.drops, 65535);
}

/*
 * Until the listener answers, each drop of a SYN is counted, but only the first
 * drop is reported as a finding.
 */
static void fate_listener_is_full(struct kunit *test)
{
	struct tcpt_passage passage = {
		.step = TCPT_FATE_DROPPED,
		.backlog = { .reason = "R", .drops = 7 },
		.ignored = true,
	};
	struct tcpt_segment seg = { .flags = TCPTRACE_SYN };
	struct tcpt_result *res;
	struct tcpt_track *t;

	t = new_track(test, &res);
	KUNIT_EXPECT_TRUE(test, tcpt_fate_pass(t, 0, &seg, &passage, res));
	KUNIT_ASSERT_EQ(test, res->findings, 1);
	KUNIT_EXPECT_EQ(test, res->finding[0].kind,
			TCPTRACE_FINDING_LISTENER_FULL);
	KUNIT_EXPECT_EQ(test, res->finding[0].end, 1);
	KUNIT_EXPECT_EQ(test, res->finding[0].value, 7);
	passage.backlog.drops = 8;
	KUNIT_EXPECT_TRUE(test, tcpt_fate_pass(t, 0, &seg, &passage, res));
	KUNIT_EXPECT_EQ(test, res->findings, 0);
	KUNIT_EXPECT_EQ(test, t->findings.list[0].count, 2);
	KUNIT_EXPECT_EQ(test, t->findings.list[0].value, 8);
	t->end[1].packets = 1;
	KUNIT_EXPECT_FALSE(test, tcpt_fate_pass(t, 0, &seg, &passage, res));
	KUNIT_EXPECT_EQ(test, t->findings.list[0].count, 2);
	KUNIT_EXPECT_EQ(test, t->fate.drops, 2);
}

/* Check the names of drop reasons, whose values differ between kernels. */
static void fate_reasons_have_names(struct kunit *test)
{
	static const struct {
		u32 reason;
		const char *name;
	} rows[] = {
		{ SKB_DROP_REASON_NO_SOCKET, "NO_SOCKET" },
		{ SKB_DROP_REASON_NETFILTER_DROP, "NETFILTER_DROP" },
		{ SKB_DROP_REASON_TCP_CSUM, "TCP_CSUM" },
		{ 0x00020001, "OTHER" },	/* a reason of a subsystem */
		{ 0xffffffff, "OTHER" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_STREQ(test, tcpt_drop_reason_name(rows[i].reason),
				   rows[i].name);
}

static struct kunit_case fate_cases[] = {
	KUNIT_CASE_PARAM(fate_of_a_syn, fate_gen_params),
	KUNIT_CASE(fate_counts_up_to_a_limit),
	KUNIT_CASE(fate_listener_is_full),
	KUNIT_CASE(fate_reasons_have_names),
	{}
};

static struct kunit_suite fate_suite = {
	.name = "tcptrace_fate",
	.test_cases = fate_cases,
};

kunit_test_suite(fate_suite);
