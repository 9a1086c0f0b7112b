/* SPDX-License-Identifier: GPL-2.0 */
/* Compute the Community ID, as shown by Zeek, Suricata and Wireshark. */
#ifndef _TCPTRACECTL_COMMUNITY_ID_H
#define _TCPTRACECTL_COMMUNITY_ID_H

#include "core/env.h"

#include <linux/tcptrace.h>

/* Room for "1:", a SHA-1 hash in base64 and the terminating zero. */
#define COMMUNITY_ID_LEN	32

void community_id(const struct tcptrace_flow *flow,
		  char buf[COMMUNITY_ID_LEN]);

#endif /* _TCPTRACECTL_COMMUNITY_ID_H */
