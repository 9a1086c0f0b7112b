/* SPDX-License-Identifier: GPL-2.0 */
/* How a connection ends without a segment. */
#ifndef _TCPT_TIMEOUT_H
#define _TCPT_TIMEOUT_H

#include "env.h"
#include "tcb.h"

struct tcpt_result;

/**
 * enum tcpt_timeout - which timeout applies to a connection
 * @TCPT_TIMEOUT_SYN_SENT:	the SYN is not answered
 * @TCPT_TIMEOUT_SYN_RECEIVED:	the SYN,ACK is not acknowledged
 * @TCPT_TIMEOUT_UNREPLIED:	only one end was seen
 * @TCPT_TIMEOUT_ESTABLISHED:	the connection is open
 * @TCPT_TIMEOUT_HALF_CLOSED:	one end has closed; the other end may still send
 * @TCPT_TIMEOUT_CLOSING:	a FIN waits for its ACK
 * @TCPT_TIMEOUT_TIME_WAIT:	2 MSL
 * @TCPT_TIMEOUT_CLOSED:	the connection is over; its entry is kept, so
 *				that late segments open no new connection
 * @TCPT_TIMEOUT_UNREACHABLE:	an ICMP error quotes the unanswered SYN
 * @TCPT_TIMEOUTS:		number of timeouts
 */
enum tcpt_timeout {
	TCPT_TIMEOUT_SYN_SENT,
	TCPT_TIMEOUT_SYN_RECEIVED,
	TCPT_TIMEOUT_UNREPLIED,
	TCPT_TIMEOUT_ESTABLISHED,
	TCPT_TIMEOUT_HALF_CLOSED,
	TCPT_TIMEOUT_CLOSING,
	TCPT_TIMEOUT_TIME_WAIT,
	TCPT_TIMEOUT_CLOSED,
	TCPT_TIMEOUT_UNREACHABLE,
	TCPT_TIMEOUTS,
};

/*
 * The defaults, in seconds. Linux gives up on a SYN after 127 s (131 s in newer
 * kernels), and on a SYN,ACK after 63 s.
 */
#define TCPT_TIMEOUT_DEFAULTS { \
	[TCPT_TIMEOUT_SYN_SENT]		= 130, \
	[TCPT_TIMEOUT_SYN_RECEIVED]	= 200, \
	[TCPT_TIMEOUT_UNREPLIED]	= 300, \
	[TCPT_TIMEOUT_ESTABLISHED]	= 5 * 86400, \
	[TCPT_TIMEOUT_HALF_CLOSED]	= 3600, \
	[TCPT_TIMEOUT_CLOSING]		= 120, \
	[TCPT_TIMEOUT_TIME_WAIT]	= 60, \
	[TCPT_TIMEOUT_CLOSED]		= 10, \
	[TCPT_TIMEOUT_UNREACHABLE]	= 10, \
}

enum tcpt_timeout tcpt_timeout_of(const struct tcpt_track *t);
u64 tcpt_timeout_deadline(const struct tcpt_track *t,
			  const unsigned int seconds[TCPT_TIMEOUTS]);
u64 tcpt_timeout_left(const struct tcpt_track *t,
		      const unsigned int seconds[TCPT_TIMEOUTS], u64 now);
void tcpt_timeout_expire(struct tcpt_track *t, struct tcpt_result *res);
void tcpt_timeout_close(struct tcpt_track *t, u8 reason,
			struct tcpt_result *res);

#endif /* _TCPT_TIMEOUT_H */
