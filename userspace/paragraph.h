/* SPDX-License-Identifier: GPL-2.0 */
/* Fold text to the width of the terminal. */
#ifndef _TCPTRACECTL_PARAGRAPH_H
#define _TCPTRACECTL_PARAGRAPH_H

#include "line.h"

#include <stddef.h>

enum {
	PARAGRAPH_MIN		= 40,
	PARAGRAPH_DEFAULT	= 80,
	PARAGRAPH_MAX		= 500,
};

/**
 * struct paragraph - how to fold a text
 * @width: maximum width of a line, in columns
 * @indent: indent of every line, in columns
 * @hang: additional indent of every line except the first
 * @color: colour of the text
 * @has_color: whether colours are wanted
 */
struct paragraph {
	size_t width;
	size_t indent;
	size_t hang;
	enum term_color color;
	bool has_color;
};

int paragraph_parse_width(const char *text, size_t *width);
size_t paragraph_terminal(void);
size_t paragraph_width(const char *text);
int paragraph_print(const struct paragraph *p, const char *text);

#endif /* _TCPTRACECTL_PARAGRAPH_H */
