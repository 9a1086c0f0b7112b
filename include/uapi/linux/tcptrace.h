/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * tcptrace: the ABI of /dev/tcptrace.
 *
 * This header defines everything that a program needs to read the device;
 * Documentation/abi.rst lists the guarantees. read() returns whole records.
 * Each record begins with struct tcptrace_header. A program advances by
 * header.len, skips unknown types, and ignores bytes after the fields that it
 * knows. All numbers are in host byte order. Addresses are in network byte
 * order. Times are in nanoseconds of the reader's clock, which is
 * CLOCK_MONOTONIC unless TCPTRACE_IOC_CLOCK has selected another clock.
 */
#ifndef _UAPI_LINUX_TCPTRACE_H
#define _UAPI_LINUX_TCPTRACE_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define TCPTRACE_DEVICE		"/dev/tcptrace"

/**
 * enum tcptrace_type - record types, the values of tcptrace_header.type
 * @TCPTRACE_PAD:		unused room in a ring; only len and type are
 *				valid; read() never returns a PAD
 * @TCPTRACE_OPEN:		a connection enters the table
 * @TCPTRACE_STATE:		one end changes its RFC 9293 state
 * @TCPTRACE_ESTABLISHED:	the handshake is complete at both ends
 * @TCPTRACE_SEGMENT:		one observed segment (opt-in)
 * @TCPTRACE_CLOSE:		a connection ends or leaves the table; exactly
 *				one record per connection
 * @TCPTRACE_LOST:		records were lost here
 * @TCPTRACE_SUSPECTED:		a segment that an attacker may have sent
 * @TCPTRACE_LIMIT: limits were reached; at most one record per second for each
 *	network namespace, and one more when the namespace ends
 * @TCPTRACE_FINDING: a property of a connection was proved; at most one record
 *	for each enum tcptrace_finding and end
 * @TCPTRACE_ICMP:		an ICMP or ICMPv6 error that quotes a segment
 * @TCPTRACE_DROP:		this host dropped a TCP packet (opt-in)
 * @TCPTRACE_OWNER:		the socket's inode or the process of an end
 *				became known (opt-in)
 */
enum tcptrace_type {
	TCPTRACE_PAD		= 0,
	TCPTRACE_OPEN		= 1,
	TCPTRACE_STATE		= 2,
	TCPTRACE_ESTABLISHED	= 3,
	TCPTRACE_SEGMENT	= 4,
	TCPTRACE_CLOSE		= 5,
	TCPTRACE_LOST		= 6,
	TCPTRACE_SUSPECTED	= 7,
	TCPTRACE_LIMIT		= 8,
	TCPTRACE_FINDING	= 9,
	TCPTRACE_ICMP		= 10,
	TCPTRACE_DROP		= 11,
	TCPTRACE_OWNER		= 12
};

/**
 * enum tcptrace_lost_cause - why a record was lost
 * @TCPTRACE_LOST_FULL: the ring had no room, or the module could not queue a
 *	packet for a DROP record
 * @TCPTRACE_LOST_POSITION:	the ring had no room, and the position in the
 *				consumer page was invalid
 */
enum tcptrace_lost_cause {
	TCPTRACE_LOST_FULL	= 0,
	TCPTRACE_LOST_POSITION	= 1,
	TCPTRACE_LOST_CAUSES	= 2
};

/* Bits of the event mask: 1 << type. LOST cannot be masked out. */
#define TCPTRACE_MASK(type)	(1U << (type))
#define TCPTRACE_MASK_DEFAULT	(TCPTRACE_MASK(TCPTRACE_OPEN) | \
				 TCPTRACE_MASK(TCPTRACE_STATE) | \
				 TCPTRACE_MASK(TCPTRACE_ESTABLISHED) | \
				 TCPTRACE_MASK(TCPTRACE_CLOSE) | \
				 TCPTRACE_MASK(TCPTRACE_LOST) | \
				 TCPTRACE_MASK(TCPTRACE_SUSPECTED) | \
				 TCPTRACE_MASK(TCPTRACE_LIMIT) | \
				 TCPTRACE_MASK(TCPTRACE_FINDING) | \
				 TCPTRACE_MASK(TCPTRACE_ICMP))
#define TCPTRACE_MASK_ALL	(TCPTRACE_MASK_DEFAULT | \
				 TCPTRACE_MASK(TCPTRACE_SEGMENT) | \
				 TCPTRACE_MASK(TCPTRACE_DROP) | \
				 TCPTRACE_MASK(TCPTRACE_OWNER))
/*
 * Asks the module to follow each SYN beyond the hook that observes the SYN, so
 * that tcptrace_opening.fate shows where the SYN went. While a reader has this
 * bit or DROP in its mask, the kernel spends more time on each packet and on
 * each skb that kfree_skb() frees.
 */
#define TCPTRACE_MASK_FATE	(1U << 30)
/*
 * Adds the records that report a failure (SUSPECTED, and CLOSE with one of the
 * reasons reset, refused, unreachable, unanswered, timeout and evicted), even
 * if the mask does not contain their types.
 */
#define TCPTRACE_MASK_FAILURES	(1U << 31)

/**
 * enum tcptrace_state - the states of RFC 9293 section 3.3.2
 *
 * The state LISTEN is missing, because no segment proves it.
 */
enum tcptrace_state {
	TCPTRACE_CLOSED		= 0,
	TCPTRACE_SYN_SENT	= 1,
	TCPTRACE_SYN_RECEIVED	= 2,
	TCPTRACE_ESTAB		= 3,
	TCPTRACE_FIN_WAIT_1	= 4,
	TCPTRACE_FIN_WAIT_2	= 5,
	TCPTRACE_CLOSE_WAIT	= 6,
	TCPTRACE_CLOSING	= 7,
	TCPTRACE_LAST_ACK	= 8,
	TCPTRACE_TIME_WAIT	= 9,
	TCPTRACE_STATES		= 10
};

/**
 * enum tcptrace_reason - why an end changed its state
 * @TCPTRACE_REASON_NONE:		no transition
 * @TCPTRACE_REASON_ACTIVE_OPEN:	the end sent a SYN
 * @TCPTRACE_REASON_PASSIVE_OPEN:	the end answered a SYN with SYN,ACK
 * @TCPTRACE_REASON_SIMULTANEOUS_OPEN:	the SYNs of both ends crossed (RFC 9293
 *					3.5, figure 7)
 * @TCPTRACE_REASON_SYNACK_RECEIVED: a SYN,ACK, perhaps not seen here,
 *	acknowledged the end's SYN
 * @TCPTRACE_REASON_SYN_ACKED: the end's SYN was acknowledged in SYN_RECEIVED
 * @TCPTRACE_REASON_SYNACK_IMPLIED:	the end sent an ACK, so it received a
 *					SYN,ACK that was not seen here
 * @TCPTRACE_REASON_SYN_IMPLIED:	a SYN,ACK answered the end's SYN, which
 *					was not seen here
 * @TCPTRACE_REASON_FIN_SENT:		the end sent a FIN
 * @TCPTRACE_REASON_FIN_RECEIVED: the end received the peer's FIN and all data
 *	before the FIN
 * @TCPTRACE_REASON_FIN_ACKED:		the end's FIN was acknowledged
 * @TCPTRACE_REASON_RST_SENT: the end sent a RST that the peer must accept
 * @TCPTRACE_REASON_RST_RECEIVED: the end received a RST that it must accept
 * @TCPTRACE_REASON_REFUSED:		a RST answered the end's SYN
 * @TCPTRACE_REASON_MIDSTREAM:		the handshake was not seen
 * @TCPTRACE_REASON_2MSL:		TIME_WAIT is over
 * @TCPTRACE_REASON_SYN_REPEATED:	the end repeated its SYN: the SYN,ACK
 *					did not arrive
 * @TCPTRACE_REASON_SYNACK_REPEATED:	the end repeated its SYN,ACK: the end
 *					did not accept the ACK
 * @TCPTRACE_REASON_FIN_NOT_RECEIVED:	the end did not acknowledge a FIN that
 *					was retransmitted
 */
enum tcptrace_reason {
	TCPTRACE_REASON_NONE			= 0,
	TCPTRACE_REASON_ACTIVE_OPEN		= 1,
	TCPTRACE_REASON_PASSIVE_OPEN		= 2,
	TCPTRACE_REASON_SIMULTANEOUS_OPEN	= 3,
	TCPTRACE_REASON_SYNACK_RECEIVED		= 4,
	TCPTRACE_REASON_SYN_ACKED		= 5,
	TCPTRACE_REASON_SYNACK_IMPLIED		= 6,
	TCPTRACE_REASON_SYN_IMPLIED		= 7,
	TCPTRACE_REASON_FIN_SENT		= 8,
	TCPTRACE_REASON_FIN_RECEIVED		= 9,
	TCPTRACE_REASON_FIN_ACKED		= 10,
	TCPTRACE_REASON_RST_SENT		= 11,
	TCPTRACE_REASON_RST_RECEIVED		= 12,
	TCPTRACE_REASON_REFUSED			= 13,
	TCPTRACE_REASON_MIDSTREAM		= 14,
	TCPTRACE_REASON_2MSL			= 15,
	TCPTRACE_REASON_SYN_REPEATED		= 16,
	TCPTRACE_REASON_SYNACK_REPEATED		= 17,
	TCPTRACE_REASON_FIN_NOT_RECEIVED	= 18,
	TCPTRACE_REASONS			= 19
};

