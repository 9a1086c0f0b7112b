/* SPDX-License-Identifier: GPL-2.0 */
/* A report as one HTML page that needs nothing else. */
#ifndef _TCPTRACECTL_REPORT_HTML_H
#define _TCPTRACECTL_REPORT_HTML_H

#include "report.h"

#include <stdio.h>

/**
 * struct report_page - what the page says beside the report
 * @from: where the segments come from
 * @command: a command that reads them again, NULL: none can
 * @notes: what is missing, lines
 * @offset: from the times of the records to those of the wall clock, ns
 */
struct report_page {
	const char *from;
	const char *command;
	const char *notes;
	u64 offset;
};

int report_html(FILE *to, const struct report *r,
		const struct report_page *page);

#endif /* _TCPTRACECTL_REPORT_HTML_H */
