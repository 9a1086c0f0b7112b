// SPDX-License-Identifier: GPL-2.0
#include "view_close.h"

#include "community_id.h"
#include "core/name.h"
#include "names.h"
#include "timefmt.h"
#include "view_fate.h"
#include "view_finding.h"
#include "view_time.h"

#include <ctype.h>

#define NS_PER_SEC	1000000000ULL

/* Column widths of --one-line. */
enum {
	REASON_WIDTH	= 14,
	STATE_WIDTH	= 6,
	SPAN_WIDTH	= 8,
};

#define COUNTER(field, size) { { ",\"" #field "\":", \
				 sizeof(",\"" #field "\":") - 1 }, \
			       offsetof(struct tcptrace_dir, field), size }
#define COUNTER64(field)	COUNTER(field, 8)
#define COUNTER32(field)	COUNTER(field, 4)
#define COUNTER16(field)	COUNTER(field, 2)
#define COUNTER8(field)		COUNTER(field, 1)

/* The members of tcptrace_dir that are written unchanged, in struct order. */
static const struct {
	struct json_writer_label label;
	size_t offset;
	size_t size;
} counters[] = {
	COUNTER64(packets), COUNTER64(segments), COUNTER64(bytes),
	COUNTER64(unique_bytes), COUNTER64(rexmit_bytes),
	COUNTER64(missed_bytes), COUNTER64(idle_max_ns), COUNTER64(data_ns),
	COUNTER64(rtt_min_ns), COUNTER64(rtt_last_ns), COUNTER64(srtt_ns),
	COUNTER64(rttvar_ns), COUNTER32(rtt_samples), COUNTER32(data_packets),
	COUNTER32(rexmit_packets), COUNTER32(out_of_order), COUNTER32(acks),
	COUNTER32(pure_acks), COUNTER32(dup_acks), COUNTER32(triple_dup_acks),
	COUNTER32(sack_packets), COUNTER32(sack_blocks), COUNTER32(dsacks),
	COUNTER32(zero_windows), COUNTER32(zero_window_probes),
	COUNTER32(window_full), COUNTER32(keep_alives), COUNTER32(pushes),
	COUNTER32(urgent_packets), COUNTER32(urgent_bytes), COUNTER32(syns),
	COUNTER32(fins), COUNTER32(rsts), COUNTER32(window_min),
	COUNTER32(window_max), COUNTER32(initial_bytes),
	COUNTER32(initial_packets), COUNTER32(segment_min),
	COUNTER32(segment_max), COUNTER32(ect0), COUNTER32(ect1),
	COUNTER32(ce), COUNTER32(ece), COUNTER32(cwr), COUNTER16(mss),
	COUNTER8(ttl_first), COUNTER8(ttl_min), COUNTER8(ttl_max),
	COUNTER8(sack_blocks_max),
};

static u64 counter_value(const struct tcptrace_dir *dir, size_t i)
{
	const u8 *p = (const u8 *)dir + counters[i].offset;

	switch (counters[i].size) {
	case 8:
		return *(const u64 *)p;
	case 4:
		return *(const u32 *)p;
	case 2:
		return *(const u16 *)p;
	default:
		return *p;
	}
}

/* Leave out packets without payload: each is one segment, even with GRO. */
static u64 segment_size_avg(const struct tcptrace_dir *dir)
{
	u64 pure = dir->packets - dir->data_packets;
	u64 n = dir->segments - pure;

	return n && dir->segments > pure ? dir->bytes / n : 0;
}

/* Return: payload bytes per second, without retransmissions. */
static u64 throughput(const struct tcptrace_dir *dir, u64 duration)
{
	unsigned __int128 scaled = dir->unique_bytes;

	return duration ? (u64)(scaled * NS_PER_SEC / duration) : 0;
}

static void write_dir(struct json_writer *w, const char *name,
		      const struct tcptrace_close *c, size_t end)
{
	const struct tcptrace_dir *dir = &c->dir[end];
	char flags[TCPT_FLAGS_LEN];
	size_t i;

	json_writer_open(w, name, '{');
	json_writer_text(w, "flags", tcpt_flags_name(dir->flags, flags));
	json_writer_text(w, "state", tcpt_state_name(dir->state));
	for (i = 0; i < ARRAY_SIZE(counters); i++)
		json_writer_labeled(w, &counters[i].label,
				    counter_value(dir, i));
	json_writer_wscale(w, "wscale", dir->wscale);
	json_writer_u64(w, "throughput", throughput(dir, c->duration_ns));
	json_writer_u64(w, "segment_size_avg", segment_size_avg(dir));
	json_writer_u32s(w, "rtt_hist", dir->rtt_hist,
			 ARRAY_SIZE(dir->rtt_hist));
	view_time_json(w, &c->time[end],
		       throughput(dir, c->time[end].busy_ns));
	json_writer_close(w, '}');
}

