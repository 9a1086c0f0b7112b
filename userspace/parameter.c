// SPDX-License-Identifier: GPL-2.0
#include "parameter.h"

#include "sysfile.h"

#include <stdio.h>

static void make_path(const char *name, char *path, size_t size)
{
	snprintf(path, size, PARAMETER_PATH "%s", name);
}

/**
 * parameter_text - the value of a parameter
 * @name: the parameter
 * @buf: where the text goes
 *
 * Return: @buf; if it cannot be read the text says so.
 */
const char *parameter_text(const char *name, char buf[PARAMETER_LEN])
{
	char path[128];

	make_path(name, path, sizeof(path));
	if (sysfile_read(path, buf, PARAMETER_LEN) < 0)
		snprintf(buf, PARAMETER_LEN, "not known");
	return buf;
}

/**
 * parameter_get - the value of a parameter that is a number
 * @name: the parameter
 * @value: where it goes
 *
 * Return: 0 or a negative error number.
 */
int parameter_get(const char *name, u64 *value)
{
	char path[128];

	make_path(name, path, sizeof(path));
	return sysfile_number(path, value);
}
