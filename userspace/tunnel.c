// SPDX-License-Identifier: GPL-2.0
#include "tunnel.h"

#include "link.h"

#include <pcap/dlt.h>

enum {
	IP4_HDR_MIN	= 20,
	IP6_HDR_LEN	= 40,
	IP6_EXT_MAX	= 8,
	UDP_HDR_LEN	= 8,
	GTP_EXT_MAX	= 8,
	GRE_ROUTES_MAX	= 8,
	BUCKETS		= 65536,
};

enum {
	PROTO_HOPOPTS	= 0,
	PROTO_IPIP	= 4,
	PROTO_UDP	= 17,
	PROTO_IPV6	= 41,
	PROTO_ROUTING	= 43,
	PROTO_FRAGMENT	= 44,
	PROTO_GRE	= 47,
	PROTO_AH	= 51,
	PROTO_DSTOPTS	= 60,
	PROTO_ETHERIP	= 97,
	PROTO_MPLS	= 137,
	PROTO_NONE	= 256,
};

enum {
	PORT_GTP	= 2152,
	PORT_TEREDO	= 3544,
	PORT_VXLAN	= 4789,
	PORT_VXLAN_GPE	= 4790,
	PORT_GENEVE	= 6081,
	PORT_MPLS	= 6635,
	PORT_VXLAN_OLD	= 8472,		/* default of Linux */
};

enum {
	ETHERTYPE_IP		= 0x0800,
	ETHERTYPE_BRIDGED	= 0x6558,	/* an Ethernet frame */
	ETHERTYPE_IPV6		= 0x86dd,
	ETHERTYPE_MPLS		= 0x8847,
	ETHERTYPE_MPLS_MULTI	= 0x8848,
	ETHERTYPE_PPP		= 0x880b,
	ETHERTYPE_ERSPAN	= 0x88be,
	ETHERTYPE_ERSPAN3	= 0x22eb,
};

/* GRE: RFC 2784, 2890, 2637 */
enum {
	GRE_CHECKSUM	= 0x8000,
	GRE_ROUTING	= 0x4000,
	GRE_KEY		= 0x2000,
	GRE_SEQUENCE	= 0x1000,
	GRE_ACK		= 0x0080,	/* version 1 */
	GRE_VERSION	= 0x0007,
};

/*
 * Skip a header of @len bytes. Return: its first byte, which is the next
 * protocol; PROTO_NONE if the header was not captured.
 */
static unsigned int strip_ext(struct link_bytes *b, size_t len)
{
	unsigned int proto;

	if (!link_has(b, len))
		return PROTO_NONE;
	proto = b->p[0];
	link_skip(b, len);
	return proto;
}

/* RFC 4302 section 2.2: the length is in 32-bit words, minus 2. */
static unsigned int strip_ah(struct link_bytes *b)
{
	return link_has(b, 2) ? strip_ext(b, 4U * (b->p[1] + 2)) : PROTO_NONE;
}

static unsigned int strip_ip4(struct link_bytes *b)
{
	unsigned int proto, hdr, total;

	if (!link_has(b, IP4_HDR_MIN))
		return PROTO_NONE;
	hdr = (b->p[0] & 0xf) * 4;
	proto = b->p[9];
	total = tcpt_be16(b->p + 2);
	/* a fragment has MF set or an offset other than 0 */
	if (hdr < IP4_HDR_MIN || !link_has(b, hdr) ||
	    tcpt_be16(b->p + 6) & 0x3fff || (total && total < hdr))
		return PROTO_NONE;
	if (total)	/* 0: above 64 KiB, captured before TSO splits it */
		link_limit(b, total);
	link_skip(b, hdr);
	return proto == PROTO_AH ? strip_ah(b) : proto;
}

static bool is_ext(unsigned int proto)
{
	return proto == PROTO_HOPOPTS || proto == PROTO_ROUTING ||
	       proto == PROTO_FRAGMENT || proto == PROTO_AH ||
	       proto == PROTO_DSTOPTS;
}

