// SPDX-License-Identifier: GPL-2.0
#include "proc_conn.h"

#include "cgroup.h"
#include "container.h"
#include "core/name.h"
#include "names.h"
#include "number.h"
#include "user.h"

#include <ctype.h>
#include <errno.h>
#include <linux/tcptrace.h>
#include <stdint.h>
#include <stdio.h>

#define NS_PER_SEC	1000000000ULL

enum {
	TUNNEL_TYPE_MAX	= 15,
	TUNNEL_ID_MAX	= 10,	/* digits */
};

static const struct {
	const char *name;
	enum proc_conn_kind kind;
} columns[PROC_CONN_COLUMNS] = {
	[PROC_CONN_ID]		= { "id", PROC_CONN_NUMBER },
	[PROC_CONN_ORIG]		= { "orig", PROC_CONN_ENDPOINT },
	[PROC_CONN_RESP]		= { "resp", PROC_CONN_ENDPOINT },
	[PROC_CONN_ORIG_STATE]	= { "orig_state", PROC_CONN_WORD },
	[PROC_CONN_RESP_STATE]	= { "resp_state", PROC_CONN_WORD },
	[PROC_CONN_MARKS]		= { "marks", PROC_CONN_LETTERS },
	[PROC_CONN_ORIG_ISS]		= { "orig_iss", PROC_CONN_NUMBER },
	[PROC_CONN_ORIG_NXT]		= { "orig_nxt", PROC_CONN_NUMBER },
	[PROC_CONN_ORIG_ACK]		= { "orig_ack", PROC_CONN_NUMBER },
	[PROC_CONN_RESP_ISS]		= { "resp_iss", PROC_CONN_NUMBER },
	[PROC_CONN_RESP_NXT]		= { "resp_nxt", PROC_CONN_NUMBER },
	[PROC_CONN_RESP_ACK]		= { "resp_ack", PROC_CONN_NUMBER },
	[PROC_CONN_ORIG_PACKETS]	= { "orig_packets", PROC_CONN_NUMBER },
	[PROC_CONN_ORIG_SEGMENTS]	= { "orig_segments", PROC_CONN_NUMBER },
	[PROC_CONN_ORIG_BYTES]	= { "orig_bytes", PROC_CONN_NUMBER },
	[PROC_CONN_ORIG_REXMIT]	= { "orig_rexmit", PROC_CONN_NUMBER },
	[PROC_CONN_ORIG_FLAGS]	= { "orig_flags", PROC_CONN_WORD },
	[PROC_CONN_RESP_PACKETS]	= { "resp_packets", PROC_CONN_NUMBER },
	[PROC_CONN_RESP_SEGMENTS]	= { "resp_segments", PROC_CONN_NUMBER },
	[PROC_CONN_RESP_BYTES]	= { "resp_bytes", PROC_CONN_NUMBER },
	[PROC_CONN_RESP_REXMIT]	= { "resp_rexmit", PROC_CONN_NUMBER },
	[PROC_CONN_RESP_FLAGS]	= { "resp_flags", PROC_CONN_WORD },
	[PROC_CONN_AGE]		= { "age", PROC_CONN_SECONDS },
	[PROC_CONN_LEFT]		= { "left", PROC_CONN_SECONDS },
	[PROC_CONN_ORIG_UID]		= { "orig_uid", PROC_CONN_NUMBER },
	[PROC_CONN_ORIG_INODE]	= { "orig_inode", PROC_CONN_NUMBER },
	[PROC_CONN_RESP_UID]		= { "resp_uid", PROC_CONN_NUMBER },
	[PROC_CONN_RESP_INODE]	= { "resp_inode", PROC_CONN_NUMBER },
	[PROC_CONN_FINDINGS]		= { "findings", PROC_CONN_BITS },
	[PROC_CONN_ORIG_PID]		= { "orig_pid", PROC_CONN_NUMBER },
	[PROC_CONN_ORIG_COMM]		= { "orig_comm", PROC_CONN_NAME },
	[PROC_CONN_ORIG_CGROUP]	= { "orig_cgroup", PROC_CONN_NUMBER },
	[PROC_CONN_ORIG_COOKIE]	= { "orig_cookie", PROC_CONN_NUMBER },
	[PROC_CONN_RESP_PID]		= { "resp_pid", PROC_CONN_NUMBER },
	[PROC_CONN_RESP_COMM]		= { "resp_comm", PROC_CONN_NAME },
	[PROC_CONN_RESP_CGROUP]	= { "resp_cgroup", PROC_CONN_NUMBER },
	[PROC_CONN_RESP_COOKIE]	= { "resp_cookie", PROC_CONN_NUMBER },
	[PROC_CONN_ORIG_IN]		= { "orig_in", PROC_CONN_NUMBER },
	[PROC_CONN_ORIG_OUT]		= { "orig_out", PROC_CONN_NUMBER },
	[PROC_CONN_ORIG_VRF]		= { "orig_vrf", PROC_CONN_NUMBER },
	[PROC_CONN_ORIG_MARK]		= { "orig_mark", PROC_CONN_NUMBER },
	[PROC_CONN_RESP_IN]		= { "resp_in", PROC_CONN_NUMBER },
	[PROC_CONN_RESP_OUT]		= { "resp_out", PROC_CONN_NUMBER },
	[PROC_CONN_RESP_VRF]		= { "resp_vrf", PROC_CONN_NUMBER },
	[PROC_CONN_RESP_MARK]		= { "resp_mark", PROC_CONN_NUMBER },
	[PROC_CONN_ORIG_NAT]		= { "orig_nat", PROC_CONN_ALIAS },
	[PROC_CONN_RESP_NAT]		= { "resp_nat", PROC_CONN_ALIAS },
	[PROC_CONN_LIMITED_BY]	= { "limited_by", PROC_CONN_LIMIT },
	[PROC_CONN_SYN_SYNACK_NS]	= { "syn_synack_ns", PROC_CONN_NS },
	[PROC_CONN_SYNACK_ACK_NS]	= { "synack_ack_ns", PROC_CONN_NS },
	[PROC_CONN_ORIG_RESPONSES]	= { "orig_responses", PROC_CONN_NUMBER },
	[PROC_CONN_ORIG_RESPONSE_MIN_NS]	= { "orig_response_min_ns", PROC_CONN_NS },
	[PROC_CONN_ORIG_RESPONSE_MEAN_NS]	= { "orig_response_mean_ns", PROC_CONN_NS },
	[PROC_CONN_ORIG_RESPONSE_MAX_NS]	= { "orig_response_max_ns", PROC_CONN_NS },
	[PROC_CONN_ORIG_BUSY_NS]	= { "orig_busy_ns", PROC_CONN_NS },
	[PROC_CONN_ORIG_WINDOW_NS]	= { "orig_window_ns", PROC_CONN_NS },
	[PROC_CONN_ORIG_RTO_NS]	= { "orig_rto_ns", PROC_CONN_NS },
	[PROC_CONN_ORIG_FAST_NS]	= { "orig_fast_ns", PROC_CONN_NS },
	[PROC_CONN_RESP_RESPONSES]	= { "resp_responses", PROC_CONN_NUMBER },
	[PROC_CONN_RESP_RESPONSE_MIN_NS]	= { "resp_response_min_ns", PROC_CONN_NS },
	[PROC_CONN_RESP_RESPONSE_MEAN_NS]	= { "resp_response_mean_ns", PROC_CONN_NS },
	[PROC_CONN_RESP_RESPONSE_MAX_NS]	= { "resp_response_max_ns", PROC_CONN_NS },
	[PROC_CONN_RESP_BUSY_NS]	= { "resp_busy_ns", PROC_CONN_NS },
	[PROC_CONN_RESP_WINDOW_NS]	= { "resp_window_ns", PROC_CONN_NS },
	[PROC_CONN_RESP_RTO_NS]	= { "resp_rto_ns", PROC_CONN_NS },
	[PROC_CONN_RESP_FAST_NS]	= { "resp_fast_ns", PROC_CONN_NS },
	[PROC_CONN_TUNNEL]		= { "tunnel", PROC_CONN_TUNNELS },
	[PROC_CONN_ORIG_UNIQUE_BYTES]	= { "orig_unique_bytes", PROC_CONN_NUMBER },
	[PROC_CONN_ORIG_DELAYED_NS]	= { "orig_delayed_ns", PROC_CONN_NS },
	[PROC_CONN_ORIG_IDLE_NS]	= { "orig_idle_ns", PROC_CONN_NS },
	[PROC_CONN_ORIG_RESPONSE_HIST]	= { "orig_response_hist", PROC_CONN_HISTOGRAM },
	[PROC_CONN_RESP_UNIQUE_BYTES]	= { "resp_unique_bytes", PROC_CONN_NUMBER },
	[PROC_CONN_RESP_DELAYED_NS]	= { "resp_delayed_ns", PROC_CONN_NS },
	[PROC_CONN_RESP_IDLE_NS]	= { "resp_idle_ns", PROC_CONN_NS },
	[PROC_CONN_RESP_RESPONSE_HIST]	= { "resp_response_hist", PROC_CONN_HISTOGRAM },
};

