// SPDX-License-Identifier: GPL-2.0
#include "suspicion.h"

#include "core/name.h"
#include "moment.h"

#include <stdio.h>

/**
 * suspicion_write - what a suspicion adds to the members of every event
 * @w: the writer
 * @s: the record
 */
void suspicion_write(struct writer *w, const struct tcptrace_suspected *s)
{
	char distance[24];

	snprintf(distance, sizeof(distance), "%lld", (long long)s->distance);
	writer_text(w, "suspicion", tcpt_suspicion_name(s->suspicion));
	writer_text(w, "fit", tcpt_fit_name(s->fit));
	writer_u64(w, "expected", s->expected);
	writer_word(w, "distance", distance);
	writer_u64(w, "since_ns", s->since_ns);
	writer_u64(w, "ttl", s->ttl);
	writer_u64(w, "ttl_min", s->ttl_min);
	writer_u64(w, "ttl_max", s->ttl_max);
}

static void add_fit(struct line *line, const struct tcptrace_suspected *s)
{
	if (s->fit == TCPTRACE_FIT_UNKNOWN)
		return;
	line_item(line, TERM_PLAIN, 2, "%s", tcpt_fit_name(s->fit));
	if (s->fit != TCPTRACE_FIT_EXACT)
		line_item(line, TERM_PLAIN, 1, "by %+lld B",
			  (long long)s->distance);
}

/**
 * suspicion_add - evidence in words
 * @line: the line; the segment is in it already
 * @s: the record
 */
void suspicion_add(struct line *line, const struct tcptrace_suspected *s)
{
	char span[MOMENT_LEN];

	line_item(line, TERM_RED, 2, "%s",
		  tcpt_suspicion_name(s->suspicion));
	add_fit(line, s);
	if (s->since_ns != 0) {
		moment_span(s->since_ns, span, sizeof(span));
		line_item(line, TERM_PLAIN, 2, "after %s", span);
	}
	if (s->suspicion == TCPTRACE_SUSPECT_RST_TTL)
		line_item(line, TERM_PLAIN, 2, "ttl %u, its end's %u to %u",
			  s->ttl, s->ttl_min, s->ttl_max);
}