static unsigned int strip_ip6(struct link_bytes *b)
{
	unsigned int proto, i;

	if (!link_has(b, IP6_HDR_LEN))
		return PROTO_NONE;
	proto = b->p[6];
	if (tcpt_be16(b->p + 4))	/* 0: longer than 64 KiB */
		link_limit(b, IP6_HDR_LEN + tcpt_be16(b->p + 4));
	link_skip(b, IP6_HDR_LEN);
	for (i = 0; i < IP6_EXT_MAX && is_ext(proto); i++) {
		if (proto != PROTO_AH && !link_has(b, 8))
			return PROTO_NONE;
		/* an atomic fragment, RFC 6946, is a whole packet */
		if (proto == PROTO_FRAGMENT && tcpt_be16(b->p + 2) & 0xfff9)
			return PROTO_NONE;
		if (proto == PROTO_AH)
			proto = strip_ah(b);
		else if (proto == PROTO_FRAGMENT)
			proto = strip_ext(b, 8);
		else
			proto = strip_ext(b, 8U * (b->p[1] + 1));
	}
	return proto;
}

/*
 * Remove an IP header, with its extension headers or an AH. Return: the
 * protocol; PROTO_NONE: a header is invalid or truncated, or the packet is
 * a fragment.
 */
static unsigned int strip_ip(struct link_bytes *b)
{
	if (!link_has(b, 1))
		return PROTO_NONE;
	switch (b->p[0] >> 4) {
	case 4:
		return strip_ip4(b);
	case 6:
		return strip_ip6(b);
	default:
		return PROTO_NONE;
	}
}

static enum link_result strip_type(struct link_bytes *b, unsigned int ethertype)
{
	switch (ethertype) {
	case ETHERTYPE_IP:
		return link_strip(DLT_IPV4, b);
	case ETHERTYPE_IPV6:
		return link_strip(DLT_IPV6, b);
	case ETHERTYPE_BRIDGED:
		return link_strip(DLT_EN10MB, b);
	case ETHERTYPE_MPLS:
	case ETHERTYPE_MPLS_MULTI:
		return link_strip(DLT_MPLS, b);
	case ETHERTYPE_PPP:
		return link_strip(DLT_PPP, b);
	default:
		return LINK_NOT_IP;
	}
}

static void set(struct tunnel *t, enum tunnel_type type, u32 id)
{
	t->type = (u8)type;
	t->id = id;
}

/* RFC 7348 */
static enum link_result open_vxlan(struct link_bytes *b, struct tunnel *t)
{
	if (!link_has(b, 8))
		return link_short(b);
	if (!(b->p[0] & 0x08))
		return LINK_NOT_IP;
	set(t, TUNNEL_VXLAN, link_be24(b->p + 4));
	link_skip(b, 8);
	return link_strip(DLT_EN10MB, b);
}

/* draft-ietf-nvo3-vxlan-gpe section 3 */
static enum link_result open_vxlan_gpe(struct link_bytes *b, struct tunnel *t)
{
	static const u16 types[] = { 0, ETHERTYPE_IP, ETHERTYPE_IPV6,
				     ETHERTYPE_BRIDGED };
	unsigned int next;

	if (!link_has(b, 8))
		return link_short(b);
	if ((b->p[0] & 0x0c) != 0x0c)
		return LINK_NOT_IP;
	next = b->p[3];
	set(t, TUNNEL_VXLAN, link_be24(b->p + 4));
	link_skip(b, 8);
	return next < ARRAY_SIZE(types) ? strip_type(b, types[next]) :
					  LINK_NOT_IP;
}

/* RFC 8926 section 3.4 */
static enum link_result open_geneve(struct link_bytes *b, struct tunnel *t)
{
	unsigned int hdr, type;

