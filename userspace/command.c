// SPDX-License-Identifier: GPL-2.0
#include "command.h"

#include "core/env.h"

#include <getopt.h>

enum {
	OPTIONS_MAX	= 32,	/* of a command, --help included */
};

/**
 * struct table - the options of a command, for getopt_long()
 * @options: the long ones
 * @n: how many
 * @letters: the short ones
 * @len: length of @letters
 */
struct table {
	struct option options[OPTIONS_MAX + 1];
	size_t n;
	char letters[3 * OPTIONS_MAX + 1];
	size_t len;
};

static const struct option help[] = {
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static void add_options(struct table *table, const struct option *options)
{
	int colons;

	for (; options && options->name && table->n < OPTIONS_MAX; options++) {
		table->options[table->n++] = *options;
		if (options->val >= COMMAND_LONG)
			continue;
		table->letters[table->len++] = (char)options->val;
		for (colons = options->has_arg; colons > 0; colons--)
			table->letters[table->len++] = ':';
	}
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

/**
 * command_options - read the options of a command
 * @command: the command
 * @argc: as for main()
 * @argv: as for main(); afterwards the other words begin at optind
 * @data: passed to @command->take
 * @status: set to the exit status if the command must not run
 *
 * Return: false if the options ask for help, which was printed, or if they are
 *	wrong.
 */
bool command_options(const struct command_syntax *command, int argc,
		     char **argv, void *data, int *status)
{
	struct table table = { .n = 0 };
	size_t i;
	int opt;

	add_options(&table, command->options);
	for (i = 0; i < ARRAY_SIZE(command->shared); i++)
		add_options(&table, command->shared[i]);
	add_options(&table, help);
	while ((opt = getopt_long(argc, argv, table.letters, table.options,
				  NULL)) != -1) {
		if (opt == 'h') {
			command->usage(stdout);
			*status = EXIT_OK;
			return false;
		}
		if (command->take(data, opt, optarg) != 0) {
			*status = command_misuse(command->name);
			return false;
		}
	}
	return true;
}
