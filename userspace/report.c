// SPDX-License-Identifier: GPL-2.0
#include "report.h"

#include "core/name.h"
#include "line.h"
#include "view_fate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * Points for the score of a row. A failure, a reset, a finding or a suspicion
 * is worth about as many points as a large value.
 */
enum {
	SCORE_FAILED	= 400,
	SCORE_RESET	= 200,
	SCORE_EACH	= 100,	/* for each finding or suspicion */
	SCORE_TWICE	= 10,	/* for each binary digit of a value */
};

enum {
	REASON_LEN	= 24,	/* length of a close reason and ": " */
};

/* When there are ROOM rows, the less interesting half is dropped. */
#define ROOM	(2 * REPORT_ROWS)

/**
 * report_init - begin a report
 * @r: the report, which must be zeroed
 *
 * Return: 0 or -ENOMEM.
 */
int report_init(struct report *r)
{
	r->rows = calloc(ROOM, sizeof(*r->rows));
	r->begin = ~0ULL;
	return r->rows ? 0 : -ENOMEM;
}

static bool has_failed(const struct tcptrace_close *c)
{
	return c->reason == TCPTRACE_CLOSE_REFUSED ||
	       c->reason == TCPTRACE_CLOSE_UNANSWERED ||
	       c->reason == TCPTRACE_CLOSE_UNREACHABLE ||
	       (c->reason != TCPTRACE_CLOSE_NONE &&
		c->conn_state == TCPTRACE_CONN_S0);
}

static u32 bits_of(u32 mask)
{
	return (u32)__builtin_popcount(mask);
}

/* Return: SCORE_TWICE points for each binary digit of @number. */
static u32 points(u64 number)
{
	return number ? SCORE_TWICE * (64 - (u32)__builtin_clzll(number)) : 0;
}

static u64 again_of(const struct tcptrace_close *c)
{
	return c->dir[0].rexmit_bytes + c->dir[1].rexmit_bytes;
}

static u32 score_of(const struct report_row *row)
{
	const struct tcptrace_close *c = &row->close;
	u32 score = has_failed(c) ? SCORE_FAILED : 0;

	if (c->reason == TCPTRACE_CLOSE_RESET)
		score += SCORE_RESET;
	score += SCORE_EACH * (bits_of(c->findings) + bits_of(c->suspected));
	score += points(c->dir[0].rexmit_packets + c->dir[1].rexmit_packets);
	/* 2^20 ns is about a millisecond */
	score += points(c->time[1].response_max_ns >> 20) + points(row->handshake_ns >> 20);
	return score + points(c->dir[0].packets + c->dir[1].packets) / 4;
}

static void count(struct report_count *seen, u64 id)
{
	if (seen->count < REPORT_EXAMPLES)
		seen->example[seen->count] = id;
	seen->count++;
}

static void count_failure(struct report *r, const struct tcptrace_close *c)
{
	char text[REPORT_CAUSE], words[REPORT_CAUSE - REASON_LEN];
	struct line line;
	size_t i;

	line_init(&line, words, sizeof(words), false);
	view_fate_words(&line, c);
	snprintf(text, sizeof(text), "%s%s%s",
		 c->reason == TCPTRACE_CLOSE_CAPTURE ? "not answered so far" :
		 tcpt_close_name(c->reason),
		 *words ? ": " : "", words);
	for (i = 0; i < r->nr_causes; i++)
		if (strcmp(r->causes[i].text, text) == 0)
			break;
	if (i == REPORT_CAUSES) {
		i--;
		snprintf(r->causes[i].text, REPORT_CAUSE, "other");
	} else if (i == r->nr_causes) {
		memcpy(r->causes[r->nr_causes++].text, text, sizeof(text));
	}
	count(&r->causes[i].seen, c->flow.conn);
}

static void count_found(struct report *r, const struct tcptrace_close *c)
{
	const struct tcptrace_found *found;
	unsigned int i;

	for (i = TCPTRACE_FINDING_NONE + 1; i < TCPTRACE_FINDINGS; i++)
		if (c->findings & 1U << i)
			count(&r->findings[i], c->flow.conn);
	for (i = TCPTRACE_SUSPECT_NONE + 1; i < TCPTRACE_SUSPICIONS; i++)
		if (c->suspected & 1U << i)
			count(&r->suspicions[i], c->flow.conn);
	for (i = 0; i < TCPTRACE_FOUND_MAX; i++) {
		found = &c->found[i];
		if (found->finding < TCPTRACE_FINDINGS &&
		    found->value >= r->worst[found->finding].value)
			r->worst[found->finding] = *found;
	}
}

static void count_times(struct report *r, const struct tcptrace_close *c)
{
	unsigned int end, i;

	for (end = 0; end < 2; end++)
		for (i = 0; i < TCPTRACE_RTT_BUCKETS; i++) {
			r->rtt[end][i] += c->dir[end].rtt_hist[i];
			r->response[end][i] += c->time[end].response_hist[i];
		}
}

static void add_extreme(struct report *r, enum report_top top, u64 value,
			const struct report_row *row)
{
	struct report_extreme *list = r->top[top];
	size_t i = REPORT_TOP - 1;

	if (value <= list[i].value)
		return;
	for (; i > 0 && list[i - 1].value < value; i--)
		list[i] = list[i - 1];
	list[i].value = value;
	list[i].row = *row;
}

static int by_score(const void *a, const void *b)
{
	const struct report_row *one = a, *other = b;

	if (one->score != other->score)
		return one->score > other->score ? -1 : 1;
	return (one->close.flow.conn > other->close.flow.conn) -
	       (one->close.flow.conn < other->close.flow.conn);
}

