/* SPDX-License-Identifier: GPL-2.0 */
/* For tests: CONFIG_TCPTRACE_DELAY widens race windows. */
#ifndef _TCPT_DELAY_H
#define _TCPT_DELAY_H

/**
 * enum tcpt_delay_at - race windows, numbered as the bits of delay_at
 * @TCPT_DELAY_INSERT:	a flow was not found; its bucket is not locked yet
 * @TCPT_DELAY_LOOKUP:	a connection was found; it is not locked yet
 * @TCPT_DELAY_SHOW: procfs is about to show a connection, which is not locked
 *	yet
 * @TCPT_DELAY_EVENT:	a reader wants a record, which is not in the ring yet
 * @TCPT_DELAY_FILTER:	a reader's filter was loaded; it has not run yet
 * @TCPT_DELAY_HOOK:	a hook has started
 * @TCPT_DELAY_WRITE:	a ring has reserved room for a record, which is not
 *	written yet
 * @TCPT_DELAY_REGISTER: a hook was registered; the next hook is not registered
 *	yet
 * @TCPT_DELAY_FOLLOW:	a hook that follows packets has started
 * @TCPT_DELAYS:	number of windows
 */
enum tcpt_delay_at {
	TCPT_DELAY_INSERT,
	TCPT_DELAY_LOOKUP,
	TCPT_DELAY_SHOW,
	TCPT_DELAY_EVENT,
	TCPT_DELAY_FILTER,
	TCPT_DELAY_HOOK,
	TCPT_DELAY_WRITE,
	TCPT_DELAY_REGISTER,
	TCPT_DELAY_FOLLOW,
	TCPT_DELAYS,
};

#ifdef CONFIG_TCPTRACE_DELAY
void tcpt_delay(enum tcpt_delay_at at);
#else
static inline void tcpt_delay(enum tcpt_delay_at at)
{
}
#endif

#endif /* _TCPT_DELAY_H */
