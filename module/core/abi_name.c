// SPDX-License-Identifier: GPL-2.0
/*
 * This file is not part of tcptrace.ko: only programs and tests need these
 * names.
 */
#include "name.h"

#include <linux/tcptrace.h>

/* Each entry has a stable name for programs, and a few words for people. */
static const struct {
	const char *name;
	const char *text;
} reasons[TCPTRACE_REASONS] = {
	[TCPTRACE_REASON_NONE]		= { "none", "nothing" },
	[TCPTRACE_REASON_ACTIVE_OPEN]	= { "active_open", "sent SYN" },
	[TCPTRACE_REASON_PASSIVE_OPEN]	= { "passive_open",
					    "answered SYN with SYN,ACK" },
	[TCPTRACE_REASON_SIMULTANEOUS_OPEN] = { "simultaneous_open",
						"SYNs crossed" },
	[TCPTRACE_REASON_SYNACK_RECEIVED] = { "synack_received",
					      "received SYN,ACK" },
	[TCPTRACE_REASON_SYN_ACKED]	= { "syn_acked",
					    "its SYN was acknowledged" },
	[TCPTRACE_REASON_SYNACK_IMPLIED] = { "synack_implied",
					     "its ACK implies a SYN,ACK" },
	[TCPTRACE_REASON_SYN_IMPLIED]	= { "syn_implied",
					    "SYN,ACK implies its SYN" },
	[TCPTRACE_REASON_FIN_SENT]	= { "fin_sent", "sent FIN" },
	[TCPTRACE_REASON_FIN_RECEIVED]	= { "fin_received", "received FIN" },
	[TCPTRACE_REASON_FIN_ACKED]	= { "fin_acked",
					    "its FIN was acknowledged" },
	[TCPTRACE_REASON_RST_SENT]	= { "rst_sent", "sent RST" },
	[TCPTRACE_REASON_RST_RECEIVED]	= { "rst_received",
					    "received exact RST" },
	[TCPTRACE_REASON_REFUSED]	= { "refused",
					    "its SYN was refused by RST" },
	[TCPTRACE_REASON_MIDSTREAM]	= { "midstream", "picked up midstream" },
	[TCPTRACE_REASON_2MSL]		= { "2msl", "2 MSL are over" },
	[TCPTRACE_REASON_SYN_REPEATED]	= { "syn_repeated",
					    "repeated its SYN" },
	[TCPTRACE_REASON_SYNACK_REPEATED] = { "synack_repeated",
					      "repeated its SYN,ACK" },
	[TCPTRACE_REASON_FIN_NOT_RECEIVED] = { "fin_not_received",
					       "did not receive the FIN" },
};

static const char *const close_names[TCPTRACE_CLOSE_REASONS] = {
	[TCPTRACE_CLOSE_NONE]		= "none",
	[TCPTRACE_CLOSE_FIN]		= "fin",
	[TCPTRACE_CLOSE_RESET]		= "reset",
	[TCPTRACE_CLOSE_REFUSED]	= "refused",
	[TCPTRACE_CLOSE_UNANSWERED]	= "unanswered",
	[TCPTRACE_CLOSE_TIMEOUT]	= "timeout",
	[TCPTRACE_CLOSE_EVICTED]	= "evicted",
	[TCPTRACE_CLOSE_REUSED]		= "reused",
	[TCPTRACE_CLOSE_SHUTDOWN]	= "shutdown",
	[TCPTRACE_CLOSE_CAPTURE]	= "end-of-capture",
	[TCPTRACE_CLOSE_ONE_WAY]	= "one_way",
	[TCPTRACE_CLOSE_UNREACHABLE]	= "unreachable",
};

/* Zeek's names */
static const char *const conn_state_names[TCPTRACE_CONN_STATES] = {
	[TCPTRACE_CONN_OTH]	= "OTH",
	[TCPTRACE_CONN_S0]	= "S0",
	[TCPTRACE_CONN_S1]	= "S1",
	[TCPTRACE_CONN_SF]	= "SF",
	[TCPTRACE_CONN_REJ]	= "REJ",
	[TCPTRACE_CONN_S2]	= "S2",
	[TCPTRACE_CONN_S3]	= "S3",
	[TCPTRACE_CONN_RSTO]	= "RSTO",
	[TCPTRACE_CONN_RSTR]	= "RSTR",
	[TCPTRACE_CONN_RSTOS0]	= "RSTOS0",
	[TCPTRACE_CONN_RSTRH]	= "RSTRH",
	[TCPTRACE_CONN_SH]	= "SH",
	[TCPTRACE_CONN_SHR]	= "SHR",
};

/*
 * Wireshark's names without "tcp.analysis.", in the bit order of TCPTRACE_A_*
 */
