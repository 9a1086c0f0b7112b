// SPDX-License-Identifier: GPL-2.0
#include "ladder.h"

#include "core/name.h"
#include "html.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Pixels. */
enum {
	WIDTH		= 820,
	LEFT		= 290,	/* x of the left lifeline */
	RIGHT		= 670,
	TIME_AT		= 20,
	BESIDE		= 12,	/* gap between a lifeline and its state */
	SLOPE		= 16,	/* height of an arrow */
	ARROW_STEP	= 34,
	TEXT_STEP	= 20,
	HEAD		= 8,
	MARGIN		= 24,
	NOTE_CHARS	= 60,	/* maximum number of characters per line */
};

#define NS_PER_US	1000ULL
#define NS_PER_SEC	1000000000ULL

/* Draw a text; @class lists classes of the style sheet. */
static void put_text(FILE *to, int x, unsigned int y, const char *class,
		     const char *text)
{
	fprintf(to, "<text x=\"%d\" y=\"%u\" class=\"%s\">", x, y, class);
	html_text(to, text);
	fputs("</text>\n", to);
}

static const char *arrow_class(const struct ladder_row *row)
{
	if (row->again)
		return "again";
	if (row->flags & TCPTRACE_RST)
		return "rst";
	if (row->flags & TCPTRACE_SYN)
		return "syn";
	if (row->flags & TCPTRACE_FIN)
		return "fin";
	return row->len ? "data" : "ack";
}

static void draw_state(struct ladder_svg *s, const struct ladder_row *row,
		       unsigned int end, unsigned int y)
{
	char class[24];

	if (row->state[end] >= TCPTRACE_STATES)
		return;
	snprintf(class, sizeof(class), "state %s%s", end ? "right" : "left",
		 row->state[end] == TCPTRACE_ESTAB ? " open" : "");
	put_text(s->body, end ? RIGHT + BESIDE : LEFT - BESIDE, y, class,
		 tcpt_state_name(row->state[end]));
}

/* Return: the number of bytes of a text that go into its first line. */
static size_t line_len(const char *text)
{
	size_t n = strlen(text);

	if (n <= NOTE_CHARS)
		return n;
	for (n = NOTE_CHARS; n > 0 && text[n] != ' '; n--)
		;
	return n ?: NOTE_CHARS;
}

static void draw_note(struct ladder_svg *s, const struct ladder_row *row)
{
	const char *class = row->kind == LADDER_FOLD || row->kind == LADDER_IDLE ?
			    "mid time" : "mid warning";
	const char *text = row->text;
	char piece[NOTE_CHARS + 1];
	size_t n;

	for (; *text != '\0'; text += n) {
		text += strspn(text, " ");
		n = line_len(text);
		snprintf(piece, sizeof(piece), "%.*s", (int)n, text);
		put_text(s->body, (LEFT + RIGHT) / 2, s->y, class, piece);
		s->y += TEXT_STEP;
	}
}

/*
 * Draw an arrow with its time and its text, the sender's new state at the start
 * of the arrow, and the receiver's new state at its head.
 */
static void draw_segment(struct ladder_svg *s, const struct ladder_row *row)
{
	int from = row->right ? LEFT : RIGHT, to = row->right ? RIGHT : LEFT;
	const char *class = arrow_class(row);
	char text[LADDER_LABEL + LADDER_TEXT + 8], name[16];
	unsigned int y = s->y;
	bool inside;

	fprintf(s->body,
		"<line x1=\"%d\" y1=\"%u\" x2=\"%d\" y2=\"%u\" class=\"%s\" marker-end=\"url(#head)\"/>\n",
		from, y, row->right ? to - HEAD : to + HEAD, y + SLOPE, class);
	inside = strlen(row->arrow[0]) + strlen(row->text) <= NOTE_CHARS;
	snprintf(text, sizeof(text), "%s%s%s", row->arrow[0],
		 row->text[0] && inside ? " - " : "", inside ? row->text : "");
	snprintf(name, sizeof(name), "mid %s", class);
	put_text(s->body, (LEFT + RIGHT) / 2, y, name, text);
	snprintf(text, sizeof(text), "%llu.%06u",
		 (unsigned long long)(row->time / NS_PER_SEC),
		 (unsigned int)(row->time % NS_PER_SEC / NS_PER_US));
	put_text(s->body, TIME_AT, y + 4, "time", text);
	draw_state(s, row, 0, row->right ? y + 4 : y + SLOPE + 4);
	draw_state(s, row, 1, row->right ? y + SLOPE + 4 : y + 4);
	s->y += ARROW_STEP;
	if (!inside)
		draw_note(s, row);
}

static void draw_row(struct ladder_svg *s, const struct ladder_row *row)
{
	switch (row->kind) {
	case LADDER_SEGMENT:
		draw_segment(s, row);
		break;
	case LADDER_STATES:
		draw_state(s, row, 0, s->y);
		draw_state(s, row, 1, s->y);
		s->y += TEXT_STEP;
		break;
	default:
		draw_note(s, row);
	}
}

