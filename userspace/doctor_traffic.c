// SPDX-License-Identifier: GPL-2.0
#include "doctor_traffic.h"

#include "netlink.h"
#include "proc.h"
#include "proc_stats.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/**
 * struct limit - a limit of the module
 * @counter: name of the counter that increases when the limit is reached
 * @parameter: the module parameter that the user can raise, or NULL
 * @advice: advice to the user, printed after @parameter
 * @growing: severity of the finding if the counter is still increasing
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
	char value[PROC_PARAMETER_LEN];

	doctor_say(r, now > 0 ? limit->growing : VERDICT_WARNING, "limits",
		   "%s %llu, %llu of them in the last %u s: %s", limit->counter,
		   (unsigned long long)all, (unsigned long long)now, seconds,
		   proc_stats_help(limit->counter));
	if (limit->parameter)
		doctor_advise(r, "raise the module parameter %s (now %s), %s",
			      limit->parameter,
			      proc_parameter_text(limit->parameter, value),
			      limit->advice);
	else
		doctor_advise(r, "%s", limit->advice);
}

static void check_limits(struct report *report, const struct proc_stats *from,
			 const struct proc_stats *to, unsigned int seconds)
{
	bool hit = false;
	size_t i;
	u64 all;

	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		all = proc_stats_get(to, limits[i].counter);
		if (all == 0)
			continue;
		hit = true;
		say_hit(report, &limits[i], all,
			all - proc_stats_get(from, limits[i].counter), seconds);
	}
	if (!hit)
		doctor_say(report, VERDICT_OK, "limits", "no limit was hit");
}

/**
 * struct pulse - values of the counters at one point in time
 * @stats: the counters of the module
 * @segments: TCP segments that this namespace received and sent
 * @has_segments: @segments is known
 * @ifaces: the interfaces
 * @has_ifaces: @ifaces is known
 */
struct pulse {
	struct proc_stats stats;
	u64 segments;
	bool has_segments;
	struct ifaces ifaces;
	bool has_ifaces;
};

/*
 * @names: the line with the column names of a table
 * @numbers: the line with the values
 * Return: the value in column @name; 0 if there is no such column.
 */
static u64 number_below(const char *names, const char *numbers,
			const char *name)
{
	const char *at = strstr(names, name);
	size_t blanks = 0;

	if (!at)
		return 0;
	for (; at > names; at--)
		blanks += *at == ' ';
	for (; blanks > 0 && numbers; blanks--)
		numbers = strchr(numbers + 1, ' ');
	return numbers ? strtoull(numbers, NULL, 10) : 0;
}

static bool read_segments(u64 *segments)
{
	FILE *file = fopen("/proc/net/snmp", "re");
	char names[1024], numbers[1024];
	bool found = false;

	while (file && !found && fgets(names, sizeof(names), file) &&
	       fgets(numbers, sizeof(numbers), file))
		found = strncmp(names, "Tcp:", 4) == 0;
	if (file)
		fclose(file);
	if (found)
		*segments = number_below(names, numbers, " InSegs") +
			    number_below(names, numbers, " OutSegs");
	return found;
}

static int read_stats(struct proc_stats *stats, char *why, size_t size)
{
	int i, err = 0;

	stats->n = 0;
	for (i = 0; i < PROC_STATS_FILES && !err; i++)
		err = proc_stats_add(stats, proc_stats_paths[i], why, size);
	return err;
}

static void read_rest(struct pulse *pulse)
{
	pulse->has_segments = read_segments(&pulse->segments);
	pulse->has_ifaces = ifaces_read(&pulse->ifaces) == 0;
}

/*
 * Read all counters twice, @seconds apart. At the start, the module's counters
 * are read before the other counters; at the end, they are read after them. The
 * interval of the module's counters thus contains that of the other counters.
 */
static int take_pulses(struct pulse *from, struct pulse *to,
		       unsigned int seconds, char *why, size_t size)
{
	struct timespec left = { .tv_sec = seconds };
	int err;

	err = read_stats(&from->stats, why, size);
	if (err)
		return err;
	read_rest(from);
	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
	read_rest(to);
	return read_stats(&to->stats, why, size);
}

/* Add up the counters from @first to @last, in the order of the files. */
static u64 sum_of(const struct proc_stats *stats, const char *first,
		  const char *last)
{
	int end = proc_stats_find(stats, last);
	int i = proc_stats_find(stats, first);
	u64 n = 0;

	for (; i >= 0 && i <= end; i++)
		n += stats->counter[i].value;
	return n;
}

/*
 * Return: the number of packets that the module's hooks saw. A loopback packet
 * passes two hooks, and is counted twice.
 */
static u64 packets_of(const struct proc_stats *stats)
{
	return sum_of(stats, "tracked", "no_memory") +
	       sum_of(stats, "loopback", "tcp_doff");
}