static const struct {
	char letter;
	const char *name;
} marks[] = {
	{ 'M', "midstream" },
	{ 'G', "guessed" },
	{ 'S', "self" },
	{ 'H', "unconfirmed" },
	{ 'O', "one_way" },
	{ 'C', "closed" },
};

/* Return: the name of a mark; NULL if the letter is unknown. */
static const char *mark_name(char letter)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(marks); i++)
		if (marks[i].letter == letter)
			return marks[i].name;
	return NULL;
}

/* Return: the name of a column, as in the first line of /proc/net/tcptrace. */
const char *proc_conn_column_name(enum proc_conn_column column)
{
	return columns[column].name;
}

/* Return: what a column contains. */
enum proc_conn_kind proc_conn_column_kind(enum proc_conn_column column)
{
	return columns[column].kind;
}

/**
 * proc_conn_index - find the columns of a table
 * @index: set to the positions of the columns
 * @table: the table
 * @missing: set to the name of a required column that is missing
 *
 * The columns of the ends and of their states are required; any other column
 * may be missing.
 *
 * Return: 0 or -ENOENT.
 */
int proc_conn_index(struct proc_conn_index *index,
		    const struct proc_table *table, const char **missing)
{
	int i;

	for (i = 0; i < PROC_CONN_COLUMNS; i++)
		index->at[i] = proc_table_column(table, columns[i].name);
	for (i = PROC_CONN_ORIG; i <= PROC_CONN_RESP_STATE; i++) {
		if (index->at[i] >= 0)
			continue;
		*missing = columns[i].name;
		return -ENOENT;
	}
	return 0;
}

