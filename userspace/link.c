// SPDX-License-Identifier: GPL-2.0
#include "link.h"

#include "ieee80211.h"

#include <pcap/dlt.h>

/* Bytes of headers. */
enum {
	MACS_LEN		= 12,
	DSA_LEN			= 4,
	EDSA_LEN		= 8,
	FCS_LEN			= 4,
	VLAN_TAG_LEN		= 4,
	VN_TAG_LEN		= 6,
	PBB_TAG_LEN		= 18,	/* 802.1ah: I-TAG, a whole Ethernet header */
	MPLS_LABEL_LEN		= 4,
	LLC_LEN			= 3,
	SNAP_LEN		= 5,	/* after the LLC header */
	ATM_BRIDGE_PAD		= 2,	/* RFC 2684 section 5.2 */
	PPPOE_LEN		= 6,
	C_HDLC_LEN		= 4,
	SLL_LEN			= 16,
	SLL2_LEN		= 20,
	NULL_LEN		= 4,
	ENC_LEN			= 12,
	IPNET_LEN		= 24,
	PFLOG_LEN_MIN		= 45,
	SLIP_LEN		= 16,
	FDDI_LEN		= 13,
	TOKEN_RING_LEN		= 14,
	IPOIB_LEN		= 44,	/* with the global routing header */
	FIREWIRE_LEN		= 18,
	FIBRE_CHANNEL_LEN	= 16,
	SUNATM_LEN		= 4,
	LANE_LEN		= 2,
	NFLOG_LEN		= 4,
	NETANALYZER_LEN		= 4,
	PREAMBLE_LEN		= 8,
	JUNIPER_LEN		= 4,
	PPI_LEN			= 8,
	PKTAP_LEN		= 12,	/* up to the link type */
	DIRECTION_LEN		= 1,
};

enum {
	ETHERTYPE_MIN		= 0x0600,	/* smaller values are lengths */
	ETHERTYPE_IP		= 0x0800,
	ETHERTYPE_VLAN		= 0x8100,
	ETHERTYPE_IPV6		= 0x86dd,
	ETHERTYPE_PBB		= 0x88e7,
	ETHERTYPE_VN_TAG	= 0x8926,
	ETHERTYPE_MPLS		= 0x8847,
	ETHERTYPE_MPLS_UPSTREAM	= 0x8848,
	ETHERTYPE_PPPOE		= 0x8864,
	ETHERTYPE_QINQ		= 0x88a8,	/* 802.1ad */
	ETHERTYPE_QINQ_OLD	= 0x9100,
	SLL_802_2		= 0x0004,	/* a frame with an LLC header */
	LLC_IP			= 0x0606,	/* DSAP and SSAP */
	LLC_SNAP		= 0xaaaa,
	LLC_OSI			= 0xfefe,	/* followed by an NLPID */
	LLC_UI			= 0x03,
	PPP_IP			= 0x0021,
	PPP_IPV6		= 0x0057,
	PPP_MPLS		= 0x0281,
	PPP_MPLS_UPSTREAM	= 0x0283,
	PPP_ADDRESS		= 0xff03,	/* HDLC: all stations, UI */
	C_HDLC_UNICAST		= 0x0f00,
	C_HDLC_MULTICAST	= 0x8f00,
};

/* SNAP: organisation codes, and protocol IDs of bridged frames. */
enum {
	OUI_ETHER		= 0x000000,
	OUI_ETHER_802_1H	= 0x0000f8,
	OUI_802_1		= 0x0080c2,	/* bridged frames */
	BRIDGED_ETHER_FCS	= 0x0001,
	BRIDGED_ETHER		= 0x0007,
};

/* Network layer protocols, RFC 2427. */
enum {
	NLPID_PAD		= 0x00,
	NLPID_SNAP		= 0x80,
	NLPID_IPV6		= 0x8e,
	NLPID_IP		= 0xcc,
	NLPID_PPP		= 0xcf,
};

/* Device types (ARPHRD_*) whose protocol field is not an Ethernet type. */
enum {
	ARPHRD_FRAD		= 770,	/* Frame Relay */
	ARPHRD_RADIOTAP		= 803,
	ARPHRD_NETLINK		= 824,
};

