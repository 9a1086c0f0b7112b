// SPDX-License-Identifier: GPL-2.0
#include "top_screen.h"

#include "command.h"
#include "pager.h"
#include "terminal.h"
#include "top_drawing.h"
#include "top_model.h"

#include <curses.h>
#include <err.h>
#include <errno.h>
#include <langinfo.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	ESCAPE		= 27,
	CTRL_U		= 21,
	CTRL_L		= 12,
	PLAY_MS		= 250,	/* ms per interval while playing */
	TABLE_MS	= 1000,	/* ms to wait for the table of a live capture */
	LEAP		= 10,	/* intervals */
	SHOW_INDENT	= 13,	/* indent of the second column of "show" */
	/* minimum ms between redraws if no key is pressed */
	DRAW_MS		= 50,
	ARGUMENTS	= 12,
	ARGUMENT	= ADDR_LEN,
};

/**
 * struct screen - the state of one run of top
 * @model: the rows and the cursor
 * @drawing: the parts of the screen besides the rows
 * @is_old: the screen must be redrawn
 * @draw_at: earliest time of the next redraw, ms of CLOCK_MONOTONIC
 * @play_at: time to show the next interval while playing, same clock
 * @ended: the run is over
 * @err: a negative error number
 */
struct screen {
	struct top_model model;
	struct top_drawing drawing;
	bool is_old;
	u64 draw_at;
	u64 play_at;
	bool ended;
	int err;
};

static const char help[] =
"Move\n"
"  Up Down PgUp PgDn   choose a row (j k, too)\n"
"  Home End            the first, the last row (not of a capture file)\n"
"  F                   follow the row when it moves\n"
"\n"
"One connection\n"
"  Enter               show it; a group: its connections, Esc: all again\n"
"  l                   draw its ladder (capture file)\n"
"\n"
"Rows\n"
"  F4 f \\              filter: state established and dport = :443\n"
"  F5 g                group by address, port, process, container, finding\n"
"  F6 s < >            sort by a menu; or at once by\n"
"                      B bytes per second    X retransmitted bytes\n"
"                      T round trip time     R response time\n"
"                      W closed or small windows\n"
"                      N connections opened\n"
"  I                   reverse the order\n"
"  Esc                 no group, no filter\n"
"\n"
"Time\n"
"  Space p             stop, go on; capture file: play\n"
"  Left Right          capture file: the interval before, the next one\n"
"  [ ]                 ten intervals\n"
"  Home End            the first, the last one\n"
"\n"
"  F1 h ?              this help\n"
"  F10 q ^C            quit\n"
"\n"
"Columns\n"
"  BYTES>/S <BYTES/S   payload bytes per second of originator and responder\n"
"  REXMIT              part of them that was retransmitted\n"
"  RTT                 round trip time of the handshake\n"
"  RESPONSE            mean response time, the longer of both ends\n"
"  ODD                 W the window limited a sender, Z zero window,\n"
"                      U unanswered\n"
"  lost (first line)   packets that the module could not track since top began,\n"
"                      or that a live capture has missed\n";

static void check(struct screen *s, int err)
{
	if (err == -EINTR) {
		s->ended = true;
	} else if (err < 0) {
		s->ended = true;
		s->err = err;
	}
}

static void say(struct screen *s, const char *text)
{
	snprintf(s->drawing.message, sizeof(s->drawing.message), "%s", text);
}

/**
 * struct command - the arguments of a command to run
 * @argv: the arguments, NULL-terminated
 * @n: number of arguments
 * @text: storage for generated arguments
 * @used: number of elements of @text that are used
 */
struct command {
	char *argv[ARGUMENTS + 1];
	unsigned int n;
	char text[4][ARGUMENT];
	unsigned int used;
};

/* Append a word; the cast is safe because execve() does not modify the word. */
static void add(struct command *c, const char *word)
{
	if (c->n < ARGUMENTS)
		c->argv[c->n++] = (char *)word;
}

static void add_number(struct command *c, unsigned long long number)
{
	char *text = c->text[c->used++];

	snprintf(text, ARGUMENT, "%llu", number);
	add(c, text);
}

static void add_source(struct command *c, const struct top_options *o)
{
	add(c, "-r");
	add(c, o->source.file);
	if (o->source.as_module)
		add(c, "--as-module");
}

/* Select by the endpoints, because connection numbers depend on the filter. */
static void add_ends(struct command *c, const struct top_row *row)
{
	unsigned int i;
	char *text;

	for (i = 0; i < 2; i++) {
		text = c->text[c->used++];
		addr_endpoint(&row->ends.addr[i], row->ends.port[i], text,
			      ARGUMENT);
		add(c, text);
	}
}

