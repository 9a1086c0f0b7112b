// SPDX-License-Identifier: GPL-2.0
/*
 * Many fields of a connection are usually equal to other fields: most data is
 * sent once, so the counters of all bytes and of unique bytes are equal, and
 * both ends usually use the same options. tcpt_fold() makes such fields zero.
 */
#include "fold.h"

#include "tcb.h"

static void fold_end(struct tcpt_track *t, unsigned int i)
{
	struct tcpt_wireshark_dir *dir = &t->wireshark.dir[i];
	struct tcpt_endpoint *x = &t->end[i];
	struct tcpt_counters *counters = &x->counters;

	x->segments ^= x->packets;
	x->unique_bytes ^= x->bytes;
	x->chrono.first ^= counters->first_data;
	counters->acks ^= (u32)x->packets;
	counters->pushes ^= counters->data_packets;
	counters->window_min ^= x->window;
	counters->window_max ^= x->window;
	t->zeek.end[i].start ^= x->iss;
	dir->base ^= x->iss;
	/* the upper halves of times are usually equal */
	dir->next_time ^= t->syn;
	dir->ack_time ^= t->syn;
}

/* Fold fields of the responder that are usually equal to the originator's. */
static void fold_responder(const struct tcpt_endpoint *x,
			   struct tcpt_endpoint *y)
{
	y->flags ^= x->flags;
	y->options ^= x->options;
	y->valid ^= x->valid;
	y->wscale ^= x->wscale;
	y->state ^= x->state;
	y->scale ^= x->scale;
	y->mss ^= x->mss;
	y->counters.ttl_first ^= x->counters.ttl_first;
	y->counters.ttl_min ^= x->counters.ttl_min;
	y->counters.ttl_max ^= x->counters.ttl_max;
	y->counters.own_ttl_min ^= x->counters.own_ttl_min;
	y->counters.own_ttl_max ^= x->counters.own_ttl_max;
	y->counters.answered ^= x->counters.answered;
}

/**
 * tcpt_fold - replace fields by their difference from other fields
 * @t: the connection
 *
 * The difference is an exclusive or. A field that is replaced replaces no other
 * field. So a second call restores @t, and the function may also be called for
 * the exclusive or of two connections.
 *
 * Context: any; the caller serializes access to @t.
 */
void tcpt_fold(struct tcpt_track *t)
{
	fold_end(t, 0);
	fold_end(t, 1);
	fold_responder(&t->end[0], &t->end[1]);
	t->wireshark.dir[1].wscale ^= t->wireshark.dir[0].wscale;
	t->wireshark.dir[1].marks ^= t->wireshark.dir[0].marks;
	t->wireshark.syn ^= t->syn;
	t->first ^= t->syn;
	t->synack ^= t->syn;
	t->established ^= t->syn;
	t->first_tsval ^= t->syn_tsval;
}
