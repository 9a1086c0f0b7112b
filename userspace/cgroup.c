// SPDX-License-Identifier: GPL-2.0
/*
 * The id of a cgroup is the inode number of its directory. Searching for a
 * directory is slow, so paths are kept, and the tree is walked at most once a
 * second.
 */
#include "cgroup.h"

#include <ctype.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

enum {
	OPEN_DIRS	= 16,	/* directories that the walk keeps open */
	CONTAINER_ID	= 64,	/* hexadecimal digits of a container's id */
	CONTAINER_SHOWN	= 12,	/* digits that container runtimes show */
};

struct group {
	u64 id;
	char *path;
};

static struct group *groups;
static size_t n_groups, room;
static time_t looked;

static void forget(void)
{
	while (n_groups)
		free(groups[--n_groups].path);
}

static int add(const char *path, const struct stat *st, int type,
	       struct FTW *at)
{
	struct group *more;
	const char *name = path + strlen(CGROUP_ROOT);

	(void)at;
	if (type != FTW_D)
		return 0;
	if (n_groups == room) {
		more = reallocarray(groups, room ? 2 * room : 64,
				    sizeof(*groups));
		if (!more)
			return -1;
		groups = more;
		room = room ? 2 * room : 64;
	}
	groups[n_groups].id = st->st_ino;
	groups[n_groups].path = strdup(*name ? name : "/");
	return groups[n_groups].path ? n_groups++, 0 : -1;
}

static const char *find(u64 id)
{
	size_t i;

	for (i = 0; i < n_groups; i++)
		if (groups[i].id == id)
			return groups[i].path;
	return NULL;
}

/**
 * cgroup_path - the path of a cgroup
 * @id: its id, 0: none
 *
 * Return: the path below /sys/fs/cgroup, valid until the next call; NULL if the
 * cgroup has ended or is not visible from here.
 */
const char *cgroup_path(u64 id)
{
	const char *path = find(id);
	time_t now = time(NULL);

	if (path || id == 0 || now == looked)
		return path;
	looked = now;
	forget();
	nftw(CGROUP_ROOT, add, OPEN_DIRS, FTW_PHYS | FTW_MOUNT);
	return find(id);
}

/*
 * Find the id of the innermost container, 64 hex digits: a pod has an id, and a
 * container can run in an outer container. Return: NULL if there is none.
 */
static const char *container_id(const char *path)
{
	const char *id = NULL;
	size_t len;

	for (; *path; path += len ? len : 1) {
		for (len = 0; isxdigit((unsigned char)path[len]); len++)
			;
		if (len == CONTAINER_ID)
			id = path;
	}
	return id;
}

/* The words for container runtimes in the paths of cgroups. */
static const struct {
	const char *text;
	const char *runtime;
} runtimes[] = {
	{ "docker", "docker" },
	{ "libpod", "podman" },
	{ "cri-containerd", "containerd" },
	{ "crio", "cri-o" },
	{ "kubepods", "kubernetes" },
};

/*
 * Return: the runtime whose word is the last word before the id, or "container"
 * if there is no such word.
 */
static const char *runtime_of(const char *path, const char *id)
{
	const char *at, *last = path, *runtime = "container";
	size_t i;

	for (i = 0; i < ARRAY_SIZE(runtimes); i++)
		for (at = path; (at = strstr(at, runtimes[i].text)) && at < id;
		     at++)
			if (at > last) {
				last = at;
				runtime = runtimes[i].runtime;
			}
	return runtime;
}

/* Return: the length of a name without an ending. */
static size_t without(const char *name, size_t len, const char *ending)
{
	size_t n = strlen(ending);

	return len > n && strncmp(name + len - n, ending, n) == 0 ? len - n :
								    len;
}

/*
 * "/machine.slice/machine-NAME.scope", "systemd-nspawn@NAME.service",
 * "/lxc.payload.NAME"
 */
static bool named_container(const char *path, char buf[CGROUP_CONTAINER_LEN])
{
	static const char *const prefixes[][2] = {
		{ "machine-", "machine" }, { "systemd-nspawn@", "machine" },
		{ "lxc.payload.", "lxc" },
	};
	const char *name;
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(prefixes); i++) {
		name = strstr(path, prefixes[i][0]);
		if (!name || name == path || name[-1] != '/')
			continue;
		name += strlen(prefixes[i][0]);
		len = strcspn(name, "/");
		len = without(name, len, ".scope");
		len = without(name, len, ".service");
		snprintf(buf, CGROUP_CONTAINER_LEN, "%s %.*s", prefixes[i][1],
			 (int)len, name);
		return true;
	}
	return false;
}

/**
 * cgroup_container - find the container of a cgroup
 * @path: its path
 * @buf: where the name goes: the runtime, and the id or the name
 *
 * Return: false if the cgroup belongs to no container.
 */
bool cgroup_container(const char *path, char buf[CGROUP_CONTAINER_LEN])
{
	const char *id = container_id(path);

	if (!id)
		return named_container(path, buf);
	snprintf(buf, CGROUP_CONTAINER_LEN, "%s %.*s", runtime_of(path, id),
		 CONTAINER_SHOWN, id);
	return true;
}
