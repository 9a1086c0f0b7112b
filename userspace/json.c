// SPDX-License-Identifier: GPL-2.0
#include "json.h"

#include "closing.h"
#include "core/name.h"
#include "event.h"
#include "loss.h"
#include "moment.h"
#include "reached.h"
#include "suspicion.h"
#include "tcpopt.h"

/**
 * json_add_end - add which end of a connection it is
 * @w: the writer
 * @name: name of the member
 * @end: 0 the originator, 1 the responder, else null
 */
void json_add_end(struct writer *w, const char *name, unsigned int end)
{
	const char *text = event_end_name(end);

	if (text)
		writer_text(w, name, text);
	else
		writer_word(w, name, "null");
}

static void add_flags(struct writer *w, unsigned int flags)
{
	char buf[TCPT_FLAGS_LEN];

	writer_text(w, "flags", tcpt_flags_name(flags, buf));
}

static void add_pair(struct writer *w, const char *name, u32 a, u32 b)
{
	writer_open(w, name, '[');
	writer_u64(w, NULL, a);
	writer_u64(w, NULL, b);
	writer_close(w, ']');
}

/**
 * json_add_endpoint - add an address and its port
 * @w: the writer
 * @addr_name: name of the address
 * @port_name: name of the port
 * @addr: the address
 * @port: the port
 */
void json_add_endpoint(struct writer *w, const char *addr_name,
		       const char *port_name, const struct addr *addr,
		       u16 port)
{
	char text[ADDR_LEN];

	addr_format(addr, text, sizeof(text));
	writer_text(w, addr_name, text);
	writer_u64(w, port_name, port);
}

/* Return: the address of an end of a flow; anything but 0 is the responder. */
static struct addr end_addr(const struct tcptrace_flow *flow, unsigned int end)
{
	struct addr addr;

	addr_init(&addr, flow->family, flow->zone,
		  end ? flow->resp_addr : flow->orig_addr);
	return addr;
}

static void add_header(struct writer *w, const struct tcptrace_header *h,
		       u64 offset, u64 frame)
{
	char wall[MOMENT_LEN];

	moment_rfc3339(h->time + offset, wall);
	writer_text(w, "event", event_name(h->type));
	if (frame != 0)
		writer_u64(w, "frame", frame);
	writer_u64(w, "time", h->time);
	writer_text(w, "wall", wall);
	writer_u64(w, "seq_no", h->seq);
}

static void add_marks(struct writer *w, u16 flags)
{
	if (flags & TCPTRACE_F_MIDSTREAM)
		writer_word(w, "midstream", "true");
	if (flags & TCPTRACE_F_GUESSED)
		writer_word(w, "guessed", "true");
	if (flags & TCPTRACE_F_SELF)
		writer_word(w, "self", "true");
}

static void add_flow(struct writer *w, const struct tcptrace_open *rec)
{
	const struct tcptrace_flow *flow = &rec->flow;
	struct addr orig = end_addr(flow, 0), resp = end_addr(flow, 1);

	writer_u64(w, "conn", flow->conn);
	writer_u64(w, "netns", flow->netns);
	json_add_endpoint(w, "orig", "orig_port", &orig, flow->orig_port);
	json_add_endpoint(w, "resp", "resp_port", &resp, flow->resp_port);
	add_marks(w, rec->h.flags);
}

/* The same of a segment wherever it is told of. */
static void add_numbers(struct writer *w, const struct tcptrace_seg *seg)
{
	json_add_end(w, "from", seg->from);
	if (seg->hook != RECORD_HOOK_FILE)
		writer_text(w, "hook", tcpt_hook_name(seg->hook));
	add_flags(w, seg->flags);
	writer_u64(w, "seq", seg->seq);
	writer_u64(w, "ack", seg->ack);
	writer_u64(w, "rel_seq", seg->rel_seq);
	writer_u64(w, "rel_ack", seg->rel_ack);
	writer_u64(w, "win", seg->window);
	writer_u64(w, "len", seg->len);
	writer_u64(w, "wire_segments", seg->wire_segs);
}

/* The segment that caused an event that is about something else. */
static void add_cause(struct writer *w, const struct tcptrace_seg *seg)
{
	if (seg->hook == TCPTRACE_HOOK_NONE) {
		writer_word(w, "segment", "null");
		return;
	}
	writer_open(w, "segment", '{');
	add_numbers(w, seg);
	writer_close(w, '}');
}

static void add_state(struct writer *w, const struct tcptrace_transition *t)
{
	writer_u64(w, "number", t->number);
	json_add_end(w, "end", t->end);
	writer_text(w, "from", tcpt_state_name(t->from));
	writer_text(w, "to", tcpt_state_name(t->to));
	writer_text(w, "reason", tcpt_reason_name(t->reason));
}

static void add_established(struct writer *w,
			    const struct tcptrace_established *e)
{
	u16 left = e->options;
	const char *name;

	writer_u64(w, "syn_synack_ns", e->syn_synack_ns);
	writer_u64(w, "synack_ack_ns", e->synack_ack_ns);
	writer_u64(w, "handshake_ns", e->handshake_ns);
	writer_u64(w, "syn_rexmits", e->syn_rexmits);
	writer_u64(w, "synack_rexmits", e->synack_rexmits);
	writer_open(w, "options", '[');
	while ((name = tcpopt_next(&left)))
		writer_text(w, NULL, name);
	writer_close(w, ']');
	add_pair(w, "mss", e->mss[0], e->mss[1]);
	add_pair(w, "wscale", e->wscale[0], e->wscale[1]);
}

