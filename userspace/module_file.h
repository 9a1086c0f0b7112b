/* SPDX-License-Identifier: GPL-2.0 */
/* Find the module's .ko file, and find out what modprobe would do with it. */
#ifndef _TCPTRACECTL_MODULE_FILE_H
#define _TCPTRACECTL_MODULE_FILE_H

#include "core/env.h"

#include <limits.h>

/**
 * struct module_file - the module's .ko file
 * @path: path of the file; empty if there is none
 * @vermagic: the kernel that the file is for; the first word is the release
 * @version: version of the module
 * @signer: the owner of the signing key, or the kind of signature if the owner
 *	is unknown; empty if the file is not signed
 */
struct module_file {
	char path[PATH_MAX];
	char vermagic[128];
	char version[64];
	char signer[128];
};

/**
 * struct module_files - access to modprobe's index and configuration
 * @release: release of the running kernel
 * @ctx: the context of libkmod
 */
struct module_files {
	const char *release;
	struct kmod_ctx *ctx;
};

int module_files_open(struct module_files *files, const char *release);
void module_files_close(struct module_files *files);
int module_files_installed(const struct module_files *files,
			   struct module_file *file);
int module_file_read(const struct module_files *files, const char *path,
		     struct module_file *file);
bool module_file_search(const char *release, char *path, size_t size);
bool module_files_replaced(const struct module_files *files, char *command,
			   size_t size);
bool module_files_blacklisted(const struct module_files *files);
bool module_files_has(const struct module_files *files, const char *name);

#endif /* _TCPTRACECTL_MODULE_FILE_H */
