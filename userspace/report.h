/* SPDX-License-Identifier: GPL-2.0 */
/* The data of a report, collected connection by connection. */
#ifndef _TCPTRACECTL_REPORT_H
#define _TCPTRACECTL_REPORT_H

#include "conversation.h"
#include "throughput.h"

enum {
	REPORT_ROWS	= 10000,	/* in the table of connections */
	REPORT_PICKS	= 20,		/* drawn and explained connections */
	REPORT_ALIKE	= 3,		/* limit of picks that are alike */
	REPORT_TOP	= 10,		/* in each list of extremes */
	REPORT_CAUSES	= 64,		/* ways to fail */
	REPORT_EXAMPLES	= 5,		/* links to connections */
	REPORT_CAUSE	= 160,
};

/**
 * enum report_top - lists of extremes, the largest first
 * @REPORT_HANDSHAKE:	time from SYN to ACK
 * @REPORT_RESPONSE:	the longest response time of the server
 * @REPORT_AGAIN:	bytes that were sent again
 * @REPORT_TOPS:	number of lists
 */
enum report_top {
	REPORT_HANDSHAKE,
	REPORT_RESPONSE,
	REPORT_AGAIN,
	REPORT_TOPS,
};

/**
 * struct report_row - a connection
 * @close: its closing record; if the connection is open, only flow and start
 * @handshake_ns: time from the first SYN to the ACK; 0 if not seen
 * @score: how interesting it is
 */
struct report_row {
	struct tcptrace_close close;
	u64 handshake_ns;
	u32 score;
};

/**
 * struct report_count - the number of connections with a property
 * @count: number of connections
 * @example: numbers of the first connections
 */
struct report_count {
	u64 count;
	u64 example[REPORT_EXAMPLES];
};

/**
 * struct report_cause - a way to fail
 * @text: the cause in words
 * @seen: the connections
 */
struct report_cause {
	char text[REPORT_CAUSE];
	struct report_count seen;
};

/**
 * struct report_extreme - an entry of a list of extremes
 * @value: the value that the list is sorted by
 * @row: the connection
 */
struct report_extreme {
	u64 value;
	struct report_row row;
};

/**
 * struct report_pick - a connection that the report draws and explains
 * @row: the connection
 * @conversation: a copy of its records
 */
struct report_pick {
	struct report_row row;
	struct conversation conversation;
};

/**
 * struct report - the data of a report
 * @rows: the most interesting connections
 * @nr_rows: number of @rows
 * @connections: how many there were
 * @failed: how many connections were never established
 * @open: how many connections had not ended
 * @segments: segments
 * @bytes: payload
 * @again: payload that was seen before
 * @begin: time of the first segment
 * @end: time of the last segment
 * @throughput: payload over time
 * @rtt: histograms of round trip times: [0] between here and the server,
 *	[1] between here and the client
 * @response: histograms of response times: [0] of the client, [1] of the server
 * @findings: the connections with each finding
 * @worst: the largest value of each finding
 * @suspicions: the connections with each suspicion
 * @causes: ways to fail
 * @nr_causes: number of @causes
 * @top: lists of extremes; an entry with the value 0 is not used
 * @pick: connections to draw and explain, the most interesting first
 * @nr_picks: number of @pick
 */
struct report {
	struct report_row *rows;
	size_t nr_rows;
	u64 connections;
	u64 failed;
	u64 open;
	u64 segments;
	u64 bytes;
	u64 again;
	u64 begin;
	u64 end;
	struct throughput throughput;
	u64 rtt[2][TCPTRACE_RTT_BUCKETS];
	u64 response[2][TCPTRACE_RTT_BUCKETS];
	struct report_count findings[TCPTRACE_FINDINGS];
	struct tcptrace_found worst[TCPTRACE_FINDINGS];
	struct report_count suspicions[TCPTRACE_SUSPICIONS];
	struct report_cause causes[REPORT_CAUSES];
	size_t nr_causes;
	struct report_extreme top[REPORT_TOPS][REPORT_TOP];
	struct report_pick pick[REPORT_PICKS];
	size_t nr_picks;
};

int report_init(struct report *r);
int report_take(struct report *r, const struct conversation *c);
void report_finish(struct report *r);
void report_free(struct report *r);

#endif /* _TCPTRACECTL_REPORT_H */
