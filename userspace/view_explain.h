/* SPDX-License-Identifier: GPL-2.0 */
/* Explain a connection segment by segment, with the reason for each number. */
#ifndef _TCPTRACECTL_VIEW_EXPLAIN_H
#define _TCPTRACECTL_VIEW_EXPLAIN_H

#include "conversation.h"
#include "explain_quiz.h"

/**
 * struct view_explain - options of an explanation
 * @json: print JSON instead of text
 * @full: show windows, options, rules, comparisons and limits
 * @look: the format of the output
 * @quiz: ask for the SEQ and ACK of a segment before showing them
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
