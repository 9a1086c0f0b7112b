// SPDX-License-Identifier: GPL-2.0
#include "limit.h"

#include "reader.h"
#include "stats.h"
#include "trace.h"

#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/socket.h>
#include <linux/string.h>

/* the timer emits LIMIT this long after the first unreported hit, or later */
#define SPAN	NSEC_PER_SEC

static unsigned long opened_by(const struct tcpt_ns *ns)
{
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(ns->stats, cpu)->
				 count[TCPT_STAT_OPENED]);
	return sum;
}

/*
 * Log at most one line a minute for all namespaces together, because an
 * attacker may own many namespaces.
 */
static void log_limits(const struct tcptrace_limit *rec)
{
	static struct ratelimit_state once_a_minute =
		RATELIMIT_STATE_INIT_FLAGS(once_a_minute, 60 * HZ, 1,
					   RATELIMIT_MSG_ON_RELEASE);
	const u32 *hits = rec->hits;

	if (!__ratelimit(&once_a_minute))
		return;
	pr_warn("limits reached in network namespace %u: half-open %u, table %u, full %u, chain %u, memory %u, readers %u in %u ms; tcptracectl doctor explains them\n",
		rec->netns, hits[TCPTRACE_LIMIT_HALF_OPEN],
		hits[TCPTRACE_LIMIT_TABLE], hits[TCPTRACE_LIMIT_FULL],
		hits[TCPTRACE_LIMIT_CHAIN], hits[TCPTRACE_LIMIT_MEMORY],
		hits[TCPTRACE_LIMIT_READERS], rec->span_ms);
}

static void publish(struct tcpt_ns *ns, const struct tcptrace_limit *rec)
{
	trace_tcptrace_limit(rec);
	if (tcpt_reader_wants(TCPTRACE_LIMIT))
		tcpt_reader_publish(ns, &rec->h, NULL);
	log_limits(rec);
}

/*
 * Cast votes in the majority vote algorithm of Boyer and Moore. If an address
 * or port gets more than half of all votes, it is the candidate after the last
 * vote. Return: true if the candidate changes.
 */
static bool vote(u32 *votes, u32 more, bool same)
{
	if (same) {
		*votes += more;
		return false;
	}
	if (*votes >= more) {
		*votes -= more;
		return false;
	}
	*votes = more - *votes;
	return true;
}

static void vote_addr(struct tcpt_hits *hits, u32 votes, u8 family,
		      const u8 addr[16])
{
	bool same = hits->family == family &&
		    !memcmp(hits->addr, addr, sizeof(hits->addr));

	if (!vote(&hits->addr_votes, votes, same))
		return;
	hits->family = family;
	memcpy(hits->addr, addr, sizeof(hits->addr));
}

static void vote_port(struct tcpt_hits *hits, u32 votes, u16 port)
{
	if (vote(&hits->port_votes, votes, hits->port == port))
		hits->port = port;
}

/**
 * tcpt_limit_add - add hits to other hits
 * @sum: the sum; the lock is not used
 * @part: the hits to add
 *
 * The votes for each candidate of @part are cast together. If an address or
 * port has more than half of all votes, it is still the candidate of the sum.
 *
 * Context: any; the caller serializes access to both.
 */
void tcpt_limit_add(struct tcpt_hits *sum, const struct tcpt_hits *part)
{
	unsigned int i;

	for (i = 0; i < TCPTRACE_LIMITS; i++)
		sum->count[i] += part->count[i];
	sum->unanswered += part->unanswered;
	vote_addr(sum, part->addr_votes, part->family, part->addr);
	vote_port(sum, part->port_votes, part->port);
}

/* Move the hits of all CPUs to @sum. */
static void collect(struct tcpt_limits *limits, struct tcpt_hits *sum)
{
	struct tcpt_hits *hits;
	int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		hits = per_cpu_ptr(limits->hits, cpu);
		spin_lock(&hits->lock);
		tcpt_limit_add(sum, hits);
		memset_after(hits, 0, lock);
		spin_unlock(&hits->lock);
	}
}

/*
 * Move all hits to @rec. A hit that comes during the call is either in @rec, or
 * sees that no hit is pending. Return: false if there are no hits.
 */
static bool take(struct tcpt_limits *limits, struct tcptrace_limit *rec,
		 u64 now)
{
	struct tcpt_hits sum;

	lockdep_assert_held(&limits->lock);
	if (!limits->pending)
		return false;
	WRITE_ONCE(limits->pending, false);
	collect(limits, &sum);
	/* the hit that began this report may be in the report before it */
	if (!memchr_inv(sum.count, 0, sizeof(sum.count)))
		return false;
	now = max(now, limits->begin);
	*rec = (struct tcptrace_limit) {
		.h = {
			.len = sizeof(*rec),
			.type = TCPTRACE_LIMIT,
			.time = now,
		},
		.netns = limits->ns->inum,
		.span_ms = div_u64(now - limits->begin, NSEC_PER_MSEC),
		.opened = opened_by(limits->ns) - limits->opened,
		.unanswered = sum.unanswered,
	};
	memcpy(rec->hits, sum.count, sizeof(rec->hits));
	if (sum.addr_votes) {
		rec->family = sum.family == 6 ? AF_INET6 : AF_INET;
		memcpy(rec->addr, sum.addr, sizeof(rec->addr));
	}
	if (sum.port_votes)
		rec->port = sum.port;
	limits->reported = now;
	return true;
}

