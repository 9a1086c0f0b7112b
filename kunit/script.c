// SPDX-License-Identifier: GPL-2.0
/*
 * Run scripts. The runner takes the role of the tracker: it opens connections,
 * replaces a connection if a new connection has the same ports, and emits the
 * records.
 */
#include "script.h"

#include <linux/string.h>

#include "../module/core/seq.h"

/* A script must have the same result with each of these pairs of ISNs. */
static const u32 isns[SCRIPT_ISNS][2] = {
	{ 1000, 500000 },
	{ 0xffffffff, 0xffffffff },	/* the SYN is just before 0 */
	{ 0xfffffffe, 0x7ffffffe },
	{ 0xffffff9b, 0xfffffff5 },	/* the wrap is inside data */
	{ 0xfffffc17, 0xfffffb00 },
	{ 0x7fffff00, 0x80000000 },	/* the sign bit flips */
};

const struct line tcpt_script_handshake[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED, OK),
	LINE("ACK", ORIG, ACK, 1, 1, 0, ESTAB, ESTAB, OK, .events = EV_OPEN),
	{}
};

static bool is_over(const struct tcpt_endpoint *e)
{
	return e->state == TCPTRACE_CLOSED || e->state == TCPTRACE_TIME_WAIT;
}

/*
 * Check that each transition begins in the state that the previous transition
 * of the same end reached.
 */
static const char *check_steps(const struct tcpt_track *t,
			       const struct tcpt_result *res,
			       const struct tcpt_track *before)
{
	u8 state[2] = { before->end[0].state, before->end[1].state };
	const struct tcpt_step *step;
	unsigned int i;

	if (res->steps > TCPT_STEPS_MAX)
		return "more steps than there is room for";
	if (t->transitions != before->transitions + res->steps)
		return "transitions are not counted exactly";
	for (i = 0; i < res->steps; i++) {
		step = &res->step[i];
		if (step->end > 1 || step->from != state[step->end])
			return "a step does not begin in the state of its end";
		if (step->from == step->to || step->to >= TCPTRACE_STATES)
			return "a step leads nowhere";
		if (step->reason == TCPTRACE_REASON_NONE ||
		    step->reason >= TCPTRACE_REASONS)
			return "a step has no reason";
		state[step->end] = step->to;
	}
	if (state[0] != t->end[0].state || state[1] != t->end[1].state)
		return "the steps do not lead to the state";
	return NULL;
}

/*
 * Check that the gaps are in order, do not overlap, and end before or at nxt.
 */
static const char *check_gaps(const struct tcpt_endpoint *e)
{
	const struct tcpt_gaps *h = &e->gaps;
	unsigned int i;

	if (h->n > TCPT_GAPS_MAX)
		return "more gaps than there is room for";
	if (e->contig != (h->n ? h->lo[0] : e->nxt))
		return "contig is not where the first gap begins";
	for (i = 0; i < h->n; i++) {
		if (!tcpt_seq_before(h->lo[i], h->hi[i]))
			return "a gap is empty";
		if (tcpt_seq_after(h->hi[i], i + 1 < h->n ? h->lo[i + 1] :
							    e->nxt))
			return "a gap overlaps the next one";
	}
	return NULL;
}

static const char *check_end(const struct tcpt_endpoint *e)
{
	if (e->state >= TCPTRACE_STATES)
		return "a state that does not exist";
	if (e->unique_bytes + e->rexmit_bytes > e->bytes)
		return "more bytes were new or sent again than were sent";
	if (e->rexmit_packets > e->counters.data_packets ||
	    e->counters.data_packets > e->packets || e->segments < e->packets)
		return "the packet counters contradict each other";
	return e->valid & TCPT_VALID_NXT ? check_gaps(e) : NULL;
}

/**
 * tcpt_script_check - check the invariants of a connection after a segment
 * @t: the connection
 * @res: the result of the segment
 * @before: the connection before the segment
 *
 * Context: any.
 * Return: NULL, or a description of the invariant that does not hold.
 */
