// SPDX-License-Identifier: GPL-2.0
#include "name.h"

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
