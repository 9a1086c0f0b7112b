// SPDX-License-Identifier: GPL-2.0
/*
 * Test the records: give each field a different value, and check that no other
 * byte is written.
 */
#include <kunit/test.h>
#include <linux/string.h>

#include "../module/core/flow.h"
#include "../module/core/record.h"
#include "../module/core/record_plain.h"
#include "../module/core/rfc5961.h"
#include "../module/core/segment.h"
#include "../module/core/track.h"

enum {
	POISON	= 0xa5,
	GUARD	= 64,
};

/**
 * struct desk - the sources of a record, and a buffer for the record
 * @t: the connection
 * @flow: addresses and ports of the connection
 * @seg: the last segment of the connection
 * @source: source of the record, with pointers to @t and @flow
 * @cause: cause of the record, with a pointer to @seg
 * @got: the record
 * @guard: bytes after the largest record; they must not change
 * @want: the expected record
 */
struct desk {
	struct tcpt_track t;
	struct tcpt_flow flow;
	struct tcpt_segment seg;
	struct tcpt_source source;
	struct tcpt_cause cause;
	struct tcptrace_close got;
	u8 guard[GUARD];
	struct tcptrace_close want;
};

static void fill_end(struct tcpt_endpoint *e, u8 n)
{
	struct tcpt_rtt *rtt = &e->rtt;
	unsigned int i;

	e->packets = 1ULL << 40 | n++;
	e->segments = 2ULL << 40 | n++;
	e->bytes = 3ULL << 40 | n++;
	e->unique_bytes = 4ULL << 40 | n++;
	e->rexmit_bytes = 5ULL << 40 | n++;
	e->missed_bytes = 6ULL << 40 | n++;
	e->rexmit_packets = 7U << 24 | n++;
	e->flags = 0x100 | n++;
	e->mss = 0x200 | n++;
	e->options = TCPTRACE_OPT_WSCALE;
	e->wscale = n++;
	e->state = n++;
	rtt->min = 8ULL << 40 | n++;
	rtt->last = 9ULL << 40 | n++;
	rtt->smoothed = 10ULL << 40 | n++;
	rtt->variation = 11ULL << 40 | n++;
	rtt->samples = 12U << 24 | n++;
	for (i = 0; i < TCPTRACE_RTT_BUCKETS; i++)
		rtt->hist[i] = i << 8 | n++;
}

/* Set the expected values of the fields that fill_end() has set. */
static void want_end(struct tcptrace_dir *dir, u8 n)
{
	unsigned int i;

	dir->packets = 1ULL << 40 | n++;
	dir->segments = 2ULL << 40 | n++;
	dir->bytes = 3ULL << 40 | n++;
	dir->unique_bytes = 4ULL << 40 | n++;
	dir->rexmit_bytes = 5ULL << 40 | n++;
	dir->missed_bytes = 6ULL << 40 | n++;
	dir->rexmit_packets = 7U << 24 | n++;
	dir->flags = 0x100 | n++;
	dir->mss = 0x200 | n++;
	dir->wscale = n++;
	dir->state = n++;
	dir->rtt_min_ns = 8ULL << 40 | n++;
	dir->rtt_last_ns = 9ULL << 40 | n++;
	dir->srtt_ns = 10ULL << 40 | n++;
	dir->rttvar_ns = 11ULL << 40 | n++;
	dir->rtt_samples = 12U << 24 | n++;
	for (i = 0; i < TCPTRACE_RTT_BUCKETS; i++)
		dir->rtt_hist[i] = i << 8 | n++;
}

/* Set a field of the source and of the expected record to the same value. */
static void both(u32 *from, u32 *to, u8 *n)
{
	*from = 13U << 24 | *n;
	*to = 13U << 24 | (*n)++;
}

static void both_bytes(u8 *from, u8 *to, u8 *n)
{
	*from = *n;
	*to = (*n)++;
}

