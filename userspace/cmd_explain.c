// SPDX-License-Identifier: GPL-2.0
#include "command.h"
#include "conversation.h"
#include "message.h"
#include "output.h"
#include "paragraph.h"
#include "view_explain.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

/**
 * struct explaining - one run of the command
 * @all: the connections
 * @view: how the connections are explained
 * @lang: language of the texts; NULL: that of the locale
 */
struct explaining {
	struct conversations all;
	struct view_explain view;
	const char *lang;
};

static void usage(FILE *to)
{
	fputs("Usage: tcptracectl explain [OPTIONS] [FILTER]\n"
	      "\n"
	      "Explain connections segment by segment: where each sequence and\n"
	      "acknowledgment number comes from, windows, options, changes of state with\n"
	      "their rules, Wireshark's classes, findings with causes, and a summary. On the\n"
	      "device or an interface a connection is explained when it ends, or on SIGINT.\n"
	      "\n"
	      "FILTER is a tcpdump expression: 'port 443 and net 10.0.0.0/8'. #N is the\n"
	      "number of a packet in the capture, or of a segment in its connection.\n"
	      "\n"
	      "  -r, --read FILE     read a capture, pcap or pcapng (-: standard input)\n"
	      "  -i, --interface IF  capture on an interface, without the module (any: all)\n"
	      "      --seconds N     end after N seconds (not with -r)\n"
	      "  -c, --conn LIST     select connections by number, separated by commas\n"
	      "      --level=LEVEL   basic: numbers and states; full (default): also windows,\n"
	      "                      options, rules and comparisons\n"
	      "      --lang=LANG     en or ko (default: that of the locale)\n"
	      "      --quiz          ask for SEQ and ACK of each segment before they are shown\n"
	      "      --raw           show raw sequence numbers, not relative ones\n"
	      "  -j, --json          print one JSON object a segment, see tcptracectl(8)\n"
	      "      --width COLUMNS fold lines at this width (default: that of the terminal)\n"
	      "      --color[=WHEN]  use colors: auto (default), always, never\n"
	      "      --as-module     show what the module would (-r, -i)\n"
	      "      --device PATH   read this device, or a file of records\n"
	      "                      (default: " TCPTRACE_DEVICE ")\n"
	      "  -h, --help          show this help\n",
	      to);
}

enum {
	OPT_LEVEL = OPT_OWN,
	OPT_LANG,
	OPT_QUIZ,
};

static const struct option options[] = {
	{ "level", required_argument, NULL, OPT_LEVEL },
	{ "lang", required_argument, NULL, OPT_LANG },
	{ "quiz", no_argument, NULL, OPT_QUIZ },
	{ "json", no_argument, NULL, 'j' },
	{ NULL, 0, NULL, 0 },
};

static int parse_level(struct view_explain *view, const char *word)
{
	if (strcmp(word, "full") == 0 || strcmp(word, "basic") == 0) {
		view->full = word[0] == 'f';
		return 0;
	}
	warnx("invalid --level: '%s': use basic or full", word);
	return -EINVAL;
}

static int parse_option(void *data, int opt, const char *text)
{
	struct explaining *e = data;

	switch (opt) {
	case 'j':
		e->view.json = true;
		return 0;
	case OPT_LEVEL:
		return parse_level(&e->view, text);
	case OPT_LANG:
		e->lang = text;
		return 0;
	case OPT_QUIZ:
		e->view.quiz.wanted = true;
		return 0;
	default:
		return conversation_option(&e->all, opt, text);
	}
}

static const struct command_syntax command = {
	.name = "explain",
	.usage = usage,
	.options = options,
	.shared = { source_options, conversation_options },
	.take = parse_option,
};

/* Check --quiz. Return: 0, or -EINVAL after printing a message. */
static int check_quiz(const struct explaining *e)
{
	const char *file = e->all.source.file;

	if (!e->view.quiz.wanted)
		return 0;
	if (e->view.json)
		warnx("--quiz asks in text: it does not go with --json");
	else if (file && strcmp(file, "-") == 0)
		warnx("--quiz reads answers from standard input: use -r FILE");
	else
		return 0;
	return -EINVAL;
}

static int show(void *data, const struct conversation *c)
{
	return view_explain(data, c);
}

int explain_main(int argc, char **argv)
{
	struct explaining e = {
		.all = { .show = show },
		.view = { .full = true },
	};
	char why[256];
	int err, status;

	conversation_init(&e.all);
	e.all.data = &e.view;
	if (!command_options(&command, argc, argv, &e, &status))
		return status;
	if (conversation_check(&e.all) != 0 || check_quiz(&e) != 0)
		return command_misuse("explain");
	err = message_init(e.lang, why, sizeof(why));
	if (err)
		warnx("%s", why);
	if (err == -EINVAL)
		return command_misuse("explain");
	if (err)
		return EXIT_FAIL;
	e.view.look = e.all.look;
	if (!e.view.look.width)
		e.view.look.width = paragraph_terminal();
	status = conversation_run(&e.all, argv + optind);
	if (status == EXIT_OK && e.view.quiz.wanted)
		return output_status(quiz_score(&e.view.quiz) ?: output_flush());
	return status;
}