/**
 * enum tcptrace_close_reason - why a connection ended or left the table
 * @TCPTRACE_CLOSE_NONE:	the connection is still open
 * @TCPTRACE_CLOSE_FIN:		both FINs were sent and acknowledged
 * @TCPTRACE_CLOSE_RESET:	a RST ended the connection
 * @TCPTRACE_CLOSE_REFUSED:	a RST answered the SYN
 * @TCPTRACE_CLOSE_UNANSWERED:	the SYN was never answered
 * @TCPTRACE_CLOSE_TIMEOUT:	the timeout of the state expired
 * @TCPTRACE_CLOSE_EVICTED:	the connection made room for a new connection
 * @TCPTRACE_CLOSE_REUSED: a new SYN between the same ends, or the answer to
 *	that SYN, replaced the connection
 * @TCPTRACE_CLOSE_SHUTDOWN:	the network namespace ended, or the module was
 *				unloaded
 * @TCPTRACE_CLOSE_CAPTURE:	the capture file ended; the device never reports
 *				this reason
 * @TCPTRACE_CLOSE_ONE_WAY: like TIMEOUT, but the segments of only one end were
 *	seen, so the timeout is not a failure
 * @TCPTRACE_CLOSE_UNREACHABLE:	like UNANSWERED, but an ICMP error quoted the
 *				SYN
 */
enum tcptrace_close_reason {
	TCPTRACE_CLOSE_NONE		= 0,
	TCPTRACE_CLOSE_FIN		= 1,
	TCPTRACE_CLOSE_RESET		= 2,
	TCPTRACE_CLOSE_REFUSED		= 3,
	TCPTRACE_CLOSE_UNANSWERED	= 4,
	TCPTRACE_CLOSE_TIMEOUT		= 5,
	TCPTRACE_CLOSE_EVICTED		= 6,
	TCPTRACE_CLOSE_REUSED		= 7,
	TCPTRACE_CLOSE_SHUTDOWN		= 8,
	TCPTRACE_CLOSE_CAPTURE		= 9,
	TCPTRACE_CLOSE_ONE_WAY		= 10,
	TCPTRACE_CLOSE_UNREACHABLE	= 11,
	TCPTRACE_CLOSE_REASONS		= 12
};

/**
 * enum tcptrace_end_reason - IPFIX flowEndReason, information element 136
 * @TCPTRACE_END_IDLE:		a timeout expired
 * @TCPTRACE_END_DETECTED:	segments ended the connection
 * @TCPTRACE_END_FORCED:	the observation ended before the connection
 *				ended
 * @TCPTRACE_END_RESOURCES:	the connection was evicted
 */
enum tcptrace_end_reason {
	TCPTRACE_END_IDLE	= 1,
	TCPTRACE_END_DETECTED	= 3,
	TCPTRACE_END_FORCED	= 4,
	TCPTRACE_END_RESOURCES	= 5
};

/**
 * enum tcptrace_conn_state - Zeek's conn_state
 * @TCPTRACE_CONN_OTH:		none of the other values applies, for example
 *				midstream
 * @TCPTRACE_CONN_S0:		a SYN, and no reply
 * @TCPTRACE_CONN_S1:		established, not closed
 * @TCPTRACE_CONN_SF:		established and closed by both ends
 * @TCPTRACE_CONN_REJ:		a RST answered the SYN
 * @TCPTRACE_CONN_S2:		only the originator closed
 * @TCPTRACE_CONN_S3:		only the responder closed
 * @TCPTRACE_CONN_RSTO:		the originator reset the connection
 * @TCPTRACE_CONN_RSTR:		the responder reset the connection
 * @TCPTRACE_CONN_RSTOS0: the originator sent SYN and RST; no SYN,ACK was seen
 * @TCPTRACE_CONN_RSTRH: the responder sent SYN,ACK and RST; no SYN was seen
 * @TCPTRACE_CONN_SH: the originator sent SYN and FIN; no SYN,ACK was seen
 * @TCPTRACE_CONN_SHR: the responder sent SYN,ACK and FIN; no SYN was seen
 * @TCPTRACE_CONN_STATES:	number of values
 */
enum tcptrace_conn_state {
	TCPTRACE_CONN_OTH	= 0,
	TCPTRACE_CONN_S0	= 1,
	TCPTRACE_CONN_S1	= 2,
	TCPTRACE_CONN_SF	= 3,
	TCPTRACE_CONN_REJ	= 4,
	TCPTRACE_CONN_S2	= 5,
	TCPTRACE_CONN_S3	= 6,
	TCPTRACE_CONN_RSTO	= 7,
	TCPTRACE_CONN_RSTR	= 8,
	TCPTRACE_CONN_RSTOS0	= 9,
	TCPTRACE_CONN_RSTRH	= 10,
	TCPTRACE_CONN_SH	= 11,
	TCPTRACE_CONN_SHR	= 12,
	TCPTRACE_CONN_STATES	= 13
};

/*
 * Analysis of a segment: Wireshark's tcp.analysis.* fields, as tshark 4.0
 * prints them. FAST_RETRANSMISSION and SPURIOUS_RETRANSMISSION are set in
 * addition to RETRANSMISSION.
 */
#define TCPTRACE_A_RETRANSMISSION		0x0001
#define TCPTRACE_A_LOST_SEGMENT			0x0002
#define TCPTRACE_A_ACK_LOST_SEGMENT		0x0004
#define TCPTRACE_A_KEEP_ALIVE			0x0008
#define TCPTRACE_A_DUPLICATE_ACK		0x0010
#define TCPTRACE_A_ZERO_WINDOW			0x0020
#define TCPTRACE_A_ZERO_WINDOW_PROBE		0x0040
#define TCPTRACE_A_ZERO_WINDOW_PROBE_ACK	0x0080
#define TCPTRACE_A_KEEP_ALIVE_ACK		0x0100
#define TCPTRACE_A_OUT_OF_ORDER			0x0200
#define TCPTRACE_A_FAST_RETRANSMISSION		0x0400
#define TCPTRACE_A_WINDOW_UPDATE		0x0800
#define TCPTRACE_A_WINDOW_FULL			0x1000
#define TCPTRACE_A_REUSED_PORTS			0x2000
#define TCPTRACE_A_SPURIOUS_RETRANSMISSION	0x4000

/* Completeness of a conversation: Wireshark's tcp.completeness */
#define TCPTRACE_COMPLETE_SYN		0x01
#define TCPTRACE_COMPLETE_SYNACK	0x02
#define TCPTRACE_COMPLETE_ACK		0x04
#define TCPTRACE_COMPLETE_DATA		0x08
#define TCPTRACE_COMPLETE_FIN		0x10
#define TCPTRACE_COMPLETE_RST		0x20

/**
 * enum tcptrace_suspicion - why a segment is suspect
 * @TCPTRACE_SUSPECT_NONE:	nothing
 * @TCPTRACE_SUSPECT_RST:	a RST that must be ignored (RFC 5961 3)
 * @TCPTRACE_SUSPECT_SYN:	in a synchronized state, a SYN or SYN,ACK with a
 *				different ISN (RFC 5961 4)
 * @TCPTRACE_SUSPECT_DATA:	a segment outside the window, and not the next
 *				in sequence (RFC 5961 5)
 * @TCPTRACE_SUSPECT_ACK:	an ACK of data that was never seen, or an ACK
 *				that is more than a window old
 * @TCPTRACE_SUSPECT_SYNACK:	a SYN,ACK that acknowledges no SYN
 * @TCPTRACE_SUSPECT_RST_TTL: an accepted RST with a TTL that the end had never
 *	used
 * @TCPTRACE_SUSPECT_AFTER_RST:	a segment of an end that has already sent a RST
 * @TCPTRACE_SUSPECT_ISN_REUSE:	a SYN with the ISN of the previous connection
 * @TCPTRACE_SUSPECT_CHALLENGED: a challenge ACK that answers a suspect RST or
 *	SYN,ACK
 * @TCPTRACE_SUSPECT_DATA_TTL:	accepted data with a TTL that the end had never
 *				used, if the end itself later sent data with the
 *				same sequence number
 * @TCPTRACE_SUSPICIONS:	number of values
 */
enum tcptrace_suspicion {
	TCPTRACE_SUSPECT_NONE		= 0,
	TCPTRACE_SUSPECT_RST		= 1,
	TCPTRACE_SUSPECT_SYN		= 2,
	TCPTRACE_SUSPECT_DATA		= 3,
	TCPTRACE_SUSPECT_ACK		= 4,
	TCPTRACE_SUSPECT_SYNACK		= 5,
	TCPTRACE_SUSPECT_RST_TTL	= 6,
	TCPTRACE_SUSPECT_AFTER_RST	= 7,
	TCPTRACE_SUSPECT_ISN_REUSE	= 8,
	TCPTRACE_SUSPECT_CHALLENGED	= 9,
	TCPTRACE_SUSPECT_DATA_TTL	= 10,
	TCPTRACE_SUSPICIONS		= 11
};

