/* SPDX-License-Identifier: GPL-2.0 */
/* What follows from a verdict: events, counters, queues of the table. */
#ifndef _TCPT_OUTCOME_H
#define _TCPT_OUTCOME_H

#include "conn.h"

#include "core/record.h"
#include "core/result.h"

void tcpt_outcome_apply(struct tcpt_conn *conn, const struct tcpt_cause *cause,
			const struct tcpt_result *res);
void tcpt_outcome_finish_locked(struct tcpt_conn *conn, u64 now,
				const struct tcpt_result *res);

#endif /* _TCPT_OUTCOME_H */