static void write_times(struct json_writer *w, const struct tcptrace_close *c)
{
	char text[TIMEFMT_LEN];

	timefmt_seconds(c->duration_ns, text, sizeof(text));
	json_writer_u64(w, "start", c->start);
	json_writer_word(w, "duration", text);
	json_writer_u64(w, "duration_ns", c->duration_ns);
	json_writer_u64(w, "established_ns", c->established_ns);
	json_writer_u64(w, "syn_synack_ns", c->syn_synack_ns);
	json_writer_u64(w, "synack_ack_ns", c->synack_ack_ns);
	json_writer_u64(w, "initial_rtt_ns", c->initial_rtt_ns);
}

static void write_suspected(struct json_writer *w, u32 suspected)
{
	unsigned int i;

	json_writer_open(w, "suspected", '[');
	for (i = TCPTRACE_SUSPECT_NONE + 1; i < TCPTRACE_SUSPICIONS; i++)
		if (suspected & 1U << i)
			json_writer_text(w, NULL, tcpt_suspicion_name(i));
	json_writer_close(w, ']');
}

/*
 * Return: the printable history. A record can come from a file, so the history
 * can contain any bytes and can lack the terminating 0.
 */
static const char *history_text(const struct tcptrace_close *c,
				char buf[TCPTRACE_HISTORY_MAX + 1])
{
	size_t i;

	for (i = 0; i < TCPTRACE_HISTORY_MAX && c->history[i] != '\0'; i++)
		buf[i] = isgraph((unsigned char)c->history[i]) ?
			 c->history[i] : '?';
	buf[i] = '\0';
	return buf;
}

/*
 * Write the members of CLOSE, except its context and the members that every
 * event has.
 */
void view_close_json(struct json_writer *w, const struct tcptrace_close *c)
{
	char history[TCPTRACE_HISTORY_MAX + 1];
	char id[COMMUNITY_ID_LEN];

	community_id(&c->flow, id);
	json_writer_text(w, "reason", tcpt_close_name(c->reason));
	json_writer_end(w, "by", c->by);
	write_times(w, c);
	json_writer_text(w, "conn_state", tcpt_conn_state_name(c->conn_state));
	json_writer_text(w, "history", history_text(c, history));
	json_writer_text(w, "community_id", id);
	json_writer_u64(w, "end_reason", c->end_reason);
	json_writer_u64(w, "completeness", c->completeness);
	json_writer_u64(w, "transitions", c->transitions);
	write_suspected(w, c->suspected);
	view_finding_close_json(w, c);
	view_fate_close_json(w, c);
	json_writer_text(w, "limited_by", tcpt_limited_name(c->limited_by));
	write_dir(w, "a2b", c, 0);
	write_dir(w, "b2a", c, 1);
}

static void add_dir(struct line *line, const char *arrow,
		    const struct tcptrace_dir *dir)
{
	line_item(line, TERM_PLAIN, 2, "%s %llu B in %llu pkt", arrow,
		  (unsigned long long)dir->bytes,
		  (unsigned long long)dir->packets);
	if (dir->rexmit_packets || dir->rexmit_bytes)
		line_item(line, TERM_YELLOW, 1, "(%llu B in %u pkt again)",
			  (unsigned long long)dir->rexmit_bytes,
			  dir->rexmit_packets);
}

static enum term_color reason_color(unsigned int reason)
{
	switch (reason) {
	case TCPTRACE_CLOSE_FIN:
		return TERM_GREEN;
	case TCPTRACE_CLOSE_RESET:
	case TCPTRACE_CLOSE_REFUSED:
	case TCPTRACE_CLOSE_UNREACHABLE:
	case TCPTRACE_CLOSE_UNANSWERED:
		return TERM_RED;
	default:
		return TERM_YELLOW;
	}
}

static void add_spans(struct line *line, const struct tcptrace_close *c)
{
	char span[TIMEFMT_LEN];

	timefmt_span(c->duration_ns, span, sizeof(span));
	line_item(line, TERM_PLAIN, 1, "after %s", span);
	if (c->established_ns == 0)
		return;
	timefmt_span(c->established_ns, span, sizeof(span));
	line_item(line, TERM_PLAIN, 1, "(%s established)", span);
}

/* Text for each reason; add_ending() adds the end that caused the close. */
static const char *const endings[TCPTRACE_CLOSE_REASONS] = {
	[TCPTRACE_CLOSE_NONE]		= "still open",
	[TCPTRACE_CLOSE_FIN]		= "closed",
	[TCPTRACE_CLOSE_RESET]		= "reset",
	[TCPTRACE_CLOSE_REFUSED]	= "refused",
	[TCPTRACE_CLOSE_UNANSWERED]	= "not answered",
	[TCPTRACE_CLOSE_TIMEOUT]	= "timed out",
	[TCPTRACE_CLOSE_EVICTED]	= "evicted, to make room",
	[TCPTRACE_CLOSE_REUSED]		= "its ports were used again",
	[TCPTRACE_CLOSE_SHUTDOWN]	= "no longer traced",
	[TCPTRACE_CLOSE_CAPTURE]	= "open at the end of the capture",
	[TCPTRACE_CLOSE_ONE_WAY]	= "timed out, one direction only",
	[TCPTRACE_CLOSE_UNREACHABLE]	= "unreachable",
};

