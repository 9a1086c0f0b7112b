/* SPDX-License-Identifier: GPL-2.0 */
/* Write findings as sentences, as JSON and by name. */
#ifndef _TCPTRACECTL_VIEW_FINDING_H
#define _TCPTRACECTL_VIEW_FINDING_H

#include "json_writer.h"
#include "line.h"
#include "record.h"

/* Size of a buffer for any sentence in any language. */
#define VIEW_FINDING_LEN	384

void view_finding_sentence(const struct tcptrace_found *found,
			   char buf[VIEW_FINDING_LEN]);
void view_finding_translated(const struct tcptrace_found *found,
			     char buf[VIEW_FINDING_LEN]);
void view_finding_json(struct json_writer *w,
		       const struct tcptrace_found *found);
void view_finding_close_json(struct json_writer *w,
			     const struct tcptrace_close *c);
void view_finding_close_text(struct line *line, const struct tcptrace_close *c);

#endif /* _TCPTRACECTL_VIEW_FINDING_H */
