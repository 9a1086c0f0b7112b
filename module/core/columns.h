/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Columns that are common to /proc/net/tcptrace and to the table that the
 * client prints for a capture.
 */
#ifndef _TCPT_COLUMNS_H
#define _TCPT_COLUMNS_H

#include "env.h"

struct tcpt_track;

/* The names of the first columns, up to the age. */
#define TCPT_COLUMNS_STATE						   \
	"id", "orig", "resp", "orig_state", "resp_state", "marks",	   \
	"orig_iss", "orig_nxt", "orig_ack",				   \
	"resp_iss", "resp_nxt", "resp_ack",				   \
	"orig_packets", "orig_segments", "orig_bytes", "orig_rexmit",	   \
	"orig_flags", "resp_packets", "resp_segments", "resp_bytes",	   \
	"resp_rexmit", "resp_flags", "age"

/* The names of the columns that tcpt_columns_times() computes. */
#define TCPT_COLUMNS_TIMES						   \
	"limited_by", "syn_synack_ns", "synack_ack_ns",			   \
	"orig_responses", "orig_response_min_ns", "orig_response_mean_ns", \
	"orig_response_max_ns", "orig_busy_ns", "orig_window_ns",	   \
	"orig_rto_ns", "orig_fast_ns",					   \
	"resp_responses", "resp_response_min_ns", "resp_response_mean_ns", \
	"resp_response_max_ns", "resp_busy_ns", "resp_window_ns",	   \
	"resp_rto_ns", "resp_fast_ns"

/*
 * For each end, the names of the columns that tcpt_columns_end() computes, and
 * the name of the column with the histogram of response times.
 */
#define TCPT_COLUMNS_ENDS						   \
	"orig_unique_bytes", "orig_delayed_ns", "orig_idle_ns",		   \
	"orig_response_hist",						   \
	"resp_unique_bytes", "resp_delayed_ns", "resp_idle_ns",		   \
	"resp_response_hist"

enum {
	TCPT_COLUMNS_TIMES_NUM	= 19,
	TCPT_COLUMNS_END_NUM	= 3,
};

/* An unknown value, which the tables show as "-". */
#define TCPT_COLUMN_UNKNOWN	(~0ULL)

void tcpt_columns_times(const struct tcpt_track *t,
			u64 value[TCPT_COLUMNS_TIMES_NUM]);
void tcpt_columns_end(const struct tcpt_track *t, unsigned int end,
		      u64 value[TCPT_COLUMNS_END_NUM]);

#endif /* _TCPT_COLUMNS_H */
