/* SPDX-License-Identifier: GPL-2.0 */
/* Counters of a capture. */
#ifndef _TCPTRACECTL_CAPTURE_STATS_H
#define _TCPTRACECTL_CAPTURE_STATS_H

#include "core/env.h"
#include "core/segment.h"
#include "core/tcb.h"

#include <linux/tcptrace.h>

/**
 * enum count - what is counted
 *
 * Every packet is counted by exactly one of those up to COUNT_TUNNEL_LIMIT. The
 * others say more about some; their names are those of the module's counters.
 */
enum count {
	COUNT_TRACKED,
	COUNT_LATE,
	COUNT_COPY,
	COUNT_FILTERED,
	COUNT_NOT_IP,
	COUNT_LINK_TRUNCATED,
	COUNT_LINK_TYPE,
	COUNT_ENCRYPTED,
	COUNT_LINK_FRAGMENT,
	COUNT_REJECTS, /* the rejections of enum tcpt_parse, in order */
	COUNT_BAD_FLAGS = COUNT_REJECTS + TCPT_PARSE_RESULTS - 1,
	COUNT_REASSEMBLED,
	COUNT_TUNNEL_LIMIT,

	COUNT_PACKETS,
	COUNT_OPEN,
	COUNT_OPENED,
	COUNT_MIDSTREAM,
	COUNT_ESTABLISHED,
	COUNT_CLOSED,
	COUNT_REUSED,
	COUNT_FORGOTTEN,
	COUNT_SUSPECTED,
	COUNT_CLASSES, /* enum tcpt_class after LATE, in order */
	COUNT_FINDINGS = COUNT_CLASSES + TCPT_CLASSES - 2, /* enum
							    * tcptrace_finding
							    * after NONE
							    */
	COUNT_OPT_UNKNOWN = COUNT_FINDINGS + TCPTRACE_FINDINGS - 1,
	COUNT_OPT_MALFORMED,
	COUNT_TCP_CUT,
	COUNT_TUNNELED,
	COUNT_ICMP_ERROR,
	COUNT_ICMP_STRAY,
	COUNT_ICMP_REDIRECT,
	COUNT_AMSDU,
	COUNTS,
};

/* What counts a packet with a rejection of enum tcpt_parse. */
#define COUNT_REJECT(result)	(COUNT_REJECTS + (result) - 1)

/* What counts a finding of enum tcptrace_finding. */
#define COUNT_FINDING(finding)	(COUNT_FINDINGS + (finding) - 1)

const char *capture_stats_name(enum count count);

#endif /* _TCPTRACECTL_CAPTURE_STATS_H */
