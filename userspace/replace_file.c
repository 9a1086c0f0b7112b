// SPDX-License-Identifier: GPL-2.0
#include "replace_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_file(const char *path, const char *text, size_t len,
		      mode_t mode)
{
	FILE *file = fopen(path, "we");
	int err = 0;

	if (!file)
		return -errno;
	if (fwrite(text, 1, len, file) != len || fflush(file) != 0 ||
	    fchmod(fileno(file), mode) < 0)
		err = -errno;
	if (fclose(file) != 0 && !err)
		err = -errno;
	return err;
}

/**
 * replace_file - write a new file beside the old file, then rename the new file
 * @path: the file
 * @text: the new content
 * @len: length of @text
 * @mode: permissions of the new file
 *
 * Return: 0 or a negative error number.
 */
int replace_file(const char *path, const char *text, size_t len, mode_t mode)
{
	char *part;
	int err;

	/* node_exporter ignores this name, which does not end in .prom */
	if (asprintf(&part, "%s.%d", path, (int)getpid()) < 0)
		return -ENOMEM;
	err = write_file(part, text, len, mode);
	if (!err && rename(part, path) < 0)
		err = -errno;
	if (err)
		unlink(part);
	free(part);
	return err;
}
