/* SPDX-License-Identifier: GPL-2.0 */
/* Ask for the SEQ and the ACK of a segment before the segment is shown. */
#ifndef _TCPTRACECTL_EXPLAIN_QUIZ_H
#define _TCPTRACECTL_EXPLAIN_QUIZ_H

#include "explain.h"

#include <stdbool.h>

/**
 * struct quiz - one run of questions
 * @wanted: whether to ask
 * @ended: the input has ended: ask and show nothing more
 * @asked: questions that were answered
 * @right: questions that were answered correctly
 */
struct quiz {
	bool wanted;
	bool ended;
	unsigned int asked;
	unsigned int right;
};

int quiz_segment(struct quiz *q, const struct explain *x, bool self);
int quiz_score(const struct quiz *q);

#endif /* _TCPTRACECTL_EXPLAIN_QUIZ_H */
