// SPDX-License-Identifier: GPL-2.0
#include "gaps.h"

#include "seq.h"

/*
 * The largest possible window (RFC 7323 section 2.3). Gaps that are further
 * below the highest sequence number are dropped.
 */
#define SPAN_MAX	0x40000000

static void drop(struct tcpt_gaps *h, unsigned int i)
{
	for (h->n--; i < h->n; i++) {
		h->lo[i] = h->lo[i + 1];
		h->hi[i] = h->hi[i + 1];
	}
}

/* Make room at @i; if h is full, drop the lowest gap. Return: new index. */
static unsigned int make_room(struct tcpt_gaps *h, unsigned int i)
{
	unsigned int j;

	if (h->n == TCPT_GAPS_MAX) {
		drop(h, 0);
		i = i ? i - 1 : 0;
	}
	for (j = h->n++; j > i; j--) {
		h->lo[j] = h->lo[j - 1];
		h->hi[j] = h->hi[j - 1];
	}
	return i;
}

/* Split a gap whose middle was seen. Return: index of the upper part. */
static unsigned int split(struct tcpt_gaps *h, unsigned int i, u32 from,
			  u32 to)
{
	unsigned int j;

	if (i == 0 && h->n == TCPT_GAPS_MAX) {
		h->lo[0] = to;
		return 0;
	}
	j = make_room(h, i + 1);
	h->lo[j] = to;
	h->hi[j] = h->hi[j - 1];
	h->hi[j - 1] = from;
	return j;
}

/**
 * tcpt_gaps_add - add the gap before a segment that skips sequence numbers
 * @h: the gaps
 * @lo: the highest sequence number seen, plus 1, which is above all gaps
 * @hi: the sequence number of the segment
 *
 * Context: any; the caller serializes access to @h.
 */
void tcpt_gaps_add(struct tcpt_gaps *h, u32 lo, u32 hi)
{
	unsigned int i;

	if (h->n && h->hi[h->n - 1] == lo) {
		h->hi[h->n - 1] = hi;
	} else {
		i = make_room(h, h->n);
		h->lo[i] = lo;
		h->hi[i] = hi;
	}
	tcpt_gaps_trim(h, hi);
}

/**
 * tcpt_gaps_trim - drop the gaps too far below the highest sequence number
 * @h: the gaps
 * @next: the highest sequence number seen, plus 1
 *
 * Context: any; the caller serializes access to @h.
 */
void tcpt_gaps_trim(struct tcpt_gaps *h, u32 next)
{
	while (h->n && next - h->lo[0] > SPAN_MAX)
		drop(h, 0);
}

/**
 * tcpt_gaps_fill - remove a range of sequence numbers from the gaps
 * @h: the gaps
 * @lo: the first sequence number
 * @hi: the last sequence number, plus 1
 *
 * Context: any; the caller serializes access to @h.
 * Return: number of sequence numbers in the range that were missing.
 */
u32 tcpt_gaps_fill(struct tcpt_gaps *h, u32 lo, u32 hi)
{
	u32 filled = 0, from, to;
	unsigned int i = 0;

	while (i < h->n) {
		from = tcpt_seq_max(lo, h->lo[i]);
		to = tcpt_seq_before(hi, h->hi[i]) ? hi : h->hi[i];
		if (!tcpt_seq_before(from, to)) {
			i++;
			continue;
		}
		filled += to - from;
		if (from == h->lo[i] && to == h->hi[i])
			drop(h, i);
		else if (from == h->lo[i])
			h->lo[i++] = to;
		else if (to == h->hi[i])
			h->hi[i++] = from;
		else
			i = split(h, i, from, to);
	}
	return filled;
}

/**
 * tcpt_gaps_pass - remove gaps that the other end has acknowledged
 * @h: the gaps
 * @limit: the acknowledgment number
 *
 * Context: any; the caller serializes access to @h.
 * Return: number of missing sequence numbers below @limit, which are no longer
 * in a gap.
 */
u32 tcpt_gaps_pass(struct tcpt_gaps *h, u32 limit)
{
	if (h->n == 0 || !tcpt_seq_after(limit, h->lo[0]))
		return 0;
	return tcpt_gaps_fill(h, h->lo[0], limit);
}
