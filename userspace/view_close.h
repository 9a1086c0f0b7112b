/* SPDX-License-Identifier: GPL-2.0 */
/* Write CLOSE, the closing record of a connection, as text and as JSON. */
#ifndef _TCPTRACECTL_VIEW_CLOSE_H
#define _TCPTRACECTL_VIEW_CLOSE_H

#include "core/env.h"
#include "json_writer.h"
#include "line.h"
#include "record.h"

#include <linux/tcptrace.h>

void view_close_text(struct line *line, const struct tcptrace_close *c);
void view_close_one_line(struct line *line, const struct tcptrace_close *c);
void view_close_json(struct json_writer *w, const struct tcptrace_close *c);

#endif /* _TCPTRACECTL_VIEW_CLOSE_H */
