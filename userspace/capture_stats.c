// SPDX-License-Identifier: GPL-2.0
#include "capture_stats.h"

static const char *const names[COUNTS] = {
	[COUNT_TRACKED]		= "tracked",
	[COUNT_LATE]		= "late",
	[COUNT_COPY]		= "copy",
	[COUNT_FILTERED]	= "filtered",
	[COUNT_NOT_IP]		= "not_ip",
	[COUNT_LINK_TRUNCATED]	= "link_truncated",
	[COUNT_LINK_TYPE]	= "link_type",
	[COUNT_ENCRYPTED]	= "encrypted",
	[COUNT_LINK_FRAGMENT]	= "link_fragment",
	[COUNT_NOT_TCP]		= "not_tcp",
	[COUNT_FRAGMENT]	= "fragment",
	[COUNT_TRUNCATED]	= "truncated",
	[COUNT_IP_VERSION]	= "ip_version",
	[COUNT_IP_HDRLEN]	= "ip_hdrlen",
	[COUNT_IP_LENGTH]	= "ip_length",
	[COUNT_EXT_LENGTH]	= "ext_length",
	[COUNT_EXT_LIMIT]	= "ext_limit",
	[COUNT_TCP_LENGTH]	= "tcp_length",
	[COUNT_TCP_DOFF]	= "tcp_doff",
	[COUNT_BAD_FLAGS]	= "bad_flags",
	[COUNT_REASSEMBLED]	= "reassembled",
	[COUNT_TUNNEL_LIMIT]	= "tunnel_limit",
	[COUNT_PACKETS]		= "packets",
	[COUNT_OPEN]		= "open",
	[COUNT_OPENED]		= "opened",
	[COUNT_MIDSTREAM]	= "midstream",
	[COUNT_ESTABLISHED]	= "established",
	[COUNT_CLOSED]		= "closed",
	[COUNT_REUSED]		= "reused",
	[COUNT_EVICTED]		= "evicted",
	[COUNT_FORGOTTEN]	= "forgotten",
	[COUNT_SUSPECTED]	= "suspected",
	[COUNT_ODD_FLAGS]	= "odd_flags",
	[COUNT_RST_CHALLENGE]	= "rst_challenge",
	[COUNT_RST_OUTSIDE]	= "rst_outside",
	[COUNT_SYN_CHALLENGE]	= "syn_challenge",
	[COUNT_OUTSIDE_WINDOW]	= "outside_window",
	[COUNT_UNSEEN_ACK]	= "unseen_ack",
	[COUNT_OVERRUN]		= "overrun",
	[COUNT_OLD_TIMESTAMP]	= "old_timestamp",
	[COUNT_OPT_UNKNOWN]	= "opt_unknown",
	[COUNT_OPT_MALFORMED]	= "opt_malformed",
	[COUNT_TCP_CUT]		= "tcp_cut",
	[COUNT_TUNNELED]	= "tunneled",
	[COUNT_ICMP_ERROR]	= "icmp_error",
	[COUNT_ICMP_STRAY]	= "icmp_stray",
	[COUNT_ICMP_REDIRECT]	= "icmp_redirect",
	[COUNT_AMSDU]		= "amsdu",
};

const enum count capture_stats_of_parse[TCPT_PARSE_RESULTS] = {
	[TCPT_PARSE_NOT_TCP]		= COUNT_NOT_TCP,
	[TCPT_PARSE_FRAGMENT]		= COUNT_FRAGMENT,
	[TCPT_PARSE_TRUNCATED]		= COUNT_TRUNCATED,
	[TCPT_PARSE_IP_VERSION]		= COUNT_IP_VERSION,
	[TCPT_PARSE_IP_HDRLEN]		= COUNT_IP_HDRLEN,
	[TCPT_PARSE_IP_LENGTH]		= COUNT_IP_LENGTH,
	[TCPT_PARSE_EXT_LENGTH]		= COUNT_EXT_LENGTH,
	[TCPT_PARSE_EXT_LIMIT]		= COUNT_EXT_LIMIT,
	[TCPT_PARSE_TCP_LENGTH]		= COUNT_TCP_LENGTH,
	[TCPT_PARSE_TCP_DOFF]		= COUNT_TCP_DOFF,
};

const enum count capture_stats_of_class[TCPT_CLASSES] = {
	[TCPT_CLASS_OK]			= COUNT_TRACKED,
	[TCPT_CLASS_LATE]		= COUNT_LATE,
	[TCPT_CLASS_BAD_FLAGS]		= COUNT_ODD_FLAGS,
	[TCPT_CLASS_RST_CHALLENGE]	= COUNT_RST_CHALLENGE,
	[TCPT_CLASS_RST_OUTSIDE]	= COUNT_RST_OUTSIDE,
	[TCPT_CLASS_SYN_CHALLENGE]	= COUNT_SYN_CHALLENGE,
	[TCPT_CLASS_OUTSIDE]		= COUNT_OUTSIDE_WINDOW,
	[TCPT_CLASS_UNSEEN_ACK]		= COUNT_UNSEEN_ACK,
	[TCPT_CLASS_OVERRUN]		= COUNT_OVERRUN,
	[TCPT_CLASS_OLD_TIMESTAMP]	= COUNT_OLD_TIMESTAMP,
};

/* Return: the name of a counter in text and JSON; a constant string. */
const char *capture_stats_name(enum count count)
{
	return names[count];
}
