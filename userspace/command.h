/* SPDX-License-Identifier: GPL-2.0 */
/* The subcommands. Each returns the exit status of the program. */
#ifndef _TCPTRACECTL_COMMAND_H
#define _TCPTRACECTL_COMMAND_H

#include <stdbool.h>

enum {
	EXIT_OK		= 0,
	EXIT_FAIL	= 1,
	EXIT_USAGE	= 2,
};

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
int command_misuse(const char *command);

#endif /* _TCPTRACECTL_COMMAND_H */
