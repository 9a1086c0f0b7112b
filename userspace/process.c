// SPDX-License-Identifier: GPL-2.0
/*
 * Find the process that has a socket open, as ss and lsof do: the links in
 * /proc/PID/fd contain the inodes of sockets. Reading all links is slow, so the
 * result is kept, and the links are read at most once a second.
 */
#include "process.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/**
 * struct holder - a process that has a socket open
 * @inode: inode of the socket
 * @pid: PID of the process; find() returns the holder with the lowest PID
 */
struct holder {
	u32 inode;
	u32 pid;
};

static struct holder *holders;
static size_t n_holders, room;
static time_t looked;

/* Store a socket. If memory is short, drop the socket: it will not be found. */
static void add_holder(u32 inode, u32 pid)
{
	struct holder *more;

	if (n_holders == room) {
		more = reallocarray(holders, room ? 2 * room : 256,
				    sizeof(*holders));
		if (!more)
			return;
		holders = more;
		room = room ? 2 * room : 256;
	}
	holders[n_holders++] = (struct holder){ inode, pid };
}

static void look_at_fds(int proc, u32 pid)
{
	struct dirent *entry;
	unsigned int inode;
	char text[64];
	ssize_t len;
	DIR *dir;
	int fd;

	snprintf(text, sizeof(text), "%u/fd", pid);
	fd = openat(proc, text, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(dir))) {
		len = readlinkat(fd, entry->d_name, text, sizeof(text) - 1);
		if (len <= 0)
			continue;
		text[len] = '\0';
		if (sscanf(text, "socket:[%u]", &inode) == 1)
			add_holder(inode, pid);
	}
	closedir(dir);
}

static int compare(const void *a, const void *b)
{
	const struct holder *x = a, *y = b;

	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

static void look(void)
{
	struct dirent *entry;
	DIR *dir;

	n_holders = 0;
	dir = opendir("/proc");
	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (isdigit((unsigned char)entry->d_name[0]))
			look_at_fds(dirfd(dir), (u32)strtoul(entry->d_name,
							     NULL, 10));
	closedir(dir);
	if (n_holders)
		qsort(holders, n_holders, sizeof(*holders), compare);
}

static const struct holder *find(u32 inode)
{
	size_t low = 0, high = n_holders, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (holders[middle].inode < inode)
			low = middle + 1;
		else
			high = middle;
	}
	return low < n_holders && holders[low].inode == inode ?
	       &holders[low] : NULL;
}

static void read_comm(struct process *process)
{
	char path[32];
	ssize_t len;
	int fd;

	memset(process->comm, 0, sizeof(process->comm));
	snprintf(path, sizeof(path), "/proc/%u/comm", process->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	len = read(fd, process->comm, sizeof(process->comm) - 1);
	close(fd);
	if (len > 0 && process->comm[len - 1] == '\n')
		process->comm[len - 1] = '\0';
}

/**
 * process_of_inode - find the process that has a socket open
 * @inode: inode number of the socket
 * @process: set to the process
 *
 * Only root can see the sockets of other users' processes.
 *
 * Return: false if no process was found.
 */
bool process_of_inode(u32 inode, struct process *process)
{
	const struct holder *holder = find(inode);
	time_t now = time(NULL);

	if (!holder && now != looked) {
		looked = now;
		look();
		holder = find(inode);
	}
	if (!holder)
		return false;
	process->pid = holder->pid;
	read_comm(process);
	return true;
}

/* Return: the inode number of a PID namespace; 0 if it cannot be read. */
static u32 pid_namespace(const char *link)
{
	char text[32];
	ssize_t len = readlink(link, text, sizeof(text) - 1);
	u32 inode;

	if (len <= 0)
		return 0;
	text[len] = '\0';
	return sscanf(text, "pid:[%u]", &inode) == 1 ? inode : 0;
}

/**
 * process_pid_namespace - find the PID namespace of a process
 * @process: the process
 *
 * Return: inode number of the namespace; 0 if the process has ended, if the
 * namespace cannot be read, or if this program is in the same namespace.
 */
u32 process_pid_namespace(const struct process *process)
{
	static u32 own;
	struct process now = { .pid = process->pid };
	char link[32];
	u32 inode;

	/* by now, the PID may belong to a new process */
	read_comm(&now);
	if (strncmp(now.comm, process->comm, sizeof(now.comm)) != 0)
		return 0;
	snprintf(link, sizeof(link), "/proc/%u/ns/pid", process->pid);
	inode = pid_namespace(link);
	if (!own)
		own = pid_namespace("/proc/self/ns/pid");
	return inode == own ? 0 : inode;
}
