/* SPDX-License-Identifier: GPL-2.0 */
/* A line of /proc/net/tcptrace: one connection. */
#ifndef _TCPTRACECTL_PROC_CONN_H
#define _TCPTRACECTL_PROC_CONN_H

#include "addr.h"
#include "core/env.h"
#include "json_writer.h"
#include "proc.h"

enum proc_conn_column {
	PROC_CONN_ID,
	PROC_CONN_ORIG,
	PROC_CONN_RESP,
	PROC_CONN_ORIG_STATE,
	PROC_CONN_RESP_STATE,
	PROC_CONN_MARKS,
	PROC_CONN_ORIG_ISS,
	PROC_CONN_ORIG_NXT,
	PROC_CONN_ORIG_ACK,
	PROC_CONN_RESP_ISS,
	PROC_CONN_RESP_NXT,
	PROC_CONN_RESP_ACK,
	PROC_CONN_ORIG_PACKETS,
	PROC_CONN_ORIG_SEGMENTS,
	PROC_CONN_ORIG_BYTES,
	PROC_CONN_ORIG_REXMIT,
	PROC_CONN_ORIG_FLAGS,
	PROC_CONN_RESP_PACKETS,
	PROC_CONN_RESP_SEGMENTS,
	PROC_CONN_RESP_BYTES,
	PROC_CONN_RESP_REXMIT,
	PROC_CONN_RESP_FLAGS,
	PROC_CONN_AGE,
	PROC_CONN_LEFT,
	PROC_CONN_ORIG_UID,
	PROC_CONN_ORIG_INODE,
	PROC_CONN_RESP_UID,
	PROC_CONN_RESP_INODE,
	PROC_CONN_FINDINGS,
	PROC_CONN_TUNNEL,
	PROC_CONN_COLUMNS,
};

/**
 * enum proc_conn_kind - what a column holds
 * @PROC_CONN_NUMBER: a decimal number, or "-" for unknown
 * @PROC_CONN_SECONDS: a decimal number with a fraction, or "-"
 * @PROC_CONN_WORD: text
 * @PROC_CONN_ENDPOINT: address and port
 * @PROC_CONN_LETTERS: a letter for each mark, or "-"
 * @PROC_CONN_BITS: 1 << enum tcptrace_finding, ORed, as a number
 * @PROC_CONN_TUNNELS: "type:id" of each tunnel, the outermost first, or "-"
 */
enum proc_conn_kind {
	PROC_CONN_NUMBER,
	PROC_CONN_SECONDS,
	PROC_CONN_WORD,
	PROC_CONN_ENDPOINT,
	PROC_CONN_LETTERS,
	PROC_CONN_BITS,
	PROC_CONN_TUNNELS,
};

/**
 * struct proc_conn_index - where the columns are in a table
 * @at: number of the column in the table, negative if it has none
 */
struct proc_conn_index {
	int at[PROC_CONN_COLUMNS];
};

/**
 * struct proc_conn - a connection
 * @cells: the text of each column, valid until the next line is read; NULL
 *	where the table has no such column
 * @addr: addresses of originator and responder
 * @port: their ports
 */
struct proc_conn {
	const char *cells[PROC_CONN_COLUMNS];
	struct addr addr[2];
	u16 port[2];
};

int proc_conn_index(struct proc_conn_index *index,
		    const struct proc_table *table, const char **missing);
int proc_conn_parse(struct proc_conn *row, const struct proc_conn_index *index,
		    const struct proc_table *table, const char **bad);
bool proc_conn_number(const struct proc_conn *row, enum proc_conn_column column,
		      u64 *value);
void proc_conn_json(struct json_writer *w, const struct proc_conn *row);

#endif /* _TCPTRACECTL_PROC_CONN_H */
