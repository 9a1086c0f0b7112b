/* SPDX-License-Identifier: GPL-2.0 */
/* Write ICMP errors, dropped packets and the fate of SYNs, as text and JSON. */
#ifndef _TCPTRACECTL_VIEW_FATE_H
#define _TCPTRACECTL_VIEW_FATE_H

#include "json_writer.h"
#include "line.h"
#include "record.h"

void view_fate_icmp_text(struct line *line, const struct tcptrace_icmp *rec);
void view_fate_icmp_json(struct json_writer *w,
			 const struct tcptrace_icmp *rec);
void view_fate_drop_text(struct line *line, const struct tcptrace_drop *rec);
void view_fate_drop_json(struct json_writer *w,
			 const struct tcptrace_drop *rec);
void view_fate_words(struct line *line, const struct tcptrace_close *c);
void view_fate_close_text(struct line *line, const struct tcptrace_close *c);
void view_fate_close_json(struct json_writer *w,
			  const struct tcptrace_close *c);

#endif /* _TCPTRACECTL_VIEW_FATE_H */
