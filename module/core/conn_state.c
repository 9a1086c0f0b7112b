// SPDX-License-Identifier: GPL-2.0
#include "conn_state.h"

#include "history.h"
#include "seq.h"

/* Payload bytes by the numbers: 0 or not is all that matters. */
static u32 size_of(const struct tcpt_past *x)
{
	u32 size = tcpt_seq_max(x->last, x->acked) - x->start;

	size -= size != 0;
	return size - (x->fins && size != 0);
}

static bool is_inactive(const struct tcpt_past *x)
{
	return x->state == TCPT_EP_INACTIVE || x->state == TCPT_EP_PARTIAL;
}

static bool is_syn_sent(const struct tcpt_past *x)
{
	return x->state == TCPT_EP_SYN_SENT ||
	       x->state == TCPT_EP_SYN_ACK_SENT;
}

/* Zeek's /\^?S[^HAFGIQ]*R.../: a SYN, a RST, and no answer between. */
static bool gave_up(const struct tcpt_history *h)
{
	unsigned int i = h->len && h->letters[0] == '^';

	if (i >= h->len || h->letters[i] != 'S')
		return false;
	for (i++; i < h->len; i++) {
		switch (h->letters[i]) {
		case 'R':
			return true;
		case 'H':
		case 'A':
		case 'F':
		case 'G':
		case 'I':
		case 'Q':
			return false;
		}
	}
	return false;
}

static u8 reset_state(const struct tcpt_history *h)
{
	const struct tcpt_past *o = &h->past[0], *r = &h->past[1];

	if (r->state != TCPT_EP_RESET) {
		if (!is_inactive(r))
			return TCPTRACE_CONN_RSTO;
		return gave_up(h) ? TCPTRACE_CONN_RSTOS0 : TCPTRACE_CONN_OTH;
	}
	if (is_syn_sent(o) || (o->state == TCPT_EP_RESET &&
			       !size_of(o) && !size_of(r)))
		return TCPTRACE_CONN_REJ;
	return is_inactive(o) ? TCPTRACE_CONN_RSTRH : TCPTRACE_CONN_RSTR;
}

/**
 * tcpt_conn_state - Zeek's summary of a connection
 * @h: its history
 *
 * Context: any; nobody changes @h.
 * Return: enum tcptrace_conn_state.
 */
u8 tcpt_conn_state(const struct tcpt_history *h)
{
	const struct tcpt_past *o = &h->past[0], *r = &h->past[1];

	if (o->state == TCPT_EP_RESET || r->state == TCPT_EP_RESET)
		return reset_state(h);
	if (o->state == TCPT_EP_CLOSED && r->state == TCPT_EP_CLOSED)
		return TCPTRACE_CONN_SF;
	if (o->state == TCPT_EP_CLOSED)
		return is_inactive(r) ? TCPTRACE_CONN_SH : TCPTRACE_CONN_S2;
	if (r->state == TCPT_EP_CLOSED)
		return is_inactive(o) ? TCPTRACE_CONN_SHR : TCPTRACE_CONN_S3;
	if (o->state == TCPT_EP_SYN_SENT && r->state == TCPT_EP_INACTIVE)
		return TCPTRACE_CONN_S0;
	if (o->state == TCPT_EP_ESTABLISHED && r->state == TCPT_EP_ESTABLISHED)
		return TCPTRACE_CONN_S1;
	return TCPTRACE_CONN_OTH;
}
