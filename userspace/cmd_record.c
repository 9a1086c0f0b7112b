// SPDX-License-Identifier: GPL-2.0
#include "command.h"
#include "comments.h"
#include "headers.h"
#include "live.h"
#include "names.h"
#include "number.h"
#include "timefmt.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pcap/dlt.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

enum {
	WAITING		= 64,	/* maximum number of waiting packets */
	NAMES_MAX	= 1024,	/* maximum number of resolved addresses */
};

/*
 * Time that a packet waits for its events, in ns. The packet is written earlier
 * if WAITING packets follow.
 */
#define EVENTS_NS	100000000ULL

/**
 * struct waiting - a packet that waits for its events
 * @rec: SEGMENT record of the packet
 * @dropped: number of records lost since the previous packet
 * @comment: comment of the packet so far
 */
struct waiting {
	struct tcptrace_segment rec;
	u64 dropped;
	struct comment comment;
};

/**
 * struct recorder - one run of the command
 * @live: reader of the device's events
 * @view: counts the packets and the lost records
 * @path: path of the file to write
 * @to: the file to write
 * @offset: CLOCK_REALTIME minus CLOCK_MONOTONIC
 * @waiting: ring of the last packets
 * @packets: number of packets so far
 * @written: number of packets that were written
 * @dropped: number of records lost since the last packet
 * @lost: total number of lost records
 * @resolve: look up the names of the addresses
 * @addr: addresses that have been seen
 * @addrs: number of @addr
 */
struct recorder {
	struct live live;
	struct view view;
	const char *path;
	FILE *to;
	u64 offset;
	struct waiting waiting[WAITING];
	u64 packets;
	u64 written;
	u64 dropped;
	u64 lost;
	bool resolve;
	struct addr addr[NAMES_MAX];
	size_t addrs;
};

enum {
	OPT_RESOLVE = COMMAND_LONG,
	OPT_DEVICE,
};

static const struct option options[] = {
	{ "count", required_argument, NULL, 'n' },
	{ "buffer", required_argument, NULL, 'B' },
	{ "all-netns", no_argument, NULL, 'a' },
	{ "events", required_argument, NULL, 'e' },
	{ "resolve", no_argument, NULL, OPT_RESOLVE },
	{ "device", required_argument, NULL, OPT_DEVICE },
	{ NULL, 0, NULL, 0 },
};

static void usage(FILE *to)
{
	fputs("Usage: tcptracectl record [OPTIONS] FILE [FILTER]\n"
	      "\n"
	      "Write the segments that the module observes to a pcapng file for Wireshark,\n"
	      "until a signal. The file has the headers of the segments, no payload, and\n"
	      "comments: changes of state, Wireshark's classes, suspicions and findings.\n"
	      "\n"
	      "FILE can be - for standard output. FILTER is a tcpdump expression.\n"
	      "\n"
	      "  -e, --events LIST  comment on these events, separated by commas, as for watch\n"
	      "  -n, --count COUNT  stop after COUNT packets\n"
	      "  -B, --buffer KIB   let up to KIB of events wait in the kernel, 4 to 65536\n"
	      "  -a, --all-netns    record all network namespaces, not just this one\n"
	      "      --resolve      add the names of the addresses at the end\n"
	      "      --device PATH  read this device, or a file of records\n"
	      "                     (default: " TCPTRACE_DEVICE ")\n"
	      "  -h, --help         show this help\n",
	      to);
}

static u32 direction_of(const struct tcptrace_seg *seg)
{
	switch (seg->hook) {
	case TCPTRACE_HOOK_IN:
		return PCAPNG_INBOUND;
	case TCPTRACE_HOOK_OUT:
		return PCAPNG_OUTBOUND;
	default:
		return 0;
	}
}

/* Write the packet that has been waiting for the longest time. */
static int write_packet(struct recorder *r)
{
	const struct waiting *w = &r->waiting[r->written++ % WAITING];
	const struct comment *comment = &w->comment;
	u8 bytes[HEADERS_MAX];
	u32 len = (u32)headers_build(&w->rec, bytes);
	const struct pcapng_write_packet packet = {
		.time = w->rec.h.time + r->offset,
		.p = bytes,
		.len = len,
		.wire_len = w->rec.seg.len < UINT32_MAX - len ?
			    len + w->rec.seg.len : UINT32_MAX,
		.dropped = w->dropped,
		.direction = direction_of(&w->rec.seg),
		.comment = comment->len ? comment->text : NULL,
	};

	return pcapng_write_packet(r->to, &packet);
}

