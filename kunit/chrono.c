// SPDX-License-Identifier: GPL-2.0
/*
 * Test the time spent in each phase, with rows of known times and with long
 * conversations. A naive oracle adds up the times of these conversations from
 * the intervals between segments.
 */
#include <linux/prandom.h>

#include "../module/core/record.h"

#include "script.h"

#define TALKS		200
#define SEGMENTS	200	/* per talk */

enum {
	MOMENTS_MAX	= 13,
	MS		= 1000,		/* us */
	SEGMENT		= 1000,		/* bytes */
};

/**
 * struct chrono_row - segments after a handshake, and the expected times
 * @name: the behavior under test
 * @s: the segments; flags 0 ends the list
 * @want: expected times of each direction, in ms instead of ns, without
 *	response_min_ns, response_max_ns and response_hist
 * @limited: enum tcptrace_limited
 * @bare: no handshake comes before @s
 */
struct chrono_row {
	const char *name;
	struct segment_spec s[MOMENTS_MAX];
	struct tcptrace_time want[2];
	u8 limited;
	bool bare;
};

/* a segment @ms milliseconds after the previous segment */
#define AT(ms, who, fl, sq, a, n, ...) \
	{ .us = (ms) * MS, .from = who, .flags = fl, .seq = sq, \
	  .ack = a, .len = n, __VA_ARGS__ }
/* the only response */
#define ANSWER(ms)	.responses = 1, .response_sum_ns = ms
#define BY(word)	.limited = TCPTRACE_LIMITED_##word

