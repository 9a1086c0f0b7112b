/* SPDX-License-Identifier: GPL-2.0 */
/* A report as one HTML page that needs no other file. */
#ifndef _TCPTRACECTL_REPORT_HTML_H
#define _TCPTRACECTL_REPORT_HTML_H

#include "report.h"

#include <stdio.h>

/**
 * struct report_page - texts of the page that are not part of the report's data
 * @from: where the segments come from
 * @command: options with which a command reads the segments again, or NULL
 * @notes: lines about missing data
 * @offset: wall clock time minus the time in a record, ns
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
