// SPDX-License-Identifier: GPL-2.0
#include "segment.h"

#include "segment_plain.h"

#include <linux/tcptrace.h>

enum {
	IP6_PAYLOAD_MAX	= 0xffff,	/* without RFC 2675 */
	TCP_WINDOW_END	= 16,
	PACKET_MAX	= 0x100000,	/* twice BIG TCP's limit */
	IP6_OFFSET_MF	= 0xfff9,
};

/* IANA protocol numbers of TCP and the headers between IP and TCP */
enum {
	PROTO_HOPOPTS	= 0,
	PROTO_TCP	= TCPT_PROTO_TCP,
	PROTO_ROUTING	= 43,
	PROTO_FRAGMENT	= 44,
	PROTO_AH	= 51,
	PROTO_DSTOPTS	= 60,
	PROTO_MOBILITY	= 135,
};

/* Source routes: IANA numbers of IPv4 options and IPv6 routing types */
enum {
	IP4_OPT_LSRR	= 131,
	IP4_OPT_SSRR	= 137,
	IP4_ROUTE_LEN	= 3,	/* kind, length and pointer */
	ROUTING_SOURCE	= 0,
	ROUTING_HOME	= 2,	/* RFC 6275 section 6.4 */
	ROUTING_SEGMENT	= 4,	/* RFC 8754 */
};

/* IANA TCP option kinds; EOL and NOP have the same values in IPv4 options */
enum {
	KIND_EOL	= 0,
	KIND_NOP	= 1,
	KIND_MSS	= 2,
	KIND_WSCALE	= 3,
	KIND_SACK_PERM	= 4,
	KIND_SACK	= 5,
	KIND_TIMESTAMP	= 8,
	KIND_MD5	= 19,
	KIND_AO		= 29,
	KIND_MPTCP	= 30,
	KIND_TFO	= 34,
	KIND_EXP	= 254,
	EXP_TFO		= 0xf989,	/* RFC 7413 section 4.1.1 */
};

static void parse_sack(struct tcpt_options *opt, const u8 *p, size_t len)
{
	size_t i;

	opt->sack_blocks = (u8)(len / 8);
	for (i = 0; i < opt->sack_blocks; i++) {
		opt->sack[i][0] = tcpt_be32(p + 8 * i);
		opt->sack[i][1] = tcpt_be32(p + 8 * i + 4);
	}
	opt->present |= TCPTRACE_OPT_SACK;
}

/*
 * Parse one option; @p points to the @len bytes after kind and length.
 * Return: the bit of the option; OPT_UNKNOWN if the kind is unknown, or is used
 * for an unknown experiment; OPT_MALFORMED if the kind cannot have this length.
 */
static u16 parse_option(struct tcpt_options *opt, u8 kind, const u8 *p,
			size_t len)
{
	switch (kind) {
	case KIND_MSS:
		if (len != 2)
			return TCPTRACE_OPT_MALFORMED;
		opt->mss = tcpt_be16(p);
		return TCPTRACE_OPT_MSS;
	case KIND_WSCALE:
		if (len != 1)
			return TCPTRACE_OPT_MALFORMED;
		opt->wscale = p[0] < TCPT_WSCALE_MAX ? p[0] : TCPT_WSCALE_MAX;
		return TCPTRACE_OPT_WSCALE;
	case KIND_SACK_PERM:
		return len == 0 ? TCPTRACE_OPT_SACK_PERM
				: TCPTRACE_OPT_MALFORMED;
	case KIND_SACK:
		if (len == 0 || len % 8 || len / 8 > TCPT_SACK_MAX)
			return TCPTRACE_OPT_MALFORMED;
		parse_sack(opt, p, len);
		return TCPTRACE_OPT_SACK;
	case KIND_TIMESTAMP:
		if (len != 8)
			return TCPTRACE_OPT_MALFORMED;
		opt->tsval = tcpt_be32(p);
		opt->tsecr = tcpt_be32(p + 4);
		return TCPTRACE_OPT_TIMESTAMP;
	case KIND_MD5:
		return len == 16 ? TCPTRACE_OPT_MD5 : TCPTRACE_OPT_MALFORMED;
	case KIND_AO:
		return len >= 2 ? TCPTRACE_OPT_AO : TCPTRACE_OPT_MALFORMED;
	case KIND_MPTCP:
		if (len < 1)
			return TCPTRACE_OPT_MALFORMED;
		opt->mptcp_subtype = p[0] >> 4;
		return TCPTRACE_OPT_MPTCP;
	case KIND_TFO:
		opt->tfo_len = (u8)len;
		return TCPTRACE_OPT_TFO;
	case KIND_EXP:
		if (len < 2 || tcpt_be16(p) != EXP_TFO)
			return TCPTRACE_OPT_UNKNOWN;
		opt->tfo_len = (u8)(len - 2);
		return TCPTRACE_OPT_TFO;
	default:
		return TCPTRACE_OPT_UNKNOWN;
	}
}

