// SPDX-License-Identifier: GPL-2.0
/*
 * Cheaper than one seq_put_decimal_ull() for each column: a line of
 * /proc/net/tcptrace has more than sixty columns.
 */
#include "row.h"

#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/stdarg.h>
#include <linux/string.h>
#include <linux/string_helpers.h>

#define DIGITS_MAX	20	/* of a u64 */

/**
 * tcpt_row_number - a decimal number
 * @row: the line
 * @before: the byte before it
 * @number: the number
 *
 * Context: any.
 */
void tcpt_row_number(struct tcpt_row *row, char before, u64 number)
{
	char digits[DIGITS_MAX];
	unsigned int at = DIGITS_MAX;
	u32 pair;

	if (row->len + 1 + DIGITS_MAX > TCPT_ROW_MAX)
		return;
	row->text[row->len++] = before;
	/* true of most columns */
	if (number < 10) {
		row->text[row->len++] = '0' + number;
		return;
	}
	while (number >= 10) {
		number = div_u64_rem(number, 100, &pair);
		digits[--at] = '0' + pair % 10;
		digits[--at] = '0' + pair / 10;
	}
	if (number)
		digits[--at] = '0' + number;
	memcpy(&row->text[row->len], &digits[at], DIGITS_MAX - at);
	row->len += DIGITS_MAX - at;
}

/**
 * tcpt_row_word - a blank and a word
 * @row: the line
 * @word: the word
 *
 * Context: any.
 */
void tcpt_row_word(struct tcpt_row *row, const char *word)
{
	tcpt_row_char(row, ' ');
	for (; *word; word++)
		tcpt_row_char(row, *word);
}

/**
 * tcpt_row_escape - a blank and any bytes, as a word
 * @row: the line
 * @bytes: the bytes; unprintable ones, blanks and backslashes become \ooo
 * @len: how many bytes
 *
 * Context: any.
 */
void tcpt_row_escape(struct tcpt_row *row, const char *bytes, size_t len)
{
	if (row->len + 1 + 4 * len > TCPT_ROW_MAX)
		return;
	row->text[row->len++] = ' ';
	row->len += string_escape_mem(bytes, len, &row->text[row->len],
				      TCPT_ROW_MAX - row->len,
				      ESCAPE_NAP | ESCAPE_OCTAL | ESCAPE_APPEND,
				      " \\");
}

/**
 * tcpt_row_printf - append rare text, or text with its own format
 * @row: the line
 * @format: as for printk()
 *
 * Context: any.
 */
void tcpt_row_printf(struct tcpt_row *row, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	row->len += vscnprintf(&row->text[row->len], TCPT_ROW_MAX - row->len,
			       format, args);
	va_end(args);
}
