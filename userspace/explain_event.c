// SPDX-License-Identifier: GPL-2.0
/* Explain transitions, findings and other events by their rules and causes. */
#include "explain.h"

#include "core/name.h"
#include "line.h"
#include "message.h"
#include "sentences.h"
#include "timefmt.h"
#include "view_fate.h"
#include "view_finding.h"

#include <linux/tcptrace.h>

static void explain_state(struct explain *x,
			  const struct tcptrace_transition *t)
{
	const struct rule *rule = sentences_rule(t->reason, t->to);
	const char *end = explain_end(t->end), *from = tcpt_state_name(t->from);
	const char *to = tcpt_state_name(t->to);

	if (!x->full || !rule)
		notes_add(&x->notes, NOTE_STATE, "%s: %s -> %s", end, from, to);
	else if (!rule->source)
		notes_add(&x->notes, NOTE_STATE, "%s: %s -> %s: %s", end, from,
			  to, _(rule->text));
	else
		notes_add(&x->notes, NOTE_STATE, "%s: %s -> %s: %s [%s]", end,
			  from, to, _(rule->text), _(rule->source));
}

static void explain_halves(struct explain *x,
			   const struct tcptrace_established *e)
{
	char all[TIMEFMT_LEN], there[TIMEFMT_LEN], back[TIMEFMT_LEN];

	timefmt_span(e->handshake_ns, all, sizeof(all));
	timefmt_span(e->syn_synack_ns, there, sizeof(there));
	timefmt_span(e->synack_ack_ns, back, sizeof(back));
	if (e->handshake_ns && e->syn_synack_ns && e->synack_ack_ns)
		notes_add(&x->notes, NOTE_HANDSHAKE,
			  "The handshake is complete after %1$s: %2$s from here to the server and back, %3$s to the client and back.",
			  all, there, back);
	else
		notes_add(&x->notes, NOTE_HANDSHAKE,
			  "The handshake is complete; not all of it was seen.");
	if (e->syn_rexmits || e->synack_rexmits)
		notes_add(&x->notes, NOTE_HANDSHAKE,
			  "The SYN was sent %1$u times, the SYN,ACK %2$u times.",
			  e->syn_rexmits + 1, e->synack_rexmits + 1);
}

static void explain_agreement(struct explain *x,
			      const struct tcptrace_established *e)
{
	const u16 o = e->options;

	notes_add(&x->notes, NOTE_HANDSHAKE,
		  o & TCPTRACE_OPT_SACK_PERM ? _("SACK: agreed.") :
					       "SACK: not agreed.");
	notes_add(&x->notes, NOTE_HANDSHAKE,
		  o & TCPTRACE_OPT_TIMESTAMP ? _("Timestamps: agreed.") :
					       "Timestamps: not agreed.");
	if (o & TCPTRACE_OPT_WSCALE)
		notes_add(&x->notes, NOTE_HANDSHAKE,
			  "Window scale: agreed, 2^%1$u for the client, 2^%2$u for the server.",
			  e->wscale[0], e->wscale[1]);
	else
		notes_add(&x->notes, NOTE_HANDSHAKE,
			  "Window scale: not agreed: windows are at most 65535 bytes.");
	if (o & TCPTRACE_OPT_ECN)
		notes_add(&x->notes, NOTE_HANDSHAKE, "ECN: agreed.");
	if (e->mss[0] && e->mss[1])
		notes_add(&x->notes, NOTE_HANDSHAKE,
			  "MSS: the client takes %1$u bytes a segment, the server %2$u.",
			  e->mss[0], e->mss[1]);
}

static void explain_finding(struct explain *x,
			    const struct tcptrace_found *found)
{
	char text[VIEW_FINDING_LEN];

	view_finding_translated(found, text);
	notes_add(&x->notes, NOTE_FINDING, "Finding: %1$s.", text);
	if (found->finding < TCPTRACE_FINDINGS &&
	    sentences_causes[found->finding])
		notes_add(&x->notes, NOTE_CAUSE, "%s",
			  _(sentences_causes[found->finding]));
}

static void explain_suspected(struct explain *x,
			      const struct tcptrace_suspected *s)
{
	if (s->suspicion >= TCPTRACE_SUSPICIONS ||
	    !sentences_suspicions[s->suspicion])
		return;
	notes_add(&x->notes, NOTE_SUSPECTED, "Suspected, not proved: %1$s",
		  _(sentences_suspicions[s->suspicion]));
}

static void explain_icmp(struct explain *x, const struct tcptrace_icmp *rec)
{
	char text[NOTE_LEN];
	struct line line;

	line_init(&line, text, sizeof(text), false);
	view_fate_icmp_text(&line, rec);
	notes_add(&x->notes, NOTE_ICMP,
		  "An ICMP error quotes SEQ %1$u of the %2$s:%3$s.",
		  explain_number(x, rec->seg.from == 1, rec->seg.seq),
		  explain_end(rec->seg.from == 1), text);
}

static void explain_drop(struct explain *x, const struct tcptrace_drop *rec)
{
	char text[NOTE_LEN];
	struct line line;

	line_init(&line, text, sizeof(text), false);
	view_fate_drop_text(&line, rec);
	notes_add(&x->notes, NOTE_DROP,
		  "This host dropped SEQ %1$u of the %2$s:%3$s.",
		  explain_number(x, rec->seg.from == 1, rec->seg.seq),
		  explain_end(rec->seg.from == 1), text);
}

/* Explain an event of any type except SEGMENT, OPEN, CLOSE, LIMIT and OWNER. */
void explain_event(struct explain *x, const union record *rec)
{
	switch (rec->h.type) {
	case TCPTRACE_STATE:
		explain_state(x, &rec->state);
		break;
	case TCPTRACE_ESTABLISHED:
		explain_halves(x, &rec->established);
		if (x->full)
			explain_agreement(x, &rec->established);
		break;
	case TCPTRACE_SUSPECTED:
		explain_suspected(x, &rec->suspected);
		break;
	case TCPTRACE_FINDING:
		explain_finding(x, &rec->finding.found);
		break;
	case TCPTRACE_ICMP:
		explain_icmp(x, &rec->icmp);
		break;
	case TCPTRACE_DROP:
		explain_drop(x, &rec->drop);
		break;
	case TCPTRACE_LOST:
		notes_add(&x->notes, NOTE_LOST,
			  "%1$llu records were lost here: segments may be missing.",
			  (unsigned long long)rec->lost.count);
		break;
	}
}
