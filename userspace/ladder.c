// SPDX-License-Identifier: GPL-2.0
#include "ladder.h"

#include "core/name.h"
#include "line.h"
#include "timefmt.h"
#include "tunnel.h"
#include "view_fate.h"
#include "view_finding.h"
#include "view_segment.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#define IDLE_NS		1000000000ULL	/* a longer pause gets its own row */

enum {
	FIRST_SIZE	= 64,
	FOLD_MIN	= 8,	/* longest run of rows that is not folded */
	FOLD_FIRST	= 3,	/* rows shown at the start of a longer run */
	FOLD_LAST	= 2,	/* rows shown at the end of a longer run */
};

/* Return: the new row, or NULL if memory is short. */
static struct ladder_row *add_row(struct ladder *l, enum ladder_kind kind,
				  u64 time)
{
	size_t size = l->size ? 2 * l->size : FIRST_SIZE;
	struct ladder_row *row;

	if (l->n == l->size) {
		row = reallocarray(l->rows, size, sizeof(*row));
		if (!row)
			return NULL;
		l->rows = row;
		l->size = size;
	}
	row = &l->rows[l->n++];
	memset(row, 0, sizeof(*row));
	row->kind = kind;
	row->time = time;
	row->state[0] = TCPTRACE_STATES;
	row->state[1] = TCPTRACE_STATES;
	return row;
}

static __printf(4, 5) int add_text(struct ladder *l, enum ladder_kind kind,
				   u64 time, const char *format, ...)
{
	struct ladder_row *row = add_row(l, kind, time);
	va_list args;

	if (!row)
		return -ENOMEM;
	va_start(args, format);
	vsnprintf(row->text, sizeof(row->text), format, args);
	va_end(args);
	return 0;
}

/* Format the labels of the row's arrow, the longest first. */
static void label_arrow(struct ladder_row *row, const struct tcptrace_seg *seg,
			bool raw)
{
	char words[VIEW_SEGMENT_FLAGS_LEN], letters[TCPT_FLAGS_LEN];
	char ack[24] = "", slash[16] = "", len[16] = "", plus[16] = "";
	u32 seq_no = raw ? seg->seq : seg->rel_seq;
	u32 ack_no = raw ? seg->ack : seg->rel_ack;

	view_segment_flags(seg->flags, words);
	tcpt_flags_name(seg->flags, letters);
	if (seg->flags & TCPTRACE_ACK) {
		snprintf(ack, sizeof(ack), " ack %u", ack_no);
		snprintf(slash, sizeof(slash), "/%u", ack_no);
	}
	if (seg->len) {
		snprintf(len, sizeof(len), " len %u", seg->len);
		snprintf(plus, sizeof(plus), " +%u", seg->len);
	}
	snprintf(row->arrow[0], LADDER_LABEL, "%s seq %u%s%s", words, seq_no,
		 ack, len);
	snprintf(row->arrow[1], LADDER_LABEL, "%s %u%s%s", words, seq_no,
		 slash, plus);
	snprintf(row->arrow[2], LADDER_LABEL, "%s %u%s%s", letters, seq_no,
		 slash, plus);
}

static void name_classes(struct ladder_row *row,
			 const struct tcptrace_segment *s)
{
	const char *name;
	/* LOST_SEGMENT has its own row before the arrow */
	u16 left = s->analysis & (u16)~TCPTRACE_A_LOST_SEGMENT;
	unsigned int bit;
	size_t n = 0;

	for (bit = 0; (name = tcpt_wireshark_name(bit)); bit++) {
		if (!(left & 1U << bit))
			continue;
		n += (size_t)snprintf(row->text + n, sizeof(row->text) - n,
				      "%s%s", n ? ", " : "", name);
		if (1U << bit == TCPTRACE_A_DUPLICATE_ACK)
			n += (size_t)snprintf(row->text + n,
					      sizeof(row->text) - n, " #%u",
					      s->dup_ack_num);
	}
}

/* Return: the time of the previous segment, or @time if there is none. */
static u64 last_time(const struct ladder *l, u64 time)
{
	size_t i;

	for (i = l->n; i-- > 0;)
		if (l->rows[i].kind == LADDER_SEGMENT)
			return l->rows[i].time;
	return time;
}

