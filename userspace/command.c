// SPDX-License-Identifier: GPL-2.0
#include "command.h"

#include "core/env.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum {
	LETTER_LEN	= 3,	/* a letter and at most two colons */
};

/**
 * struct table - the options of a command, as getopt_long() needs them
 * @options: the long options
 * @n: number of @options
 * @letters: the short options
 * @len: length of @letters
 */
struct table {
	struct option *options;
	size_t n;
	char *letters;
	size_t len;
};

static const struct option help[] = {
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static size_t count_options(const struct option *options)
{
	size_t n = 0;

	while (options && options[n].name)
		n++;
	return n;
}

static void add_options(struct table *table, const struct option *options)
{
	int colons;

	for (; options && options->name; options++) {
		table->options[table->n++] = *options;
		if (options->val >= COMMAND_LONG)
			continue;
		table->letters[table->len++] = (char)options->val;
		for (colons = options->has_arg; colons > 0; colons--)
			table->letters[table->len++] = ':';
	}
}

static void free_table(struct table *table)
{
	free(table->letters);
	free(table->options);
}

/* Return: 0 or -ENOMEM. */
static int init_table(struct table *table, const struct command_syntax *command)
{
	size_t i, n = count_options(command->options) + count_options(help);

	for (i = 0; i < ARRAY_SIZE(command->shared); i++)
		n += count_options(command->shared[i]);
	memset(table, 0, sizeof(*table));
	/* zeroed memory terminates both the options and the letters */
	table->options = calloc(n + 1, sizeof(*table->options));
	table->letters = calloc(LETTER_LEN * n + 1, 1);
	if (!table->options || !table->letters) {
		free_table(table);
		return -ENOMEM;
	}
	add_options(table, command->options);
	for (i = 0; i < ARRAY_SIZE(command->shared); i++)
		add_options(table, command->shared[i]);
	add_options(table, help);
	return 0;
}

/* Return: as command_options(). */
static bool take_options(const struct command_syntax *command,
			 const struct table *table, int argc, char **argv,
			 void *data, int *status)
{
	int opt;

	while ((opt = getopt_long(argc, argv, table->letters, table->options,
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

/**
 * command_misuse - print how to get the help of a command
 * @command: name of the subcommand
 *
 * The caller or getopt has already printed the error.
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
 * @argv: as for main(); on return, the non-option arguments start at optind
 * @data: passed to @command->take
 * @status: set to the exit status if the command must not run
 *
 * Return: true if the command must run; false if the options are wrong or ask
 *	for help (which this function prints), or if there is no memory.
 */
bool command_options(const struct command_syntax *command, int argc,
		     char **argv, void *data, int *status)
{
	struct table table;
	bool run;

	if (init_table(&table, command) != 0) {
		warn("cannot read the options");
		*status = EXIT_FAIL;
		return false;
	}
	run = take_options(command, &table, argc, argv, data, status);
	free_table(&table);
	return run;
}
