// SPDX-License-Identifier: GPL-2.0
#include "paragraph.h"

#include "number.h"
#include "output.h"
#include "tty.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

/* Parse the argument of --width; print errors. Return: 0 or -EINVAL. */
int paragraph_parse_width(const char *text, size_t *width)
{
	u64 n;

	if (number_parse(text, 10, PARAGRAPH_MAX, &n) == 0 &&
	    n >= PARAGRAPH_MIN) {
		*width = n;
		return 0;
	}
	warnx("invalid width: '%s': use %d to %d columns", text, PARAGRAPH_MIN,
	      PARAGRAPH_MAX);
	return -EINVAL;
}

/*
 * Return: the terminal width, at least PARAGRAPH_MIN; PARAGRAPH_DEFAULT if
 * there is no terminal.
 */
size_t paragraph_terminal(void)
{
	size_t width = tty_columns();

	if (width == 0)
		return PARAGRAPH_DEFAULT;
	return width < PARAGRAPH_MIN ? PARAGRAPH_MIN : width;
}

/* Return: how many columns @len bytes take; an invalid byte takes one. */
static size_t width_of(const char *text, size_t len)
{
	mbstate_t state = {};
	size_t n, width = 0;
	wchar_t c;
	int w;

	while (len > 0) {
		n = mbrtowc(&c, text, len, &state);
		if (n == 0 || n > len) {
			memset(&state, 0, sizeof(state));
			n = 1;
			w = 1;
		} else {
			w = wcwidth(c);
		}
		width += w > 0 ? (size_t)w : 0;
		text += n;
		len -= n;
	}
	return width;
}

/* Return: how many columns a text takes on a terminal. */
size_t paragraph_width(const char *text)
{
	return width_of(text, strlen(text));
}

/**
 * paragraph_print - write a text, folded between words
 * @p: how to fold the text
 * @text: the text; a word that is longer than a line is not cut
 *
 * Return: 0, or the error from write().
 */
int paragraph_print(const struct paragraph *p, const char *text)
{
	char buf[4096];
	struct line line;
	size_t n, width;
	bool first = true;

	line_init(&line, buf, sizeof(buf), p->has_color);
	line_add(&line, "%*s", (int)p->indent, "");
	line_color(&line, p->color);
	width = p->indent;
	while (*text != '\0') {
		n = strcspn(text, " ");
		if (!first && width + 1 + width_of(text, n) > p->width) {
			line_add(&line, "\n%*s", (int)(p->indent + p->hang),
				 "");
			width = p->indent + p->hang;
		} else if (!first) {
			line_add(&line, " ");
			width++;
		}
		first = false;
		line_add(&line, "%.*s", (int)n, text);
		width += width_of(text, n);
		text += n;
		text += strspn(text, " ");
	}
	if (p->color != TERM_PLAIN)
		line_color(&line, TERM_PLAIN);
	return output_line(buf);
}
