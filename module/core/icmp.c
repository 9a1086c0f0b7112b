// SPDX-License-Identifier: GPL-2.0
#include "icmp.h"

#include "result.h"
#include "seq.h"
#include "tcb.h"

enum {
	PROTO_ICMP	= 1,
	PROTO_ICMP6	= 58,
	ICMP_HDR_LEN	= 8,
	QUOTED_LEN	= 8,	/* ports and sequence number: RFC 792 */
};

/* IANA ICMP types, and the code of "fragmentation needed" */
enum {
	UNREACHABLE	= 3,
	FRAG_NEEDED	= 4,
	REDIRECT	= 5,
	TIME_EXCEEDED	= 11,
	PARAMETER	= 12,
};

/* IANA ICMPv6 types */
enum {
	UNREACHABLE6	= 1,
	TOO_BIG6	= 2,
	TIME_EXCEEDED6	= 3,
	PARAMETER6	= 4,
	REDIRECT6	= 137,	/* RFC 4861 section 4.5 */
};

static u8 kind_ip4(u8 type, u8 code)
{
	switch (type) {
	case UNREACHABLE:
		return code == FRAG_NEEDED ? TCPTRACE_ERROR_TOO_BIG :
					     TCPTRACE_ERROR_UNREACHABLE;
	case REDIRECT:
		return TCPTRACE_ERROR_REDIRECT;
	case TIME_EXCEEDED:
		return TCPTRACE_ERROR_TIME;
	case PARAMETER:
		return TCPTRACE_ERROR_PARAMETER;
	default:
		return TCPTRACE_ERROR_NONE;
	}
}

static u8 kind_ip6(u8 type)
{
	switch (type) {
	case UNREACHABLE6:
		return TCPTRACE_ERROR_UNREACHABLE;
	case TOO_BIG6:
		return TCPTRACE_ERROR_TOO_BIG;
	case TIME_EXCEEDED6:
		return TCPTRACE_ERROR_TIME;
	case PARAMETER6:
		return TCPTRACE_ERROR_PARAMETER;
	case REDIRECT6:
		return TCPTRACE_ERROR_REDIRECT;
	default:
		return TCPTRACE_ERROR_NONE;
	}
}

/*
 * The MTU has 16 bits in RFC 1191 section 4, 32 bits in RFC 4443 section 3.2.
 */
static u32 mtu_of(const u8 *p, u8 family)
{
	return family == 4 ? tcpt_be16(p + 6) : tcpt_be32(p + 4);
}

static enum tcpt_parse parse_quoted(struct tcpt_segment *seg,
				    const struct tcpt_cursor *error)
{
	struct tcpt_cursor c = {
		.p = error->p + ICMP_HDR_LEN,
		.len = error->len - ICMP_HDR_LEN,
		.wire_len = error->wire_len - ICMP_HDR_LEN,
		.proto = TCPT_PROTO_TCP,
		.salvage = true,
	};
	enum tcpt_parse ret;

	memset(seg, 0, sizeof(*seg));
	ret = tcpt_segment_enter(seg, &c);
	if (ret != TCPT_PARSE_OK)
		return ret;
	if (c.len < QUOTED_LEN)
		return TCPT_PARSE_TRUNCATED;
	seg->sport = tcpt_be16(c.p);
	seg->dport = tcpt_be16(c.p + 2);
	seg->seq = tcpt_be32(c.p + 4);
	seg->ttl = 0;
	seg->tos = 0;
	return TCPT_PARSE_OK;
}

/**
 * tcpt_icmp_parse - read an ICMP or ICMPv6 error from an IP packet
 * @icmp: filled in if the result is TCPT_PARSE_OK; undefined otherwise
 * @p: the packet, starting at its IP header
 * @len: number of bytes of the packet that are available
 * @wire_len: number of bytes that the packet had on the wire, including the IP
 *	header; at least @len
 *
 * Nothing past @len is read, regardless of the lengths in the headers.
 *
 * Context: any.
 * Return: TCPT_PARSE_OK; TCPT_PARSE_NOT_TCP if the packet is not an ICMP error
 * or quotes a packet that is not TCP; otherwise the reason why the packet
 * cannot be parsed. The function does not read the packet that a redirect
 * quotes.
 */