static int check_seconds(const char *cell)
{
	size_t whole = strspn(cell, "0123456789");
	size_t fraction;

	if (whole == 0)
		return -EINVAL;
	if (cell[whole] == '\0')
		return 0;
	fraction = strspn(cell + whole + 1, "0123456789");
	if (cell[whole] != '.' || fraction == 0)
		return -EINVAL;
	return cell[whole + 1 + fraction] == '\0' ? 0 : -EINVAL;
}

/*
 * Read the first tunnel, "type:id", of a comma-separated list. Return: the
 * length of its text; 0 if the list does not begin with a valid tunnel.
 */
static size_t read_tunnel(const char *p, char type[TUNNEL_TYPE_MAX + 1],
			  u64 *id)
{
	size_t len = strspn(p, "abcdefghijklmnopqrstuvwxyz0123456789");
	char digits[TUNNEL_ID_MAX + 1];
	size_t n;

	if (len == 0 || len > TUNNEL_TYPE_MAX || p[len] != ':')
		return 0;
	n = strspn(p + len + 1, "0123456789");
	if (n == 0 || n > TUNNEL_ID_MAX)
		return 0;
	snprintf(type, TUNNEL_TYPE_MAX + 1, "%.*s", (int)len, p);
	snprintf(digits, sizeof(digits), "%.*s", (int)n, p + len + 1);
	return number_parse(digits, 10, UINT32_MAX, id) == 0 ? len + 1 + n : 0;
}

static int check_tunnels(const char *cell)
{
	char type[TUNNEL_TYPE_MAX + 1];
	size_t len;
	u64 id;

	for (;; cell += len + 1) {
		len = read_tunnel(cell, type, &id);
		if (len == 0 || (cell[len] != ',' && cell[len] != '\0'))
			return -EINVAL;
		if (cell[len] == '\0')
			return 0;
	}
}

/*
 * Read a histogram; "-" stands for a histogram of zeros. Return: 0, or -EINVAL
 * if the cell does not have a number for each bucket.
 */
