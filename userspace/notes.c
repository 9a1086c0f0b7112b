// SPDX-License-Identifier: GPL-2.0
#include "notes.h"

#include "message.h"

#include <stdarg.h>
#include <stdio.h>

static const char *const names[NOTE_KINDS] = {
	[NOTE_SEQ]		= "seq",
	[NOTE_ACK]		= "ack",
	[NOTE_NEXT]		= "next",
	[NOTE_FLAG]		= "flag",
	[NOTE_WINDOW]		= "window",
	[NOTE_OPTION]		= "option",
	[NOTE_RTT]		= "rtt",
	[NOTE_STATE]		= "state",
	[NOTE_HANDSHAKE]	= "handshake",
	[NOTE_CLASS]		= "class",
	[NOTE_SUSPECTED]	= "suspected",
	[NOTE_FINDING]		= "finding",
	[NOTE_CAUSE]		= "cause",
	[NOTE_ICMP]		= "icmp",
	[NOTE_DROP]		= "drop",
	[NOTE_LOST]		= "lost",
	[NOTE_SUMMARY]		= "summary",
};

const char *note_kind_name(enum note_kind kind)
{
	return names[kind];
}

/**
 * notes_add - add a sentence
 * @notes: the sentences; if @notes is full, the last sentence is replaced
 * @kind: kind of the sentence
 * @format: printf() format, which is translated
 *
 * Return: the sentence, which has no sum yet.
 */
struct note *notes_add(struct notes *notes, enum note_kind kind,
		       const char *format, ...)
{
	struct note *note;
	va_list args;

	if (notes->n < NOTES_MAX)
		notes->n++;
	note = &notes->list[notes->n - 1];
	note->kind = kind;
	note->has_sum = false;
	va_start(args, format);
	vsnprintf(note->text, sizeof(note->text), _(format), args);
	va_end(args);
	return note;
}

/*
 * Add a sum to a sentence. @label: number of the segment that @base comes from;
 * 0: the current segment, or no single segment.
 */
void note_sum(struct note *note, u32 value, u32 base, u64 label)
{
	note->has_sum = true;
	note->sum = (struct sum) {
		.value = value, .base = base, .plus = value - base,
		.label = label,
	};
}
