/* SPDX-License-Identifier: GPL-2.0 */
/* How a connection begins: with a SYN, or midstream. */
#ifndef _TCPT_OPEN_H
#define _TCPT_OPEN_H

#include "env.h"
#include "segment.h"
#include "tcb.h"

#include <linux/tcptrace.h>

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
bool tcpt_open_guess(const struct tcpt_segment *seg);
void tcpt_open_track(struct tcpt_track *t, const struct tcpt_segment *seg,
		     bool self, u64 now, const struct tcpt_wireshark *before,
		     struct tcpt_result *res);

/**
 * tcpt_open_by_originator - find whether the originator sent a segment
 * @seg: the first observed segment of a connection
 *
 * The originator sends a SYN, the responder a SYN,ACK. For other segments, this
 * is a guess.
 *
 * Context: any.
 * Return: true if the sender is the originator.
 */
static inline bool tcpt_open_by_originator(const struct tcpt_segment *seg)
{
	if (seg->flags & TCPTRACE_SYN)
		return !(seg->flags & TCPTRACE_ACK);
	return tcpt_open_guess(seg);
}

/**
 * tcpt_open_originator - find which end of the flow is the originator
 * @seg: the first observed segment of a connection
 * @self: true if both ends are one socket
 * @sender: the end of the flow that sent @seg
 *
 * Context: any.
 * Return: 0 or 1.
 */
static inline unsigned int
tcpt_open_originator(const struct tcpt_segment *seg, bool self,
		     unsigned int sender)
{
	return tcpt_open_by_originator(seg) || self ? sender : !sender;
}

#endif /* _TCPT_OPEN_H */
