// SPDX-License-Identifier: GPL-2.0
/*
 * Check the records: the engine overwrites each byte of a record except len and
 * seq, and the fields of a record are consistent.
 */
#include "records.h"

#include "core/flow.h"
#include "core/name.h"
#include "core/record_plain.h"

#include <linux/tcptrace.h>

enum {
	TAIL	= 8,	/* bytes after a record, which must not change */
};

union record {
	struct tcptrace_header h;
	struct tcptrace_open open;
	struct tcptrace_transition state;
	struct tcptrace_established established;
	struct tcptrace_segment segment;
	struct tcptrace_close close;
	struct tcptrace_suspected suspected;
	struct tcptrace_finding_record finding;
	u8 bytes[sizeof(struct tcptrace_close) + TAIL];
};

/* The input of a record. */
struct scene {
	const struct tcpt_source *source;
	struct tcpt_cause cause;
	const struct tcpt_step *step;
	u32 number;
	const struct tcpt_suspicion *suspicion;
	const struct tcpt_finding *finding;
};

typedef void fill_fn(union record *rec, const struct scene *s);

static void fill_open(union record *rec, const struct scene *s)
{
	tcpt_record_open(&rec->open, s->source, &s->cause);
}

static void fill_state(union record *rec, const struct scene *s)
{
	tcpt_record_state(&rec->state, s->source, &s->cause, s->step,
			  s->number);
}

static void fill_established(union record *rec, const struct scene *s)
{
	tcpt_record_established(&rec->established, s->source, &s->cause);
}

static void fill_segment(union record *rec, const struct scene *s)
{
	tcpt_record_segment(&rec->segment, s->source, &s->cause);
}

static void fill_close(union record *rec, const struct scene *s)
{
	tcpt_record_close(&rec->close, s->source, &s->cause);
}

static void fill_suspected(union record *rec, const struct scene *s)
{
	tcpt_record_suspected(&rec->suspected, s->source, &s->cause,
			      s->suspicion);
}

static void fill_finding(union record *rec, const struct scene *s)
{
	tcpt_record_finding(&rec->finding, s->source, &s->cause, s->finding);
}

static void check_flow(const struct tcptrace_flow *f, const struct scene *s)
{
	const struct tcpt_flow *flow = s->source->flow;

	must(f->conn == s->source->id && f->pad == 0);
	must(f->family == 2 || f->family == 10);
	must(f->orig_port == flow->port[s->source->orig] &&
	     f->resp_port == flow->port[!s->source->orig]);
}

static void check_seg(const struct tcptrace_seg *to, const struct scene *s)
{
	const struct tcpt_segment *seg = s->cause.seg;
	static const struct tcptrace_seg none;

	if (!seg) {
		must(!memcmp(to, &none, sizeof(none)));
		return;
	}
	must(to->seq == seg->seq && to->ack == seg->ack &&
	     to->len == seg->len && to->flags == seg->flags &&
	     to->window == seg->window && to->wire_segs == seg->wire_segs);
	must(to->from == s->cause.from && to->hook == s->cause.hook);
	must(to->pad == 0 && (seg->flags & TCPTRACE_ACK || !to->rel_ack));
}

/*
 * Fill the record twice, over different old bytes: the result must not depend
 * on the old bytes, and the bytes after the record must not change.
 */
static void fill(union record *rec, fill_fn *make, const struct scene *s,
		 u32 len, u16 type)
{
	union record other;
	size_t i;

	memset(rec, 0x00, sizeof(*rec));
	memset(&other, 0xff, sizeof(other));
	/* the ring sets len and seq; @make must keep both */
	rec->h.len = 1;
	rec->h.seq = 2;
	other.h.len = 1;
	other.h.seq = 2;
	make(rec, s);
	make(&other, s);
	must(!memcmp(rec, &other, len));
	for (i = len; i < len + TAIL; i++)
		must(rec->bytes[i] == 0x00 && other.bytes[i] == 0xff);
	must(rec->h.len == 1 && rec->h.seq == 2);
	must(len % 8 == 0 && rec->h.type == type);
	must(rec->h.time == s->cause.now);
	must(!(rec->h.flags & ~(TCPTRACE_F_MIDSTREAM | TCPTRACE_F_GUESSED |
				TCPTRACE_F_SELF | TCPTRACE_F_ONE_WAY)));
	check_flow(&rec->open.flow, s);
	check_seg(&rec->open.seg, s);
}

