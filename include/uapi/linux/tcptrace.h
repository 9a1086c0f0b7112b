/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * tcptrace: the ABI of /dev/tcptrace.
 *
 * Everything a reader needs is here. Documentation/abi.rst has the promises,
 * numbered. In short: read() returns whole records; each begins with struct
 * tcptrace_header; a reader steps by header.len, skips types that it does not
 * know and ignores bytes past the fields that it knows. All numbers are in
 * host byte order, addresses are bytes as on the wire, times are nanoseconds
 * of CLOCK_MONOTONIC.
 */
#ifndef _UAPI_LINUX_TCPTRACE_H
#define _UAPI_LINUX_TCPTRACE_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define TCPTRACE_DEVICE		"/dev/tcptrace"

/**
 * enum tcptrace_type - record types, the values of tcptrace_header.type
 * @TCPTRACE_PAD:		filler inside a ring; read() never returns it
 * @TCPTRACE_OPEN:		a connection enters the table
 * @TCPTRACE_STATE:		one end changes its RFC 9293 state
 * @TCPTRACE_ESTABLISHED:	the handshake is complete at both ends
 * @TCPTRACE_SEGMENT:		one observed segment (opt-in)
 * @TCPTRACE_CLOSE:		the closing record; exactly one a connection
 * @TCPTRACE_LOST:		records were lost here
 */
enum tcptrace_type {
	TCPTRACE_PAD		= 0,
	TCPTRACE_OPEN		= 1,
	TCPTRACE_STATE		= 2,
	TCPTRACE_ESTABLISHED	= 3,
	TCPTRACE_SEGMENT	= 4,
	TCPTRACE_CLOSE		= 5,
	TCPTRACE_LOST		= 6
};

/* Bits of the event mask: 1 << type. LOST cannot be masked out. */
#define TCPTRACE_MASK(type)	(1U << (type))
#define TCPTRACE_MASK_DEFAULT	(TCPTRACE_MASK(TCPTRACE_OPEN) | \
				 TCPTRACE_MASK(TCPTRACE_STATE) | \
				 TCPTRACE_MASK(TCPTRACE_ESTABLISHED) | \
				 TCPTRACE_MASK(TCPTRACE_CLOSE) | \
				 TCPTRACE_MASK(TCPTRACE_LOST))
#define TCPTRACE_MASK_ALL	(TCPTRACE_MASK_DEFAULT | \
				 TCPTRACE_MASK(TCPTRACE_SEGMENT))

