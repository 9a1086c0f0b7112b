// SPDX-License-Identifier: GPL-2.0
#include "record.h"

#include <errno.h>

static const size_t sizes[] = {
	[TCPTRACE_OPEN]		= sizeof(struct tcptrace_open),
	[TCPTRACE_STATE]	= sizeof(struct tcptrace_transition),
	[TCPTRACE_ESTABLISHED]	= sizeof(struct tcptrace_established),
	[TCPTRACE_SEGMENT]	= sizeof(struct tcptrace_segment),
	[TCPTRACE_CLOSE]	= sizeof(struct tcptrace_close),
	[TCPTRACE_LOST]		= sizeof(struct tcptrace_lost),
	[TCPTRACE_SUSPECTED]	= sizeof(struct tcptrace_suspected),
	[TCPTRACE_LIMIT]	= sizeof(struct tcptrace_limit),
	[TCPTRACE_FINDING]	= sizeof(struct tcptrace_finding_record),
	[TCPTRACE_ICMP]		= sizeof(struct tcptrace_icmp),
	[TCPTRACE_DROP]		= sizeof(struct tcptrace_drop),
};

static size_t known_size(unsigned int type)
{
	return type < ARRAY_SIZE(sizes) ? sizes[type] : 0;
}

/* Return: false for PAD, and for a type newer than this program. */
bool record_is_known(unsigned int type)
{
	return known_size(type) != 0;
}

/**
 * record_next - take the first record out of a buffer
 * @buf: where the record begins
 * @len: bytes in @buf
 * @rec: where the record goes; of an unknown type only the header
 * @step: where the distance to the next record goes
 *
 * A record may be longer than the struct that this program knows, what is
 * behind it is ignored; it may not be shorter.
 *
 * Return: 0; -EAGAIN if the end of the record is not in @buf; -EBADMSG if
 * it cannot be a record, @rec->h then has the bad header.
 */
int record_next(const u8 *buf, size_t len, union record *rec, size_t *step)
{
	size_t known;

	static_assert(sizeof(struct tcptrace_header) == 24, "layout of ABI");
	static_assert(sizeof(struct tcptrace_transition) == 120, "as above");
	static_assert(sizeof(struct tcptrace_close) == 968, "as above");
	if (len < sizeof(rec->h))
		return -EAGAIN;
	memset(rec, 0, sizeof(*rec));
	memcpy(&rec->h, buf, sizeof(rec->h));
	known = known_size(rec->h.type);
	if (rec->h.len < sizeof(rec->h) || rec->h.len < known ||
	    rec->h.len > RECORD_MAX || rec->h.len % 8 != 0)
		return -EBADMSG;
	if (len < rec->h.len)
		return -EAGAIN;
	memcpy(rec, buf, known ? known : sizeof(rec->h));
	*step = rec->h.len;
	return 0;
}