static void fill_counters(struct tcpt_counters *from, struct tcptrace_dir *to,
			  u8 n)
{
	both(&from->data_packets, &to->data_packets, &n);
	both(&from->out_of_order, &to->out_of_order, &n);
	both(&from->acks, &to->acks, &n);
	both(&from->pure_acks, &to->pure_acks, &n);
	both(&from->dup_acks, &to->dup_acks, &n);
	both(&from->triple_dup_acks, &to->triple_dup_acks, &n);
	both(&from->sack_packets, &to->sack_packets, &n);
	both(&from->sack_blocks, &to->sack_blocks, &n);
	both(&from->dsacks, &to->dsacks, &n);
	both(&from->zero_windows, &to->zero_windows, &n);
	both(&from->zero_window_probes, &to->zero_window_probes, &n);
	both(&from->window_full, &to->window_full, &n);
	both(&from->keep_alives, &to->keep_alives, &n);
	both(&from->pushes, &to->pushes, &n);
	both(&from->urgent_packets, &to->urgent_packets, &n);
	both(&from->urgent_bytes, &to->urgent_bytes, &n);
	both(&from->syns, &to->syns, &n);
	both(&from->fins, &to->fins, &n);
	both(&from->rsts, &to->rsts, &n);
	both(&from->window_min, &to->window_min, &n);
	both(&from->window_max, &to->window_max, &n);
	both(&from->initial_bytes, &to->initial_bytes, &n);
	both(&from->initial_packets, &to->initial_packets, &n);
	both(&from->segment_min, &to->segment_min, &n);
	both(&from->segment_max, &to->segment_max, &n);
	both(&from->ect0, &to->ect0, &n);
	both(&from->ect1, &to->ect1, &n);
	both(&from->ce, &to->ce, &n);
	both(&from->ece, &to->ece, &n);
	both(&from->cwr, &to->cwr, &n);
	both_bytes(&from->ttl_first, &to->ttl_first, &n);
	both_bytes(&from->ttl_min, &to->ttl_min, &n);
	both_bytes(&from->ttl_max, &to->ttl_max, &n);
	both_bytes(&from->sack_blocks_max, &to->sack_blocks_max, &n);
}

static void fill_tally(struct tcpt_counters *from, struct tcptrace_dir *to,
		       u8 n)
{
	fill_counters(from, to, n);
	from->idle_max = 14ULL << 40 | n;
	to->idle_max_ns = 14ULL << 40 | n;
	from->first_data = 1ULL << 40;
	from->last_data = 16ULL << 40 | n;
	to->data_ns = 15ULL << 40 | n;
	/* these fields are not in any record */
	from->last = 99;
	from->answered = true;
	from->started = true;
}

static void fill_track(struct tcpt_track *t)
{
	unsigned int i;

	for (i = 0; i < 2; i++)
		fill_end(&t->end[i], 1 + 100 * i);
	t->end[0].iss = 5000;
	t->end[1].iss = 0xfffffff0;
	t->first = 1000;
	t->last = 31000;
	t->established = 11000;
	t->syn_synack = 71;
	t->synack_ack = 72;
	t->wireshark.initial_rtt = 73;
	t->transitions = 74;
	t->suspected = 0x300;
	t->findings.raised = 0x408;
	t->findings.used = 2;
	t->findings.list[0] = (struct tcpt_finding) { 3, 1, 34, 35 };
	t->findings.list[1] = (struct tcpt_finding) { 10, 255, 36, 1U << 31 };
	t->wireshark.completeness = 0x2d;
	t->by = 1;
	t->turn = TCPT_NOBODY;
	t->quiet = 11000;
	t->close_reason = TCPTRACE_CLOSE_RESET;
	t->zeek.end[0].state = TCPT_ZEEK_ESTABLISHED;
	t->zeek.end[1].state = TCPT_ZEEK_ESTABLISHED;
	memset(t->zeek.letters, 'x', sizeof(t->zeek.letters));
	memcpy(t->zeek.letters, "ShA", 3);
	t->zeek.len = 3;
}