static const struct chrono_row chrono_rows[] = {
	{ "no data", { AT(9, ORIG, ACK, 1, 1, 0) },
	  { { .own_ns = 9 } }, BY(APP) },
	{ "an answer that acknowledges the request", {
		AT(3, ORIG, ACK, 1, 1, 100), AT(70, RESP, ACK, 1, 101, 50),
		AT(2, ORIG, ACK, 101, 51, 0) },
	  { { .busy_ns = 70, .delayed_ns = 70, .own_ns = 3 },
	    { .busy_ns = 2, ANSWER(70) } }, BY(PEER) },
	{ "an answer after the acknowledgment", {
		AT(3, ORIG, ACK, 1, 1, 100), AT(1, RESP, ACK, 1, 101, 0),
		AT(69, RESP, ACK, 1, 101, 50), AT(2, ORIG, ACK, 101, 51, 0) },
	  { { .busy_ns = 1, .delayed_ns = 1, .own_ns = 3 },
	    { .busy_ns = 2, .own_ns = 69, ANSWER(70) } }, BY(PEER) },
	{ "a request of two packets ends with the second", {
		AT(3, ORIG, ACK, 1, 1, 100), AT(4, ORIG, ACK, 101, 1, 100),
		AT(70, RESP, ACK, 1, 201, 50) },
	  { { .busy_ns = 74, .delayed_ns = 70, .own_ns = 3 },
	    { ANSWER(70) } }, BY(PEER) },
	{ "an answer of two packets begins with the first", {
		AT(3, ORIG, ACK, 1, 1, 100), AT(70, RESP, ACK, 1, 101, 50),
		AT(5, RESP, ACK, 51, 101, 50) },
	  { { .busy_ns = 70, .delayed_ns = 70, .own_ns = 3 },
	    { .busy_ns = 5, ANSWER(70) } }, BY(PEER) },
	{ "data that crosses the request is not an answer", {
		AT(3, ORIG, ACK, 1, 1, 100), AT(70, RESP, ACK, 1, 1, 50) },
	  { { .busy_ns = 70, .own_ns = 3 } }, BY(PATH) },
	{ "a repeated answer is not an answer", {
		AT(3, ORIG, ACK, 1, 1, 100), AT(7, RESP, ACK, 1, 101, 50),
		AT(1, ORIG, ACK, 101, 51, 9), AT(5, RESP, ACK, 1, 110, 50) },
	  { { .busy_ns = 12, .delayed_ns = 7, .idle_ns = 1, .own_ns = 3,
	      ANSWER(1) },
	    { .busy_ns = 1, .delayed_ns = 1, ANSWER(7) } }, BY(PEER) },
	{ "both ends answer", {
		AT(3, ORIG, ACK, 1, 1, 100), AT(7, RESP, ACK, 1, 101, 50),
		AT(40, ORIG, ACK, 101, 51, 100) },
	  { { .busy_ns = 7, .delayed_ns = 7, .idle_ns = 40, .own_ns = 3,
	      ANSWER(40) },
	    { .busy_ns = 40, .delayed_ns = 40, ANSWER(7) } }, BY(APP) },
	{ "the responder begins", {
		AT(30, RESP, ACK, 1, 1, 50), AT(1, ORIG, ACK, 1, 51, 0) },
	  { {}, { .busy_ns = 1, .own_ns = 30 } }, BY(PEER) },
	{ "after an answer, the time up to a FIN belongs to the originator", {
		AT(1, ORIG, ACK, 1, 1, 100), AT(1, RESP, ACK, 1, 101, 50),
		AT(1, ORIG, ACK, 101, 51, 0), AT(80, RESP, FIN, 51, 101, 0) },
	  { { .busy_ns = 1, .delayed_ns = 1, .own_ns = 81 },
	    { .busy_ns = 1, .idle_ns = 80, ANSWER(1) } }, BY(APP) },
	{ "before an answer, the time up to a FIN belongs to the responder", {
		AT(1, ORIG, ACK, 1, 1, 100), AT(1, RESP, ACK, 1, 101, 0),
		AT(80, RESP, FIN, 1, 101, 0) },
	  { { .busy_ns = 1, .own_ns = 1 }, { .own_ns = 80 } }, BY(PEER) },

	{ "less than a segment of the window is left", {
		AT(1, ORIG, ACK, 1, 1, 6000), AT(1, RESP, ACK, 1, 6001, 0,
						 .window = 11999 - 6000),
		AT(50, RESP, ACK, 1, 6001, 0, .window = 6000),
		AT(5, ORIG, ACK, 6001, 1, 9), AT(2, RESP, ACK, 1, 6010, 0) },
	  { { .busy_ns = 53, .window_ns = 51 + 2, .idle_ns = 5, .own_ns = 6 } },
	  BY(WINDOW) },
	{ "the window is closed", {
		AT(1, ORIG, ACK, 1, 1, 5000), AT(1, ORIG, ACK, 5001, 1, 5000),
		AT(1, RESP, ACK, 1, 10001, 0, .window = ZERO_WINDOW),
		AT(50, RESP, ACK, 1, 10001, 0),
		AT(1, ORIG, ACK, 10001, 1, 100) },
	  { { .busy_ns = 52, .window_ns = 51, .idle_ns = 1, .own_ns = 2 } },
	  BY(WINDOW) },
	{ "a probe of a closed window is not a loss", {
		AT(1, ORIG, ACK, 1, 1, 5000), AT(1, ORIG, ACK, 5001, 1, 5000),
		AT(1, RESP, ACK, 1, 10001, 0, .window = ZERO_WINDOW),
		AT(200, ORIG, ACK, 10001, 1, 1),
		AT(1, RESP, ACK, 1, 10001, 0, .window = ZERO_WINDOW),
		AT(400, ORIG, ACK, 10001, 1, 1),
		AT(1, RESP, ACK, 1, 10002, 0) },
	  { { .busy_ns = 604, .window_ns = 603, .own_ns = 1 } }, BY(WINDOW) },
	{ "midstream, with an unknown window", {
		AT(1, ORIG, ACK, 1, 1, 100), AT(1, RESP, ACK, 1, 101, 0),
		AT(1, ORIG, ACK, 101, 1, 5000), AT(1, ORIG, ACK, 5101, 1, 5000),
		AT(9, RESP, ACK, 1, 10101, 0) },
	  { { .busy_ns = 10 } }, BY(PATH), true },

	{ "a timeout includes the silence before it", {
		AT(1, ORIG, ACK, 1, 1, 100), AT(210, ORIG, ACK, 1, 1, 100),
		AT(3, RESP, ACK, 1, 101, 0) },
	  { { .busy_ns = 213, .rto_ns = 213, .own_ns = 1 } }, BY(LOSS) },
	{ "data that was already acknowledged is not lost", {
		AT(1, ORIG, ACK, 1, 1, 100), AT(1, RESP, ACK, 1, 101, 0),
		AT(300, ORIG, ACK, 1, 1, 100) },
	  { { .busy_ns = 1, .own_ns = 1 }, { .own_ns = 300 } }, BY(PEER) },
	{ "acknowledged data is sent again while later data is outstanding", {
		AT(1, ORIG, ACK, 1, 1, 100), AT(1, RESP, ACK, 1, 101, 0),
		AT(1, ORIG, ACK, 101, 1, 100), AT(9, ORIG, ACK, 1, 1, 100),
		AT(1, RESP, ACK, 1, 201, 0) },
	  { { .busy_ns = 11, .idle_ns = 1, .own_ns = 2 } }, BY(PATH) },
	{ "duplicate ACKs", {
		AT(1, ORIG, ACK, 1, 1, 100), AT(1, ORIG, ACK, 101, 1, 100),
		AT(4, RESP, ACK, 1, 1, 0), AT(1, RESP, ACK, 1, 1, 0),
		AT(1, ORIG, ACK, 1, 1, 100), AT(30, RESP, ACK, 1, 201, 0) },
	  { { .busy_ns = 37, .fast_ns = 30, .own_ns = 1 } }, BY(LOSS) },
	{ "a SACK block", {
		AT(1, ORIG, ACK, 1, 1, 100), AT(1, ORIG, ACK, 101, 1, 100),
		AT(4, RESP, ACK, 1, 1, 0, .sack = { 101, 201 }),
		AT(1, ORIG, ACK, 1, 1, 100), AT(30, RESP, ACK, 1, 201, 0) },
	  { { .busy_ns = 36, .fast_ns = 30, .own_ns = 1 } }, BY(LOSS) },
	{ "a D-SACK is not a duplicate ACK", {
		AT(1, ORIG, ACK, 1, 1, 100), AT(1, ORIG, ACK, 101, 1, 100),
		AT(4, RESP, ACK, 1, 101, 0, .sack = { 1, 101 }),
		AT(1, ORIG, ACK, 101, 1, 100), AT(30, RESP, ACK, 1, 201, 0) },
	  { { .busy_ns = 36, .rto_ns = 31, .own_ns = 1 } }, BY(LOSS) },
	{ "a SACK block with an older acknowledgment", {
		AT(1, ORIG, ACK, 1, 1, 100), AT(1, ORIG, ACK, 101, 1, 100),
		AT(4, RESP, ACK, 1, 1, 0, .sack = { 101, 201 }),
		AT(1, ORIG, ACK, 201, 1, 100), AT(1, RESP, ACK, 1, 201, 0),
		AT(100, ORIG, ACK, 201, 1, 100), AT(3, RESP, ACK, 1, 301, 0) },
	  { { .busy_ns = 110, .rto_ns = 103, .own_ns = 1 } }, BY(LOSS) },
	{ "a receiver that has been silent for 150 ms", {
		AT(1, ORIG, ACK, 1, 1, 100), AT(1, ORIG, ACK, 101, 1, 100),
		AT(4, RESP, ACK, 1, 1, 0, .sack = { 101, 201 }),
		AT(150, ORIG, ACK, 1, 1, 100), AT(30, RESP, ACK, 1, 201, 0) },
	  { { .busy_ns = 185, .rto_ns = 180, .own_ns = 1 } }, BY(LOSS) },
	{ "a receiver that has been silent for less than 150 ms", {
		AT(1, ORIG, ACK, 1, 1, 100), AT(1, ORIG, ACK, 101, 1, 100),
		AT(4, RESP, ACK, 1, 1, 0, .sack = { 101, 201 }),
		AT(149, ORIG, ACK, 1, 1, 100), AT(30, RESP, ACK, 1, 201, 0) },
	  { { .busy_ns = 184, .fast_ns = 30, .own_ns = 1 } }, BY(PATH) },
	{ "recovery ends when the data sent before it is acknowledged", {
		AT(1, ORIG, ACK, 1, 1, 100), AT(1, ORIG, ACK, 101, 1, 100),
		AT(4, RESP, ACK, 1, 1, 0, .sack = { 101, 201 }),
		AT(1, ORIG, ACK, 1, 1, 100), AT(1, ORIG, ACK, 201, 1, 100),
		AT(7, RESP, ACK, 1, 101, 0), AT(8, RESP, ACK, 1, 201, 0),
		AT(60, RESP, ACK, 1, 301, 0) },
	  { { .busy_ns = 82, .fast_ns = 16, .own_ns = 1 } }, BY(PATH) },
	{ "a FIN that is sent again", {
		AT(1, ORIG, FIN, 1, 1, 0), AT(200, ORIG, FIN, 1, 1, 0),
		AT(2, RESP, ACK, 1, 2, 0) },
	  { { .busy_ns = 202, .rto_ns = 202, .own_ns = 1 } }, BY(LOSS) },
	{ "a packet of three segments counts once", {
		AT(1, ORIG, ACK, 1, 1, 3000, .segs = 3),
		AT(9, RESP, ACK, 1, 3001, 100) },
	  { { .busy_ns = 9, .delayed_ns = 9, .own_ns = 1 }, { ANSWER(9) } },
	  BY(PEER) },
};

