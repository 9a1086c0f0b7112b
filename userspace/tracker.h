/* SPDX-License-Identifier: GPL-2.0 */
/* Apply the module's engine to the segments of a capture. */
#ifndef _TCPTRACECTL_TRACKER_H
#define _TCPTRACECTL_TRACKER_H

#include "capture_stats.h"
#include "conns.h"
#include "flood.h"
#include "core/emit.h"
#include "core/env.h"
#include "core/flow.h"
#include "core/segment.h"
#include "record.h"

enum {
	/* default limits of open connections */
	TRACKER_OPEN_LIVE	= 65536,
	TRACKER_OPEN_FILE	= 4 << 20,
};

/**
 * struct arrival - a segment of a capture
 * @seg: the segment
 * @now: time of the segment, ns since 1970; can be earlier than that of the
 *	previous segment
 * @frame: number of its packet, counting from 1
 * @error: the ICMP error that quotes the segment; kind 0: none
 * @broken: no TCP implementation would accept the segment; only Wireshark's
 *	analysis uses it
 * @vantage: hash of the interface and the link-layer header of the packet
 * @tunnel: number of the tunnel that the segment came through, 0 if none
 * @flow: ends of the connection
 * @hash: hash of @flow
 * @sender: index of the end of @flow that sent the segment
 *
 * tracker_address() sets @flow, @hash and @sender.
 */
struct arrival {
	struct tcpt_segment seg;
	u64 now;
	u64 frame;
	struct tcptrace_error error;
	bool broken;
	u32 vantage;
	u32 tunnel;
	struct tcpt_flow flow;
	u32 hash;
	unsigned int sender;
};

/**
 * struct tracker - the connections of a capture
 * @conns: the connections
 * @mask: event mask
 * @sink: takes the records of the types in @mask
 * @handle: called with each wanted record and the number of its packet, or 0 if
 *	there is no packet; a return value other than 0 ends the run
 * @data: passed to @handle and @step
 * @step: called before the first segment at or after the time @step_at; in a
 *	live capture, called even if no segment arrives. The function must
 *	advance @step_at; a return value other than 0 ends the run
 * @step_at: ns since 1970; UINT64_MAX: never
 * @open_max: maximum number of open connections
 * @as_module: show what the module would show: for example, do not decapsulate
 *	tunnels, reassemble fragments or wait for late segments
 * @ret: the first value other than 0 of @handle or @step, or an error
 * @records: number of records so far
 * @opened: number of connections so far
 * @last: the latest time seen, ns
 * @aged: when tracker_advance() last looked for timeouts, ns
 * @frame: the packet number to pass to @handle, or 0
 * @counts: the counters, by enum count
 * @findings: number of findings, by enum tcptrace_finding
 * @flood: set at the end of the capture
 * @rec: room for a record
 */
struct tracker {
	struct conns conns;
	u32 mask;
	struct tcpt_sink sink;
	int (*handle)(void *data, const union record *rec, u64 frame);
	void *data;
	int (*step)(void *data, u64 now);
	u64 step_at;
	size_t open_max;
	bool as_module;
	int ret;
	u64 records;
	u64 opened;
	u64 last;
	u64 aged;
	u64 frame;
	u64 counts[COUNTS];
	u64 findings[TCPTRACE_FINDINGS];
	struct flood flood;
	union record rec;
};

int tracker_init(struct tracker *tr, u32 mask,
		 int (*handle)(void *data, const union record *rec, u64 frame),
		 void *data);
void tracker_address(const struct tracker *tr, struct arrival *a);
int tracker_segments(struct tracker *tr, const struct arrival *arrivals,
		     size_t n);
int tracker_advance(struct tracker *tr, u64 now);
void tracker_lost(struct tracker *tr, u64 now, u64 packets);
int tracker_finish(struct tracker *tr);
void tracker_free(struct tracker *tr);

#endif /* _TCPTRACECTL_TRACKER_H */
