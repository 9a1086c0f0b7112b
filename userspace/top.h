/* SPDX-License-Identifier: GPL-2.0 */
/* What connections did between two readings of a table. */
#ifndef _TCPTRACECTL_TOP_H
#define _TCPTRACECTL_TOP_H

#include "proc_conn.h"

enum {
	TOP_TEXT	= 64,
};

/**
 * enum top_sort - what is at the top
 * @TOP_BYTES:		most bytes in the interval, of both ends
 * @TOP_REXMIT:		most retransmitted bytes in the interval
 * @TOP_RTT:		the longest round trip time of the handshake
 * @TOP_RESPONSE:	the longest mean response time
 * @TOP_WINDOW:		the longest time limited by the window in the interval
 * @TOP_NEW:		most connections opened in the interval
 */
enum top_sort {
	TOP_BYTES,
	TOP_REXMIT,
	TOP_RTT,
	TOP_RESPONSE,
	TOP_WINDOW,
	TOP_NEW,
	TOP_SORTS,
};

/**
 * enum top_group - what a row is about
 * @TOP_NO_GROUP:	a connection
 * @TOP_ORIG:		the address of the originator
 * @TOP_RESP:		the address of the responder
 * @TOP_PORT:		the port of the responder
 * @TOP_PROCESS:	a process, at either end
 * @TOP_FINDING:	a finding; a connection may have several
 */
enum top_group {
	TOP_NO_GROUP,
	TOP_ORIG,
	TOP_RESP,
	TOP_PORT,
	TOP_PROCESS,
	TOP_FINDING,
	TOP_GROUPS,
};

/**
 * struct top_counters - what grows: totals, or the growth in an interval
 * @bytes: payload bytes of originator and responder
 * @rexmit: retransmitted bytes
 * @packets: packets
 * @window: ns that the receiver's window limited the sender
 */
struct top_counters {
	u64 bytes[2];
	u64 rexmit[2];
	u64 packets[2];
	u64 window[2];
};

/**
 * struct top_row - a connection, or several
 * @id: number of the connection
 * @conns: how many connections
 * @opened: how many of them were opened in the interval
 * @refused: how many of them were refused in the interval
 * @is_open: neither closed nor refused
 * @was_refused: the responder sent RST and no SYN
 * @total: counters of the connection
 * @grown: their growth in the interval
 * @rtt: of the handshake, ns, 0: unknown; the longest
 * @response: mean response time, ns, 0: unknown; the longest
 * @findings: bits 1 << enum tcptrace_finding
 * @unanswered: the responder has sent nothing
 * @addr: addresses of originator and responder
 * @port: their ports
 * @states: states of both ends
 * @process: process of a local socket, empty if unknown
 * @name: what the row is about
 */
struct top_row {
	u64 id;
	u64 conns;
	u64 opened;
	u64 refused;
	bool is_open;
	bool was_refused;
	struct top_counters total;
	struct top_counters grown;
	u64 rtt;
	u64 response;
	u64 findings;
	bool unanswered;
	struct addr addr[2];
	u16 port[2];
	char states[TOP_TEXT];
	char process[TOP_TEXT];
	char name[2 * TOP_TEXT];
};

/**
 * struct top_rows - rows
 * @rows: the rows
 * @n: how many there are
 * @room: how many fit
 */
struct top_rows {
	struct top_row *rows;
	size_t n;
	size_t room;
};

/**
 * struct top_sums - what all connections did
 * @open: connections that are open
 * @opened: connections opened in the interval
 * @refused: connections refused in the interval
 */
struct top_sums {
	u64 open;
	u64 opened;
	u64 refused;
};

int top_read(struct top_rows *to, struct proc_table *table, const char **bad);
void top_compare(struct top_rows *now, const struct top_rows *before,
		 struct top_sums *sums);
int top_group(struct top_rows *to, const struct top_rows *from,
	      enum top_group group);
void top_sort(struct top_rows *rows, enum top_sort sort);
bool top_is_active(const struct top_row *row);
void top_odd(const struct top_row *row, char *to, size_t size);
void top_free(struct top_rows *rows);

#endif /* _TCPTRACECTL_TOP_H */
