// SPDX-License-Identifier: GPL-2.0
#include "view_show.h"

#include "addr.h"
#include "cgroup.h"
#include "container.h"
#include "community_id.h"
#include "core/name.h"
#include "line.h"
#include "names.h"
#include "output.h"
#include "timefmt.h"
#include "view_close.h"
#include "view_context.h"
#include "view_finding.h"
#include "view_json.h"

#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	CELL_LEN	= 192,
	LINE_LEN	= 512,
	LABEL_WIDTH	= 13,
	CELL_WIDTH	= 34,
	BAR_WIDTH	= 20,
	NUMBER_LEN	= 32,
};

/* Remember a record of the connection. */
void view_show_take(struct show *show, const union record *rec, u64 frame)
{
	unsigned int what;

	switch (rec->h.type) {
	case TCPTRACE_STATE:
		if (show->steps < SHOW_TRANSITIONS)
			show->step[show->steps++] = (struct show_step) {
				.rec = rec->state, .frame = frame,
			};
		break;
	case TCPTRACE_ESTABLISHED:
		show->established = rec->established;
		break;
	case TCPTRACE_FINDING:
		if (show->founds < SHOW_FINDINGS)
			show->found[show->founds++] = (struct show_found) {
				.rec = rec->finding, .frame = frame,
			};
		break;
	case TCPTRACE_SUSPECTED:
		what = rec->suspected.suspicion;
		if (what < TCPTRACE_SUSPICIONS && !show->suspected[what]++)
			show->first_suspected[what] = frame;
		break;
	case TCPTRACE_CLOSE:
		show->close = rec->close;
		show->last_frame = frame;
		break;
	}
}

/* "1,234,567" */
static const char *grouped(u64 n, char buf[NUMBER_LEN])
{
	char digits[NUMBER_LEN];
	size_t i, len, at = 0;

	len = (size_t)snprintf(digits, sizeof(digits), "%llu",
			       (unsigned long long)n);
	for (i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			buf[at++] = ',';
		buf[at++] = digits[i];
	}
	buf[at] = '\0';
	return buf;
}

/* Write a line with a label and a text. */
static int __printf(2, 3) put(const char *label, const char *format, ...)
{
	char text[LINE_LEN], out[LINE_LEN + LABEL_WIDTH + 4];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	snprintf(out, sizeof(out), "  %-*s%s", LABEL_WIDTH - 2, label, text);
	return output_line(out);
}

/* Write a line with a label and a text for each end. */
static int put_pair(const char *label, const char *orig, const char *resp)
{
	return put(label, "%-*s %s", CELL_WIDTH, orig, resp);
}

static int put_head(const struct tcptrace_close *c)
{
	const struct tcptrace_flow *f = &c->flow;
	char orig[ADDR_LEN], resp[ADDR_LEN], id[COMMUNITY_ID_LEN];
	char out[2 * ADDR_LEN + 80];
	struct addr addr;

	addr_init(&addr, f->family, f->zone, f->orig_addr);
	addr_endpoint(&addr, f->orig_port, orig, sizeof(orig));
	addr_init(&addr, f->family, f->zone, f->resp_addr);
	addr_endpoint(&addr, f->resp_port, resp, sizeof(resp));
	community_id(f, id);
	snprintf(out, sizeof(out), "Connection %llu   %s -> %s   %s",
		 (unsigned long long)f->conn, orig, resp, id);
	return output_line(out);
}

static int put_opened(const struct show *show)
{
	const struct tcptrace_established *e = &show->established;
	char wall[TIMEFMT_LEN], all[TIMEFMT_LEN], right[TIMEFMT_LEN];
	char left[TIMEFMT_LEN];
	u16 flags = show->close.h.flags;
	int err;

	timefmt_rfc3339(show->close.start, wall);
	err = put("opened", "%s%s%s", wall,
		  flags & TCPTRACE_F_MIDSTREAM ?
		  ", seen from the middle on" : "",
		  flags & TCPTRACE_F_GUESSED ? ", originator guessed" : "");
	if (err || e->h.type == 0)
		return err ?: put("handshake", "not complete");
	timefmt_span(e->handshake_ns, all, sizeof(all));
	timefmt_span(e->syn_synack_ns, right, sizeof(right));
	timefmt_span(e->synack_ack_ns, left, sizeof(left));
	err = put("handshake",
		  "%s: to the responder and back %s, to the originator %s", all,
		  e->syn_synack_ns ? right : "not seen",
		  e->synack_ack_ns ? left : "not seen");
	if (!err && (e->syn_rexmits || e->synack_rexmits))
		err = put("", "SYN sent again %u times, SYN,ACK %u times",
			  e->syn_rexmits, e->synack_rexmits);
	return err;
}

