/* SPDX-License-Identifier: GPL-2.0 */
/* doctor: write the findings in order, as text or JSON. */
#ifndef _TCPTRACECTL_DOCTOR_REPORT_H
#define _TCPTRACECTL_DOCTOR_REPORT_H

#include "core/env.h"

/**
 * enum verdict - the severity of a finding
 * @VERDICT_OK: there is nothing to do
 * @VERDICT_WARNING: a possible fault, which may be intended
 * @VERDICT_PROBLEM: a fault that keeps something from working
 * @VERDICT_UNKNOWN: the check was not possible
 */
enum verdict {
	VERDICT_OK,
	VERDICT_WARNING,
	VERDICT_PROBLEM,
	VERDICT_UNKNOWN,
};

/**
 * struct report - findings
 * @json: write JSON objects
 * @verdict: severity of the pending finding, which has not been written yet
 * @check: name of the pending finding's check; NULL: no finding is pending
 * @text: what was found
 * @advice: advice to the user; empty: no advice
 * @problems: number of problems found
 * @err: the first error from writing a finding
 */
struct report {
	bool json;
	enum verdict verdict;
	const char *check;
	char text[512];
	char advice[512];
	unsigned int problems;
	int err;
};

void doctor_say(struct report *report, enum verdict verdict,
		const char *check, const char *format, ...)
	__printf(4, 5);
void doctor_advise(struct report *report, const char *format, ...)
	__printf(2, 3);
int doctor_end(struct report *report);

#endif /* _TCPTRACECTL_DOCTOR_REPORT_H */