static bool is_read_once(struct screen *s)
{
	const char *file = s->model.options->source.file;

	if (!file || strcmp(file, "-") != 0)
		return false;
	say(s, "standard input cannot be read again: use a file");
	return true;
}

static void show_of_table(struct screen *s, const struct top_row *row,
			  const char *path)
{
	struct command c = { .n = 0 };
	char title[64];

	add(&c, "tcptracectl");
	add(&c, "show");
	add(&c, "--file");
	add(&c, path);
	add_number(&c, row->id);
	snprintf(title, sizeof(title), "Connection %llu",
		 (unsigned long long)row->id);
	check(s, pager_command(title, SHOW_INDENT, c.argv));
}

static void show_of_file(struct screen *s, const struct top_row *row)
{
	const struct top_options *o = s->model.options;
	struct command c = { .n = 0 };
	char title[64];

	if (is_read_once(s))
		return;
	add(&c, "tcptracectl");
	add(&c, "show");
	add_source(&c, o);
	if (o->words && *o->words)
		add_ends(&c, row);
	else
		add_number(&c, row->id);
	snprintf(title, sizeof(title), "Connection %llu",
		 (unsigned long long)row->id);
	check(s, pager_command(title, SHOW_INDENT, c.argv));
}

/* Ask the capturing thread for a table, and show a connection of this table. */
static void show_of_live(struct screen *s, const struct top_row *row)
{
	struct top_feed *feed = &s->model.feed;
	unsigned int events;
	char path[64];
	int fd;

	top_feed_want_table(feed);
	while ((fd = top_feed_take_table(feed)) < 0) {
		events = terminal_wait(feed->event, TABLE_MS);
		if (!events || events & TERMINAL_END) {
			s->ended = events & TERMINAL_END;
			say(s, "the capture does not answer: try again");
			return;
		}
		top_feed_quiet(feed);
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	show_of_table(s, row, path);
	close(fd);
}

static void show(struct screen *s)
{
	const struct top_options *o = s->model.options;
	const struct top_row *row = top_model_row(&s->model);

	if (!row)
		return;
	if (s->model.selection->group != TOP_NO_GROUP) {
		top_model_enter(&s->model, row);
		check(s, top_model_select(&s->model));
	} else if (o->source.file) {
		show_of_file(s, row);
	} else if (o->source.interface) {
		show_of_live(s, row);
	} else {
		show_of_table(s, row, o->path);
	}
}

static void draw_ladder(struct screen *s)
{
	const struct top_options *o = s->model.options;
	const struct top_row *row = top_model_row(&s->model);
	struct command c = { .n = 0 };
	char *const *word;
	char title[64];

	if (!row || s->model.selection->group != TOP_NO_GROUP || is_read_once(s))
		return;
	if (!o->source.file) {
		say(s, "the segments are not kept: capture them, then use -r FILE");
		return;
	}
	add(&c, "tcptracectl");
	add(&c, "ladder");
	add_source(&c, o);
	add(&c, strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? "--unicode" :
							       "--ascii");
	add(&c, "--width");
	add_number(&c, COLS < 40 ? 40 : (unsigned long long)COLS);
	add(&c, "-c");
	add_number(&c, row->id);
	for (word = o->words; word && *word; word++)
		add(&c, *word);
	snprintf(title, sizeof(title), "Ladder of connection %llu",
		 (unsigned long long)row->id);
	check(s, pager_command(title, 0, c.argv));
}

static void select_again(struct screen *s)
{
	check(s, top_model_select(&s->model));
}

static void seek(struct screen *s, u32 moment)
{
	s->model.wanted = false;
	check(s, top_model_seek(&s->model, moment));
}

/* Return: false if the key has another meaning. */
static bool take_time_key(struct screen *s, int key)
{
	struct top_model *m = &s->model;
	u32 at = m->moment;

	if (!m->is_file || !m->moments)
		return false;
	switch (key) {
	case KEY_LEFT:
		seek(s, at ? at - 1 : 0);
		break;
	case KEY_RIGHT:
		seek(s, at + 1);
		break;
	case '[':
		seek(s, at > LEAP ? at - LEAP : 0);
		break;
	case ']':
		seek(s, at + LEAP);
		break;
	case KEY_HOME:
		seek(s, 0);
		break;
	case KEY_END:
		seek(s, m->moments - 1);
		break;
	case ' ':
	case 'p':
		m->playing = !m->playing;
		if (m->playing && at + 1 == m->moments)
			seek(s, 0);
		return true;
	default:
		return false;
	}
	m->playing = false;
	return true;
}

/* Return: false if the key has another meaning. */
static bool take_move_key(struct screen *s, int key)
{
	struct top_model *m = &s->model;
	size_t at = m->cursor;

	switch (key) {
	case KEY_UP:
	case 'k':
		top_model_move(m, at ? at - 1 : 0);
		return true;
	case KEY_DOWN:
	case 'j':
		top_model_move(m, at + 1);
		return true;
	case KEY_PPAGE:
		top_model_page(m, false, top_drawing_height(m));
		return true;
	case KEY_NPAGE:
		top_model_page(m, true, top_drawing_height(m));
		return true;
	case KEY_HOME:
		top_model_move(m, 0);
		return true;
	case KEY_END:
		top_model_move(m, SIZE_MAX);
		return true;
	default:
		return false;
	}
}

/* Return: false if the key has another meaning. */
static bool take_sort_key(struct screen *s, int key)
{
	static const char letters[TOP_SORTS] = "BXTRWN";
	struct top_selection *selection = s->model.selection;
	const char *at = key > 0 && key < 128 ?
			 memchr(letters, key, sizeof(letters)) : NULL;

	if (key == 'I')
		selection->inverted = !selection->inverted;
	else if (at)
		selection->sort = (enum top_sort)(at - letters);
	else
		return false;
	select_again(s);
	return true;
}

/*
 * Esc leaves the group. If no group is open, it clears the filter; if there is
 * no filter either, it ends the grouping.
 */
static void leave(struct screen *s)
{
	struct top_selection *selection = s->model.selection;

	if (selection->within != TOP_NO_GROUP) {
		selection->group = selection->within;
		selection->within = TOP_NO_GROUP;
	} else if (*s->drawing.filter) {
		s->drawing.filter[0] = '\0';
		selection->filter.n = 0;
	} else {
		selection->group = TOP_NO_GROUP;
	}
	select_again(s);
}

static void follow(struct top_model *m)
{
	const struct top_row *row = top_model_row(m);

	m->follow = !m->follow && row;
	m->id = row ? row->id : 0;
}

static void begin_menu(struct screen *s, enum top_mode mode)
{
	struct top_selection *selection = s->model.selection;

	s->drawing.mode = mode;
	s->drawing.choice = mode == TOP_MODE_SORT ? selection->sort :
						    selection->group;
}

static void take_command_key(struct screen *s, int key)
{
	switch (key) {
	case KEY_F(1):
	case 'h':
	case '?':
		check(s, pager_text("Keys of tcptracectl top", help));
		break;
	case KEY_F(4):
	case 'f':
	case '\\':
		s->drawing.mode = TOP_MODE_FILTER;
		memcpy(s->drawing.input, s->drawing.filter, TOP_FILTER);
		break;
	case KEY_F(5):
	case 'g':
		begin_menu(s, TOP_MODE_GROUP);
		break;
	case KEY_F(6):
	case 's':
	case '<':
	case '>':
		begin_menu(s, TOP_MODE_SORT);
		break;
	case KEY_ENTER:
	case '\n':
	case '\r':
		show(s);
		break;
	case 'l':
		draw_ladder(s);
		break;
	case 'F':
		follow(&s->model);
		break;
	case ' ':
	case 'p':
		s->model.paused = !s->model.paused;
		break;
	case ESCAPE:
		leave(s);
		break;
	case CTRL_L:
		clearok(curscr, TRUE);
		break;
	case KEY_F(10):
	case 'q':
		s->ended = true;
		break;
	}
}

/* Return: 0, or -EINVAL with a message on the screen. */
static int use_filter(struct screen *s, char *text)
{
	struct socket_filter filter = { .n = 0 };
	char *const words[2] = { *text ? text : NULL };
	char why[160], message[192];

	if (socket_filter_parse(&filter, words, why, sizeof(why)) != 0) {
		snprintf(message, sizeof(message), "invalid expression: %s", why);
		say(s, message);
		return -EINVAL;
	}
	s->model.selection->filter = filter;
	memcpy(s->drawing.filter, text, TOP_FILTER);
	select_again(s);
	return 0;
}

static void take_filter_key(struct screen *s, int key)
{
	char *text = s->drawing.input;
	size_t len = strlen(text);

	switch (key) {
	case ESCAPE:
		s->drawing.mode = TOP_MODE_ROWS;
		break;
	case KEY_ENTER:
	case '\n':
	case '\r':
		if (use_filter(s, text) == 0)
			s->drawing.mode = TOP_MODE_ROWS;
		break;
	case KEY_BACKSPACE:
	case '\b':
	case 127:
		if (len)
			text[len - 1] = '\0';
		break;
	case CTRL_U:
		text[0] = '\0';
		break;
	default:
		if (key >= ' ' && key < 127 && len + 1 < TOP_FILTER) {
			text[len] = (char)key;
			text[len + 1] = '\0';
		}
	}
}

static void take_menu_key(struct screen *s, int key)
{
	struct top_selection *selection = s->model.selection;
	struct top_drawing *d = &s->drawing;
	bool is_sort = d->mode == TOP_MODE_SORT;
	unsigned int last = (is_sort ? TOP_SORTS : TOP_GROUPS) - 1;

	switch (key) {
	case KEY_UP:
	case 'k':
		d->choice -= d->choice > 0;
		break;
	case KEY_DOWN:
	case 'j':
		d->choice += d->choice < last;
		break;
	case KEY_ENTER:
	case '\n':
	case '\r':
		if (is_sort)
			selection->sort = (enum top_sort)d->choice;
		else
			selection->group = (enum top_group)d->choice;
		if (!is_sort)
			selection->within = TOP_NO_GROUP;
		d->mode = TOP_MODE_ROWS;
		select_again(s);
		break;
	case ESCAPE:
	case 'q':
		d->mode = TOP_MODE_ROWS;
		break;
	}
}

static void take_key(struct screen *s, int key)
{
	if (key == KEY_RESIZE)
		return;
	s->drawing.message[0] = '\0';
	if (s->drawing.mode == TOP_MODE_FILTER)
		take_filter_key(s, key);
	else if (s->drawing.mode != TOP_MODE_ROWS)
		take_menu_key(s, key);
	else if (!take_time_key(s, key) && !take_move_key(s, key) &&
		 !take_sort_key(s, key))
		take_command_key(s, key);
}

/* While playing, show the next interval. */
static void play(struct screen *s)
{
	struct top_model *m = &s->model;

	if (!m->playing)
		return;
	if (m->moment + 1 < m->moments)
		check(s, top_model_seek(m, m->moment + 1));
	else if (m->has_ended)
		m->playing = false;
}

static u64 now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (u64)t.tv_sec * 1000 + (u64)t.tv_nsec / 1000000;
}

