// SPDX-License-Identifier: GPL-2.0
/*
 * A step always has 8 bytes, so that a mutation of one step does not shift the
 * later steps. The bytes have these fields (in parentheses: number of bits):
 *
 *	0 host (1 bit), flags (4), time (3)
 *	1 sequence number: reference number (4), distance from it (4)
 *	2 acknowledgment number: likewise
 *	3 length (4), window (4)
 *	4 options (4), segments on the wire or a cut header (4)
 *	5 TTL (2), TOS (2), kind of step (4)
 *	6 two bytes for free choices
 *
 * seeds.py also writes such steps.
 */
#include "decode.h"

#include <linux/tcptrace.h>

#define FIN	TCPTRACE_FIN
#define SYN	TCPTRACE_SYN
#define RST	TCPTRACE_RST
#define PSH	TCPTRACE_PSH
#define ACK	TCPTRACE_ACK
#define URG	TCPTRACE_URG
#define ECE	TCPTRACE_ECE
#define CWR	TCPTRACE_CWR

/*
 * Choose an ISN: 1000, 0 (may mean none), near a wrap or a sign change, or
 * random.
 */
static u32 isn_of(u8 choice, u16 raw)
{
	static const u32 isns[] = {
		1000, 0, 0xffffffff, 0xfffffe00, 0x7fffff80, 0x80000000,
	};

	return choice % 8 < ARRAY_SIZE(isns) ? isns[choice % 8]
					     : raw * 0x10001U;
}

/**
 * decode_begin - choose the ISNs, ports and start time of a run
 * @d: filled in
 * @in: the input, of which the function takes 8 bytes
 */
void decode_begin(struct decode *d, struct fuzz_input *in)
{
	unsigned int kind = fuzz_u8(in);
	u8 isns = fuzz_u8(in);
	u16 raw;

	memset(d, 0, sizeof(*d));
	raw = fuzz_u16(in);
	d->isn[0] = isn_of(isns, raw);
	d->self = (kind & 7) == 7;
	d->isn[1] = d->self ? d->isn[0] : isn_of(isns >> 4, raw);
	d->port[0] = kind & 8 ? 80 : 40000;
	d->port[1] = d->self ? d->port[0] : 443;
	/* some captures begin at 0 */
	d->now = fuzz_u16(in) * 1000000ULL;
	fuzz_u16(in);
}

/*
 * Return: a sequence number that @e might send or that @peer might acknowledge,
 * or a random number.
 */
static u32 number_near(const struct decode *d, unsigned int host,
		       const struct tcpt_endpoint *e,
		       const struct tcpt_endpoint *peer, u8 choice, u16 raw)
{
	static const s32 deltas[] = {
		0, 0, 0, 0, 1, -1, 2, -2, 10, -10, 100, -100, 1000, -1000,
		100000,
	};
	u32 number = e->valid & TCPT_VALID_NXT ? e->nxt : d->isn[host];
	u8 far = choice >> 4;

	switch (choice & 15) {
	case 5:
		number = e->contig;
		break;
	case 6:
		number = e->iss;
		break;
	case 7:
		number = e->fin;
		break;
	case 8:
		number = peer->ack;
		break;
	case 9:
		number = peer->right;
		break;
	case 10:
		number = e->far_hi;
		break;
	case 11:
		number = e->far_lo;
		break;
	case 12:
		number = e->gaps.lo[0];
		break;
	case 13:
		number = e->gaps.n ? e->gaps.lo[e->gaps.n - 1] : number;
		break;
	case 14:
		number = e->gaps.n ? e->gaps.hi[e->gaps.n - 1] : number;
		break;
	case 15:
		return raw * 0x10001U;
	}
	return number + (far == 15 ? raw - 0x8000U : (u32)deltas[far]);
}

static u16 flags_of(u8 choice, u16 raw)
{
	static const u16 flags[] = {
		ACK, ACK | PSH, SYN, SYN | ACK, FIN | ACK, RST, RST | ACK,
		FIN | ACK | PSH, ACK | URG, ACK | ECE, ACK | CWR,
		SYN | ECE | CWR, SYN | ACK | ECE, FIN, SYN | FIN,
	};

	return choice < ARRAY_SIZE(flags) ? flags[choice] : raw & 0x1ff;
}

static u32 length_of(u8 choice, u16 raw, const struct tcpt_segment *seg,
		     const struct tcpt_endpoint *e,
		     const struct tcpt_endpoint *peer)
{
	/*
	 * with the last length, a few steps cover all sequence numbers; the
	 * parser would reject such a length
	 */
	static const u32 lengths[] = {
		0, 0, 0, 0, 1, 2, 10, 100, 500, 1448, 65483, 0x3fffffff,
	};

	switch (choice) {
	case 12:	/* data that ends at the edge of the window */
		return (peer->right - seg->seq) & 0xffff;
	case 13:	/* as long as a gap */
		return e->gaps.n ? e->gaps.hi[0] - e->gaps.lo[0] : 50;
	case 14:
		return raw & 0xff;
	case 15:
		return raw;
	default:
		return lengths[choice];
	}
}