static void want_close(struct desk *d)
{
	struct tcptrace_close *want = &d->want;
	unsigned int i;

	want->start = 1000;
	want->duration_ns = 30000;
	want->established_ns = 20000;
	want->syn_synack_ns = 71;
	want->synack_ack_ns = 72;
	want->initial_rtt_ns = 73;
	/* no data was outstanding after the handshake, which ended at 11000 */
	want->time[0].own_ns = 20000;
	want->limited_by = TCPTRACE_LIMITED_APP;
	for (i = 0; i < 2; i++) {
		want_end(&want->dir[i], 1 + 100 * i);
		fill_tally(&d->t.end[i].counters, &want->dir[i], 40 + 100 * i);
	}
	want->transitions = 74;
	want->suspected = 0x300;
	want->findings = 0x408;
	want->found[0] = (struct tcptrace_found) { 3, 1, 34, 35 };
	want->found[1] = (struct tcptrace_found) { 10, 255, 36, 1U << 31 };
	want->reason = TCPTRACE_CLOSE_RESET;
	want->by = 1;
	want->conn_state = TCPTRACE_CONN_S1;
	want->end_reason = TCPTRACE_END_DETECTED;
	want->completeness = 0x2d;
	memcpy(want->history, "ShA", 3);
}

static void fill_desk(struct desk *d)
{
	d->flow = (struct tcpt_flow) {
		.addr = { { 1, 2, 3, [15] = 4 }, { 5, 6, 7, [15] = 8 } },
		.port = { 9, 10 }, .netns = 11, .zone = 12, .family = 6,
	};
	d->seg = (struct tcpt_segment) {
		.seq = 5017, .ack = 2, .len = 18, .window = 19, .urgent = 20,
		.wire_segs = 21, .ttl = 22, .tos = 23, .hdr_len = 24,
		.flags = TCPTRACE_ACK | TCPTRACE_RST,
	};
	d->source = (struct tcpt_source) {
		.track = &d->t, .flow = &d->flow, .id = 1ULL << 33,
		.iss = { 5000, 0xfffffff0 }, .orig = 1,
		.marks = d->t.marks,
	};
	d->cause = (struct tcpt_cause) {
		.seg = &d->seg, .now = 32000, .hook = TCPTRACE_HOOK_FORWARD,
		.found = { .classes = 0x1234, .dup_ack_num = 25 },
		.rtt = 26ULL << 33, .rexmit = 33,
	};
}

/*
 * Set the expected values of the fields at the beginning of each record about a
 * connection.
 */
static void want_begin(struct desk *d, u32 len, u16 type)
{
	struct tcptrace_close *want = &d->want;

	want->h.len = len;
	want->h.type = type;
	want->h.flags = TCPTRACE_F_MIDSTREAM | TCPTRACE_F_GUESSED;
	want->h.time = 32000;
	want->flow = (struct tcptrace_flow) {
		.conn = 1ULL << 33, .netns = 11, .zone = 12,
		.orig_port = 10, .resp_port = 9, .family = 10,
		.orig_addr = { 5, 6, 7, [15] = 8 },
		.resp_addr = { 1, 2, 3, [15] = 4 },
	};
	want->seg = (struct tcptrace_seg) {
		.seq = 5017, .ack = 2, .rel_seq = 17, .rel_ack = 18, .len = 18,
		.flags = TCPTRACE_ACK | TCPTRACE_RST, .window = 19,
		.wire_segs = 21, .hook = TCPTRACE_HOOK_FORWARD,
	};
}

static struct desk *set_desk(struct kunit *test, u32 len, u16 type)
{
	struct desk *d = kunit_kzalloc(test, sizeof(*d), GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, d);
	fill_track(&d->t);
	d->t.marks = TCPT_MARK_MIDSTREAM | TCPT_MARK_GUESSED |
		     TCPT_MARK_CLOSED;
	fill_desk(d);
	want_begin(d, len, type);
	memset(&d->got, POISON, sizeof(d->got));
	/* these two fields are set by the ring */
	d->got.h.len = len;
	d->got.h.seq = 0;
	memset(d->guard, POISON, sizeof(d->guard));
	return d;
}

static void expect_record(struct kunit *test, const struct desk *d)
{
	const u8 *got = (const u8 *)&d->got, *want = (const u8 *)&d->want;
	u32 len = d->want.h.len, i;

	for (i = 0; i < len; i++)
		if (got[i] != want[i])
			KUNIT_FAIL(test, "byte %u is %02x, not %02x", i,
				   got[i], want[i]);
	for (; i < sizeof(d->got) + GUARD; i++)
		KUNIT_EXPECT_EQ_MSG(test, got[i], POISON, "byte %u", i);
}

