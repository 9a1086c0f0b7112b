/* SPDX-License-Identifier: GPL-2.0 */
/* Remove the link-layer headers that precede the IP header. */
#ifndef _TCPTRACECTL_LINK_H
#define _TCPTRACECTL_LINK_H

#include "core/env.h"
#include "link_bytes.h"

enum {
	LINK_TAGS_MAX	= 8,	/* nested tags */
	LINK_LABELS_MAX	= 16,	/* MPLS labels of a stack */
	LINK_TLVS_MAX	= 64,	/* NFLOG attributes of a packet */
};

bool link_is_known(int type);
enum link_result link_strip(int type, struct link_bytes *b);

#endif /* _TCPTRACECTL_LINK_H */
