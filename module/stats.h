/* SPDX-License-Identifier: GPL-2.0 */
/* Counters, one set for each CPU and network namespace. */
#ifndef _TCPT_STATS_H
#define _TCPT_STATS_H

#include "core/acceptable.h"
#include "core/segment.h"

/* for asm-generic/percpu.h on some architectures */
#include <linux/irqflags.h>
#include <linux/percpu.h>
#include <linux/tcptrace.h>

struct tcpt_result;

/**
 * enum tcpt_stat - the counters; their names are in stats.c
 *
 * Each time a hook of hook.c sees a packet, exactly one counter of the first
 * group is incremented; this group ends with TCPT_STAT_NO_MEMORY. The second
 * group counts connections, events and refused readers. The third group counts
 * unusual segments. The fourth group counts ICMP errors that quote a segment,
 * and packets that this host dropped. The fifth group counts findings.
 *
 * Most counters from TCPT_STAT_TRACKED on depend on connections. From such a
 * counter, an attacker who has sent a forged segment could learn whether a
 * connection exists, or whether the segment was acceptable.
 */
enum tcpt_stat {
	TCPT_STAT_LOOPBACK,
	TCPT_STAT_L3MDEV,
	TCPT_STAT_NOT_TCP,
	TCPT_STAT_FRAGMENT,
	TCPT_STAT_TRUNCATED,
	TCPT_STAT_IP_VERSION,
	TCPT_STAT_IP_HDRLEN,
	TCPT_STAT_IP_LENGTH,
	TCPT_STAT_EXT_LENGTH,
	TCPT_STAT_EXT_LIMIT,
	TCPT_STAT_TCP_LENGTH,
	TCPT_STAT_TCP_DOFF,

	TCPT_STAT_TRACKED,	/* the first counter that only root may read */
	TCPT_STAT_LATE,
	TCPT_STAT_COPY,
	TCPT_STAT_BAD_FLAGS,
	TCPT_STAT_STRAY_SELF,
	TCPT_STAT_TABLE_FULL,
	TCPT_STAT_CHAIN_FULL,
	TCPT_STAT_NO_MEMORY,

	TCPT_STAT_OPENED,
	TCPT_STAT_MIDSTREAM,
	TCPT_STAT_ESTABLISHED,
	TCPT_STAT_CLOSED,
	TCPT_STAT_EXPIRED,
	TCPT_STAT_EVICTED,
	TCPT_STAT_REUSED,
	TCPT_STAT_INSERT_RACE,
	TCPT_STAT_EVENTS,
	TCPT_STAT_LOST,
	TCPT_STAT_READERS_FULL,

	TCPT_STAT_ODD_FLAGS,
	TCPT_STAT_RST_CHALLENGE,
	TCPT_STAT_RST_OUTSIDE,
	TCPT_STAT_SYN_CHALLENGE,
	TCPT_STAT_OUTSIDE_WINDOW,
	TCPT_STAT_UNSEEN_ACK,
	TCPT_STAT_OVERRUN,
	TCPT_STAT_OLD_TIMESTAMP,
	TCPT_STAT_OPT_UNKNOWN,
	TCPT_STAT_OPT_MALFORMED,
	TCPT_STAT_HEADERS_COPIED,

	TCPT_STAT_ICMP_ERROR,	/* first in /proc/net/stat/tcptrace_fate */
	TCPT_STAT_ICMP_STRAY,
	TCPT_STAT_ICMP_REDIRECT,
	TCPT_STAT_DROPS,
	TCPT_STAT_DROPS_LOST,

	TCPT_STAT_FINDINGS,	/* as enum tcptrace_finding, without NONE */
	TCPT_STATS = TCPT_STAT_FINDINGS + TCPTRACE_FINDINGS - 1,
};

/* The counter for a value of enum tcptrace_finding. */
#define TCPT_STAT_FINDING(finding)	(TCPT_STAT_FINDINGS + (finding) - 1)

struct tcpt_stats {
	unsigned long count[TCPT_STATS];
};

extern const char *const tcpt_stat_names[TCPT_STATS];

/*
 * The counter for each reason why a packet cannot be parsed, and the counter
 * for each counted class of segments.
 */
extern const u8 tcpt_stat_of_parse[TCPT_PARSE_RESULTS];
extern const u8 tcpt_stat_of_class[TCPT_CLASSES];

void tcpt_stat_result(struct tcpt_stats __percpu *stats,
		      const struct tcpt_result *res);

/* For any context: this needs no lock and is safe against preemption. */
static inline void tcpt_stat_inc(struct tcpt_stats __percpu *stats,
				 unsigned int stat)
{
	this_cpu_inc(stats->count[stat]);
}

#endif /* _TCPT_STATS_H */