static void record_close_has_all(struct kunit *test)
{
	struct desk *d = set_desk(test, sizeof(d->got), TCPTRACE_CLOSE);

	want_close(d);
	tcpt_record_close(&d->got, &d->source, &d->cause);
	expect_record(test, d);
}

/* CLOSE without a segment, as after a timeout, and without a handshake. */
static void record_close_without_segment(struct kunit *test)
{
	struct desk *d = set_desk(test, sizeof(d->got), TCPTRACE_CLOSE);

	want_close(d);
	d->cause.seg = NULL;
	d->cause.hook = 0;
	d->t.established = 0;
	memset(&d->want.seg, 0, sizeof(d->want.seg));
	d->want.established_ns = 0;
	tcpt_record_close(&d->got, &d->source, &d->cause);
	expect_record(test, d);
}

/* A history of maximum length is NUL-terminated. */
static void record_close_has_full_history(struct kunit *test)
{
	struct desk *d = set_desk(test, sizeof(d->got), TCPTRACE_CLOSE);

	want_close(d);
	d->t.zeek.len = TCPTRACE_HISTORY_MAX - 1;
	memset(d->want.history + 3, 'x', TCPTRACE_HISTORY_MAX - 4);
	tcpt_record_close(&d->got, &d->source, &d->cause);
	expect_record(test, d);
}

/* RFC 5102 section 5.11.3 */
static void record_close_has_end_reason(struct kunit *test)
{
	static const u8 ends[TCPTRACE_CLOSE_REASONS] = {
		[TCPTRACE_CLOSE_NONE] = TCPTRACE_END_DETECTED,
		[TCPTRACE_CLOSE_FIN] = TCPTRACE_END_DETECTED,
		[TCPTRACE_CLOSE_RESET] = TCPTRACE_END_DETECTED,
		[TCPTRACE_CLOSE_REFUSED] = TCPTRACE_END_DETECTED,
		[TCPTRACE_CLOSE_UNANSWERED] = TCPTRACE_END_IDLE,
		[TCPTRACE_CLOSE_TIMEOUT] = TCPTRACE_END_IDLE,
		[TCPTRACE_CLOSE_EVICTED] = TCPTRACE_END_RESOURCES,
		[TCPTRACE_CLOSE_REUSED] = TCPTRACE_END_DETECTED,
		[TCPTRACE_CLOSE_SHUTDOWN] = TCPTRACE_END_FORCED,
		[TCPTRACE_CLOSE_CAPTURE] = TCPTRACE_END_FORCED,
		[TCPTRACE_CLOSE_ONE_WAY] = TCPTRACE_END_IDLE,
		[TCPTRACE_CLOSE_UNREACHABLE] = TCPTRACE_END_IDLE,
	};
	struct desk *d = set_desk(test, sizeof(d->got), TCPTRACE_CLOSE);
	unsigned int i;

	want_close(d);
	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		d->t.close_reason = i;
		d->want.reason = i;
		d->want.end_reason = ends[i];
		tcpt_record_close(&d->got, &d->source, &d->cause);
		expect_record(test, d);
	}
}

static void record_segment_has_analysis(struct kunit *test)
{
	struct desk *d = set_desk(test, sizeof(struct tcptrace_segment),
				  TCPTRACE_SEGMENT);
	struct tcptrace_segment *want = (struct tcptrace_segment *)&d->want;

	want->urgent = 20;
	want->hdr_len = 24;
	want->ttl = 22;
	want->tos = 23;
	want->analysis = 0x1234;
	want->dup_ack_num = 25;
	want->rtt_ns = 26ULL << 33;
	want->rexmit_bytes = 33;
	tcpt_record_segment((struct tcptrace_segment *)&d->got, &d->source,
			    &d->cause);
	expect_record(test, d);
}

static void record_suspected_has_all(struct kunit *test)
{
	static const struct tcpt_suspicion suspicion = {
		.distance = -27, .since = 28ULL << 33, .expected = 29,
		.what = TCPTRACE_SUSPECT_SYN, .fit = TCPTRACE_FIT_OLD,
		.ttl_min = 30, .ttl_max = 31,
	};
	struct desk *d = set_desk(test, sizeof(struct tcptrace_suspected),
				  TCPTRACE_SUSPECTED);
	struct tcptrace_suspected *want = (struct tcptrace_suspected *)&d->want;

	want->distance = -27;
	want->since_ns = 28ULL << 33;
	want->expected = 29;
	want->suspicion = TCPTRACE_SUSPECT_SYN;
	want->fit = TCPTRACE_FIT_OLD;
	want->ttl = 22;
	want->ttl_min = 30;
	want->ttl_max = 31;
	tcpt_record_suspected((struct tcptrace_suspected *)&d->got,
			      &d->source, &d->cause, &suspicion);
	expect_record(test, d);
}

