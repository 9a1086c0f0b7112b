// SPDX-License-Identifier: GPL-2.0
#include "view_finding.h"

#include "core/name.h"
#include "message.h"
#include "names.h"
#include "sentences.h"
#include "timefmt.h"

#include <stdio.h>

#define NS_PER_MS	1000000ULL

/* The words for each end, and for both ends. */
static const char *const words[] = {
	"the originator", "the responder", "both ends",
};

static const char *end_word(const char *const ends[3], unsigned int end)
{
	return ends[end < 2 ? end : 2];
}

/* Write the text for a conversion, such as %E, of sentences_findings[]. */
static void expand(char letter, const struct tcptrace_found *found,
		   const char *const ends[3], char *buf, size_t size)
{
	char span[TIMEFMT_LEN];

	switch (letter) {
	case 'E':
		snprintf(buf, size, "%s", end_word(ends, found->end));
		break;
	case 'O':
		snprintf(buf, size, "%s", end_word(ends, !found->end));
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

static void fill_in(const char *p, const struct tcptrace_found *found,
		    const char *const ends[3], char buf[VIEW_FINDING_LEN])
{
	size_t n = 0;

	for (; *p != '\0' && n + 1 < VIEW_FINDING_LEN; p++) {
		if (*p != '%') {
			buf[n++] = *p;
			buf[n] = '\0';
			continue;
		}
		expand(*++p, found, ends, buf + n, VIEW_FINDING_LEN - n);
		n += strlen(buf + n);
	}
}

static const char *sentence_of(const struct tcptrace_found *found)
{
	return found->finding < TCPTRACE_FINDINGS ?
	       sentences_findings[found->finding] : NULL;
}

/**
 * view_finding_sentence - write a finding in words
 * @found: the finding; an unknown kind is shown as a number
 * @buf: buffer for the sentence
 */
void view_finding_sentence(const struct tcptrace_found *found,
			   char buf[VIEW_FINDING_LEN])
{
	const char *sentence = sentence_of(found);

	if (sentence)
		fill_in(sentence, found, words, buf);
	else
		snprintf(buf, VIEW_FINDING_LEN, "finding %u", found->finding);
}

/**
 * view_finding_translated - write a finding in the language of the messages
 * @found: the finding; an unknown kind is shown as a number
 * @buf: buffer for the sentence
 *
 * The sentence calls the ends client and server, as all explanations do.
 */
void view_finding_translated(const struct tcptrace_found *found,
			     char buf[VIEW_FINDING_LEN])
{
	const char *const ends[] = {
		_("the client"), _("the server"), _("both ends"),
	};
	const char *sentence = sentence_of(found);

	if (sentence)
		fill_in(_(sentence), found, ends, buf);
	else
		snprintf(buf, VIEW_FINDING_LEN, "finding %u", found->finding);
}

static void write_numbers(struct json_writer *w,
			  const struct tcptrace_found *found)
{
	json_writer_text(w, "finding", tcpt_finding_name(found->finding));
	json_writer_end(w, "end", found->end);
	json_writer_u64(w, "count", found->count);
	json_writer_u64(w, "value", found->value);
}

/* Write the members of FINDING, except those that every event has. */
void view_finding_json(struct json_writer *w,
		       const struct tcptrace_found *found)
{
	char text[VIEW_FINDING_LEN];

	write_numbers(w, found);
	view_finding_sentence(found, text);
	json_writer_text(w, "text", text);
}

/* Check whether CLOSE contains the count and the value of a finding. */
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

/* "zero_window of responder x2 for 13.9 s" */
static void add_found(struct line *line, const struct tcptrace_found *found)
{
	const char *sentence = sentence_of(found);
	char span[TIMEFMT_LEN];

	line_item(line, TERM_YELLOW, 2, "%s",
		  tcpt_finding_name(found->finding));
	if (event_end_name(found->end))
		line_item(line, TERM_YELLOW, 1, "of %s",
			  found->end ? "responder" : "originator");
	if (found->count > 1)
		line_item(line, TERM_YELLOW, 1, "x%u", found->count);
	if (!sentence || !strstr(sentence, "%t"))
		return;
	timefmt_span(found->value * NS_PER_MS, span, sizeof(span));
	line_item(line, TERM_YELLOW, 1, "for %s", span);
}

/*
 * Write the name of each finding and, if CLOSE has them, its end, its count (if
 * above 1) and its time.
 */
void view_finding_close_text(struct line *line, const struct tcptrace_close *c)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(c->found); i++)
		if (c->found[i].finding != TCPTRACE_FINDING_NONE)
			add_found(line, &c->found[i]);
	for (i = TCPTRACE_FINDING_NONE + 1; i < TCPTRACE_FINDINGS; i++)
		if (c->findings & 1U << i && !has_numbers(c, i))
			line_item(line, TERM_YELLOW, 2, "%s",
				  tcpt_finding_name(i));
}
