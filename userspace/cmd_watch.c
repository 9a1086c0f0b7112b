// SPDX-License-Identifier: GPL-2.0
#include "command.h"
#include "line.h"
#include "live.h"
#include "names.h"
#include "number.h"
#include "output.h"
#include "replay.h"
#include "summary.h"
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
 * @live: events of the device
 * @view: how they are shown
 * @file: path of a capture to read instead, or NULL
 * @summary: end with a summary of the capture
 * @as_module: report what the module would
 */
struct watch {
	struct live live;
	struct view view;
	const char *file;
	bool summary;
	bool as_module;
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
	      "                      (or findings), icmp, drop, all, failures (default: all but\n"
	      "                      segment and drop; lost is always shown)\n"
	      "  -r, --read FILE     read a capture, pcap or pcapng (-: standard input)\n"
	      "  -n, --count COUNT   stop after COUNT events\n"
	      "  -B, --buffer KIB    let up to KIB of events wait in the kernel, 4 to 65536\n"
	      "  -j, --json          print one JSON object a line, see tcptracectl(8)\n"
	      "  -a, --all-netns     show all network namespaces, not just this one\n"
	      "      --raw           show raw sequence numbers, not relative ones\n"
	      "      --time=FORM     show the time as real (default), mono or delta\n"
	      "      --resolve       show names of hosts and ports (default: --numeric)\n"
	      "      --color[=WHEN]  use colors: auto (default), always, never\n"
	      "      --summary       print a summary of the capture at its end (with -r)\n"
	      "      --as-module     show what the module would (with -r): do not open tunnels,\n"
	      "                      join fragments or wait for late segments\n"
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
	OPT_SUMMARY,
	OPT_AS_MODULE,
};

static const struct option options[] = {
	{ "events", required_argument, NULL, 'e' },
	{ "read", required_argument, NULL, 'r' },
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
	{ "summary", no_argument, NULL, OPT_SUMMARY },
	{ "as-module", no_argument, NULL, OPT_AS_MODULE },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int parse_events(struct watch *w, const char *list)
{
	char bad[64];

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

static int parse_color(struct watch *w, const char *text)
{
	enum term_when when;

	if (term_when_parse(text, &when) == 0) {
		w->view.text.color = term_has_color(when);
		return 0;
	}
	warnx("invalid --color: '%s': use auto, always or never", text);
	return -EINVAL;
}

static int parse_time(struct watch *w, const char *text)
{
	if (view_text_parse_time(text, &w->view.text.time) == 0)
		return 0;
	warnx("invalid --time: '%s': use real, mono or delta", text);
	return -EINVAL;
}

/* Return: 0, or -EINVAL after a message, from here or from getopt. */
static int parse_option(struct watch *w, int opt)
{
	switch (opt) {
	case 'e':
		return parse_events(w, optarg);
	case 'r':
		w->file = optarg;
		return 0;
	case 'n':
		return parse_count(w, optarg);
	case 'B':
		return parse_buffer(w, optarg);
	case 'j':
		w->view.json = true;
		return 0;
	case 'a':
		w->live.all_netns = true;
		w->view.text.netns = true;
		return 0;
	case OPT_RAW:
		w->view.text.raw = true;
		return 0;
	case OPT_TIME:
		return parse_time(w, optarg);
	case OPT_RESOLVE:
	case OPT_NUMERIC:
		w->view.text.resolve = opt == OPT_RESOLVE;
		return 0;
	case OPT_COLOR:
		return parse_color(w, optarg);
	case OPT_DEVICE:
		w->live.device = optarg;
		return 0;
	case OPT_SUMMARY:
		w->summary = true;
		return 0;
	case OPT_AS_MODULE:
		w->as_module = true;
		return 0;
	default:
		return -EINVAL;
	}
}

/* A replay's handler; it has the mask. */
static int handle(void *data, const union record *rec, u64 frame)
{
	return view_show(data, rec, frame);
}

static int watch_file(struct watch *w, char *const words[])
{
	static struct replay replay;
	/* a size without memory is ignored */
	static char buffer[WATCH_BUFFER];
	struct view *v = &w->view;
	int ret;

	if (replay_open(&replay, w->file, words, w->live.mask, handle,
			v) != 0) {
		warnx("%s", replay.why);
		return EXIT_FAIL;
	}
	replay.tracker.as_module = w->as_module;
	/* its times are those of the clock on the wall */
	v->text.offset = 0;
	v->flush = replay.capture.streamed && !v->is_tty;
	if (!v->flush && !v->is_tty)
		setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	switch (replay_run(&replay)) {
	case REPLAY_SIGNAL:
		warnx("%llu events", (unsigned long long)v->events);
		ret = EXIT_OK;
		break;
	case REPLAY_BROKEN:
		output_flush();
		warnx("%s", replay.why);
		ret = EXIT_FAIL;
		break;
	case REPLAY_OUTPUT:
		ret = output_status(replay.err);
		break;
	case REPLAY_EOF:
		ret = w->summary ?
		      output_status(summary_show(&replay, v->json)) : EXIT_OK;
		output_flush();
		summary_warn(&replay);
		break;
	default:
		ret = EXIT_OK;
	}
	replay_close(&replay);
	return ret;
}

int watch_main(int argc, char **argv)
{
	struct watch w = {
		.live = {
			.device = TCPTRACE_DEVICE,
			.mask = TCPTRACE_MASK_DEFAULT,
		},
	};
	int opt;

	view_init(&w.view);
	w.live.view = &w.view;
	while ((opt = getopt_long(argc, argv, "e:r:n:B:jah", options,
				  NULL)) != -1) {
		if (opt == 'h') {
			usage(stdout);
			return EXIT_OK;
		}
		if (parse_option(&w, opt) != 0)
			return command_misuse("watch");
	}
	if ((w.summary || w.as_module) && !w.file) {
		warnx("%s needs a capture: add --read FILE",
		      w.summary ? "--summary" : "--as-module");
		return command_misuse("watch");
	}
	if (w.file)
		return watch_file(&w, argv + optind);
	/* CLOSE says where a SYN went that was not answered */
	if (w.live.mask & (TCPTRACE_MASK(TCPTRACE_CLOSE) |
			   TCPTRACE_MASK_FAILURES))
		w.live.mask |= TCPTRACE_MASK_FATE;
	return live_watch(&w.live, argv + optind);
}
