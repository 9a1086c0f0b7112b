/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Find the colours and the width of standard output, which may be a terminal.
 * For the screen of "top" see terminal.h.
 */
#ifndef _TCPTRACECTL_TTY_H
#define _TCPTRACECTL_TTY_H

#include <stdbool.h>
#include <stddef.h>

/* Clear the terminal, and move the cursor to the upper left corner. */
#define TTY_CLEAR	"\033[H\033[2J"

bool tty_has_color(void);
int tty_parse_color(const char *text, bool *color);
size_t tty_columns(void);

#endif /* _TCPTRACECTL_TTY_H */