static int put_ended(const struct show *show)
{
	const struct tcptrace_close *c = &show->close;
	const char *by = event_end_name(c->by);
	char span[TIMEFMT_LEN], frame[40] = "";

	if (show->last_frame)
		snprintf(frame, sizeof(frame), ", frame %llu",
			 (unsigned long long)show->last_frame);
	timefmt_span(c->duration_ns, span, sizeof(span));
	if (c->reason == TCPTRACE_CLOSE_CAPTURE)
		return put("open", "%s so far   %s %s", span,
			   tcpt_conn_state_name(c->conn_state), c->history);
	return put("ended", "after %s: %s%s%s%s   %s %s", span,
		   tcpt_close_name(c->reason), by ? " by " : "", by ?: "",
		   frame, tcpt_conn_state_name(c->conn_state), c->history);
}

static int put_step(const struct show *show, size_t i)
{
	const struct tcptrace_transition *t = &show->step[i].rec;
	u64 start = show->close.start;
	char text[CELL_LEN], span[TIMEFMT_LEN], frame[32] = "";

	timefmt_seconds(t->h.time > start ? t->h.time - start : 0, span,
			sizeof(span));
	/* cut the time after the microseconds */
	span[strcspn(span, ".") + 7] = '\0';
	snprintf(text, sizeof(text), "%s %s -> %s", event_end_name(t->end) ?: "?",
		 tcpt_state_name(t->from), tcpt_state_name(t->to));
	if (show->step[i].frame)
		snprintf(frame, sizeof(frame), " (frame %llu)",
			 (unsigned long long)show->step[i].frame);
	return put(i ? "" : "states", "+%-10s%-35s %s%s", span, text,
		   tcpt_reason_text(t->reason), frame);
}

static int put_steps(const struct show *show)
{
	size_t i;
	int err = 0;

	for (i = 0; i < show->steps && !err; i++)
		err = put_step(show, i);
	if (!err && show->close.transitions > show->steps)
		err = put("", "and %zu more",
			  show->close.transitions - show->steps);
	return err;
}

/* Return: a finding, with its final count and value if CLOSE has both. */
static const struct tcptrace_found *found_of(const struct show *show, size_t i)
{
	const struct tcptrace_found *found = &show->found[i].rec.found;
	const struct tcptrace_found *last = show->close.found;
	size_t n;

	for (n = 0; n < TCPTRACE_FOUND_MAX; n++)
		if (last[n].finding == found->finding &&
		    last[n].end == found->end)
			return &last[n];
	return found;
}

static int put_findings(const struct show *show)
{
	char sentence[VIEW_FINDING_LEN], frame[40];
	const char *label = "findings";
	size_t i;
	int err = 0;

	for (i = 0; i < show->founds && !err; i++) {
		view_finding_sentence(found_of(show, i), sentence);
		frame[0] = '\0';
		if (show->found[i].frame)
			snprintf(frame, sizeof(frame), " (frame %llu)",
				 (unsigned long long)show->found[i].frame);
		err = put(label, "%s%s", sentence, frame);
		label = "";
	}
	for (i = 0; i < TCPTRACE_SUSPICIONS && !err; i++)
		if (show->suspected[i])
			err = put("suspected", "%s: %llu, first in frame %llu",
				  tcpt_suspicion_name(i),
				  (unsigned long long)show->suspected[i],
				  (unsigned long long)show->first_suspected[i]);
	return err;
}

static const char *packets_cell(const struct tcptrace_dir *d,
				char cell[CELL_LEN])
{
	char all[NUMBER_LEN], data[NUMBER_LEN];

	snprintf(cell, CELL_LEN, "%s (%s with data)", grouped(d->packets, all),
		 grouped(d->data_packets, data));
	return cell;
}

