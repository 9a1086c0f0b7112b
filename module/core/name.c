// SPDX-License-Identifier: GPL-2.0
#include "name.h"

#include "track.h"

#include <linux/tcptrace.h>

static const char *const state_names[TCPTRACE_STATES] = {
	[TCPTRACE_CLOSED]	= "CLOSED",
	[TCPTRACE_SYN_SENT]	= "SYN_SENT",
	[TCPTRACE_SYN_RECEIVED]	= "SYN_RECEIVED",
	[TCPTRACE_ESTAB]	= "ESTABLISHED",
	[TCPTRACE_FIN_WAIT_1]	= "FIN_WAIT_1",
	[TCPTRACE_FIN_WAIT_2]	= "FIN_WAIT_2",
	[TCPTRACE_CLOSE_WAIT]	= "CLOSE_WAIT",
	[TCPTRACE_CLOSING]	= "CLOSING",
	[TCPTRACE_LAST_ACK]	= "LAST_ACK",
	[TCPTRACE_TIME_WAIT]	= "TIME_WAIT",
};

/* A stable name for machines, a few words for people. */
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
};

/* Zeek's */
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

/* Wireshark's, without tcp.analysis., by the bits of TCPTRACE_A_* */
static const char *const analysis_names[] = {
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
};

/**
 * tcpt_state_name - the name of a state, as RFC 9293 spells it
 * @state: enum tcptrace_state; any other number is allowed
 *
 * Context: any.
 * Return: a constant string, "?" for an unknown number.
 */
const char *tcpt_state_name(unsigned int state)
{
	return state < ARRAY_SIZE(state_names) ? state_names[state] : "?";
}

/**
 * tcpt_reason_name - the stable name of a transition's reason
 * @reason: enum tcptrace_reason; any other number is allowed
 *
 * Context: any.
 * Return: a constant string without spaces, "?" for an unknown number.
 */
const char *tcpt_reason_name(unsigned int reason)
{
	return reason < ARRAY_SIZE(reasons) ? reasons[reason].name : "?";
}

/**
 * tcpt_reason_text - a transition's reason in words, about the end that changed
 * @reason: enum tcptrace_reason; any other number is allowed
 *
 * Context: any.
 * Return: a constant string, "?" for an unknown number.
 */
const char *tcpt_reason_text(unsigned int reason)
{
	return reason < ARRAY_SIZE(reasons) ? reasons[reason].text : "?";
}

/**
 * tcpt_close_name - the stable name of the reason of a closing record
 * @reason: enum tcptrace_close_reason; any other number is allowed
 *
 * Context: any.
 * Return: a constant string, "?" for an unknown number.
 */
const char *tcpt_close_name(unsigned int reason)
{
	return reason < ARRAY_SIZE(close_names) ? close_names[reason] : "?";
}

/**
 * tcpt_conn_state_name - Zeek's name of a conn_state
 * @state: enum tcptrace_conn_state; any other number is allowed
 *
 * Context: any.
 * Return: a constant string, "?" for an unknown number.
 */
const char *tcpt_conn_state_name(unsigned int state)
{
	return state < ARRAY_SIZE(conn_state_names) ? conn_state_names[state]
						    : "?";
}

/**
 * tcpt_wireshark_name - Wireshark's name of a bit of TCPTRACE_A_*
 * @bit: its number, from 0; any other number is allowed
 *
 * Context: any.
 * Return: a constant string, NULL for an unknown number.
 */
const char *tcpt_wireshark_name(unsigned int bit)
{
	return bit < ARRAY_SIZE(analysis_names) ? analysis_names[bit] : NULL;
}

/**
 * tcpt_suspicion_name - the stable name of a suspicion
 * @what: enum tcptrace_suspicion; any other number is allowed
 *
 * Context: any.
 * Return: a constant string, "?" for an unknown number.
 */
const char *tcpt_suspicion_name(unsigned int what)
{
	return what < ARRAY_SIZE(suspicion_names) ? suspicion_names[what] : "?";
}

