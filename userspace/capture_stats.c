// SPDX-License-Identifier: GPL-2.0
#include "capture_stats.h"

#define CLASS(class)	(COUNT_CLASSES + (class) - TCPT_CLASS_BAD_FLAGS)

static const char *const names[COUNTS] = {
	[COUNT_TRACKED]			= "tracked",
	[COUNT_LATE]			= "late",
	[COUNT_COPY]			= "copy",
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
	[COUNT_FINDING(TCPTRACE_FINDING_OLD_CONNECTION)] = "finding_old_connection",
	[COUNT_FINDING(TCPTRACE_FINDING_SYN_REPEATED)] = "finding_syn_repeated",
	[COUNT_FINDING(TCPTRACE_FINDING_SYNACK_REPEATED)] = "finding_synack_repeated",
	[COUNT_FINDING(TCPTRACE_FINDING_SYNACK_UNANSWERED)] =
		"finding_synack_unanswered",
	[COUNT_FINDING(TCPTRACE_FINDING_TWO_SYNACKS)] = "finding_two_synacks",
	[COUNT_FINDING(TCPTRACE_FINDING_TFO_NOT_TAKEN)] = "finding_tfo_not_taken",
	[COUNT_FINDING(TCPTRACE_FINDING_OLD_TIMESTAMP)] = "finding_old_timestamp",
	[COUNT_FINDING(TCPTRACE_FINDING_WSCALE_LOST)] = "finding_wscale_lost",
	[COUNT_FINDING(TCPTRACE_FINDING_WINDOW_SHRUNK)] = "finding_window_shrunk",
	[COUNT_FINDING(TCPTRACE_FINDING_WINDOW_OVERRUN)] = "finding_window_overrun",
	[COUNT_FINDING(TCPTRACE_FINDING_ZERO_WINDOW)] = "finding_zero_window",
	[COUNT_FINDING(TCPTRACE_FINDING_PROBES_UNANSWERED)] =
		"finding_probes_unanswered",
	[COUNT_FINDING(TCPTRACE_FINDING_KEEP_ALIVES_UNANSWERED)] =
		"finding_keep_alives_unanswered",
	[COUNT_FINDING(TCPTRACE_FINDING_DATA_UNANSWERED)] = "finding_data_unanswered",
	[COUNT_FINDING(TCPTRACE_FINDING_FIN_UNANSWERED)] = "finding_fin_unanswered",
	[COUNT_FINDING(TCPTRACE_FINDING_PATH_MTU)] = "finding_path_mtu",
	[COUNT_FINDING(TCPTRACE_FINDING_SACK_OUTSIDE)] = "finding_sack_outside",
	[COUNT_FINDING(TCPTRACE_FINDING_ACK_LOOP)] = "finding_ack_loop",
	[COUNT_FINDING(TCPTRACE_FINDING_ONE_WAY)] = "finding_one_way",
	[COUNT_FINDING(TCPTRACE_FINDING_SEEN_TWICE)] = "finding_seen_twice",
	[COUNT_FINDING(TCPTRACE_FINDING_STRAY_RST)] = "finding_stray_rst",
	[COUNT_FINDING(TCPTRACE_FINDING_SYN_TIMESTAMP)] =
		"finding_syn_timestamp",
	[COUNT_FINDING(TCPTRACE_FINDING_TOO_BIG)] = "finding_too_big",
	[COUNT_OPT_UNKNOWN]		= "opt_unknown",
	[COUNT_OPT_MALFORMED]		= "opt_malformed",
	[COUNT_TCP_CUT]			= "tcp_cut",
	[COUNT_TUNNELED]		= "tunneled",
	[COUNT_ICMP_ERROR]		= "icmp_error",
	[COUNT_ICMP_STRAY]		= "icmp_stray",
	[COUNT_ICMP_REDIRECT]		= "icmp_redirect",
	[COUNT_AMSDU]			= "amsdu",
};

/* Return: a constant string, also the name in JSON. */
const char *capture_stats_name(enum count count)
{
	static_assert(TCPT_CLASS_BAD_FLAGS - TCPT_CLASS_LATE == 1,
		      "names of classes");
	return names[count];
}
