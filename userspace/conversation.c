// SPDX-License-Identifier: GPL-2.0
#include "conversation.h"

#include "command.h"
#include "live.h"
#include "number.h"
#include "output.h"
#include "paragraph.h"
#include "summary.h"
#include "tty.h"

#include <err.h>
#include <errno.h>
#include <search.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#define FIRST_SIZE	4096

/*
 * Record types that are collected besides SEGMENT and, from the device, DROP.
 * LOST is always included.
 */
#define MASK	(TCPTRACE_MASK_DEFAULT & ~TCPTRACE_MASK(TCPTRACE_LIMIT))

const struct option conversation_options[] = {
	{ "conn", required_argument, NULL, 'c' },
	{ "raw", no_argument, NULL, OPT_RAW },
	{ "width", required_argument, NULL, OPT_WIDTH },
	{ "color", optional_argument, NULL, OPT_COLOR },
	{ "device", required_argument, NULL, OPT_DEVICE },
	{ NULL, 0, NULL, 0 },
};

/*
 * Parse the argument of --conn. Return: 0, or -EINVAL after printing a message.
 */
static int parse_ids(struct conversations *all, const char *list)
{
	char word[24];
	size_t len;
	u64 id;

	for (;; list += len + 1) {
		len = strcspn(list, ",");
		snprintf(word, sizeof(word), "%.*s", (int)len, list);
		if (number_parse(word, 10, UINT64_MAX, &id) != 0 || id == 0) {
			warnx("invalid number of a connection: '%s'", word);
			return -EINVAL;
		}
		if (all->nr_ids == ARRAY_SIZE(all->ids)) {
			warnx("too many connections: --conn takes %zu",
			      ARRAY_SIZE(all->ids));
			return -EINVAL;
		}
		all->ids[all->nr_ids++] = id;
		if (list[len] == '\0')
			return 0;
	}
}

/* Set the options to their defaults. */
void conversation_init(struct conversations *all)
{
	all->source.timed = true;
	all->look.color = tty_has_color();
}

/**
 * conversation_option - take an option that several commands share
 * @all: the options of the command
 * @opt: return value of getopt_long()
 * @text: argument of the option
 *
 * Return: 0, or -EINVAL after this function or getopt printed a message.
 */
int conversation_option(struct conversations *all, int opt, const char *text)
{
	switch (opt) {
	case 'c':
		return parse_ids(all, text);
	case OPT_RAW:
		all->look.raw = true;
		return 0;
	case OPT_WIDTH:
		return paragraph_parse_width(text, &all->look.width);
	case OPT_COLOR:
		return tty_parse_color(text, &all->look.color);
	case OPT_DEVICE:
		all->device = text;
		return 0;
	default:
		return source_option(&all->source, opt, text);
	}
}

static size_t room_of(const union record *rec)
{
	size_t len = rec->h.len < sizeof(*rec) ? rec->h.len : sizeof(*rec);

	return offsetof(struct kept, rec) + len;
}

/**
 * conversation_next - get the next record of a connection
 * @c: the connection
 * @at: the record that the previous call has returned; NULL: get the first one
 *
 * Return: the next record; NULL after the last record.
 */
const struct kept *conversation_next(const struct conversation *c,
				     const struct kept *at)
{
	size_t offset = 0;

	if (at)
		offset = (size_t)((const u8 *)at - c->bytes) +
			 room_of(&at->rec);
	if (offset >= c->len)
		return NULL;
	return (const struct kept *)(c->bytes + offset);
}

static int compare(const void *a, const void *b)
{
	const struct conversation *one = a, *other = b;

	if (one->netns != other->netns)
		return one->netns < other->netns ? -1 : 1;
	return (one->id > other->id) - (one->id < other->id);
}

static bool is_wanted(const struct conversations *all, u64 id)
{
	size_t i;

	for (i = 0; i < all->nr_ids; i++)
		if (all->ids[i] == id)
			return true;
	return all->nr_ids == 0;
}

/*
 * Find or add the connection of a record. Return: the connection; NULL if the
 * record cannot add it, or if there is no memory.
 */
static struct conversation *find(struct conversations *all,
				 const union record *rec)
{
	struct conversation key = {
		.id = rec->c.flow.conn, .netns = rec->c.flow.netns,
	};
	struct conversation *c, **at;

	at = tfind(&key, &all->tree, compare);
	if (at)
		return *at;
	/* SEGMENT adds the connection if OPEN was not read */
	if (rec->h.type != TCPTRACE_OPEN && rec->h.type != TCPTRACE_SEGMENT)
		return NULL;
	c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	*c = key;
	if (!tsearch(c, &all->tree, compare)) {
		free(c);
		return NULL;
	}
	*all->last = c;
	all->last = &c->next;
	return c;
}

static int keep(struct conversations *all, struct conversation *c,
		const union record *rec, u64 frame)
{
	size_t room = room_of(rec), size = c->size;
	u8 *bytes;

	if (all->room < room) {
		all->dropped++;
		return 0;
	}
	while (size - c->len < room)
		size = size ? 2 * size : FIRST_SIZE;
	if (size != c->size) {
		bytes = realloc(c->bytes, size);
		if (!bytes)
			return -ENOMEM;
		c->bytes = bytes;
		c->size = size;
	}
	memcpy(c->bytes + c->len, &frame, sizeof(frame));
	memcpy(c->bytes + c->len + offsetof(struct kept, rec), rec,
	       room - offsetof(struct kept, rec));
	c->len += room;
	all->room -= room;
	return 0;
}