static void check_segment(const struct scene *s)
{
	union record rec;
	unsigned int bit;

	fill(&rec, fill_segment, s, sizeof(rec.segment), TCPTRACE_SEGMENT);
	must(rec.segment.pad == 0);
	must(rec.segment.rexmit_bytes <= s->cause.seg->len);
	must(rec.segment.sack_blocks <= 4);
	for (bit = 0; bit < 15; bit++)
		must(tcpt_wireshark_name(bit)[0]);
}

static void check_steps(struct scene *s, const struct tcpt_result *res)
{
	union record rec;
	unsigned int i;

	s->number = s->source->track->transitions - res->steps;
	for (i = 0; i < res->steps; i++) {
		s->step = &res->step[i];
		s->number++;
		fill(&rec, fill_state, s, sizeof(rec.state), TCPTRACE_STATE);
		must(rec.state.number == s->number);
		must(tcpt_state_name(rec.state.to)[0] &&
		     tcpt_reason_name(rec.state.reason)[0] &&
		     tcpt_reason_text(rec.state.reason)[0]);
	}
}

static void check_established(const struct scene *s)
{
	u64 span = s->source->track->last - s->source->track->first;
	union record rec;
	u64 zero = 0;

	fill(&rec, fill_established, s, sizeof(rec.established),
	     TCPTRACE_ESTABLISHED);
	must(!memcmp(rec.established.pad, &zero,
		     sizeof(rec.established.pad)));
	must(rec.established.handshake_ns <= span &&
	     rec.established.syn_synack_ns <= span &&
	     rec.established.synack_ack_ns <= span);
	must(rec.established.syn_rexmits <= 254 &&
	     rec.established.synack_rexmits <= 254);
}

static void check_suspected(const struct scene *s)
{
	union record rec;
	u64 zero = 0;

	fill(&rec, fill_suspected, s, sizeof(rec.suspected),
	     TCPTRACE_SUSPECTED);
	must(!memcmp(rec.suspected.pad, &zero, sizeof(rec.suspected.pad)));
	must(tcpt_suspicion_name(rec.suspected.suspicion)[0] &&
	     tcpt_fit_name(rec.suspected.fit)[0]);
}

static bool is_finding(const struct tcptrace_found *found)
{
	return found->finding > TCPTRACE_FINDING_NONE &&
	       found->finding < TCPTRACE_FINDINGS && found->count &&
	       (found->end < 2 || found->end == TCPT_NOBODY) &&
	       tcpt_finding_name(found->finding)[0];
}

static void check_findings(struct scene *s, const struct tcpt_result *res)
{
	union record rec;
	unsigned int i;

	must(res->findings <= TCPT_FINDINGS_NEW);
	for (i = 0; i < res->findings; i++) {
		s->finding = &res->finding[i];
		fill(&rec, fill_finding, s, sizeof(rec.finding),
		     TCPTRACE_FINDING);
		must(is_finding(&rec.finding.found));
	}
}

static void check_found(const struct tcptrace_close *c)
{
	unsigned int i, j;
	u32 named = 0;

	for (i = 0; i < TCPTRACE_FOUND_MAX && c->found[i].finding; i++) {
		must(is_finding(&c->found[i]));
		named |= 1U << c->found[i].finding;
		for (j = 0; j < i; j++)
			must(c->found[i].finding != c->found[j].finding ||
			     c->found[i].end != c->found[j].end);
	}
	must((c->findings & named) == named);
	must(c->findings == named || i == TCPTRACE_FOUND_MAX);
	must(!(c->findings & ~((1U << TCPTRACE_FINDINGS) - 2)));
}

static bool is_end_reason(unsigned int reason)
{
	return reason == TCPTRACE_END_IDLE || reason == TCPTRACE_END_DETECTED ||
	       reason == TCPTRACE_END_FORCED ||
	       reason == TCPTRACE_END_RESOURCES;
}

/*
 * Check that the times of one direction do not overlap, and that own_ns of one
 * end does not overlap own_ns of the other end.
 */