/* The values of AF_INET and AF_INET6 on different systems. */
enum {
	AF_IP			= 2,
	AF_IPV6_LINUX		= 10,
	AF_IPV6_BSD		= 24,
	AF_IPV6_SOLARIS		= 26,
	AF_IPV6_FREEBSD		= 28,
	AF_IPV6_DARWIN		= 30,
};

/* Values of DLT_RAW on BSD/OS and OpenBSD, and in capture files. */
enum {
	RAW_BSD			= 14,
	RAW_FILE		= 101,
};

enum {
	FRELAY_ADDRESS_MAX	= 4,
	FRELAY_ADDRESS_END	= 0x01,
	FDDI_KIND_MASK		= 0x70,
	FDDI_KIND_LLC		= 0x50,	/* with addresses of 48 bits */
	TOKEN_RING_KIND_MASK	= 0xc0,
	TOKEN_RING_LLC		= 0x40,
	TOKEN_RING_SOURCE	= 8,	/* offset of the source address */
	SOURCE_ROUTED		= 0x80,
	ROUTING_LEN_MASK	= 0x1f,
	ROUTING_LEN_MIN		= 2,
	SUNATM_KIND_MASK	= 0x0f,
	SUNATM_LANE		= 1,
	SUNATM_LLC		= 2,
	NFLOG_PAYLOAD		= 9,
	JUNIPER_MAGIC		= 0x4d4743,
	JUNIPER_NO_L2		= 0x02,
	JUNIPER_EXTENDED	= 0x80,
};

/*
 * Return: LINK_IP if an IP header of this version can begin here; otherwise the
 * reason why it cannot.
 */
static enum link_result check_ip(const struct link_bytes *b,
				 unsigned int version)
{
	if (!link_has(b, 1))
		return link_short(b);
	return b->p[0] >> 4 == version ? LINK_IP : LINK_NOT_IP;
}

static enum link_result strip_ip4(struct link_bytes *b)
{
	return check_ip(b, 4);
}

static enum link_result strip_ip6(struct link_bytes *b)
{
	return check_ip(b, 6);
}

static enum link_result strip_ip(struct link_bytes *b)
{
	enum link_result ret = check_ip(b, 4);

	return ret == LINK_NOT_IP ? check_ip(b, 6) : ret;
}

static void set_tag(struct link_bytes *b, enum link_tag tag, u32 id)
{
	b->tag = (u8)tag;
	b->tag_id = id;
}

static enum link_result strip_mpls(struct link_bytes *b)
{
	unsigned int i;
	bool bottom;

	for (i = 0; i < LINK_LABELS_MAX; i++) {
		if (!link_has(b, MPLS_LABEL_LEN))
			return link_short(b);
		bottom = b->p[2] & 1;
		set_tag(b, LINK_TAG_MPLS, link_be24(b->p) >> 4);
		link_skip(b, MPLS_LABEL_LEN);
		if (bottom)
			return strip_ip(b);
	}
	return LINK_NOT_IP;
}

/*
 * Remove a PPP protocol field. If its first byte is odd, the field has only
 * this byte (RFC 1661 section 2).
 */
static enum link_result strip_ppp_protocol(struct link_bytes *b)
{
	unsigned int proto;

	if (!link_has(b, 2))
		return link_short(b);
	if (b->p[0] & 1) {
		proto = b->p[0];
		link_skip(b, 1);
	} else {
		proto = tcpt_be16(b->p);
		link_skip(b, 2);
	}
	switch (proto) {
	case PPP_IP:
		return strip_ip4(b);
	case PPP_IPV6:
		return strip_ip6(b);
	case PPP_MPLS:
	case PPP_MPLS_UPSTREAM:
		return strip_mpls(b);
	default:
		return LINK_NOT_IP;
	}
}

static enum link_result strip_ppp(struct link_bytes *b)
{
	if (link_has(b, 2) && tcpt_be16(b->p) == PPP_ADDRESS)
		link_skip(b, 2);
	return strip_ppp_protocol(b);
}

/* The length field excludes the padding (RFC 2516 section 4). */
static enum link_result strip_pppoe(struct link_bytes *b)
{
	size_t len;

	if (!link_has(b, PPPOE_LEN))
		return link_short(b);
	len = tcpt_be16(b->p + 4);
	link_skip(b, PPPOE_LEN);
	link_limit(b, len);
	return strip_ppp(b);
}

static bool is_vlan(unsigned int type)
{
	return type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ ||
	       type == ETHERTYPE_QINQ_OLD;
}

