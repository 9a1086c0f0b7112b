/* SPDX-License-Identifier: GPL-2.0 */
/* How a connection begins: with a SYN, or midstream. */
#ifndef _TCPT_OPEN_H
#define _TCPT_OPEN_H

#include "env.h"
#include "tcb.h"

struct tcpt_segment;
struct tcpt_result;

/**
 * enum tcpt_open - kinds of segments that belong to no known connection
 * @TCPT_OPEN_SYN:		a SYN, which opens a connection
 * @TCPT_OPEN_SYNACK:		a SYN,ACK, which answers a SYN that was not seen
 * @TCPT_OPEN_MIDSTREAM:	a segment of a connection that is already open
 * @TCPT_OPEN_BAD_FLAGS:	a segment with flags that no TCP stack sends
 */
enum tcpt_open {
	TCPT_OPEN_SYN,
	TCPT_OPEN_SYNACK,
	TCPT_OPEN_MIDSTREAM,
	TCPT_OPEN_BAD_FLAGS,
};

enum tcpt_open tcpt_open_admit(const struct tcpt_segment *seg);
bool tcpt_open_anew(const struct tcpt_track *t, unsigned int from,
		    const struct tcpt_segment *seg);
bool tcpt_open_take_syn(struct tcpt_track *t, unsigned int from,
			const struct tcpt_segment *seg,
			struct tcpt_pending *syn);
bool tcpt_open_by_originator(const struct tcpt_segment *seg);
unsigned int tcpt_open_originator(const struct tcpt_segment *seg, bool self,
				  unsigned int sender);
void tcpt_open_track(struct tcpt_track *t, const struct tcpt_segment *seg,
		     bool self, u64 now, const struct tcpt_wireshark *before,
		     struct tcpt_result *res);

#endif /* _TCPT_OPEN_H */
