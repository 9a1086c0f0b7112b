/* SPDX-License-Identifier: GPL-2.0 */
/* Write how a connection spent its time, as text and as JSON. */
#ifndef _TCPTRACECTL_VIEW_TIME_H
#define _TCPTRACECTL_VIEW_TIME_H

#include "json_writer.h"
#include "line.h"
#include "record.h"

void view_time_text(struct line *line, const struct tcptrace_close *c);
void view_time_json(struct json_writer *w, const struct tcptrace_time *time,
		    u64 goodput);

#endif /* _TCPTRACECTL_VIEW_TIME_H */
