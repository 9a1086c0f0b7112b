/* SPDX-License-Identifier: GPL-2.0 */
/* Counters of a capture. */
#ifndef _TCPTRACECTL_CAPTURE_STATS_H
#define _TCPTRACECTL_CAPTURE_STATS_H

#include "core/env.h"
#include "core/segment.h"
#include "core/tcb.h"

/**
 * enum count - the counters of a capture
 *
 * Each packet is counted by one counter up to COUNT_TUNNEL_LIMIT; a copy of a
 * segment with a short TCP header is counted by two. The other counters count
 * packets, connections, and details of some packets. If the module has the same
 * counter, both have the same name.
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
	COUNT_NOT_TCP,
	COUNT_FRAGMENT,
	COUNT_TRUNCATED,
	COUNT_IP_VERSION,
	COUNT_IP_HDRLEN,
	COUNT_IP_LENGTH,
	COUNT_EXT_LENGTH,
	COUNT_EXT_LIMIT,
	COUNT_TCP_LENGTH,
	COUNT_TCP_DOFF,
	COUNT_BAD_FLAGS,
	COUNT_REASSEMBLED,
	COUNT_TUNNEL_LIMIT,

	COUNT_PACKETS,
	COUNT_OPEN,
	COUNT_OPENED,
	COUNT_MIDSTREAM,
	COUNT_ESTABLISHED,
	COUNT_CLOSED,
	COUNT_REUSED,
	COUNT_EVICTED,
	COUNT_FORGOTTEN,
	COUNT_SUSPECTED,
	COUNT_ODD_FLAGS,
	COUNT_RST_CHALLENGE,
	COUNT_RST_OUTSIDE,
	COUNT_SYN_CHALLENGE,
	COUNT_OUTSIDE_WINDOW,
	COUNT_UNSEEN_ACK,
	COUNT_OVERRUN,
	COUNT_OLD_TIMESTAMP,
	COUNT_OPT_UNKNOWN,
	COUNT_OPT_MALFORMED,
	COUNT_TCP_CUT,
	COUNT_TUNNELED,
	COUNT_ICMP_ERROR,
	COUNT_ICMP_STRAY,
	COUNT_ICMP_REDIRECT,
	COUNT_AMSDU,
	COUNTS,
};

/* The counter for each result of parsing, and for each class of segments. */
extern const enum count capture_stats_of_parse[TCPT_PARSE_RESULTS];
extern const enum count capture_stats_of_class[TCPT_CLASSES];

const char *capture_stats_name(enum count count);

#endif /* _TCPTRACECTL_CAPTURE_STATS_H */
