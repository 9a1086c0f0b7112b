/* SPDX-License-Identifier: GPL-2.0 */
/* The state of a connection: the TCBs of both ends, as seen from outside. */
#ifndef _TCPT_TCB_H
#define _TCPT_TCB_H

#include "endpoint.h"
#include "env.h"
#include "fate.h"
#include "finding.h"
#include "pending.h"
#include "wireshark.h"
#include "zeek.h"

#include <linux/tcptrace.h>

enum {
	TCPT_NOBODY	= 255,	/* neither end */
};

/**
 * enum tcpt_mark - bits of tcpt_track.marks
 * @TCPT_MARK_MIDSTREAM:	the SYN was not seen
 * @TCPT_MARK_GUESSED:		the originator is a guess
 * @TCPT_MARK_SELF:		both ends are one socket, which is end 0
 * @TCPT_MARK_HANDSHAKE:	the first segment was a SYN or SYN,ACK
 * @TCPT_MARK_CONFIRMED:	both ends were seen in a synchronized state
 * @TCPT_MARK_CLOSED:		the connection is over, and CLOSE was emitted
 * @TCPT_MARK_ONE_WAY: only segments of one end are seen here; that end is
 *	synchronized, so the other end exists
 *
 * The marks that records show have the same bits as in tcptrace_header.flags.
 */
enum tcpt_mark {
	TCPT_MARK_MIDSTREAM	= TCPTRACE_F_MIDSTREAM,
	TCPT_MARK_GUESSED	= TCPTRACE_F_GUESSED,
	TCPT_MARK_SELF		= TCPTRACE_F_SELF,
	TCPT_MARK_HANDSHAKE	= 0x08,
	TCPT_MARK_CONFIRMED	= 0x10,
	TCPT_MARK_CLOSED	= 0x20,
	TCPT_MARK_ONE_WAY	= TCPTRACE_F_ONE_WAY,
};

/**
 * enum tcpt_ready - which fast path may track the next segment of an end
 * @TCPT_READY_SEGMENT:		tcpt_fastpath_segment()
 * @TCPT_READY_TRANSITION:	tcpt_fastpath_transition()
 *
 * These are bits of tcpt_track.ready, shifted left by the number of the end.
 */
enum tcpt_ready {
	TCPT_READY_SEGMENT	= 0x01,
	TCPT_READY_TRANSITION	= 0x04,
};

/**
 * struct tcpt_track - a connection
 * @end: the originator, the responder
 * @first: time of the first segment, ns
 * @last: time of the last segment, ns
 * @heard: time of the last acceptable segment, ns, or of the last late segment
 *	without RST to an end in TIME-WAIT; such segments keep the entry alive
 * @syn: time of the last SYN before the first SYN,ACK, 0 if there was none
 * @syn_tsval: timestamp of the SYN at @syn, 0 if none
 * @first_tsval: timestamp of the first SYN, 0 if none
 * @synack: time of the last SYN,ACK, 0 if none
 * @syn_synack: time between the first SYN,ACK and the SYN that it answers, ns,
 *	0 if unknown
 * @synack_ack: time from the last SYN,ACK to its ACK, ns, 0 if unknown
 * @established: time when the handshake was completed, 0 if it was not
 * @challenged: time of a segment that calls for a challenge ACK, or 0
 * @wireshark: Wireshark's analysis, which continues the analysis of an earlier
 *	connection between the same ends that this connection has replaced
 * @zeek: Zeek's history
 * @pending: a segment that later evidence may explain
 * @findings: the findings, and the evidence collected so far
 * @fate: where the SYNs of the connection went
 * @response: how long each end took to answer
 * @quiet: when an end last entered TCPT_PHASE_IDLE, or when the handshake was
 *	completed, whichever is later, ns; 0 if neither happened
 * @transitions: number of transitions so far
 * @suspected: 1 << enum tcptrace_suspicion
 * @marks: enum tcpt_mark
 * @close_reason: enum tcptrace_close_reason
 * @by: the end that sent the RST or, without a RST, the first FIN; TCPT_NOBODY
 *	if there was neither
 * @challenger: the end that is expected to send the challenge ACK
 * @turn: the end that sent the last new data, or TCPT_NOBODY
 * @ready: enum tcpt_ready
 */
struct tcpt_track {
	u64 last;
	u64 heard;
	u64 quiet;
	u8 marks;
	u8 close_reason;
	u8 by;
	u8 challenger;
	u8 turn;
	u8 ready;
	u16 suspected;
	/* struct tcpt_full aligns wireshark, zeek and end to cache lines */
	struct tcpt_wireshark wireshark;
	u64 challenged;
	u64 syn;
	u64 synack;
	u64 established;
	u32 syn_tsval;
	u32 first_tsval;
	u32 transitions;
	u64 first;
	struct tcpt_zeek zeek;
	u64 syn_synack;
	u64 synack_ack;
	struct tcpt_endpoint end[2];
	/* fields that rarely change start here */
	struct tcpt_response response[2];
	struct tcpt_pending pending;
	struct tcpt_findings findings;
	struct tcpt_fate fate;
};

/**
 * enum tcpt_class - how a segment fits its connection
 * @TCPT_CLASS_OK:		the segment fits
 * @TCPT_CLASS_LATE:		the connection is over
 * @TCPT_CLASS_BAD_FLAGS:	flags that no TCP stack sends
 * @TCPT_CLASS_RST_CHALLENGE:	a RST in the window, but not at the exact
 *				sequence number: RFC 5961 section 3.2 requires a
 *				challenge ACK
 * @TCPT_CLASS_RST_OUTSIDE: a RST outside the window, or a RST that does not
 *	acknowledge the SYN of an end in SYN-SENT
 * @TCPT_CLASS_SYN_CHALLENGE: a SYN in a synchronized state (RFC 5961 section
 *	4.2 requires a challenge ACK), a SYN with a different ISN, or a SYN,ACK
 *	with a different ISN after the receiver has acknowledged an earlier one
 * @TCPT_CLASS_OUTSIDE: outside the window, or not acceptable to an end in
 *	SYN-SENT
 * @TCPT_CLASS_UNSEEN_ACK: the segment acknowledges data that was never seen, or
 *	its acknowledgment number is more than a window below the sender's
 *	highest one (RFC 5961 section 5.2 requires a challenge ACK)
 * @TCPT_CLASS_OVERRUN:	the next segment in sequence, but outside the window:
 *				the sender ignores the window
 * @TCPT_CLASS_OLD_TIMESTAMP: the timestamp is older than an accepted timestamp:
 *				RFC 7323 section 5.3, R1
 * @TCPT_CLASSES:		number of values
 */
enum tcpt_class {
	TCPT_CLASS_OK,
	TCPT_CLASS_LATE,
	TCPT_CLASS_BAD_FLAGS,
	TCPT_CLASS_RST_CHALLENGE,
	TCPT_CLASS_RST_OUTSIDE,
	TCPT_CLASS_SYN_CHALLENGE,
	TCPT_CLASS_OUTSIDE,
	TCPT_CLASS_UNSEEN_ACK,
	TCPT_CLASS_OVERRUN,
	TCPT_CLASS_OLD_TIMESTAMP,
	TCPT_CLASSES,
};

#endif /* _TCPT_TCB_H */
