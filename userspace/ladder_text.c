// SPDX-License-Identifier: GPL-2.0
#include "ladder.h"

#include "core/name.h"
#include "line.h"
#include "output.h"
#include "paragraph.h"

#define NS_PER_US	1000ULL
#define NS_PER_SEC	1000000000ULL

enum {
	TIME_WIDTH	= 11,
	STATE_WIDTH	= 12,
	/* A narrower ladder shows new states in separate rows. */
	WIDE		= 80,
	SHAFT_MIN	= 6,	/* columns of an arrow besides its label */
	ROW_LEN		= 2048,
};

/* The characters of a ladder. */
struct glyphs {
	const char *life;
	const char *gap;
	const char *ack;
	const char *data;
	const char *right;
	const char *left;
	const char *dots;
};

static const struct glyphs ascii = {
	.life = "|", .gap = ":", .ack = "-", .data = "=", .right = ">",
	.left = "<", .dots = "...",
};

static const struct glyphs utf8 = {
	.life = "\u2502", .gap = "\u250a", .ack = "\u2500", .data = "\u2550",
	.right = "\u25ba", .left = "\u25c4", .dots = "\u2026",
};

/* A row under construction. */
struct pen {
	const struct ladder_text *t;
	const struct glyphs *g;
	size_t lane;	/* columns between the lifelines */
	struct line line;
	char buf[ROW_LEN];
};

static bool is_wide(const struct pen *p)
{
	return p->t->width >= WIDE;
}

static void put_times(struct line *line, const char *text, size_t times)
{
	while (times--)
		line_add(line, "%s", text);
}

static enum term_color color_of(const struct ladder_row *row)
{
	if (row->kind == LADDER_WARNING || row->again)
		return TERM_YELLOW;
	if (row->kind != LADDER_SEGMENT)
		return TERM_DIM;
	if (row->flags & TCPTRACE_RST)
		return TERM_RED;
	if (row->flags & TCPTRACE_SYN)
		return TERM_GREEN;
	if (row->flags & TCPTRACE_FIN)
		return TERM_YELLOW;
	return row->len ? TERM_CYAN : TERM_PLAIN;
}

static const char *state_text(const struct ladder_row *row, unsigned int end)
{
	return row->state[end] < TCPTRACE_STATES ?
	       tcpt_state_name(row->state[end]) : "";
}

/* Begin a row: the time, the left state (only if wide), the left lifeline. */
static void begin_row(struct pen *p, const char *time, const char *state,
		      const char *life)
{
	line_init(&p->line, p->buf, sizeof(p->buf), p->t->color);
	line_paint(&p->line, TERM_DIM, "%*s ", TIME_WIDTH, time);
	if (is_wide(p))
		line_paint(&p->line, TERM_BOLD, "%*s ", STATE_WIDTH, state);
	line_add(&p->line, "%s", life);
}

/* Finish a row: the right lifeline, the right state (only if wide). */
static int end_row(struct pen *p, const char *state, const char *life)
{
	line_add(&p->line, "%s", life);
	if (is_wide(p) && *state != '\0') {
		line_add(&p->line, " ");
		line_paint(&p->line, TERM_BOLD, "%s", state);
	}
	return output_line(p->buf);
}

static void format_time(const struct ladder_row *row, char buf[24])
{
	snprintf(buf, 24, "%llu.%06u",
		 (unsigned long long)(row->time / NS_PER_SEC),
		 (unsigned int)(row->time % NS_PER_SEC / NS_PER_US));
}

/* Return: the longest label that fits on the arrow, or the shortest label. */
static const char *arrow_text(const struct pen *p, const struct ladder_row *row)
{
	size_t i;

	for (i = 0; i + 1 < LADDER_LABELS; i++)
		if (strlen(row->arrow[i]) + SHAFT_MIN <= p->lane)
			break;
	return row->arrow[i];
}

static void put_arrow(struct pen *p, const struct ladder_row *row)
{
	const char *shaft = row->len ? p->g->data : p->g->ack;
	const char *text = arrow_text(p, row);
	size_t room = p->lane - SHAFT_MIN;
	size_t len = strlen(text) < room ? strlen(text) : room;
	const char *tail = row->again ? "!" : shaft;

	line_color(&p->line, color_of(row));
	if (row->right) {
		line_add(&p->line, "%s%s %.*s ", tail, shaft, (int)len, text);
		put_times(&p->line, shaft, p->lane - len - 5);
		line_add(&p->line, "%s", p->g->right);
	} else {
		line_add(&p->line, "%s%s %.*s ", p->g->left, shaft, (int)len,
			 text);
		put_times(&p->line, shaft, p->lane - len - 5);
		line_add(&p->line, "%s", tail);
	}
	line_color(&p->line, TERM_PLAIN);
}

