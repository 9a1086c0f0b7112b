// SPDX-License-Identifier: GPL-2.0
#include "json.h"

#include "core/name.h"
#include "event.h"
#include "moment.h"
#include "output.h"
#include "tcpopt.h"

static const char *const ends[] = { "orig", "resp" };

/*
 * Every name is added once and is a constant: a lookup and a copy for each
 * would be most of the time that an event takes.
 */
static void add(struct json_object *to, const char *name,
		struct json_object *value)
{
	json_object_object_add_ex(to, name, value,
				  JSON_C_OBJECT_ADD_KEY_IS_NEW |
				  JSON_C_OBJECT_ADD_CONSTANT_KEY);
}

static void add_u64(struct json_object *to, const char *name, u64 value)
{
	add(to, name, json_object_new_uint64(value));
}

static void add_string(struct json_object *to, const char *name,
		       const char *value)
{
	add(to, name, json_object_new_string(value));
}

static void add_true(struct json_object *to, const char *name)
{
	add(to, name, json_object_new_boolean(1));
}

static void add_end(struct json_object *to, const char *name, unsigned int end)
{
	if (end < ARRAY_SIZE(ends))
		add_string(to, name, ends[end]);
	else
		add(to, name, NULL);
}

static void add_flags(struct json_object *to, unsigned int flags)
{
	char buf[TCPT_FLAGS_LEN];

	add_string(to, "flags", tcpt_flags_name(flags, buf));
}

static void add_pair(struct json_object *to, const char *name, u32 a, u32 b)
{
	struct json_object *pair = json_object_new_array();

	json_object_array_add(pair, json_object_new_uint64(a));
	json_object_array_add(pair, json_object_new_uint64(b));
	add(to, name, pair);
}

/**
 * json_add_endpoint - add an address and its port
 * @to: the object
 * @end: 0 originator, 1 responder
 * @addr: the address
 * @port: the port
 */
void json_add_endpoint(struct json_object *to, unsigned int end,
		       const struct addr *addr, u16 port)
{
	char text[ADDR_LEN];

	addr_format(addr, text, sizeof(text));
	add_string(to, end ? "resp" : "orig", text);
	add_u64(to, end ? "resp_port" : "orig_port", port);
}

static void add_endpoint(struct json_object *to, unsigned int end,
			 const struct tcptrace_flow *flow, const u8 *bytes,
			 u16 port)
{
	struct addr addr;

	addr_init(&addr, flow->family, flow->zone, bytes);
	json_add_endpoint(to, end, &addr, port);
}

static void add_header(struct json_object *to,
		       const struct tcptrace_header *h, u64 offset)
{
	char wall[MOMENT_LEN];

	moment_rfc3339(h->time + offset, wall, sizeof(wall));
	add_string(to, "event", event_name(h->type));
	add_u64(to, "time", h->time);
	add_string(to, "wall", wall);
	add_u64(to, "seq_no", h->seq);
}

static void add_flow(struct json_object *to, const struct tcptrace_open *rec)
{
	const struct tcptrace_flow *flow = &rec->flow;

	add_u64(to, "conn", flow->conn);
	add_u64(to, "netns", flow->netns);
	add_endpoint(to, 0, flow, flow->orig_addr, flow->orig_port);
	add_endpoint(to, 1, flow, flow->resp_addr, flow->resp_port);
	if (rec->h.flags & TCPTRACE_F_MIDSTREAM)
		add_true(to, "midstream");
	if (rec->h.flags & TCPTRACE_F_GUESSED)
		add_true(to, "guessed");
	if (rec->h.flags & TCPTRACE_F_SELF)
		add_true(to, "self");
}

static void add_seg(struct json_object *to, const struct tcptrace_seg *seg)
{
	struct json_object *o = NULL;

	if (seg->hook != TCPTRACE_HOOK_NONE) {
		o = json_object_new_object();
		add_end(o, "from", seg->from);
		add_string(o, "hook", tcpt_hook_name(seg->hook));
		add_flags(o, seg->flags);
		add_u64(o, "seq", seg->seq);
		add_u64(o, "ack", seg->ack);
		add_u64(o, "rel_seq", seg->rel_seq);
		add_u64(o, "rel_ack", seg->rel_ack);
		add_u64(o, "win", seg->window);
		add_u64(o, "len", seg->len);
		add_u64(o, "wire_segments", seg->wire_segs);
	}
	add(to, "segment", o);
}

static void add_state(struct json_object *to,
		      const struct tcptrace_transition *t)
{
	add_u64(to, "number", t->number);
	add_end(to, "end", t->end);
	add_string(to, "from", tcpt_state_name(t->from));
	add_string(to, "to", tcpt_state_name(t->to));
	add_string(to, "reason", tcpt_reason_name(t->reason));
}

