/* SPDX-License-Identifier: GPL-2.0 */
/* The sizes, limits and timeouts that an administrator sets. */
#ifndef _TCPT_CONFIG_H
#define _TCPT_CONFIG_H

#include "core/timeout.h"

/**
 * struct tcpt_config - settings; all but @hashsize may change at any time
 * @hashsize: number of buckets of the table
 * @max_connections: maximum number of connections in memory
 * @max_half_open: maximum number of connections not confirmed by both ends
 * @max_readers: maximum number of open files of the device
 * @ring_kib: initial ring size of a new reader, in KiB
 * @timeouts: timeouts in seconds, indexed by enum tcpt_timeout
 */
struct tcpt_config {
	unsigned int hashsize;
	unsigned int max_connections;
	unsigned int max_half_open;
	unsigned int max_readers;
	unsigned int ring_kib;
	unsigned int timeouts[TCPT_TIMEOUTS];
};

#endif /* _TCPT_CONFIG_H */
