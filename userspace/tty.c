// SPDX-License-Identifier: GPL-2.0
#include "tty.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/**
 * tty_has_color - check whether to write colours by default
 *
 * https://no-color.org: NO_COLOR has an effect only if it is not empty.
 *
 * Return: true for colours.
 */
bool tty_has_color(void)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (no_color && *no_color != '\0')
		return false;
	return isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0;
}

/**
 * tty_parse_color - parse the argument of --color; only auto obeys NO_COLOR
 * @text: the argument; NULL: there is none, which means "always"
 * @color: set to true if colours are to be written
 *
 * Return: 0, or -EINVAL after a message.
 */
int tty_parse_color(const char *text, bool *color)
{
	if (!text || strcmp(text, "always") == 0)
		*color = true;
	else if (strcmp(text, "never") == 0)
		*color = false;
	else if (strcmp(text, "auto") == 0)
		*color = tty_has_color();
	else
		goto err_word;
	return 0;

err_word:
	warnx("invalid --color: '%s': use auto, always or never", text);
	return -EINVAL;
}

/* Return: the width of the terminal, 0 if unknown. */
size_t tty_columns(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		return 0;
	return size.ws_col;
}
