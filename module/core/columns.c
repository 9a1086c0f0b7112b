// SPDX-License-Identifier: GPL-2.0
#include "columns.h"

#include "chrono.h"
#include "tcb.h"

/* Return: @ns, or TCPT_COLUMN_UNKNOWN if the time is unknown (0). */
static u64 known(u64 ns)
{
	return ns ? ns : TCPT_COLUMN_UNKNOWN;
}

static u64 *put_end(u64 *value, const struct tcpt_track *t, unsigned int end)
{
	const struct tcpt_response *r = &t->response[end];
	unsigned int phase;

	*value++ = r->count;
	*value++ = r->count ? r->min : TCPT_COLUMN_UNKNOWN;
	*value++ = r->count ? r->sum / r->count : TCPT_COLUMN_UNKNOWN;
	*value++ = r->count ? r->max : TCPT_COLUMN_UNKNOWN;
	*value++ = tcpt_chrono_busy(t, end);
	for (phase = TCPT_PHASE_WINDOW; phase < TCPT_PHASES; phase++)
		*value++ = tcpt_chrono_total(t, end, phase);
	return value;
}

/**
 * tcpt_columns_times - compute the columns that show where the time went
 * @t: the connection
 * @value: set to the values of the columns in TCPT_COLUMNS_TIMES
 *
 * Context: any; the caller serializes access to @t.
 */
void tcpt_columns_times(const struct tcpt_track *t,
			u64 value[TCPT_COLUMNS_TIMES_NUM])
{
	*value++ = tcpt_chrono_limited(t);
	*value++ = known(t->syn_synack);
	*value++ = known(t->synack_ack);
	value = put_end(value, t, 0);
	put_end(value, t, 1);
}

/**
 * tcpt_columns_end - compute the columns about one end's data
 * @t: the connection
 * @end: the sender of the data: 0 for the originator, 1 for the responder
 * @value: set to the values of the end's columns in TCPT_COLUMNS_ENDS, except
 *	the histogram
 *
 * Context: any; the caller serializes access to @t.
 */
void tcpt_columns_end(const struct tcpt_track *t, unsigned int end,
		      u64 value[TCPT_COLUMNS_END_NUM])
{
	*value++ = t->end[end].unique_bytes;
	*value++ = t->response[!end].delayed;
	*value++ = tcpt_chrono_idle(t, end);
}
