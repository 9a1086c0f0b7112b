/* SPDX-License-Identifier: GPL-2.0 */
/* Run a command of this program, and collect its output. */
#ifndef _TCPTRACECTL_SUBCOMMAND_H
#define _TCPTRACECTL_SUBCOMMAND_H

#include <stddef.h>
#include <sys/types.h>

enum {
	/* maximum size of subcommand.text; a command that fills it is killed */
	SUBCOMMAND_MAX	= 64 * 1024 * 1024,
};

/**
 * struct subcommand - a running command
 * @pid: PID of the command; 0 after waitpid()
 * @fd: pipe from its standard output and standard error; -1 after the end of
 *	the output or an error of subcommand_read()
 * @text: the output that has been read, NUL-terminated
 * @len: number of bytes in @text
 * @room: size of @text
 */
struct subcommand {
	pid_t pid;
	int fd;
	char *text;
	size_t len;
	size_t room;
};

int subcommand_start(struct subcommand *s, char *const argv[]);
int subcommand_read(struct subcommand *s);
void subcommand_end(struct subcommand *s);

#endif /* _TCPTRACECTL_SUBCOMMAND_H */
