/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fast path of tcpt_chrono_segment(): x sends y the next segment in
 * sequence, which was already tracked and counted.
 */
#ifndef _TCPT_CHRONO_PLAIN_H
#define _TCPT_CHRONO_PLAIN_H

#include "env.h"
#include "segment.h"
#include "tcb.h"

/* Does the window of @y leave no room for another segment? */
static inline bool tcpt_chrono_is_full(const struct tcpt_endpoint *x,
				       const struct tcpt_endpoint *y)
{
	return (s32)(y->right - x->nxt) < (s32)x->counters.segment_max;
}

/*
 * The fast path of tcpt_chrono_update() for the data of y, when x sends a
 * segment. PATH does not become WINDOW, because y sends nothing and x->right
 * never moves back.
 */
static inline void tcpt_chrono_acked(struct tcpt_track *t, unsigned int from,
				     const struct tcpt_endpoint *x,
				     struct tcpt_endpoint *y, u64 now)
{
	struct tcpt_chrono *chrono = &y->chrono;

	if (chrono->phase == TCPT_PHASE_IDLE)
		return;
	if (unlikely(chrono->phase != TCPT_PHASE_PATH)) {
		tcpt_chrono_update(t, !from, from, now);
	} else if (y->nxt == x->ack) {
		chrono->ns[TCPT_PHASE_PATH - 1] += now - chrono->since;
		chrono->begun = chrono->since;
		chrono->since = now;
		chrono->phase = TCPT_PHASE_IDLE;
		t->quiet = now;
	}
}

/*
 * The fast path of tcpt_chrono_update() for the data of x, when x sends the
 * next segment in sequence.
 */
static inline void tcpt_chrono_sent(struct tcpt_track *t, unsigned int from,
				    struct tcpt_endpoint *x,
				    const struct tcpt_endpoint *y, u64 now)
{
	struct tcpt_chrono *chrono = &x->chrono;

	if (unlikely(tcpt_chrono_is_full(x, y))) {
		tcpt_chrono_update(t, from, from, now);
	} else if (chrono->phase == TCPT_PHASE_IDLE && chrono->started) {
		if (y->chrono.phase == TCPT_PHASE_IDLE && t->quiet)
			chrono->own += now - t->quiet;
		chrono->since = now;
		chrono->phase = TCPT_PHASE_PATH;
	} else if (unlikely(chrono->phase != TCPT_PHASE_PATH)) {
		tcpt_chrono_update(t, from, from, now);
	}
}

/*
 * Give the turn to @from, which sends the next data in sequence. If the data
 * answers a request, count the response time.
 */
static inline void tcpt_chrono_turn(struct tcpt_track *t, unsigned int from,
				    const struct tcpt_endpoint *y,
				    const struct tcpt_segment *seg, u64 now)
{
	if (likely(t->turn == from))
		return;
	if (t->turn == !from && seg->ack == y->nxt)
		tcpt_chrono_answer(t, from, now);
	t->turn = from;
}

#endif /* _TCPT_CHRONO_PLAIN_H */
