// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz the parser with any bytes. The first byte of an input says how to find
 * the wire length, and how to parse. Two bytes for the wire length, two bytes
 * for the truncated length, and the packet follow.
 */
#include "fuzz.h"

#include "core/flow.h"
#include "core/icmp.h"
#include "core/name.h"
#include "core/segment.h"

#include <linux/tcptrace.h>

/* Maximum length of a packet, even if a capture gives a larger length. */
#define LEN_MAX		0x100000

#define OPTIONS_KNOWN	(TCPTRACE_OPT_MSS | TCPTRACE_OPT_WSCALE | \
			 TCPTRACE_OPT_SACK_PERM | TCPTRACE_OPT_SACK | \
			 TCPTRACE_OPT_TIMESTAMP | TCPTRACE_OPT_TFO | \
			 TCPTRACE_OPT_MPTCP | TCPTRACE_OPT_MD5 | \
			 TCPTRACE_OPT_AO | TCPTRACE_OPT_UNKNOWN | \
			 TCPTRACE_OPT_MALFORMED)

/*
 * A packet: @len of its @wire bytes were captured; @salvage: accept a truncated
 * packet.
 */
struct bytes {
	const u8 *p;
	size_t len;
	size_t wire;
	bool salvage;
};

/* Parse a copy of exactly @b.len bytes, so that ASan finds reads past them. */
static enum tcpt_parse parse(struct tcpt_segment *seg, u8 poison,
			     struct bytes b)
{
	u8 *exact = malloc(b.len);
	enum tcpt_parse result;

	must(exact);
	memcpy(exact, b.p, b.len);
	memset(seg, poison, sizeof(*seg));
	result = b.salvage ?
		 tcpt_segment_salvage(seg, exact, b.len, b.wire) :
		 tcpt_segment_parse(seg, exact, b.len, b.wire);
	free(exact);
	must(result < TCPT_PARSE_RESULTS);
	return result;
}

static void check_options(const struct tcpt_segment *seg)
{
	const struct tcpt_options *opt = &seg->opt;

	must(!(opt->present & ~OPTIONS_KNOWN));
	must(!seg->cut || !(opt->present & TCPTRACE_OPT_MALFORMED));
	must(seg->hdr_len > 20 || !opt->present);
	if (opt->present & TCPTRACE_OPT_WSCALE)
		must(opt->wscale <= TCPT_WSCALE_MAX);
	if (opt->present & TCPTRACE_OPT_SACK)
		must(opt->sack_blocks >= 1 &&
		     opt->sack_blocks <= TCPT_SACK_MAX &&
		     10U + 8U * (opt->sack_blocks - 1) + 20U <= seg->hdr_len);
	if (opt->present & TCPTRACE_OPT_TFO)
		must(opt->tfo_len <= 38);
	if (opt->present & TCPTRACE_OPT_MPTCP)
		must(opt->mptcp_subtype <= 15);
}

static void check_segment(const struct tcpt_segment *seg, size_t wire)
{
	static const u8 zeroes[12];
	char buf[TCPT_FLAGS_LEN];

	must(seg->family == 4 || seg->family == 6);
	must(seg->hdr_len >= 20 && seg->hdr_len <= 60 &&
	     seg->hdr_len % 4 == 0);
	must((seg->family == 4 ? 20U : 40U) + seg->hdr_len <= wire);
	must(seg->len <= wire - seg->hdr_len - (seg->family == 4 ? 20 : 40));
	must(seg->len <= LEN_MAX);
	must(seg->flags <= 0x1ff && seg->wire_segs == 1);
	if (seg->family == 4)
		must(!memcmp(seg->src + 4, zeroes, 12) &&
		     !memcmp(seg->dst + 4, zeroes, 12));
	must(tcpt_segment_end(seg) - seg->seq - seg->len <= 2);
	must(strlen(tcpt_flags_name(seg->flags, buf)) < sizeof(buf));
	check_options(seg);
}

