/* SPDX-License-Identifier: GPL-2.0 */
/* A connection, segment by segment, with the reason for each number. */
#ifndef _TCPTRACECTL_VIEW_EXPLAIN_H
#define _TCPTRACECTL_VIEW_EXPLAIN_H

#include "conversation.h"
#include "explain_quiz.h"

/**
 * struct view_explain - how a connection is explained
 * @json: JSON, not text
 * @full: show windows, options, rules and comparisons
 * @look: the format of the output
 * @quiz: ask for SEQ and ACK of a segment before they are shown
 * @shown: connections shown so far
 */
struct view_explain {
	bool json;
	bool full;
	struct look look;
	struct quiz quiz;
	u64 shown;
};

int view_explain(struct view_explain *v, const struct conversation *c);

#endif /* _TCPTRACECTL_VIEW_EXPLAIN_H */