	if (!link_has(b, 8))
		return link_short(b);
	if (b->p[0] >> 6)
		return LINK_NOT_IP;
	hdr = 8 + (b->p[0] & 0x3f) * 4;
	type = tcpt_be16(b->p + 2);
	set(t, TUNNEL_GENEVE, link_be24(b->p + 4));
	if (!link_has(b, hdr))
		return link_short(b);
	link_skip(b, hdr);
	return strip_type(b, type);
}

/* 3GPP TS 29.281 section 5 */
static enum link_result open_gtp(struct link_bytes *b, struct tunnel *t)
{
	unsigned int i, next, hdr = 8;

	if (!link_has(b, hdr))
		return link_short(b);
	if ((b->p[0] & 0xf0) != 0x30 || b->p[1] != 255)
		return LINK_NOT_IP;
	set(t, TUNNEL_GTP, tcpt_be32(b->p + 4));
	link_limit(b, 8 + tcpt_be16(b->p + 2));
	if (b->p[0] & 0x07) {
		hdr = 12;
		if (!link_has(b, hdr))
			return link_short(b);
	}
	next = b->p[0] & 0x04 ? b->p[11] : 0;
	link_skip(b, hdr);
	for (i = 0; i < GTP_EXT_MAX && next; i++) {
		if (!link_has(b, 1) || !link_has(b, b->p[0] * 4U))
			return link_short(b);
		if (!b->p[0])
			return LINK_NOT_IP;
		next = b->p[b->p[0] * 4 - 1];
		link_skip(b, b->p[0] * 4U);
	}
	return next ? LINK_NOT_IP : link_strip(DLT_RAW, b);
}

/* RFC 4380 section 5.1.1: the datagram must contain a whole IPv6 packet. */
static enum link_result open_teredo(struct link_bytes *b, struct tunnel *t)
{
	if (link_has(b, 4) && tcpt_be16(b->p) == 1) {
		size_t n = 4U + b->p[2] + b->p[3] + 9;

		if (!link_has(b, n))
			return link_short(b);
		link_skip(b, n);
	}
	if (link_has(b, 8) && tcpt_be16(b->p) == 0)
		link_skip(b, 8);
	set(t, TUNNEL_TEREDO, 0);
	if (!link_has(b, IP6_HDR_LEN))
		return link_short(b);
	return (size_t)IP6_HDR_LEN + tcpt_be16(b->p + 4) <= b->wire_len ?
	       link_strip(DLT_IPV6, b) : LINK_NOT_IP;
}

static enum link_result open_mpls(struct link_bytes *b, struct tunnel *t)
{
	enum link_result ret;

	ret = link_strip(DLT_MPLS, b);
	set(t, TUNNEL_MPLS, b->tag_id);
	return ret;
}

static enum link_result open_port(struct link_bytes *b, struct tunnel *t,
				  unsigned int port)
{
	switch (port) {
	case PORT_TEREDO:
		return open_teredo(b, t);
	case PORT_VXLAN:
	case PORT_VXLAN_OLD:
		return open_vxlan(b, t);
	case PORT_VXLAN_GPE:
		return open_vxlan_gpe(b, t);
	case PORT_GENEVE:
		return open_geneve(b, t);
	case PORT_GTP:
		return open_gtp(b, t);
	case PORT_MPLS:
		return open_mpls(b, t);
	default:
		return LINK_NOT_IP;
	}
}

/* Either port can be the port of the tunnel protocol. */
static enum link_result open_udp(struct link_bytes *b, struct tunnel *t)
{
	struct link_bytes other;
	unsigned int sport, dport;
	enum link_result ret;

	if (!link_has(b, UDP_HDR_LEN) || tcpt_be16(b->p + 4) < UDP_HDR_LEN)
		return LINK_NOT_IP;
	sport = tcpt_be16(b->p);
	dport = tcpt_be16(b->p + 2);
	link_limit(b, tcpt_be16(b->p + 4));
	link_skip(b, UDP_HDR_LEN);
	other = *b;
	ret = open_port(b, t, dport);
	if (ret != LINK_NOT_IP)
		return ret;
	*b = other;
	return open_port(b, t, sport);
}

