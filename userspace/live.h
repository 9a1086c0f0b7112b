/* SPDX-License-Identifier: GPL-2.0 */
/* Records of the device, as they are made. */
#ifndef _TCPTRACECTL_LIVE_H
#define _TCPTRACECTL_LIVE_H

#include "expression.h"
#include "record.h"
#include "view.h"

/**
 * struct live - one reader
 * @device: path of the device, or of a file of records
 * @mask: events wanted
 * @ring_size: bytes that may wait, 0: as many as the module's parameter says
 * @all_netns: of all network namespaces
 * @view: shows them
 * @expression: the packets wanted
 * @begin: records before this number were made before the reader was set up
 * @in_kernel: the device applies @expression to packets
 */
struct live {
	const char *device;
	u32 mask;
	u32 ring_size;
	bool all_netns;
	struct view *view;
	struct expression expression;
	u64 begin;
	bool in_kernel;
};

int live_watch(struct live *live, char *const words[]);

#endif /* _TCPTRACECTL_LIVE_H */
