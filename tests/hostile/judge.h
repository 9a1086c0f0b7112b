/* SPDX-License-Identifier: GPL-2.0 */
/* Decide, without the module's parser, how the module must class a packet. */
#ifndef _HOSTILE_JUDGE_H
#define _HOSTILE_JUDGE_H

#include "core/env.h"

/**
 * enum judgment - class of a packet; all but TCP are counters of the module
 * @JUDGE_TCP: a segment
 * @JUDGE_NOT_TCP: see Documentation/tcptrace.rst
 * @JUDGE_FRAGMENT: likewise
 * @JUDGE_IP_VERSION: likewise
 * @JUDGE_IP_HDRLEN: likewise
 * @JUDGE_IP_LENGTH: likewise
 * @JUDGE_EXT_LENGTH: likewise
 * @JUDGE_EXT_LIMIT: likewise
 * @JUDGE_TCP_LENGTH: likewise
 * @JUDGE_TCP_DOFF: likewise
 * @JUDGMENTS: number of classes
 */
enum judgment {
	JUDGE_TCP,
	JUDGE_NOT_TCP,
	JUDGE_FRAGMENT,
	JUDGE_IP_VERSION,
	JUDGE_IP_HDRLEN,
	JUDGE_IP_LENGTH,
	JUDGE_EXT_LENGTH,
	JUDGE_EXT_LIMIT,
	JUDGE_TCP_LENGTH,
	JUDGE_TCP_DOFF,
	JUDGMENTS,
};

/**
 * struct doubt - reasons why a program may give a packet a different class
 * @lenient: the client, which reads captures like Wireshark, accepts more of
 *	the packet than the module does
 * @deep: the headers may extend past the bytes that the module reads from a
 *	nonlinear packet, so the module may count the packet as truncated
 */
struct doubt {
	bool lenient;
	bool deep;
};

extern const char *const judge_names[JUDGMENTS];

enum judgment judge(const u8 *p, u32 len, struct doubt *doubt);

#endif /* _HOSTILE_JUDGE_H */
