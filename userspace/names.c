// SPDX-License-Identifier: GPL-2.0
#include "names.h"

#include "core/name.h"
#include "record.h"

#include <ctype.h>
#include <errno.h>
#include <linux/tcptrace.h>
#include <stdio.h>

static const char *const names[] = {
	[TCPTRACE_OPEN]		= "open",
	[TCPTRACE_STATE]	= "state",
	[TCPTRACE_ESTABLISHED]	= "established",
	[TCPTRACE_SEGMENT]	= "segment",
	[TCPTRACE_CLOSE]	= "close",
	[TCPTRACE_LOST]		= "lost",
	[TCPTRACE_SUSPECTED]	= "suspected",
	[TCPTRACE_LIMIT]	= "limit",
	[TCPTRACE_FINDING]	= "finding",
	[TCPTRACE_ICMP]		= "icmp",
	[TCPTRACE_DROP]		= "drop",
	[TCPTRACE_OWNER]	= "owner",
};

/* Return: the name of an event; "?" if its type is unknown. */
const char *event_name(unsigned int type)
{
	return type < ARRAY_SIZE(names) && names[type] ? names[type] : "?";
}

/**
 * event_printable - make a string of a record printable
 * @from: the string; it may contain any bytes and need not be terminated
 * @room: size of @from
 * @buf: set to the printable string, at most @room + 1 bytes; unprintable bytes
 *	become '?'
 *
 * Return: @buf.
 */
const char *event_printable(const char *from, size_t room, char *buf)
{
	size_t i;

	for (i = 0; i < room && from[i] != '\0'; i++)
		buf[i] = isprint((unsigned char)from[i]) ? from[i] : '?';
	buf[i] = '\0';
	return buf;
}

/* Return: "orig" for 0, "resp" for 1, NULL for any other value. */
const char *event_end_name(unsigned int end)
{
	static const char *const ends[] = { "orig", "resp" };

	return end < ARRAY_SIZE(ends) ? ends[end] : NULL;
}

/* Return: the name of a cause of loss; "?" if the cause is unknown. */
const char *event_lost_name(unsigned int cause)
{
	return cause == RECORD_LOST_PACKETS ? "capture" : tcpt_lost_name(cause);
}

/* Return: what was lost, according to the causes: "packet" or "record". */
const char *event_lost_what(u32 causes)
{
	return causes & 1U << RECORD_LOST_PACKETS ? "packet" : "record";
}

/**
 * event_lost_causes - format the causes of a loss as the end of a message
 * @causes: bit mask (1 << enum tcptrace_lost_cause); other bits are allowed
 * @buf: set to the causes, as in ": full, position"; empty if there is no cause
 *
 * Return: @buf.
 */
const char *event_lost_causes(u32 causes, char buf[EVENT_LOST_LEN])
{
	unsigned int cause, n = 0;

	buf[0] = '\0';
	for (cause = 0; cause < 32 && n < EVENT_LOST_LEN; cause++)
		if (causes & 1U << cause)
			n += (unsigned int)snprintf(buf + n, EVENT_LOST_LEN - n,
						    "%s%s", n ? ", " : ": ",
						    event_lost_name(cause));
	return buf;
}

static bool is_word(const char *word, size_t len, const char *name)
{
	return len == strlen(name) && memcmp(word, name, len) == 0;
}

static u32 word_mask(const char *word, size_t len)
{
	size_t i;

	if (is_word(word, len, "all"))
		return TCPTRACE_MASK_ALL;
	if (is_word(word, len, "failures"))
		return TCPTRACE_MASK_FAILURES;
	if (is_word(word, len, "findings"))
		return TCPTRACE_MASK(TCPTRACE_FINDING);
	/* LOST events are always shown, so "lost" is not accepted. */
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i] && i != TCPTRACE_LOST &&
		    is_word(word, len, names[i]))
			return TCPTRACE_MASK(i);
	return 0;
}

/**
 * event_parse_list - parse the argument of --events
 * @list: names of events or of groups of events, separated by commas
 * @mask: set to the event mask, which always includes LOST
 * @bad: set to the unknown name, if there is one
 * @size: size of @bad
 *
 * Return: 0, or -EINVAL with @bad filled in.
 */
int event_parse_list(const char *list, u32 *mask, char *bad, size_t size)
{
	u32 sum = TCPTRACE_MASK(TCPTRACE_LOST);
	size_t len;
	u32 one;

	for (;; list += len + 1) {
		len = strcspn(list, ",");
		one = word_mask(list, len);
		if (one == 0) {
			snprintf(bad, size, "%.*s", (int)len, list);
			return -EINVAL;
		}
		sum |= one;
		if (list[len] == '\0')
			break;
	}
	*mask = sum;
	return 0;
}