static void add_sack(struct writer *w, const struct tcptrace_segment *s)
{
	size_t i;

	writer_open(w, "sack", '[');
	for (i = 0; i < s->sack_blocks && i < ARRAY_SIZE(s->sack); i++)
		add_pair(w, NULL, s->sack[i][0], s->sack[i][1]);
	writer_close(w, ']');
}

/* Options with a value have a member for it, the rest is true. */
static void add_options(struct writer *w, const struct tcptrace_segment *s)
{
	u16 left = s->options & ~(TCPTRACE_OPT_MSS | TCPTRACE_OPT_WSCALE |
				  TCPTRACE_OPT_SACK);
	const char *name;

	writer_open(w, "options", '{');
	if (s->options & TCPTRACE_OPT_MSS)
		writer_u64(w, "mss", s->mss);
	if (s->options & TCPTRACE_OPT_WSCALE)
		writer_u64(w, "wscale", s->wscale);
	if (s->options & TCPTRACE_OPT_SACK)
		add_sack(w, s);
	while ((name = tcpopt_next(&left)))
		writer_word(w, name, "true");
	if (s->options & TCPTRACE_OPT_TFO)
		writer_u64(w, "tfo_len", s->tfo_len);
	if (s->options & TCPTRACE_OPT_MPTCP)
		writer_u64(w, "mptcp_subtype", s->mptcp_subtype);
	if (s->options & TCPTRACE_OPT_TIMESTAMP) {
		writer_u64(w, "tsval", s->tsval);
		writer_u64(w, "tsecr", s->tsecr);
	}
	writer_close(w, '}');
}

static void add_analysis(struct writer *w, const struct tcptrace_segment *s)
{
	const char *name;
	unsigned int bit;

	writer_open(w, "analysis", '[');
	for (bit = 0; (name = tcpt_wireshark_name(bit)); bit++)
		if (s->analysis & 1U << bit)
			writer_text(w, NULL, name);
	writer_close(w, ']');
	if (s->analysis & TCPTRACE_A_DUPLICATE_ACK)
		writer_u64(w, "dup_ack_num", s->dup_ack_num);
	if (s->rtt_ns != 0)
		writer_u64(w, "rtt_ns", s->rtt_ns);
}

/* Flat, and by sender and receiver: a line is a segment. */
static void add_segment(struct writer *w, const struct tcptrace_segment *s)
{
	const struct tcptrace_flow *flow = &s->flow;
	struct addr src = end_addr(flow, s->seg.from);
	struct addr dst = end_addr(flow, !s->seg.from);
	bool reply = s->seg.from != 0;

	writer_u64(w, "conn", flow->conn);
	writer_u64(w, "netns", flow->netns);
	json_add_endpoint(w, "src", "sport", &src,
			  reply ? flow->resp_port : flow->orig_port);
	json_add_endpoint(w, "dst", "dport", &dst,
			  reply ? flow->orig_port : flow->resp_port);
	add_marks(w, s->h.flags);
	add_numbers(w, &s->seg);
	add_analysis(w, s);
	writer_u64(w, "hdr_len", s->hdr_len);
	writer_u64(w, "urgent", s->urgent);
	writer_u64(w, "ttl", s->ttl);
	writer_u64(w, "tos", s->tos);
	add_options(w, s);
}

static void add_lost(struct writer *w, const struct tcptrace_lost *lost)
{
	writer_u64(w, "count", lost->count);
	writer_u64(w, "first", lost->first);
	writer_u64(w, "last", lost->last);
	loss_write(w, lost->causes);
}

/* Those that are about a connection, and caused by a segment or by none. */
static void add_body(struct writer *w, const union record *rec)
{
	add_flow(w, &rec->c);
	add_cause(w, &rec->c.seg);
	switch (rec->h.type) {
	case TCPTRACE_STATE:
		add_state(w, &rec->state);
		break;
	case TCPTRACE_ESTABLISHED:
		add_established(w, &rec->established);
		break;
	case TCPTRACE_CLOSE:
		closing_write(w, &rec->close);
		break;
	case TCPTRACE_SUSPECTED:
		suspicion_write(w, &rec->suspected);
		break;
	}
}

/**
 * json_event - write an event as a JSON object
 * @w: the writer
 * @rec: the record; its type is known
 * @offset: CLOCK_REALTIME minus the clock of the record's times
 * @frame: number of its packet in a capture, 0: none
 */
void json_event(struct writer *w, const union record *rec, u64 offset,
		u64 frame)
{
	writer_open(w, NULL, '{');
	add_header(w, &rec->h, offset, frame);
	if (rec->h.type == TCPTRACE_LOST)
		add_lost(w, &rec->lost);
	else if (rec->h.type == TCPTRACE_LIMIT)
		reached_write(w, &rec->limit);
	else if (rec->h.type == TCPTRACE_SEGMENT)
		add_segment(w, &rec->segment);
	else
		add_body(w, rec);
	writer_close(w, '}');
}