const char *tcpt_script_check(const struct tcpt_track *t,
			      const struct tcpt_result *res,
			      const struct tcpt_track *before)
{
	const char *wrong = check_steps(t, res, before);
	bool closed = t->marks & TCPT_MARK_CLOSED;

	if (!wrong)
		wrong = check_end(&t->end[0]);
	if (!wrong)
		wrong = check_end(&t->end[1]);
	if (wrong)
		return wrong;
	if (res->class >= TCPT_CLASSES)
		return "a class that does not exist";
	if (res->reopen && memcmp(t, before, sizeof(*t)))
		return "reopen, but the connection has changed";
	if (closed && !(is_over(&t->end[0]) && is_over(&t->end[1])))
		return "closed, but an end is in an open state";
	if (closed != !!t->close_reason)
		return "closed without a reason, or a reason without a close";
	if (closed != ((before->marks & TCPT_MARK_CLOSED) || res->closed))
		return "the close is not reported exactly once";
	if ((before->marks & TCPT_MARK_CLOSED) && res->closed)
		return "closed again";
	if (t->by > 1 && t->by != TCPT_NOBODY)
		return "closed by neither end";
	if (res->established && !res->confirmed)
		return "established, but not confirmed";
	if (t->established && !(t->marks & TCPT_MARK_CONFIRMED))
		return "established once, but not confirmed";
	return NULL;
}

static struct tcptrace_header *reserve(void *data, u32 masks, u32 len,
				       const struct tcpt_cause *cause,
				       struct tcptrace_header *room)
{
	return room;
}

static void commit(void *data, struct tcptrace_header *h)
{
	const struct tcptrace_transition *state = (const void *)h;
	struct stage *s = data;

	switch (h->type) {
	case TCPTRACE_STATE:
		if (s->steps < ARRAY_SIZE(s->why))
			s->why[s->steps++] = state->reason;
		break;
	case TCPTRACE_ESTABLISHED:
		s->events |= EV_ESTABLISHED;
		break;
	case TCPTRACE_CLOSE:
		s->events |= EV_CLOSED;
		break;
	}
}

static void expect_line(struct stage *s, const struct tcpt_result *res)
{
	const struct line *l = s->line;
	unsigned int i;

	KUNIT_EXPECT_EQ_MSG(s->test, s->t.end[0].state, l->orig,
			    "%s (ISN %x): orig", l->what, s->isn[0]);
	KUNIT_EXPECT_EQ_MSG(s->test, s->t.end[1].state, l->resp,
			    "%s (ISN %x): resp", l->what, s->isn[0]);
	KUNIT_EXPECT_EQ_MSG(s->test, res->class, l->class, "%s (ISN %x)",
			    l->what, s->isn[0]);
	KUNIT_EXPECT_EQ_MSG(s->test, s->events, (unsigned int)l->events,
			    "%s (ISN %x)", l->what, s->isn[0]);
	for (i = 0; l->why[0] && i < ARRAY_SIZE(l->why); i++)
		KUNIT_EXPECT_EQ_MSG(s->test, i < s->steps ? s->why[i] : 0,
				    l->why[i], "%s: reason %u", l->what, i);
}

static void apply(struct stage *s, const struct tcpt_cause *cause,
		  const struct tcpt_result *res)
{
	struct tcpt_source source = { .track = &s->t, .flow = &s->flow };

	if (res->confirmed)
		s->events |= EV_CONFIRMED;
	tcpt_emit_result(&s->sink, &source, cause, res);
}

/* Track a segment. Return: false if a new connection replaces this one. */
static bool track(struct stage *s, const struct tcpt_cause *cause,
		  struct tcpt_result *res)
{
	s->before = s->t;
	tcpt_track_segment(&s->t, cause->from, cause->seg, cause->now, res);
	KUNIT_EXPECT_STREQ_MSG(s->test, tcpt_script_check(&s->t, res,
							  &s->before) ?: "",
			       "", "%s", s->line->what);
	if (res->reopen)
		return false;
	apply(s, cause, res);
	return true;
}

