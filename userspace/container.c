// SPDX-License-Identifier: GPL-2.0
/*
 * Find the container of a process. Container runtimes put the id or the name of
 * a container into the path of its cgroup. A process in a different PID
 * namespace is taken to be in a container, too.
 */
#include "container.h"

#include "process.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum {
	CONTAINER_ID	= 64,	/* hexadecimal digits in a container's id */
	CONTAINER_SHOWN	= 12,	/* digits that container runtimes show */
};

/*
 * Find the id of the innermost container. The path may contain several
 * container ids, each with 64 hex digits; the last id is that of the innermost
 * container. Return: the id; NULL if the path contains no id.
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

/* The words in cgroup paths that stand for container runtimes. */
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
 * Return: the runtime whose word is the last one before the id in the path, or
 * "container" if no such word precedes the id.
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

/* Return: the length of a name, without @ending if the name ends with it. */
static size_t without(const char *name, size_t len, const char *ending)
{
	size_t n = strlen(ending);

	return len > n && strncmp(name + len - n, ending, n) == 0 ? len - n :
								    len;
}

/*
 * Find the name of a container in a path such as
 * "/machine.slice/machine-NAME.scope",
 * "/machine.slice/systemd-nspawn@NAME.service" or "/lxc.payload.NAME".
 */
static bool by_name(const char *path, char buf[CONTAINER_LEN])
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
		snprintf(buf, CONTAINER_LEN, "%s %.*s", prefixes[i][1],
			 (int)len, name);
		return true;
	}
	return false;
}

static bool by_id(const char *path, char buf[CONTAINER_LEN])
{
	const char *id = container_id(path);

	if (!id)
		return false;
	snprintf(buf, CONTAINER_LEN, "%s %.*s", runtime_of(path, id),
		 CONTAINER_SHOWN, id);
	return true;
}

static bool by_namespace(const struct process *process,
			 char buf[CONTAINER_LEN])
{
	u32 inode = process_pid_namespace(process);

	if (inode == 0)
		return false;
	snprintf(buf, CONTAINER_LEN, "pidns %u", inode);
	return true;
}

/**
 * container_find - find the container of a process
 * @path: cgroup path of @process, or NULL
 * @process: the process, or NULL
 * @buf: set to the runtime and the container's id or name; if there is neither,
 *	set to "pidns" and the inode number of the PID namespace, as in lsns(8)
 *
 * Return: false if no container was found.
 */
bool container_find(const char *path, const struct process *process,
		    char buf[CONTAINER_LEN])
{
	return (path && (by_id(path, buf) || by_name(path, buf))) ||
	       (process && by_namespace(process, buf));
}
