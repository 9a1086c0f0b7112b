/* SPDX-License-Identifier: GPL-2.0 */
/* One call of the engine: the state before, the state after. */
#ifndef _FUZZ_VIEW_H
#define _FUZZ_VIEW_H

#include "fuzz.h"

#include "core/result.h"
#include "core/segment.h"
#include "core/track.h"

/**
 * struct view - the result of a segment or a timeout
 * @before: the connection before it
 * @after: the connection after it
 * @res: the verdict
 * @seg: the segment; NULL if there is none, for example at a timeout
 * @from: its sender: 0 the originator, 1 the responder
 * @now: when it was seen, ns; it may be before @before->last
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
