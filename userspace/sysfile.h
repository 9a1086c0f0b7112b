/* SPDX-License-Identifier: GPL-2.0 */
/* Small files of /proc and /sys, any of which may be missing. */
#ifndef _TCPTRACECTL_SYSFILE_H
#define _TCPTRACECTL_SYSFILE_H

#include "core/env.h"

#include <sys/types.h>

ssize_t sysfile_read(const char *path, char *buf, size_t size);
int sysfile_number(const char *path, u64 *value);
bool sysfile_exists(const char *path);
bool sysfile_has_word(const char *path, const char *word);

#endif /* _TCPTRACECTL_SYSFILE_H */
