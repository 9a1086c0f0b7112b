// SPDX-License-Identifier: GPL-2.0
#include "command.h"
#include "conversation.h"
#include "ladder.h"
#include "message.h"
#include "paragraph.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <langinfo.h>
#include <string.h>

/**
 * struct laddering - one run of the command
 * @all: the connections
 * @text: how the connections are printed
 * @svg: the SVG drawing, if @path is set
 * @path: path of the file for the drawing, or NULL
 * @whole: print every segment, without folding any
 * @ascii: 1: use only ASCII, 0: use Unicode, -1: as the locale requires
 */
struct laddering {
	struct conversations all;
	struct ladder_text text;
	struct ladder_svg svg;
	const char *path;
	bool whole;
	int ascii;
};

static void usage(FILE *to)
{
	fputs("Usage: tcptracectl ladder [OPTIONS] [FILTER]\n"
	      "\n"
	      "Draw connections as ladder diagrams: the client on the left, the server on the\n"
	      "right, time down, an arrow for each segment, and the states of both ends where\n"
	      "they change. On the device or an interface a connection is drawn when it ends,\n"
	      "or on SIGINT.\n"
	      "Shafts: = data, - no data, ! sent again. SEQ/ACK +LEN where there is little\n"
	      "room.\n"
	      "\n"
	      "FILTER is a tcpdump expression: 'port 443 and net 10.0.0.0/8'.\n"
	      "\n"
	      "  -r, --read FILE     read a capture, pcap or pcapng (-: standard input)\n"
	      "  -i, --interface IF  capture on an interface, without the module (any: all)\n"
	      "      --seconds N     end after N seconds (not with -r)\n"
	      "  -c, --conn LIST     select connections by number, separated by commas\n"
	      "      --svg FILE      draw into FILE, as SVG (-: standard output)\n"
	      "      --all           show all segments of long runs\n"
	      "      --raw           show raw sequence numbers, not relative ones\n"
	      "      --ascii, --unicode  draw with these characters (default: as in the locale)\n"
	      "      --width COLUMNS width of the drawing (default: that of the terminal)\n"
	      "      --color[=WHEN]  use colors: auto (default), always, never\n"
	      "      --as-module     show what the module would (-r, -i)\n"
	      "      --device PATH   read this device, or a file of records\n"
	      "                      (default: " TCPTRACE_DEVICE ")\n"
	      "  -h, --help          show this help\n",
	      to);
}

enum {
	OPT_SVG = OPT_OWN,
	OPT_ALL,
	OPT_ASCII,
	OPT_UNICODE,
};

static const struct option options[] = {
	{ "svg", required_argument, NULL, OPT_SVG },
	{ "all", no_argument, NULL, OPT_ALL },
	{ "ascii", no_argument, NULL, OPT_ASCII },
	{ "unicode", no_argument, NULL, OPT_UNICODE },
	{ NULL, 0, NULL, 0 },
};

static int parse_option(void *data, int opt, const char *text)
{
	struct laddering *l = data;

	switch (opt) {
	case OPT_SVG:
		l->path = text;
		return 0;
	case OPT_ALL:
		l->whole = true;
		return 0;
	case OPT_ASCII:
	case OPT_UNICODE:
		l->ascii = opt == OPT_ASCII;
		return 0;
	default:
		return conversation_option(&l->all, opt, text);
	}
}

static const struct command_syntax command = {
	.name = "ladder",
	.usage = usage,
	.options = options,
	.shared = { source_options, conversation_options },
	.take = parse_option,
};

static int show(void *data, const struct conversation *c)
{
	struct laddering *l = data;
	static struct ladder ladder;
	int err;

	err = ladder_build(&ladder, c, l->all.look.raw, !l->whole);
	if (!err && l->path)
		err = ladder_svg_draw(&l->svg, &ladder);
	else if (!err)
		err = ladder_print(&l->text, &ladder);
	ladder_free(&ladder);
	return err;
}

static int draw(struct laddering *l, char *const words[])
{
	int err, ret;

	err = ladder_svg_open(&l->svg, l->path);
	if (err) {
		errno = -err;
		warn("%s", l->path);
		return EXIT_FAIL;
	}
	ret = conversation_run(&l->all, words);
	err = ladder_svg_close(&l->svg);
	if (!err)
		return ret;
	errno = -err;
	warn("%s", l->path);
	return EXIT_FAIL;
}

int ladder_main(int argc, char **argv)
{
	struct laddering l = {
		.all = { .show = show },
		.ascii = -1,
	};
	char why[256];
	int status;

	conversation_init(&l.all);
	l.all.data = &l;
	if (!command_options(&command, argc, argv, &l, &status))
		return status;
	if (conversation_check(&l.all) != 0)
		return command_misuse("ladder");
	message_init("en", why, sizeof(why));
	l.text.utf8 = l.ascii < 0 ? strcmp(nl_langinfo(CODESET), "UTF-8") == 0 :
				    !l.ascii;
	l.text.color = l.all.look.color;
	l.text.width = l.all.look.width ?: paragraph_terminal();
	return l.path ? draw(&l, argv + optind) :
			conversation_run(&l.all, argv + optind);
}
