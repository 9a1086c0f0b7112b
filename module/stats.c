// SPDX-License-Identifier: GPL-2.0
#include "stats.h"

#include "core/result.h"

const char *const tcpt_stat_names[TCPT_STATS] = {
	[TCPT_STAT_LOOPBACK]		= "loopback",
	[TCPT_STAT_L3MDEV]		= "l3mdev",
	[TCPT_STAT_NOT_TCP]		= "not_tcp",
	[TCPT_STAT_FRAGMENT]		= "fragment",
	[TCPT_STAT_TRUNCATED]		= "truncated",
	[TCPT_STAT_IP_VERSION]		= "ip_version",
	[TCPT_STAT_IP_HDRLEN]		= "ip_hdrlen",
	[TCPT_STAT_IP_LENGTH]		= "ip_length",
	[TCPT_STAT_EXT_LENGTH]		= "ext_length",
	[TCPT_STAT_EXT_LIMIT]		= "ext_limit",
	[TCPT_STAT_TCP_LENGTH]		= "tcp_length",
	[TCPT_STAT_TCP_DOFF]		= "tcp_doff",
	[TCPT_STAT_TRACKED]		= "tracked",
	[TCPT_STAT_LATE]		= "late",
	[TCPT_STAT_COPY]		= "copy",
	[TCPT_STAT_BAD_FLAGS]		= "bad_flags",
	[TCPT_STAT_STRAY_SELF]		= "stray_self",
	[TCPT_STAT_TABLE_FULL]		= "table_full",
	[TCPT_STAT_CHAIN_FULL]		= "chain_full",
	[TCPT_STAT_NO_MEMORY]		= "no_memory",
	[TCPT_STAT_OPENED]		= "opened",
	[TCPT_STAT_MIDSTREAM]		= "midstream",
	[TCPT_STAT_ESTABLISHED]		= "established",
	[TCPT_STAT_CLOSED]		= "closed",
	[TCPT_STAT_EXPIRED]		= "expired",
	[TCPT_STAT_EVICTED]		= "evicted",
	[TCPT_STAT_REUSED]		= "reused",
	[TCPT_STAT_INSERT_RACE]		= "insert_race",
	[TCPT_STAT_EVENTS]		= "events",
	[TCPT_STAT_LOST]		= "lost",
	[TCPT_STAT_READERS_FULL]	= "readers_full",
	[TCPT_STAT_ODD_FLAGS]		= "odd_flags",
	[TCPT_STAT_RST_CHALLENGE]	= "rst_challenge",
	[TCPT_STAT_RST_OUTSIDE]	= "rst_outside",
	[TCPT_STAT_SYN_CHALLENGE]	= "syn_challenge",
	[TCPT_STAT_OUTSIDE_WINDOW]	= "outside_window",
	[TCPT_STAT_UNSEEN_ACK]	= "unseen_ack",
	[TCPT_STAT_OVERRUN]		= "overrun",
	[TCPT_STAT_OLD_TIMESTAMP]	= "old_timestamp",
	[TCPT_STAT_OPT_UNKNOWN]		= "opt_unknown",
	[TCPT_STAT_OPT_MALFORMED]	= "opt_malformed",
	[TCPT_STAT_HEADERS_COPIED]	= "headers_copied",
	[TCPT_STAT_ICMP_ERROR]		= "icmp_error",
	[TCPT_STAT_ICMP_STRAY]		= "icmp_stray",
	[TCPT_STAT_ICMP_REDIRECT]	= "icmp_redirect",
	[TCPT_STAT_DROPS]		= "drops",
	[TCPT_STAT_DROPS_LOST]		= "drops_lost",
	[TCPT_STAT_FINDING(TCPTRACE_FINDING_OLD_CONNECTION)] =
		"finding_old_connection",
	[TCPT_STAT_FINDING(TCPTRACE_FINDING_SYN_REPEATED)] =
		"finding_syn_repeated",
	[TCPT_STAT_FINDING(TCPTRACE_FINDING_SYNACK_REPEATED)] =
		"finding_synack_repeated",
	[TCPT_STAT_FINDING(TCPTRACE_FINDING_SYNACK_UNANSWERED)] =
		"finding_synack_unanswered",
	[TCPT_STAT_FINDING(TCPTRACE_FINDING_TWO_SYNACKS)] =
		"finding_two_synacks",
	[TCPT_STAT_FINDING(TCPTRACE_FINDING_TFO_NOT_TAKEN)] =
		"finding_tfo_not_taken",
	[TCPT_STAT_FINDING(TCPTRACE_FINDING_OLD_TIMESTAMP)] =
		"finding_old_timestamp",
	[TCPT_STAT_FINDING(TCPTRACE_FINDING_WSCALE_LOST)] =
		"finding_wscale_lost",
	[TCPT_STAT_FINDING(TCPTRACE_FINDING_WINDOW_SHRUNK)] =
		"finding_window_shrunk",
	[TCPT_STAT_FINDING(TCPTRACE_FINDING_WINDOW_OVERRUN)] =
		"finding_window_overrun",
	[TCPT_STAT_FINDING(TCPTRACE_FINDING_ZERO_WINDOW)] =
		"finding_zero_window",
	[TCPT_STAT_FINDING(TCPTRACE_FINDING_PROBES_UNANSWERED)] =
		"finding_probes_unanswered",
	[TCPT_STAT_FINDING(TCPTRACE_FINDING_KEEP_ALIVES_UNANSWERED)] =
		"finding_keep_alives_unanswered",
	[TCPT_STAT_FINDING(TCPTRACE_FINDING_DATA_UNANSWERED)] =
		"finding_data_unanswered",
	[TCPT_STAT_FINDING(TCPTRACE_FINDING_FIN_UNANSWERED)] =
		"finding_fin_unanswered",
	[TCPT_STAT_FINDING(TCPTRACE_FINDING_PATH_MTU)] =
		"finding_path_mtu",
	[TCPT_STAT_FINDING(TCPTRACE_FINDING_SACK_OUTSIDE)] =
		"finding_sack_outside",
	[TCPT_STAT_FINDING(TCPTRACE_FINDING_ACK_LOOP)] =
		"finding_ack_loop",
	[TCPT_STAT_FINDING(TCPTRACE_FINDING_ONE_WAY)] =
		"finding_one_way",
	[TCPT_STAT_FINDING(TCPTRACE_FINDING_SEEN_TWICE)] =
		"finding_seen_twice",
	[TCPT_STAT_FINDING(TCPTRACE_FINDING_STRAY_RST)] =
		"finding_stray_rst",
	[TCPT_STAT_FINDING(TCPTRACE_FINDING_SYN_TIMESTAMP)] =
		"finding_syn_timestamp",
	[TCPT_STAT_FINDING(TCPTRACE_FINDING_TOO_BIG)] =
		"finding_too_big",
	[TCPT_STAT_FINDING(TCPTRACE_FINDING_ROUTE_MOVED)] =
		"finding_route_moved",
	[TCPT_STAT_FINDING(TCPTRACE_FINDING_ASYMMETRIC)] =
		"finding_asymmetric",
	[TCPT_STAT_FINDING(TCPTRACE_FINDING_LISTENER_FULL)] =
		"finding_listener_full",
};

