// SPDX-License-Identifier: GPL-2.0
/* Counters: of a few segments each of them, exactly, and none when full. */
#include <linux/string.h>

#include "../module/core/counters.h"

#include "script.h"

enum {
	MARKS_MAX	= 4,
	PSH	= TCPTRACE_PSH | TCPTRACE_ACK,
	URG	= TCPTRACE_URG | TCPTRACE_ACK,
	ECE	= TCPTRACE_ECE,
	CWR	= TCPTRACE_CWR,
	BEGIN	= 5000,		/* ns, of the first segment */
};

/**
 * struct mark - a segment
 * @flags: TCP flags; 0 ends a row
 * @len: payload bytes
 * @segs: segments on the wire, 1 if 0
 * @urgent: urgent pointer
 * @tos: TOS
 * @ttl: TTL
 * @ns: how long after the one before
 * @found: what the analysis says
 * @num: number of the duplicate ACK
 */
struct mark {
	u16 flags;
	u32 len;
	u16 segs;
	u16 urgent;
	u8 tos;
	u8 ttl;
	u32 ns;
	u16 found;
	u32 num;
};

/**
 * struct tally_row - segments, and all counters afterwards
 * @name: what it is about
 * @mark: the segments
 * @answered: payload was acknowledged before
 * @want: the counters
 */
struct tally_row {
	const char *name;
	struct mark mark[MARKS_MAX];
	bool answered;
	struct tcpt_counters want;
};

/* What every row has that begins with one segment, or with payload. */
#define T(...)		{ .last = BEGIN, __VA_ARGS__ }
#define DATA		.data_packets = 1, .first_data = BEGIN, \
			.last_data = BEGIN
#define SIZE(n)		DATA, .initial_packets = 1, .initial_bytes = n

