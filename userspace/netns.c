// SPDX-License-Identifier: GPL-2.0
#include "netns.h"

#include "core/env.h"
#include "number.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where ip-netns(8) keeps names. */
#define NAMES	"/run/netns"

/* Return: the inode number of a namespace, 0 if the name is unknown. */
static ino_t inode_of(const char *word)
{
	struct stat st;
	char path[512];
	u64 number;

	if (number_parse(word, 10, UINT32_MAX, &number) == 0)
		return number;
	if (strchr(word, '/'))
		return 0;
	snprintf(path, sizeof(path), NAMES "/%s", word);
	return stat(path, &st) == 0 ? st.st_ino : 0;
}

/*
 * Find a process in the namespace. A user who may see the namespaces of a
 * process may also read its /proc/PID/net. Return: 0 if there is none.
 */
static unsigned int find_process(ino_t inode)
{
	unsigned int pid = 0;
	struct dirent *entry;
	char path[300];
	struct stat st;
	DIR *dir;

	dir = opendir("/proc");
	if (!dir)
		return 0;
	while (!pid && (entry = readdir(dir))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/ns/net", entry->d_name);
		if (stat(path, &st) == 0 && st.st_ino == inode)
			sscanf(entry->d_name, "%u", &pid);
	}
	closedir(dir);
	return pid;
}

/* Enter a named network namespace. Return: 0 or a negative error number. */
static int enter(ino_t inode)
{
	struct dirent *entry;
	int fd, err = -ENOENT;
	struct stat st;
	DIR *dir;

	dir = opendir(NAMES);
	if (!dir)
		return -ENOENT;
	while (err == -ENOENT && (entry = readdir(dir))) {
		if (fstatat(dirfd(dir), entry->d_name, &st, 0) != 0 ||
		    st.st_ino != inode)
			continue;
		fd = openat(dirfd(dir), entry->d_name, O_RDONLY | O_CLOEXEC);
		err = fd < 0 || setns(fd, CLONE_NEWNET) ? -errno : 0;
		if (fd >= 0)
			close(fd);
	}
	closedir(dir);
	return err;
}

/**
 * netns_path - the path of a file of /proc/net in another network namespace
 * @word: the name of the namespace, as of ip-netns(8), or its inode number
 * @file: the file below /proc/net
 * @path: where the path goes
 * @size: size of @path
 *
 * If no process is in the namespace, the calling process enters it.
 *
 * Return: 0; -ENOENT if the namespace does not exist or is not visible; or
 * another negative error number.
 */
int netns_path(const char *word, const char *file, char *path, size_t size)
{
	ino_t inode = inode_of(word);
	unsigned int pid;
	int err;

	if (!inode)
		return -ENOENT;
	pid = find_process(inode);
	if (pid) {
		snprintf(path, size, "/proc/%u/net/%s", pid, file);
		return 0;
	}
	err = enter(inode);
	snprintf(path, size, "/proc/self/net/%s", file);
	return err;
}
