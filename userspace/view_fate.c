// SPDX-License-Identifier: GPL-2.0
#include "view_fate.h"

#include "addr.h"
#include "core/name.h"
#include "names.h"

#include <net/if.h>
#include <stdio.h>
#include <sys/socket.h>

#define STRING_LEN	(TCPTRACE_FUNCTION_MAX + 1)

/* The usual words for common ICMP codes; IANA lists more codes. */
static const struct {
	u16 family;
	u8 type;
	u8 code;
	const char *text;
} errors[] = {
	{ AF_INET, 3, 0, "network unreachable" },
	{ AF_INET, 3, 1, "host unreachable" },
	{ AF_INET, 3, 2, "protocol unreachable" },
	{ AF_INET, 3, 3, "port unreachable" },
	{ AF_INET, 3, 4, "fragmentation needed" },
	{ AF_INET, 3, 5, "source route failed" },
	{ AF_INET, 3, 9, "network prohibited" },
	{ AF_INET, 3, 10, "host prohibited" },
	{ AF_INET, 3, 13, "administratively prohibited" },
	{ AF_INET, 11, 0, "TTL exceeded" },
	{ AF_INET, 11, 1, "reassembly time exceeded" },
	{ AF_INET, 12, 0, "parameter problem" },
	{ AF_INET6, 1, 0, "no route" },
	{ AF_INET6, 1, 1, "administratively prohibited" },
	{ AF_INET6, 1, 2, "beyond the scope of the source" },
	{ AF_INET6, 1, 3, "address unreachable" },
	{ AF_INET6, 1, 4, "port unreachable" },
	{ AF_INET6, 1, 5, "source address failed policy" },
	{ AF_INET6, 1, 6, "reject route" },
	{ AF_INET6, 2, 0, "packet too big" },
	{ AF_INET6, 3, 0, "hop limit exceeded" },
	{ AF_INET6, 3, 1, "reassembly time exceeded" },
	{ AF_INET6, 4, 0, "parameter problem" },
};

static const char *error_text(const struct tcptrace_error *error, u16 family)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(errors); i++)
		if (errors[i].family == family &&
		    errors[i].type == error->type &&
		    errors[i].code == error->code)
			return errors[i].text;
	return tcpt_error_name(error->kind);
}

static bool is_credible(const struct tcptrace_error *error)
{
	return error->fit == TCPTRACE_FIT_EXACT ||
	       error->fit == TCPTRACE_FIT_IN_WINDOW;
}

static void format_sender(const struct tcptrace_error *error,
			  const struct tcptrace_flow *flow, char buf[ADDR_LEN])
{
	struct addr addr;

	addr_init(&addr, flow->family, flow->zone, error->addr);
	addr_format(&addr, buf, ADDR_LEN);
}

/* "host unreachable from 10.0.0.1" */
static void add_error(struct line *line, const struct tcptrace_error *error,
		      const struct tcptrace_flow *flow)
{
	char from[ADDR_LEN];

	format_sender(error, flow, from);
	line_add(line, "%s from %s", error_text(error, flow->family), from);
	if (error->mtu != 0)
		line_add(line, ", MTU %u", error->mtu);
}

/* The name of an interface of a different namespace or host can be wrong. */
static void add_interface(struct line *line, u32 ifindex)
{
	char name[IF_NAMESIZE];

	if (ifindex == 0)
		line_add(line, "an unknown interface");
	else if (if_indextoname(ifindex, name))
		line_add(line, "%s", name);
	else
		line_add(line, "interface %u", ifindex);
}

void view_fate_icmp_text(struct line *line, const struct tcptrace_icmp *rec)
{
	line_add(line, " ");
	line_color(line, is_credible(&rec->error) ? TERM_YELLOW : TERM_RED);
	add_error(line, &rec->error, &rec->flow);
	line_color(line, TERM_PLAIN);
	if (rec->flow.conn == 0)
		line_item(line, TERM_PLAIN, 2, "of no known connection");
	else if (rec->error.fit != TCPTRACE_FIT_UNKNOWN &&
		 !is_credible(&rec->error))
		line_item(line, TERM_RED, 2,
			  "suspected: it quotes a number that is not in flight (%s)",
			  tcpt_fit_name(rec->error.fit));
}

static void write_error(struct json_writer *w,
			const struct tcptrace_error *error,
			const struct tcptrace_flow *flow)
{
	char from[ADDR_LEN];

	format_sender(error, flow, from);
	json_writer_open(w, "error", '{');
	json_writer_text(w, "kind", tcpt_error_name(error->kind));
	json_writer_u64(w, "type", error->type);
	json_writer_u64(w, "code", error->code);
	json_writer_text(w, "from", from);
	if (error->mtu != 0)
		json_writer_u64(w, "mtu", error->mtu);
	json_writer_text(w, "fit", tcpt_fit_name(error->fit));
	json_writer_close(w, '}');
}

void view_fate_icmp_json(struct json_writer *w,
			 const struct tcptrace_icmp *rec)
{
	write_error(w, &rec->error, &rec->flow);
}