/*
 * Return: the length of a tag, which ends with the type of its payload; 0 if
 * @type does not announce a tag.
 */
static size_t tag_len(unsigned int type)
{
	if (is_vlan(type))
		return VLAN_TAG_LEN;
	if (type == ETHERTYPE_VN_TAG)
		return VN_TAG_LEN;
	return type == ETHERTYPE_PBB ? PBB_TAG_LEN : 0;
}

/* Store the I-SID of a PBB tag, or the virtual interface of a VN-Tag. */
static void note_tag(struct link_bytes *b, unsigned int type)
{
	u32 to = tcpt_be16(b->p) & 0x3fff, from = tcpt_be16(b->p + 2) & 0xfff;

	if (type == ETHERTYPE_PBB)
		set_tag(b, LINK_TAG_PBB, link_be24(b->p + 1));
	else if (type == ETHERTYPE_VN_TAG)
		set_tag(b, LINK_TAG_VN, to ? to : from);
}

/*
 * Remove up to LINK_TAGS_MAX tags, and set @type to the type that follows them.
 * Return: false if a tag is incomplete.
 */
static bool strip_tags(struct link_bytes *b, unsigned int *type)
{
	unsigned int i;
	size_t len;

	for (i = 0; i < LINK_TAGS_MAX && (len = tag_len(*type)); i++) {
		if (!link_has(b, len))
			return false;
		note_tag(b, *type);
		*type = tcpt_be16(b->p + len - 2);
		link_skip(b, len);
	}
	return true;
}

static enum link_result strip_untagged(struct link_bytes *b, unsigned int type)
{
	switch (type) {
	case ETHERTYPE_IP:
		return strip_ip4(b);
	case ETHERTYPE_IPV6:
		return strip_ip6(b);
	case ETHERTYPE_MPLS:
	case ETHERTYPE_MPLS_UPSTREAM:
		return strip_mpls(b);
	case ETHERTYPE_PPPOE:
		return strip_pppoe(b);
	default:
		return LINK_NOT_IP;
	}
}

/* Remove the tags, then the headers that an Ethernet type announces. */
static enum link_result strip_type(struct link_bytes *b, unsigned int type)
{
	if (!strip_tags(b, &type))
		return link_short(b);
	return strip_untagged(b, type);
}

/*
 * Remove a header of @len bytes, and the headers that the Ethernet type at
 * offset @at announces.
 */
static enum link_result strip_typed(struct link_bytes *b, size_t len, size_t at)
{
	unsigned int type;

	if (!link_has(b, len))
		return link_short(b);
	type = tcpt_be16(b->p + at);
	link_skip(b, len);
	return strip_type(b, type);
}

/* Remove a SNAP header with an Ethernet type. */
static enum link_result strip_snap(struct link_bytes *b)
{
	u32 oui;

	if (!link_has(b, SNAP_LEN))
		return link_short(b);
	oui = link_be24(b->p);
	if (oui != OUI_ETHER && oui != OUI_ETHER_802_1H)
		return LINK_NOT_IP;
	return strip_typed(b, SNAP_LEN, 3);
}

/* Remove an IEEE 802.2 header. */
static enum link_result strip_llc(struct link_bytes *b)
{
	unsigned int saps;

	if (!link_has(b, LLC_LEN))
		return link_short(b);
	saps = tcpt_be16(b->p);
	if (b->p[2] != LLC_UI)
		return LINK_NOT_IP;
	link_skip(b, LLC_LEN);
	switch (saps) {
	case LLC_IP:
		return strip_ip4(b);
	case LLC_SNAP:
		return strip_snap(b);
	default:
		return LINK_NOT_IP;
	}
}

/*
 * Remove @len bytes of addresses and any switch tag, then the Ethernet type or
 * length, then the headers that this field announces.
 */
static enum link_result strip_macs(struct link_bytes *b, size_t len)
{
	unsigned int type;

	if (!link_has(b, len + 2))
		return link_short(b);
	type = tcpt_be16(b->p + len);
	link_skip(b, len + 2);
	if (!strip_tags(b, &type))
		return link_short(b);
	if (type >= ETHERTYPE_MIN)
		return strip_untagged(b, type);
	link_limit(b, type);
	return strip_llc(b);
}

static enum link_result strip_ether(struct link_bytes *b)
{
	return strip_macs(b, MACS_LEN);
}

