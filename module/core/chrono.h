/* SPDX-License-Identifier: GPL-2.0 */
/* Where the time of a connection goes: Documentation/analysis.rst. */
#ifndef _TCPT_CHRONO_H
#define _TCPT_CHRONO_H

#include "env.h"

#include <linux/tcptrace.h>

struct tcpt_result;
struct tcpt_segment;
struct tcpt_track;

/**
 * enum tcpt_phase - the state of one end's data
 * @TCPT_PHASE_IDLE:	no other phase applies: all data is acknowledged
 * @TCPT_PHASE_PATH:	data is outstanding, and no later phase applies
 * @TCPT_PHASE_WINDOW:	the receiver's window has no room for another segment
 * @TCPT_PHASE_RTO:	loss recovery after a timeout
 * @TCPT_PHASE_FAST:	loss recovery after duplicate or selective ACKs
 * @TCPT_PHASES:	number of phases
 */
enum tcpt_phase {
	TCPT_PHASE_IDLE,
	TCPT_PHASE_PATH,
	TCPT_PHASE_WINDOW,
	TCPT_PHASE_RTO,
	TCPT_PHASE_FAST,
	TCPT_PHASES,
};

/**
 * struct tcpt_chrono - the phases of one end's data
 * @since: when @phase began, ns
 * @first: when IDLE ended for the first time, ns
 * @begun: in IDLE: when the preceding PATH phase began; 0 if the preceding
 *	phase was not PATH, or if the other end has answered since then
 * @own: time that belongs to this end, and in which no data was outstanding in
 *	either direction, ns
 * @ns: total time of the finished phases, by phase; [0] is PATH, and IDLE has
 *	no entry
 * @recover: the sequence number that the receiver must acknowledge to end the
 *	loss recovery (RFC 6582)
 * @repeated: the acknowledgment number that the receiver repeated last
 * @phase: enum tcpt_phase
 * @repeats: @repeated is set
 * @started: IDLE has ended at least once, and @first is set
 */
struct tcpt_chrono {
	u64 since;
	u64 first;
	u64 begun;
	u64 own;
	u64 ns[TCPT_PHASES - 1];
	u32 recover;
	u32 repeated;
	u8 phase;
	bool repeats;
	bool started;
};

/**
 * struct tcpt_response - how long one end takes to answer
 * @sum: sum of the response times, ns
 * @min: smallest response time, ns
 * @max: largest response time, ns
 * @delayed: the part of @sum in which the ACK of a request was held back, ns
 * @count: number of response times
 * @hist: as response_hist of struct tcptrace_time
 */
struct tcpt_response {
	u64 sum;
	u64 min;
	u64 max;
	u64 delayed;
	u32 count;
	u16 hist[TCPTRACE_RTT_BUCKETS];
};

void tcpt_chrono_segment(struct tcpt_track *t, unsigned int from,
			 const struct tcpt_segment *seg,
			 const struct tcpt_result *res, bool rexmit, u64 last);
void tcpt_chrono_answer(struct tcpt_track *t, unsigned int from, u64 now);
void tcpt_chrono_update(struct tcpt_track *t, unsigned int end,
			unsigned int owner, u64 now);
u64 tcpt_chrono_total(const struct tcpt_track *t, unsigned int end,
		      unsigned int phase);
u64 tcpt_chrono_busy(const struct tcpt_track *t, unsigned int end);
u64 tcpt_chrono_idle(const struct tcpt_track *t, unsigned int end);
u8 tcpt_chrono_limited(const struct tcpt_track *t);
void tcpt_chrono_fill(struct tcptrace_close *rec, const struct tcpt_track *t);

/*
 * The receiver may have held back the ACK of a request until it sent the
 * answer, or until its delayed ACK timer expired. @phase, @since, @begun: the
 * phase of the request, as in struct tcpt_chrono; @ns: the time between the
 * request and the answer. Return: how long the ACK was held back, at most @ns.
 */
static inline u64 tcpt_chrono_ack_delay(u8 phase, u64 since, u64 begun, u64 ns,
					u64 now)
{
	u64 quiet = 0, path = 0;

	if (phase == TCPT_PHASE_PATH) {
		path = now - since;
	} else if (phase == TCPT_PHASE_IDLE && begun) {
		quiet = now - since;
		path = since - begun;
	}
	ns -= ns < quiet ? ns : quiet;
	return ns < path ? ns : path;
}

/* True if no loss recovery is under way. */
static inline bool tcpt_chrono_is_plain(const struct tcpt_chrono *chrono)
{
	return chrono->phase <= TCPT_PHASE_WINDOW;
}

#endif /* _TCPT_CHRONO_H */
