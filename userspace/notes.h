/* SPDX-License-Identifier: GPL-2.0 */
/* Collect the sentences about a segment, with the kind of each sentence. */
#ifndef _TCPTRACECTL_NOTES_H
#define _TCPTRACECTL_NOTES_H

#include "core/env.h"

enum {
	NOTE_LEN	= 640,
	NOTES_MAX	= 64,	/* sentences about one segment */
};

enum note_kind {
	NOTE_SEQ,
	NOTE_ACK,
	NOTE_NEXT,
	NOTE_FLAG,
	NOTE_WINDOW,
	NOTE_OPTION,
	NOTE_RTT,
	NOTE_STATE,
	NOTE_HANDSHAKE,
	NOTE_CLASS,
	NOTE_SUSPECTED,
	NOTE_FINDING,
	NOTE_CAUSE,
	NOTE_ICMP,
	NOTE_DROP,
	NOTE_LOST,
	NOTE_SUMMARY,
	NOTE_KINDS,
};

/**
 * struct sum - the sum in a sentence: @value = @base + @plus, modulo 2^32
 * @value: a sequence number or an acknowledgment number
 * @base: the sequence number or acknowledgment number to which @plus is added
 * @plus: payload bytes, plus 1 for a SYN or a FIN; or a window; or the count of
 *	sequence numbers that are acknowledged or that were not seen
 * @label: number of the segment that @base comes from; 0: this segment, or no
 *	single segment
 */
struct sum {
	u32 value;
	u32 base;
	u32 plus;
	u64 label;
};

/**
 * struct note - a sentence
 * @kind: kind of the sentence
 * @has_sum: @sum is set
 * @sum: the sum in the sentence
 * @text: the sentence, without control characters
 */
struct note {
	enum note_kind kind;
	bool has_sum;
	struct sum sum;
	char text[NOTE_LEN];
};

/**
 * struct notes - the sentences about a segment
 * @n: number of sentences in @list
 * @list: the sentences, in the order in which they were added
 */
struct notes {
	size_t n;
	struct note list[NOTES_MAX];
};

const char *note_kind_name(enum note_kind kind);
__printf(3, 4) struct note *notes_add(struct notes *notes, enum note_kind kind,
				      const char *format, ...);
void note_sum(struct note *note, u32 value, u32 base, u64 label);

#endif /* _TCPTRACECTL_NOTES_H */
