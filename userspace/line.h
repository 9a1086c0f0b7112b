/* SPDX-License-Identifier: GPL-2.0 */
/* Build a line of text from left to right, with colours on a terminal. */
#ifndef _TCPTRACECTL_LINE_H
#define _TCPTRACECTL_LINE_H

#include <stdbool.h>
#include <stddef.h>

enum {
	/* Size of the longest line that line_fold() accepts. */
	LINE_FOLD_LEN	= 2048,
};

enum term_color {
	TERM_PLAIN,
	TERM_DIM,
	TERM_BOLD,
	TERM_RED,
	TERM_GREEN,
	TERM_YELLOW,
	TERM_BLUE,
	TERM_CYAN,
	TERM_ALARM,
	TERM_COLORS,
};

/**
 * struct line - a line under construction
 * @buf: the caller's buffer, always terminated
 * @size: size of @buf
 * @len: bytes written
 * @width: columns that the line takes on a terminal
 * @color: whether to write escape sequences
 * @folds: the caller will fold the line with line_fold()
 */
struct line {
	char *buf;
	size_t size;
	size_t len;
	size_t width;
	bool color;
	bool folds;
};

void line_init(struct line *line, char *buf, size_t size, bool color);
__printf(2, 3) void line_add(struct line *line, const char *format, ...);
void line_color(struct line *line, enum term_color color);
__printf(3, 4) void line_paint(struct line *line, enum term_color color,
			       const char *format, ...);
__printf(4, 5) void line_item(struct line *line, enum term_color color,
			      size_t gap, const char *format, ...);
void line_pad(struct line *line, size_t column);
void line_trim(struct line *line);
void line_fold(struct line *line, size_t limit, size_t indent);

#endif /* _TCPTRACECTL_LINE_H */
