// SPDX-License-Identifier: GPL-2.0
#include "fate.h"

#include "finding.h"
#include "result.h"
#include "segment.h"
#include "tcb.h"

/**
 * tcpt_fate_pass - note that a packet of a connection was passed on or dropped
 * @t: the connection
 * @from: the sender: 0 for the originator, 1 for the responder
 * @seg: the segment in the packet
 * @passage: what happened to the packet
 * @res: filled in
 *
 * Context: any; the caller serializes access to @t.
 * Return: false if the event is ignored.
 */
bool tcpt_fate_pass(struct tcpt_track *t, unsigned int from,
		    const struct tcpt_segment *seg,
		    const struct tcpt_passage *passage,
		    struct tcpt_result *res)
{
	struct tcpt_fate *f = &t->fate;

	tcpt_result_init(res);
	if (passage->ignored && t->end[!from].packets)
		return false;
	if (passage->backlog.reason && !(t->marks & TCPT_MARK_CLOSED))
		tcpt_finding_raise(res, t, TCPTRACE_FINDING_LISTENER_FULL,
				   !from, 1, passage->backlog.drops);
	if (passage->step == TCPT_FATE_DROPPED && f->drops < 65535)
		f->drops++;
	if (from || !tcpt_segment_is_syn(seg))
		return true;
	f->step = passage->step;
	f->hook = passage->hook;
	f->ifindex = passage->ifindex;
	f->reason = passage->reason;
	f->left |= passage->step == TCPT_FATE_LEFT;
	f->delivered |= passage->step == TCPT_FATE_DELIVERED;
	return true;
}

/*
 * A RST from this host was sent either by TCP, after the SYN was delivered to
 * TCP, or by a firewall rule that rejects the SYN.
 */
static enum tcptrace_fate refused(const struct tcpt_fate *f, unsigned int hook)
{
	if (hook != TCPTRACE_HOOK_OUT || !f->watched)
		return TCPTRACE_FATE_REFUSED;
	return f->delivered ? TCPTRACE_FATE_NO_SOCKET : TCPTRACE_FATE_REJECTED;
}

static enum tcptrace_fate unanswered(const struct tcpt_fate *f)
{
	/*
	 * a SYN that a rule rejects is dropped before it has passed the ruleset
	 */
	if (tcpt_fate_is_unreachable(f))
		return f->local && f->step == TCPT_FATE_DROPPED &&
		       !f->left && !f->delivered ? TCPTRACE_FATE_REJECTED :
						   TCPTRACE_FATE_UNREACHABLE;
	if (!f->watched)
		return TCPTRACE_FATE_NONE;
	switch (f->step) {
	case TCPT_FATE_DROPPED:
		return TCPTRACE_FATE_DROPPED;
	case TCPT_FATE_LEFT:
		return TCPTRACE_FATE_LEFT;
	case TCPT_FATE_DELIVERED:
		return TCPTRACE_FATE_DELIVERED;
	default:
		return TCPTRACE_FATE_NOT_SEEN;
	}
}

/**
 * tcpt_fate_of - determine where the SYNs of a connection went
 * @t: the connection
 * @hook: enum tcptrace_hook of the segment that ended the connection
 *
 * Context: any; @t must not change.
 * Return: the fate.
 */
enum tcptrace_fate tcpt_fate_of(const struct tcpt_track *t, unsigned int hook)
{
	if (t->marks & TCPT_MARK_MIDSTREAM || !t->end[0].syns)
		return TCPTRACE_FATE_NONE;
	if (t->close_reason == TCPTRACE_CLOSE_REFUSED)
		return refused(&t->fate, hook);
	if (t->end[1].packets || t->marks & TCPT_MARK_SELF)
		return TCPTRACE_FATE_ANSWERED;
	return unanswered(&t->fate);
}
