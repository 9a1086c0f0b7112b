/* SPDX-License-Identifier: GPL-2.0 */
/* Limits that were reached, as text and as JSON. */
#ifndef _TCPTRACECTL_VIEW_LIMIT_H
#define _TCPTRACECTL_VIEW_LIMIT_H

#include "json_writer.h"
#include "line.h"
#include "record.h"

void view_limit_text(struct line *line, const struct tcptrace_limit *rec);
void view_limit_json(struct json_writer *w, const struct tcptrace_limit *rec);

#endif /* _TCPTRACECTL_VIEW_LIMIT_H */