static int read_histogram(const char *cell, u32 buckets[TCPTRACE_RTT_BUCKETS])
{
	char digits[sizeof("4294967295")];
	unsigned int i;
	size_t len;
	u64 n;

	memset(buckets, 0, TCPTRACE_RTT_BUCKETS * sizeof(*buckets));
	if (strcmp(cell, "-") == 0)
		return 0;
	for (i = 0; i < TCPTRACE_RTT_BUCKETS; i++, cell += len + 1) {
		len = strspn(cell, "0123456789");
		if (len >= sizeof(digits) ||
		    cell[len] != (i + 1 < TCPTRACE_RTT_BUCKETS ? ',' : '\0'))
			return -EINVAL;
		snprintf(digits, sizeof(digits), "%.*s", (int)len, cell);
		if (number_parse(digits, 10, UINT32_MAX, &n) != 0)
			return -EINVAL;
		buckets[i] = (u32)n;
	}
	return 0;
}

static int check_cell(struct proc_conn *row, enum proc_conn_column column)
{
	const char *cell = row->cells[column];
	u32 buckets[TCPTRACE_RTT_BUCKETS];
	size_t end = column == PROC_CONN_RESP;
	u64 n;

	switch (columns[column].kind) {
	case PROC_CONN_ENDPOINT:
		return addr_parse_endpoint(cell, &row->addr[end],
					   &row->port[end]);
	case PROC_CONN_BITS:
	case PROC_CONN_LIMIT:
		return number_parse(cell, 10, UINT32_MAX, &n);
	case PROC_CONN_ALIAS:
		end = column == PROC_CONN_RESP_NAT;
		return strcmp(cell, "-") == 0 ? 0 :
		       addr_parse_endpoint(cell, &row->nat[end],
					   &row->nat_port[end]);
	case PROC_CONN_NUMBER:
	case PROC_CONN_NS:
		return strcmp(cell, "-") == 0 ? 0 :
		       number_parse(cell, 10, UINT64_MAX, &n);
	case PROC_CONN_SECONDS:
		return strcmp(cell, "-") == 0 ? 0 : check_seconds(cell);
	case PROC_CONN_TUNNELS:
		return strcmp(cell, "-") == 0 ? 0 : check_tunnels(cell);
	case PROC_CONN_HISTOGRAM:
		return read_histogram(cell, buckets);
	default:
		return 0;
	}
}

/**
 * proc_conn_parse - parse the last line read from a table
 * @row: set to the connection in that line
 * @index: the positions of the columns
 * @table: the table
 * @bad: set to the name of a column whose text cannot be parsed
 *
 * Return: 0 or a negative error number.
 */
int proc_conn_parse(struct proc_conn *row, const struct proc_conn_index *index,
		    const struct proc_table *table, const char **bad)
{
	int i, err;

	memset(row, 0, sizeof(*row));
	for (i = 0; i < PROC_CONN_COLUMNS; i++) {
		if (index->at[i] < 0)
			continue;
		row->cells[i] = table->cells[index->at[i]];
		err = check_cell(row, i);
		if (err) {
			*bad = columns[i].name;
			return err;
		}
	}
	return 0;
}

/* Read the number in a column. Return: false if it is unknown. */
bool proc_conn_number(const struct proc_conn *row, enum proc_conn_column column,
		      u64 *value)
{
	const char *cell = row->cells[column];

	return cell && number_parse(cell, 10, UINT64_MAX, value) == 0;
}

/**
 * proc_conn_name - decode the octal escapes of a name
 * @row: the connection
 * @column: the column of the name
 * @buf: set to the name, or to an empty string if the name is unknown;
 *	unprintable bytes become '?'
 * @size: size of @buf
 */
void proc_conn_name(const struct proc_conn *row, enum proc_conn_column column,
		    char *buf, size_t size)
{
	const char *p = row->cells[column];
	unsigned int c;
	size_t n = 0;
	int used;

	if (!p || strcmp(p, "-") == 0)
		p = "";
	for (; *p != '\0' && n + 1 < size; p += used) {
		used = 0;
		if (sscanf(p, "\\%3o%n", &c, &used) != 1 || used != 4) {
			c = (unsigned char)*p;
			used = 1;
		}
		buf[n++] = c < 0x80 && isprint((int)c) ? (char)c : '?';
	}
	buf[n] = '\0';
}

/* Return: what limited the connection; NULL if the table lacks the column. */
const char *proc_conn_limited(const struct proc_conn *row)
{
	u64 limit;

	return proc_conn_number(row, PROC_CONN_LIMITED_BY, &limit) ?
	       tcpt_limited_name((unsigned int)limit) : NULL;
}