static void chrono_desc(const struct chrono_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(chrono, chrono_rows, chrono_desc);

/**
 * struct watched - a connection under test
 * @test: the test
 * @t: the connection
 * @open: the connection has begun
 * @now: the time
 * @isn: ISN of each host
 * @rnd: random numbers with a constant seed
 * @rec: CLOSE record of the connection, without the fields tested elsewhere
 */
struct watched {
	struct kunit *test;
	struct tcpt_track t;
	bool open;
	u64 now;
	u32 isn[2];
	struct rnd_state rnd;
	struct tcptrace_close rec;
};

static void see(struct watched *w, const struct segment_spec *spec)
{
	struct tcpt_segment seg;
	struct tcpt_result res;

	if (spec->us > 0)
		w->now += tcpt_spec_ns(spec);
	tcpt_spec_segment(&seg, spec, w->isn, spec->from);
	if (!w->open)
		tcpt_open_track(&w->t, &seg, false, w->now, NULL, &res);
	w->open = true;
	tcpt_track_segment(&w->t, spec->from, &seg, w->now, &res);
	KUNIT_ASSERT_FALSE(w->test, res.reopen);
}

/* Begin a connection. Its handshake takes no time. */
static void begin(struct watched *w, bool bare)
{
	static const struct segment_spec handshake[] = {
		AT(0, ORIG, SYN, 0, 0, 0), AT(0, RESP, SYNACK, 0, 1, 0),
		AT(0, ORIG, ACK, 1, 1, 0),
	};
	unsigned int i;

	memset(&w->t, 0, sizeof(w->t));
	w->open = false;
	for (i = 0; i < ARRAY_SIZE(handshake) && !bare; i++)
		see(w, &handshake[i]);
}

static void fill_close(struct watched *w)
{
	memset(&w->rec, 0, sizeof(w->rec));
	tcpt_chrono_fill(&w->rec, &w->t);
}

static void expect_time(struct kunit *test, const struct tcptrace_time *got,
			const struct tcptrace_time *want, u64 unit)
{
	KUNIT_EXPECT_EQ(test, got->busy_ns, want->busy_ns * unit);
	KUNIT_EXPECT_EQ(test, got->window_ns, want->window_ns * unit);
	KUNIT_EXPECT_EQ(test, got->rto_ns, want->rto_ns * unit);
	KUNIT_EXPECT_EQ(test, got->fast_ns, want->fast_ns * unit);
	KUNIT_EXPECT_EQ(test, got->delayed_ns, want->delayed_ns * unit);
	KUNIT_EXPECT_EQ(test, got->idle_ns, want->idle_ns * unit);
	KUNIT_EXPECT_EQ(test, got->own_ns, want->own_ns * unit);
	KUNIT_EXPECT_EQ(test, got->responses, want->responses);
	KUNIT_EXPECT_EQ(test, got->response_sum_ns,
			want->response_sum_ns * unit);
}

static void expect_range(struct kunit *test, const struct tcptrace_time *got,
			 u64 least, u64 most)
{
	KUNIT_EXPECT_EQ(test, got->response_min_ns, least);
	KUNIT_EXPECT_EQ(test, got->response_max_ns, most);
}

static struct watched *watch(struct kunit *test)
{
	struct watched *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, w);
	w->test = test;
	w->now = 1000000000;
	return w;
}

