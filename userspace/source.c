// SPDX-License-Identifier: GPL-2.0
#include "source.h"

#include "number.h"

#include <err.h>
#include <errno.h>
#include <time.h>

#define NS_PER_SEC	1000000000ULL

enum {
	SECONDS_MAX	= 365 * 86400,
	OPEN_MIN	= 16,		/* also the module's minimum */
	OPEN_MAX	= 16 << 20,
};

const struct option source_options[] = {
	{ "read", required_argument, NULL, 'r' },
	{ "interface", required_argument, NULL, 'i' },
	{ "seconds", required_argument, NULL, SOURCE_SECONDS },
	{ "as-module", no_argument, NULL, SOURCE_AS_MODULE },
	{ NULL, 0, NULL, 0 },
};

/* Parse the argument of --seconds; print errors. Return: 0 or -EINVAL. */
static int set_seconds(struct source *source, const char *text)
{
	if (number_parse(text, 10, SECONDS_MAX, &source->seconds) == 0 &&
	    source->seconds != 0)
		return 0;
	warnx("invalid number of seconds: '%s'", text);
	return -EINVAL;
}

/* Parse --max-connections; print errors. Return: 0 or -EINVAL. */
static int set_max(struct source *source, const char *text)
{
	if (number_parse(text, 10, OPEN_MAX, &source->max_connections) == 0 &&
	    source->max_connections >= OPEN_MIN)
		return 0;
	warnx("invalid number of connections: '%s': use %d to %d", text,
	      OPEN_MIN, OPEN_MAX);
	return -EINVAL;
}

/**
 * source_option - handle an option of source_options, or a SOURCE_* option
 * @source: the options of the command
 * @opt: the value that getopt_long() returned
 * @text: argument of the option
 *
 * Return: 0, or -EINVAL after this function or getopt printed a message.
 */
int source_option(struct source *source, int opt, const char *text)
{
	switch (opt) {
	case 'r':
		source->file = text;
		return 0;
	case 'i':
		source->interface = text;
		return 0;
	case SOURCE_SECONDS:
		return set_seconds(source, text);
	case SOURCE_AS_MODULE:
		source->as_module = true;
		return 0;
	case SOURCE_MAX_CONNECTIONS:
		return set_max(source, text);
	case SOURCE_SUMMARY:
		source->summary = true;
		return 0;
	default:
		return -EINVAL;
	}
}

/* Check that the options are compatible; print errors. Return: 0 or -EINVAL. */
int source_check(const struct source *source)
{
	if (source->file && source->interface)
		warnx("--read and --interface exclude each other");
	else if (source->seconds && !source->interface &&
		 (source->file || !source->timed))
		warnx("--seconds needs a live capture: add --interface NAME");
	else if (source->max_connections && !source_is_capture(source))
		warnx("--max-connections needs a capture: add --read FILE or --interface NAME");
	else if ((source->summary || source->as_module) &&
		 !source_is_capture(source))
		warnx("%s needs a capture: add --read FILE or --interface NAME",
		      source->summary ? "--summary" : "--as-module");
	else
		return 0;
	return -EINVAL;
}

/**
 * source_refuse - refuse an option that has no effect on a capture
 * @source: the options of the command
 * @option: the option
 * @given: whether the user gave the option
 *
 * Return: 0, or -EINVAL after printing a message.
 */
int source_refuse(const struct source *source, const char *option, bool given)
{
	if (!given || !source_is_capture(source))
		return 0;
	warnx("%s does nothing with a capture", option);
	return -EINVAL;
}

/*
 * Refuse --file with a capture. @path: argument of --file, or NULL.
 * Return: 0, or -EINVAL after printing a message.
 */
int source_check_path(const struct source *source, const char *path)
{
	return source_refuse(source, "--file", path);
}

static u64 deadline_of(const struct source *source)
{
	struct timespec t;

	if (!source->seconds)
		return 0;
	clock_gettime(CLOCK_REALTIME, &t);
	return ((u64)t.tv_sec + source->seconds) * NS_PER_SEC +
	       (u64)t.tv_nsec;
}

static int open_live(const struct source *source, struct replay *r,
		     char *const words[], u32 mask,
		     int (*handle)(void *data, const union record *rec,
				   u64 frame),
		     void *data)
{
	int err;

	err = replay_open_live(r, source->interface, source->buffer, words,
			       mask, handle, data);
	if (err)
		return err;
	r->capture.deadline = deadline_of(source);
	warnx("%s: a capture sees less than the module: %s", source->interface,
	      "GRO and TSO merge segments; NAT, owners and fate are unknown");
	return 0;
}

static size_t open_max(const struct source *source)
{
	if (source->max_connections)
		return source->max_connections;
	return source->file ? TRACKER_OPEN_FILE : TRACKER_OPEN_LIVE;
}

/**
 * source_open - open the capture that a command reads
 * @source: options of the command; the file or the interface is set
 * @r: filled in; after success, the caller must close it
 * @words: the words of a tcpdump filter, NULL-terminated
 * @mask: bit mask (1 << type) of the events that are wanted
 * @handle: see replay_open()
 * @data: passed to @handle
 *
 * Return: 0, or a negative error number after printing a message.
 */
int source_open(const struct source *source, struct replay *r,
		char *const words[], u32 mask,
		int (*handle)(void *data, const union record *rec, u64 frame),
		void *data)
{
	int err = source->file ?
		  replay_open(r, source->file, words, mask, handle, data) :
		  open_live(source, r, words, mask, handle, data);

	if (err) {
		warnx("%s", r->why);
		return err;
	}
	r->tracker.as_module = source->as_module;
	r->tracker.open_max = open_max(source);
	return 0;
}