/* Move to the next IPv4 or TCP option. Return: false at the end. */
static bool find_option(const u8 **p, size_t *len)
{
	while (*len > 0 && **p == KIND_NOP) {
		(*p)++;
		(*len)--;
	}
	return *len > 0 && **p != KIND_EOL;
}

/* Is the option's length valid, and does the option fit into @len bytes? */
static bool is_whole_option(const u8 *p, size_t len)
{
	return len >= 2 && p[1] >= 2 && p[1] <= len;
}

/**
 * tcpt_segment_options - read TCP options
 * @opt: filled in
 * @p: the options
 * @len: number of bytes of the options that are available
 *
 * There are up to 40 bytes of options (RFC 9293 section 3.2), so the walk is
 * bounded. An option that has no valid length, or overruns the header, ends the
 * walk. The segment stays valid, because receivers accept it.
 *
 * Context: any.
 */
void tcpt_segment_options(struct tcpt_options *opt, const u8 *p, size_t len)
{
	opt->present = 0;
	while (find_option(&p, &len)) {
		if (!is_whole_option(p, len)) {
			opt->present |= TCPTRACE_OPT_MALFORMED;
			return;
		}
		opt->present |= parse_option(opt, p[0], p + 2, p[1] - 2U);
		len -= p[1];
		p += p[1];
	}
}

/* Are the next @n bytes part of the packet? */
static bool has(const struct tcpt_cursor *c, size_t n)
{
	return c->wire_len >= n;
}

static void skip(struct tcpt_cursor *c, size_t n)
{
	c->p += n;
	c->len -= n;
	c->wire_len -= n;
}

/* Parse the options that are available; a truncated option is not malformed. */
static void parse_options(struct tcpt_segment *seg, const struct tcpt_cursor *c)
{
	size_t end = seg->cut ? c->len : seg->hdr_len;
	size_t len = end > TCPT_TCP_HDR_LEN ? end - TCPT_TCP_HDR_LEN : 0;

	if (!len)
		return;
	tcpt_segment_options(&seg->opt, c->p + TCPT_TCP_HDR_LEN, len);
	if (seg->cut)
		seg->opt.present &= ~TCPTRACE_OPT_MALFORMED;
}

static enum tcpt_parse parse_tcp(struct tcpt_segment *seg, struct tcpt_cursor *c)
{
	if (!has(c, TCPT_TCP_HDR_LEN))
		return TCPT_PARSE_TCP_LENGTH;
	if (c->len < (c->salvage ? TCP_WINDOW_END : TCPT_TCP_HDR_LEN))
		return TCPT_PARSE_TRUNCATED;
	tcpt_plain_tcp(seg, c->p);
	if (!has(c, seg->hdr_len))
		return TCPT_PARSE_TCP_DOFF;
	seg->len = (u32)(c->wire_len - seg->hdr_len);
	seg->wire_segs = 1;
	seg->urgent = c->len < TCPT_TCP_HDR_LEN ? 0 : tcpt_be16(c->p + 18);
	seg->opt.present = 0;
	seg->cut = seg->hdr_len < TCPT_TCP_HDR_LEN || c->len < seg->hdr_len;
	if (seg->hdr_len < TCPT_TCP_HDR_LEN)
		return TCPT_PARSE_TCP_DOFF;
	if (seg->cut && !c->salvage)
		return TCPT_PARSE_TRUNCATED;
	parse_options(seg, c);
	return TCPT_PARSE_OK;
}