static void chrono_of_a_row(struct kunit *test)
{
	static const u32 isns[][2] = {
		{ 1000, 5000 }, { 0xffffff00, 0xfffffff0 }, { 0x7fffff00, 0 },
	};
	const struct chrono_row *row = test->param_value;
	struct watched *w = watch(test);
	unsigned int i, n;

	for (n = 0; n < ARRAY_SIZE(isns); n++) {
		memcpy(w->isn, isns[n], sizeof(w->isn));
		begin(w, row->bare);
		for (i = 0; i < MOMENTS_MAX && row->s[i].flags; i++)
			see(w, &row->s[i]);
		fill_close(w);
		expect_time(test, &w->rec.time[0], &row->want[0], 1000000);
		expect_time(test, &w->rec.time[1], &row->want[1], 1000000);
		expect_range(test, &w->rec.time[0], w->rec.time[0].response_sum_ns,
			     w->rec.time[0].response_sum_ns);
		expect_range(test, &w->rec.time[1], w->rec.time[1].response_sum_ns,
			     w->rec.time[1].response_sum_ns);
		KUNIT_EXPECT_EQ(test, w->rec.limited_by, row->limited);
	}
}

/* A response time excludes the round trip to the end that responds. */
static void response_is_without_the_path(struct kunit *test)
{
	static const struct segment_spec s[] = {
		AT(0, ORIG, SYN, 0, 0, 0), AT(20, RESP, SYNACK, 0, 1, 0),
		AT(5, ORIG, ACK, 1, 1, 0), AT(1, ORIG, ACK, 1, 1, 100),
		AT(50, RESP, ACK, 1, 101, 50), AT(45, ORIG, ACK, 101, 51, 9),
		AT(10, RESP, ACK, 51, 110, 9),
	};
	struct watched *w = watch(test);
	unsigned int i;

	begin(w, true);
	for (i = 0; i < ARRAY_SIZE(s); i++)
		see(w, &s[i]);
	fill_close(w);
	/* RESP's second answer took less time than its SYN,ACK */
	KUNIT_EXPECT_EQ(test, w->rec.time[1].responses, 2U);
	KUNIT_EXPECT_EQ(test, w->rec.time[1].response_max_ns, 30000000ULL);
	KUNIT_EXPECT_EQ(test, w->rec.time[1].response_min_ns, 0ULL);
	KUNIT_EXPECT_EQ(test, w->rec.time[0].response_sum_ns, 40000000ULL);
	/* bucket 11 ends at 32.8 ms (16 us << 11), bucket 12 at 65.5 ms */
	KUNIT_EXPECT_EQ(test, w->rec.time[1].response_hist[11], 1U);
	KUNIT_EXPECT_EQ(test, w->rec.time[1].response_hist[0], 1U);
	KUNIT_EXPECT_EQ(test, w->rec.time[0].response_hist[12], 1U);
	KUNIT_EXPECT_EQ(test, w->rec.limited_by, TCPTRACE_LIMITED_APP);
}

