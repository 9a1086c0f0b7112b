/* SPDX-License-Identifier: GPL-2.0 */
/* The rest of a packet after its outer headers were removed. */
#ifndef _TCPTRACECTL_LINK_BYTES_H
#define _TCPTRACECTL_LINK_BYTES_H

#include "core/env.h"

/**
 * enum link_result - what a packet contains
 * @LINK_IP:		IP, version 4 or 6
 * @LINK_NOT_IP:	a protocol other than IP, or invalid headers
 * @LINK_TRUNCATED:	the capture cut off a part of the link headers
 * @LINK_ENCRYPTED:	a frame with link-layer encryption
 * @LINK_FRAGMENT:	a fragment of a link-layer frame
 * @LINK_UNKNOWN:	a link type that is not supported
 */
enum link_result {
	LINK_IP,
	LINK_NOT_IP,
	LINK_TRUNCATED,
	LINK_ENCRYPTED,
	LINK_FRAGMENT,
	LINK_UNKNOWN,
};

/**
 * enum link_tag - a link-layer header that counts as a tunnel
 * @LINK_TAG_NONE:	none
 * @LINK_TAG_MPLS:	MPLS
 * @LINK_TAG_PBB:	a provider backbone bridge, IEEE 802.1ah
 * @LINK_TAG_VN:	a VN-Tag, IEEE 802.1BR
 */
enum link_tag {
	LINK_TAG_NONE,
	LINK_TAG_MPLS,
	LINK_TAG_PBB,
	LINK_TAG_VN,
};

/**
 * struct link_bytes - the rest of a packet
 * @p: bytes of the rest
 * @len: number of bytes at @p that were captured
 * @wire_len: length of the rest on the wire, at least @len
 * @tag_id: identifier of @tag: label, I-SID or virtual interface
 * @tag: enum link_tag, the innermost of the removed tags
 * @more: more packets follow in the same frame
 */
struct link_bytes {
	const u8 *p;
	size_t len;
	size_t wire_len;
	u32 tag_id;
	u8 tag;
	bool more;
};

static inline bool link_has(const struct link_bytes *b, size_t n)
{
	return b->len >= n;
}

/*
 * Return: LINK_TRUNCATED if the capture cut off a header, LINK_NOT_IP if the
 * frame is too short for the header.
 */
static inline enum link_result link_short(const struct link_bytes *b)
{
	return b->len < b->wire_len ? LINK_TRUNCATED : LINK_NOT_IP;
}

/* Remove @n bytes, which must have been captured. */
static inline void link_skip(struct link_bytes *b, size_t n)
{
	b->p += n;
	b->len -= n;
	b->wire_len -= n;
}

/* Remove all bytes after the first @n, for example padding. */
static inline void link_limit(struct link_bytes *b, size_t n)
{
	if (b->wire_len > n)
		b->wire_len = n;
	if (b->len > n)
		b->len = n;
}

/* Remove the last @n bytes of the frame, which are a checksum. */
static inline void link_trim(struct link_bytes *b, size_t n)
{
	link_limit(b, b->wire_len > n ? b->wire_len - n : 0);
}

static inline u32 link_be24(const u8 *p)
{
	return (u32)p[0] << 16 | tcpt_be16(p + 1);
}

static inline u32 link_le16(const u8 *p)
{
	return p[0] | (u32)p[1] << 8;
}

static inline u32 link_le32(const u8 *p)
{
	return link_le16(p) | link_le16(p + 2) << 16;
}

#endif /* _TCPTRACECTL_LINK_BYTES_H */
