/* SPDX-License-Identifier: GPL-2.0 */
/* What other connections of a capture say of a segment, or of one of them. */
#ifndef _TCPTRACECTL_PAST_H
#define _TCPTRACECTL_PAST_H

#include "conns.h"
#include "core/segment.h"

struct conn *past_stray_rst(const struct conns *conns, const struct conn *conn,
			    unsigned int sender, const struct tcpt_segment *rst,
			    unsigned int *end);
u32 past_older_syn(const struct conns *conns, const struct conn *conn);

#endif /* _TCPTRACECTL_PAST_H */