enum tcpt_parse tcpt_icmp_parse(struct tcpt_icmp *icmp, const u8 *p, size_t len,
				size_t wire_len)
{
	struct tcpt_segment *seg = &icmp->quoted;
	struct tcpt_cursor c = {
		.p = p,
		.len = len,
		.wire_len = wire_len,
		.proto = len && p[0] >> 4 == 4 ? PROTO_ICMP : PROTO_ICMP6,
	};
	struct tcptrace_error *error = &icmp->error;
	enum tcpt_parse ret;

	ret = tcpt_segment_enter(seg, &c);
	if (ret != TCPT_PARSE_OK)
		return ret;
	if (c.len < ICMP_HDR_LEN || c.wire_len < ICMP_HDR_LEN)
		return TCPT_PARSE_TRUNCATED;
	memset(error, 0, sizeof(*error));
	error->type = c.p[0];
	error->code = c.p[1];
	error->kind = seg->family == 4 ? kind_ip4(error->type, error->code) :
					 kind_ip6(error->type);
	if (!error->kind)
		return TCPT_PARSE_NOT_TCP;
	if (error->kind == TCPTRACE_ERROR_TOO_BIG)
		error->mtu = mtu_of(c.p, seg->family);
	memcpy(error->addr, seg->src, sizeof(error->addr));
	return error->kind == TCPTRACE_ERROR_REDIRECT ? TCPT_PARSE_OK :
							parse_quoted(seg, &c);
}

/* RFC 5927 section 4.1; as in Linux, SND.NXT is also treated as in flight */
static u8 fit_of(const struct tcpt_track *t, unsigned int from, u32 seq)
{
	unsigned int peer = t->marks & TCPT_MARK_SELF ? 0 : !from;
	const struct tcpt_endpoint *x = &t->end[from], *y = &t->end[peer];
	u32 una = y->valid & TCPT_VALID_ACK ? y->ack : x->iss;

	if (!(x->valid & TCPT_VALID_NXT))
		return TCPTRACE_FIT_UNKNOWN;
	if (seq == una)
		return TCPTRACE_FIT_EXACT;
	if (tcpt_seq_before(seq, una))
		return TCPTRACE_FIT_OLD;
	return tcpt_seq_after(seq, x->nxt) ? TCPTRACE_FIT_OUT_OF_WINDOW :
					     TCPTRACE_FIT_IN_WINDOW;
}

/**
 * tcpt_icmp_track - track an error that quotes a segment of a connection
 * @t: the connection
 * @quote: the quoted segment
 * @error: the error; this function sets @error->fit
 * @res: filled in
 *
 * The error changes @t only if the connection is not closed, and if the quoted
 * sequence number is in flight. If the number is not in flight, the error may
 * be forged.
 *
 * Context: any; the caller serializes access to @t.
 */
void tcpt_icmp_track(struct tcpt_track *t, const struct tcpt_quote *quote,
		     struct tcptrace_error *error, struct tcpt_result *res)
{
	tcpt_result_init(res);
	error->fit = fit_of(t, quote->from, quote->seq);
	if (t->marks & TCPT_MARK_CLOSED ||
	    (error->fit != TCPTRACE_FIT_EXACT &&
	     error->fit != TCPTRACE_FIT_IN_WINDOW))
		return;
	t->fate.error = *error;
	t->fate.error_at = quote->now;
	t->fate.local = quote->local;
	if (error->kind == TCPTRACE_ERROR_TOO_BIG)
		tcpt_finding_raise(res, t, TCPTRACE_FINDING_TOO_BIG,
				   quote->from, 1, error->mtu);
}