static const char *bytes_cell(const struct tcptrace_dir *d, char cell[CELL_LEN])
{
	char unique[NUMBER_LEN], again[NUMBER_LEN];

	if (d->rexmit_bytes)
		snprintf(cell, CELL_LEN, "%s new, %s again (%u.%u %%)",
			 grouped(d->unique_bytes, unique),
			 grouped(d->rexmit_bytes, again),
			 (unsigned int)(d->rexmit_bytes * 100 / d->bytes),
			 (unsigned int)(d->rexmit_bytes * 1000 / d->bytes % 10));
	else
		grouped(d->bytes, cell);
	return cell;
}

static const char *rtt_cell(const struct tcptrace_dir *d, char cell[CELL_LEN])
{
	char smoothed[TIMEFMT_LEN], var[TIMEFMT_LEN], min[TIMEFMT_LEN];

	if (!d->rtt_samples)
		return "not measured";
	timefmt_span(d->srtt_ns, smoothed, sizeof(smoothed));
	timefmt_span(d->rttvar_ns, var, sizeof(var));
	timefmt_span(d->rtt_min_ns, min, sizeof(min));
	snprintf(cell, CELL_LEN, "%s +-%s, min %s", smoothed, var, min);
	return cell;
}

static const char *window_cell(const struct tcptrace_dir *d,
			       char cell[CELL_LEN])
{
	char min[NUMBER_LEN], max[NUMBER_LEN], scale[24] = "not scaled";

	if (d->wscale != TCPTRACE_WSCALE_NONE)
		snprintf(scale, sizeof(scale), "scale %u", d->wscale);
	snprintf(cell, CELL_LEN, "%s to %s, %s", grouped(d->window_min, min),
		 grouped(d->window_max, max), scale);
	return cell;
}

static const char *loss_cell(const struct tcptrace_dir *d, char cell[CELL_LEN])
{
	char missed[NUMBER_LEN];
	struct line line;

	line_init(&line, cell, CELL_LEN, false);
	if (d->rexmit_packets)
		line_add(&line, "%u again, ", d->rexmit_packets);
	if (d->out_of_order)
		line_add(&line, "%u reordered, ", d->out_of_order);
	if (d->missed_bytes)
		line_add(&line, "%s bytes missed, ",
			 grouped(d->missed_bytes, missed));
	if (!line.len)
		return "none";
	cell[line.len - 2] = '\0';
	return cell;
}

static const char *ack_cell(const struct tcptrace_dir *d, char cell[CELL_LEN])
{
	snprintf(cell, CELL_LEN, "%u pure, %u dup, %u SACK, %u DSACK",
		 d->pure_acks, d->dup_acks, d->sack_packets, d->dsacks);
	return cell;
}

static const char *odd_cell(const struct tcptrace_dir *d, char cell[CELL_LEN])
{
	struct line line;

	line_init(&line, cell, CELL_LEN, false);
	if (d->zero_windows)
		line_add(&line, "%u zero, ", d->zero_windows);
	if (d->zero_window_probes)
		line_add(&line, "%u probes, ", d->zero_window_probes);
	if (d->window_full)
		line_add(&line, "%u full, ", d->window_full);
	if (d->keep_alives)
		line_add(&line, "%u keep-alives, ", d->keep_alives);
	if (!line.len)
		return "-";
	cell[line.len - 2] = '\0';
	return cell;
}

static const char *mss_cell(const struct tcptrace_dir *d, char cell[CELL_LEN])
{
	if (d->mss)
		snprintf(cell, CELL_LEN, "MSS %u, largest %u", d->mss,
			 d->segment_max);
	else
		snprintf(cell, CELL_LEN, "no MSS seen, largest %u",
			 d->segment_max);
	return cell;
}

static const char *state_cell(const struct tcptrace_dir *d, char cell[CELL_LEN])
{
	char flags[TCPT_FLAGS_LEN];

	snprintf(cell, CELL_LEN, "%s, sent %s", tcpt_state_name(d->state),
		 tcpt_flags_name(d->flags, flags));
	return cell;
}

static const struct {
	const char *label;
	const char *(*cell)(const struct tcptrace_dir *d, char cell[CELL_LEN]);
} rows[] = {
	{ "state", state_cell },
	{ "packets", packets_cell },
	{ "bytes", bytes_cell },
	{ "loss", loss_cell },
	{ "ACKs", ack_cell },
	{ "RTT", rtt_cell },
	{ "window", window_cell },
	{ "", odd_cell },
	{ "segments", mss_cell },
};

