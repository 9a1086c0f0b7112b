// SPDX-License-Identifier: GPL-2.0
#include "link.h"

#include <pcap/dlt.h>

enum {
	ETHER_HDR_LEN	= 14,
	VLAN_TAG_LEN	= 4,
	LLC_HDR_LEN	= 3,
	SNAP_HDR_LEN	= 8,	/* with the LLC header that it extends */
	PPPOE_HDR_LEN	= 6,
	SLL_HDR_LEN	= 16,
	SLL2_HDR_LEN	= 20,
	NULL_HDR_LEN	= 4,
};

enum {
	ETHERTYPE_MIN	= 0x0600,	/* below it is a length */
	ETHERTYPE_IP	= 0x0800,
	ETHERTYPE_VLAN	= 0x8100,
	ETHERTYPE_IPV6	= 0x86dd,
	ETHERTYPE_PPPOE	= 0x8864,
	ETHERTYPE_QINQ	= 0x88a8,	/* 802.1ad */
	ETHERTYPE_QINQ_OLD = 0x9100,
	SLL_802_2	= 0x0004,	/* a frame with an LLC header */
	LLC_SNAP	= 0xaaaa,
	PPP_IP		= 0x0021,
	PPP_IPV6	= 0x0057,
	PPP_ADDRESS	= 0xff03,	/* HDLC: all stations, unnumbered */
};

/* AF_INET and AF_INET6 where captures are made. */
enum {
	AF_IP		= 2,
	AF_IPV6_LINUX	= 10,
	AF_IPV6_BSD	= 24,
	AF_IPV6_FREEBSD	= 28,
	AF_IPV6_DARWIN	= 30,
};

/* The other numbers of DLT_RAW: that of BSD/OS, and that of files. */
enum {
	RAW_BSD		= 14,
	RAW_FILE	= 101,
};

static bool has(const struct link_bytes *b, size_t n)
{
	return b->len >= n;
}

static void skip(struct link_bytes *b, size_t n)
{
	b->p += n;
	b->len -= n;
	b->wire_len -= n;
}

/* Return: LINK_IP if an IP header of this version can begin here. */
static enum link_result check_ip(const struct link_bytes *b,
				 unsigned int version)
{
	if (!has(b, 1))
		return LINK_TRUNCATED;
	return b->p[0] >> 4 == version ? LINK_IP : LINK_NOT_IP;
}

static enum link_result check_any_ip(const struct link_bytes *b)
{
	if (!has(b, 1))
		return LINK_TRUNCATED;
	return b->p[0] >> 4 == 4 || b->p[0] >> 4 == 6 ? LINK_IP : LINK_NOT_IP;
}

/* RFC 1661 section 2: an odd first byte is a whole protocol field. */
static enum link_result strip_ppp(struct link_bytes *b)
{
	unsigned int proto;

	if (has(b, 2) && tcpt_be16(b->p) == PPP_ADDRESS)
		skip(b, 2);
	if (!has(b, 2))
		return LINK_TRUNCATED;
	if (b->p[0] & 1) {
		proto = b->p[0];
		skip(b, 1);
	} else {
		proto = tcpt_be16(b->p);
		skip(b, 2);
	}
	switch (proto) {
	case PPP_IP:
		return check_ip(b, 4);
	case PPP_IPV6:
		return check_ip(b, 6);
	default:
		return LINK_NOT_IP;
	}
}

static enum link_result strip_pppoe(struct link_bytes *b)
{
	if (!has(b, PPPOE_HDR_LEN))
		return LINK_TRUNCATED;
	skip(b, PPPOE_HDR_LEN);
	return strip_ppp(b);
}

static bool is_vlan(unsigned int type)
{
	return type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ ||
	       type == ETHERTYPE_QINQ_OLD;
}

/* What follows a number of Ethernet's list, VLAN tags first. */
static enum link_result strip_type(struct link_bytes *b, unsigned int type)
{
	unsigned int i;

