/* SPDX-License-Identifier: GPL-2.0 */
/* Convert addresses and ports to text, and text to addresses and ports. */
#ifndef _TCPTRACECTL_ADDR_H
#define _TCPTRACECTL_ADDR_H

#include "core/env.h"

/*
 * Room for "[address%zone]:port", or for "name:port" with a name of 255 bytes.
 */
#define ADDR_LEN	288

/**
 * struct addr - an address
 * @family: AF_INET or AF_INET6; anything else is printed as "?"
 * @zone: interface index; printed only if @bytes is a link-local address
 * @bytes: the address; an IPv4 address takes the first 4 bytes
 */
struct addr {
	u16 family;
	u32 zone;
	u8 bytes[16];
};

void addr_init(struct addr *addr, u16 family, u32 zone, const u8 bytes[16]);
void addr_format(const struct addr *addr, char *buf, size_t size);
void addr_endpoint(const struct addr *addr, u16 port, char *buf, size_t size);
void addr_resolve(const struct addr *addr, u16 port, char *buf, size_t size);
int addr_parse(const char *text, struct addr *addr);
int addr_parse_endpoint(const char *text, struct addr *addr, u16 *port);
int addr_parse_prefix(const char *text, struct addr *addr, unsigned int *bits);
bool addr_in_prefix(const struct addr *addr, const struct addr *prefix,
		    unsigned int bits);

#endif /* _TCPTRACECTL_ADDR_H */
