/* SPDX-License-Identifier: GPL-2.0 */
/* Suspicions about a segment, as text and as JSON. */
#ifndef _TCPTRACECTL_VIEW_SUSPECTED_H
#define _TCPTRACECTL_VIEW_SUSPECTED_H

#include "json_writer.h"
#include "line.h"
#include "record.h"

void view_suspected_text(struct line *line, const struct tcptrace_suspected *s);
void view_suspected_json(struct json_writer *w,
			 const struct tcptrace_suspected *s);

#endif /* _TCPTRACECTL_VIEW_SUSPECTED_H */