/**
 * enum tcptrace_finding - what was proved about a connection
 * @TCPTRACE_FINDING_NONE:		nothing
 * @TCPTRACE_FINDING_OLD_CONNECTION: the end answers a SYN with an ACK whose
 *	numbers do not fit the SYN: the end still has an old connection (RFC
 *	9293 3.5.1)
 * @TCPTRACE_FINDING_SYN_REPEATED:	the end repeats its SYN after the
 *					SYN,ACK: the end does not receive the
 *					SYN,ACK
 * @TCPTRACE_FINDING_SYNACK_REPEATED:	the end repeats its SYN,ACK after the
 *					ACK: the end does not accept the
 *					connection
 * @TCPTRACE_FINDING_SYNACK_UNANSWERED:	the end sent its SYN,ACK three times or
 *					more, and no answer was seen; value:
 *					number of SYN,ACKs
 * @TCPTRACE_FINDING_TWO_SYNACKS:	the end answers one SYN with SYN,ACKs
 *					that have two different ISNs
 * @TCPTRACE_FINDING_TFO_NOT_TAKEN:	the end does not acknowledge the data in
 *					the SYN (RFC 7413); value: bytes of data
 *					in the SYN
 * @TCPTRACE_FINDING_OLD_TIMESTAMP:	the end sends a timestamp older than an
 *					accepted timestamp (RFC 7323 5.3);
 *					value: difference in ticks
 * @TCPTRACE_FINDING_WSCALE_LOST: the end scales its windows, but the SYNs as
 *	seen here did not negotiate window scaling; value: the scale that the
 *	end uses
 * @TCPTRACE_FINDING_WINDOW_SHRUNK: the end shrinks its window: the right edge
 *	moves back (RFC 9293 3.8.6); value: bytes
 * @TCPTRACE_FINDING_WINDOW_OVERRUN:	the end sends beyond the window of the
 *					other end; value: bytes
 * @TCPTRACE_FINDING_ZERO_WINDOW: the window of the end is 0 for a second or
 *	more, or the windows of both ends are 0 for 10 ms at the same time;
 *	value: ms
 * @TCPTRACE_FINDING_PROBES_UNANSWERED:	the window of the end is 0, and the end
 *					does not answer window probes; value: ms
 * @TCPTRACE_FINDING_KEEP_ALIVES_UNANSWERED: the end does not answer
 *					keep-alives; value: ms
 * @TCPTRACE_FINDING_DATA_UNANSWERED:	the end is silent while the other end
 *					retransmits data; value: ms
 * @TCPTRACE_FINDING_FIN_UNANSWERED:	the end does not acknowledge a FIN that
 *					the other end retransmits; value: ms
 * @TCPTRACE_FINDING_PATH_MTU: large segments of the end are never acknowledged,
 *	although the other end sends segments: the path MTU may be smaller than
 *	the end assumes; value: bytes of payload
 * @TCPTRACE_FINDING_SACK_OUTSIDE: the end sends SACK blocks with sequence
 *	numbers that were never sent; value: distance of the first block from
 *	the acknowledgment number
 * @TCPTRACE_FINDING_ACK_LOOP:		the ends answer ACKs with ACKs, none of
 *					which acknowledges new data
 * @TCPTRACE_FINDING_ONE_WAY:		only segments of this end were seen;
 *					value: number of packets
 * @TCPTRACE_FINDING_SEEN_TWICE: the same packets were seen at two places: hooks
 *	or interfaces, or, in a capture, points of the path with different TTLs
 *	or link-layer headers
 * @TCPTRACE_FINDING_STRAY_RST:		a RST with the sequence number of the
 *					end came from a different address or
 *					port, or left a NAT untranslated; value:
 *					the source port of the RST
 * @TCPTRACE_FINDING_SYN_TIMESTAMP: the SYN of the end is not answered, and its
 *	timestamp is older than the timestamps of an earlier connection to the
 *	same server; only in captures; value: difference in ticks
 * @TCPTRACE_FINDING_TOO_BIG: a router reports that a segment of the end is too
 *	big for the next link (RFC 1191, RFC 8201); value: the MTU, 0 if the
 *	error does not contain it
 * @TCPTRACE_FINDING_ROUTE_MOVED: the segments of the end now pass a different
 *	interface or hook; value: the index of the interface
 * @TCPTRACE_FINDING_ASYMMETRIC: the two directions pass different interfaces;
 *	value: the index of the interface by which the segments of the end leave
 * @TCPTRACE_FINDING_LISTENER_FULL: the end is a listener of this host, and
 *	dropped a SYN or the ACK of a handshake because a queue was full; only
 *	with TCPTRACE_MASK_FATE or DROP; value: number of packets that the
 *	listener had dropped before
 * @TCPTRACE_FINDINGS:			number of values
 *
 * Documentation/findings.rst describes the evidence for each finding.
 */
enum tcptrace_finding {
	TCPTRACE_FINDING_NONE			= 0,
	TCPTRACE_FINDING_OLD_CONNECTION		= 1,
	TCPTRACE_FINDING_SYN_REPEATED		= 2,
	TCPTRACE_FINDING_SYNACK_REPEATED	= 3,
	TCPTRACE_FINDING_SYNACK_UNANSWERED	= 4,
	TCPTRACE_FINDING_TWO_SYNACKS		= 5,
	TCPTRACE_FINDING_TFO_NOT_TAKEN		= 6,
	TCPTRACE_FINDING_OLD_TIMESTAMP		= 7,
	TCPTRACE_FINDING_WSCALE_LOST		= 8,
	TCPTRACE_FINDING_WINDOW_SHRUNK		= 9,
	TCPTRACE_FINDING_WINDOW_OVERRUN		= 10,
	TCPTRACE_FINDING_ZERO_WINDOW		= 11,
	TCPTRACE_FINDING_PROBES_UNANSWERED	= 12,
	TCPTRACE_FINDING_KEEP_ALIVES_UNANSWERED	= 13,
	TCPTRACE_FINDING_DATA_UNANSWERED	= 14,
	TCPTRACE_FINDING_FIN_UNANSWERED		= 15,
	TCPTRACE_FINDING_PATH_MTU		= 16,
	TCPTRACE_FINDING_SACK_OUTSIDE		= 17,
	TCPTRACE_FINDING_ACK_LOOP		= 18,
	TCPTRACE_FINDING_ONE_WAY		= 19,
	TCPTRACE_FINDING_SEEN_TWICE		= 20,
	TCPTRACE_FINDING_STRAY_RST		= 21,
	TCPTRACE_FINDING_SYN_TIMESTAMP		= 22,
	TCPTRACE_FINDING_TOO_BIG		= 23,
	TCPTRACE_FINDING_ROUTE_MOVED		= 24,
	TCPTRACE_FINDING_ASYMMETRIC		= 25,
	TCPTRACE_FINDING_LISTENER_FULL		= 26,
	TCPTRACE_FINDINGS			= 27
};

/**
 * enum tcptrace_error_kind - kind of an ICMP or ICMPv6 error
 * @TCPTRACE_ERROR_NONE:	there was no error
 * @TCPTRACE_ERROR_UNREACHABLE:	destination unreachable
 * @TCPTRACE_ERROR_TOO_BIG:	fragmentation needed, or packet too big
 * @TCPTRACE_ERROR_TIME:	time exceeded
 * @TCPTRACE_ERROR_PARAMETER:	parameter problem
 * @TCPTRACE_ERROR_REDIRECT:	redirect; only counted
 * @TCPTRACE_ERRORS:		number of values
 */
enum tcptrace_error_kind {
	TCPTRACE_ERROR_NONE		= 0,
	TCPTRACE_ERROR_UNREACHABLE	= 1,
	TCPTRACE_ERROR_TOO_BIG		= 2,
	TCPTRACE_ERROR_TIME		= 3,
	TCPTRACE_ERROR_PARAMETER	= 4,
	TCPTRACE_ERROR_REDIRECT		= 5,
	TCPTRACE_ERRORS			= 6
};

/**
 * enum tcptrace_fate - where the SYNs of a connection went
 * @TCPTRACE_FATE_NONE: unknown: no SYN was seen; or neither an answer nor an
 *	ICMP error came, and no reader asked for TCPTRACE_MASK_FATE or DROP when
 *	the first SYN was seen
 * @TCPTRACE_FATE_ANSWERED:	the responder answered
 * @TCPTRACE_FATE_REFUSED: the responder refused the SYN with a RST
 * @TCPTRACE_FATE_NO_SOCKET: this host is the responder, and its TCP refused the
 *	SYN
 * @TCPTRACE_FATE_REJECTED:	a firewall rule of this host rejected the SYN
 * @TCPTRACE_FATE_UNREACHABLE:	an ICMP error quotes the SYN
 * @TCPTRACE_FATE_DROPPED:	this host dropped the SYN
 * @TCPTRACE_FATE_LEFT:		the SYN left this host, and no answer came
 * @TCPTRACE_FATE_DELIVERED: the SYN was delivered to the TCP of this host,
 *	which did not answer
 * @TCPTRACE_FATE_NOT_SEEN:	it is unknown where the SYN went: no departure,
 *				delivery or drop was seen
 * @TCPTRACE_FATES:		number of values
 */