static int put_rows(const struct tcptrace_close *c)
{
	char orig[CELL_LEN], resp[CELL_LEN];
	size_t i;
	int err;

	err = put_pair("", "originator ->", "<- responder");
	for (i = 0; i < ARRAY_SIZE(rows) && !err; i++)
		err = put_pair(rows[i].label, rows[i].cell(&c->dir[0], orig),
			       rows[i].cell(&c->dir[1], resp));
	return err;
}

static const char *busy_cell(const struct tcptrace_time *t, char cell[CELL_LEN])
{
	u64 loss = t->rto_ns + t->fast_ns;
	char span[TIMEFMT_LEN];
	struct line line;

	line_init(&line, cell, CELL_LEN, false);
	if (!t->busy_ns)
		return "-";
	timefmt_span(t->busy_ns, span, sizeof(span));
	line_add(&line, "busy %s", span);
	if (t->window_ns) {
		timefmt_span(t->window_ns, span, sizeof(span));
		line_add(&line, ", window %s", span);
	}
	if (loss) {
		timefmt_span(loss, span, sizeof(span));
		line_add(&line, ", loss %s", span);
	}
	return cell;
}

static const char *answers_cell(const struct tcptrace_time *t,
				char cell[CELL_LEN])
{
	char mean[TIMEFMT_LEN], max[TIMEFMT_LEN];

	if (!t->responses)
		return "-";
	timefmt_span(t->response_sum_ns / t->responses, mean, sizeof(mean));
	timefmt_span(t->response_max_ns, max, sizeof(max));
	snprintf(cell, CELL_LEN, "%u, mean %s, max %s", t->responses, mean,
		 max);
	return cell;
}

/* Write how each direction spent its time. */
static int put_time(const struct tcptrace_close *c)
{
	char orig[CELL_LEN], resp[CELL_LEN];
	int err = 0;

	if (c->limited_by != TCPTRACE_LIMITED_NONE)
		err = put("limited by", "%s", tcpt_limited_name(c->limited_by));
	err = err ?: put_pair("time", busy_cell(&c->time[0], orig),
			      busy_cell(&c->time[1], resp));
	return err ?: put_pair("answers", answers_cell(&c->time[0], orig),
			       answers_cell(&c->time[1], resp));
}

static const char *bar_cell(u32 n, u32 max, char cell[CELL_LEN])
{
	static const char bar[] = "####################";
	u32 width = (u32)(((u64)n * BAR_WIDTH + max - 1) / (max ? max : 1));

	static_assert(sizeof(bar) == BAR_WIDTH + 1, "of that width");
	if (!n)
		return "";
	snprintf(cell, CELL_LEN, "%.*s %u", (int)width, bar, n);
	return cell;
}

/* Write the number of RTTs in each bucket that is not empty. */
static int put_histogram(const struct tcptrace_close *c)
{
	unsigned int i, first = TCPTRACE_RTT_BUCKETS, last = 0;
	char label[CELL_LEN], orig[CELL_LEN], resp[CELL_LEN];
	const u32 *a = c->dir[0].rtt_hist, *b = c->dir[1].rtt_hist;
	u32 max = 0;
	int err = 0;

	for (i = 0; i < TCPTRACE_RTT_BUCKETS; i++) {
		if (!a[i] && !b[i])
			continue;
		first = i < first ? i : first;
		last = i;
		max = a[i] > max ? a[i] : max;
		max = b[i] > max ? b[i] : max;
	}
	if (max)
		err = put_pair("RTT from", "samples", "samples");
	for (i = first; i <= last && !err; i++) {
		if (!a[i] && !b[i])
			continue;
		timefmt_bucket(i, label, sizeof(label));
		err = put_pair(label, bar_cell(a[i], max, orig),
			       bar_cell(b[i], max, resp));
	}
	return err;
}

/**
 * view_show_text - write the page of a connection of a capture
 * @show: the connection; it has a closing record
 *
 * Return: 0 or a negative error number.
 */
