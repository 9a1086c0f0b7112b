/* SPDX-License-Identifier: GPL-2.0 */
/* Print records on standard output, as text or as JSON, one record per line. */
#ifndef _TCPTRACECTL_VIEW_H
#define _TCPTRACECTL_VIEW_H

#include "record.h"
#include "suspicions.h"
#include "view_json.h"
#include "view_text.h"

/**
 * struct view - the selection of records, and their format
 * @text: format of text
 * @json: print JSON instead of text
 * @stamp: where and when a record was made, for JSON
 * @is_tty: standard output is a terminal
 * @flush: write each event at once
 * @quiet: show only the first suspicion of each kind in a connection
 * @suspicions: if @quiet, the suspicions of open connections, by kind
 * @conn: number of the only connection to show, until it ends; 0: show all
 * @count: stop after this number of events, 0: never
 * @events: number of events shown
 * @lost: number of lost records (packets if a capture), from LOST records
 * @causes: causes of these losses, bits 1 << enum tcptrace_lost_cause
 */
struct view {
	struct view_text text;
	bool json;
	struct view_json_stamp stamp;
	bool is_tty;
	bool flush;
	bool quiet;
	struct suspicions suspicions;
	u64 conn;
	u64 count;
	u64 events;
	u64 lost;
	u32 causes;
};

void view_init(struct view *v);
int view_show(struct view *v, const union record *rec, u64 frame);

#endif /* _TCPTRACECTL_VIEW_H */