static const char *const wireshark_names[] = {
	"retransmission",
	"lost_segment",
	"ack_lost_segment",
	"keep_alive",
	"duplicate_ack",
	"zero_window",
	"zero_window_probe",
	"zero_window_probe_ack",
	"keep_alive_ack",
	"out_of_order",
	"fast_retransmission",
	"window_update",
	"window_full",
	"reused_ports",
	"spurious_retransmission",
};

static const char *const suspicion_names[TCPTRACE_SUSPICIONS] = {
	[TCPTRACE_SUSPECT_NONE]		= "none",
	[TCPTRACE_SUSPECT_RST]		= "rst",
	[TCPTRACE_SUSPECT_SYN]		= "syn",
	[TCPTRACE_SUSPECT_DATA]		= "data",
	[TCPTRACE_SUSPECT_ACK]		= "ack",
	[TCPTRACE_SUSPECT_SYNACK]	= "synack",
	[TCPTRACE_SUSPECT_RST_TTL]	= "rst_ttl",
	[TCPTRACE_SUSPECT_AFTER_RST]	= "after_rst",
	[TCPTRACE_SUSPECT_ISN_REUSE]	= "isn_reuse",
	[TCPTRACE_SUSPECT_CHALLENGED]	= "challenged",
	[TCPTRACE_SUSPECT_DATA_TTL]	= "data_ttl",
};

static const char *const finding_names[TCPTRACE_FINDINGS] = {
	[TCPTRACE_FINDING_NONE]	= "none",
	[TCPTRACE_FINDING_OLD_CONNECTION] = "old_connection",
	[TCPTRACE_FINDING_SYN_REPEATED] = "syn_repeated",
	[TCPTRACE_FINDING_SYNACK_REPEATED] = "synack_repeated",
	[TCPTRACE_FINDING_SYNACK_UNANSWERED] = "synack_unanswered",
	[TCPTRACE_FINDING_TWO_SYNACKS] = "two_synacks",
	[TCPTRACE_FINDING_TFO_NOT_TAKEN] = "tfo_not_taken",
	[TCPTRACE_FINDING_OLD_TIMESTAMP] = "old_timestamp",
	[TCPTRACE_FINDING_WSCALE_LOST] = "wscale_lost",
	[TCPTRACE_FINDING_WINDOW_SHRUNK] = "window_shrunk",
	[TCPTRACE_FINDING_WINDOW_OVERRUN] = "window_overrun",
	[TCPTRACE_FINDING_ZERO_WINDOW] = "zero_window",
	[TCPTRACE_FINDING_PROBES_UNANSWERED] = "probes_unanswered",
	[TCPTRACE_FINDING_KEEP_ALIVES_UNANSWERED] = "keep_alives_unanswered",
	[TCPTRACE_FINDING_DATA_UNANSWERED] = "data_unanswered",
	[TCPTRACE_FINDING_FIN_UNANSWERED] = "fin_unanswered",
	[TCPTRACE_FINDING_PATH_MTU] = "path_mtu",
	[TCPTRACE_FINDING_SACK_OUTSIDE] = "sack_outside",
	[TCPTRACE_FINDING_ACK_LOOP] = "ack_loop",
	[TCPTRACE_FINDING_ONE_WAY] = "one_way",
	[TCPTRACE_FINDING_SEEN_TWICE] = "seen_twice",
	[TCPTRACE_FINDING_STRAY_RST] = "stray_rst",
	[TCPTRACE_FINDING_SYN_TIMESTAMP] = "syn_timestamp",
	[TCPTRACE_FINDING_TOO_BIG] = "too_big",
	[TCPTRACE_FINDING_ROUTE_MOVED] = "route_moved",
	[TCPTRACE_FINDING_ASYMMETRIC] = "asymmetric",
	[TCPTRACE_FINDING_LISTENER_FULL] = "listener_full",
};

static const char *const error_names[TCPTRACE_ERRORS] = {
	[TCPTRACE_ERROR_NONE]		= "none",
	[TCPTRACE_ERROR_UNREACHABLE]	= "unreachable",
	[TCPTRACE_ERROR_TOO_BIG]	= "too_big",
	[TCPTRACE_ERROR_TIME]		= "time_exceeded",
	[TCPTRACE_ERROR_PARAMETER]	= "parameter",
	[TCPTRACE_ERROR_REDIRECT]	= "redirect",
};

static const char *const fate_names[TCPTRACE_FATES] = {
	[TCPTRACE_FATE_NONE]		= "none",
	[TCPTRACE_FATE_ANSWERED]	= "answered",
	[TCPTRACE_FATE_REFUSED]		= "refused",
	[TCPTRACE_FATE_NO_SOCKET]	= "no_socket",
	[TCPTRACE_FATE_REJECTED]	= "rejected",
	[TCPTRACE_FATE_UNREACHABLE]	= "unreachable",
	[TCPTRACE_FATE_DROPPED]		= "dropped",
	[TCPTRACE_FATE_LEFT]		= "left",
	[TCPTRACE_FATE_DELIVERED]	= "delivered",
	[TCPTRACE_FATE_NOT_SEEN]	= "not_seen",
};