/* Check that the TCP header is hdr_len + len bytes before the packet's end. */
static void check_place(const struct tcpt_segment *seg, struct bytes b)
{
	bool v4 = seg->family == 4;
	size_t said = v4 ? tcpt_be16(b.p + 2) : tcpt_be16(b.p + 4);
	size_t total = said == 0 ? b.wire : v4 ? said : said + 40, at;

	must(total <= b.wire || b.salvage);
	if (total > b.wire)
		total = b.wire;
	must(seg->len + seg->hdr_len <= total);
	at = total - seg->len - seg->hdr_len;
	must(at + 16 <= b.len && (v4 ? at == (b.p[0] & 15) * 4U : at >= 40));
	must(tcpt_be16(b.p + at) == seg->sport &&
	     tcpt_be16(b.p + at + 2) == seg->dport &&
	     tcpt_be32(b.p + at + 4) == seg->seq &&
	     tcpt_be32(b.p + at + 8) == seg->ack &&
	     b.p[at + 12] >> 4 == seg->hdr_len / 4 &&
	     tcpt_be16(b.p + at + 14) == seg->window);
}

/* Compare options; the fields of absent options have no meaning. */
static bool same_options(const struct tcpt_options *a,
			 const struct tcpt_options *b)
{
	u16 has = a->present;

	if (has != b->present)
		return false;
	if (has & TCPTRACE_OPT_SACK &&
	    (a->sack_blocks != b->sack_blocks ||
	     memcmp(a->sack, b->sack, a->sack_blocks * 8)))
		return false;
	return !(has & TCPTRACE_OPT_MSS && a->mss != b->mss) &&
	       !(has & TCPTRACE_OPT_WSCALE && a->wscale != b->wscale) &&
	       !(has & TCPTRACE_OPT_TFO && a->tfo_len != b->tfo_len) &&
	       !(has & TCPTRACE_OPT_MPTCP &&
		 a->mptcp_subtype != b->mptcp_subtype) &&
	       !(has & TCPTRACE_OPT_TIMESTAMP &&
		 (a->tsval != b->tsval || a->tsecr != b->tsecr));
}

static bool same_header(const struct tcpt_segment *a,
			const struct tcpt_segment *b)
{
	/* the fields before @cut */
	return !memcmp(a, b, offsetof(struct tcpt_segment, cut));
}

static bool same(const struct tcpt_segment *a, const struct tcpt_segment *b)
{
	return same_header(a, b) && a->cut == b->cut &&
	       same_options(&a->opt, &b->opt);
}

/*
 * Check that both directions have the same flow, but different senders, unless
 * the socket is connected to itself.
 */
static void check_flow(const struct tcpt_segment *seg)
{
	struct tcpt_segment back = *seg;
	struct tcpt_flow there, here;
	unsigned int from, to;

	memcpy(back.src, seg->dst, sizeof(back.src));
	memcpy(back.dst, seg->src, sizeof(back.dst));
	back.sport = seg->dport;
	back.dport = seg->sport;
	from = tcpt_flow_init(&there, seg, 1, 2);
	to = tcpt_flow_init(&here, &back, 1, 2);
	must(from <= 1 && to <= 1 && tcpt_flow_equal(&there, &here));
	must(tcpt_flow_is_self(&there) ? !from && !to : from != to);
}

/*
 * Compare a segment with its truncated copy, which may lack options and the
 * urgent pointer. The values of options may differ: the parser uses the
 * last copy of an option, which may be missing in the truncated header.
 */
static bool same_but_cut(const struct tcpt_segment *whole,
			 const struct tcpt_segment *part)
{
	struct tcpt_segment rest = *whole;

	if (!part->urgent)
		rest.urgent = 0;
	return same_header(&rest, part) &&
	       !(part->opt.present & ~whole->opt.present);
}

/*
 * Check that fewer captured bytes give the same result or TRUNCATED. They give
 * no other error, because no byte changes the meaning of earlier bytes.
 */
static void check_cut(const struct tcpt_segment *seg, enum tcpt_parse result,
		      struct bytes b, size_t cut)
{
	enum tcpt_parse now;
	struct tcpt_segment part;

	b.len = cut;
	now = parse(&part, 0x55, b);
	must(now == result || now == TCPT_PARSE_TRUNCATED);
	if (now != TCPT_PARSE_OK)
		return;
	must(b.salvage || !part.cut);
	must(part.cut ? same_but_cut(seg, &part) : same(seg, &part));
}

/*
 * Check that a larger @wire changes nothing in a segment, except that the
 * payload may become longer.
 */