static void handshake_is_a_limit(struct kunit *test)
{
	static const struct segment_spec s[] = {
		AT(0, ORIG, SYN, 0, 0, 0), AT(1000, ORIG, SYN, 0, 0, 0),
		AT(1, RESP, SYNACK, 0, 1, 0), AT(1, ORIG, ACK, 1, 1, 0),
		AT(900, ORIG, ACK, 1, 1, 100),
	};
	struct watched *w = watch(test);
	unsigned int i;

	begin(w, true);
	for (i = 0; i < ARRAY_SIZE(s); i++) {
		see(w, &s[i]);
		fill_close(w);
		KUNIT_EXPECT_EQ(test, w->rec.limited_by,
				i ? TCPTRACE_LIMITED_HANDSHAKE :
				    TCPTRACE_LIMITED_NONE);
	}
}

/**
 * struct naive - the times that the oracle adds up
 * @time: times of each direction; idle time is added when the idle phase ends
 * @idle: idle time that has not ended yet
 * @began: the end has sent data
 * @last: time of the last data of each end
 * @turn: sender of the last data
 */
struct naive {
	struct tcptrace_time time[2];
	u64 idle[2];
	bool began[2];
	u64 last[2];
	unsigned int turn;
};

/* Add an interval to the times of @end's current phase. */
static void add_interval(struct naive *n, const struct watched *w,
			 unsigned int end, u64 ns)
{
	const struct tcpt_endpoint *x = &w->t.end[end], *y = &w->t.end[!end];
	struct tcptrace_time *time = &n->time[end];

	if (!n->began[end])
		return;
	if ((s32)(y->right - x->nxt) < (s32)x->counters.segment_max) {
		time->window_ns += ns;
	} else if (x->nxt == y->ack) {
		n->idle[end] += ns;
		return;
	}
	time->busy_ns += ns;
	time->idle_ns += n->idle[end];
	n->idle[end] = 0;
}

