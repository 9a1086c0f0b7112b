// SPDX-License-Identifier: GPL-2.0
#include "view_text.h"

#include "addr.h"
#include "core/name.h"
#include "names.h"
#include "sentences.h"
#include "timefmt.h"
#include "tunnel.h"
#include "view_close.h"
#include "view_context.h"
#include "view_fate.h"
#include "view_finding.h"
#include "view_segment.h"

#include <errno.h>
#include <stdio.h>

#define NS_PER_US	1000ULL
#define NS_PER_SEC	1000000000ULL

enum {
	/* Width of two short IPv4 endpoints; two long ones need 46 columns. */
	FLOW_MIN	= 29,
	/* One pair of long IPv6 addresses must not widen all later lines. */
	FLOW_MAX	= 56,
	TIME_WIDTH	= 15,
	/* the digits of an inode number; a name of ip-netns(8) can be longer */
	NETNS_MIN	= 10,
	NETNS_MAX	= 24,
	EVENT_WIDTH	= 9,
	/* "orig SYN_RECEIVED -> ESTABLISHED" */
	CHANGE_WIDTH	= 32,
	/* "[SA] seq 0 ack 1 len 0"; raw sequence numbers need 40 columns. */
	SEGMENT_MIN	= 22,
	SEGMENT_MAX	= 42,
	HOOK_WIDTH	= 7,
	/* If less room is left, folded text starts below the label. */
	BODY_MIN	= 30,
	/* Indent of folded text, counted from the label. */
	BODY_INDENT	= 2,
};

void view_text_init(struct view_text *text, u64 offset)
{
	memset(text, 0, sizeof(*text));
	text->offset = offset;
	text->netns_width = NETNS_MIN;
	text->flow_width = FLOW_MIN;
	text->segment_width = SEGMENT_MIN;
}

/* Parse the argument of --time. Return: 0 or -EINVAL. */
int view_text_parse_time(const char *word, enum text_time *time)
{
	static const char *const words[] = {
		[TEXT_REAL] = "real", [TEXT_MONO] = "mono",
		[TEXT_DELTA] = "delta", [TEXT_RELATIVE] = "relative",
		[TEXT_ISO] = "iso", [TEXT_UTC] = "utc",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(word, words[i]) == 0) {
			*time = i;
			return 0;
		}
	return -EINVAL;
}

static void format_time(const struct view_text *text, u64 time, char *buf,
			size_t size)
{
	u64 from = text->time == TEXT_DELTA ? text->last : text->first;
	const char *sign = "";

	switch (text->time) {
	case TEXT_REAL:
		timefmt_of_day(time + text->offset, buf, size);
		return;
	case TEXT_ISO:
		timefmt_local(time + text->offset, buf, size);
		return;
	case TEXT_UTC:
		timefmt_rfc3339(time + text->offset, buf);
		return;
	case TEXT_DELTA:
	case TEXT_RELATIVE:
		/*
		 * The time can go backwards, because CPUs do not always deliver
		 * records in the order in which they observed the segments.
		 */
		sign = time < from ? "-" : "+";
		time = time < from ? from - time : time - (from ?: time);
		break;
	case TEXT_MONO:
		break;
	}
	snprintf(buf, size, "%s%llu.%06u", sign,
		 (unsigned long long)(time / NS_PER_SEC),
		 (unsigned int)(time % NS_PER_SEC / NS_PER_US));
}

static void add_time(const struct view_text *text, struct line *line, u64 time)
{
	char buf[TIMEFMT_LEN];

	format_time(text, time, buf, sizeof(buf));
	line_paint(line, TERM_DIM, "%*s", TIME_WIDTH, buf);
}

static void format_endpoint(const struct view_text *text,
			    const struct tcptrace_flow *flow, const u8 *bytes,
			    u16 port, char *buf)
{
	struct addr addr;

	addr_init(&addr, flow->family, tunnel_zone(flow->zone), bytes);
	if (text->resolve)
		addr_resolve(&addr, port, buf, ADDR_LEN);
	else
		addr_endpoint(&addr, port, buf, ADDR_LEN);
}

