/* SPDX-License-Identifier: GPL-2.0 */
/* Colour on a terminal. */
#ifndef _TCPTRACECTL_TERM_H
#define _TCPTRACECTL_TERM_H

#include <stdbool.h>
#include <stddef.h>

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

enum term_when {
	TERM_AUTO,
	TERM_ALWAYS,
	TERM_NEVER,
};

int term_when_parse(const char *text, enum term_when *when);
bool term_has_color(enum term_when when);
size_t term_columns(void);
const char *term_code(enum term_color color);

#endif /* _TCPTRACECTL_TERM_H */
