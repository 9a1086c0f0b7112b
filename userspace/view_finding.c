// SPDX-License-Identifier: GPL-2.0
#include "view_finding.h"

#include "core/name.h"
#include "timefmt.h"

#include <stdio.h>

#define NS_PER_MS	1000000ULL

/*
 * Sentences with conversions: %E the end, %O the other end, %n the count, %v
 * the value, %t the value as a time.
 */
static const char *const sentences[TCPTRACE_FINDINGS] = {
	[TCPTRACE_FINDING_OLD_CONNECTION] =
		"the SYN met an old connection: %E answered with an ACK of other numbers",
	[TCPTRACE_FINDING_SYN_REPEATED] =
		"%E repeated its SYN after the SYN,ACK: the answer does not reach it",
	[TCPTRACE_FINDING_SYNACK_REPEATED] =
		"%E repeated its SYN,ACK after the ACK: it does not accept the connection",
	[TCPTRACE_FINDING_SYNACK_UNANSWERED] =
		"%E has sent its SYN,ACK %v times, and no answer was seen",
	[TCPTRACE_FINDING_TWO_SYNACKS] =
		"%E answered one SYN with two SYN,ACKs of different ISNs",
	[TCPTRACE_FINDING_TFO_NOT_TAKEN] =
		"%E did not take the %v bytes of data in the SYN",
	[TCPTRACE_FINDING_OLD_TIMESTAMP] =
		"%E sent a timestamp %v ticks older than its last one: %O must drop the segment",
	[TCPTRACE_FINDING_WSCALE_LOST] =
		"%E scales its window by %v, but the SYNs agreed to no scale: an option was lost on the way",
	[TCPTRACE_FINDING_WINDOW_SHRUNK] =
		"%E took back %v bytes of its window",
	[TCPTRACE_FINDING_WINDOW_OVERRUN] =
		"%E sent %v bytes beyond the window of %O",
	[TCPTRACE_FINDING_ZERO_WINDOW] =
		"the window of %E is 0 for %t",
	[TCPTRACE_FINDING_PROBES_UNANSWERED] =
		"%E has not answered %n window probes within %t",
	[TCPTRACE_FINDING_KEEP_ALIVES_UNANSWERED] =
		"%E has not answered %n keep-alives within %t",
	[TCPTRACE_FINDING_DATA_UNANSWERED] =
		"%E is silent: data was sent to it again %n times within %t",
	[TCPTRACE_FINDING_FIN_UNANSWERED] =
		"%E does not acknowledge a FIN that was sent %n times within %t",
	[TCPTRACE_FINDING_PATH_MTU] =
		"segments of %v bytes of %E are never acknowledged, smaller ones are: suspect the path MTU",
	[TCPTRACE_FINDING_SACK_OUTSIDE] =
		"%E sent %n SACK blocks of numbers that nobody sent",
	[TCPTRACE_FINDING_ACK_LOOP] =
		"both ends answer each other's ACKs: %n without anything new",
	[TCPTRACE_FINDING_ONE_WAY] =
		"only segments of %E passed here: %v packets",
	[TCPTRACE_FINDING_SEEN_TWICE] =
		"packets were seen at two places: the copies are left out",
	[TCPTRACE_FINDING_STRAY_RST] =
		"a RST with the numbers of %E came from another address, port %v: a NAT has forgotten the connection",
	[TCPTRACE_FINDING_SYN_TIMESTAMP] =
		"the SYN is unanswered, and %v ticks older than the last connection from its address to this server",
	[TCPTRACE_FINDING_TOO_BIG] =
		"a router says that segments of %E are too big: MTU %v",
};

static const char *end_word(unsigned int end)
{
	static const char *const words[] = { "originator", "responder" };

	return end < ARRAY_SIZE(words) ? words[end] : "both ends";
}