/*
 * Take the destination from a source route (RFC 791 section 3.1). While the
 * pointer of the route is within the option, the IP header contains the next
 * hop, and the last address in the option is the destination.
 */
static void take_route_ip4(struct tcpt_segment *seg, const u8 *p, size_t len)
{
	size_t addrs = len - IP4_ROUTE_LEN;

	if (addrs >= 4 && addrs % 4 == 0 && p[2] > IP4_ROUTE_LEN &&
	    p[2] <= len)
		memcpy(seg->dst, p + len - 4, 4);
}

/* @p: the IPv4 options, @len bytes */
static void find_route_ip4(struct tcpt_segment *seg, const u8 *p, size_t len)
{
	while (find_option(&p, &len) && is_whole_option(p, len)) {
		if ((p[0] == IP4_OPT_LSRR || p[0] == IP4_OPT_SSRR) &&
		    p[1] >= IP4_ROUTE_LEN) {
			take_route_ip4(seg, p, p[1]);
			return;
		}
		len -= p[1];
		p += p[1];
	}
}

/*
 * tcpt_segment_read() and tcpt_segment_enter() each get a copy of enter() and
 * of the functions that it calls, so that the cursor stays in registers.
 */
static __always_inline enum tcpt_parse enter_ip4(struct tcpt_segment *seg,
						 struct tcpt_cursor *c)
{
	size_t hdr_len, total;

	if (!has(c, TCPT_IP4_HDR_LEN))
		return TCPT_PARSE_IP_LENGTH;
	if (c->len < TCPT_IP4_HDR_LEN)
		return TCPT_PARSE_TRUNCATED;
	if (c->p[9] != c->proto)
		return TCPT_PARSE_NOT_TCP;
	hdr_len = (c->p[0] & 0x0f) * 4U;
	if (hdr_len < TCPT_IP4_HDR_LEN)
		return TCPT_PARSE_IP_HDRLEN;
	total = tcpt_be16(c->p + 2);
	if (total == 0)		/* a packet above 64 KiB, before TSO */
		total = c->wire_len;
	if (total > PACKET_MAX || (total > c->wire_len && !c->salvage))
		return TCPT_PARSE_IP_LENGTH;
	if (total > c->wire_len)
		total = c->wire_len;
	if (hdr_len > total)
		return TCPT_PARSE_IP_HDRLEN;
	if (tcpt_be16(c->p + 6) & TCPT_IP4_OFFSET_MF)
		return TCPT_PARSE_FRAGMENT;
	if (c->len < hdr_len)
		return TCPT_PARSE_TRUNCATED;
	tcpt_plain_ip4(seg, c->p);
	if (hdr_len > TCPT_IP4_HDR_LEN)
		find_route_ip4(seg, c->p + TCPT_IP4_HDR_LEN, hdr_len - TCPT_IP4_HDR_LEN);
	c->wire_len = total;
	skip(c, hdr_len);
	return TCPT_PARSE_OK;
}

static bool is_ext(u8 proto)
{
	switch (proto) {
	case PROTO_HOPOPTS:
	case PROTO_ROUTING:
	case PROTO_FRAGMENT:
	case PROTO_AH:
	case PROTO_DSTOPTS:
	case PROTO_MOBILITY:
		return true;
	default:
		return false;
	}
}

