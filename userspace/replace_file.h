/* SPDX-License-Identifier: GPL-2.0 */
/* Replace a file atomically: a reader never sees a part of it. */
#ifndef _TCPTRACECTL_REPLACE_FILE_H
#define _TCPTRACECTL_REPLACE_FILE_H

#include <sys/types.h>

int replace_file(const char *path, const char *text, size_t len, mode_t mode);

#endif /* _TCPTRACECTL_REPLACE_FILE_H */