static enum link_result strip_dsa(struct link_bytes *b)
{
	return strip_macs(b, MACS_LEN + DSA_LEN);
}

static enum link_result strip_edsa(struct link_bytes *b)
{
	return strip_macs(b, MACS_LEN + EDSA_LEN);
}

static enum link_result strip_dsa_prepended(struct link_bytes *b)
{
	if (!link_has(b, DSA_LEN))
		return link_short(b);
	link_skip(b, DSA_LEN);
	return strip_ether(b);
}

/*
 * Remove a SNAP header. If it announces a bridged Ethernet frame, also remove
 * @pad bytes and the header of that frame.
 */
static enum link_result strip_bridged(struct link_bytes *b, size_t pad)
{
	unsigned int kind;

	if (!link_has(b, SNAP_LEN) || link_be24(b->p) != OUI_802_1)
		return strip_snap(b);
	kind = tcpt_be16(b->p + 3);
	if (kind != BRIDGED_ETHER && kind != BRIDGED_ETHER_FCS)
		return LINK_NOT_IP;
	if (!link_has(b, SNAP_LEN + pad))
		return link_short(b);
	link_skip(b, SNAP_LEN + pad);
	if (kind == BRIDGED_ETHER_FCS)
		link_trim(b, FCS_LEN);
	return strip_ether(b);
}

static enum link_result strip_nlpid(struct link_bytes *b, size_t bridge_pad)
{
	unsigned int nlpid;

	if (!link_has(b, 1))
		return link_short(b);
	nlpid = b->p[0];
	link_skip(b, 1);
	switch (nlpid) {
	case NLPID_IP:
		return strip_ip4(b);
	case NLPID_IPV6:
		return strip_ip6(b);
	case NLPID_PPP:
		return strip_ppp_protocol(b);
	case NLPID_SNAP:
		return strip_bridged(b, bridge_pad);
	default:
		return LINK_NOT_IP;
	}
}

/* RFC 2684 */
static enum link_result strip_atm(struct link_bytes *b)
{
	unsigned int saps;

	if (!link_has(b, LLC_LEN))
		return link_short(b);
	saps = tcpt_be16(b->p);
	if (b->p[2] != LLC_UI || (saps != LLC_SNAP && saps != LLC_OSI))
		return strip_llc(b);
	link_skip(b, LLC_LEN);
	return saps == LLC_SNAP ? strip_bridged(b, ATM_BRIDGE_PAD) :
				  strip_nlpid(b, ATM_BRIDGE_PAD);
}

static enum link_result strip_sunatm(struct link_bytes *b)
{
	unsigned int kind;

	if (!link_has(b, SUNATM_LEN))
		return link_short(b);
	kind = b->p[0] & SUNATM_KIND_MASK;
	if (kind == SUNATM_LLC) {
		link_skip(b, SUNATM_LEN);
		return strip_atm(b);
	}
	if (kind != SUNATM_LANE)
		return LINK_NOT_IP;
	if (!link_has(b, SUNATM_LEN + LANE_LEN))
		return link_short(b);
	link_skip(b, SUNATM_LEN + LANE_LEN);
	return strip_ether(b);
}

/*
 * Remove a Frame Relay header as in RFC 2427 or in Cisco's format, which has an
 * Ethernet type in place of the control byte.
 */
static enum link_result strip_frelay(struct link_bytes *b)
{
	unsigned int i;

	for (i = 0; link_has(b, i + 1) && i < FRELAY_ADDRESS_MAX; i++)
		if (b->p[i] & FRELAY_ADDRESS_END)
			break;
	if ((i == 0 && link_has(b, 1)) || i == FRELAY_ADDRESS_MAX)
		return LINK_NOT_IP;
	if (!link_has(b, i + 3))
		return link_short(b);
	link_skip(b, i + 1);
	if (b->p[0] != LLC_UI)
		return strip_typed(b, 2, 0);
	link_skip(b, b->p[1] == NLPID_PAD ? 2 : 1);
	return strip_nlpid(b, 0);
}

static enum link_result strip_c_hdlc(struct link_bytes *b)
{
	return strip_typed(b, C_HDLC_LEN, 2);
}

/* Remove a header of PPP or Cisco HDLC; the address tells them apart. */
static enum link_result strip_serial(struct link_bytes *b)
{
	unsigned int address = link_has(b, 2) ? tcpt_be16(b->p) : 0;

