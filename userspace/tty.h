/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Find out whether to write colours to standard output and, for a terminal, how
 * wide it is. For the screen of "top" see terminal.h.
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
