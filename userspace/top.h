/* SPDX-License-Identifier: GPL-2.0 */
/* Compute the activity of connections between two readings. */
#ifndef _TCPTRACECTL_TOP_H
#define _TCPTRACECTL_TOP_H

#include "proc_conn.h"
#include "tracker.h"

/**
 * struct top_counters - totals of counters, or their growth in an interval
 * @bytes: payload bytes of originator and responder
 * @rexmit: retransmitted bytes
 * @packets: packets
 * @window: time in ns during which the receiver's window limited the sender
 */
struct top_counters {
	u64 bytes[2];
	u64 rexmit[2];
	u64 packets[2];
	u64 window[2];
};

/**
 * struct top_ends - the ends of a connection
 * @addr: addresses of originator and responder
 * @nat: their addresses as the other end sees them; family 0: not translated
 * @port: their ports
 * @nat_port: the ports of @nat
 * @process: process of a local socket; pid 0 if unknown
 * @cgroup: cgroup ids of the originator and the responder; 0 if unknown
 * @first: time of the first segment, ns since 1970
 */
struct top_ends {
	struct addr addr[2];
	struct addr nat[2];
	u16 port[2];
	u16 nat_port[2];
	struct process process;
	u64 cgroup[2];
	u64 first;
};

/**
 * struct top_facts - facts about a connection at one time
 * @total: counters since the connection was opened
 * @rtt: RTT of the handshake, ns, 0: unknown; for a group, the longest RTT
 * @response: mean response time of the slower end, ns, 0: unknown; for a group,
 *	the longest time
 * @findings: bits 1 << enum tcptrace_finding
 * @state: enum tcptrace_state of both ends, TCPTRACE_STATES: unknown
 * @is_open: neither closed nor refused
 * @was_refused: the responder sent a RST but no SYN
 * @unanswered: the responder has sent nothing
 */
struct top_facts {
	struct top_counters total;
	u64 rtt;
	u64 response;
	u64 findings;
	u8 state[2];
	bool is_open;
	bool was_refused;
	bool unanswered;
};

/**
 * struct top_row - a connection or a group of connections
 * @id: number of the connection; for a group, the lowest number
 * @conns: number of connections in this row
 * @opened: how many of these connections were opened in the interval
 * @refused: how many of these connections were refused in the interval
 * @ends: ends of the connection; for a group, of one of its connections
 * @facts: facts about the connection or the group; for a group, @total, @state
 *	and @was_refused are those of one of its connections
 * @grown: growth of the counters in the interval
 */
struct top_row {
	u64 id;
	u64 conns;
	u64 opened;
	u64 refused;
	struct top_ends ends;
	struct top_facts facts;
	struct top_counters grown;
};

/**
 * struct top_rows - rows
 * @rows: the rows
 * @n: number of @rows
 * @room: number of rows that fit in @rows
 */
struct top_rows {
	struct top_row *rows;
	size_t n;
	size_t room;
};

/**
 * struct top_sums - numbers of connections
 * @open: connections that are open
 * @opened: connections opened in the interval
 * @refused: connections refused in the interval
 */
struct top_sums {
	u64 open;
	u64 opened;
	u64 refused;
};

struct top_row *top_add(struct top_rows *to);
int top_read(struct top_rows *to, struct proc_table *table, u64 now,
	     const char **bad);
int top_track(struct top_rows *to, const struct conns *conns);
void top_compare(struct top_rows *now, const struct top_rows *before,
		 struct top_sums *sums);
void top_grow(struct top_row *row, const struct top_facts *before,
	      struct top_sums *sums);
bool top_is_active(const struct top_row *row);
void top_free(struct top_rows *rows);

#endif /* _TCPTRACECTL_TOP_H */
