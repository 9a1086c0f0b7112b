/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Use the whole terminal as a screen. Restore the terminal at the end, even if
 * the program crashes or a signal asks it to end.
 */
#ifndef _TCPTRACECTL_TERMINAL_H
#define _TCPTRACECTL_TERMINAL_H

#include "core/env.h"

enum terminal_color {
	TERMINAL_PLAIN,
	TERMINAL_BAR,		/* black on a bright background */
	TERMINAL_CURSOR,
	TERMINAL_TITLE,
	TERMINAL_SORTED,
	TERMINAL_WARNING,
	TERMINAL_ALARM,
	TERMINAL_DIM,
	TERMINAL_COLORS,
};

/**
 * enum terminal_event - events that terminal_wait() reports, as bits
 * @TERMINAL_KEY:	keys can be read
 * @TERMINAL_RESIZED:	the size of the terminal has changed
 * @TERMINAL_END: SIGINT, SIGTERM, SIGHUP or SIGQUIT; or the terminal is gone
 * @TERMINAL_OTHER:	the other descriptor can be read
 */
enum terminal_event {
	TERMINAL_KEY		= 1,
	TERMINAL_RESIZED	= 2,
	TERMINAL_END		= 4,
	TERMINAL_OTHER		= 8,
};

bool terminal_is_there(void);
void terminal_block_signals(void);
int terminal_open(void);
unsigned int terminal_wait(int other, int ms);
int terminal_key(void);
unsigned long terminal_color(enum terminal_color color);
void terminal_put(int y, int x, const char *text, int width);
int terminal_signal(void);
void terminal_close(void);

#endif /* _TCPTRACECTL_TERMINAL_H */
