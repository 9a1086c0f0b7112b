/* SPDX-License-Identifier: GPL-2.0 */
/* Explain segments and events of a connection, and sum up the connection. */
#ifndef _TCPTRACECTL_EXPLAIN_H
#define _TCPTRACECTL_EXPLAIN_H

#include "explain_evidence.h"
#include "notes.h"
#include "record.h"

/**
 * struct explain - a connection that is being explained
 * @full: also explain windows, options, rules, comparisons and limits
 * @raw: show raw sequence numbers, not relative ones
 * @ev: segments of the connection
 * @midstream: the SYN was not seen
 * @said_ack: a sentence has explained an ACK of data
 * @said_push: a sentence has explained PSH
 * @said_empty: a sentence has said that an empty segment takes no sequence
 *	number
 * @window: for each end, the window field that was explained last; -1: none was
 *	explained, or the last one was in a SYN
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

/* Size of a buffer for "4294967295 bytes" in any language. */
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