static void draw_head(struct ladder_svg *s, const struct ladder *l)
{
	char text[ADDR_LEN + 16];

	put_text(s->body, TIME_AT, s->y, "title", l->title);
	s->y += TEXT_STEP + 4;
	snprintf(text, sizeof(text), "client %s", l->end[0]);
	put_text(s->body, LEFT, s->y, "mid title", text);
	snprintf(text, sizeof(text), "server %s", l->end[1]);
	put_text(s->body, RIGHT, s->y, "mid title", text);
	s->y += TEXT_STEP;
}

static void draw_life(struct ladder_svg *s, int x, unsigned int from)
{
	fprintf(s->body, "<line x1=\"%d\" y1=\"%u\" x2=\"%d\" y2=\"%u\" class=\"life\"/>\n",
		x, from, x, s->y);
}

/**
 * ladder_svg_draw - draw a ladder below the previous ladders
 * @s: the drawing
 * @l: the ladder
 *
 * Return: 0 or a negative error number.
 */
int ladder_svg_draw(struct ladder_svg *s, const struct ladder *l)
{
	unsigned int from;
	size_t i;

	draw_head(s, l);
	from = s->y - TEXT_STEP / 2;
	s->y += TEXT_STEP / 2;
	for (i = 0; i < l->n; i++)
		draw_row(s, &l->rows[i]);
	draw_life(s, LEFT, from);
	draw_life(s, RIGHT, from);
	s->y += TEXT_STEP;
	put_text(s->body, TIME_AT, s->y, "title", l->summary);
	s->y += 2 * TEXT_STEP;
	return ferror(s->body) ? -ENOMEM : 0;
}

/**
 * ladder_svg_open - begin a drawing
 * @s: filled in; the caller must close it only after success
 * @path: path of the file; "-" for standard output
 *
 * Return: 0 or a negative error number.
 */
int ladder_svg_open(struct ladder_svg *s, const char *path)
{
	memset(s, 0, sizeof(*s));
	s->y = MARGIN;
	s->file = strcmp(path, "-") == 0 ? stdout : fopen(path, "w");
	if (!s->file)
		return -errno;
	s->body = open_memstream(&s->text, &s->len);
	if (s->body)
		return 0;
	if (s->file != stdout)
		fclose(s->file);
	return -ENOMEM;
}

/*
 * Write the style sheet and the arrowhead. Call this function before the first
 * ladder_svg_inline().
 */
void ladder_svg_style(FILE *to)
{
	fputs("<style>\n"
	      ".ladder text { font: 12px sans-serif; fill: #222; }\n"
	      ".ladder line { stroke-width: 2; }\n"
	      ".ladder .mid { text-anchor: middle; paint-order: stroke; stroke: white; stroke-width: 4; }\n"
	      ".ladder .left { text-anchor: end; }\n"
	      ".ladder .title { font-weight: bold; } .ladder .time { fill: #888; }\n"
	      ".ladder .state { font-weight: bold; fill: #555; } .ladder .open { fill: #060; }\n"
	      ".ladder .life { stroke: #444; stroke-width: 1; }\n"
	      ".ladder line.syn { stroke: #0a6; } .ladder text.syn { fill: #0a6; }\n"
	      ".ladder line.ack { stroke: #999; } .ladder text.ack { fill: #666; }\n"
	      ".ladder line.data { stroke: #36c; } .ladder text.data { fill: #36c; }\n"
	      ".ladder line.fin { stroke: #b60; } .ladder text.fin { fill: #b60; }\n"
	      ".ladder line.rst { stroke: #c22; } .ladder text.rst { fill: #c22; }\n"
	      ".ladder line.again { stroke: #c22; stroke-dasharray: 6 4; }\n"
	      ".ladder text.again, .ladder .warning { fill: #c22; }\n"
	      "</style>\n"
	      "<defs><marker id=\"head\" markerWidth=\"8\" markerHeight=\"8\"\n"
	      " refX=\"6\" refY=\"3\" orient=\"auto\" markerUnits=\"userSpaceOnUse\">\n"
	      "<path d=\"M0,0 L6,3 L0,6 z\" fill=\"#444\"/></marker></defs>\n",
	      to);
}

/**
 * ladder_svg_inline - begin a drawing in an HTML page
 * @s: filled in; the caller must close it only after success
 * @to: the page, to which ladder_svg_style() has written
 *
 * Return: 0 or a negative error number.
 */
int ladder_svg_inline(struct ladder_svg *s, FILE *to)
{
	memset(s, 0, sizeof(*s));
	s->y = MARGIN;
	s->file = to;
	s->is_inline = true;
	s->body = open_memstream(&s->text, &s->len);
	return s->body ? 0 : -ENOMEM;
}

/* Return: 0, or the error from writing the file. */
int ladder_svg_close(struct ladder_svg *s)
{
	int err = 0;

	fclose(s->body);
	errno = 0;
	fprintf(s->file,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"ladder\" width=\"%d\" height=\"%u\" viewBox=\"0 0 %d %u\">\n",
		WIDTH, s->y, WIDTH, s->y);
	if (!s->is_inline)
		ladder_svg_style(s->file);
	fputs("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
	      s->file);
	fwrite(s->text, 1, s->len, s->file);
	fputs("</svg>\n", s->file);
	free(s->text);
	if (fflush(s->file) == EOF || ferror(s->file))
		err = errno ? -errno : -EIO;
	if (s->file != stdout && !s->is_inline && fclose(s->file) == EOF && !err)
		err = errno ? -errno : -EIO;
	return err;
}
