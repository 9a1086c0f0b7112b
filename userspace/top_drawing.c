// SPDX-License-Identifier: GPL-2.0
#include "top_drawing.h"

#include "output.h"
#include "terminal.h"

#include <curses.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_MS	1000000ULL

enum {
	/* the lines of sums, selection, titles and keys */
	LINES_LIVE	= 4,
	LINES_FILE	= 5,	/* the same lines and the slider */
	SLIDER_TEXT	= 44,	/* columns beside the slider */
	SLIDER_MIN	= 5,
	MENU_WIDTH	= 16,
};

/* Return: how many rows fit on the screen. */
size_t top_drawing_height(const struct top_model *m)
{
	int others = m->is_file ? LINES_FILE : LINES_LIVE;

	return others < LINES ? (size_t)(LINES - others) : 1;
}

static void put(int y, enum terminal_color color, const char *text)
{
	attrset(terminal_color(color));
	terminal_put(y, 0, text, COLS);
	attrset(terminal_color(TERMINAL_PLAIN));
}

static void draw_sums(const struct top_drawing *d, const struct top_model *m)
{
	char sums[128], lost[48] = "", text[256];

	top_table_header(&d->table, m->wall, &m->sums, sums, sizeof(sums));
	if (m->has_lost)
		snprintf(lost, sizeof(lost), "  %llu lost",
			 (unsigned long long)m->lost);
	snprintf(text, sizeof(text), "%s%s  sort: %s%s%s", sums, lost,
		 top_sort_names[d->table.sort],
		 m->selection->inverted ? ", the smallest first" : "",
		 m->paused ? "  paused" : "");
	put(0, m->lost ? TERMINAL_ALARM : TERMINAL_BAR, text);
}

static void draw_selected(const struct top_drawing *d,
			  const struct top_model *m)
{
	const struct top_selection *s = m->selection;
	char name[TOP_NAME] = "", text[3 * TOP_FILTER + TOP_NAME];
	const struct top_order *order = &s->order;
	bool within = s->within != TOP_NO_GROUP;

	if (within && order->n)
		top_group_name(order->place[0].row, s->within, name,
			       sizeof(name));
	snprintf(text, sizeof(text), "%zu %s%s%s%s%s%s%s%s%s%s", order->n,
		 s->group == TOP_NO_GROUP ? "connections" : "groups",
		 s->group == TOP_NO_GROUP ? "" : " by ",
		 s->group == TOP_NO_GROUP ? "" : top_group_names[s->group],
		 within ? "  within " : "",
		 within ? top_group_names[s->within] : "", within ? " " : "",
		 name, *d->filter ? "  filter: " : "", d->filter,
		 m->follow ? "  following" : "");
	put(1, TERMINAL_PLAIN, text);
}

/* "[=====>-------] 150 of 340  +149.000 of 340.000 s" */
static void draw_slider(const struct top_model *m)
{
	u64 ms = (m->wall - m->first) / NS_PER_MS;
	u64 all = (m->last - m->first + m->length) / NS_PER_MS;
	char text[512];
	size_t width, done, i, n = 0;

	if (!m->moments) {
		put(2, TERMINAL_DIM, m->has_ended ? "no TCP segment" :
		    "reading");
		return;
	}
	width = SLIDER_TEXT + SLIDER_MIN;
	width = width < (size_t)COLS ? (size_t)COLS - SLIDER_TEXT : SLIDER_MIN;
	if (width > sizeof(text) / 2)
		width = sizeof(text) / 2;
	done = m->moments > 1 ? (width - 1) * m->moment / (m->moments - 1) : 0;
	text[n++] = '[';
	for (i = 0; i < width; i++)
		text[n++] = i < done ? '=' : i == done ? '>' : '-';
	snprintf(text + n, sizeof(text) - n, "] %u of %u  +%llu.%03u of %llu.%03u s%s%s",
		 m->moment + 1, m->moments, (unsigned long long)(ms / 1000),
		 (unsigned int)(ms % 1000), (unsigned long long)(all / 1000),
		 (unsigned int)(all % 1000),
		 m->playing ? "  playing" : "",
		 m->has_ended ? "" : "  reading");
	put(2, TERMINAL_DIM, text);
}

/* Draw the titles, and highlight the title of the sort key. */
static void draw_titles(const struct top_drawing *d, int y, const char *text)
{
	const char *sorted = top_table_sorted(&d->table);
	const char *at = strstr(text, sorted);

	put(y, TERMINAL_TITLE, text);
	if (!at || at - text + (long)strlen(sorted) > COLS)
		return;
	attrset(terminal_color(TERMINAL_SORTED));
	terminal_put(y, (int)(at - text), sorted, (int)strlen(sorted));
	attrset(terminal_color(TERMINAL_PLAIN));
}

static enum terminal_color color_of(const struct top_row *row)
{
	const struct top_counters *grown = &row->grown;

