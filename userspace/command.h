/* SPDX-License-Identifier: GPL-2.0 */
/* The subcommands, each of which returns the exit status of the program. */
#ifndef _TCPTRACECTL_COMMAND_H
#define _TCPTRACECTL_COMMAND_H

#include <stdbool.h>
#include <stdio.h>

enum {
	EXIT_OK		= 0,
	EXIT_FAIL	= 1,
	EXIT_USAGE	= 2,
};

enum {
	/* The values of options without a short form start here. */
	COMMAND_LONG	= 256,
};

struct option;

/**
 * struct command_syntax - the command-line syntax of a command
 * @name: name of the command
 * @usage: prints the help of the command
 * @options: the command's own options, except --help
 * @shared: tables of options that several commands share, or NULL
 * @take: called with each option except --help, and with the argument of the
 *	option; returns 0, or -EINVAL if @take or getopt has printed a message
 */
struct command_syntax {
	const char *name;
	void (*usage)(FILE *to);
	const struct option *options;
	const struct option *shared[2];
	int (*take)(void *data, int opt, const char *text);
};

int command_misuse(const char *command);
bool command_options(const struct command_syntax *command, int argc,
		     char **argv, void *data, int *status);

/* Each subcommand is implemented in its own cmd_*.c. */
int watch_main(int argc, char **argv);
int explain_main(int argc, char **argv);
int ladder_main(int argc, char **argv);
int report_main(int argc, char **argv);
int top_main(int argc, char **argv);
int list_main(int argc, char **argv);
int show_main(int argc, char **argv);
int stats_main(int argc, char **argv);
int record_main(int argc, char **argv);
int annotate_main(int argc, char **argv);
int export_main(int argc, char **argv);
int doctor_main(int argc, char **argv);
int version_main(int argc, char **argv);
int extcap_main(int argc, char **argv);
bool extcap_is_wanted(char *const argv[]);

#endif /* _TCPTRACECTL_COMMAND_H */
