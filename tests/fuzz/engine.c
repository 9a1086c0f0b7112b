// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz the engine with sequences of segments between one pair of ends, which
 * may have several consecutive connections. The target calls the engine's
 * functions in the same order as the tracker. With FUZZ_TRACE in the
 * environment, print each segment that is tracked.
 */
#include "decode.h"
#include "invariant.h"
#include "oracle.h"
#include "records.h"

#include "core/clean.h"
#include "core/flow.h"
#include "core/name.h"
#include "core/open.h"
#include "core/pending.h"
#include "core/timeout.h"

#include <linux/tcptrace.h>

enum {
	STEPS_MAX	= 250,
};

static const unsigned int timeouts[TCPT_TIMEOUTS] = {
	60, 60, 60, 432000, 300, 120, 60, 10,
};

/**
 * struct play - the state of a run
 * @d: the decoder that makes the segments
 * @t: the current connection or, if none is open, the previous connection
 * @base: the connection when it became clean
 * @clean: what has changed since then
 * @is_clean: the connection is clean
 * @flow: the ends of the connection
 * @oracle: the oracle of each end
 * @open: a connection is open
 * @orig: number of the host that is end 0 of @t
 * @sender: number of the end of @flow that is host 0
 * @reused: @past is set
 * @past: the analysis that the next connection inherits, host 0 first
 * @id: number of connections so far
 * @closed: number of results that reported the close of the connection
 * @loud: print each segment that is tracked
 */
struct play {
	struct decode d;
	struct tcpt_track t;
	struct tcpt_track base;
	struct tcpt_clean clean;
	bool is_clean;
	struct tcpt_flow flow;
	struct oracle oracle[2];
	bool open;
	unsigned int orig;
	unsigned int sender;
	bool reused;
	struct tcpt_wireshark past;
	u64 id;
	unsigned int closed;
	bool loud;
};

static void trace(const struct play *p, const struct decode_step *s,
		  const struct tcpt_result *res)
{
	const struct tcpt_segment *seg = &s->seg;
	char flags[TCPT_FLAGS_LEN];

	fprintf(stderr, "%llu ns: host %u %s seq %u ack %u len %u win %u: ",
		(unsigned long long)p->d.now, s->host,
		tcpt_flags_name(seg->flags, flags), seg->seq, seg->ack,
		seg->len, seg->window);
	fprintf(stderr, "%s, %s, class %u, analysis %#x, suspicion %u%s\n",
		tcpt_state_name(p->t.end[0].state),
		tcpt_state_name(p->t.end[1].state), res->class,
		res->found.classes, res->suspicion.what,
		res->reopen ? ", reopen" : "");
}

static struct tcpt_source source_of(const struct play *p)
{
	return (struct tcpt_source) {
		.track = &p->t,
		.flow = &p->flow,
		.id = p->id,
		.iss = { p->t.end[0].iss, p->t.end[1].iss },
		.marks = p->t.marks,
		.orig = (u8)(p->sender ^ p->orig),
	};
}

static void judge(struct play *p, const struct view *w)
{
	struct tcpt_source source = source_of(p);

	invariant_check(w);
	records_check(w, &source);
	p->closed += w->res->closed;
	must(p->closed == !!(p->t.marks & TCPT_MARK_CLOSED));
}

/* Compare only the fields that the fast path sets. */
static void must_agree(const struct tcpt_result *a,
		       const struct tcpt_result *b)
{
	must(a->steps == b->steps && a->class == b->class && a->rtt == b->rtt);
	must(!memcmp(a->step, b->step, a->steps * sizeof(*a->step)));
	must(a->found.classes == b->found.classes &&
	     a->found.dup_ack_num == b->found.dup_ack_num);
	must(a->suspicion.what == b->suspicion.what);
	must(a->rexmit == b->rexmit && a->findings == b->findings);
	must(!memcmp(a->finding, b->finding,
		     a->findings * sizeof(*a->finding)));
	must(a->established == b->established &&
	     a->confirmed == b->confirmed && a->closed == b->closed &&
	     a->reopen == b->reopen);
}

