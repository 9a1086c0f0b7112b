/* SPDX-License-Identifier: GPL-2.0 */
/* Connections that end without a segment: by time, or with their namespace. */
#ifndef _TCPT_EXPIRY_H
#define _TCPT_EXPIRY_H

#include "tracker.h"

unsigned int tcpt_expiry_bucket(struct tcpt_tracker *tracker,
				unsigned int bucket, u64 now);
void tcpt_expiry_namespace(struct tcpt_tracker *tracker,
			   const struct tcpt_ns *ns, u64 now);

#endif /* _TCPT_EXPIRY_H */
