// SPDX-License-Identifier: GPL-2.0
#include "top_history.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * Make room for one more element of an array. Return: 0, or -ENOMEM if memory
 * is short or if all arrays together would need more than TOP_HISTORY_ROOM.
 */
static int make_room(struct top_history *h, void *array, size_t n, size_t room,
		     size_t size, size_t *more)
{
	void **p = array, *bigger;
	size_t wanted = room ? 2 * room : 4;

	*more = room;
	if (n < room)
		return 0;
	if (h->bytes + (wanted - room) * size > TOP_HISTORY_ROOM)
		return -ENOMEM;
	bigger = reallocarray(*p, wanted, size);
	if (!bigger)
		return -ENOMEM;
	h->bytes += (wanted - room) * size;
	*p = bigger;
	*more = wanted;
	return 0;
}

static int add_moment(struct top_history *h, u64 begin)
{
	size_t room;
	int err;

	err = make_room(h, &h->begin, h->moments, h->moments_room,
			sizeof(*h->begin), &room);
	if (err)
		return err;
	h->moments_room = (u32)room;
	h->begin[h->moments++] = begin;
	return 0;
}

static int add_version(struct top_history *h, struct top_past *past,
		       const struct top_facts *facts)
{
	struct top_version *last = past->n ? &past->version[past->n - 1] : NULL;
	size_t room;
	int err;

	if (last && memcmp(&last->facts, facts, sizeof(*facts)) == 0)
		return 0;
	err = make_room(h, &past->version, past->n, past->room,
			sizeof(*past->version), &room);
	if (err)
		return err;
	past->room = (u32)room;
	past->version[past->n++] = (struct top_version) {
		.moment = h->moments - 1, .facts = *facts,
	};
	return 0;
}

static int add_past(struct top_history *h, const struct top_row *row)
{
	struct top_past *past;
	int err;

	err = make_room(h, &h->past, h->conns, h->conns_room, sizeof(*h->past),
			&h->conns_room);
	if (err)
		return err;
	past = &h->past[h->conns++];
	memset(past, 0, sizeof(*past));
	past->id = row->id;
	past->ends = row->ends;
	return 0;
}

/*
 * Find a connection, or append it if its number is the highest. Return: its
 * index in @past, or -ENOMEM; if it is neither found nor appended, the index of
 * a different connection.
 */
static ssize_t place_of(struct top_history *h, const struct top_row *row)
{
	size_t low = 0, high = h->conns, middle;

	if (high == 0 || h->past[high - 1].id < row->id)
		return add_past(h, row) ?: (ssize_t)h->conns - 1;
	while (low < high) {
		middle = low + (high - low) / 2;
		if (h->past[middle].id < row->id)
			low = middle + 1;
		else
			high = middle;
	}
	return (ssize_t)low;
}

/*
 * Mark an open connection as ended if it has no row in the new interval: a new
 * connection between the same endpoints has replaced it, or the tracker has
 * already forgotten it.
 */
static int end_missing(struct top_history *h, size_t place)
{
	struct top_past *past = &h->past[place];
	struct top_facts facts = past->version[past->n - 1].facts;

	facts.is_open = false;
	return add_version(h, past, &facts);
}

static int add_row(struct top_history *h, const struct top_row *row,
		   size_t **next_open)
{
	ssize_t place = place_of(h, row);
	int err = 0;

	if (place < 0)
		return (int)place;
	if (h->past[place].id != row->id)
		return 0;
	for (; *next_open < h->open + h->n_open &&
	     **next_open < (size_t)place && !err; ++*next_open)
		err = end_missing(h, **next_open);
	if (*next_open < h->open + h->n_open && **next_open == (size_t)place)
		++*next_open;
	return err ?: add_version(h, &h->past[place], &row->facts);
}

static int list_open(struct top_history *h, const struct top_rows *rows)
{
	size_t i;
	int err;

	h->n_open = 0;
	for (i = 0; i < rows->n; i++) {
		if (!rows->rows[i].facts.is_open)
			continue;
		err = make_room(h, &h->open, h->n_open, h->open_room,
				sizeof(*h->open), &h->open_room);
		if (err)
			return err;
		h->open[h->n_open++] = (size_t)place_of(h, &rows->rows[i]);
	}
	return 0;
}

/**
 * top_history_add - add a finished interval
 * @h: the intervals so far
 * @begin: when the interval began, ns since 1970
 * @rows: the connections at the end of the interval, ordered by number
 *
 * Return: 0, or -ENOMEM if memory or TOP_HISTORY_ROOM is used up.
 */
int top_history_add(struct top_history *h, u64 begin,
		    const struct top_rows *rows)
{
	size_t *next_open = h->open;
	size_t i;
	int err;

	err = add_moment(h, begin);
	for (i = 0; i < rows->n && !err; i++)
		err = add_row(h, &rows->rows[i], &next_open);
	for (; next_open < h->open + h->n_open && !err; next_open++)
		err = end_missing(h, *next_open);
	return err ?: list_open(h, rows);
}

/* Return: the last version at or before @moment, or NULL. */
static const struct top_version *version_at(const struct top_past *past,
					    u32 moment)
{
	size_t low = 0, high = past->n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (past->version[middle].moment <= moment)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &past->version[low - 1] : NULL;
}

static const struct top_facts *facts_before(const struct top_past *past,
					    const struct top_version *v,
					    u32 moment)
{
	if (v->moment < moment)
		return &v->facts;
	return v > past->version ? &v[-1].facts : NULL;
}

/**
 * top_history_get - list the connections of an interval
 * @h: the intervals
 * @moment: number of the interval
 * @to: filled in with the connections that were open or active in the interval
 * @sums: filled in
 *
 * Return: 0 or -ENOMEM.
 */
int top_history_get(const struct top_history *h, u32 moment,
		    struct top_rows *to, struct top_sums *sums)
{
	const struct top_version *v;
	struct top_row *row;
	size_t i;

	memset(sums, 0, sizeof(*sums));
	to->n = 0;
	for (i = 0; i < h->conns; i++) {
		v = version_at(&h->past[i], moment);
		if (!v || (!v->facts.is_open && v->moment < moment))
			continue;
		row = top_add(to);
		if (!row)
			return -ENOMEM;
		row->id = h->past[i].id;
		row->conns = 1;
		row->ends = h->past[i].ends;
		row->facts = v->facts;
		top_grow(row, facts_before(&h->past[i], v, moment), sums);
		if (!top_is_active(row))
			to->n--;
	}
	return 0;
}

void top_history_free(struct top_history *h)
{
	size_t i;

	for (i = 0; i < h->conns; i++)
		free(h->past[i].version);
	free(h->past);
	free(h->open);
	free(h->begin);
	memset(h, 0, sizeof(*h));
}