enum tcptrace_fate {
	TCPTRACE_FATE_NONE		= 0,
	TCPTRACE_FATE_ANSWERED		= 1,
	TCPTRACE_FATE_REFUSED		= 2,
	TCPTRACE_FATE_NO_SOCKET		= 3,
	TCPTRACE_FATE_REJECTED		= 4,
	TCPTRACE_FATE_UNREACHABLE	= 5,
	TCPTRACE_FATE_DROPPED		= 6,
	TCPTRACE_FATE_LEFT		= 7,
	TCPTRACE_FATE_DELIVERED		= 8,
	TCPTRACE_FATE_NOT_SEEN		= 9,
	TCPTRACE_FATES			= 10
};

/**
 * enum tcptrace_limited - what took the largest part of a connection's time
 * @TCPTRACE_LIMITED_NONE:	unknown
 * @TCPTRACE_LIMITED_APP: the connection waited for the originator to send data
 * @TCPTRACE_LIMITED_PEER:	the connection waited for the responder to
 *				answer
 * @TCPTRACE_LIMITED_WINDOW:	the window of a receiver was full
 * @TCPTRACE_LIMITED_LOSS:	loss recovery
 * @TCPTRACE_LIMITED_PATH:	data was in flight: the path or the sender was
 *				the limit
 * @TCPTRACE_LIMITED_HANDSHAKE:	the handshake
 * @TCPTRACE_LIMITED:		number of values
 */
enum tcptrace_limited {
	TCPTRACE_LIMITED_NONE		= 0,
	TCPTRACE_LIMITED_APP		= 1,
	TCPTRACE_LIMITED_PEER		= 2,
	TCPTRACE_LIMITED_WINDOW		= 3,
	TCPTRACE_LIMITED_LOSS		= 4,
	TCPTRACE_LIMITED_PATH		= 5,
	TCPTRACE_LIMITED_HANDSHAKE	= 6,
	TCPTRACE_LIMITED		= 7
};

/**
 * enum tcptrace_fit - where a sequence number is, compared to the expected one
 * @TCPTRACE_FIT_UNKNOWN:	no number was expected (for example, midstream)
 * @TCPTRACE_FIT_EXACT:		the expected number
 * @TCPTRACE_FIT_IN_WINDOW:	after the expected number, inside the window
 * @TCPTRACE_FIT_OUT_OF_WINDOW:	after the expected number, outside the window
 * @TCPTRACE_FIT_OLD:		before the expected number
 * @TCPTRACE_FITS:		number of values
 */
enum tcptrace_fit {
	TCPTRACE_FIT_UNKNOWN		= 0,
	TCPTRACE_FIT_EXACT		= 1,
	TCPTRACE_FIT_IN_WINDOW		= 2,
	TCPTRACE_FIT_OUT_OF_WINDOW	= 3,
	TCPTRACE_FIT_OLD		= 4,
	TCPTRACE_FITS			= 5
};

/* TCP flags: the flags of RFC 9293 3.1, and AE from RFC 9768 */
#define TCPTRACE_FIN	0x001
#define TCPTRACE_SYN	0x002
#define TCPTRACE_RST	0x004
#define TCPTRACE_PSH	0x008
#define TCPTRACE_ACK	0x010
#define TCPTRACE_URG	0x020
#define TCPTRACE_ECE	0x040
#define TCPTRACE_CWR	0x080
#define TCPTRACE_AE	0x100

/* TCP options: bits of the fields named "options" */
#define TCPTRACE_OPT_MSS	0x0001	/* RFC 9293 3.7.1 */
#define TCPTRACE_OPT_WSCALE	0x0002	/* RFC 7323 */
#define TCPTRACE_OPT_SACK_PERM	0x0004	/* RFC 2018 */
#define TCPTRACE_OPT_SACK	0x0008	/* RFC 2018 */
#define TCPTRACE_OPT_TIMESTAMP	0x0010	/* RFC 7323 */
#define TCPTRACE_OPT_TFO	0x0020	/* RFC 7413 */
#define TCPTRACE_OPT_MPTCP	0x0040	/* RFC 8684 */
#define TCPTRACE_OPT_MD5	0x0080	/* RFC 2385 */
#define TCPTRACE_OPT_AO		0x0100	/* RFC 5925 */
#define TCPTRACE_OPT_UNKNOWN	0x0200	/* any other kind */
#define TCPTRACE_OPT_MALFORMED	0x0400	/* an invalid length */
#define TCPTRACE_OPT_ECN	0x8000	/* negotiated by flags, RFC 3168 */

/* The SYN has no window scale option, or was not seen */
#define TCPTRACE_WSCALE_NONE	255

/* Flags of tcptrace_header.flags */
#define TCPTRACE_F_MIDSTREAM	0x0001	/* the SYN was not seen */
#define TCPTRACE_F_GUESSED	0x0002	/* the originator is a guess */
#define TCPTRACE_F_SELF		0x0004	/* both ends are the same socket */
#define TCPTRACE_F_ONE_WAY	0x0040	/* only one end's segments are seen */

/**
 * enum tcptrace_hook - where a segment was observed
 * @TCPTRACE_HOOK_NONE:		there is no segment, for example at a timeout or
 *				an eviction
 * @TCPTRACE_HOOK_IN:		LOCAL_IN, to this host
 * @TCPTRACE_HOOK_FORWARD:	FORWARD, through this host
 * @TCPTRACE_HOOK_OUT:		LOCAL_OUT, from this host
 * @TCPTRACE_HOOK_INGRESS: before routing; only in DROP and CLOSE
 */
enum tcptrace_hook {
	TCPTRACE_HOOK_NONE	= 0,
	TCPTRACE_HOOK_IN	= 1,
	TCPTRACE_HOOK_FORWARD	= 2,
	TCPTRACE_HOOK_OUT	= 3,
	TCPTRACE_HOOK_INGRESS	= 4
};

/**
 * struct tcptrace_header - the beginning of every record
 * @len:	length of the whole record in bytes, a multiple of 8
 * @type:	enum tcptrace_type
 * @flags:	TCPTRACE_F_*
 * @seq:	number of the record among the records produced for this reader,
 *		counting from 0; lost records also have numbers, so a gap of n
 *		numbers is a loss of n records. A LOST record has the number of
 *		the first lost record.
 * @time:	time of the event, in ns of the reader's clock
 */
struct tcptrace_header {
	__u32 len;
	__u16 type;
	__u16 flags;
	__u64 seq;
	__u64 time;
};

/**
 * struct tcptrace_flow - addresses, ports and id of a connection
 * @conn:	connection id, counting from 1, unique in its network namespace;
 *		a reader of all namespaces identifies a connection by @netns and
 *		@conn. 0: the segment belongs to no connection, @orig_addr and
 *		@orig_port are those of its sender, and relative sequence
 *		numbers are equal to the raw ones
 * @netns: inode number of the network namespace (lsns -t net); after the
 *	namespace and all its connections have ended, a new namespace may get
 *	the same number
 * @zone:	interface index if an address is link-local, else 0
 * @orig_port:	port of the originator, the sender of the first SYN
 * @resp_port:	port of the responder
 * @family:	AF_INET (2) or AF_INET6 (10)
 * @pad:	zero
 * @orig_addr:	address of the originator; IPv4: first 4 bytes, rest zero
 * @resp_addr:	address of the responder
 */
struct tcptrace_flow {
	__u64 conn;
	__u32 netns;
	__u32 zone;
	__u16 orig_port;
	__u16 resp_port;
	__u16 family;
	__u16 pad;
	__u8 orig_addr[16];
	__u8 resp_addr[16];
};

/**
 * struct tcptrace_seg - the segment that caused a record
 * @seq:	sequence number
 * @ack:	acknowledgment number field, even if the ACK flag is not set
 * @rel_seq:	@seq relative to the sender's ISN
 * @rel_ack:	@ack relative to the other end's ISN (0 without ACK)
 * @len:	payload bytes
 * @flags:	TCPTRACE_FIN and so on
 * @window:	window field, not scaled
 * @wire_segs:	number of wire segments in this packet (GSO, GRO)
 * @from:	0: sent by the originator, 1: by the responder
 * @hook: enum tcptrace_hook; if TCPTRACE_HOOK_NONE, all other fields are zero
 * @pad:	zero
 *
 * If the ISN of an end was not seen (midstream), the first sequence number of
 * that end that was seen or acknowledged has the relative sequence number 1.
 */
struct tcptrace_seg {
	__u32 seq;
	__u32 ack;
	__u32 rel_seq;
	__u32 rel_ack;
	__u32 len;
	__u16 flags;
	__u16 window;
	__u16 wire_segs;
	__u8 from;
	__u8 hook;
	__u32 pad;
};

#define TCPTRACE_COMM_MAX	16

