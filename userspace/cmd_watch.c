// SPDX-License-Identifier: GPL-2.0
#include "command.h"
#include "live.h"
#include "names.h"
#include "number.h"
#include "output.h"
#include "source.h"
#include "summary.h"
#include "tty.h"
#include "view.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	WATCH_BUFFER	= 64 * 1024,
};

/**
 * struct watch - one run of the command
 * @live: reader of the device's events
 * @view: how the events are shown
 * @source: a capture to read instead of the device
 * @replay: reader of the capture's events
 * @chosen: the user has given --events
 * @verbose: show each transition, each suspicion, and which ends are remote
 */
struct watch {
	struct live live;
	struct view view;
	struct source source;
	struct replay replay;
	bool chosen;
	bool verbose;
};

static void usage(FILE *to)
{
	fputs("Usage: tcptracectl watch [OPTIONS] [FILTER]\n"
	      "\n"
	      "Show TCP events as they happen, or those of a capture. The originator is on\n"
	      "the left; the arrow is the direction of the segment that caused the event\n"
	      "(--: no segment did).\n"
	      "\n"
	      "FILTER is a tcpdump expression: 'port 443 and net 10.0.0.0/8'.\n"
	      "\n"
	      "  -e, --events LIST   show these events, separated by commas: open, state,\n"
	      "                      established, segment, close, suspected, limit, finding\n"
	      "                      (or findings), icmp, drop, owner, all, failures (default:\n"
	      "                      all but state, segment, drop and owner; lost is always\n"
	      "                      shown)\n"
	      "  -v, --verbose       show state, too, and each suspected, not just the first of\n"
	      "                      a kind (default with -j), and which ends are remote\n"
	      "  -r, --read FILE     read a capture, pcap or pcapng (-: standard input)\n"
	      "  -i, --interface IF  capture on an interface, without the module (any: all)\n"
	      "      --seconds N     end after N seconds (not with -r)\n"
	      "  -n, --count COUNT   stop after COUNT events\n"
	      "  -B, --buffer KIB    let up to KIB of events wait in the kernel, 4 to 65536\n"
	      "  -j, --json          print one JSON object a line, see tcptracectl(8)\n"
	      "      --host NAME     add the name of this host to JSON\n"
	      "  -a, --all-netns     show all network namespaces, not just this one\n"
	      "      --raw           show raw sequence numbers, not relative ones\n"
	      "      --time=FORM     show the time as real (default), iso, utc, mono, delta\n"
	      "                      (since the event before) or relative (since the first)\n"
	      "      --resolve       show names of hosts and ports (default: --numeric)\n"
	      "      --color[=WHEN]  use colors: auto (default), always, never\n"
	      "      --summary       print a summary of the capture at its end (-r, -i)\n"
	      "      --as-module     show what the module would (-r, -i): do not open tunnels,\n"
	      "                      join fragments or wait for late segments\n"
	      "      --max-connections N\n"
	      "                      end half-open connections if over N are open (-r, -i)\n"
	      "      --one-line      print one line for each connection, at its end\n"
	      "      --follow CONN   show only the connection with this number, until it ends\n"
	      "      --device PATH   read this device, or a file of records\n"
	      "                      (default: " TCPTRACE_DEVICE ")\n"
	      "  -h, --help          show this help\n",
	      to);
}

enum {
	OPT_RAW = 256,
	OPT_TIME,
	OPT_RESOLVE,
	OPT_NUMERIC,
	OPT_COLOR,
	OPT_DEVICE,
	OPT_ONE_LINE,
	OPT_FOLLOW,
	OPT_HOST,
};

