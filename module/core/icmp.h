/* SPDX-License-Identifier: GPL-2.0 */
/* ICMP and ICMPv6 errors that quote a segment. */
#ifndef _TCPT_ICMP_H
#define _TCPT_ICMP_H

#include "env.h"
#include "segment.h"

#include <linux/tcptrace.h>

struct tcpt_result;
struct tcpt_track;

/**
 * struct tcpt_icmp - an error
 * @quoted: the quoted segment: addresses, family, IP ID, ports and sequence
 *	number; all other fields are 0; undefined for a redirect
 * @error: the error; @error.fit is not set yet
 */
struct tcpt_icmp {
	struct tcpt_segment quoted;
	struct tcptrace_error error;
};

/**
 * struct tcpt_quote - the segment that an error quotes, and the error's time
 * @now: when the error was seen, ns
 * @seq: the sequence number that the error quotes
 * @from: the end that sent the quoted segment: 0 for the originator, 1 for the
 *	responder
 * @local: this host sent the error
 */
struct tcpt_quote {
	u64 now;
	u32 seq;
	u8 from;
	bool local;
};

enum tcpt_parse tcpt_icmp_parse(struct tcpt_icmp *icmp, const u8 *p, size_t len,
				size_t wire_len);
void tcpt_icmp_track(struct tcpt_track *t, const struct tcpt_quote *quote,
		     struct tcptrace_error *error, struct tcpt_result *res);

#endif /* _TCPT_ICMP_H */