/**
 * enum tcptrace_known - what is known of the owner of an end
 * @TCPTRACE_KNOWN_NOTHING:	nothing, or nothing yet
 * @TCPTRACE_KNOWN_REMOTE: the segments of the end arrive on an interface, so
 *	the owner is on another host, or in another network namespace
 * @TCPTRACE_KNOWN_SOCKET:	the socket's user, cgroup and cookie
 * @TCPTRACE_KNOWN_INODE:	the socket, and also its inode
 * @TCPTRACE_KNOWN_TASK:	the socket and its inode, and also the process
 * @TCPTRACE_KNOWNS:		number of values
 */
enum tcptrace_known {
	TCPTRACE_KNOWN_NOTHING	= 0,
	TCPTRACE_KNOWN_REMOTE	= 1,
	TCPTRACE_KNOWN_SOCKET	= 2,
	TCPTRACE_KNOWN_INODE	= 3,
	TCPTRACE_KNOWN_TASK	= 4,
	TCPTRACE_KNOWNS		= 5
};

/**
 * struct tcptrace_owner - the socket and the process of an end
 * @cookie:	SO_COOKIE of the socket, 0 if the kernel has not generated the
 *		cookie yet
 * @cgroup:	id of the cgroup (version 2) of the socket, 0 if unknown
 * @inode:	inode number of the socket, 0 if unknown: a server's socket has
 *		no inode before accept(). If a listener has no room for a
 *		connection, all fields describe the listener until the end has a
 *		socket.
 * @uid:	user id of the socket, in the initial user namespace
 * @pid: id of a process that sent a segment, in the initial PID namespace; 0 if
 *	unknown, for example because no segment was sent in process context
 * @known:	enum tcptrace_known
 * @pad:	zero
 * @comm: name of the process when @pid was recorded; ends with NUL; may contain
 *	any bytes
 */
struct tcptrace_owner {
	__u64 cookie;
	__u64 cgroup;
	__u32 inode;
	__u32 uid;
	__u32 pid;
	__u8 known;
	__u8 pad[3];
	char comm[TCPTRACE_COMM_MAX];
};

/**
 * struct tcptrace_path - the path of an end's segments through this host
 * @in: index of the interface on which the segments arrive, 0 if this host
 *	sends them
 * @out:	index of the interface on which the segments leave, 0 if this
 *		host receives them
 * @vrf:	index of the VRF of @in, or of @out if @in is 0; 0 if none
 * @mark:	mark (SO_MARK, nftables) of the segment that showed this path
 */
struct tcptrace_path {
	__u32 in;
	__u32 out;
	__u32 vrf;
	__u32 mark;
};

/**
 * struct tcptrace_nat - the addresses of a connection after NAT on this host
 * @addr: [0]: the originator's address as the responder sees it; [1]: the
 *	responder's address as the originator sees it; IPv4: first 4 bytes, rest
 *	zero
 * @port:	the port that belongs to each @addr
 * @translated: for each end: 1 if @addr or @port differs from struct
 *	tcptrace_flow; if 0, @addr and @port are zero
 * @pad:	zero
 *
 * The module reads the connection tracking entry at the first packet of each
 * direction, so SNAT is known as soon as the first answer is seen.
 */
struct tcptrace_nat {
	__u8 addr[2][16];
	__u16 port[2];
	__u8 translated[2];
	__u8 pad[2];
};

/**
 * struct tcptrace_context - what this host knows about a connection
 * @owner:	owners of the originator and of the responder
 * @path:	paths of the originator's and of the responder's segments; zero
 *		before the first segment
 * @nat:	addresses of the connection after NAT
 */
struct tcptrace_context {
	struct tcptrace_owner owner[2];
	struct tcptrace_path path[2];
	struct tcptrace_nat nat;
};

/**
 * struct tcptrace_open - TCPTRACE_OPEN: a connection enters the table
 * @h:		header
 * @flow:	the connection
 * @seg:	the first segment that was seen
 * @context:	what this host knew about the connection when @seg was seen
 */
struct tcptrace_open {
	struct tcptrace_header h;
	struct tcptrace_flow flow;
	struct tcptrace_seg seg;
	struct tcptrace_context context;
};

/**
 * struct tcptrace_transition - TCPTRACE_STATE: one end changed its state
 * @h:		header
 * @flow:	the connection
 * @seg:	the segment that caused the change, if any
 * @number:	number of the transition in its connection, counting from 1
 *		without gaps
 * @end:	end that changed its state: 0 originator, 1 responder
 * @from:	enum tcptrace_state before
 * @to:		enum tcptrace_state after
 * @reason:	enum tcptrace_reason
 */
struct tcptrace_transition {
	struct tcptrace_header h;
	struct tcptrace_flow flow;
	struct tcptrace_seg seg;
	__u32 number;
	__u8 end;
	__u8 from;
	__u8 to;
	__u8 reason;
};

/**
 * struct tcptrace_established - TCPTRACE_ESTABLISHED: the handshake is done
 * @h:			header
 * @flow:		the connection
 * @seg:		the segment that completed the handshake
 * @syn_synack_ns: time from a SYN to the first SYN,ACK, as seen here: round
 *	trip time between here and the responder. The SYN is the last SYN before
 *	the SYN,ACK or, with timestamps, the SYN that the SYN,ACK answers.
 * @synack_ack_ns:	time from the last SYN,ACK to the ACK, as seen here:
 *			round trip time between here and the originator
 * @handshake_ns:	time from the first SYN to the ACK
 * @syn_rexmits:	number of retransmissions of the SYN; 254 means 254 or
 *			more
 * @synack_rexmits:	number of retransmissions of the SYN,ACK; 254 means 254
 *			or more
 * @options:		TCPTRACE_OPT_* that both ends offered
 * @mss:		MSS that each end announced, 0 if none
 * @wscale: window scale that each end offered, or TCPTRACE_WSCALE_NONE; windows
 *	are scaled if both ends offered a scale
 * @pad:		zero
 * @context:		what this host knew about the connection when @seg was
 *			seen
 *
 * A time is 0 if one of its two segments was not seen.
 */
struct tcptrace_established {
	struct tcptrace_header h;
	struct tcptrace_flow flow;
	struct tcptrace_seg seg;
	__u64 syn_synack_ns;
	__u64 synack_ack_ns;
	__u64 handshake_ns;
	__u8 syn_rexmits;
	__u8 synack_rexmits;
	__u16 options;
	__u16 mss[2];
	__u8 wscale[2];
	__u8 pad[6];
	struct tcptrace_context context;
};

/**
 * struct tcptrace_segment - TCPTRACE_SEGMENT: one observed segment
 * @h:			header
 * @flow:		the connection
 * @seg:		the segment
 * @options:		TCPTRACE_OPT_* that are present
 * @mss:		with OPT_MSS
 * @urgent:		urgent pointer
 * @wscale:		with OPT_WSCALE: shift count, at most 14
 * @sack_blocks:	with OPT_SACK: number of blocks
 * @tfo_len:		with OPT_TFO: length of the cookie, 0 for a request
 * @mptcp_subtype:	with OPT_MPTCP (RFC 8684 table 8)
 * @hdr_len:		length of the TCP header
 * @ttl:		TTL or hop limit
 * @tos:		TOS or traffic class
 * @pad:		zero
 * @analysis:		TCPTRACE_A_*
 * @rtt_ns:		round trip time from a segment of the other end to this
 *			segment, 0 if none was measured
 * @dup_ack_num: with A_DUPLICATE_ACK: number of the duplicate, counting from 1
 * @tsval:		with OPT_TIMESTAMP
 * @tsecr:		with OPT_TIMESTAMP
 * @sack:		with OPT_SACK: left and right edge of each block, as raw
 *			sequence numbers
 * @rexmit_bytes:	payload bytes that were seen before; @analysis follows
 *			Wireshark's rules, so the two may disagree
 */
struct tcptrace_segment {
	struct tcptrace_header h;
	struct tcptrace_flow flow;
	struct tcptrace_seg seg;
	__u16 options;
	__u16 mss;
	__u16 urgent;
	__u8 wscale;
	__u8 sack_blocks;
	__u8 tfo_len;
	__u8 mptcp_subtype;
	__u8 hdr_len;
	__u8 ttl;
	__u8 tos;
	__u8 pad;
	__u16 analysis;
	__u64 rtt_ns;
	__u32 dup_ack_num;
	__u32 tsval;
	__u32 tsecr;
	__u32 sack[4][2];
	__u32 rexmit_bytes;
};

#define TCPTRACE_RTT_BUCKETS	20
#define TCPTRACE_HISTORY_MAX	32
#define TCPTRACE_FOUND_MAX	6

/**
 * struct tcptrace_found - a finding, its count and its value
 * @finding:	enum tcptrace_finding; 0: this entry is not used
 * @end: end to which the finding applies: 0 originator, 1 responder, 255 both
 * @count:	number of times that the finding was seen, at most 65535
 * @value:	largest value so far; enum tcptrace_finding defines its meaning
 */
struct tcptrace_found {
	__u8 finding;
	__u8 end;
	__u16 count;
	__u32 value;
};

#define TCPTRACE_DROP_REASON_MAX	32
#define TCPTRACE_FUNCTION_MAX	64

