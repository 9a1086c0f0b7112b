// SPDX-License-Identifier: GPL-2.0
#include "loss.h"

#include "core/name.h"

#include <stdio.h>

/**
 * loss_causes - causes in words, to stand after a number of lost records
 * @causes: 1 << enum tcptrace_lost_cause, OR; other bits are allowed
 * @buf: where to write them
 *
 * Return: @buf: ": full, position", or nothing if there is no cause.
 */
const char *loss_causes(u32 causes, char buf[LOSS_LEN])
{
	unsigned int cause, n = 0;

	buf[0] = '\0';
	for (cause = 0; cause < 32 && n < LOSS_LEN; cause++)
		if (causes & 1U << cause)
			n += (unsigned int)snprintf(buf + n, LOSS_LEN - n,
						    "%s%s", n ? ", " : ": ",
						    tcpt_lost_name(cause));
	return buf;
}

/**
 * loss_write - causes as an array of JSON
 * @w: the writer
 * @causes: 1 << enum tcptrace_lost_cause, OR; other bits are allowed
 */
void loss_write(struct writer *w, u32 causes)
{
	unsigned int cause;

	writer_open(w, "causes", '[');
	for (cause = 0; cause < 32; cause++)
		if (causes & 1U << cause)
			writer_text(w, NULL, tcpt_lost_name(cause));
	writer_close(w, ']');
}
