// SPDX-License-Identifier: GPL-2.0
#include "top_table.h"

#include "core/name.h"
#include "timefmt.h"

#include <linux/tcptrace.h>

#define NS_PER_SEC	1000000000ULL
#define NS_PER_US	1000ULL
#define US_PER_SEC	1000000ULL

static const char *const titles[TOP_COLUMNS] = {
	[TOP_COLUMN_GROUP]	= "GROUP",
	[TOP_COLUMN_CONNS]	= "CONNS",
	[TOP_COLUMN_NEW]	= "NEW/S",
	[TOP_COLUMN_CONN]	= "CONN",
	[TOP_COLUMN_PROCESS]	= "PROCESS",
	[TOP_COLUMN_ORIG]	= "ORIG",
	[TOP_COLUMN_RESP]	= "RESP",
	[TOP_COLUMN_STATES]	= "STATES",
	[TOP_COLUMN_ORIG_BYTES]	= "BYTES>/S",
	[TOP_COLUMN_RESP_BYTES]	= "<BYTES/S",
	[TOP_COLUMN_REXMIT]	= "REXMIT",
	[TOP_COLUMN_RTT]	= "RTT",
	[TOP_COLUMN_RESPONSE]	= "RESPONSE",
	[TOP_COLUMN_ODD]	= "ODD",
};

/*
 * In enum top_column, the columns of groups come first, then the columns of
 * connections, then the common columns.
 */
static bool is_shown(const struct top_table *table, enum top_column column)
{
	bool is_common = column > TOP_COLUMN_STATES;
	bool of_group = column < TOP_COLUMN_CONN;

	return !(table->hidden & 1U << column) &&
	       (is_common || of_group == (table->group != TOP_NO_GROUP));
}

static bool is_number(enum top_column column)
{
	switch (column) {
	case TOP_COLUMN_GROUP:
	case TOP_COLUMN_PROCESS:
	case TOP_COLUMN_ORIG:
	case TOP_COLUMN_RESP:
	case TOP_COLUMN_STATES:
	case TOP_COLUMN_ODD:
		return false;
	default:
		return true;
	}
}

/**
 * top_table_begin - print titles
 * @table: its options are set
 *
 * Return: 0 or a negative error number.
 */
int top_table_begin(struct top_table *table)
{
	unsigned int i;

	columns_init(&table->cols, " ");
	for (i = 0; i < TOP_COLUMNS; i++)
		if (is_shown(table, i))
			columns_add(&table->cols, titles[i], is_number(i));
	return columns_titles(&table->cols);
}

static double rate(const struct top_table *table, u64 n)
{
	return (double)n * (double)NS_PER_SEC / (double)table->length;
}

/* Return: the number of decimal places of a connection rate. */
static int digits(const struct top_table *table)
{
	return table->length != NS_PER_SEC;
}

static void put_bytes(const struct top_table *table, u64 bytes, char *to,
		      size_t size)
{
	static const char units[] = "kMGT";
	/* the product would overflow at 18 TB per interval */
	u64 n = bytes * US_PER_SEC / (table->length / NS_PER_US);
	double value;
	unsigned int i;

	if (!table->units || n < 1000) {
		snprintf(to, size, "%llu", (unsigned long long)n);
		return;
	}
	value = (double)n / 1000;
	for (i = 0; value >= 999.5 && units[i + 1]; i++)
		value /= 1000;
	snprintf(to, size, "%.*f%c", value < 9.95, value, units[i]);
}

static void put_rexmit(const struct top_row *row, char *to, size_t size)
{
	const struct top_counters *grown = &row->grown;
	u64 bytes = grown->bytes[0] + grown->bytes[1];
	u64 rexmit = grown->rexmit[0] + grown->rexmit[1];

	snprintf(to, size, "%.1f%%",
		 bytes ? 100.0 * (double)rexmit / (double)bytes : 0.0);
}

static void put_span(u64 ns, char *to, size_t size)
{
	if (ns)
		timefmt_span(ns, to, size);
	else
		snprintf(to, size, "-");
}

static const char *state_name(u8 state)
{
	return state < TCPTRACE_STATES ? tcpt_state_name(state) : "?";
}

static void put_states(const struct top_row *row, char *to, size_t size)
{
	const u8 *state = row->facts.state;

	if (state[0] == state[1])
		snprintf(to, size, "%s", state_name(state[0]));
	else
		snprintf(to, size, "%s/%s", state_name(state[0]),
			 state_name(state[1]));
}

/*
 * W: the window limited a sender in the interval; Z: zero window; U: unanswered
 */
static void put_odd(const struct top_row *row, char *to, size_t size)
{
	bool window = row->grown.window[0] || row->grown.window[1];
	bool zero = row->facts.findings & 1ULL << TCPTRACE_FINDING_ZERO_WINDOW;
	bool silent = row->facts.unanswered;

	snprintf(to, size, "%s%s%s%s", window ? "W" : "", zero ? "Z" : "",
		 silent ? "U" : "", window || zero || silent ? "" : "-");
}

