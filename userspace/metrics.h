/* SPDX-License-Identifier: GPL-2.0 */
/* Add up records for each network namespace. */
#ifndef _TCPTRACECTL_METRICS_H
#define _TCPTRACECTL_METRICS_H

#include "record.h"

enum {
	/* The last entry is for all namespaces without their own entry. */
	METRICS_NETNS	= 64,
	/* The last entry is for all reasons without their own entry. */
	METRICS_DROP_REASONS	= 32,
	METRICS_PORTS	= 65536,
};

/**
 * struct metrics_histogram - number of measured times in each bucket
 * @count: number of measured times in each bucket of tcptrace_dir.rtt_hist:
 *	bucket [i] has the times below 16 << i us that no lower bucket has; the
 *	last bucket has no limit
 * @sum_ns: sum of the times
 */
struct metrics_histogram {
	u64 count[TCPTRACE_RTT_BUCKETS];
	u64 sum_ns;
};

/**
 * struct metrics_drop - connections whose SYN this host dropped for one reason
 * @reason: tcptrace_opening.reason, NUL-terminated, with '_' in place of all
 *	characters but letters and digits; in the last entry: "other"
 * @count: number of connections
 */
struct metrics_drop {
	char reason[TCPTRACE_DROP_REASON_MAX + 1];
	u64 count;
};

/**
 * struct metrics_netns - sums of one network namespace
 * @netns: inode number of the namespace; 0: all namespaces without their own
 *	entry
 * @opened: number of OPEN records
 * @established: number of ESTABLISHED records
 * @closes: CLOSE records per enum tcptrace_close_reason; last: unknown reasons
 * @fates: CLOSE records per enum tcptrace_fate; last: unknown fates
 * @findings: FINDING records per enum tcptrace_finding; last: unknown findings
 * @suspected: SUSPECTED records per enum tcptrace_suspicion; last: unknown
 *	kinds
 * @icmp: ICMP records per enum tcptrace_error_kind; last: unknown kinds
 * @limits: how often each enum tcptrace_limit_kind was reached
 * @drops: connections whose SYN this host dropped, by the kernel's drop reason
 * @n_drops: number of entries of @drops that are used
 * @handshake: times from SYN to SYN,ACK and from SYN,ACK to ACK
 * @rtt: round trip times, per sender of the segment; the sum is not known
 * @response: response times, per responding end
 * @packets: packets of closed connections, per sender
 * @rexmit_packets: packets with payload that was seen before, per sender
 * @bytes: payload bytes, per sender
 * @rexmit_bytes: payload bytes that were seen before, per sender
 */
struct metrics_netns {
	u32 netns;
	u64 opened;
	u64 established;
	u64 closes[TCPTRACE_CLOSE_REASONS + 1];
	u64 fates[TCPTRACE_FATES + 1];
	u64 findings[TCPTRACE_FINDINGS + 1];
	u64 suspected[TCPTRACE_SUSPICIONS + 1];
	u64 icmp[TCPTRACE_ERRORS + 1];
	u64 limits[TCPTRACE_LIMITS];
	struct metrics_drop drops[METRICS_DROP_REASONS];
	unsigned int n_drops;
	struct metrics_histogram handshake[2];
	struct metrics_histogram rtt[2];
	struct metrics_histogram response[2];
	u64 packets[2];
	u64 rexmit_packets[2];
	u64 bytes[2];
	u64 rexmit_bytes[2];
};

/**
 * struct metrics_port - number of connections to one responder port
 * @closed: connections with a CLOSE record
 * @failed: connections that were refused, unreachable or not answered
 */
struct metrics_port {
	u64 closed;
	u64 failed;
};

/**
 * struct metrics - all sums
 * @records: number of records, without LOST records
 * @lost: number of lost records (of a capture: packets), from the LOST records
 * @netns: sums per network namespace; the first entry is always used
 * @n_netns: number of entries of @netns that are used
 * @ports: sums per responder port
 */
struct metrics {
	u64 records;
	u64 lost;
	struct metrics_netns netns[METRICS_NETNS];
	unsigned int n_netns;
	struct metrics_port ports[METRICS_PORTS];
};

void metrics_init(struct metrics *m, u32 netns);
void metrics_take(struct metrics *m, const union record *rec);
unsigned int metrics_top_ports(const struct metrics *m, u16 *ports,
			       unsigned int n);

#endif /* _TCPTRACECTL_METRICS_H */
