/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TCPT_RING_RESERVE_H
#define _TCPT_RING_RESERVE_H

#include <linux/bottom_half.h>

#include "../module/ring_plain.h"

/* Reserve with BHs disabled, as producers do; tests run in process context. */
static inline int tcpt_ring_reserve_bh(struct tcpt_ring *ring,
				       struct tcpt_slot *slot, u32 len,
				       u64 time)
{
	int ret;

	local_bh_disable();
	ret = tcpt_ring_reserve(ring, slot, len, time);
	local_bh_enable();
	return ret;
}

#endif /* _TCPT_RING_RESERVE_H */