static const struct option options[] = {
	{ "events", required_argument, NULL, 'e' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "count", required_argument, NULL, 'n' },
	{ "buffer", required_argument, NULL, 'B' },
	{ "json", no_argument, NULL, 'j' },
	{ "all-netns", no_argument, NULL, 'a' },
	{ "raw", no_argument, NULL, OPT_RAW },
	{ "time", required_argument, NULL, OPT_TIME },
	{ "resolve", no_argument, NULL, OPT_RESOLVE },
	{ "numeric", no_argument, NULL, OPT_NUMERIC },
	{ "color", optional_argument, NULL, OPT_COLOR },
	{ "device", required_argument, NULL, OPT_DEVICE },
	{ "summary", no_argument, NULL, SOURCE_SUMMARY },
	{ "max-connections", required_argument, NULL, SOURCE_MAX_CONNECTIONS },
	{ "one-line", no_argument, NULL, OPT_ONE_LINE },
	{ "follow", required_argument, NULL, OPT_FOLLOW },
	{ "host", required_argument, NULL, OPT_HOST },
	{ NULL, 0, NULL, 0 },
};

static int parse_events(struct watch *w, const char *list)
{
	char bad[64];

	w->chosen = true;
	if (event_parse_list(list, &w->live.mask, bad, sizeof(bad)) == 0)
		return 0;
	warnx("unknown event: '%s', see tcptracectl watch --help", bad);
	return -EINVAL;
}

static int parse_count(struct watch *w, const char *text)
{
	if (number_parse(text, 10, UINT64_MAX, &w->view.count) == 0 &&
	    w->view.count != 0)
		return 0;
	warnx("invalid count of events: '%s'", text);
	return -EINVAL;
}

static int parse_follow(struct watch *w, const char *text)
{
	if (number_parse(text, 10, UINT64_MAX, &w->view.conn) == 0 &&
	    w->view.conn != 0)
		return 0;
	warnx("invalid number of a connection: '%s'", text);
	return -EINVAL;
}

static int parse_buffer(struct watch *w, const char *text)
{
	u64 kib;

	if (number_parse(text, 10, TCPTRACE_RING_MAX / 1024, &kib) == 0 &&
	    kib >= TCPTRACE_RING_MIN / 1024) {
		w->live.ring_size = (u32)kib * 1024;
		return 0;
	}
	warnx("invalid buffer size: '%s': use 4 to 65536 KiB", text);
	return -EINVAL;
}

static int parse_time(struct watch *w, const char *text)
{
	if (view_text_parse_time(text, &w->view.text.time) == 0)
		return 0;
	warnx("invalid --time: '%s': use real, iso, utc, mono, delta or relative", text);
	return -EINVAL;
}

static int set_all_netns(struct watch *w)
{
	w->live.all_netns = true;
	w->view.text.netns = true;
	return 0;
}

static int parse_option(void *data, int opt, const char *text)
{
	struct watch *w = data;

	switch (opt) {
	case 'e':
		return parse_events(w, text);
	case 'v':
		w->verbose = true;
		return 0;
	case 'n':
		return parse_count(w, text);
	case 'B':
		return parse_buffer(w, text);
	case 'j':
		w->view.json = true;
		return 0;
	case 'a':
		return set_all_netns(w);
	case OPT_RAW:
		w->view.text.raw = true;
		return 0;
	case OPT_TIME:
		return parse_time(w, text);
	case OPT_RESOLVE:
	case OPT_NUMERIC:
		w->view.text.resolve = opt == OPT_RESOLVE;
		return 0;
	case OPT_COLOR:
		return tty_parse_color(text, &w->view.text.color);
	case OPT_DEVICE:
		w->live.device = text;
		return 0;
	case OPT_ONE_LINE:
		w->view.text.one_line = true;
		return 0;
	case OPT_HOST:
		w->view.stamp.host = text;
		return 0;
	case OPT_FOLLOW:
		return parse_follow(w, text);
	default:
		return source_option(&w->source, opt, text);
	}
}

static const struct command_syntax command = {
	.name = "watch",
	.usage = usage,
	.options = options,
	.shared = { source_options },
	.take = parse_option,
};

/*
 * Show a record of a replay. The replay omits records that the mask excludes.
 */
static int handle(void *data, const union record *rec, u64 frame)
{
	struct watch *w = data;

	w->view.text.interface = replay_interface(&w->replay, frame);
	return view_show(&w->view, rec, frame);
}

