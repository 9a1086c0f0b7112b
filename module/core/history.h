/* SPDX-License-Identifier: GPL-2.0 */
/* Zeek's history, by its rules. */
#ifndef _TCPT_HISTORY_H
#define _TCPT_HISTORY_H

#include "env.h"

#include <linux/tcptrace.h>

struct tcpt_segment;

/**
 * enum tcpt_endpoint - Zeek's states of an endpoint
 * @TCPT_EP_INACTIVE:	nothing seen of it
 * @TCPT_EP_SYN_SENT:	a SYN
 * @TCPT_EP_SYN_ACK_SENT: a SYN,ACK from the originator
 * @TCPT_EP_PARTIAL:	segments, but no SYN
 * @TCPT_EP_ESTABLISHED: part of an established connection
 * @TCPT_EP_CLOSED:	a FIN
 * @TCPT_EP_RESET:	a RST
 */
enum tcpt_endpoint {
	TCPT_EP_INACTIVE,
	TCPT_EP_SYN_SENT,
	TCPT_EP_SYN_ACK_SENT,
	TCPT_EP_PARTIAL,
	TCPT_EP_ESTABLISHED,
	TCPT_EP_CLOSED,
	TCPT_EP_RESET,
};

/**
 * enum tcpt_seen - letters that are given once, or to be compared; bits of
 * tcpt_past.seen
 * @TCPT_SEEN_SYN:	S or H
 * @TCPT_SEEN_FIN:	F
 * @TCPT_SEEN_RST:	R
 * @TCPT_SEEN_DATA:	D
 * @TCPT_SEEN_ACK:	A
 * @TCPT_SEEN_MANY:	Q
 * @TCPT_SEEN_ODD:	I
 */
enum tcpt_seen {
	TCPT_SEEN_SYN	= 0x01,
	TCPT_SEEN_FIN	= 0x02,
	TCPT_SEEN_RST	= 0x04,
	TCPT_SEEN_DATA	= 0x08,
	TCPT_SEEN_ACK	= 0x10,
	TCPT_SEEN_MANY	= 0x20,
	TCPT_SEEN_ODD	= 0x40,
};

/**
 * struct tcpt_past - what Zeek keeps of an endpoint
 * @start: its ISN
 * @last: after the highest sequence number, if it can be trusted
 * @acked: the highest acknowledgment of the other
 * @syn: relative sequence number of the last SYN
 * @fin: relative sequence number after the payload of the last FIN
 * @rst: relative sequence number of the last RST
 * @rexmits: packets with payload that were not new
 * @zero_windows: windows of 0 that mean something
 * @gaps: runs of payload that were acknowledged and not seen
 * @seen: enum tcpt_seen
 * @state: enum tcpt_endpoint
 * @before: enum tcpt_endpoint, the state before it
 * @fins: it has sent a FIN
 */
struct tcpt_past {
	u32 start;
	u32 last;
	u32 acked;
	u8 seen;
	u8 state;
	u8 before;
	bool fins;
	/* from here on what few segments change */
	u32 syn;
	u32 fin;
	u32 rst;
	u32 rexmits;
	u32 zero_windows;
	u32 gaps;
};

/**
 * struct tcpt_history - a connection as Zeek sees it
 * @past: the originator, the responder
 * @letters: history, not terminated
 * @len: how many letters there are; more than fit are not kept
 *
 * Zeek trusts each RST and FIN, whether it is acceptable or not.
 */
struct tcpt_history {
	struct tcpt_past past[2];
	char letters[TCPTRACE_HISTORY_MAX - 1];
	u8 len;
};

void tcpt_history_flipped(struct tcpt_history *h);
void tcpt_history_segment(struct tcpt_history *h, unsigned int from,
			  const struct tcpt_segment *seg);
void tcpt_history_gap(struct tcpt_history *h, unsigned int end);

#endif /* _TCPT_HISTORY_H */
