/* SPDX-License-Identifier: GPL-2.0 */
/* Collect the data of a report, one connection at a time. */
#ifndef _TCPTRACECTL_REPORT_H
#define _TCPTRACECTL_REPORT_H

#include "conversation.h"
#include "throughput.h"

enum {
	REPORT_ROWS	= 10000,	/* in the table of connections */
	REPORT_PICKS	= 20,		/* drawn and explained connections */
	REPORT_ALIKE	= 3,		/* maximum number of similar picks */
	REPORT_TOP	= 10,		/* in each list of largest values */
	REPORT_CAUSES	= 64,		/* causes of failure */
	REPORT_EXAMPLES	= 5,		/* examples of each count */
	REPORT_CAUSE	= 160,
};

/**
 * enum report_top - lists of the largest values
 * @REPORT_HANDSHAKE:	time from SYN to ACK
 * @REPORT_RESPONSE:	the longest response time of the server
 * @REPORT_AGAIN:	number of bytes that were retransmitted
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
 * @close: closing record of the connection; if there is none, only flow and
 *	start are set
 * @handshake_ns: time from the first SYN to the ACK; 0 if they were not seen
 * @score: how interesting the connection is
 */
struct report_row {
	struct tcptrace_close close;
	u64 handshake_ns;
	u32 score;
};

/**
 * struct report_count - how many connections have a property
 * @count: number of connections that have the property
 * @example: IDs of the first connections that have the property
 */
struct report_count {
	u64 count;
	u64 example[REPORT_EXAMPLES];
};

/**
 * struct report_cause - a cause of failure
 * @text: the cause in words
 * @seen: the connections that failed for this cause
 */
struct report_cause {
	char text[REPORT_CAUSE];
	struct report_count seen;
};

/**
 * struct report_extreme - an entry in a list of the largest values
 * @value: the value by which the list is sorted
 * @row: the connection
 */
struct report_extreme {
	u64 value;
	struct report_row row;
};

/**
 * struct report_pick - a connection that the report draws and explains
 * @row: the connection
 * @conversation: a copy of the connection's records
 */
struct report_pick {
	struct report_row row;
	struct conversation conversation;
};

/**
 * struct report - the data of a report
 * @rows: the most interesting connections
 * @nr_rows: number of @rows
 * @connections: number of connections
 * @failed: number of connections that were refused, unreachable or not answered
 * @open: number of connections that had not ended
 * @segments: number of segments
 * @bytes: payload bytes
 * @again: payload bytes that were seen before
 * @begin: time of the first record
 * @end: time of the last record
 * @throughput: payload bytes over time
 * @rtt: histograms of round trip times: [0] between here and the server,
 *	[1] between here and the client
 * @response: histograms of response times: [0] of the client, [1] of the server
 * @findings: for each finding, the connections that have it
 * @worst: for each finding, the occurrence with the largest value
 * @suspicions: for each suspicion, the connections that have it
 * @causes: causes of failure
 * @nr_causes: number of @causes
 * @top: lists of the largest values; an entry with the value 0 is not used
 * @pick: the connections to draw and explain, the most interesting first
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
