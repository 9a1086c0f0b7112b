// SPDX-License-Identifier: GPL-2.0
#include "view_json.h"

#include "addr.h"
#include "core/name.h"
#include "names.h"
#include "timefmt.h"
#include "tunnel.h"
#include "view_close.h"
#include "view_context.h"
#include "view_fate.h"
#include "view_finding.h"
#include "view_segment.h"

#include <stdio.h>

static void add_flags(struct json_writer *w, unsigned int flags)
{
	char buf[TCPT_FLAGS_LEN];

	json_writer_text(w, "flags", tcpt_flags_name(flags, buf));
}

static void add_pair(struct json_writer *w, const char *name, u32 a, u32 b)
{
	json_writer_open(w, name, '[');
	json_writer_u64(w, NULL, a);
	json_writer_u64(w, NULL, b);
	json_writer_close(w, ']');
}

/* @end: 0 for the originator, anything else for the responder. */
static struct addr end_addr(const struct tcptrace_flow *flow, unsigned int end)
{
	struct addr addr;

	addr_init(&addr, flow->family, tunnel_zone(flow->zone),
		  end ? flow->resp_addr : flow->orig_addr);
	return addr;
}

static void add_header(struct json_writer *w, const struct tcptrace_header *h,
		       const struct view_json_stamp *stamp)
{
	char wall[TIMEFMT_LEN];

	timefmt_rfc3339(h->time + stamp->offset, wall);
	json_writer_text(w, "event", event_name(h->type));
	if (stamp->host)
		json_writer_text(w, "host", stamp->host);
	if (stamp->epoch)
		json_writer_u64(w, "epoch", stamp->epoch);
	if (stamp->frame)
		json_writer_u64(w, "frame", stamp->frame);
	if (stamp->interface)
		json_writer_text(w, "interface", stamp->interface);
	json_writer_u64(w, "time", h->time);
	json_writer_text(w, "wall", wall);
	json_writer_u64(w, "seq_no", h->seq);
}

static void add_marks(struct json_writer *w, u16 flags)
{
	if (flags & TCPTRACE_F_MIDSTREAM)
		json_writer_word(w, "midstream", "true");
	if (flags & TCPTRACE_F_GUESSED)
		json_writer_word(w, "guessed", "true");
	if (flags & TCPTRACE_F_SELF)
		json_writer_word(w, "self", "true");
	if (flags & TCPTRACE_F_ONE_WAY)
		json_writer_word(w, "one_way", "true");
}

/* Write the tunnels, the outermost first. */
static void add_tunnels(struct json_writer *w, u32 zone)
{
	const struct tunnel *stack[TUNNEL_DEPTH_MAX];
	size_t n = tunnel_stack(zone, stack);

	if (n == 0)
		return;
	json_writer_open(w, "tunnel", '[');
	while (n--)
		json_writer_tunnel(w, tunnel_name(stack[n]), stack[n]->id);
	json_writer_close(w, ']');
}

static void add_flow(struct json_writer *w, const struct tcptrace_open *rec)
{
	const struct tcptrace_flow *flow = &rec->flow;
	struct addr orig = end_addr(flow, 0), resp = end_addr(flow, 1);

	json_writer_u64(w, "conn", flow->conn);
	view_context_netns_json(w, flow->netns);
	json_writer_endpoint(w, "orig", "orig_port", &orig, flow->orig_port);
	json_writer_endpoint(w, "resp", "resp_port", &resp, flow->resp_port);
	add_tunnels(w, rec->flow.zone);
	add_marks(w, rec->h.flags);
}

/* Write the members that a segment has in every event. */
static void add_numbers(struct json_writer *w, const struct tcptrace_seg *seg)
{
	json_writer_end(w, "from", seg->from);
	if (seg->hook != RECORD_HOOK_FILE)
		json_writer_text(w, "hook", tcpt_hook_name(seg->hook));
	add_flags(w, seg->flags);
	json_writer_u64(w, "seq", seg->seq);
	json_writer_u64(w, "ack", seg->ack);
	json_writer_u64(w, "rel_seq", seg->rel_seq);
	json_writer_u64(w, "rel_ack", seg->rel_ack);
	json_writer_u64(w, "win", seg->window);
	json_writer_u64(w, "len", seg->len);
	json_writer_u64(w, "wire_segments", seg->wire_segs);
}

