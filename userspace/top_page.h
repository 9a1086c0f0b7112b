/* SPDX-License-Identifier: GPL-2.0 */
/* Print the busiest connections, page by page. */
#ifndef _TCPTRACECTL_TOP_PAGE_H
#define _TCPTRACECTL_TOP_PAGE_H

#include "source.h"
#include "top_selection.h"
#include "top_table.h"

/**
 * struct top_options - the options of top
 * @path: path of the table
 * @source: may name a capture to read instead of @path
 * @words: the words of the capture's filter, NULL-terminated
 * @expression: the words of @selection.filter, NULL-terminated, or NULL
 * @batch: write all rows, one page after another
 * @length: length of an interval, ns
 * @pages: how many pages to write, 0: no limit
 * @at: begin with the interval that contains this time, ns after the first
 *	segment
 * @selection: the rows that are shown, and their order
 */
struct top_options {
	const char *path;
	struct source source;
	char *const *words;
	char *const *expression;
	bool batch;
	u64 length;
	u64 pages;
	u64 at;
	struct top_selection selection;
};

int top_page_run(struct top_options *options);

#endif /* _TCPTRACECTL_TOP_PAGE_H */
