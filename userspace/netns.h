/* SPDX-License-Identifier: GPL-2.0 */
/* Find network namespaces by name or inode number. */
#ifndef _TCPTRACECTL_NETNS_H
#define _TCPTRACECTL_NETNS_H

#include "core/env.h"

#include <stddef.h>

int netns_path(const char *word, const char *file, char *path, size_t size);
const char *netns_name(u32 inode);

#endif /* _TCPTRACECTL_NETNS_H */