/**
 * enum tcptrace_state - the states of RFC 9293 section 3.3.2
 *
 * LISTEN is not among them: a segment cannot prove it.
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
 * @TCPTRACE_REASON_ACTIVE_OPEN:	it sent a SYN
 * @TCPTRACE_REASON_PASSIVE_OPEN:	it answered a SYN with SYN,ACK
 * @TCPTRACE_REASON_SIMULTANEOUS_OPEN:	SYNs crossed (RFC 9293 3.5, figure 7)
 * @TCPTRACE_REASON_SYNACK_RECEIVED:	its SYN was acknowledged by a SYN,ACK
 * @TCPTRACE_REASON_SYN_ACKED:		its SYN (of a SYN,ACK) was acknowledged
 * @TCPTRACE_REASON_SYNACK_IMPLIED:	it sent an ACK, so it has a SYN,ACK
 *					that was not seen here
 * @TCPTRACE_REASON_SYN_IMPLIED:	a SYN,ACK proves a SYN not seen here
 * @TCPTRACE_REASON_FIN_SENT:		it sent a FIN
 * @TCPTRACE_REASON_FIN_RECEIVED:	the peer's FIN and all before it came
 * @TCPTRACE_REASON_FIN_ACKED:		its FIN was acknowledged
 * @TCPTRACE_REASON_RST_SENT:		it sent a RST that the peer must accept
 * @TCPTRACE_REASON_RST_RECEIVED:	a RST exactly at the expected number
 * @TCPTRACE_REASON_REFUSED:		its SYN was answered by a RST
 * @TCPTRACE_REASON_MIDSTREAM:		picked up in the middle
 * @TCPTRACE_REASON_2MSL:		TIME_WAIT is over
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
	TCPTRACE_REASONS			= 16
};

/**
 * enum tcptrace_close_reason - how a connection left
 * @TCPTRACE_CLOSE_NONE:	it has not
 * @TCPTRACE_CLOSE_FIN:		both FINs were sent and acknowledged
 * @TCPTRACE_CLOSE_RESET:	a RST ended it
 * @TCPTRACE_CLOSE_REFUSED:	the SYN was answered by a RST
 * @TCPTRACE_CLOSE_UNANSWERED:	the SYN was never answered
 * @TCPTRACE_CLOSE_TIMEOUT:	nothing was seen for the state's timeout
 * @TCPTRACE_CLOSE_EVICTED:	it made room for another
 * @TCPTRACE_CLOSE_REUSED:	a new SYN took over its addresses and ports
 * @TCPTRACE_CLOSE_SHUTDOWN:	its network namespace or the module goes away
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
	TCPTRACE_CLOSE_REASONS		= 9
};

/* TCP flags: RFC 9293 3.1, and AE of RFC 9768 */
#define TCPTRACE_FIN	0x001
#define TCPTRACE_SYN	0x002
#define TCPTRACE_RST	0x004
#define TCPTRACE_PSH	0x008
#define TCPTRACE_ACK	0x010
#define TCPTRACE_URG	0x020
#define TCPTRACE_ECE	0x040
#define TCPTRACE_CWR	0x080
#define TCPTRACE_AE	0x100

/* TCP options, bits of "options" fields */
#define TCPTRACE_OPT_MSS	0x0001	/* RFC 9293 3.7.1 */
#define TCPTRACE_OPT_WSCALE	0x0002	/* RFC 7323 */
#define TCPTRACE_OPT_SACK_PERM	0x0004	/* RFC 2018 */
#define TCPTRACE_OPT_SACK	0x0008	/* RFC 2018 */
#define TCPTRACE_OPT_TIMESTAMP	0x0010	/* RFC 7323 */
#define TCPTRACE_OPT_TFO	0x0020	/* RFC 7413 */
#define TCPTRACE_OPT_MPTCP	0x0040	/* RFC 8684 */
#define TCPTRACE_OPT_MD5	0x0080	/* RFC 2385 */
#define TCPTRACE_OPT_AO		0x0100	/* RFC 5925 */
#define TCPTRACE_OPT_UNKNOWN	0x0200	/* a kind that is none of these */
#define TCPTRACE_OPT_MALFORMED	0x0400	/* a length that cannot be */
#define TCPTRACE_OPT_ECN	0x8000	/* agreed by flags, RFC 3168 */

/* Flags of tcptrace_header.flags */
#define TCPTRACE_F_MIDSTREAM	0x0001	/* the SYN was not seen */
#define TCPTRACE_F_GUESSED	0x0002	/* the originator is a guess */
#define TCPTRACE_F_SELF		0x0004	/* both ends are one socket */

/**
 * enum tcptrace_hook - where a segment was observed
 * @TCPTRACE_HOOK_NONE:		no segment: a timeout, an eviction
 * @TCPTRACE_HOOK_IN:		LOCAL_IN, to this host
 * @TCPTRACE_HOOK_FORWARD:	FORWARD, through this host
 * @TCPTRACE_HOOK_OUT:		LOCAL_OUT, from this host
 */
enum tcptrace_hook {
	TCPTRACE_HOOK_NONE	= 0,
	TCPTRACE_HOOK_IN	= 1,
	TCPTRACE_HOOK_FORWARD	= 2,
	TCPTRACE_HOOK_OUT	= 3
};

