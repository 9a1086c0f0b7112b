// SPDX-License-Identifier: GPL-2.0
#include "view_limit.h"

#include "addr.h"
#include "core/name.h"

static const char *const words[TCPTRACE_LIMITS] = {
	[TCPTRACE_LIMIT_HALF_OPEN]	= "evicted, max_half_open",
	[TCPTRACE_LIMIT_TABLE]		= "evicted, max_connections",
	[TCPTRACE_LIMIT_FULL]		= "not tracked, max_connections",
	[TCPTRACE_LIMIT_CHAIN]		= "not tracked, a bucket is full",
	[TCPTRACE_LIMIT_MEMORY]		= "not tracked, no memory",
	[TCPTRACE_LIMIT_READERS]	= "readers refused, max_readers",
};

static u64 evicted(const struct tcptrace_limit *rec)
{
	return (u64)rec->hits[TCPTRACE_LIMIT_HALF_OPEN] +
	       rec->hits[TCPTRACE_LIMIT_TABLE];
}

static const char *format_addr(const struct tcptrace_limit *rec,
			       char text[ADDR_LEN])
{
	struct addr addr;

	addr_init(&addr, rec->family, 0, rec->addr);
	addr_format(&addr, text, ADDR_LEN);
	return text;
}

static void add_receiver(struct line *line, const struct tcptrace_limit *rec)
{
	char text[ADDR_LEN];

	if (rec->family != 0)
		line_item(line, TERM_PLAIN, 0, "; mostly to %s",
			  format_addr(rec, text));
	if (rec->port != 0)
		line_item(line, TERM_PLAIN, 0, "%s port %u",
			  rec->family != 0 ? "" : "; mostly to", rec->port);
}

/**
 * view_limit_text - limits in words
 * @line: the line
 * @rec: the record
 */
void view_limit_text(struct line *line, const struct tcptrace_limit *rec)
{
	unsigned int i, n = 0;

	line_add(line, " ");
	line_color(line, TERM_ALARM);
	line_add(line, "*** LIMIT in netns %u:", rec->netns);
	for (i = 0; i < TCPTRACE_LIMITS; i++)
		if (rec->hits[i] != 0)
			line_item(line, TERM_PLAIN, 0, "%s %u %s",
				  n++ ? ";" : "", rec->hits[i], words[i]);
	if (evicted(rec) != 0)
		line_item(line, TERM_PLAIN, 0, "; %llu %% of them unanswered",
			  (unsigned long long)(rec->unanswered * 100ULL /
					       evicted(rec)));
	line_item(line, TERM_PLAIN, 0, "; %u opened in %u.%03u s", rec->opened,
		  rec->span_ms / 1000, rec->span_ms % 1000);
	add_receiver(line, rec);
	line_add(line, " ***");
	line_color(line, TERM_PLAIN);
}

/**
 * view_limit_json - what LIMIT adds to the members of every event
 * @w: the writer
 * @rec: the record
 */
void view_limit_json(struct json_writer *w, const struct tcptrace_limit *rec)
{
	char text[ADDR_LEN];
	unsigned int i;

	json_writer_u64(w, "netns", rec->netns);
	json_writer_u64(w, "span_ms", rec->span_ms);
	json_writer_open(w, "hits", '{');
	for (i = 0; i < TCPTRACE_LIMITS; i++)
		json_writer_u64(w, tcpt_limit_name(i), rec->hits[i]);
	json_writer_close(w, '}');
	json_writer_u64(w, "opened", rec->opened);
	json_writer_u64(w, "unanswered", rec->unanswered);
	if (rec->family != 0)
		json_writer_text(w, "addr", format_addr(rec, text));
	if (rec->port != 0)
		json_writer_u64(w, "port", rec->port);
}
