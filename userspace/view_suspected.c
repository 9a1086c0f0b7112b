// SPDX-License-Identifier: GPL-2.0
#include "view_suspected.h"

#include "core/name.h"
#include "timefmt.h"

#include <stdio.h>

/**
 * view_suspected_json - what a suspicion adds to the members of every event
 * @w: the writer
 * @s: the record
 */
void view_suspected_json(struct json_writer *w,
			 const struct tcptrace_suspected *s)
{
	char distance[24];

	snprintf(distance, sizeof(distance), "%lld", (long long)s->distance);
	json_writer_text(w, "suspicion", tcpt_suspicion_name(s->suspicion));
	json_writer_text(w, "fit", tcpt_fit_name(s->fit));
	json_writer_u64(w, "expected", s->expected);
	json_writer_word(w, "distance", distance);
	json_writer_u64(w, "since_ns", s->since_ns);
	json_writer_u64(w, "ttl", s->ttl);
	json_writer_u64(w, "ttl_min", s->ttl_min);
	json_writer_u64(w, "ttl_max", s->ttl_max);
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
 * view_suspected_text - evidence in words
 * @line: the line; the segment is in it already
 * @s: the record
 */
void view_suspected_text(struct line *line, const struct tcptrace_suspected *s)
{
	char span[TIMEFMT_LEN];

	line_item(line, TERM_RED, 2, "%s",
		  tcpt_suspicion_name(s->suspicion));
	add_fit(line, s);
	if (s->since_ns != 0) {
		timefmt_span(s->since_ns, span, sizeof(span));
		line_item(line, TERM_PLAIN, 2, "after %s", span);
	}
	if (s->suspicion == TCPTRACE_SUSPECT_RST_TTL)
		line_item(line, TERM_PLAIN, 2, "ttl %u, its end's %u to %u",
			  s->ttl, s->ttl_min, s->ttl_max);
}