static const struct tally_row tally_rows[] = {
	{ "SYN", { { SYN } }, .want = T(.syns = 1) },
	{ "SYN,ACK", { { SYNACK } }, .want = T(.syns = 1, .acks = 1) },
	{ "FIN", { { FIN } }, .want = T(.fins = 1, .acks = 1) },
	{ "RST", { { RST } }, .want = T(.rsts = 1) },
	{ "RST,ACK", { { RSTACK } }, .want = T(.rsts = 1, .acks = 1) },
	{ "a pure ACK", { { ACK } }, .want = T(.acks = 1, .pure_acks = 1) },
	{ "PSH without data is a pure ACK", { { PSH } },
	  .want = T(.acks = 1, .pure_acks = 1, .pushes = 1) },
	{ "data", { { ACK, 100 } },
	  .want = T(SIZE(100), .acks = 1, .segment_min = 100, .segment_max = 100) },
	{ "data without ACK", { { TCPTRACE_PSH, 100 } },
	  .want = T(SIZE(100), .pushes = 1, .segment_min = 100,
		    .segment_max = 100) },
	{ "a FIN with data", { { FIN, 7 } },
	  .want = T(SIZE(7), .acks = 1, .fins = 1, .segment_min = 7,
		    .segment_max = 7) },
	{ "the smallest and the largest", {
		{ ACK, 100 }, { ACK, 99 }, { ACK, 101 }, { ACK, 0 } },
	  .want = T(.first_data = BEGIN, .last_data = BEGIN, .data_packets = 3,
		    .acks = 4, .pure_acks = 1, .initial_packets = 3,
		    .initial_bytes = 300, .segment_min = 99,
		    .segment_max = 101) },
	{ "three on the wire, the last is shorter", { { ACK, 2900, 3 } },
	  .want = T(SIZE(2900), .acks = 1, .segment_min = 967,
		    .segment_max = 967) },
	{ "three on the wire, all alike", { { ACK, 3000, 3 } },
	  .want = T(SIZE(3000), .acks = 1, .segment_min = 1000,
		    .segment_max = 1000) },
	{ "data after an answer is not the initial window", { { ACK, 100 } },
	  .answered = true,
	  .want = T(DATA, .acks = 1, .answered = true, .segment_min = 100,
		    .segment_max = 100) },

	{ "urgent, up to the pointer", { { URG, 100, 1, 10 } },
	  .want = T(SIZE(100), .acks = 1, .urgent_packets = 1,
		    .urgent_bytes = 10, .segment_min = 100,
		    .segment_max = 100) },
	{ "urgent, and the pointer is beyond", { { URG, 100, 1, 101 } },
	  .want = T(SIZE(100), .acks = 1, .urgent_packets = 1,
		    .urgent_bytes = 100, .segment_min = 100,
		    .segment_max = 100) },
	{ "urgent without data", { { URG, 0, 1, 10 } },
	  .want = T(.acks = 1, .pure_acks = 1, .urgent_packets = 1) },
	{ "a pointer without URG", { { ACK, 100, 1, 10 } },
	  .want = T(SIZE(100), .acks = 1, .segment_min = 100, .segment_max = 100) },

	{ "Not-ECT", { { ACK, .tos = 0xfc } },
	  .want = T(.acks = 1, .pure_acks = 1) },
	{ "ECT(1)", { { ACK, .tos = 0xfd } },
	  .want = T(.acks = 1, .pure_acks = 1, .ect1 = 1) },
	{ "ECT(0)", { { ACK, .tos = 0x02 } },
	  .want = T(.acks = 1, .pure_acks = 1, .ect0 = 1) },
	{ "CE", { { ACK, .tos = 0x03 } },
	  .want = T(.acks = 1, .pure_acks = 1, .ce = 1) },
	{ "ECE and CWR", { { ACK | ECE }, { ACK | CWR }, { ACK | ECE } },
	  .want = T(.acks = 3, .pure_acks = 3, .ece = 2, .cwr = 1) },
	{ "in a SYN they negotiate", { { SYN | ECE | CWR }, { SYNACK | ECE } },
	  .want = T(.syns = 2, .acks = 1) },

	{ "TTLs", { { SYN, .ttl = 64 }, { ACK, .ttl = 63 }, { ACK, .ttl = 65 },
		    { ACK, .ttl = 64 } },
	  .want = T(.syns = 1, .acks = 3, .pure_acks = 3, .ttl_first = 64,
		    .ttl_min = 63, .ttl_max = 65) },
	{ "idle", { { ACK }, { ACK, .ns = 70 }, { ACK, .ns = 71 },
		    { ACK, .ns = 9 } },
	  .want = { .last = BEGIN + 150, .idle_max = 71, .acks = 4,
		    .pure_acks = 4 } },
	{ "the time of data", { { SYN }, { ACK, 1, .ns = 10 },
				{ ACK, 1, .ns = 20 }, { ACK, .ns = 30 } },
	  .want = { .last = BEGIN + 60, .idle_max = 30, .first_data = BEGIN + 10,
		    .last_data = BEGIN + 30, .syns = 1, .acks = 3,
		    .pure_acks = 1, .data_packets = 2, .initial_packets = 2,
		    .initial_bytes = 2, .segment_min = 1, .segment_max = 1 } },

	{ "out of order", { { FIN, .found = TCPTRACE_A_OUT_OF_ORDER } },
	  .want = T(.fins = 1, .acks = 1, .out_of_order = 1) },
	{ "a retransmission is counted elsewhere", {
		{ FIN, .found = TCPTRACE_A_RETRANSMISSION } },
	  .want = T(.fins = 1, .acks = 1) },
	{ "the third duplicate ACK, and no other", {
		{ ACK, .found = TCPTRACE_A_DUPLICATE_ACK, .num = 2 },
		{ ACK, .found = TCPTRACE_A_DUPLICATE_ACK, .num = 3 },
		{ ACK, .found = TCPTRACE_A_DUPLICATE_ACK, .num = 4 } },
	  .want = T(.acks = 3, .pure_acks = 3, .dup_acks = 3,
		    .triple_dup_acks = 1) },
	{ "a zero window probe", {
		{ ACK, .found = TCPTRACE_A_ZERO_WINDOW_PROBE } },
	  .want = T(.acks = 1, .pure_acks = 1, .zero_window_probes = 1) },
	{ "its answer is none", {
		{ ACK, .found = TCPTRACE_A_ZERO_WINDOW_PROBE_ACK } },
	  .want = T(.acks = 1, .pure_acks = 1) },
	{ "window full", { { ACK, .found = TCPTRACE_A_WINDOW_FULL } },
	  .want = T(.acks = 1, .pure_acks = 1, .window_full = 1) },
	{ "keep-alive", { { ACK, .found = TCPTRACE_A_KEEP_ALIVE } },
	  .want = T(.acks = 1, .pure_acks = 1, .keep_alives = 1) },
	{ "its answer is none, too", {
		{ ACK, .found = TCPTRACE_A_KEEP_ALIVE_ACK } },
	  .want = T(.acks = 1, .pure_acks = 1) },
};

