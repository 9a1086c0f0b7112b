/* SPDX-License-Identifier: GPL-2.0 */
/* A TCP segment, read from the bytes of an IP packet. */
#ifndef _TCPT_SEGMENT_H
#define _TCPT_SEGMENT_H

#include "env.h"

#include <linux/tcptrace.h>

#define TCPT_SFR	(TCPTRACE_SYN | TCPTRACE_FIN | TCPTRACE_RST)

enum {
	TCPT_EXT_MAX	= 8,	/* maximum number of IPv6 extension headers */
	TCPT_SACK_MAX	= 4,	/* SACK blocks that fit into a TCP header */
	TCPT_WSCALE_MAX	= 14,	/* RFC 7323 section 2.3 */
	TCPT_PROTO_TCP	= 6,	/* IANA protocol number */
};

/**
 * enum tcpt_parse - result of parsing a packet
 * @TCPT_PARSE_OK:		a TCP segment
 * @TCPT_PARSE_NOT_TCP:		a protocol other than TCP
 * @TCPT_PARSE_FRAGMENT:	a fragment: its length cannot be trusted
 * @TCPT_PARSE_TRUNCATED:	the headers are longer than the available bytes
 * @TCPT_PARSE_IP_VERSION:	neither IPv4 nor IPv6
 * @TCPT_PARSE_IP_HDRLEN:	IPv4 header shorter than 20 bytes or longer than
 *	the packet
 * @TCPT_PARSE_IP_LENGTH: packet shorter than an IP header or the length in its
 *	IP header, or longer than 1 MiB
 * @TCPT_PARSE_EXT_LENGTH:	IPv6 extension header reaches past the packet
 * @TCPT_PARSE_EXT_LIMIT:	more than TCPT_EXT_MAX extension headers
 * @TCPT_PARSE_TCP_LENGTH:	TCP segment shorter than 20 bytes
 * @TCPT_PARSE_TCP_DOFF:	data offset below 5 or beyond the packet
 * @TCPT_PARSE_RESULTS:		number of results
 */
enum tcpt_parse {
	TCPT_PARSE_OK,
	TCPT_PARSE_NOT_TCP,
	TCPT_PARSE_FRAGMENT,
	TCPT_PARSE_TRUNCATED,
	TCPT_PARSE_IP_VERSION,
	TCPT_PARSE_IP_HDRLEN,
	TCPT_PARSE_IP_LENGTH,
	TCPT_PARSE_EXT_LENGTH,
	TCPT_PARSE_EXT_LIMIT,
	TCPT_PARSE_TCP_LENGTH,
	TCPT_PARSE_TCP_DOFF,
	TCPT_PARSE_RESULTS,
};

/**
 * struct tcpt_options - the options of a segment
 * @present: TCPTRACE_OPT_*; the fields of an option are set only if its bit is
 *	set
 * @mss: maximum segment size
 * @wscale: window scale, clamped to TCPT_WSCALE_MAX
 * @tfo_len: length of the TCP Fast Open cookie
 * @mptcp_subtype: RFC 8684 subtype
 * @sack_blocks: number of entries of @sack in use
 * @tsval: timestamp value
 * @tsecr: timestamp echo reply
 * @sack: left and right edge of each SACK block
 */
struct tcpt_options {
	u16 present;
	u16 mss;
	u8 wscale;
	u8 tfo_len;
	u8 mptcp_subtype;
	u8 sack_blocks;
	u32 tsval;
	u32 tsecr;
	u32 sack[TCPT_SACK_MAX][2];
};

/**
 * struct tcpt_segment - a segment, with all numbers in host byte order
 * @src: source address; IPv4 in the first 4 bytes, the rest zero
 * @dst: destination address; with a source route, the final destination
 * @sport: source port
 * @dport: destination port
 * @seq: sequence number
 * @ack: acknowledgment number, as in the header
 * @len: number of payload bytes, computed from the lengths in the headers
 * @flags: TCPTRACE_FIN and so on
 * @window: window field, not scaled
 * @urgent: urgent pointer
 * @wire_segs: number of segments on the wire; the parser sets it to 1, and the
 *	caller corrects it for GSO and GRO
 * @family: 4 or 6
 * @ttl: TTL or hop limit
 * @tos: TOS or traffic class
 * @hdr_len: length of the TCP header
 * @id: IP ID; 0 for IPv6
 * @cut: the header is truncated, and @opt may lack options
 * @opt: options
 */
struct tcpt_segment {
	u8 src[16];
	u8 dst[16];
	u16 sport;
	u16 dport;
	u32 seq;
	u32 ack;
	u32 len;
	u16 flags;
	u16 window;
	u16 urgent;
	u16 wire_segs;
	u8 family;
	u8 ttl;
	u8 tos;
	u8 hdr_len;
	bool cut;
	u16 id;
	struct tcpt_options opt;
};

/**
 * struct tcpt_header - the part of a segment that is kept for later
 * @seq: sequence number
 * @tsval: timestamp value
 * @flags: TCPTRACE_FIN and so on
 * @window: window field, not scaled
 * @options: TCPTRACE_OPT_* present
 * @mss: maximum segment size
 * @wscale: window scale
 * @ttl: TTL or hop limit
 * @tos: TOS or traffic class
 * @hdr_len: length of the TCP header
 */