static void record_finding_has_all(struct kunit *test)
{
	static const struct tcpt_finding finding = {
		.kind = TCPTRACE_FINDING_ZERO_WINDOW, .end = 1, .count = 37,
		.value = 38,
	};
	struct desk *d = set_desk(test, sizeof(struct tcptrace_finding_record),
				  TCPTRACE_FINDING);
	struct tcptrace_finding_record *want =
		(struct tcptrace_finding_record *)&d->want;

	want->found = (struct tcptrace_found) {
		.finding = TCPTRACE_FINDING_ZERO_WINDOW, .end = 1, .count = 37,
		.value = 38,
	};
	tcpt_record_finding((struct tcptrace_finding_record *)&d->got,
			    &d->source, &d->cause, &finding);
	expect_record(test, d);
}

static const struct tcptrace_error an_error = {
	.addr = { 10, 0, 0, 39 }, .mtu = 40, .kind = TCPTRACE_ERROR_TIME,
	.type = 41, .code = 42, .fit = TCPTRACE_FIT_EXACT,
};

static void record_close_has_fate(struct kunit *test)
{
	struct desk *d = set_desk(test, sizeof(d->got), TCPTRACE_CLOSE);
	struct tcpt_fate *f = &d->t.fate;

	want_close(d);
	d->t.marks &= ~TCPT_MARK_MIDSTREAM;
	d->source.marks = d->t.marks;
	d->want.h.flags &= ~TCPTRACE_F_MIDSTREAM;
	d->t.end[0].syns = 1;
	d->t.end[1].packets = 0;
	d->want.dir[1].packets = 0;
	*f = (struct tcpt_fate) {
		.reason = "AS_LONG_AS_THERE_IS_ROOM_FOR_IT_AND_NO_LONGER",
		.error = { .addr = { 1 }, .kind = TCPTRACE_ERROR_TOO_BIG },
		.ifindex = 43, .drops = 44, .step = TCPT_FATE_DROPPED,
		.hook = TCPTRACE_HOOK_IN, .watched = true,
	};
	d->want.opening = (struct tcptrace_opening) {
		.fate = TCPTRACE_FATE_DROPPED, .hook = TCPTRACE_HOOK_IN,
		.drops = 44, .ifindex = 43,
		.reason = "AS_LONG_AS_THERE_IS_ROOM_FOR_IT",
		.error = { .addr = { 1 }, .kind = TCPTRACE_ERROR_TOO_BIG },
	};
	tcpt_record_close(&d->got, &d->source, &d->cause);
	expect_record(test, d);
	/* fields that do not apply to the fate stay empty */
	f->step = TCPT_FATE_LEFT;
	d->want.opening.fate = TCPTRACE_FATE_LEFT;
	d->want.opening.hook = 0;
	memset(d->want.opening.reason, 0, sizeof(d->want.opening.reason));
	tcpt_record_close(&d->got, &d->source, &d->cause);
	expect_record(test, d);
	d->t.end[1].packets = 1;
	d->want.dir[1].packets = 1;
	d->want.opening.fate = TCPTRACE_FATE_ANSWERED;
	d->want.opening.ifindex = 0;
	tcpt_record_close(&d->got, &d->source, &d->cause);
	expect_record(test, d);
}

