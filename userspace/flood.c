// SPDX-License-Identifier: GPL-2.0
#include "flood.h"

static bool is_half_open(const struct conn *conn)
{
	unsigned int marks;

	if (conn->known == CONN_SYN)
		return true;
	marks = conn->full->track.marks;
	return marks & TCPT_MARK_HANDSHAKE &&
	       !(marks & (TCPT_MARK_CONFIRMED | TCPT_MARK_CLOSED));
}

static bool is_target(const struct flood *flood, const struct conn *conn)
{
	unsigned int end = !conn->orig;

	return flood->flow->port[flood->end] == conn->flow.port[end] &&
	       memcmp(flood->flow->addr[flood->end], conn->flow.addr[end],
		      sizeof(conn->flow.addr[end])) == 0;
}

/*
 * Choose a candidate by a majority vote: if an endpoint has more than half of
 * the half-open connections, it becomes the candidate.
 */
static void find_candidate(struct flood *flood, const struct conn_list *open)
{
	const struct conn *conn;
	u64 votes = 0;

	for (conn = open->oldest; conn; conn = conn->newer) {
		if (!is_half_open(conn))
			continue;
		if (votes == 0) {
			flood->flow = &conn->flow;
			flood->end = !conn->orig;
		}
		if (is_target(flood, conn))
			votes++;
		else
			votes--;
	}
}

static void add(struct flood *flood, const struct conn *conn)
{
	bool only_syn = conn->known == CONN_SYN;
	u64 first = only_syn ? conn->syn.request.time :
			       conn->full->track.first;

	if (!flood->half_open || first < flood->first)
		flood->first = first;
	if (first > flood->last)
		flood->last = first;
	flood->half_open++;
	flood->answered += !only_syn && conn->full->track.synack != 0;
}

/**
 * flood_find - find an endpoint with many half-open connections
 * @flood: filled in
 * @open: the open connections; @flood->flow is set to the flow of one of them,
 *	or to NULL
 *
 * An endpoint is found if it has at least FLOOD_MIN half-open connections and
 * more than half of all half-open connections. If no endpoint has more than
 * half, any endpoint with at least FLOOD_MIN may be found.
 */
void flood_find(struct flood *flood, const struct conn_list *open)
{
	const struct conn *conn;

	memset(flood, 0, sizeof(*flood));
	find_candidate(flood, open);
	for (conn = open->oldest; flood->flow && conn; conn = conn->newer)
		if (is_half_open(conn) && is_target(flood, conn))
			add(flood, conn);
	if (flood->half_open < FLOOD_MIN)
		flood->half_open = 0;
}