/* draft-foschiano-erspan: type I has no header and no sequence number. */
static enum link_result open_erspan(struct link_bytes *b, struct tunnel *t,
				    unsigned int type, bool sequence)
{
	size_t hdr = type == ETHERTYPE_ERSPAN3 ? 12 : sequence ? 8 : 0;

	if (!link_has(b, hdr))
		return link_short(b);
	set(t, TUNNEL_ERSPAN, hdr ? tcpt_be16(b->p + 2) & 0x3ff : 0);
	/* flag O: a platform-specific subheader follows */
	if (type == ETHERTYPE_ERSPAN3 && b->p[11] & 1)
		hdr += 8;
	if (!link_has(b, hdr))
		return link_short(b);
	link_skip(b, hdr);
	return link_strip(DLT_EN10MB, b);
}

/* RFC 2637 section 4.1 */
static enum link_result open_pptp(struct link_bytes *b, struct tunnel *t,
				  unsigned int flags)
{
	size_t hdr = 8 + !!(flags & GRE_SEQUENCE) * 4 + !!(flags & GRE_ACK) * 4;

	if (!(flags & GRE_KEY) || tcpt_be16(b->p + 2) != ETHERTYPE_PPP)
		return LINK_NOT_IP;
	if (!link_has(b, hdr))
		return link_short(b);
	set(t, TUNNEL_PPTP, tcpt_be16(b->p + 6));
	link_limit(b, hdr + tcpt_be16(b->p + 4));
	link_skip(b, hdr);
	return link_strip(DLT_PPP, b);
}

/* RFC 1701: skip the source route entries; an empty entry ends them. */
static enum link_result strip_routing(struct link_bytes *b)
{
	unsigned int i, len;

	for (i = 0; i < GRE_ROUTES_MAX; i++) {
		if (!link_has(b, 4))
			return link_short(b);
		len = b->p[3];
		if (!link_has(b, 4 + len))
			return link_short(b);
		link_skip(b, 4 + len);
		if (!len)
			return LINK_IP;
	}
	return LINK_NOT_IP;
}

static enum link_result open_gre(struct link_bytes *b, struct tunnel *t)
{
	unsigned int flags, type;
	enum link_result ret;
	size_t key, hdr = 4;

	if (!link_has(b, hdr))
		return link_short(b);
	flags = tcpt_be16(b->p);
	type = tcpt_be16(b->p + 2);
	if ((flags & GRE_VERSION) == 1)
		return open_pptp(b, t, flags);
	if (flags & GRE_VERSION)
		return LINK_NOT_IP;
	hdr += !!(flags & (GRE_CHECKSUM | GRE_ROUTING)) * 4;
	key = hdr;
	hdr += !!(flags & GRE_KEY) * 4 + !!(flags & GRE_SEQUENCE) * 4;
	if (!link_has(b, hdr))
		return link_short(b);
	set(t, TUNNEL_GRE, flags & GRE_KEY ? tcpt_be32(b->p + key) : 0);
	link_skip(b, hdr);
	if (flags & GRE_ROUTING) {
		ret = strip_routing(b);
		if (ret != LINK_IP)
			return ret;
	}
	if (type == ETHERTYPE_ERSPAN || type == ETHERTYPE_ERSPAN3)
		return open_erspan(b, t, type, flags & GRE_SEQUENCE);
	return strip_type(b, type);
}

/* RFC 3378 */
static enum link_result open_etherip(struct link_bytes *b, struct tunnel *t)
{
	if (!link_has(b, 2))
		return link_short(b);
	if (tcpt_be16(b->p) != 0x3000)
		return LINK_NOT_IP;
	set(t, TUNNEL_ETHERIP, 0);
	link_skip(b, 2);
	return link_strip(DLT_EN10MB, b);
}