/* Print new states in a separate row, for a narrow ladder. */
static int print_narrow_states(struct pen *p, const struct ladder_row *row)
{
	const char *left = state_text(row, 0), *right = state_text(row, 1);
	size_t used = strlen(left) + strlen(right);

	if (used == 0)
		return 0;
	begin_row(p, "", "", p->g->life);
	line_paint(&p->line, TERM_BOLD, "%s", left);
	put_times(&p->line, " ", used < p->lane ? p->lane - used : 1);
	line_paint(&p->line, TERM_BOLD, "%s", right);
	return end_row(p, "", p->g->life);
}

/* Print one line of a text between the lifelines. */
static int print_piece(struct pen *p, enum term_color color, const char *life,
		       const char *text, size_t len, size_t before)
{
	begin_row(p, "", "", life);
	put_times(&p->line, " ", before);
	line_paint(&p->line, color, "%.*s", (int)len, text);
	put_times(&p->line, " ", p->lane - before - len);
	return end_row(p, "", life);
}

/*
 * Return: the number of bytes that fit into @room columns, up to the end of a
 * word if possible.
 */
static size_t piece_len(const char *text, size_t room)
{
	size_t len = strlen(text), n;

	if (len <= room)
		return len;
	for (n = room; n > 0 && text[n] != ' '; n--)
		;
	return n ?: room;
}

static int print_text(struct pen *p, enum term_color color, const char *text)
{
	size_t n;
	int err = 0;

	for (; *text != '\0' && !err; text += n) {
		text += strspn(text, " ");
		n = piece_len(text, p->lane - 2);
		err = print_piece(p, color, p->g->life, text, n, 2);
	}
	return err;
}

/*
 * Print a text in the middle of the row, between dots. If there is no room for
 * this, print the text as print_text() does.
 */
static int print_centred(struct pen *p, const struct ladder_row *row)
{
	size_t dots = p->t->utf8 ? 1 : 3, len = strlen(row->text);
	size_t all = 2 * (dots + 1) + len, before;
	char buf[LADDER_TEXT + 16];

	if (all > p->lane)
		return print_text(p, TERM_DIM, row->text);
	before = (p->lane - all) / 2;
	snprintf(buf, sizeof(buf), "%s %s %s", p->g->dots, row->text,
		 p->g->dots);
	begin_row(p, "", "", p->g->gap);
	put_times(&p->line, " ", before);
	line_paint(&p->line, TERM_DIM, "%s", buf);
	put_times(&p->line, " ", p->lane - before - all);
	return end_row(p, "", p->g->gap);
}

static int print_segment(struct pen *p, const struct ladder_row *row)
{
	char time[24];
	int err;

	format_time(row, time);
	begin_row(p, time, state_text(row, 0), p->g->life);
	put_arrow(p, row);
	err = end_row(p, state_text(row, 1), p->g->life);
	if (!err && row->text[0] != '\0')
		err = print_text(p, TERM_YELLOW, row->text);
	return err ?: is_wide(p) ? err : print_narrow_states(p, row);
}

static int print_row(struct pen *p, const struct ladder_row *row)
{
	switch (row->kind) {
	case LADDER_SEGMENT:
		return print_segment(p, row);
	case LADDER_STATES:
		if (!is_wide(p))
			return print_narrow_states(p, row);
		begin_row(p, "", state_text(row, 0), p->g->life);
		put_times(&p->line, " ", p->lane);
		return end_row(p, state_text(row, 1), p->g->life);
	case LADDER_FOLD:
	case LADDER_IDLE:
		return print_centred(p, row);
	default:
		return print_text(p, color_of(row), row->text);
	}
}

static int print_head(struct pen *p, const struct ladder *l)
{
	const struct paragraph para = {
		.width = p->t->width, .hang = 2, .color = TERM_BOLD,
		.has_color = p->t->color,
	};
	char text[sizeof(l->title) + 2 * ADDR_LEN + 32];
	int err;

	snprintf(text, sizeof(text), "%s: client %s, server %s", l->title,
		 l->end[0], l->end[1]);
	err = paragraph_print(&para, text);
	if (err)
		return err;
	begin_row(p, "time", "client", p->g->life);
	if (!is_wide(p))
		line_add(&p->line, "client");
	put_times(&p->line, " ", p->lane - (is_wide(p) ? 0 : 12));
	if (!is_wide(p))
		line_add(&p->line, "server");
	return end_row(p, "server", p->g->life);
}

/**
 * ladder_print - print a ladder
 * @t: how to print the ladder
 * @l: the ladder
 *
 * Return: 0, or the error from write().
 */
int ladder_print(struct ladder_text *t, const struct ladder *l)
{
	const struct paragraph para = { .width = t->width, .hang = 2 };
	static struct pen p;
	int err = t->shown++ ? output_line("") : 0;
	size_t i;

	p.t = t;
	p.g = t->utf8 ? &utf8 : &ascii;
	p.lane = t->width - TIME_WIDTH - 3;
	if (is_wide(&p))
		p.lane -= 2 * (STATE_WIDTH + 1);
	err = err ?: print_head(&p, l);
	for (i = 0; i < l->n && !err; i++)
		err = print_row(&p, &l->rows[i]);
	return err ?: paragraph_print(&para, l->summary);
}
