/* SPDX-License-Identifier: GPL-2.0 */
/* Apply a segment to the state of its connection. */
#ifndef _TCPT_TRACK_H
#define _TCPT_TRACK_H

#include "env.h"
#include "tcb.h"

struct tcpt_result;
struct tcpt_segment;

void tcpt_track_segment(struct tcpt_track *t, unsigned int from,
			const struct tcpt_segment *seg, u64 now,
			struct tcpt_result *res);
void tcpt_track_other(struct tcpt_track *t, unsigned int from,
		      const struct tcpt_segment *seg, u64 now,
		      struct tcpt_result *res);
void tcpt_track_fully(struct tcpt_track *t, unsigned int from,
		      const struct tcpt_segment *seg, u64 now,
		      struct tcpt_result *res);

#endif /* _TCPT_TRACK_H */