struct tcpt_header {
	u32 seq;
	u32 tsval;
	u16 flags;
	u16 window;
	u16 options;
	u16 mss;
	u8 wscale;
	u8 ttl;
	u8 tos;
	u8 hdr_len;
};

/**
 * struct tcpt_cursor - position in a packet
 * @p: the position
 * @len: number of bytes that are available from @p on
 * @wire_len: number of bytes that were on the wire from @p on; without padding,
 *	once the IP header has been read
 * @proto: IANA number of the protocol that is expected above IP
 * @salvage: accept a truncated packet
 */
struct tcpt_cursor {
	const u8 *p;
	size_t len;
	size_t wire_len;
	u8 proto;
	bool salvage;
};

void tcpt_segment_options(struct tcpt_options *opt, const u8 *p, size_t len);
enum tcpt_parse tcpt_segment_enter(struct tcpt_segment *seg,
				   struct tcpt_cursor *c);
enum tcpt_parse tcpt_segment_parse(struct tcpt_segment *seg, const u8 *p,
				   size_t len, size_t wire_len);
enum tcpt_parse tcpt_segment_read(struct tcpt_segment *seg, const u8 *p,
				  size_t len, size_t wire_len, bool salvage);
void tcpt_header_segment(const struct tcpt_header *h, struct tcpt_segment *seg);

/**
 * tcpt_segment_bad_flags - check whether TCP flags are invalid
 * @flags: TCPTRACE_FIN and so on
 *
 * The flags are invalid (RFC 9293 section 3.10.7) if they include none of SYN,
 * ACK and RST, or if they include SYN together with FIN or RST.
 *
 * Context: any.
 * Return: true if the flags are invalid.
 */
static inline bool tcpt_segment_bad_flags(unsigned int flags)
{
	if (flags & TCPTRACE_SYN)
		return flags & (TCPTRACE_FIN | TCPTRACE_RST);
	return !(flags & (TCPTRACE_ACK | TCPTRACE_RST));
}

/**
 * tcpt_header_keep - keep the header of a segment
 * @h: filled in
 * @seg: the segment
 *
 * Context: any.
 */
static inline void tcpt_header_keep(struct tcpt_header *h,
				    const struct tcpt_segment *seg)
{
	h->seq = seg->seq;
	h->tsval = seg->opt.tsval;
	h->flags = seg->flags;
	h->window = seg->window;
	h->options = seg->opt.present;
	h->mss = seg->opt.mss;
	h->wscale = seg->opt.wscale;
	h->ttl = seg->ttl;
	h->tos = seg->tos;
	h->hdr_len = seg->hdr_len;
}

/* The SYN of an active open: RFC 9293 section 3.5 */
static inline bool tcpt_segment_is_syn(const struct tcpt_segment *seg)
{
	return (seg->flags & (TCPTRACE_SYN | TCPTRACE_ACK)) == TCPTRACE_SYN;
}

/*
 * Does the header allow a fast path? @optional: flags that the segment may have
 * besides ACK
 */
static __always_inline bool tcpt_segment_is_plain(const struct tcpt_segment *seg,
						  unsigned int optional)
{
	return (seg->flags & ~optional) == TCPTRACE_ACK &&
	       !(seg->opt.present & ~TCPTRACE_OPT_TIMESTAMP) && !seg->cut &&
	       seg->window && seg->ack;
}

/**
 * tcpt_segment_end - compute the sequence number after a segment
 * @seg: the segment
 *
 * SYN and FIN take one sequence number each: RFC 9293 section 3.4, SEG.LEN.
 *
 * Context: any.
 * Return: SEG.SEQ + SEG.LEN, modulo 2^32.
 */
static inline u32 tcpt_segment_end(const struct tcpt_segment *seg)
{
	return seg->seq + seg->len + !!(seg->flags & TCPTRACE_SYN) +
	       !!(seg->flags & TCPTRACE_FIN);
}

/**
 * tcpt_segment_salvage - read a TCP segment that a capture has truncated
 * @seg: filled in if the result is TCPT_PARSE_OK, or if the result is
 *	TCPT_PARSE_TCP_DOFF and hdr_len is below 20; in the latter case, the
 *	bytes after hdr_len are taken as payload
 * @p: the packet, starting at its IP header
 * @len: number of bytes of the packet that are available
 * @wire_len: number of bytes that the packet had on the wire, including the IP
 *	header; at least @len
 *
 * The function is like tcpt_segment_parse(), but accepts a packet whose length
 * field exceeds its frame, and sets @seg->cut if the header is truncated.
 *
 * Context: any.
 * Return: TCPT_PARSE_OK, or the reason why the packet cannot be parsed.
 */
static inline enum tcpt_parse tcpt_segment_salvage(struct tcpt_segment *seg,
						   const u8 *p, size_t len,
						   size_t wire_len)
{
	return tcpt_segment_read(seg, p, len, wire_len, true);
}

#endif /* _TCPT_SEGMENT_H */
