/* SPDX-License-Identifier: GPL-2.0 */
/* Write events as text, one line per event. */
#ifndef _TCPTRACECTL_VIEW_TEXT_H
#define _TCPTRACECTL_VIEW_TEXT_H

#include "line.h"
#include "record.h"
#include "suspicions.h"

/*
 * The longest possible line has two host names of 255 bytes and every option.
 * Folding adds at most as much indentation as the line is long.
 */
#define TEXT_LEN	(2 * LINE_FOLD_LEN)

/**
 * enum text_time - format of the time column
 * @TEXT_REAL:		the time of day
 * @TEXT_MONO:		seconds of CLOCK_MONOTONIC, or of the capture's clock
 * @TEXT_DELTA: seconds since the previous event
 * @TEXT_RELATIVE:	seconds since the first event
 * @TEXT_ISO:		local date and time, RFC 3339
 * @TEXT_UTC:		UTC, RFC 3339
 */
enum text_time {
	TEXT_REAL,
	TEXT_MONO,
	TEXT_DELTA,
	TEXT_RELATIVE,
	TEXT_ISO,
	TEXT_UTC,
};

/**
 * struct view_text - format of events, and state kept from event to event
 * @time: format of the time column
 * @raw: print raw instead of relative sequence numbers
 * @resolve: print the names of hosts and services
 * @netns: show the network namespace
 * @verbose: also print which ends are remote, and whether a connection was
 *	forwarded
 * @color: use colours
 * @one_line: print one line for each connection when it closes
 * @suspicions: the suspicions of the connection that closes, or NULL
 * @interface: name of the interface on which the packet was captured, or NULL
 * @columns: width of the terminal, 0: lines may be of any length
 * @offset: CLOCK_REALTIME minus the clock of the records
 * @first: time of the first event, 0 before that event
 * @last: time of the previous event, 0 before the first event
 * @netns_width: width of the namespace column, grows with the names seen
 * @flow_width: width of the flow column, grows with the addresses seen
 * @segment_width: width of the segment column of STATE, grows with the sequence
 *	numbers seen
 * @indent: column in which the rest of a folded line begins
 */
struct view_text {
	enum text_time time;
	bool raw;
	bool resolve;
	bool netns;
	bool verbose;
	bool color;
	bool one_line;
	const struct conn_suspicions *suspicions;
	const char *interface;
	size_t columns;
	u64 offset;
	u64 first;
	u64 last;
	size_t netns_width;
	size_t flow_width;
	size_t segment_width;
	size_t indent;
};

void view_text_init(struct view_text *text, u64 offset);
int view_text_parse_time(const char *word, enum text_time *time);
void view_text_format(struct view_text *text, const union record *rec,
		      char *buf, size_t size);

#endif /* _TCPTRACECTL_VIEW_TEXT_H */
