// SPDX-License-Identifier: GPL-2.0
#include "view_explain.h"

#include "addr.h"
#include "core/name.h"
#include "explain.h"
#include "json_writer.h"
#include "message.h"
#include "names.h"
#include "output.h"
#include "paragraph.h"
#include "tunnel.h"
#include "view_context.h"
#include "view_finding.h"
#include "view_json.h"
#include "view_segment.h"

#include <stdio.h>

#define NS_PER_US	1000ULL
#define NS_PER_SEC	1000000000ULL

enum {
	NOTE_INDENT	= 6,
};

/**
 * struct block - a segment and the events that it caused, or events without a
 * segment
 * @v: options of the explanation
 * @x: state of the explanation
 * @c: the connection
 * @head: the first record of the block; NULL: the block is empty
 * @segment: the segment of the block, or NULL
 * @start: time of the first record of the connection
 * @close: the closing record, or NULL
 */
struct block {
	struct view_explain *v;
	struct explain x;
	const struct conversation *c;
	const struct kept *head;
	const struct tcptrace_segment *segment;
	u64 start;
	const struct tcptrace_close *close;
};

static int print(const struct view_explain *v, enum term_color color,
		 size_t indent, size_t hang, const char *text)
{
	const struct paragraph p = {
		.width = v->look.width, .indent = indent, .hang = hang,
		.color = color, .has_color = v->look.color,
	};

	return paragraph_print(&p, text);
}

static void format_end(const struct tcptrace_flow *flow, unsigned int end,
		       char buf[ADDR_LEN])
{
	struct addr addr;

	addr_init(&addr, flow->family, tunnel_zone(flow->zone),
		  end ? flow->resp_addr : flow->orig_addr);
	addr_endpoint(&addr, end ? flow->resp_port : flow->orig_port, buf,
		      ADDR_LEN);
}

/*
 * Find the raw sequence number that is shown as 0. Return: false if the end
 * sent no segment.
 */
static bool find_base(const struct conversation *c, unsigned int end,
		      u32 *base)
{
	const struct tcptrace_seg *seg;
	const struct kept *at = NULL;

	while ((at = conversation_next(c, at))) {
		seg = &at->rec.c.seg;
		if (at->rec.h.type != TCPTRACE_SEGMENT || seg->from != end)
			continue;
		*base = seg->seq - seg->rel_seq;
		return true;
	}
	return false;
}

/* Print each collected sentence on its own line, then discard the sentences. */
static int print_sentences(struct block *b, enum term_color color)
{
	struct notes *notes = &b->x.notes;
	int err = 0;
	size_t i;

	for (i = 0; i < notes->n && !err; i++)
		err = print(b->v, color, 0, 0, notes->list[i].text);
	notes->n = 0;
	return err;
}

static int print_base(struct block *b)
{
	u32 orig = 0, resp = 0;

	if (b->v->look.raw)
		return 0;
	if (b->x.midstream)
		notes_add(&b->x.notes, NOTE_SUMMARY,
			  "The first number seen of an end counts as 1 (--raw shows the numbers on the wire).");
	else if (find_base(b->c, 0, &orig) && find_base(b->c, 1, &resp))
		notes_add(&b->x.notes, NOTE_SUMMARY,
			  "Numbers count from the ISN of their end: client %1$u, server %2$u (--raw shows those on the wire).",
			  orig, resp);
	return print_sentences(b, TERM_DIM);
}

static int print_title(struct block *b, const struct kept *first)
{
	const struct tcptrace_flow *flow = &first->rec.c.flow;
	char orig[ADDR_LEN], resp[ADDR_LEN];
	int err;

	format_end(flow, 0, orig);
	format_end(flow, 1, resp);
	notes_add(&b->x.notes, NOTE_SUMMARY,
		  "Connection %1$llu: client %2$s -> server %3$s",
		  (unsigned long long)b->c->id, orig, resp);
	err = b->v->shown++ ? output_line("") : 0;
	err = err ?: print_sentences(b, TERM_BOLD);
	if (first->rec.h.flags & TCPTRACE_F_GUESSED)
		notes_add(&b->x.notes, NOTE_SUMMARY,
			  "The SYN was not seen: which end is the client is a guess, by the ports.");
	err = err ?: print_sentences(b, TERM_YELLOW);
	return err ?: print_base(b);
}

