// SPDX-License-Identifier: GPL-2.0
/*
 * Find the path of a cgroup. The id of a cgroup is the inode number of its
 * directory. Finding a directory is slow, so the paths are kept, and the tree
 * is walked at most once a second.
 */
#include "cgroup.h"

#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

enum {
	OPEN_DIRS	= 16,	/* maximum number of open directories */
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
 * cgroup_path - find the path of a cgroup
 * @id: id of the cgroup; 0: none
 *
 * Return: the path below /sys/fs/cgroup, valid until the next call; NULL if @id
 * is 0, or if the last walk of the tree did not find the cgroup: it was removed
 * before, is not visible to this process, or is newer than that walk.
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