static int show_summary(const struct watch *w)
{
	return w->source.summary ?
	       output_status(summary_show(&w->replay, w->view.json)) : EXIT_OK;
}

/* Fail if the connection to follow was not found. Return: the exit status. */
static int check_followed(const struct watch *w)
{
	if (!w->view.conn || w->view.events)
		return EXIT_OK;
	warnx("%s: no connection %llu", w->replay.capture.path,
	      (unsigned long long)w->view.conn);
	return EXIT_FAIL;
}

/* Show the events of a capture. Return: the exit status. */
static int replay(struct watch *w)
{
	struct replay *r = &w->replay;
	int ret;

	switch (replay_run(r)) {
	case REPLAY_SIGNAL:
		ret = show_summary(w);
		output_flush();
		replay_summary(r, w->view.events);
		return ret;
	case REPLAY_BROKEN:
		output_flush();
		warnx("%s", r->why);
		return EXIT_FAIL;
	case REPLAY_OUTPUT:
		return output_status(r->err);
	case REPLAY_EOF:
		ret = show_summary(w);
		output_flush();
		summary_warn(r);
		if (w->view.is_tty)
			replay_summary(r, w->view.events);
		return ret ?: check_followed(w);
	default:
		return EXIT_OK;
	}
}

static int watch_capture(struct watch *w, char *const words[])
{
	/* setvbuf() would ignore the size if the buffer were NULL */
	static char buffer[WATCH_BUFFER];
	struct view *v = &w->view;
	int ret;

	if (source_open(&w->source, &w->replay, words, w->live.mask, handle,
			w) != 0)
		return EXIT_FAIL;
	/* the times in a capture are wall clock times */
	v->text.offset = 0;
	v->flush = w->replay.capture.streamed && !v->is_tty;
	if (!v->flush && !v->is_tty)
		setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	ret = replay(w);
	replay_close(&w->replay);
	return ret;
}

/* Refuse options that would have no effect. Return: 0 or -EINVAL. */
static int check(const struct watch *w)
{
	const struct source *source = &w->source;

	if (source_check(source) != 0 ||
	    source_refuse(source, "--all-netns", w->live.all_netns) != 0 ||
	    source_refuse(source, "--device", w->live.device) != 0)
		return -EINVAL;
	if (source->file &&
	    source_refuse(source, "--buffer", w->live.ring_size) != 0)
		return -EINVAL;
	if (!w->view.stamp.host || w->view.json)
		return 0;
	warnx("--host does nothing without --json");
	return -EINVAL;
}

/* Adapt the mask and the view to the other options. */
static void choose_events(struct watch *w)
{
	const u32 close = TCPTRACE_MASK(TCPTRACE_CLOSE);

	w->view.quiet = !w->chosen && !w->verbose && !w->view.json;
	w->view.text.verbose = w->verbose;
	if (w->view.quiet)
		w->live.mask &= ~TCPTRACE_MASK(TCPTRACE_STATE);
	if (w->view.text.one_line)
		w->live.mask = close | TCPTRACE_MASK(TCPTRACE_LOST);
	if (w->view.conn)
		w->live.mask |= close;
	/* without FATE, CLOSE does not report where an unanswered SYN went */
	if (!source_is_capture(&w->source) &&
	    w->live.mask & (close | TCPTRACE_MASK_FAILURES))
		w->live.mask |= TCPTRACE_MASK_FATE;
}

int watch_main(int argc, char **argv)
{
	static struct watch w = {
		.live = {
			.mask = TCPTRACE_MASK_DEFAULT,
		},
		.source = { .timed = true },
	};
	int status;

	view_init(&w.view);
	w.live.view = &w.view;
	if (!command_options(&command, argc, argv, &w, &status))
		return status;
	if (check(&w) != 0)
		return command_misuse("watch");
	choose_events(&w);
	w.source.buffer = w.live.ring_size;
	w.live.seconds = w.source.seconds;
	if (source_is_capture(&w.source))
		return watch_capture(&w, argv + optind);
	if (!w.live.device)
		w.live.device = TCPTRACE_DEVICE;
	return live_watch(&w.live, argv + optind);
}