void view_fate_drop_text(struct line *line, const struct tcptrace_drop *rec)
{
	char text[STRING_LEN];

	line_item(line, TERM_RED, 2, "%s",
		  event_printable(rec->reason, sizeof(rec->reason), text));
	line_item(line, TERM_PLAIN, 1, "in %s, ",
		  event_printable(rec->function, sizeof(rec->function), text));
	add_interface(line, rec->ifindex);
	if (rec->queued != 0)
		line_item(line, TERM_PLAIN, 2,
			  "listener: %u queued, limit %u, %u packet%s dropped before",
			  rec->queued, rec->queue_limit, rec->listener_drops,
			  rec->listener_drops == 1 ? "" : "s");
}

void view_fate_drop_json(struct json_writer *w,
			 const struct tcptrace_drop *rec)
{
	char text[STRING_LEN];

	json_writer_text(w, "drop_reason",
			 event_printable(rec->reason, sizeof(rec->reason),
					 text));
	json_writer_text(w, "function",
			 event_printable(rec->function, sizeof(rec->function),
					 text));
	json_writer_u64(w, "ifindex", rec->ifindex);
	if (rec->queued == 0)
		return;
	json_writer_open(w, "listener", '{');
	json_writer_u64(w, "drops", rec->listener_drops);
	json_writer_u64(w, "queued", rec->queued);
	json_writer_u64(w, "limit", rec->queue_limit);
	json_writer_close(w, '}');
}

static void add_dropped(struct line *line, const struct tcptrace_opening *o)
{
	static const char *const paths[] = {
		[TCPTRACE_HOOK_NONE]	= "",
		[TCPTRACE_HOOK_IN]	= " on its way in",
		[TCPTRACE_HOOK_FORWARD]	= " while it was forwarded",
		[TCPTRACE_HOOK_OUT]	= " on its way out",
		[TCPTRACE_HOOK_INGRESS]	= " before it was routed",
	};
	char reason[STRING_LEN];

	line_add(line, "SYN dropped here%s: %s, ",
		 o->hook < ARRAY_SIZE(paths) ? paths[o->hook] : "",
		 event_printable(o->reason, sizeof(o->reason), reason));
	add_interface(line, o->ifindex);
}

/* Write in words where the SYN went, or nothing if needs_words() is false. */
void view_fate_words(struct line *line, const struct tcptrace_close *c)
{
	const struct tcptrace_opening *o = &c->opening;

	switch (o->fate) {
	case TCPTRACE_FATE_NO_SOCKET:
		line_add(line, "refused by this host: no socket listens");
		break;
	case TCPTRACE_FATE_REJECTED:
		line_add(line, "rejected by a rule of this host");
		break;
	case TCPTRACE_FATE_UNREACHABLE:
		add_error(line, &o->error, &c->flow);
		break;
	case TCPTRACE_FATE_DROPPED:
		add_dropped(line, o);
		break;
	case TCPTRACE_FATE_LEFT:
		line_add(line, "SYN left by ");
		add_interface(line, o->ifindex);
		line_add(line, ", no answer came");
		break;
	case TCPTRACE_FATE_DELIVERED:
		line_add(line, "SYN delivered to this host, which did not answer");
		break;
	case TCPTRACE_FATE_NOT_SEEN:
		line_add(line, "SYN not seen leaving, nor being dropped");
		break;
	}
}

/* Return: false if the fate is unknown or if the responder has replied. */
static bool needs_words(unsigned int fate)
{
	return fate != TCPTRACE_FATE_NONE && fate != TCPTRACE_FATE_ANSWERED &&
	       fate != TCPTRACE_FATE_REFUSED && fate < TCPTRACE_FATES;
}

void view_fate_close_text(struct line *line, const struct tcptrace_close *c)
{
	unsigned int said = c->opening.fate == TCPTRACE_FATE_DROPPED;

	if (needs_words(c->opening.fate)) {
		line_add(line, "  ");
		line_color(line, TERM_RED);
		view_fate_words(line, c);
		line_color(line, TERM_PLAIN);
	}
	if (c->opening.drops > said)
		line_item(line, TERM_YELLOW, 2, "%u packet%s dropped here",
			  c->opening.drops, c->opening.drops == 1 ? "" : "s");
}

void view_fate_close_json(struct json_writer *w, const struct tcptrace_close *c)
{
	const struct tcptrace_opening *o = &c->opening;
	char reason[STRING_LEN];

	json_writer_text(w, "fate", tcpt_fate_name(o->fate));
	json_writer_u64(w, "drops", o->drops);
	if (o->ifindex != 0)
		json_writer_u64(w, "fate_ifindex", o->ifindex);
	if (o->hook != TCPTRACE_HOOK_NONE)
		json_writer_text(w, "drop_hook", tcpt_hook_name(o->hook));
	if (o->reason[0] != '\0')
		json_writer_text(w, "drop_reason",
				 event_printable(o->reason, sizeof(o->reason),
						 reason));
	if (o->error.kind != TCPTRACE_ERROR_NONE)
		write_error(w, &o->error, &c->flow);
}