/* Write the segment that caused an event other than SEGMENT. */
static void add_cause(struct json_writer *w, const struct tcptrace_seg *seg)
{
	if (seg->hook == TCPTRACE_HOOK_NONE) {
		json_writer_word(w, "segment", "null");
		return;
	}
	json_writer_open(w, "segment", '{');
	add_numbers(w, seg);
	json_writer_close(w, '}');
}

/* Write a change of state: the end, both states and the reason. */
void view_json_step(struct json_writer *w, const struct tcptrace_transition *t)
{
	json_writer_end(w, "end", t->end);
	json_writer_text(w, "from", tcpt_state_name(t->from));
	json_writer_text(w, "to", tcpt_state_name(t->to));
	json_writer_text(w, "reason", tcpt_reason_name(t->reason));
}

static void add_state(struct json_writer *w,
		      const struct tcptrace_transition *t)
{
	json_writer_u64(w, "number", t->number);
	view_json_step(w, t);
}

static void add_established(struct json_writer *w,
			    const struct tcptrace_established *e)
{
	u16 left = e->options;
	const char *name;

	json_writer_u64(w, "syn_synack_ns", e->syn_synack_ns);
	json_writer_u64(w, "synack_ack_ns", e->synack_ack_ns);
	json_writer_u64(w, "handshake_ns", e->handshake_ns);
	json_writer_u64(w, "syn_rexmits", e->syn_rexmits);
	json_writer_u64(w, "synack_rexmits", e->synack_rexmits);
	json_writer_open(w, "options", '[');
	while ((name = tcpopt_next(&left)))
		json_writer_text(w, NULL, name);
	json_writer_close(w, ']');
	add_pair(w, "mss", e->mss[0], e->mss[1]);
	json_writer_open(w, "wscale", '[');
	json_writer_wscale(w, NULL, e->wscale[0]);
	json_writer_wscale(w, NULL, e->wscale[1]);
	json_writer_close(w, ']');
}

static void add_sack(struct json_writer *w, const struct tcptrace_segment *s)
{
	size_t i;

	json_writer_open(w, "sack", '[');
	for (i = 0; i < s->sack_blocks && i < ARRAY_SIZE(s->sack); i++)
		add_pair(w, NULL, s->sack[i][0], s->sack[i][1]);
	json_writer_close(w, ']');
}

/*
 * Write mss, wscale and sack with their values. Write all other options as
 * true, and their values as separate members.
 */
static void add_options(struct json_writer *w, const struct tcptrace_segment *s)
{
	u16 left = s->options & ~(TCPTRACE_OPT_MSS | TCPTRACE_OPT_WSCALE |
				  TCPTRACE_OPT_SACK);
	const char *name;

	json_writer_open(w, "options", '{');
	if (s->options & TCPTRACE_OPT_MSS)
		json_writer_u64(w, "mss", s->mss);
	if (s->options & TCPTRACE_OPT_WSCALE)
		json_writer_u64(w, "wscale", s->wscale);
	if (s->options & TCPTRACE_OPT_SACK)
		add_sack(w, s);
	while ((name = tcpopt_next(&left)))
		json_writer_word(w, name, "true");
	if (s->options & TCPTRACE_OPT_TFO)
		json_writer_u64(w, "tfo_len", s->tfo_len);
	if (s->options & TCPTRACE_OPT_MPTCP)
		json_writer_u64(w, "mptcp_subtype", s->mptcp_subtype);
	if (s->options & TCPTRACE_OPT_TIMESTAMP) {
		json_writer_u64(w, "tsval", s->tsval);
		json_writer_u64(w, "tsecr", s->tsecr);
	}
	json_writer_close(w, '}');
}

static void add_analysis(struct json_writer *w,
			 const struct tcptrace_segment *s)
{
	const char *name;
	unsigned int bit;

	json_writer_open(w, "analysis", '[');
	for (bit = 0; (name = tcpt_wireshark_name(bit)); bit++)
		if (s->analysis & 1U << bit)
			json_writer_text(w, NULL, name);
	json_writer_close(w, ']');
	if (s->analysis & TCPTRACE_A_DUPLICATE_ACK)
		json_writer_u64(w, "dup_ack_num", s->dup_ack_num);
	if (s->rexmit_bytes != 0)
		json_writer_u64(w, "rexmit_bytes", s->rexmit_bytes);
	if (s->rtt_ns != 0)
		json_writer_u64(w, "rtt_ns", s->rtt_ns);
}

/*
 * Write the members of the segment into the event itself. The ends are named by
 * their roles in this segment: src sent it, dst receives it.
 */
