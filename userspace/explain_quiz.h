/* SPDX-License-Identifier: GPL-2.0 */
/* Questions about SEQ and ACK of a segment, before both are shown. */
#ifndef _TCPTRACECTL_EXPLAIN_QUIZ_H
#define _TCPTRACECTL_EXPLAIN_QUIZ_H

#include "explain.h"

#include <stdbool.h>

/**
 * struct quiz - one run of questions
 * @wanted: whether to ask
 * @ended: the input has ended: nothing is asked or shown any more
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