/**
 * proc_conn_process - find the process at an end of a connection
 * @row: the connection
 * @end: 0: the originator; 1: the responder
 * @process: set to the process that sent a segment or, if no segment was sent
 *	in process context, to a process that has the socket open
 *
 * Return: false if the process is unknown.
 */
bool proc_conn_process(const struct proc_conn *row, unsigned int end,
		       struct process *process)
{
	u64 pid, inode;

	if (proc_conn_number(row, end ? PROC_CONN_RESP_PID : PROC_CONN_ORIG_PID,
			     &pid)) {
		process->pid = (u32)pid;
		proc_conn_name(row, end ? PROC_CONN_RESP_COMM :
			       PROC_CONN_ORIG_COMM, process->comm,
			       sizeof(process->comm));
		return true;
	}
	return proc_conn_number(row, end ? PROC_CONN_RESP_INODE :
				PROC_CONN_ORIG_INODE, &inode) &&
	       process_of_inode((u32)inode, process);
}

/**
 * proc_conn_goodput - compute an end's unique payload bytes per busy second
 * @row: the connection
 * @end: 0: the originator; 1: the responder
 * @value: set to the number of bytes per second
 *
 * Return: false if the number of bytes or the busy time is unknown.
 */
bool proc_conn_goodput(const struct proc_conn *row, unsigned int end,
		       u64 *value)
{
	unsigned __int128 scaled;
	u64 ns;

	if (!proc_conn_number(row, end ? PROC_CONN_RESP_UNIQUE_BYTES :
			      PROC_CONN_ORIG_UNIQUE_BYTES, value) ||
	    !proc_conn_number(row, end ? PROC_CONN_RESP_BUSY_NS :
			      PROC_CONN_ORIG_BUSY_NS, &ns))
		return false;
	scaled = *value;
	*value = ns ? (u64)(scaled * NS_PER_SEC / ns) : 0;
	return true;
}

/*
 * Check whether an end is on a different host or in a different network
 * namespace: its segments arrive on an interface, and it has no local owner.
 */
bool proc_conn_is_remote(const struct proc_conn *row, unsigned int end)
{
	u64 n;

	return proc_conn_number(row, end ? PROC_CONN_RESP_IN :
				PROC_CONN_ORIG_IN, &n) &&
	       !proc_conn_number(row, end ? PROC_CONN_RESP_UID :
				 PROC_CONN_ORIG_UID, &n);
}

static void add_marks(struct json_writer *w, const char *letters)
{
	const char *name;

	for (; *letters != '\0'; letters++) {
		name = mark_name(*letters);
		if (name)
			json_writer_word(w, name, "true");
	}
}

static void add_number(struct json_writer *w, const struct proc_conn *row,
		       enum proc_conn_column column)
{
	const char *name = columns[column].name;
	u64 n;

	if (proc_conn_number(row, column, &n))
		json_writer_u64(w, name, n);
	else
		json_writer_word(w, name, "null");
}

static void add_tunnels(struct json_writer *w, const char *name,
			const char *cell)
{
	char type[TUNNEL_TYPE_MAX + 1];
	size_t len;
	u64 id;

	if (strcmp(cell, "-") == 0)
		return;
	json_writer_open(w, name, '[');
	for (; (len = read_tunnel(cell, type, &id)); cell += len) {
		json_writer_tunnel(w, type, id);
		len += cell[len] == ',';
	}
	json_writer_close(w, ']');
}

static void add_findings(struct json_writer *w, const struct proc_conn *row)
{
	unsigned int i;
	u64 bits = 0;

	proc_conn_number(row, PROC_CONN_FINDINGS, &bits);
	json_writer_open(w, "findings", '[');
	for (i = 0; i < TCPTRACE_FINDINGS; i++)
		if (bits & 1U << i)
			json_writer_text(w, NULL, tcpt_finding_name(i));
	json_writer_close(w, ']');
}

static void add_column(struct json_writer *w, const struct proc_conn *row,
		       enum proc_conn_column column)
{
	const char *name = columns[column].name;
	const char *cell = row->cells[column];
	u32 buckets[TCPTRACE_RTT_BUCKETS];
	size_t end = column == PROC_CONN_RESP;
	char text[64];

