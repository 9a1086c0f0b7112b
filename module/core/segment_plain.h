/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Read plain headers with few branches. Most headers are plain: the packet has
 * no IP options, has no extension headers, and is not a fragment.
 * tcpt_segment_read() returns the same result.
 */
#ifndef _TCPT_SEGMENT_PLAIN_H
#define _TCPT_SEGMENT_PLAIN_H

#include "env.h"
#include "segment.h"

#include <linux/tcptrace.h>

enum {
	TCPT_IP4_HDR_LEN	= 20,
	TCPT_IP6_HDR_LEN	= 40,
	TCPT_TCP_HDR_LEN	= 20,
	TCPT_IP4_OFFSET_MF	= 0x3fff,	/* offset, more fragments */
};

/* Fill in all fields of the TCP header up to the window. */
static __always_inline void tcpt_plain_tcp(struct tcpt_segment *seg,
					   const u8 *p)
{
	unsigned int word = tcpt_be16(p + 12);

	seg->sport = tcpt_be16(p);
	seg->dport = tcpt_be16(p + 2);
	seg->seq = tcpt_be32(p + 4);
	seg->ack = tcpt_be32(p + 8);
	seg->flags = word & 0x1ff;
	seg->window = tcpt_be16(p + 14);
	seg->hdr_len = (u8)((word >> 12) * 4);
}

static __always_inline void tcpt_plain_ip4(struct tcpt_segment *seg,
					   const u8 *p)
{
	seg->family = 4;
	seg->id = tcpt_be16(p + 4);
	seg->tos = p[1];
	seg->ttl = p[8];
	memset(seg->src, 0, sizeof(seg->src));
	memset(seg->dst, 0, sizeof(seg->dst));
	memcpy(seg->src, p + 12, 4);
	memcpy(seg->dst, p + 16, 4);
}

static __always_inline void tcpt_plain_ip6(struct tcpt_segment *seg,
					   const u8 *p)
{
	seg->family = 6;
	seg->id = 0;
	seg->tos = (u8)(tcpt_be16(p) >> 4);
	seg->ttl = p[7];
	memcpy(seg->src, p + 8, 16);
	memcpy(seg->dst, p + 24, 16);
}

/*
 * Return: length of the IP header; 0 if the header is not plain, or if too few
 * bytes are available. @total: set to the length of the packet.
 */
static __always_inline size_t tcpt_plain_ip(struct tcpt_segment *seg,
					    const u8 *p, size_t len,
					    size_t *total)
{
	if (len < TCPT_IP4_HDR_LEN + TCPT_TCP_HDR_LEN)
		return 0;
	if (p[0] == 0x45 && p[9] == TCPT_PROTO_TCP &&
	    !(tcpt_be16(p + 6) & TCPT_IP4_OFFSET_MF)) {
		tcpt_plain_ip4(seg, p);
		*total = tcpt_be16(p + 2);
		return TCPT_IP4_HDR_LEN;
	}
	if (p[0] >> 4 == 6 && p[6] == TCPT_PROTO_TCP &&
	    len >= TCPT_IP6_HDR_LEN + TCPT_TCP_HDR_LEN) {
		tcpt_plain_ip6(seg, p);
		*total = TCPT_IP6_HDR_LEN + tcpt_be16(p + 4);
		return TCPT_IP6_HDR_LEN;
	}
	return 0;
}

/* RFC 7323 appendix A: most segments have only the timestamp option. */
static inline bool tcpt_plain_timestamp(struct tcpt_segment *seg, const u8 *p)
{
	enum { NOP_NOP_TIMESTAMP_10 = 0x0101080a };

	if (seg->hdr_len != TCPT_TCP_HDR_LEN + 12 ||
	    tcpt_be32(p) != NOP_NOP_TIMESTAMP_10)
		return false;
	seg->opt.present = TCPTRACE_OPT_TIMESTAMP;
	seg->opt.tsval = tcpt_be32(p + 4);
	seg->opt.tsecr = tcpt_be32(p + 8);
	return true;
}

/**
 * tcpt_segment_plain - read a segment if its headers are plain
 * @seg: filled in if the headers are plain; undefined otherwise
 * @p: the packet, starting at its IP header
 * @len: number of bytes of the packet that are available
 * @wire_len: number of bytes that the packet had on the wire
 *
 * Context: any.
 * Return: false if the headers are not plain, not valid or not complete; if so,
 * call tcpt_segment_read().
 */
static __always_inline bool tcpt_segment_plain(struct tcpt_segment *seg,
					       const u8 *p, size_t len,
					       size_t wire_len)
{
	size_t ip_len, headers, total;

	ip_len = tcpt_plain_ip(seg, p, len, &total);
	if (!ip_len)
		return false;
	p += ip_len;
	tcpt_plain_tcp(seg, p);
	headers = ip_len + seg->hdr_len;
	if (unlikely(seg->hdr_len < TCPT_TCP_HDR_LEN) ||
	    unlikely(headers > len) || unlikely(headers > total) ||
	    unlikely(total > wire_len))
		return false;
	seg->len = (u32)(total - headers);
	seg->wire_segs = 1;
	seg->urgent = tcpt_be16(p + 18);
	seg->cut = false;
	p += TCPT_TCP_HDR_LEN;
	if (seg->hdr_len == TCPT_TCP_HDR_LEN)
		seg->opt.present = 0;
	else if (!tcpt_plain_timestamp(seg, p))
		tcpt_segment_options(&seg->opt, p,
				     seg->hdr_len - TCPT_TCP_HDR_LEN);
	return true;
}

#endif /* _TCPT_SEGMENT_PLAIN_H */
