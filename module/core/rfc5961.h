/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Suspicions: evidence that a third party sent a segment. Challenge ACKs (RFC
 * 5961) are part of that evidence. acceptable.h decides whether a RST is
 * accepted.
 */
#ifndef _TCPT_RFC5961_H
#define _TCPT_RFC5961_H

#include "env.h"
#include "segment.h"
#include "tcb.h"

#include <linux/tcptrace.h>

/**
 * struct tcpt_suspicion - why a segment is suspect
 * @distance: bytes from @expected to the sequence number or acknowledgment
 *	number of the segment
 * @since: time between the segment and the event that makes it suspect, ns; 0
 *	if there is no such event
 * @expected: the sequence number or acknowledgment number that was expected
 * @what: enum tcptrace_suspicion
 * @fit: enum tcptrace_fit
 * @ttl_min: smallest TTL that the sender has used before, 0 if none
 * @ttl_max: largest TTL that the sender has used before
 * @pending: the suspect is the segment in tcpt_track.pending, not the segment
 *	just seen
 */
struct tcpt_suspicion {
	s32 distance;
	u64 since;
	u32 expected;
	u8 what;
	u8 fit;
	u8 ttl_min;
	u8 ttl_max;
	bool pending;
};

struct tcpt_suspicion tcpt_rfc5961_segment(struct tcpt_track *t,
					   unsigned int from,
					   const struct tcpt_segment *seg,
					   unsigned int class, u64 now);
void tcpt_rfc5961_keep(struct tcpt_track *t, unsigned int from,
		       unsigned int kind, const struct tcpt_segment *seg,
		       u64 now);
struct tcpt_suspicion tcpt_rfc5961_late(struct tcpt_track *t,
					unsigned int from,
					const struct tcpt_segment *seg,
					u64 now);

/*
 * Can the caller omit tcpt_rfc5961_segment()? That function does nothing if the
 * segment is acceptable and has no RST, and no earlier segment waits for
 * evidence.
 */
static inline bool tcpt_rfc5961_is_plain(const struct tcpt_track *t,
					 const struct tcpt_segment *seg,
					 unsigned int class)
{
	return class == TCPT_CLASS_OK && !(seg->flags & TCPTRACE_RST) &&
	       !t->challenged && !t->pending.kind;
}

#endif /* _TCPT_RFC5961_H */
