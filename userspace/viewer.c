// SPDX-License-Identifier: GPL-2.0
#include "viewer.h"

#include "json.h"
#include "loss.h"
#include "moment.h"
#include "output.h"
#include "term.h"
#include "writer.h"

#include <err.h>
#include <unistd.h>

/**
 * viewer_init - text, in colors if standard output is a terminal
 * @v: filled in
 */
void viewer_init(struct viewer *v)
{
	memset(v, 0, sizeof(*v));
	v->is_tty = isatty(STDOUT_FILENO);
	text_init(&v->text, moment_offset());
	v->text.color = term_has_color(TERM_AUTO);
}

static int print(struct viewer *v, const union record *rec, u64 frame)
{
	static struct writer writer;
	char buf[TEXT_LEN];
	int err;

	if (v->json) {
		json_event(&writer, rec, v->text.offset, frame);
		err = writer_line(&writer);
	} else {
		v->text.columns = v->is_tty ? term_columns() : 0;
		text_format(&v->text, rec, buf, sizeof(buf));
		err = output_line(buf);
	}
	return err || !v->flush ? err : output_flush();
}

static void count_lost(struct viewer *v, const struct tcptrace_lost *lost)
{
	char causes[LOSS_LEN];

	v->lost += lost->count;
	v->causes |= lost->causes;
	/* In a terminal the line in the stream is enough. */
	if (!v->is_tty)
		warnx("%llu record%s lost%s", (unsigned long long)lost->count,
		      lost->count == 1 ? "" : "s",
		      loss_causes(lost->causes, causes));
}

/**
 * viewer_show - show a record
 * @v: how
 * @rec: the record
 * @frame: number of its packet in a capture, or 0
 *
 * Return: 0, 1 when that was the last one wanted, or a negative error number.
 */
int viewer_show(struct viewer *v, const union record *rec, u64 frame)
{
	int err = print(v, rec, frame);

	if (rec->h.type == TCPTRACE_LOST)
		count_lost(v, &rec->lost);
	else
		v->events++;
	if (err)
		return err;
	return v->count && v->events >= v->count;
}
