// SPDX-License-Identifier: GPL-2.0
#include "subcommand.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SELF	"/proc/self/exe"

static int spawn(struct subcommand *s, char *const argv[], int out)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, defaults;
	int err;

	sigemptyset(&none);
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null",
					 O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out, STDERR_FILENO);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &defaults);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK |
				 POSIX_SPAWN_SETSIGDEF);
	err = -posix_spawn(&s->pid, SELF, &actions, &attr, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return err;
}

/**
 * subcommand_start - start a command
 * @s: filled in; the caller must call subcommand_end() even after an error
 * @argv: the name of the program, the command and its arguments,
 *	NULL-terminated
 *
 * Return: 0 or a negative error number.
 */
int subcommand_start(struct subcommand *s, char *const argv[])
{
	int err, fds[2];

	memset(s, 0, sizeof(*s));
	s->fd = -1;
	if (pipe2(fds, O_CLOEXEC) != 0)
		return -errno;
	err = spawn(s, argv, fds[1]);
	close(fds[1]);
	s->fd = fds[0];
	return err;
}

static int make_room(struct subcommand *s)
{
	size_t room = s->room ? 2 * s->room : 65536;
	char *text;

	if (s->len + 1 < s->room)
		return 0;
	if (room > SUBCOMMAND_MAX)
		return -ENOBUFS;
	text = realloc(s->text, room);
	if (!text)
		return -ENOMEM;
	s->text = text;
	s->room = room;
	return 0;
}

static void stop(struct subcommand *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	if (s->pid <= 0)
		return;
	kill(s->pid, SIGKILL);
	while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
		;
	s->pid = 0;
}

/**
 * subcommand_read - read some of a command's output
 * @s: the command; at the end of its output and after an error, @s->fd is set
 *	to -1
 *
 * At the end of the output and after an error, the command is killed if it
 * is still running.
 *
 * Return: 0 or a negative error number.
 */
int subcommand_read(struct subcommand *s)
{
	int err = make_room(s);
	ssize_t n = 0;

	if (!err) {
		n = read(s->fd, s->text + s->len, s->room - s->len - 1);
		if (n < 0)
			err = -errno;
	}
	if (n > 0)
		s->len += (size_t)n;
	if (s->text)
		s->text[s->len] = '\0';
	if (n <= 0 && err != -EINTR)
		stop(s);
	return err == -EINTR ? 0 : err;
}

/* Kill the command if it is still running, and free its output. */
void subcommand_end(struct subcommand *s)
{
	stop(s);
	free(s->text);
	s->text = NULL;
}
