// SPDX-License-Identifier: GPL-2.0
#include "spec.h"

#include <linux/string.h>

/**
 * tcpt_spec_segment - build a segment
 * @seg: filled in
 * @spec: the description of the segment
 * @isn: ISNs of both hosts
 * @from: index of the host that sends the segment; may differ from @spec->from
 *
 * Context: any.
 */
void tcpt_spec_segment(struct tcpt_segment *seg,
		       const struct segment_spec *spec, const u32 isn[2],
		       unsigned int from)
{
	memset(seg, 0, sizeof(*seg));
	seg->family = 4;
	seg->src[0] = from;
	seg->dst[0] = !from;
	seg->sport = from ? 80 : 40000;
	seg->dport = from ? 40000 : 80;
	seg->seq = isn[from] + spec->seq;
	seg->ack = spec->flags & TCPTRACE_ACK ? isn[!from] + spec->ack : 0;
	seg->len = spec->len;
	seg->flags = spec->flags;
	seg->window = spec->window ? spec->window : SPEC_WINDOW;
	if (spec->window == ZERO_WINDOW)
		seg->window = 0;
	seg->wire_segs = spec->segs ? spec->segs : 1;
	seg->hdr_len = 20;
	seg->ttl = spec->ttl;
	if (spec->mss) {
		seg->opt.present |= TCPTRACE_OPT_MSS;
		seg->opt.mss = spec->mss;
	}
	if (spec->scale) {
		seg->opt.present |= TCPTRACE_OPT_WSCALE;
		seg->opt.wscale = spec->scale - 1;
	}
	if (spec->mptcp) {
		seg->opt.present |= TCPTRACE_OPT_MPTCP;
		seg->opt.mptcp_subtype = spec->mptcp - 1;
	}
	if (spec->tsval) {
		seg->opt.present |= TCPTRACE_OPT_TIMESTAMP;
		seg->opt.tsval = spec->tsval;
		seg->opt.tsecr = spec->tsecr;
	}
	if (spec->sack[1]) {
		seg->opt.present |= TCPTRACE_OPT_SACK;
		seg->opt.sack_blocks = 1;
		seg->opt.sack[0][0] = isn[!from] + spec->sack[0];
		seg->opt.sack[0][1] = isn[!from] + spec->sack[1];
	}
}

/**
 * tcpt_spec_ns - get the time since the previous segment
 * @spec: the description of the segment
 *
 * Context: any.
 * Return: the time in ns.
 */
s64 tcpt_spec_ns(const struct segment_spec *spec)
{
	return (spec->us ? spec->us : SPEC_GAP_US) * 1000LL;
}