	switch (columns[column].kind) {
	case PROC_CONN_NUMBER:
	case PROC_CONN_NS:
		add_number(w, row, column);
		break;
	case PROC_CONN_SECONDS:
		json_writer_word(w, name,
				 strcmp(cell, "-") == 0 ? "null" : cell);
		break;
	case PROC_CONN_WORD:
		json_writer_text(w, name, cell);
		break;
	case PROC_CONN_ENDPOINT:
		json_writer_endpoint(w, name, end ? "resp_port" : "orig_port",
				     &row->addr[end], row->port[end]);
		break;
	case PROC_CONN_LETTERS:
		add_marks(w, cell);
		break;
	case PROC_CONN_BITS:
		add_findings(w, row);
		break;
	case PROC_CONN_LIMIT:
		json_writer_text(w, name, proc_conn_limited(row));
		break;
	case PROC_CONN_NAME:
		proc_conn_name(row, column, text, sizeof(text));
		json_writer_text(w, name, text);
		break;
	case PROC_CONN_ALIAS:
		end = column == PROC_CONN_RESP_NAT;
		if (row->nat[end].family != 0)
			json_writer_endpoint(w, name, end ? "resp_nat_port" :
					     "orig_nat_port", &row->nat[end],
					     row->nat_port[end]);
		break;
	case PROC_CONN_TUNNELS:
		add_tunnels(w, name, cell);
		break;
	case PROC_CONN_HISTOGRAM:
		read_histogram(cell, buckets);
		json_writer_u32s(w, name, buckets, ARRAY_SIZE(buckets));
		break;
	}
}

/*
 * For each end, the columns that describe its owner, and the names of the JSON
 * members that are derived from these columns.
 */
static const struct {
	enum proc_conn_column uid, pid, comm, group;
	const char *user, *path, *container;
} owners[] = {
	{ PROC_CONN_ORIG_UID, PROC_CONN_ORIG_PID, PROC_CONN_ORIG_COMM,
	  PROC_CONN_ORIG_CGROUP, "orig_user", "orig_cgroup_path",
	  "orig_container" },
	{ PROC_CONN_RESP_UID, PROC_CONN_RESP_PID, PROC_CONN_RESP_COMM,
	  PROC_CONN_RESP_CGROUP, "resp_user", "resp_cgroup_path",
	  "resp_container" },
};

static bool is_process(enum proc_conn_column column)
{
	return column == PROC_CONN_ORIG_PID || column == PROC_CONN_ORIG_COMM ||
	       column == PROC_CONN_RESP_PID || column == PROC_CONN_RESP_COMM;
}

/* Write the process at an end; @process is NULL if it is unknown. */
static void add_process(struct json_writer *w, const struct proc_conn *row,
			unsigned int end, const struct process *process)
{
	const char *pid = columns[owners[end].pid].name;
	const char *name = columns[owners[end].comm].name;
	char comm[sizeof(process->comm) + 1];

	if (process) {
		json_writer_u64(w, pid, process->pid);
		json_writer_text(w, name,
				 event_printable(process->comm,
						 sizeof(process->comm), comm));
		return;
	}
	if (row->cells[owners[end].pid])
		json_writer_word(w, pid, "null");
	if (row->cells[owners[end].comm])
		json_writer_text(w, name, "");
}

static void add_owner(struct json_writer *w, const struct proc_conn *row,
		      unsigned int end)
{
	char container[CONTAINER_LEN];
	struct process process, *found;
	const char *path = NULL;
	u64 n;

	found = proc_conn_process(row, end, &process) ? &process : NULL;
	add_process(w, row, end, found);
	if (proc_conn_number(row, owners[end].uid, &n))
		json_writer_text(w, owners[end].user, user_name((u32)n));
	if (proc_conn_number(row, owners[end].group, &n))
		path = cgroup_path(n);
	if (path)
		json_writer_text(w, owners[end].path, path);
	if (container_find(path, found, container))
		json_writer_text(w, owners[end].container, container);
}

void proc_conn_json(struct json_writer *w, const struct proc_conn *row)
{
	unsigned int end;
	u64 conn, goodput;
	int i;

	json_writer_open(w, NULL, '{');
	if (proc_conn_number(row, PROC_CONN_ID, &conn))
		json_writer_u64(w, "conn", conn);
	for (i = 0; i < PROC_CONN_COLUMNS; i++)
		if (row->cells[i] && !is_process(i))
			add_column(w, row, i);
	for (end = 0; end < 2; end++) {
		add_owner(w, row, end);
		if (proc_conn_goodput(row, end, &goodput))
			json_writer_u64(w, end ? "resp_goodput" :
					"orig_goodput", goodput);
	}
	json_writer_close(w, '}');
}
