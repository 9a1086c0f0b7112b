/* SPDX-License-Identifier: GPL-2.0 */
/* Sentences that explain SEQ, ACK and other numbers of a segment. */
#ifndef _TCPTRACECTL_EXPLAIN_H
#define _TCPTRACECTL_EXPLAIN_H

#include "explain_evidence.h"
#include "notes.h"
#include "record.h"

/**
 * struct explain - a connection that is being explained
 * @full: explain windows, options, rules and comparisons, too
 * @raw: raw sequence numbers, not relative ones
 * @ev: its segments
 * @midstream: the SYN was not seen
 * @said_ack: the meaning of an ACK was explained
 * @said_push: PSH was explained
 * @said_empty: it was explained that an empty segment takes no sequence number
 * @window: the last window field explained, for each end; -1: none
 * @notes: sentences about the current segment
 */
struct explain {
	bool full;
	bool raw;
	struct evidence ev;
	bool midstream;
	bool said_ack;
	bool said_push;
	bool said_empty;
	s32 window[2];
	struct notes notes;
};

/* Room for "4294967295 bytes" in any language. */
#define EXPLAIN_BYTES_LEN	40

const char *explain_end(unsigned int end);
const char *explain_bytes(u32 n, char buf[EXPLAIN_BYTES_LEN]);
u32 explain_number(const struct explain *x, unsigned int end, u32 number);
void explain_numbers(struct explain *x, const struct tcptrace_segment *rec);
void explain_options(struct explain *x, const struct tcptrace_segment *rec);
void explain_classes(struct explain *x, const struct tcptrace_segment *rec);
void explain_event(struct explain *x, const union record *rec);
void explain_summary(struct explain *x, const struct tcptrace_close *c);

#endif /* _TCPTRACECTL_EXPLAIN_H */
