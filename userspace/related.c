// SPDX-License-Identifier: GPL-2.0
#include "related.h"

#include "core/acceptable.h"
#include "tunnel.h"

#include <linux/tcptrace.h>

/* Maximum number of connections searched in a list, the newest first. */
#define RELATED_MAX	256

/*
 * Check whether an end of one flow and an end of another have the same address
 * and, if @port is set, the same port.
 */
static bool is_same(const struct tcpt_flow *a, unsigned int end_a,
		    const struct tcpt_flow *b, unsigned int end_b, bool port)
{
	return a->family == b->family && tunnel_network(a->zone) == tunnel_network(b->zone) &&
	       memcmp(a->addr[end_a], b->addr[end_b], sizeof(a->addr[0])) == 0 &&
	       (!port || a->port[end_a] == b->port[end_b]);
}

/*
 * Return: true if end @to of the connection would accept the RST, because the
 * RST has the sequence numbers of the other end.
 */
static bool fits(const struct conn *conn, unsigned int to,
		 const struct tcpt_segment *rst)
{
	const struct tcpt_endpoint *y = &conn->full->track.end[to ^ conn->orig];
	const struct tcpt_endpoint *x = &conn->full->track.end[!to ^ conn->orig];

	return x->packets && y->packets &&
	       tcpt_acceptable_rst(x, y, rst) == TCPT_CLASS_OK;
}

static struct conn *find_rst(const struct conn_list *list,
			     const struct conn *conn, unsigned int sender,
			     const struct tcpt_segment *rst, unsigned int *end)
{
	struct conn *other = list->newest;
	unsigned int n, to;

	for (n = 0; other && n < RELATED_MAX; n++, other = other->older) {
		if (other == conn || !other->id || other->known != CONN_FULL ||
		    other->full->track.marks & TCPT_MARK_SELF)
			continue;
		for (to = 0; to < 2; to++) {
			if (!is_same(&other->flow, to, &conn->flow, !sender,
				     true) || !fits(other, to, rst))
				continue;
			*end = !to ^ other->orig;
			return other;
		}
	}
	return NULL;
}

/**
 * related_stray_rst - find the connection of a RST that has the wrong source
 * @conns: the connections
 * @conn: the connection to which the RST belongs by its addresses and ports
 * @sender: the end of @conn that sent the RST
 * @rst: the RST
 * @end: set to the end whose sequence numbers the RST has: 0: originator; 1:
 *	responder
 *
 * A NAT that has forgotten a connection forwards a RST of this connection
 * untranslated.
 *
 * Return: a different connection, on which the receiver would accept the RST,
 * or NULL.
 */
struct conn *related_stray_rst(const struct conns *conns,
			       const struct conn *conn, unsigned int sender,
			       const struct tcpt_segment *rst,
			       unsigned int *end)
{
	struct conn *other = find_rst(&conns->ending, conn, sender, rst, end);

	return other ?: find_rst(&conns->open, conn, sender, rst, end);
}

static u32 older_than(const struct conn_list *list, const struct conn *conn)
{
	const struct conn *other = list->newest;
	const struct tcpt_endpoint *e;
	s32 ticks;
	unsigned int n;

	for (n = 0; other && n < RELATED_MAX; n++, other = other->older) {
		if (other == conn || other->known != CONN_FULL ||
		    !other->full->track.established)
			continue;
		e = &other->full->track.end[0];
		if (!(e->valid & TCPT_VALID_TSVAL) ||
		    !is_same(&other->flow, other->orig, &conn->flow,
			     conn->orig, false) ||
		    !is_same(&other->flow, !other->orig, &conn->flow,
			     !conn->orig, true))
			continue;
		ticks = (s32)(e->ts_recent - conn->full->track.syn_tsval);
		if (ticks > 0)
			return (u32)ticks;
	}
	return 0;
}

/**
 * related_older_syn - compare a SYN's timestamp with those of other connections
 * @conns: the connections
 * @conn: the connection of the SYN; only its SYNs were seen
 *
 * The SYN may be older than the last timestamp of an established connection
 * from the same address to the same server. A server that keeps one timestamp
 * per address (RFC 6191 section 2 for TIME-WAIT; Linux before 4.12 with
 * tcp_tw_recycle) drops such a SYN. Hosts behind a NAT share an address but
 * have different clocks.
 *
 * Return: by how many ticks the SYN is older; 0 if it is not older.
 */
u32 related_older_syn(const struct conns *conns, const struct conn *conn)
{
	const struct conn_list *const lists[] = {
		&conns->open, &conns->ending, &conns->remembered,
	};
	u32 ticks = 0;
	size_t i;

	if (!conn->full->track.syn_tsval)
		return 0;
	for (i = 0; i < ARRAY_SIZE(lists) && !ticks; i++)
		ticks = older_than(lists[i], conn);
	return ticks;
}
