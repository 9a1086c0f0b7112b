// SPDX-License-Identifier: GPL-2.0
/*
 * In nearly all connections, all segments of an end have the same vantage, so
 * one comparison for each segment is enough. Segments are remembered only after
 * a segment with a second vantage was observed. If many segments in a row have
 * the same vantage and no copy, each packet is observed only once; if that
 * vantage is a new one, the route has changed. The remembered segments are
 * forgotten as soon as the segments of each end have a single vantage again.
 */
#include "vantage.h"

#include "core/copies.h"
#include "core/segment.h"

#include <linux/build_bug.h>
#include <linux/slab.h>
#include <linux/time64.h>

/**
 * struct tcpt_vantage_log - latest segments of a connection with many vantages
 * @copies: the segments
 * @home: each end's vantage before a segment with a second vantage was observed
 * @vantage: vantage of each end's last segment that was not a copy
 * @alone: number of each end's latest segments that were seen only at @vantage
 * @since: time of the first segment counted in @alone, ns
 * @last: memory for @copies
 */
struct tcpt_vantage_log {
	struct tcpt_copies copies;
	u32 home[2];
	u32 vantage[2];
	u32 alone[2];
	u64 since[2];
	struct tcpt_sighting last[TCPT_VANTAGE_SEGMENTS];
};

static_assert(sizeof(struct tcpt_vantage_log) <= 2048);

static struct tcpt_vantage_log *new_log(void)
{
	struct tcpt_vantage_log *log;

	log = kzalloc(sizeof(*log), GFP_ATOMIC | __GFP_NOWARN);
	if (!log)
		return NULL;
	log->copies.last = log->last;
	log->copies.size = ARRAY_SIZE(log->last);
	return log;
}

static bool see(struct tcpt_vantage_log *log, const struct tcpt_vantage_pass *v)
{
	struct tcpt_sighting packet;

	tcpt_copies_fill(&packet, v->seg);
	packet.time = v->now;
	packet.vantage = v->vantage;
	packet.sender = v->sender;
	return tcpt_copies_see(&log->copies, &packet);
}

/* Handle an end's first segment with a new vantage. */
static enum tcpt_vantage_result
begin_log(const struct tcpt_vantage_pass *v, u32 vantage[2],
	  struct tcpt_vantage_log **log)
{
	if (!*log)
		*log = new_log();
	/* if there is no memory, the next segment tries again */
	if (*log) {
		see(*log, v);
		(*log)->home[v->sender] = vantage[v->sender];
		vantage[v->sender] = TCPT_VANTAGE_MANY;
		(*log)->vantage[v->sender] = v->vantage;
		(*log)->alone[v->sender] = 0;
	}
	return tcpt_copies_repeats(v->x, v->seg, v->now) ? TCPT_VANTAGE_COPY :
							   TCPT_VANTAGE_OTHER;
}

/*
 * Count a segment that is not a copy. Return: true if all segments of the
 * sender now have the same vantage.
 */
static bool is_settled(struct tcpt_vantage_log *log,
		       const struct tcpt_vantage_pass *v)
{
	if (log->vantage[v->sender] != v->vantage)
		log->alone[v->sender] = 0;
	if (log->alone[v->sender] == 0)
		log->since[v->sender] = v->now;
	log->vantage[v->sender] = v->vantage;
	log->alone[v->sender]++;
	return log->alone[v->sender] == TCPT_VANTAGE_ALONE ||
	       (log->alone[v->sender] >= TCPT_VANTAGE_FEW &&
		v->now > log->since[v->sender] + NSEC_PER_SEC);
}

/**
 * tcpt_vantage_pass - examine a segment that has a different vantage
 * @v: the segment; its vantage is not @vantage[sender]
 * @vantage: vantage of the segments of each end; updated
 * @log: the remembered segments, or NULL; updated
 *
 * Context: any; does not sleep. The caller serializes access to @vantage and
 * @log.
 * Return: enum tcpt_vantage_result.
 */
enum tcpt_vantage_result
tcpt_vantage_pass(const struct tcpt_vantage_pass *v, u32 vantage[2],
		  struct tcpt_vantage_log **log)
{
	bool moved;

	if (vantage[v->sender] == TCPT_VANTAGE_NONE) {
		vantage[v->sender] = v->vantage;
		return TCPT_VANTAGE_FIRST;
	}
	if (vantage[v->sender] != TCPT_VANTAGE_MANY)
		return begin_log(v, vantage, log);
	if (see(*log, v)) {
		(*log)->alone[v->sender] = 0;
		return TCPT_VANTAGE_COPY;
	}
	if (!is_settled(*log, v))
		return TCPT_VANTAGE_OTHER;
	vantage[v->sender] = v->vantage;
	moved = v->vantage != (*log)->home[v->sender];
	if (vantage[!v->sender] != TCPT_VANTAGE_MANY) {
		tcpt_vantage_free(*log);
		*log = NULL;
	}
	return moved ? TCPT_VANTAGE_MOVED : TCPT_VANTAGE_OTHER;
}

/**
 * tcpt_vantage_free - free the remembered segments of a connection
 * @log: from tcpt_vantage_pass(), or NULL
 *
 * Context: any.
 */
void tcpt_vantage_free(struct tcpt_vantage_log *log)
{
	kfree(log);
}
