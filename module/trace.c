// SPDX-License-Identifier: GPL-2.0
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/socket.h>
#include <linux/string.h>

#define CREATE_TRACE_POINTS
#include "trace.h"

/**
 * tcpt_trace_address - write an end of a connection as a struct sockaddr
 * @to: sizeof(struct sockaddr_in6) bytes, filled in
 * @family: AF_INET or AF_INET6
 * @addr: the address
 * @port: the port
 *
 * Context: any.
 */
void tcpt_trace_address(u8 *to, u16 family, const u8 *addr, u16 port)
{
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)to;
	struct sockaddr_in *v4 = (struct sockaddr_in *)to;

	memset(to, 0, sizeof(*v6));
	v4->sin_family = family;
	v4->sin_port = htons(port);
	if (family == AF_INET6)
		memcpy(&v6->sin6_addr, addr, sizeof(v6->sin6_addr));
	else
		memcpy(&v4->sin_addr, addr, sizeof(v4->sin_addr));
}
