/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reports the limits that a namespace has reached, at most once a second,
 * regardless of the number of hits.
 */
#ifndef _TCPT_LIMIT_H
#define _TCPT_LIMIT_H

#include "conn.h"

#include <linux/spinlock.h>
#include <linux/tcptrace.h>
#include <linux/timer.h>

/**
 * struct tcpt_limits - unreported hits of a network namespace
 * @ns: the namespace
 * @timer: pending while there are hits
 * @lock: leaf; protects the fields below
 * @hits: number of hits, indexed by enum tcptrace_limit_kind
 * @unanswered: number of evicted connections of which only one end was seen
 * @begin: time of the first unreported hit, but never before @reported, ns; 0
 *	if there is no unreported hit
 * @reported: time when the last LIMIT record was emitted, ns
 * @opened: number of connections that the namespace had opened before @begin
 * @addr: receiver of more than half of the segments, if there is one
 * @port: destination port of more than half of the segments, if there is one
 * @family: family of @addr, 4 or 6
 * @addr_votes: votes for @addr minus votes for other addresses, since @addr
 *	became the candidate
 * @port_votes: votes for @port minus votes for other ports, since @port became
 *	the candidate
 */
struct tcpt_limits {
	struct tcpt_ns *ns;
	struct timer_list timer;
	spinlock_t lock;	/* inside all others */
	u32 hits[TCPTRACE_LIMITS];
	u32 unanswered;
	u64 begin;
	u64 reported;
	unsigned long opened;
	u8 addr[16];
	u16 port;
	u8 family;
	u32 addr_votes;
	u32 port_votes;
};

/**
 * struct tcpt_hit - describes one hit of a limit
 * @kind: enum tcptrace_limit_kind
 * @now: time of the hit, ns of CLOCK_MONOTONIC
 * @flow: the flow of the segment that reached the limit, NULL if none
 * @receiver: the end of @flow that receives the segment
 * @evicted: the connection that was evicted, NULL if none; it must not change
 *	during the call
 */
struct tcpt_hit {
	unsigned int kind;
	u64 now;
	const struct tcpt_flow *flow;
	unsigned int receiver;
	const struct tcpt_conn *evicted;
};

void tcpt_limit_init(struct tcpt_limits *limits, struct tcpt_ns *ns);
void tcpt_limit_stop(struct tcpt_limits *limits);
void tcpt_limit_hit(struct tcpt_limits *limits, const struct tcpt_hit *hit);
void tcpt_limit_tick(struct tcpt_limits *limits, u64 now);
void tcpt_limit_report(struct tcpt_limits *limits, u64 now);

#endif /* _TCPT_LIMIT_H */