static void put_cell(const struct top_table *table, const struct top_row *row,
		     enum top_column column, char *to, size_t size)
{
	switch (column) {
	case TOP_COLUMN_GROUP:
	case TOP_COLUMN_PROCESS:
		top_group_name(row, table->group, to, size);
		break;
	case TOP_COLUMN_CONNS:
		snprintf(to, size, "%llu", (unsigned long long)row->conns);
		break;
	case TOP_COLUMN_NEW:
		snprintf(to, size, "%.*f", digits(table),
			 rate(table, row->opened));
		break;
	case TOP_COLUMN_CONN:
		snprintf(to, size, "%llu", (unsigned long long)row->id);
		break;
	case TOP_COLUMN_ORIG:
	case TOP_COLUMN_RESP:
		addr_endpoint(&row->ends.addr[column == TOP_COLUMN_RESP],
			      row->ends.port[column == TOP_COLUMN_RESP], to,
			      size);
		break;
	case TOP_COLUMN_STATES:
		put_states(row, to, size);
		break;
	case TOP_COLUMN_ORIG_BYTES:
	case TOP_COLUMN_RESP_BYTES:
		put_bytes(table,
			  row->grown.bytes[column == TOP_COLUMN_RESP_BYTES], to,
			  size);
		break;
	case TOP_COLUMN_REXMIT:
		put_rexmit(row, to, size);
		break;
	case TOP_COLUMN_RTT:
		put_span(row->facts.rtt, to, size);
		break;
	case TOP_COLUMN_RESPONSE:
		put_span(row->facts.response, to, size);
		break;
	default:
		put_odd(row, to, size);
	}
}

/* Return: 0 or a negative error number. */
int top_table_row(struct top_table *table, const struct top_row *row)
{
	char text[ADDR_LEN];
	unsigned int i, n = 0;

	for (i = 0; i < TOP_COLUMNS; i++) {
		if (!is_shown(table, i))
			continue;
		put_cell(table, row, i, text, sizeof(text));
		columns_set(&table->cols, n++, "%s", text);
	}
	return columns_end_row(&table->cols);
}

/* Return: the title of the column of the sort key. */
const char *top_table_sorted(const struct top_table *table)
{
	static const enum top_column sorted[TOP_SORTS] = {
		[TOP_BYTES]	= TOP_COLUMN_ORIG_BYTES,
		[TOP_REXMIT]	= TOP_COLUMN_REXMIT,
		[TOP_RTT]	= TOP_COLUMN_RTT,
		[TOP_RESPONSE]	= TOP_COLUMN_RESPONSE,
		[TOP_WINDOW]	= TOP_COLUMN_ODD,
		[TOP_NEW]	= TOP_COLUMN_NEW,
	};

	return titles[sorted[table->sort]];
}

static size_t width_of(const struct columns *cols)
{
	size_t width = cols->columns ? cols->columns - 1 : 0;
	unsigned int i;

	for (i = 0; i < cols->columns; i++)
		width += cols->widths[i];
	return width;
}

/**
 * top_table_fit - hide a column if the rows are too wide
 * @table: format and rows; the rows are not printed yet
 * @width: width of the terminal in columns
 *
 * Return: true if a column was hidden; the caller must then call
 * top_table_begin(), which drops the rows, and add the rows again.
 */
bool top_table_fit(struct top_table *table, size_t width)
{
	static const enum top_column least[] = {
		TOP_COLUMN_RESPONSE, TOP_COLUMN_STATES, TOP_COLUMN_PROCESS,
		TOP_COLUMN_RTT, TOP_COLUMN_CONN, TOP_COLUMN_REXMIT,
	};
	unsigned int i;

	if (width_of(&table->cols) <= width)
		return false;
	for (i = 0; i < ARRAY_SIZE(least); i++) {
		if (!is_shown(table, least[i]) ||
		    titles[least[i]] == top_table_sorted(table))
			continue;
		table->hidden |= 1U << least[i];
		return true;
	}
	return false;
}

/**
 * top_table_header - write the time and the numbers of connections
 * @table: format of the rows
 * @wall: the time, ns since 1970
 * @sums: the numbers of connections
 * @to: buffer for the text
 * @size: size of @to
 */
void top_table_header(const struct top_table *table, u64 wall,
		      const struct top_sums *sums, char *to, size_t size)
{
	char when[TIMEFMT_LEN];

	timefmt_of_day(wall, when, sizeof(when));
	snprintf(to, size, "%.8s  %llu open  %.*f new/s  %.*f refused/s", when,
		 (unsigned long long)sums->open, digits(table),
		 rate(table, sums->opened), digits(table),
		 rate(table, sums->refused));
}