/*
 * If a routing header has segments left, the IPv6 header contains the next hop.
 * On every hop, TCP's checksum covers the final destination (RFC 8200 section
 * 8.1), which is also the address of the socket. Therefore, the key of the
 * connection contains the final destination, in captures and in the kernel.
 */
static void take_route_ip6(struct tcpt_segment *seg, const u8 *p,
			   size_t ext_len)
{
	size_t n = (ext_len - 8) / 16, last;

	if (p[3] == 0 || p[3] > n)
		return;
	switch (p[2]) {
	case ROUTING_SOURCE:
	case ROUTING_HOME:
		last = n - 1;
		break;
	case ROUTING_SEGMENT:	/* in reverse order */
		last = 0;
		break;
	default:
		return;
	}
	memcpy(seg->dst, p + 8 + 16 * last, 16);
}

/* Skip one extension header and set *@proto to the next one. */
static __always_inline enum tcpt_parse skip_ext(struct tcpt_segment *seg,
						struct tcpt_cursor *c,
						u8 *proto)
{
	size_t ext_len;

	if (!has(c, 8))
		return TCPT_PARSE_EXT_LENGTH;
	if (c->len < 8)
		return TCPT_PARSE_TRUNCATED;
	if (*proto == PROTO_FRAGMENT) {
		if (tcpt_be16(c->p + 2) & IP6_OFFSET_MF)
			return c->p[0] == PROTO_TCP || is_ext(c->p[0]) ?
			       TCPT_PARSE_FRAGMENT : TCPT_PARSE_NOT_TCP;
		ext_len = 8;	/* an atomic fragment, RFC 6946 */
	} else if (*proto == PROTO_AH) {
		ext_len = (c->p[1] + 2U) * 4;
	} else {
		ext_len = (c->p[1] + 1U) * 8;
	}
	if (!has(c, ext_len))
		return TCPT_PARSE_EXT_LENGTH;
	if (c->len < ext_len)
		return TCPT_PARSE_TRUNCATED;
	if (*proto == PROTO_ROUTING)
		take_route_ip6(seg, c->p, ext_len);
	*proto = c->p[0];
	skip(c, ext_len);
	return TCPT_PARSE_OK;
}

static __always_inline enum tcpt_parse enter_ip6(struct tcpt_segment *seg,
						 struct tcpt_cursor *c)
{
	enum tcpt_parse ret;
	unsigned int n = 0;
	size_t payload;
	u8 proto;

	if (!has(c, TCPT_IP6_HDR_LEN))
		return TCPT_PARSE_IP_LENGTH;
	if (c->len < TCPT_IP6_HDR_LEN)
		return TCPT_PARSE_TRUNCATED;
	proto = c->p[6];
	payload = tcpt_be16(c->p + 4);
	/* RFC 2675; Linux may omit the jumbo option if TSO follows */
	if (payload == 0 && (proto == PROTO_HOPOPTS ||
			     (proto == PROTO_TCP &&
			      c->wire_len - TCPT_IP6_HDR_LEN > IP6_PAYLOAD_MAX)))
		payload = c->wire_len - TCPT_IP6_HDR_LEN;
	if (payload > PACKET_MAX ||
	    (payload > c->wire_len - TCPT_IP6_HDR_LEN && !c->salvage))
		return TCPT_PARSE_IP_LENGTH;
	if (payload > c->wire_len - TCPT_IP6_HDR_LEN)
		payload = c->wire_len - TCPT_IP6_HDR_LEN;
	tcpt_plain_ip6(seg, c->p);
	skip(c, TCPT_IP6_HDR_LEN);
	c->wire_len = payload;
	while (is_ext(proto)) {
		if (n++ == TCPT_EXT_MAX)
			return TCPT_PARSE_EXT_LIMIT;
		ret = skip_ext(seg, c, &proto);
		if (ret != TCPT_PARSE_OK)
			return ret;
	}
	return proto == c->proto ? TCPT_PARSE_OK : TCPT_PARSE_NOT_TCP;
}

