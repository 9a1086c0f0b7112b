/* SPDX-License-Identifier: GPL-2.0 */
/* Which connections to list. */
#ifndef _TCPTRACECTL_FILTER_H
#define _TCPTRACECTL_FILTER_H

#include "row.h"

/**
 * struct filter - what both of a connection's ends are compared with
 * @states: bits 1 << enum tcptrace_state, 0: any state
 * @has_port: @port counts
 * @port: a port
 * @has_addr: @addr counts
 * @addr: an address
 * @bits: how many of its bits count
 */
struct filter {
	u32 states;
	bool has_port;
	u16 port;
	bool has_addr;
	struct addr addr;
	unsigned int bits;
};

int filter_parse_states(struct filter *filter, const char *list, char *bad,
			size_t size);
bool filter_match(const struct filter *filter, const struct row *row);

#endif /* _TCPTRACECTL_FILTER_H */
