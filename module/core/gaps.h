/* SPDX-License-Identifier: GPL-2.0 */
/* Gaps: runs of unseen sequence numbers below the highest one seen. */
#ifndef _TCPT_GAPS_H
#define _TCPT_GAPS_H

#include "env.h"

enum {
	TCPT_GAPS_MAX	= 4,	/* a further gap replaces the lowest gap */
};

/**
 * struct tcpt_gaps - gaps in ascending order, no two of them adjacent
 * @n: number of gaps
 * @lo: first missing sequence number of each gap
 * @hi: last missing sequence number of each gap, plus 1
 */
struct tcpt_gaps {
	u8 n;
	u32 lo[TCPT_GAPS_MAX];
	u32 hi[TCPT_GAPS_MAX];
};

void tcpt_gaps_add(struct tcpt_gaps *h, u32 lo, u32 hi);
void tcpt_gaps_trim(struct tcpt_gaps *h, u32 next);
u32 tcpt_gaps_fill(struct tcpt_gaps *h, u32 lo, u32 hi);
u32 tcpt_gaps_pass(struct tcpt_gaps *h, u32 limit);

#endif /* _TCPT_GAPS_H */
