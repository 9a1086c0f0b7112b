// SPDX-License-Identifier: GPL-2.0
/* Sum up a connection in a few sentences, from its closing record. */
#include "explain.h"

#include "core/name.h"
#include "line.h"
#include "message.h"
#include "sentences.h"
#include "timefmt.h"
#include "view_fate.h"

#include <linux/tcptrace.h>

#define say(x, ...)	notes_add(&(x)->notes, NOTE_SUMMARY, __VA_ARGS__)

static void say_opening(struct explain *x, const struct tcptrace_close *c)
{
	char text[NOTE_LEN];
	struct line line;

	if (c->h.flags & TCPTRACE_F_GUESSED)
		say(x,
		    "The start of the connection was not seen: which end is the client is a guess, by the ports.");
	else if (c->h.flags & TCPTRACE_F_MIDSTREAM)
		say(x,
		    "The start of the connection was not seen: the client is the end that received the SYN,ACK.");
	else
		say(x, "The client opened the connection with a SYN.");
	line_init(&line, text, sizeof(text), false);
	view_fate_close_text(&line, c);
	if (text[0] != '\0')
		say(x, "What is known about the SYN:%1$s.", text);
}

static void say_end(struct explain *x, const struct tcptrace_close *c)
{
	char span[TIMEFMT_LEN];

	if (c->reason < TCPTRACE_CLOSE_REASONS && sentences_endings[c->reason])
		say(x, sentences_endings[c->reason], explain_end(c->by));
	if (c->reason != TCPTRACE_CLOSE_FIN)
		say(x, "Last states: client %1$s, server %2$s.",
		    tcpt_state_name(c->dir[0].state),
		    tcpt_state_name(c->dir[1].state));
	timefmt_span(c->duration_ns, span, sizeof(span));
	say(x, "Time from the first to the last segment: %1$s.", span);
}

static void say_amounts(struct explain *x, const struct tcptrace_close *c)
{
	const struct tcptrace_dir *a = &c->dir[0], *b = &c->dir[1];

	say(x,
	    "The client sent %1$llu packets with %2$llu bytes of data, the server %3$llu with %4$llu.",
	    (unsigned long long)a->packets, (unsigned long long)a->bytes,
	    (unsigned long long)b->packets, (unsigned long long)b->bytes);
	if (a->rexmit_bytes || b->rexmit_bytes)
		say(x, "Bytes that were sent again: client %1$llu, server %2$llu.",
		    (unsigned long long)a->rexmit_bytes,
		    (unsigned long long)b->rexmit_bytes);
	if (a->missed_bytes || b->missed_bytes)
		say(x,
		    "Bytes that were acknowledged, but not seen here: client %1$llu, server %2$llu.",
		    (unsigned long long)a->missed_bytes,
		    (unsigned long long)b->missed_bytes);
}

/* State only facts that the closing record proves. */
static void say_limits(struct explain *x, const struct tcptrace_close *c)
{
	char span[TIMEFMT_LEN];
	unsigned int end;

	if (c->limited_by < TCPTRACE_LIMITED && sentences_limits[c->limited_by])
		say(x, "%s", _(sentences_limits[c->limited_by]));
	for (end = 0; end < 2; end++) {
		if (!c->dir[end].rtt_samples)
			continue;
		timefmt_span(c->dir[end].rtt_min_ns, span, sizeof(span));
		say(x, "Shortest round trip from here to the %1$s and back: %2$s.",
		    explain_end(!end), span);
	}
	for (end = 0; end < 2; end++) {
		if (c->dir[end].window_full)
			say(x,
			    "The %1$s filled the window of the other end %2$u times, and then had to wait.",
			    explain_end(end), c->dir[end].window_full);
		if (c->dir[end].zero_windows)
			say(x,
			    "The window of the %1$s was 0 in %2$u of its packets: there was no room for data.",
			    explain_end(end), c->dir[end].zero_windows);
	}
}

/*
 * Say who opened and who closed the connection, how much was sent and, if
 * @x->full is set, what limited the connection.
 */
void explain_summary(struct explain *x, const struct tcptrace_close *c)
{
	say_opening(x, c);
	say_end(x, c);
	say_amounts(x, c);
	if (x->full)
		say_limits(x, c);
}
