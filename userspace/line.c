// SPDX-License-Identifier: GPL-2.0
#include "line.h"

#include "core/env.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
	/* Stands for a blank in an item; no text contains this byte. */
	SOLID_BLANK	= '\037',
};

static const char *const codes[TERM_COLORS] = {
	[TERM_PLAIN]	= "\033[0m",
	[TERM_DIM]	= "\033[2m",
	[TERM_BOLD]	= "\033[1m",
	[TERM_RED]	= "\033[31m",
	[TERM_GREEN]	= "\033[32m",
	[TERM_YELLOW]	= "\033[33m",
	[TERM_BLUE]	= "\033[34m",
	[TERM_CYAN]	= "\033[36m",
	[TERM_ALARM]	= "\033[1;37;41m",
};

/* Return: the escape sequence for a colour. */
static const char *term_code(enum term_color color)
{
	return codes[color < TERM_COLORS ? color : TERM_PLAIN];
}

/**
 * line_init - begin an empty line
 * @line: the line
 * @buf: where the text of the line goes
 * @size: size of @buf, at least 1
 * @color: whether to write escape sequences
 */
void line_init(struct line *line, char *buf, size_t size, bool color)
{
	line->buf = buf;
	line->size = size;
	line->len = 0;
	line->width = 0;
	line->color = color;
	line->folds = false;
	buf[0] = '\0';
}

static __printf(2, 0) size_t line_append(struct line *line, const char *format,
					 va_list args)
{
	size_t room = line->size - line->len;
	int n;

	n = vsnprintf(line->buf + line->len, room, format, args);
	if (n < 0)
		n = 0;
	if ((size_t)n >= room)
		n = (int)room - 1;
	line->len += (size_t)n;
	return (size_t)n;
}

/* Append text; cut off the part that does not fit. */
void line_add(struct line *line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	line->width += line_append(line, format, args);
	va_end(args);
}

/* Change the colour of the following text; TERM_PLAIN ends the colour. */
void line_color(struct line *line, enum term_color color)
{
	const char *code = term_code(color);
	size_t len = strlen(code);

	/* An incomplete escape sequence would damage the output. */
	if (!line->color || len >= line->size - line->len)
		return;
	memcpy(line->buf + line->len, code, len + 1);
	line->len += len;
}

/* Append text in a colour. */
void line_paint(struct line *line, enum term_color color,
		const char *format, ...)
{
	va_list args;

	if (color != TERM_PLAIN)
		line_color(line, color);
	va_start(args, format);
	line->width += line_append(line, format, args);
	va_end(args);
	if (color != TERM_PLAIN)
		line_color(line, TERM_PLAIN);
}

/**
 * line_item - append text that line_fold() keeps in one piece if possible
 * @line: the line
 * @color: the colour of the text
 * @gap: number of blanks before the text
 * @format: as for printf()
 */
void line_item(struct line *line, enum term_color color, size_t gap,
	       const char *format, ...)
{
	va_list args;
	size_t begin;
	char *p;

	line_add(line, "%*s", (int)gap, "");
	if (color != TERM_PLAIN)
		line_color(line, color);
	begin = line->len;
	va_start(args, format);
	line->width += line_append(line, format, args);
	va_end(args);
	for (p = line->buf + begin; line->folds && *p != '\0'; p++)
		if (*p == ' ')
			*p = SOLID_BLANK;
	if (color != TERM_PLAIN)
		line_color(line, TERM_PLAIN);
}

/**
 * line_pad - append blanks up to a column
 * @line: the line
 * @column: the column in which the next text begins
 *
 * At least one blank is appended.
 */
void line_pad(struct line *line, size_t column)
{
	do {
		line_add(line, " ");
	} while (line->width < column && line->len + 1 < line->size);
}

/* Remove blanks at the end. */
void line_trim(struct line *line)
{
	while (line->len > 0 && line->buf[line->len - 1] == ' ') {
		line->buf[--line->len] = '\0';
		line->width--;
	}
}

/**
 * struct fold - a line that is being folded
 * @to: the folded lines
 * @limit: columns of the terminal
 * @indent: column in which every line except the first begins
 */
struct fold {
	struct line *to;
	size_t limit;
	size_t indent;
};

/* Return: the number of columns of a text; escape sequences take none. */
static size_t text_width(const char *text, size_t len)
{
	size_t i, width = 0;
	bool escape = false;

	for (i = 0; i < len; i++) {
		if (text[i] == '\033')
			escape = true;
		else if (!escape)
			width++;
		else if (text[i] == 'm')
			escape = false;
	}
	return width;
}

static bool fits(const struct fold *fold, size_t width)
{
	return fold->to->width + width <= fold->limit;
}

static void fold_put(struct fold *fold, size_t gap, const char *text,
		     size_t len)
{
	struct line *to = fold->to;
	size_t begin;

	line_add(to, "%*s", (int)gap, "");
	begin = to->len;
	line_add(to, "%.*s", (int)len, text);
	to->width -= to->len - begin;
	to->width += text_width(to->buf + begin, to->len - begin);
	for (; begin < to->len; begin++)
		if (to->buf[begin] == SOLID_BLANK)
			to->buf[begin] = ' ';
}

/* Begin a line; reduce its indent if a word of @width columns does not fit. */
static void fold_break(struct fold *fold, size_t width)
{
	struct line *to = fold->to;
	size_t room = fold->limit > width ? fold->limit - width : 0;
	size_t indent = room < fold->indent ? room : fold->indent;

	line_trim(to);
	if (to->len > 0)
		line_add(to, "\n");
	line_add(to, "%*s", (int)indent, "");
	to->width = indent;
}

static void fold_words(struct fold *fold, size_t gap, const char *text,
		       size_t len)
{
	const char *end = text + len;
	size_t width;

	for (; text < end; text += len + 1) {
		for (len = 0; text + len < end && text[len] != SOLID_BLANK;)
			len++;
		width = text_width(text, len);
		if (!fits(fold, gap + width)) {
			fold_break(fold, width);
			gap = 0;
		}
		fold_put(fold, gap, text, len);
		gap = 1;
	}
}

/**
 * line_fold - break a line at the width of the terminal
 * @line: the line; the caller must set @line->folds before it adds text
 * @limit: columns of the terminal
 * @indent: column in which the following lines begin
 *
 * An item is cut between its words only if it is longer than an indented line.
 */
void line_fold(struct line *line, size_t limit, size_t indent)
{
	struct fold fold = { .to = line, .limit = limit, .indent = indent };
	char text[LINE_FOLD_LEN];
	const char *p = text;
	size_t gap, len, width;

	snprintf(text, sizeof(text), "%s", line->buf);
	line->len = 0;
	line->width = 0;
	for (; *p != '\0'; p += len) {
		gap = strspn(p, " ");
		p += gap;
		len = strcspn(p, " ");
		width = text_width(p, len);
		if (!fits(&fold, gap + width) && indent + width <= limit) {
			fold_break(&fold, width);
			fold_put(&fold, 0, p, len);
		} else if (!fits(&fold, gap + width)) {
			fold_words(&fold, gap, p, len);
		} else {
			fold_put(&fold, gap, p, len);
		}
	}
}