static void open_track(struct stage *s, const struct tcpt_cause *cause)
{
	struct tcpt_result res;

	memset(&s->before, 0, sizeof(s->before));
	memset(&s->t, 0, sizeof(s->t));
	s->open = true;
	KUNIT_ASSERT_LE(s->test, tcpt_open_admit(cause->seg),
			TCPT_OPEN_MIDSTREAM);
	tcpt_open_track(&s->t, cause->seg, s->script->self, cause->now, NULL,
			&res);
	KUNIT_EXPECT_TRUE(s->test, !check_steps(&s->t, &res, &s->before));
	apply(s, cause, &res);
}

/*
 * Open a connection with a SYN that was seen before the old connection ended.
 */
static void open_with_syn(struct stage *s, const struct tcpt_cause *last)
{
	struct tcpt_segment seg;
	struct tcpt_cause cause = { .seg = &seg, .now = s->syn.first };
	struct tcpt_result res;

	tcpt_pending_segment(&s->syn, last->seg, last->from, &seg);
	open_track(s, &cause);
	while (tcpt_pending_next(&s->syn, &cause.now))
		KUNIT_EXPECT_TRUE(s->test, track(s, &cause, &res));
}

static void open_line(struct stage *s, struct tcpt_cause *cause,
		      unsigned int host, struct tcpt_result *res)
{
	s->orig = s->syn.kind ? s->orig ^ s->syn.from :
		  tcpt_open_originator(cause->seg, s->script->self, host);
	cause->from = (u8)(host ^ s->orig);
	if (s->syn.kind)
		open_with_syn(s, cause);
	else
		open_track(s, cause);
	KUNIT_EXPECT_TRUE(s->test, track(s, cause, res));
}

static void play_segment(struct stage *s)
{
	unsigned int host = s->script->self ? 0 : s->line->s.from ^ s->orig;
	struct tcpt_segment seg;
	struct tcpt_cause cause = { .seg = &seg, .from = s->line->s.from };
	struct tcpt_result res;

	s->events = 0;
	s->steps = 0;
	s->syn.kind = TCPT_PENDING_NONE;
	tcpt_spec_segment(&seg, &s->line->s, s->isn, host);
	tcpt_flow_init(&s->flow, &seg, 0, 0);
	s->now += tcpt_spec_ns(&s->line->s);
	cause.now = s->now;
	if (s->open && !track(s, &cause, &res)) {
		s->events |= EV_REOPEN;
		s->open = false;
		tcpt_open_take_syn(&s->t, cause.from, &seg, &s->syn);
	}
	if (!s->open)
		open_line(s, &cause, host, &res);
	expect_line(s, &res);
}

/**
 * tcpt_script_play - play the current line of a script
 * @s: the stage
 *
 * Context: a test.
 */
void tcpt_script_play(struct stage *s)
{
	const struct line *line = s->line;

	if (!line->sub) {
		play_segment(s);
		return;
	}
	/* there is only one level: the lines in @sub have no @sub */
	for (s->line = line->sub; s->line->what; s->line++)
		play_segment(s);
	s->line = line;
}

/**
 * tcpt_script_stage - allocate a stage, which is too large for the stack
 * @test: the test
 *
 * Context: a test.
 * Return: the stage, for tcpt_script_begin(); it is freed when the test ends.
 */
struct stage *tcpt_script_stage(struct kunit *test)
{
	struct stage *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, s);
	return s;
}

/**
 * tcpt_script_begin - prepare a stage
 * @s: the stage
 * @test: the test
 * @script: the script
 * @n: index of the pair of ISNs, less than SCRIPT_ISNS
 *
 * Context: a test.
 */
