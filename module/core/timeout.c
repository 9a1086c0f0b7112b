// SPDX-License-Identifier: GPL-2.0
#include "timeout.h"

#include "result.h"
#include "tcb.h"

#include <linux/tcptrace.h>

#define NS_PER_SEC	1000000000ULL
#define BIT_OF(state)	(1U << TCPTRACE_##state)

static bool is_unreachable(const struct tcpt_track *t)
{
	return !t->end[1].packets && tcpt_fate_is_unreachable(&t->fate);
}

/**
 * tcpt_timeout_of - find which timeout applies to a connection
 * @t: the connection
 *
 * Context: any.
 * Return: enum tcpt_timeout.
 */
enum tcpt_timeout tcpt_timeout_of(const struct tcpt_track *t)
{
	/* end 1 of a self-connected socket stays CLOSED, and is thus ignored */
	unsigned int states = 1U << t->end[0].state | 1U << t->end[1].state;

	if (states & BIT_OF(TIME_WAIT) && t->marks & TCPT_MARK_CLOSED)
		return TCPT_TIMEOUT_TIME_WAIT;
	if (t->marks & TCPT_MARK_CLOSED)
		return TCPT_TIMEOUT_CLOSED;
	if (states & BIT_OF(SYN_RECEIVED))
		return TCPT_TIMEOUT_SYN_RECEIVED;
	if (states & BIT_OF(SYN_SENT))
		return is_unreachable(t) ? TCPT_TIMEOUT_UNREACHABLE :
					   TCPT_TIMEOUT_SYN_SENT;
	if (!(t->marks & TCPT_MARK_CONFIRMED))
		return TCPT_TIMEOUT_UNREPLIED;
	if (states & (BIT_OF(FIN_WAIT_1) | BIT_OF(CLOSING) | BIT_OF(LAST_ACK)))
		return TCPT_TIMEOUT_CLOSING;
	if (states & (BIT_OF(FIN_WAIT_2) | BIT_OF(CLOSE_WAIT)))
		return TCPT_TIMEOUT_HALF_CLOSED;
	return TCPT_TIMEOUT_ESTABLISHED;
}

static u64 unreachable_deadline(const struct tcpt_track *t,
				const unsigned int seconds[TCPT_TIMEOUTS])
{
	u64 last = t->heard < t->fate.error_at ? t->fate.error_at : t->heard;
	u64 deadline = last + seconds[TCPT_TIMEOUT_UNREACHABLE] * NS_PER_SEC;
	u64 limit = t->first + seconds[TCPT_TIMEOUT_SYN_SENT] * NS_PER_SEC;

	return deadline < limit ? deadline : limit;
}

/**
 * tcpt_timeout_deadline - compute when a connection times out
 * @t: the connection
 * @seconds: timeouts in seconds, indexed by enum tcpt_timeout
 *
 * The timeout of a handshake runs from its first segment, so that a flood of
 * SYNs cannot keep an entry alive. The timeout of an unreachable responder runs
 * from the last error or acceptable segment, but ends no later than the timeout
 * of the SYN. Every other timeout runs from the last acceptable segment, or
 * from the last late segment without RST to an end in TIME-WAIT.
 *
 * Context: any.
 * Return: the deadline, ns, on the clock of the segments.
 */
u64 tcpt_timeout_deadline(const struct tcpt_track *t,
			  const unsigned int seconds[TCPT_TIMEOUTS])
{
	enum tcpt_timeout timeout = tcpt_timeout_of(t);
	u64 from = timeout <= TCPT_TIMEOUT_SYN_RECEIVED ? t->first : t->heard;

	if (timeout == TCPT_TIMEOUT_UNREACHABLE)
		return unreachable_deadline(t, seconds);
	return from + seconds[timeout] * NS_PER_SEC;
}

/**
 * tcpt_timeout_left - compute the time left until a connection times out
 * @t: the connection
 * @seconds: timeouts in seconds, indexed by enum tcpt_timeout
 * @now: the current time, ns, on the clock of the segments
 *
 * Context: any; @t must not change.
 * Return: the time left, ns; 0 if the deadline has passed.
 */
u64 tcpt_timeout_left(const struct tcpt_track *t,
		      const unsigned int seconds[TCPT_TIMEOUTS], u64 now)
{
	u64 deadline = tcpt_timeout_deadline(t, seconds);

	return deadline > now ? deadline - now : 0;
}

/**
 * tcpt_timeout_expire - apply the timeout of a connection
 * @t: the connection
 * @res: filled in; @res->closed is set unless @t was closed before
 *
 * Context: any; the caller serializes access to @t.
 */
void tcpt_timeout_expire(struct tcpt_track *t, struct tcpt_result *res)
{
	enum tcpt_timeout timeout = tcpt_timeout_of(t);
	bool unanswered = !t->end[1].packets &&
			  timeout == TCPT_TIMEOUT_SYN_SENT &&
			  !(t->marks & TCPT_MARK_SELF);
	unsigned int i;

	if (timeout == TCPT_TIMEOUT_UNREACHABLE)
		tcpt_timeout_close(t, TCPTRACE_CLOSE_UNREACHABLE, res);
	else if (unanswered)
		tcpt_timeout_close(t, TCPTRACE_CLOSE_UNANSWERED, res);
	else if (t->marks & TCPT_MARK_ONE_WAY)
		tcpt_timeout_close(t, TCPTRACE_CLOSE_ONE_WAY, res);
	else
		tcpt_timeout_close(t, TCPTRACE_CLOSE_TIMEOUT, res);
	for (i = 0; i < 2; i++)
		tcpt_result_step(res, t, &t->end[i], TCPT_2MSL);
}

/**
 * tcpt_timeout_close - close a connection without a segment
 * @t: the connection
 * @reason: enum tcptrace_close_reason
 * @res: filled in; @res->closed is set unless @t was closed before
 *
 * Context: any; the caller serializes access to @t.
 */
void tcpt_timeout_close(struct tcpt_track *t, u8 reason,
			struct tcpt_result *res)
{
	tcpt_result_init(res);
	if (t->marks & TCPT_MARK_CLOSED)
		return;
	tcpt_finding_close(res, t);
	tcpt_result_close(res, t, reason);
}
