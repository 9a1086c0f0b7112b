/* SPDX-License-Identifier: GPL-2.0 */
/* Limits that were reached, as text and as JSON. */
#ifndef _TCPTRACECTL_REACHED_H
#define _TCPTRACECTL_REACHED_H

#include "line.h"
#include "record.h"
#include "writer.h"

void reached_add(struct line *line, const struct tcptrace_limit *rec);
void reached_write(struct writer *w, const struct tcptrace_limit *rec);

#endif /* _TCPTRACECTL_REACHED_H */