static int write_waiting(struct recorder *r)
{
	int err = 0;

	while (r->written < r->packets && !err)
		err = write_packet(r);
	return err;
}

static void comment_on(struct waiting *w, const union record *rec)
{
	char words[512];

	if (comment_words(rec, words, sizeof(words)))
		comment_add(&w->comment, rec->c.flow.conn, words);
}

static int take_segment(struct recorder *r, const union record *rec)
{
	struct waiting *w = &r->waiting[r->packets % WAITING];
	int err = 0;

	if (r->packets - r->written == WAITING)
		err = write_packet(r);
	r->packets++;
	w->rec = rec->segment;
	w->dropped = r->dropped;
	w->comment.len = 0;
	r->dropped = 0;
	comment_on(w, rec);
	return err;
}

/* Check whether a packet has caused an event. */
static bool caused(const struct waiting *w, const struct tcptrace_open *c,
		   u64 time)
{
	return w->rec.h.time == time && w->rec.flow.conn == c->flow.conn &&
	       w->rec.flow.netns == c->flow.netns &&
	       memcmp(&w->rec.seg, &c->seg, sizeof(c->seg)) == 0;
}

/*
 * Add an event to the comment of its packet. Records from other CPUs may come
 * between the packet's SEGMENT record and the event.
 */
static void take_event(struct recorder *r, const union record *rec)
{
	u64 i;

	for (i = r->packets; i-- > r->written;) {
		struct waiting *w = &r->waiting[i % WAITING];

		if (!caused(w, &rec->c, rec->h.time))
			continue;
		comment_on(w, rec);
		return;
	}
}

static void remember(struct recorder *r, const struct tcptrace_flow *f,
		     const u8 *bytes)
{
	struct addr addr;
	size_t i;

	/* memcmp() compares the padding, too */
	memset(&addr, 0, sizeof(addr));
	addr_init(&addr, f->family, f->zone, bytes);
	for (i = 0; i < r->addrs; i++)
		if (memcmp(&r->addr[i], &addr, sizeof(addr)) == 0)
			return;
	if (r->addrs < NAMES_MAX)
		r->addr[r->addrs++] = addr;
}

/* Handle a record of the device. */
static int take(void *data, const union record *rec)
{
	struct recorder *r = data;
	int err = 0;

	switch (rec->h.type) {
	case TCPTRACE_LOST:
		r->dropped += rec->lost.count;
		r->lost += rec->lost.count;
		r->view.lost += rec->lost.count;
		r->view.causes |= rec->lost.causes;
		return 0;
	case TCPTRACE_LIMIT:
		return 0;
	case TCPTRACE_SEGMENT:
		r->view.events++;
		err = take_segment(r, rec);
		break;
	case TCPTRACE_OPEN:
		if (r->resolve) {
			remember(r, &rec->c.flow, rec->c.flow.orig_addr);
			remember(r, &rec->c.flow, rec->c.flow.resp_addr);
		}
		break;
	default:
		take_event(r, rec);
	}
	return err ?: r->view.count && r->packets >= r->view.count;
}

static bool find_name(const struct addr *addr, char *name, socklen_t size)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
	struct sockaddr_in four = { .sin_family = AF_INET };

	memcpy(&four.sin_addr, addr->bytes, sizeof(four.sin_addr));
	memcpy(&six.sin6_addr, addr->bytes, sizeof(six.sin6_addr));
	if (addr->family == AF_INET)
		return getnameinfo((struct sockaddr *)&four, sizeof(four), name,
				   size, NULL, 0, NI_NAMEREQD) == 0;
	return getnameinfo((struct sockaddr *)&six, sizeof(six), name, size,
			   NULL, 0, NI_NAMEREQD) == 0;
}

static int write_names(struct recorder *r)
{
	char name[256];
	size_t i;
	int err = 0;

	for (i = 0; i < r->addrs && !err; i++)
		if (find_name(&r->addr[i], name, sizeof(name)))
			err = pcapng_write_name(r->to, &r->addr[i], name);
	return err;
}