int view_show_text(const struct show *show)
{
	int err;

	err = put_head(&show->close) ?: put_opened(show);
	err = err ?: put_ended(show) ?: put_steps(show);
	err = err ?: put_findings(show) ?: put_rows(&show->close);
	return err ?: put_time(&show->close) ?: put_histogram(&show->close);
}

static void write_frame(struct json_writer *w, u64 frame)
{
	if (frame)
		json_writer_u64(w, "frame", frame);
}

static void write_steps(struct json_writer *w, const struct show *show)
{
	size_t i;

	json_writer_open(w, "states", '[');
	for (i = 0; i < show->steps; i++) {
		const struct tcptrace_transition *t = &show->step[i].rec;

		json_writer_open(w, NULL, '{');
		write_frame(w, show->step[i].frame);
		json_writer_u64(w, "time", t->h.time);
		json_writer_u64(w, "number", t->number);
		view_json_step(w, t);
		json_writer_close(w, '}');
	}
	json_writer_close(w, ']');
}

static void write_found(struct json_writer *w, const struct show *show)
{
	size_t i;

	json_writer_open(w, "found", '[');
	for (i = 0; i < show->founds; i++) {
		json_writer_open(w, NULL, '{');
		write_frame(w, show->found[i].frame);
		json_writer_u64(w, "time", show->found[i].rec.h.time);
		view_finding_json(w, found_of(show, i));
		json_writer_close(w, '}');
	}
	json_writer_close(w, ']');
}

static void write_flow(struct json_writer *w, const struct tcptrace_flow *f)
{
	struct addr addr;

	json_writer_u64(w, "conn", f->conn);
	addr_init(&addr, f->family, f->zone, f->orig_addr);
	json_writer_endpoint(w, "orig", "orig_port", &addr, f->orig_port);
	addr_init(&addr, f->family, f->zone, f->resp_addr);
	json_writer_endpoint(w, "resp", "resp_port", &addr, f->resp_port);
}

/* Write the page as a JSON object. */
void view_show_json(struct json_writer *w, const struct show *show)
{
	json_writer_open(w, NULL, '{');
	write_flow(w, &show->close.flow);
	write_steps(w, show);
	write_found(w, show);
	json_writer_open(w, "close", '{');
	view_close_json(w, &show->close);
	json_writer_close(w, '}');
	json_writer_close(w, '}');
}

static const char *cell_of(const struct proc_conn *row,
			   enum proc_conn_column column)
{
	return row->cells[column] ?: "-";
}

/* The columns of both ends, the originator's first. */
static const struct {
	const char *label;
	enum proc_conn_column orig;
	enum proc_conn_column resp;
} columns[] = {
	{ "state", PROC_CONN_ORIG_STATE, PROC_CONN_RESP_STATE },
	{ "sent", PROC_CONN_ORIG_FLAGS, PROC_CONN_RESP_FLAGS },
	{ "packets", PROC_CONN_ORIG_PACKETS, PROC_CONN_RESP_PACKETS },
	{ "on the wire", PROC_CONN_ORIG_SEGMENTS, PROC_CONN_RESP_SEGMENTS },
	{ "bytes", PROC_CONN_ORIG_BYTES, PROC_CONN_RESP_BYTES },
	{ "again", PROC_CONN_ORIG_REXMIT, PROC_CONN_RESP_REXMIT },
	{ "ISN", PROC_CONN_ORIG_ISS, PROC_CONN_RESP_ISS },
	{ "next SEQ", PROC_CONN_ORIG_NXT, PROC_CONN_RESP_NXT },
	{ "ACK", PROC_CONN_ORIG_ACK, PROC_CONN_RESP_ACK },
	{ "uid", PROC_CONN_ORIG_UID, PROC_CONN_RESP_UID },
	{ "inode", PROC_CONN_ORIG_INODE, PROC_CONN_RESP_INODE },
};

static void process_cell(const struct proc_conn *row, unsigned int end,
			 char cell[CELL_LEN])
{
	struct process process;

	if (proc_conn_process(row, end, &process))
		snprintf(cell, CELL_LEN, "%.*s[%u]",
			 (int)sizeof(process.comm), process.comm, process.pid);
	else
		snprintf(cell, CELL_LEN, "%s",
			 proc_conn_is_remote(row, end) ? "remote" : "-");
}

