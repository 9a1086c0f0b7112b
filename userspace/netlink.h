/* SPDX-License-Identifier: GPL-2.0 */
/* List the interfaces of this network namespace, and make netlink dumps. */
#ifndef _TCPTRACECTL_NETLINK_H
#define _TCPTRACECTL_NETLINK_H

#include "core/env.h"

#include <libmnl/libmnl.h>
#include <net/if.h>

/**
 * struct netlink_dump - a request that the kernel answers with a list
 * @bus: NETLINK_*
 * @type: type of the message
 * @header_len: length of the header after nlmsghdr
 * @family: the first byte of the header after nlmsghdr; the rest is zero
 */
struct netlink_dump {
	int bus;
	u16 type;
	size_t header_len;
	u8 family;
};

int netlink_dump(const struct netlink_dump *dump, mnl_cb_t each, void *data);

/**
 * struct iface - an interface
 * @index: index of the interface
 * @name: name of the interface
 * @master: index of the master, for example a bridge; 0: no master
 * @xdp: id of the XDP program; 0: no program
 * @bridge: the interface is a bridge
 * @tc: there is a clsact or ingress qdisc, whose filters, if any, see received
 *	packets before the stack does
 * @packets: packets received and sent
 */
struct iface {
	u32 index;
	char name[IF_NAMESIZE];
	u32 master;
	u32 xdp;
	bool bridge;
	bool tc;
	u64 packets;
};

/**
 * struct ifaces - all interfaces
 * @n: number of interfaces
 * @size: number of entries that fit
 * @iface: the interfaces
 */
struct ifaces {
	size_t n;
	size_t size;
	struct iface *iface;
};

int ifaces_read(struct ifaces *ifaces);
struct iface *ifaces_find(const struct ifaces *ifaces, u32 index);
void ifaces_free(struct ifaces *ifaces);

#endif /* _TCPTRACECTL_NETLINK_H */