	if (address == C_HDLC_UNICAST || address == C_HDLC_MULTICAST)
		return strip_c_hdlc(b);
	return strip_ppp(b);
}

/* Remove the SLIP header of BSD; the packet after it is never compressed. */
static enum link_result strip_slip(struct link_bytes *b)
{
	if (!link_has(b, SLIP_LEN))
		return link_short(b);
	link_skip(b, SLIP_LEN);
	return strip_ip(b);
}

static enum link_result then_llc(enum link_result ret, struct link_bytes *b)
{
	return ret == LINK_IP ? strip_llc(b) : ret;
}

static enum link_result strip_wlan(struct link_bytes *b)
{
	return then_llc(ieee80211_strip(b), b);
}

static enum link_result strip_radiotap(struct link_bytes *b)
{
	return then_llc(ieee80211_strip_radiotap(b), b);
}

static enum link_result strip_avs(struct link_bytes *b)
{
	return then_llc(ieee80211_strip_avs(b), b);
}

static enum link_result strip_prism(struct link_bytes *b)
{
	return then_llc(ieee80211_strip_prism(b), b);
}

/* For a Linux cooked capture: @device is ARPHRD_*, @type is the protocol. */
static enum link_result strip_cooked(struct link_bytes *b, unsigned int device,
				     unsigned int type)
{
	switch (device) {
	case ARPHRD_FRAD:
		return strip_frelay(b);
	case ARPHRD_RADIOTAP:
		return strip_radiotap(b);
	case ARPHRD_NETLINK:
		return LINK_NOT_IP;
	default:
		return type == SLL_802_2 ? strip_llc(b) : strip_type(b, type);
	}
}

static enum link_result strip_sll(struct link_bytes *b)
{
	unsigned int device, type;

	if (!link_has(b, SLL_LEN))
		return link_short(b);
	device = tcpt_be16(b->p + 2);
	type = tcpt_be16(b->p + 14);
	link_skip(b, SLL_LEN);
	return strip_cooked(b, device, type);
}

static enum link_result strip_sll2(struct link_bytes *b)
{
	unsigned int device, type;

	if (!link_has(b, SLL2_LEN))
		return link_short(b);
	type = tcpt_be16(b->p);
	device = tcpt_be16(b->p + 8);
	link_skip(b, SLL2_LEN);
	return strip_cooked(b, device, type);
}

/* Remove a header of @len bytes before a packet of address family @family. */
static enum link_result strip_family(struct link_bytes *b, size_t len,
				     u32 family)
{
	if (!link_has(b, len))
		return link_short(b);
	link_skip(b, len);
	switch (family) {
	case AF_IP:
		return strip_ip4(b);
	case AF_IPV6_LINUX:
	case AF_IPV6_BSD:
	case AF_IPV6_SOLARIS:
	case AF_IPV6_FREEBSD:
	case AF_IPV6_DARWIN:
		return strip_ip6(b);
	default:
		return LINK_NOT_IP;
	}
}

/* Read an address family, which may be in either byte order. */
static u32 family_of(const u8 *p)
{
	u32 family = tcpt_be32(p);

	return family > 0xffff ? __builtin_bswap32(family) : family;
}

static enum link_result strip_null(struct link_bytes *b)
{
	if (!link_has(b, NULL_LEN))
		return link_short(b);
	return strip_family(b, NULL_LEN, family_of(b->p));
}

static enum link_result strip_enc(struct link_bytes *b)
{
	if (!link_has(b, ENC_LEN))
		return link_short(b);
	return strip_family(b, ENC_LEN, family_of(b->p));
}

static enum link_result strip_ipnet(struct link_bytes *b)
{
	if (!link_has(b, IPNET_LEN))
		return link_short(b);
	return strip_family(b, IPNET_LEN, b->p[1]);
}

/* Remove a pflog header; its length field excludes the padding to 32 bits. */
static enum link_result strip_pflog(struct link_bytes *b)
{
	size_t len;

	if (!link_has(b, 2))
		return link_short(b);
	len = b->p[0];
	if (len < PFLOG_LEN_MIN)
		return LINK_NOT_IP;
	return strip_family(b, (len + 3) & ~(size_t)3, b->p[1]);
}

