// SPDX-License-Identifier: GPL-2.0
/*
 * In nearly all connections, the segments of an end pass only one place, so one
 * comparison for each segment is enough. Segments are remembered only after a
 * segment was seen at a second place. If many segments in a row have no copy,
 * each packet passes only one place: the route has changed, and the remembered
 * segments are forgotten.
 */
#include "vantage.h"

#include "core/copies.h"
#include "core/segment.h"

#include <linux/build_bug.h>
#include <linux/slab.h>
#include <linux/time64.h>

/**
 * struct tcpt_vantage_log - the last segments of a connection with many places
 * @copies: the segments
 * @home: where each end's segments were seen before one was seen elsewhere
 * @vantage: place of each end's last segment that was not a copy
 * @alone: how many of each end's latest segments were seen at @vantage only
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

/* Handle the first segment of an end at a new place. */
static enum tcpt_vantage_result
begin_log(const struct tcpt_vantage_pass *v, u32 vantage[2],
	  struct tcpt_vantage_log **log)
{
	if (!*log)
		*log = new_log();
	/* if there is no memory, each segment counts as first at its place */
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
 * Count a segment that is not a copy. Return: true if all segments of its
 * sender now pass the same place.
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
 * tcpt_vantage_pass - examine a segment that passes a different place
 * @v: the segment; its place is not @vantage[sender]
 * @vantage: where the segments of each end are observed; updated
 * @log: the remembered segments, or NULL; updated
 *
 * Context: any; does not sleep. The caller serializes access to @vantage and
 * @log.
 * Return: whether the segment is a copy.
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