static u16 window_of(struct decode *d, unsigned int host, u8 choice, u16 raw)
{
	switch (choice) {
	case 0:
		d->window[host] = 10000;
		break;
	case 1:
		d->window[host] = 0;
		break;
	case 2:
		d->window[host] = 500;
		break;
	case 3:
		d->window[host] = 65535;
		break;
	case 4:
		d->window[host] = raw;
		break;
	}
	return d->window[host];
}

static u64 time_after(u64 now, u8 choice, u16 raw)
{
	static const u64 steps[] = { 0, 10000, 1000000, 30000000, 2000000000 };
	u64 micros = raw * 1000ULL;

	switch (choice) {
	case 5:
		return now + micros;
	case 6:
		return now > micros ? now - micros : 0;
	case 7:
		return now + micros * 1000;
	default:
		return now + steps[choice];
	}
}

static void fill_sack(struct tcpt_options *opt, u32 ack, u16 raw)
{
	unsigned int i;

	opt->present |= TCPTRACE_OPT_SACK;
	opt->sack_blocks = 1 + (raw & 3);
	for (i = 0; i < opt->sack_blocks; i++) {
		opt->sack[i][0] = ack + raw - 0x8000 + i * 100;
		opt->sack[i][1] = opt->sack[i][0] + (raw >> 8);
	}
}

static void fill_options(struct decode *d, struct decode_step *s, u8 choice)
{
	struct tcpt_options *opt = &s->seg.opt;
	u16 raw = s->raw;

	if (choice & 1) {
		opt->present |= TCPTRACE_OPT_TIMESTAMP;
		/*
		 * like a real clock, give several segments the same timestamp
		 */
		opt->tsval = (u32)(d->now / 1000000) + (raw & 1);
		opt->tsecr = raw & 2 ? raw : d->tsval[!s->host];
		d->tsval[s->host] = opt->tsval;
	}
	if (choice & 2) {
		opt->present |= TCPTRACE_OPT_WSCALE;
		opt->wscale = raw % (TCPT_WSCALE_MAX + 1);
	}
	if (choice & 4)
		fill_sack(opt, s->seg.ack, raw);
	if (choice & 8) {
		opt->present |= TCPTRACE_OPT_MSS | TCPTRACE_OPT_SACK_PERM;
		opt->mss = raw;
		if (raw & 1)
			opt->present |= TCPTRACE_OPT_MPTCP | TCPTRACE_OPT_TFO;
		opt->mptcp_subtype = raw >> 12;
		opt->tfo_len = raw & 15;
	}
}

static void fill_addresses(const struct decode *d, struct decode_step *s)
{
	struct tcpt_segment *seg = &s->seg;

	seg->family = 4;
	seg->src[0] = d->self ? 1 : 1 + s->host;
	seg->dst[0] = d->self ? 1 : 2 - s->host;
	seg->sport = d->port[s->host];
	seg->dport = d->port[!s->host];
}

static u16 wire_segments(u8 choice, u32 len)
{
	switch (choice) {
	case 13:
		return 2;
	case 14:
		return 45;
	case 15:
		return 65535;
	default:
		return len > 65535 ? 65535 : 1;
	}
}

static void fill_ip(struct decode_step *s, u8 choice)
{
	static const u8 ttls[] = { 64, 64, 128, 0 };

	s->seg.ttl = (choice & 3) == 3 ? (u8)s->raw : ttls[choice & 3];
	s->seg.tos = choice >> 2 & 3;
	s->seg.hdr_len = 60;
	s->seg.urgent = s->raw;
}

/**
 * decode_step - decode the next step
 * @d: from decode_begin()
 * @in: the input, of which the function takes 8 bytes
 * @t: the current connection or, if none is open, the previous connection
 * @orig: number of the host that is end 0 of @t
 * @step: filled in
 */
void decode_step(struct decode *d, struct fuzz_input *in,
		 const struct tcpt_track *t, unsigned int orig,
		 struct decode_step *step)
{
	u8 what = fuzz_u8(in), seq = fuzz_u8(in), ack = fuzz_u8(in);
	u8 size = fuzz_u8(in), extra = fuzz_u8(in), ip = fuzz_u8(in);
	const struct tcpt_endpoint *x, *y;
	struct tcpt_segment *seg;

	memset(step, 0, sizeof(*step));
	step->raw = fuzz_u16(in);
	step->host = d->self ? 0 : what & 1;
	step->act = ip >> 4 == 15 ? DECODE_END :
		    ip >> 4 == 14 ? DECODE_EXPIRE : DECODE_SEGMENT;
	d->now = time_after(d->now, what >> 5, step->raw);
	x = &t->end[d->self ? 0 : step->host ^ orig];
	y = &t->end[d->self ? 0 : !(step->host ^ orig)];
	seg = &step->seg;
	fill_addresses(d, step);
	seg->flags = flags_of(what >> 1 & 15, step->raw);
	seg->seq = number_near(d, step->host, x, y, seq, step->raw);
	/* a segment without the ACK flag may also have an ack number */
	if (seg->flags & ACK || step->raw & 1)
		seg->ack = number_near(d, !step->host, y, x, ack, step->raw);
	seg->len = length_of(size & 15, step->raw, seg, x, y);
	seg->window = window_of(d, step->host, size >> 4, step->raw);
	seg->wire_segs = wire_segments(extra >> 4, seg->len);
	seg->cut = extra >> 4 == 12;
	fill_ip(step, ip & 15);
	fill_options(d, step, extra & 15);
}
