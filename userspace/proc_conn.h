/* SPDX-License-Identifier: GPL-2.0 */
/* A line of /proc/net/tcptrace: one connection. */
#ifndef _TCPTRACECTL_PROC_CONN_H
#define _TCPTRACECTL_PROC_CONN_H

#include "addr.h"
#include "core/env.h"
#include "json_writer.h"
#include "proc.h"

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
	ROW_FINDINGS,
	ROW_TUNNEL,
	ROW_COLUMNS,
};

/**
 * enum row_kind - what a column holds
 * @ROW_NUMBER: a decimal number, or "-" for unknown
 * @ROW_SECONDS: a decimal number with a fraction, or "-"
 * @ROW_WORD: text
 * @ROW_ENDPOINT: address and port
 * @ROW_LETTERS: a letter for each mark, or "-"
 * @ROW_BITS: 1 << enum tcptrace_finding, ORed, as a number
 * @ROW_TUNNELS: "type:id" of each tunnel, the outermost first, or "-"
 */
enum row_kind {
	ROW_NUMBER,
	ROW_SECONDS,
	ROW_WORD,
	ROW_ENDPOINT,
	ROW_LETTERS,
	ROW_BITS,
	ROW_TUNNELS,
};

/**
 * struct proc_conn_index - where the columns are in a table
 * @at: number of the column in the table, negative if it has none
 */
struct proc_conn_index {
	int at[ROW_COLUMNS];
};

/**
 * struct proc_conn - a connection
 * @cells: the text of each column, valid until the next line is read; NULL
 *	where the table has no such column
 * @addr: addresses of originator and responder
 * @port: their ports
 */
struct proc_conn {
	const char *cells[ROW_COLUMNS];
	struct addr addr[2];
	u16 port[2];
};

int proc_conn_index(struct proc_conn_index *index,
		    const struct proc_table *table, const char **missing);
int proc_conn_parse(struct proc_conn *row, const struct proc_conn_index *index,
		    const struct proc_table *table, const char **bad);
bool proc_conn_number(const struct proc_conn *row, enum row_column column,
		      u64 *value);
void proc_conn_json(struct json_writer *w, const struct proc_conn *row);

#endif /* _TCPTRACECTL_PROC_CONN_H */
