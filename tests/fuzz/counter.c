// SPDX-License-Identifier: GPL-2.0
/* Check the counters of one direction in the closing record. */
#include "records.h"

#include <linux/tcptrace.h>

#define ANY		0
#define COUNTER(field, ...)	\
	{ #field, offsetof(struct tcptrace_dir, field), __VA_ARGS__ }

/**
 * struct counter - a counter of struct tcptrace_dir
 * @name: name of the counter
 * @offset: offset of the counter in the struct
 * @flags: the counter counts the packets with one of these flags, and no
 *	others; ANY: the counter does not depend on the flags alone
 * @without: the counter excludes packets with any of these flags
 */
struct counter {
	const char *name;
	size_t offset;
	u16 flags;
	u16 without;
};

/* Counters of packets: a segment adds 0 or 1 to each of them. */
static const struct counter packets[] = {
	COUNTER(data_packets, ANY, 0),
	COUNTER(rexmit_packets, ANY, 0),
	COUNTER(out_of_order, ANY, 0),
	COUNTER(acks, TCPTRACE_ACK, 0),
	COUNTER(pure_acks, ANY, 0),
	COUNTER(dup_acks, ANY, 0),
	COUNTER(triple_dup_acks, ANY, 0),
	COUNTER(sack_packets, ANY, 0),
	COUNTER(dsacks, ANY, 0),
	COUNTER(zero_windows, ANY, 0),
	COUNTER(zero_window_probes, ANY, 0),
	COUNTER(window_full, ANY, 0),
	COUNTER(keep_alives, ANY, 0),
	COUNTER(pushes, TCPTRACE_PSH, 0),
	COUNTER(urgent_packets, TCPTRACE_URG, 0),
	COUNTER(syns, TCPTRACE_SYN, 0),
	COUNTER(fins, TCPTRACE_FIN, 0),
	COUNTER(rsts, TCPTRACE_RST, 0),
	COUNTER(initial_packets, ANY, 0),
	COUNTER(ect0, ANY, 0),
	COUNTER(ect1, ANY, 0),
	COUNTER(ce, ANY, 0),
	COUNTER(ece, TCPTRACE_ECE, TCPTRACE_SYN),
	COUNTER(cwr, TCPTRACE_CWR, TCPTRACE_SYN),
};

/* Other fields that must not decrease. */
static const struct counter rising[] = {
	COUNTER(rtt_samples, ANY, 0),
	COUNTER(sack_blocks, ANY, 0),
	COUNTER(urgent_bytes, ANY, 0),
	COUNTER(window_max, ANY, 0),
	COUNTER(initial_bytes, ANY, 0),
	COUNTER(segment_max, ANY, 0),
};

static u32 value(const struct tcptrace_dir *d, const struct counter *c)
{
	u32 n;

	memcpy(&n, (const u8 *)d + c->offset, sizeof(n));
	return n;
}

static void check_growth(const struct tcptrace_dir *d,
			 const struct tcptrace_dir *before,
			 const struct tcpt_segment *seg)
{
	const struct counter *c;
	unsigned int i;
	u32 growth;

	for (i = 0; i < ARRAY_SIZE(packets); i++) {
		c = &packets[i];
		growth = value(d, c) - value(before, c);
		fuzz_must(growth <= (seg ? 1 : 0), c->name, __FILE__,
			  __LINE__);
		if (seg && c->flags != ANY)
			fuzz_must(growth == ((seg->flags & c->flags) &&
					     !(seg->flags & c->without)),
				  c->name, __FILE__, __LINE__);
		fuzz_must(value(d, c) <= d->packets, c->name, __FILE__,
			  __LINE__);
	}
	for (i = 0; i < ARRAY_SIZE(rising); i++)
		fuzz_must(value(d, &rising[i]) >= value(before, &rising[i]),
			  rising[i].name, __FILE__, __LINE__);
	must(d->idle_max_ns >= before->idle_max_ns &&
	     d->data_ns >= before->data_ns);
}

/* Check counters of header fields against a second implementation. */
static void check_kind(const struct tcptrace_dir *d,
		       const struct tcptrace_dir *before,
		       const struct tcpt_segment *seg)
{
	u16 sfr = TCPTRACE_SYN | TCPTRACE_FIN | TCPTRACE_RST;
	bool sack = seg->opt.present & TCPTRACE_OPT_SACK;

	must(d->data_packets - before->data_packets == (seg->len > 0));
	must(d->pure_acks - before->pure_acks ==
	     (!seg->len && (seg->flags & (sfr | TCPTRACE_ACK)) ==
	      TCPTRACE_ACK));
	must(d->zero_windows - before->zero_windows ==
	     (!seg->window && !(seg->flags & (TCPTRACE_SYN | TCPTRACE_RST))));
	must(d->sack_packets - before->sack_packets == sack);
	must(d->sack_blocks - before->sack_blocks ==
	     (sack ? seg->opt.sack_blocks : 0));
	must(d->ect1 - before->ect1 == ((seg->tos & 3) == 1));
	must(d->ect0 - before->ect0 == ((seg->tos & 3) == 2));
	must(d->ce - before->ce == ((seg->tos & 3) == 3));
	must(d->ttl_min <= seg->ttl && seg->ttl <= d->ttl_max);
}

static void check_packets(const struct tcptrace_dir *d)
{
	must(d->pure_acks <= d->acks);
	must(d->triple_dup_acks <= d->dup_acks);
	must(d->dup_acks <= d->packets - d->syns);
	must(d->rexmit_packets <= d->data_packets);
	must(d->initial_packets <= d->data_packets);
	must(d->zero_window_probes <= d->data_packets);
	must(d->window_full <= d->data_packets);
	must((u64)d->ect0 + d->ect1 + d->ce <= d->packets);
	must((u64)d->pure_acks + d->data_packets <= d->packets);
	must(d->sack_blocks >= d->sack_packets &&
	     d->sack_blocks <= (u64)d->sack_packets * d->sack_blocks_max);
	must(d->sack_blocks_max <= 4 && d->dsacks <= d->sack_packets);
	must(d->segments >= d->packets);
	must(!(d->flags & TCPTRACE_SYN) == !d->syns &&
	     !(d->flags & TCPTRACE_FIN) == !d->fins &&
	     !(d->flags & TCPTRACE_RST) == !d->rsts &&
	     !(d->flags & TCPTRACE_ACK) == !d->acks &&
	     !(d->flags & TCPTRACE_PSH) == !d->pushes &&
	     !(d->flags & TCPTRACE_URG) == !d->urgent_packets);
}

static void check_sizes(const struct tcptrace_dir *d)
{
	must(d->unique_bytes + d->rexmit_bytes <= d->bytes);
	must(d->initial_bytes <= d->bytes && d->urgent_bytes <= d->bytes);
	must(d->segment_min <= d->segment_max && d->segment_max <= d->bytes);
	must(!d->data_packets == !d->segment_max);
	must(!d->data_packets == !d->bytes);
	must(d->window_min <= d->window_max);
	must(d->ttl_min <= d->ttl_first && d->ttl_first <= d->ttl_max);
	must((d->wscale <= 14 || d->wscale == TCPTRACE_WSCALE_NONE) &&
	     d->state < TCPTRACE_STATES);
}

static void check_rtt(const struct tcptrace_dir *d)
{
	u64 sum = 0;
	unsigned int i;

	for (i = 0; i < TCPTRACE_RTT_BUCKETS; i++)
		sum += d->rtt_hist[i];
	must(sum == d->rtt_samples);
	must(d->rtt_min_ns <= d->rtt_last_ns && d->rtt_min_ns <= d->srtt_ns);
	if (!sum)
		must(!d->rtt_last_ns && !d->srtt_ns && !d->rttvar_ns);
}

/**
 * records_check_dir - check the counters of one end
 * @d: the counters
 * @before: the counters before the last segment
 * @seg: the last segment; NULL if the other end sent it or if there was none
 */
void records_check_dir(const struct tcptrace_dir *d,
		       const struct tcptrace_dir *before,
		       const struct tcpt_segment *seg)
{
	static const u8 zeroes[sizeof(d->pad)];

	check_growth(d, before, seg);
	if (seg)
		check_kind(d, before, seg);
	check_packets(d);
	check_sizes(d);
	check_rtt(d);
	must(!memcmp(d->pad, zeroes, sizeof(zeroes)));
}
