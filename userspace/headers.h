/* SPDX-License-Identifier: GPL-2.0 */
/* Rebuild IP and TCP headers from a record. */
#ifndef _TCPTRACECTL_HEADERS_H
#define _TCPTRACECTL_HEADERS_H

#include "record.h"

/* Total length of an IPv6 header and the longest TCP header. */
#define HEADERS_MAX	(40 + 60)

size_t headers_build(const struct tcptrace_segment *s, u8 to[HEADERS_MAX]);

#endif /* _TCPTRACECTL_HEADERS_H */
