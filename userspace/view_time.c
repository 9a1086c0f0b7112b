// SPDX-License-Identifier: GPL-2.0
#include "view_time.h"

#include "core/name.h"
#include "timefmt.h"

static void add_span(struct line *line, char mark, const char *name, u64 ns)
{
	char span[TIMEFMT_LEN];

	timefmt_span(ns, span, sizeof(span));
	line_add(line, "%c", mark);
	line_item(line, TERM_PLAIN, 1, "%s %s", name, span);
}

static void add_parts(struct line *line, u64 window, u64 loss)
{
	char mark = ':';

	if (window) {
		add_span(line, mark, "window", window);
		mark = ',';
	}
	if (loss)
		add_span(line, mark, "loss", loss);
}

/**
 * view_time_text - write how a connection spent its time
 * @line: the line
 * @c: the record CLOSE
 *
 * The response time is the responder's; the other times are sums of both
 * directions.
 */
void view_time_text(struct line *line, const struct tcptrace_close *c)
{
	const struct tcptrace_time *a = &c->time[0], *b = &c->time[1];
	u64 busy = a->busy_ns + b->busy_ns;

	if (c->limited_by == TCPTRACE_LIMITED_NONE ||
	    c->limited_by >= TCPTRACE_LIMITED)
		return;
	line_item(line, TERM_PLAIN, 2, "limited by %s",
		  tcpt_limited_name(c->limited_by));
	if (b->responses) {
		add_span(line, ',', "response",
			 b->response_sum_ns / b->responses);
		line_add(line, " mean (%u)", b->responses);
	}
	if (!busy)
		return;
	add_span(line, ',', "busy", busy);
	add_parts(line, a->window_ns + b->window_ns,
		  a->rto_ns + a->fast_ns + b->rto_ns + b->fast_ns);
}

/**
 * view_time_json - write the member "time" of a direction
 * @w: the writer
 * @time: the times
 * @goodput: payload bytes per second of busy time, without retransmissions
 */
void view_time_json(struct json_writer *w, const struct tcptrace_time *time,
		    u64 goodput)
{
	u64 rest = time->busy_ns - time->window_ns - time->rto_ns -
		   time->fast_ns - time->delayed_ns;

	json_writer_open(w, "time", '{');
	json_writer_u64(w, "busy_ns", time->busy_ns);
	json_writer_u64(w, "window_ns", time->window_ns);
	json_writer_u64(w, "rto_ns", time->rto_ns);
	json_writer_u64(w, "fast_ns", time->fast_ns);
	json_writer_u64(w, "delayed_ns", time->delayed_ns);
	json_writer_u64(w, "path_ns", rest);
	json_writer_u64(w, "idle_ns", time->idle_ns);
	json_writer_u64(w, "own_ns", time->own_ns);
	json_writer_u64(w, "responses", time->responses);
	json_writer_u64(w, "response_min_ns", time->response_min_ns);
	json_writer_u64(w, "response_max_ns", time->response_max_ns);
	json_writer_u64(w, "response_mean_ns", time->responses ?
			time->response_sum_ns / time->responses : 0);
	json_writer_u32s(w, "response_hist", time->response_hist,
			 ARRAY_SIZE(time->response_hist));
	json_writer_u64(w, "goodput", goodput);
	json_writer_close(w, '}');
}