static void add_ending(struct line *line, const struct tcptrace_close *c)
{
	const char *text = c->reason < TCPTRACE_CLOSE_REASONS ?
			   endings[c->reason] : tcpt_close_name(c->reason);

	line_add(line, " ");
	line_paint(line, reason_color(c->reason), "%s", text);
	if (event_end_name(c->by))
		line_add(line, "%s by %s",
			 c->reason == TCPTRACE_CLOSE_FIN ? ", first" : "",
			 c->by ? "responder" : "originator");
	if (c->reason != TCPTRACE_CLOSE_FIN)
		line_add(line, " in %s/%s", tcpt_state_name(c->dir[0].state),
			 tcpt_state_name(c->dir[1].state));
	add_spans(line, c);
}

/* Write how long a SYN or SYN,ACK was unanswered when the connection closed. */
static void add_waited(struct line *line, const struct tcptrace_close *c)
{
	u64 since = c->start + c->syn_synack_ns;
	const char *what = "SYN,ACK";
	char span[TIMEFMT_LEN];

	if (c->reason != TCPTRACE_CLOSE_UNANSWERED &&
	    c->reason != TCPTRACE_CLOSE_CAPTURE)
		return;
	if (c->dir[0].state == TCPTRACE_SYN_SENT && c->dir[1].packets == 0)
		what = "SYN";
	else if (c->dir[1].state != TCPTRACE_SYN_RECEIVED)
		return;
	timefmt_span(c->h.time > since ? c->h.time - since : 0, span,
		     sizeof(span));
	line_item(line, TERM_RED, 2, "%s unanswered for %s", what, span);
}

/* Write Zeek's conn_state and history, and the flags of both directions. */
static void add_codes(struct line *line, const struct tcptrace_close *c)
{
	char history[TCPTRACE_HISTORY_MAX + 1], flags[TCPT_FLAGS_LEN];
	int i;

	line_item(line, TERM_DIM, 2, "%s", tcpt_conn_state_name(c->conn_state));
	if (*history_text(c, history) != '\0')
		line_item(line, TERM_DIM, 1, "%s", history);
	for (i = 0; i < 2; i++)
		line_item(line, TERM_DIM, 1, "[%s]",
			  tcpt_flags_name(c->dir[i].flags, flags));
}

void view_close_text(struct line *line, const struct tcptrace_close *c)
{
	add_ending(line, c);
	add_dir(line, "->", &c->dir[0]);
	add_dir(line, "<-", &c->dir[1]);
	add_waited(line, c);
	view_fate_close_text(line, c);
	view_finding_close_text(line, c);
	view_time_text(line, c);
	add_codes(line, c);
}

static void add_column(struct line *line, size_t width, const char *text)
{
	size_t end = line->width + width;

	line_add(line, "%s", text);
	line_pad(line, end);
	line_add(line, " ");
}

/* Write the smoothed round trip time from here to the responder and back. */
static void add_rtt(struct line *line, const struct tcptrace_dir *dir)
{
	char span[TIMEFMT_LEN];

	if (!dir->rtt_samples)
		return;
	timefmt_span(dir->srtt_ns, span, sizeof(span));
	line_add(line, "  rtt %s", span);
}

/* Write the columns of --one-line from the reason up to the findings. */
void view_close_one_line(struct line *line, const struct tcptrace_close *c)
{
	char text[TIMEFMT_LEN];
	size_t end = line->width + REASON_WIDTH;

	line_paint(line, reason_color(c->reason), "%s",
		   tcpt_close_name(c->reason));
	line_pad(line, end);
	line_add(line, " ");
	add_column(line, STATE_WIDTH, tcpt_conn_state_name(c->conn_state));
	timefmt_span(c->duration_ns, text, sizeof(text));
	add_column(line, SPAN_WIDTH, text);
	line_add(line, "-> %llu B  <- %llu B",
		 (unsigned long long)c->dir[0].bytes,
		 (unsigned long long)c->dir[1].bytes);
	add_rtt(line, &c->dir[0]);
	if (c->dir[0].rexmit_packets || c->dir[1].rexmit_packets)
		line_paint(line, TERM_YELLOW, "  rexmit %u/%u",
			   c->dir[0].rexmit_packets, c->dir[1].rexmit_packets);
	view_finding_close_text(line, c);
}