/**
 * tcpt_fit_name - the stable name of where a number lies
 * @fit: enum tcptrace_fit; any other number is allowed
 *
 * Context: any.
 * Return: a constant string, "?" for an unknown number.
 */
const char *tcpt_fit_name(unsigned int fit)
{
	return fit < ARRAY_SIZE(fit_names) ? fit_names[fit] : "?";
}

/**
 * tcpt_lost_name - the stable name of why a record was lost
 * @cause: enum tcptrace_lost_cause; any other number is allowed
 *
 * Context: any.
 * Return: a constant string, "?" for an unknown number.
 */
const char *tcpt_lost_name(unsigned int cause)
{
	return cause < ARRAY_SIZE(lost_names) ? lost_names[cause] : "?";
}

/**
 * tcpt_limit_name - the stable name of a limit
 * @kind: enum tcptrace_limit_kind; any other number is allowed
 *
 * Context: any.
 * Return: a constant string, "?" for an unknown number.
 */
const char *tcpt_limit_name(unsigned int kind)
{
	return kind < ARRAY_SIZE(limit_names) ? limit_names[kind] : "?";
}

/**
 * tcpt_hook_name - the name of a point of observation
 * @hook: enum tcptrace_hook; any other number is allowed
 *
 * Context: any.
 * Return: a constant string, "?" for an unknown number.
 */
const char *tcpt_hook_name(unsigned int hook)
{
	return hook < ARRAY_SIZE(hook_names) ? hook_names[hook] : "?";
}

/**
 * tcpt_marks_name - the marks of a connection as letters
 * @marks: enum tcpt_mark, OR
 * @buf: room for them, TCPT_MARKS_LEN bytes
 *
 * M midstream, G originator guessed, S self-connection, C closed, H half-open;
 * "-" if there is none.
 *
 * Context: any.
 * Return: @buf.
 */
const char *tcpt_marks_name(unsigned int marks, char buf[TCPT_MARKS_LEN])
{
	static const struct {
		u8 mark;
		char letter;
	} letters[] = {
		{ TCPT_MARK_MIDSTREAM, 'M' }, { TCPT_MARK_GUESSED, 'G' },
		{ TCPT_MARK_SELF, 'S' }, { TCPT_MARK_CLOSED, 'C' },
	};
	unsigned int i;
	char *p = buf;

	for (i = 0; i < ARRAY_SIZE(letters); i++)
		if (marks & letters[i].mark)
			*p++ = letters[i].letter;
	if (!(marks & (TCPT_MARK_CONFIRMED | TCPT_MARK_CLOSED)))
		*p++ = 'H';
	if (p == buf)
		*p++ = '-';
	*p = '\0';
	return buf;
}

/**
 * tcpt_flags_name - TCP flags as letters
 * @flags: TCPTRACE_FIN and so on; other bits are ignored
 * @buf: where to write them
 *
 * The letters are tcpdump's and tshark's: S, A, F, R, P, U, E (ECE), C (CWR),
 * N (AE). A segment without flags is "-".
 *
 * Context: any.
 * Return: @buf.
 */
char *tcpt_flags_name(unsigned int flags, char buf[TCPT_FLAGS_LEN])
{
	static const struct {
		u16 flag;
		char letter;
	} letters[] = {
		{ TCPTRACE_AE, 'N' }, { TCPTRACE_CWR, 'C' },
		{ TCPTRACE_ECE, 'E' }, { TCPTRACE_URG, 'U' },
		{ TCPTRACE_SYN, 'S' }, { TCPTRACE_FIN, 'F' },
		{ TCPTRACE_RST, 'R' }, { TCPTRACE_PSH, 'P' },
		{ TCPTRACE_ACK, 'A' },
	};
	size_t i, n = 0;

	static_assert(ARRAY_SIZE(letters) + 1 <= TCPT_FLAGS_LEN,
		      "every letter has room");
	for (i = 0; i < ARRAY_SIZE(letters); i++)
		if (flags & letters[i].flag)
			buf[n++] = letters[i].letter;
	if (n == 0)
		buf[n++] = '-';
	buf[n] = '\0';
	return buf;
}
