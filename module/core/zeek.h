/* SPDX-License-Identifier: GPL-2.0 */
/* The history and conn_state of a connection, by Zeek's rules. */
#ifndef _TCPT_ZEEK_H
#define _TCPT_ZEEK_H

#include "env.h"
#include "segment.h"
#include "seq.h"

#include <linux/tcptrace.h>

/**
 * enum tcpt_zeek_state - Zeek's states of an endpoint
 * @TCPT_ZEEK_INACTIVE: no segment from the endpoint was seen, except ACKs of a
 *	SYN before the SYN,ACK
 * @TCPT_ZEEK_SYN_SENT:	a SYN was seen
 * @TCPT_ZEEK_SYN_ACK_SENT: a SYN,ACK from the originator was seen
 * @TCPT_ZEEK_PARTIAL:	segments were seen; the first ones had no SYN
 * @TCPT_ZEEK_ESTABLISHED: part of an established connection
 * @TCPT_ZEEK_CLOSED:	a FIN was seen
 * @TCPT_ZEEK_RESET:	a RST was seen
 */
enum tcpt_zeek_state {
	TCPT_ZEEK_INACTIVE,
	TCPT_ZEEK_SYN_SENT,
	TCPT_ZEEK_SYN_ACK_SENT,
	TCPT_ZEEK_PARTIAL,
	TCPT_ZEEK_ESTABLISHED,
	TCPT_ZEEK_CLOSED,
	TCPT_ZEEK_RESET,
};

/**
 * enum tcpt_zeek_seen - letters of an endpoint; bits of tcpt_zeek_end.seen
 * @TCPT_ZEEK_SEEN_SYN:	S or H
 * @TCPT_ZEEK_SEEN_FIN:	F
 * @TCPT_ZEEK_SEEN_RST:	R
 * @TCPT_ZEEK_SEEN_DATA:	D
 * @TCPT_ZEEK_SEEN_ACK:	A
 * @TCPT_ZEEK_SEEN_MANY:	Q
 * @TCPT_ZEEK_SEEN_ODD:	I
 */
enum tcpt_zeek_seen {
	TCPT_ZEEK_SEEN_SYN	= 0x01,
	TCPT_ZEEK_SEEN_FIN	= 0x02,
	TCPT_ZEEK_SEEN_RST	= 0x04,
	TCPT_ZEEK_SEEN_DATA	= 0x08,
	TCPT_ZEEK_SEEN_ACK	= 0x10,
	TCPT_ZEEK_SEEN_MANY	= 0x20,
	TCPT_ZEEK_SEEN_ODD	= 0x40,
};

/**
 * struct tcpt_zeek_end - Zeek's state of an endpoint
 * @start: ISN of the endpoint; an estimate if no SYN was seen
 * @last: the highest trusted sequence number, plus 1
 * @acked: the highest acknowledgment number that the other endpoint sent
 * @syn: relative sequence number of the last SYN
 * @fin: relative sequence number after the payload of the last FIN
 * @rst: relative sequence number of the last RST
 * @rexmits: number of packets whose payload is all old
 * @zero_windows: number of zero windows that Zeek counts
 * @gaps: number of segments that acknowledged unseen payload
 * @seen: enum tcpt_zeek_seen
 * @state: enum tcpt_zeek_state
 * @before: enum tcpt_zeek_state: the previous state
 * @fins: the endpoint has sent a FIN
 */
struct tcpt_zeek_end {
	u32 start;
	u32 last;
	u32 acked;
	u8 seen;
	u8 state;
	u8 before;
	bool fins;
	/* the fields below rarely change */
	u32 syn;
	u32 fin;
	u32 rst;
	u32 rexmits;
	u32 zero_windows;
	u32 gaps;
};

/**
 * struct tcpt_zeek - a connection as Zeek sees it
 * @end: the originator, the responder
 * @letters: history, not terminated
 * @len: number of letters; letters that do not fit are dropped
 *
 * Zeek trusts each RST and FIN, whether it is acceptable or not.
 */
struct tcpt_zeek {
	struct tcpt_zeek_end end[2];
	char letters[TCPTRACE_HISTORY_MAX - 1];
	u8 len;
};

void tcpt_zeek_flipped(struct tcpt_zeek *h);
void tcpt_zeek_segment(struct tcpt_zeek *h, unsigned int from,
		       const struct tcpt_segment *seg);
void tcpt_zeek_letter(struct tcpt_zeek *h, unsigned int from, u32 len);
void tcpt_zeek_fin(struct tcpt_zeek *h, unsigned int from,
		   const struct tcpt_segment *seg);
void tcpt_zeek_synack(struct tcpt_zeek *h, const struct tcpt_segment *seg);
void tcpt_zeek_gap(struct tcpt_zeek *h, unsigned int end);
u8 tcpt_zeek_conn_state(const struct tcpt_zeek *h);

/* Is @ack higher than all earlier acknowledgment numbers? */
static inline bool tcpt_zeek_acks_more(u32 start, u32 acked, u32 ack)
{
	return !tcpt_seq_before(ack, start) && tcpt_seq_after(ack, acked);
}

/*
 * Can data and ACKs on the fast path skip tcpt_zeek_segment()? @ack: the last
 * acknowledgment number sent to endpoint @x.
 */
static inline bool tcpt_zeek_is_plain(const struct tcpt_zeek_end *x, u32 nxt,
				      u32 ack)
{
	return (x->state == TCPT_ZEEK_PARTIAL ||
		x->state == TCPT_ZEEK_ESTABLISHED ||
		x->state == TCPT_ZEEK_CLOSED) && x->last == nxt &&
	       !tcpt_zeek_acks_more(x->start, x->acked, ack);
}

/* Are the ends in the states that follow a SYN of the originator? */
static inline bool tcpt_zeek_is_asked(const struct tcpt_zeek *h)
{
	return h->end[0].state == TCPT_ZEEK_SYN_SENT &&
	       h->end[1].state == TCPT_ZEEK_INACTIVE;
}

static inline bool tcpt_zeek_has_letter(const struct tcpt_zeek_end *x, u32 len)
{
	return x->seen & (len ? TCPT_ZEEK_SEEN_DATA : TCPT_ZEEK_SEEN_ACK);
}

/*
 * Has the endpoint sent neither data nor an ACK, except in segments with SYN,
 * FIN or RST?
 */
static inline bool tcpt_zeek_begins(const struct tcpt_zeek_end *x)
{
	return !(x->seen & (TCPT_ZEEK_SEEN_DATA | TCPT_ZEEK_SEEN_ACK));
}

static inline void tcpt_zeek_granted(struct tcpt_zeek_end *y, u32 ack)
{
	if (tcpt_zeek_acks_more(y->start, y->acked, ack))
		y->acked = ack;
}

#endif /* _TCPT_ZEEK_H */