/* Write the container or, if there is none, the path of the cgroup. */
static void cgroup_cell(const struct proc_conn *row, unsigned int end,
			char cell[CELL_LEN])
{
	char container[CONTAINER_LEN];
	const char *path = NULL;
	struct process process;
	bool found;
	u64 id;

	if (proc_conn_number(row, end ? PROC_CONN_RESP_CGROUP :
			     PROC_CONN_ORIG_CGROUP, &id))
		path = cgroup_path(id);
	found = proc_conn_process(row, end, &process);
	if (container_find(path, found ? &process : NULL, container))
		path = container;
	snprintf(cell, CELL_LEN, "%s", path ?: "-");
}

/* Write the interfaces of the end's segments, for example "eth0 to eth1". */
static void way_cell(const struct proc_conn *row, unsigned int end,
		     char cell[CELL_LEN])
{
	char in[IF_NAMESIZE] = "", out[IF_NAMESIZE] = "";
	u64 ifindex;

	if (proc_conn_number(row, end ? PROC_CONN_RESP_IN : PROC_CONN_ORIG_IN,
			     &ifindex))
		view_context_interface((u32)ifindex, in, sizeof(in));
	if (proc_conn_number(row, end ? PROC_CONN_RESP_OUT : PROC_CONN_ORIG_OUT,
			     &ifindex))
		view_context_interface((u32)ifindex, out, sizeof(out));
	snprintf(cell, CELL_LEN, "%s%s%s", in, *in && *out ? " to " :
		 *in ? " in" : *out ? "out " : "-", out);
}

/*
 * Write owners, interfaces and NAT. The table of an older module can lack these
 * columns.
 */
static int put_row_context(const struct proc_conn *row)
{
	static const struct {
		const char *label;
		enum proc_conn_column needs;
		void (*cell)(const struct proc_conn *row, unsigned int end,
			     char cell[CELL_LEN]);
	} cells[] = {
		{ "process", PROC_CONN_ORIG_PID, process_cell },
		{ "cgroup", PROC_CONN_ORIG_CGROUP, cgroup_cell },
		{ "interfaces", PROC_CONN_ORIG_IN, way_cell },
	};
	char orig[CELL_LEN], resp[CELL_LEN];
	size_t i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(cells) && !err; i++) {
		if (!row->cells[cells[i].needs])
			continue;
		cells[i].cell(row, 0, orig);
		cells[i].cell(row, 1, resp);
		err = put_pair(cells[i].label, orig, resp);
	}
	if (!err && row->cells[PROC_CONN_ORIG_NAT])
		err = put_pair("behind NAT", cell_of(row, PROC_CONN_ORIG_NAT),
			       cell_of(row, PROC_CONN_RESP_NAT));
	return err;
}

static int put_row_findings(const struct proc_conn *row)
{
	unsigned int i;
	u64 bits = 0;
	int err = 0;

	proc_conn_number(row, PROC_CONN_FINDINGS, &bits);
	for (i = 0; i < TCPTRACE_FINDINGS && !err; i++)
		if (bits & 1U << i)
			err = put("finding", "%s", tcpt_finding_name(i));
	return err;
}

/**
 * view_show_row - write the page of a connection of the module's table
 * @row: the row of the connection
 *
 * Return: 0 or a negative error number.
 */
int view_show_row(const struct proc_conn *row)
{
	char out[LINE_LEN];
	size_t i;
	int err;

	snprintf(out, sizeof(out), "Connection %s   %s -> %s",
		 cell_of(row, PROC_CONN_ID), cell_of(row, PROC_CONN_ORIG),
		 cell_of(row, PROC_CONN_RESP));
	err = output_line(out);
	err = err ?: put("opened", "%s s ago, %s s until it times out, marks %s",
			 cell_of(row, PROC_CONN_AGE),
			 cell_of(row, PROC_CONN_LEFT),
			 cell_of(row, PROC_CONN_MARKS));
	err = err ?: put_row_findings(row);
	err = err ?: put_pair("", "originator ->", "<- responder");
	for (i = 0; i < ARRAY_SIZE(columns) && !err; i++)
		err = put_pair(columns[i].label, cell_of(row, columns[i].orig),
			       cell_of(row, columns[i].resp));
	return err ?: put_row_context(row);
}
