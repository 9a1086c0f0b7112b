/* SPDX-License-Identifier: GPL-2.0 */
/* The closing record of a connection, as text and as JSON. */
#ifndef _TCPTRACECTL_CLOSING_H
#define _TCPTRACECTL_CLOSING_H

#include "line.h"
#include "record.h"
#include "writer.h"

void closing_add(struct line *line, const struct tcptrace_close *c);
void closing_write(struct writer *w, const struct tcptrace_close *c);

#endif /* _TCPTRACECTL_CLOSING_H */
