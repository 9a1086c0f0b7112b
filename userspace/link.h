/* SPDX-License-Identifier: GPL-2.0 */
/* From the header of a link layer to that of IP. */
#ifndef _TCPTRACECTL_LINK_H
#define _TCPTRACECTL_LINK_H

#include "core/env.h"

enum {
	LINK_TAGS_MAX	= 8,	/* VLAN tags, one behind the other */
};

/**
 * enum link_result - what a packet turned out to be
 * @LINK_IP:		IP, version 4 or 6
 * @LINK_NOT_IP:	another protocol
 * @LINK_TRUNCATED:	its link headers reach past the bytes captured
 * @LINK_UNKNOWN:	a link type that is not supported
 */
enum link_result {
	LINK_IP,
	LINK_NOT_IP,
	LINK_TRUNCATED,
	LINK_UNKNOWN,
};

/**
 * struct link_bytes - what is left of a packet
 * @p: its bytes
 * @len: how many were captured
 * @wire_len: how many there were on the wire, not less than @len
 */
struct link_bytes {
	const u8 *p;
	size_t len;
	size_t wire_len;
};

bool link_is_known(int type);
enum link_result link_strip(int type, struct link_bytes *b);

#endif /* _TCPTRACECTL_LINK_H */