/*
 * List the interfaces that had packets, with their packet counts.
 * Return: the number of packets on all interfaces.
 */
static u64 list_busy(const struct pulse *from, const struct pulse *to,
		     char *list, size_t size)
{
	const struct iface *old, *iface;
	u64 n, all = 0;
	size_t i, len = 0;

	list[0] = '\0';
	for (i = 0; i < to->ifaces.n; i++) {
		iface = &to->ifaces.iface[i];
		old = ifaces_find(&from->ifaces, iface->index);
		n = iface->packets - (old ? old->packets : 0);
		all += n;
		if (n == 0 || len + 1 >= size)
			continue;
		len += (size_t)snprintf(list + len, size - len, "%s%s %llu",
					len ? ", " : "", iface->name,
					(unsigned long long)n);
	}
	return all;
}

static void check_traffic(struct report *r, const struct pulse *from,
			  const struct pulse *to, unsigned int seconds)
{
	u64 seen = packets_of(&to->stats) - packets_of(&from->stats);
	u64 segments = to->segments - from->segments;
	char busy[256];
	u64 passed = list_busy(from, to, busy, sizeof(busy));

	if (seen > 0) {
		doctor_say(r, VERDICT_OK, "traffic",
			   "%llu packets were seen in %u s",
			   (unsigned long long)seen, seconds);
	} else if (from->has_segments && to->has_segments && segments > 0) {
		doctor_say(r, VERDICT_PROBLEM, "traffic",
			   "no packets were seen in %u s, but this host handled %llu TCP segments",
			   seconds, (unsigned long long)segments);
		doctor_advise(r, "reload the module; if that does not help, report a bug");
	} else if (from->has_ifaces && to->has_ifaces && passed > 0) {
		doctor_say(r, VERDICT_WARNING, "traffic",
			   "no packets were seen in %u s, but there was traffic: %s packets",
			   seconds, busy);
		doctor_advise(r, "see below for what may bypass the module; ARP is never seen");
	} else if (from->has_ifaces && to->has_ifaces) {
		doctor_say(r, VERDICT_OK, "traffic",
			   "no traffic in %u s, so nothing to see", seconds);
	} else {
		doctor_say(r, VERDICT_UNKNOWN, "traffic",
			   "no packets were seen in %u s; whether there was traffic is not known",
			   seconds);
		doctor_advise(r, "make some traffic and run it again");
	}
}

static void check_table(struct report *r, const struct pulse *to)
{
	u64 entries = proc_stats_get(&to->stats, "entries"), max;

	if (proc_parameter("max_connections", &max) != 0 || max == 0) {
		doctor_say(r, VERDICT_UNKNOWN, "table",
			   "%llu connections, but cannot read the limit",
			   (unsigned long long)entries);
		doctor_advise(r, "run it outside of the container");
		return;
	}
	doctor_say(r, entries > max / 10 * 9 ? VERDICT_WARNING : VERDICT_OK,
		   "table", "%llu of %llu connections",
		   (unsigned long long)entries, (unsigned long long)max);
	if (entries > max / 10 * 9)
		doctor_advise(r, "raise " PARAMETER_PATH "max_connections");
}

static void check_loss(struct report *r, const struct pulse *from,
		       const struct pulse *to, unsigned int seconds)
{
	u64 lost = proc_stats_get(&to->stats, "lost");
	u64 now = lost - proc_stats_get(&from->stats, "lost");
	char kib[PROC_PARAMETER_LEN];

	if (lost == 0) {
		doctor_say(r, VERDICT_OK, "loss", "no record was lost");
		return;
	}
	doctor_say(r, now > 0 ? VERDICT_PROBLEM : VERDICT_WARNING, "loss",
		   "%llu records were lost to full rings, %llu of them in the last %u s",
		   (unsigned long long)lost, (unsigned long long)now, seconds);
	doctor_advise(r,
		      "a reader is too slow: ask for fewer events, raise 'watch --buffer' or ring_kib (now %s)",
		      proc_parameter_text("ring_kib", kib));
}

/*
 * Count packets, lost records and hits of limits for @seconds s. Report these
 * counts, the losses and hits since the module was loaded, and how full the
 * table is.
 */
void doctor_traffic_check(struct report *report, unsigned int seconds)
{
	static struct pulse from, to;
	char why[512];
	int err;

	err = take_pulses(&from, &to, seconds, why, sizeof(why));
	if (err) {
		doctor_say(report, VERDICT_UNKNOWN, "traffic", "%s", why);
		doctor_advise(report, err == -EACCES ?
			      "run it as root: only root may read the counters of connections" :
			      "run it outside of the container");
	} else {
		check_traffic(report, &from, &to, seconds);
		check_table(report, &to);
		check_limits(report, &from.stats, &to.stats, seconds);
		check_loss(report, &from, &to, seconds);
	}
	ifaces_free(&from.ifaces);
	ifaces_free(&to.ifaces);
}
