/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Header prediction: the fast path of a segment that is the next in sequence.
 */
#ifndef _TCPT_FASTPATH_H
#define _TCPT_FASTPATH_H

#include "env.h"

struct tcpt_result;
struct tcpt_segment;
struct tcpt_track;

void tcpt_fastpath_prepare(struct tcpt_track *t);
bool tcpt_fastpath_segment(struct tcpt_track *t, unsigned int from,
			   const struct tcpt_segment *seg, u64 now, u64 *rtt);
bool tcpt_fastpath_transition(struct tcpt_track *t, unsigned int from,
			      const struct tcpt_segment *seg, u64 now,
			      struct tcpt_result *res);

#endif /* _TCPT_FASTPATH_H */
