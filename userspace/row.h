/* SPDX-License-Identifier: GPL-2.0 */
/* A line of /proc/net/tcptrace: one connection. */
#ifndef _TCPTRACECTL_ROW_H
#define _TCPTRACECTL_ROW_H

#include "addr.h"
#include "core/env.h"
#include "table.h"
#include "writer.h"

enum row_column {
	ROW_ID,
	ROW_ORIG,
	ROW_RESP,
	ROW_ORIG_STATE,
	ROW_RESP_STATE,
	ROW_MARKS,
	ROW_ORIG_ISS,
	ROW_ORIG_NXT,
	ROW_ORIG_ACK,
	ROW_RESP_ISS,
	ROW_RESP_NXT,
	ROW_RESP_ACK,
	ROW_ORIG_PACKETS,
	ROW_ORIG_SEGMENTS,
	ROW_ORIG_BYTES,
	ROW_ORIG_REXMIT,
	ROW_ORIG_FLAGS,
	ROW_RESP_PACKETS,
	ROW_RESP_SEGMENTS,
	ROW_RESP_BYTES,
	ROW_RESP_REXMIT,
	ROW_RESP_FLAGS,
	ROW_AGE,
	ROW_LEFT,
	ROW_ORIG_UID,
	ROW_ORIG_INODE,
	ROW_RESP_UID,
	ROW_RESP_INODE,
	ROW_COLUMNS,
};

/**
 * enum row_kind - what a column holds
 * @ROW_NUMBER: a decimal number, or "-" for unknown
 * @ROW_SECONDS: a decimal number with a fraction, or "-"
 * @ROW_WORD: text
 * @ROW_ENDPOINT: address and port
 * @ROW_LETTERS: a letter for each mark, or "-"
 */
enum row_kind {
	ROW_NUMBER,
	ROW_SECONDS,
	ROW_WORD,
	ROW_ENDPOINT,
	ROW_LETTERS,
};

/**
 * struct row_index - where the columns are in a table
 * @at: number of the column in the table, negative if it has none
 */
struct row_index {
	int at[ROW_COLUMNS];
};

/**
 * struct row - a connection
 * @cells: the text of each column, valid until the next line is read; NULL
 *	where the table has no such column
 * @addr: addresses of originator and responder
 * @port: their ports
 */
struct row {
	const char *cells[ROW_COLUMNS];
	struct addr addr[2];
	u16 port[2];
};

int row_index_init(struct row_index *index, const struct table *table,
		   const char **missing);
int row_parse(struct row *row, const struct row_index *index,
	      const struct table *table, const char **bad);
bool row_number(const struct row *row, enum row_column column, u64 *value);
void row_write(struct writer *w, const struct row *row);

#endif /* _TCPTRACECTL_ROW_H */
