/* SPDX-License-Identifier: GPL-2.0 */
/* Community ID: a name for a flow that many tools agree on. */
#ifndef _TCPTRACECTL_COMMUNITY_H
#define _TCPTRACECTL_COMMUNITY_H

#include "core/env.h"

#include <linux/tcptrace.h>

/* Room for "1:", a SHA-1 in base64 and the terminating zero. */
#define COMMUNITY_LEN	32

void community_id(const struct tcptrace_flow *flow, char buf[COMMUNITY_LEN]);

#endif /* _TCPTRACECTL_COMMUNITY_H */
