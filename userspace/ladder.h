/* SPDX-License-Identifier: GPL-2.0 */
/* Show a connection as a ladder diagram, which consists of rows. */
#ifndef _TCPTRACECTL_LADDER_H
#define _TCPTRACECTL_LADDER_H

#include "addr.h"
#include "conversation.h"

#include <stdio.h>

enum {
	LADDER_TEXT	= 448,
	LADDER_LABELS	= 3,	/* labels of an arrow, the longest first */
	LADDER_LABEL	= 96,
};

/**
 * enum ladder_kind - what a row shows
 * @LADDER_SEGMENT:	an arrow
 * @LADDER_STATES:	only new states
 * @LADDER_WARNING:	a text about a problem
 * @LADDER_FOLD:	a summary of segments that are not shown
 * @LADDER_IDLE:	a period without segments
 */
enum ladder_kind {
	LADDER_SEGMENT,
	LADDER_STATES,
	LADDER_WARNING,
	LADDER_FOLD,
	LADDER_IDLE,
};

/**
 * struct ladder_row - a row
 * @kind: what the row shows
 * @time: time since the first record, ns
 * @label: LADDER_SEGMENT: number of the packet in the capture; without a
 *	capture, number of the segment in the connection
 * @right: LADDER_SEGMENT: the segment goes from the client to the server
 * @again: LADDER_SEGMENT: a retransmission, at least in part
 * @flags: LADDER_SEGMENT: TCPTRACE_FIN and so on
 * @len: LADDER_SEGMENT: payload bytes; LADDER_FOLD: payload bytes of all its
 *	segments
 * @count: LADDER_FOLD: number of segments
 * @state: for each end, the new state; TCPTRACE_STATES if it did not change
 * @arrow: LADDER_SEGMENT: labels for the arrow, the longest first
 * @text: LADDER_WARNING, LADDER_FOLD, LADDER_IDLE: the text; LADDER_SEGMENT:
 *	Wireshark's classes except lost_segment, or empty
 */
struct ladder_row {
	enum ladder_kind kind;
	u64 time;
	u64 label;
	bool right;
	bool again;
	u16 flags;
	u64 len;
	u64 count;
	u8 state[2];
	char arrow[LADDER_LABELS][LADDER_LABEL];
	char text[LADDER_TEXT];
};

/**
 * struct ladder - the ladder diagram of a connection
 * @title: heading with the number of the connection
 * @end: address and port of each end
 * @summary: one line that says how the connection ended, how long it took and
 *	how many bytes were sent; or "still open"
 * @rows: the rows
 * @n: number of @rows
 * @size: room in @rows
 */
struct ladder {
	char title[64];
	char end[2][ADDR_LEN];
	char summary[256];
	struct ladder_row *rows;
	size_t n;
	size_t size;
};

int ladder_build(struct ladder *l, const struct conversation *c, bool raw,
		 bool fold);
void ladder_free(struct ladder *l);

/**
 * struct ladder_text - how to print ladder diagrams
 * @width: columns of a line
 * @utf8: use characters beyond ASCII
 * @color: use colours
 * @shown: ladders printed so far
 */
struct ladder_text {
	size_t width;
	bool utf8;
	bool color;
	u64 shown;
};

int ladder_print(struct ladder_text *t, const struct ladder *l);

/**
 * struct ladder_svg - a drawing of ladder diagrams, one below the other
 * @file: where the drawing goes
 * @body: stream that collects the drawing in @text
 * @text: the drawing so far
 * @len: number of bytes in @text
 * @y: vertical position of the next row
 * @is_inline: @file is an HTML page that contains the drawing
 */
struct ladder_svg {
	FILE *file;
	FILE *body;
	char *text;
	size_t len;
	unsigned int y;
	bool is_inline;
};

int ladder_svg_open(struct ladder_svg *s, const char *path);
int ladder_svg_inline(struct ladder_svg *s, FILE *to);
void ladder_svg_style(FILE *to);
int ladder_svg_draw(struct ladder_svg *s, const struct ladder *l);
int ladder_svg_close(struct ladder_svg *s);

#endif /* _TCPTRACECTL_LADDER_H */
