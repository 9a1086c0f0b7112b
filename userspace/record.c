// SPDX-License-Identifier: GPL-2.0
#include "record.h"

#include <errno.h>

/**
 * struct layout - lengths of the records of a type
 * @first: length in the first ABI with this type (for most types, that of
 *	tests/uapi/v1); no module writes a shorter record
 * @now: length of the struct in this program
 */
struct layout {
	size_t first;
	size_t now;
};

static const struct layout layouts[] = {
	[TCPTRACE_OPEN]		= { 112, sizeof(struct tcptrace_open) },
	[TCPTRACE_STATE]	= { 120, sizeof(struct tcptrace_transition) },
	[TCPTRACE_ESTABLISHED]	= { 152, sizeof(struct tcptrace_established) },
	[TCPTRACE_SEGMENT]	= { 184, sizeof(struct tcptrace_segment) },
	[TCPTRACE_CLOSE]	= { 968, sizeof(struct tcptrace_close) },
	[TCPTRACE_LOST]		= { 56, sizeof(struct tcptrace_lost) },
	[TCPTRACE_SUSPECTED]	= { 144, sizeof(struct tcptrace_suspected) },
	[TCPTRACE_LIMIT]	= { 88, sizeof(struct tcptrace_limit) },
	[TCPTRACE_FINDING]	= { 120, sizeof(struct tcptrace_finding_record) },
	[TCPTRACE_ICMP]		= { 136, sizeof(struct tcptrace_icmp) },
	[TCPTRACE_DROP]		= { 216, sizeof(struct tcptrace_drop) },
	[TCPTRACE_OWNER]	= { 160, sizeof(struct tcptrace_owner_record) },
};

/* Return: false if the type is PAD or is newer than this program. */
bool record_is_known(unsigned int type)
{
	return type < ARRAY_SIZE(layouts) && layouts[type].now != 0;
}

/* Return: the lengths for a type; for an unknown type, those of the header. */
static struct layout layout_of(unsigned int type)
{
	const struct layout header = { sizeof(struct tcptrace_header),
				       sizeof(struct tcptrace_header) };

	return record_is_known(type) ? layouts[type] : header;
}

/**
 * record_next - read the first record of a buffer
 * @buf: the buffer, which begins with the record
 * @len: number of bytes in @buf
 * @rec: set to the record; if its type is unknown, only to its header
 * @step: set to the length of the record in @buf
 *
 * A newer module's record may be longer than this program's struct: the rest is
 * ignored. An older module's record may be shorter: the missing fields are set
 * to zero, and @rec->h.len is set to the length of this program's struct.
 *
 * Return: 0; -EAGAIN if @buf has only a part of the record; -EBADMSG if @buf
 * does not begin with a valid record: the invalid header is in @rec->h.
 */
int record_next(const u8 *buf, size_t len, union record *rec, size_t *step)
{
	struct layout layout;

	static_assert(sizeof(struct tcptrace_header) == 24, "layout of ABI");
	static_assert(sizeof(struct tcptrace_transition) == 120, "as above");
	static_assert(sizeof(struct tcptrace_close) == 1480, "as above");
	if (len < sizeof(rec->h))
		return -EAGAIN;
	memset(rec, 0, sizeof(*rec));
	memcpy(&rec->h, buf, sizeof(rec->h));
	layout = layout_of(rec->h.type);
	if (rec->h.len < layout.first || rec->h.len > RECORD_MAX ||
	    rec->h.len % 8 != 0)
		return -EBADMSG;
	if (len < rec->h.len)
		return -EAGAIN;
	*step = rec->h.len;
	memcpy(rec, buf, *step < layout.now ? *step : layout.now);
	/* a copy of h.len bytes must contain all fields */
	if (rec->h.len < layout.now)
		rec->h.len = layout.now;
	return 0;
}