/* Widen a column for this and all later rows if a text needs more room. */
static void widen(size_t *width, size_t needed, size_t max)
{
	if (needed > *width && needed <= max)
		*width = needed;
}

/*
 * Write both ends, the originator always on the left; the arrow has the
 * direction of the segment, so that a conversation looks like a ladder diagram.
 */
static void add_flow(struct view_text *text, struct line *line,
		     const struct tcptrace_open *rec)
{
	const char *arrow = rec->seg.from == 0 ? "->" : "<-";
	char orig[ADDR_LEN], resp[ADDR_LEN];
	size_t begin = line->width;

	if (rec->seg.hook == TCPTRACE_HOOK_NONE)
		arrow = "--";
	format_endpoint(text, &rec->flow, rec->flow.orig_addr,
			rec->flow.orig_port, orig);
	format_endpoint(text, &rec->flow, rec->flow.resp_addr,
			rec->flow.resp_port, resp);
	line_add(line, "%s %s %s", orig, arrow, resp);
	widen(&text->flow_width, line->width - begin, FLOW_MAX);
	line_pad(line, begin + text->flow_width + 1);
}

static enum term_color state_color(unsigned int state)
{
	switch (state) {
	case TCPTRACE_SYN_SENT:
	case TCPTRACE_SYN_RECEIVED:
		return TERM_CYAN;
	case TCPTRACE_ESTAB:
		return TERM_GREEN;
	case TCPTRACE_CLOSED:
	case TCPTRACE_TIME_WAIT:
		return TERM_DIM;
	default:
		return TERM_YELLOW;
	}
}

static bool reason_is_reset(unsigned int reason)
{
	return reason == TCPTRACE_REASON_RST_SENT ||
	       reason == TCPTRACE_REASON_RST_RECEIVED ||
	       reason == TCPTRACE_REASON_REFUSED;
}

/* Write the tunnels, the innermost first. */
static void add_tunnels(struct line *line, u32 zone)
{
	const struct tunnel *stack[TUNNEL_DEPTH_MAX];
	size_t i, n = tunnel_stack(zone, stack);

	for (i = 0; i < n; i++)
		line_item(line, TERM_YELLOW, i ? 1 : 2, "in %s %u",
			  tunnel_name(stack[i]), stack[i]->id);
}

static void add_marks(struct line *line, u16 flags)
{
	if (flags & TCPTRACE_F_MIDSTREAM)
		line_item(line, TERM_YELLOW, 2, "midstream");
	if (flags & TCPTRACE_F_GUESSED)
		line_item(line, TERM_YELLOW, 2, "originator guessed");
	if (flags & TCPTRACE_F_SELF)
		line_item(line, TERM_YELLOW, 2, "self-connect");
	if (flags & TCPTRACE_F_ONE_WAY)
		line_item(line, TERM_YELLOW, 2, "one direction only");
}

/* Write the hook, except for a capture, which has no hooks. */
static void add_hook(struct line *line, unsigned int hook)
{
	if (hook == RECORD_HOOK_FILE)
		line_add(line, " ");
	else
		line_add(line, " %-*s ", HOOK_WIDTH, tcpt_hook_name(hook));
}

static void add_interface(const struct view_text *text, struct line *line)
{
	if (text->interface)
		line_item(line, TERM_PLAIN, 2, "on %s", text->interface);
}

static void add_open(struct view_text *text, struct line *line,
		     const union record *rec)
{
	add_hook(line, rec->open.seg.hook);
	view_segment_text(line, &rec->open.seg, text->raw);
	add_interface(text, line);
	view_context_open_text(line, &rec->open, text->verbose);
	add_tunnels(line, rec->c.flow.zone);
	add_marks(line, rec->h.flags);
}

