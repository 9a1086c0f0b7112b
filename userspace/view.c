// SPDX-License-Identifier: GPL-2.0
#include "view.h"

#include "json_writer.h"
#include "names.h"
#include "output.h"
#include "timefmt.h"
#include "tty.h"

#include <err.h>
#include <unistd.h>

/* Set the defaults: text, with colours if tty_has_color() allows them. */
void view_init(struct view *v)
{
	memset(v, 0, sizeof(*v));
	v->is_tty = isatty(STDOUT_FILENO);
	view_text_init(&v->text, timefmt_offset());
	v->text.color = tty_has_color();
}

static int print(struct view *v, const union record *rec, u64 frame)
{
	static struct json_writer writer;
	char buf[TEXT_LEN];
	int err;

	if (v->json) {
		v->stamp.offset = v->text.offset;
		v->stamp.frame = frame;
		v->stamp.interface = v->text.interface;
		view_json(&writer, rec, &v->stamp);
		err = json_writer_line(&writer);
	} else {
		v->text.columns = v->is_tty ? tty_columns() : 0;
		view_text_format(&v->text, rec, buf, sizeof(buf));
		err = output_line(buf);
	}
	return err || !v->flush ? err : output_flush();
}

static void count_lost(struct view *v, const struct tcptrace_lost *lost)
{
	char causes[EVENT_LOST_LEN];

	v->lost += lost->count;
	v->causes |= lost->causes;
	/* On a terminal, the line of the LOST event is already visible. */
	if (!v->is_tty)
		warnx("%llu %s%s lost%s", (unsigned long long)lost->count,
		      event_lost_what(lost->causes), lost->count == 1 ? "" : "s",
		      event_lost_causes(lost->causes, causes));
}

/**
 * view_show - show a record
 * @v: the selection and the format
 * @rec: the record
 * @frame: number of the record's packet in a capture, or 0
 *
 * Return: 0, 1 after the last wanted record, or a negative error number.
 */
int view_show(struct view *v, const union record *rec, u64 frame)
{
	unsigned int type = rec->h.type;
	int err;

	if (v->conn && type != TCPTRACE_LOST &&
	    (type == TCPTRACE_LIMIT || rec->c.flow.conn != v->conn))
		return 0;
	if (v->quiet && type == TCPTRACE_SUSPECTED &&
	    !suspicions_first(&v->suspicions, &rec->suspected))
		return 0;
	if (type == TCPTRACE_CLOSE)
		v->text.suspicions = suspicions_find(&v->suspicions, &rec->c.flow);
	err = print(v, rec, frame);
	if (type == TCPTRACE_CLOSE)
		suspicions_forget(&v->suspicions, &rec->c.flow);
	if (type == TCPTRACE_LOST)
		count_lost(v, &rec->lost);
	else
		v->events++;
	if (err)
		return err;
	return (v->conn && type == TCPTRACE_CLOSE) ||
	       (v->count && v->events >= v->count);
}
