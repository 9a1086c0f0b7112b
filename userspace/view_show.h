/* SPDX-License-Identifier: GPL-2.0 */
/* Write a page about one connection. */
#ifndef _TCPTRACECTL_VIEW_SHOW_H
#define _TCPTRACECTL_VIEW_SHOW_H

#include "json_writer.h"
#include "proc_conn.h"
#include "record.h"

enum {
	SHOW_TRANSITIONS	= 32,	/* only the first are kept */
	SHOW_FINDINGS		= 16,
};

/**
 * struct show_step - a change of state
 * @rec: the record
 * @frame: number of the packet that caused the change, or 0
 */
struct show_step {
	struct tcptrace_transition rec;
	u64 frame;
};

/**
 * struct show_found - a finding
 * @rec: the record
 * @frame: number of the packet that proved the finding, or 0
 */
struct show_found {
	struct tcptrace_finding_record rec;
	u64 frame;
};

/**
 * struct show - the records of a connection
 * @step: the first changes of state
 * @steps: number of elements of @step
 * @found: the first findings
 * @founds: number of elements of @found
 * @suspected: number of suspected segments, by enum tcptrace_suspicion
 * @first_suspected: for each suspicion, packet number of its first segment
 * @established: record of the handshake; type 0 if it was not completed
 * @close: the closing record
 * @last_frame: number of the packet that ended the connection, or 0
 */
struct show {
	struct show_step step[SHOW_TRANSITIONS];
	size_t steps;
	struct show_found found[SHOW_FINDINGS];
	size_t founds;
	u64 suspected[TCPTRACE_SUSPICIONS];
	u64 first_suspected[TCPTRACE_SUSPICIONS];
	struct tcptrace_established established;
	struct tcptrace_close close;
	u64 last_frame;
};

void view_show_take(struct show *show, const union record *rec, u64 frame);
int view_show_text(const struct show *show);
void view_show_json(struct json_writer *w, const struct show *show);
int view_show_row(const struct proc_conn *row);

#endif /* _TCPTRACECTL_VIEW_SHOW_H */
