// SPDX-License-Identifier: GPL-2.0
#include "explain_quiz.h"

#include "message.h"
#include "number.h"
#include "output.h"
#include "view_segment.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
	ANSWER_LEN	= 64,
};

/*
 * Read a line; drop the part that does not fit.
 * Return: false at the end of the input.
 */
static bool read_line(char buf[ANSWER_LEN])
{
	int c;

	if (!fgets(buf, ANSWER_LEN, stdin))
		return false;
	if (!strchr(buf, '\n'))
		while ((c = getchar()) != '\n' && c != EOF)
			;
	buf[strcspn(buf, "\r\n")] = '\0';
	return true;
}

/* Say whether an answer is right; an empty line is not counted as an answer. */
static int judge(struct quiz *q, const char *answer, const char *name,
		 u32 number)
{
	const char *indent = "      ";
	char buf[128];
	u64 given;

	if (!*answer)
		return 0;
	q->asked++;
	if (number_parse(answer, 10, UINT32_MAX, &given) == 0 && given == number) {
		q->right++;
		return output_write(indent, strlen(indent)) ?:
		       output_line(_("Right."));
	}
	snprintf(buf, sizeof(buf), _("No: %1$s %2$u."), name, number);
	return output_write(indent, strlen(indent)) ?: output_line(buf);
}

static int ask(struct quiz *q, const char *name, u32 number)
{
	char answer[ANSWER_LEN], prompt[32];
	int err;

	snprintf(prompt, sizeof(prompt), "      %s? ", name);
	err = output_write(prompt, strlen(prompt)) ?: output_flush();
	if (err)
		return err;
	if (!read_line(answer)) {
		q->ended = true;
		return output_line("");
	}
	return judge(q, answer, name, number);
}

/* Check whether the sequence number follows from the earlier segments. */
static bool asks_seq(const struct evidence *ev)
{
	unsigned int from = ev->now->from;

	return !(ev->now->flags & TCPTRACE_SYN) && ev->has_next[from] &&
	       ev->now->seq == ev->next[from];
}

static bool asks_ack(const struct evidence *ev)
{
	return ev->acked == ACKED_WHOLE || ev->acked == ACKED_AGAIN;
}

static int show_question(const struct past *now)
{
	char flags[VIEW_SEGMENT_FLAGS_LEN], buf[256];

	snprintf(buf, sizeof(buf), _("#%1$llu  %2$s %3$s %4$s  %5$s  LEN %6$u"),
		 (unsigned long long)now->label, explain_end(0),
		 now->from ? "<-" : "->", explain_end(1),
		 view_segment_flags(now->flags, flags), now->len);
	return output_line("") ?: output_line(buf);
}

/**
 * quiz_segment - ask for the SEQ and ACK that follow from earlier segments
 * @q: the run
 * @x: the connection and its current segment
 * @self: both ends of the connection are one socket
 *
 * Return: 0 or a negative error number.
 */
int quiz_segment(struct quiz *q, const struct explain *x, bool self)
{
	const struct evidence *ev = &x->ev;
	const struct past *now = ev->now;
	unsigned int peer = self ? now->from : !now->from;
	int err;

	if (!asks_seq(ev) && !asks_ack(ev))
		return 0;
	err = show_question(now);
	if (!err && asks_seq(ev))
		err = ask(q, "SEQ", explain_number(x, now->from, now->seq));
	if (!err && !q->ended && asks_ack(ev))
		err = ask(q, "ACK", explain_number(x, peer, now->ack));
	return err;
}

/**
 * quiz_score - write how many answers were right
 * @q: the run
 *
 * Return: 0 or a negative error number.
 */
int quiz_score(const struct quiz *q)
{
	char buf[128];

	snprintf(buf, sizeof(buf),
		 message_plural("%1$u of %2$u answer is right.",
				"%1$u of %2$u answers are right.", q->asked),
		 q->right, q->asked);
	return output_line("") ?: output_line(buf);
}