/**
 * struct tcptrace_header - the beginning of every record
 * @len:	length of the whole record in bytes, a multiple of 8
 * @type:	enum tcptrace_type
 * @flags:	TCPTRACE_F_*
 * @seq:	number of this record among those produced for this reader,
 *		from 0; lost records have numbers too, so a jump of n is a
 *		loss of n. A LOST record carries the number of the first lost.
 * @time:	when it happened, ns of CLOCK_MONOTONIC
 */
struct tcptrace_header {
	__u32 len;
	__u16 type;
	__u16 flags;
	__u64 seq;
	__u64 time;
};

/**
 * struct tcptrace_flow - which connection
 * @conn:	connection id, unique since the module was loaded, from 1; 0 in a
 *		SEGMENT that belongs to no connection: its sender is @orig_*,
 *		and its relative numbers are the raw ones
 * @netns:	inode number of the network namespace (lsns -t net)
 * @zone:	interface index where an address is link-local, else 0
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
 * @ack:	acknowledgment number (0 without ACK)
 * @rel_seq:	@seq relative to the sender's ISN
 * @rel_ack:	@ack relative to the other end's ISN (0 without ACK)
 * @len:	payload bytes
 * @flags:	TCPTRACE_FIN and so on
 * @window:	window field, not scaled
 * @wire_segs:	segments on the wire that this packet stands for (GSO, GRO)
 * @from:	0: sent by the originator, 1: by the responder
 * @hook:	enum tcptrace_hook; all else is zero with TCPTRACE_HOOK_NONE
 * @pad:	zero
 *
 * Midstream, where no ISN was seen, the first sequence number seen of an end
 * counts as relative 1.
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

/**
 * struct tcptrace_open - TCPTRACE_OPEN: a connection enters the table
 * @h:		header
 * @flow:	the connection
 * @seg:	its first segment seen
 */
struct tcptrace_open {
	struct tcptrace_header h;
	struct tcptrace_flow flow;
	struct tcptrace_seg seg;
};

/**
 * struct tcptrace_transition - TCPTRACE_STATE: one end changes its state
 * @h:		header
 * @flow:	the connection
 * @seg:	the segment that caused it
 * @number:	of this transition in this connection, from 1 without a gap
 * @end:	which end: 0 originator, 1 responder
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
 * @seg:		the segment that completed it
 * @syn_synack_ns:	from the last SYN before it to the first SYN/ACK, as
 *			seen here: this point to the responder and back
 * @synack_ack_ns:	from the last SYN/ACK to the ACK, as seen here: this
 *			point to the originator and back
 * @handshake_ns:	from the first SYN to the ACK
 * @syn_rexmits:	retransmissions of the SYN (254: or more)
 * @synack_rexmits:	retransmissions of the SYN/ACK (254: or more)
 * @options:		TCPTRACE_OPT_* that both ends offered
 * @mss:		MSS that each end announced, 0 if none
 * @wscale:		window scale of each end's window field
 * @pad:		zero
 *
 * A time is 0 where one of its two segments was not seen.
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
};

/**
 * struct tcptrace_segment - TCPTRACE_SEGMENT: one observed segment
 * @h:			header
 * @flow:		the connection
 * @seg:		the segment
 * @options:		TCPTRACE_OPT_* present
 * @mss:		with OPT_MSS
 * @urgent:		urgent pointer
 * @wscale:		with OPT_WSCALE, at most 14
 * @sack_blocks:	with OPT_SACK: how many
 * @tfo_len:		with OPT_TFO: length of the cookie, 0 for a request
 * @mptcp_subtype:	with OPT_MPTCP (RFC 8684 table 8)
 * @hdr_len:		length of the TCP header
 * @ttl:		TTL or hop limit
 * @tos:		TOS or traffic class
 * @pad:		zero
 * @tsval:		with OPT_TIMESTAMP
 * @tsecr:		with OPT_TIMESTAMP
 * @sack:		left and right edges, raw
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
	__u8 pad[3];
	__u32 tsval;
	__u32 tsecr;
	__u32 sack[4][2];
};

/**
 * struct tcptrace_dir - what one end sent
 * @packets:		packets observed
 * @segments:		segments on the wire (GSO and GRO counted out)
 * @bytes:		payload bytes, retransmitted ones included
 * @rexmit_bytes:	payload bytes sent before
 * @rexmit_packets:	packets that carried any of them
 * @flags:		all flags, OR (IPFIX tcpControlBits)
 * @state:		enum tcptrace_state of this end when it closed
 * @pad:		zero
 */
