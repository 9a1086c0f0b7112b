/* SPDX-License-Identifier: GPL-2.0 */
/* The tracker: takes segments, changes the table, emits records. */
#ifndef _TCPT_TRACKER_H
#define _TCPT_TRACKER_H

#include "config.h"
#include "conn.h"
#include "table.h"

#include <linux/types.h>

struct tcpt_cause;
struct tcpt_passage;
struct tcpt_result;
struct tcpt_segment;
struct tcptrace_error;

enum {
	TCPT_TRACKER_TRIES	= 4,	/* lookups for one segment */
	TCPT_TRACKER_EVICTIONS	= 2,	/* victims for one new connection */
	/*
	 * An open connection that hears no acceptable segment for so long may
	 * be evicted: 2 hours 4 minutes, as in RFC 5382 REQ-5.
	 */
	TCPT_TRACKER_QUIET_S	= 7440,
};

/**
 * struct tcpt_tracker - what all network namespaces share
 * @table: the connections
 * @config: timeouts; they may change at any time
 */
struct tcpt_tracker {
	struct tcpt_table table;
	const struct tcpt_config *config;
};

/**
 * struct tcpt_arrival - a segment that was observed
 * @seg: the segment
 * @packet: the packet that it was read from, for the readers' filters
 * @ns: in which network namespace
 * @owner: the local socket that sent it
 * @now: when, ns of CLOCK_MONOTONIC
 * @zone: interface index if an address is link-local, else 0
 * @vantage: the hook and the interface, see vantage.h
 * @hook: enum tcptrace_hook
 */
struct tcpt_arrival {
	const struct tcpt_segment *seg;
	const void *packet;
	struct tcpt_ns *ns;
	struct tcpt_owner owner;
	u64 now;
	u32 zone;
	u32 vantage;
	u8 hook;
};

void tcpt_tracker_apply(struct tcpt_conn *conn, const struct tcpt_cause *cause,
			const struct tcpt_result *res);
bool tcpt_tracker_is_quiet(const struct tcpt_conn *conn, u64 now);
void tcpt_tracker_finish_locked(struct tcpt_conn *conn, u64 now,
				const struct tcpt_result *res);
void tcpt_tracker_observe(struct tcpt_tracker *tracker,
			  const struct tcpt_arrival *arrival);
void tcpt_tracker_icmp(struct tcpt_tracker *tracker,
		       const struct tcpt_arrival *quoted,
		       struct tcptrace_error *error);
void tcpt_tracker_pass(struct tcpt_tracker *tracker,
		       const struct tcpt_arrival *arrival,
		       const struct tcpt_passage *passage);

#endif /* _TCPT_TRACKER_H */