static enum link_result strip_fddi(struct link_bytes *b)
{
	if (!link_has(b, FDDI_LEN))
		return link_short(b);
	if ((b->p[0] & FDDI_KIND_MASK) != FDDI_KIND_LLC)
		return LINK_NOT_IP;
	link_skip(b, FDDI_LEN);
	return strip_llc(b);
}

static enum link_result strip_token_ring(struct link_bytes *b)
{
	size_t routing = 0;

	if (!link_has(b, TOKEN_RING_LEN + 1))
		return link_short(b);
	if ((b->p[1] & TOKEN_RING_KIND_MASK) != TOKEN_RING_LLC)
		return LINK_NOT_IP;
	if (b->p[TOKEN_RING_SOURCE] & SOURCE_ROUTED) {
		routing = b->p[TOKEN_RING_LEN] & ROUTING_LEN_MASK;
		if (routing < ROUTING_LEN_MIN)
			return LINK_NOT_IP;
	}
	if (!link_has(b, TOKEN_RING_LEN + routing))
		return link_short(b);
	link_skip(b, TOKEN_RING_LEN + routing);
	return strip_llc(b);
}

static enum link_result strip_ipoib(struct link_bytes *b)
{
	return strip_typed(b, IPOIB_LEN, 40);
}

static enum link_result strip_firewire(struct link_bytes *b)
{
	return strip_typed(b, FIREWIRE_LEN, 16);
}

static enum link_result strip_fibre_channel(struct link_bytes *b)
{
	if (!link_has(b, FIBRE_CHANNEL_LEN))
		return link_short(b);
	link_skip(b, FIBRE_CHANNEL_LEN);
	return strip_llc(b);
}

/*
 * An attribute has a length and a type, in the byte order of the capturing
 * host. A type is below 256, so its zero byte reveals the byte order.
 */
static enum link_result strip_nflog(struct link_bytes *b)
{
	size_t len, padded;
	unsigned int i;
	bool little;

	if (!link_has(b, NFLOG_LEN))
		return link_short(b);
	link_skip(b, NFLOG_LEN);
	for (i = 0; i < LINK_TLVS_MAX; i++) {
		if (!link_has(b, 4))
			return link_short(b);
		little = b->p[3] == 0;
		len = little ? link_le16(b->p) : tcpt_be16(b->p);
		if (len < 4 || (!little && b->p[2] != 0))
			return LINK_NOT_IP;
		if (b->p[little ? 2 : 3] == NFLOG_PAYLOAD) {
			link_limit(b, len);
			link_skip(b, 4);
			return strip_ip(b);
		}
		padded = (len + 3) & ~(size_t)3;
		if (!link_has(b, padded))
			return link_short(b);
		link_skip(b, padded);
	}
	return LINK_NOT_IP;
}

static enum link_result strip_netanalyzer(struct link_bytes *b)
{
	if (!link_has(b, NETANALYZER_LEN))
		return link_short(b);
	link_skip(b, NETANALYZER_LEN);
	link_trim(b, FCS_LEN);
	return strip_ether(b);
}

static enum link_result strip_netanalyzer_transparent(struct link_bytes *b)
{
	if (!link_has(b, NETANALYZER_LEN + PREAMBLE_LEN))
		return link_short(b);
	link_skip(b, PREAMBLE_LEN);
	return strip_netanalyzer(b);
}

static enum link_result strip_juniper_ether(struct link_bytes *b)
{
	size_t len = JUNIPER_LEN;
	u8 flags;

	if (!link_has(b, JUNIPER_LEN + 2))
		return link_short(b);
	if (link_be24(b->p) != JUNIPER_MAGIC)
		return LINK_NOT_IP;
	flags = b->p[3];
	if (flags & JUNIPER_EXTENDED)
		len += 2 + tcpt_be16(b->p + JUNIPER_LEN);
	if (flags & JUNIPER_NO_L2)
		len += 4;	/* the protocol */
	if (!link_has(b, len))
		return link_short(b);
	link_skip(b, len);
	return flags & JUNIPER_NO_L2 ? strip_ip(b) : strip_ether(b);
}

