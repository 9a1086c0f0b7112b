// SPDX-License-Identifier: GPL-2.0
#include "comments.h"

#include "core/name.h"
#include "names.h"
#include "timefmt.h"
#include "view_fate.h"
#include "view_finding.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	WORDS_MAX	= 512,
};

static void open_words(struct line *line, const union record *rec)
{
	line_add(line, "opens the connection%s",
		 rec->h.flags & TCPTRACE_F_MIDSTREAM ? ", midstream" : "");
}

static void state_words(struct line *line, const union record *rec)
{
	const struct tcptrace_transition *t = &rec->state;

	line_add(line, "%s %s -> %s (%s)", event_end_name(t->end) ?: "?",
		 tcpt_state_name(t->from), tcpt_state_name(t->to),
		 tcpt_reason_text(t->reason));
}

static void established_words(struct line *line, const union record *rec)
{
	char span[TIMEFMT_LEN];

	line_add(line, "handshake complete");
	if (rec->established.handshake_ns == 0)
		return;
	timefmt_span(rec->established.handshake_ns, span, sizeof(span));
	line_add(line, " in %s", span);
}

/* Write the classes that Wireshark's analysis assigns to a segment. */
static void segment_words(struct line *line, const union record *rec)
{
	const struct tcptrace_segment *s = &rec->segment;
	unsigned int left = s->analysis & ~TCPTRACE_A_DUPLICATE_ACK;
	const char *name;
	unsigned int bit;

	for (bit = 0; (name = tcpt_wireshark_name(bit)); bit++)
		if (left & 1U << bit)
			line_add(line, "%s%s", line->len ? " " : "", name);
	if (s->analysis & TCPTRACE_A_DUPLICATE_ACK)
		line_add(line, "%sduplicate_ack #%u", line->len ? " " : "",
			 s->dup_ack_num);
}

static void close_words(struct line *line, const union record *rec)
{
	const struct tcptrace_close *c = &rec->close;
	const char *by = c->seg.hook == TCPTRACE_HOOK_NONE ? NULL :
			 event_end_name(c->by);

	line_add(line, "closed: %s%s%s, %s", tcpt_close_name(c->reason),
		 by ? " by " : "", by ?: "", tcpt_conn_state_name(c->conn_state));
}

static void suspected_words(struct line *line, const union record *rec)
{
	const struct tcptrace_suspected *s = &rec->suspected;

	line_add(line, "SUSPECTED %s", tcpt_suspicion_name(s->suspicion));
	if (s->fit == TCPTRACE_FIT_UNKNOWN)
		return;
	line_add(line, ": %s", tcpt_fit_name(s->fit));
	if (s->fit != TCPTRACE_FIT_EXACT)
		line_add(line, " by %+lld bytes", (long long)s->distance);
}

static void finding_words(struct line *line, const union record *rec)
{
	const struct tcptrace_found *found = &rec->finding.found;
	char sentence[VIEW_FINDING_LEN];

	view_finding_sentence(found, sentence);
	line_add(line, "FINDING %s: %s", tcpt_finding_name(found->finding),
		 sentence);
}

static void icmp_words(struct line *line, const union record *rec)
{
	line_add(line, "ICMP");
	view_fate_icmp_text(line, &rec->icmp);
}

static void (*const writers[])(struct line *line, const union record *rec) = {
	[TCPTRACE_OPEN]		= open_words,
	[TCPTRACE_STATE]	= state_words,
	[TCPTRACE_ESTABLISHED]	= established_words,
	[TCPTRACE_SEGMENT]	= segment_words,
	[TCPTRACE_CLOSE]	= close_words,
	[TCPTRACE_SUSPECTED]	= suspected_words,
	[TCPTRACE_FINDING]	= finding_words,
	[TCPTRACE_ICMP]		= icmp_words,
};

/**
 * comment_words - describe an event in words
 * @rec: the record of the event
 * @buf: where the words go
 * @size: size of @buf
 *
 * Return: false if there is nothing to write about the event.
 */
bool comment_words(const union record *rec, char *buf, size_t size)
{
	struct line line;

	if (rec->h.type >= ARRAY_SIZE(writers) || !writers[rec->h.type])
		return false;
	line_init(&line, buf, size, false);
	writers[rec->h.type](&line, rec);
	return line.len != 0;
}

