/* SPDX-License-Identifier: GPL-2.0 */
/* An independent record of what was seen: one bool for each sequence number. */
#ifndef _FUZZ_ORACLE_H
#define _FUZZ_ORACLE_H

#include "view.h"

enum {
	ORACLE_SIZE	= 16384,	/* sequence numbers that @seen covers */
};

/**
 * struct oracle - the segments seen of one end
 * @knows: the oracle is valid; an invalid oracle becomes valid only with new
 *	sequence numbers
 * @base: the sequence number of @seen[0]; all lower numbers count as seen
 * @next: the sequence number after the highest seen one, relative to @base
 * @contig: the first sequence number that was not seen, relative to @base
 * @far: a run of segments outside the window was seen
 * @far_lo: where that run begins
 * @far_hi: where that run ends
 * @far_bytes: payload in that run
 * @far_fin: the run ends with a FIN
 * @corrected: later evidence has corrected the sequence numbers, so the oracle
 *	is no longer valid
 * @seen: which sequence numbers were seen
 */
struct oracle {
	bool knows;
	u32 base;
	u32 next;
	u32 contig;
	bool far;
	u32 far_lo;
	u32 far_hi;
	u32 far_bytes;
	bool far_fin;
	bool corrected;
	bool seen[ORACLE_SIZE];
};

void oracle_begin(struct oracle o[2], const struct tcpt_track *t);
void oracle_check(struct oracle o[2], const struct view *w);

#endif /* _FUZZ_ORACLE_H */
