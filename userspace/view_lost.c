// SPDX-License-Identifier: GPL-2.0
#include "view_lost.h"

#include "core/name.h"

#include <stdio.h>

/**
 * view_lost_causes - causes in words, to stand after a number of lost records
 * @causes: 1 << enum tcptrace_lost_cause, OR; other bits are allowed
 * @buf: where to write them
 *
 * Return: @buf: ": full, position", or nothing if there is no cause.
 */
const char *view_lost_causes(u32 causes, char buf[VIEW_LOST_LEN])
{
	unsigned int cause, n = 0;

	buf[0] = '\0';
	for (cause = 0; cause < 32 && n < VIEW_LOST_LEN; cause++)
		if (causes & 1U << cause)
			n += (unsigned int)snprintf(buf + n, VIEW_LOST_LEN - n,
						    "%s%s", n ? ", " : ": ",
						    tcpt_lost_name(cause));
	return buf;
}

/**
 * view_lost_json - causes as an array of JSON
 * @w: the writer
 * @causes: 1 << enum tcptrace_lost_cause, OR; other bits are allowed
 */
void view_lost_json(struct json_writer *w, u32 causes)
{
	unsigned int cause;

	json_writer_open(w, "causes", '[');
	for (cause = 0; cause < 32; cause++)
		if (causes & 1U << cause)
			json_writer_text(w, NULL, tcpt_lost_name(cause));
	json_writer_close(w, ']');
}
