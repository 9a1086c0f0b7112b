// SPDX-License-Identifier: GPL-2.0
#include "tcpopt.h"

#include <linux/tcptrace.h>

static const struct {
	u16 bit;
	const char *name;
} names[] = {
	{ TCPTRACE_OPT_MSS, "mss" },
	{ TCPTRACE_OPT_WSCALE, "wscale" },
	{ TCPTRACE_OPT_SACK_PERM, "sack_perm" },
	{ TCPTRACE_OPT_SACK, "sack" },
	{ TCPTRACE_OPT_TIMESTAMP, "timestamp" },
	{ TCPTRACE_OPT_TFO, "tfo" },
	{ TCPTRACE_OPT_MPTCP, "mptcp" },
	{ TCPTRACE_OPT_MD5, "md5" },
	{ TCPTRACE_OPT_AO, "ao" },
	{ TCPTRACE_OPT_UNKNOWN, "unknown" },
	{ TCPTRACE_OPT_MALFORMED, "malformed" },
	{ TCPTRACE_OPT_ECN, "ecn" },
};

/**
 * tcpopt_next - take the first option out of a set
 * @options: TCPTRACE_OPT_*; the bit of the returned option is cleared
 *
 * Return: its name, a constant string; NULL when no known bit is left.
 */
const char *tcpopt_next(u16 *options)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (!(*options & names[i].bit))
			continue;
		*options &= (u16)~names[i].bit;
		return names[i].name;
	}
	return NULL;
}
