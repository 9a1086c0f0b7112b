// SPDX-License-Identifier: GPL-2.0
/*
 * These functions are cheaper than one seq_put_decimal_ull() for each column. A
 * line of /proc/net/tcptrace has more than sixty columns.
 */
#include "row.h"

#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/stdarg.h>
#include <linux/string.h>
#include <linux/string_helpers.h>

#define DIGITS_MAX	20	/* of a u64 */

/* above[n] is the smallest number, except 0, that has more than n digits. */
static const u64 above[DIGITS_MAX] = {
	1ULL, 10ULL, 100ULL, 1000ULL, 10000ULL, 100000ULL, 1000000ULL,
	10000000ULL, 100000000ULL, 1000000000ULL, 10000000000ULL,
	100000000000ULL, 1000000000000ULL, 10000000000000ULL,
	100000000000000ULL, 1000000000000000ULL, 10000000000000000ULL,
	100000000000000000ULL, 1000000000000000000ULL,
	10000000000000000000ULL,
};

/* two digits each, without a NUL */
static const char pairs[100][2] = {
	"00", "01", "02", "03", "04", "05", "06", "07", "08", "09",
	"10", "11", "12", "13", "14", "15", "16", "17", "18", "19",
	"20", "21", "22", "23", "24", "25", "26", "27", "28", "29",
	"30", "31", "32", "33", "34", "35", "36", "37", "38", "39",
	"40", "41", "42", "43", "44", "45", "46", "47", "48", "49",
	"50", "51", "52", "53", "54", "55", "56", "57", "58", "59",
	"60", "61", "62", "63", "64", "65", "66", "67", "68", "69",
	"70", "71", "72", "73", "74", "75", "76", "77", "78", "79",
	"80", "81", "82", "83", "84", "85", "86", "87", "88", "89",
	"90", "91", "92", "93", "94", "95", "96", "97", "98", "99",
};

/* @number is not 0. 1233 / 4096 approximates log10(2), the digits per bit. */
static unsigned int digits_of(u64 number)
{
	unsigned int n = fls64(number) * 1233 >> 12;

	return n + (number >= above[n]);
}

/**
 * tcpt_row_digits - append a decimal number of any size
 * @row: the line
 * @before: the byte before the number
 * @number: the number; not 0
 *
 * Context: any.
 */
void tcpt_row_digits(struct tcpt_row *row, char before, u64 number)
{
	unsigned int at, pair;

	if (row->len + 1 + DIGITS_MAX > TCPT_ROW_MAX)
		return;
	row->text[row->len++] = before;
	at = row->len + digits_of(number);
	row->len = at;
	while (number >= 10) {
		number = div_u64_rem(number, 100, &pair);
		at -= 2;
		memcpy(&row->text[at], pairs[pair], sizeof(pairs[pair]));
	}
	if (number)
		row->text[at - 1] = '0' + number;
}

/**
 * tcpt_row_word - append a blank and a word
 * @row: the line
 * @word: the word
 *
 * Context: any.
 */
void tcpt_row_word(struct tcpt_row *row, const char *word)
{
	const char *end = &row->text[TCPT_ROW_MAX];
	char *to = &row->text[row->len];

	if (to < end)
		*to++ = ' ';
	while (*word && to < end)
		*to++ = *word++;
	row->len = to - row->text;
}

/**
 * tcpt_row_escape - append a blank and any bytes, escaped as one word
 * @row: the line
 * @bytes: the bytes; blanks, backslashes and all bytes that are not printable
 *	ASCII become \ooo
 * @len: number of bytes
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
 * tcpt_row_printf - append formatted text; slow, so only for a few columns
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
