/* SPDX-License-Identifier: GPL-2.0 */
/* Ends connections without a segment: at a timeout, or to make room. */
#ifndef _TCPT_END_H
#define _TCPT_END_H

#include "conn.h"

#include <linux/tcptrace.h>
#include <linux/types.h>

enum {
	TCPT_END_EVICTIONS	= 2,	/* victims for one new connection */
};

void tcpt_end_locked(struct tcpt_conn *conn, enum tcptrace_close_reason reason,
		     u64 now);
struct tcpt_conn *tcpt_end_oldest(struct tcpt_ns *ns,
				  const struct tcpt_flow *flow,
				  unsigned int receiver, u64 now);

#endif /* _TCPT_END_H */