static enum link_result open_proto(struct link_bytes *b, struct tunnel *t,
				   unsigned int proto)
{
	switch (proto) {
	case PROTO_UDP:
		return open_udp(b, t);
	case PROTO_GRE:
		return open_gre(b, t);
	case PROTO_IPIP:
		set(t, TUNNEL_IPIP, 0);
		return link_strip(DLT_IPV4, b);
	case PROTO_IPV6:
		set(t, TUNNEL_6IN4, 0);
		return link_strip(DLT_IPV6, b);
	case PROTO_MPLS:
		return open_mpls(b, t);
	case PROTO_ETHERIP:
		return open_etherip(b, t);
	default:
		return LINK_NOT_IP;
	}
}

/**
 * tunnel_of_link - find the tunnel that a removed link header represents
 * @b: a packet without its link headers
 * @t: filled in
 *
 * Return: true if there was a tunnel.
 */
bool tunnel_of_link(const struct link_bytes *b, struct tunnel *t)
{
	static const u8 types[] = {
		[LINK_TAG_MPLS]	= TUNNEL_MPLS,
		[LINK_TAG_PBB]	= TUNNEL_PBB,
		[LINK_TAG_VN]	= TUNNEL_VN_TAG,
	};

	if (b->tag == LINK_TAG_NONE)
		return false;
	t->outer = 0;
	set(t, types[b->tag], b->tag_id);
	return true;
}

/**
 * tunnel_open - find the IP packet inside an IP packet
 * @b: a packet, starting at its IP header; not a fragment
 * @t: filled in, except @outer
 *
 * A port does not prove that a packet belongs to a tunnel, so all headers must
 * be valid.
 *
 * Return: LINK_IP if there is an inner IP packet; @b then begins with the inner
 * IP header. Otherwise, @b is unchanged: LINK_NOT_IP if there is no tunnel or
 * no IP packet in the tunnel, or the reason why the packet in the tunnel cannot
 * be read.
 */
enum link_result tunnel_open(struct link_bytes *b, struct tunnel *t)
{
	struct link_bytes inner = *b;
	unsigned int proto = strip_ip(&inner);
	enum link_result ret;

	if (proto == PROTO_NONE)
		return LINK_NOT_IP;
	ret = open_proto(&inner, t, proto);
	if (ret == LINK_IP)
		*b = inner;
	return ret;
}

/*
 * A hash table of the tunnels of the capture. The tunnels are numbered from 1,
 * in the order of arrival. The reading thread adds tunnels. The tracking thread
 * gets the number of a tunnel only after the tunnel was added.
 */
static struct {
	struct tunnel tunnel;
	u16 next;	/* the next tunnel in the bucket; 0: none */
	u16 network;	/* the tunnel that represents its network; 0: none */
} known[TUNNEL_STACKS_MAX + 1];
static u16 buckets[BUCKETS];
static u32 count;

static bool is_equal(const struct tunnel *a, const struct tunnel *b)
{
	return a->type == b->type && a->id == b->id && a->outer == b->outer;
}

/* Forget all tunnels, because a new capture begins. */
void tunnel_reset(void)
{
	memset(buckets, 0, sizeof(buckets));
	count = 0;
}

/* Return: as tunnel_number(). */
static u32 find_or_add(const struct tunnel *t)
{
	u32 hash = (t->id ^ t->type ^ t->outer << 8) * 2654435761U;
	u16 *bucket = &buckets[hash >> 16];
	unsigned int n = 0;
	u16 i;

	for (i = *bucket; i; i = known[i].next, n++)
		if (is_equal(&known[i].tunnel, t))
			return i;
	if (count == TUNNEL_STACKS_MAX || n == TUNNEL_CHAIN_MAX)
		return 0;
	count++;
	known[count].tunnel = *t;
	known[count].network = 0;
	known[count].next = *bucket;
	*bucket = (u16)count;
	return count;
}

