/* SPDX-License-Identifier: GPL-2.0 */
/* Where the SYNs of a connection went after they were observed. */
#ifndef _TCPT_FATE_H
#define _TCPT_FATE_H

#include "env.h"

#include <linux/tcptrace.h>

struct tcpt_result;
struct tcpt_segment;
struct tcpt_track;

/**
 * enum tcpt_fate_step - how far the latest SYN of the originator got
 * @TCPT_FATE_OBSERVED:	the SYN was observed
 * @TCPT_FATE_LEFT:		the SYN passed the ruleset on its way out
 * @TCPT_FATE_DELIVERED: the SYN passed the ruleset on its way to a local socket
 * @TCPT_FATE_DROPPED:		the SYN was dropped
 */
enum tcpt_fate_step {
	TCPT_FATE_OBSERVED,
	TCPT_FATE_LEFT,
	TCPT_FATE_DELIVERED,
	TCPT_FATE_DROPPED,
};

/**
 * struct tcpt_fate - where the SYNs of a connection went
 * @error_at: when @error was seen, ns
 * @reason: reason for the drop, a constant string, if there was a drop
 * @error: the latest credible ICMP error; its kind is 0 if there was none
 * @ifindex: interface of @step
 * @drops: number of packets of the connection that this host dropped, up to
 *	65535
 * @step: enum tcpt_fate_step
 * @hook: enum tcptrace_hook of the SYN's path through this host, if the SYN was
 *	dropped
 * @watched: packets were being followed when the connection began
 * @left: a SYN passed the ruleset on its way out
 * @delivered: a SYN passed the ruleset on its way to a local socket
 * @local: this host sent @error
 */
struct tcpt_fate {
	u64 error_at;
	const char *reason;
	struct tcptrace_error error;
	u32 ifindex;
	u16 drops;
	u8 step;
	u8 hook;
	bool watched;
	bool left;
	bool delivered;
	bool local;
};

/**
 * struct tcpt_backlog - a full queue of a listener
 * @reason: which queue is full, a constant string; NULL if neither queue is
 *	full
 * @drops: number of packets that the listener had dropped before
 * @queued: number of connections in the queue
 * @limit: limit of that queue
 * @owner: the owner of the listener
 */
struct tcpt_backlog {
	const char *reason;
	u32 drops;
	u32 queued;
	u32 limit;
	struct tcptrace_owner owner;
};

/**
 * struct tcpt_passage - what happened to a packet after it was observed
 * @step: enum tcpt_fate_step
 * @hook: enum tcptrace_hook of the packet's path through this host, if the
 *	packet was dropped
 * @ifindex: interface, 0 if unknown
 * @reason: reason for the drop, a constant string, if there was a drop
 * @function: the function that dropped the packet, if it was dropped
 * @backlog: the full queue of the listener, if a full queue caused the drop
 * @ignored: the drop is to be ignored if the receiver has sent any packet
 */
struct tcpt_passage {
	u8 step;
	u8 hook;
	u32 ifindex;
	const char *reason;
	const char *function;
	struct tcpt_backlog backlog;
	bool ignored;
};

bool tcpt_fate_pass(struct tcpt_track *t, unsigned int from,
		    const struct tcpt_segment *seg,
		    const struct tcpt_passage *passage,
		    struct tcpt_result *res);
enum tcptrace_fate tcpt_fate_of(const struct tcpt_track *t, unsigned int hook);

/* Does an ICMP error explain why the SYN was not answered? */
static inline bool tcpt_fate_is_unreachable(const struct tcpt_fate *f)
{
	return f->error.kind && f->error.kind != TCPTRACE_ERROR_TOO_BIG;
}

#endif /* _TCPT_FATE_H */
