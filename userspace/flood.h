/* SPDX-License-Identifier: GPL-2.0 */
/* Find a SYN flood in a capture: many half-open connections to one endpoint. */
#ifndef _TCPTRACECTL_FLOOD_H
#define _TCPTRACECTL_FLOOD_H

#include "conns.h"

enum {
	FLOOD_MIN	= 100,	/* fewer connections are not a flood */
};

/**
 * struct flood - the half-open connections to one endpoint
 * @half_open: number of half-open connections; 0 if there is no flood
 * @answered: number of half-open connections whose SYN was answered with a
 *	SYN,ACK
 * @first: time of the first segment of the oldest connection, ns
 * @last: time of the first segment of the newest connection, ns
 * @flow: addresses and ports of one of the connections, or NULL
 * @end: the end of @flow that is the endpoint
 */
struct flood {
	u64 half_open;
	u64 answered;
	u64 first;
	u64 last;
	const struct tcpt_flow *flow;
	unsigned int end;
};

void flood_find(struct flood *flood, const struct conn_list *open);

#endif /* _TCPTRACECTL_FLOOD_H */
