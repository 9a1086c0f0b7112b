/* SPDX-License-Identifier: GPL-2.0 */
/* Parse /proc/net/tcptrace: a header, and then one line per connection. */
#ifndef _TCPTRACECTL_PROC_CONN_H
#define _TCPTRACECTL_PROC_CONN_H

#include "addr.h"
#include "core/env.h"
#include "json_writer.h"
#include "proc.h"
#include "process.h"

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
	PROC_CONN_ORIG_PID,
	PROC_CONN_ORIG_COMM,
	PROC_CONN_ORIG_CGROUP,
	PROC_CONN_ORIG_COOKIE,
	PROC_CONN_RESP_PID,
	PROC_CONN_RESP_COMM,
	PROC_CONN_RESP_CGROUP,
	PROC_CONN_RESP_COOKIE,
	PROC_CONN_ORIG_IN,
	PROC_CONN_ORIG_OUT,
	PROC_CONN_ORIG_VRF,
	PROC_CONN_ORIG_MARK,
	PROC_CONN_RESP_IN,
	PROC_CONN_RESP_OUT,
	PROC_CONN_RESP_VRF,
	PROC_CONN_RESP_MARK,
	PROC_CONN_ORIG_NAT,
	PROC_CONN_RESP_NAT,
	PROC_CONN_LIMITED_BY,
	PROC_CONN_SYN_SYNACK_NS,
	PROC_CONN_SYNACK_ACK_NS,
	PROC_CONN_ORIG_RESPONSES,
	PROC_CONN_ORIG_RESPONSE_MIN_NS,
	PROC_CONN_ORIG_RESPONSE_MEAN_NS,
	PROC_CONN_ORIG_RESPONSE_MAX_NS,
	PROC_CONN_ORIG_BUSY_NS,
	PROC_CONN_ORIG_WINDOW_NS,
	PROC_CONN_ORIG_RTO_NS,
	PROC_CONN_ORIG_FAST_NS,
	PROC_CONN_RESP_RESPONSES,
	PROC_CONN_RESP_RESPONSE_MIN_NS,
	PROC_CONN_RESP_RESPONSE_MEAN_NS,
	PROC_CONN_RESP_RESPONSE_MAX_NS,
	PROC_CONN_RESP_BUSY_NS,
	PROC_CONN_RESP_WINDOW_NS,
	PROC_CONN_RESP_RTO_NS,
	PROC_CONN_RESP_FAST_NS,
	PROC_CONN_TUNNEL,
	PROC_CONN_ORIG_UNIQUE_BYTES,
	PROC_CONN_ORIG_DELAYED_NS,
	PROC_CONN_ORIG_IDLE_NS,
	PROC_CONN_ORIG_RESPONSE_HIST,
	PROC_CONN_RESP_UNIQUE_BYTES,
	PROC_CONN_RESP_DELAYED_NS,
	PROC_CONN_RESP_IDLE_NS,
	PROC_CONN_RESP_RESPONSE_HIST,
	PROC_CONN_COLUMNS,
};

/**
 * enum proc_conn_kind - what a column contains
 * @PROC_CONN_NUMBER: a decimal number, or "-" if it is unknown
 * @PROC_CONN_NS: a time in nanoseconds, or "-"; the column name ends with "_ns"
 * @PROC_CONN_SECONDS: a decimal number with a fraction, or "-"
 * @PROC_CONN_WORD: text
 * @PROC_CONN_ENDPOINT: address and port
 * @PROC_CONN_LETTERS: a letter for each mark, or "-"
 * @PROC_CONN_BITS: bit mask (1 << enum tcptrace_finding), as a number
 * @PROC_CONN_LIMIT: enum tcptrace_limited, as a number
 * @PROC_CONN_NAME: text, or "-"; an escape is a backslash and three octal
 *	digits
 * @PROC_CONN_ALIAS: address and port, or "-"
 * @PROC_CONN_TUNNELS: "type:id" of each tunnel, the outermost first, or "-"
 * @PROC_CONN_HISTOGRAM: TCPTRACE_RTT_BUCKETS numbers, separated by commas, or
 *	"-"
 */
enum proc_conn_kind {
	PROC_CONN_NUMBER,
	PROC_CONN_NS,
	PROC_CONN_SECONDS,
	PROC_CONN_WORD,
	PROC_CONN_ENDPOINT,
	PROC_CONN_LETTERS,
	PROC_CONN_BITS,
	PROC_CONN_LIMIT,
	PROC_CONN_NAME,
	PROC_CONN_ALIAS,
	PROC_CONN_TUNNELS,
	PROC_CONN_HISTOGRAM,
};

/**
 * struct proc_conn_index - the positions of the columns in a table
 * @at: number of each column in the table; negative if the table lacks it
 */
struct proc_conn_index {
	int at[PROC_CONN_COLUMNS];
};

/**
 * struct proc_conn - a connection
 * @cells: the text in each column, valid until the next line is read; NULL if
 *	the table lacks the column
 * @addr: addresses of the originator and the responder
 * @port: ports of the originator and the responder
 * @nat: addresses of the originator and the responder after NAT, as the other
 *	end sees them; family 0: no translation of the address or the port is
 *	known
 * @nat_port: ports of the originator and the responder after NAT
 */
struct proc_conn {
	const char *cells[PROC_CONN_COLUMNS];
	struct addr addr[2];
	u16 port[2];
	struct addr nat[2];
	u16 nat_port[2];
};

const char *proc_conn_column_name(enum proc_conn_column column);
enum proc_conn_kind proc_conn_column_kind(enum proc_conn_column column);
int proc_conn_index(struct proc_conn_index *index,
		    const struct proc_table *table, const char **missing);
int proc_conn_parse(struct proc_conn *row, const struct proc_conn_index *index,
		    const struct proc_table *table, const char **bad);
bool proc_conn_number(const struct proc_conn *row, enum proc_conn_column column,
		      u64 *value);
void proc_conn_name(const struct proc_conn *row, enum proc_conn_column column,
		    char *buf, size_t size);
const char *proc_conn_limited(const struct proc_conn *row);
bool proc_conn_process(const struct proc_conn *row, unsigned int end,
		       struct process *process);
bool proc_conn_goodput(const struct proc_conn *row, unsigned int end,
		       u64 *value);
bool proc_conn_is_remote(const struct proc_conn *row, unsigned int end);
void proc_conn_json(struct json_writer *w, const struct proc_conn *row);

#endif /* _TCPTRACECTL_PROC_CONN_H */