	for (i = 0; i < LINK_TAGS_MAX && is_vlan(type); i++) {
		if (!has(b, VLAN_TAG_LEN))
			return LINK_TRUNCATED;
		type = tcpt_be16(b->p + 2);
		skip(b, VLAN_TAG_LEN);
	}
	switch (type) {
	case ETHERTYPE_IP:
		return check_ip(b, 4);
	case ETHERTYPE_IPV6:
		return check_ip(b, 6);
	case ETHERTYPE_PPPOE:
		return strip_pppoe(b);
	default:
		return LINK_NOT_IP;
	}
}

/* 802.2: only SNAP with an OUI of zero has a number of Ethernet's list. */
static enum link_result strip_llc(struct link_bytes *b)
{
	unsigned int type;

	if (!has(b, LLC_HDR_LEN))
		return LINK_TRUNCATED;
	if (tcpt_be16(b->p) != LLC_SNAP || b->p[2] != 3)
		return LINK_NOT_IP;
	if (!has(b, SNAP_HDR_LEN))
		return LINK_TRUNCATED;
	if (b->p[3] || b->p[4] || b->p[5])
		return LINK_NOT_IP;
	type = tcpt_be16(b->p + 6);
	skip(b, SNAP_HDR_LEN);
	return strip_type(b, type);
}

static enum link_result strip_ether(struct link_bytes *b)
{
	unsigned int type;

	if (!has(b, ETHER_HDR_LEN))
		return LINK_TRUNCATED;
	type = tcpt_be16(b->p + 12);
	skip(b, ETHER_HDR_LEN);
	return type < ETHERTYPE_MIN ? strip_llc(b) : strip_type(b, type);
}

/* Linux cooked: a header of @hdr_len bytes with the type at @at. */
static enum link_result strip_sll(struct link_bytes *b, size_t hdr_len,
				  size_t at)
{
	unsigned int type;

	if (!has(b, hdr_len))
		return LINK_TRUNCATED;
	type = tcpt_be16(b->p + at);
	skip(b, hdr_len);
	return type == SLL_802_2 ? strip_llc(b) : strip_type(b, type);
}

/* The family is in the byte order of who wrote it, so in one or the other. */
static enum link_result strip_null(struct link_bytes *b)
{
	u32 family;

	if (!has(b, NULL_HDR_LEN))
		return LINK_TRUNCATED;
	family = tcpt_be32(b->p);
	if (family > 0xffff)
		family = __builtin_bswap32(family);
	skip(b, NULL_HDR_LEN);
	switch (family) {
	case AF_IP:
		return check_ip(b, 4);
	case AF_IPV6_LINUX:
	case AF_IPV6_BSD:
	case AF_IPV6_FREEBSD:
	case AF_IPV6_DARWIN:
		return check_ip(b, 6);
	default:
		return LINK_NOT_IP;
	}
}

/**
 * link_strip - take the link layer off a packet
 * @type: the link type, DLT_*
 * @b: the packet; with LINK_IP it then begins with the IP header
 *
 * Return: what the packet is.
 */
enum link_result link_strip(int type, struct link_bytes *b)
{
	switch (type) {
	case DLT_EN10MB:
		return strip_ether(b);
	case DLT_LINUX_SLL:
		return strip_sll(b, SLL_HDR_LEN, 14);
	case DLT_LINUX_SLL2:
		return strip_sll(b, SLL2_HDR_LEN, 0);
	case DLT_NULL:
	case DLT_LOOP:
		return strip_null(b);
	case DLT_PPP:
	case DLT_PPP_SERIAL:
		return strip_ppp(b);
	case DLT_PPP_ETHER:
		return strip_pppoe(b);
	case DLT_IPV4:
		return check_ip(b, 4);
	case DLT_IPV6:
		return check_ip(b, 6);
	case DLT_RAW:
	case RAW_BSD:
	case RAW_FILE:
		return check_any_ip(b);
	default:
		return LINK_UNKNOWN;
	}
}

bool link_is_known(int type)
{
	struct link_bytes nothing = {};

	return link_strip(type, &nothing) != LINK_UNKNOWN;
}
