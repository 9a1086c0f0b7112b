// SPDX-License-Identifier: GPL-2.0
#include "summary.h"

#include "addr.h"
#include "json_writer.h"
#include "output.h"
#include "timefmt.h"

#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* A counter of packets, and words that describe these packets. */
struct reason {
	unsigned int count;
	const char *text;
};

/* Packets that were skipped, although they may have been TCP. */
static const struct reason skipped[] = {
	{ COUNT_FRAGMENT, "fragments without the rest" },
	{ COUNT_LINK_TRUNCATED, "truncated before the IP header" },
	{ COUNT_TRUNCATED, "truncated before the TCP window" },
	{ COUNT_LINK_TYPE, "of a link type that is not supported" },
	{ COUNT_ENCRYPTED, "encrypted frames" },
	{ COUNT_LINK_FRAGMENT, "fragments of frames" },
	{ COUNT_AMSDU, "in an A-MSDU after the first" },
	{ COUNT_TUNNEL_LIMIT, "in too many tunnels" },
	{ COUNT_IP_VERSION, "of another IP version" },
	{ COUNT_IP_HDRLEN, "with a wrong IP header length" },
	{ COUNT_IP_LENGTH, "with a wrong IP length" },
	{ COUNT_EXT_LENGTH, "with a wrong extension header" },
	{ COUNT_EXT_LIMIT, "with too many extension headers" },
	{ COUNT_TCP_LENGTH, "too short for TCP" },
	{ COUNT_TCP_DOFF, "with a wrong TCP header length" },
};

/* Packets that are not TCP, or that the filter left out. */
static const struct reason others[] = {
	{ COUNT_NOT_IP, "not IP" },
	{ COUNT_NOT_TCP, "another protocol" },
	{ COUNT_FILTERED, "left out by the filter" },
};

/**
 * struct sentence - a sentence under construction
 * @text: the text
 * @len: length of @text
 */
struct sentence {
	char text[1024];
	size_t len;
};

static __printf(2, 3) void say(struct sentence *s, const char *format, ...)
{
	size_t room = sizeof(s->text) - s->len;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(s->text + s->len, room, format, args);
	va_end(args);
	if (n > 0)
		s->len += (size_t)n < room ? (size_t)n : room - 1;
}

static u64 sum(const u64 counts[COUNTS], const struct reason *reasons, size_t n)
{
	u64 all = 0;
	size_t i;

	for (i = 0; i < n; i++)
		all += counts[reasons[i].count];
	return all;
}

static void say_reasons(struct sentence *s, const u64 counts[COUNTS],
			const struct reason *reasons, size_t n)
{
	const char *mark = ": ";
	size_t i;

	for (i = 0; i < n; i++) {
		u64 hits = counts[reasons[i].count];

		if (!hits)
			continue;
		say(s, "%s%llu %s", mark, (unsigned long long)hits,
		    reasons[i].text);
		mark = ", ";
	}
}

static u64 tcp_packets(const u64 counts[COUNTS])
{
	return counts[COUNT_TRACKED] + counts[COUNT_LATE] +
	       counts[COUNT_BAD_FLAGS];
}

static struct addr flood_addr(const struct flood *flood)
{
	struct addr addr;

	addr_init(&addr, flood->flow->family == 4 ? AF_INET : AF_INET6, 0,
		  flood->flow->addr[flood->end]);
	return addr;
}

static void say_flood(struct sentence *s, const struct flood *flood)
{
	char span[TIMEFMT_LEN], end[ADDR_LEN];
	struct addr addr;

	addr = flood_addr(flood);
	addr_endpoint(&addr, flood->flow->port[flood->end], end, ADDR_LEN);
	timefmt_span(flood->last - flood->first, span, sizeof(span));
	say(s, "%llu half-open connections to %s, opened within %s, %llu answered",
	    (unsigned long long)flood->half_open, end, span,
	    (unsigned long long)flood->answered);
}

/* Begin a sentence with the name of the capture. */
static void begin(struct sentence *s, const struct replay *r)
{
	s->len = 0;
	say(s, "%s: ", r->capture.path);
}

static void say_skipped(struct sentence *s, const u64 counts[COUNTS])
{
	u64 hits = sum(counts, skipped, ARRAY_SIZE(skipped));

	if (hits) {
		say(s, "%llu of %llu packets were not understood",
		    (unsigned long long)hits,
		    (unsigned long long)counts[COUNT_PACKETS]);
		say_reasons(s, counts, skipped, ARRAY_SIZE(skipped));
	} else {
		say(s, "no TCP in %llu packets",
		    (unsigned long long)counts[COUNT_PACKETS]);
		say_reasons(s, counts, others, ARRAY_SIZE(others));
	}
}