static void add_response(struct naive *n, const struct watched *w,
			 const struct segment_spec *s)
{
	struct tcptrace_time *time = &n->time[s->from];
	u64 ns = w->now - n->last[!s->from];
	u64 rtt = w->t.end[!s->from].rtt.min;

	if (!s->len)
		return;
	if (n->turn == !s->from && s->ack == w->t.end[!s->from].nxt -
					     w->isn[!s->from]) {
		ns -= min(rtt, ns);
		if (!time->responses || ns < time->response_min_ns)
			time->response_min_ns = ns;
		time->response_max_ns = max(ns, time->response_max_ns);
		time->response_sum_ns += ns;
		time->responses++;
	}
	n->last[s->from] = w->now;
	n->turn = s->from;
	/* data ends the idle time */
	n->began[s->from] = true;
	n->time[s->from].idle_ns += n->idle[s->from];
	n->idle[s->from] = 0;
}

static u32 roll(struct watched *w, u32 sides)
{
	return prandom_u32_state(&w->rnd) % sides;
}

/*
 * Send a random segment. No segment is lost, and a receiver may grant a small
 * window.
 */
static void say(struct watched *w, struct naive *n)
{
	unsigned int from = roll(w, 2);
	struct tcpt_endpoint *x = &w->t.end[from], *y = &w->t.end[!from];
	struct segment_spec s = {
		.from = from, .flags = ACK, .us = 1 + roll(w, 5000),
		.seq = x->nxt - w->isn[from],
		.ack = (roll(w, 3) ? y->nxt : x->ack) - w->isn[!from],
		.window = 1 + roll(w, 4000),
	};
	u32 room = y->right - x->nxt;

	if (roll(w, 2) && room && room <= 65535)
		s.len = min_t(u32, room, 1 + roll(w, SEGMENT));
	add_interval(n, w, 0, s.us * 1000ULL);
	add_interval(n, w, 1, s.us * 1000ULL);
	see(w, &s);
	add_response(n, w, &s);
}

static void chrono_equals_naive(struct kunit *test)
{
	struct watched *w = watch(test);
	struct naive *n = kunit_kzalloc(test, sizeof(*n), GFP_KERNEL);
	u64 windows = 0, responses = 0;
	unsigned int i, j, end;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, n);
	prandom_seed_state(&w->rnd, 0x7c970003);
	for (i = 0; i < TALKS; i++) {
		memset(n, 0, sizeof(*n));
		n->turn = 2;
		w->isn[0] = prandom_u32_state(&w->rnd);
		w->isn[1] = prandom_u32_state(&w->rnd);
		begin(w, false);
		for (j = 0; j < SEGMENTS; j++)
			say(w, n);
		fill_close(w);
		for (end = 0; end < 2; end++) {
			/* the oracle does not compute these two times */
			n->time[end].own_ns = w->rec.time[end].own_ns;
			n->time[end].delayed_ns = w->rec.time[end].delayed_ns;
			expect_time(test, &w->rec.time[end], &n->time[end], 1);
			expect_range(test, &w->rec.time[end],
				     n->time[end].response_min_ns,
				     n->time[end].response_max_ns);
			windows += n->time[end].window_ns;
			responses += n->time[end].responses;
		}
	}
	KUNIT_EXPECT_GT(test, windows, 1000000ULL * TALKS);
	KUNIT_EXPECT_GT(test, responses, 10ULL * TALKS);
}

static struct kunit_case chrono_cases[] = {
	KUNIT_CASE_PARAM(chrono_of_a_row, chrono_gen_params),
	KUNIT_CASE(response_is_without_the_path),
	KUNIT_CASE(handshake_is_a_limit),
	KUNIT_CASE(chrono_equals_naive),
	{}
};

static struct kunit_suite chrono_suite = {
	.name = "tcptrace_chrono",
	.test_cases = chrono_cases,
};

kunit_test_suite(chrono_suite);