void tcpt_script_begin(struct stage *s, struct kunit *test,
		       const struct script *script, unsigned int n)
{
	memset(s, 0, sizeof(*s));
	s->test = test;
	s->script = script;
	s->line = script->line;
	s->isn[0] = isns[n][0];
	s->isn[1] = script->self ? isns[n][0] : isns[n][1];
	s->now = 1000000000;
	s->sink = (struct tcpt_sink) {
		.wants = ~0U, .reserve = reserve, .commit = commit, .data = s,
	};
}

static void expect_totals(struct stage *s, unsigned int end)
{
	const struct totals *want = &s->script->totals[end];
	const struct tcpt_endpoint *e = &s->t.end[end];

	KUNIT_EXPECT_EQ(s->test, e->packets, (u64)want->packets);
	KUNIT_EXPECT_EQ(s->test, e->segments, (u64)want->segments);
	KUNIT_EXPECT_EQ(s->test, e->bytes, (u64)want->bytes);
	KUNIT_EXPECT_EQ(s->test, e->rexmit_bytes, (u64)want->rexmit_bytes);
	KUNIT_EXPECT_EQ(s->test, e->rexmit_packets, want->rexmit_packets);
	KUNIT_EXPECT_EQ(s->test, e->unique_bytes, (u64)want->bytes -
			want->rexmit_bytes - want->outside);
	KUNIT_EXPECT_EQ(s->test, e->missed_bytes, (u64)want->missed);
	KUNIT_EXPECT_EQ(s->test, e->syns, want->syns);
	KUNIT_EXPECT_EQ(s->test, e->synacks, want->synacks);
}

static void expect_result(struct stage *s)
{
	const struct script *script = s->script;

	KUNIT_EXPECT_EQ(s->test, s->t.close_reason, script->close);
	KUNIT_EXPECT_EQ(s->test, s->t.by, script->by);
	KUNIT_EXPECT_EQ(s->test, s->t.marks & (TCPT_MARK_MIDSTREAM |
					       TCPT_MARK_GUESSED),
			(int)script->marks);
	if (!script->totals[0].packets)
		return;
	expect_totals(s, 0);
	expect_totals(s, 1);
}

static void normalize_gaps(struct tcpt_gaps *h, u32 own)
{
	unsigned int i;

	for (i = 0; i < TCPT_GAPS_MAX; i++) {
		h->lo[i] = i < h->n ? h->lo[i] - own : 0;
		h->hi[i] = i < h->n ? h->hi[i] - own : 0;
	}
}

static void normalize_rtt(struct tcpt_rtt *rtt, u32 own)
{
	rtt->begin = rtt->sent ? rtt->begin - own : 0;
	rtt->end = rtt->sent ? rtt->end - own : 0;
}

static void normalize_end(struct tcpt_endpoint *e, u32 own, u32 other)
{
	if (e->valid & TCPT_VALID_NXT) {
		e->iss -= own;
		e->nxt -= own;
		e->contig -= own;
	}
	/* valid only while Wireshark's analysis permits the fast path */
	e->scale = 0;
	normalize_gaps(&e->gaps, own);
	normalize_rtt(&e->rtt, own);
	if (e->valid & TCPT_VALID_ACK) {
		e->ack -= other;
		e->right -= other;
	}
	if (e->valid & TCPT_VALID_FIN)
		e->fin -= own;
	if (e->valid & TCPT_VALID_CLAIM) {
		e->claim -= other;
		e->claim_right -= other;
	} else {
		e->claim = 0;
		e->claim_right = 0;
	}
	if (e->counters.segment_max)
		e->counters.segment_max_seq -= own;
	/* clear far_lo and far_hi if they are not valid */
	if (e->valid & TCPT_VALID_FAR) {
		e->far_lo -= own;
		e->far_hi -= own;
	} else {
		e->far_lo = 0;
		e->far_hi = 0;
	}
}

/*
 * Clear the counters of Wireshark's analysis, which may differ: the analysis
 * takes sequence number 0 for "none".
 */
