/* SPDX-License-Identifier: GPL-2.0 */
/* An independent decision about the module's class of a packet. */
#ifndef _HOSTILE_JUDGE_H
#define _HOSTILE_JUDGE_H

#include "core/env.h"

/**
 * enum judgment - the class of a packet; the module's counters have these names
 * @JUDGE_TCP: a segment
 * @JUDGE_NOT_TCP: a counter of Documentation/tcptrace.rst, like the following
 * @JUDGE_FRAGMENT: see there
 * @JUDGE_IP_VERSION: see there
 * @JUDGE_IP_HDRLEN: see there
 * @JUDGE_IP_LENGTH: see there
 * @JUDGE_EXT_LENGTH: see there
 * @JUDGE_EXT_LIMIT: see there
 * @JUDGE_TCP_LENGTH: see there
 * @JUDGE_TCP_DOFF: see there
 * @JUDGMENTS: how many there are
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
 * struct doubt - receivers that may decide differently
 * @lenient: the client, which reads captures like Wireshark, accepts more of
 *	the
 *	packet than the module
 * @deep: the headers extend past the bytes that the module reads of a nonlinear
 *	packet, which is then "truncated"
 */
struct doubt {
	bool lenient;
	bool deep;
};

extern const char *const judge_names[JUDGMENTS];

enum judgment judge(const u8 *p, u32 len, struct doubt *doubt);

#endif /* _HOSTILE_JUDGE_H */
