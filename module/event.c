// SPDX-License-Identifier: GPL-2.0
#include "event.h"

#include "reader.h"
#include "stats.h"

#include <linux/socket.h>
#include <linux/string.h>

static u16 header_flags(const struct tcpt_track *t)
{
	return (t->marks & TCPT_MARK_MIDSTREAM ? TCPTRACE_F_MIDSTREAM : 0) |
	       (t->marks & TCPT_MARK_GUESSED ? TCPTRACE_F_GUESSED : 0) |
	       (t->marks & TCPT_MARK_SELF ? TCPTRACE_F_SELF : 0);
}

static void fill_flow(struct tcptrace_flow *to, const struct tcpt_conn *conn)
{
	const struct tcpt_flow *flow = &conn->flow;
	unsigned int orig = conn->orig;

	to->conn = conn->id;
	to->netns = flow->netns;
	to->zone = flow->zone;
	to->orig_port = flow->port[orig];
	to->resp_port = flow->port[!orig];
	to->family = flow->family == 6 ? AF_INET6 : AF_INET;
	memcpy(to->orig_addr, flow->addr[orig], sizeof(to->orig_addr));
	memcpy(to->resp_addr, flow->addr[!orig], sizeof(to->resp_addr));
}

static void fill_seg(struct tcptrace_seg *to, const struct tcpt_conn *conn,
		     const struct tcpt_sight *sight)
{
	const struct tcpt_track *t = &conn->track;
	const struct tcpt_segment *seg = sight->seg;
	unsigned int peer = t->marks & TCPT_MARK_SELF ? 0 : !sight->from;

	if (!seg)
		return;
	to->seq = seg->seq;
	to->rel_seq = seg->seq - t->end[sight->from].iss;
	if (seg->flags & TCPTRACE_ACK) {
		to->ack = seg->ack;
		to->rel_ack = seg->ack - t->end[peer].iss;
	}
	to->len = seg->len;
	to->flags = seg->flags;
	to->window = seg->window;
	to->wire_segs = seg->wire_segs;
	to->from = sight->from;
	to->hook = sight->hook;
}

/* All records but LOST begin alike: header, flow, segment. */
static void begin(struct tcptrace_open *rec, u32 len, u16 type,
		  const struct tcpt_conn *conn, const struct tcpt_sight *sight)
{
	memset(rec, 0, len);
	rec->h.len = len;
	rec->h.type = type;
	rec->h.flags = header_flags(&conn->track);
	rec->h.time = sight->now;
	fill_flow(&rec->flow, conn);
	fill_seg(&rec->seg, conn, sight);
}

static void publish(const struct tcpt_conn *conn, struct tcptrace_header *h)
{
	tcpt_reader_publish(conn->ns, h);
}

/**
 * tcpt_event_open - OPEN: a connection enters the table
 * @conn: the connection
 * @sight: its first segment
 *
 * Context: BH off; @conn is locked, or nobody else knows it.
 */
void tcpt_event_open(const struct tcpt_conn *conn,
		     const struct tcpt_sight *sight)
{
	struct tcptrace_open rec;

	if (!tcpt_reader_wants(TCPTRACE_OPEN))
		return;
	begin(&rec, sizeof(rec), TCPTRACE_OPEN, conn, sight);
	publish(conn, &rec.h);
}

/**
 * tcpt_event_segment - SEGMENT: a segment of a connection
 * @conn: the connection
 * @sight: the segment
 *
 * Context: BH off; @conn is locked, or nobody else knows it.
 */
void tcpt_event_segment(const struct tcpt_conn *conn,
			const struct tcpt_sight *sight)
{
	const struct tcpt_segment *seg = sight->seg;
	const struct tcpt_options *opt = &seg->opt;
	struct tcptrace_segment rec;

	if (!tcpt_reader_wants(TCPTRACE_SEGMENT))
		return;
	begin((struct tcptrace_open *)&rec, sizeof(rec), TCPTRACE_SEGMENT,
	      conn, sight);
	rec.options = opt->present;
	rec.urgent = seg->urgent;
	rec.hdr_len = seg->hdr_len;
	rec.ttl = seg->ttl;
	rec.tos = seg->tos;
	if (opt->present & TCPTRACE_OPT_MSS)
		rec.mss = opt->mss;
	if (opt->present & TCPTRACE_OPT_WSCALE)
		rec.wscale = opt->wscale;
	if (opt->present & TCPTRACE_OPT_TFO)
		rec.tfo_len = opt->tfo_len;
	if (opt->present & TCPTRACE_OPT_MPTCP)
		rec.mptcp_subtype = opt->mptcp_subtype;
	if (opt->present & TCPTRACE_OPT_TIMESTAMP) {
		rec.tsval = opt->tsval;
		rec.tsecr = opt->tsecr;
	}
	if (opt->present & TCPTRACE_OPT_SACK) {
		rec.sack_blocks = opt->sack_blocks;
		memcpy(rec.sack, opt->sack, opt->sack_blocks * 8);
	}
	publish(conn, &rec.h);
}