const u8 tcpt_stat_of_parse[TCPT_PARSE_RESULTS] = {
	[TCPT_PARSE_NOT_TCP]		= TCPT_STAT_NOT_TCP,
	[TCPT_PARSE_FRAGMENT]		= TCPT_STAT_FRAGMENT,
	[TCPT_PARSE_TRUNCATED]		= TCPT_STAT_TRUNCATED,
	[TCPT_PARSE_IP_VERSION]		= TCPT_STAT_IP_VERSION,
	[TCPT_PARSE_IP_HDRLEN]		= TCPT_STAT_IP_HDRLEN,
	[TCPT_PARSE_IP_LENGTH]		= TCPT_STAT_IP_LENGTH,
	[TCPT_PARSE_EXT_LENGTH]		= TCPT_STAT_EXT_LENGTH,
	[TCPT_PARSE_EXT_LIMIT]		= TCPT_STAT_EXT_LIMIT,
	[TCPT_PARSE_TCP_LENGTH]		= TCPT_STAT_TCP_LENGTH,
	[TCPT_PARSE_TCP_DOFF]		= TCPT_STAT_TCP_DOFF,
};

const u8 tcpt_stat_of_class[TCPT_CLASSES] = {
	[TCPT_CLASS_BAD_FLAGS]		= TCPT_STAT_ODD_FLAGS,
	[TCPT_CLASS_RST_CHALLENGE]	= TCPT_STAT_RST_CHALLENGE,
	[TCPT_CLASS_RST_OUTSIDE]	= TCPT_STAT_RST_OUTSIDE,
	[TCPT_CLASS_SYN_CHALLENGE]	= TCPT_STAT_SYN_CHALLENGE,
	[TCPT_CLASS_OUTSIDE]		= TCPT_STAT_OUTSIDE_WINDOW,
	[TCPT_CLASS_UNSEEN_ACK]		= TCPT_STAT_UNSEEN_ACK,
	[TCPT_CLASS_OVERRUN]		= TCPT_STAT_OVERRUN,
	[TCPT_CLASS_OLD_TIMESTAMP]	= TCPT_STAT_OLD_TIMESTAMP,
};

/**
 * tcpt_stat_result - count what a segment or a timeout did to its connection
 * @stats: counters of the connection's namespace
 * @res: the result
 *
 * Context: any.
 */
void tcpt_stat_result(struct tcpt_stats __percpu *stats,
		      const struct tcpt_result *res)
{
	unsigned int i;

	if (res->established)
		tcpt_stat_inc(stats, TCPT_STAT_ESTABLISHED);
	if (res->closed)
		tcpt_stat_inc(stats, TCPT_STAT_CLOSED);
	if (res->class > TCPT_CLASS_LATE)
		tcpt_stat_inc(stats, tcpt_stat_of_class[res->class]);
	for (i = 0; i < res->findings; i++)
		tcpt_stat_inc(stats, TCPT_STAT_FINDING(res->finding[i].kind));
}
