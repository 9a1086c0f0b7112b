// SPDX-License-Identifier: GPL-2.0
#include "command.h"
#include "number.h"
#include "top_page.h"
#include "top_screen.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLE_PATH	"/proc/net/tcptrace"
#define NS_PER_SEC	1000000000ULL

enum {
	SECONDS_MAX	= 86400,
	DIGITS_MAX	= 3,		/* after the decimal point */
	NS_PER_DIGIT	= 1000000,	/* the third digit counts ms */
};

enum {
	OPT_FILE = COMMAND_LONG,
	OPT_AT,
};

static const struct option options[] = {
	{ "batch", no_argument, NULL, 'b' },
	{ "count", required_argument, NULL, 'n' },
	{ "delay", required_argument, NULL, 'd' },
	{ "sort", required_argument, NULL, 's' },
	{ "group", required_argument, NULL, 'g' },
	{ "read", required_argument, NULL, 'r' },
	{ "interface", required_argument, NULL, 'i' },
	{ "at", required_argument, NULL, OPT_AT },
	{ "as-module", no_argument, NULL, SOURCE_AS_MODULE },
	{ "file", required_argument, NULL, OPT_FILE },
	{ NULL, 0, NULL, 0 },
};

static void usage(FILE *to)
{
	fputs("Usage: tcptracectl top [OPTIONS] [EXPRESSION]\n"
	      "       tcptracectl top -r FILE | -i INTERFACE [OPTIONS] [EXPRESSION | FILTER]\n"
	      "\n"
	      "Show the busiest connections on the terminal, every second: bytes per second\n"
	      "of the originator (BYTES>/S) and of the responder (<BYTES/S), the percentage of\n"
	      "them that was retransmitted, round trip time of the handshake, mean response\n"
	      "time, and odd things: W the window limited a sender, Z zero window,\n"
	      "U unanswered. F1 or h explains the keys: Enter shows a connection, f selects,\n"
	      "s sorts, g groups, q quits. A capture file has a time slider.\n"
	      "Without a terminal, write pages; a capture has a page for each interval in\n"
	      "which it has TCP segments.\n"
	      "\n"
	      "EXPRESSION selects connections as for 'tcptracectl list'. FILTER is a tcpdump\n"
	      "expression that selects packets; EXPRESSION can be used instead.\n"
	      "\n"
	      "  -b, --batch         write pages, with all rows\n"
	      "  -n, --count N       write pages, and end after N of them\n"
	      "  -d, --delay SECONDS length of an interval (default: 1), for example 0.1\n"
	      "  -s, --sort KEY      sort by bytes, rexmit, rtt, response, window or new\n"
	      "                      (connections opened)\n"
	      "  -g, --group KEY     group by orig or resp (address), port of the responder,\n"
	      "                      process, container or finding; none: do not group\n"
	      "  -r, --read FILE     read a capture, pcap or pcapng (-: standard input)\n"
	      "  -i, --interface IF  capture on an interface, without the module (any: all)\n"
	      "      --at SECONDS    begin with the interval this long after the first segment\n"
	      "                      (with -r)\n"
	      "      --as-module     show what the module would (-r, -i): do not open tunnels,\n"
	      "                      join fragments or wait for late segments\n"
	      "      --file PATH     read this table (default: " TABLE_PATH ")\n"
	      "  -h, --help          show this help\n",
	      to);
}

/* Parse a number in a range. Return: 0, or -EINVAL after printing a message. */
static int take_number(const char *name, const char *text, u64 least, u64 most,
		       u64 *to)
{
	if (number_parse(text, 10, most, to) == 0 && *to >= least)
		return 0;
	warnx("invalid %s: '%s'", name, text);
	return -EINVAL;
}

/*
 * Parse a delay in seconds, such as "2" or "0.001". Return: 0, or -EINVAL after
 * printing a message.
 */