/*
 * While the connection is clean, the segment must have the same effect.
 * @before: the connection before the segment; @rtt: the round trip time that the
 * segment measures
 */
static void track_clean(struct play *p, unsigned int from,
			const struct tcpt_segment *seg,
			const struct tcpt_track *before, u64 rtt)
{
	struct tcpt_track given = p->base;
	u64 measured = ~0ULL;

	if (!p->is_clean)
		return;
	p->is_clean = p->d.now >= tcpt_clean_last(&p->clean) &&
		      tcpt_clean_segment(&p->clean, from, seg, p->d.now,
					 &measured);
	tcpt_clean_give(&p->clean, &given);
	must(!memcmp(&given, p->is_clean ? &p->t : before, sizeof(given)));
	must(!p->is_clean || measured == rtt);
}

static void make_clean(struct play *p)
{
	if (p->is_clean || !tcpt_clean_may(&p->t))
		return;
	p->is_clean = true;
	p->base = p->t;
	memset(&p->clean, 0, sizeof(p->clean));
	tcpt_clean_take(&p->clean, &p->base);
}

/* Track a segment. Return: false if it begins a new connection instead. */
static bool track(struct play *p, const struct decode_step *s)
{
	struct tcpt_track before = p->t, again = p->t;
	unsigned int from = p->d.self ? 0 : s->host ^ p->orig;
	struct tcpt_result res, second;
	struct view w = {
		.before = &before,
		.after = &p->t,
		.res = &res,
		.seg = &s->seg,
		.from = from,
		.now = p->d.now,
	};

	memset(&res, 0xff, sizeof(res));
	tcpt_track_segment(&p->t, from, &s->seg, p->d.now, &res);
	/* the fast path must give the same result as the full path */
	memset(&second, 0xff, sizeof(second));
	tcpt_track_fully(&again, from, &s->seg, p->d.now, &second);
	must(!memcmp(&p->t, &again, sizeof(again)));
	must_agree(&res, &second);
	track_clean(p, from, &s->seg, &before, second.rtt);
	make_clean(p);
	if (p->loud)
		trace(p, s, &res);
	if (res.reopen) {
		must(!memcmp(&p->t, &before, sizeof(before)));
		must(tcpt_open_anew(&before, from, &s->seg));
		return false;
	}
	must(!tcpt_open_anew(&before, from, &s->seg));
	judge(p, &w);
	oracle_check(p->oracle, &w);
	return true;
}

/* End the connection without a segment. */
static void end(struct play *p, u8 reason)
{
	struct tcpt_track before = p->t;
	struct tcpt_result res;
	struct view w = {
		.before = &before,
		.after = &p->t,
		.res = &res,
		.now = p->d.now,
	};

	memset(&res, 0xff, sizeof(res));
	if (reason == TCPTRACE_CLOSE_TIMEOUT)
		tcpt_timeout_expire(&p->t, &res);
	else
		tcpt_timeout_close(&p->t, reason, &res);
	judge(p, &w);
	must(p->closed == 1);
	must(res.closed == !(before.marks & TCPT_MARK_CLOSED));
	if (res.closed && reason != TCPTRACE_CLOSE_TIMEOUT)
		must(p->t.close_reason == reason);
	else if (res.closed)
		must(p->t.close_reason == TCPTRACE_CLOSE_TIMEOUT ||
		     p->t.close_reason == TCPTRACE_CLOSE_ONE_WAY ||
		     p->t.close_reason == TCPTRACE_CLOSE_UNANSWERED);
	p->open = false;
}

static void expire(struct play *p)
{
	u64 left = tcpt_timeout_left(&p->t, timeouts, p->d.now);

	must(tcpt_timeout_of(&p->t) < TCPT_TIMEOUTS);
	must(tcpt_timeout_deadline(&p->t, timeouts) >= p->t.first);
	must(left == 0 || tcpt_timeout_deadline(&p->t, timeouts) ==
			  p->d.now + left);
	p->d.now += left;
	must(tcpt_timeout_left(&p->t, timeouts, p->d.now) == 0);
	end(p, TCPTRACE_CLOSE_TIMEOUT);
}

