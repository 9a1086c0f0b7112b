// SPDX-License-Identifier: GPL-2.0
#include "timefmt.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define NS_PER_US	1000ULL
#define NS_PER_MS	1000000ULL
#define NS_PER_SEC	1000000000ULL

static u64 clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (u64)ts.tv_sec * NS_PER_SEC + (u64)ts.tv_nsec;
}

/**
 * timefmt_offset - compute CLOCK_REALTIME minus CLOCK_MONOTONIC
 *
 * The clocks are read one after the other, so the error can be half the
 * duration of the reads. The quickest of several attempts is used.
 *
 * Return: the difference in ns, modulo 2^64, for addition to a monotonic time.
 */
u64 timefmt_offset(void)
{
	u64 before, wall, after, best = ~0ULL, offset = 0;
	int i;

	for (i = 0; i < 8; i++) {
		before = clock_ns(CLOCK_MONOTONIC);
		wall = clock_ns(CLOCK_REALTIME);
		after = clock_ns(CLOCK_MONOTONIC);
		if (after - before >= best)
			continue;
		best = after - before;
		offset = wall - before - best / 2;
	}
	return offset;
}

/* Write nine digits. */
static char *put_fraction(char *to, u64 ns)
{
	int i;

	for (i = 8; i >= 0; i--) {
		to[i] = (char)('0' + ns % 10);
		ns /= 10;
	}
	return to + 9;
}

/**
 * timefmt_rfc3339 - format a point in time for machines, in UTC
 * @wall: nanoseconds since 1970
 * @buf: the buffer for the text
 *
 * Many events occur in the same second, so the text of the last second is kept.
 */
void timefmt_rfc3339(u64 wall, char buf[TIMEFMT_LEN])
{
	static char date[TIMEFMT_LEN];
	static time_t last = -1;
	time_t seconds = (time_t)(wall / NS_PER_SEC);
	struct tm tm;
	char *to;

	if (seconds != last) {
		gmtime_r(&seconds, &tm);
		strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S.", &tm);
		last = seconds;
	}
	to = put_fraction(stpcpy(buf, date), wall % NS_PER_SEC);
	memcpy(to, "Z", 2);
}

/* Format a span for machines, in seconds; TIMEFMT_LEN bytes are enough. */
void timefmt_seconds(u64 ns, char *buf, size_t size)
{
	snprintf(buf, size, "%llu.%09u",
		 (unsigned long long)(ns / NS_PER_SEC),
		 (unsigned int)(ns % NS_PER_SEC));
}

/* Format the local time of day for people; TIMEFMT_LEN bytes are enough. */
void timefmt_of_day(u64 wall, char *buf, size_t size)
{
	time_t seconds = (time_t)(wall / NS_PER_SEC);
	struct tm tm;

	localtime_r(&seconds, &tm);
	snprintf(buf, size, "%02d:%02d:%02d.%06u", tm.tm_hour, tm.tm_min,
		 tm.tm_sec, (unsigned int)(wall % NS_PER_SEC / NS_PER_US));
}

/* Format local date and time as in RFC 3339; TIMEFMT_LEN bytes are enough. */
void timefmt_local(u64 wall, char *buf, size_t size)
{
	time_t seconds = (time_t)(wall / NS_PER_SEC);
	char date[TIMEFMT_LEN];
	struct tm tm;
	long east;

	localtime_r(&seconds, &tm);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
	east = tm.tm_gmtoff / 60;
	snprintf(buf, size, "%s.%06u%c%02ld:%02ld", date,
		 (unsigned int)(wall % NS_PER_SEC / NS_PER_US),
		 east < 0 ? '-' : '+', labs(east) / 60, labs(east) % 60);
}

static void span_unit(u64 ns, u64 unit, const char *name, char *buf,
		      size_t size)
{
	double n = (double)ns / (double)unit;
	int digits = n < 9.995 ? 2 : n < 99.95 ? 1 : 0;

	snprintf(buf, size, "%.*f %s", digits, n, name);
}

/* Format a span for people; TIMEFMT_LEN bytes are enough. */
void timefmt_span(u64 ns, char *buf, size_t size)
{
	unsigned long long minutes = ns / NS_PER_SEC / 60;
	unsigned int seconds = ns / NS_PER_SEC % 60;

	if (ns < NS_PER_US)
		snprintf(buf, size, "%u ns", (unsigned int)ns);
	else if (ns < NS_PER_MS)
		span_unit(ns, NS_PER_US, "us", buf, size);
	else if (ns < NS_PER_SEC)
		span_unit(ns, NS_PER_MS, "ms", buf, size);
	else if (minutes == 0)
		span_unit(ns, NS_PER_SEC, "s", buf, size);
	else if (minutes < 60)
		snprintf(buf, size, "%llum%02us", minutes, seconds);
	else
		snprintf(buf, size, "%lluh%02llum%02us", minutes / 60,
			 minutes % 60, seconds);
}

/* Format the lower bound of a bucket of rtt_hist in struct tcptrace_dir. */
void timefmt_bucket(unsigned int bucket, char *buf, size_t size)
{
	if (bucket)
		timefmt_span(8000ULL << bucket, buf, size);
	else
		snprintf(buf, size, "0");
}