static int add_segment(struct ladder *l, const struct kept *at, u64 time,
		       u64 label, bool raw)
{
	const struct tcptrace_segment *s = &at->rec.segment;
	u64 last = last_time(l, time);
	struct ladder_row *row;
	char span[TIMEFMT_LEN];
	int err = 0;

	if (time > last && time - last > IDLE_NS) {
		timefmt_span(time - last, span, sizeof(span));
		err = add_text(l, LADDER_IDLE, time, "%s idle", span);
	}
	if (!err && s->analysis & TCPTRACE_A_LOST_SEGMENT)
		err = add_text(l, LADDER_WARNING, time, "x lost_segment");
	row = err ? NULL : add_row(l, LADDER_SEGMENT, time);
	if (!row)
		return -ENOMEM;
	row->label = at->frame ?: label;
	row->right = s->seg.from != 1;
	row->again = s->rexmit_bytes ||
		     s->analysis & TCPTRACE_A_RETRANSMISSION;
	row->flags = s->seg.flags;
	row->len = s->seg.len;
	label_arrow(row, &s->seg, raw);
	name_classes(row, s);
	return 0;
}

/* Add a state change to the last row if possible, otherwise to a new row. */
static int add_state(struct ladder *l, const struct tcptrace_transition *t,
		     u64 time)
{
	struct ladder_row *row = l->n ? &l->rows[l->n - 1] : NULL;
	unsigned int end = t->end == 1;

	if (!row || row->state[end] != TCPTRACE_STATES || row->time != time ||
	    (row->kind != LADDER_SEGMENT && row->kind != LADDER_STATES))
		row = add_row(l, LADDER_STATES, time);
	if (!row)
		return -ENOMEM;
	row->state[end] = t->to < TCPTRACE_STATES ? t->to : TCPTRACE_STATES;
	return 0;
}

static int add_icmp(struct ladder *l, const struct tcptrace_icmp *rec, u64 time)
{
	char text[LADDER_TEXT - 8];
	struct line line;

	line_init(&line, text, sizeof(text), false);
	view_fate_icmp_text(&line, rec);
	return add_text(l, LADDER_WARNING, time, "ICMP:%s", text);
}

static int add_drop(struct ladder *l, const struct tcptrace_drop *rec, u64 time)
{
	char text[LADDER_TEXT - 40];
	struct line line;

	line_init(&line, text, sizeof(text), false);
	view_fate_drop_text(&line, rec);
	return add_text(l, LADDER_WARNING, time, "x dropped by this host:%s",
			text);
}

static int add_finding(struct ladder *l, const struct tcptrace_found *found,
		       u64 time)
{
	char text[VIEW_FINDING_LEN];

	view_finding_translated(found, text);
	return add_text(l, LADDER_WARNING, time, "! %s", text);
}

static int add_event(struct ladder *l, const union record *rec, u64 time)
{
	switch (rec->h.type) {
	case TCPTRACE_STATE:
		return add_state(l, &rec->state, time);
	case TCPTRACE_FINDING:
		return add_finding(l, &rec->finding.found, time);
	case TCPTRACE_SUSPECTED:
		return add_text(l, LADDER_WARNING, time, "! suspected: %s",
				tcpt_suspicion_name(rec->suspected.suspicion));
	case TCPTRACE_ICMP:
		return add_icmp(l, &rec->icmp, time);
	case TCPTRACE_DROP:
		return add_drop(l, &rec->drop, time);
	case TCPTRACE_LOST:
		return add_text(l, LADDER_WARNING, time,
				"x %llu records were lost here",
				(unsigned long long)rec->lost.count);
	}
	return 0;
}

static const char *end_name(unsigned int end)
{
	return end ? "server" : "client";
}

static void summarize(struct ladder *l, const struct tcptrace_close *c)
{
	u64 again = c->dir[0].rexmit_bytes + c->dir[1].rexmit_bytes;
	char span[TIMEFMT_LEN];
	size_t n;

	timefmt_span(c->duration_ns, span, sizeof(span));
	n = (size_t)snprintf(l->summary, sizeof(l->summary), "%s%s%s, %s",
			     tcpt_close_name(c->reason),
			     c->by < 2 ? " by " : "",
			     c->by < 2 ? end_name(c->by) : "", span);
	snprintf(l->summary + n, sizeof(l->summary) - n,
		 "; bytes: client %llu, server %llu, sent again %llu",
		 (unsigned long long)c->dir[0].bytes,
		 (unsigned long long)c->dir[1].bytes,
		 (unsigned long long)again);
}

