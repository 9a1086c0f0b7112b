/* SPDX-License-Identifier: GPL-2.0 */
/* Show the records of a file, or the records of the device as they arrive. */
#ifndef _TCPTRACECTL_LIVE_H
#define _TCPTRACECTL_LIVE_H

#include "expression.h"
#include "record.h"
#include "translations.h"
#include "view.h"

#include <stdatomic.h>

/**
 * struct live - one reader
 * @device: path of the device, or of a file of records
 * @mask: the events that are wanted
 * @ring_size: size of the ring in bytes; 0: the module parameter ring_kib
 * @seconds: stop reading after this time; 0: never
 * @all_netns: show records of all network namespaces
 * @view: not NULL; shows the records, and counts events and losses, if @handle
 *	is NULL
 * @handle: called with each wanted record instead of view_show(), or NULL;
 *	returns 0 to continue, 1 to stop, or a negative error number
 * @tick: called about five times a second, or NULL; returns 0 or a negative
 *	error number
 * @data: passed to @handle and @tick
 * @expression: filter that selects packets
 * @translations: addresses of open connections after NAT, for @expression
 * @begin: records with a lower record number were made before the setup
 * @in_kernel: the device applies @expression to packets
 * @fd: NULL, or where to store the descriptor of the device; -1 is stored when
 *	the device is closed
 */
struct live {
	const char *device;
	u32 mask;
	u32 ring_size;
	u64 seconds;
	bool all_netns;
	struct view *view;
	int (*handle)(void *data, const union record *rec);
	int (*tick)(void *data);
	void *data;
	struct expression expression;
	struct translations translations;
	u64 begin;
	bool in_kernel;
	atomic_int *fd;
};

int live_watch(struct live *live, char *const words[]);

#endif /* _TCPTRACECTL_LIVE_H */