static void fill_time(struct desk *d, unsigned int end, u8 n)
{
	struct tcpt_chrono *chrono = &d->t.end[end].chrono;
	struct tcpt_response *r = &d->t.response[end];
	struct tcptrace_time *want = &d->want.time[end];
	unsigned int i;

	chrono->since = 30000;
	chrono->phase = TCPT_PHASE_PATH;
	chrono->ns[TCPT_PHASE_PATH - 1] = 2ULL << 40;
	chrono->ns[TCPT_PHASE_WINDOW - 1] = 3ULL << 40 | n;
	chrono->ns[TCPT_PHASE_RTO - 1] = 4ULL << 40 | n;
	chrono->ns[TCPT_PHASE_FAST - 1] = 5ULL << 40 | n;
	/* 31000 minus the idle time and the time of all phases */
	chrono->first = 31000 - (15ULL << 40) - 4 * n - 1000;
	want->idle_ns = 1ULL << 40 | n;
	want->window_ns = 3ULL << 40 | n;
	want->rto_ns = 4ULL << 40 | n;
	want->fast_ns = 5ULL << 40 | n;
	/* the last phase ends with the last segment, at 31000 */
	want->busy_ns = (14ULL << 40) + 3 * n + 1000;
	chrono->own = 6ULL << 40 | n;
	r->min = 7ULL << 40 | n;
	r->max = 8ULL << 40 | n;
	r->sum = 9ULL << 40 | n;
	r->count = 10U << 24 | n;
	want->own_ns = 6ULL << 40 | n;
	want->response_min_ns = 7ULL << 40 | n;
	want->response_max_ns = 8ULL << 40 | n;
	want->response_sum_ns = 9ULL << 40 | n;
	want->responses = 10U << 24 | n;
	for (i = 0; i < TCPTRACE_RTT_BUCKETS; i++) {
		r->hist[i] = i << 8 | n;
		want->response_hist[i] = i << 8 | n;
	}
}

static void record_close_has_time(struct kunit *test)
{
	struct desk *d = set_desk(test, sizeof(d->got), TCPTRACE_CLOSE);

	want_close(d);
	fill_time(d, 0, 11);
	fill_time(d, 1, 22);
	/*
	 * the time by which one end delays its ACKs is part of the other end's
	 * busy time
	 */
	d->t.response[0].delayed = 33;
	d->t.response[1].delayed = 44;
	d->want.time[0].delayed_ns = 44;
	d->want.time[1].delayed_ns = 33;
	d->want.limited_by = TCPTRACE_LIMITED_LOSS;
	tcpt_record_close(&d->got, &d->source, &d->cause);
	expect_record(test, d);
}

static void record_icmp_has_all(struct kunit *test)
{
	struct desk *d = set_desk(test, sizeof(struct tcptrace_icmp),
				  TCPTRACE_ICMP);
	struct tcptrace_icmp *want = (struct tcptrace_icmp *)&d->want;

	want->error = an_error;
	tcpt_record_icmp((struct tcptrace_icmp *)&d->got, &d->source,
			 &d->cause, &an_error);
	expect_record(test, d);
}

static void record_drop_has_all(struct kunit *test)
{
	static const struct tcpt_passage passage = {
		.ifindex = 45, .reason = "WHY", .function = "where [module]",
		.backlog = { .drops = 46, .queued = 48, .limit = 47 },
	};
	struct desk *d = set_desk(test, sizeof(struct tcptrace_drop),
				  TCPTRACE_DROP);
	struct tcptrace_drop *want = (struct tcptrace_drop *)&d->want;

	want->ifindex = 45;
	want->listener_drops = 46;
	want->queued = 48;
	want->queue_limit = 47;
	strscpy(want->reason, "WHY", sizeof(want->reason));
	strscpy(want->function, "where [module]", sizeof(want->function));
	tcpt_record_drop((struct tcptrace_drop *)&d->got, &d->source,
			 &d->cause, &passage);
	expect_record(test, d);
}

static struct kunit_case record_cases[] = {
	KUNIT_CASE(record_close_has_all),
	KUNIT_CASE(record_close_without_segment),
	KUNIT_CASE(record_close_has_full_history),
	KUNIT_CASE(record_close_has_end_reason),
	KUNIT_CASE(record_segment_has_analysis),
	KUNIT_CASE(record_suspected_has_all),
	KUNIT_CASE(record_finding_has_all),
	KUNIT_CASE(record_close_has_fate),
	KUNIT_CASE(record_close_has_time),
	KUNIT_CASE(record_icmp_has_all),
	KUNIT_CASE(record_drop_has_all),
	{}
};

static struct kunit_suite record_suite = {
	.name = "tcptrace_record",
	.test_cases = record_cases,
};

kunit_test_suite(record_suite);
