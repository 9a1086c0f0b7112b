// SPDX-License-Identifier: GPL-2.0
#include "number.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/**
 * number_parse - an unsigned number
 * @text: the whole of it must be the number
 * @base: 10 or 16
 * @max: the largest number accepted
 * @value: where the number goes
 *
 * Return: 0, -EINVAL if it is no number, -ERANGE if it is too large.
 */
int number_parse(const char *text, int base, u64 max, u64 *value)
{
	const char *digits = base == 16 ? "0123456789abcdefABCDEF" :
			     "0123456789";
	unsigned long long n;
	char *end;

	/* strtoull() would take "-1", " 1" and "0x1". */
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