static void check_longer(const struct tcpt_segment *seg, struct bytes b,
			 size_t more)
{
	struct tcpt_segment longer;

	b.wire += more;
	if (b.wire > LEN_MAX)
		return;
	must(parse(&longer, 0x55, b) == TCPT_PARSE_OK);
	must(longer.len >= seg->len && longer.len <= seg->len + more);
	longer.len = seg->len;
	must(same(seg, &longer));
}

/* Check that @salvage changes the result only for an incomplete packet. */
static void check_salvage(struct bytes b)
{
	struct tcpt_segment strict, salvaged;
	enum tcpt_parse first, second;

	b.salvage = false;
	first = parse(&strict, 0x55, b);
	b.salvage = true;
	second = parse(&salvaged, 0x55, b);
	if (first == TCPT_PARSE_OK)
		must(second == TCPT_PARSE_OK && same(&strict, &salvaged));
	else if (second == TCPT_PARSE_OK)
		must(first == TCPT_PARSE_IP_LENGTH ||
		     (first == TCPT_PARSE_TRUNCATED && salvaged.cut));
}

/* Like parse(), but for an ICMP error. */
static enum tcpt_parse parse_icmp(struct tcpt_icmp *icmp, u8 poison,
				  struct bytes b)
{
	u8 *exact = malloc(b.len);
	enum tcpt_parse result;

	must(exact);
	memcpy(exact, b.p, b.len);
	memset(icmp, poison, sizeof(*icmp));
	result = tcpt_icmp_parse(icmp, exact, b.len, b.wire);
	free(exact);
	must(result < TCPT_PARSE_RESULTS);
	return result;
}

/* Check that an ICMP error has a kind and, unless it is a redirect, a quote. */
static void check_icmp(struct bytes b)
{
	struct tcpt_icmp icmp, again;

	if (parse_icmp(&icmp, 0x00, b) != TCPT_PARSE_OK) {
		must(parse_icmp(&again, 0xff, b) != TCPT_PARSE_OK);
		return;
	}
	must(parse_icmp(&again, 0xff, b) == TCPT_PARSE_OK);
	must(!memcmp(&icmp.error, &again.error, sizeof(icmp.error)));
	must(icmp.error.kind > TCPTRACE_ERROR_NONE &&
	     icmp.error.kind < TCPTRACE_ERRORS && !icmp.error.fit);
	must(!icmp.error.mtu || icmp.error.kind == TCPTRACE_ERROR_TOO_BIG);
	if (icmp.error.kind == TCPTRACE_ERROR_REDIRECT)
		return;
	must(same_header(&icmp.quoted, &again.quoted));
	must(!icmp.quoted.flags && !icmp.quoted.len && !icmp.quoted.ack);
	check_flow(&icmp.quoted);
}

static size_t wire_length(unsigned int kind, size_t len, size_t number)
{
	switch (kind % 6) {
	case 0:
	case 1:
		return len;
	case 2:
		return len + number;
	case 3:
		return number < len ? len - number : 0;
	case 4:
		return number;
	default:
		return len + (number << 16);
	}
}

/**
 * fuzz_one - one run
 * @data: the input
 * @len: its length
 *
 * Return: 0.
 */
int fuzz_one(const u8 *data, size_t len)
{
	struct fuzz_input in = { data, len };
	unsigned int kind = fuzz_u8(&in);
	size_t number = fuzz_u16(&in);
	size_t cut = fuzz_u16(&in);
	struct bytes b = {
		.p = in.p,
		.len = in.len,
		.wire = wire_length(kind & 0x7f, in.len, number),
		.salvage = kind & 0x80,
	};
	struct tcpt_segment seg, again;
	enum tcpt_parse result;

	check_icmp(b);
	result = parse(&seg, 0x00, b);
	must(parse(&again, 0xff, b) == result);
	check_cut(&seg, result, b, cut % (b.len + 1));
	check_salvage(b);
	/* the parser reads as much as it can if the data offset is below 5 */
	if (b.salvage && result == TCPT_PARSE_TCP_DOFF && seg.hdr_len < 20)
		must(same(&seg, &again) && seg.cut && !seg.opt.present &&
		     seg.len + seg.hdr_len <= b.wire);
	if (result != TCPT_PARSE_OK)
		return 0;
	check_segment(&seg, b.wire);
	check_place(&seg, b);
	must(same(&seg, &again));
	check_longer(&seg, b, number);
	check_flow(&seg);
	return 0;
}