static int take_delay(const char *text, u64 *ns)
{
	const char *point = strchr(text, '.');
	u64 seconds, fraction = 0, unit = NS_PER_DIGIT;
	size_t len = point ? (size_t)(point - text) : strlen(text);
	size_t digits = point ? strlen(point + 1) : 0;
	char whole[16];

	snprintf(whole, sizeof(whole), "%.*s", (int)len, text);
	if (len >= sizeof(whole) || digits > DIGITS_MAX ||
	    number_parse(whole, 10, SECONDS_MAX, &seconds) != 0 ||
	    (point && number_parse(point + 1, 10, UINT64_MAX, &fraction) != 0))
		goto err_text;
	for (; digits < DIGITS_MAX; digits++)
		unit *= 10;
	*ns = seconds * NS_PER_SEC + fraction * unit;
	if (*ns)
		return 0;
err_text:
	warnx("invalid delay: '%s'", text);
	return -EINVAL;
}

/* Return: the index of @text in @words, or -EINVAL after printing a message. */
static int find_word(const char *name, const char *const words[],
		     unsigned int n, const char *text)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (strcmp(words[i], text) == 0)
			return (int)i;
	warnx("unknown %s: '%s'", name, text);
	return -EINVAL;
}

/* Return: 0, or -EINVAL after this function or getopt printed a message. */
static int parse_option(void *data, int opt, const char *text)
{
	struct top_options *o = data;
	int word, ret;

	switch (opt) {
	case 'b':
		o->batch = true;
		return 0;
	case 'n':
		return take_number("count", text, 1, UINT64_MAX, &o->pages);
	case 'd':
		return take_delay(text, &o->length);
	case 's':
		word = find_word("sort key", top_sort_names, TOP_SORTS, text);
		o->selection.sort = word < 0 ? TOP_BYTES : (enum top_sort)word;
		return word < 0 ? word : 0;
	case 'g':
		word = find_word("group", top_group_names, TOP_GROUPS, text);
		o->selection.group = word < 0 ? TOP_NO_GROUP :
						(enum top_group)word;
		return word < 0 ? word : 0;
	case OPT_AT:
		ret = take_number("--at", text, 0, UINT32_MAX, &o->at);
		o->at *= NS_PER_SEC;
		return ret;
	case OPT_FILE:
		o->path = text;
		return 0;
	default:
		return source_option(&o->source, opt, text);
	}
}

/*
 * Check --at, and parse the filter words. With a capture, words that are not a
 * valid ss filter are used as a tcpdump filter, unless they contain a keyword
 * that only ss has. Return: 0, or -EINVAL after printing a message.
 */
static int take_words(struct top_options *o, char *const words[])
{
	struct socket_filter *filter = &o->selection.filter;
	bool is_capture = source_is_capture(&o->source);
	static char *const none[] = { NULL };
	char why[160];

	if (o->at && !o->source.file) {
		warnx("--at does nothing without a capture file");
		return -EINVAL;
	}
	o->words = none;
	if (socket_filter_parse(filter, words, why, sizeof(why)) == 0) {
		o->expression = filter->n ? words : NULL;
		return 0;
	}
	filter->n = 0;
	o->words = words;
	if (is_capture && !socket_filter_is_meant(words))
		return 0;
	warnx("invalid expression: %s", why);
	return -EINVAL;
}

static const struct command_syntax command = {
	.name = "top",
	.usage = usage,
	.options = options,
	.take = parse_option,
};

int top_main(int argc, char **argv)
{
	static struct top_options o = { .length = NS_PER_SEC };
	int ret;

	if (!command_options(&command, argc, argv, &o, &ret))
		return ret;
	if (source_check(&o.source) != 0 ||
	    source_check_path(&o.source, o.path) != 0 ||
	    take_words(&o, argv + optind) != 0)
		return command_misuse("top");
	if (!o.path)
		o.path = TABLE_PATH;
	ret = top_screen_is_possible(&o) ? top_screen_run(&o) :
					   top_page_run(&o);
	top_selection_free(&o.selection);
	return ret;
}
