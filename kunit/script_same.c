// SPDX-License-Identifier: GPL-2.0
#include "script.h"

#include <linux/string.h>

static void normalize_holes(struct tcpt_gaps *h, u32 own)
{
	unsigned int i;

	for (i = 0; i < TCPT_GAPS_MAX; i++) {
		h->lo[i] = i < h->n ? h->lo[i] - own : 0;
		h->hi[i] = i < h->n ? h->hi[i] - own : 0;
	}
}

static void normalize_rtt(struct tcpt_rtt *rtt, u32 own)
{
	rtt->begin = rtt->sent ? rtt->begin - own : 0;
	rtt->end = rtt->sent ? rtt->end - own : 0;
}

static void normalize_end(struct tcpt_endpoint *e, u32 own, u32 other)
{
	if (e->valid & TCPT_VALID_NXT) {
		e->iss -= own;
		e->nxt -= own;
		e->contig -= own;
	}
	normalize_holes(&e->gaps, own);
	normalize_rtt(&e->rtt, own);
	if (e->valid & TCPT_VALID_ACK) {
		e->ack -= other;
		e->right -= other;
	}
	if (e->valid & TCPT_VALID_FIN)
		e->fin -= own;
	/* what is not known any more is of no interest */
	if (e->valid & TCPT_VALID_FAR) {
		e->far_lo -= own;
		e->far_hi -= own;
	} else {
		e->far_lo = 0;
		e->far_hi = 0;
	}
}

/* What comes from the analysis, for which the number 0 is none. */
static void normalize_tally(struct tcpt_counters *tally)
{
	tally->out_of_order = 0;
	tally->dup_acks = 0;
	tally->triple_dup_acks = 0;
	tally->zero_window_probes = 0;
	tally->window_full = 0;
	tally->keep_alives = 0;
}

/* The letters and states stay: they depend on no number. */
static void normalize_history(struct tcpt_zeek *h)
{
	struct tcpt_zeek_end *x;

	for (x = h->end; x < h->end + ARRAY_SIZE(h->end); x++) {
		x->start = 0;
		x->last = 0;
		x->acked = 0;
		x->syn = 0;
		x->fin = 0;
		x->rst = 0;
	}
}

/**
 * tcpt_script_normalize - take the ISNs out of a connection
 * @t: the connection
 * @s: the stage that it was played on
 *
 * Two runs that differ in their ISNs are the same afterwards. The analysis is
 * left out: it knows a number 0 that is none. So is what is predicted by it.
 *
 * Context: a test.
 */
void tcpt_script_normalize(struct tcpt_track *t, const struct stage *s)
{
	u32 orig = s->isn[s->orig], resp = s->isn[!s->orig];

	normalize_end(&t->end[0], orig, resp);
	normalize_end(&t->end[1], resp, orig);
	normalize_tally(&t->end[0].counters);
	normalize_tally(&t->end[1].counters);
	memset(&t->wireshark, 0, sizeof(t->wireshark));
	t->ready = false;
	normalize_history(&t->zeek);
}
