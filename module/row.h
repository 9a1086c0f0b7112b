/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPT_ROW_H
#define TCPT_ROW_H

#include <linux/compiler_attributes.h>
#include <linux/types.h>

/* bytes; more than a line needs even if every column has its longest value */
#define TCPT_ROW_MAX	3072

/**
 * struct tcpt_row - a line of text under construction
 * @len: number of bytes in @text
 * @text: the columns so far, each preceded by a blank; no NUL at the end
 *
 * Text that does not fit is left out.
 */
struct tcpt_row {
	unsigned int len;
	char text[TCPT_ROW_MAX];
};

/**
 * tcpt_row_char - append one byte
 * @row: the line
 * @c: the byte
 *
 * Context: any.
 */
static inline void tcpt_row_char(struct tcpt_row *row, char c)
{
	if (row->len < TCPT_ROW_MAX)
		row->text[row->len++] = c;
}

/**
 * tcpt_row_two - append two bytes
 * @row: the line
 * @a: the first byte
 * @b: the second byte
 *
 * Context: any.
 */
static inline void tcpt_row_two(struct tcpt_row *row, char a, char b)
{
	unsigned int len = row->len;

	if (len + 2 > TCPT_ROW_MAX)
		return;
	row->text[len] = a;
	row->text[len + 1] = b;
	row->len = len + 2;
}

void tcpt_row_digits(struct tcpt_row *row, char before, u64 number);

/**
 * tcpt_row_number - append a decimal number
 * @row: the line
 * @before: the byte before the number
 * @number: the number
 *
 * The function is fast for numbers of one digit, the most frequent ones.
 *
 * Context: any.
 */
static inline void tcpt_row_number(struct tcpt_row *row, char before,
				   u64 number)
{
	if (number < 10)
		tcpt_row_two(row, before, '0' + number);
	else
		tcpt_row_digits(row, before, number);
}

void tcpt_row_word(struct tcpt_row *row, const char *word);
void tcpt_row_escape(struct tcpt_row *row, const char *bytes, size_t len);
__printf(2, 3)
void tcpt_row_printf(struct tcpt_row *row, const char *format, ...);

#endif