static u64 monotonic_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (u64)t.tv_sec * 1000000000 + (u64)t.tv_nsec;
}

/*
 * Write the packets that are older than EVENTS_NS, so that a program that reads
 * from a pipe gets the last packet even if no other packet follows.
 */
static int write_old(void *data)
{
	struct recorder *r = data;
	u64 now = monotonic_ns();
	int err = 0;

	while (r->written < r->packets && !err &&
	       r->waiting[r->written % WAITING].rec.h.time + EVENTS_NS <= now)
		err = write_packet(r);
	return err ?: fflush(r->to) == EOF ? -errno : 0;
}

static int write_head(struct recorder *r)
{
	int err = pcapng_write_section(r->to, "tcptracectl record");

	return err ?: pcapng_write_interface(r->to, DLT_RAW, 0, "tcptrace");
}

static int write_end(struct recorder *r)
{
	struct timespec t;
	int err;

	clock_gettime(CLOCK_REALTIME, &t);
	err = write_waiting(r) ?: write_names(r);
	err = err ?: pcapng_write_stats(r->to, (u64)t.tv_sec * 1000000000 +
					(u64)t.tv_nsec, r->packets, r->lost);
	return err ? err : fflush(r->to) == EOF ? -errno : 0;
}

/* Write the packets of the device to the file. Return: the exit status. */
static int run(struct recorder *r, char *const words[])
{
	int err, ret;

	r->to = strcmp(r->path, "-") ? fopen(r->path, "wbe") : stdout;
	if (!r->to) {
		warn("%s", r->path);
		return EXIT_FAIL;
	}
	r->offset = timefmt_offset();
	err = write_head(r);
	ret = err ? EXIT_FAIL : live_watch(&r->live, words);
	err = err ?: write_end(r);
	if (r->to != stdout)
		fclose(r->to);
	if (err && err != -EPIPE)
		warnx("%s: %s", r->path, strerror(-err));
	return err ? EXIT_FAIL : ret;
}

static int parse_number(const char *text, u64 min, u64 max, u64 *value,
			const char *what)
{
	if (number_parse(text, 10, max, value) == 0 && *value >= min)
		return 0;
	warnx("invalid %s: '%s'", what, text);
	return -EINVAL;
}

static int parse_events(struct recorder *r, const char *list)
{
	char bad[64];

	if (event_parse_list(list, &r->live.mask, bad, sizeof(bad)) != 0) {
		warnx("unknown event: '%s', see tcptracectl watch --help", bad);
		return -EINVAL;
	}
	/* --resolve takes the addresses from OPEN */
	r->live.mask |= TCPTRACE_MASK(TCPTRACE_SEGMENT) |
			TCPTRACE_MASK(TCPTRACE_OPEN);
	return 0;
}

static int parse_option(void *data, int opt, const char *text)
{
	struct recorder *r = data;
	u64 kib = 0;
	int err;

	switch (opt) {
	case 'n':
		return parse_number(text, 1, UINT64_MAX, &r->view.count,
				    "count of packets");
	case 'e':
		return parse_events(r, text);
	case 'B':
		err = parse_number(text, TCPTRACE_RING_MIN / 1024,
				   TCPTRACE_RING_MAX / 1024, &kib,
				   "buffer size");
		r->live.ring_size = (u32)kib * 1024;
		return err;
	case 'a':
		r->live.all_netns = true;
		return 0;
	case OPT_RESOLVE:
		r->resolve = true;
		return 0;
	case OPT_DEVICE:
		r->live.device = text;
		return 0;
	default:
		return -EINVAL;
	}
}

static const struct command_syntax command = {
	.name = "record",
	.usage = usage,
	.options = options,
	.take = parse_option,
};

int record_main(int argc, char **argv)
{
	static struct recorder r = {
		.live = {
			.device = TCPTRACE_DEVICE,
			.mask = TCPTRACE_MASK_DEFAULT |
				TCPTRACE_MASK(TCPTRACE_SEGMENT),
			.handle = take,
			.tick = write_old,
		},
	};
	int status;

	r.live.view = &r.view;
	r.live.data = &r;
	if (!command_options(&command, argc, argv, &r, &status))
		return status;
	if (optind == argc) {
		warnx("no file to write to");
		return command_misuse("record");
	}
	r.path = argv[optind];
	return run(&r, argv + optind + 1);
}