/* The text for a letter of sentences[]. */
static void expand(char letter, const struct tcptrace_found *found, char *buf,
		   size_t size)
{
	char span[TIMEFMT_LEN];

	switch (letter) {
	case 'E':
		snprintf(buf, size, "the %s", end_word(found->end));
		break;
	case 'O':
		snprintf(buf, size, "the %s", end_word(!found->end));
		break;
	case 'n':
		snprintf(buf, size, "%u", found->count);
		break;
	case 'v':
		snprintf(buf, size, "%u", found->value);
		break;
	default:
		timefmt_span(found->value * NS_PER_MS, span, sizeof(span));
		snprintf(buf, size, "%s", span);
	}
}

/**
 * view_finding_sentence - a finding in words
 * @found: the finding; of an unknown kind there is a number
 * @buf: where they go
 */
void view_finding_sentence(const struct tcptrace_found *found,
			   char buf[VIEW_FINDING_LEN])
{
	const char *p = found->finding < TCPTRACE_FINDINGS ?
			sentences[found->finding] : NULL;
	size_t n = 0;

	if (!p) {
		snprintf(buf, VIEW_FINDING_LEN, "finding %u", found->finding);
		return;
	}
	for (; *p != '\0' && n + 1 < VIEW_FINDING_LEN; p++) {
		if (*p != '%') {
			buf[n++] = *p;
			buf[n] = '\0';
			continue;
		}
		expand(*++p, found, buf + n, VIEW_FINDING_LEN - n);
		n += strlen(buf + n);
	}
}

static void write_numbers(struct json_writer *w,
			  const struct tcptrace_found *found)
{
	json_writer_text(w, "finding", tcpt_finding_name(found->finding));
	json_writer_end(w, "end", found->end);
	json_writer_u64(w, "count", found->count);
	json_writer_u64(w, "value", found->value);
}

/* The members of FINDING, besides those of every event. */
void view_finding_json(struct json_writer *w,
		       const struct tcptrace_found *found)
{
	char text[VIEW_FINDING_LEN];

	write_numbers(w, found);
	view_finding_sentence(found, text);
	json_writer_text(w, "text", text);
}

/* Has CLOSE numbers for a finding? */
static bool has_numbers(const struct tcptrace_close *c, unsigned int finding)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(c->found); i++)
		if (c->found[i].finding == finding)
			return true;
	return false;
}

void view_finding_close_json(struct json_writer *w,
			     const struct tcptrace_close *c)
{
	const struct tcptrace_found *found;
	unsigned int i;

	json_writer_open(w, "findings", '[');
	for (i = 0; i < ARRAY_SIZE(c->found); i++) {
		found = &c->found[i];
		if (found->finding == TCPTRACE_FINDING_NONE)
			continue;
		json_writer_open(w, NULL, '{');
		write_numbers(w, found);
		json_writer_close(w, '}');
	}
	for (i = TCPTRACE_FINDING_NONE + 1; i < TCPTRACE_FINDINGS; i++) {
		if (!(c->findings & 1U << i) || has_numbers(c, i))
			continue;
		json_writer_open(w, NULL, '{');
		json_writer_text(w, "finding", tcpt_finding_name(i));
		json_writer_close(w, '}');
	}
	json_writer_close(w, ']');
}

/* The names; a number after one is its count. */
void view_finding_close_text(struct line *line, const struct tcptrace_close *c)
{
	const struct tcptrace_found *found;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(c->found); i++) {
		found = &c->found[i];
		if (found->finding == TCPTRACE_FINDING_NONE)
			continue;
		line_item(line, TERM_YELLOW, 2, "%s",
			  tcpt_finding_name(found->finding));
		if (found->count > 1)
			line_item(line, TERM_YELLOW, 1, "x%u", found->count);
	}
	for (i = TCPTRACE_FINDING_NONE + 1; i < TCPTRACE_FINDINGS; i++)
		if (c->findings & 1U << i && !has_numbers(c, i))
			line_item(line, TERM_YELLOW, 2, "%s",
				  tcpt_finding_name(i));
}
