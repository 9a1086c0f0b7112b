// SPDX-License-Identifier: GPL-2.0
#include "command.h"

#include "core/env.h"
#include "output.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	int (*function)(int argc, char **argv);
	const char *description;
} commands[] = {
	{ "watch", watch_main, "Show TCP events as they happen" },
	{ "list", list_main, "Show the connections in the table" },
	{ "stats", stats_main, "Show the module's counters and their meaning" },
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
	fprintf(to, "\n'tcptracectl COMMAND --help' explains a command, ");
	fprintf(to, "tcptracectl(8) everything.\n");
}

/**
 * command_misuse - end a command that was called wrongly
 * @command: name of the subcommand
 *
 * The caller, or getopt, has printed the error.
 *
 * Return: the exit status.
 */
int command_misuse(const char *command)
{
	fprintf(stderr, "Try 'tcptracectl %s --help'.\n", command);
	return EXIT_USAGE;
}

static int command_run(const char *name, int argc, char **argv)
{
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
	fprintf(stderr, "tcptracectl: no command '%s'\n", name);
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
	if (strcmp(argv[1], "--version") == 0)
		return command_run("version", 1, argv + 1);
	return command_run(argv[1], argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
	int err, ret;

	/* A reader that went away is an error of write(), not our end. */
	signal(SIGPIPE, SIG_IGN);
	ret = dispatch(argc, argv);
	err = output_flush();
	return err && ret == EXIT_OK ? output_status(err) : ret;
}
