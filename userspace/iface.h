/* SPDX-License-Identifier: GPL-2.0 */
/* The interfaces of this network namespace. */
#ifndef _TCPTRACECTL_IFACE_H
#define _TCPTRACECTL_IFACE_H

#include "core/env.h"

#include <net/if.h>

/**
 * struct iface - an interface
 * @index: its number
 * @name: its name
 * @master: number of the interface that it is a part of, 0: of none
 * @xdp: id of its XDP program, 0: there is none
 * @bridge: it is a bridge
 * @tc: it has a place for tc filters before the stack
 * @packets: received and sent
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
 * struct ifaces - all of them
 * @n: how many there are
 * @size: for how many there is room
 * @iface: they
 */
struct ifaces {
	size_t n;
	size_t size;
	struct iface *iface;
};

int ifaces_read(struct ifaces *ifaces);
struct iface *ifaces_find(const struct ifaces *ifaces, u32 index);
void ifaces_free(struct ifaces *ifaces);

#endif /* _TCPTRACECTL_IFACE_H */