static void add_state(struct view_text *text, struct line *line,
		      const union record *rec)
{
	const struct tcptrace_transition *t = &rec->state;
	size_t begin = line->width + 1, width;

	line_item(line, TERM_PLAIN, 1, "%s ", event_end_name(t->end) ?: "?");
	line_paint(line, state_color(t->from), "%s", tcpt_state_name(t->from));
	line_item(line, TERM_PLAIN, 0, " -> ");
	line_paint(line, state_color(t->to), "%s", tcpt_state_name(t->to));
	line_pad(line, begin + CHANGE_WIDTH + 1);
	width = view_segment_text(line, &t->seg, text->raw);
	widen(&text->segment_width, width, SEGMENT_MAX);
	line_pad(line, line->width - width + text->segment_width + 2);
	line_item(line, reason_is_reset(t->reason) ? TERM_RED : TERM_PLAIN, 0,
		  "%s", tcpt_reason_text(t->reason));
}

static void add_half(struct line *line, size_t gap, const char *name, u64 ns)
{
	char span[TIMEFMT_LEN];

	timefmt_span(ns, span, sizeof(span));
	line_item(line, TERM_PLAIN, gap, "%s %s", name,
		  ns == 0 ? "not seen" : span);
}

static const char *wscale_text(u8 wscale, char buf[4])
{
	if (wscale == TCPTRACE_WSCALE_NONE)
		return "none";
	snprintf(buf, 4, "%u", wscale);
	return buf;
}

static void add_established(struct view_text *text, struct line *line,
			    const union record *rec)
{
	const struct tcptrace_established *e = &rec->established;
	u16 left = e->options;
	char wscale[2][4];
	const char *name;

	(void)text;
	add_half(line, 1, "SYN->SYN/ACK", e->syn_synack_ns);
	add_half(line, 2, "SYN/ACK->ACK", e->synack_ack_ns);
	if (e->syn_rexmits || e->synack_rexmits) {
		add_half(line, 2, "in all", e->handshake_ns);
		line_item(line, TERM_YELLOW, 2, "rexmit SYN %u SYN/ACK %u",
			  e->syn_rexmits, e->synack_rexmits);
	}
	line_item(line, TERM_PLAIN, 2, "mss %u/%u wscale %s/%s", e->mss[0],
		  e->mss[1], wscale_text(e->wscale[0], wscale[0]),
		  wscale_text(e->wscale[1], wscale[1]));
	left &= (u16)~(TCPTRACE_OPT_MSS | TCPTRACE_OPT_WSCALE);
	while ((name = tcpopt_next(&left)))
		line_item(line, TERM_PLAIN, 1, "%s", name);
	view_context_nat_text(line, &e->flow, &e->context.nat);
}

static void add_segment(struct view_text *text, struct line *line,
			const union record *rec)
{
	const struct tcptrace_segment *s = &rec->segment;

	add_hook(line, s->seg.hook);
	view_segment_text(line, &s->seg, text->raw);
	view_segment_next(line, &s->seg, text->raw);
	line_item(line, TERM_PLAIN, 1, "win %u", s->seg.window);
	if (s->seg.wire_segs > 1)
		line_item(line, TERM_PLAIN, 1, "(%u segments)",
			  s->seg.wire_segs);
	if (s->seg.flags & TCPTRACE_URG)
		line_item(line, TERM_PLAIN, 1, "urg %u", s->urgent);
	view_segment_options(line, s, text->raw);
	view_segment_classes(line, s);
	add_interface(text, line);
}

/* Write the count of each kind of suspicion that occurred more than once. */
static void add_suspicions(const struct conn_suspicions *all, struct line *line)
{
	unsigned int i;

	for (i = 0; all && i < ARRAY_SIZE(all->count); i++)
		if (all->count[i] > 1)
			line_item(line, TERM_RED, 2, "%s x%u",
				  tcpt_suspicion_name(i), all->count[i]);
}

