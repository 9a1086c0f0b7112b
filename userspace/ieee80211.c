// SPDX-License-Identifier: GPL-2.0
#include "ieee80211.h"

#include "core/env.h"

/* Lengths in bytes. */
enum {
	HDR_LEN		= 24,
	ADDRESS4_LEN	= 6,
	QOS_LEN		= 2,
	HT_CONTROL_LEN	= 4,
	FCS_LEN		= 4,
	SUBFRAME_LEN	= 14,	/* two addresses, and the length */
	PAD_MAX		= 3,	/* between subframes */
	RADIOTAP_LEN	= 8,
	AVS_LEN		= 8,	/* bytes up to the end of the length field */
	PRISM_LEN	= 144,
};

/* The first byte of the frame control field: version, type and subtype. */
enum {
	VERSION_MASK	= 0x03,
	TYPE_MASK	= 0x0c,
	TYPE_DATA	= 0x08,
	SUBTYPE_NULL	= 0x40,	/* without data */
	SUBTYPE_QOS	= 0x80,
};

/* The second byte of the frame control field: flags. */
enum {
	FLAG_TO_DS	= 0x01,
	FLAG_FROM_DS	= 0x02,
	FLAG_MORE	= 0x04,	/* more fragments follow */
	FLAG_PROTECTED	= 0x40,
	FLAG_ORDER	= 0x80,
};

enum {
	SEQUENCE	= 22,	/* offset of the sequence control */
	FRAGMENT_MASK	= 0x0f,
	QOS_AMSDU	= 0x80,
	PRESENT		= 4,	/* offset of the first bitmap */
	PRESENT_TSFT	= 0x01,
	PRESENT_FLAGS	= 0x02,
	TSFT_LEN	= 8,	/* also its alignment */
	RADIO_FCS	= 0x10,
	RADIO_PADDED	= 0x20,	/* pad bytes follow the 802.11 header */
};

#define AVS_MAGIC	0x80211000	/* plus a version below 16 */
#define PRESENT_MORE	0x80000000

static size_t header_len(const u8 *p)
{
	size_t len = HDR_LEN;

	if ((p[1] & FLAG_TO_DS) && (p[1] & FLAG_FROM_DS))
		len += ADDRESS4_LEN;
	if (p[0] & SUBTYPE_QOS) {
		len += QOS_LEN;
		if (p[1] & FLAG_ORDER)
			len += HT_CONTROL_LEN;
	}
	return len;
}

/* Find the first frame in an A-MSDU; the other frames are not read. */
static enum link_result strip_amsdu(struct link_bytes *b)
{
	size_t len;

	if (!link_has(b, SUBFRAME_LEN))
		return link_short(b);
	len = tcpt_be16(b->p + SUBFRAME_LEN - 2);
	link_skip(b, SUBFRAME_LEN);
	b->more = b->wire_len > len + PAD_MAX;
	link_limit(b, len);
	return LINK_IP;
}

static enum link_result strip_data(struct link_bytes *b, bool padded)
{
	const u8 *p = b->p;
	size_t len, skipped;
	bool amsdu;

	len = header_len(p);
	skipped = padded ? (len + 3) & ~(size_t)3 : len;
	if (!link_has(b, skipped))
		return link_short(b);
	if (p[1] & FLAG_PROTECTED)
		return LINK_ENCRYPTED;
	if ((p[1] & FLAG_MORE) || (p[SEQUENCE] & FRAGMENT_MASK))
		return LINK_FRAGMENT;
	amsdu = false;
	if (p[0] & SUBTYPE_QOS) {
		len -= p[1] & FLAG_ORDER ? HT_CONTROL_LEN : 0;
		amsdu = p[len - QOS_LEN] & QOS_AMSDU;
	}
	link_skip(b, skipped);
	return amsdu ? strip_amsdu(b) : LINK_IP;
}

static enum link_result strip_frame(struct link_bytes *b, bool padded)
{
	u8 control;

	if (!link_has(b, 2))
		return link_short(b);
	control = b->p[0];
	if ((control & (VERSION_MASK | TYPE_MASK)) != TYPE_DATA ||
	    (control & SUBTYPE_NULL))
		return LINK_NOT_IP;
	return strip_data(b, padded);
}

/**
 * ieee80211_strip - remove the IEEE 802.11 header of a frame
 * @b: the frame, without its checksum
 *
 * Return: LINK_IP if @b now begins with an LLC header; otherwise the reason why
 * it does not.
 */
enum link_result ieee80211_strip(struct link_bytes *b)
{
	return strip_frame(b, false);
}

/* Return: the flags in a radiotap header of @len bytes; 0 if it has none. */
static u8 radiotap_flags(const u8 *p, size_t len)
{
	u32 present = link_le32(p + PRESENT);
	size_t at = PRESENT + 4;
	u32 more = present;
	unsigned int i;

	for (i = 1; i < IEEE80211_PRESENT_MAX && (more & PRESENT_MORE); i++) {
		if (len < at + 4)
			return 0;
		more = link_le32(p + at);
		at += 4;
	}
	if (!(present & PRESENT_FLAGS) || (more & PRESENT_MORE))
		return 0;
	if (present & PRESENT_TSFT)
		at = ((at + TSFT_LEN - 1) & ~(size_t)(TSFT_LEN - 1)) + TSFT_LEN;
	return at < len ? p[at] : 0;
}

/**
 * ieee80211_strip_radiotap - remove the radiotap and IEEE 802.11 headers
 * @b: the packet
 *
 * Return: as ieee80211_strip().
 */
enum link_result ieee80211_strip_radiotap(struct link_bytes *b)
{
	size_t len;
	u8 flags;

	if (!link_has(b, RADIOTAP_LEN))
		return link_short(b);
	len = link_le16(b->p + 2);
	if (b->p[0] != 0 || len < RADIOTAP_LEN)
		return LINK_NOT_IP;
	if (!link_has(b, len))
		return link_short(b);
	flags = radiotap_flags(b->p, len);
	link_skip(b, len);
	if (flags & RADIO_FCS)
		link_trim(b, FCS_LEN);
	return strip_frame(b, flags & RADIO_PADDED);
}

static bool is_avs(const u8 *p)
{
	return (tcpt_be32(p) & ~0xfU) == AVS_MAGIC;
}

/**
 * ieee80211_strip_avs - remove the AVS and IEEE 802.11 headers
 * @b: the packet
 *
 * Return: as ieee80211_strip().
 */
enum link_result ieee80211_strip_avs(struct link_bytes *b)
{
	size_t len;

	if (!link_has(b, AVS_LEN))
		return link_short(b);
	len = tcpt_be32(b->p + 4);
	if (!is_avs(b->p) || len < AVS_LEN)
		return LINK_NOT_IP;
	if (!link_has(b, len))
		return link_short(b);
	link_skip(b, len);
	return ieee80211_strip(b);
}

/**
 * ieee80211_strip_prism - remove the Prism and IEEE 802.11 headers
 * @b: the packet
 *
 * Some drivers use this link type for frames with an AVS header.
 *
 * Return: as ieee80211_strip().
 */
enum link_result ieee80211_strip_prism(struct link_bytes *b)
{
	if (link_has(b, AVS_LEN) && is_avs(b->p))
		return ieee80211_strip_avs(b);
	if (!link_has(b, PRISM_LEN))
		return link_short(b);
	link_skip(b, PRISM_LEN);
	return ieee80211_strip(b);
}