/**
 * tcpt_limit_report - emit a LIMIT record if there are unreported hits
 * @limits: the limits of a namespace
 * @now: when, ns of CLOCK_MONOTONIC
 *
 * Context: any but hard interrupts; no lock of a connection held.
 */
void tcpt_limit_report(struct tcpt_limits *limits, u64 now)
{
	struct tcptrace_limit rec;
	bool some;

	spin_lock_bh(&limits->lock);
	some = take(limits, &rec, now);
	spin_unlock_bh(&limits->lock);
	if (some)
		publish(limits->ns, &rec);
}

static void arm_timer(struct tcpt_limits *limits, u64 after)
{
	lockdep_assert_held(&limits->lock);
	mod_timer(&limits->timer, jiffies + 1 + nsecs_to_jiffies(after));
}

/**
 * tcpt_limit_tick - emit a LIMIT record if it is due, else restart the timer
 * @limits: the limits of a namespace
 * @now: when, ns of CLOCK_MONOTONIC
 *
 * The timer counts jiffies, which may lag behind the clock and then catch up in
 * one step, so the timer can expire early.
 *
 * Context: any but hard interrupts; no lock of a connection held.
 */
void tcpt_limit_tick(struct tcpt_limits *limits, u64 now)
{
	u64 left = 0;

	spin_lock_bh(&limits->lock);
	if (limits->pending && now < limits->begin + SPAN)
		left = limits->begin + SPAN - now;
	if (left)
		arm_timer(limits, left);
	spin_unlock_bh(&limits->lock);
	if (!left)
		tcpt_limit_report(limits, now);
}

static void on_timer(struct timer_list *timer)
{
	struct tcpt_limits *limits = container_of(timer, struct tcpt_limits,
						  timer);

	tcpt_limit_tick(limits, ktime_get_ns());
}

/**
 * tcpt_limit_init - initialize the limits of a namespace
 * @limits: filled in
 * @ns: the namespace; its counters are already allocated
 *
 * Context: process; may sleep.
 * Return: 0 or -ENOMEM.
 */
int tcpt_limit_init(struct tcpt_limits *limits, struct tcpt_ns *ns)
{
	int cpu;

	memset(limits, 0, sizeof(*limits));
	limits->hits = alloc_percpu(struct tcpt_hits);
	if (!limits->hits)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		spin_lock_init(&per_cpu_ptr(limits->hits, cpu)->lock);
	limits->ns = ns;
	spin_lock_init(&limits->lock);
	timer_setup(&limits->timer, on_timer, 0);
	return 0;
}

/**
 * tcpt_limit_stop - report the remaining hits; there must be no later hit
 * @limits: the limits of a namespace
 *
 * Context: process; may sleep.
 */
void tcpt_limit_stop(struct tcpt_limits *limits)
{
	timer_delete_sync(&limits->timer);
	tcpt_limit_report(limits, ktime_get_ns());
}

static bool is_unanswered(const struct tcpt_conn *conn)
{
	const struct tcpt_endpoint *end;

	/* both ends have confirmed a packed or clean connection */
	if (conn->form != TCPT_FORM_FULL)
		return conn->form == TCPT_FORM_HALF_OPEN;
	end = conn->full->track.end;
	return !end[0].packets || !end[1].packets;
}

/**
 * tcpt_limit_free - free what tcpt_limit_init() has allocated
 * @limits: stopped limits of a namespace
 *
 * Context: process.
 */
void tcpt_limit_free(struct tcpt_limits *limits)
{
	free_percpu(limits->hits);
}

/* The first hit since the last report starts the timer. */
static void begin_report(struct tcpt_limits *limits, u64 now)
{
	spin_lock_bh(&limits->lock);
	if (!limits->pending) {
		/* @now may be old if the CPU was delayed since then */
		limits->begin = max(now, limits->reported);
		limits->opened = opened_by(limits->ns);
		WRITE_ONCE(limits->pending, true);
		arm_timer(limits, SPAN);
	}
	spin_unlock_bh(&limits->lock);
}

/**
 * tcpt_limit_hit - note that a limit was reached
 * @limits: the limits of the namespace that has reached the limit
 * @hit: the limit, and the segment (if any) that reached it
 *
 * In a flood, no lock is taken that other CPUs usually take.
 *
 * Context: BH off.
 */
void tcpt_limit_hit(struct tcpt_limits *limits, const struct tcpt_hit *hit)
{
	/* the lock protects the hits even if the task moves to another CPU */
	struct tcpt_hits *hits = raw_cpu_ptr(limits->hits);
	const struct tcpt_flow *flow = hit->flow;

	spin_lock(&hits->lock);
	hits->count[hit->kind]++;
	if (flow) {
		vote_addr(hits, 1, (u8)flow->family, flow->addr[hit->receiver]);
		vote_port(hits, 1, flow->port[hit->receiver]);
	}
	if (hit->evicted)
		hits->unanswered += is_unanswered(hit->evicted);
	spin_unlock(&hits->lock);
	if (!READ_ONCE(limits->pending))
		begin_report(limits, hit->now);
}
