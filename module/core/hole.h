/* SPDX-License-Identifier: GPL-2.0 */
/* Sequence numbers below the highest seen that were not seen themselves. */
#ifndef _TCPT_HOLE_H
#define _TCPT_HOLE_H

#include "env.h"

enum {
	TCPT_HOLES_MAX	= 4,	/* more: the lowest is taken as seen */
};

/**
 * struct tcpt_holes - the holes, in order, apart from each other
 * @n: how many there are
 * @lo: first number that is missing
 * @hi: after the last one
 */
struct tcpt_holes {
	u8 n;
	u32 lo[TCPT_HOLES_MAX];
	u32 hi[TCPT_HOLES_MAX];
};

void tcpt_holes_add(struct tcpt_holes *h, u32 lo, u32 hi);
void tcpt_holes_trim(struct tcpt_holes *h, u32 next);
u32 tcpt_holes_fill(struct tcpt_holes *h, u32 lo, u32 hi);
u32 tcpt_holes_pass(struct tcpt_holes *h, u32 limit);

#endif /* _TCPT_HOLE_H */
