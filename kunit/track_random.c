// SPDX-License-Identifier: GPL-2.0
/* Check the invariants after each segment of a long random walk. */
#include <linux/prandom.h>
#include <linux/string.h>

#include "script.h"

#define ROUNDS		200000
#define CONN_MAX	60	/* maximum number of steps of a connection */

/**
 * struct walk - a random walk, with statistics of the cases that occurred
 * @t: the connection
 * @before: the connection before the segment
 * @rnd: random numbers with a constant seed
 * @now: the time
 * @left: number of segments that are left for this connection
 * @lived: the end has been in a state other than CLOSED
 * @far: segments outside the window were seen
 * @classes: number of segments of each class
 * @reasons: number of transitions with each reason
 * @states: number of times that each end was in each state
 * @reopened: number of segments that showed that a new connection replaces the
 *	old one
 * @established: number of completed handshakes
 */
struct walk {
	struct tcpt_track t;
	struct tcpt_track before;
	struct rnd_state rnd;
	u64 now;
	unsigned int left;
	bool lived[2];
	bool far;
	unsigned int classes[TCPT_CLASSES];
	unsigned int reasons[TCPTRACE_REASONS];
	unsigned int states[2][TCPTRACE_STATES];
	unsigned int reopened;
	unsigned int established;
};

static u32 roll(struct walk *w, u32 sides)
{
	return prandom_u32_state(&w->rnd) % sides;
}

static u16 random_flags(struct walk *w)
{
	static const u16 flags[] = {
		SYN, SYN, SYNACK, SYNACK, ACK, ACK, ACK, ACK, ACK, ACK, ACK,
		FIN, FIN, FIN, RST, RSTACK, TCPTRACE_FIN, SYN | FIN, 0,
	};
	u16 f;

	/*
	 * RSTs must be rare: they end connections before other cases can occur
	 */
	do {
		f = flags[roll(w, ARRAY_SIZE(flags))];
	} while (f & RST && roll(w, 4));
	if (roll(w, 50) == 0)
		f |= (u16)roll(w, 512);
	return f;
}

/*
 * Choose a sequence number near one of the sequence numbers that matter to @e.
 */
static u32 near_number(struct walk *w, const struct tcpt_endpoint *e,
		       const struct tcpt_endpoint *peer)
{
	static const int deltas[] = { 0, 0, 0, 0, 0, 0, 1, -1, 100, -100 };
	u32 n;

	switch (roll(w, 12)) {
	case 0:
		n = e->contig;
		break;
	case 1:
		n = e->iss;
		break;
	case 2:
		n = e->fin + roll(w, 2);
		break;
	case 3:
		n = peer->ack;
		break;
	case 4:
		n = peer->right;
		break;
	case 5:
		n = e->far_hi;
		break;
	case 6:
		/* jump ahead; a few such jumps do not add up to 2^31 */
		n = e->nxt + roll(w, roll(w, 8) ? 5000 : 1 << 26);
		break;
	default:
		n = e->nxt;
	}
	return n + deltas[roll(w, ARRAY_SIZE(deltas))];
}

static void random_segment(struct walk *w, struct tcpt_segment *seg,
			   unsigned int from)
{
	const struct tcpt_endpoint *x = &w->t.end[from];
	const struct tcpt_endpoint *y = &w->t.end[!from];

	memset(seg, 0, sizeof(*seg));
	if (w->t.marks & TCPT_MARK_SELF)
		y = x;
	seg->family = 4;
	seg->sport = from ? 80 : 40000;
	seg->dport = from ? 40000 : 80;
	seg->flags = random_flags(w);
	seg->seq = near_number(w, x, y);
	if (seg->flags & TCPTRACE_SYN && roll(w, 8))
		seg->seq = x->valid & TCPT_VALID_NXT ? x->iss :
						     prandom_u32_state(&w->rnd);
	if (seg->flags & TCPTRACE_ACK)
		seg->ack = near_number(w, y, x);
	seg->len = roll(w, 3) ? 0 : roll(w, 1500);
	seg->window = roll(w, 10) ? 20000 : 0;
	seg->wire_segs = 1 + roll(w, 3);
	if (seg->flags & TCPTRACE_SYN && roll(w, 2)) {
		seg->opt.present = TCPTRACE_OPT_WSCALE;
		seg->opt.wscale = roll(w, TCPT_WSCALE_MAX + 1);
	}
	if (roll(w, 2)) {
		seg->opt.present |= TCPTRACE_OPT_TIMESTAMP;
		seg->opt.tsval = x->ts_recent + roll(w, 10) - 2;
		seg->opt.tsecr = y->ts_recent;
	}
	seg->ttl = 64 - !roll(w, 50);
}

