// SPDX-License-Identifier: GPL-2.0
#include "explain_evidence.h"

#include "core/segment.h"
#include "core/seq.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_SIZE	64
#define WINDOW_MAX	0x40000000U	/* RFC 7323 section 2.3 */

void evidence_init(struct evidence *e)
{
	memset(e, 0, sizeof(*e));
	tcpt_wireshark_init(&e->engine);
}

void evidence_free(struct evidence *e)
{
	free(e->list);
}

/* Rebuild the engine's segment from a record. */
static struct tcpt_segment segment_of(const struct tcptrace_segment *rec)
{
	struct tcpt_segment seg = {
		.seq = rec->seg.seq,
		.ack = rec->seg.ack,
		.len = rec->seg.len,
		.flags = rec->seg.flags,
		.window = rec->seg.window,
		.wire_segs = rec->seg.wire_segs,
		.urgent = rec->urgent,
		.ttl = rec->ttl,
		.hdr_len = rec->hdr_len,
		.opt = {
			.present = rec->options,
			.mss = rec->mss,
			.wscale = rec->wscale,
			.mptcp_subtype = rec->mptcp_subtype,
		},
	};

	return seg;
}

/*
 * Run the engine on the segment again, and keep in @e->before the values with
 * which the engine compares the segment.
 */
static void analyse(struct evidence *e, const struct tcptrace_segment *rec)
{
	struct tcpt_segment seg = segment_of(rec);
	struct tcpt_wireshark_result found;

	e->before = e->engine;
	found = tcpt_wireshark_segment(&e->engine, rec->seg.from == 1, &seg,
				       rec->h.time);
	e->reproduced = found.classes == rec->analysis &&
			found.dup_ack_num == rec->dup_ack_num;
}

static bool is_peer(const struct evidence *e, const struct past *p, bool self)
{
	return self || p->from != e->now->from;
}

static bool overlap(const struct past *a, const struct past *b)
{
	return a->end != a->seq && b->end != b->seq &&
	       tcpt_seq_before(a->seq, b->end) &&
	       tcpt_seq_before(b->seq, a->end);
}

/*
 * Find the earlier segments that explain the sequence number of the current
 * segment, and the sender's previous ACK.
 */
static void look_at_sender(struct evidence *e)
{
	const struct past *p, *now = e->now;
	bool is_new = !e->has_next[now->from] ||
		      !tcpt_seq_before(now->seq, e->next[now->from]);
	size_t depth = 0;

	for (p = now; p-- > e->list && depth < EVIDENCE_DEPTH; depth++) {
		if (p->from != now->from) {
			if (!e->asked && p->flags & TCPTRACE_ACK)
				e->asked = p;
			continue;
		}
		if (!e->prev)
			e->prev = p;
		if (!e->prev_ack && p->flags & TCPTRACE_ACK)
			e->prev_ack = p;
		if (!e->follows && p->end == now->seq && p->end != p->seq)
			e->follows = p;
		if (!e->same && overlap(p, now))
			e->same = p;
		if (e->prev_ack && e->asked && e->follows &&
		    (e->same || is_new))
			break;
	}
	if (e->asked && e->asked->ack != now->seq)
		e->asked = NULL;
}

/* Check whether a segment contains the sequence number @ack - 1. */
static bool holds(const struct past *p, u32 ack)
{
	return tcpt_seq_before(p->seq, ack) && !tcpt_seq_after(ack, p->end);
}

/* Find out what a new acknowledgment number acknowledges. */
static void look_for_acked(struct evidence *e, bool self)
{
	const struct past *p, *inside = NULL, *highest = NULL;
	bool before = true, beyond, has_syn = false;
	u32 ack = e->now->ack;
	size_t depth = 0;

	for (p = e->now; p-- > e->list && depth < EVIDENCE_DEPTH; depth++) {
		if (!is_peer(e, p, self))
			continue;
		if (!highest || tcpt_seq_after(p->end, highest->end))
			highest = p;
		before &= !tcpt_seq_before(p->seq, ack);
		has_syn |= !!(p->flags & TCPTRACE_SYN);
		if (p->end == ack && p->seq != ack) {
			e->acked = ACKED_WHOLE;
			e->whom = p;
			return;
		}
		if (!inside && holds(p, ack))
			inside = p;
	}
	beyond = !before && tcpt_seq_after(ack, highest->end);
	if (depth == EVIDENCE_DEPTH)
		e->acked = ACKED_UNKNOWN;
	else if (inside)
		e->acked = ACKED_PART;
	else if (has_syn && (before ||
			     (beyond && ack - highest->end > WINDOW_MAX)))
		e->acked = ACKED_FOREIGN;
	else
		e->acked = beyond ? ACKED_UNSEEN : ACKED_BEFORE;
	e->whom = inside;
	e->highest = highest ? highest->end : 0;
}

static void look_at_ack(struct evidence *e, bool self)
{
	const struct past *last = e->prev_ack;

	e->acked = ACKED_NONE;
	if (!(e->now->flags & TCPTRACE_ACK))
		return;
	if (last && !tcpt_seq_after(e->now->ack, last->ack)) {
		e->acked = last->ack == e->now->ack ? ACKED_AGAIN :
						      ACKED_LOWER;
		e->whom = last;
		return;
	}
	look_for_acked(e, self);
}

/* Advance @e->next past @e->now, the segment of the previous call. */
static void advance(struct evidence *e)
{
	const struct past *p = e->now;

	if (!p || p->end == p->seq)
		return;
	if (!e->has_next[p->from] || p->flags & TCPTRACE_SYN ||
	    tcpt_seq_after(p->end, e->next[p->from]))
		e->next[p->from] = p->end;
	e->has_next[p->from] = true;
}

static int grow(struct evidence *e)
{
	size_t size = e->size ? 2 * e->size : FIRST_SIZE;
	struct past *list;

	if (e->n < e->size)
		return 0;
	list = reallocarray(e->list, size, sizeof(*list));
	if (!list)
		return -ENOMEM;
	e->list = list;
	e->size = size;
	return 0;
}

/**
 * evidence_take - add the next segment of the connection
 * @e: the evidence; updated to describe this segment
 * @rec: the segment
 * @frame: number of the packet in the capture; 0: no capture
 *
 * Return: 0 or -ENOMEM.
 */
int evidence_take(struct evidence *e, const struct tcptrace_segment *rec,
		  u64 frame)
{
	const struct tcptrace_seg *seg = &rec->seg;
	bool self = rec->h.flags & TCPTRACE_F_SELF;
	struct past *p;

	advance(e);
	if (grow(e) != 0)
		return -ENOMEM;
	p = &e->list[e->n++];
	*p = (struct past) {
		.label = frame ?: e->n, .time = rec->h.time, .seq = seg->seq,
		.end = seg->seq + seg->len + !!(seg->flags & TCPTRACE_SYN) +
		       !!(seg->flags & TCPTRACE_FIN),
		.ack = seg->ack, .len = seg->len, .flags = seg->flags,
		.window = seg->window, .from = seg->from == 1,
	};
	e->now = p;
	e->prev = NULL;
	e->prev_ack = NULL;
	e->follows = NULL;
	e->same = NULL;
	e->asked = NULL;
	e->whom = NULL;
	e->base[p->from] = seg->seq - seg->rel_seq;
	if (seg->flags & TCPTRACE_ACK)
		e->base[self ? p->from : !p->from] = seg->ack - seg->rel_ack;
	look_at_sender(e);
	look_at_ack(e, self);
	analyse(e, rec);
	return 0;
}