static enum link_result (*const strips[])(struct link_bytes *b) = {
	[DLT_NULL]			= strip_null,
	[DLT_EN10MB]			= strip_ether,
	[DLT_IEEE802]			= strip_token_ring,
	[DLT_SLIP]			= strip_slip,
	[DLT_PPP]			= strip_serial,
	[DLT_FDDI]			= strip_fddi,
	[DLT_ATM_RFC1483]		= strip_atm,
	[DLT_RAW]			= strip_ip,
	[RAW_BSD]			= strip_ip,
	[DLT_PPP_SERIAL]		= strip_serial,
	[DLT_PPP_ETHER]			= strip_pppoe,
	[RAW_FILE]			= strip_ip,
	[DLT_C_HDLC]			= strip_c_hdlc,
	[DLT_IEEE802_11]		= strip_wlan,
	[DLT_FRELAY]			= strip_frelay,
	[DLT_LOOP]			= strip_null,
	[DLT_ENC]			= strip_enc,
	[DLT_LINUX_SLL]			= strip_sll,
	[DLT_PFLOG]			= strip_pflog,
	[DLT_PRISM_HEADER]		= strip_prism,
	[DLT_IP_OVER_FC]		= strip_fibre_channel,
	[DLT_SUNATM]			= strip_sunatm,
	[DLT_IEEE802_11_RADIO]		= strip_radiotap,
	[DLT_APPLE_IP_OVER_IEEE1394]	= strip_firewire,
	[DLT_IEEE802_11_RADIO_AVS]	= strip_avs,
	[DLT_JUNIPER_ETHER]		= strip_juniper_ether,
	[DLT_MPLS]			= strip_mpls,
	[DLT_IPNET]			= strip_ipnet,
	[DLT_IPV4]			= strip_ip4,
	[DLT_IPV6]			= strip_ip6,
	[DLT_NFLOG]			= strip_nflog,
	[DLT_NETANALYZER]		= strip_netanalyzer,
	[DLT_NETANALYZER_TRANSPARENT]	= strip_netanalyzer_transparent,
	[DLT_IPOIB]			= strip_ipoib,
	[DLT_LINUX_SLL2]		= strip_sll2,
	[DLT_DSA_TAG_BRCM]		= strip_dsa,
	[DLT_DSA_TAG_BRCM_PREPEND]	= strip_dsa_prepended,
	[DLT_DSA_TAG_DSA]		= strip_dsa,
	[DLT_DSA_TAG_EDSA]		= strip_edsa,
};

static bool is_plain(int type)
{
	return type >= 0 && (size_t)type < ARRAY_SIZE(strips) && strips[type];
}

/*
 * Remove a header of @len bytes, then the headers of a frame with link type
 * @type. A header shorter than @min is invalid.
 */
static enum link_result strip_wrapper(struct link_bytes *b, size_t min,
				      size_t len, u32 type)
{
	if (len < min || !is_plain((int)type))
		return LINK_NOT_IP;
	if (!link_has(b, len))
		return link_short(b);
	link_skip(b, len);
	return strips[type](b);
}

static enum link_result strip_ppi(struct link_bytes *b)
{
	if (!link_has(b, PPI_LEN))
		return link_short(b);
	return strip_wrapper(b, PPI_LEN, link_le16(b->p + 2),
			     link_le32(b->p + 4));
}

static enum link_result strip_pktap(struct link_bytes *b)
{
	if (!link_has(b, PKTAP_LEN))
		return link_short(b);
	return strip_wrapper(b, PKTAP_LEN, link_le32(b->p),
			     link_le32(b->p + 8));
}

/**
 * link_strip - remove the link-layer headers of a packet
 * @type: the link type, DLT_*
 * @b: the packet; after LINK_IP, the packet begins with the IP header
 *
 * Return: what the packet contains.
 */
enum link_result link_strip(int type, struct link_bytes *b)
{
	if (is_plain(type))
		return strips[type](b);
	switch (type) {
	case DLT_PPI:
		return strip_ppi(b);
	case DLT_PKTAP:
		return strip_pktap(b);
	case DLT_PPP_WITH_DIR:
		return strip_wrapper(b, 0, DIRECTION_LEN, DLT_PPP);
	case DLT_C_HDLC_WITH_DIR:
		return strip_wrapper(b, 0, DIRECTION_LEN, DLT_C_HDLC);
	case DLT_FRELAY_WITH_DIR:
		return strip_wrapper(b, 0, DIRECTION_LEN, DLT_FRELAY);
	default:
		return LINK_UNKNOWN;
	}
}

bool link_is_known(int type)
{
	struct link_bytes nothing = {};

	return link_strip(type, &nothing) != LINK_UNKNOWN;
}
