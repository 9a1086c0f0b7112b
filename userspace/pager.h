/* SPDX-License-Identifier: GPL-2.0 */
/* Show a text on the whole screen, and scroll it. */
#ifndef _TCPTRACECTL_PAGER_H
#define _TCPTRACECTL_PAGER_H

#include "core/env.h"

/**
 * struct pager_line - a line as it is shown
 * @text: the text of the line
 * @len: number of bytes in @text
 * @indent: number of blanks before @text
 */
struct pager_line {
	const char *text;
	size_t len;
	size_t indent;
};

/**
 * struct pager - a text that is being shown
 * @title: the title line
 * @text: the text
 * @folds: indent of the continuation of a folded line; 0: do not fold lines
 * @width: terminal width for which @lines were folded; 0: not folded yet
 * @lines: the lines
 * @n: number of @lines
 * @room: room in @lines
 * @top: the first line that is visible
 * @left: the first column that is visible
 * @message: text for the last line, or NULL
 */
struct pager {
	const char *title;
	const char *text;
	size_t folds;
	int width;
	struct pager_line *lines;
	size_t n;
	size_t room;
	size_t top;
	size_t left;
	const char *message;
};

int pager_text(const char *title, const char *text);
int pager_command(const char *title, size_t folds, char *const argv[]);

#endif /* _TCPTRACECTL_PAGER_H */
