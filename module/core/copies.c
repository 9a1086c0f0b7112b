// SPDX-License-Identifier: GPL-2.0
/* Not in tcptrace.ko: each packet passes one of its hooks once. */
#include "copies.h"

/*
 * How much later a copy can come. A sender that repeats a segment sends it by
 * the same way, with another identification. Without one, time has to tell: a
 * retransmission takes longer.
 */
#define COPY_MAX	1000000000ULL	/* ns */
#define COPY_MAX_NO_ID	2000000ULL	/* ns */

/* Does the sender of a packet number its packets? Some have one for all. */
static bool has_id(const struct tcpt_copies *copies, u32 n,
		   const struct tcpt_sighting *packet)
{
	u32 i;

	for (i = 0; i < n && packet->id; i++)
		if (copies->last[i].sender == packet->sender &&
		    copies->last[i].id != packet->id)
			return true;
	return false;
}

static bool is_copy(const struct tcpt_sighting *a,
		    const struct tcpt_sighting *b, u64 max)
{
	u64 span = a->time < b->time ? b->time - a->time : a->time - b->time;

	return a->seq == b->seq && a->ack == b->ack && a->len == b->len &&
	       a->id == b->id && a->window == b->window &&
	       a->flags == b->flags && a->sender == b->sender &&
	       (a->ttl != b->ttl || a->vantage != b->vantage) &&
	       span <= max;
}

/**
 * tcpt_copies_see - was a packet seen before, at another place?
 * @copies: the last packets of its ends
 * @packet: the packet; it is remembered
 *
 * A copy has the same numbers and the same identification, but another TTL or
 * another link-layer header, or comes from another interface.
 *
 * Context: any; the caller keeps others off @copies.
 * Return: true if it is a copy.
 */
bool tcpt_copies_see(struct tcpt_copies *copies,
		     const struct tcpt_sighting *packet)
{
	u32 i, n = copies->n < TCPT_COPIES ? copies->n : TCPT_COPIES;
	u64 max = has_id(copies, n, packet) ? COPY_MAX : COPY_MAX_NO_ID;

	for (i = 0; i < n; i++)
		if (is_copy(&copies->last[i], packet, max))
			return true;
	copies->last[copies->n++ % TCPT_COPIES] = *packet;
	return false;
}
