/* SPDX-License-Identifier: GPL-2.0 */
/* Questions to the kernel. */
#ifndef _TCPTRACECTL_NETLINK_H
#define _TCPTRACECTL_NETLINK_H

#include "core/env.h"

#include <libmnl/libmnl.h>

/**
 * struct netlink_dump - a question that is answered by a list
 * @bus: NETLINK_*
 * @type: of the message
 * @header_len: of what follows the header of netlink: zeroes but for @family
 * @family: its first byte
 */
struct netlink_dump {
	int bus;
	u16 type;
	size_t header_len;
	u8 family;
};

int netlink_dump(const struct netlink_dump *dump, mnl_cb_t each, void *data);

#endif /* _TCPTRACECTL_NETLINK_H */
