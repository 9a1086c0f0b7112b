/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A vantage is a hook, with its interfaces, that observes a packet. Some
 * packets pass two hooks, but each packet must be counted only once.
 */
#ifndef _TCPT_VANTAGE_H
#define _TCPT_VANTAGE_H

#include <linux/types.h>

struct tcpt_endpoint;
struct tcpt_segment;

enum {
	TCPT_VANTAGE_NONE	= 0,	/* nothing was observed */
	TCPT_VANTAGE_MANY	= 1,	/* two vantages or more */
	/* other values come from tcpt_vantage_of() */

	TCPT_VANTAGE_SEGMENTS	= 48,	/* remembered for each connection */
	/* this many segments in a row without a copy prove one vantage */
	TCPT_VANTAGE_ALONE	= 4 * TCPT_VANTAGE_SEGMENTS,
	/* or this many in more than a second, because copies arrive sooner */
	TCPT_VANTAGE_FEW	= 8,
};

struct tcpt_vantage_log;

/**
 * struct tcpt_vantage_pass - a segment and its vantage
 * @seg: the segment
 * @x: the state of the sender before this segment
 * @now: time of the observation, ns
 * @vantage: vantage of the segment
 * @sender: index of the sender
 */
struct tcpt_vantage_pass {
	const struct tcpt_segment *seg;
	const struct tcpt_endpoint *x;
	u64 now;
	u32 vantage;
	u8 sender;
};

/**
 * enum tcpt_vantage_result - whether a segment with another vantage is a copy
 * @TCPT_VANTAGE_FIRST: the first segment of its sender
 * @TCPT_VANTAGE_OTHER: not a copy
 * @TCPT_VANTAGE_COPY: a copy of a segment that was observed before
 * @TCPT_VANTAGE_MOVED: not a copy; the sender's segments have moved from the
 *	old vantage to a new vantage
 */
enum tcpt_vantage_result {
	TCPT_VANTAGE_FIRST,
	TCPT_VANTAGE_OTHER,
	TCPT_VANTAGE_COPY,
	TCPT_VANTAGE_MOVED,
};

enum tcpt_vantage_result
tcpt_vantage_pass(const struct tcpt_vantage_pass *v, u32 vantage[2],
		  struct tcpt_vantage_log **log);
void tcpt_vantage_free(struct tcpt_vantage_log *log);

/**
 * tcpt_vantage_of - combine a hook and its interfaces into a vantage value
 * @in: index of the interface on which packets arrive, or 0
 * @out: index of the interface on which packets leave, or 0
 * @hook: enum tcptrace_hook
 *
 * Context: any.
 * Return: the value, never TCPT_VANTAGE_NONE or TCPT_VANTAGE_MANY. If interface
 * indexes are 32768 or more, two vantages may have the same value.
 */
static inline u32 tcpt_vantage_of(u32 in, u32 out, u8 hook)
{
	return (out << 17 ^ in << 2) | hook;
}

#endif /* _TCPT_VANTAGE_H */
