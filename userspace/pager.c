// SPDX-License-Identifier: GPL-2.0
#include "pager.h"

#include "subcommand.h"
#include "terminal.h"

#include <curses.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	OTHER_LINES	= 2,	/* the title and the keys */
	SIDEWAYS	= 8,
	LINE_MAX	= 4096,	/* bytes */
	ESCAPE		= 27,
};

static int add_line(struct pager *p, const char *text, size_t len,
		    size_t indent)
{
	size_t room = p->room ? 2 * p->room : 256;
	struct pager_line *lines;

	if (p->n == p->room) {
		lines = reallocarray(p->lines, room, sizeof(*lines));
		if (!lines)
			return -ENOMEM;
		p->lines = lines;
		p->room = room;
	}
	p->lines[p->n++] = (struct pager_line) {
		.text = text, .len = len, .indent = indent,
	};
	return 0;
}

/*
 * Return: how many bytes fit into @width columns, up to the end of a word if
 * possible.
 */
static size_t fitting(const char *text, size_t len, size_t width)
{
	size_t i, columns = 0, blank = 0;

	for (i = 0; i < len; i++) {
		columns += (text[i] & 0xc0) != 0x80;
		if (columns > width)
			return blank ?: i;
		if (text[i] == ' ')
			blank = i;
	}
	return len;
}

/* Fold a line of the text into lines that fit on the screen. */
static int fold(struct pager *p, const char *text, size_t len)
{
	size_t width = (size_t)p->width, part, indent = 0;
	int err;

	if (!p->folds || width <= 2 * p->folds)
		return add_line(p, text, len, 0);
	do {
		part = fitting(text, len, width - indent);
		err = add_line(p, text, part, indent);
		indent = p->folds;
		while (part < len && text[part] == ' ')
			part++;
		text += part;
		len -= part;
	} while (len && !err);
	return err;
}

/* Fold the text, unless it has already been folded to the current width. */
static int cut(struct pager *p)
{
	const char *text = p->text;
	size_t len;
	int err = 0;

	if (p->width == COLS)
		return 0;
	p->width = COLS;
	p->n = 0;
	while (text && *text && !err) {
		len = strcspn(text, "\n");
		err = fold(p, text, len);
		text += len + (text[len] != '\0');
	}
	return err;
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

/* Return: the number of bytes in the first @left characters of a line. */
static size_t hidden(const struct pager_line *line, size_t left)
{
	size_t i;

	for (i = 0; i < line->len && left; left--)
		for (i++; i < line->len && (line->text[i] & 0xc0) == 0x80; i++)
			;
	return i;
}

static void draw_line(const struct pager *p, const struct pager_line *line,
		      int y)
{
	size_t skip = hidden(line, p->left);
	char text[LINE_MAX];

	snprintf(text, sizeof(text), "%*s%.*s", (int)line->indent, "",
		 (int)(line->len - skip), line->text + skip);
	terminal_put(y, 0, text, COLS);
}

static void draw(const struct pager *p)
{
	size_t i;

	erase();
	attrset(terminal_color(TERMINAL_BAR));
	terminal_put(0, 0, p->title, COLS);
	attrset(terminal_color(TERMINAL_PLAIN));
	for (i = 0; i < height() && p->top + i < p->n; i++)
		draw_line(p, &p->lines[p->top + i], (int)i + 1);
	attrset(terminal_color(TERMINAL_BAR));
	terminal_put(LINES - 1, 0, p->message ?:
		     "q Esc back   arrows PgUp PgDn Home End scroll", COLS);
	attrset(terminal_color(TERMINAL_PLAIN));
	refresh();
}

/* Handle a key. Return: false if the key ends the pager. */
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

/* Handle the keys that were typed. Return: false if a key ends the pager. */
static bool take_keys(struct pager *p)
{
	int key;

	while ((key = terminal_key()) != ERR)
		if (!take_key(p, key))
			return false;
	return true;
}

/*
 * Show the text and handle keys. Return: 0 if a key ends the pager, 1 if @fd
 * can be read, -EINTR if a signal ends the program, or -ENOMEM.
 */
static int look(struct pager *p, int fd)
{
	unsigned int events;
	int err;

	for (;;) {
		err = cut(p);
		if (err)
			return err;
		keep_inside(p);
		draw(p);
		events = terminal_wait(fd, -1);
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
 * @title: the title line
 * @text: the text
 *
 * Return: 0 or a negative error number, -EINTR if a signal ends the program.
 */
int pager_text(const char *title, const char *text)
{
	struct pager p = { .title = title, .text = text };
	int ret = look(&p, -1);

	free(p.lines);
	return ret;
}

/*
 * Read the text; until it is complete, show only the title and the message.
 * Return: 1 at the end of the text or after an error; otherwise as look().
 */
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
 * pager_command - run a command and show its output
 * @title: the title line
 * @folds: indent of the continuation of a folded line; 0: do not fold lines
 * @argv: the command
 *
 * Return: 0 or a negative error number, -EINTR if a signal ends the program.
 */
int pager_command(const char *title, size_t folds, char *const argv[])
{
	struct pager p = {
		.title = title, .folds = folds,
		.message = "reading   q Esc back",
	};
	struct subcommand s;
	int ret;

	ret = subcommand_start(&s, argv);
	if (ret == 0)
		ret = wait_for(&p, &s);
	if (ret > 0) {
		p.text = s.text;
		p.width = 0;
		ret = look(&p, -1);
	}
	free(p.lines);
	subcommand_end(&s);
	return ret;
}