static void add_segment(struct json_writer *w, const struct tcptrace_segment *s)
{
	const struct tcptrace_flow *flow = &s->flow;
	struct addr src = end_addr(flow, s->seg.from);
	struct addr dst = end_addr(flow, !s->seg.from);
	bool reply = s->seg.from != 0;

	json_writer_u64(w, "conn", flow->conn);
	view_context_netns_json(w, flow->netns);
	json_writer_endpoint(w, "src", "sport", &src,
			     reply ? flow->resp_port : flow->orig_port);
	json_writer_endpoint(w, "dst", "dport", &dst,
			     reply ? flow->orig_port : flow->resp_port);
	add_tunnels(w, s->flow.zone);
	add_marks(w, s->h.flags);
	add_numbers(w, &s->seg);
	add_analysis(w, s);
	json_writer_u64(w, "hdr_len", s->hdr_len);
	json_writer_u64(w, "urgent", s->urgent);
	json_writer_u64(w, "ttl", s->ttl);
	json_writer_u64(w, "tos", s->tos);
	add_options(w, s);
}

static void add_suspected(struct json_writer *w,
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

static void add_lost(struct json_writer *w, const struct tcptrace_lost *lost)
{
	unsigned int cause;

	json_writer_u64(w, "count", lost->count);
	json_writer_u64(w, "first", lost->first);
	json_writer_u64(w, "last", lost->last);
	json_writer_open(w, "causes", '[');
	for (cause = 0; cause < 32; cause++)
		if (lost->causes & 1U << cause)
			json_writer_text(w, NULL, event_lost_name(cause));
	json_writer_close(w, ']');
}

static void add_limit(struct json_writer *w, const struct tcptrace_limit *rec)
{
	char text[ADDR_LEN];
	struct addr addr;
	unsigned int i;

	view_context_netns_json(w, rec->netns);
	json_writer_u64(w, "span_ms", rec->span_ms);
	json_writer_open(w, "hits", '{');
	for (i = 0; i < TCPTRACE_LIMITS; i++)
		json_writer_u64(w, tcpt_limit_name(i), rec->hits[i]);
	json_writer_close(w, '}');
	json_writer_u64(w, "opened", rec->opened);
	json_writer_u64(w, "unanswered", rec->unanswered);
	if (rec->family != 0) {
		addr_init(&addr, rec->family, 0, rec->addr);
		addr_format(&addr, text, sizeof(text));
		json_writer_text(w, "addr", text);
	}
	if (rec->port != 0)
		json_writer_u64(w, "port", rec->port);
}

/* Write an event about a connection, and the segment that caused the event. */
static void add_body(struct json_writer *w, const union record *rec)
{
	add_flow(w, &rec->c);
	add_cause(w, &rec->c.seg);
	switch (rec->h.type) {
	case TCPTRACE_OPEN:
		view_context_json(w, &rec->c.flow, &rec->open.context);
		break;
	case TCPTRACE_STATE:
		add_state(w, &rec->state);
		break;
	case TCPTRACE_ESTABLISHED:
		add_established(w, &rec->established);
		view_context_json(w, &rec->c.flow, &rec->established.context);
		break;
	case TCPTRACE_CLOSE:
		view_close_json(w, &rec->close);
		view_context_json(w, &rec->c.flow, &rec->close.context);
		break;
	case TCPTRACE_OWNER:
		view_context_owner_json(w, &rec->owner);
		break;
	case TCPTRACE_SUSPECTED:
		add_suspected(w, &rec->suspected);
		break;
	case TCPTRACE_FINDING:
		view_finding_json(w, &rec->finding.found);
		break;
	case TCPTRACE_ICMP:
		view_fate_icmp_json(w, &rec->icmp);
		break;
	case TCPTRACE_DROP:
		view_fate_drop_json(w, &rec->drop);
		break;
	}
}

/**
 * view_json - write a record
 * @w: the writer
 * @rec: the record; its type is known
 * @stamp: where and when the record was made
 */
void view_json(struct json_writer *w, const union record *rec,
	       const struct view_json_stamp *stamp)
{
	json_writer_open(w, NULL, '{');
	add_header(w, &rec->h, stamp);
	if (rec->h.type == TCPTRACE_LOST)
		add_lost(w, &rec->lost);
	else if (rec->h.type == TCPTRACE_LIMIT)
		add_limit(w, &rec->limit);
	else if (rec->h.type == TCPTRACE_SEGMENT)
		add_segment(w, &rec->segment);
	else
		add_body(w, rec);
	json_writer_close(w, '}');
}
