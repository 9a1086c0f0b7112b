/* SPDX-License-Identifier: GPL-2.0 */
/* Control groups by their id, and the containers that the groups belong to. */
#ifndef _TCPTRACECTL_CGROUP_H
#define _TCPTRACECTL_CGROUP_H

#include "core/env.h"

#define CGROUP_ROOT	"/sys/fs/cgroup"

/* Room for "docker 0123456789ab" and the longest name of a unit */
#define CGROUP_CONTAINER_LEN	128

const char *cgroup_path(u64 id);
bool cgroup_container(const char *path, char buf[CGROUP_CONTAINER_LEN]);

#endif /* _TCPTRACECTL_CGROUP_H */
