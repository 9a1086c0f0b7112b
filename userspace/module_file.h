/* SPDX-License-Identifier: GPL-2.0 */
/* The module as a file, and what modprobe would do with it. */
#ifndef _TCPTRACECTL_MODULE_FILE_H
#define _TCPTRACECTL_MODULE_FILE_H

#include "core/env.h"

#include <limits.h>

/**
 * struct kofile - a file of the module
 * @path: its path, empty: there is none
 * @vermagic: what it was built for; the first word is a kernel's release
 * @version: the module's
 * @signer: whose key it was signed with, empty: it was not
 */
struct kofile {
	char path[PATH_MAX];
	char vermagic[128];
	char version[64];
	char signer[128];
};

/**
 * struct kofiles - where modprobe looks
 * @release: of the running kernel
 * @ctx: the library's
 */
struct kofiles {
	const char *release;
	struct kmod_ctx *ctx;
};

int kofiles_open(struct kofiles *files, const char *release);
void kofiles_close(struct kofiles *files);
int kofiles_installed(const struct kofiles *files, struct kofile *file);
int kofile_read(const struct kofiles *files, const char *path,
		struct kofile *file);
bool kofile_search(const char *release, char *path, size_t size);
bool kofiles_replaced(const struct kofiles *files, char *command, size_t size);
bool kofiles_blacklisted(const struct kofiles *files);
bool kofiles_has(const struct kofiles *files, const char *name);

#endif /* _TCPTRACECTL_MODULE_FILE_H */
