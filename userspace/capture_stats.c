// SPDX-License-Identifier: GPL-2.0
#include "capture_stats.h"

#define CLASS(class)	(COUNT_CLASSES + (class) - TCPT_CLASS_BAD_FLAGS)

static const char *const names[COUNTS] = {
	[COUNT_TRACKED]			= "tracked",
	[COUNT_LATE]			= "late",
	[COUNT_FILTERED]		= "filtered",
	[COUNT_NOT_IP]			= "not_ip",
	[COUNT_LINK_TRUNCATED]		= "link_truncated",
	[COUNT_LINK_TYPE]		= "link_type",
	[COUNT_ENCRYPTED]		= "encrypted",
	[COUNT_LINK_FRAGMENT]		= "link_fragment",
	[COUNT_REJECT(TCPT_PARSE_NOT_TCP)]	= "not_tcp",
	[COUNT_REJECT(TCPT_PARSE_FRAGMENT)]	= "fragment",
	[COUNT_REJECT(TCPT_PARSE_TRUNCATED)]	= "truncated",
	[COUNT_REJECT(TCPT_PARSE_IP_VERSION)]	= "ip_version",
	[COUNT_REJECT(TCPT_PARSE_IP_HDRLEN)]	= "ip_hdrlen",
	[COUNT_REJECT(TCPT_PARSE_IP_LENGTH)]	= "ip_length",
	[COUNT_REJECT(TCPT_PARSE_EXT_LENGTH)]	= "ext_length",
	[COUNT_REJECT(TCPT_PARSE_EXT_LIMIT)]	= "ext_limit",
	[COUNT_REJECT(TCPT_PARSE_TCP_LENGTH)]	= "tcp_length",
	[COUNT_REJECT(TCPT_PARSE_TCP_DOFF)]	= "tcp_doff",
	[COUNT_BAD_FLAGS]		= "bad_flags",
	[COUNT_REASSEMBLED]		= "reassembled",
	[COUNT_TUNNEL_LIMIT]		= "tunnel_limit",
	[COUNT_PACKETS]			= "packets",
	[COUNT_OPEN]			= "open",
	[COUNT_OPENED]			= "opened",
	[COUNT_MIDSTREAM]		= "midstream",
	[COUNT_ESTABLISHED]		= "established",
	[COUNT_CLOSED]			= "closed",
	[COUNT_REUSED]			= "reused",
	[COUNT_FORGOTTEN]		= "forgotten",
	[COUNT_SUSPECTED]		= "suspected",
	[CLASS(TCPT_CLASS_BAD_FLAGS)]	= "odd_flags",
	[CLASS(TCPT_CLASS_RST_CHALLENGE)] = "rst_challenge",
	[CLASS(TCPT_CLASS_RST_OUTSIDE)]	= "rst_outside",
	[CLASS(TCPT_CLASS_SYN_CHALLENGE)] = "syn_challenge",
	[CLASS(TCPT_CLASS_OUTSIDE)]	= "outside_window",
	[CLASS(TCPT_CLASS_UNSEEN_ACK)]	= "unseen_ack",
	[CLASS(TCPT_CLASS_OVERRUN)]	= "overrun",
	[CLASS(TCPT_CLASS_OLD_TIMESTAMP)] = "old_timestamp",
	[COUNT_OPT_UNKNOWN]		= "opt_unknown",
	[COUNT_OPT_MALFORMED]		= "opt_malformed",
	[COUNT_TCP_CUT]			= "tcp_cut",
	[COUNT_TUNNELED]		= "tunneled",
	[COUNT_AMSDU]			= "amsdu",
};

/* Return: a constant string, also the name in JSON. */
const char *capture_stats_name(enum count count)
{
	static_assert(TCPT_CLASS_BAD_FLAGS - TCPT_CLASS_LATE == 1,
		      "names of classes");
	return names[count];
}
