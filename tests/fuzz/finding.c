// SPDX-License-Identifier: GPL-2.0
/* Check a segment's classes against the definitions of Wireshark 4.0. */
#include "invariant.h"

#include "core/wireshark.h"

#include <linux/tcptrace.h>

#define SFR		(TCPTRACE_SYN | TCPTRACE_FIN | TCPTRACE_RST)
#define SF		(TCPTRACE_SYN | TCPTRACE_FIN)

#define AGAIN		TCPTRACE_A_RETRANSMISSION
#define PROBE		TCPTRACE_A_ZERO_WINDOW_PROBE
#define FAST		TCPTRACE_A_FAST_RETRANSMISSION
#define SPURIOUS	TCPTRACE_A_SPURIOUS_RETRANSMISSION
#define LOST		TCPTRACE_A_LOST_SEGMENT
#define REPETITIONS	(TCPTRACE_A_WINDOW_UPDATE | TCPTRACE_A_DUPLICATE_ACK | \
			 TCPTRACE_A_KEEP_ALIVE_ACK | \
			 TCPTRACE_A_ZERO_WINDOW_PROBE_ACK)
#define SENT_BEFORE	(AGAIN | FAST | SPURIOUS | TCPTRACE_A_OUT_OF_ORDER)

#define UNSEEN		((u32)-1)	/* of tcpt_wireshark_dir.dup_acks */

#define COMPLETE_KNOWN	(TCPTRACE_COMPLETE_SYN | TCPTRACE_COMPLETE_SYNACK | \
			 TCPTRACE_COMPLETE_ACK | TCPTRACE_COMPLETE_DATA | \
			 TCPTRACE_COMPLETE_FIN | TCPTRACE_COMPLETE_RST)

static bool at_most_one(unsigned int bits)
{
	return (bits & (bits - 1)) == 0;
}

/* Check that the segment meets the conditions of its classes. */
static void check_segment(unsigned int found, const struct tcpt_segment *seg)
{
	bool sfr = seg->flags & SFR;

	if (found & REPETITIONS)
		must(seg->len == 0 && !sfr);
	if (found & (TCPTRACE_A_WINDOW_UPDATE | TCPTRACE_A_DUPLICATE_ACK |
		     TCPTRACE_A_KEEP_ALIVE_ACK))
		must(seg->window);
	if (found & TCPTRACE_A_ZERO_WINDOW_PROBE_ACK)
		must(!seg->window);
	if (!(found & PROBE))
		must(!(found & TCPTRACE_A_ZERO_WINDOW) ==
		     (seg->window || sfr));
	if (found & PROBE)
		must(seg->len == 1);
	if (found & LOST)
		must(!(seg->flags & TCPTRACE_RST));
	if (found & TCPTRACE_A_KEEP_ALIVE)
		must(seg->len <= 1 && !sfr);
	if (found & TCPTRACE_A_WINDOW_FULL)
		must(seg->len && !sfr);
	if (found & TCPTRACE_A_ACK_LOST_SEGMENT)
		must(seg->flags & TCPTRACE_ACK);
	if (found & SENT_BEFORE)
		must(seg->len || seg->flags & SF);
	if (found & SPURIOUS)
		must(seg->len);
	if (found & TCPTRACE_A_REUSED_PORTS)
		must(seg->flags & TCPTRACE_SYN);
}

/* Classes that exclude each other. */
static void check_exclusions(unsigned int found)
{
	must(at_most_one(found & (REPETITIONS | PROBE)));
	must(at_most_one(found & (FAST | SPURIOUS | TCPTRACE_A_OUT_OF_ORDER)));
	if (found & (FAST | SPURIOUS))
		must(found & AGAIN);
	if (found & TCPTRACE_A_OUT_OF_ORDER)
		must(!(found & AGAIN));
	if (found & PROBE)
		must(!(found & (TCPTRACE_A_ZERO_WINDOW | LOST |
				TCPTRACE_A_KEEP_ALIVE |
				TCPTRACE_A_WINDOW_FULL)));
	if (found & TCPTRACE_A_KEEP_ALIVE)
		must(!(found & (SENT_BEFORE | REPETITIONS | LOST)));
	if (found & LOST)
		must(!(found & REPETITIONS));
	if (found & TCPTRACE_A_ZERO_WINDOW)
		must(!(found & TCPTRACE_A_WINDOW_UPDATE));
}

static void check_half(const struct tcpt_wireshark_dir *half)
{
	must(half->window >= -1 && half->window <= 65535);
	must(half->wscale >= TCPT_WSCALE_OFF &&
	     half->wscale <= TCPT_WSCALE_MAX);
	must(half->unacked <= TCPT_WIRESHARK_UNACKED);
	must(!(half->marks &
	       ~(TCPT_WIRESHARK_BASE | TCPT_WIRESHARK_FIRST_ACK |
		 TCPT_WIRESHARK_KEEP_ALIVE | TCPT_WIRESHARK_PROBE)));
}

static bool has_base(const struct tcpt_wireshark *a)
{
	return (a->dir[0].marks | a->dir[1].marks) & TCPT_WIRESHARK_BASE;
}

/*
 * Check that the analysis restarts only with a SYN that has a different
 * sequence number. A segment with a truncated header has no class that shows a
 * restart.
 */
static void check_memory(const struct view *w)
{
	const struct tcpt_wireshark *a = &w->after->wireshark;
	const struct tcpt_wireshark *b = &w->before->wireshark;

	must(!(a->completeness & ~COMPLETE_KNOWN));
	must(has_base(a));
	check_half(&a->dir[0]);
	check_half(&a->dir[1]);
	if (w->res->found.classes & TCPTRACE_A_REUSED_PORTS || w->seg->cut)
		return;
	must(!(b->completeness & ~a->completeness));
	must(!(b->mptcp & ~a->mptcp));
	if (b->initial_rtt)
		must(a->initial_rtt == b->initial_rtt);
}

/**
 * invariant_check_finding - check the invariants of a segment's analysis
 * @w: the call, with a segment
 */
void invariant_check_finding(const struct view *w)
{
	const struct tcpt_wireshark_result *found = &w->res->found;
	u32 before = w->before->wireshark.dir[w->from].dup_acks;
	bool dup = found->classes & TCPTRACE_A_DUPLICATE_ACK;

	check_memory(w);
	if (w->seg->cut) {
		must(!found->classes && !found->dup_ack_num);
		return;
	}
	must(!(found->classes & 0x8000));
	must(dup == (found->dup_ack_num != 0));
	if (dup)
		must(found->dup_ack_num == (before == UNSEEN ? 1 : before + 1));
	check_segment(found->classes, w->seg);
	check_exclusions(found->classes);
}