static void note(struct walk *w, const struct tcpt_result *res)
{
	unsigned int i;

	w->classes[res->class]++;
	for (i = 0; i < res->steps; i++)
		w->reasons[res->step[i].reason]++;
	w->states[0][w->t.end[0].state]++;
	w->states[1][w->t.end[1].state]++;
	w->reopened += res->reopen;
	w->established += res->established;
}

/*
 * Check whether nxt of @e moved back. After a SYN,ACK with a new ISN, nxt can
 * have any value. A difference of more than 2^30 is treated as a move forward.
 */
static bool nxt_went_back(const struct tcpt_endpoint *e,
			  const struct tcpt_endpoint *before)
{
	return before->valid & TCPT_VALID_NXT && e->iss == before->iss &&
	       before->nxt != e->nxt && before->nxt - e->nxt <= 1U << 30;
}

/*
 * Return: true if the segment proved that the end is still in an earlier state.
 */
static bool is_corrected(const struct tcpt_result *res, unsigned int end)
{
	unsigned int i;

	for (i = 0; i < res->steps; i++)
		if (res->step[i].end == end &&
		    res->step[i].reason >= TCPTRACE_REASON_SYN_REPEATED)
			return true;
	return false;
}

/*
 * Check that neither a counter nor nxt moves back, and that no flag or mark is
 * lost. An end may return to an earlier state only if the segment proved that
 * the end is still in that state. If segments outside the window were seen, an
 * end can leave CLOSED, because a FIN outside the window can have closed the
 * end too early.
 */
static const char *check_forward(struct walk *w,
				 const struct tcpt_result *res)
{
	const struct tcpt_track *t = &w->t, *before = &w->before;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		w->far |= t->end[i].valid & TCPT_VALID_FAR;
		if (w->lived[i] && before->end[i].state == TCPTRACE_CLOSED &&
		    t->end[i].state != TCPTRACE_CLOSED && !w->far)
			return "an end left CLOSED again";
		w->lived[i] |= t->end[i].state != TCPTRACE_CLOSED;
		if (t->end[i].state < before->end[i].state &&
		    t->end[i].state != TCPTRACE_CLOSED &&
		    !is_corrected(res, i))
			return "a state went back";
		if (t->end[i].packets < before->end[i].packets ||
		    t->end[i].bytes < before->end[i].bytes ||
		    t->end[i].unique_bytes < before->end[i].unique_bytes ||
		    t->end[i].missed_bytes < before->end[i].missed_bytes ||
		    t->end[i].rexmit_bytes < before->end[i].rexmit_bytes)
			return "a counter went back";
		if (~t->end[i].flags & before->end[i].flags)
			return "a flag was forgotten";
		if (nxt_went_back(&t->end[i], &before->end[i]))
			return "nxt went back";
	}
	/*
	 * only these marks can be cleared: MIDSTREAM by a late SYN, and ONE_WAY
	 * by a segment of the other direction
	 */
	if (before->marks & ~t->marks &
	    ~(TCPT_MARK_MIDSTREAM | TCPT_MARK_ONE_WAY))
		return "a mark was lost";
	return NULL;
}

