/* SPDX-License-Identifier: GPL-2.0 */
/* Write a segment as text: flags, numbers, options, classes. */
#ifndef _TCPTRACECTL_VIEW_SEGMENT_H
#define _TCPTRACECTL_VIEW_SEGMENT_H

#include "core/env.h"
#include "line.h"
#include "record.h"

/* Size of a buffer for all flags, separated by commas. */
#define VIEW_SEGMENT_FLAGS_LEN	40

const char *view_segment_flags(unsigned int flags,
			       char buf[VIEW_SEGMENT_FLAGS_LEN]);
const char *tcpopt_next(u16 *options);

size_t view_segment_text(struct line *line, const struct tcptrace_seg *seg,
			 bool raw);
void view_segment_next(struct line *line, const struct tcptrace_seg *seg,
		       bool raw);
void view_segment_options(struct line *line, const struct tcptrace_segment *s,
			  bool raw);
void view_segment_classes(struct line *line, const struct tcptrace_segment *s);

#endif /* _TCPTRACECTL_VIEW_SEGMENT_H */