static __always_inline enum tcpt_parse enter(struct tcpt_segment *seg,
					     struct tcpt_cursor *c)
{
	if (c->wire_len == 0)
		return TCPT_PARSE_IP_LENGTH;
	if (c->len == 0)
		return TCPT_PARSE_TRUNCATED;
	switch (c->p[0] >> 4) {
	case 4:
		return enter_ip4(seg, c);
	case 6:
		return enter_ip6(seg, c);
	default:
		return TCPT_PARSE_IP_VERSION;
	}
}

/**
 * tcpt_segment_enter - read the IP header of a packet
 * @seg: the addresses, family, IP ID, TTL and TOS are filled in
 * @c: the packet; if the result is TCPT_PARSE_OK, @c is moved to the first byte
 *	after the IP header and the IPv6 extension headers
 *
 * Context: any.
 * Return: TCPT_PARSE_OK; TCPT_PARSE_NOT_TCP if the protocol is not @c->proto;
 *	otherwise the reason why the packet cannot be parsed.
 */
enum tcpt_parse tcpt_segment_enter(struct tcpt_segment *seg,
				   struct tcpt_cursor *c)
{
	return enter(seg, c);
}

/**
 * tcpt_segment_parse - read a TCP segment from an IP packet
 * @seg: filled in if the result is TCPT_PARSE_OK; undefined otherwise
 * @p: the packet, starting at its IP header
 * @len: number of bytes of the packet that are available
 * @wire_len: number of bytes that the packet had on the wire, including the IP
 *	header; at least @len
 *
 * Nothing past @len is read, regardless of the length fields. The payload is
 * not read, so @p need only contain the headers. A caller that passed only a
 * part of the packet may retry after TCPT_PARSE_TRUNCATED.
 *
 * Context: any.
 * Return: TCPT_PARSE_OK, or the reason why the packet cannot be parsed.
 */
enum tcpt_parse tcpt_segment_parse(struct tcpt_segment *seg, const u8 *p,
				   size_t len, size_t wire_len)
{
	if (likely(tcpt_segment_plain(seg, p, len, wire_len)))
		return TCPT_PARSE_OK;
	return tcpt_segment_read(seg, p, len, wire_len, false);
}

/**
 * tcpt_segment_read - read a TCP segment, perhaps from a truncated packet
 * @seg: filled in as by tcpt_segment_salvage()
 * @p: the packet
 * @len: number of bytes of the packet that are available
 * @wire_len: number of bytes that the packet had on the wire
 * @salvage: accept a truncated packet
 *
 * Context: any.
 * Return: TCPT_PARSE_OK, or the reason why the packet cannot be parsed.
 */
enum tcpt_parse tcpt_segment_read(struct tcpt_segment *seg, const u8 *p,
				  size_t len, size_t wire_len, bool salvage)
{
	struct tcpt_cursor c = {
		.p = p,
		.len = len,
		.wire_len = wire_len,
		.proto = PROTO_TCP,
		.salvage = salvage,
	};
	enum tcpt_parse ret = enter(seg, &c);

	return ret == TCPT_PARSE_OK ? parse_tcp(seg, &c) : ret;
}

/**
 * tcpt_header_segment - restore a segment from its kept header
 * @h: the header
 * @seg: filled in; @seg->wire_segs is 1; the addresses, the ports and all other
 *	fields that were not kept are 0
 *
 * Context: any.
 */
void tcpt_header_segment(const struct tcpt_header *h, struct tcpt_segment *seg)
{
	memset(seg, 0, sizeof(*seg));
	seg->wire_segs = 1;
	seg->seq = h->seq;
	seg->flags = h->flags;
	seg->window = h->window;
	seg->ttl = h->ttl;
	seg->tos = h->tos;
	seg->hdr_len = h->hdr_len;
	seg->opt.present = h->options;
	seg->opt.mss = h->mss;
	seg->opt.wscale = h->wscale;
	seg->opt.tsval = h->tsval;
}