/**
 * struct tcptrace_error - an ICMP or ICMPv6 error
 * @addr:	sender of the error; IPv4: first 4 bytes, rest zero
 * @mtu:	ERROR_TOO_BIG: MTU of the next link, 0 if the error does not
 *		contain it
 * @kind:	enum tcptrace_error_kind
 * @type:	ICMP or ICMPv6 type
 * @code:	ICMP or ICMPv6 code
 * @fit: enum tcptrace_fit of the quoted sequence number: FIT_EXACT or
 *	FIT_IN_WINDOW: the number is in flight, so the error is credible (RFC
 *	5927 section 4.1); FIT_OLD: the number is already acknowledged;
 *	FIT_OUT_OF_WINDOW: the number was never sent; FIT_UNKNOWN: the
 *	connection or its sequence numbers are unknown
 */
struct tcptrace_error {
	__u8 addr[16];
	__u32 mtu;
	__u8 kind;
	__u8 type;
	__u8 code;
	__u8 fit;
};

/**
 * struct tcptrace_opening - where the SYNs of a connection went
 * @fate:	enum tcptrace_fate
 * @hook: with FATE_DROPPED: enum tcptrace_hook of the path on which the SYN was
 *	dropped
 * @drops: number of packets of the connection that this host dropped, at most
 *	65535; counted only while a reader asks for TCPTRACE_MASK_FATE or DROP
 * @ifindex:	with FATE_LEFT, FATE_DELIVERED, FATE_DROPPED: index of the
 *		interface, 0 if unknown
 * @reason:	with FATE_DROPPED, FATE_REJECTED: reason of the drop, as in
 *		struct tcptrace_drop
 * @error: the latest credible ICMP error about the connection; all zero if
 *	there was none
 */
struct tcptrace_opening {
	__u8 fate;
	__u8 hook;
	__u16 drops;
	__u32 ifindex;
	char reason[TCPTRACE_DROP_REASON_MAX];
	struct tcptrace_error error;
};

/**
 * struct tcptrace_dir - counters of the packets that one end sent
 * @packets:		packets observed
 * @segments:		segments on the wire: a GSO or GRO packet has several
 * @bytes:		payload bytes, including retransmitted bytes
 * @unique_bytes:	payload bytes that were not seen before
 * @rexmit_bytes:	payload bytes that were seen before, except the bytes of
 *			@keep_alives
 * @missed_bytes:	bytes of sequence space that were acknowledged but never
 *			seen
 * @idle_max_ns:	longest time between successive packets of this end
 * @data_ns:		time from the first to the last packet with payload
 * @rtt_min_ns: smallest round trip time between here and the other end: from a
 *	segment of this end to the answer, both as seen here
 * @rtt_last_ns:	latest round trip time
 * @srtt_ns:		smoothed round trip time, RFC 6298
 * @rttvar_ns:		round trip time variation, RFC 6298
 * @rtt_samples:	number of samples
 * @rtt_hist: histogram of the round trip times: [0] below 16 us, [i] from 8 <<
 *	i us to below 16 << i us; the last bucket has no upper limit; a bucket
 *	stops at 65535
 * @data_packets:	packets with payload
 * @rexmit_packets:	packets that carried payload seen before
 * @out_of_order:	packets that are A_OUT_OF_ORDER
 * @acks:		packets with ACK
 * @pure_acks:		packets with ACK, but without payload, SYN, FIN or RST
 * @dup_acks:		packets that are A_DUPLICATE_ACK
 * @triple_dup_acks:	number of third duplicate ACKs
 * @sack_packets:	packets with SACK blocks
 * @sack_blocks:	SACK blocks
 * @dsacks:		packets whose first SACK block reports a duplicate (RFC
 *			2883)
 * @zero_windows:	packets with a window of 0, except SYNs and RSTs
 * @zero_window_probes:	packets that are A_ZERO_WINDOW_PROBE
 * @window_full:	packets that are A_WINDOW_FULL
 * @keep_alives: packets that are A_KEEP_ALIVE, except those that repeat
 *	unacknowledged payload
 * @pushes:		packets with PSH
 * @urgent_packets:	packets with URG
 * @urgent_bytes:	payload bytes up to the urgent pointers
 * @syns:		packets with SYN
 * @fins:		packets with FIN
 * @rsts:		packets with RST
 * @window_min: smallest window announced, scaled; SYNs and RSTs are ignored
 * @window_max:		largest window announced
 * @initial_bytes:	payload bytes that were sent before any payload was
 *			acknowledged, without retransmissions
 * @initial_packets: packets with payload that were sent before any payload was
 *	acknowledged, without retransmissions
 * @segment_min:	smallest payload of a segment on the wire, 0 if none
 * @segment_max:	largest payload of a segment on the wire
 * @ect0:		packets with ECT(0) (RFC 3168)
 * @ect1:		packets with ECT(1)
 * @ce:			packets that were marked CE
 * @ece:		packets with ECE, except SYNs
 * @cwr:		packets with CWR, except SYNs
 * @flags:		all flags ORed (IPFIX tcpControlBits)
 * @mss:		MSS in the SYN of this end, 0 if none
 * @wscale: window scale in the SYN of this end, or TCPTRACE_WSCALE_NONE
 * @state: enum tcptrace_state of this end when the connection closed
 * @ttl_first:		TTL or hop limit of the first packet
 * @ttl_min:		smallest TTL
 * @ttl_max:		largest TTL
 * @sack_blocks_max:	maximum number of SACK blocks in one packet
 * @pad:		zero
 *
 * Except for @rtt_hist, the 32-bit counters stop at their maximum value.
 */
struct tcptrace_dir {
	__u64 packets;
	__u64 segments;
	__u64 bytes;
	__u64 unique_bytes;
	__u64 rexmit_bytes;
	__u64 missed_bytes;
	__u64 idle_max_ns;
	__u64 data_ns;
	__u64 rtt_min_ns;
	__u64 rtt_last_ns;
	__u64 srtt_ns;
	__u64 rttvar_ns;
	__u32 rtt_samples;
	__u32 rtt_hist[TCPTRACE_RTT_BUCKETS];
	__u32 data_packets;
	__u32 rexmit_packets;
	__u32 out_of_order;
	__u32 acks;
	__u32 pure_acks;
	__u32 dup_acks;
	__u32 triple_dup_acks;
	__u32 sack_packets;
	__u32 sack_blocks;
	__u32 dsacks;
	__u32 zero_windows;
	__u32 zero_window_probes;
	__u32 window_full;
	__u32 keep_alives;
	__u32 pushes;
	__u32 urgent_packets;
	__u32 urgent_bytes;
	__u32 syns;
	__u32 fins;
	__u32 rsts;
	__u32 window_min;
	__u32 window_max;
	__u32 initial_bytes;
	__u32 initial_packets;
	__u32 segment_min;
	__u32 segment_max;
	__u32 ect0;
	__u32 ect1;
	__u32 ce;
	__u32 ece;
	__u32 cwr;
	__u16 flags;
	__u16 mss;
	__u8 wscale;
	__u8 state;
	__u8 ttl_first;
	__u8 ttl_min;
	__u8 ttl_max;
	__u8 sack_blocks_max;
	__u8 pad[6];
};

/**
 * struct tcptrace_time - time by phase, and response times of one end
 * @busy_ns:		time in which data or a FIN was outstanding, or the
 *			window may have held back data
 * @window_ns:		part of @busy_ns: the receiver's window had no room for
 *			another segment of the largest size
 * @rto_ns:		part of @busy_ns: loss recovery after a timeout,
 *			including the silence before the timeout
 * @fast_ns: part of @busy_ns: loss recovery after duplicate or selective ACKs
 * @delayed_ns: part of @busy_ns: the time by which the receiver delayed its
 *	ACKs. The response times of the receiver include this time. The path and
 *	the sender account for the rest of @busy_ns.
 * @idle_ns: time between busy phases, while no data was outstanding
 * @own_ns: total length of the periods in which no data was outstanding in
 *	either direction and which ended when this end sent data;
 *	Documentation/analysis.rst defines the owner of a period that does not
 *	end with data
 * @response_min_ns:	smallest response time of this end: from the last byte
 *			of a request to the first byte of its answer, minus the
 *			smallest round trip time between here and this end; 0 if
 *			none
 * @response_max_ns:	largest response time
 * @response_sum_ns:	sum of the response times
 * @responses:		number of response times measured for this end
 * @response_hist: histogram of the response times, with the buckets of
 *	@rtt_hist in struct tcptrace_dir; a bucket stops at 65535
 * @pad:		zero
 */
struct tcptrace_time {
	__u64 busy_ns;
	__u64 window_ns;
	__u64 rto_ns;
	__u64 fast_ns;
	__u64 delayed_ns;
	__u64 idle_ns;
	__u64 own_ns;
	__u64 response_min_ns;
	__u64 response_max_ns;
	__u64 response_sum_ns;
	__u32 responses;
	__u32 response_hist[TCPTRACE_RTT_BUCKETS];
	__u32 pad;
};