static void add_established(struct json_object *to,
			    const struct tcptrace_established *e)
{
	struct json_object *names = json_object_new_array();
	u16 left = e->options;
	const char *name;

	add_u64(to, "syn_synack_ns", e->syn_synack_ns);
	add_u64(to, "synack_ack_ns", e->synack_ack_ns);
	add_u64(to, "handshake_ns", e->handshake_ns);
	add_u64(to, "syn_rexmits", e->syn_rexmits);
	add_u64(to, "synack_rexmits", e->synack_rexmits);
	while ((name = tcpopt_next(&left)))
		json_object_array_add(names, json_object_new_string(name));
	add(to, "options", names);
	add_pair(to, "mss", e->mss[0], e->mss[1]);
	add_pair(to, "wscale", e->wscale[0], e->wscale[1]);
}

static struct json_object *sack_array(const struct tcptrace_segment *s)
{
	struct json_object *blocks = json_object_new_array();
	struct json_object *block;
	size_t i;

	for (i = 0; i < s->sack_blocks && i < ARRAY_SIZE(s->sack); i++) {
		block = json_object_new_array();
		json_object_array_add(block,
				      json_object_new_uint64(s->sack[i][0]));
		json_object_array_add(block,
				      json_object_new_uint64(s->sack[i][1]));
		json_object_array_add(blocks, block);
	}
	return blocks;
}

/* Options with a value first, the rest is true where it is present. */
static struct json_object *options_object(const struct tcptrace_segment *s)
{
	struct json_object *o = json_object_new_object();
	u16 left = s->options;
	const char *name;

	while ((name = tcpopt_next(&left)))
		add_true(o, name);
	if (s->options & TCPTRACE_OPT_MSS)
		add_u64(o, "mss", s->mss);
	if (s->options & TCPTRACE_OPT_WSCALE)
		add_u64(o, "wscale", s->wscale);
	if (s->options & TCPTRACE_OPT_SACK)
		add(o, "sack", sack_array(s));
	if (s->options & TCPTRACE_OPT_TFO)
		add_u64(o, "tfo_len", s->tfo_len);
	if (s->options & TCPTRACE_OPT_MPTCP)
		add_u64(o, "mptcp_subtype", s->mptcp_subtype);
	if (s->options & TCPTRACE_OPT_TIMESTAMP) {
		add_u64(o, "tsval", s->tsval);
		add_u64(o, "tsecr", s->tsecr);
	}
	return o;
}

static void add_segment(struct json_object *to,
			const struct tcptrace_segment *s)
{
	add_u64(to, "hdr_len", s->hdr_len);
	add_u64(to, "urgent", s->urgent);
	add_u64(to, "ttl", s->ttl);
	add_u64(to, "tos", s->tos);
	add(to, "options", options_object(s));
}

static void add_dir(struct json_object *to, const char *name,
		    const struct tcptrace_dir *dir)
{
	struct json_object *o = json_object_new_object();

	add_u64(o, "packets", dir->packets);
	add_u64(o, "segments", dir->segments);
	add_u64(o, "bytes", dir->bytes);
	add_u64(o, "rexmit_bytes", dir->rexmit_bytes);
	add_u64(o, "rexmit_packets", dir->rexmit_packets);
	add_flags(o, dir->flags);
	add_string(o, "state", tcpt_state_name(dir->state));
	add(to, name, o);
}

static void add_close(struct json_object *to, const struct tcptrace_close *c)
{
	add_string(to, "reason", tcpt_close_name(c->reason));
	add_end(to, "by", c->by);
	add_u64(to, "duration_ns", c->duration_ns);
	add_u64(to, "established_ns", c->established_ns);
	add_u64(to, "transitions", c->transitions);
	add_dir(to, "a2b", &c->dir[0]);
	add_dir(to, "b2a", &c->dir[1]);
}

static void add_lost(struct json_object *to, const struct tcptrace_lost *lost)
{
	add_u64(to, "count", lost->count);
	add_u64(to, "first", lost->first);
	add_u64(to, "last", lost->last);
}

/**
 * json_event - an event as a JSON object
 * @rec: the record; its type is known
 * @offset: CLOCK_REALTIME minus CLOCK_MONOTONIC
 *
 * Return: the object, the caller puts it.
 */
struct json_object *json_event(const union record *rec, u64 offset)
{
	struct json_object *o = json_object_new_object();

	add_header(o, &rec->h, offset);
	if (rec->h.type == TCPTRACE_LOST) {
		add_lost(o, &rec->lost);
		return o;
	}
	add_flow(o, &rec->c);
	add_seg(o, &rec->c.seg);
	switch (rec->h.type) {
	case TCPTRACE_STATE:
		add_state(o, &rec->state);
		break;
	case TCPTRACE_ESTABLISHED:
		add_established(o, &rec->established);
		break;
	case TCPTRACE_SEGMENT:
		add_segment(o, &rec->segment);
		break;
	case TCPTRACE_CLOSE:
		add_close(o, &rec->close);
		break;
	}
	return o;
}

/**
 * json_line - write an object as one line
 * @object: the object, put here
 *
 * Return: 0 or a negative error number.
 */
int json_line(struct json_object *object)
{
	int flags = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE;
	int err;

	err = output_line(json_object_to_json_string_ext(object, flags));
	json_object_put(object);
	return err;
}
