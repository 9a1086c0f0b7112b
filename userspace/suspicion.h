/* SPDX-License-Identifier: GPL-2.0 */
/* Evidence against a segment, as text and as JSON. */
#ifndef _TCPTRACECTL_SUSPICION_H
#define _TCPTRACECTL_SUSPICION_H

#include "line.h"
#include "record.h"
#include "writer.h"

void suspicion_add(struct line *line, const struct tcptrace_suspected *s);
void suspicion_write(struct writer *w, const struct tcptrace_suspected *s);

#endif /* _TCPTRACECTL_SUSPICION_H */