/**
 * struct tcptrace_close - TCPTRACE_CLOSE: a connection ends or leaves the table
 * @h:			header
 * @flow:		the connection
 * @seg:		the segment that ended the connection, if any
 * @start:		time of the first segment
 * @duration_ns:	time from the first segment to the last segment
 * @established_ns:	time from the end of the handshake to the last segment,
 *			0 if the handshake was not completed
 * @syn_synack_ns:	as in struct tcptrace_established
 * @synack_ack_ns:	as in struct tcptrace_established
 * @initial_rtt_ns:	time from the last SYN to the first ACK without SYN
 *			(Wireshark's initial_rtt), 0 if unknown
 * @dir:		counters of the originator's packets and of the
 *			responder's packets
 * @transitions:	number of state transitions
 * @suspected:		1 << enum tcptrace_suspicion, ORed
 * @reason:		enum tcptrace_close_reason
 * @by:			sender of the first FIN or of the RST: 0 originator, 1
 *			responder, 255 neither
 * @conn_state:		enum tcptrace_conn_state
 * @end_reason:		enum tcptrace_end_reason
 * @completeness:	TCPTRACE_COMPLETE_*
 * @pad:		zero
 * @history: Zeek's history, ends with NUL; truncated if it is too long
 * @found:		the first findings, starting with the oldest; later
 *			findings are only in @findings
 * @findings:		1 << enum tcptrace_finding, ORed
 * @pad2:		zero
 * @opening:		where the SYNs went
 * @time:		time by phase of the originator's data and of the
 *			responder's data
 * @limited_by:		enum tcptrace_limited
 * @pad3:		zero
 * @context:		what this host knows about the connection
 */
struct tcptrace_close {
	struct tcptrace_header h;
	struct tcptrace_flow flow;
	struct tcptrace_seg seg;
	__u64 start;
	__u64 duration_ns;
	__u64 established_ns;
	__u64 syn_synack_ns;
	__u64 synack_ack_ns;
	__u64 initial_rtt_ns;
	struct tcptrace_dir dir[2];
	__u32 transitions;
	__u32 suspected;
	__u8 reason;
	__u8 by;
	__u8 conn_state;
	__u8 end_reason;
	__u8 completeness;
	__u8 pad[3];
	char history[TCPTRACE_HISTORY_MAX];
	struct tcptrace_found found[TCPTRACE_FOUND_MAX];
	__u32 findings;
	__u32 pad2;
	struct tcptrace_opening opening;
	struct tcptrace_time time[2];
	__u8 limited_by;
	__u8 pad3[7];
	struct tcptrace_context context;
};

/**
 * struct tcptrace_suspected - TCPTRACE_SUSPECTED: evidence against a segment
 * @h:		header
 * @flow:	the connection
 * @seg:	the segment
 * @distance:	bytes from @expected to the sequence number or acknowledgment
 *		number of the segment; negative if that number is before
 *		@expected
 * @since_ns: with SUSPECT_AFTER_RST and SUSPECT_CHALLENGED: time from the RST
 *	(or the SYN,ACK that is challenged) to the segment; if a later segment
 *	is the evidence: time from the segment to that later segment; else 0
 * @expected:	the expected sequence number; for SUSPECT_ACK, SUSPECT_SYNACK
 *		and a RST to an end in SYN_SENT: the expected acknowledgment
 *		number
 * @suspicion:	enum tcptrace_suspicion
 * @fit:	enum tcptrace_fit
 * @ttl:	TTL or hop limit of the segment
 * @ttl_min:	smallest TTL that the sender used before, 0 if none
 * @ttl_max:	largest TTL that the sender used before
 * @pad:	zero
 *
 * The record is evidence, not proof: segments that are late, reordered or not
 * seen here can also cause it.
 */
struct tcptrace_suspected {
	struct tcptrace_header h;
	struct tcptrace_flow flow;
	struct tcptrace_seg seg;
	__s64 distance;
	__u64 since_ns;
	__u32 expected;
	__u8 suspicion;
	__u8 fit;
	__u8 ttl;
	__u8 ttl_min;
	__u8 ttl_max;
	__u8 pad[7];
};

/**
 * struct tcptrace_finding_record - TCPTRACE_FINDING: a finding was proved
 * @h:		header
 * @flow:	the connection
 * @seg: the segment that proved the finding; this segment was seen, was dropped
 *	by this host, or is quoted by an ICMP error; all zero if the finding was
 *	proved when the connection ended without a segment
 * @found: the finding, with its count and value so far; CLOSE has the final
 *	count and value, if it has room for them
 */
struct tcptrace_finding_record {
	struct tcptrace_header h;
	struct tcptrace_flow flow;
	struct tcptrace_seg seg;
	struct tcptrace_found found;
};

/**
 * struct tcptrace_icmp - TCPTRACE_ICMP: an ICMP error that quotes a segment
 * @h:		header
 * @flow:	the connection; flow.conn is 0 if there is none
 * @seg:	the quoted segment: only seq, rel_seq, from and hook are set;
 *		hook is where the error was observed
 * @error:	the error
 */
struct tcptrace_icmp {
	struct tcptrace_header h;
	struct tcptrace_flow flow;
	struct tcptrace_seg seg;
	struct tcptrace_error error;
};

/**
 * struct tcptrace_drop - TCPTRACE_DROP: this host dropped a TCP packet
 * @h:		header
 * @flow:	the connection; flow.conn is 0 if there is none
 * @seg:	the segment; its hook shows the path of the packet in this host
 * @ifindex: index of the interface on which the segment arrived or was to
 *	leave; 0 if unknown
 * @listener_drops: if a queue of the listener was full: number of packets that
 *	the listener had dropped before, modulo 2^32
 * @reason: the kernel's reason, as in the tracepoint skb:kfree_skb, or OTHER if
 *	that reason has no name; TCP_LISTEN_OVERFLOW or SYN_QUEUE_FULL if a
 *	queue of the listener was full; ends with NUL
 * @function:	the kernel function that dropped the packet; ends with NUL
 * @queued: number of connections in the full queue of the listener; 0 if no
 *	queue was full
 * @queue_limit: limit of the full queue
 */
struct tcptrace_drop {
	struct tcptrace_header h;
	struct tcptrace_flow flow;
	struct tcptrace_seg seg;
	__u32 ifindex;
	__u32 listener_drops;
	char reason[TCPTRACE_DROP_REASON_MAX];
	char function[TCPTRACE_FUNCTION_MAX];
	__u32 queued;
	__u32 queue_limit;
};

/**
 * struct tcptrace_owner_record - TCPTRACE_OWNER: an owner became known
 * @h:		header
 * @flow:	the connection
 * @seg:	the segment that the owner's socket sent
 * @owner:	the owner of the end seg.from
 *
 * Each end has at most two OWNER records: one when the inode becomes known, and
 * one when the process becomes known. There is no OWNER record for an inode or
 * a process that OPEN has reported.
 */
struct tcptrace_owner_record {
	struct tcptrace_header h;
	struct tcptrace_flow flow;
	struct tcptrace_seg seg;
	struct tcptrace_owner owner;
};

/**
 * struct tcptrace_lost - TCPTRACE_LOST: records were lost here
 * @h:		header; seq is the record number of the first lost record
 * @count:	exact number of lost records
 * @first:	time of the first lost record
 * @last:	time of the last lost record
 * @causes:	1 << enum tcptrace_lost_cause, ORed
 * @pad:	zero
 */
struct tcptrace_lost {
	struct tcptrace_header h;
	__u64 count;
	__u64 first;
	__u64 last;
	__u32 causes;
	__u32 pad;
};

/**
 * enum tcptrace_limit_kind - which limit was reached
 * @TCPTRACE_LIMIT_HALF_OPEN:	max_half_open was reached: a connection that was
 *				not confirmed by both ends was evicted
 * @TCPTRACE_LIMIT_TABLE:	15/16 of max_connections were in use: a
 *				finished, unconfirmed or quiet connection was
 *				evicted
 * @TCPTRACE_LIMIT_FULL:	max_connections was reached: a connection was
 *				not tracked
 * @TCPTRACE_LIMIT_CHAIN:	the hash bucket was full: a connection was not
 *				tracked
 * @TCPTRACE_LIMIT_MEMORY:	there was no memory: a segment was not tracked
 * @TCPTRACE_LIMIT_READERS:	max_readers was reached: open() failed with
 *				EBUSY
 * @TCPTRACE_LIMITS:		number of values
 */
enum tcptrace_limit_kind {
	TCPTRACE_LIMIT_HALF_OPEN	= 0,
	TCPTRACE_LIMIT_TABLE		= 1,
	TCPTRACE_LIMIT_FULL		= 2,
	TCPTRACE_LIMIT_CHAIN		= 3,
	TCPTRACE_LIMIT_MEMORY		= 4,
	TCPTRACE_LIMIT_READERS		= 5,
	TCPTRACE_LIMITS			= 6
};

/**
 * struct tcptrace_limit - TCPTRACE_LIMIT: limits that a namespace has reached
 * @h:		header; its time is the end of the time span
 * @netns:	inode number of the network namespace that reached the limits;
 *		evicted connections can belong to other namespaces
 * @span_ms: length of the time span, from the first hit to this record: about a
 *	second, or less if the namespace ends; the next span begins with the
 *	next hit
 * @hits:	number of times that each limit was reached, by enum
 *		tcptrace_limit_kind
 * @opened:	number of connections that opened in this namespace during the
 *		span
 * @unanswered:	number of evicted connections (HALF_OPEN, TABLE) of which only
 *		one end was seen
 * @addr:	destination address of segments that reached a limit. If more
 *		than half of these segments have the same destination address,
 *		@addr is that address.
 * @family:	AF_INET or AF_INET6, the family of @addr; 0: no such address
 * @port: destination port of segments that reached a limit, regardless of their
 *	address; chosen like @addr
 * @pad:	zero
 *
 * In a flood, @opened / @span_ms is the rate of the flood, @unanswered relative
 * to @hits is the share of unanswered connections, and @addr and @port are the
 * target. A segment causes one hit for each connection that it evicts.
 */
