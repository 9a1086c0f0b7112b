// SPDX-License-Identifier: GPL-2.0
#include "pager.h"

#include "subcommand.h"
#include "terminal.h"

#include <curses.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	OTHER_LINES	= 2,	/* the title and the keys */
	SIDEWAYS	= 8,
	ESCAPE		= 27,
};

/* @text gets NUL where lines end. */
static int cut(struct pager *p, char *text)
{
	const char **lines;
	size_t room;

	while (*text) {
		if (p->n == p->room) {
			room = p->room ? 2 * p->room : 256;
			lines = reallocarray(p->lines, room, sizeof(*lines));
			if (!lines)
				return -ENOMEM;
			p->lines = lines;
			p->room = room;
		}
		p->lines[p->n++] = text;
		text += strcspn(text, "\n");
		if (*text)
			*text++ = '\0';
	}
	return 0;
}

static size_t height(void)
{
	int lines = LINES - OTHER_LINES;

	return lines > 0 ? (size_t)lines : 1;
}

static void keep_inside(struct pager *p)
{
	size_t last = p->n > height() ? p->n - height() : 0;

	if (p->top > last)
		p->top = last;
}

/* Columns to the left of the screen; characters of a text are not cut. */
static const char *from_column(const char *line, size_t left)
{
	while (left && *line) {
		line++;
		while ((*line & 0xc0) == 0x80)
			line++;
		left--;
	}
	return line;
}

static void draw(const struct pager *p)
{
	size_t i;

	erase();
	attrset(terminal_color(TERMINAL_BAR));
	terminal_put(0, 0, p->title, COLS);
	attrset(terminal_color(TERMINAL_PLAIN));
	for (i = 0; i < height() && p->top + i < p->n; i++)
		terminal_put((int)i + 1, 0,
			     from_column(p->lines[p->top + i], p->left), COLS);
	attrset(terminal_color(TERMINAL_BAR));
	terminal_put(LINES - 1, 0, p->message ?:
		     "q Esc back   arrows PgUp PgDn Home End scroll", COLS);
	attrset(terminal_color(TERMINAL_PLAIN));
	refresh();
}

/* Return: false if the key leaves the text. */
static bool take_key(struct pager *p, int key)
{
	switch (key) {
	case 'q':
	case ESCAPE:
	case KEY_F(10):
		return false;
	case KEY_UP:
	case 'k':
		p->top -= p->top > 0;
		break;
	case KEY_DOWN:
	case 'j':
		p->top++;
		break;
	case KEY_PPAGE:
		p->top = p->top > height() ? p->top - height() : 0;
		break;
	case KEY_NPAGE:
	case ' ':
		p->top += height();
		break;
	case KEY_HOME:
		p->top = 0;
		break;
	case KEY_END:
		p->top = p->n;
		break;
	case KEY_LEFT:
		p->left = p->left > SIDEWAYS ? p->left - SIDEWAYS : 0;
		break;
	case KEY_RIGHT:
		p->left += SIDEWAYS;
		break;
	}
	keep_inside(p);
	return true;
}

/* Return: false if a key leaves the text. */
static bool take_keys(struct pager *p)
{
	int key;

	while ((key = terminal_key()) != ERR)
		if (!take_key(p, key))
			return false;
	return true;
}

/*
 * Return: 0 if a key leaves the text, 1 if @fd can be read, -EINTR if a signal
 * ends the program.
 */
static int look(struct pager *p, int fd)
{
	unsigned int events;

	for (;;) {
		keep_inside(p);
		draw(p);
		events = terminal_wait(fd, -1, -1);
		if (events & TERMINAL_END)
			return -EINTR;
		if (events & TERMINAL_KEY && !take_keys(p))
			return 0;
		if (events & TERMINAL_OTHER)
			return 1;
	}
}

/**
 * pager_text - show a text
 * @title: what it is
 * @text: the text
 *
 * Return: 0 or a negative error number, -EINTR if a signal ends the program.
 */
int pager_text(const char *title, const char *text)
{
	struct pager p = { .title = title };
	char *copy = strdup(text);
	int err;

	err = copy ? cut(&p, copy) : -ENOMEM;
	err = err ?: look(&p, -1);
	free(p.lines);
	free(copy);
	return err;
}

/* Return: 1 at the end of the text, else as look(). */
static int wait_for(struct pager *p, struct subcommand *s)
{
	int ret = 1;

	while (s->fd >= 0) {
		ret = look(p, s->fd);
		if (ret <= 0)
			return ret;
		ret = subcommand_read(s);
		if (ret < 0)
			break;
	}
	p->message = ret < 0 ? "the rest is too long   q Esc back" : NULL;
	return 1;
}

/**
 * pager_command - show what another command prints
 * @title: what it is
 * @argv: the command
 *
 * Return: 0 or a negative error number, -EINTR if a signal ends the program.
 */
int pager_command(const char *title, char *const argv[])
{
	struct pager p = { .title = title, .message = "reading   q Esc back" };
	struct subcommand s;
	int ret;

	ret = subcommand_start(&s, argv);
	if (ret == 0)
		ret = wait_for(&p, &s);
	if (ret > 0) {
		ret = s.text ? cut(&p, s.text) : 0;
		ret = ret ?: look(&p, -1);
	}
	free(p.lines);
	subcommand_end(&s);
	return ret;
}
