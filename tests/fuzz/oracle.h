/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An independent record of the sequence numbers seen, with one bool for each.
 */
#ifndef _FUZZ_ORACLE_H
#define _FUZZ_ORACLE_H

#include "view.h"

enum {
	ORACLE_SIZE	= 16384,	/* sequence numbers that @seen covers */
};

/**
 * struct oracle - the sequence numbers seen from one end
 * @knows: the oracle is valid; an invalid oracle becomes valid only when it
 *	restarts with new sequence numbers
 * @base: the sequence number of @seen[0]; lower numbers are treated as seen
 * @next: the highest sequence number seen plus 1, relative to @base
 * @contig: the lowest sequence number not seen, relative to @base
 * @far: a run of segments outside the window was seen
 * @far_lo: start of the run outside the window
 * @far_hi: end of the run outside the window
 * @far_bytes: bytes of payload in the run outside the window
 * @far_fin: the run outside the window ends with a FIN
 * @corrected: later evidence may have corrected sequence numbers of either end,
 *	so nothing more is checked; set only in the oracle of end 0
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
