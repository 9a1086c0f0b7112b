/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reports the limits that a namespace has reached, at most once a second,
 * regardless of the number of hits.
 */
#ifndef _TCPT_LIMIT_H
#define _TCPT_LIMIT_H

#include "conn.h"

#include <linux/percpu.h>
#include <linux/spinlock.h>
#include <linux/tcptrace.h>
#include <linux/timer.h>

/**
 * struct tcpt_hits - unreported hits of a network namespace on one CPU
 * @lock: leaf; protects the fields below
 * @count: number of hits, indexed by enum tcptrace_limit_kind
 * @unanswered: number of evicted connections of which only one end was seen
 * @addr_votes: votes for @addr minus votes for other addresses, since @addr
 *	became the candidate
 * @port_votes: votes for @port minus votes for other ports, since @port became
 *	the candidate
 * @addr: receiver of more than half of the segments, if there is one
 * @port: destination port of more than half of the segments, if there is one
 * @family: family of @addr, 4 or 6
 */
struct tcpt_hits {
	spinlock_t lock;	/* inside all others */
	u32 count[TCPTRACE_LIMITS];
	u32 unanswered;
	u32 addr_votes;
	u32 port_votes;
	u8 addr[16];
	u16 port;
	u8 family;
};

/**
 * struct tcpt_limits - unreported hits of a network namespace
 * @ns: the namespace
 * @hits: the hits, for each CPU
 * @timer: pending while there are hits
 * @pending: there are hits: @begin is set; written under @lock
 * @lock: taken outside the lock of @hits; protects the fields below
 * @begin: time of the first unreported hit, but never before @reported, ns
 * @reported: time when the last LIMIT record was emitted, ns
 * @opened: number of connections that the namespace had opened before @begin
 */
struct tcpt_limits {
	struct tcpt_ns *ns;
	struct tcpt_hits __percpu *hits;
	struct timer_list timer;
	bool pending;
	spinlock_t lock;	/* outside hits->lock, inside all others */
	u64 begin;
	u64 reported;
	unsigned long opened;
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

int tcpt_limit_init(struct tcpt_limits *limits, struct tcpt_ns *ns);
void tcpt_limit_stop(struct tcpt_limits *limits);
void tcpt_limit_free(struct tcpt_limits *limits);
void tcpt_limit_hit(struct tcpt_limits *limits, const struct tcpt_hit *hit);
void tcpt_limit_add(struct tcpt_hits *sum, const struct tcpt_hits *part);
void tcpt_limit_tick(struct tcpt_limits *limits, u64 now);
void tcpt_limit_report(struct tcpt_limits *limits, u64 now);

#endif /* _TCPT_LIMIT_H */