static const char *const limited_names[TCPTRACE_LIMITED] = {
	[TCPTRACE_LIMITED_NONE]		= "unknown",
	[TCPTRACE_LIMITED_APP]		= "app",
	[TCPTRACE_LIMITED_PEER]		= "peer",
	[TCPTRACE_LIMITED_WINDOW]	= "window",
	[TCPTRACE_LIMITED_LOSS]		= "loss",
	[TCPTRACE_LIMITED_PATH]		= "path",
	[TCPTRACE_LIMITED_HANDSHAKE]	= "handshake",
};

static const char *const known_names[TCPTRACE_KNOWNS] = {
	[TCPTRACE_KNOWN_NOTHING]	= "nothing",
	[TCPTRACE_KNOWN_REMOTE]		= "remote",
	[TCPTRACE_KNOWN_SOCKET]		= "socket",
	[TCPTRACE_KNOWN_INODE]		= "inode",
	[TCPTRACE_KNOWN_TASK]		= "task",
};

static const char *const fit_names[TCPTRACE_FITS] = {
	[TCPTRACE_FIT_UNKNOWN]		= "unknown",
	[TCPTRACE_FIT_EXACT]		= "exact",
	[TCPTRACE_FIT_IN_WINDOW]	= "in_window",
	[TCPTRACE_FIT_OUT_OF_WINDOW]	= "out_of_window",
	[TCPTRACE_FIT_OLD]		= "old",
};

static const char *const lost_names[TCPTRACE_LOST_CAUSES] = {
	[TCPTRACE_LOST_FULL]		= "full",
	[TCPTRACE_LOST_POSITION]	= "position",
};

static const char *const limit_names[TCPTRACE_LIMITS] = {
	[TCPTRACE_LIMIT_HALF_OPEN]	= "half_open",
	[TCPTRACE_LIMIT_TABLE]		= "table",
	[TCPTRACE_LIMIT_FULL]		= "full",
	[TCPTRACE_LIMIT_CHAIN]		= "chain",
	[TCPTRACE_LIMIT_MEMORY]		= "memory",
	[TCPTRACE_LIMIT_READERS]	= "readers",
};

static const char *const hook_names[] = {
	[TCPTRACE_HOOK_NONE]	= "none",
	[TCPTRACE_HOOK_IN]	= "in",
	[TCPTRACE_HOOK_FORWARD]	= "forward",
	[TCPTRACE_HOOK_OUT]	= "out",
	[TCPTRACE_HOOK_INGRESS]	= "ingress",
};

const char *tcpt_reason_name(unsigned int reason)
{
	return reason < ARRAY_SIZE(reasons) ? reasons[reason].name : "?";
}

const char *tcpt_reason_text(unsigned int reason)
{
	return reason < ARRAY_SIZE(reasons) ? reasons[reason].text : "?";
}

const char *tcpt_close_name(unsigned int reason)
{
	return reason < ARRAY_SIZE(close_names) ? close_names[reason] : "?";
}

const char *tcpt_conn_state_name(unsigned int state)
{
	return state < ARRAY_SIZE(conn_state_names) ?
	       conn_state_names[state] : "?";
}

const char *tcpt_wireshark_name(unsigned int bit)
{
	return bit < ARRAY_SIZE(wireshark_names) ? wireshark_names[bit] : NULL;
}

const char *tcpt_suspicion_name(unsigned int what)
{
	return what < ARRAY_SIZE(suspicion_names) ? suspicion_names[what] : "?";
}

const char *tcpt_finding_name(unsigned int finding)
{
	return finding < ARRAY_SIZE(finding_names) ? finding_names[finding] :
						     "?";
}

const char *tcpt_error_name(unsigned int kind)
{
	return kind < ARRAY_SIZE(error_names) ? error_names[kind] : "?";
}

const char *tcpt_known_name(unsigned int known)
{
	return known < ARRAY_SIZE(known_names) ? known_names[known] : "?";
}

const char *tcpt_fate_name(unsigned int fate)
{
	return fate < ARRAY_SIZE(fate_names) ? fate_names[fate] : "?";
}

const char *tcpt_limited_name(unsigned int limited)
{
	return limited < ARRAY_SIZE(limited_names) ? limited_names[limited] :
						     "?";
}

const char *tcpt_fit_name(unsigned int fit)
{
	return fit < ARRAY_SIZE(fit_names) ? fit_names[fit] : "?";
}

const char *tcpt_lost_name(unsigned int cause)
{
	return cause < ARRAY_SIZE(lost_names) ? lost_names[cause] : "?";
}

const char *tcpt_limit_name(unsigned int kind)
{
	return kind < ARRAY_SIZE(limit_names) ? limit_names[kind] : "?";
}

const char *tcpt_hook_name(unsigned int hook)
{
	return hook < ARRAY_SIZE(hook_names) ? hook_names[hook] : "?";
}
