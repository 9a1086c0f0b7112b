/* SPDX-License-Identifier: GPL-2.0 */
/* Event masks select the records that a reader wants. */
#ifndef _TCPT_MASK_H
#define _TCPT_MASK_H

#include "env.h"

#include <linux/tcptrace.h>

/* The mask bits that select a SUSPECTED record. */
#define TCPT_MASK_SUSPECTED	(TCPTRACE_MASK(TCPTRACE_SUSPECTED) | \
				 TCPTRACE_MASK_FAILURES)

u32 tcpt_mask_types(u32 mask);
u32 tcpt_mask_close(unsigned int reason);
u32 tcpt_mask_record(const struct tcptrace_header *h);
bool tcpt_mask_wants(u32 mask, const struct tcptrace_header *h);

#endif /* _TCPT_MASK_H */
