/* SPDX-License-Identifier: GPL-2.0 */
/* Sums over records, for each network namespace. */
#ifndef _TCPTRACECTL_METRICS_H
#define _TCPTRACECTL_METRICS_H

#include "record.h"

enum {
	/* The last entry sums up the namespaces without their own entry. */
	METRICS_NETNS	= 64,
	/* The last entry sums up the reasons without their own entry. */
	METRICS_DROP_REASONS	= 32,
	METRICS_PORTS	= 65536,
};

/**
 * struct metrics_histogram - number of measured times in each bucket
 * @count: bucket [i] holds times below 16 << i us that are in no earlier
 *	bucket; the last bucket has no limit, as in tcptrace_dir.rtt_hist
 * @sum_ns: sum of the times
 */
struct metrics_histogram {
	u64 count[TCPTRACE_RTT_BUCKETS];
	u64 sum_ns;
};

/**
 * struct metrics_drop - SYNs that this host dropped for one reason
 * @reason: tcptrace_opening.reason, ends with NUL
 * @count: how many connections
 */
struct metrics_drop {
	char reason[TCPTRACE_DROP_REASON_MAX + 1];
	u64 count;
};

/**
 * struct metrics_netns - sums of one network namespace
 * @netns: inode number of the namespace; 0: the namespaces without an entry
 * @opened: OPEN records
 * @established: ESTABLISHED records
 * @closes: CLOSE records by enum tcptrace_close_reason; last: unknown reasons
 * @fates: CLOSE records by enum tcptrace_fate; last: unknown fates
 * @findings: FINDING records by enum tcptrace_finding; last: unknown findings
 * @suspected: SUSPECTED records by enum tcptrace_suspicion; last: unknown kinds
 * @icmp: ICMP records by enum tcptrace_error_kind; last: unknown kinds
 * @limits: hits by enum tcptrace_limit_kind
 * @drops: SYNs that this host dropped, by the kernel's reason
 * @n_drops: how many of @drops are used
 * @handshake: times from SYN to SYN,ACK and from SYN,ACK to ACK
 * @rtt: round trip times, by the sender of the segment; without a sum
 * @response: response times, by the end that responds
 * @packets: packets of closed connections, by the end that sent them
 * @rexmit_packets: packets with payload that was seen before
 * @bytes: payload bytes
 * @rexmit_bytes: payload bytes that were seen before
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
 * struct metrics_port - connections to one port of a responder
 * @closed: connections that were closed
 * @failed: connections that the responder refused or did not answer
 */
struct metrics_port {
	u64 closed;
	u64 failed;
};

/**
 * struct metrics - all sums
 * @records: records counted, without LOST
 * @lost: records lost, from the LOST records
 * @netns: network namespaces; the first has metrics from the beginning
 * @n_netns: how many of @netns are used
 * @ports: by port of the responder
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
