/* SPDX-License-Identifier: GPL-2.0 */
/* Find a process's container by its cgroup and its PID namespace. */
#ifndef _TCPTRACECTL_CONTAINER_H
#define _TCPTRACECTL_CONTAINER_H

#include <stdbool.h>

struct process;

/*
 * Room for a text such as "docker 0123456789ab". A very long container name is
 * truncated.
 */
#define CONTAINER_LEN	128

bool container_find(const char *path, const struct process *process,
		    char buf[CONTAINER_LEN]);

#endif /* _TCPTRACECTL_CONTAINER_H */
