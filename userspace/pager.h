/* SPDX-License-Identifier: GPL-2.0 */
/* Text on the whole screen, line by line. */
#ifndef _TCPTRACECTL_PAGER_H
#define _TCPTRACECTL_PAGER_H

#include "core/env.h"

/**
 * struct pager - a text that is shown
 * @title: its first line
 * @lines: where the lines begin
 * @n: how many
 * @room: how many fit
 * @top: the first line that is visible
 * @left: the first column
 * @message: for the last line, or NULL
 */
struct pager {
	const char *title;
	const char **lines;
	size_t n;
	size_t room;
	size_t top;
	size_t left;
	const char *message;
};

int pager_text(const char *title, const char *text);
int pager_command(const char *title, char *const argv[]);

#endif /* _TCPTRACECTL_PAGER_H */