/*
 * Show the next interval and redraw the screen, each if it is due.
 * Return: ms until the earlier of the two is due; -1 if neither will be due.
 */
static int keep_time(struct screen *s)
{
	u64 now = now_ms(), next = UINT64_MAX;

	if (!s->model.playing)
		s->play_at = now + PLAY_MS;
	if (now >= s->play_at) {
		play(s);
		s->play_at = now + PLAY_MS;
		s->is_old = true;
	}
	if (s->is_old && now >= s->draw_at) {
		check(s, top_draw(&s->drawing, &s->model));
		s->draw_at = now + DRAW_MS;
		s->is_old = false;
	}
	if (s->model.playing)
		next = s->play_at;
	if (s->is_old && s->draw_at < next)
		next = s->draw_at;
	return next == UINT64_MAX ? -1 : (int)(next - now);
}

static void run(struct screen *s)
{
	unsigned int events;
	int key, ms;

	s->is_old = true;
	while (!s->ended) {
		ms = keep_time(s);
		events = terminal_wait(s->model.feed.event, ms);
		if (events & TERMINAL_END)
			break;
		if (events & TERMINAL_OTHER)
			check(s, top_model_update(&s->model));
		if (events)
			s->is_old = true;
		if (events & (TERMINAL_KEY | TERMINAL_RESIZED))
			s->draw_at = 0;
		if (!(events & TERMINAL_KEY))
			continue;
		while (!s->ended && (key = terminal_key()) != ERR)
			take_key(s, key);
	}
}

/* Check that there is a terminal and that no option asks for pages. */
bool top_screen_is_possible(const struct top_options *options)
{
	return !options->batch && !options->pages && terminal_is_there();
}

static void take_expression(struct screen *s, const struct top_options *o)
{
	char *const *word;
	size_t len = 0;

	for (word = o->expression; word && *word && len < TOP_FILTER; word++)
		len += (size_t)snprintf(s->drawing.filter + len,
					TOP_FILTER - len, "%s%s",
					len ? " " : "", *word);
}

/* Return: the exit status. */
int top_screen_run(struct top_options *options)
{
	static struct screen s;

	take_expression(&s, options);
	terminal_block_signals();
	if (top_model_start(&s.model, options) != 0)
		return EXIT_FAIL;
	if (terminal_open() != 0)
		return EXIT_FAIL;
	run(&s);
	terminal_close();
	top_model_end(&s.model);
	if (!s.err)
		return EXIT_OK;
	warnx("%s", strerror(-s.err));
	return EXIT_FAIL;
}