static enum term_color color_of(enum note_kind kind)
{
	switch (kind) {
	case NOTE_STATE:
	case NOTE_HANDSHAKE:
		return TERM_GREEN;
	case NOTE_CLASS:
	case NOTE_FINDING:
		return TERM_YELLOW;
	case NOTE_SUSPECTED:
	case NOTE_ICMP:
	case NOTE_DROP:
		return TERM_RED;
	case NOTE_LOST:
		return TERM_ALARM;
	case NOTE_CAUSE:
		return TERM_DIM;
	default:
		return TERM_PLAIN;
	}
}

static int print_notes(const struct block *b, size_t indent)
{
	const struct notes *notes = &b->x.notes;
	int err = 0;
	size_t i;

	for (i = 0; i < notes->n && !err; i++)
		err = print(b->v, color_of(notes->list[i].kind), indent, 2,
			    notes->list[i].text);
	return err;
}

static void add_time(const struct block *b, struct line *line, u64 time)
{
	const char *sign = time < b->start ? "-" : "+";
	u64 ns = time < b->start ? b->start - time : time - b->start;

	line_add(line, "%s%llu.%06u", sign,
		 (unsigned long long)(ns / NS_PER_SEC),
		 (unsigned int)(ns % NS_PER_SEC / NS_PER_US));
}

static void add_numbers(const struct block *b, struct line *line)
{
	const struct past *now = b->x.ev.now;
	bool self = b->segment->h.flags & TCPTRACE_F_SELF;
	char flags[VIEW_SEGMENT_FLAGS_LEN];

	line_add(line, " %s %s %s %-7s  SEQ %u", explain_end(0),
		 now->from ? "<-" : "->", explain_end(1),
		 view_segment_flags(now->flags, flags),
		 explain_number(&b->x, now->from, now->seq));
	if (now->flags & TCPTRACE_ACK)
		line_add(line, " ACK %u",
			 explain_number(&b->x, self ? now->from : !now->from,
					now->ack));
	line_add(line, " LEN %u", now->len);
	if (now->end != now->seq)
		line_add(line, " NEXT %u",
			 explain_number(&b->x, now->from, now->end));
}

/* Print a heading. To keep its columns, fold it only if it is too wide. */
static int print_heading(const struct view_explain *v, const char *text)
{
	char buf[512 + 16];
	struct line line;

	if (paragraph_width(text) > v->look.width)
		return print(v, TERM_BOLD, 0, NOTE_INDENT, text);
	line_init(&line, buf, sizeof(buf), v->look.color);
	line_paint(&line, TERM_BOLD, "%s", text);
	return output_line(buf);
}

static int ask(const struct block *b)
{
	if (!b->v->quiz.wanted || b->v->quiz.ended || !b->segment)
		return 0;
	return quiz_segment(&b->v->quiz, &b->x,
			    b->segment->h.flags & TCPTRACE_F_SELF);
}

static int print_block(const struct block *b)
{
	char buf[512], label[24];
	struct line line;
	int err;

	err = ask(b);
	if (err || b->v->quiz.ended)
		return err;
	line_init(&line, buf, sizeof(buf), false);
	if (b->segment) {
		snprintf(label, sizeof(label), "#%llu",
			 (unsigned long long)b->x.ev.now->label);
		line_add(&line, "%-4s ", label);
		add_time(b, &line, b->head->rec.h.time);
		add_numbers(b, &line);
	} else {
		line_add(&line, "%-4s ", "-");
		add_time(b, &line, b->head->rec.h.time);
	}
	err = output_line("") ?: print_heading(b->v, buf);
	return err ?: print_notes(b, NOTE_INDENT);
}

static void write_sums(struct json_writer *w, const struct notes *notes)
{
	const struct note *note;
	size_t i;

	json_writer_open(w, "sums", '[');
	for (i = 0; i < notes->n; i++) {
		note = &notes->list[i];
		if (!note->has_sum)
			continue;
		json_writer_open(w, NULL, '{');
		json_writer_text(w, "of", note_kind_name(note->kind));
		json_writer_u64(w, "value", note->sum.value);
		json_writer_u64(w, "base", note->sum.base);
		json_writer_u64(w, "plus", note->sum.plus);
		if (note->sum.label)
			json_writer_u64(w, "segment", note->sum.label);
		json_writer_close(w, '}');
	}
	json_writer_close(w, ']');
}

