// SPDX-License-Identifier: GPL-2.0
#include "term.h"

#include "core/env.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

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

/**
 * term_when_parse - the argument of --color
 * @text: auto, always or never; NULL, no argument, is always
 * @when: where the answer goes
 *
 * Return: 0 or -EINVAL.
 */
int term_when_parse(const char *text, enum term_when *when)
{
	if (!text || strcmp(text, "always") == 0)
		*when = TERM_ALWAYS;
	else if (strcmp(text, "never") == 0)
		*when = TERM_NEVER;
	else if (strcmp(text, "auto") == 0)
		*when = TERM_AUTO;
	else
		return -EINVAL;
	return 0;
}

/**
 * term_has_color - whether to write colours to standard output
 * @when: what the user asked for
 *
 * https://no-color.org: NO_COLOR counts when it is not empty, and a flag of
 * the program counts for more.
 *
 * Return: true for colours.
 */
bool term_has_color(enum term_when when)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (when != TERM_AUTO)
		return when == TERM_ALWAYS;
	if (no_color && *no_color != '\0')
		return false;
	return isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0;
}

/**
 * term_columns - the width of the terminal at standard output
 *
 * Return: 0 if there is none, or if it does not say.
 */
size_t term_columns(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		return 0;
	return size.ws_col;
}

/**
 * term_code - the escape sequence of a colour
 * @color: which
 *
 * Return: a constant string; TERM_PLAIN ends any colour.
 */
const char *term_code(enum term_color color)
{
	return codes[color < TERM_COLORS ? color : TERM_PLAIN];
}
