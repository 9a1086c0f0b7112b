// SPDX-License-Identifier: GPL-2.0
#include "option.h"

#include "segment.h"

#include <linux/tcptrace.h>

/* IANA TCP option kinds */
enum {
	KIND_EOL	= 0,
	KIND_NOP	= 1,
	KIND_MSS	= 2,
	KIND_WSCALE	= 3,
	KIND_SACK_PERM	= 4,
	KIND_SACK	= 5,
	KIND_TIMESTAMP	= 8,
	KIND_MD5	= 19,
	KIND_AO		= 29,
	KIND_MPTCP	= 30,
	KIND_TFO	= 34,
	KIND_EXP	= 254,
	EXP_TFO		= 0xf989,	/* RFC 7413 section 4.1.1 */
};

static void parse_sack(struct tcpt_options *opt, const u8 *p, size_t len)
{
	size_t i;

	opt->sack_blocks = (u8)(len / 8);
	for (i = 0; i < opt->sack_blocks; i++) {
		opt->sack[i][0] = tcpt_be32(p + 8 * i);
		opt->sack[i][1] = tcpt_be32(p + 8 * i + 4);
	}
	opt->present |= TCPTRACE_OPT_SACK;
}

/*
 * One option of a known kind with the @len bytes that follow kind and length.
 * Return: its bit, or OPT_MALFORMED if the kind cannot have this length.
 */
static u16 parse_option(struct tcpt_options *opt, u8 kind, const u8 *p,
			size_t len)
{
	switch (kind) {
	case KIND_MSS:
		if (len != 2)
			return TCPTRACE_OPT_MALFORMED;
		opt->mss = tcpt_be16(p);
		return TCPTRACE_OPT_MSS;
	case KIND_WSCALE:
		if (len != 1)
			return TCPTRACE_OPT_MALFORMED;
		opt->wscale = p[0] < TCPT_WSCALE_MAX ? p[0] : TCPT_WSCALE_MAX;
		return TCPTRACE_OPT_WSCALE;
	case KIND_SACK_PERM:
		return len == 0 ? TCPTRACE_OPT_SACK_PERM
				: TCPTRACE_OPT_MALFORMED;
	case KIND_SACK:
		if (len == 0 || len % 8 || len / 8 > TCPT_SACK_MAX)
			return TCPTRACE_OPT_MALFORMED;
		parse_sack(opt, p, len);
		return TCPTRACE_OPT_SACK;
	case KIND_TIMESTAMP:
		if (len != 8)
			return TCPTRACE_OPT_MALFORMED;
		opt->tsval = tcpt_be32(p);
		opt->tsecr = tcpt_be32(p + 4);
		return TCPTRACE_OPT_TIMESTAMP;
	case KIND_MD5:
		return len == 16 ? TCPTRACE_OPT_MD5 : TCPTRACE_OPT_MALFORMED;
	case KIND_AO:
		return len >= 2 ? TCPTRACE_OPT_AO : TCPTRACE_OPT_MALFORMED;
	case KIND_MPTCP:
		if (len < 1)
			return TCPTRACE_OPT_MALFORMED;
		opt->mptcp_subtype = p[0] >> 4;
		return TCPTRACE_OPT_MPTCP;
	case KIND_TFO:
		opt->tfo_len = (u8)len;
		return TCPTRACE_OPT_TFO;
	case KIND_EXP:
		if (len < 2 || tcpt_be16(p) != EXP_TFO)
			return TCPTRACE_OPT_UNKNOWN;
		opt->tfo_len = (u8)(len - 2);
		return TCPTRACE_OPT_TFO;
	default:
		return TCPTRACE_OPT_UNKNOWN;
	}
}

/**
 * tcpt_options_parse - read the options of a TCP header
 * @opt: filled in
 * @p: the first byte behind the fixed header
 * @len: how many bytes there are, up to 40: the walk is bounded
 *
 * RFC 9293 section 3.2. A length that overruns the header ends the walk. The
 * segment is still valid, as it is for every receiver.
 *
 * Context: any.
 */
void tcpt_options_parse(struct tcpt_options *opt, const u8 *p, size_t len)
{
	opt->present = 0;
	while (len > 0 && p[0] != KIND_EOL) {
		if (p[0] == KIND_NOP) {
			p++;
			len--;
			continue;
		}
		if (len < 2 || p[1] < 2 || p[1] > len) {
			opt->present |= TCPTRACE_OPT_MALFORMED;
			return;
		}
		opt->present |= parse_option(opt, p[0], p + 2, p[1] - 2U);
		len -= p[1];
		p += p[1];
	}
}
