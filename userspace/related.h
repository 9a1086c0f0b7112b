/* SPDX-License-Identifier: GPL-2.0 */
/* Find a connection that explains a segment of another connection. */
#ifndef _TCPTRACECTL_RELATED_H
#define _TCPTRACECTL_RELATED_H

#include "conns.h"
#include "core/segment.h"

struct conn *related_stray_rst(const struct conns *conns,
			       const struct conn *conn, unsigned int sender,
			       const struct tcpt_segment *rst,
			       unsigned int *end);
u32 related_older_syn(const struct conns *conns, const struct conn *conn);

#endif /* _TCPTRACECTL_RELATED_H */
