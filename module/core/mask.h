/* SPDX-License-Identifier: GPL-2.0 */
/* Event masks: which records a reader wants. */
#ifndef _TCPT_MASK_H
#define _TCPT_MASK_H

#include "env.h"

#include <linux/tcptrace.h>

u32 tcpt_mask_types(u32 mask);
bool tcpt_mask_wants(u32 mask, const struct tcptrace_header *h);

#endif /* _TCPT_MASK_H */