static void normalize_counters(struct tcpt_counters *counters)
{
	counters->out_of_order = 0;
	counters->dup_acks = 0;
	counters->triple_dup_acks = 0;
	counters->zero_window_probes = 0;
	counters->window_full = 0;
	counters->keep_alives = 0;
}

/*
 * Clear the sequence numbers; keep the history, the states and the counts.
 */
static void normalize_zeek(struct tcpt_zeek *h)
{
	struct tcpt_zeek_end *x;

	for (x = h->end; x < h->end + ARRAY_SIZE(h->end); x++) {
		x->start = 0;
		x->last = 0;
		x->acked = 0;
		x->syn = 0;
		x->fin = 0;
		x->rst = 0;
	}
}

/*
 * Clear the times: loss recovery depends on Wireshark's analysis, which is not
 * compared.
 */
static void normalize_times(struct tcpt_track *t, unsigned int end)
{
	memset(&t->end[end].chrono, 0, sizeof(t->end[end].chrono));
	t->response[end].delayed = 0;
}

static void normalize_findings(struct tcpt_findings *f, u32 orig, u32 resp)
{
	f->edge[0] = f->watch & TCPT_WATCH_SHRUNK ? f->edge[0] - resp : 0;
	f->edge[1] = f->watch & TCPT_WATCH_SHRUNK_1 ? f->edge[1] - orig : 0;
	if (f->watch & TCPT_WATCH_ASK)
		f->asked_seq -= f->asker ? resp : orig;
	else
		f->asked_seq = 0;
}

/**
 * tcpt_script_normalize - remove the ISNs from the state of a connection
 * @t: the connection
 * @s: the stage on which a script has run
 *
 * After this call, two runs with different ISNs must have the same state.
 * Wireshark's analysis is cleared, because it takes sequence number 0 for
 * "none". The fields of the fast path that depend on that analysis are also
 * cleared.
 *
 * Context: a test.
 */
void tcpt_script_normalize(struct tcpt_track *t, const struct stage *s)
{
	u32 orig = s->isn[s->orig], resp = s->isn[!s->orig];

	normalize_end(&t->end[0], orig, resp);
	normalize_end(&t->end[1], resp, orig);
	normalize_counters(&t->end[0].counters);
	normalize_counters(&t->end[1].counters);
	normalize_times(t, 0);
	normalize_times(t, 1);
	memset(&t->wireshark, 0, sizeof(t->wireshark));
	t->ready = 0;
	memset(&t->pending, 0, sizeof(t->pending));
	normalize_zeek(&t->zeek);
	normalize_findings(&t->findings, orig, resp);
}

/**
 * tcpt_script_run - run a script with every pair of ISNs
 * @test: the test
 * @script: the script
 *
 * Context: a test.
 */
void tcpt_script_run(struct kunit *test, const struct script *script)
{
	struct stage *s = tcpt_script_stage(test);
	struct tcpt_track *first = kunit_kzalloc(test, sizeof(*first),
						 GFP_KERNEL);
	unsigned int n;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, first);
	for (n = 0; n < SCRIPT_ISNS; n++) {
		tcpt_script_begin(s, test, script, n);
		for (; s->line->what; s->line++)
			tcpt_script_play(s);
		expect_result(s);
		tcpt_script_normalize(&s->t, s);
		if (n == 0)
			*first = s->t;
		KUNIT_EXPECT_EQ_MSG(test, memcmp(&s->t, first,
						 sizeof(*first)), 0,
				    "ISN %x, %x: the result is different",
				    s->isn[0], s->isn[1]);
	}
}

/**
 * tcpt_script_desc - get the name of a script, for KUNIT_ARRAY_PARAM()
 * @script: the script
 * @desc: set to the name
 *
 * Context: a test.
 */
void tcpt_script_desc(const struct script *script, char *desc)
{
	strscpy(desc, script->name, KUNIT_PARAM_DESC_SIZE);
}