static int by_id(const void *a, const void *b)
{
	const struct report_row *one = a, *other = b;

	return (one->close.flow.conn > other->close.flow.conn) -
	       (one->close.flow.conn < other->close.flow.conn);
}

static void drop_dull(struct report *r)
{
	if (r->nr_rows <= REPORT_ROWS)
		return;
	qsort(r->rows, r->nr_rows, sizeof(*r->rows), by_score);
	r->nr_rows = REPORT_ROWS;
}

static void add_row(struct report *r, const struct report_row *row)
{
	const struct tcptrace_close *c = &row->close;

	if (r->nr_rows == ROOM)
		drop_dull(r);
	r->rows[r->nr_rows++] = *row;
	r->connections++;
	r->open += c->reason == TCPTRACE_CLOSE_NONE ||
		   c->reason == TCPTRACE_CLOSE_CAPTURE;
	r->again += again_of(c);
	if (has_failed(c)) {
		r->failed++;
		count_failure(r, c);
	}
	count_found(r, c);
	count_times(r, c);
	add_extreme(r, REPORT_HANDSHAKE, row->handshake_ns, row);
	add_extreme(r, REPORT_RESPONSE, c->time[1].response_max_ns, row);
	add_extreme(r, REPORT_AGAIN, again_of(c), row);
}

static bool are_alike(const struct report_row *a, const struct report_row *b)
{
	return a->close.reason == b->close.reason &&
	       a->close.conn_state == b->close.conn_state &&
	       a->close.findings == b->close.findings &&
	       a->close.suspected == b->close.suspected;
}

/*
 * Return: the index of the free entry that @row takes, or of the pick that @row
 * replaces; REPORT_PICKS if @row is not interesting enough.
 */
static size_t place_of(const struct report *r, const struct report_row *row)
{
	size_t i, alike = 0, least = r->nr_picks;

	for (i = 0; i < r->nr_picks; i++)
		if (are_alike(&r->pick[i].row, row) &&
		    ++alike == REPORT_ALIKE)
			least = i;
	if (alike < REPORT_ALIKE && r->nr_picks < REPORT_PICKS)
		return r->nr_picks;
	if (alike < REPORT_ALIKE)
		least = REPORT_PICKS - 1;
	return r->pick[least].row.score < row->score ? least : REPORT_PICKS;
}

/* Insert a connection into the sorted picks if it is interesting enough. */
static int pick(struct report *r, const struct report_row *row,
		const struct conversation *c)
{
	struct report_pick new = { .row = *row, .conversation = *c };
	size_t i = place_of(r, row);

	if (i == REPORT_PICKS)
		return 0;
	new.conversation.bytes = malloc(c->len);
	if (!new.conversation.bytes)
		return -ENOMEM;
	memcpy(new.conversation.bytes, c->bytes, c->len);
	if (i == r->nr_picks)
		r->nr_picks++;
	else
		free(r->pick[i].conversation.bytes);
	for (; i > 0 && r->pick[i - 1].row.score < row->score; i--)
		r->pick[i] = r->pick[i - 1];
	r->pick[i] = new;
	return 0;
}

static void take_segment(struct report *r, const struct tcptrace_segment *s)
{
	r->segments++;
	r->bytes += s->seg.len;
	throughput_add(&r->throughput, s->h.time,
		       s->seg.from ? THROUGHPUT_SERVER : THROUGHPUT_CLIENT, s->seg.len);
	if (s->rexmit_bytes)
		throughput_add(&r->throughput, s->h.time, THROUGHPUT_AGAIN,
			       s->rexmit_bytes);
}

static void take_record(struct report *r, struct report_row *row,
			const union record *rec)
{
	if (rec->h.type == TCPTRACE_LOST)
		return;
	r->begin = rec->h.time < r->begin ? rec->h.time : r->begin;
	r->end = rec->h.time > r->end ? rec->h.time : r->end;
	if (row->close.flow.conn == 0) {
		row->close.flow = rec->c.flow;
		row->close.start = rec->h.time;
	}
	switch (rec->h.type) {
	case TCPTRACE_SEGMENT:
		take_segment(r, &rec->segment);
		break;
	case TCPTRACE_ESTABLISHED:
		row->handshake_ns = rec->established.handshake_ns;
		break;
	case TCPTRACE_CLOSE:
		/* @rec has only h.len bytes */
		memset(&row->close, 0, sizeof(row->close));
		memcpy(&row->close, &rec->close,
		       rec->h.len < sizeof(rec->close) ? rec->h.len :
		       sizeof(rec->close));
		break;
	}
}

/**
 * report_take - add a connection to a report
 * @r: the report
 * @c: the connection
 *
 * Return: 0 or -ENOMEM.
 */
int report_take(struct report *r, const struct conversation *c)
{
	struct report_row row = { .score = 0 };
	const struct kept *at = NULL;

	while ((at = conversation_next(c, at)))
		take_record(r, &row, &at->rec);
	if (row.close.flow.conn == 0)
		return 0;
	row.score = score_of(&row);
	add_row(r, &row);
	return pick(r, &row, c);
}

static int by_count(const void *a, const void *b)
{
	const struct report_cause *one = a, *other = b;

	return (one->seen.count < other->seen.count) -
	       (one->seen.count > other->seen.count);
}

/*
 * Keep the REPORT_ROWS most interesting rows; sort the rows by ID, and the
 * causes by count.
 */
void report_finish(struct report *r)
{
	drop_dull(r);
	qsort(r->rows, r->nr_rows, sizeof(*r->rows), by_id);
	qsort(r->causes, r->nr_causes, sizeof(*r->causes), by_count);
}

void report_free(struct report *r)
{
	size_t i;

	for (i = 0; i < r->nr_picks; i++)
		free(r->pick[i].conversation.bytes);
	free(r->rows);
}
