/* SPDX-License-Identifier: GPL-2.0 */
/* Another command of this program, and its output. */
#ifndef _TCPTRACECTL_SUBCOMMAND_H
#define _TCPTRACECTL_SUBCOMMAND_H

#include <stddef.h>
#include <sys/types.h>

enum {
	/* a command with more bytes of output is killed */
	SUBCOMMAND_MAX	= 64 * 1024 * 1024,
};

/**
 * struct subcommand - a command that runs
 * @pid: its process, 0 once it is over
 * @fd: its standard output and standard error; -1 after the end of both
 * @text: its output so far, terminated
 * @len: bytes of it
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