/* Check whether the row shows only the arrow of an unremarkable segment. */
static bool is_plain(const struct ladder_row *row)
{
	return row->kind == LADDER_SEGMENT && !row->again &&
	       row->text[0] == '\0' && row->state[0] == TCPTRACE_STATES &&
	       row->state[1] == TCPTRACE_STATES &&
	       !(row->flags & (TCPTRACE_SYN | TCPTRACE_FIN | TCPTRACE_RST));
}

static void format_amount(u64 bytes, char *buf, size_t size)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };
	double n = (double)bytes;
	size_t i;

	for (i = 0; n >= 999.5 && i + 1 < ARRAY_SIZE(units); i++)
		n /= 1000;
	snprintf(buf, size, i && n < 9.95 ? "%.1f %s" : "%.0f %s", n,
		 units[i]);
}

/* Make row @first a summary of the rows @first to @last. */
static void fold(struct ladder *l, size_t first, size_t last)
{
	struct ladder_row row = l->rows[first];
	char amount[24];
	size_t i;

	row.kind = LADDER_FOLD;
	row.len = 0;
	row.count = last - first + 1;
	for (i = first; i <= last; i++)
		row.len += l->rows[i].len;
	format_amount(row.len, amount, sizeof(amount));
	snprintf(row.text, sizeof(row.text), "%llu segments, %s",
		 (unsigned long long)row.count, amount);
	l->rows[first] = row;
}

static void fold_runs(struct ladder *l)
{
	size_t i, to = 0, run;

	for (i = 0; i < l->n; i += run) {
		for (run = 0; i + run < l->n && is_plain(&l->rows[i + run]);)
			run++;
		if (run <= FOLD_MIN) {
			run = run ?: 1;
			memmove(&l->rows[to], &l->rows[i],
				run * sizeof(*l->rows));
			to += run;
			continue;
		}
		fold(l, i + FOLD_FIRST, i + run - FOLD_LAST - 1);
		memmove(&l->rows[to], &l->rows[i],
			(FOLD_FIRST + 1) * sizeof(*l->rows));
		to += FOLD_FIRST + 1;
		memmove(&l->rows[to], &l->rows[i + run - FOLD_LAST],
			FOLD_LAST * sizeof(*l->rows));
		to += FOLD_LAST;
	}
	l->n = to;
}

static void name_end(struct ladder *l, unsigned int end,
		     const struct tcptrace_flow *flow)
{
	struct addr addr;

	addr_init(&addr, flow->family, tunnel_zone(flow->zone),
		  end ? flow->resp_addr : flow->orig_addr);
	addr_endpoint(&addr, end ? flow->resp_port : flow->orig_port,
		      l->end[end], ADDR_LEN);
}

/**
 * ladder_build - build the ladder diagram of a connection
 * @l: filled in; the caller must free it even after an error
 * @c: the connection
 * @raw: show raw sequence numbers, not relative ones
 * @fold: show only the first and the last segments of a long run of
 *	unremarkable segments
 *
 * Return: 0 or -ENOMEM.
 */
int ladder_build(struct ladder *l, const struct conversation *c, bool raw,
		 bool fold)
{
	const struct kept *at = NULL;
	u64 label = 0, start = 0, time;
	int err = 0;

	memset(l, 0, sizeof(*l));
	snprintf(l->title, sizeof(l->title), "Connection %llu",
		 (unsigned long long)c->id);
	snprintf(l->summary, sizeof(l->summary), "still open");
	while (!err && (at = conversation_next(c, at))) {
		if (at->rec.h.type != TCPTRACE_LOST && l->end[0][0] == '\0') {
			start = at->rec.h.time;
			name_end(l, 0, &at->rec.c.flow);
			name_end(l, 1, &at->rec.c.flow);
		}
		/* records from different CPUs may be out of order */
		time = at->rec.h.time > start ? at->rec.h.time - start : 0;
		if (at->rec.h.type == TCPTRACE_CLOSE)
			summarize(l, &at->rec.close);
		else if (at->rec.h.type == TCPTRACE_SEGMENT)
			err = add_segment(l, at, time, ++label, raw);
		else
			err = add_event(l, &at->rec, time);
	}
	if (!err && fold)
		fold_runs(l);
	return err;
}

void ladder_free(struct ladder *l)
{
	free(l->rows);
}
