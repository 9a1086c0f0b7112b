// SPDX-License-Identifier: GPL-2.0
#include "module_file.h"

#include "proc.h"

#include <errno.h>
#include <libkmod.h>
#include <stdarg.h>
#include <stdio.h>

#define NAME	"tcptrace"

/* Discard the messages of libkmod: its return values are sufficient. */
static void be_silent(void *data, int priority, const char *file, int line,
		      const char *function, const char *format, va_list args)
{
	(void)data;
	(void)priority;
	(void)file;
	(void)line;
	(void)function;
	(void)format;
	(void)args;
}

/**
 * module_files_open - prepare to look for modules
 * @files: filled in
 * @release: release of the kernel; must outlive @files
 *
 * Return: 0 or a negative error number.
 */
int module_files_open(struct module_files *files, const char *release)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/lib/modules/%s", release);
	files->release = release;
	files->ctx = kmod_new(path, NULL);
	if (!files->ctx)
		return -ENOMEM;
	kmod_set_log_fn(files->ctx, be_silent, NULL);
	return 0;
}

void module_files_close(struct module_files *files)
{
	kmod_unref(files->ctx);
}

static void keep(char *to, size_t size, const char *text)
{
	snprintf(to, size, "%s", text);
}

static int read_info(struct kmod_module *module, struct module_file *file)
{
	struct kmod_list *list = NULL, *entry;
	const char *key, *value;
	int ret;

	ret = kmod_module_get_info(module, &list);
	if (ret < 0)
		return ret;
	kmod_list_foreach(entry, list) {
		key = kmod_module_info_get_key(entry);
		value = kmod_module_info_get_value(entry);
		if (strcmp(key, "vermagic") == 0)
			keep(file->vermagic, sizeof(file->vermagic), value);
		else if (strcmp(key, "version") == 0)
			keep(file->version, sizeof(file->version), value);
		else if (strcmp(key, "sig_id") == 0 ||
			 (strcmp(key, "signer") == 0 && value[0]))
			keep(file->signer, sizeof(file->signer), value);
	}
	kmod_module_info_free_list(list);
	return 0;
}

/* Return: the module that modprobe would load, or NULL. */
static struct kmod_module *look_up(const struct module_files *files,
				   const char *name)
{
	struct kmod_module *module = NULL;
	struct kmod_list *list = NULL;

	if (kmod_module_new_from_lookup(files->ctx, name, &list) < 0 || !list)
		return NULL;
	module = kmod_module_get_module(list);
	kmod_module_unref_list(list);
	return module;
}

/**
 * module_files_installed - find the file that modprobe would load
 * @files: where to look
 * @file: filled in
 *
 * Return: 0; -ENOENT if there is no file; or the error from reading the file,
 * with @file->path set.
 */
int module_files_installed(const struct module_files *files,
			   struct module_file *file)
{
	struct kmod_module *module = look_up(files, NAME);
	const char *path = module ? kmod_module_get_path(module) : NULL;
	int ret = -ENOENT;

	memset(file, 0, sizeof(*file));
	if (path) {
		keep(file->path, sizeof(file->path), path);
		ret = read_info(module, file);
	}
	kmod_module_unref(module);
	return ret;
}

/**
 * module_file_read - read the modinfo of a module file
 * @files: provides the libkmod context
 * @path: the file
 * @file: filled in
 *
 * Return: 0 or a negative error number.
 */
int module_file_read(const struct module_files *files, const char *path,
		     struct module_file *file)
{
	struct kmod_module *module;
	int ret;

	memset(file, 0, sizeof(*file));
	keep(file->path, sizeof(file->path), path);
	ret = kmod_module_new_from_path(files->ctx, path, &module);
	if (ret < 0)
		return ret;
	ret = read_info(module, file);
	kmod_module_unref(module);
	return ret;
}

/**
 * module_file_search - find an installed module without the index of depmod
 * @release: the kernel's release
 * @path: set to the path of the module
 * @size: size of @path
 *
 * Return: false if the module is in none of the usual directories.
 */
bool module_file_search(const char *release, char *path, size_t size)
{
	static const char *const places[] = {
		"updates", "updates/dkms", "extra", "kernel/net/tcptrace",
	};
	static const char *const endings[] = { "", ".xz", ".zst", ".gz" };
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		for (j = 0; j < ARRAY_SIZE(endings); j++) {
			snprintf(path, size, "/lib/modules/%s/%s/" NAME ".ko%s",
				 release, places[i], endings[j]);
			if (proc_exists(path))
				return true;
		}
	}
	return false;
}

/* Return: true if modprobe would run @command instead of loading the module. */
bool module_files_replaced(const struct module_files *files, char *command,
			   size_t size)
{
	struct kmod_module *module;
	const char *found;

	if (kmod_module_new_from_name(files->ctx, NAME, &module) < 0)
		return false;
	found = kmod_module_get_install_commands(module);
	if (found)
		keep(command, size, found);
	kmod_module_unref(module);
	return found;
}

/* Return: true if modprobe's configuration blacklists the module. */
bool module_files_blacklisted(const struct module_files *files)
{
	struct kmod_config_iter *iter;
	bool found = false;

	iter = kmod_config_get_blacklists(files->ctx);
	if (!iter)
		return false;
	while (!found && kmod_config_iter_next(iter))
		found = strcmp(kmod_config_iter_get_key(iter), NAME) == 0;
	kmod_config_iter_free_iter(iter);
	return found;
}

/* Return: true if a module is loaded or built in. */
bool module_files_has(const struct module_files *files, const char *name)
{
	struct kmod_module *module = look_up(files, name);
	char path[PATH_MAX];
	bool found = false;

	snprintf(path, sizeof(path), "/sys/module/%s", name);
	if (module)
		found = kmod_module_get_initstate(module) ==
			KMOD_MODULE_BUILTIN;
	kmod_module_unref(module);
	return found || proc_exists(path);
}