struct tcptrace_limit {
	struct tcptrace_header h;
	__u32 netns;
	__u32 span_ms;
	__u32 hits[TCPTRACE_LIMITS];
	__u32 opened;
	__u32 unanswered;
	__u8 addr[16];
	__u16 family;
	__u16 port;
	__u32 pad;
};

/**
 * struct tcptrace_info - TCPTRACE_IOC_INFO: state of this reader
 * @ring_size:	size of the reader's ring in bytes
 * @mask:	the reader's event mask
 * @all_netns:	1 if the reader sees all network namespaces
 * @netns:	inode number of the reader's network namespace
 * @produced:	number of records produced for the reader
 * @delivered:	number of records that the reader has read, excluding LOST
 *		records
 * @lost: number of lost records; with DROP in @mask, packets that the module
 *	could not queue are included. @produced - @delivered - @lost records are
 *	waiting in the ring. These three counters are never reset.
 * @ring_high:	maximum number of bytes of the ring that were ever in use; a
 *		record read from a mapped ring is in use until the kernel
 *		reclaims its room
 * @clock:	CLOCK_* of the times in the reader's records
 * @lost_by:	@lost by enum tcptrace_lost_cause
 */
struct tcptrace_info {
	__u32 ring_size;
	__u32 mask;
	__u32 all_netns;
	__u32 netns;
	__u64 produced;
	__u64 delivered;
	__u64 lost;
	__u32 ring_high;
	__u32 clock;
	__u64 lost_by[TCPTRACE_LOST_CAUSES];
};

/**
 * struct tcptrace_filter - TCPTRACE_IOC_FILTER: a classic BPF program
 * @insns:	address of an array of struct sock_filter
 * @len:	number of instructions, 1 to 4096; 0: no filter, @insns ignored
 * @pad:	zero
 */
struct tcptrace_filter {
	__u64 insns;
	__u32 len;
	__u32 pad;
};

/**
 * struct tcptrace_wake - TCPTRACE_IOC_WAKE: when to wake a waiting reader
 * @bytes:	wake the reader when this many bytes, or half of the ring, are
 *		waiting; 0: wake it at once
 * @delay_ms:	maximum time from the first waiting record to the wake-up; the
 *		wake-up may be up to one tick late; 0: no limit
 */
struct tcptrace_wake {
	__u32 bytes;
	__u32 delay_ms;
};

/**
 * DOC: ioctls
 *
 * TCPTRACE_IOC_INFO: fill in struct tcptrace_info.
 * TCPTRACE_IOC_MASK: set the event mask. EINVAL for any bit other than those of
 * TCPTRACE_MASK_ALL, TCPTRACE_MASK_FAILURES and TCPTRACE_MASK_FATE. ENOMEM if
 * there is no memory. If the call fails, the old mask stays in effect.
 * TCPTRACE_IOC_ALL_NETNS: 1 to see all network namespaces, 0 to see only the
 * reader's own. EINVAL for any other value. 1 fails with EPERM if the device
 * was not opened in the initial network namespace, or if the caller does not
 * have CAP_NET_ADMIN over that namespace.
 * TCPTRACE_IOC_FILTER: from now on, deliver only records of packets that the
 * program accepts. The packet that is passed to the program begins with its IP
 * header (libpcap's DLT_RAW). Records that no packet caused, such as those of a
 * timeout or an eviction, are not filtered; nor are the records that an ICMP
 * error about a connection causes. A new program replaces the previous program.
 * EINVAL if the kernel rejects the program, ENOMEM if there is no memory; after
 * either error, the previous program stays in effect.
 * TCPTRACE_IOC_CLOCK: set the clock of all times in later records:
 * CLOCK_MONOTONIC (the default), CLOCK_BOOTTIME or CLOCK_REALTIME. EINVAL for
 * any other clock.
 * TCPTRACE_IOC_RING: set the size of the ring in bytes. The size is rounded up
 * to a power of two, and the result is written back. EINVAL if the size is less
 * than TCPTRACE_RING_MIN or more than TCPTRACE_RING_MAX. Waiting records are
 * kept. EBUSY while the ring is mapped. EBUSY if the waiting records have more
 * than TCPTRACE_RING_MOVE bytes, or do not fit into the new size: read them
 * first. ENOMEM if there is no memory. After EBUSY or ENOMEM, the old size
 * stays in effect.
 * TCPTRACE_IOC_WAKE: set the condition on which poll() and a blocking read()
 * wake up. A non-blocking read() always takes the waiting records. EINVAL if
 * the delay is longer than TCPTRACE_DELAY_MAX, or if a delay is set and bytes
 * is 0. A loss of records wakes poll() and read() immediately.
 * TCPTRACE_IOC_EPOCH: get the epoch of the module: the time when the module was
 * loaded, in ns of CLOCK_REALTIME. Connection ids begin at 1 in each epoch.
 * Any other request: ENOTTY.
 */
#define TCPTRACE_RING_MIN	4096
#define TCPTRACE_RING_MAX	67108864
#define TCPTRACE_RING_MOVE	65536
#define TCPTRACE_DELAY_MAX	60000
#define TCPTRACE_IOC_MAGIC	0xf9
#define TCPTRACE_IOC_INFO	_IOR(TCPTRACE_IOC_MAGIC, 0, struct tcptrace_info)
#define TCPTRACE_IOC_MASK	_IOW(TCPTRACE_IOC_MAGIC, 1, __u32)
#define TCPTRACE_IOC_ALL_NETNS	_IOW(TCPTRACE_IOC_MAGIC, 2, __u32)
#define TCPTRACE_IOC_FILTER	_IOW(TCPTRACE_IOC_MAGIC, 3, \
				     struct tcptrace_filter)
#define TCPTRACE_IOC_CLOCK	_IOW(TCPTRACE_IOC_MAGIC, 4, __u32)
#define TCPTRACE_IOC_RING	_IOWR(TCPTRACE_IOC_MAGIC, 5, __u32)
#define TCPTRACE_IOC_WAKE	_IOW(TCPTRACE_IOC_MAGIC, 6, struct tcptrace_wake)
#define TCPTRACE_IOC_EPOCH	_IOR(TCPTRACE_IOC_MAGIC, 7, __u64)

/**
 * DOC: mmap
 *
 * A program can map the ring of its reader (MAP_SHARED) and take records
 * without read(). The offsets for mmap() are in pages of sysconf(_SC_PAGESIZE)
 * bytes:
 *
 * TCPTRACE_PAGE_CONSUMER: struct tcptrace_consumer, in a mapping of its own.
 * Only this page can be writable, and only if the device was opened with
 * O_RDWR.
 * TCPTRACE_PAGE_PRODUCER: struct tcptrace_producer.
 * TCPTRACE_PAGE_DATA: the ring, ring_size bytes.
 *
 * To take the records:
 *
 *	head = load_acquire(producer->head)
 *	while tail != head:
 *		h = data + (tail & (producer->size - 1))
 *		len = load_acquire(h->len)
 *		if len & TCPTRACE_BUSY: break
 *		unless h->type is TCPTRACE_PAD: handle the record
 *		tail += len
 *		store_release(consumer->tail, tail)
 *
 * Begin with the tail in the consumer page. The kernel may overwrite the bytes
 * before the tail. After the last record, wait with poll(), which reports
 * EPOLLIN when there are more records. If the latest records were lost, poll()
 * writes a LOST record into the ring. While any page is mapped, read() and
 * TCPTRACE_IOC_RING fail with EBUSY; afterwards read() continues at the tail.
 *
 * The kernel frees only whole records before the tail. A wrong tail harms only
 * this reader: records are lost, and counted as lost.
 */
#define TCPTRACE_PAGE_CONSUMER	0
#define TCPTRACE_PAGE_PRODUCER	1
#define TCPTRACE_PAGE_DATA	2

/*
 * Bit of tcptrace_header.len in a mapped ring: the record is not complete yet.
 */
#define TCPTRACE_BUSY		(1U << 31)

/**
 * struct tcptrace_consumer - page written by a program that has mapped its ring
 * @tail: position, in bytes, up to which the program has read the ring; the
 *	kernel sets it when the ring is mapped and had no mapping before
 */
struct tcptrace_consumer {
	__u64 tail;
};

/**
 * struct tcptrace_producer - page written by the kernel
 * @head:	position, in bytes, up to which the ring is written, including
 *		unfinished records
 * @size:	size of the ring in bytes, a power of two
 * @pad:	zero
 */
struct tcptrace_producer {
	__u64 head;
	__u32 size;
	__u32 pad;
};

#endif /* _UAPI_LINUX_TCPTRACE_H */