static void tally_desc(const struct tally_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(tally, tally_rows, tally_desc);

static void play_mark(struct tcpt_counters *tally, const struct mark *mark,
		      u64 now)
{
	const struct tcpt_wireshark_result found = {
		.classes = mark->found,
		.dup_ack_num = mark->num,
	};
	const struct tcpt_segment seg = {
		.flags = mark->flags,
		.len = mark->len,
		.wire_segs = mark->segs ? mark->segs : 1,
		.urgent = mark->urgent,
		.tos = mark->tos,
		.ttl = mark->ttl,
	};

	tcpt_counters_segment(tally, &seg, &found,
			      mark->found & TCPTRACE_A_RETRANSMISSION, now);
}

static void expect_same(struct kunit *test, const struct tcpt_counters *tally,
			const struct tcpt_counters *want)
{
	const u8 *a = (const u8 *)tally, *b = (const u8 *)want;
	size_t i;

	for (i = 0; i < sizeof(*tally); i++)
		if (a[i] != b[i])
			KUNIT_FAIL(test, "byte %zu is %02x, not %02x", i, a[i],
				   b[i]);
}

static void tally_of_a_row(struct kunit *test)
{
	const struct tally_row *row = test->param_value;
	struct tcpt_counters want = row->want;
	struct tcpt_counters tally;
	unsigned int i;
	u64 now = BEGIN;

	want.seen = true;
	memset(&tally, 0, sizeof(tally));
	tally.answered = row->answered;
	for (i = 0; i < MARKS_MAX && row->mark[i].flags; i++) {
		now += row->mark[i].ns;
		play_mark(&tally, &row->mark[i], now);
	}
	expect_same(test, &tally, &want);
}

/* A capture may begin at the time 0; that is a time like any other. */
static void tally_begins_at_0(struct kunit *test)
{
	static const struct mark first = { SYN, .ttl = 64 };
	static const struct mark second = { ACK, .ttl = 60 };
	struct tcpt_counters tally;

	memset(&tally, 0, sizeof(tally));
	play_mark(&tally, &first, 0);
	play_mark(&tally, &second, 700);
	KUNIT_EXPECT_EQ(test, tally.ttl_first, 64);
	KUNIT_EXPECT_EQ(test, tally.ttl_min, 60);
	KUNIT_EXPECT_EQ(test, tally.ttl_max, 64);
	KUNIT_EXPECT_EQ(test, tally.idle_max, 700ULL);
}

static void tally_takes_windows(struct kunit *test)
{
	static const u32 windows[] = { 500, 501, 0, 400, 0 };
	struct tcpt_counters tally;
	unsigned int i;

	memset(&tally, 0, sizeof(tally));
	tcpt_counters_window(&tally, windows[0]);
	KUNIT_EXPECT_EQ(test, tally.window_min, 500U);
	KUNIT_EXPECT_EQ(test, tally.window_max, 500U);
	for (i = 1; i < ARRAY_SIZE(windows); i++)
		tcpt_counters_window(&tally, windows[i]);
	KUNIT_EXPECT_EQ(test, tally.window_min, 0U);
	KUNIT_EXPECT_EQ(test, tally.window_max, 501U);
	KUNIT_EXPECT_EQ(test, tally.zero_windows, 2U);
}

/* All counters are full, and a segment comes that counts in each of them. */
static void tally_is_full(struct kunit *test)
{
	static const struct mark mark[] = {
		{ TCPTRACE_PSH | TCPTRACE_URG | ACK | ECE | CWR, 10, 1, 10, 1,
		  .found = 0x7fff, .num = 3 },
		{ ACK | SYN, 10, 1, 0, 2 }, { FIN, 10, 1, 0, 3 }, { RSTACK },
		{ ACK },
	};
	struct tcpt_counters tally, want;
	unsigned int i;

	memset(&tally, 0, sizeof(tally));
	/* the counters lie one after the other, between times and after them */
	memset(&tally.out_of_order, 0xff,
	       sizeof(tally) - offsetof(struct tcpt_counters, out_of_order));
	memset(&tally.data_packets, 0xff,
	       offsetofend(struct tcpt_counters, segment_max) -
	       offsetof(struct tcpt_counters, data_packets));
	tally.last = BEGIN;
	tally.last_data = BEGIN;
	tally.segment_min = 10;
	tally.window_min = 0;
	want = tally;
	want.seen = true;
	for (i = 0; i < ARRAY_SIZE(mark); i++)
		play_mark(&tally, &mark[i], BEGIN);
	tcpt_counters_window(&tally, 0);
	want.started = true;
	expect_same(test, &tally, &want);
}

static struct kunit_case tally_cases[] = {
	KUNIT_CASE_PARAM(tally_of_a_row, tally_gen_params),
	KUNIT_CASE(tally_begins_at_0),
	KUNIT_CASE(tally_takes_windows),
	KUNIT_CASE(tally_is_full),
	{}
};

static struct kunit_suite tally_suite = {
	.name = "tcptrace_tally",
	.test_cases = tally_cases,
};

kunit_test_suite(tally_suite);
