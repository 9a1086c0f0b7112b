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
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/**
 * struct named - a network namespace with a name
 * @inode: inode number of the namespace
 * @name: the name
 */
struct named {
	ino_t inode;
	char *name;
};

static struct named *named;
static size_t n_named, room;
static struct timespec changed;	/* mtime of names_dir() when it was read */
static time_t looked;

/* Return: the directory in which ip-netns(8) keeps names of namespaces. */
static const char *names_dir(void)
{
	return access("/run/netns", F_OK) == 0 ? "/run/netns" :
						 "/var/run/netns";
}

/* Return: the inode number of a namespace; 0 if the name is unknown. */
static ino_t inode_of(const char *word)
{
	struct stat st;
	char path[512];
	u64 number;

	if (number_parse(word, 10, UINT32_MAX, &number) == 0)
		return number;
	if (strchr(word, '/'))
		return 0;
	snprintf(path, sizeof(path), "%s/%s", names_dir(), word);
	return stat(path, &st) == 0 ? st.st_ino : 0;
}

/*
 * Find a process in the namespace. A user who may see the namespaces of a
 * process may also read its /proc/PID/net.
 * Return: the PID of the process; 0 if none is found.
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

	dir = opendir(names_dir());
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
 * netns_path - find a /proc/net file of a different network namespace
 * @word: the name of the namespace, as in ip-netns(8), or its inode number
 * @file: the file below /proc/net
 * @path: set to the path of the file
 * @size: size of @path
 *
 * If no process is found in the namespace, the calling process enters it.
 *
 * Return: 0; -ENOENT if the namespace does not exist or is not visible; or
 * a different negative error number.
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

static void forget(void)
{
	while (n_named)
		free(named[--n_named].name);
}

/* Store a name. If memory is short, drop the name: it will not be found. */
static void add(ino_t inode, const char *name)
{
	struct named *more;

	if (n_named == room) {
		more = reallocarray(named, room ? 2 * room : 16,
				    sizeof(*named));
		if (!more)
			return;
		named = more;
		room = room ? 2 * room : 16;
	}
	named[n_named].inode = inode;
	named[n_named].name = strdup(name);
	if (named[n_named].name)
		n_named++;
}

/*
 * Read all names. A name is a file on which a namespace is mounted. Skip files
 * on which nothing is mounted: 'ip netns' may leave such a file when it fails.
 */
static void look(void)
{
	struct dirent *entry;
	struct stat own, st;
	DIR *dir;

	forget();
	dir = opendir(names_dir());
	if (!dir)
		return;
	if (fstat(dirfd(dir), &st) == 0)
		changed = st.st_mtim;
	if (stat("/proc/self/ns/net", &own) == 0)
		while ((entry = readdir(dir)))
			if (fstatat(dirfd(dir), entry->d_name, &st, 0) == 0 &&
			    st.st_dev == own.st_dev)
				add(st.st_ino, entry->d_name);
	closedir(dir);
}

/* Check whether names were added or removed since names_dir() was read. */
static bool is_changed(void)
{
	struct stat st;

	return stat(names_dir(), &st) == 0 &&
	       (st.st_mtim.tv_sec != changed.tv_sec ||
		st.st_mtim.tv_nsec != changed.tv_nsec);
}

static const char *find(ino_t inode)
{
	size_t i;

	for (i = 0; i < n_named; i++)
		if (named[i].inode == inode)
			return named[i].name;
	return NULL;
}

/**
 * netns_name - look up the name of a network namespace
 * @inode: inode number of the namespace; 0: no namespace
 *
 * The directory of names is read at most once a second, and only if @inode has
 * no known name or if names were added or removed. A known name may be stale,
 * because the kernel reuses inode numbers.
 *
 * Return: the name as in ip-netns(8), valid until the next call; NULL if the
 * namespace has no name that this process can see.
 */
const char *netns_name(u32 inode)
{
	time_t now;

	if (inode == 0)
		return NULL;
	now = time(NULL);
	if (now != looked) {
		looked = now;
		if (!find(inode) || is_changed())
			look();
	}
	return find(inode);
}