/* Check the result of a segment, and count its class, reasons and states. */
static void judge(struct kunit *test, struct walk *w,
		  const struct tcpt_result *res, unsigned int round)
{
	const char *wrong = tcpt_script_check(&w->t, res, &w->before) ?:
			    check_forward(w, res);

	KUNIT_ASSERT_TRUE_MSG(test, !wrong, "round %u: %s", round, wrong);
	KUNIT_ASSERT_TRUE_MSG(test, w->t.last <= w->now &&
			      w->t.last >= w->before.last, "round %u", round);
	note(w, res);
}

static void begin(struct kunit *test, struct walk *w, unsigned int round)
{
	struct tcpt_segment seg;
	struct tcpt_result res;
	unsigned int from;
	bool self;

	memset(&w->t, 0, sizeof(w->t));
	memset(&w->before, 0, sizeof(w->before));
	do {
		from = roll(w, 2);
		random_segment(w, &seg, from);
	} while (tcpt_open_admit(&seg) > TCPT_OPEN_MIDSTREAM ||
		 (seg.flags & RST && roll(w, 20)) ||
		 tcpt_open_by_originator(&seg) == from);
	self = roll(w, 10) == 0;
	if (self)
		seg.ack = seg.seq;
	if (self)
		from = 0;
	memset(w->lived, 0, sizeof(w->lived));
	w->far = false;
	tcpt_open_track(&w->t, &seg, self, w->now, NULL, &res);
	judge(test, w, &res, round);
	w->before = w->t;
	tcpt_track_segment(&w->t, from, &seg, w->now, &res);
	judge(test, w, &res, round);
	w->left = 1 + roll(w, CONN_MAX);
}

static void step(struct kunit *test, struct walk *w, unsigned int round)
{
	struct tcpt_segment seg;
	struct tcpt_result res;
	unsigned int from;

	w->before = w->t;
	from = w->t.marks & TCPT_MARK_SELF ? 0 : roll(w, 2);
	random_segment(w, &seg, from);
	/* some pauses are long enough for a retransmission timeout */
	w->now += roll(w, 8) ? roll(w, 1000000) : NSEC_PER_SEC;
	memset(&res, 0xff, sizeof(res));
	tcpt_track_segment(&w->t, from, &seg, w->now, &res);
	judge(test, w, &res, round);
	if (res.reopen)
		w->left = 0;
}

/*
 * Expect that every case has occurred, except the end of 2 MSL. A case that has
 * not occurred is not tested.
 */
static void expect_variety(struct kunit *test, const struct walk *w)
{
	unsigned int i;

	for (i = 0; i < TCPT_CLASSES; i++)
		KUNIT_EXPECT_TRUE_MSG(test, w->classes[i] > 5, "class %u", i);
	for (i = 1; i < TCPTRACE_REASONS; i++)
		if (i != TCPTRACE_REASON_2MSL)
			KUNIT_EXPECT_TRUE_MSG(test, w->reasons[i] > 5,
					      "reason %u", i);
	for (i = 0; i < TCPTRACE_STATES; i++) {
		KUNIT_EXPECT_TRUE_MSG(test, w->states[0][i] > 5,
				      "orig's state %u", i);
		KUNIT_EXPECT_TRUE_MSG(test, w->states[1][i] > 5,
				      "resp's state %u", i);
	}
	KUNIT_EXPECT_TRUE(test, w->reopened > 5);
	KUNIT_EXPECT_TRUE(test, w->established > 5);
}

static void track_random(struct kunit *test)
{
	struct walk *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, w);
	prandom_seed_state(&w->rnd, 0x7c970001);
	w->now = 1000000000;
	for (i = 0; i < ROUNDS; i++) {
		if (w->left == 0)
			begin(test, w, i);
		step(test, w, i);
		if (w->left)
			w->left--;
	}
	expect_variety(test, w);
}

static struct kunit_case random_cases[] = {
	KUNIT_CASE(track_random),
	{}
};

static struct kunit_suite random_suite = {
	.name = "tcptrace_track_random",
	.test_cases = random_cases,
};

kunit_test_suite(random_suite);