static void check_time(const struct tcptrace_close *c)
{
	const struct tcptrace_time *time;
	unsigned int end, i;
	u32 sum;

	must(c->limited_by < TCPTRACE_LIMITED);
	for (end = 0; end < 2; end++) {
		time = &c->time[end];
		must(time->busy_ns + time->idle_ns <= c->duration_ns);
		must(time->window_ns + time->rto_ns + time->fast_ns +
		     time->delayed_ns <= time->busy_ns);
		must(time->response_min_ns <= time->response_max_ns &&
		     time->response_max_ns <= time->response_sum_ns &&
		     time->response_max_ns <= c->duration_ns);
		must(time->own_ns <= c->duration_ns - time->busy_ns);
		sum = 0;
		for (i = 0; i < TCPTRACE_RTT_BUCKETS; i++)
			sum += time->response_hist[i];
		must(sum == time->responses);	/* far from saturation */
		must(!time->pad);
	}
	must(c->time[0].own_ns + c->time[1].own_ns <= c->duration_ns);
}

static void check_close(const struct scene *s, union record *rec)
{
	const struct tcpt_zeek *h = &s->source->track->zeek;
	const struct tcptrace_close *c = &rec->close;

	fill(rec, fill_close, s, sizeof(rec->close), TCPTRACE_CLOSE);
	must(!c->pad[0] && !c->pad[1] && !c->pad[2]);
	must(c->history[TCPTRACE_HISTORY_MAX - 1] == '\0');
	must(strlen(c->history) == h->len);
	must(c->opening.fate < TCPTRACE_FATES && !c->opening.drops);
	must(c->conn_state < TCPTRACE_CONN_STATES &&
	     tcpt_conn_state_name(c->conn_state)[0]);
	must(is_end_reason(c->end_reason));
	must(c->reason < TCPTRACE_CLOSE_REASONS &&
	     tcpt_close_name(c->reason)[0]);
	must(c->established_ns <= c->duration_ns);
	must(c->syn_synack_ns <= c->duration_ns &&
	     c->synack_ack_ns <= c->duration_ns);
	/* a time that goes back must not give a difference of 500 years */
	must(c->initial_rtt_ns < 1ULL << 63);
	must(!(c->suspected & ~((1U << TCPTRACE_SUSPICIONS) - 2)));
	check_found(c);
	check_time(c);
}

/**
 * records_check - check the records of a call of the engine
 * @w: the call
 * @source: the connection
 *
 * The function always makes a closing record, because a closing record has all
 * counters.
 */
void records_check(const struct view *w, const struct tcpt_source *source)
{
	struct tcpt_source past = *source;
	struct scene s = {
		.source = source,
		.cause = {
			.seg = w->seg,
			.now = w->now > w->before->last ? w->now :
							  w->before->last,
			.found = w->res->found,
			.rtt = w->res->rtt,
			.rexmit = w->res->rexmit,
			.hook = w->seg ? TCPTRACE_HOOK_IN : TCPTRACE_HOOK_NONE,
			.from = (u8)w->from,
		},
		.suspicion = &w->res->suspicion,
	};
	union record rec, before;
	unsigned int i;

	check_steps(&s, w->res);
	if (w->seg)
		check_segment(&s);
	if (w->res->established)
		check_established(&s);
	if (w->res->suspicion.what)
		check_suspected(&s);
	check_findings(&s, w->res);
	check_close(&s, &rec);
	past.track = w->before;
	s.source = &past;
	fill_close(&before, &s);
	for (i = 0; i < 2; i++)
		records_check_dir(&rec.close.dir[i], &before.close.dir[i],
				  i == w->from ? w->seg : NULL);
}

/**
 * records_check_stray - check records of a segment without a connection
 * @seg: the segment
 * @now: time of the segment
 */
void records_check_stray(const struct tcpt_segment *seg, u64 now)
{
	static const struct tcpt_track none;
	struct tcpt_flow flow;
	struct tcpt_source nobody = { .track = &none, .flow = &flow };
	struct scene s = { .source = &nobody, .cause = { .seg = seg,
							  .now = now } };
	union record rec;

	nobody.orig = (u8)tcpt_flow_init(&flow, seg, 0, 0);
	check_segment(&s);
	fill(&rec, fill_open, &s, sizeof(rec.open), TCPTRACE_OPEN);
	must(rec.open.seg.rel_seq == seg->seq);
}