/*
 * Return: the tunnel that represents all tunnels of the network of @t; 0 for the
 * network outside all tunnels; @number if no tunnel can be added. The two
 * directions of a GTP or PPTP tunnel have different identifiers, and labels or
 * tags can occur in only one direction.
 */
static u32 network_of(const struct tunnel *t, u32 number)
{
	struct tunnel network = { .type = t->type, .id = t->id };
	u32 n;

	if (t->outer)
		network.outer = known[t->outer].network;
	switch (t->type) {
	case TUNNEL_MPLS:
	case TUNNEL_PBB:
	case TUNNEL_VN_TAG:
		return network.outer;
	case TUNNEL_GTP:
	case TUNNEL_PPTP:
		network.id = 0;
		break;
	default:
		break;
	}
	n = find_or_add(&network);
	if (!n)
		return number;
	known[n].network = (u16)n;
	return n;
}

/**
 * tunnel_number - find or assign the number of a tunnel
 * @t: the tunnel
 *
 * Return: the number, at least 1; 0 if the tunnel is new and there are already
 * TUNNEL_STACKS_MAX tunnels, or TUNNEL_CHAIN_MAX tunnels in the bucket.
 */
u32 tunnel_number(const struct tunnel *t)
{
	u32 before = count, n = find_or_add(t);

	if (n > before)
		known[n].network = (u16)network_of(t, n);
	return n;
}

/* Return: the tunnel that a flow's zone represents, or NULL. */
const struct tunnel *tunnel_of_zone(u32 zone)
{
	u32 n = zone - TUNNEL_ZONE;

	return n && n <= TUNNEL_STACKS_MAX ? &known[n].tunnel : NULL;
}

/**
 * tunnel_network - find the network in which the addresses of a flow are unique
 * @zone: zone of the flow
 *
 * Return: the same number for all tunnels that form one network, 0 for the
 * network outside all tunnels, or @zone if it represents no tunnel.
 */
u32 tunnel_network(u32 zone)
{
	u32 n = zone - TUNNEL_ZONE;

	if (!n || n > TUNNEL_STACKS_MAX)
		return zone;
	return known[n].network ? TUNNEL_ZONE + known[n].network : 0;
}

/* Return: the interface that a zone represents; 0 if it represents a tunnel. */
u32 tunnel_zone(u32 zone)
{
	return tunnel_of_zone(zone) ? 0 : zone;
}

/**
 * tunnel_stack - list the tunnels that a flow's zone represents
 * @zone: the zone
 * @stack: filled in with the tunnels, the innermost first
 *
 * Return: number of tunnels.
 */
size_t tunnel_stack(u32 zone, const struct tunnel *stack[TUNNEL_DEPTH_MAX])
{
	const struct tunnel *t = tunnel_of_zone(zone);
	size_t n = 0;

	while (t && n < TUNNEL_DEPTH_MAX) {
		stack[n++] = t;
		t = t->outer ? &known[t->outer].tunnel : NULL;
	}
	return n;
}

/* Return: a constant string, which is also the name in JSON. */
const char *tunnel_name(const struct tunnel *t)
{
	static const char *const names[TUNNEL_TYPES] = {
		[TUNNEL_VXLAN]	= "vxlan",
		[TUNNEL_GENEVE]	= "geneve",
		[TUNNEL_GRE]	= "gre",
		[TUNNEL_ERSPAN]	= "erspan",
		[TUNNEL_PPTP]	= "pptp",
		[TUNNEL_IPIP]	= "ipip",
		[TUNNEL_6IN4]	= "6in4",
		[TUNNEL_TEREDO]	= "teredo",
		[TUNNEL_GTP]	= "gtp",
		[TUNNEL_MPLS]	= "mpls",
		[TUNNEL_ETHERIP] = "etherip",
		[TUNNEL_PBB]	= "pbb",
		[TUNNEL_VN_TAG]	= "vn-tag",
	};

	return names[t->type];
}