/* Keep the analysis for the connection that replaces this connection. */
static void keep_analysis(struct play *p)
{
	p->past = p->t.wireshark;
	p->reused = true;
	if (p->orig)
		tcpt_wireshark_swap(&p->past);
}

static void begin(struct play *p, const struct decode_step *s)
{
	struct tcpt_track none = { .by = TCPT_NOBODY };
	struct tcpt_result res;
	struct view w = {
		.before = &none,
		.after = &p->t,
		.res = &res,
		.now = p->d.now,
	};

	p->orig = tcpt_open_originator(&s->seg, p->d.self, s->host);
	if (p->reused && p->orig)
		tcpt_wireshark_swap(&p->past);
	p->is_clean = false;
	memset(&p->t, 0, sizeof(p->t));
	memset(&res, 0xff, sizeof(res));
	tcpt_open_track(&p->t, &s->seg, p->d.self, p->d.now,
			p->reused ? &p->past : NULL, &res);
	p->reused = false;
	p->open = true;
	p->id++;
	p->closed = 0;
	none.first = p->d.now;
	none.last = p->d.now;
	none.wireshark = p->t.wireshark;
	must(!(p->t.marks & TCPT_MARK_CLOSED) && !res.closed);
	must(p->t.transitions == res.steps && res.steps <= TCPT_STEPS_MAX);
	invariant_check(&w);
	oracle_begin(p->oracle, &p->t);
}

/* Begin with a kept SYN, which was first counted in the old connection. */
static void begin_with_syn(struct play *p, const struct decode_step *s,
			   struct tcpt_pending *syn)
{
	struct decode_step first = {
		.act = DECODE_SEGMENT, .host = syn->from ^ p->orig,
	};
	u64 now = p->d.now;

	tcpt_pending_segment(syn, &s->seg, first.host != s->host, &first.seg);
	p->d.now = syn->first;
	begin(p, &first);
	while (tcpt_pending_next(syn, &p->d.now))
		must(track(p, &first));
	p->d.now = now;
}

static void see(struct play *p, const struct decode_step *s)
{
	struct tcpt_pending syn = { .kind = TCPT_PENDING_NONE };

	if (p->open) {
		if (track(p, s))
			return;
		tcpt_open_take_syn(&p->t, s->host ^ p->orig, &s->seg, &syn);
		keep_analysis(p);
		end(p, TCPTRACE_CLOSE_REUSED);
	}
	if (tcpt_open_admit(&s->seg) > TCPT_OPEN_MIDSTREAM) {
		records_check_stray(&s->seg, p->d.now);
		return;
	}
	if (syn.kind)
		begin_with_syn(p, s, &syn);
	else
		begin(p, s);
	must(track(p, s));
}

static void step(struct play *p, struct fuzz_input *in)
{
	static const u8 reasons[] = {
		TCPTRACE_CLOSE_EVICTED, TCPTRACE_CLOSE_SHUTDOWN,
		TCPTRACE_CLOSE_CAPTURE, TCPTRACE_CLOSE_REUSED,
	};
	struct decode_step s;

	decode_step(&p->d, in, &p->t, p->orig, &s);
	if (p->id == 0)
		p->sender = tcpt_flow_init(&p->flow, &s.seg, 3, 0) ^ s.host;
	if (s.act == DECODE_SEGMENT)
		see(p, &s);
	else if (p->open && s.act == DECODE_EXPIRE)
		expire(p);
	else if (p->open)
		end(p, reasons[s.raw % ARRAY_SIZE(reasons)]);
}

/**
 * fuzz_one - one run
 * @data: the input
 * @len: its length
 *
 * Return: 0.
 */
int fuzz_one(const u8 *data, size_t len)
{
	struct fuzz_input in = { data, len };
	static struct play p;
	unsigned int i;

	memset(&p, 0, sizeof(p));
	p.loud = getenv("FUZZ_TRACE");
	decode_begin(&p.d, &in);
	for (i = 0; i < STEPS_MAX && in.len; i++)
		step(&p, &in);
	if (p.open)
		end(&p, TCPTRACE_CLOSE_SHUTDOWN);
	return 0;
}
