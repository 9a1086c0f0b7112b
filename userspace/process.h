/* SPDX-License-Identifier: GPL-2.0 */
/* Find the local process that has a socket open, by the socket's inode. */
#ifndef _TCPTRACECTL_PROCESS_H
#define _TCPTRACECTL_PROCESS_H

#include "core/env.h"

/**
 * struct process - a process
 * @pid: PID of the process: in the initial PID namespace if the module has
 *	recorded it, otherwise in this program's PID namespace
 * @comm: name of the process, which may contain any bytes
 */
struct process {
	u32 pid;
	char comm[16];
};

bool process_of_inode(u32 inode, struct process *process);
u32 process_pid_namespace(const struct process *process);

#endif /* _TCPTRACECTL_PROCESS_H */