static void write_notes(struct json_writer *w, const struct notes *notes)
{
	size_t i;

	json_writer_open(w, "notes", '[');
	for (i = 0; i < notes->n; i++) {
		json_writer_open(w, NULL, '{');
		json_writer_text(w, "kind",
				 note_kind_name(notes->list[i].kind));
		json_writer_text(w, "text", notes->list[i].text);
		json_writer_close(w, '}');
	}
	json_writer_close(w, ']');
}

static void write_segment(struct json_writer *w, const struct block *b)
{
	const struct tcptrace_seg *seg = &b->segment->seg;
	char flags[TCPT_FLAGS_LEN];
	const char *name;
	unsigned int bit;

	json_writer_u64(w, "label", b->x.ev.now->label);
	json_writer_end(w, "from", seg->from);
	json_writer_text(w, "flags", tcpt_flags_name(seg->flags, flags));
	json_writer_u64(w, "seq", seg->seq);
	json_writer_u64(w, "ack", seg->ack);
	json_writer_u64(w, "rel_seq", seg->rel_seq);
	json_writer_u64(w, "rel_ack", seg->rel_ack);
	json_writer_u64(w, "len", seg->len);
	json_writer_u64(w, "next", b->x.ev.now->end);
	json_writer_u64(w, "win", seg->window);
	json_writer_open(w, "analysis", '[');
	for (bit = 0; (name = tcpt_wireshark_name(bit)); bit++)
		if (b->segment->analysis & 1U << bit)
			json_writer_text(w, NULL, name);
	json_writer_close(w, ']');
}

static void write_states(struct json_writer *w, const struct block *b,
			 const struct kept *end)
{
	const struct tcptrace_transition *t;
	const struct kept *at;

	json_writer_open(w, "states", '[');
	for (at = b->head; at && at != end; at = conversation_next(b->c, at)) {
		if (at->rec.h.type != TCPTRACE_STATE)
			continue;
		t = &at->rec.state;
		json_writer_open(w, NULL, '{');
		view_json_step(w, t);
		json_writer_close(w, '}');
	}
	json_writer_close(w, ']');
}

static void write_findings(struct json_writer *w, const struct block *b,
			   const struct kept *end)
{
	const struct kept *at;

	json_writer_open(w, "findings", '[');
	for (at = b->head; at && at != end; at = conversation_next(b->c, at)) {
		if (at->rec.h.type != TCPTRACE_FINDING)
			continue;
		json_writer_open(w, NULL, '{');
		view_finding_json(w, &at->rec.finding.found);
		json_writer_close(w, '}');
	}
	json_writer_close(w, ']');
}

static void write_connection(struct json_writer *w, const struct kept *at,
			     const char *event)
{
	const struct tcptrace_flow *flow = &at->rec.c.flow;
	struct addr orig, resp;

	addr_init(&orig, flow->family, tunnel_zone(flow->zone),
		  flow->orig_addr);
	addr_init(&resp, flow->family, tunnel_zone(flow->zone),
		  flow->resp_addr);
	json_writer_text(w, "event", event);
	json_writer_u64(w, "conn", flow->conn);
	view_context_netns_json(w, flow->netns);
	json_writer_endpoint(w, "orig", "orig_port", &orig, flow->orig_port);
	json_writer_endpoint(w, "resp", "resp_port", &resp, flow->resp_port);
	if (at->frame)
		json_writer_u64(w, "frame", at->frame);
	json_writer_u64(w, "time", at->rec.h.time);
}

/* @end: the record after the block, or NULL. */
static int json_block(const struct block *b, const struct kept *end)
{
	static struct json_writer w;

	json_writer_open(&w, NULL, '{');
	write_connection(&w, b->head, "explain");
	if (b->segment)
		write_segment(&w, b);
	else
		json_writer_word(&w, "segment", "null");
	write_states(&w, b, end);
	write_findings(&w, b, end);
	write_sums(&w, &b->x.notes);
	write_notes(&w, &b->x.notes);
	json_writer_close(&w, '}');
	return json_writer_line(&w);
}