static int show(struct conversations *all, struct conversation *c)
{
	int err = 0;

	if (!c->shown && c->len)
		err = all->show(all->data, c);
	all->room += c->len;
	free(c->bytes);
	c->bytes = NULL;
	c->len = 0;
	c->size = 0;
	c->shown = true;
	return err;
}

/*
 * Show a closed connection. With a capture file, show it only after all
 * connections that were opened before it.
 */
static int show_closed(struct conversations *all, struct conversation *c)
{
	int err = 0;

	if (!all->source.file)
		return show(all, c);
	for (c = all->first; c && c->closed && !err; c = c->next)
		if (!c->shown)
			err = show(all, c);
	return err;
}

static void note(void *data, const char *text)
{
	const struct conversations *all = data;

	warnx("%s", text);
	if (all->note)
		all->note(all->data, text);
}

static void __printf(2, 3) say(struct conversations *all, const char *format,
			       ...)
{
	char text[128];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	note(all, text);
}

static int show_rest(struct conversations *all)
{
	struct conversation *c;
	int err = 0;

	for (c = all->first; c && !err; c = c->next)
		err = show(all, c);
	if (all->dropped)
		say(all, "%llu records did not fit: select connections with --conn",
		    (unsigned long long)all->dropped);
	if (all->strays && !all->nr_ids)
		say(all, "%llu segments have flags that no TCP sends: see watch -e segment",
		    (unsigned long long)all->strays);
	if (all->lost && all->note)
		say(all, "%llu records were lost",
		    (unsigned long long)all->lost);
	return err;
}

/* A replay's handler. */
static int take(void *data, const union record *rec, u64 frame)
{
	struct conversations *all = data;
	struct conversation *c;
	int err = 0;

	if (rec->h.type == TCPTRACE_LOST) {
		all->lost += rec->lost.count;
		for (c = all->first; c && !err; c = c->next)
			if (!c->shown)
				err = keep(all, c, rec, 0);
		return err;
	}
	if (rec->c.flow.conn == 0) {
		all->strays += rec->h.type == TCPTRACE_SEGMENT;
		return 0;
	}
	if (!is_wanted(all, rec->c.flow.conn))
		return 0;
	c = find(all, rec);
	if (!c || c->shown)
		return 0;
	err = keep(all, c, rec, frame);
	if (!err && rec->h.type == TCPTRACE_CLOSE) {
		c->closed = true;
		err = show_closed(all, c);
	}
	return err;
}

static int run_capture(struct conversations *all, char *const words[])
{
	static struct replay replay;
	enum replay_end end;
	int err, ret = EXIT_OK;

	if (source_open(&all->source, &replay, words,
			MASK | TCPTRACE_MASK(TCPTRACE_SEGMENT), take,
			all) != 0)
		return EXIT_FAIL;
	end = replay_run(&replay);
	if (end == REPLAY_OUTPUT)
		ret = output_status(replay.err);
	err = end == REPLAY_OUTPUT ? 0 : show_rest(all) ?: output_flush();
	if (err)
		ret = output_status(err);
	if (end == REPLAY_BROKEN) {
		warnx("%s", replay.why);
		ret = EXIT_FAIL;
	}
	if (end == REPLAY_EOF)
		summary_notes(&replay, note, all);
	replay_close(&replay);
	return ret;
}

/* A live reader's handler. */
static int take_live(void *data, const union record *rec)
{
	struct conversations *all = data;

	all->view.events += rec->h.type != TCPTRACE_LOST;
	return take(all, rec, 0);
}

static int run_live(struct conversations *all, char *const words[])
{
	struct live live = {
		.device = all->device ?: TCPTRACE_DEVICE,
		.mask = MASK | TCPTRACE_MASK(TCPTRACE_SEGMENT) |
			TCPTRACE_MASK(TCPTRACE_DROP) | TCPTRACE_MASK_FATE,
		.seconds = all->source.seconds,
		.view = &all->view,
		.handle = take_live,
		.data = all,
	};
	int err, ret;

	view_init(&all->view);
	ret = live_watch(&live, words);
	err = show_rest(all) ?: output_flush();
	return ret ?: output_status(err);
}

static void free_one(void *c)
{
	free(((struct conversation *)c)->bytes);
	free(c);
}

/*
 * Check whether the options are compatible. Return: 0, or -EINVAL after
 * printing a message.
 */
int conversation_check(const struct conversations *all)
{
	return source_check(&all->source) ?:
	       source_refuse(&all->source, "--device", all->device);
}

/**
 * conversation_run - read records, and show each connection
 * @all: the source of the records, and the callbacks for the connections
 * @words: NULL-terminated words of a tcpdump filter
 *
 * Return: EXIT_OK, or an exit status if an error was printed.
 */
int conversation_run(struct conversations *all, char *const words[])
{
	int ret;

	all->last = &all->first;
	all->room = CONVERSATION_ROOM;
	ret = source_is_capture(&all->source) ? run_capture(all, words) :
						run_live(all, words);
	tdestroy(all->tree, free_one);
	return ret;
}
