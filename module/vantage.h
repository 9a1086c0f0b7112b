/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the packets of a connection are observed. The kernel shows some packets
 * at two places: each counts once.
 */
#ifndef _TCPT_VANTAGE_H
#define _TCPT_VANTAGE_H

#include <linux/types.h>

struct tcpt_endpoint;
struct tcpt_segment;

enum {
	TCPT_VANTAGE_NONE	= 0,	/* nothing was observed */
	TCPT_VANTAGE_MANY	= 1,	/* two places or more */
	/* other values: interface << 2 | enum tcptrace_hook */

	TCPT_VANTAGE_SEGMENTS	= 48,	/* remembered for each connection */
	/* so many at one place, without a copy: it is the only one */
	TCPT_VANTAGE_ALONE	= 4 * TCPT_VANTAGE_SEGMENTS,
};

struct tcpt_vantage_log;

/**
 * struct tcpt_vantage_pass - a segment, and where it was observed
 * @seg: the segment
 * @x: what its sender has sent before
 * @now: when, ns
 * @vantage: where
 * @sender: index of its sender
 */
struct tcpt_vantage_pass {
	const struct tcpt_segment *seg;
	const struct tcpt_endpoint *x;
	u64 now;
	u32 vantage;
	u8 sender;
};

bool tcpt_vantage_is_copy(const struct tcpt_vantage_pass *v, u32 vantage[2],
			  struct tcpt_vantage_log **log);
void tcpt_vantage_free(struct tcpt_vantage_log *log);

/**
 * tcpt_vantage_of - the place of a hook and an interface
 * @ifindex: index of the interface
 * @hook: enum tcptrace_hook
 *
 * Context: any.
 * Return: the place; never TCPT_VANTAGE_NONE or MANY for an interface.
 */
static inline u32 tcpt_vantage_of(u32 ifindex, u8 hook)
{
	return ifindex << 2 | hook;
}

#endif /* _TCPT_VANTAGE_H */
