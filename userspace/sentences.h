/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sentences that explain findings, states and other values. Every string in
 * sentences.c is translated, so put no other strings there.
 */
#ifndef _TCPTRACECTL_SENTENCES_H
#define _TCPTRACECTL_SENTENCES_H

#include "core/env.h"

#include <linux/tcptrace.h>

/**
 * struct rule - a rule by which an end changes its state
 * @reason: enum tcptrace_reason
 * @to: enum tcptrace_state after the change; TCPTRACE_STATES: any state
 * @text: the rule in one sentence
 * @source: the RFC section that contains the rule, or NULL
 */
struct rule {
	u8 reason;
	u8 to;
	const char *text;
	const char *source;
};

enum {
	SENTENCES_CLASSES	= 15,	/* bits of TCPTRACE_A_* */
};

extern const char *const sentences_findings[TCPTRACE_FINDINGS];
extern const char *const sentences_causes[TCPTRACE_FINDINGS];
extern const char *const sentences_suspicions[TCPTRACE_SUSPICIONS];
extern const char *const sentences_classes[SENTENCES_CLASSES];
extern const char *const sentences_endings[TCPTRACE_CLOSE_REASONS];
extern const char *const sentences_limits[TCPTRACE_LIMITED];

const struct rule *sentences_rule(unsigned int reason, unsigned int to);

#endif /* _TCPTRACECTL_SENTENCES_H */
