/* SPDX-License-Identifier: GPL-2.0 */
/* A segment in words: flags, numbers, options. */
#ifndef _TCPTRACECTL_SEGMENT_H
#define _TCPTRACECTL_SEGMENT_H

#include "line.h"
#include "record.h"

size_t segment_add(struct line *line, const struct tcptrace_seg *seg, bool raw);
void segment_add_next(struct line *line, const struct tcptrace_seg *seg,
		      bool raw);
void segment_add_options(struct line *line, const struct tcptrace_segment *s,
			 bool raw);
void segment_add_analysis(struct line *line, const struct tcptrace_segment *s);

#endif /* _TCPTRACECTL_SEGMENT_H */