/* Write the complete block; the next block begins with @end. */
static int end_block(struct block *b, const struct kept *end)
{
	int err = 0;

	if (b->head && b->x.notes.n)
		err = b->v->json ? json_block(b, end) : print_block(b);
	b->head = NULL;
	b->segment = NULL;
	b->x.notes.n = 0;
	return err;
}

static int begin_segment(struct block *b, const struct kept *at)
{
	int err = end_block(b, at);

	b->head = at;
	b->segment = &at->rec.segment;
	err = err ?: evidence_take(&b->x.ev, b->segment, at->frame);
	if (err)
		return err;
	explain_numbers(&b->x, b->segment);
	explain_options(&b->x, b->segment);
	explain_classes(&b->x, b->segment);
	return 0;
}

/*
 * Check whether an event belongs to the block. If the block has a segment, the
 * segment must have caused the event; otherwise, the event must have the time
 * of the block. LOST, ICMP and DROP always begin a new block.
 */
static bool belongs(const struct block *b, const union record *rec)
{
	if (rec->h.type == TCPTRACE_LOST || rec->h.type == TCPTRACE_ICMP ||
	    rec->h.type == TCPTRACE_DROP)
		return false;
	if (!b->segment)
		return b->head && b->head->rec.h.time == rec->h.time;
	return rec->h.time == b->segment->h.time &&
	       rec->c.seg.hook != TCPTRACE_HOOK_NONE &&
	       rec->c.seg.from == b->segment->seg.from &&
	       rec->c.seg.seq == b->segment->seg.seq;
}

static int take(struct block *b, const struct kept *at)
{
	int err = 0;

	if (at->rec.h.type == TCPTRACE_SEGMENT)
		return begin_segment(b, at);
	if (at->rec.h.type == TCPTRACE_OPEN)
		return 0;
	if (at->rec.h.type == TCPTRACE_CLOSE) {
		b->close = &at->rec.close;
		return 0;
	}
	if (!belongs(b, &at->rec)) {
		err = end_block(b, at);
		b->head = at;
	}
	explain_event(&b->x, &at->rec);
	return err;
}

static int end_conversation(struct block *b, const struct kept *first)
{
	static struct json_writer w;
	int err = end_block(b, NULL);

	if (err || b->v->quiz.ended)
		return err;
	if (b->close)
		explain_summary(&b->x, b->close);
	else
		notes_add(&b->x.notes, NOTE_SUMMARY, "The connection is still open.");
	if (b->v->json) {
		json_writer_open(&w, NULL, '{');
		write_connection(&w, first, "explain_summary");
		write_notes(&w, &b->x.notes);
		json_writer_close(&w, '}');
		return json_writer_line(&w);
	}
	err = output_line("") ?: print(b->v, TERM_BOLD, 0, 0, _("Summary"));
	return err ?: print_notes(b, 2);
}

/**
 * view_explain - explain a connection
 * @v: options of the explanation
 * @c: the connection
 *
 * Return: 0 or a negative error number.
 */
int view_explain(struct view_explain *v, const struct conversation *c)
{
	const struct kept *first = conversation_next(c, NULL), *at = NULL;
	static struct block b;
	int err = 0;

	b = (struct block) {
		.v = v, .c = c,
		.x = { .full = v->full, .raw = v->look.raw, .window = { -1, -1 } },
	};
	evidence_init(&b.x.ev);
	/* LOST belongs to no connection */
	while (first && first->rec.h.type == TCPTRACE_LOST)
		first = conversation_next(c, first);
	if (!first || v->quiz.ended)
		return 0;
	b.start = first->rec.h.time;
	b.x.midstream = first->rec.h.flags & TCPTRACE_F_MIDSTREAM;
	if (!v->json)
		err = print_title(&b, first);
	while (!err && !v->quiz.ended && (at = conversation_next(c, at)))
		err = take(&b, at);
	err = err ?: end_conversation(&b, first);
	evidence_free(&b.x.ev);
	return err;
}