/**
 * tcpt_event_stray - SEGMENT: a segment that belongs to no connection
 * @ns: its network namespace
 * @flow: its flow
 * @sender: which end of @flow sent it; it stands for the originator
 * @sight: the segment
 *
 * The connection id is 0, and the relative numbers are the raw ones.
 *
 * Context: any but hard interrupts.
 */
void tcpt_event_stray(struct tcpt_ns *ns, const struct tcpt_flow *flow,
		      unsigned int sender, const struct tcpt_sight *sight)
{
	struct tcpt_conn nobody = { .flow = *flow, .ns = ns, .orig = sender };

	if (tcpt_reader_wants(TCPTRACE_SEGMENT))
		tcpt_event_segment(&nobody, sight);
}

static void event_state(const struct tcpt_conn *conn,
			const struct tcpt_sight *sight,
			const struct tcpt_step *step, u32 number)
{
	struct tcptrace_transition rec;

	begin((struct tcptrace_open *)&rec, sizeof(rec), TCPTRACE_STATE, conn,
	      sight);
	rec.number = number;
	rec.end = step->end;
	rec.from = step->from;
	rec.to = step->to;
	rec.reason = step->reason;
	publish(conn, &rec.h);
}

/* RFC 3168 section 6.1.1: ECE and CWR in the SYN, ECE alone in the SYN,ACK. */
static bool ecn_agreed(const struct tcpt_track *t)
{
	return (t->end[0].syn_flags & (TCPTRACE_ECE | TCPTRACE_CWR)) ==
		       (TCPTRACE_ECE | TCPTRACE_CWR) &&
	       (t->end[1].syn_flags & (TCPTRACE_ECE | TCPTRACE_CWR)) ==
		       TCPTRACE_ECE;
}

static u8 again(unsigned int sent)
{
	return sent ? sent - 1 : 0;
}

static void event_established(const struct tcpt_conn *conn,
			      const struct tcpt_sight *sight)
{
	const struct tcpt_track *t = &conn->track;
	const struct tcpt_end *orig = &t->end[0];
	const struct tcpt_end *resp = &t->end[!(t->marks & TCPT_MARK_SELF)];
	struct tcptrace_established rec;

	begin((struct tcptrace_open *)&rec, sizeof(rec), TCPTRACE_ESTABLISHED,
	      conn, sight);
	rec.syn_synack_ns = t->syn_synack;
	rec.synack_ack_ns = t->synack ? sight->now - t->synack : 0;
	rec.handshake_ns = t->syn ? sight->now - t->first : 0;
	rec.syn_rexmits = again(orig->syns);
	rec.synack_rexmits = again(resp->synacks);
	rec.options = orig->options & resp->options;
	if (ecn_agreed(t))
		rec.options |= TCPTRACE_OPT_ECN;
	rec.mss[0] = orig->mss;
	rec.mss[1] = resp->mss;
	if (rec.options & TCPTRACE_OPT_WSCALE) {
		rec.wscale[0] = orig->wscale;
		rec.wscale[1] = resp->wscale;
	}
	publish(conn, &rec.h);
}

static void fill_dir(struct tcptrace_dir *to, const struct tcpt_end *e)
{
	to->packets = e->packets;
	to->segments = e->segments;
	to->bytes = e->bytes;
	to->rexmit_bytes = e->rexmit_bytes;
	to->rexmit_packets = e->rexmit_packets;
	to->flags = e->flags;
	to->state = e->state;
}

static void event_close(const struct tcpt_conn *conn,
			const struct tcpt_sight *sight)
{
	const struct tcpt_track *t = &conn->track;
	struct tcptrace_close rec;

	begin((struct tcptrace_open *)&rec, sizeof(rec), TCPTRACE_CLOSE, conn,
	      sight);
	rec.duration_ns = t->last - t->first;
	rec.established_ns = t->established ? t->last - t->established : 0;
	fill_dir(&rec.dir[0], &t->end[0]);
	fill_dir(&rec.dir[1], &t->end[1]);
	rec.transitions = t->transitions;
	rec.reason = t->close_reason;
	rec.by = t->by;
	publish(conn, &rec.h);
}

/**
 * tcpt_event_verdict - STATE, ESTABLISHED and CLOSE, as a verdict has them
 * @conn: the connection, which the verdict is applied to
 * @sight: the segment or the time
 * @v: the verdict
 *
 * Context: BH off; @conn is locked, or nobody else knows it.
 */
void tcpt_event_verdict(const struct tcpt_conn *conn,
			const struct tcpt_sight *sight,
			const struct tcpt_verdict *v)
{
	u32 number = conn->track.transitions - v->steps;
	unsigned int i;

	for (i = 0; i < v->steps && tcpt_reader_wants(TCPTRACE_STATE); i++)
		event_state(conn, sight, &v->step[i], ++number);
	if (v->established && tcpt_reader_wants(TCPTRACE_ESTABLISHED))
		event_established(conn, sight);
	if (v->closed && tcpt_reader_wants(TCPTRACE_CLOSE))
		event_close(conn, sight);
}