	if (row->facts.was_refused || row->facts.unanswered)
		return TERMINAL_ALARM;
	if (!row->facts.is_open)
		return TERMINAL_DIM;
	if (grown->rexmit[0] || grown->rexmit[1] || grown->window[0] ||
	    grown->window[1])
		return TERMINAL_WARNING;
	return TERMINAL_PLAIN;
}

static int print_rows(struct top_table *t, const struct top_order *order)
{
	size_t i;
	int err;

	err = top_table_begin(t);
	for (i = order->from; i < order->to && !err; i++)
		err = top_table_row(t, order->place[i].row);
	return err;
}

/* Write titles and rows into an allocated buffer. Return: 0 or -errno. */
static int make_text(struct top_table *t, const struct top_order *order,
		     bool is_capture, char **text)
{
	size_t size;
	FILE *page;
	int err;

	*text = NULL;
	page = open_memstream(text, &size);
	if (!page)
		return -errno;
	output_divert(page);
	/* the processes of a capture are unknown */
	t->hidden = is_capture ? 1U << TOP_COLUMN_PROCESS : 0;
	do
		err = print_rows(t, order);
	while (!err && top_table_fit(t, (size_t)COLS));
	err = err ?: columns_print(&t->cols);
	output_divert(NULL);
	if (fclose(page) != 0 && !err)
		err = -errno;
	return err;
}

static int draw_rows(struct top_drawing *d, const struct top_model *m)
{
	const struct top_order *order = &m->selection->order;
	int y = m->is_file ? LINES_FILE - 2 : LINES_LIVE - 2;
	char *text, *line;
	size_t len, i;
	int err;

	err = make_text(&d->table, order,
			source_is_capture(&m->options->source), &text);
	for (line = text, i = order->from; !err && *line; line += len + 1) {
		len = strcspn(line, "\n");
		line[len] = '\0';
		if (line == text)
			draw_titles(d, y, line);
		else if (i++ == m->cursor)
			put(y, TERMINAL_CURSOR, line);
		else
			put(y, color_of(order->place[i - 1].row), line);
		y++;
	}
	free(text);
	return err;
}

static void draw_menu(const struct top_drawing *d, const struct top_model *m)
{
	bool is_sort = d->mode == TOP_MODE_SORT;
	const char *const *names = is_sort ? top_sort_names : top_group_names;
	unsigned int i, n = is_sort ? TOP_SORTS : TOP_GROUPS;
	int y = m->is_file ? LINES_FILE - 2 : LINES_LIVE - 2;
	char line[MENU_WIDTH + 1];

	attrset(terminal_color(TERMINAL_TITLE));
	terminal_put(y, 0, is_sort ? "Sort by" : "Group by", MENU_WIDTH);
	for (i = 0; i < n && y + (int)i + 1 < LINES - 1; i++) {
		attrset(terminal_color(i == d->choice ? TERMINAL_CURSOR :
							TERMINAL_PLAIN));
		snprintf(line, sizeof(line), " %s", names[i]);
		terminal_put(y + (int)i + 1, 0, line, MENU_WIDTH);
	}
	attrset(terminal_color(TERMINAL_PLAIN));
}

static void draw_keys(const struct top_drawing *d, const struct top_model *m)
{
	char text[TOP_FILTER + 16];

	switch (d->mode) {
	case TOP_MODE_FILTER:
		snprintf(text, sizeof(text), "Filter: %s_", d->input);
		put(LINES - 1, TERMINAL_BAR, text);
		break;
	case TOP_MODE_SORT:
	case TOP_MODE_GROUP:
		put(LINES - 1, TERMINAL_BAR, "Enter choose   Esc cancel");
		break;
	default:
		put(LINES - 1, TERMINAL_BAR, m->is_file ?
		    "F1Help F4Filter F5Group F6Sort F10Quit EnterShow lLadder <>Time SpacePlay" :
		    "F1Help F4Filter F5Group F6Sort F10Quit EnterShow lLadder SpacePause");
	}
}

/**
 * top_draw - draw the screen
 * @d: the parts of the screen besides the rows
 * @m: the rows, and which of them are visible
 *
 * The cost depends on the size of the terminal. It also depends on the number
 * of rows if rows were selected again, or if other rows become visible: see
 * top_order.c.
 *
 * Return: 0 or a negative error number.
 */
int top_draw(struct top_drawing *d, struct top_model *m)
{
	int err;

	top_model_show(m, top_drawing_height(m));
	d->table.group = m->selection->group;
	d->table.sort = m->selection->sort;
	d->table.length = m->length;
	d->table.units = true;
	erase();
	draw_sums(d, m);
	draw_selected(d, m);
	if (m->is_file)
		draw_slider(m);
	err = draw_rows(d, m);
	if (d->mode == TOP_MODE_SORT || d->mode == TOP_MODE_GROUP)
		draw_menu(d, m);
	if (*d->message || *m->why)
		put(LINES - 2, TERMINAL_ALARM, *d->message ? d->message :
							      m->why);
	draw_keys(d, m);
	refresh();
	return err;
}
