/* SPDX-License-Identifier: GPL-2.0 */
/* Compare sequence numbers modulo 2^32: RFC 9293 section 3.4. */
#ifndef _TCPT_SEQ_H
#define _TCPT_SEQ_H

#include "env.h"

/* True if @a comes before @b; undefined for sequence numbers 2^31 apart. */
static inline bool tcpt_seq_before(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

static inline bool tcpt_seq_after(u32 a, u32 b)
{
	return tcpt_seq_before(b, a);
}

/* True if @lo <= @seq <= @hi; @lo must not come after @hi. */
static inline bool tcpt_seq_between(u32 seq, u32 lo, u32 hi)
{
	return hi - lo >= seq - lo;
}

static inline u32 tcpt_seq_max(u32 a, u32 b)
{
	return tcpt_seq_before(a, b) ? b : a;
}

#endif /* _TCPT_SEQ_H */