struct tcptrace_dir {
	__u64 packets;
	__u64 segments;
	__u64 bytes;
	__u64 rexmit_bytes;
	__u64 rexmit_packets;
	__u16 flags;
	__u8 state;
	__u8 pad[5];
};

/**
 * struct tcptrace_close - TCPTRACE_CLOSE: the closing record
 * @h:			header
 * @flow:		the connection
 * @seg:		the segment that ended it
 * @duration_ns:	from its first segment to its last
 * @established_ns:	from the end of the handshake to its last segment, 0 if
 *			there was none
 * @dir:		sent by the originator, by the responder
 * @transitions:	how many transitions it had
 * @reason:		enum tcptrace_close_reason
 * @by:			0 originator, 1 responder: sent the first FIN or the
 *			RST; 255: nobody
 * @pad:		zero
 */
struct tcptrace_close {
	struct tcptrace_header h;
	struct tcptrace_flow flow;
	struct tcptrace_seg seg;
	__u64 duration_ns;
	__u64 established_ns;
	struct tcptrace_dir dir[2];
	__u32 transitions;
	__u8 reason;
	__u8 by;
	__u8 pad[2];
};

/**
 * struct tcptrace_lost - TCPTRACE_LOST: records were lost at this place
 * @h:		header; seq is the number of the first lost record
 * @count:	how many were lost, exactly
 * @first:	time of the first lost record
 * @last:	time of the last lost record
 */
struct tcptrace_lost {
	struct tcptrace_header h;
	__u64 count;
	__u64 first;
	__u64 last;
};

/**
 * struct tcptrace_info - TCPTRACE_IOC_INFO: this reader
 * @ring_size:	size of its ring in bytes
 * @mask:	its event mask
 * @all_netns:	1 if it sees all network namespaces
 * @netns:	inode number of its network namespace
 * @produced:	records made for it
 * @delivered:	records that it read, LOST records not counted
 * @lost:	records that found no room; produced - delivered - lost is what
 *		waits in the ring. Nothing resets these three.
 */
struct tcptrace_info {
	__u32 ring_size;
	__u32 mask;
	__u32 all_netns;
	__u32 netns;
	__u64 produced;
	__u64 delivered;
	__u64 lost;
};

/**
 * DOC: ioctls
 *
 * TCPTRACE_IOC_INFO: fill in struct tcptrace_info.
 * TCPTRACE_IOC_MASK: take an event mask. EINVAL for a bit that is no type.
 * TCPTRACE_IOC_ALL_NETNS: 1 to see all network namespaces, 0 to see one.
 * EINVAL for another value, EPERM when the device was not opened in the
 * initial network namespace or the caller has no CAP_NET_ADMIN over it.
 * Any other request: ENOTTY.
 */
#define TCPTRACE_IOC_MAGIC	0xf9
#define TCPTRACE_IOC_INFO	_IOR(TCPTRACE_IOC_MAGIC, 0, struct tcptrace_info)
#define TCPTRACE_IOC_MASK	_IOW(TCPTRACE_IOC_MAGIC, 1, __u32)
#define TCPTRACE_IOC_ALL_NETNS	_IOW(TCPTRACE_IOC_MAGIC, 2, __u32)

#endif /* _UAPI_LINUX_TCPTRACE_H */
