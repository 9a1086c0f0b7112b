// SPDX-License-Identifier: GPL-2.0
#include "top_model.h"

#include <errno.h>
#include <string.h>

/**
 * top_model_start - begin to read
 * @m: filled in
 * @options: the options of top
 *
 * Return: 0, -ENOMEM (perhaps without a message), or another negative error
 * number after a message.
 */
int top_model_start(struct top_model *m, struct top_options *options)
{
	int err;

	m->options = options;
	m->selection = &options->selection;
	m->is_file = options->source.file;
	m->wanted = options->at;
	m->length = options->length;
	m->feed.path = options->path;
	m->feed.source = &options->source;
	m->feed.words = options->words;
	m->feed.length = options->length;
	err = top_feed_start(&m->feed);
	return err ?: top_model_update(m);
}

/**
 * top_model_select - choose the rows again
 * @m: the screen; its selection or its rows have changed
 *
 * Return: 0 or -ENOMEM.
 */
int top_model_select(struct top_model *m)
{
	struct top_order *order = &m->selection->order;
	size_t place;
	int err;

	err = top_select(m->selection, m->is_file ? &m->rows : &m->now.rows,
			 m->is_file ? m->wall + m->length : m->wall);
	if (err || !m->follow)
		return err;
	place = top_order_find(order, m->id);
	if (place < order->n)
		m->cursor = place;
	return 0;
}

/**
 * top_model_seek - show a different interval of a file
 * @m: the screen
 * @moment: number of the interval; a number that is too large selects
 *	the last interval
 *
 * Return: 0 or -ENOMEM.
 */
int top_model_seek(struct top_model *m, u32 moment)
{
	struct top_feed *feed = &m->feed;
	int err;

	if (!m->moments)
		return 0;
	m->moment = moment < m->moments ? moment : m->moments - 1;
	pthread_mutex_lock(&feed->lock);
	err = top_history_get(&feed->history, m->moment, &m->rows, &m->sums);
	m->wall = feed->history.begin[m->moment];
	pthread_mutex_unlock(&feed->lock);
	return err ?: top_model_select(m);
}

/*
 * Return: the interval that the user asked for. If it has not been read yet,
 * return the last interval that was read, and leave @m->wanted set.
 */
static u32 moment_wanted(struct top_model *m)
{
	const struct top_history *h = &m->feed.history;
	u64 at = m->first + m->options->at;
	u32 i = m->moment;

	pthread_mutex_lock(&m->feed.lock);
	while (i + 1 < m->moments && h->begin[i] + m->length <= at)
		i++;
	m->wanted = h->begin[i] + m->length <= at;
	pthread_mutex_unlock(&m->feed.lock);
	return i;
}

static int update_file(struct top_model *m, u32 moments)
{
	bool is_first = m->moments == 0 && moments > 0;

	m->moments = moments;
	if (moments && m->wanted)
		return top_model_seek(m, moment_wanted(m));
	return is_first ? top_model_seek(m, 0) : 0;
}

static int take_reading(struct top_model *m)
{
	struct top_reading reading = m->before;
	bool has_before = m->now.wall != 0;

	if (!top_feed_take(&m->feed, &reading))
		return 0;
	m->before = m->now;
	m->now = reading;
	m->has_before = has_before;
	/* compare the first reading with itself, so that it shows no growth */
	top_compare(&m->now.rows,
		    has_before ? &m->before.rows : &m->now.rows, &m->sums);
	m->length = has_before && m->now.time > m->before.time ?
		    m->now.time - m->before.time : m->options->length;
	m->wall = m->now.wall;
	return top_model_select(m);
}

/**
 * top_model_update - take the new readings
 * @m: the screen
 *
 * Return: 0 or -ENOMEM.
 */
int top_model_update(struct top_model *m)
{
	struct top_feed *feed = &m->feed;
	const struct top_history *h = &feed->history;
	u32 moments;

	if (!m->is_file && !m->paused && take_reading(m) != 0)
		return -ENOMEM;
	if (m->is_file || m->paused)
		top_feed_quiet(feed);
	pthread_mutex_lock(&feed->lock);
	m->has_ended = feed->has_ended;
	memcpy(m->why, feed->why, sizeof(m->why));
	m->has_lost = feed->has_lost;
	m->lost = feed->lost;
	moments = h->moments;
	if (moments) {
		m->first = h->begin[0];
		m->last = h->begin[moments - 1];
	}
	pthread_mutex_unlock(&feed->lock);
	return m->is_file ? update_file(m, moments) : 0;
}

/**
 * top_model_show - choose and sort the visible rows
 * @m: the screen
 * @height: number of visible rows
 */
void top_model_show(struct top_model *m, size_t height)
{
	struct top_order *order = &m->selection->order;
	size_t last = order->n > height ? order->n - height : 0;

	if (m->cursor >= order->n)
		m->cursor = order->n ? order->n - 1 : 0;
	if (m->top > m->cursor)
		m->top = m->cursor;
	if (m->top + height <= m->cursor)
		m->top = m->cursor - height + 1;
	if (m->top > last)
		m->top = last;
	top_order_sort(order, m->top, m->top + height);
}

/* Call top_model_show() first. Return: the row at the cursor, or NULL. */
const struct top_row *top_model_row(struct top_model *m)
{
	struct top_order *order = &m->selection->order;

	return m->cursor < order->n ? order->place[m->cursor].row : NULL;
}

/*
 * Move the cursor to a row, and stop following. An index past the end selects
 * the last row.
 */
void top_model_move(struct top_model *m, size_t to)
{
	const struct top_order *order = &m->selection->order;

	m->cursor = to < order->n ? to : order->n ? order->n - 1 : 0;
	m->follow = false;
}

/* Scroll the cursor and the visible rows by @height rows. */
void top_model_page(struct top_model *m, bool down, size_t height)
{
	if (down) {
		m->top += height;
		top_model_move(m, m->cursor + height);
	} else {
		m->top -= m->top < height ? m->top : height;
		top_model_move(m, m->cursor < height ? 0 : m->cursor - height);
	}
}

/* Enter a group; top_model_select() then shows its connections. */
void top_model_enter(struct top_model *m, const struct top_row *row)
{
	struct top_selection *s = m->selection;

	top_group_key(row, s->group, &s->key);
	s->within = s->group;
	s->group = TOP_NO_GROUP;
	m->cursor = 0;
	m->follow = false;
}

/* Stop reading. */
void top_model_end(struct top_model *m)
{
	if (!top_feed_end(&m->feed))
		return;
	top_free(&m->now.rows);
	top_free(&m->before.rows);
	top_free(&m->rows);
}