/* Add words to a comment. If the words do not fit, they are left out. */
void comment_add(struct comment *comment, u64 conn, const char *words)
{
	size_t room = sizeof(comment->text) - comment->len;
	char who[32] = "";
	int n;

	if (comment->len == 0 || conn != comment->conn)
		snprintf(who, sizeof(who), "tcptrace %llu: ",
			 (unsigned long long)conn);
	n = snprintf(comment->text + comment->len, room, "%s%s%s",
		     comment->len ? "; " : "", who, words);
	if (n < 0 || (size_t)n >= room) {
		comment->text[comment->len] = '\0';
		return;
	}
	comment->len += (size_t)n;
	comment->conn = conn;
}

static int remember_last(struct comments *c, u64 conn, u64 frame)
{
	size_t room = c->conns ? c->conns : 1024;
	u64 *more;

	while (room <= conn)
		room *= 2;
	if (room > c->conns) {
		more = reallocarray(c->last, room, sizeof(*more));
		if (!more)
			return -ENOMEM;
		memset(more + c->conns, 0, (room - c->conns) * sizeof(*more));
		c->last = more;
		c->conns = room;
	}
	c->last[conn] = frame;
	return 0;
}

/*
 * Find the packet to whose comment an event is added. A finding that no packet
 * has caused is added to the comment of the connection's last packet so far.
 * Return: the number of the packet; 0 if there is no such packet.
 */
static u64 frame_of(const struct comments *c, const union record *rec, u64 frame)
{
	u64 conn = rec->c.flow.conn;

	if (frame == 0 && rec->h.type == TCPTRACE_FINDING && conn < c->conns)
		return c->last[conn];
	return frame;
}

static int add_entry(struct comments *c, u64 frame, u64 conn, const char *words)
{
	size_t room = c->room ? 2 * c->room : 1024;
	struct comments_entry *more;

	if (c->n == c->room) {
		more = reallocarray(c->entries, room, sizeof(*more));
		if (!more)
			return -ENOMEM;
		c->entries = more;
		c->room = room;
	}
	c->entries[c->n] = (struct comments_entry) {
		.frame = frame,
		.order = c->n,
		.conn = conn,
		.text = strdup(words),
	};
	if (!c->entries[c->n].text)
		return -ENOMEM;
	c->n++;
	return 0;
}

/**
 * comments_take - remember an event
 * @c: the events
 * @rec: the record of the event
 * @frame: number of the packet that caused the event, or 0
 *
 * Return: 0 or a negative error number.
 */
int comments_take(struct comments *c, const union record *rec, u64 frame)
{
	char words[WORDS_MAX];
	int err = 0;

	if (frame && rec->h.type == TCPTRACE_SEGMENT)
		err = remember_last(c, rec->c.flow.conn, frame);
	frame = frame_of(c, rec, frame);
	if (err || !frame || !comment_words(rec, words, sizeof(words)))
		return err;
	return add_entry(c, frame, rec->c.flow.conn, words);
}

static int by_frame(const void *a, const void *b)
{
	const struct comments_entry *x = a, *y = b;

	if (x->frame != y->frame)
		return x->frame < y->frame ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* Sort the events. Call this function before the first comments_of(). */
void comments_sort(struct comments *c)
{
	if (c->n)
		qsort(c->entries, c->n, sizeof(*c->entries), by_frame);
}

/**
 * comments_of - compose the comment of a packet
 * @c: the events
 * @frame: number of the packet; it must be larger than in the previous call
 * @comment: room for the comment
 *
 * Return: the comment, or NULL if the packet has no event.
 */
const char *comments_of(struct comments *c, u64 frame, struct comment *comment)
{
	const struct comments_entry *e;

	comment->len = 0;
	for (; c->at < c->n && c->entries[c->at].frame <= frame; c->at++) {
		e = &c->entries[c->at];
		if (e->frame == frame)
			comment_add(comment, e->conn, e->text);
	}
	return comment->len ? comment->text : NULL;
}

void comments_free(struct comments *c)
{
	while (c->n)
		free(c->entries[--c->n].text);
	free(c->entries);
	free(c->last);
}
