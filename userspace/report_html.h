/* SPDX-License-Identifier: GPL-2.0 */
/* Write a report as one HTML page that needs no other file. */
#ifndef _TCPTRACECTL_REPORT_HTML_H
#define _TCPTRACECTL_REPORT_HTML_H

#include "report.h"

#include <stdio.h>

/**
 * struct report_page - the data of the page that struct report does not contain
 * @from: the source of the segments
 * @command: options that make a command read the same segments, or NULL
 * @notes: notes about missing data, or about many half-open connections
 * @offset: wall-clock time minus the time in the records, ns
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
