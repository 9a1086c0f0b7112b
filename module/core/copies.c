// SPDX-License-Identifier: GPL-2.0
#include "copies.h"

#include "endpoint.h"
#include "segment.h"
#include "seq.h"

/*
 * Maximum time between two copies of a packet. A retransmission usually has a
 * different IP ID and a different timestamp. Without these fields, only the
 * delay distinguishes a copy from a retransmission: a retransmission comes
 * later.
 */
#define COPY_MAX	1000000000ULL	/* ns */
#define COPY_MAX_NO_ID	2000000ULL	/* ns */

/*
 * Does the sender of a packet change the IP ID? Some senders use one IP ID for
 * all packets.
 */
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

static u64 span_of(u64 a, u64 b)
{
	return a < b ? b - a : a - b;
}

static bool is_same(const struct tcpt_sighting *a,
		    const struct tcpt_sighting *b)
{
	return a->seq == b->seq && a->ack == b->ack && a->len == b->len &&
	       a->id == b->id && a->window == b->window &&
	       a->tsval == b->tsval && a->flags == b->flags &&
	       a->sender == b->sender &&
	       (a->ttl != b->ttl || a->vantage != b->vantage);
}

/**
 * tcpt_copies_fill - fill in the fields that the copies of a segment share
 * @packet: filled in, except for time, vantage, TTL and sender
 * @seg: the segment
 *
 * Context: any.
 */
void tcpt_copies_fill(struct tcpt_sighting *packet,
		      const struct tcpt_segment *seg)
{
	*packet = (struct tcpt_sighting) {
		.seq = seg->seq,
		.ack = seg->ack,
		.len = seg->len,
		.tsval = seg->opt.present & TCPTRACE_OPT_TIMESTAMP ?
			 seg->opt.tsval : 0,
		.id = seg->id,
		.window = seg->window,
		.flags = seg->flags,
	};
}

/**
 * tcpt_copies_see - check whether a packet was seen before at a different place
 * @copies: the last packets of both ends
 * @packet: the packet; it is added to @copies unless it is a copy
 *
 * A copy differs from the other packet in vantage, in TTL, or in both. Of the
 * other fields, only the time may differ, and only a little.
 *
 * Context: any; the caller serializes access to @copies.
 * Return: true if the packet is a copy.
 */
bool tcpt_copies_see(struct tcpt_copies *copies,
		     const struct tcpt_sighting *packet)
{
	u32 i, n = copies->n < copies->size ? copies->n : copies->size;
	u64 max = packet->tsval || has_id(copies, n, packet) ? COPY_MAX :
							       COPY_MAX_NO_ID;

	for (i = 0; i < n; i++)
		if (is_same(&copies->last[i], packet) &&
		    span_of(copies->last[i].time, packet->time) <= max)
			return true;
	copies->last[copies->n++ % copies->size] = *packet;
	return false;
}

/*
 * Is the timestamp no later than the recorded one? A retransmission usually has
 * a later timestamp.
 */
static bool has_old_timestamp(const struct tcpt_endpoint *x,
			      const struct tcpt_segment *seg)
{
	return x->valid & TCPT_VALID_TSVAL &&
	       seg->opt.present & TCPTRACE_OPT_TIMESTAMP &&
	       !tcpt_seq_after(seg->opt.tsval, x->ts_recent);
}

/*
 * A SYN proxy forwards the client's SYN after the proxy has seen an ACK of the
 * client; the forwarded SYN is not a copy.
 */
static bool repeats_syn(const struct tcpt_endpoint *x,
			const struct tcpt_segment *seg)
{
	return seg->seq == x->iss && x->packets == x->counters.syns;
}

static bool repeats_data(const struct tcpt_endpoint *x,
			 const struct tcpt_segment *seg)
{
	return !tcpt_seq_after(tcpt_segment_end(seg), x->nxt) &&
	       x->packets > x->counters.syns;
}

static bool repeats_ack(const struct tcpt_endpoint *x,
			const struct tcpt_segment *seg)
{
	return !(seg->flags & TCPTRACE_ACK) ||
	       (x->valid & TCPT_VALID_ACK && !tcpt_seq_after(seg->ack, x->ack));
}

/**
 * tcpt_copies_repeats - check whether the first packet at a new place is a copy
 * @x: the end that sent the packet
 * @seg: the segment
 * @now: when the segment was seen, ns
 *
 * So far, all packets of @x were seen at one place, so struct tcpt_copies holds
 * none of them.
 *
 * Context: any; @x must not change.
 * Return: true if the segment contains nothing new, and if the previous packet
 * of @x was seen shortly before.
 */
bool tcpt_copies_repeats(const struct tcpt_endpoint *x,
			 const struct tcpt_segment *seg, u64 now)
{
	u64 max = has_old_timestamp(x, seg) ? COPY_MAX : COPY_MAX_NO_ID;

	return x->valid & TCPT_VALID_NXT && !(seg->flags & ~x->flags) &&
	       (seg->flags & TCPTRACE_SYN ? repeats_syn(x, seg) :
					    repeats_data(x, seg)) &&
	       repeats_ack(x, seg) && span_of(x->counters.last, now) <= max;
}
