/* SPDX-License-Identifier: GPL-2.0 */
/* Is a segment acceptable? RFC 9293 section 3.10.7.4 and RFC 5961. */
#ifndef _TCPT_ACCEPT_H
#define _TCPT_ACCEPT_H

#include "end.h"
#include "env.h"
#include "track.h"

struct tcpt_segment;

/**
 * enum tcpt_fit - where a segment lies in the receiver's window
 * @TCPT_FIT_IN:	inside, or nothing is known of the window
 * @TCPT_FIT_OLD:	before it: all of it is acknowledged already
 * @TCPT_FIT_OUTSIDE:	beyond it
 */
enum tcpt_fit {
	TCPT_FIT_IN,
	TCPT_FIT_OLD,
	TCPT_FIT_OUTSIDE,
};

unsigned int tcpt_accept_shift(const struct tcpt_end *x,
			       const struct tcpt_end *y, unsigned int unknown);
u32 tcpt_accept_window(const struct tcpt_end *x, const struct tcpt_end *y,
		       const struct tcpt_segment *seg);
enum tcpt_fit tcpt_accept_sequence(const struct tcpt_end *y,
				   const struct tcpt_segment *seg);
bool tcpt_accept_ack(const struct tcpt_end *x, const struct tcpt_segment *seg);
enum tcpt_class tcpt_accept_rst(const struct tcpt_end *x,
				const struct tcpt_end *y,
				const struct tcpt_segment *seg);

#endif /* _TCPT_ACCEPT_H */
