// SPDX-License-Identifier: GPL-2.0
#include "command.h"

#include "core/env.h"
#include "output.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

enum {
	TYPOS_MAX	= 2,	/* words with more typos get no suggestion */
	WORD_MAX	= 10,	/* longer words get no suggestion */
};

static const struct {
	const char *name;
	int (*function)(int argc, char **argv);
	const char *description;
} commands[] = {
	{ "watch", watch_main, "Show TCP events as they happen" },
	{ "explain", explain_main, "Explain connections, segment by segment" },
	{ "ladder", ladder_main, "Draw connections as ladder diagrams" },
	{ "report", report_main, "Write a report about connections as an HTML page" },
	{ "top", top_main, "Show the busiest connections, updated every second" },
	{ "list", list_main, "Show the connections in the table" },
	{ "show", show_main, "Show one connection on a page" },
	{ "stats", stats_main, "Show the module's counters and their meaning" },
	{ "record", record_main, "Write what the module sees for Wireshark" },
	{ "annotate", annotate_main, "Add comments to the packets of a capture" },
	{ "export", export_main, "Export metrics or flows: Prometheus, IPFIX" },
	{ "doctor", doctor_main, "Check whether the module can work, and say what to do" },
	{ "version", version_main, "Show the versions of client and module" },
};

static void usage(FILE *to)
{
	size_t i;

	fprintf(to, "Usage: tcptracectl COMMAND [OPTIONS]\n\nCommands:\n");
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(to, "  %-8s %s\n", commands[i].name,
			commands[i].description);
	fprintf(to, "  %-8s %s\n", "help", "Show this help");
	fprintf(to, "\n'tcptracectl -V' prints the versions.");
	fprintf(to, "\n'tcptracectl COMMAND --help' explains a command, ");
	fprintf(to, "tcptracectl(8) everything.\n");
}

/*
 * Return: the number of letters to insert, delete or change to turn one word
 * into the other; a swap of two adjacent letters counts as one change.
 */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int best, with_b;

	if (!*a || !*b)
		return (unsigned int)(strlen(a) + strlen(b));
	if (*a == *b)
		return distance(a + 1, b + 1);
	if (a[1] && a[0] == b[1] && a[1] == b[0])
		return 1 + distance(a + 2, b + 2);
	best = distance(a + 1, b + 1);
	with_b = distance(a, b + 1);
	best = with_b < best ? with_b : best;
	with_b = distance(a + 1, b);
	return 1 + (with_b < best ? with_b : best);
}

/* Return: the command most similar to a word; NULL if none is similar. */
static const char *nearest(const char *word)
{
	unsigned int d, least = TYPOS_MAX + 1;
	const char *found = NULL;
	size_t i;

	if (strlen(word) > WORD_MAX)
		return NULL;
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		d = distance(word, commands[i].name);
		if (d < least && d < strlen(word)) {
			least = d;
			found = commands[i].name;
		}
	}
	return found;
}

static int command_run(const char *name, int argc, char **argv)
{
	const char *meant;
	char prefix[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(name, commands[i].name) != 0)
			continue;
		/* getopt begins its messages with argv[0]. */
		snprintf(prefix, sizeof(prefix), "tcptracectl %s", name);
		argv[0] = prefix;
		return commands[i].function(argc, argv);
	}
	meant = nearest(name);
	fprintf(stderr, "tcptracectl: no command '%s'", name);
	if (meant)
		fprintf(stderr, "; did you mean '%s'?", meant);
	fputc('\n', stderr);
	fprintf(stderr, "Try 'tcptracectl --help'.\n");
	return EXIT_USAGE;
}

static bool is_help(const char *word)
{
	return strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 ||
	       strcmp(word, "-h") == 0;
}

static int dispatch(int argc, char **argv)
{
	char option[] = "--help";
	char *help_argv[3];

	if (argc < 2) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (argv[1][0] == '-' && extcap_is_wanted(argv))
		return extcap_main(argc, argv);
	if (strcmp(argv[1], "help") == 0 && argc > 2) {
		help_argv[0] = argv[2];
		help_argv[1] = option;
		help_argv[2] = NULL;
		return command_run(argv[2], 2, help_argv);
	}
	if (is_help(argv[1])) {
		usage(stdout);
		return EXIT_OK;
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)
		return command_run("version", 1, argv + 1);
	return command_run(argv[1], argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
	int err, ret;

	/*
	 * When the reader of the output has exited, write() must return an
	 * error; a SIGPIPE would end this program.
	 */
	signal(SIGPIPE, SIG_IGN);
	ret = dispatch(argc, argv);
	err = output_flush();
	return err && ret == EXIT_OK ? output_status(err) : ret;
}
