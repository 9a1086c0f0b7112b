// SPDX-License-Identifier: GPL-2.0
#include "filter.h"

#include "core/name.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include <linux/tcptrace.h>

/* How ss and netstat spell what RFC 9293 spells otherwise. */
static const struct {
	const char *name;
	enum tcptrace_state state;
} aliases[] = {
	{ "ESTAB", TCPTRACE_ESTAB },
	{ "SYN_RECV", TCPTRACE_SYN_RECEIVED },
	{ "SYN_RCVD", TCPTRACE_SYN_RECEIVED },
	{ "FIN_WAIT1", TCPTRACE_FIN_WAIT_1 },
	{ "FIN_WAIT2", TCPTRACE_FIN_WAIT_2 },
	{ "CLOSE", TCPTRACE_CLOSED },
	{ "UNCONN", TCPTRACE_CLOSED },
};

/* Return: enum tcptrace_state, TCPTRACE_STATES for no state. */
static unsigned int find_state(const char *name)
{
	unsigned int i;

	for (i = 0; i < TCPTRACE_STATES; i++)
		if (strcmp(name, tcpt_state_name(i)) == 0)
			return i;
	for (i = 0; i < ARRAY_SIZE(aliases); i++)
		if (strcmp(name, aliases[i].name) == 0)
			return aliases[i].state;
	return TCPTRACE_STATES;
}

static unsigned int parse_state(const char *word, size_t len)
{
	char name[32];
	size_t i;

	if (len >= sizeof(name))
		return TCPTRACE_STATES;
	for (i = 0; i < len; i++)
		name[i] = word[i] == '-' ? '_' :
			  (char)toupper((unsigned char)word[i]);
	name[len] = '\0';
	return find_state(name);
}

/**
 * filter_parse_states - the argument of --state
 * @filter: where the states go, with those that are there
 * @list: names separated by commas
 * @bad: where a name that is none goes
 * @size: size of @bad
 *
 * Return: 0, or -EINVAL with @bad filled in.
 */
int filter_parse_states(struct filter *filter, const char *list, char *bad,
			size_t size)
{
	unsigned int state;
	size_t len;

	for (;; list += len + 1) {
		len = strcspn(list, ",");
		state = parse_state(list, len);
		if (state == TCPTRACE_STATES) {
			snprintf(bad, size, "%.*s", (int)len, list);
			return -EINVAL;
		}
		filter->states |= 1U << state;
		if (list[len] == '\0')
			return 0;
	}
}

static bool match_state(const struct filter *filter, const char *name)
{
	unsigned int state = find_state(name);

	return state < TCPTRACE_STATES && filter->states & 1U << state;
}

/**
 * filter_match - whether a connection is wanted
 * @filter: the filter
 * @row: the connection
 *
 * Return: true if one end or the other has each thing asked for.
 */
bool filter_match(const struct filter *filter, const struct row *row)
{
	if (filter->states &&
	    !match_state(filter, row->cells[ROW_ORIG_STATE]) &&
	    !match_state(filter, row->cells[ROW_RESP_STATE]))
		return false;
	if (filter->has_port && row->port[0] != filter->port &&
	    row->port[1] != filter->port)
		return false;
	return !filter->has_addr ||
	       addr_in_prefix(&row->addr[0], &filter->addr, filter->bits) ||
	       addr_in_prefix(&row->addr[1], &filter->addr, filter->bits);
}
