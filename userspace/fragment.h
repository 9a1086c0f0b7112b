/* SPDX-License-Identifier: GPL-2.0 */
/* Reassembly of IP fragments: RFC 791 and RFC 8200. */
#ifndef _TCPTRACECTL_FRAGMENT_H
#define _TCPTRACECTL_FRAGMENT_H

#include "core/env.h"
#include "link_bytes.h"

enum {
	FRAGMENT_PACKETS_MAX	= 256,	/* incomplete packets */
	FRAGMENT_RANGES_MAX	= 64,	/* separate parts of one packet */
	FRAGMENT_HEAD_MAX	= 2048,	/* bytes of headers, and of payload */
};

/**
 * enum fragment_result - the result of fragment_join() for a packet
 * @FRAGMENT_NONE:	not a fragment, or an unusable one
 * @FRAGMENT_WAITS: a fragment; its packet is incomplete, or was dropped
 * @FRAGMENT_COMPLETE: a fragment; its packet is now complete
 */
enum fragment_result {
	FRAGMENT_NONE,
	FRAGMENT_WAITS,
	FRAGMENT_COMPLETE,
};

enum fragment_result fragment_join(struct link_bytes *b, u32 tunnel, u64 now,
				   unsigned int *others, unsigned int *proto);
void fragment_reset(void);

#endif /* _TCPTRACECTL_FRAGMENT_H */
