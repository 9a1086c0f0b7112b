/* SPDX-License-Identifier: GPL-2.0 */
/* A call of the engine, with the states before and after the call. */
#ifndef _FUZZ_VIEW_H
#define _FUZZ_VIEW_H

#include "fuzz.h"

#include "core/result.h"
#include "core/segment.h"
#include "core/track.h"

/**
 * struct view - a call of the engine, with or without a segment, and its result
 * @before: the connection before the call
 * @after: the connection after the call
 * @res: the engine's result
 * @seg: the segment; NULL for a call without a segment, for example a timeout
 * @from: sender of the segment: 0 is the originator, 1 is the responder
 * @now: time of the call, ns; it may be earlier than @before->last
 */
struct view {
	const struct tcpt_track *before;
	const struct tcpt_track *after;
	const struct tcpt_result *res;
	const struct tcpt_segment *seg;
	unsigned int from;
	u64 now;
};

/* Return: the end that received the segment. */
static inline unsigned int view_to(const struct view *w)
{
	return w->after->marks & TCPT_MARK_SELF ? w->from : !w->from;
}

static inline bool view_is_late(const struct view *w)
{
	return w->before->marks & TCPT_MARK_CLOSED;
}

#endif /* _FUZZ_VIEW_H */
