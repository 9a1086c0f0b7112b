// SPDX-License-Identifier: GPL-2.0
#include "number.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static unsigned int count_digits(u64 value)
{
	unsigned int n = 1;

	for (; value >= 10000; value /= 10000)
		n += 4;
	return n + (value >= 10) + (value >= 100) + (value >= 1000);
}

/**
 * number_put - write a number in decimal
 * @to: set to the digits, at most NUMBER_DIGITS, without a terminating NUL
 * @value: the number
 *
 * Return: the end of the digits.
 */
char *number_put(char *to, u64 value)
{
	char *end, *p;

	/* most numbers are small */
	if (value < 10) {
		*to = (char)('0' + value);
		return to + 1;
	}
	end = to + count_digits(value);
	for (p = end; p > to; value /= 10)
		*--p = (char)('0' + value % 10);
	return end;
}

/**
 * number_parse - parse an unsigned number
 * @text: the text, which must contain nothing but the number
 * @base: 10 or 16
 * @max: the largest number accepted
 * @value: set to the number
 *
 * Return: 0; -EINVAL if @text is not a number; -ERANGE if it exceeds @max.
 */
int number_parse(const char *text, int base, u64 max, u64 *value)
{
	const char *digits = base == 16 ? "0123456789abcdefABCDEF" :
			     "0123456789";
	unsigned long long n;
	char *end;

	/* strtoull() would accept "-1", " 1" and "0x1". */
	if (text[strspn(text, digits)] != '\0')
		return -EINVAL;
	errno = 0;
	n = strtoull(text, &end, base);
	if (end == text || *end != '\0')
		return -EINVAL;
	if (errno == ERANGE || n > max)
		return -ERANGE;
	*value = n;
	return 0;
}
