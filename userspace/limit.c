// SPDX-License-Identifier: GPL-2.0
#include "limit.h"

#include "counter.h"
#include "parameter.h"

/**
 * struct limit - a limit
 * @counter: counts how often it was hit
 * @parameter: what raises it, NULL: nothing does
 * @advice: what to do, after the parameter if there is one
 * @growing: what it means that it is hit now
 */
struct limit {
	const char *counter;
	const char *parameter;
	const char *advice;
	enum verdict growing;
};

static const struct limit limits[] = {
	{ "table_full", "max_connections", "or shorten the timeouts",
	  VERDICT_PROBLEM },
	{ "chain_full", "hashsize", "when the module is loaded",
	  VERDICT_PROBLEM },
	{ "no_memory", NULL, "the kernel is short of memory: 'free', 'slabtop'",
	  VERDICT_PROBLEM },
	{ "evicted", "max_half_open",
	  "if these are not a flood or a scan; see also max_connections",
	  VERDICT_WARNING },
	{ "readers_full", "max_readers", "or end readers that nobody needs",
	  VERDICT_PROBLEM },
	{ "ext_limit", NULL,
	  "the limit is fixed, and no honest packet reaches it",
	  VERDICT_WARNING },
};

static void say_hit(struct report *r, const struct limit *limit, u64 all,
		    u64 now, unsigned int seconds)
{
	char value[PARAMETER_LEN];

	report_say(r, now > 0 ? limit->growing : VERDICT_WARNING, "limits",
		   "%s %llu, %llu of them in these %u s: %s", limit->counter,
		   (unsigned long long)all, (unsigned long long)now, seconds,
		   counter_text(limit->counter));
	if (limit->parameter)
		report_advise(r, "raise the module parameter %s (now %s), %s",
			      limit->parameter,
			      parameter_text(limit->parameter, value),
			      limit->advice);
	else
		report_advise(r, "%s", limit->advice);
}

/**
 * limits_check - which limits were hit?
 * @report: where what was found goes
 * @from: counters before
 * @to: counters after
 * @seconds: how long it was between them
 */
void limits_check(struct report *report, const struct sums *from,
		  const struct sums *to, unsigned int seconds)
{
	bool hit = false;
	size_t i;
	u64 all;

	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		all = sums_get(to, limits[i].counter);
		if (all == 0)
			continue;
		hit = true;
		say_hit(report, &limits[i], all,
			all - sums_get(from, limits[i].counter), seconds);
	}
	if (!hit)
		report_say(report, VERDICT_OK, "limits", "none was hit");
}
