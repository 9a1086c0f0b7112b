// SPDX-License-Identifier: GPL-2.0
#include "throughput.h"

#include <string.h>

/* Initial length of a span in ns. */
#define WIDTH_MIN	1000000ULL

/* Merge each pair of adjacent spans into one span. */
static void halve(struct throughput *s)
{
	u64 first = s->first / 2;
	size_t i, at;
	int line;

	for (i = 0; i < s->used; i++) {
		at = (size_t)((s->first + i) / 2 - first);
		for (line = 0; line < THROUGHPUT_LINES; line++) {
			u64 bytes = s->bytes[i][line];

			s->bytes[i][line] = 0;
			s->bytes[at][line] += bytes;
		}
	}
	s->used = (size_t)((s->first + s->used - 1) / 2 - first) + 1;
	s->first = first;
	s->width *= 2;
}

/* Add spans before the first. */
static void extend(struct throughput *s, u64 number)
{
	size_t n = (size_t)(s->first - number);

	memmove(&s->bytes[n], &s->bytes[0], s->used * sizeof(s->bytes[0]));
	memset(&s->bytes[0], 0, n * sizeof(s->bytes[0]));
	s->first = number;
	s->used += n;
}

/* Return: the number of spans in use if the span of @time is added. */
static u64 spans_with(const struct throughput *s, u64 time)
{
	u64 number = time / s->width, last = s->first + s->used - 1;
	u64 first = number < s->first ? number : s->first;

	return (number > last ? number : last) - first + 1;
}

/**
 * throughput_add - count bytes
 * @s: the counts; all zero before the first call
 * @time: when the bytes were seen, ns; can be earlier than in the previous call
 * @line: the line of the chart to which the bytes are added
 * @bytes: number of bytes
 */
void throughput_add(struct throughput *s, u64 time, enum throughput_line line, u64 bytes)
{
	u64 number;

	if (s->width == 0) {
		s->width = WIDTH_MIN;
		s->first = time / s->width;
		s->used = 1;
	}
	while (spans_with(s, time) > THROUGHPUT_SPANS)
		halve(s);
	number = time / s->width;
	if (number < s->first)
		extend(s, number);
	if (number - s->first >= s->used)
		s->used = (size_t)(number - s->first) + 1;
	s->bytes[number - s->first][line] += bytes;
}

/* Return: the largest sum of the bytes of both ends in one span. */
u64 throughput_max(const struct throughput *s)
{
	u64 max = 0;
	size_t i;
	u64 both;

	for (i = 0; i < s->used; i++) {
		both = s->bytes[i][THROUGHPUT_CLIENT] + s->bytes[i][THROUGHPUT_SERVER];
		max = both > max ? both : max;
	}
	return max;
}