static void add_close(struct view_text *text, struct line *line,
		      const union record *rec)
{
	view_close_text(line, &rec->close);
	add_suspicions(text->suspicions, line);
	view_context_owners_text(line, &rec->close.context, text->verbose);
	view_context_nat_text(line, &rec->c.flow, &rec->close.context.nat);
	add_tunnels(line, rec->c.flow.zone);
	add_marks(line, rec->h.flags);
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

static void add_words(struct line *line, unsigned int suspicion)
{
	const char *words = suspicion < TCPTRACE_SUSPICIONS ?
			    sentences_suspicions[suspicion] : NULL;

	if (words)
		line_item(line, TERM_RED, 2, "%.*s", (int)strlen(words) - 1,
			  words);
}

static void add_suspected(struct view_text *text, struct line *line,
			  const union record *rec)
{
	const struct tcptrace_suspected *s = &rec->suspected;
	char span[TIMEFMT_LEN];

	line_add(line, " ");
	view_segment_text(line, &s->seg, text->raw);
	add_words(line, s->suspicion);
	line_item(line, TERM_PLAIN, 2, "%s", tcpt_suspicion_name(s->suspicion));
	add_fit(line, s);
	if (s->since_ns != 0) {
		timefmt_span(s->since_ns, span, sizeof(span));
		line_item(line, TERM_PLAIN, 2, "after %s", span);
	}
	if (s->suspicion == TCPTRACE_SUSPECT_RST_TTL)
		line_item(line, TERM_PLAIN, 2, "ttl %u, its end's %u to %u",
			  s->ttl, s->ttl_min, s->ttl_max);
}

static void add_finding(struct view_text *text, struct line *line,
			const union record *rec)
{
	char sentence[VIEW_FINDING_LEN];

	(void)text;
	view_finding_sentence(&rec->finding.found, sentence);
	line_item(line, TERM_YELLOW, 1, "%s", sentence);
}

static void add_icmp(struct view_text *text, struct line *line,
		     const union record *rec)
{
	(void)text;
	view_fate_icmp_text(line, &rec->icmp);
}

static void add_drop(struct view_text *text, struct line *line,
		     const union record *rec)
{
	add_hook(line, rec->drop.seg.hook);
	view_segment_text(line, &rec->drop.seg, text->raw);
	view_fate_drop_text(line, &rec->drop);
}

static void add_owner(struct view_text *text, struct line *line,
		      const union record *rec)
{
	(void)text;
	view_context_owner_text(line, &rec->owner);
}

static void add_lost(const struct view_text *text, struct line *line,
		     const union record *rec)
{
	const struct tcptrace_lost *lost = &rec->lost;
	char first[TIMEFMT_LEN], last[TIMEFMT_LEN];
	struct view_text absolute = *text;
	char causes[EVENT_LOST_LEN];

	if (absolute.time == TEXT_DELTA || absolute.time == TEXT_RELATIVE)
		absolute.time = TEXT_REAL;
	format_time(&absolute, lost->first, first, sizeof(first));
	format_time(&absolute, lost->last, last, sizeof(last));
	line_add(line, " ");
	line_paint(line, TERM_ALARM, "*** LOST %llu %s%s, %s to %s%s ***",
		   (unsigned long long)lost->count,
		   event_lost_what(lost->causes), lost->count == 1 ? "" : "s", first, last,
		   event_lost_causes(lost->causes, causes));
}

static const char *const limit_texts[TCPTRACE_LIMITS] = {
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

static void add_receiver(struct line *line, const struct tcptrace_limit *rec)
{
	char text[ADDR_LEN];
	struct addr addr;

	if (rec->family != 0) {
		addr_init(&addr, rec->family, 0, rec->addr);
		addr_format(&addr, text, sizeof(text));
		line_item(line, TERM_PLAIN, 0, "; mostly to %s", text);
	}
	if (rec->port != 0)
		line_item(line, TERM_PLAIN, 0, "%s port %u",
			  rec->family != 0 ? "" : "; mostly to", rec->port);
}

static void add_limit(struct line *line, const struct tcptrace_limit *rec)
{
	char netns[VIEW_CONTEXT_NETNS_LEN];
	unsigned int i, n = 0;

	view_context_netns(rec->netns, netns);
	line_add(line, " ");
	line_color(line, TERM_ALARM);
	line_add(line, "*** LIMIT in netns %s:", netns);
	for (i = 0; i < TCPTRACE_LIMITS; i++)
		if (rec->hits[i] != 0)
			line_item(line, TERM_PLAIN, 0, "%s %u %s",
				  n++ ? ";" : "", rec->hits[i], limit_texts[i]);
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

static const struct {
	const char *label;
	enum term_color color;
	void (*add)(struct view_text *text, struct line *line,
		    const union record *rec);
} bodies[] = {
	[TCPTRACE_OPEN]		= { "OPEN", TERM_BOLD, add_open },
	[TCPTRACE_STATE]	= { "STATE", TERM_BLUE, add_state },
	[TCPTRACE_ESTABLISHED]	= { "ESTAB", TERM_GREEN, add_established },
	[TCPTRACE_SEGMENT]	= { "SEGMENT", TERM_DIM, add_segment },
	[TCPTRACE_CLOSE]	= { "CLOSE", TERM_BOLD, add_close },
	[TCPTRACE_SUSPECTED]	= { "SUSPECT", TERM_RED, add_suspected },
	[TCPTRACE_FINDING]	= { "FINDING", TERM_YELLOW, add_finding },
	[TCPTRACE_ICMP]		= { "ICMP", TERM_YELLOW, add_icmp },
	[TCPTRACE_DROP]		= { "DROP", TERM_RED, add_drop },
	[TCPTRACE_OWNER]	= { "OWNER", TERM_CYAN, add_owner },
};

/*
 * Write the connection on one line. The arrow points to the responder,
 * regardless of the segment that ended the connection.
 */
static void add_whole(struct view_text *text, struct line *line,
		      const union record *rec)
{
	struct tcptrace_open first = rec->c;

	first.seg.from = 0;
	first.seg.hook = RECORD_HOOK_FILE;
	add_flow(text, line, &first);
	line_add(line, " ");
	view_close_one_line(line, &rec->close);
	add_tunnels(line, rec->c.flow.zone);
}

static void add_netns(struct view_text *text, struct line *line, u32 netns)
{
	char name[VIEW_CONTEXT_NETNS_LEN];

	view_context_netns(netns, name);
	widen(&text->netns_width, strlen(name), NETNS_MAX);
	line_add(line, " %-*s", (int)text->netns_width, name);
}

static void add_connection(struct view_text *text, struct line *line,
			   const union record *rec)
{
	unsigned int type = rec->h.type;
	size_t begin;

	if (text->netns)
		add_netns(text, line, rec->c.flow.netns);
	if (rec->c.flow.conn != 0)
		line_add(line, " %4llu ",
			 (unsigned long long)rec->c.flow.conn);
	else
		line_add(line, "    - ");
	text->indent = line->width + BODY_INDENT;
	if (text->one_line && type == TCPTRACE_CLOSE) {
		add_whole(text, line, rec);
		return;
	}
	begin = line->width;
	line_paint(line, bodies[type].color, "%s", bodies[type].label);
	if (type == TCPTRACE_STATE)
		line_add(line, " %u", rec->state.number);
	line_pad(line, begin + EVENT_WIDTH);
	add_flow(text, line, &rec->c);
	if (text->columns > line->width + 1 + BODY_MIN)
		text->indent = line->width + 1;
	bodies[type].add(text, line, rec);
}

/**
 * view_text_format - write an event as a line of text
 * @text: the format; the function updates the widths and the times
 * @rec: the record; its type is known
 * @buf: buffer for the line, which gets no newline at its end
 * @size: size of @buf; TEXT_LEN is enough
 */
void view_text_format(struct view_text *text, const union record *rec,
		      char *buf, size_t size)
{
	struct line line;

	if (!text->first)
		text->first = rec->h.time;
	line_init(&line, buf, size, text->color);
	line.folds = text->columns != 0;
	text->indent = TIME_WIDTH + 1;
	add_time(text, &line, rec->h.time);
	if (rec->h.type == TCPTRACE_LOST)
		add_lost(text, &line, rec);
	else if (rec->h.type == TCPTRACE_LIMIT)
		add_limit(&line, &rec->limit);
	else if (rec->h.type < ARRAY_SIZE(bodies) && bodies[rec->h.type].add)
		add_connection(text, &line, rec);
	line_trim(&line);
	if (line.folds)
		line_fold(&line, text->columns, text->indent);
	text->last = rec->h.time;
}