/**
 * summary_notes - describe the problems of a capture
 * @r: the capture, after it was replayed to its end
 * @take: called with each note, which is a sentence
 * @data: passed to @take
 *
 * There are notes about skipped packets that may be TCP, about a capture
 * without TCP, about packets that were not captured, and about many half-open
 * connections to one endpoint.
 */
void summary_notes(const struct replay *r,
		   void (*take)(void *data, const char *text), void *data)
{
	const u64 *counts = r->tracker.counts;
	struct sentence s;

	if (sum(counts, skipped, ARRAY_SIZE(skipped)) ||
	    (counts[COUNT_PACKETS] && !tcp_packets(counts))) {
		begin(&s, r);
		say_skipped(&s, counts);
		take(data, s.text);
	}
	if (r->capture.dropped) {
		begin(&s, r);
		say(&s, "%llu packets were lost before they could be captured",
		    (unsigned long long)r->capture.dropped);
		take(data, s.text);
	}
	if (r->tracker.flood.half_open) {
		begin(&s, r);
		say_flood(&s, &r->tracker.flood);
		take(data, s.text);
	}
}

static void print_note(void *data, const char *text)
{
	(void)data;
	warnx("%s", text);
}

/* Print the notes on standard error. */
void summary_warn(const struct replay *r)
{
	summary_notes(r, print_note, NULL);
}

static void write_reasons(struct json_writer *w, const u64 counts[COUNTS])
{
	size_t i;

	json_writer_open(w, "skipped", '{');
	for (i = 0; i < ARRAY_SIZE(skipped); i++)
		if (counts[skipped[i].count])
			json_writer_u64(w, capture_stats_name(skipped[i].count),
					counts[skipped[i].count]);
	json_writer_close(w, '}');
}

static void write_flood(struct json_writer *w, const struct flood *flood)
{
	struct addr addr;

	if (!flood->half_open)
		return;
	addr = flood_addr(flood);
	json_writer_open(w, "half_open", '{');
	json_writer_endpoint(w, "addr", "port", &addr,
			     flood->flow->port[flood->end]);
	json_writer_u64(w, "connections", flood->half_open);
	json_writer_u64(w, "answered", flood->answered);
	json_writer_u64(w, "span_ns", flood->last - flood->first);
	json_writer_close(w, '}');
}

static int show_json(const struct replay *r)
{
	const struct {
		const char *name;
		enum count count;
	} members[] = {
		{ "packets", COUNT_PACKETS }, { "tcp", COUNT_TRACKED },
		{ "late", COUNT_LATE }, { "filtered", COUNT_FILTERED },
		{ "not_ip", COUNT_NOT_IP },
		{ "not_tcp", COUNT_NOT_TCP },
		{ "bad_flags", COUNT_BAD_FLAGS },
		{ "reassembled", COUNT_REASSEMBLED },
		{ "tunneled", COUNT_TUNNELED }, { "opened", COUNT_OPENED },
		{ "closed", COUNT_CLOSED }, { "open", COUNT_OPEN },
		{ "suspected", COUNT_SUSPECTED },
	};
	const u64 *counts = r->tracker.counts;
	struct json_writer w = { .len = 0 };
	size_t i;
	int ret;

	json_writer_open(&w, NULL, '{');
	json_writer_text(&w, "event", "summary");
	for (i = 0; i < ARRAY_SIZE(members); i++)
		json_writer_u64(&w, members[i].name, counts[members[i].count]);
	write_reasons(&w, counts);
	write_flood(&w, &r->tracker.flood);
	json_writer_close(&w, '}');
	ret = json_writer_line(&w);
	free(w.buf);
	return ret;
}

static int show_text(const struct replay *r)
{
	const u64 *counts = r->tracker.counts;
	struct sentence s = { .len = 0 };

	say(&s, "%llu packets, %llu of TCP",
	    (unsigned long long)counts[COUNT_PACKETS],
	    (unsigned long long)tcp_packets(counts));
	if (counts[COUNT_TUNNELED])
		say(&s, " (%llu through tunnels)",
		    (unsigned long long)counts[COUNT_TUNNELED]);
	say(&s, "; %llu connections, %llu of them closed",
	    (unsigned long long)counts[COUNT_OPENED],
	    (unsigned long long)counts[COUNT_CLOSED]);
	if (counts[COUNT_SUSPECTED])
		say(&s, "; %llu suspicions",
		    (unsigned long long)counts[COUNT_SUSPECTED]);
	return output_line(s.text);
}

/**
 * summary_show - write the summary of a capture to standard output
 * @r: the capture, after it was replayed to its end
 * @json: write a JSON object instead of a sentence
 *
 * Return: 0 or a negative error number.
 */
int summary_show(const struct replay *r, bool json)
{
	return json ? show_json(r) : show_text(r);
}
