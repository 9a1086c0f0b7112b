// SPDX-License-Identifier: GPL-2.0
#include "pulse.h"

#include "iface.h"
#include "limit.h"
#include "parameter.h"
#include "sums.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/**
 * struct pulse - what was counted at a time
 * @sums: by the module
 * @segments: TCP segments that this namespace received and sent
 * @has_segments: they are known
 * @ifaces: the interfaces
 * @has_ifaces: they are known
 */
struct pulse {
	struct sums sums;
	u64 segments;
	bool has_segments;
	struct ifaces ifaces;
	bool has_ifaces;
};

/* Return: the number below a name, in two lines that begin with "Tcp:". */
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

static int read_sums(struct sums *sums, char *why, size_t size)
{
	sums->n = 0;
	return sums_add(sums, SUMS_PATH, why, size);
}

static void read_rest(struct pulse *pulse)
{
	pulse->has_segments = read_segments(&pulse->segments);
	pulse->has_ifaces = ifaces_read(&pulse->ifaces) == 0;
}

/*
 * The module's counters are read first and, at the end, last: whatever the
 * others count in between, they must have seen.
 */
static int take_pulses(struct pulse *from, struct pulse *to,
		       unsigned int seconds, char *why, size_t size)
{
	struct timespec left = { .tv_sec = seconds };
	int err;

	err = read_sums(&from->sums, why, size);
	if (err)
		return err;
	read_rest(from);
	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
	read_rest(to);
	return read_sums(&to->sums, why, size);
}

/* Every packet observed is counted by one from tracked to no_memory. */
static u64 packets_of(const struct sums *sums)
{
	int i = sums_find(sums, "tracked"), end = sums_find(sums, "no_memory");
	u64 n = 0;

	for (; i >= 0 && i <= end; i++)
		n += sums->sum[i].value;
	return n;
}

/* Return: packets of all interfaces; @list names those that had any. */
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
	u64 seen = packets_of(&to->sums) - packets_of(&from->sums);
	u64 segments = to->segments - from->segments;
	char busy[256];
	u64 passed = list_busy(from, to, busy, sizeof(busy));

	if (seen > 0) {
		report_say(r, VERDICT_OK, "traffic",
			   "%llu packets were seen in %u s",
			   (unsigned long long)seen, seconds);
	} else if (from->has_segments && to->has_segments && segments > 0) {
		report_say(r, VERDICT_PROBLEM, "traffic",
			   "none was seen in %u s, but %llu TCP segments came or went here",
			   seconds, (unsigned long long)segments);
		report_advise(r, "load the module again; if that does not help it is its error");
	} else if (from->has_ifaces && to->has_ifaces && passed > 0) {
		report_say(r, VERDICT_WARNING, "traffic",
			   "none was seen in %u s, but there was traffic: %s packets",
			   seconds, busy);
		report_advise(r, "see below for what may hide it; ARP is not seen, either");
	} else if (from->has_ifaces && to->has_ifaces) {
		report_say(r, VERDICT_OK, "traffic",
			   "there was none in %u s, so nothing to see", seconds);
	} else {
		report_say(r, VERDICT_UNKNOWN, "traffic",
			   "none was seen in %u s, and whether there was any is not known",
			   seconds);
		report_advise(r, "make some, and look again");
	}
}

static void check_table(struct report *r, const struct pulse *to)
{
	u64 entries = sums_get(&to->sums, "entries"), max;

	if (parameter_get("max_connections", &max) != 0 || max == 0) {
		report_say(r, VERDICT_UNKNOWN, "table",
			   "%llu connections, and how many it takes cannot be read",
			   (unsigned long long)entries);
		report_advise(r, "run it outside of the container");
		return;
	}
	report_say(r, entries > max / 10 * 9 ? VERDICT_WARNING : VERDICT_OK,
		   "table", "%llu of %llu connections",
		   (unsigned long long)entries, (unsigned long long)max);
	if (entries > max / 10 * 9)
		report_advise(r, "raise " PARAMETER_PATH "max_connections");
}

static void check_loss(struct report *r, const struct pulse *from,
		       const struct pulse *to, unsigned int seconds)
{
	u64 lost = sums_get(&to->sums, "lost");
	u64 now = lost - sums_get(&from->sums, "lost");
	char kib[PARAMETER_LEN];

	if (lost == 0) {
		report_say(r, VERDICT_OK, "loss", "no record was lost");
		return;
	}
	report_say(r, now > 0 ? VERDICT_PROBLEM : VERDICT_WARNING, "loss",
		   "%llu records found no room in a ring, %llu of them in these %u s",
		   (unsigned long long)lost, (unsigned long long)now, seconds);
	report_advise(r,
		      "a reader is too slow: fewer events, 'watch --buffer', ring_kib (now %s)",
		      parameter_text("ring_kib", kib));
}

/**
 * pulse_check - watch for a while what moves
 * @report: where what was found goes
 * @seconds: how long
 */
void pulse_check(struct report *report, unsigned int seconds)
{
	static struct pulse from, to;
	char why[512];

	if (take_pulses(&from, &to, seconds, why, sizeof(why)) != 0) {
		report_say(report, VERDICT_UNKNOWN, "traffic", "%s", why);
		report_advise(report, "run it outside of the container");
	} else {
		check_traffic(report, &from, &to, seconds);
		check_table(report, &to);
		limits_check(report, &from.sums, &to.sums, seconds);
		check_loss(report, &from, &to, seconds);
	}
	ifaces_free(&from.ifaces);
	ifaces_free(&to.ifaces);
}
