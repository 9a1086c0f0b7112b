/* SPDX-License-Identifier: GPL-2.0 */
/* Control groups by their id. */
#ifndef _TCPTRACECTL_CGROUP_H
#define _TCPTRACECTL_CGROUP_H

#include "core/env.h"

#define CGROUP_ROOT	"/sys/fs/cgroup"

const char *cgroup_path(u64 id);

#endif /* _TCPTRACECTL_CGROUP_H */
